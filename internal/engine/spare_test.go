package engine_test

import (
	"testing"
	"time"

	"github.com/portkey-ai/portkey-ecs-operator/internal/engine"
)

// TestLooksForDriftSpareWhatFails: what AWS fails at is tried when it is due, however often drift is looked for; what
// somebody mends, or asks for, is tried at every look.
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
		{"denied", errDenied, false, 60, 60},
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
