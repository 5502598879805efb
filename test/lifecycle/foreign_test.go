package lifecycle

import (
	"context"
	"encoding/json"
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

// lookalike is an object of somebody else's that goes by the name of one of ours.
type lookalike struct {
	node string
	// make makes it and remove removes it. What else it needs is made before, and stays.
	make   func(context.Context, *stranger, string) error
	remove func(context.Context, *stranger, string) error
	// harmless says that AWS lets both be side by side.
	harmless bool
	// after is a node that must be there first.
	after string
	// within says that it is in an object of ours, and goes when that does.
	within bool
	// later is what the gateway asks for only when the look-alike is there.
	later func(*spec)
	// spec is what the gateway asks for beyond the minimum.
	spec func(*harness.Harness, *spec)
}

// gateway is one that makes the object.
func (l lookalike) gateway(h *harness.Harness) *v1alpha1.PortkeyGateway {
	gw := h.Minimal("gw")
	if l.spec != nil {
		l.spec(h, &gw.Spec)
	}
	return gw
}

// whole is the gateway as it is to be in the end.
func (l lookalike) whole(h *harness.Harness) *v1alpha1.PortkeyGateway {
	gw := l.gateway(h)
	if l.later != nil {
		l.later(&gw.Spec)
	}
	return gw
}

// owners are whose tags a look-alike may carry: nobody's, another resource's, and those of the
// resource of the same name in another Kubernetes cluster.
var owners = map[string]map[string]string{
	"nobody's":               nil,
	"another gateway's":      {own.TagCluster: "cluster-uid", own.TagOwner: "PortkeyGateway/elsewhere/gw"},
	"in another cluster":     {own.TagCluster: "another-uid", own.TagOwner: "PortkeyGateway/default/gw"},
	"with our node and Name": {own.TagNode: "vpc/main", "Name": "gw"},
	"with half of our proof": {own.TagOwner: "PortkeyGateway/default/gw"},
}

// TestForeignLookalikes: what isn't ours is never written to, whatever it is called.
func TestForeignLookalikes(t *testing.T) {
	twin := newSite(t)
	for i, l := range slices.Concat(lookalikes, rarerLookalikes) {
		if !harness.Sample(i) {
			continue
		}
		t.Run(l.node, func(t *testing.T) {
			t.Parallel()
			twin := twin
			if l.spec != nil || l.later != nil {
				twin = build(t, l.whole)
			}
			for whose, tags := range owners {
				t.Run(whose, func(t *testing.T) {
					if l.within {
						lodges(t, twin, l, tags)
						return
					}
					if l.harmless {
						besides(t, twin, l, tags)
						return
					}
					outlived(t, twin, l, tags)
					if tags == nil { // the tags of what is gone make no difference
						givesWay(t, twin, l, tags)
					}
				})
			}
		})
	}
}

// besides proves that both live side by side, and that ours goes alone.
func besides(t *testing.T, twin *site, l lookalike, tags map[string]string) {
	s, before := begin(t, twin, l, tags)
	ready(t, s.h, s.key)
	settle(t, s.h, s.key)
	untouched(t, s, before)
	s.h.Delete(s.key)
	gone(t, s.h, s.key, before)
	untouched(t, s, before)
}

// lodges proves that what somebody put into an object of ours is left alone for as long as that is there. One that is in
// the way is named, and the gateway comes about without it.
func lodges(t *testing.T, twin *site, l lookalike, tags map[string]string) {
	s, before := begin(t, twin, l, tags)
	if l.later != nil {
		s.h.Edit(s.key, func(gw *v1alpha1.PortkeyGateway) { l.later(&gw.Spec) })
	}
	if !l.harmless {
		if err := s.h.Until(s.key, creation, "Stalled for a Conflict that names "+twin.name(l.node), s.stalled(twin.name(l.node))); err != nil {
			t.Fatal(err)
		}
		untouched(t, s, before)
		if tags == nil {
			s.removed(t, l, twin)
			before = nil
		}
	}
	if l.harmless || tags == nil {
		ready(t, s.h, s.key)
	}
	loseStatus(t, s.h, s.key)
	settle(t, s.h, s.key)
	untouched(t, s, before)
	s.h.Delete(s.key)
	if err := s.h.Until(s.key, 2*time.Hour, "deletion", harness.Gone); err != nil {
		t.Fatal(err)
	}
}

// outlived proves that a gateway which never came about goes without touching what was in its way.
func outlived(t *testing.T, twin *site, l lookalike, tags map[string]string) {
	s, before := begin(t, twin, l, tags)
	conflict(t, s, twin, l)
	untouched(t, s, before)
	s.h.Delete(s.key)
	if l.after != "" { // it is in the way of what ours is in
		if err := s.h.Until(s.key, creation, "a deletion that is blocked", blocked); err != nil {
			t.Fatal(err)
		}
		untouched(t, s, before)
		s.removed(t, l, twin)
		before = nil
	}
	if err := s.h.Until(s.key, 2*time.Hour, "deletion", harness.Gone); err != nil {
		t.Fatal(err)
	}
	untouched(t, s, before)
}

// givesWay proves that the gateway comes about when nothing is in its way any more.
func givesWay(t *testing.T, twin *site, l lookalike, tags map[string]string) {
	s, before := begin(t, twin, l, tags)
	conflict(t, s, twin, l)
	untouched(t, s, before)
	s.removed(t, l, twin)
	if err := s.h.Until(s.key, creation, "Ready", harness.Ready); err != nil {
		t.Fatal(err)
	}
	if c := meta.FindStatusCondition(s.h.Get(s.key).Status.Conditions, v1alpha1.ConditionStalled); c != nil {
		t.Errorf("Stalled is still %+v", c)
	}
	settle(t, s.h, s.key)
	s.h.Delete(s.key)
	if err := s.h.Until(s.key, 2*time.Hour, "deletion", harness.Gone); err != nil {
		t.Fatal(err)
	}
}

// begin makes the look-alike and a gateway, and answers what existed before it.
func begin(t *testing.T, twin *site, l lookalike, tags map[string]string) (*site, []core.Resource) {
	t.Helper()
	h := harness.New()
	s := &site{at: newConsole(h), h: h}
	f := &stranger{site: s}
	if err := f.settleIn(t.Context()); err != nil {
		t.Fatal(err)
	}
	if l.after != "" {
		s.key = h.Create(l.gateway(h))
		err := h.Until(s.key, creation, l.after, func(gw *v1alpha1.PortkeyGateway) bool {
			return slices.ContainsFunc(gw.Status.Resources, func(r v1alpha1.ResourceStatus) bool {
				return r.Node == l.after && r.Phase == v1alpha1.ResourceReady
			})
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	had := h.Emulator.Server.Resources(false)
	if err := l.make(t.Context(), f, twin.name(l.node)); err != nil {
		t.Fatalf("at the console: %v", err)
	}
	s.wait(10 * time.Minute)
	var theirs []core.Resource
	for _, r := range h.Emulator.Server.Resources(false) {
		if slices.ContainsFunc(had, func(x core.Resource) bool { return x.Kind == r.Kind && x.ID == r.ID }) || !r.Taggable || r.AWSManaged {
			continue
		}
		if err := s.tag(t.Context(), r, tags); err != nil {
			t.Fatalf("at the console: %v", err)
		}
		theirs = append(theirs, r)
	}
	if len(theirs) == 0 {
		t.Fatal("nothing was made")
	}
	s.wait(time.Minute)
	if l.after == "" {
		before := h.Emulator.Server.Resources(false)
		s.key = h.Create(l.gateway(h))
		return s, before
	}
	var before []core.Resource
	for _, r := range h.Emulator.Server.Resources(false) {
		if slices.ContainsFunc(theirs, func(x core.Resource) bool { return x.Kind == r.Kind && x.ID == r.ID }) {
			before = append(before, r)
		}
	}
	return s, before
}

// conflict proves that the gateway stalls and names the object, and that all goes on that can.
func conflict(t *testing.T, s, twin *site, l lookalike) {
	t.Helper()
	if err := s.h.Until(s.key, creation, "Stalled for a Conflict that names "+twin.name(l.node), s.stalled(twin.name(l.node))); err != nil {
		t.Fatal(err)
	}
	behind := users(twin, l.node)
	rest := func(gw *v1alpha1.PortkeyGateway) bool {
		for _, want := range twin.resources() {
			if slices.Contains(behind, want.Node) {
				continue
			}
			if !slices.ContainsFunc(gw.Status.Resources, func(r v1alpha1.ResourceStatus) bool {
				return r.Node == want.Node && r.Phase == v1alpha1.ResourceReady
			}) {
				return false
			}
		}
		return true
	}
	if err := s.h.Until(s.key, creation, "what doesn't need "+l.node, rest); err != nil {
		t.Fatal(err)
	}
	if gw := s.h.Get(s.key); !s.stalled(twin.name(l.node))(gw) {
		t.Fatalf("no longer stalled:\n%s", harness.Story(gw))
	}
}

// stalled tells whether a gateway is Stalled because of an object, which the message names: by its id
// where it has one.
func (s *site) stalled(name string) func(*v1alpha1.PortkeyGateway) bool {
	return func(gw *v1alpha1.PortkeyGateway) bool {
		c := meta.FindStatusCondition(gw.Status.Conditions, v1alpha1.ConditionStalled)
		return c != nil && c.Status == "True" && c.Reason == v1alpha1.ReasonConflict && slices.ContainsFunc(s.h.Emulator.Server.Resources(false), func(r core.Resource) bool {
			return r.Name == name && (strings.Contains(c.Message, r.ID) || strings.Contains(c.Message, r.Name))
		})
	}
}

// blocked reports whether a deletion waits for somebody else.
func blocked(gw *v1alpha1.PortkeyGateway) bool {
	if gw == nil {
		return false
	}
	c := meta.FindStatusCondition(gw.Status.Conditions, v1alpha1.ConditionReady)
	return c != nil && c.Reason == v1alpha1.ReasonDeletionBlocked
}

// users are a node and all that need it, directly or not.
func users(s *site, node string) []string {
	out := []string{node}
	for i := 0; i < len(out); i++ {
		for _, r := range s.resources() {
			if slices.Contains(r.Needs, out[i]) && !slices.Contains(out, r.Node) {
				out = append(out, r.Node)
			}
		}
	}
	return out
}

func (s *site) removed(t *testing.T, l lookalike, twin *site) {
	t.Helper()
	if err := l.remove(t.Context(), &stranger{site: s}, twin.name(l.node)); err != nil {
		t.Fatalf("at the console: %v", err)
	}
	s.wait(10 * time.Minute)
}

// untouched proves that objects are as they were, to the last field.
func untouched(t *testing.T, s *site, before []core.Resource) {
	t.Helper()
	now := map[string]string{}
	for _, r := range s.h.Emulator.Server.Resources(false) {
		now[r.Kind+" "+r.ID] = printed(r)
	}
	for _, r := range before {
		if got := now[r.Kind+" "+r.ID]; got != printed(r) {
			t.Errorf("%s %s changed:\n%s\nwas\n%s", r.Kind, r.Name, got, printed(r))
		}
	}
}

func printed(r core.Resource) string {
	b, err := json.Marshal(r)
	if err != nil {
		panic(err)
	}
	return string(b)
}
