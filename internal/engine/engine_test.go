package engine_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/portkey-ai/portkey-ecs-operator/internal/engine"
	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func states(r *engine.Result) map[graph.NodeID]engine.State {
	out := map[graph.NodeID]engine.State{}
	for _, n := range r.Nodes {
		out[n.Node] = n.State
	}
	return out
}

func TestApplyMakesEverythingInOneWalkAndThenNothing(t *testing.T) {
	h := newHouse()
	nodes := func() []*graph.Node {
		return []*graph.Node{node("c", "Box", "1", "b"), node("a", "Box", "1", ""), node("b", "Box", "1", "a")}
	}
	if r := h.walk(engine.Apply, true, nodes()...); !r.Done() {
		t.Fatalf("not done: %v", states(r))
	}
	if got := h.objects[h.inv.Entry("b").ID].uses; got != h.inv.Entry("a").ID {
		t.Fatalf("b uses %q", got)
	}
	h.calls = nil
	for _, full := range []bool{true, false} {
		if r := h.walk(engine.Apply, full, nodes()...); !r.Done() || h.mutations() != 0 {
			t.Fatalf("a second walk is not a no-op: %v %v", states(r), h.calls)
		}
	}
	if len(h.calls) != 3 {
		t.Fatalf("a walk that isn't full reads what it need not: %v", h.calls)
	}
	if r := h.walk(engine.Plan, true, nodes()...); len(r.Changes()) != 0 {
		t.Fatalf("plan is not empty: %v", r.Changes())
	}
}

func TestPendingOutputsHoldBackOnlyTheirUsers(t *testing.T) {
	h := newHouse()
	nodes := func() []*graph.Node {
		return []*graph.Node{slow("nat", time.Minute, ""), node("route", "Box", "1", "nat"), node("log", "Box", "1", "")}
	}
	r := h.walk(engine.Apply, true, nodes()...)
	want := map[graph.NodeID]engine.State{"nat": engine.Pending, "route": engine.Pending, "log": engine.Ready}
	for id, s := range want {
		if states(r)[id] != s {
			t.Fatalf("states %v, want %v", states(r), want)
		}
	}
	if r.Next.IsZero() || r.Next.Sub(h.now) > 15*time.Second {
		t.Fatalf("next look at %v, now %v", r.Next, h.now)
	}
	h.calls = nil
	h.now = h.now.Add(time.Second)
	h.walk(engine.Apply, false, nodes()...)
	if len(h.calls) != 0 {
		t.Fatalf("looked before it was due: %v", h.calls)
	}
	h.now = h.now.Add(time.Minute)
	if r := h.walk(engine.Apply, false, nodes()...); !r.Done() {
		t.Fatalf("not done: %v", states(r))
	}
}

func TestNoLookIsLateByMoreThanASixth(t *testing.T) {
	h := newHouse()
	start, looks := h.now, 0
	for {
		r := h.walk(engine.Apply, false, slow("nat", 90*time.Second, ""))
		looks++
		if r.Done() {
			break
		}
		h.now = r.Next
	}
	if took := h.now.Sub(start); took > 105*time.Second || looks > 25 {
		t.Fatalf("took %s and %d looks", took, looks)
	}
}

func TestDriftIsPutRight(t *testing.T) {
	h := newHouse()
	n := func() []*graph.Node { return []*graph.Node{node("a", "Box", "1", ""), node("b", "Box", "1", "a")} }
	h.walk(engine.Apply, true, n()...)
	h.now = h.now.Add(time.Hour)
	h.objects[h.inv.Entry("b").ID].size = "9"
	r := h.walk(engine.Apply, true, n()...)
	if b := r.Node("b"); b.Action != engine.Update || b.Changes[0].Have != "9" || !r.Done() {
		t.Fatalf("b: %+v", b)
	}
	old := h.inv.Entry("a").ID
	delete(h.objects, old)
	r = h.walk(engine.Apply, true, n()...)
	if a := r.Node("a"); a.Action != engine.Create || !a.Missing {
		t.Fatalf("a: %+v", a)
	}
	if b := r.Node("b"); b.Action != engine.Update {
		t.Fatalf("b wasn't repointed in the same walk: %+v", b)
	}
}

