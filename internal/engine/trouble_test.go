package engine_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/portkey-ai/portkey-ecs-operator/internal/engine"
	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
)

// TestAnUnknownKindHoldsTheDeletionAndIsNamed: a newer operator made it, and this one can't remove it.
func TestAnUnknownKindHoldsTheDeletionAndIsNamed(t *testing.T) {
	h := newHouse()
	h.inv = engine.NewInventory(h.now, true, engine.Entry{Node: "lost/1", Kind: "Lost", ID: "l-1"})
	r := h.walk(engine.Destroy, true, node("a", "Box", "1", ""))
	n := r.Node("lost/1")
	if r.Done() || n == nil || n.State != engine.Stalled || h.inv.Empty() {
		t.Fatalf("done %v, told %+v", r.Done(), n)
	}
}

func TestASuccessorIsMadeWhenTheInventoryWasLost(t *testing.T) {
	h := newHouse()
	h.walk(engine.Apply, true, node("a", "Heir", "1", ""))
	h.inv, h.mem = engine.NewInventory(h.now, false), engine.NewMemory()
	for range 100 {
		r := h.walk(engine.Apply, true, node("a", "Heir", "2", ""))
		if r.Done() {
			break
		}
		h.now = r.Next
	}
	if len(h.objects) != 1 {
		t.Fatalf("%d objects", len(h.objects))
	}
}

// bomb is a kind with a bug.
type bomb struct{ box }

func (bomb) Observe(context.Context, graph.Call, boxSpec) (graph.Live, error) { panic("boom") }

// TestAKindThatPanicsFailsAlone: its node fails, the rest of the walk goes on, and the manager lives.
func TestAKindThatPanicsFailsAlone(t *testing.T) {
	h := newHouse()
	r := h.walk(engine.Apply, true, graph.New("bad", "bad", bomb{box{"Box"}}, boxSpec{}), node("good", "Box", "1", ""))
	if bad := r.Node("bad"); bad.State != engine.Failed || !strings.Contains(bad.Why, "boom") || bad.Next.IsZero() {
		t.Fatalf("bad: %+v", bad)
	}
	if r.Node("good").State != engine.Ready {
		t.Fatalf("states %v", states(r))
	}
}

// hoard is a kind with a bug in its list.
type hoard struct{ box }

func (hoard) List(context.Context, graph.Call) (map[graph.NodeID]graph.Live, error) { panic("boom") }

// TestAListThatPanicsFailsAlone: what it would show isn't known, and a deletion doesn't end before it is.
func TestAListThatPanicsFailsAlone(t *testing.T) {
	h := newHouse()
	h.kinds = []*graph.Node{graph.New("", "", hoard{box{"Hoard"}}, boxSpec{})}
	h.walk(engine.Apply, true, node("a", "Box", "1", ""))
	h.now = h.now.Add(time.Hour)
	if r := h.walk(engine.Apply, true, node("a", "Box", "1", "")); !r.Done() || !r.Unlisted {
		t.Fatalf("states %v, unlisted %v", states(r), r.Unlisted)
	}
	for range 3 {
		r := h.walk(engine.Destroy, false, node("a", "Box", "1", ""))
		if n := r.Node("list/Hoard"); len(h.objects) > 0 || r.Done() || n == nil || !strings.Contains(n.Why, "a bug of the operator: boom") {
			t.Fatalf("%d objects, states %v: %+v", len(h.objects), states(r), n)
		}
		h.now = h.now.Add(time.Minute)
	}
}

// TestAnOrphanThatPanicsFailsAlone: what is no longer wanted is looked at outside the order of the graph.
func TestAnOrphanThatPanicsFailsAlone(t *testing.T) {
	h := newHouse()
	h.walk(engine.Apply, true, node("bad", "Bomb", "1", ""))
	r := h.walk(engine.Apply, true, node("good", "Box", "1", ""))
	if bad := r.Node("bad"); bad == nil || bad.State != engine.Failed || !strings.Contains(bad.Why, "boom") || r.Node("good").State != engine.Ready {
		t.Fatalf("states %v", states(r))
	}
}

// TestWhatCantBeRenewedIsntUsed: while the next edition of something can't be made, its users wait, and don't take
// the one of before for it.
func TestWhatCantBeRenewedIsntUsed(t *testing.T) {
	h := newHouse()
	h.walk(engine.Apply, true, node("a", "Edition", "1", ""), node("b", "Box", "1", "a"))
	h.fail["update a"] = errThrottle
	r := h.walk(engine.Apply, true, node("a", "Edition", "2", ""), node("b", "Box", "2", "a"))
	if b := r.Node("b"); b.Action != engine.None || b.Reason != engine.ReasonWaiting {
		t.Fatalf("b: %s %s", b.Action, b.Reason)
	}
	delete(h.fail, "update a")
	h.now = r.Next
	if r = h.walk(engine.Apply, true, node("a", "Edition", "2", ""), node("b", "Box", "2", "a")); !r.Done() {
		t.Fatalf("states %v", states(r))
	}
}
