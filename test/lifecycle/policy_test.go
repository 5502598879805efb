package lifecycle

import (
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/hack/harness"
)

func policy(p v1alpha1.ManagementPolicy) func(*v1alpha1.PortkeyGateway) {
	return func(gw *v1alpha1.PortkeyGateway) { gw.Spec.ManagementPolicy = p }
}

func TestObservingWritesNothingAnywhere(t *testing.T) {
	h := harness.New()
	gw := h.Minimal("gw")
	policy(v1alpha1.ManagementObserve)(gw)
	key := h.Create(gw)
	m := mark(h)
	var waits []time.Duration
	for range 3 {
		res, err := h.Reconcile(key)
		if err != nil {
			t.Fatal(err)
		}
		waits = append(waits, res.RequeueAfter)
		h.Emulator.Server.Advance(res.RequeueAfter)
	}
	got := h.Get(key)
	if len(mutations(since(h, m))) > 0 {
		t.Fatalf("mutations: %v", mutations(since(h, m)))
	}
	if len(got.Finalizers) > 0 || len(got.Annotations) > 0 || len(got.Status.Resources) > 0 {
		t.Fatalf("finalizers %v, annotations %v, %d resources: it owns nothing", got.Finalizers, got.Annotations, len(got.Status.Resources))
	}
	if got.Status.Plan == nil || len(got.Status.Plan.Changes) < 40 || !strings.HasSuffix(got.Status.Plan.Summary, "to create, 0 to change, 0 to delete") {
		t.Fatalf("plan: %+v", got.Status.Plan)
	}
	for _, w := range waits {
		if w < time.Minute {
			t.Fatalf("the same plan is made again after %v", waits)
		}
	}
	h.Delete(key)
	if _, err := h.Reconcile(key); err != nil || h.Get(key) != nil {
		t.Fatalf("deletion of what owns nothing: %v, %v", err, h.Get(key))
	}
}

func TestPausedCallsNobody(t *testing.T) {
	h := harness.New()
	gw := h.Minimal("gw")
	policy(v1alpha1.ManagementPaused)(gw)
	key := h.Create(gw)
	m := mark(h)
	if _, err := h.Reconcile(key); err != nil {
		t.Fatal(err)
	}
	if got := h.Get(key); len(since(h, m)) > 0 || len(got.Finalizers) > 0 || reason(got, v1alpha1.ConditionReady) != v1alpha1.ReasonPaused {
		t.Fatalf("%d calls, finalizers %v\n%s", len(since(h, m)), got.Finalizers, harness.Story(got))
	}
	h.Edit(key, policy(v1alpha1.ManagementReconcile))
	ready(t, h, key)
	settle(t, h, key)
	h.Edit(key, policy(v1alpha1.ManagementPaused))
	m = mark(h)
	for range 3 {
		if err := h.Step(key); err != nil {
			t.Fatal(err)
		}
	}
	if calls := since(h, m); len(calls) > 0 {
		t.Fatalf("paused, and yet:\n%s", actions(calls))
	}
}

