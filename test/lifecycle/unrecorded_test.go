package lifecycle

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/types"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/hack/harness"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// unrecorded is a gateway whose manager died in its first walk, right after its first role was made: in somebody else's
// network nothing is journalled beforehand, so that its status knows of no object.
func unrecorded(t *testing.T) (h *harness.Harness, key types.NamespacedName, before []core.Resource) {
	t.Helper()
	h = harness.New()
	h.Emulator.SeedNetwork("us-east-1")
	before = h.Emulator.Server.Resources(false)
	gw := h.Minimal("gw")
	inSharedVPC(&gw.Spec)
	gw.Spec.Capacity = &v1alpha1.Capacity{Fargate: &v1alpha1.FargateCapacity{}}
	key = h.Create(gw)
	m := &mortal{}
	h.Reconciler.Client = m.kube(h.Kube)
	h.Transport = func(r *http.Request) (*http.Response, error) {
		h.Lock()
		defer h.Unlock()
		if m.dead {
			return nil, errDead
		}
		last := mark(h)
		answer, err := h.Emulator.Server.Do(r)
		for _, c := range since(h, last) {
			m.dead = m.dead || c.Action == "CreateRole"
		}
		return answer, err
	}
	_ = h.Step(key)
	h.Transport = nil
	h.Restart()
	st := h.Get(key).Status
	if left := difference(h.Emulator.Server.Resources(false), before); !m.dead || st.InventorySince == nil || len(st.Resources) > 0 || len(left) == 0 {
		t.Fatalf("dead: %t, begun at %v, %d objects are recorded, and there are %v", m.dead, st.InventorySince, len(st.Resources), left)
	}
	return h, key, before
}

// TestDeletedBeforeAnythingIsRecorded: an empty record is no proof that nothing was made. What forbids to delete in AWS
// holds such a gateway too, until it is lifted; who leaves everything is told how to find it.
func TestDeletedBeforeAnythingIsRecorded(t *testing.T) {
	harness.Unraced(t)
	for _, tt := range []struct {
		name   string
		forbid func(*harness.Harness, types.NamespacedName)
		permit func(*harness.Harness, types.NamespacedName)
	}{
		{"Paused", func(h *harness.Harness, key types.NamespacedName) {
			h.Edit(key, policy(v1alpha1.ManagementPaused))
		}, func(h *harness.Harness, key types.NamespacedName) { h.Edit(key, policy(v1alpha1.ManagementReconcile)) }},
		{"Observe", func(h *harness.Harness, key types.NamespacedName) {
			h.Edit(key, policy(v1alpha1.ManagementObserve))
		}, func(h *harness.Harness, key types.NamespacedName) { h.Edit(key, policy(v1alpha1.ManagementReconcile)) }},
		{"protected", func(h *harness.Harness, key types.NamespacedName) {
			h.Annotate(key, v1alpha1.AnnotationDeletionProtection, "true")
		}, func(h *harness.Harness, key types.NamespacedName) {
			h.Annotate(key, v1alpha1.AnnotationDeletionProtection, "")
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			h, key, before := unrecorded(t)
			tt.forbid(h, key)
			h.Delete(key)
			m := mark(h)
			passes(t, h, key, time.Hour)
			if gw := h.Get(key); gw == nil || reason(gw, v1alpha1.ConditionStalled) != v1alpha1.ReasonDeletionBlocked || len(mutations(since(h, m))) > 0 {
				t.Fatalf("it isn't held: wrote %v\n%s\n%v", mutations(since(h, m)), harness.Story(gw), h.Events.Events)
			}
			if tt.name != "protected" {
				says(t, h, key, "objects may be left in AWS, of which there is no record")
			}
			tt.permit(h, key)
			gone(t, h, key, before)
		})
	}
	for _, tt := range []struct {
		name string
		let  func(*harness.Harness, types.NamespacedName)
		want string
	}{
		{"retained", func(h *harness.Harness, key types.NamespacedName) {
			h.Edit(key, func(gw *v1alpha1.PortkeyGateway) { gw.Spec.DeletionPolicy = v1alpha1.DeletionRetain })
		}, "Normal Retained"},
		{"abandoned", func(h *harness.Harness, key types.NamespacedName) {
			h.Annotate(key, v1alpha1.AnnotationAbandon, "uid-gw")
		}, "Warning Abandoned"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			h, key, before := unrecorded(t)
			m, left := mark(h), len(difference(h.Emulator.Server.Resources(false), before))
			tt.let(h, key)
			h.Delete(key)
			if err := h.Step(key); err != nil || h.Get(key) != nil || len(since(h, m)) > 0 {
				t.Fatalf("%v, and %d calls\n%s", err, len(since(h, m)), harness.Story(h.Get(key)))
			}
			last := h.Events.Events[len(h.Events.Events)-1]
			for _, part := range []string{
				tt.want, "whatever was made stays, of which there is no record, in AWS account 123456789012, us-east-1",
				"Values=PortkeyGateway/default/gw; and besides, which that doesn't show: roles and Auto Scaling groups with -",
			} {
				if !strings.Contains(last, part) {
					t.Errorf("the last event lacks %q: %s", part, last)
				}
			}
			role, hash := "", ""
			for _, r := range h.Emulator.Server.Resources(false) {
				if r.Kind == "Role" && r.Tags["ecs.portkey.ai/owner"] != "" {
					role = r.Name
				}
			}
			if _, rest, ok := strings.Cut(last, "groups with "); ok {
				hash, _, _ = strings.Cut(rest, " ")
			}
			if hash == "" || !strings.Contains(role, hash) {
				t.Errorf("the role %q has no %q in its name", role, hash)
			}
			// The next one of its name takes up what is there, and deletes all of it.
			again := h.Minimal("gw")
			inSharedVPC(&again.Spec)
			again.Spec.Capacity, again.UID = &v1alpha1.Capacity{Fargate: &v1alpha1.FargateCapacity{}}, "uid-two"
			h.Create(again)
			if _, err := h.Reconcile(key); err != nil {
				t.Fatal(err)
			}
			ready(t, h, key)
			if now := len(difference(h.Emulator.Server.Resources(false), before)); now <= left {
				t.Errorf("%d objects, as before", now)
			}
			h.Delete(key)
			gone(t, h, key, before)
		})
	}
}
