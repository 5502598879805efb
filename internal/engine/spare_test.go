package engine_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/portkey-ai/portkey-ecs-operator/internal/engine"
	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
)

// TestLooksForDriftSpareWhatFails: what AWS fails at is tried when it is due, however often drift is looked for; what
// a person mends is tried by a look every five minutes at most, and what somebody asks for at once.
func TestLooksForDriftSpareWhatFails(t *testing.T) {
	for _, c := range []struct {
		name  string
		fail  error
		asked bool
		most  int
		least int
	}{
		{"throttled", errThrottle, false, 11, 5},
		{"throttled, and somebody asks", errThrottle, true, 60, 60},
		{"denied", errDenied, false, 12, 11},
		{"denied, and somebody asks", errDenied, true, 60, 60},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := newHouse()
			h.fail["create a"] = c.fail
			h.walk(engine.Apply, true, node("a", "Box", "1", ""))
			for range 30 { // until it has failed for long
				h.now = h.now.Add(time.Minute)
				h.walk(engine.Apply, false, node("a", "Box", "1", ""))
			}
			h.asked, h.calls = c.asked, nil
			for range 60 {
				h.now = h.now.Add(time.Minute)
				h.walk(engine.Apply, true, node("a", "Box", "1", ""))
			}
			if n := h.mutations(); n > c.most || n < c.least {
				t.Errorf("%d attempts in an hour of looks, not %d to %d", n, c.least, c.most)
			}
		})
	}
}

// TestWhatFailsAlikeTakesTurns: many objects that fail for one cause are tried as often as one, each in its turn; when one
// succeeds, so do all at once.
func TestWhatFailsAlikeTakesTurns(t *testing.T) {
	h := newHouse()
	var nodes []*graph.Node
	for i := range 8 {
		id := fmt.Sprintf("box-%d", i)
		h.fail["create "+id] = errDenied
		nodes = append(nodes, node(graph.NodeID(id), "Box", "1", ""))
	}
	hour := func() {
		for end := h.now.Add(time.Hour); h.now.Before(end); h.now = h.now.Add(time.Minute) {
			h.walk(engine.Apply, false, nodes...)
		}
	}
	hour()
	hour()
	hour()
	h.calls = nil
	hour()
	if n := h.mutations(); n < 5 || n > 7 {
		t.Errorf("%d attempts in an hour for 8 objects that fail alike, not about 6", n)
	}
	h.calls = nil
	hour()
	hour()
	tried := map[string]bool{}
	for _, c := range h.calls {
		tried[c] = true
	}
	for i := range 8 {
		if !tried[fmt.Sprintf("create box-%d", i)] {
			t.Errorf("box-%d had no turn in two hours: %v", i, h.calls)
		}
	}
	clear(h.fail)
	for range 12 { // until one has its turn, and one walk more
		h.now = h.now.Add(time.Minute)
		if h.walk(engine.Apply, false, nodes...).Done() {
			return
		}
	}
	t.Error("not all succeed within twelve minutes after the cause is gone")
}

// TestWhatIsHeldForLongTakesTurns, too, in a deletion: and all of it goes as soon as one of it can.
func TestWhatIsHeldForLongTakesTurns(t *testing.T) {
	h := newHouse()
	var nodes []*graph.Node
	for i := range 8 {
		nodes = append(nodes, node(graph.NodeID(fmt.Sprintf("box-%d", i)), "Box", "1", ""))
	}
	h.walk(engine.Apply, true, nodes...)
	for i := range 8 {
		h.fail[fmt.Sprintf("delete box-%d", i)] = errInUse
	}
	tries := func(span time.Duration) int {
		h.calls = nil
		for end := h.now.Add(span); h.now.Before(end); h.now = h.now.Add(15 * time.Second) {
			h.walk(engine.Destroy, false, nodes...)
		}
		return h.mutations()
	}
	if n := tries(25 * time.Minute); n < 60 {
		t.Errorf("%d attempts at what others may let go of any minute", n)
	}
	tries(2 * time.Hour)
	if n := tries(time.Hour); n < 5 || n > 7 {
		t.Errorf("%d attempts in an hour at 8 objects that are held, not about 6", n)
	}
	clear(h.fail)
	tries(11 * time.Minute)
	if len(h.objects) > 0 {
		t.Errorf("%d objects are left eleven minutes after they were let go of", len(h.objects))
	}
}

// TestListsThatFailAreNoHotLoop: a deletion lists each kind before it ends. A list that AWS refuses is tried as any call
// that it refuses, and the deletion says why it doesn't end.
func TestListsThatFailAreNoHotLoop(t *testing.T) {
	h := newHouse()
	h.kinds = []*graph.Node{graph.New("", "", shelf{box{"Shelf"}}, boxSpec{})}
	a := node("a", "Box", "1", "")
	h.walk(engine.Apply, true, a)
	h.fail["list Shelf"] = errDenied
	var r *engine.Result
	lists := func(span time.Duration) (n int) {
		h.calls = nil
		for end := h.now.Add(span); h.now.Before(end); h.now = h.now.Add(15 * time.Second) {
			r = h.walk(engine.Destroy, false, a)
		}
		for _, c := range h.calls {
			if c == "list Shelf" {
				n++
			}
		}
		return n
	}
	lists(time.Hour)
	if n := lists(time.Hour); n < 5 || n > 7 {
		t.Errorf("%d attempts to list in an hour, not about 6", n)
	}
	if r.Done() || r.Node("list/Shelf") == nil || !r.Node("list/Shelf").Listing() || !strings.Contains(r.Node("list/Shelf").Why, "denied") {
		t.Errorf("the deletion ends, or doesn't say why not: %+v", r.Nodes)
	}
	clear(h.fail)
	lists(11 * time.Minute)
	if !r.Done() {
		t.Errorf("the deletion doesn't end when it could list: %+v", r.Nodes)
	}
}

// TestWorstIsWhatFails: of what isn't there yet, that is told of which AWS refuses, not what waits for it.
func TestWorstIsWhatFails(t *testing.T) {
	h := newHouse()
	h.walk(engine.Apply, true, node("kept", "Box", "1", ""), node("a", "Box", "1", ""), node("user", "Box", "1", "a"))
	h.fail["delete user"] = errThrottle
	r := h.walk(engine.Apply, true, node("kept", "Box", "1", ""))
	if w := r.Worst(nil); w == nil || w.Node != "user" || w.Fault == nil {
		t.Errorf("worst: %+v of %v", w, states(r))
	}
}
