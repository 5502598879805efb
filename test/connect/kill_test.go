package connect

import (
	"context"
	"errors"
	"net/http"

	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"github.com/portkey-ai/portkey-ecs-operator/hack/harness"
)

var errDead = errors.New("the manager is dead")

// dieAt runs a manager that mends the deployment until its n-th call of AWS, at which it dies: nothing
// it does reaches AWS or Kubernetes any more. Every second n the call itself still takes effect. died
// is false when it was done before.
func (d *deployment) dieAt(n int) (died bool) {
	d.Helper()
	calls := 0
	d.Transport = func(r *http.Request) (*http.Response, error) {
		d.Lock()
		defer d.Unlock()
		if died {
			return nil, errDead
		}
		if calls++; calls == n {
			died = true
			if n%2 == 0 {
				_, _ = d.Emulator.Server.Do(r)
			}
			return nil, errDead
		}
		return d.Emulator.Server.Do(r)
	}
	d.Reconciler.Client = interceptor.NewClient(d.Kube, interceptor.Funcs{
		Patch: func(ctx context.Context, c client.WithWatch, obj client.Object, p client.Patch, opts ...client.PatchOption) error {
			if died {
				return errDead
			}
			return c.Patch(ctx, obj, p, opts...)
		},
		SubResourcePatch: func(ctx context.Context, c client.Client, sub string, obj client.Object, p client.Patch, opts ...client.SubResourcePatchOption) error {
			if died {
				return errDead
			}
			return c.SubResource(sub).Patch(ctx, obj, p, opts...)
		},
	})
	d.drift()
	_, _ = d.Reconcile(d.key)
	for !died && !harness.Ready(d.Get(d.key)) {
		_ = d.Step(d.key)
	}
	d.Transport = nil
	d.Restart()
	return died
}
