package desired_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
	"github.com/portkey-ai/portkey-ecs-operator/internal/kinds"
)

const functions = "arn:aws:lambda:us-east-1:123456789012:function:"

func asks(function, role string, stages ...v1alpha1.RolloutStage) v1alpha1.RolloutHook {
	return v1alpha1.RolloutHook{Stages: stages, Lambda: &v1alpha1.LambdaHook{FunctionARN: functions + function, RoleARN: role}}
}

// hooked builds a gateway with hooks, and answers its graph, its service and the roles that call functions.
func hooked(t *testing.T, hooks ...v1alpha1.RolloutHook) (*graph.Graph, kinds.ServiceSpec, []*graph.Node) {
	t.Helper()
	gw := gateway("gw")
	gw.Spec.Gateway = &v1alpha1.Gateway{Rollout: &v1alpha1.Rollout{Strategy: v1alpha1.RolloutBlueGreen, Hooks: hooks, Alarms: []string{"errors"}}}
	g := build(t, gw)
	var roles []*graph.Node
	for _, n := range g.Nodes() {
		if strings.HasPrefix(string(n.ID), "role/hooks") {
			roles = append(roles, n)
		}
	}
	return g, g.Node("service/gateway").Spec().(kinds.ServiceSpec), roles
}

// TestHooks: hooks are ECS's, and one role calls the functions of those that name none, and no others.
func TestHooks(t *testing.T) {
	g, s, roles := hooked(t,
		v1alpha1.RolloutHook{Stages: []v1alpha1.RolloutStage{v1alpha1.StagePostScaleUp, v1alpha1.StageReconcileService}, Pause: &v1alpha1.PauseHook{Timeout: &metav1.Duration{Duration: 336 * time.Hour}, OnTimeout: v1alpha1.TimeoutContinue}},
		asks("a", "", v1alpha1.StageTestTrafficShift), asks("b", "", v1alpha1.StagePreScaleUp), asks("a", "", v1alpha1.StagePreProductionTrafficShift),
		asks("c", "arn:aws:iam::123456789012:role/own", v1alpha1.StagePreScaleUp))
	if len(roles) != 1 || !slices.Contains(g.Needs("service/gateway"), roles[0].ID) {
		t.Fatalf("roles: %v", roles)
	}
	role := roles[0].Spec().(kinds.RoleSpec)
	for _, part := range []string{`"Action":["lambda:InvokeFunction"]`, functions + `a"`, functions + `b"`} {
		if got := role.Inline["invoke"].String(); !strings.Contains(got, part) || strings.Count(got, functions) != 2 || strings.Count(got, "Action") != 1 {
			t.Errorf("it may %s", got)
		}
	}
	if !role.Spread || !strings.Contains(role.Trust.String(), `"Service":"ecs.amazonaws.com"`) || len(role.ManagedPolicies) > 0 {
		t.Errorf("%+v", role)
	}
	var got []string
	for _, h := range s.Hooks {
		got = append(got, strings.Join(h.Stages, " ")+" "+h.Function.String()+" "+h.OnTimeout)
	}
	if !slices.Equal(got, []string{
		"POST_SCALE_UP RECONCILE_SERVICE  CONTINUE", "TEST_TRAFFIC_SHIFT " + functions + "a ROLLBACK", "PRE_SCALE_UP " + functions + "b ROLLBACK",
		"PRE_PRODUCTION_TRAFFIC_SHIFT " + functions + "a ROLLBACK", "PRE_SCALE_UP " + functions + "c ROLLBACK",
	}) {
		t.Errorf("hooks: %v", got)
	}
	if s.Hooks[0].TimeoutMinutes != 20160 || s.Hooks[1].TimeoutMinutes != 1440 || !s.Hooks[0].Role.IsZero() || s.Hooks[4].Role.String() != "arn:aws:iam::123456789012:role/own" || !slices.Equal(s.Alarms, []string{"errors"}) {
		t.Errorf("%+v", s.Hooks)
	}
}

// TestHookRoles: the same functions are called with the same role, in whatever order, and others with another;
// hooks that need none have none.
func TestHookRoles(t *testing.T) {
	_, _, some := hooked(t, asks("a", "", v1alpha1.StagePreScaleUp), asks("b", "", v1alpha1.StagePreScaleUp))
	_, _, same := hooked(t, asks("b", "", v1alpha1.StagePostScaleUp), asks("a", "", v1alpha1.StagePreScaleUp), asks("b", "", v1alpha1.StagePreScaleUp))
	_, _, other := hooked(t, asks("a", "", v1alpha1.StagePreScaleUp))
	if some[0].Name != same[0].Name || some[0].Name == other[0].Name {
		t.Errorf("%s, %s and %s", some[0].Name, same[0].Name, other[0].Name)
	}
	if _, _, none := hooked(t, asks("a", "arn:aws:iam::123456789012:role/own", v1alpha1.StagePreScaleUp)); len(none) > 0 {
		t.Errorf("nobody needs %s", none[0].ID)
	}
	if _, _, none := hooked(t); len(none) > 0 {
		t.Errorf("nobody needs %s", none[0].ID)
	}
}

// TestBreakers: both services have a threshold, of their own or ECS's, and none where nothing counts.
func TestBreakers(t *testing.T) {
	gw := gateway("gw")
	gw.Spec.Gateway = &v1alpha1.Gateway{Rollout: &v1alpha1.Rollout{CircuitBreaker: &v1alpha1.CircuitBreaker{
		Threshold: &v1alpha1.BreakerThreshold{Type: v1alpha1.ThresholdUnboundedPercent, Value: 20}, ResetOnHealthyTask: ptr.To(false),
	}}}
	gw.Spec.DataService = &v1alpha1.DataService{}
	g := build(t, gw)
	for service, want := range map[graph.NodeID]kinds.Threshold{"service/gateway": {Type: "UNBOUNDED_PERCENT", Value: 20}, "service/data-service": {Type: "BOUNDED_PERCENT", Value: 50}} {
		if s := g.Node(service).Spec().(kinds.ServiceSpec); s.Threshold != want || s.AddUpFailures != (service == "service/gateway") || !s.CircuitBreaker {
			t.Errorf("%s: %+v", service, s)
		}
	}
	gw.Spec.DataService.Rollout = &v1alpha1.ServiceRollout{CircuitBreaker: &v1alpha1.CircuitBreaker{Enabled: ptr.To(false)}}
	if s := build(t, gw).Node("service/data-service").Spec().(kinds.ServiceSpec); s.CircuitBreaker || s.Rollback || s.Threshold != (kinds.Threshold{}) {
		t.Errorf("%+v", s)
	}
}
