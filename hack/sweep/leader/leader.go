// Package leader sweeps what goes wrong on the side of Kubernetes: its API fails or answers with what was, and another
// manager takes over, or works at the same time for a moment.
package leader

import (
	"fmt"

	"github.com/portkey-ai/portkey-ecs-operator/hack/sweep"
	"github.com/portkey-ai/portkey-ecs-operator/hack/sweep/life"
)

// deepest is the last call of Kubernetes in each phase that goes wrong. The first walks of a phase make a dozen; what
// comes after them waits for AWS, and is more of the same.
const deepest = 24

// Sweep is the sweep of the API server and of leaders.
func Sweep() sweep.Sweep {
	return sweep.Sweep{Name: "leader", Short: 3, Rows: func(sample sweep.Sample) []sweep.Row {
		var out []sweep.Row
		for i := 1; i <= deepest; i++ {
			for _, f := range faults {
				out = append(out, sweep.Row{Name: fmt.Sprintf("%s at call %d of Kubernetes", f.name, i), Run: func() sweep.Outcome { return live(sample, &troubled{at: i, fault: f}) }})
			}
		}
		for _, t := range takeovers(life.Of(sample)) {
			out = append(out, sweep.Row{Name: t.String(), Run: func() sweep.Outcome {
				own := *t
				return live(sample, &own)
			}})
		}
		return out
	}}
}

// trouble is what goes wrong once in each phase.
type trouble interface {
	// begin has it happen in the phase that begins; happened answers how often it has.
	begin(l *life.Life, phase int)
	happened() int
}

// live lives a life in trouble.
func live(sample sweep.Sample, t trouble) (o sweep.Outcome) {
	ref := life.Of(sample)
	l := life.New(sample)
	for i, p := range ref.Phases {
		l.Begin(p.Phase)
		t.begin(l, i)
		err := l.Finish(p.Phase)
		for again := 0; err != nil && again < 4; again++ { // the trouble came while all was at rest, and the work queue tries again
			err = l.Finish(p.Phase)
		}
		o.Calls = t.happened()
		if err != nil {
			o.Err = fmt.Errorf("after %d troubles: %w", o.Calls, err)
			return o
		}
		if l.Judge(p, &o); !o.Survived() {
			return o
		}
	}
	return o
}
