package life

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/portkey-ai/portkey-ecs-operator/hack/harness"
	"github.com/portkey-ai/portkey-ecs-operator/hack/sweep"
	"github.com/portkey-ai/portkey-ecs-operator/internal/own"
)

// Reference is the life of a sample that nothing disturbs.
type Reference struct {
	Sample sweep.Sample
	Phases []PhaseReference

	resting sync.Once
	// hourly are the calls that an hour takes after each phase in which nothing happens.
	hourly []map[string]int
}

// PhaseReference is a phase that nothing disturbed.
type PhaseReference struct {
	Phase
	// Acts are what the manager did until the gateway was Ready, or gone.
	Acts []harness.Act
	// Needs are the nodes that there are at its end, with those that each needs.
	Needs map[string][]string
	// rest are the lines of AWS at rest.
	rest []string
	// most is how many objects there were at once of each kind and node, at any time of the phase.
	most crowd
}

// Ends reports whether what the user wants in the phase has come about.
func (p PhaseReference) Ends(l *Life) bool { return l.Over(p.Phase) }

// Deletes reports whether the phase is the deletion.
func (p PhaseReference) Deletes() bool { return p.Name == deletion }

// Nth answers the nth act of each phase that counts, numbered from 1; 0 for a phase that has fewer, and false when all
// have.
func (ref *Reference) Nth(n int, counts func(acts []harness.Act, at int) bool) (at []int, some bool) {
	at = make([]int, len(ref.Phases))
	for i, p := range ref.Phases {
		for k, found := 1, 0; k <= len(p.Acts) && at[i] == 0; k++ {
			if counts(p.Acts, k) {
				if found++; found == n {
					at[i], some = k, true
				}
			}
		}
	}
	return at, some
}

// Hourly answers which calls an hour takes after a phase in which nothing happens: how often each service:Action.
func (ref *Reference) Hourly(phase int) map[string]int {
	ref.resting.Do(func() {
		l := New(ref.Sample)
		for _, p := range ref.Phases[:len(ref.Phases)-1] {
			l.Begin(p.Phase)
			if err := l.Finish(p.Phase); err != nil {
				panic(err)
			}
			before := l.Emulator.Server.LastCall()
			for end := l.Clock.Now().Add(time.Hour); l.Clock.Now().Before(end); {
				if err := l.Step(l.Key); err != nil {
					panic(err)
				}
			}
			calls := map[string]int{}
			for _, c := range l.Emulator.Server.Calls(before) {
				calls[c.Service+":"+c.Action]++
			}
			ref.hourly = append(ref.hourly, calls)
		}
		ref.hourly = append(ref.hourly, nil) // what is deleted isn't looked at
	})
	return ref.hourly[phase]
}

var references sync.Map

// Of returns the reference of a sample. It is lived once.
func Of(sample sweep.Sample) *Reference {
	made, _ := references.LoadOrStore(sample, sync.OnceValue(func() *Reference { return undisturbed(sample) }))
	return made.(func() *Reference)()
}

func undisturbed(sample sweep.Sample) *Reference {
	l, ref := New(sample), &Reference{Sample: sample}
	for _, p := range Phases(sample) {
		m := &harness.Mortal{}
		l.Begin(p)
		l.Attend(m)
		if err := l.until(p); err != nil {
			panic(err)
		}
		was := PhaseReference{Phase: p, Acts: m.Acts}
		l.Restart()
		l.Transport = nil
		if err := l.Finish(p); err != nil {
			panic(err)
		}
		was.rest, was.most = l.AtRest(), l.take()
		if p.Name == deletion { // which may come after any phase
			for _, before := range ref.Phases {
				for k, n := range before.most {
					was.most[k] = max(was.most[k], n)
				}
			}
		}
		if was.Needs = map[string][]string{}; p.Name != deletion {
			for _, r := range l.Get(l.Key).Status.Resources {
				was.Needs[r.Node] = r.Needs
			}
		}
		ref.Phases = append(ref.Phases, was)
	}
	if left := l.left(); len(left) > 0 {
		panic(fmt.Sprintf("an undisturbed life of %s leaves %v", sample, left))
	}
	return ref
}

// crowd counts the objects of each kind and node.
type crowd map[string]int

// Attend makes the present manager mortal, and counts objects after each of its calls that make some.
func (l *Life) Attend(m *harness.Mortal) {
	m.Made = l.count
	l.Bind(m)
}

// count keeps the most of each kind and node that there were at once. What AWS makes by itself, it makes in a number of
// its own choice.
func (l *Life) count() {
	now := crowd{}
	for _, r := range l.Emulator.Server.Resources(false) {
		if node := r.Tags[own.TagNode]; node != "" && !r.AWSManaged && r.Kind != "Instance" && r.Kind != "Volume" && r.Kind != "NetworkInterface" && r.Kind != "Task" {
			now[r.Kind+" "+node]++
		}
	}
	for k, n := range now {
		l.crowd[k] = max(l.crowd[k], n)
	}
}

// take answers the most that there were since it was last asked, and begins anew with those that there are.
func (l *Life) take() crowd {
	l.count()
	out := l.crowd
	l.crowd = crowd{}
	l.count()
	return out
}

// Judge compares what came of a phase with the undisturbed one.
func (l *Life) Judge(was PhaseReference, o *sweep.Outcome) {
	for k, n := range l.take() {
		kind, _, _ := strings.Cut(k, " ")
		if most := was.most[k]; n > most+l.Surplus[kind] && most > 0 {
			o.Duplicates = append(o.Duplicates, fmt.Sprintf("%s: %s: %d at once, and undisturbed %d", was.Name, k, n, most))
		}
	}
	slices.Sort(o.Duplicates)
	if was.Name == deletion {
		o.Leaks = append(o.Leaks, l.left()...)
		return
	}
	now, rest := l.AtRest(), slices.Clone(was.rest)
	if l.Overlooks != nil {
		for i := range now {
			now[i] = l.Overlooks(now[i])
		}
		for i := range rest {
			rest[i] = l.Overlooks(rest[i])
		}
	}
	more, less := beyond(l.Surplus, harness.Missing(now, rest)), beyond(l.Spared, beyond(l.Surplus, harness.Missing(rest, now)))
	if len(more) > len(less) {
		o.Leaks = append(o.Leaks, more...)
	}
	if len(more)+len(less) > 0 && o.Err == nil {
		o.Err = fmt.Errorf("after %s AWS isn't as in the undisturbed life; there is\n    %s\n  instead of\n    %s", was.Name, strings.Join(more, "\n    "), strings.Join(less, "\n    "))
	}
}

// beyond are the lines that an allowance for kinds doesn't explain: of an object more or less, or of one less for which a
// surplus took the room.
func beyond(allowed map[string]int, lines []string) []string {
	had := map[string]int{}
	return slices.DeleteFunc(lines, func(line string) bool {
		for kind, n := range allowed {
			if strings.Contains(line, `"kind":"`+kind+`"`) {
				had[kind]++
				return had[kind] <= n
			}
		}
		return false
	})
}
