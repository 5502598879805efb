package ecs

import (
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// maxHooks is how many hooks of one type a service has.
const maxHooks = 10

// unpausable are the stages that take Lambda hooks only.
var unpausable = []types.DeploymentLifecycleHookStage{types.DeploymentLifecycleHookStageTestTrafficShift, types.DeploymentLifecycleHookStageProductionTrafficShift}

// mergeHooks takes the hooks of a request in the place of those before; nil leaves them. AWS's pages tell of
// hooks only where traffic shifts, and not what becomes of them when a service is to roll again: the emulator
// takes them from no rolling service, new ones or old.
//
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeploymentLifecycleHook.html
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/pause-lifecycle-hooks.html
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/lambda-lifecycle-hooks.html
func mergeHooks(have *types.DeploymentConfiguration, hooks []types.DeploymentLifecycleHook) error {
	if !staged(have.Strategy) && (len(hooks) > 0 || hooks == nil && len(have.LifecycleHooks) > 0) {
		return unsupported("lifecycleHooks of the deployment strategy ROLLING")
	}
	if hooks == nil {
		return nil
	}
	have.LifecycleHooks = nil
	count := map[types.DeploymentLifecycleHookTargetType]int{}
	for _, h := range hooks {
		if h.TargetType == "" {
			h.TargetType = types.DeploymentLifecycleHookTargetTypeAwsLambda
		}
		if count[h.TargetType]++; count[h.TargetType] > maxHooks {
			return invalid("lifecycleHooks can have at most %d hooks of the type %s.", maxHooks, h.TargetType)
		}
		if h.HookDetails != nil {
			return unsupported("hookDetails")
		}
		if len(h.LifecycleStages) == 0 {
			return invalid("lifecycleStages can not be empty.")
		}
		for i, stage := range h.LifecycleStages {
			if slices.Contains(h.LifecycleStages[:i], stage) {
				return unsupported("a hook that has the stage " + string(stage) + " twice")
			}
		}
		longest := int32(1440)
		if h.TargetType == types.DeploymentLifecycleHookTargetTypePause {
			longest = 20160
			if h.HookTargetArn != nil || h.RoleArn != nil {
				return invalid("hookTargetArn and roleArn are not valid for a pause hook.")
			}
			if slices.ContainsFunc(h.LifecycleStages, func(stage types.DeploymentLifecycleHookStage) bool { return slices.Contains(unpausable, stage) }) {
				return invalid("Invalid lifecycle stage provided for Pause Hook")
			}
		} else if !strings.Contains(aws.ToString(h.HookTargetArn), ":lambda:") || aws.ToString(h.RoleArn) == "" {
			return invalid("hookTargetArn and roleArn are required for a Lambda hook.")
		}
		timeout := types.DeploymentLifecycleHookTimeoutConfiguration{TimeoutInMinutes: aws.Int32(1440), Action: types.DeploymentLifecycleHookActionRollback}
		if t := h.TimeoutConfiguration; t != nil {
			timeout.TimeoutInMinutes = or(t.TimeoutInMinutes, timeout.TimeoutInMinutes)
			if t.Action != "" {
				timeout.Action = t.Action
			}
		}
		if m := *timeout.TimeoutInMinutes; m < 1 || m > longest {
			return invalid("timeoutInMinutes of a hook of the type %s must be between 1 and %d.", h.TargetType, longest)
		}
		h.TimeoutConfiguration = &timeout
		have.LifecycleHooks = append(have.LifecycleHooks, h)
	}
	return nil
}
