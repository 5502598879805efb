package engine_test

import (
	"errors"
	"testing"
	"time"

	"github.com/portkey-ai/portkey-ecs-operator/internal/engine"
)

// TestCreationsThatFailAreLookedForRarely lets the creation of something that has no token fail for hours: what was
// refused isn't looked for at all, and what may have been made nevertheless ever more rarely.
func TestCreationsThatFailAreLookedForRarely(t *testing.T) {
	for _, tt := range []struct {
		err    error
		intent bool
		calls  int
		why    string
	}{
		{errDenied, false, 14, "once in ten minutes, with a look before: nothing was made"},
		{errInvalid, false, 14, "the same"},
		{errors.New("the answer was lost"), true, 40, "a creation and a look after it in five minutes"},
	} {
		t.Run(tt.err.Error(), func(t *testing.T) {
			h := newHouse()
			h.fail["create a"] = tt.err
			ahead := node("a", "Ahead", "1", "")
			for begin, calls := h.now, 0; h.now.Sub(begin) < 4*time.Hour; {
				h.now = h.walk(engine.Apply, false, ahead).Next
				if h.now.Sub(begin) < 3*time.Hour {
					calls = len(h.calls)
				} else if n := len(h.calls) - calls; n > tt.calls {
					t.Fatalf("%d calls in an hour, want no more than %d: %s", n, tt.calls, tt.why)
				}
			}
			if e := h.inv.Entry("a"); tt.intent == e.Intent.IsZero() && !tt.intent {
				t.Errorf("the intent is %s: %s", e.Intent, tt.why)
			}
			delete(h.fail, "create a")
			for range 4 {
				if r := h.walk(engine.Apply, false, ahead); !r.Done() {
					h.now = r.Next
				}
			}
			if len(h.objects) != 1 {
				t.Errorf("%d objects after the fault", len(h.objects))
			}
		})
	}
}
