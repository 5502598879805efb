package engine_test

import (
	"testing"
	"time"

	"github.com/portkey-ai/portkey-ecs-operator/internal/engine"
)

// TestATakenNameThatIsOursIsASuccess: a manager died between a creation and its record, and lists don't show the object
// yet. The creation is refused since the name is taken; what has it is looked at, and taken up where it is ours.
func TestATakenNameThatIsOursIsASuccess(t *testing.T) {
	// made is a house in which the object was made, without a record, and isn't listed for another minute.
	made := func(size string) (h *house, id string) {
		h = newHouse()
		h.lag = time.Minute
		h.walk(engine.Apply, true, node("a", "Box", size, ""))
		id = h.inv.Entry("a").ID
		h.inv, h.mem, h.calls = engine.NewInventory(h.now, true), engine.NewMemory(), nil
		return h, id
	}
	t.Run("as it is wanted", func(t *testing.T) {
		h, id := made("1")
		r := h.walk(engine.Apply, true, node("a", "Box", "1", ""), node("b", "Box", "1", "a"))
		if e := h.inv.Entry("a"); !r.Done() || e == nil || e.ID != id || len(h.objects) != 2 {
			t.Fatalf("%v, %d objects, recorded %+v", states(r), len(h.objects), e)
		}
		if uses := h.objects[h.inv.Entry("b").ID].uses; uses != id {
			t.Errorf("its user has %q", uses)
		}
	})
	t.Run("with differences", func(t *testing.T) {
		h, id := made("1")
		r := h.walk(engine.Apply, true, node("a", "Box", "2", ""))
		if a := r.Node("a"); a.State != engine.Pending || h.objects[id].size != "1" {
			t.Fatalf("%+v", a)
		}
		h.now = h.now.Add(time.Minute)
		if r = h.walk(engine.Apply, false, node("a", "Box", "2", "")); !r.Done() || h.objects[id].size != "2" || len(h.objects) != 1 {
			t.Errorf("%v, %+v", states(r), h.objects[id])
		}
	})
	t.Run("another's", func(t *testing.T) {
		h, id := made("7")
		h.objects[id].tags = map[string]string{"Name": "name-a"}
		r := h.walk(engine.Apply, true, node("a", "Box", "1", ""))
		if a := r.Node("a"); a.State != engine.Stalled || a.Reason != engine.ReasonConflict || h.inv.Entry("a") != nil && h.inv.Entry("a").ID != "" {
			t.Fatalf("%+v, recorded %+v", a, h.inv.Entry("a"))
		}
		if o := h.objects[id]; o.size != "7" || len(h.objects) != 1 {
			t.Errorf("it was touched: %+v", o)
		}
	})
	t.Run("nobody's that shows", func(t *testing.T) {
		h := newHouse()
		h.fail["create a"] = errExists
		r := h.walk(engine.Apply, true, node("a", "Box", "1", ""))
		if a := r.Node("a"); a.State != engine.Pending || a.Next.IsZero() {
			t.Fatalf("%+v", a)
		}
		delete(h.fail, "create a")
		h.now = r.Next
		if r = h.walk(engine.Apply, false, node("a", "Box", "1", "")); !r.Done() {
			t.Errorf("%v", states(r))
		}
	})
}