func TestForeignObjectsAreNeverTouched(t *testing.T) {
	h := newHouse()
	h.objects["x"] = &object{id: "x", name: "name-a", size: "7", tags: map[string]string{"Name": "name-a"}}
	r := h.walk(engine.Apply, true, node("a", "Box", "1", ""), node("b", "Box", "1", "a"), node("c", "Box", "1", ""))
	if a := r.Node("a"); a.State != engine.Stalled || a.Reason != engine.ReasonConflict {
		t.Fatalf("a: %+v", a)
	}
	if r.Node("b").State != engine.Blocked || r.Node("c").State != engine.Ready {
		t.Fatalf("states: %v", states(r))
	}
	h.walk(engine.Destroy, true, node("a", "Box", "1", ""), node("c", "Box", "1", ""))
	if h.objects["x"] == nil || h.objects["x"].size != "7" {
		t.Fatal("the foreign object was touched")
	}
}

func TestFreshObjectThatDoesNotShowIsNotMadeTwice(t *testing.T) {
	h := newHouse()
	h.lag = time.Minute
	h.walk(engine.Apply, true, node("a", "Box", "1", ""))
	h.now = h.now.Add(30 * time.Second)
	r := h.walk(engine.Apply, true, node("a", "Box", "1", ""))
	if a := r.Node("a"); a.State != engine.Pending || a.Reason != engine.ReasonNotVisibleYet || len(h.objects) != 1 {
		t.Fatalf("a: %+v", a)
	}
	h.now = h.now.Add(time.Minute)
	if r := h.walk(engine.Apply, true, node("a", "Box", "1", "")); !r.Done() {
		t.Fatalf("states: %v", states(r))
	}
}

func TestLostInventoryWaitsOutTheConsistencyWindow(t *testing.T) {
	h := newHouse()
	h.lag = time.Minute
	h.walk(engine.Apply, true, node("a", "Ahead", "1", ""))
	h.inv, h.mem = engine.NewInventory(h.now, false), engine.NewMemory()
	for range 100 {
		r := h.walk(engine.Apply, false, node("a", "Ahead", "1", ""))
		if r.Done() {
			break
		}
		h.now = r.Next
	}
	if len(h.objects) != 1 {
		t.Fatalf("%d objects", len(h.objects))
	}
}

func TestIntentIsJournalledBeforeTheCall(t *testing.T) {
	h := newHouse()
	h.walk(engine.Apply, true, node("a", "Ahead", "1", ""))
	if len(h.intent) != 2 || h.intent[0].ID != "" || h.intent[0].Intent.IsZero() || h.intent[1].ID == "" {
		t.Fatalf("journal: %+v", h.intent)
	}
}

func TestFaults(t *testing.T) {
	for _, tt := range []struct {
		name, where string
		err         error
		state       engine.State
		maxLooks    int // in a virtual hour
		why         string
	}{
		{"throttled", "create a", errThrottle, engine.Pending, 60, "throttling passes"},
		{"denied", "create a", errDenied, engine.Failed, 12, "somebody must grant the action"},
		{"invalid", "create a", errInvalid, engine.Stalled, 7, "the spec must change"},
		{"unknown", "observe a", errNotFound, engine.Pending, 60, "not a proof of absence"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := newHouse()
			h.fail[tt.where] = tt.err
			end := h.now.Add(time.Hour)
			looks := 0
			var first *engine.Result
			for h.now.Before(end) {
				r := h.walk(engine.Apply, false, node("a", "Box", "1", ""), node("b", "Box", "1", "a"), node("c", "Box", "1", ""))
				if first == nil {
					first = r
				}
				looks++
				h.now = r.Next
			}
			if first.Node("a").State != tt.state || first.Node("c").State != engine.Ready {
				t.Fatalf("states %v, want a %s: %s", states(first), tt.state, tt.why)
			}
			if looks > tt.maxLooks {
				t.Fatalf("%d looks in an hour", looks)
			}
			delete(h.fail, tt.where)
			h.now = h.now.Add(time.Hour)
			if r := h.walk(engine.Apply, true, node("a", "Box", "1", ""), node("b", "Box", "1", "a"), node("c", "Box", "1", "")); !r.Done() {
				t.Fatalf("doesn't recover: %v", states(r))
			}
		})
	}
}

