// Package sweep runs a sample of every sweep: the whole of them is `make sweep`.
package sweep

import (
	"math/rand/v2"
	"slices"
	"testing"

	"go.uber.org/goleak"

	"github.com/portkey-ai/portkey-ecs-operator/hack/harness"
	"github.com/portkey-ai/portkey-ecs-operator/hack/sweep"
	"github.com/portkey-ai/portkey-ecs-operator/hack/sweep/all"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// TestSweeps runs as many rows of each sweep as it names for that, the same ones every time.
func TestSweeps(t *testing.T) {
	for _, s := range all.Sweeps() {
		for _, sample := range sweep.Samples {
			t.Run(s.Name+"/"+string(sample), func(t *testing.T) {
				t.Parallel()
				for i, r := range sampled(s, sample) {
					if !harness.Sample(i + len(s.Name)) {
						continue
					}
					t.Run(r.Name, func(t *testing.T) {
						t.Parallel()
						if o := sweep.Try(r); !o.Survived() {
							t.Error(sweep.Failure{Sweep: s.Name, Sample: sample, Row: r.Name, Outcome: o})
						}
					})
				}
			})
		}
	}
}

// sampled picks the rows that are run here: one of each of as many equal parts as there are to be rows.
func sampled(s sweep.Sweep, sample sweep.Sample) []sweep.Row {
	rows := s.Rows(sample)
	if len(rows) <= s.Short {
		return rows
	}
	rng := rand.New(rand.NewPCG(5, uint64(len(rows))))
	var out []sweep.Row
	for i := range s.Short {
		from, to := i*len(rows)/s.Short, (i+1)*len(rows)/s.Short
		out = append(out, rows[from+rng.IntN(to-from)])
	}
	return out
}

// TestNamesAreUnique: a row is found again by its name.
func TestNamesAreUnique(t *testing.T) {
	harness.Unraced(t)
	for _, s := range all.Sweeps() {
		for _, sample := range sweep.Samples {
			var names []string
			for _, r := range s.Rows(sample) {
				names = append(names, r.Name)
			}
			slices.Sort(names)
			if n := len(slices.Compact(slices.Clone(names))); n != len(names) || n == 0 {
				t.Errorf("%s of %s has %d rows and %d names", s.Name, sample, len(names), n)
			}
		}
	}
}
