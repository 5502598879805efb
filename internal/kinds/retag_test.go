package kinds

import (
	"errors"
	"maps"
	"testing"
)

// A manager that dies between the two calls must still know afterwards which tags are to go.
func TestRetaggingSurvivesAnInterruption(t *testing.T) {
	want := map[string]string{"team": "ml", TagKeys: "team"}
	for _, c := range []struct {
		why       string
		interrupt int
	}{{"before the first call", 0}, {"between the calls", 1}, {"not at all", 2}} {
		live := map[string]string{"team": "ai", "stage": "dev", TagKeys: "stage/team", "theirs": "1"}
		calls, left := 0, errors.New("the manager died")
		apply := func(limit int) error {
			set, remove := tagPatch(want, live)
			call := func(f func()) func() error {
				return func() error {
					if calls == limit {
						return left
					}
					calls++
					f()
					return nil
				}
			}
			return retag(set, remove, call(func() { maps.Copy(live, set) }), call(func() {
				for _, k := range remove {
					delete(live, k)
				}
			}))
		}
		if err := apply(c.interrupt); c.interrupt < 2 && !errors.Is(err, left) {
			t.Errorf("%s: %v", c.why, err)
		}
		if err := apply(-1); err != nil {
			t.Errorf("%s: %v", c.why, err)
		}
		if after := map[string]string{"team": "ml", TagKeys: "team", "theirs": "1"}; !maps.Equal(live, after) {
			t.Errorf("%s: %v, want %v", c.why, live, after)
		}
	}
}
