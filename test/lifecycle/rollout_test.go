package lifecycle

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	elbv2 "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/hack/harness"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/ecs"
)

// verdict is how long ECS may take to give a rollout up and to bring the old revision back.
const verdict = time.Hour

func image(tag string) func(*v1alpha1.PortkeyGateway) {
	return func(gw *v1alpha1.PortkeyGateway) {
		gw.Spec.Gateway = &v1alpha1.Gateway{Image: &v1alpha1.Image{Tag: tag}}
	}
}

// TestARolloutShows follows a rollout in status from its beginning to its end.
func TestARolloutShows(t *testing.T) {
	h, key := begun(t, nil)
	begin := h.Clock.Now()
	h.Edit(key, image("2.17.0"))
	var ids []string
	for !harness.Ready(h.Get(key)) {
		if err := h.Step(key); err != nil {
			t.Fatal(err)
		}
		gw := h.Get(key)
		if harness.Ready(gw) {
			break
		}
		told(t, gw, v1alpha1.ConditionReady, metav1.ConditionFalse, v1alpha1.ReasonProgressing)
		told(t, gw, v1alpha1.ConditionRolloutHealthy, metav1.ConditionTrue, v1alpha1.ReasonProgressing)
		told(t, gw, v1alpha1.ConditionAvailable, metav1.ConditionTrue, v1alpha1.ReasonServing)
		r := gw.Status.Rollout
		if r == nil || !strings.HasSuffix(r.FromRevision, "-gateway:1") || !strings.HasSuffix(r.ToRevision, "-gateway:2") || r.StartedAt == nil || r.StartedAt.Before(&metav1.Time{Time: begin.Truncate(time.Second)}) || r.Reason == "" {
			t.Fatalf("status.rollout is %+v", r)
		}
		ids = append(ids, r.ID)
		if h.Clock.Now().Sub(begin) > creation {
			t.Fatal(harness.Story(gw))
		}
	}
	if ids = slices.Compact(ids); len(ids) != 1 || ids[0] == "" {
		t.Errorf("the rollout was called %q", ids)
	}
	gw := h.Get(key)
	if gw.Status.Rollout != nil || gw.Status.Version != "2.17.0" || gw.Status.Tasks != "1/1" {
		t.Errorf("after the rollout: %+v, version %s, tasks %s", gw.Status.Rollout, gw.Status.Version, gw.Status.Tasks)
	}
	told(t, gw, v1alpha1.ConditionRolloutHealthy, metav1.ConditionTrue, v1alpha1.ReasonRolloutComplete)
	for _, e := range []string{"Normal Progressing", "Normal Reconciled"} {
		if !slices.ContainsFunc(h.Events.Events, func(s string) bool { return strings.HasPrefix(s, e) }) {
			t.Errorf("no event %s in\n%s", e, strings.Join(h.Events.Events, "\n"))
		}
	}
}

