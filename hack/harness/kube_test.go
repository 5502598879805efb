package harness

import (
	"bytes"
	"encoding/json"
	"testing"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
)

// TestKube tries what the harness' Kubernetes API has in common with a real one.
func TestKube(t *testing.T) {
	h := New()
	ctx := t.Context()
	gw := h.Minimal("gw")
	gw.Status.Version = "none"
	gw.Finalizers = []string{"a.example/b"}
	key := h.Create(gw)
	if got := h.Get(key); got.Status.Version != "" || got.ResourceVersion == "" || !got.CreationTimestamp.Time.Equal(Start) {
		t.Errorf("created: %+v", got)
	}
	if err := h.Kube.Create(ctx, h.Minimal("gw")); !apierrors.IsAlreadyExists(err) {
		t.Errorf("created twice: %v", err)
	}
	old := h.Get(key)
	h.Annotate(key, "a", "b")
	if old.Annotations["a"] != "" {
		t.Error("what was read changes with what is stored")
	}
	changed := old.DeepCopy()
	changed.Finalizers = nil
	for what, err := range map[string]error{
		"update":            h.Kube.Update(ctx, old.DeepCopy()),
		"update of status":  h.Kube.Status().Update(ctx, old.DeepCopy()),
		"patch with a lock": h.Kube.Patch(ctx, changed.DeepCopy(), client.MergeFromWithOptions(old, client.MergeFromWithOptimisticLock{})),
	} {
		if !apierrors.IsConflict(err) {
			t.Errorf("%s of an older version: %v", what, err)
		}
	}
	// A patch of status leaves the rest, and what others wrote meanwhile.
	next := old.DeepCopy()
	next.Status.Version, next.Spec.Region = "2.0", "eu-west-1"
	next.Status.LastSyncTime = &metav1.Time{Time: Start.Add(1500 * time.Millisecond)}
	if err := h.Kube.Status().Patch(ctx, next, client.MergeFrom(old)); err != nil {
		t.Fatal(err)
	}
	if got := h.Get(key); got.Status.Version != "2.0" || got.Spec.Region != "us-east-1" || got.Annotations["a"] != "b" || !got.Status.LastSyncTime.Time.Equal(Start.Add(time.Second)) || next.ResourceVersion != got.ResourceVersion {
		t.Errorf("patched: %+v", got)
	}
	// An update leaves status.
	next = h.Get(key)
	next.Status.Version, next.Labels = "3.0", map[string]string{"c": "d"}
	if err := h.Kube.Update(ctx, next); err != nil {
		t.Fatal(err)
	}
	if got := h.Get(key); got.Status.Version != "2.0" || got.Labels["c"] != "d" {
		t.Errorf("updated: %+v", got)
	}
	h.Delete(key)
	if got := h.Get(key); got == nil || got.DeletionTimestamp == nil {
		t.Fatalf("deleted with a finalizer: %+v", got)
	}
	base := h.Get(key)
	next = base.DeepCopy()
	next.Finalizers = nil
	if err := h.Kube.Patch(ctx, next, client.MergeFrom(base)); err != nil || h.Get(key) != nil {
		t.Errorf("without its finalizer: %v, %+v", err, h.Get(key))
	}
	for what, err := range map[string]error{"delete": h.Kube.Delete(ctx, base), "update": h.Kube.Update(ctx, base), "patch": h.Kube.Status().Patch(ctx, base, client.MergeFrom(old))} {
		if !apierrors.IsNotFound(err) {
			t.Errorf("%s of what is gone: %v", what, err)
		}
	}
}

// TestMergePatch makes one object of another by the patch between them.
func TestMergePatch(t *testing.T) {
	h := New()
	from := h.Sample("production")
	from.Status.Conditions = []metav1.Condition{{Type: "Ready"}, {Type: "Stalled", Message: "a"}}
	from.Status.Services = []v1alpha1.ServiceStatus{{Name: "gateway", Image: "a", Desired: 3}}
	from.Status.Rollout = &v1alpha1.RolloutStatus{ID: "1", Stage: "BakeTime", StartedAt: &metav1.Time{Time: Start}}
	from.Status.Outputs = &v1alpha1.Outputs{TaskRoleARNs: map[string]string{"a": "b", "c": "d"}}
	for name, change := range map[string]func(*v1alpha1.PortkeyGateway){
		"nothing":      func(*v1alpha1.PortkeyGateway) {},
		"whole status": func(gw *v1alpha1.PortkeyGateway) { gw.Status = v1alpha1.PortkeyGatewayStatus{} },
		"a block":      func(gw *v1alpha1.PortkeyGateway) { gw.Status.Rollout = nil },
		"in a block":   func(gw *v1alpha1.PortkeyGateway) { gw.Status.Rollout.Stage, gw.Status.Rollout.Reason = "", "b" },
		"in a map": func(gw *v1alpha1.PortkeyGateway) {
			gw.Status.Outputs.TaskRoleARNs = map[string]string{"a": "e", "f": "g"}
		},
		"a list": func(gw *v1alpha1.PortkeyGateway) { gw.Status.Conditions = gw.Status.Conditions[1:] },
		"metadata": func(gw *v1alpha1.PortkeyGateway) {
			gw.Annotations, gw.UID = map[string]string{"a": "b"}, types.UID("c")
		},
		"spec":          func(gw *v1alpha1.PortkeyGateway) { gw.Spec.LoadBalancer, gw.Spec.Region = nil, "a" },
		"a new pointer": func(gw *v1alpha1.PortkeyGateway) { gw.Status.Plan = &v1alpha1.Plan{Summary: "a"} },
	} {
		t.Run(name, func(t *testing.T) {
			to := printed(from)
			change(to)
			patch, err := client.MergeFrom(from).Data(to)
			if err != nil {
				t.Fatal(err)
			}
			got := printed(from)
			if err := mergePatch(got, patch); err != nil {
				t.Fatal(err)
			}
			a, _ := json.Marshal(got)
			b, _ := json.Marshal(to)
			if !bytes.Equal(a, b) {
				t.Errorf("%s\ngives %s\nwant  %s", patch, a, b)
			}
		})
	}
	if err := mergePatch(printed(from), []byte(`{"status":{"nothing":1}}`)); err == nil {
		t.Error("an unknown field is taken")
	}
}
