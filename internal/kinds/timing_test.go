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
