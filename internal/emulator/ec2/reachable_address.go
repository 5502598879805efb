package ec2

import (
	"net/netip"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// ReachableAddress is Reachable for a private address in the VPC of the network interface that opens
// the connection, as a load balancer knows its targets.
func (s *Service) ReachableAddress(scope core.Scope, fromInterfaceID, address string, port int) bool {
	r := s.region(scope)
	from, exists := r.interfaces.get(fromInterfaceID)
	ip, err := netip.ParseAddr(address)
	if !exists || err != nil {
		return false
	}
	for _, to := range r.interfaces.items {
		if to.ip == ip && to.vpcID == from.vpcID {
			return s.Reachable(scope, fromInterfaceID, to.id, port)
		}
	}
	return false
}
