package leader

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"github.com/portkey-ai/portkey-ecs-operator/hack/harness"
	"github.com/portkey-ai/portkey-ecs-operator/hack/sweep/life"
)

// takeover is another manager that begins while a call of the first one is in flight, which AWS does only after the
// second has walked. The lease keeps that from happening (cmd/manager); it does when a machine stands still.
type takeover struct {
	// nth tells rows apart; at is the call of AWS that is in flight, in each phase.
	nth int
	at  []int
	// ends says that the first manager is no more when its call is done; else it walks to its end, beside the second.
	ends bool
	hits int
}

func (t *takeover) happened() int { return t.hits }

func (t *takeover) String() string {
	if t.ends {
		return fmt.Sprintf("another leads while its call %d is in flight", t.nth)
	}
	return fmt.Sprintf("two lead from its call %d on", t.nth)
}

const (
	// unled is how long nobody leads, and apart the time between the second manager's walks.
	unled, apart = 30 * time.Second, 15 * time.Second
	// walks is how often the second manager walks until the call is done: in less time than AWS may take to show an
	// object, for which every manager waits.
	walks = 3
)

// name is what the context of the first manager carries.
type name struct{}

// takeovers are the lives that it takes for every write to be in flight when another manager begins, and in each phase
// the first read of every kind; later reads of a kind are looks at the same from another moment.
func takeovers(ref *life.Reference) []*takeover {
	var out []*takeover
	for n := 1; ; n++ {
		acts, some := ref.Nth(n, func(acts []harness.Act, at int) bool {
			a := acts[at-1]
			return !a.Kubernetes() && (!a.ReadOnly || !slices.ContainsFunc(acts[:at-1], func(b harness.Act) bool { return b.Name == a.Name }))
		})
		if !some {
			return out
		}
		for i, at := range acts { // only calls of AWS are in flight
			for _, a := range ref.Phases[i].Acts[:at] {
				if a.Kubernetes() {
					acts[i]--
				}
			}
		}
		out = append(out, &takeover{nth: n, at: acts, ends: true}, &takeover{nth: n, at: acts})
	}
}

func (t *takeover) begin(l *life.Life, phase int) {
	calls, dead := 0, false
	l.Restart()
	l.Walking = context.WithValue(context.Background(), name{}, "the first")
	alive := func(do func() error) error {
		if dead {
			return harness.ErrDead
		}
		return do()
	}
	l.Reconciler.Client = interceptor.NewClient(l.Kube, interceptor.Funcs{
		Patch: func(ctx context.Context, c client.WithWatch, o client.Object, p client.Patch, opts ...client.PatchOption) error {
			return alive(func() error { return c.Patch(ctx, o, p, opts...) })
		},
		SubResourcePatch: func(ctx context.Context, c client.Client, sub string, o client.Object, p client.Patch, opts ...client.SubResourcePatchOption) error {
			return alive(func() error { return c.SubResource(sub).Patch(ctx, o, p, opts...) })
		},
	})
	l.Transport = func(r *http.Request) (*http.Response, error) {
		if r.Context().Value(name{}) == nil {
			return l.Emulator.Server.Do(r)
		}
		if dead {
			return nil, harness.ErrDead
		}
		if calls++; calls != t.at[phase] {
			return l.Emulator.Server.Do(r)
		}
		t.hits++
		l.Restart()
		for i := range walks {
			l.AdvanceTo(l.Clock.Now().Add([]time.Duration{unled, apart}[min(i, 1)]))
			if l.Get(l.Key) == nil {
				break
			}
			_, _ = l.Reconcile(l.Key) // what fails is tried again
		}
		if _, action, _ := l.Emulator.Server.Operation(r); action == "RegisterTaskDefinition" {
			// AWS knows no token for it. What comes so late makes a revision that no service is ever set to, and that
			// goes with the sixth after it, or with the gateway.
			l.Surplus["TaskDefinition"]++
		}
		answer, err := l.Emulator.Server.Do(r)
		dead = t.ends
		return answer, err
	}
}
