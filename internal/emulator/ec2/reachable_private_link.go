package ec2

import (
	"net/netip"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// AcceptsThroughPrivateLink reports whether the security groups of a network interface let a client in that comes
// through AWS PrivateLink: by its private address in the consumer's VPC. A rule that names a group doesn't name it.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-security-groups.html
func (s *Service) AcceptsThroughPrivateLink(scope core.Scope, interfaceID, source string, port int) bool {
	r := s.region(scope)
	e, exists := r.interfaces.get(interfaceID)
	ip, err := netip.ParseAddr(source)
	return exists && err == nil && r.admits(e, &networkInterface{ip: ip}, false, port)
}