func TestPruneWaitsForUsers(t *testing.T) {
	h := newHouse()
	h.walk(engine.Apply, true, node("old", "Box", "1", ""), node("user", "Box", "1", "old"))
	h.calls = nil
	h.fail["update user"] = errThrottle
	next := []*graph.Node{node("new", "Box", "1", ""), node("user", "Box", "1", "new")}
	r := h.walk(engine.Apply, true, next...)
	if r.Node("old").State != engine.Pending || slices.Contains(h.calls, "delete old") {
		t.Fatalf("old was pruned under its user: %v", h.calls)
	}
	delete(h.fail, "update user")
	h.now = h.now.Add(time.Hour)
	r = h.walk(engine.Apply, true, next...)
	if !r.Done() || len(h.objects) != 2 || h.inv.Entry("old") != nil {
		t.Fatalf("states %v, %d objects", states(r), len(h.objects))
	}
}

func TestPruneOfAChainGoesUsersFirst(t *testing.T) {
	h := newHouse()
	h.walk(engine.Apply, true, node("a", "Box", "1", ""), node("b", "Slow", "1", "a"), node("c", "Box", "1", "b"))
	for range 5 {
		r := h.walk(engine.Apply, false)
		if r.Done() && h.inv.Empty() {
			break
		}
		for _, o := range h.objects {
			if o.deleting {
				delete(h.objects, o.id)
			}
		}
		h.now = h.now.Add(time.Minute)
	}
	if len(h.objects) != 0 {
		t.Fatalf("%d objects are left", len(h.objects))
	}
	var deleted []string
	for _, c := range h.calls {
		if strings.HasPrefix(c, "delete ") {
			deleted = append(deleted, c)
		}
	}
	// Each once: what is deleted under its user is refused, and asked for again.
	if want := []string{"delete c", "delete b", "delete a"}; !slices.Equal(deleted, want) {
		t.Errorf("%q, want %q", deleted, want)
	}
}

func TestDestroyGoesBackwardsAndProvesAbsence(t *testing.T) {
	h := newHouse()
	outlived := node("role", "Box", "1", "")
	outlived.Outlives = []graph.NodeID{"svc"}
	nodes := []*graph.Node{outlived, node("vpc", "Box", "1", ""), node("svc", "Slow", "1", "vpc")}
	h.walk(engine.Apply, true, nodes...)
	h.calls = nil
	r := h.walk(engine.Destroy, true, nodes...)
	if r.Done() || len(h.objects) != 3 {
		t.Fatalf("states %v", states(r))
	}
	if strings.Contains(strings.Join(h.calls, ","), "delete role") {
		t.Fatal("the role went before the service it outlives")
	}
	delete(h.objects, h.inv.Entry("svc").ID)
	h.now = h.now.Add(5 * time.Minute)
	r = h.walk(engine.Destroy, true, nodes...)
	if !r.Done() || len(h.objects) != 0 || !h.inv.Empty() {
		t.Fatalf("states %v, objects %d", states(r), len(h.objects))
	}
}

