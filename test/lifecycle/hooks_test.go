package lifecycle

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/hack/harness"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/ecs"
)

// alarm says in which state an alarm of the user's is.
func alarm(h *harness.Harness, name, state string) {
	h.Emulator.World.Lock()
	defer h.Emulator.World.Unlock()
	h.Emulator.ECS.SetAlarm(core.Scope{Account: emulator.Account, Region: "us-east-1"}, name, state)
}

// answer says what a function of the user's answers to hooks from now on.
func answer(h *harness.Harness, function string, status ...string) {
	h.Emulator.World.Lock()
	defer h.Emulator.World.Unlock()
	var answers []ecs.HookAnswer
	for _, s := range status {
		answers = append(answers, ecs.HookAnswer{Status: s})
	}
	h.Emulator.ECS.AnswerHooks(functionARN(function), answers...)
}

// asked are the functions that were called, one after the other.
func asked(h *harness.Harness) []string {
	h.Emulator.World.Lock()
	defer h.Emulator.World.Unlock()
	var out []string
	for _, c := range h.Emulator.ECS.HookCalls() {
		out = append(out, c.Function[strings.LastIndexByte(c.Function, ':')+1:]+" at "+c.Stage)
	}
	return out
}

func hooksOf(gw *v1alpha1.PortkeyGateway, hooks ...v1alpha1.RolloutHook) {
	gw.Spec.Gateway.Rollout.Hooks = hooks
}

func lambda(function string, stages ...v1alpha1.RolloutStage) v1alpha1.RolloutHook {
	return v1alpha1.RolloutHook{Stages: stages, Lambda: &v1alpha1.LambdaHook{FunctionARN: functionARN(function)}}
}

// TestFunctionsDecide lets functions say yes and no to rollouts, by a role that the operator made for just
// these functions.
func TestFunctionsDecide(t *testing.T) {
	harness.Unraced(t)
	h, key := behind(t, v1alpha1.LoadBalancerApplication, v1alpha1.RolloutBlueGreen)
	p := watchProduction(h, key)
	answer(h, "verdict", "IN_PROGRESS", "SUCCEEDED")
	h.Edit(key, func(gw *v1alpha1.PortkeyGateway) {
		tagged("2.17.0")(gw)
		hooksOf(gw, lambda("verdict", v1alpha1.StagePostTestTrafficShift))
	})
	settled(t, h, key)
	if got := asked(h); len(got) != 2 || got[1] != "verdict at POST_TEST_TRAFFIC_SHIFT" {
		t.Errorf("asked: %v", got)
	}

	answer(h, "verdict", "FAILED")
	h.Edit(key, tagged("2.18.0"))
	failed(t, h, key, v1alpha1.ReasonRolledBack)
	message := told(t, h.Get(key), v1alpha1.ConditionReady, metav1.ConditionFalse, v1alpha1.ReasonRolledBack)
	for _, part := range []string{"2.18.0", "POST_TEST_TRAFFIC_SHIFT lifecycle hook(s) failed", functionARN("verdict") + " returned FAILED status"} {
		if !strings.Contains(message, part) {
			t.Errorf("nobody says %q: %s", part, message)
		}
	}

	// A function that was there when the spec was accepted is ECS's to miss, at the stage.
	answer(h, "missing", "SUCCEEDED")
	h.Edit(key, func(gw *v1alpha1.PortkeyGateway) {
		tagged("2.19.0")(gw)
		hooksOf(gw, lambda("missing", v1alpha1.StagePostScaleUp))
	})
	if _, err := h.Reconcile(key); err != nil {
		t.Fatal(err)
	}
	told(t, h.Get(key), v1alpha1.ConditionAccepted, metav1.ConditionTrue, v1alpha1.ReasonAccepted)
	answer(h, "missing")
	failed(t, h, key, v1alpha1.ReasonRolledBack)
	if message = told(t, h.Get(key), v1alpha1.ConditionReady, metav1.ConditionFalse, v1alpha1.ReasonRolledBack); !strings.Contains(message, functionARN("missing")) {
		t.Errorf("the function isn't named: %s", message)
	}
	// The right one is asked without another image.
	answer(h, "there", "SUCCEEDED")
	h.Edit(key, func(gw *v1alpha1.PortkeyGateway) { hooksOf(gw, lambda("there", v1alpha1.StagePostScaleUp)) })
	settled(t, h, key)
	if gw := h.Get(key); gw.Status.Version != "2.19.0" {
		t.Errorf("version %s", gw.Status.Version)
	}
	p.end(t)
	quiet(t, h, key)
}

