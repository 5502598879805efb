package lifecycle

import (
	"fmt"
	"slices"
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/hack/harness"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
	"github.com/portkey-ai/portkey-ecs-operator/internal/own"
)

// leftovers are edits after which objects are to go that nothing but status would know of.
var leftovers = []struct {
	name  string
	build func(*testing.T) *site
	edit  func(*v1alpha1.PortkeyGateway)
	// nodes are some of those that are to go.
	nodes []string
}{
	{"the data service and its scaling", newProduction, func(gw *v1alpha1.PortkeyGateway) { gw.Spec.DataService = nil },
		[]string{"service/data-service", "task-definition/data-service", "role/data-service-task", "log-group/data-service"}},
	{"scaling", newProduction, func(gw *v1alpha1.PortkeyGateway) { gw.Spec.Gateway.Autoscaling = nil }, []string{"scalable-target/gateway"}},
	{"the managed cache", newProduction, func(gw *v1alpha1.PortkeyGateway) { gw.Spec.Cache = nil }, nil},
	{"the built-in cache", newSite, func(gw *v1alpha1.PortkeyGateway) {
		gw.Spec.Cache = &v1alpha1.Cache{ElastiCache: &v1alpha1.ElastiCache{Managed: &v1alpha1.ManagedCache{}}}
	}, []string{"service/redis", "task-definition/redis", "log-group/redis"}},
	{"instances", newSite, func(gw *v1alpha1.PortkeyGateway) {
		gw.Spec.Capacity = &v1alpha1.Capacity{Fargate: &v1alpha1.FargateCapacity{}}
	}, []string{"auto-scaling-group/main", "launch-template/main", "instance-profile/instance", "role/instance"}},
	{"the probe", newProbed, func(gw *v1alpha1.PortkeyGateway) { gw.Spec.Gateway.Rollout.Hooks = nil }, nil},
	{"the load balancer", newSite, func(gw *v1alpha1.PortkeyGateway) { gw.Spec.LoadBalancer = nil }, []string{"load-balancer/network-internal"}},
}

// TestNothingIsLeftOfALostStatus: what the spec no longer asks for is found by tags, whether the gateway lives on
// or goes.
func TestNothingIsLeftOfALostStatus(t *testing.T) {
	for i, l := range leftovers {
		for j, deleted := range []bool{false, true} {
			if !harness.Sample(2*i + j) {
				continue
			}
			t.Run(fmt.Sprintf("%s, deleted %v", l.name, deleted), func(t *testing.T) {
				t.Parallel()
				s := l.build(t)
				had := nodes(s.owned())
				for _, n := range l.nodes {
					if !slices.Contains(had, n) {
						t.Fatalf("there is no %s among %v", n, had)
					}
				}
				s.h.Edit(s.key, l.edit)
				loseStatus(t, s.h, s.key)
				if !deleted {
					for range 2 { // what is found only when all is at rest leaves afterwards
						if err := s.h.Until(s.key, 2*time.Hour, "Ready", harness.Ready); err != nil {
							t.Fatal(err)
						}
						settle(t, s.h, s.key)
					}
					for _, r := range s.owned() {
						if node := r.Tags[own.TagNode]; slices.Contains(l.nodes, node) || !slices.ContainsFunc(s.resources(), func(x v1alpha1.ResourceStatus) bool { return x.Node == node }) {
							t.Errorf("left: %s %s (%s)", r.Kind, r.ID, node)
						}
					}
					m := mark(s.h)
					settle(t, s.h, s.key)
					if got := mutations(since(s.h, m)); len(got) > 0 {
						t.Errorf("no rest: %v", got)
					}
					loseStatus(t, s.h, s.key)
				}
				s.h.Delete(s.key)
				if err := s.h.Until(s.key, 3*time.Hour, "deletion", harness.Gone); err != nil {
					t.Fatal(err)
				}
				for _, r := range s.owned() {
					if r.Kind != "Bucket" {
						t.Errorf("left of the deletion: %s %s (%s)", r.Kind, r.ID, r.Tags[own.TagNode])
					}
				}
			})
		}
	}
}

// TestRetiredCapacityProvidersAreFound: of a provider and its successors only one has the name that its node says.
func TestRetiredCapacityProvidersAreFound(t *testing.T) {
	s := newSite(t)
	for range 2 {
		if _, err := s.asg.DeleteAutoScalingGroup(t.Context(), &autoscaling.DeleteAutoScalingGroupInput{AutoScalingGroupName: sdk.String(s.name("auto-scaling-group/main")), ForceDelete: sdk.Bool(true)}); err != nil {
			t.Fatal(err)
		}
		s.wait(10 * time.Minute)
		err := s.h.Until(s.key, time.Hour, "two providers", func(*v1alpha1.PortkeyGateway) bool { return census(s.h)["CapacityProvider"] > 1 })
		if err != nil {
			t.Fatal(err)
		}
		loseStatus(t, s.h, s.key)
		for range 2 {
			if err := s.h.Until(s.key, 2*time.Hour, "Ready", harness.Ready); err != nil {
				t.Fatal(err)
			}
			settle(t, s.h, s.key)
		}
		if n := census(s.h)["CapacityProvider"]; n != 1 {
			t.Fatalf("%d capacity providers", n)
		}
	}
	s.h.Delete(s.key)
	if err := s.h.Until(s.key, 2*time.Hour, "deletion", harness.Gone); err != nil {
		t.Fatal(err)
	}
	if left := s.owned(); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
}

func nodes(objects []core.Resource) []string {
	var out []string
	for _, r := range objects {
		out = append(out, r.Tags[own.TagNode])
	}
	return out
}
