package desired

import (
	"maps"
	"slices"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
	"github.com/portkey-ai/portkey-ecs-operator/internal/kinds"
	"github.com/portkey-ai/portkey-ecs-operator/internal/own"
)

// ecsStages are ECS's names of the stages.
var ecsStages = map[v1alpha1.RolloutStage]string{
	v1alpha1.StageReconcileService: "RECONCILE_SERVICE", v1alpha1.StagePreScaleUp: "PRE_SCALE_UP", v1alpha1.StagePostScaleUp: "POST_SCALE_UP",
	v1alpha1.StageTestTrafficShift: "TEST_TRAFFIC_SHIFT", v1alpha1.StagePostTestTrafficShift: "POST_TEST_TRAFFIC_SHIFT",
	v1alpha1.StagePreProductionTrafficShift: "PRE_PRODUCTION_TRAFFIC_SHIFT", v1alpha1.StageProductionTrafficShift: "PRODUCTION_TRAFFIC_SHIFT",
	v1alpha1.StagePostProductionTrafficShift: "POST_PRODUCTION_TRAFFIC_SHIFT",
}

// timeoutActions are ECS's names of what happens when a hook isn't answered.
var timeoutActions = map[v1alpha1.TimeoutAction]string{v1alpha1.TimeoutRollback: "ROLLBACK", v1alpha1.TimeoutContinue: "CONTINUE"}

// hooks are resolved hooks in ECS's terms. One role calls the functions of all hooks that name none, among them
// the one that probes.
func (b *builder) hooks(hooks []v1alpha1.RolloutHook, probe graph.Value) []kinds.LifecycleHook {
	var out []kinds.LifecycleHook
	var functions []graph.Value
	for _, h := range hooks {
		var hook kinds.LifecycleHook
		for _, s := range h.Stages {
			hook.Stages = append(hook.Stages, ecsStages[s])
		}
		if p := h.Pause; p != nil {
			hook.TimeoutMinutes, hook.OnTimeout = wholeMinutes(p.Timeout), timeoutActions[p.OnTimeout]
		}
		if l := h.Lambda; l != nil {
			hook.Function, hook.Role = graph.Lit(l.FunctionARN), graph.Lit(l.RoleARN)
			hook.TimeoutMinutes, hook.OnTimeout = wholeMinutes(l.Timeout), timeoutActions[l.OnTimeout]
			if l.RoleARN == "" {
				functions = append(functions, hook.Function)
			}
		}
		if p := h.HTTPProbe; p != nil {
			hook.Function = probe
			hook.TimeoutMinutes, hook.OnTimeout = probeMinutes(p), timeoutActions[v1alpha1.TimeoutRollback]
			functions = append(functions, probe)
		}
		out = append(out, hook)
	}
	if len(functions) > 0 {
		role := b.hookRole(functions)
		for i := range out {
			if !out[i].Function.IsZero() && out[i].Role.IsZero() {
				out[i].Role = role
			}
		}
	}
	return out
}

// hookRole adds the role with which ECS calls just these functions. Others are called with another role: a
// rollout under way goes on with those that there were when it began, so the role of these stays until it has
// ended.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/blue-green-permissions.html
func (b *builder) hookRole(functions []graph.Value) graph.Value {
	called := map[string]graph.Value{}
	for _, f := range functions {
		called[own.Digest(f)] = f
	}
	var these []graph.Value
	for _, digest := range slices.Sorted(maps.Keys(called)) {
		these = append(these, called[digest])
	}
	name := "hooks-" + own.Digest(these)[:8]
	role := b.role(graph.NodeID("role/"+name), name, kinds.RoleSpec{
		Description: "ECS, to ask functions at the stages of a rollout", Trust: trustECS(),
		Inline: map[string]graph.Value{"invoke": policyOn(these, "lambda:InvokeFunction")},
		// A rollout that ECS can't ask about is rolled back, and not tried again.
		Spread: true,
	})
	return graph.Out(role.ID, "arn")
}