// TestDeletionUnderAPolicyThatForbidsWrites waits, saying so, and goes on when it may.
func TestDeletionUnderAPolicyThatForbidsWrites(t *testing.T) {
	for _, tt := range []struct {
		policy v1alpha1.ManagementPolicy
		then   func(*v1alpha1.PortkeyGateway)
		left   bool
	}{
		{v1alpha1.ManagementPaused, policy(v1alpha1.ManagementReconcile), false},
		{v1alpha1.ManagementObserve, policy(v1alpha1.ManagementReconcile), false},
		{v1alpha1.ManagementPaused, func(gw *v1alpha1.PortkeyGateway) { gw.Spec.DeletionPolicy = v1alpha1.DeletionRetain }, true},
	} {
		h := harness.New()
		before := h.Emulator.Server.Resources(false)
		key := h.Create(h.Minimal("gw"))
		ready(t, h, key)
		h.Edit(key, policy(tt.policy))
		h.Delete(key)
		m, told := mark(h), len(h.Events.Events)
		for range 3 {
			if err := h.Step(key); err != nil {
				t.Fatal(err)
			}
		}
		gw := h.Get(key)
		if gw == nil || reason(gw, v1alpha1.ConditionStalled) != v1alpha1.ReasonDeletionBlocked || len(since(h, m)) > 0 {
			t.Fatalf("%s: %d calls\n%s", tt.policy, len(since(h, m)), harness.Story(gw))
		}
		if n := len(h.Events.Events) - told; n != 1 {
			t.Fatalf("%s: told %d times: %v", tt.policy, n, h.Events.Events[told:])
		}
		h.Edit(key, tt.then)
		if tt.left {
			m := mark(h)
			if err := h.Step(key); err != nil || h.Get(key) != nil || len(mutations(since(h, m))) > 0 {
				t.Fatalf("retained: %v, %v, mutations %v", err, h.Get(key), mutations(since(h, m)))
			}
			continue
		}
		gone(t, h, key, before)
	}
}

// TestRetainedObjectsAreTakenUpAgain: a resource of the same name finds everything, and all that it
// writes is its own UID into the tag that tells people which object is meant.
func TestRetainedObjectsAreTakenUpAgain(t *testing.T) {
	h := harness.New()
	before := h.Emulator.Server.Resources(false)
	gw := h.Minimal("gw")
	gw.Spec.DeletionPolicy = v1alpha1.DeletionRetain
	key := h.Create(gw)
	ready(t, h, key)
	settle(t, h, key)
	tasks := ids(h, "Task")

	h.Delete(key)
	m := mark(h)
	if err := h.Step(key); err != nil || h.Get(key) != nil {
		t.Fatalf("%v\n%s", err, harness.Story(h.Get(key)))
	}
	if calls := since(h, m); len(calls) > 0 {
		t.Fatalf("retaining calls AWS:\n%s", actions(calls))
	}
	want := strings.ReplaceAll(snapshot(h), "uid-gw", "uid-two")

	again := h.Minimal("gw")
	again.UID = types.UID("uid-two")
	h.Create(again)
	ready(t, h, key)
	settle(t, h, key)
	for _, a := range mutations(since(h, m)) {
		if !strings.Contains(a, "Tag") {
			t.Errorf("%s", a)
		}
	}
	if got := snapshot(h); got != want {
		t.Errorf("not as it was but for the UID:\n%s", diffLines(got, want))
	}
	if got := ids(h, "Task"); got != tasks {
		t.Errorf("tasks were replaced: %s, before %s", got, tasks)
	}
	h.Delete(key)
	gone(t, h, key, before)
}

func diffLines(got, want string) string {
	var out []string
	lines := map[string]bool{}
	for _, l := range strings.Split(want, "\n") {
		lines[l] = true
	}
	for _, l := range strings.Split(got, "\n") {
		if !lines[l] {
			out = append(out, "got  "+l)
		}
		delete(lines, l)
	}
	for l := range lines {
		out = append(out, "want "+l)
	}
	return strings.Join(out, "\n")
}

func ids(h *harness.Harness, kind string) string {
	var out []string
	for _, r := range h.Emulator.Server.Resources(false) {
		if r.Kind == kind {
			out = append(out, r.ID)
		}
	}
	return strings.Join(out, " ")
}

// reason is a condition's reason, empty when the condition is absent.
func reason(gw *v1alpha1.PortkeyGateway, kind string) string {
	if c := meta.FindStatusCondition(gw.Status.Conditions, kind); c != nil {
		return c.Reason
	}
	return ""
}

func status(gw *v1alpha1.PortkeyGateway, kind string) metav1.ConditionStatus {
	if c := meta.FindStatusCondition(gw.Status.Conditions, kind); c != nil {
		return c.Status
	}
	return ""
}
