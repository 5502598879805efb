package desired_test

import (
	"fmt"
	"testing"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/internal/desired"
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