// TestARolledBackRevisionIsNotRetried rolls out revisions that don't work: the old one goes on serving,
// status names what failed and why, and nothing is tried again until the spec changes.
func TestARolledBackRevisionIsNotRetried(t *testing.T) {
	harness.Unraced(t)
	crashing := func(gw *v1alpha1.PortkeyGateway) { image("2.17.0-" + ecs.ImageCrash30s)(gw) }
	for name, tc := range map[string]struct {
		from, to func(*v1alpha1.PortkeyGateway)
		image    string
	}{
		"crash":             {to: crashing, image: "2.17.0-" + ecs.ImageCrash30s},
		"never healthy":     {to: image("2.17.0-" + ecs.ImageNeverHealthy), image: "2.17.0-" + ecs.ImageNeverHealthy},
		"unhealthy target":  {to: image("2.17.0-" + ecs.ImageUnhealthyTarget), image: "2.17.0-" + ecs.ImageUnhealthyTarget},
		"no such image":     {to: image("2.17.0-" + ecs.ImageNoPull), image: "2.17.0-" + ecs.ImageNoPull},
		"crash on new port": {to: func(gw *v1alpha1.PortkeyGateway) { crashing(gw); gw.Spec.Gateway.Port = 9000 }, image: "2.17.0-" + ecs.ImageCrash30s},
		"crash without load balancer": {to: func(gw *v1alpha1.PortkeyGateway) {
			crashing(gw)
			gw.Spec.LoadBalancer = nil
		}, image: "2.17.0-" + ecs.ImageCrash30s},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h, key := begun(t, nil)
			s := watch(h, key)
			h.Edit(key, tc.to)
			failed(t, h, key, v1alpha1.ReasonRolledBack)
			h.AdvanceTo(h.Clock.Now().Add(20 * time.Minute))
			for _, phase := range []struct {
				what   string
				before func()
			}{{"", func() {}}, {" by a new manager", h.Restart}, {" after status was lost", func() { loseStatus(t, h, key) }}} {
				what := phase.what
				phase.before()
				m := mark(h)
				for range 10 {
					h.AdvanceTo(h.Clock.Now().Add(6 * time.Minute))
					if _, err := h.Reconcile(key); err != nil {
						t.Fatal(err)
					}
				}
				if got := mutations(since(h, m)); len(got) > 0 {
					t.Errorf("what was rolled back is tried again%s: %v", what, got)
				}
				gw := h.Get(key)
				for _, c := range []string{v1alpha1.ConditionReady, v1alpha1.ConditionServicesReady, v1alpha1.ConditionRolloutHealthy} {
					message := told(t, gw, c, metav1.ConditionFalse, v1alpha1.ReasonRolledBack)
					if !strings.Contains(message, "portkeyai/gateway_enterprise:"+tc.image) || !strings.Contains(message, "circuit breaker threshold was exceeded") {
						t.Errorf("%s%s names neither image nor ECS's reason: %s", c, what, message)
					}
				}
				told(t, gw, v1alpha1.ConditionStalled, metav1.ConditionTrue, v1alpha1.ReasonRolledBack)
				told(t, gw, v1alpha1.ConditionAvailable, metav1.ConditionTrue, v1alpha1.ReasonServing)
				r := gw.Status.Rollout
				if r == nil || r.ID == "" || !strings.HasSuffix(r.FromRevision, "-gateway:1") || !strings.HasSuffix(r.ToRevision, "-gateway:2") || !strings.Contains(r.Reason, tc.image) {
					t.Errorf("status.rollout%s is %+v", what, r)
				}
				if gw.Status.Version != "2.16.0" {
					t.Errorf("status.version%s is %s, but 2.16.0 runs", what, gw.Status.Version)
				}
			}
			h.Edit(key, image("2.18.0"))
			s.balanced = h.Get(key).Spec.LoadBalancer != nil
			ready(t, h, key)
			if gw := h.Get(key); gw.Status.Version != "2.18.0" || gw.Status.Rollout != nil {
				t.Errorf("after a good image: version %s, rollout %+v", gw.Status.Version, gw.Status.Rollout)
			}
			s.stop()
			for _, b := range s.broke {
				t.Errorf("clients weren't served at %s", b)
			}
			quiet(t, h, key)
		})
	}
}

// TestFirstRolloutFails deploys an image that doesn't work: there is nothing to go back to, status says
// so, and a good image heals it.
func TestFirstRolloutFails(t *testing.T) {
	for _, broken := range []string{ecs.ImageCrash30s, ecs.ImageNeverHealthy, ecs.ImageUnhealthyTarget, ecs.ImageNoPull} {
		t.Run(broken, func(t *testing.T) {
			t.Parallel()
			h := harness.New()
			before := h.Emulator.Server.Resources(false)
			gw := h.Minimal("gw")
			image("2.16.0-" + broken)(gw)
			key := h.Create(gw)
			failed(t, h, key, v1alpha1.ReasonFailed)
			m := mark(h)
			for range 10 {
				h.AdvanceTo(h.Clock.Now().Add(6 * time.Minute))
				if _, err := h.Reconcile(key); err != nil {
					t.Fatal(err)
				}
			}
			if got := mutations(since(h, m)); len(got) > 0 {
				t.Errorf("what failed is tried again: %v", got)
			}
			gw = h.Get(key)
			if message := told(t, gw, v1alpha1.ConditionReady, metav1.ConditionFalse, v1alpha1.ReasonFailed); !strings.Contains(message, broken) || !strings.Contains(message, "tasks failed to start") {
				t.Errorf("neither image nor ECS's reason are named: %s", message)
			}
			told(t, gw, v1alpha1.ConditionRolloutHealthy, metav1.ConditionFalse, v1alpha1.ReasonFailed)
			told(t, gw, v1alpha1.ConditionStalled, metav1.ConditionTrue, v1alpha1.ReasonFailed)
			told(t, gw, v1alpha1.ConditionAvailable, metav1.ConditionFalse, v1alpha1.ReasonNotServing)
			h.Edit(key, image("2.16.0"))
			ready(t, h, key)
			quiet(t, h, key)
			h.Delete(key)
			gone(t, h, key, before)
		})
	}
}

