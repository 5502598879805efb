package harness

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"sync"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
)

// kube is a Kubernetes API in memory. Gateways are kept here, since most of what a harness does is to read and
// patch them, and a fake client spends a dozen passes over the whole object on each patch; whatever else there is
// is kept by the fake client.
//
// It is as strict with gateways as an API server: a write is refused that is based on an older version, status is
// written apart from the rest, a patch is a JSON merge patch of what is stored, and an object with a finalizer only
// begins to be deleted. What is written passes through JSON. Only the generation is the writer's; see Harness.Edit.
type kube struct {
	client.WithWatch
	now     func() time.Time
	mu      sync.Mutex
	version int
	// stored are the gateways; each is replaced by a write, and never changed.
	stored map[client.ObjectKey]*v1alpha1.PortkeyGateway
}

var gatewayResource = v1alpha1.GroupVersion.WithResource("portkeygateways").GroupResource()

// newKube returns a Kubernetes API in memory.
func newKube(scheme *runtime.Scheme, now func() time.Time) client.WithWatch {
	return &kube{WithWatch: fake.NewClientBuilder().WithScheme(scheme).Build(), now: now, stored: map[client.ObjectKey]*v1alpha1.PortkeyGateway{}}
}

// Get implements client.Client.
func (k *kube) Get(ctx context.Context, key client.ObjectKey, o client.Object, opts ...client.GetOption) error {
	gw, is := o.(*v1alpha1.PortkeyGateway)
	if !is {
		return k.WithWatch.Get(ctx, key, o, opts...)
	}
	k.mu.Lock()
	stored, err := k.find(key)
	k.mu.Unlock()
	if err == nil {
		stored.DeepCopyInto(gw)
	}
	return err
}

