package kinds

import (
	"testing"
	"time"

	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
)

func TestRecheck(t *testing.T) {
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		why                    string
		elapsed, typical, want time.Duration
	}{
		{"the first look comes at 80 %", 0, 100 * time.Second, 80 * time.Second},
		{"and counts from the beginning", 50 * time.Second, 100 * time.Second, 30 * time.Second},
		{"never at once", 79 * time.Second, 100 * time.Second, 2 * time.Second},
		{"then every sixth", 90 * time.Second, 100 * time.Second, 15 * time.Second},
		{"at most 20 s", 3 * time.Minute, 100 * time.Second, 20 * time.Second},
		{"unless that is less than a twelfth", time.Hour, 100 * time.Second, 5 * time.Minute},
		{"short ones: at least 2 s", time.Second, time.Second, 2 * time.Second},
		{"a clock that runs behind AWS's", -time.Minute, 10 * time.Second, 8 * time.Second},
	} {
		if got := recheck(now, now.Add(-c.elapsed), c.typical); got != c.want {
			t.Errorf("%s: %s, want %s", c.why, got, c.want)
		}
	}
	if got := recheck(now, time.Time{}, 10*time.Second); got != 8*time.Second {
		t.Errorf("an unknown beginning is now: %s", got)
	}
}

// TestWaited counts from the first look that is recorded, for as long as it is the same that is waited for.
func TestWaited(t *testing.T) {
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		why, recorded string
		want          time.Duration
	}{
		{"the first look", "", 0},
		{"another", "2025-12-31T22:00:00Z connection", 2 * time.Hour},
		{"for something else", "2025-12-31T22:00:00Z connection, vpce-1 pending", 0},
		{"a record that somebody spoiled", "long ago connection", 0},
	} {
		l := graph.Live{Out: map[graph.Attr]string{}}
		got := waited(graph.Call{Now: now, Recorded: map[graph.Attr]string{waitingAttr: c.recorded}}, &l, "connection")
		if noted := now.Add(-c.want).Format(time.RFC3339) + " connection"; got != c.want || l.Out[waitingAttr] != noted {
			t.Errorf("%s: %s, noted %q", c.why, got, l.Out[waitingAttr])
		}
	}
}
