package lifecycle

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/hack/harness"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

var errDead = errors.New("the manager is dead")

// mortal lets a manager die at its n-th AWS call: from then on nothing it does reaches AWS or
// Kubernetes, as after kill -9. With lost, the n-th call itself still reaches AWS.
type mortal struct {
	left int
	lost bool
	dead bool
}

func (m *mortal) transport(h *harness.Harness) func(*http.Request) (*http.Response, error) {
	return func(r *http.Request) (*http.Response, error) {
		h.Lock()
		defer h.Unlock()
		if m.dead {
			return nil, errDead
		}
		if m.left--; m.left == 0 {
			m.dead = true
			if m.lost {
				_, _ = h.Emulator.Server.Do(r)
			}
			return nil, errDead
		}
		return h.Emulator.Server.Do(r)
	}
}

func (m *mortal) kube(c client.WithWatch) client.WithWatch {
	return interceptor.NewClient(c, interceptor.Funcs{
		Patch: func(ctx context.Context, c client.WithWatch, obj client.Object, p client.Patch, opts ...client.PatchOption) error {
			if m.dead {
				return errDead
			}
			return c.Patch(ctx, obj, p, opts...)
		},
		SubResourcePatch: func(ctx context.Context, c client.Client, sub string, obj client.Object, p client.Patch, opts ...client.SubResourcePatchOption) error {
			if m.dead {
				return errDead
			}
			return c.SubResource(sub).Patch(ctx, obj, p, opts...)
		},
	})
}

// lives lets a gateway be reconciled until the manager dies or all is over, and has another take its place.
func (m *mortal) lives(h *harness.Harness, key types.NamespacedName, over func(*v1alpha1.PortkeyGateway) bool) {
	h.Reconciler.Client = m.kube(h.Kube)
	h.Transport = m.transport(h) //nolint:bodyclose // the SDK closes what it is given
	for !m.dead && !over(h.Get(key)) {
		_ = h.Step(key)
	}
	h.Transport = nil
	h.Restart()
}

// walks is over after so many.
func walks(n int) func(*v1alpha1.PortkeyGateway) bool {
	return func(*v1alpha1.PortkeyGateway) bool { n--; return n < 0 }
}

// TestKilledManagersConverge kills the manager at twenty random calls of a first deployment, and at
// twenty of a deletion, half of them after the call took effect.
func TestKilledManagersConverge(t *testing.T) {
	t.Parallel()
	want := func() int {
		h, key := deployed(t)
		settle(t, h, key) // ECS gives back the instance that it doesn't need
		return len(h.Emulator.Server.Resources(false))
	}()
	rng := rand.New(rand.NewPCG(7, 7))
	for i := range 20 {
		if !harness.Sample(i) {
			continue
		}
		h := harness.New()
		before := h.Emulator.Server.Resources(false)
		key := h.Create(h.Minimal("gw"))
		at := 1 + rng.IntN(140)
		for _, left := range []int{at, 1 + rng.IntN(60)} {
			(&mortal{left: left, lost: i%2 == 0}).lives(h, key, harness.Ready)
		}
		if i%5 == 0 {
			loseStatus(t, h, key)
		}
		ready(t, h, key)
		settle(t, h, key)
		if got := len(h.Emulator.Server.Resources(false)); got != want {
			t.Fatalf("killed at call %d: %d objects, want %d:\n%v", at, got, want, difference(h.Emulator.Server.Resources(false), before))
		}
		h.Delete(key)
		(&mortal{left: 1 + rng.IntN(80), lost: i%2 == 1}).lives(h, key, harness.Gone)
		gone(t, h, key, before)
	}
}

func TestDeletedInTheMiddleOfCreation(t *testing.T) {
	t.Parallel()
	for _, after := range []int{1, 2, 4, 8, 16} {
		h := harness.New()
		before := h.Emulator.Server.Resources(false)
		key := h.Create(h.Minimal("gw"))
		for range after {
			if err := h.Step(key); err != nil {
				t.Fatal(err)
			}
		}
		h.Delete(key)
		gone(t, h, key, before)
	}
}

// TestHostileAWS runs a whole life with pages of two items and every fifth call throttled.
func TestHostileAWS(t *testing.T) {
	h := harness.New()
	before := h.Emulator.Server.Resources(false)
	h.Emulator.World.Settings.PageSize = 2
	h.Emulator.Server.Inject(everyFifth)
	key := h.Create(h.Minimal("gw"))
	if err := h.Until(key, 2*creation, "Ready", harness.Ready); err != nil {
		t.Fatal(err)
	}
	h.Edit(key, func(gw *v1alpha1.PortkeyGateway) {
		gw.Spec.Gateway = &v1alpha1.Gateway{Image: &v1alpha1.Image{Tag: "2.17.0"}}
	})
	if err := h.Until(key, 2*creation, "Ready", harness.Ready); err != nil {
		t.Fatal(err)
	}
	h.Delete(key)
	if err := h.Until(key, 4*time.Hour, "deletion", harness.Gone); err != nil {
		t.Fatal(err)
	}
	h.Emulator.World.Settings.PageSize = 0
	gone(t, h, key, before)
}

var everyFifth = core.FaultRule{Every: 5, Fault: core.FaultThrottle}
