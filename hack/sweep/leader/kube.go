package leader

import (
	"context"
	"errors"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/hack/sweep/life"
)

// fault is how a call of Kubernetes fails.
type fault struct {
	name string
	err  error
	// effect says that the call is done all the same.
	effect bool
	// lasts is for how long all calls fail; 0 is once.
	lasts time.Duration
	// writes says that reads go on meanwhile.
	writes bool
	// stale says that a read answers what was there at the beginning of the phase.
	stale bool
}

var (
	gateways = schema.GroupResource{Group: "ecs.portkey.ai", Resource: "portkeygateways"}
	conflict = apierrors.NewConflict(gateways, "gw", errors.New("the object has been modified"))
	internal = apierrors.NewInternalError(errors.New("etcdserver: leader changed"))
	busy     = apierrors.NewTooManyRequests("too many requests", 1)
	timeout  = apierrors.NewTimeoutError("request did not complete within the allotted timeout", 1)
)

var faults = []fault{
	{name: "conflict", err: conflict},
	{name: "500", err: internal},
	{name: "429", err: busy},
	{name: "timeout", err: timeout},
	{name: "timeout with effect", err: timeout, effect: true},
	{name: "500 for an hour", err: internal, lasts: time.Hour},
	{name: "429 for an hour", err: busy, lasts: time.Hour},
	{name: "timeout for an hour", err: timeout, lasts: time.Hour},
	{name: "conflict for an hour", err: conflict, lasts: time.Hour, writes: true},
	{name: "stale read", stale: true},
}

// troubled has a call of Kubernetes fail in each phase.
type troubled struct {
	at    int
	fault fault
	hits  int
}

func (t *troubled) happened() int { return t.hits }

// begin counts the manager's calls of Kubernetes from here on.
func (t *troubled) begin(l *life.Life, _ int) {
	calls := 0
	var until time.Time
	was := l.Get(l.Key)
	strikes := func() bool {
		if calls++; calls == t.at {
			until = l.Clock.Now().Add(t.fault.lasts)
			t.hits++
			return true
		}
		return l.Clock.Now().Before(until)
	}
	write := func(do func() error) error {
		if t.fault.stale {
			return do()
		}
		if !strikes() {
			return do()
		}
		if t.fault.effect {
			if err := do(); err != nil {
				return err
			}
		}
		return t.fault.err
	}
	c := interceptor.NewClient(l.Kube, interceptor.Funcs{
		Get: func(ctx context.Context, c client.WithWatch, key client.ObjectKey, o client.Object, opts ...client.GetOption) error {
			gw, is := o.(*v1alpha1.PortkeyGateway)
			if !is || t.fault.writes || !strikes() {
				return c.Get(ctx, key, o, opts...)
			}
			if t.fault.stale {
				was.DeepCopyInto(gw)
				return nil
			}
			return t.fault.err
		},
		Patch: func(ctx context.Context, c client.WithWatch, o client.Object, p client.Patch, opts ...client.PatchOption) error {
			return write(func() error { return c.Patch(ctx, o, p, opts...) })
		},
		SubResourcePatch: func(ctx context.Context, c client.Client, sub string, o client.Object, p client.Patch, opts ...client.SubResourcePatchOption) error {
			return write(func() error { return c.SubResource(sub).Patch(ctx, o, p, opts...) })
		},
	})
	l.Reconciler.Client, l.Reconciler.Reader = c, c
}
