package lifecycle

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/types"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/hack/harness"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
	"github.com/portkey-ai/portkey-ecs-operator/internal/own"
)

// TestRevisionsMadeByHand: anybody may add a revision to the family of our task definition, as the
// console's "Create new revision" does. It is theirs, and ours stays ours even without a record.
func TestRevisionsMadeByHand(t *testing.T) {
	s := newSite(t)
	f := &stranger{site: s}
	theirs, err := f.register(t.Context(), s.name("task-definition/gateway"))
	if err != nil {
		t.Fatal(err)
	}
	before := theirRevision(t, s, theirs)
	m := mark(s.h)
	nextSync(t, s)
	loseStatus(t, s.h, s.key)
	ready(t, s.h, s.key)
	settle(t, s.h, s.key)
	if got := mutations(since(s.h, m)); len(got) > 0 {
		t.Errorf("the operator made %v", got)
	}
	loseStatus(t, s.h, s.key)
	s.h.Delete(s.key)
	if err := s.h.Until(s.key, 2*time.Hour, "deletion", harness.Gone); err != nil {
		t.Fatal(err)
	}
	untouched(t, s, []core.Resource{before})
	out, err := s.ecs.ListTaskDefinitions(t.Context(), &ecs.ListTaskDefinitionsInput{})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(out.TaskDefinitionArns, []string{theirs}) {
		t.Errorf("active revisions are %v, want %s alone", out.TaskDefinitionArns, theirs)
	}
}

func theirRevision(t *testing.T, s *site, arn string) core.Resource {
	t.Helper()
	for _, r := range s.h.Emulator.Server.Resources(false) {
		if r.ARN == arn {
			return r
		}
	}
	t.Fatal(arn + " isn't there")
	return core.Resource{}
}

// TestObjectsGivenAway changes the owner that an object names: from then on it isn't touched, until it
// is given back.
func TestObjectsGivenAway(t *testing.T) {
	for i, r := range newSite(t).owned() {
		node := r.Tags[own.TagNode]
		// Rules and the objects that come with a VPC are whose the group or the VPC is.
		if r.Kind == "SecurityGroupRule" || strings.HasPrefix(node, "vpc-defaults/") || !harness.Sample(i) {
			continue
		}
		t.Run(r.Kind+" "+node, func(t *testing.T) {
			t.Parallel()
			s := newSite(t)
			if err := s.tag(t.Context(), same(t, s, r), map[string]string{own.TagOwner: "PortkeyGateway/elsewhere/gw", "team": "theirs"}); err != nil {
				t.Fatal(err)
			}
			given := func() core.Resource {
				for _, x := range s.h.Emulator.Server.Resources(false) {
					if x.Kind == r.Kind && x.Tags[own.TagNode] == node && !transient(x) {
						return x
					}
				}
				t.Fatal("it is gone")
				return core.Resource{}
			}
			s.wait(time.Minute)
			before := given()
			nextSync(t, s)
			conflicts := func(gw *v1alpha1.PortkeyGateway) bool {
				c := meta.FindStatusCondition(gw.Status.Conditions, v1alpha1.ConditionStalled)
				return c != nil && c.Reason == v1alpha1.ReasonConflict && strings.Contains(c.Message, node)
			}
			if err := s.h.Until(s.key, creation, "Conflict", conflicts); err != nil {
				t.Fatal(err)
			}
			settle(t, s.h, s.key)
			if got := given(); printed(got) != printed(before) {
				t.Errorf("it was changed:\n%s\nwas\n%s", printed(got), printed(before))
			}
			if err := s.tag(t.Context(), before, map[string]string{own.TagOwner: "PortkeyGateway/default/gw"}); err != nil {
				t.Fatal(err)
			}
			s.wait(time.Minute)
			if err := s.h.Until(s.key, creation, "Ready", harness.Ready); err != nil {
				t.Fatal(err)
			}
			if got := given(); got.Tags["team"] != "ai" {
				t.Errorf("given back, but not put right: %v", got.Tags)
			}
		})
	}
}

// TestTwoGatewaysOfOneName live in two namespaces of one account side by side, and die alone.
func TestTwoGatewaysOfOneName(t *testing.T) {
	harness.Unraced(t)
	h := harness.New()
	empty := h.Emulator.Server.Resources(false)
	first, second := h.Minimal("gw"), h.Minimal("gw")
	second.Namespace, second.UID = "elsewhere", "uid-elsewhere"
	second.Spec.Network = &v1alpha1.Network{VPC: &v1alpha1.VPC{CIDR: "10.1.0.0/16"}}
	a, b := h.Create(first), h.Create(second)
	for !harness.Ready(h.Get(a)) || !harness.Ready(h.Get(b)) {
		if h.Clock.Now().After(harness.Start.Add(2 * creation)) {
			t.Fatalf("they don't come about:\n%s\n%s", harness.Story(h.Get(a)), harness.Story(h.Get(b)))
		}
		for _, key := range []types.NamespacedName{a, b} {
			if err := h.Step(key); err != nil {
				t.Fatal(err)
			}
		}
	}
	ready(t, h, a)
	ready(t, h, b)
	settle(t, h, a)
	settle(t, h, b)

	sa, sb := &site{newConsole(h), h, a}, &site{newConsole(h), h, b}
	if na, nb := len(sa.owned()), len(sb.owned()); na != nb || na < 40 {
		t.Fatalf("%s has %d objects, %s has %d", a, na, b, nb)
	}
	for _, r := range sa.resources() {
		if other := sb.node(r.Node); r.ID == other.ID {
			t.Errorf("both have %s %s", r.Node, r.ID)
		}
	}
	m := mark(h)
	nextSync(t, sa)
	nextSync(t, sb)
	if got := mutations(since(h, m)); len(got) > 0 {
		t.Errorf("they quarrel: %v", got)
	}

	theirs := sb.owned()
	h.Delete(a)
	if err := h.Until(a, 2*time.Hour, "deletion", harness.Gone); err != nil {
		t.Fatal(err)
	}
	untouched(t, sb, theirs)
	if left := sa.owned(); len(left) > 0 {
		t.Errorf("left of %s: %v", a, left)
	}
	m = mark(h)
	nextSync(t, sb)
	if !harness.Ready(h.Get(b)) || len(mutations(since(h, m))) > 0 {
		t.Errorf("the survivor suffers: %v\n%s", mutations(since(h, m)), harness.Story(h.Get(b)))
	}
	h.Delete(b)
	gone(t, h, b, empty)
}
