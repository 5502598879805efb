// Package lag sweeps worlds in which AWS shows late what was done.
package lag

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"time"

	"github.com/portkey-ai/portkey-ecs-operator/hack/sweep"
	"github.com/portkey-ai/portkey-ecs-operator/hack/sweep/life"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

const (
	// seeds are how many worlds there are of each sample.
	seeds = 60
	// latest is how long lists and describes may not show an object after it was made.
	latest = time.Minute
	// usable is how long a role or an instance profile may not be usable for other services after it was made or changed.
	// Two minutes have been seen.
	usable = 2 * time.Minute
)

// Lag is the sweep of worlds whose reads lag behind writes: new objects show late, for each call by another time up to a
// minute, and IAM's by up to two; or every other read is answered as it was up to a minute ago, so that changes and
// deletions show late, too. All is by chance that is the same every time. A whole life passes in each as in a world
// without lag.
func Lag() sweep.Sweep { return sweep.Sweep{Name: "lag", Rows: rows, Short: 3} }

func rows(sample sweep.Sample) []sweep.Row {
	ref := life.Of(sample)
	var out []sweep.Row
	for seed := range uint64(seeds) {
		out = append(out, sweep.Row{Name: fmt.Sprintf("seed %d", seed), Run: func() sweep.Outcome {
			return ref.Disturbed(len(ref.Phases)-1, func(l *life.Life) life.Disturber { return lagging(l, seed) })
		}}, sweep.Row{Name: fmt.Sprintf("replica %d", seed), Run: func() sweep.Outcome {
			return ref.Disturbed(len(ref.Phases)-1, func(l *life.Life) life.Disturber { return replicated(l, seed) })
		}})
	}
	return out
}

// lagging gives each call a lag of its own, and each life one of IAM.
func lagging(l *life.Life, seed uint64) life.Disturber {
	rng, calls := rand.New(rand.NewPCG(seed, 60)), 0
	l.Emulator.World.Settings.Propagation = time.Duration(rng.Int64N(int64(usable)))
	l.Transport = func(r *http.Request) (*http.Response, error) {
		l.Lock()
		defer l.Unlock()
		calls++
		_, action, err := l.Emulator.Server.Operation(r)
		if err != nil {
			return nil, err
		}
		l.Emulator.World.Settings.ReadLag = time.Duration(rng.Int64N(int64(latest)))
		response, err := l.Emulator.Server.Do(r)
		l.Emulator.World.Settings.ReadLag = 0 // the eye of the judge is not AWS's
		l.Made(action)
		return response, err
	}
	return life.Disturber{Begin: func(life.PhaseReference) {}, Struck: func() int { return calls }}
}

// replicated answers every other read as it was answered up to a minute ago.
func replicated(l *life.Life, seed uint64) life.Disturber {
	c := &replica{rng: rand.New(rand.NewPCG(seed, 61)), answers: map[string][]answer{}}
	l.Transport = func(r *http.Request) (*http.Response, error) {
		l.Lock()
		defer l.Unlock()
		_, action, err := l.Emulator.Server.Operation(r)
		if err != nil {
			return nil, err
		}
		var response *http.Response
		if (core.CallRecord{Action: action}).ReadOnly() {
			response, err = c.read(l.Clock.Now(), r, l.Emulator.Server.Do)
		} else {
			response, err = l.Emulator.Server.Do(r)
		}
		l.Made(action)
		return response, err
	}
	return life.Disturber{Begin: func(life.PhaseReference) {}, Struck: func() int { return c.late }}
}
