package lifecycle

import (
	"slices"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/hack/harness"
)

// vanish takes a gateway out of Kubernetes without anybody seeing it, as the loss of etcd does.
func vanish(t *testing.T, h *harness.Harness, key types.NamespacedName) *v1alpha1.PortkeyGateway {
	t.Helper()
	gw := h.Get(key)
	lost := gw.DeepCopy()
	gw.Finalizers = nil
	if err := h.Kube.Update(t.Context(), gw); err != nil {
		t.Fatal(err)
	}
	h.Delete(key)
	h.Restart()
	return lost
}

// restore puts a gateway back as backup tools do: another UID, and of the rest what is kept.
func restore(t *testing.T, h *harness.Harness, lost *v1alpha1.PortkeyGateway, status bool) {
	t.Helper()
	gw := lost.DeepCopy()
	gw.ObjectMeta = metav1.ObjectMeta{Namespace: lost.Namespace, Name: lost.Name, UID: "uid-restored", Generation: 1, Annotations: lost.Annotations, Finalizers: lost.Finalizers}
	key := h.Create(gw)
	if !status {
		return
	}
	gw = h.Get(key)
	gw.Status = lost.Status
	if err := h.Kube.Status().Update(t.Context(), gw); err != nil {
		t.Fatal(err)
	}
}

// TestABackupIsRestored finds all that there is, whatever of the object the backup has kept.
func TestABackupIsRestored(t *testing.T) {
	for name, keep := range map[string]struct{ status, finalizer, pin bool }{
		"the spec alone":             {},
		"all but status":             {finalizer: true, pin: true},
		"everything":                 {status: true, finalizer: true, pin: true},
		"the finalizer, not the pin": {finalizer: true},
		"the pin, not the finalizer": {pin: true},
		"status without finalizer":   {status: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := harness.New()
			before := h.Emulator.Server.Resources(false)
			key := h.Create(h.Minimal("gw"))
			ready(t, h, key)
			settle(t, h, key)
			tasks, want := ids(h, "Task"), strings.ReplaceAll(snapshot(h), "uid-gw", "uid-restored")
			lost := vanish(t, h, key)
			if !keep.finalizer {
				lost.Finalizers = nil
			}
			if !keep.pin {
				lost.Annotations = nil
			}
			h.Emulator.Server.Advance(time.Hour)
			m := mark(h)
			restore(t, h, lost, keep.status)
			ready(t, h, key)
			settle(t, h, key)
			for _, a := range mutations(since(h, m)) {
				if !strings.Contains(a, "Tag") {
					t.Errorf("%s", a)
				}
			}
			if got := snapshot(h); got != want || ids(h, "Task") != tasks {
				t.Errorf("not as it was but for the UID:\n%s", diffLines(got, want))
			}
			h.Delete(key)
			gone(t, h, key, before)
		})
	}
}

// TestAnotherCluster: a gateway of the same name in another cluster lives beside the first, and neither touches the
// other. A cluster that is to have the objects of one that was lost is called like it, by --cluster-name.
func TestAnotherCluster(t *testing.T) {
	h := harness.New()
	before := h.Emulator.Server.Resources(false)
	key := h.Create(h.Minimal("gw"))
	ready(t, h, key)
	settle(t, h, key)
	first := h.Emulator.Server.Resources(false)
	lasting := slices.DeleteFunc(slices.Clone(first), transient)
	vanish(t, h, key)

	h.Reconciler.Cluster = "another-uid"
	h.Create(h.Minimal("gw"))
	ready(t, h, key)
	s := &site{newConsole(h), h, key}
	untouched(t, s, lasting)
	h.Delete(key)
	if err := h.Until(key, 2*time.Hour, "deletion", harness.Gone); err != nil {
		t.Fatal(err)
	}
	untouched(t, s, lasting)
	if left := difference(h.Emulator.Server.Resources(false), first); len(left) > 0 {
		t.Errorf("left of the second: %v", left)
	}

	h.Restart() // with the first cluster's name
	m := mark(h)
	h.Create(h.Minimal("gw"))
	ready(t, h, key)
	if got := mutations(since(h, m)); len(got) > 0 {
		t.Errorf("taking its own up again, it made %v", got)
	}
	h.Delete(key)
	gone(t, h, key, before)
}

// TestRetainedAndChanged: what was retained is taken up with another spec, and served on while that is rolled out.
func TestRetainedAndChanged(t *testing.T) {
	h, key := behind(t, v1alpha1.LoadBalancerApplication, v1alpha1.RolloutRolling)
	h.Edit(key, func(gw *v1alpha1.PortkeyGateway) { gw.Spec.DeletionPolicy = v1alpha1.DeletionRetain })
	settle(t, h, key)
	p := watchProduction(h, key)
	spec, vpcs := h.Get(key).Spec, ids(h, "VPC")
	h.Delete(key)
	if err := h.Step(key); err != nil || h.Get(key) != nil {
		t.Fatalf("%v\n%s", err, harness.Story(h.Get(key)))
	}
	if last := h.Events.Events[len(h.Events.Events)-1]; !strings.HasPrefix(last, "Normal Retained") || !strings.Contains(last, "takes them up again") {
		t.Errorf("the last event is %s", last)
	}
	h.Emulator.Server.Advance(24 * time.Hour)
	m := mark(h)
	again := h.Minimal("gw")
	again.UID, again.Spec = "uid-two", *spec.DeepCopy()
	tagged("2.17.0")(again)
	h.Create(again)
	settled(t, h, key)
	for _, c := range since(h, m) {
		if strings.HasPrefix(c.Action, "Create") && !strings.Contains(c.Action, "Tags") || strings.HasPrefix(c.Action, "Delete") {
			t.Errorf("%s %s", c.Service, c.Action)
		}
	}
	if v := h.Get(key).Status.Version; v != "2.17.0" || ids(h, "VPC") != vpcs {
		t.Errorf("%s runs, in %s", v, ids(h, "VPC"))
	}
	for _, b := range p.broke {
		t.Errorf("clients weren't served: %s", b)
	}
}