// TestHooksChangeUnderWay takes a function away while the rollout that will ask it is under way: ECS asks it
// all the same, and may do so until the end.
func TestHooksChangeUnderWay(t *testing.T) {
	harness.Unraced(t)
	h, key := behind(t, v1alpha1.LoadBalancerApplication, v1alpha1.RolloutCanary)
	p := watchProduction(h, key)
	answer(h, "first", "SUCCEEDED")
	answer(h, "second", "SUCCEEDED")
	h.Edit(key, func(gw *v1alpha1.PortkeyGateway) {
		tagged("2.17.0")(gw)
		hooksOf(gw, lambda("first", v1alpha1.StagePreScaleUp, v1alpha1.StagePostProductionTrafficShift))
	})
	if err := h.Until(key, longest, "the first question", func(*v1alpha1.PortkeyGateway) bool { return len(asked(h)) > 0 }); err != nil {
		t.Fatal(err)
	}
	h.Edit(key, func(gw *v1alpha1.PortkeyGateway) { hooksOf(gw, lambda("second", v1alpha1.StagePreScaleUp)) })
	settled(t, h, key)
	h.Edit(key, tagged("2.18.0"))
	settled(t, h, key)
	if got := asked(h); !slices.Equal(got, []string{"first at PRE_SCALE_UP", "first at POST_PRODUCTION_TRAFFIC_SHIFT", "second at PRE_SCALE_UP"}) {
		t.Errorf("asked: %v", got)
	}
	p.end(t)
	quiet(t, h, key)
	before := len(h.Emulator.Server.Resources(false))
	h.Edit(key, func(gw *v1alpha1.PortkeyGateway) { hooksOf(gw) })
	settled(t, h, key)
	quiet(t, h, key)
	if after := len(h.Emulator.Server.Resources(false)); after != before-1 {
		t.Errorf("%d objects with a hook, and %d without: its role should be gone", before, after)
	}
}

// TestPauseIsLeft goes back to rolling, and deletes, while a rollout waits for somebody.
func TestPauseIsLeft(t *testing.T) {
	harness.Unraced(t)
	paused := func(t *testing.T) (*harness.Harness, func(func(*v1alpha1.PortkeyGateway)), func()) {
		h, key := behind(t, v1alpha1.LoadBalancerApplication, v1alpha1.RolloutBlueGreen)
		answer(h, "verdict", "SUCCEEDED")
		h.Edit(key, func(gw *v1alpha1.PortkeyGateway) {
			tagged("2.17.0")(gw)
			hooksOf(gw, v1alpha1.RolloutHook{Stages: []v1alpha1.RolloutStage{v1alpha1.StagePostTestTrafficShift}, Pause: &v1alpha1.PauseHook{}}, lambda("verdict", v1alpha1.StagePostProductionTrafficShift))
		})
		err := h.Until(key, longest, "the pause", func(gw *v1alpha1.PortkeyGateway) bool {
			return gw.Status.Rollout != nil && gw.Status.Rollout.Stage == "PostTestTrafficShift"
		})
		if err != nil {
			t.Fatal(err)
		}
		m := mark(h)
		for end := h.Clock.Now().Add(2 * time.Hour); h.Clock.Now().Before(end); {
			if err := h.Step(key); err != nil {
				t.Fatal(err)
			}
		}
		if got := mutations(since(h, m)); len(got) > 0 {
			t.Errorf("while it is paused: %v", got)
		}
		// A look at the pause each minute, and every five minutes one at everything.
		if n := len(since(h, m)); n > 120*3+24*31 {
			t.Errorf("two hours of a pause took %d calls", n)
		}
		return h, func(edit func(*v1alpha1.PortkeyGateway)) { h.Edit(key, edit); settled(t, h, key); quiet(t, h, key) }, func() {
			h.Delete(key)
			if err := h.Until(key, longest, "deletion", harness.Gone); err != nil {
				t.Fatal(err)
			}
		}
	}
	t.Run("rolling, and another image", func(t *testing.T) {
		_, edit, _ := paused(t)
		edit(func(gw *v1alpha1.PortkeyGateway) {
			gw.Spec.Gateway.Rollout = nil
			tagged("2.18.0")(gw)
		})
	})
	t.Run("deletion", func(t *testing.T) {
		_, _, remove := paused(t)
		remove()
	})
}

