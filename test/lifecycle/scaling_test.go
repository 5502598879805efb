package lifecycle

import (
	"slices"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/ptr"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/hack/harness"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// tasksOf is the desired count of a service, as AWS has it.
func tasksOf(h *harness.Harness, key types.NamespacedName, service string) int {
	gw := h.Get(key)
	n, _ := h.Emulator.ECS.Scalable(core.Scope{Account: emulator.Account, Region: "us-east-1"}, nameOf(gw, "cluster/main"), nameOf(gw, "service/"+service))
	return n.Desired
}

func nameOf(gw *v1alpha1.PortkeyGateway, node string) string {
	for _, r := range gw.Status.Resources {
		if r.Node == node {
			return r.Name
		}
	}
	return ""
}

// busy gives a service's tasks something to do together, in percent of the CPU of one.
func busy(t *testing.T, h *harness.Harness, key types.NamespacedName, service string, cpu float64) {
	t.Helper()
	gw := h.Get(key)
	resource := "service/" + nameOf(gw, "cluster/main") + "/" + nameOf(gw, "service/"+service)
	if err := h.Emulator.SetLoad(core.Scope{Account: emulator.Account, Region: "us-east-1"}, resource, "ECSServiceAverageCPUUtilization", cpu); err != nil {
		t.Fatal(err)
	}
}

func scalingKinds(h *harness.Harness) (out []string) {
	for _, r := range h.Emulator.Made(false) {
		if r.Service == "application-autoscaling" {
			out = append(out, r.Kind+" "+r.Name)
		}
	}
	return out
}

// Turning autoscaling on keeps the tasks that run, AWS scales, the operator doesn't fight it; turning it off
// keeps the tasks too, until replicas says how many.
func TestAutoscaling(t *testing.T) {
	t.Parallel()
	h, key := begun(t, func(_ *harness.Harness, s *spec) { s.Gateway = &v1alpha1.Gateway{Replicas: ptr.To[int32](2)} })
	edit := func(change func(*v1alpha1.Gateway)) []string {
		t.Helper()
		m := mark(h)
		h.Edit(key, func(gw *v1alpha1.PortkeyGateway) { change(gw.Spec.Gateway) })
		ready(t, h, key)
		return mutations(since(h, m))
	}
	want := func(n int, why string) {
		t.Helper()
		if got := tasksOf(h, key, "gateway"); got != n {
			t.Fatalf("%s: %d tasks, want %d", why, got, n)
		}
	}
	for _, c := range since(h, 0) {
		if c.Service == "application-autoscaling" {
			t.Fatalf("a gateway that doesn't scale calls %s", c.Action)
		}
	}

	got := edit(func(g *v1alpha1.Gateway) {
		g.Autoscaling = &v1alpha1.Autoscaling{MinReplicas: 1, MaxReplicas: 4, TargetCPUPercent: ptr.To[int32](70), TargetMemoryPercent: ptr.To[int32](80)}
	})
	if want := []string{"PutScalingPolicy", "PutScalingPolicy", "RegisterScalableTarget"}; !sameActions(got, want) {
		t.Errorf("turning it on calls %v, want %v", got, want)
	}
	want(2, "turning it on keeps what runs")

	busy(t, h, key, "gateway", 270)
	m := mark(h)
	h.AdvanceTo(h.Clock.Now().Add(30 * time.Minute))
	if _, err := h.Reconcile(key); err != nil {
		t.Fatal(err)
	}
	quiet(t, h, key)
	want(4, "AWS scales out")
	if got := mutations(since(h, m)); len(got) > 0 {
		t.Errorf("the operator fights it: %v", got)
	}

	got = edit(func(g *v1alpha1.Gateway) { g.Autoscaling.MaxReplicas, g.Autoscaling.TargetMemoryPercent = 5, nil })
	if want := []string{"DeleteScalingPolicy", "RegisterScalableTarget"}; !sameActions(got, want) {
		t.Errorf("another maximum and one policy less calls %v, want %v", got, want)
	}

	busy(t, h, key, "gateway", -1)
	got = edit(func(g *v1alpha1.Gateway) { g.Autoscaling, g.Replicas = nil, nil })
	if want := []string{"DeregisterScalableTarget"}; !sameActions(got, want) {
		t.Errorf("turning it off calls %v, want %v", got, want)
	}
	want(4, "turning it off keeps what runs")
	quiet(t, h, key)
	if left := scalingKinds(h); len(left) > 0 {
		t.Errorf("left: %v", left)
	}

	edit(func(g *v1alpha1.Gateway) { g.Replicas = ptr.To[int32](3) })
	want(3, "replicas given, the count follows")

	// In one edit: AWS lets go before the count is set.
	edit(func(g *v1alpha1.Gateway) {
		g.Autoscaling = &v1alpha1.Autoscaling{MinReplicas: 1, MaxReplicas: 4, TargetCPUPercent: ptr.To[int32](70)}
	})
	m = mark(h)
	h.Edit(key, func(gw *v1alpha1.PortkeyGateway) {
		gw.Spec.Gateway.Autoscaling, gw.Spec.Gateway.Replicas = nil, ptr.To[int32](2)
	})
	ready(t, h, key)
	want(2, "back to replicas")
	if got := ordered(since(h, m), "DeregisterScalableTarget", "UpdateService"); got != "DeregisterScalableTarget UpdateService" {
		t.Errorf("called %s", got)
	}
	h.Delete(key)
	if err := h.Until(key, 2*time.Hour, "deletion", harness.Gone); err != nil {
		t.Fatal(err)
	}
	if left := h.Emulator.Made(false); len(left) > 0 {
		t.Errorf("%d objects are left, as %s %s", len(left), left[0].Kind, left[0].Name)
	}
}

// sameActions compares what was called, in any order.
func sameActions(got, want []string) bool {
	var actions []string
	for _, g := range got {
		actions = append(actions, g[strings.LastIndexByte(g, ':')+1:])
	}
	slices.Sort(actions)
	slices.Sort(want)
	return slices.Equal(actions, want)
}

// ordered lists those calls of the named actions, in their order.
func ordered(calls []core.CallRecord, actions ...string) string {
	var out []string
	for _, c := range calls {
		if slices.Contains(actions, c.Action) {
			out = append(out, c.Action)
		}
	}
	return strings.Join(out, " ")
}
