// Package fault sweeps what may go wrong with calls of AWS.
package fault

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/portkey-ai/portkey-ecs-operator/hack/sweep"
	"github.com/portkey-ai/portkey-ecs-operator/hack/sweep/life"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// Once is the sweep of faults that hit a call once: all converges as if nothing had been.
func Once() sweep.Sweep { return sweep.Sweep{Name: "fault-once", Rows: once, Short: 5} }

const (
	// share is how many calls have one among them that fails, in lives in which any may.
	share = 9
	// seeds are how many lives there are of each class in which chance decides which.
	seeds = 3
)

// once are three families of lives. In the first a life has one call site, a service's action, that fails when it is
// first called in each phase. In the second every ninth call fails (every third of those that few can fail as), from
// the first on in one life, from the second on in the next, and so on: together each call of a life fails. In the third one in nine fails, and chance (but the same one
// every time) decides which: so it is that one fails soon after another.
func once(sample sweep.Sample) []sweep.Row {
	ref := life.Of(sample)
	var out []sweep.Row
	for _, c := range classes {
		for _, site := range sites(ref) {
			service, action := site.Names()
			if _, can := c.rule(service, action); can {
				out = append(out, sweep.Row{Name: site.Name + " " + c.name, Run: func() sweep.Outcome {
					return ref.Disturbed(site.Last, firstCall(c, service, action))
				}})
			}
		}
		every := share
		if c.coded {
			every = 3 // few calls can fail so
		}
		for from := range every {
			out = append(out, sweep.Row{Name: fmt.Sprintf("call %d and each %dth after it %s", from+1, every, c.name), Run: func() sweep.Outcome {
				return ref.Disturbed(len(ref.Phases)-1, some(c, func(n int) bool { return n%every == from }))
			}})
		}
		if c.coded {
			continue
		}
		for seed := range uint64(seeds) {
			out = append(out, sweep.Row{Name: fmt.Sprintf("one in %d calls %s, seed %d", share, c.name, seed), Run: func() sweep.Outcome {
				rng := rand.New(rand.NewPCG(seed, share))
				return ref.Disturbed(len(ref.Phases)-1, some(c, func(int) bool { return rng.IntN(share) == 0 }))
			}})
		}
	}
	return out
}

// disturbance fails calls of a life.
type disturbance = func(*life.Life) life.Disturber

// firstCall fails the first call of a site in each phase.
func firstCall(c class, service, action string) disturbance {
	return func(l *life.Life) life.Disturber {
		s := strike(l)
		return life.Disturber{
			Begin: func(life.PhaseReference) {
				hit := false
				s.due = func(of, called string) (core.FaultRule, bool) {
					if hit || of != service || called != action {
						return core.FaultRule{}, false
					}
					hit = true
					return c.rule(of, called)
				}
			},
			Struck: func() int { return s.struck },
		}
	}
}

// some fails those of the calls that can fail so which hit picks by their number in the life.
func some(c class, hit func(n int) bool) disturbance {
	return func(l *life.Life) life.Disturber {
		s, n := strike(l), 0
		return life.Disturber{
			Begin: func(life.PhaseReference) {
				s.due = func(service, action string) (core.FaultRule, bool) {
					rule, can := c.rule(service, action)
					if !can {
						return rule, false
					}
					n++
					return rule, hit(n - 1)
				}
			},
			Struck: func() int { return s.struck },
		}
	}
}

// sites are the call sites of a life, with the last phase that calls each.
func sites(ref *life.Reference) []site {
	var out []site
	for i, p := range ref.Phases {
		for _, a := range p.Acts {
			s := site{Act: a, First: i, Last: i}
			if s.Kubernetes() {
				continue
			}
			if at := slices.IndexFunc(out, func(o site) bool { return o.Name == a.Name }); at >= 0 {
				out[at].Last = i
			} else {
				out = append(out, s)
			}
		}
	}
	return out
}
