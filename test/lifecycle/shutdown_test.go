package lifecycle

import (
	"context"
	"fmt"
	"net/http"
	"testing"
	"time"

	ctrl "sigs.k8s.io/controller-runtime"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/hack/harness"
)

// TestAShutdownRecordsWhatTheWalkDid ends the manager's context in the middle of walks, at every few
// calls: what was made by then is in status, nothing was begun afterwards, and the next manager goes
// on from there.
func TestAShutdownRecordsWhatTheWalkDid(t *testing.T) {
	for i := range 15 {
		if !harness.Sample(i) {
			continue
		}
		at := 3 + 9*i
		t.Run(fmt.Sprintf("at call %d", at), func(t *testing.T) {
			h := harness.New()
			before := h.Emulator.Server.Resources(false)
			key := h.Create(h.Minimal("gw"))
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			calls, after := 0, 0
			h.Transport = func(r *http.Request) (*http.Response, error) {
				h.Lock()
				defer h.Unlock()
				if err := r.Context().Err(); err != nil {
					return nil, err
				}
				if ctx.Err() != nil {
					after++
				}
				if calls++; calls == at {
					cancel()
				}
				return h.Emulator.Server.Do(r)
			}
			for ctx.Err() == nil {
				res, err := h.Reconciler.Reconcile(ctx, ctrl.Request{NamespacedName: key})
				if err != nil && ctx.Err() == nil {
					t.Fatal(err)
				}
				h.Emulator.Server.Advance(res.RequeueAfter)
			}
			// Sixteen nodes are under way at most, and each may end its mutation.
			if after > 3*16 {
				t.Errorf("%d calls after the shutdown", after)
			}
			recorded := map[string]bool{}
			for _, r := range h.Get(key).Status.Resources {
				recorded[r.Node] = r.ID != ""
			}
			for _, r := range h.Emulator.Server.Resources(false) {
				if node := r.Tags["ecs.portkey.ai/node"]; node != "" && !recorded[node] && !managedByAWS(r) {
					t.Errorf("%s %s was made for %s and isn't recorded", r.Kind, r.ID, node)
				}
			}
			if got := h.Get(key); reason(got, v1alpha1.ConditionStalled) != "" {
				t.Errorf("the manager's own end is told as a failure:\n%s", harness.Story(got))
			}
			h.Transport = nil
			h.Restart()
			ready(t, h, key)
			h.Delete(key)
			gone(t, h, key, before)
		})
	}
}

// TestWhatHappensDuringAWalkIsNotAnsweredByIt: a walk that journals gets newer versions of the object
// back, but what it says in status is of the one that it began with.
func TestWhatHappensDuringAWalkIsNotAnsweredByIt(t *testing.T) {
	h := harness.New()
	key := h.Create(h.Minimal("gw"))
	done := false
	h.Transport = func(r *http.Request) (*http.Response, error) {
		h.Lock()
		defer h.Unlock()
		if !done && len(h.Get(key).Status.Resources) > 0 { // the first intent is journalled
			done = true
			h.Edit(key, func(gw *v1alpha1.PortkeyGateway) { gw.Spec.Tags = map[string]v1alpha1.TagValue{"team": "ai"} })
			annotate(t, h, key, "meanwhile")
		}
		return h.Emulator.Server.Do(r)
	}
	if _, err := h.Reconcile(key); err != nil {
		t.Fatal(err)
	}
	gw := h.Get(key)
	if !done {
		t.Fatal("nothing was journalled")
	}
	if gw.Status.LastHandledReconcileAt != "" || gw.Status.ObservedGeneration != 1 {
		t.Errorf("answered %q, observed generation %d of %d", gw.Status.LastHandledReconcileAt, gw.Status.ObservedGeneration, gw.Generation)
	}
	if _, err := h.Reconcile(key); err != nil {
		t.Fatal(err)
	}
	if gw = h.Get(key); gw.Status.LastHandledReconcileAt != "meanwhile" || gw.Status.ObservedGeneration != 2 {
		t.Errorf("answered %q, observed generation %d of %d\n%s", gw.Status.LastHandledReconcileAt, gw.Status.ObservedGeneration, gw.Generation, harness.Story(gw))
	}
	if err := h.Until(key, time.Hour, "Ready", harness.Ready); err != nil {
		t.Fatal(err)
	}
}
