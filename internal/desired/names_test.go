package desired_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/internal/desired"
	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
	"github.com/portkey-ai/portkey-ecs-operator/internal/own"
)

// withinNetwork are kinds whose names are for people only, or names within their load balancer.
var withinNetwork = map[string]bool{"Listener": true, "ListenerRule": true}

// TestNamesOfManyOwners: gateways of one name in many namespaces and Kubernetes clusters never ask for the same
// name in AWS, where names are unique to an account and region.
func TestNamesOfManyOwners(t *testing.T) {
	seen := map[string]own.Owner{}
	for cluster := range 20 {
		for namespace := range 20 {
			gw := gateway("gateway")
			gw.Namespace = fmt.Sprintf("team-%d", namespace)
			gw.Spec.DataService = &v1alpha1.DataService{}
			gw.Spec.NamePrefix = "portkey" // whoever chooses the same
			owner := own.Owner{Cluster: fmt.Sprintf("cluster-%d", cluster), Kind: "PortkeyGateway", Namespace: gw.Namespace, Name: gw.Name}
			g, err := desired.Build(gw, owner, facts)
			if err != nil {
				t.Fatal(err)
			}
			for _, n := range g.Nodes() {
				if n.Name == "" || withinNetwork[n.Kind()] {
					continue
				}
				at := n.Kind() + " " + n.Name
				if other, taken := seen[at]; taken {
					t.Fatalf("%s of %s and %s of %s both have %s", owner, owner.Cluster, other, other.Cluster, at)
				}
				seen[at] = owner
			}
		}
	}
}

// TestNamesOfWhatStandsBesideEachOther: a load balancer that takes another's place stands beside it for a while, with its
// target groups: of all the variants of one gateway, none has another's name, though AWS allows 32 characters and the
// gateway's own name takes more than that.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateLoadBalancer.html
func TestNamesOfWhatStandsBesideEachOther(t *testing.T) {
	seen := map[string]graph.NodeID{}
	for _, kind := range []v1alpha1.LoadBalancerType{v1alpha1.LoadBalancerNetwork, v1alpha1.LoadBalancerApplication} {
		for _, scheme := range []v1alpha1.LoadBalancerScheme{v1alpha1.LoadBalancerInternal, v1alpha1.LoadBalancerInternetFacing} {
			gw := gateway(strings.Repeat("gateway", 9))
			gw.Spec.LoadBalancer = &v1alpha1.LoadBalancer{Type: kind, Scheme: scheme}
			gw.Spec.Gateway = &v1alpha1.Gateway{Rollout: &v1alpha1.Rollout{Strategy: v1alpha1.RolloutCanary}} // with a second group
			g, err := desired.Build(gw, own.Owner{Cluster: "cluster", Kind: "PortkeyGateway", Namespace: "default", Name: gw.Name}, facts)
			if err != nil {
				t.Fatal(err)
			}
			for _, n := range g.Nodes() {
				if n.Kind() != "LoadBalancer" && n.Kind() != "TargetGroup" {
					continue
				}
				at := n.Kind() + " " + n.Name
				if other, taken := seen[at]; taken {
					t.Errorf("%s and %s are both %s", n.ID, other, at)
				}
				if seen[at] = n.ID; len(n.Name) > 32 {
					t.Errorf("%s has %d characters: %s", n.ID, len(n.Name), n.Name)
				}
			}
		}
	}
	if len(seen) != 4*3 {
		t.Errorf("there are %v", seen)
	}
}