// TestAvailableIsWhatClientsSee compares the condition with AWS from the first call on, and after every
// task has been lost.
func TestAvailableIsWhatClientsSee(t *testing.T) {
	h := harness.New()
	key := h.Create(h.Minimal("gw"))
	s := &serving{h: h, key: key, balanced: true, cached: true}
	for !harness.Ready(h.Get(key)) {
		if err := h.Step(key); err != nil {
			t.Fatal(err)
		}
		gw := h.Get(key)
		if problem := s.interruption(); problem != "" && meta.IsStatusConditionTrue(gw.Status.Conditions, v1alpha1.ConditionAvailable) {
			t.Fatalf("Available, but %s:\n%s", problem, harness.Story(gw))
		}
		if h.Clock.Now().Sub(harness.Start) > creation {
			t.Fatal(harness.Story(gw))
		}
	}
	told(t, h.Get(key), v1alpha1.ConditionAvailable, metav1.ConditionTrue, v1alpha1.ReasonServing)
}

// failed waits for ECS's verdict.
func failed(t *testing.T, h *harness.Harness, key types.NamespacedName, reason string) {
	t.Helper()
	err := h.Until(key, verdict, reason, func(gw *v1alpha1.PortkeyGateway) bool {
		c := meta.FindStatusCondition(gw.Status.Conditions, v1alpha1.ConditionReady)
		return c != nil && c.Reason == reason && c.ObservedGeneration == gw.Generation
	})
	if err != nil {
		t.Fatal(err)
	}
}

// told checks a condition, and answers its message.
func told(t *testing.T, gw *v1alpha1.PortkeyGateway, kind string, status metav1.ConditionStatus, reason string) string {
	t.Helper()
	c := meta.FindStatusCondition(gw.Status.Conditions, kind)
	if c == nil {
		c = &metav1.Condition{}
	}
	if c.Status != status || c.Reason != reason {
		t.Errorf("%s is %s, want %s", kind, fmt.Sprintf("%s %s: %s", c.Status, c.Reason, c.Message), fmt.Sprintf("%s %s", status, reason))
	}
	return c.Message
}

// TestProductionAstray moves production by hand to the group of a pair that has no tasks: that is ECS's to
// move, but a pager must know.
func TestProductionAstray(t *testing.T) {
	t.Parallel()
	s := build(t, func(h *harness.Harness) *v1alpha1.PortkeyGateway {
		gw := h.Minimal("gw")
		gw.Spec.LoadBalancer = &v1alpha1.LoadBalancer{Type: v1alpha1.LoadBalancerApplication}
		by(v1alpha1.RolloutBlueGreen)(gw)
		return gw
	})
	for _, want := range []struct {
		status metav1.ConditionStatus
		reason string
	}{{metav1.ConditionFalse, v1alpha1.ReasonNotServing}, {metav1.ConditionTrue, v1alpha1.ReasonServing}} {
		rule := ""
		for _, r := range s.h.Get(s.key).Status.Resources {
			if strings.HasPrefix(r.Node, "listener-rule/gateway-") && !strings.Contains(r.Node, "-test-") {
				rule = r.ID
			}
		}
		out, err := s.elb.DescribeRules(t.Context(), &elbv2.DescribeRulesInput{RuleArns: []string{rule}})
		if err != nil {
			t.Fatal(err)
		}
		actions := out.Rules[0].Actions
		f := actions[0].ForwardConfig.TargetGroups
		if len(f) != 2 {
			t.Fatalf("the rule forwards to %+v", f)
		}
		f[0].Weight, f[1].Weight = f[1].Weight, f[0].Weight
		actions[0].TargetGroupArn = nil
		if _, err := s.elb.ModifyRule(t.Context(), &elbv2.ModifyRuleInput{RuleArn: &rule, Actions: actions}); err != nil {
			t.Fatal(err)
		}
		settle(t, s.h, s.key)
		message := told(t, s.h.Get(s.key), v1alpha1.ConditionAvailable, want.status, want.reason)
		if _, err := s.h.Reconcile(s.key); err != nil { // which reads little
			t.Fatal(err)
		}
		if again := told(t, s.h.Get(s.key), v1alpha1.ConditionAvailable, want.status, want.reason); again != message {
			t.Errorf("%q and then %q", message, again)
		}
	}
}

// TestARolloutIsNoCreation: what has been Ready isn't being created any more, however young it is.
func TestARolloutIsNoCreation(t *testing.T) {
	t.Parallel()
	h := harness.New()
	key := h.Create(h.Minimal("gw"))
	settled(t, h, key)
	h.Edit(key, image("2.17.0"))
	err := h.Until(key, longest, "Ready", func(gw *v1alpha1.PortkeyGateway) bool {
		for _, c := range gw.Status.Conditions {
			if c.Reason == v1alpha1.ReasonCreating {
				t.Errorf("%s says that it is being created: %s", c.Type, c.Message)
			}
		}
		return harness.Ready(gw)
	})
	if err != nil {
		t.Fatal(err)
	}
}
