package lifecycle

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/hack/harness"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
	"github.com/portkey-ai/portkey-ecs-operator/internal/own"
)

// giveAway gives an object of a deployment to another owner, and answers what gives it back.
func (s *site) giveAway(t *testing.T, kind, node string) (back func()) {
	t.Helper()
	for _, r := range s.owned() {
		if r.Kind != kind || r.Tags[own.TagNode] != node {
			continue
		}
		was := maps.Clone(r.Tags)
		if err := s.tag(t.Context(), r, map[string]string{own.TagOwner: "PortkeyGateway/elsewhere/gw"}); err != nil {
			t.Fatal(err)
		}
		return func() {
			if err := s.tag(t.Context(), r, map[string]string{own.TagOwner: was[own.TagOwner]}); err != nil {
				t.Fatal(err)
			}
		}
	}
	t.Fatalf("there is no %s %s", kind, node)
	return nil
}

// without reports whether a deletion has come so far that a node is gone.
func without(node string) func(*v1alpha1.PortkeyGateway) bool {
	return func(gw *v1alpha1.PortkeyGateway) bool {
		return gw != nil && !slices.ContainsFunc(gw.Status.Resources, func(r v1alpha1.ResourceStatus) bool { return r.Node == node })
	}
}

// TestWhatIsGivenBackIsDeleted: an object that was given to another owner during a deletion is left alone, and no
// longer once it has its tags back, by the same manager.
func TestWhatIsGivenBackIsDeleted(t *testing.T) {
	for _, tt := range []struct {
		kind, node string
		when       func(*v1alpha1.PortkeyGateway) bool
		why        string
	}{
		{"AutoScalingGroup", "auto-scaling-group/main", blocked, "its instances keep the cluster and subnets, of which people are told"},
		{"SecurityGroup", "security-group/load-balancer-network-internal", blocked, "it isn't found by its tags, and keeps the VPC"},
		{"Role", "role/redis-task", without("service/redis"), "nothing waits for it, and the rest is gone soon"},
	} {
		t.Run(tt.node, func(t *testing.T) {
			t.Parallel()
			s := newSite(t)
			back := s.giveAway(t, tt.kind, tt.node)
			s.h.Delete(s.key)
			if err := s.h.Until(s.key, 2*time.Hour, "a deletion that has come so far", tt.when); err != nil {
				t.Fatal(err)
			}
			if !slices.ContainsFunc(s.h.Emulator.Server.Resources(false), func(r core.Resource) bool { return r.Kind == tt.kind && r.Tags[own.TagNode] == tt.node }) {
				t.Fatal("it was deleted though it was another's")
			}
			back()
			if err := s.h.Until(s.key, 2*time.Hour, "deletion", harness.Gone); err != nil {
				t.Fatal(err)
			}
			if left := s.owned(); len(left) > 0 {
				t.Errorf("%d objects are left, as %s %s", len(left), left[0].Kind, left[0].ID)
			}
		})
	}
}

// TestADeletionThatFailsInTheEndIsTold: ECS takes the request to delete a capacity provider, and tells only afterwards
// that a cluster has it still.
func TestADeletionThatFailsInTheEndIsTold(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	back := s.giveAway(t, "Cluster", "cluster/main")
	s.h.Delete(s.key)
	err := s.h.Until(s.key, 2*time.Hour, "Stalled", func(gw *v1alpha1.PortkeyGateway) bool {
		c := meta.FindStatusCondition(gw.Status.Conditions, v1alpha1.ConditionStalled)
		return c != nil && c.Reason == v1alpha1.ReasonDeletionBlocked && strings.Contains(c.Message, "is associated with cluster: gw-")
	})
	if err != nil {
		t.Fatal(err)
	}
	back()
	if err := s.h.Until(s.key, 2*time.Hour, "deletion", harness.Gone); err != nil {
		t.Fatal(err)
	}
}

// TestWhatIsGivenAwayIsToldWithItsTags: who is to give an object back is told how.
func TestWhatIsGivenAwayIsToldWithItsTags(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	back := s.giveAway(t, "Cluster", "cluster/main")
	nextSync(t, s)
	c := meta.FindStatusCondition(s.h.Get(s.key).Status.Conditions, v1alpha1.ConditionStalled)
	if c == nil || !strings.Contains(c.Message, "Give it back its tags ecs.portkey.ai/cluster=cluster-uid, ecs.portkey.ai/node=cluster/main, ecs.portkey.ai/owner=PortkeyGateway/default/gw") {
		t.Fatalf("Stalled is %+v", c)
	}
	back()
	if err := s.h.Until(s.key, creation, "Ready", harness.Ready); err != nil {
		t.Fatal(err)
	}
}
