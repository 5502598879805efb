// Package lifecycle runs whole lives of gateways: the controller against the emulator on one virtual
// clock. What it checks is what a user can see: AWS, status and events.
package lifecycle

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
	"k8s.io/apimachinery/pkg/types"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/hack/harness"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// creation bounds how long the minimal deployment may take in virtual time when nothing is wrong.
const creation = 30 * time.Minute

// deployed returns a harness with one minimal gateway that is Ready.
func deployed(t *testing.T) (*harness.Harness, types.NamespacedName) {
	t.Helper()
	h := harness.New()
	key := h.Create(h.Minimal("gw"))
	ready(t, h, key)
	return h, key
}

func ready(t *testing.T, h *harness.Harness, key types.NamespacedName) {
	t.Helper()
	if err := h.Until(key, creation, "Ready", harness.Ready); err != nil {
		t.Fatal(err)
	}
}

// gone waits until the gateway is gone and proves that AWS is as it was.
func gone(t *testing.T, h *harness.Harness, key types.NamespacedName, before []core.Resource) {
	t.Helper()
	if err := h.Until(key, 2*time.Hour, "deletion", harness.Gone); err != nil {
		t.Fatal(err)
	}
	if left := difference(h.Emulator.Server.Resources(false), before); len(left) > 0 {
		t.Fatalf("%d objects are left:\n%s", len(left), strings.Join(left, "\n"))
	}
}

// difference lists what is in a and not in b.
func difference(a, b []core.Resource) []string {
	had := map[string]bool{}
	for _, r := range b {
		had[r.Kind+" "+r.ID] = true
	}
	var out []string
	for _, r := range a {
		if !had[r.Kind+" "+r.ID] {
			out = append(out, fmt.Sprintf("%s %s %s %s", r.Kind, r.ID, r.Name, r.State))
		}
	}
	return out
}

func mutations(calls []core.CallRecord) []string {
	var out []string
	for _, c := range calls {
		if !c.ReadOnly() {
			out = append(out, c.Service+":"+c.Action)
		}
	}
	return out
}

// mark answers a point in the call log; since lists the calls after it.
func mark(h *harness.Harness) int { return h.Emulator.Server.LastCall() }

func since(h *harness.Harness, mark int) []core.CallRecord { return h.Emulator.Server.Calls(mark) }

func TestAWholeLife(t *testing.T) {
	h := harness.New()
	before := h.Emulator.Server.Resources(false)
	gw := h.Minimal("gw")
	gw.Spec.Tags = map[string]v1alpha1.TagValue{"team": "ai"}
	key := h.Create(gw)
	ready(t, h, key)

	t.Run("every taggable object carries ownership and the user's tags", func(t *testing.T) {
		for _, r := range h.Emulator.Server.Resources(false) {
			if !r.Taggable || slices.ContainsFunc(before, func(b core.Resource) bool { return b.ID == r.ID }) || managedByAWS(r) {
				continue
			}
			if r.Tags["ecs.portkey.ai/owner"] != "PortkeyGateway/default/gw" || r.Tags["ecs.portkey.ai/cluster"] != "cluster-uid" || r.Tags["team"] != "ai" {
				t.Errorf("%s %s (%s): tags %v", r.Kind, r.ID, r.Name, r.Tags)
			}
		}
	})
	t.Run("the next ten syncs write nothing, and cost few calls", func(t *testing.T) {
		settle(t, h, key)
		for range 10 {
			m := mark(h)
			h.Emulator.Server.Advance(6 * time.Minute)
			if _, err := h.Reconcile(key); err != nil {
				t.Fatal(err)
			}
			calls := since(h, m)
			if got := mutations(calls); len(got) > 0 {
				t.Fatalf("mutations: %v", got)
			}
			if len(calls) > 30 || len(calls) == 0 {
				t.Fatalf("a sync takes %d calls:\n%s", len(calls), actions(calls))
			}
		}
	})
	t.Run("the plan is empty", func(t *testing.T) {
		h.Edit(key, func(gw *v1alpha1.PortkeyGateway) { gw.Spec.ManagementPolicy = v1alpha1.ManagementObserve })
		m := mark(h)
		if _, err := h.Reconcile(key); err != nil {
			t.Fatal(err)
		}
		gw := h.Get(key)
		if gw.Status.Plan == nil || gw.Status.Plan.Summary != "0 to create, 0 to change, 0 to delete" || len(mutations(since(h, m))) > 0 {
			t.Fatalf("plan: %+v", gw.Status.Plan)
		}
		h.Edit(key, func(gw *v1alpha1.PortkeyGateway) { gw.Spec.ManagementPolicy = v1alpha1.ManagementReconcile })
		ready(t, h, key)
	})
	t.Run("losing the whole status changes nothing in AWS", func(t *testing.T) {
		want := snapshot(h)
		loseStatus(t, h, key)
		m := mark(h)
		ready(t, h, key)
		if got := mutations(since(h, m)); len(got) > 0 {
			t.Fatalf("mutations: %v", got)
		}
		if got := snapshot(h); got != want {
			t.Fatalf("AWS changed:\n%s\nwant\n%s", got, want)
		}
	})
	t.Run("deletion leaves nothing", func(t *testing.T) {
		h.Delete(key)
		gone(t, h, key, before)
	})
}

// settle runs everything that AWS still does by itself, such as baking a deployment.
func settle(t *testing.T, h *harness.Harness, key types.NamespacedName) {
	t.Helper()
	for range 3 {
		h.Emulator.Server.Advance(6 * time.Minute)
		if _, err := h.Reconcile(key); err != nil {
			t.Fatal(err)
		}
	}
}

func loseStatus(t *testing.T, h *harness.Harness, key types.NamespacedName) {
	t.Helper()
	gw := h.Get(key)
	gw.Status = v1alpha1.PortkeyGatewayStatus{}
	if err := h.Kube.Status().Update(t.Context(), gw); err != nil {
		t.Fatal(err)
	}
	h.Restart()
}

// managedByAWS are objects that AWS makes and tags by itself.
func managedByAWS(r core.Resource) bool {
	return r.AWSManaged && r.Kind != "SecurityGroup" && r.Kind != "RouteTable" && r.Kind != "NetworkACL"
}

// snapshot prints what exists with its settings, without what AWS changes by itself.
func snapshot(h *harness.Harness) string {
	var out []string
	for _, r := range h.Emulator.Server.Resources(false) {
		if r.Kind == "Task" || r.Kind == "NetworkInterface" || r.Kind == "Instance" || r.Kind == "Volume" || r.Kind == "ContainerInstance" {
			continue
		}
		b, _ := json.Marshal(r)
		out = append(out, string(b))
	}
	slices.Sort(out)
	return strings.Join(out, "\n")
}

func actions(calls []core.CallRecord) string {
	n := map[string]int{}
	for _, c := range calls {
		n[c.Service+":"+c.Action]++
	}
	var out []string
	for a, k := range n {
		out = append(out, fmt.Sprintf("%3d %s", k, a))
	}
	slices.Sort(out)
	return strings.Join(out, "\n")
}
