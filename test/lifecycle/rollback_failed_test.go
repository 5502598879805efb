package lifecycle

import (
	"strings"
	"testing"

	elbv2 "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/hack/harness"
)

// TestARollbackThatFails: somebody deletes the test listener in the middle of a rollout, ECS takes that back, and finds no
// rule to do so by. That is told, the listener is made again, and one retry rolls out what was wanted.
func TestARollbackThatFails(t *testing.T) {
	t.Parallel()
	s := build(t, func(h *harness.Harness) *v1alpha1.PortkeyGateway {
		gw := h.Minimal("gw")
		gw.Spec.LoadBalancer = &v1alpha1.LoadBalancer{Type: v1alpha1.LoadBalancerApplication}
		by(v1alpha1.RolloutBlueGreen)(gw)
		return gw
	})
	before := running(s)
	p := watchProduction(s.h, s.key)
	s.h.Edit(s.key, tagged("2.17.0"))
	if err := s.h.Until(s.key, longest, "new tasks", func(gw *v1alpha1.PortkeyGateway) bool {
		return gw.Status.Rollout != nil && gw.Status.Rollout.Stage == "ScaleUp"
	}); err != nil {
		t.Fatal(err)
	}
	listener := s.node("listener/test-application-internal").ID
	if _, err := s.elb.DeleteListener(t.Context(), &elbv2.DeleteListenerInput{ListenerArn: &listener}); err != nil {
		t.Fatal(err)
	}
	failed(t, s.h, s.key, v1alpha1.ReasonRolledBack)
	settle(t, s.h, s.key)
	gw := s.h.Get(s.key)
	if m := told(t, gw, v1alpha1.ConditionReady, metav1.ConditionFalse, v1alpha1.ReasonRolledBack); !strings.Contains(m, "RuleNotFound") {
		t.Errorf("nobody says why: %s", m)
	}
	told(t, gw, v1alpha1.ConditionAvailable, metav1.ConditionTrue, v1alpha1.ReasonServing)
	if n := running(s); n <= before {
		t.Errorf("%d tasks run: it isn't what this test is about", n)
	}
	if s.node("listener/test-application-internal").ID == listener {
		t.Error("the test listener isn't made again")
	}
	if r := gw.Status.History[0]; r.ID != gw.Status.Rollout.ID || r.Outcome != v1alpha1.RolloutFailed {
		t.Errorf("the history begins with %+v", r)
	}
	done(t, s.h, s.key, v1alpha1.AnnotationRetry, gw.Status.Rollout.ID)
	settled(t, s.h, s.key)
	settle(t, s.h, s.key)
	p.end(t)
	if gw := s.h.Get(s.key); gw.Status.Version != "2.17.0" {
		t.Errorf("it runs %s", gw.Status.Version)
	}
	if n := running(s); n != before {
		t.Errorf("%d tasks run, where %d did before", n, before)
	}
}

// running counts the deployment's tasks.
func running(s *site) int {
	n := 0
	for _, r := range s.h.Emulator.Server.Resources(false) {
		if r.Kind == "Task" && r.State == "RUNNING" {
			n++
		}
	}
	return n
}
