package ec2

import (
	"net/netip"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// Accepts reports whether a client at an address opens a connection to a network interface: from
// inside the VPC by its private address; from anywhere else by a public one, whose subnet must have a
// route to an internet gateway. Its security groups must let the client in.
// https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Internet_Gateway.html
func (s *Service) Accepts(scope core.Scope, interfaceID, source string, port int) bool {
	r := s.region(scope)
	e, exists := r.interfaces.get(interfaceID)
	ip, err := netip.ParseAddr(source)
	if !exists || err != nil {
		return false
	}
	v, exists := r.vpcs.get(e.vpcID)
	if !exists {
		return false
	}
	client := &networkInterface{vpcID: e.vpcID, ip: ip}
	if v.cidr.Contains(ip) {
		for _, o := range r.interfaces.items {
			if o.ip == ip && o.vpcID == e.vpcID {
				client = o
			}
		}
	} else if subnet, _ := s.Subnet(scope, e.subnetID); ip.IsPrivate() || r.publicIP(e) == "" || !subnet.Public {
		return false
	}
	return r.admits(e, client, false, port)
}
