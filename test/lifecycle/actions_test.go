package lifecycle

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/hack/harness"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// reply waits until an annotation's value is answered.
func reply(t *testing.T, h *harness.Harness, key types.NamespacedName, annotation, value string) v1alpha1.ActionStatus {
	t.Helper()
	h.Annotate(key, annotation, value)
	name := strings.TrimPrefix(annotation, "ecs.portkey.ai/")
	var got v1alpha1.ActionStatus
	err := h.Until(key, time.Hour, name+" "+value+" answered", func(gw *v1alpha1.PortkeyGateway) bool {
		for _, a := range gw.Status.Actions {
			if a.Name == name && (a.Value == value || a.Value == fmt.Sprintf("%s@%d", value, gw.Generation)) {
				got = a
				return true
			}
		}
		return false
	})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// done is an answer that must be Done, and declined one that must be Refused with some words.
func done(t *testing.T, h *harness.Harness, key types.NamespacedName, annotation, value string) {
	t.Helper()
	if a := reply(t, h, key, annotation, value); a.Result != v1alpha1.ActionDone {
		t.Fatalf("%s %s: %s, %s", a.Name, value, a.Result, a.Message)
	}
}

func declined(t *testing.T, h *harness.Harness, key types.NamespacedName, annotation, value, words string) {
	t.Helper()
	if a := reply(t, h, key, annotation, value); a.Result != v1alpha1.ActionRefused || !strings.Contains(a.Message, words) {
		t.Errorf("%s %s: %s, %s; want it refused with %q", a.Name, value, a.Result, a.Message, words)
	}
}

// deployments counts the deployments that ECS was asked for.
func deployments(h *harness.Harness) int {
	n := 0
	for _, c := range h.Emulator.Server.Calls(0) {
		if c.Service == "ecs" && (c.Action == "UpdateService" || c.Action == "CreateService") {
			n++
		}
	}
	return n
}

// idle checks that nothing is deployed in some virtual time.
func idle(t *testing.T, h *harness.Harness, key types.NamespacedName, long time.Duration) {
	t.Helper()
	before := deployments(h)
	for end := h.Clock.Now().Add(long); h.Clock.Now().Before(end); {
		if err := h.Step(key); err != nil {
			t.Fatal(err)
		}
	}
	if n := deployments(h) - before; n > 0 {
		t.Errorf("%d deployments within %s", n, long)
	}
}

func rolledBackTo(tag string) func(*v1alpha1.PortkeyGateway) bool {
	return func(gw *v1alpha1.PortkeyGateway) bool {
		return gw.Status.RolloutSummary == v1alpha1.ReasonRolledBack && gw.Status.Version == tag
	}
}

// TestAbortAndRetry takes a canary back, holds that for a day, and tries it again when that is asked for.
func TestAbortAndRetry(t *testing.T) {
	harness.Unraced(t)
	t.Parallel()
	for i, strategy := range everyStrategy {
		if !harness.Sample(i + 4) {
			continue
		}
		t.Run(string(strategy), func(t *testing.T) {
			t.Parallel()
			h, key := behind(t, v1alpha1.LoadBalancerApplication, strategy)
			p := watchProduction(h, key)
			defer p.end(t)
			declined(t, h, key, v1alpha1.AnnotationAbort, "nothing", "no rollout nothing is under way")
			h.Edit(key, tagged("2.17.0"))
			if err := h.Until(key, longest, "under way", func(gw *v1alpha1.PortkeyGateway) bool {
				r := gw.Status.Rollout
				return r != nil && (strategy == v1alpha1.RolloutRolling || r.TrafficPercent != nil && *r.TrafficPercent > 0)
			}); err != nil {
				t.Fatal(err)
			}
			id := h.Get(key).Status.Rollout.ID
			declined(t, h, key, v1alpha1.AnnotationAbort, "another", "the rollout under way is "+id)
			done(t, h, key, v1alpha1.AnnotationAbort, id)
			if err := h.Until(key, longest, "taken back", rolledBackTo("2.16.0")); err != nil {
				t.Fatal(err)
			}
			gw := h.Get(key)
			for _, c := range []string{v1alpha1.ConditionReady, v1alpha1.ConditionRolloutHealthy} {
				if m := told(t, gw, c, metav1.ConditionFalse, v1alpha1.ReasonRolledBack); !strings.Contains(m, ":2.17.0") {
					t.Errorf("%s doesn't name the image: %s", c, m)
				}
			}
			told(t, gw, v1alpha1.ConditionAvailable, metav1.ConditionTrue, v1alpha1.ReasonServing)
			if r := gw.Status.Rollout; r.FromImage != "portkeyai/gateway_enterprise:2.16.0" || r.ToImage != "portkeyai/gateway_enterprise:2.17.0" || r.ID != id {
				t.Errorf("the rollout is %+v", r)
			}
			if r := gw.Status.History[0]; r.ID != id || r.Outcome != v1alpha1.RolloutRolledBack || r.Image != "portkeyai/gateway_enterprise:2.17.0" || r.Reason == "" {
				t.Errorf("the history begins with %+v", r)
			}
			declined(t, h, key, v1alpha1.AnnotationRetry, "another", "the rollout that failed is "+id)
			idle(t, h, key, 30*time.Minute)
			h.Restart()
			loseStatus(t, h, key)
			idle(t, h, key, 30*time.Minute)
			done(t, h, key, v1alpha1.AnnotationRetry, id)
			settled(t, h, key)
			gw = h.Get(key)
			if r := gw.Status.History; gw.Status.Version != "2.17.0" || r[0].Outcome != v1alpha1.RolloutSucceeded || r[1].ID != id || len(r) != 3 {
				t.Errorf("version %s, history %+v", gw.Status.Version, r)
			}
			idle(t, h, key, 30*time.Minute)
			if gw = h.Get(key); gw.Status.RolloutSummary != "Complete" || gw.Status.Rollout != nil {
				t.Errorf("the rollout is %q: %+v", gw.Status.RolloutSummary, gw.Status.Rollout)
			}
		})
	}
}

// TestRollback goes back to an earlier revision, which holds when status is lost, and ends with the next
// change of the spec.
func TestRollback(t *testing.T) {
	harness.Unraced(t)
	t.Parallel()
	for i, strategy := range everyStrategy {
		if !harness.Sample(i + 5) {
			continue
		}
		t.Run(string(strategy), func(t *testing.T) {
			t.Parallel()
			h, key := behind(t, v1alpha1.LoadBalancerApplication, strategy)
			first := h.Get(key).Status.Services[0].TaskDefinition
			h.Edit(key, tagged("2.17.0"))
			settled(t, h, key)
			p := watchProduction(h, key)
			defer p.end(t)
			second := h.Get(key).Status.Services[0].TaskDefinition
			family, _, _ := strings.Cut(first, ":")
			declined(t, h, key, v1alpha1.AnnotationRollback, "other:1", "is no revision of the gateway")
			declined(t, h, key, v1alpha1.AnnotationRollback, family+":99", "AWS has no revision")
			declined(t, h, key, v1alpha1.AnnotationRollback, first+"@7", "write the revision and the metadata.generation")
			quiet(t, h, key)
			done(t, h, key, v1alpha1.AnnotationRollback, first)
			if v := h.Get(key).Annotations[v1alpha1.AnnotationRollback]; v != first+"@2" {
				t.Errorf("the annotation is bound as %q", v)
			}
			if err := h.Until(key, longest, "taken back", rolledBackTo("2.16.0")); err != nil {
				t.Fatal(err)
			}
			gw := h.Get(key)
			if m := told(t, gw, v1alpha1.ConditionReady, metav1.ConditionFalse, v1alpha1.ReasonRolledBack); !strings.Contains(m, "holds until the spec changes") {
				t.Errorf("Ready doesn't say why: %s", m)
			}
			told(t, gw, v1alpha1.ConditionAvailable, metav1.ConditionTrue, v1alpha1.ReasonServing)
			if gw.Status.Services[0].TaskDefinition != first || gw.Status.History[0].Revision != first || gw.Status.History[0].Outcome != v1alpha1.RolloutSucceeded {
				t.Errorf("runs %s, history %+v", gw.Status.Services[0].TaskDefinition, gw.Status.History)
			}
			if i := slices.IndexFunc(h.Events.Events, func(e string) bool { return strings.Contains(e, "DriftCorrected") }); i >= 0 {
				t.Errorf("what was asked for is told as drift: %s", h.Events.Events[i])
			}
			idle(t, h, key, 30*time.Minute)
			h.Restart()
			loseStatus(t, h, key)
			idle(t, h, key, 30*time.Minute)
			if gw = h.Get(key); !rolledBackTo("2.16.0")(gw) {
				t.Errorf("after status was lost:\n%s", harness.Story(gw))
			}
			h.Edit(key, tagged("2.18.0"))
			settled(t, h, key)
			if gw = h.Get(key); gw.Status.Version != "2.18.0" || gw.Status.Services[0].TaskDefinition == second {
				t.Errorf("runs %s", gw.Status.Version)
			}
			idle(t, h, key, 30*time.Minute)
		})
	}
}

// TestRollbackInTheMiddle goes back while a rollout is under way: ECS takes that back, and makes no other.
func TestRollbackInTheMiddle(t *testing.T) {
	harness.Unraced(t)
	t.Parallel()
	h, key := behind(t, v1alpha1.LoadBalancerApplication, v1alpha1.RolloutCanary)
	first := h.Get(key).Status.Services[0].TaskDefinition
	p := watchProduction(h, key)
	h.Edit(key, tagged("2.17.0"))
	if err := h.Until(key, longest, "under way", func(gw *v1alpha1.PortkeyGateway) bool {
		r := gw.Status.Rollout
		return r != nil && r.TrafficPercent != nil && *r.TrafficPercent > 0
	}); err != nil {
		t.Fatal(err)
	}
	before := deployments(h)
	done(t, h, key, v1alpha1.AnnotationRollback, first+"@2")
	if err := h.Until(key, longest, "taken back", rolledBackTo("2.16.0")); err != nil {
		t.Fatal(err)
	}
	p.end(t)
	idle(t, h, key, 24*time.Hour)
	if n := deployments(h) - before; n > 0 {
		t.Errorf("%d further deployments", n)
	}
}

// paused makes a gateway's rollouts wait at a stage.
func paused(stages ...v1alpha1.RolloutStage) func(*v1alpha1.PortkeyGateway) {
	return func(gw *v1alpha1.PortkeyGateway) {
		gw.Spec.Gateway.Rollout.Hooks = []v1alpha1.RolloutHook{{Stages: stages, Pause: &v1alpha1.PauseHook{Timeout: &metav1.Duration{Duration: 6 * time.Hour}}}}
	}
}

// waits is that a rollout waits for approval, at another pause than one that was left.
func waits(left string) func(*v1alpha1.PortkeyGateway) bool {
	return func(gw *v1alpha1.PortkeyGateway) bool {
		r := gw.Status.Rollout
		return r != nil && r.Awaiting != nil && r.Awaiting.HookID != left
	}
}

// TestPromote approves a canary at each of its pauses, and the next one from Git.
func TestPromote(t *testing.T) {
	t.Parallel()
	h, key := behind(t, v1alpha1.LoadBalancerApplication, v1alpha1.RolloutCanary)
	p := watchProduction(h, key)
	h.Edit(key, func(gw *v1alpha1.PortkeyGateway) {
		paused(v1alpha1.StagePostTestTrafficShift, v1alpha1.StagePreProductionTrafficShift)(gw)
		tagged("2.17.0")(gw)
	})
	var pauses []string
	for left := ""; ; {
		if err := h.Until(key, longest, "waiting or Ready", func(gw *v1alpha1.PortkeyGateway) bool { return harness.Ready(gw) || waits(left)(gw) }); err != nil {
			t.Fatal(err)
		}
		gw := h.Get(key)
		if harness.Ready(gw) {
			break
		}
		a := gw.Status.Rollout.Awaiting
		pauses = append(pauses, gw.Status.RolloutSummary+" at "+a.Stage)
		for _, c := range []string{v1alpha1.ConditionReady, v1alpha1.ConditionReconciling} {
			told(t, gw, c, map[string]metav1.ConditionStatus{v1alpha1.ConditionReady: metav1.ConditionFalse, v1alpha1.ConditionReconciling: metav1.ConditionTrue}[c], v1alpha1.ReasonAwaitingApproval)
		}
		told(t, gw, v1alpha1.ConditionRolloutHealthy, metav1.ConditionTrue, v1alpha1.ReasonAwaitingApproval)
		told(t, gw, v1alpha1.ConditionAvailable, metav1.ConditionTrue, v1alpha1.ReasonServing)
		if left == "" {
			since := *a.Since
			idle(t, h, key, 2*time.Hour)
			if a = h.Get(key).Status.Rollout.Awaiting; !a.Since.Equal(&since) || 6*time.Hour-a.Until.Sub(since.Time) > 2*time.Minute || a.OnTimeout != v1alpha1.TimeoutRollback {
				t.Errorf("waits since %s: %+v", since, a)
			}
			declined(t, h, key, v1alpha1.AnnotationPromote, "ecs-pause-other", "waits at the pause "+a.HookID)
			h.Restart()
			loseStatus(t, h, key)
		}
		left = a.HookID
		done(t, h, key, v1alpha1.AnnotationPromote, left)
	}
	want := []string{"Canary 0% AwaitingApproval at PostTestTrafficShift", "Canary 0% AwaitingApproval at PreProductionTrafficShift", "Canary 20% AwaitingApproval at PreProductionTrafficShift"}
	if !slices.Equal(pauses, want) {
		t.Errorf("it paused as %q, want %q", pauses, want)
	}
	declined(t, h, key, v1alpha1.AnnotationPromote, "ecs-pause-late", "no rollout waits at the pause ecs-pause-late")
	h.Edit(key, func(gw *v1alpha1.PortkeyGateway) {
		gw.Spec.Gateway.Rollout.ApprovedImage = "portkeyai/gateway_enterprise:2.18.0"
		tagged("2.18.0")(gw)
	})
	settled(t, h, key)
	h.Edit(key, tagged("2.19.0"))
	if err := h.Until(key, longest, "waiting", waits("")); err != nil {
		t.Fatal(err)
	}
	idle(t, h, key, time.Hour)
	h.Edit(key, func(gw *v1alpha1.PortkeyGateway) {
		gw.Spec.Gateway.Rollout.ApprovedImage = "portkeyai/gateway_enterprise:2.19.0"
	})
	settled(t, h, key)
	p.end(t)
	if v := h.Get(key).Status.Version; v != "2.19.0" {
		t.Errorf("runs %s", v)
	}
}

// TestAPauseTimesOut: what nobody approves is rolled back, and isn't tried again.
func TestAPauseTimesOut(t *testing.T) {
	harness.Unraced(t)
	t.Parallel()
	h, key := behind(t, v1alpha1.LoadBalancerApplication, v1alpha1.RolloutBlueGreen)
	p := watchProduction(h, key)
	h.Edit(key, func(gw *v1alpha1.PortkeyGateway) {
		paused(v1alpha1.StagePostProductionTrafficShift)(gw)
		tagged("2.17.0")(gw)
	})
	if err := h.Until(key, 8*time.Hour, "rolled back", rolledBackTo("2.16.0")); err != nil {
		t.Fatal(err)
	}
	p.end(t)
	if m := told(t, h.Get(key), v1alpha1.ConditionReady, metav1.ConditionFalse, v1alpha1.ReasonRolledBack); !strings.Contains(m, "pause hook timed out") {
		t.Errorf("ECS's reason isn't told: %s", m)
	}
	idle(t, h, key, time.Hour)
}

// TestLittleIsTold rolls out where AWS doesn't tell how far a deployment is: status says so, and the end is the
// same. What is asked of a rollout can't be done there, and is refused.
func TestLittleIsTold(t *testing.T) {
	t.Parallel()
	h, key := behind(t, v1alpha1.LoadBalancerApplication, v1alpha1.RolloutBlueGreen)
	for _, action := range []string{"DescribeServiceDeployments", "ListServiceDeployments", "DescribeServiceRevisions"} {
		h.Emulator.Server.Inject(core.FaultRule{Service: "ecs", Action: action, Fault: core.FaultDenied})
	}
	p := watchProduction(h, key)
	h.Edit(key, tagged("2.17.0"))
	if err := h.Until(key, longest, "told of", func(gw *v1alpha1.PortkeyGateway) bool {
		return gw.Status.Rollout != nil && strings.Contains(gw.Status.Rollout.Reason, "its stage isn't known")
	}); err != nil {
		t.Fatal(err)
	}
	declined(t, h, key, v1alpha1.AnnotationPromote, "ecs-pause-1", "no rollout waits at the pause")
	settled(t, h, key)
	p.end(t)
	if gw := h.Get(key); gw.Status.Version != "2.17.0" || gw.Status.RolloutSummary != "Complete" {
		t.Error(harness.Story(gw))
	}
}

// TestARolloutDoesNotWaitForTheNextWish asks to leave a pause, or to take the rollout back, while the task definition
// of the next wish can't be registered: what is there is looked at and does as it is told all the same.
func TestARolloutDoesNotWaitForTheNextWish(t *testing.T) {
	for _, tt := range []struct {
		ask, action, want string
		value             func(*v1alpha1.RolloutStatus) string
	}{
		{v1alpha1.AnnotationPromote, "ContinueServiceDeployment", "goes on", func(r *v1alpha1.RolloutStatus) string { return r.Awaiting.HookID }},
		{v1alpha1.AnnotationAbort, "StopServiceDeployment", "ECS takes rollout", func(r *v1alpha1.RolloutStatus) string { return r.ID }},
	} {
		t.Run(tt.action, func(t *testing.T) {
			t.Parallel()
			h, key := behind(t, v1alpha1.LoadBalancerApplication, v1alpha1.RolloutBlueGreen)
			h.Edit(key, func(gw *v1alpha1.PortkeyGateway) {
				paused(v1alpha1.StagePostTestTrafficShift)(gw)
				tagged("2.17.0")(gw)
			})
			if err := h.Until(key, longest, "waiting", waits("")); err != nil {
				t.Fatal(err)
			}
			h.Emulator.Server.Inject(core.FaultRule{Service: "ecs", Action: "RegisterTaskDefinition", Fault: core.FaultDenied})
			h.Edit(key, tagged("2.18.0"))
			for range 3 { // the new wish is there, and the rollout still seen
				if err := h.Step(key); err != nil {
					t.Fatal(err)
				}
			}
			r := h.Get(key).Status.Rollout
			if r == nil || r.Stage != string(v1alpha1.StagePostTestTrafficShift) || r.Awaiting == nil {
				t.Fatalf("the rollout is told as %+v", r)
			}
			m := mark(h)
			h.Annotate(key, tt.ask, tt.value(r))
			if err := h.Step(key); err != nil {
				t.Fatal(err)
			}
			if got := actions(since(h, m)); strings.Count(got, tt.action) != 1 {
				t.Errorf("the operator made\n%s", got)
			}
			a := h.Get(key).Status.Actions
			if len(a) != 1 || a[0].Result != v1alpha1.ActionDone || !strings.Contains(a[0].Message, tt.want) {
				t.Errorf("it is answered: %+v\n%s", a, harness.Story(h.Get(key)))
			}
			h.Annotate(key, v1alpha1.AnnotationRetry, "unseen")
			if err := h.Step(key); err != nil {
				t.Fatal(err)
			}
			if a := h.Get(key).Status.Actions; len(a) != 1 {
				t.Errorf("what can't be seen is refused: %+v", a)
			}
		})
	}
}