func TestDestroyNamesTheBlocker(t *testing.T) {
	h := newHouse()
	h.walk(engine.Apply, true, node("vpc", "Box", "1", ""))
	h.objects["guest"] = &object{id: "guest", name: "guest", uses: h.inv.Entry("vpc").ID}
	h.now = h.now.Add(time.Hour)
	var r *engine.Result
	for end := h.now.Add(40 * time.Minute); h.now.Before(end); h.now = r.Next {
		r = h.walk(engine.Destroy, false, node("vpc", "Box", "1", ""))
	}
	if v := r.Node("vpc"); v.State != engine.Stalled || v.Reason != engine.ReasonDeletionBlocked || !strings.Contains(v.Why, "in use by guest") {
		t.Fatalf("vpc: %+v", v)
	}
}

func TestReplacementIsAutomaticOnlyForDisposableKinds(t *testing.T) {
	h := newHouse()
	h.walk(engine.Apply, true, node("rigid", "Rigid", "1", ""), node("toy", "Toy", "1", ""))
	h.now = h.now.Add(time.Hour)
	r := h.walk(engine.Apply, true, node("rigid", "Rigid", "2", ""), node("toy", "Toy", "2", ""))
	if r.Node("rigid").Reason != engine.ReasonReplacementRequired || r.Node("toy").Action != engine.Replace {
		t.Fatalf("rigid %+v, toy %+v", r.Node("rigid"), r.Node("toy"))
	}
	h.now = h.now.Add(time.Minute)
	r = h.walk(engine.Apply, false, node("rigid", "Rigid", "1", ""), node("toy", "Toy", "2", ""))
	if !r.Done() {
		t.Fatalf("states %v", states(r))
	}
}

func TestPlanWritesNothing(t *testing.T) {
	h := newHouse()
	h.walk(engine.Apply, true, node("a", "Box", "1", ""), node("gone", "Box", "1", ""))
	h.calls = nil
	r := h.walk(engine.Plan, true, node("a", "Box", "2", ""), node("b", "Box", "1", "a"), node("c", "Box", "1", "b"))
	if h.mutations() != 0 {
		t.Fatalf("a plan wrote: %v", h.calls)
	}
	if got := r.Summary(); got != "2 to create, 1 to change, 1 to delete" {
		t.Fatal(got)
	}
}

func TestSuccessorIsMadeBesideAndTheOldOneGoesLast(t *testing.T) {
	h := newHouse()
	nodes := func(size string) []*graph.Node {
		return []*graph.Node{node("provider", "Heir", size, ""), node("user", "Box", "1", "provider")}
	}
	h.walk(engine.Apply, true, nodes("1")...)
	old := h.inv.Entry("provider").ID
	h.now = h.now.Add(time.Hour)

	if r := h.walk(engine.Plan, true, nodes("2")...); r.Node("provider").Action != engine.Replace || len(h.objects) != 2 {
		t.Fatalf("plan: %+v", r.Node("provider"))
	}
	h.fail["update user"] = errThrottle
	r := h.walk(engine.Apply, true, nodes("2")...)
	if r.Node("provider").State != engine.Ready || h.objects[old] == nil || len(h.objects) != 3 {
		t.Fatalf("the old one went before its user was repointed: %v", states(r))
	}
	// A manager that dies here leads to the same successor.
	h.mem = engine.NewMemory()
	h.now = h.now.Add(10 * time.Minute)
	delete(h.fail, "update user")
	r = h.walk(engine.Apply, true, nodes("2")...)
	if !r.Done() || h.objects[old] != nil || len(h.objects) != 2 {
		t.Fatalf("states %v, %d objects", states(r), len(h.objects))
	}
	if u := h.objects[h.inv.Entry("user").ID]; u.uses != h.inv.Entry("provider").ID {
		t.Fatalf("the user uses %s", u.uses)
	}
	h.walk(engine.Destroy, true, nodes("2")...)
	if len(h.objects) != 0 {
		t.Fatalf("%d objects are left", len(h.objects))
	}
}