// TestAlarmsRollBack has an alarm go off in a rollout, by each way to deploy.
func TestAlarmsRollBack(t *testing.T) {
	harness.Unraced(t)
	for _, strategy := range []v1alpha1.RolloutStrategy{v1alpha1.RolloutRolling, v1alpha1.RolloutCanary} {
		h, key := behind(t, v1alpha1.LoadBalancerApplication, strategy)
		alarm(h, "gateway-5xx", "OK")
		h.Edit(key, func(gw *v1alpha1.PortkeyGateway) { gw.Spec.Gateway.Rollout.Alarms = []string{"gateway-5xx"} })
		settled(t, h, key)
		p := watchProduction(h, key)
		h.Edit(key, tagged("2.17.0"))
		if err := h.Until(key, longest, "a rollout", func(gw *v1alpha1.PortkeyGateway) bool { return gw.Status.Rollout != nil }); err != nil {
			t.Fatal(err)
		}
		alarm(h, "gateway-5xx", "ALARM")
		failed(t, h, key, v1alpha1.ReasonRolledBack)
		if message := told(t, h.Get(key), v1alpha1.ConditionReady, metav1.ConditionFalse, v1alpha1.ReasonRolledBack); !strings.Contains(message, "gateway-5xx") || !strings.Contains(message, "2.17.0") {
			t.Errorf("%s: alarm or image isn't named: %s", strategy, message)
		}
		told(t, h.Get(key), v1alpha1.ConditionAvailable, metav1.ConditionTrue, v1alpha1.ReasonServing)
		h.AdvanceTo(h.Clock.Now().Add(24 * time.Hour))
		alarm(h, "gateway-5xx", "OK")
		if gw := h.Get(key); gw.Status.Version == "2.17.0" {
			t.Errorf("%s: what was rolled back runs", strategy)
		}
		h.Edit(key, tagged("2.18.0"))
		settled(t, h, key)
		p.end(t)
	}
}

// TestUnknownAlarm names an alarm that went after the spec was accepted: ECS's refusal is told, the rest of the
// deployment goes on, and the alarm may still come.
func TestUnknownAlarm(t *testing.T) {
	harness.Unraced(t)
	h, key := behind(t, v1alpha1.LoadBalancerApplication, v1alpha1.RolloutRolling)
	alarm(h, "gateway-5xx", "OK")
	// It goes when it has been looked for, and before ECS is told of it.
	vanishing := func(r *http.Request) (*http.Response, error) {
		out, err := h.Emulator.Server.Do(r)
		if service, action, _ := h.Emulator.Server.Operation(r); service == "cloudwatch" && action == "DescribeAlarms" {
			locked(h, func() { h.Emulator.ECS.DeleteAlarm(home, "gateway-5xx") })
		}
		return out, err
	}
	h.Transport = vanishing
	h.Edit(key, func(gw *v1alpha1.PortkeyGateway) { gw.Spec.Gateway.Rollout.Alarms = []string{"gateway-5xx"} })
	err := h.Until(key, longest, "Stalled", func(gw *v1alpha1.PortkeyGateway) bool {
		return meta.IsStatusConditionTrue(gw.Status.Conditions, v1alpha1.ConditionStalled)
	})
	if err != nil {
		t.Fatal(err)
	}
	if message := told(t, h.Get(key), v1alpha1.ConditionStalled, metav1.ConditionTrue, v1alpha1.ReasonInvalid); !strings.Contains(message, `"gateway-5xx"`) || !strings.Contains(message, "service/gateway") {
		t.Errorf("neither alarm nor service is named: %s", message)
	}
	told(t, h.Get(key), v1alpha1.ConditionAvailable, metav1.ConditionTrue, v1alpha1.ReasonServing)
	alarm(h, "gateway-5xx", "OK")
	settled(t, h, key)
	quiet(t, h, key)
}
