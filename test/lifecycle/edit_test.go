package lifecycle

import (
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/types"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/hack/harness"
)

// TestEdits makes every edit of a deployment that is Ready. Clients are served throughout, exactly what
// the edit needs is called, and afterwards AWS is as if it had been made like that.
func TestEdits(t *testing.T) {
	for i, a := range amendments {
		if !harness.Sample(i) {
			continue
		}
		t.Run(a.name, func(t *testing.T) {
			t.Parallel()
			h, key := begun(t, a.from)
			if a.unbalanced || a.from != nil && h.Get(key).Spec.LoadBalancer == nil {
				a.unbalanced = true
			}
			s := watch(h, key)
			s.balanced, s.cached = !a.unbalanced, !a.uncached
			m := mark(h)
			h.Edit(key, func(gw *v1alpha1.PortkeyGateway) { a.to(h, &gw.Spec) })
			ready(t, h, key)
			h.AdvanceTo(h.Clock.Now().Add(20 * time.Minute)) // instances and targets still come and go
			if _, err := h.Reconcile(key); err != nil {
				t.Fatal(err)
			}
			s.stop()
			for _, b := range s.broke {
				t.Errorf("clients weren't served at %s", b)
			}
			if d := differs(counted(applied(since(h, m))), a.calls); len(d) > 0 {
				t.Errorf("calls made and wanted differ: %v", d)
			}
			quiet(t, h, key)
			unplanned(t, h, key)
			if a.history == "" {
				likeNew(t, a, h)
			}
		})
	}
}

// begun is a deployment as it is before an edit, when AWS has come to rest.
func begun(t *testing.T, from func(*harness.Harness, *spec)) (*harness.Harness, types.NamespacedName) {
	t.Helper()
	h := harness.New()
	gw := h.Minimal("gw")
	if from != nil {
		from(h, &gw.Spec)
	}
	key := h.Create(gw)
	ready(t, h, key)
	settle(t, h, key)
	return h, key
}

// quiet proves that further syncs change nothing.
func quiet(t *testing.T, h *harness.Harness, key types.NamespacedName) {
	t.Helper()
	for range 3 {
		m := mark(h)
		h.Emulator.Server.Advance(6 * time.Minute)
		if _, err := h.Reconcile(key); err != nil {
			t.Fatal(err)
		}
		if got := mutations(since(h, m)); len(got) > 0 {
			t.Fatalf("a sync without an edit changes AWS: %v", got)
		}
		if gw := h.Get(key); !harness.Ready(gw) {
			t.Fatalf("no longer Ready:\n%s", harness.Story(gw))
		}
	}
}

// unplanned proves that there is nothing left to do.
func unplanned(t *testing.T, h *harness.Harness, key types.NamespacedName) {
	t.Helper()
	policy := h.Get(key).Spec.ManagementPolicy
	h.Edit(key, func(gw *v1alpha1.PortkeyGateway) { gw.Spec.ManagementPolicy = v1alpha1.ManagementObserve })
	if _, err := h.Reconcile(key); err != nil {
		t.Fatal(err)
	}
	if p := h.Get(key).Status.Plan; p == nil || p.Summary != "0 to create, 0 to change, 0 to delete" {
		t.Fatalf("plan: %+v\n%s", p, harness.Story(h.Get(key)))
	}
	h.Edit(key, func(gw *v1alpha1.PortkeyGateway) { gw.Spec.ManagementPolicy = policy })
	ready(t, h, key)
}

// likeNew compares AWS after an edit with a deployment that was made from the edited spec.
func likeNew(t *testing.T, a amendment, h *harness.Harness) {
	t.Helper()
	other := harness.New()
	fresh := other.Minimal("gw")
	if a.from != nil {
		a.from(other, &fresh.Spec)
	}
	a.to(other, &fresh.Spec)
	equalToNew(t, h, other, fresh)
}

// equalToNew makes a deployment in another world and compares what is then in both.
func equalToNew(t *testing.T, h, other *harness.Harness, fresh *v1alpha1.PortkeyGateway) {
	t.Helper()
	policy := fresh.Spec.ManagementPolicy
	fresh.Spec.ManagementPolicy = v1alpha1.ManagementReconcile
	key := other.Create(fresh)
	ready(t, other, key)
	settle(t, other, key)
	other.Edit(key, func(gw *v1alpha1.PortkeyGateway) { gw.Spec.ManagementPolicy = policy })
	made, edited := other.AtRest(), h.AtRest()
	for _, line := range harness.Missing(made, edited) {
		t.Errorf("had it been made like that, there would be\n%s", line)
	}
	for _, line := range harness.Missing(edited, made) {
		if !strings.Contains(line, `"kind":"TaskDefinition"`) { // earlier revisions are kept, to go back to
			t.Errorf("had it been made like that, there wouldn't be\n%s", line)
		}
	}
}

// TestProtectedLoadBalancerRemoved takes a load balancer out of the spec that is protected against that:
// AWS keeps it, status says so, and lifting the protection lets it go.
func TestProtectedLoadBalancerRemoved(t *testing.T) {
	harness.Unraced(t)
	h, key := begun(t, balancer(v1alpha1.LoadBalancer{DeletionProtection: true}))
	s := watch(h, key)
	s.balanced = false
	h.Edit(key, func(gw *v1alpha1.PortkeyGateway) { gw.Spec.LoadBalancer = nil })
	err := h.Until(key, verdict, "DeletionBlocked", func(gw *v1alpha1.PortkeyGateway) bool {
		c := meta.FindStatusCondition(gw.Status.Conditions, v1alpha1.ConditionStalled)
		return c != nil && c.Reason == v1alpha1.ReasonDeletionBlocked && strings.Contains(c.Message, "load-balancer/network-internal") && strings.Contains(c.Message, "deletion protection")
	})
	if err != nil {
		t.Fatal(err)
	}
	h.Edit(key, func(gw *v1alpha1.PortkeyGateway) { gw.Spec.LoadBalancer = &v1alpha1.LoadBalancer{} })
	ready(t, h, key)
	h.Edit(key, func(gw *v1alpha1.PortkeyGateway) { gw.Spec.LoadBalancer = nil })
	ready(t, h, key)
	s.stop()
	for _, b := range s.broke {
		t.Errorf("clients weren't served at %s", b)
	}
	quiet(t, h, key)
}

// TestSyncIntervalCountsAtOnce shortens the interval: the next look isn't the one that the long interval
// had set.
func TestSyncIntervalCountsAtOnce(t *testing.T) {
	harness.Unraced(t)
	h, key := begun(t, set(func(s *spec) { s.SyncInterval = seconds(24 * 60 * 60) }))
	h.Edit(key, func(gw *v1alpha1.PortkeyGateway) { gw.Spec.SyncInterval = seconds(60) })
	m := mark(h)
	res, err := h.Reconcile(key)
	if err != nil {
		t.Fatal(err)
	}
	if res.RequeueAfter > 2*time.Minute || len(since(h, m)) < 10 {
		t.Errorf("the next look is in %s, after one of %d calls", res.RequeueAfter, len(since(h, m)))
	}
}