// List implements client.Client.
func (k *kube) List(ctx context.Context, list client.ObjectList, opts ...client.ListOption) error {
	gateways, is := list.(*v1alpha1.PortkeyGatewayList)
	if !is {
		return k.WithWatch.List(ctx, list, opts...)
	}
	if len(opts) > 0 {
		panic("the harness lists all gateways or none")
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, stored := range k.stored {
		gateways.Items = append(gateways.Items, *stored.DeepCopy())
	}
	return nil
}

// Create implements client.Client.
func (k *kube) Create(ctx context.Context, o client.Object, opts ...client.CreateOption) error {
	gw, is := o.(*v1alpha1.PortkeyGateway)
	if !is {
		return k.WithWatch.Create(ctx, o, opts...)
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	key := client.ObjectKeyFromObject(gw)
	switch {
	case k.stored[key] != nil:
		return apierrors.NewAlreadyExists(gatewayResource, gw.Name)
	case gw.ResourceVersion != "":
		return apierrors.NewBadRequest("resourceVersion should not be set on objects to be created")
	}
	next := printed(gw)
	next.Status, next.CreationTimestamp, next.DeletionTimestamp = v1alpha1.PortkeyGatewayStatus{}, metav1.NewTime(k.now().Truncate(time.Second)), nil
	k.put(key, next, gw)
	return nil
}

// Update implements client.Client.
func (k *kube) Update(ctx context.Context, o client.Object, opts ...client.UpdateOption) error {
	gw, is := o.(*v1alpha1.PortkeyGateway)
	if !is {
		return k.WithWatch.Update(ctx, o, opts...)
	}
	return k.replace(gw, false)
}

// Patch implements client.Client.
func (k *kube) Patch(ctx context.Context, o client.Object, p client.Patch, opts ...client.PatchOption) error {
	gw, is := o.(*v1alpha1.PortkeyGateway)
	if !is {
		return k.WithWatch.Patch(ctx, o, p, opts...)
	}
	return k.merge(gw, p, false)
}

// Delete implements client.Client.
func (k *kube) Delete(ctx context.Context, o client.Object, opts ...client.DeleteOption) error {
	gw, is := o.(*v1alpha1.PortkeyGateway)
	if !is {
		return k.WithWatch.Delete(ctx, o, opts...)
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	key := client.ObjectKeyFromObject(gw)
	stored, err := k.find(key)
	switch {
	case err != nil:
		return err
	case len(stored.Finalizers) == 0:
		delete(k.stored, key)
	case stored.DeletionTimestamp == nil:
		next := stored.DeepCopy()
		next.DeletionTimestamp = &metav1.Time{Time: k.now().Truncate(time.Second)}
		next.Generation++
		k.put(key, next, nil)
	}
	return nil
}

// Status implements client.Client.
func (k *kube) Status() client.SubResourceWriter { return k.SubResource("status") }

// SubResource implements client.Client.
func (k *kube) SubResource(name string) client.SubResourceClient {
	return &subResource{SubResourceClient: k.WithWatch.SubResource(name), kube: k, name: name}
}

// subResource is the status of gateways, or any of other objects.
type subResource struct {
	client.SubResourceClient
	kube *kube
	name string
}

// Update implements client.SubResourceWriter.
func (s *subResource) Update(ctx context.Context, o client.Object, opts ...client.SubResourceUpdateOption) error {
	gw, is := o.(*v1alpha1.PortkeyGateway)
	if !is || s.name != "status" {
		return s.SubResourceClient.Update(ctx, o, opts...)
	}
	return s.kube.replace(gw, true)
}

// Patch implements client.SubResourceWriter.
func (s *subResource) Patch(ctx context.Context, o client.Object, p client.Patch, opts ...client.SubResourcePatchOption) error {
	gw, is := o.(*v1alpha1.PortkeyGateway)
	if !is || s.name != "status" {
		return s.SubResourceClient.Patch(ctx, o, p, opts...)
	}
	return s.kube.merge(gw, p, true)
}

func (k *kube) find(key client.ObjectKey) (*v1alpha1.PortkeyGateway, error) {
	if stored := k.stored[key]; stored != nil {
		return stored, nil
	}
	return nil, apierrors.NewNotFound(gatewayResource, key.Name)
}

// replace is an update of a gateway, or of its status.
func (k *kube) replace(gw *v1alpha1.PortkeyGateway, status bool) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if gw.ResourceVersion == "" {
		return apierrors.NewInvalid(schema.GroupKind{Group: gatewayResource.Group, Kind: "PortkeyGateway"}, gw.Name, nil)
	}
	return k.write(client.ObjectKeyFromObject(gw), printed(gw), status, gw)
}

// merge is a merge patch of a gateway, or of its status.
// https://kubernetes.io/docs/reference/using-api/api-concepts/#patch-and-apply
func (k *kube) merge(gw *v1alpha1.PortkeyGateway, p client.Patch, status bool) error {
	if p.Type() != types.MergePatchType {
		return apierrors.NewBadRequest("the harness takes merge patches of gateways only, not " + string(p.Type()))
	}
	data, err := p.Data(gw)
	if err != nil {
		return err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	key := client.ObjectKeyFromObject(gw)
	stored, err := k.find(key)
	if err != nil {
		return err
	}
	next := stored.DeepCopy()
	if err := mergePatch(next, data); err != nil {
		return apierrors.NewBadRequest(err.Error())
	}
	return k.write(key, next, status, gw)
}

// write stores what of a gateway may be written, unless it is based on an older version, and answers it.
func (k *kube) write(key client.ObjectKey, next *v1alpha1.PortkeyGateway, status bool, answer *v1alpha1.PortkeyGateway) error {
	stored, err := k.find(key)
	if err != nil {
		return err
	}
	if next.ResourceVersion != stored.ResourceVersion || next.UID != stored.UID {
		return apierrors.NewConflict(gatewayResource, key.Name, fmt.Errorf("the object has been modified; please apply your changes to the latest version and try again"))
	}
	if status {
		written := next.Status
		next = stored.DeepCopy()
		next.Status = written
	} else {
		next.Status = *stored.Status.DeepCopy()
		next.CreationTimestamp, next.DeletionTimestamp = stored.CreationTimestamp, stored.DeletionTimestamp
		if next.DeletionTimestamp != nil && len(next.Finalizers) == 0 {
			delete(k.stored, key)
			next.DeepCopyInto(answer)
			return nil
		}
	}
	k.put(key, next, answer)
	return nil
}

// put stores a gateway as its newest version.
func (k *kube) put(key client.ObjectKey, next, answer *v1alpha1.PortkeyGateway) {
	k.version++
	next.ResourceVersion = strconv.Itoa(k.version)
	k.stored[key] = next
	if answer != nil {
		next.DeepCopyInto(answer)
	}
}

// printed is a gateway as it arrives: times without their fractions, and nothing that is empty.
func printed(gw *v1alpha1.PortkeyGateway) *v1alpha1.PortkeyGateway {
	text, err := json.Marshal(gw)
	must(err)
	out := &v1alpha1.PortkeyGateway{}
	must(json.Unmarshal(text, out))
	return out
}
