// Package crash sweeps the deaths of managers.
package crash

import (
	"fmt"

	"github.com/portkey-ai/portkey-ecs-operator/hack/harness"
	"github.com/portkey-ai/portkey-ecs-operator/hack/sweep"
	"github.com/portkey-ai/portkey-ecs-operator/hack/sweep/life"
)

// death is how a manager ends, once in every phase of a life.
type death struct {
	harness.Mortal
	// amnesia says that status is lost, too.
	amnesia bool
}

// Kill is the sweep of managers that die at each of their calls of AWS and writes to Kubernetes.
func Kill() sweep.Sweep {
	return sweep.Sweep{Name: "crash", Rows: rows, Short: 6}
}

// rows are a life for each act and way to die at it. A life carries one death a phase: row i kills at act i of each
// phase that has so many. A read that was lost left nothing behind, so the ways to lose an answer are tried at writes.
func rows(sample sweep.Sample) []sweep.Row {
	ref, longest := life.Of(sample), 0
	for _, p := range ref.Phases {
		longest = max(longest, len(p.Acts))
	}
	var out []sweep.Row
	for i := 1; i <= longest; i++ {
		for _, d := range []death{
			{Mortal: harness.Mortal{At: i}},
			{Mortal: harness.Mortal{At: i}, amnesia: true},
			{Mortal: harness.Mortal{At: i, After: true}},
			{Mortal: harness.Mortal{At: i, After: true}, amnesia: true},
			{Mortal: harness.Mortal{At: i, Term: true}},
		} {
			if d.due(ref) {
				out = append(out, sweep.Row{Name: d.String(), Run: func() sweep.Outcome { return d.live(ref) }})
			}
		}
	}
	return out
}

// due reports whether the death is worth a life: whether some phase has an act for it.
func (d death) due(ref *life.Reference) bool {
	for _, p := range ref.Phases {
		if d.strikes(p) {
			return true
		}
	}
	return false
}

// strikes reports whether the death comes in a phase.
func (d death) strikes(p life.PhaseReference) bool {
	if d.At > len(p.Acts) {
		return false
	}
	write := !p.Acts[d.At-1].ReadOnly
	return write || !d.After && !d.amnesia
}

func (d death) String() string {
	how := "before"
	switch {
	case d.After:
		how = "after"
	case d.Term:
		how = "asked to end before"
	}
	if d.amnesia {
		return fmt.Sprintf("%s act %d, status lost", how, d.At)
	}
	return fmt.Sprintf("%s act %d", how, d.At)
}

// live lives a life with the death in each phase.
func (d death) live(ref *life.Reference) (o sweep.Outcome) {
	l := life.New(ref.Sample)
	for _, p := range ref.Phases {
		l.Begin(p.Phase)
		m := d.Mortal
		if !d.strikes(p) {
			m.At = 0
		}
		l.Attend(&m)
		for !m.Dead && !l.Over(p.Phase) {
			_ = l.Step(l.Key) // a dead manager's error
		}
		if m.Dead {
			o.Calls++
			l.Restart()
			if d.amnesia && l.Get(l.Key) != nil {
				l.LoseStatus(l.Key)
			}
		}
		next := harness.Mortal{}
		l.Attend(&next)
		if err := l.Finish(p.Phase); err != nil {
			o.Err = fmt.Errorf("after a death at %v: %w", m.Acts[len(m.Acts)-1], err)
			return o
		}
		if l.Judge(p, &o); !o.Survived() {
			return o
		}
	}
	return o
}
