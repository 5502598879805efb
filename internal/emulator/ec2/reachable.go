package ec2

import (
	"net/netip"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// Reachable reports whether the security groups let one network interface open a TCP connection to
// another: the groups of from must let it out, those of to must let it in. They are stateful, so the
// answer needs no rule. Network ACLs aren't looked at.
func (s *Service) Reachable(scope core.Scope, fromInterfaceID, toInterfaceID string, port int) bool {
	r := s.region(scope)
	from, exists := r.interfaces.get(fromInterfaceID)
	if !exists {
		return false
	}
	to, exists := r.interfaces.get(toInterfaceID)
	if !exists || from.vpcID != to.vpcID {
		return false
	}
	return r.admits(from, to, true, port) && r.admits(to, from, false, port)
}

// admits reports whether a rule of e's groups names the peer. An interface without groups, such as
// that of a NAT gateway or an older Network Load Balancer, isn't filtered.
func (r *region) admits(e, peer *networkInterface, egress bool, port int) bool {
	if len(e.groups) == 0 {
		return true
	}
	for _, rule := range r.rules.items {
		if rule.egress != egress || !e.inGroup(rule.groupID) || !rule.covers(port) {
			continue
		}
		if rule.permission.groupID != "" {
			if peer.inGroup(rule.permission.groupID) {
				return true
			}
			continue
		}
		if p, err := netip.ParsePrefix(rule.cidr); err == nil && p.Contains(peer.ip) {
			return true
		}
	}
	return false
}
