package elbv2

import (
	"fmt"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// SetPrivateLinkClients sets what says whether a load balancer's interface lets a client in that comes through AWS
// PrivateLink: by its own address in the consumer's VPC. Without it, every client is let in.
func (s *Service) SetPrivateLinkClients(f func(scope core.Scope, interfaceID, source string, port int) bool) {
	s.linked = f
}

// RouteEndpoint answers what becomes of a request that comes through an endpoint of an endpoint service to its Network
// Load Balancer. Inbound rules of security groups count only while EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic
// is on, as it is by default: then "the source of the traffic is the private IP address of the client", which lies in
// somebody else's VPC.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-security-groups.html
// The caller holds the world's lock.
func (s *Service) RouteEndpoint(scope core.Scope, loadBalancerARN string, q ClientRequest) Outcome {
	lb, ok := s.region(scope).loadBalancers.get(loadBalancerARN)
	if !ok || lb.Type != network {
		return Outcome{Problem: "the endpoint service has no Network Load Balancer " + loadBalancerARN}
	}
	out := Outcome{LoadBalancer: lb.ARN, Host: q.Host, Path: q.Path}
	if lb.State != stateActive {
		out.Problem = "the load balancer is " + lb.State
		return out
	}
	l := s.region(scope).listenerOn(lb.ARN, q.Port)
	if l == nil {
		out.Problem = fmt.Sprintf("nothing listens on port %d", q.Port)
		return out
	}
	for _, z := range lb.Zones {
		if lb.EnforcePrivateLink == "on" && s.linked != nil && !s.linked(scope, z.InterfaceID, q.Source, q.Port) {
			out.Problem = fmt.Sprintf("%s isn't let in through AWS PrivateLink in %s on port %d", q.Source, z.Name, q.Port)
			return out
		}
	}
	s.decide(scope, lb, l, q, &out)
	return out
}
