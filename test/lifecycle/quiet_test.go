package lifecycle

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/controllers"
	"github.com/portkey-ai/portkey-ecs-operator/hack/harness"
)

// writes collects what the controller writes to Kubernetes.
func writes(h *harness.Harness) *[]string {
	var out []string
	keep := func(obj client.Object, p client.Patch) {
		data, err := p.Data(obj)
		if err != nil {
			panic(err)
		}
		out = append(out, string(data))
	}
	h.Reconciler.Client = interceptor.NewClient(h.Kube, interceptor.Funcs{
		Patch: func(ctx context.Context, c client.WithWatch, obj client.Object, p client.Patch, opts ...client.PatchOption) error {
			keep(obj, p)
			return c.Patch(ctx, obj, p, opts...)
		},
		SubResourcePatch: func(ctx context.Context, c client.Client, sub string, obj client.Object, p client.Patch, opts ...client.SubResourcePatchOption) error {
			keep(obj, p)
			return c.SubResource(sub).Patch(ctx, obj, p, opts...)
		},
	})
	return &out
}

func TestSyncsThatChangeNothingWriteNothing(t *testing.T) {
	harness.Unraced(t)
	h, key := deployed(t)
	settle(t, h, key)
	h.Emulator.Server.Advance(time.Hour) // until status.lastSyncTime is due
	if err := h.Step(key); err != nil {
		t.Fatal(err)
	}
	written := writes(h)
	h.Events.Events = nil
	const syncs = 10
	start := h.Clock.Now()
	for range syncs {
		if err := h.Step(key); err != nil {
			t.Fatal(err)
		}
	}
	if took := h.Clock.Now().Sub(start); took < 40*time.Minute {
		t.Fatalf("ten syncs in %s", took)
	}
	if len(*written) > 0 || len(h.Events.Events) > 0 {
		t.Fatalf("written: %v\nevents: %v", *written, h.Events.Events)
	}
	for range 15 {
		if err := h.Step(key); err != nil {
			t.Fatal(err)
		}
	}
	if len(*written) == 0 || len(*written) > 2 || slices.ContainsFunc(*written, func(w string) bool {
		return !strings.HasPrefix(w, `{"status":{"lastSyncTime":"`) || len(w) > 60
	}) {
		t.Fatalf("in more than an hour, want the time of the last sync once and nothing else: %v", *written)
	}
}

// TestAStoryIsToldOnce bounds the events of a whole life: a person reads them all.
func TestAStoryIsToldOnce(t *testing.T) {
	h, key := deployed(t)
	settle(t, h, key)
	seen := map[string]bool{}
	for _, e := range h.Events.Events {
		if seen[e] {
			t.Errorf("told twice: %s", e)
		}
		seen[e] = true
	}
	if n := len(h.Events.Events); n > 30 {
		t.Errorf("%d events for a creation:\n%s", n, strings.Join(h.Events.Events, "\n"))
	}
	h.Events.Events = nil
	h.Delete(key)
	if err := h.Until(key, time.Hour, "deletion", harness.Gone); err != nil {
		t.Fatal(err)
	}
	if n := len(h.Events.Events); n > 25 {
		t.Errorf("%d events for a deletion:\n%s", n, strings.Join(h.Events.Events, "\n"))
	}
}

// TestStatusIsBoundedAndTellsNoSecrets: etcd keeps the whole object for every write of it, and status
// and events are read by more people than the spec.
func TestStatusIsBoundedAndTellsNoSecrets(t *testing.T) {
	const secret = "hunter2-is-no-password"
	h := harness.New()
	gw := h.Minimal("gw")
	gw.Spec.Gateway = &v1alpha1.Gateway{Env: map[string]v1alpha1.EnvValue{"OPENAI_API_KEY": secret}}
	key := h.Create(gw)
	biggest := 0
	check := func(gw *v1alpha1.PortkeyGateway) {
		if gw == nil {
			return
		}
		b, err := json.Marshal(gw.Status)
		if err != nil {
			t.Fatal(err)
		}
		biggest = max(biggest, len(b))
		if strings.Contains(string(b), secret) {
			t.Fatalf("status tells a secret: %s", b)
		}
	}
	if err := h.Until(key, creation, "Ready", func(gw *v1alpha1.PortkeyGateway) bool { check(gw); return harness.Ready(gw) }); err != nil {
		t.Fatal(err)
	}
	h.Edit(key, func(gw *v1alpha1.PortkeyGateway) {
		gw.Spec.ManagementPolicy = v1alpha1.ManagementObserve
		gw.Spec.Gateway.Env["OPENAI_API_KEY"] = secret + "-and-another"
	})
	if err := h.Step(key); err != nil {
		t.Fatal(err)
	}
	check(h.Get(key))
	h.Edit(key, func(gw *v1alpha1.PortkeyGateway) { gw.Spec.ManagementPolicy = v1alpha1.ManagementReconcile })
	ready(t, h, key)
	h.Delete(key)
	if err := h.Until(key, time.Hour, "deletion", func(gw *v1alpha1.PortkeyGateway) bool { check(gw); return harness.Gone(gw) }); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(strings.Join(h.Events.Events, "\n"), secret) {
		t.Fatal("events tell a secret")
	}
	if biggest > 64<<10 {
		t.Fatalf("status takes %d bytes", biggest)
	}
}

func annotate(t *testing.T, h *harness.Harness, key types.NamespacedName, value string) {
	t.Helper()
	h.Annotate(key, controllers.AnnotationRequestedAt, value)
}

func TestARequestIsAnsweredOnce(t *testing.T) {
	h, key := deployed(t)
	settle(t, h, key)
	for _, value := range []string{"2026-01-05T10:00:00Z", "again"} {
		annotate(t, h, key, value)
		m := mark(h)
		if _, err := h.Reconcile(key); err != nil {
			t.Fatal(err)
		}
		if got := len(since(h, m)); got == 0 || h.Get(key).Status.LastHandledReconcileAt != value {
			t.Fatalf("request %s: %d calls, answered %q", value, got, h.Get(key).Status.LastHandledReconcileAt)
		}
		m = mark(h)
		if _, err := h.Reconcile(key); err != nil {
			t.Fatal(err)
		}
		if got := actions(since(h, m)); got != "" {
			t.Fatalf("request %s is answered twice:\n%s", value, got)
		}
	}
}

func TestDriftIsLookedForAtTheInterval(t *testing.T) {
	harness.Unraced(t)
	for _, interval := range []time.Duration{time.Minute, 10 * time.Minute, 24 * time.Hour} {
		offsets := map[time.Duration]bool{}
		for _, name := range []string{"one", "two", "three"} {
			h := harness.New()
			gw := h.Minimal(name)
			gw.Spec.SyncInterval = &metav1.Duration{Duration: interval}
			key := h.Create(gw)
			ready(t, h, key)
			settle(t, h, key)
			annotate(t, h, key, "now")
			res, err := h.Reconcile(key)
			if err != nil || res.RequeueAfter < interval || res.RequeueAfter > interval+interval/10 {
				t.Fatalf("looks again after %s, %v; want %s to a tenth more", res.RequeueAfter, err, interval)
			}
			offsets[res.RequeueAfter] = true
		}
		if len(offsets) < 2 {
			t.Errorf("every gateway of a fleet asks after exactly %v", offsets)
		}
	}
}
