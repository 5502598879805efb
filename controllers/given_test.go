package controllers

import (
	"slices"
	"strings"
	"testing"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
)

// TestPlacements: what AWS puts into somebody else's subnets, by the spec, and which zones it refuses.
func TestPlacements(t *testing.T) {
	zones := map[string]string{"a1": "a", "a2": "a", "b1": "b", "c1": "c", "d1": "d"}
	balancer := func(kind v1alpha1.LoadBalancerType, scheme v1alpha1.LoadBalancerScheme, linked bool) func(*v1alpha1.PortkeyGatewaySpec) {
		return func(s *v1alpha1.PortkeyGatewaySpec) {
			s.LoadBalancer = &v1alpha1.LoadBalancer{Type: kind, Scheme: scheme}
			if linked {
				s.ControlPlane = &v1alpha1.ControlPlane{Inbound: &v1alpha1.Inbound{Type: v1alpha1.InboundPrivateLink}}
			}
		}
	}
	serverless := func(s *v1alpha1.PortkeyGatewaySpec) {
		s.Cache = &v1alpha1.Cache{ElastiCache: &v1alpha1.ElastiCache{Serverless: &v1alpha1.ServerlessCache{}}}
	}
	managed := func(replicas int32) func(*v1alpha1.PortkeyGatewaySpec) {
		return func(s *v1alpha1.PortkeyGatewaySpec) {
			s.Cache = &v1alpha1.Cache{ElastiCache: &v1alpha1.ElastiCache{Managed: &v1alpha1.ManagedCache{ReplicasPerShard: &replicas}}}
		}
	}
	const network, application = v1alpha1.LoadBalancerNetwork, v1alpha1.LoadBalancerApplication
	const internal, public = v1alpha1.LoadBalancerInternal, v1alpha1.LoadBalancerInternetFacing
	for _, tt := range []struct {
		name            string
		edit            func(*v1alpha1.PortkeyGatewaySpec)
		public, private string
		want            string
	}{
		{"nothing", nil, "a1 a2", "a1 a2", ""},
		{"internal", balancer(network, internal, false), "a1 a2", "a1 b1", ""},
		{"internal, two of a zone", balancer(network, internal, false), "a1 b1", "a1 a2 b1", "a1 and a2 both lie in a"},
		{"public", balancer(network, public, false), "a1 b1", "a1 a2", ""},
		{"public, one zone", balancer(network, public, false), "a1", "a1 b1", "a load balancer needs subnets in two zones"},
		{"public network load balancer, linked", balancer(network, public, true), "a1 b1", "a1 a2", ""},
		{"public application load balancer, linked", balancer(application, public, true), "a1 b1", "a1 a2", "the internal load balancer of controlPlane.inbound"},
		{"serverless", serverless, "", "a1 b1 c1", ""},
		{"serverless, two of a zone", serverless, "", "a1 a2 b1", "a serverless cache takes one subnet of a zone"},
		{"serverless, four", serverless, "", "a1 b1 c1 d1", "a serverless cache takes at most 3 subnets, but these are 4"},
		{"managed", managed(1), "", "a1 a2 b1", ""},
		{"managed in one zone", managed(1), "", "a1 a2", "a cache with replicas needs subnets in two zones"},
		{"managed in one subnet", managed(1), "", "a1", ""},
		{"managed without replicas", managed(0), "", "a1 a2", ""},
	} {
		gw := &v1alpha1.PortkeyGateway{}
		gw.Spec.Network = &v1alpha1.Network{Existing: &v1alpha1.ExistingNetwork{PublicSubnetIDs: strings.Fields(tt.public), PrivateSubnetIDs: strings.Fields(tt.private)}}
		if tt.edit != nil {
			tt.edit(&gw.Spec)
		}
		var problems []string
		for _, p := range placements(gw.Resolved()) {
			if problem := p.misplaced(zones); problem != "" {
				problems = append(problems, problem)
			}
		}
		if tt.want == "" && len(problems) > 0 || tt.want != "" && !slices.ContainsFunc(problems, func(p string) bool { return strings.Contains(p, tt.want) }) {
			t.Errorf("%s: %q, want %q", tt.name, problems, tt.want)
		}
	}
}
