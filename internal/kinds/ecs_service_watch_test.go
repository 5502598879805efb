package kinds

import (
	"testing"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
)

// TestWhatECSLeavesOut: defaults that ECS doesn't show are no differences.
func TestWhatECSLeavesOut(t *testing.T) {
	want := ServiceSpec{Strategy: "BLUE_GREEN", CircuitBreaker: true, Hooks: []LifecycleHook{
		{Stages: []string{"PRE_SCALE_UP"}, Function: graph.Lit("f"), Role: graph.Lit("r"), TimeoutMinutes: 1440, OnTimeout: "ROLLBACK"},
		{Stages: []string{"PRE_SCALE_UP"}, TimeoutMinutes: 5, OnTimeout: "ROLLBACK"},
	}}
	stages := []ecstypes.DeploymentLifecycleHookStage{"PRE_SCALE_UP"}
	have := &ecstypes.DeploymentConfiguration{
		Strategy: "BLUE_GREEN", DeploymentCircuitBreaker: &ecstypes.DeploymentCircuitBreaker{Enable: true},
		LifecycleHooks: []ecstypes.DeploymentLifecycleHook{
			{TargetType: "PAUSE", LifecycleStages: stages, TimeoutConfiguration: &ecstypes.DeploymentLifecycleHookTimeoutConfiguration{TimeoutInMinutes: sdk.Int32(5)}},
			{HookTargetArn: sdk.String("f"), RoleArn: sdk.String("r"), LifecycleStages: stages},
		},
		Alarms: &ecstypes.DeploymentAlarms{},
	}
	var d difference
	d.deployment(have, want)
	if len(d) > 0 {
		t.Errorf("%+v", d)
	}
	want.Hooks[1].TimeoutMinutes, want.Threshold, want.AddUpFailures = 1440, Threshold{"COUNT", 50}, true
	d.deployment(have, want)
	if len(d) != 3 {
		t.Errorf("%+v", d)
	}
}
