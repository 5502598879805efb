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
	way
	// at are the acts of each phase, counted from 1; 0 spares the phase.
	at []int
}

// Kill is the sweep of managers that die at each of their calls of AWS and writes to Kubernetes.
func Kill() sweep.Sweep {
	return sweep.Sweep{Name: "crash", Rows: rows, Short: 6}
}

// rows are the lives that it takes for each way to die to come at each act of each phase at which it makes a difference.
// A life carries one death a phase: row n has it at the nth such act of each phase that has so many.
func rows(sample sweep.Sample) []sweep.Row {
	ref := life.Of(sample)
	var out []sweep.Row
	for _, w := range ways {
		for n := 1; ; n++ {
			at, some := ref.Nth(n, w.strikes)
			if !some {
				break
			}
			d := death{way: w, at: at}
			out = append(out, sweep.Row{Name: fmt.Sprintf("%s %d", w.name, n), Run: func() sweep.Outcome { return d.live(ref) }})
		}
	}
	return out
}

// way is a way to die.
type way struct {
	name string
	// strikes reports whether an act makes a difference to it.
	strikes func(acts []harness.Act, at int) bool
	as      harness.Mortal
	// amnesia says that status is lost, too.
	amnesia bool
}

var ways = []way{
	{name: "before act", strikes: opens},
	{name: "after act", strikes: closes, as: harness.Mortal{After: true}},
	// Without new writes there is nothing new to be found again.
	{name: "before act, status lost", strikes: func(acts []harness.Act, at int) bool { return at == 1 || !acts[at-2].ReadOnly }, amnesia: true},
	{name: "after act, status lost", strikes: closes, as: harness.Mortal{After: true}, amnesia: true},
	{name: "asked to end at act", strikes: func(acts []harness.Act, at int) bool { return !acts[at-1].ReadOnly || begins(acts, at) }, as: harness.Mortal{Term: true}},
}

// live lives a life with the death in each phase.
func (d death) live(ref *life.Reference) (o sweep.Outcome) {
	l := life.New(ref.Sample)
	for i, p := range ref.Phases {
		l.Begin(p.Phase)
		m := d.as
		m.At = d.at[i]
		l.Attend(&m)
		for !m.Dead && !l.Over(p.Phase) {
			_ = l.Step(l.Key) // a dead manager's error
		}
		if m.Dead {
			o.Calls++
			l.Restart()
			if d.amnesia && l.Get(l.Key) != nil {
				l.LoseStatus(l.Key)
				l.Spared["TaskDefinition"]++ // a revision of before that is what is wanted is taken up again
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
