package kinds

import (
	"testing"
	"time"
)

func TestRecheck(t *testing.T) {
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		why                    string
		elapsed, typical, want time.Duration
	}{
		{"the first look comes at 60 %", 0, 100 * time.Second, 60 * time.Second},
		{"and counts from the beginning", 50 * time.Second, 100 * time.Second, 10 * time.Second},
		{"never at once", 59 * time.Second, 100 * time.Second, 2 * time.Second},
		{"then every sixth", 72 * time.Second, 100 * time.Second, 12 * time.Second},
		{"at most 15 s", time.Hour, 100 * time.Second, 15 * time.Second},
		{"short ones: at least 2 s", time.Second, time.Second, 2 * time.Second},
		{"a clock that runs behind AWS's", -time.Minute, 10 * time.Second, 6 * time.Second},
	} {
		if got := recheck(now, now.Add(-c.elapsed), c.typical); got != c.want {
			t.Errorf("%s: %s, want %s", c.why, got, c.want)
		}
	}
	if got := recheck(now, time.Time{}, 10*time.Second); got != 6*time.Second {
		t.Errorf("an unknown beginning is now: %s", got)
	}
}
