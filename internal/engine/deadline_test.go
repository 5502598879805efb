package engine_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/portkey-ai/portkey-ecs-operator/internal/engine"
)

// TestWritesEndInTime: whatever an engine writes, and the journal of it, goes on when the manager is asked to end, and
// ends within MutationTimeout. That no other manager leads by then, cmd/manager proves by that constant.
func TestWritesEndInTime(t *testing.T) {
	type step struct {
		mode engine.Mode
		size string
	}
	apply := func(size string) step { return step{engine.Apply, size} }
	for _, tt := range []struct {
		kind  string
		steps []step
		want  string
	}{
		{"Box", []step{apply("1")}, "create"},
		{"Ahead", []step{apply("1")}, "journal create journal"},
		{"Box", []step{apply("1"), apply("2")}, "create update"},
		{"Toy", []step{apply("1"), apply("2")}, "create delete"},
		{"Heir", []step{apply("1"), apply("2")}, "create create"},
		{"Box", []step{apply("1"), {engine.Destroy, "1"}}, "create delete"},
		{"Locked", []step{apply("1"), {engine.Destroy, "2"}}, "create update delete"},
	} {
		t.Run(tt.want, func(t *testing.T) {
			h := newHouse()
			var end context.CancelFunc
			var wrote []string
			h.writing = func(ctx context.Context, call string) {
				verb, _, _ := strings.Cut(call, " ")
				wrote = append(wrote, verb)
				end()
				at, ok := ctx.Deadline()
				if left := time.Until(at); !ok || left > engine.MutationTimeout || left < engine.MutationTimeout/3 {
					t.Errorf("%s has a deadline: %t, in %s", call, ok, left)
				}
				if ctx.Err() != nil {
					t.Errorf("%s is cut short: %v", call, ctx.Err())
				}
			}
			for _, s := range tt.steps {
				h.now = h.now.Add(time.Hour)
				h.manager, end = context.WithCancel(t.Context())
				h.walk(s.mode, true, node("a", tt.kind, s.size, ""))
				end()
			}
			if want := strings.Fields(tt.want); !slices.Equal(wrote, want) {
				t.Errorf("wrote %q, want %q", wrote, want)
			}
		})
	}
}
