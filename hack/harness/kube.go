package harness

import (
	"context"
	"sync"

	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
)

// newKube returns a Kubernetes API in memory. The fake client decodes an object anew at every read, and a harness
// that watches reads a gateway after every event of AWS: so what was read is kept until something is written.
func newKube(scheme *runtime.Scheme) client.WithWatch {
	k := &reads{seen: map[client.ObjectKey]*v1alpha1.PortkeyGateway{}}
	under := fake.NewClientBuilder().WithScheme(scheme).WithStatusSubresource(&v1alpha1.PortkeyGateway{}).Build()
	return interceptor.NewClient(under, interceptor.Funcs{
		Get: k.get,
		Create: func(ctx context.Context, c client.WithWatch, o client.Object, opts ...client.CreateOption) error {
			defer k.write()()
			return c.Create(ctx, o, opts...)
		},
		Update: func(ctx context.Context, c client.WithWatch, o client.Object, opts ...client.UpdateOption) error {
			defer k.write()()
			return c.Update(ctx, o, opts...)
		},
		Patch: func(ctx context.Context, c client.WithWatch, o client.Object, p client.Patch, opts ...client.PatchOption) error {
			defer k.write()()
			return c.Patch(ctx, o, p, opts...)
		},
		Delete: func(ctx context.Context, c client.WithWatch, o client.Object, opts ...client.DeleteOption) error {
			defer k.write()()
			return c.Delete(ctx, o, opts...)
		},
		SubResourceUpdate: func(ctx context.Context, c client.Client, sub string, o client.Object, opts ...client.SubResourceUpdateOption) error {
			defer k.write()()
			return c.SubResource(sub).Update(ctx, o, opts...)
		},
		SubResourcePatch: func(ctx context.Context, c client.Client, sub string, o client.Object, p client.Patch, opts ...client.SubResourcePatchOption) error {
			defer k.write()()
			return c.SubResource(sub).Patch(ctx, o, p, opts...)
		},
	})
}

// reads are the gateways as they were read since the last write.
type reads struct {
	writing sync.Mutex
	mu      sync.Mutex
	seen    map[client.ObjectKey]*v1alpha1.PortkeyGateway
}

func (k *reads) get(ctx context.Context, c client.WithWatch, key client.ObjectKey, o client.Object, opts ...client.GetOption) error {
	gw, is := o.(*v1alpha1.PortkeyGateway)
	if !is {
		return c.Get(ctx, key, o, opts...)
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if seen := k.seen[key]; seen != nil {
		seen.DeepCopyInto(gw)
		return nil
	}
	if err := c.Get(ctx, key, gw, opts...); err != nil {
		return err
	}
	k.seen[key] = gw.DeepCopy()
	return nil
}

// write begins a write and returns what ends it. One at a time: the fake client's patch of a status reads the
// object and puts it back whole, so that an edit between the two would be lost, as on no API server.
func (k *reads) write() (end func()) {
	k.writing.Lock()
	return func() {
		k.mu.Lock()
		clear(k.seen)
		k.mu.Unlock()
		k.writing.Unlock()
	}
}
