package pairs

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/hack/harness"
	"github.com/portkey-ai/portkey-ecs-operator/hack/harness/random"
	"github.com/portkey-ai/portkey-ecs-operator/hack/sweep"
)

// fuzz is a gateway whose user can't decide: random specs and edits in the middle of what the one before began,
// edits taken back, and at last a deletion, perhaps in the middle, too. A status that is lost is the crash sweep's.
type fuzz uint64

func (f fuzz) String() string { return fmt.Sprintf("life %d", uint64(f)) }

// patience is how many calls that write a gateway may make in an hour in which it gets no further, and how many calls of
// any sort for each object that isn't Ready: reading everything at each sync is no retrying, and comes on top.
const patience = 60

// live lives it: nothing panics, every rest is Ready or says why not, and the deletion leaves nothing.
func (f fuzz) live() (o sweep.Outcome) {
	l := begin()
	g := random.New(uint64(f), l.world)
	rng := rand.New(rand.NewPCG(uint64(f), 1))
	spec := reconciled(g.Spec())
	story := []string{"created as " + printed(spec)}
	defer func() {
		o.Calls = l.h.Emulator.Server.LastCall()
		if !o.Survived() {
			o.Err = errors.Join(o.Err, fmt.Errorf("its story:%s", lines(story)))
		}
	}()
	l.create(spec)
	before := spec
	for range 2 + rng.IntN(4) {
		for range rng.IntN(12) {
			if err := l.step(); err != nil {
				o.Err = err
				return o
			}
		}
		next := reconciled(g.Edit(spec))
		what := "edited to "
		switch rng.IntN(4) {
		case 0: // taken back, where the rules allow that
			if random.Refused(before, spec) == nil {
				next, what = before, "taken back to "
			}
		case 1:
			next, what = reconciled(g.After(spec)), "made another, "
		}
		before, spec = spec, next
		story = append(story, fmt.Sprintf("%s %s%s", l.h.Clock.Now().Format("15:04:05"), what, printed(spec)))
		l.edit(spec)
	}
	if rng.IntN(3) > 0 {
		e, err := l.rest()
		if err == nil && e.ready {
			err = l.calm()
		}
		if err == nil && !e.ready {
			err = l.says(e)
		}
		if err != nil {
			o.Err = err
			return o
		}
		story = append(story, "came to rest: "+e.String())
	}
	story = append(story, l.h.Clock.Now().Format("15:04:05")+" deleted")
	var err error
	if o.Leaks, err = l.delete(); err != nil {
		o.Err = err
	}
	return o
}

func (l *life) step() error {
	if gw := l.h.Get(l.key); gw != nil {
		l.promote(gw)
	}
	return l.h.Step(l.key)
}

// says checks what a gateway says that can't go on: a documented reason that tells what to do, a message, and few
// calls from then on.
func (l *life) says(e end) error {
	i := slices.IndexFunc(v1alpha1.Reasons, func(r v1alpha1.ReasonDoc) bool { return r.Reason == e.reason })
	if i < 0 || v1alpha1.Reasons[i].Do == "" || e.message == "" {
		return fmt.Errorf("it isn't Ready, and nobody knows what to do: %s\n%s", e, e.story)
	}
	m, most := l.h.Emulator.Server.LastCall(), 0
	syncs := l.h.Reconciles
	for end := l.h.Clock.Now().Add(time.Hour); l.h.Clock.Now().Before(end); {
		before := l.h.Emulator.Server.LastCall()
		if err := l.step(); err != nil {
			return err
		}
		most = max(most, l.h.Emulator.Server.LastCall()-before)
	}
	gw, walks, calls := l.h.Get(l.key), l.h.Reconciles-syncs, l.h.Emulator.Server.LastCall()-m
	if writes := l.mutations(m); len(writes) > patience {
		return fmt.Errorf("it can't go on, and yet makes %d writing calls in an hour, in %d walks: %v\n%s", len(writes), walks, writes, harness.Story(gw))
	}
	looks := int(time.Hour/gw.Resolved().SyncInterval.Duration) + 1
	if bound := most*looks + patience*max(unready(gw), 1); calls > bound {
		return fmt.Errorf("it can't go on, and yet makes %d calls in an hour, in %d walks of at most %d: more than %d\n%s", calls, walks, most, bound, harness.Story(gw))
	}
	return nil
}

// unready counts the objects that aren't Ready.
func unready(gw *v1alpha1.PortkeyGateway) int {
	n := 0
	for _, r := range gw.Status.Resources {
		if r.Phase != v1alpha1.ResourceReady {
			n++
		}
	}
	return n
}
