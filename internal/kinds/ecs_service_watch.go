package kinds

import (
	"cmp"
	"fmt"
	"slices"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
)

// What may end a deployment or hold it up: the circuit breaker, alarms, and hooks. ECS shows defaults that
// nobody has set, or leaves them out; both count as equal.

// Threshold is how many tasks may fail until the circuit breaker ends a deployment.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ThresholdConfiguration.html
type Threshold struct {
	// Type is "BOUNDED_PERCENT", "UNBOUNDED_PERCENT" or "COUNT".
	Type  string `json:"type"`
	Value int    `json:"value"`
}

// usualThreshold is ECS's own.
var usualThreshold = Threshold{"BOUNDED_PERCENT", 50}

func (t Threshold) String() string { return fmt.Sprintf("%s %d", t.Type, t.Value) }

// LifecycleHook holds deployments at stages until it is answered.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeploymentLifecycleHook.html
type LifecycleHook struct {
	// Stages are ECS's names of them.
	Stages []string `json:"stages"`
	// Function is the ARN of the Lambda function that decides, and Role that of the role that ECS takes to call
	// it. Without a function ECS waits for ContinueServiceDeployment.
	Function graph.Value `json:"function,omitzero"`
	Role     graph.Value `json:"role,omitzero"`
	// TimeoutMinutes is how long it is waited for, and OnTimeout what happens then: "ROLLBACK" or "CONTINUE".
	TimeoutMinutes int    `json:"timeoutMinutes"`
	OnTimeout      string `json:"onTimeout"`
}

// breaker says everything of a circuit breaker that works, so that nothing of the one before remains.
func (s ServiceSpec) breaker() *ecstypes.DeploymentCircuitBreaker {
	b := &ecstypes.DeploymentCircuitBreaker{Enable: s.CircuitBreaker, Rollback: s.Rollback}
	if s.CircuitBreaker {
		t := cmp.Or(s.Threshold, usualThreshold)
		b.ThresholdConfiguration = &ecstypes.ThresholdConfiguration{Type: ecstypes.ThresholdType(t.Type), Value: int32(t.Value)} //nolint:gosec // admitted
		b.ResetOnHealthyTask = sdk.Bool(!s.AddUpFailures)
	}
	return b
}

func (d *difference) breaker(have *ecstypes.DeploymentCircuitBreaker, want ServiceSpec) {
	if have == nil {
		have = &ecstypes.DeploymentCircuitBreaker{}
	}
	d.flag("deployment.circuitBreaker", have.Enable, want.CircuitBreaker)
	d.flag("deployment.rollback", have.Rollback, want.Rollback)
	if !want.CircuitBreaker {
		return
	}
	threshold, reset := usualThreshold, have.ResetOnHealthyTask == nil || *have.ResetOnHealthyTask
	if t := have.ThresholdConfiguration; t != nil {
		threshold = Threshold{string(t.Type), int(t.Value)}
	}
	d.text("deployment.threshold", threshold.String(), cmp.Or(want.Threshold, usualThreshold).String())
	d.flag("deployment.addUpFailures", !reset, want.AddUpFailures)
}

// alarms are nil where none is wanted.
func (s ServiceSpec) alarms() *ecstypes.DeploymentAlarms {
	if len(s.Alarms) == 0 {
		return nil
	}
	return &ecstypes.DeploymentAlarms{AlarmNames: s.Alarms, Enable: true, Rollback: true}
}

// alarmTexts are the alarms that deployments watch.
func alarmTexts(a *ecstypes.DeploymentAlarms) []string {
	if a == nil || !a.Enable {
		return nil
	}
	if !a.Rollback {
		return append(slices.Clone(a.AlarmNames), "(without rollback)")
	}
	return a.AlarmNames
}

// hooks are nil where none is wanted.
func (s ServiceSpec) hooks() []ecstypes.DeploymentLifecycleHook {
	var out []ecstypes.DeploymentLifecycleHook
	for _, h := range s.Hooks {
		hook := ecstypes.DeploymentLifecycleHook{
			TargetType: ecstypes.DeploymentLifecycleHookTargetTypePause,
			TimeoutConfiguration: &ecstypes.DeploymentLifecycleHookTimeoutConfiguration{
				TimeoutInMinutes: number(h.TimeoutMinutes), Action: ecstypes.DeploymentLifecycleHookAction(h.OnTimeout),
			},
		}
		if !h.Function.IsZero() {
			hook.TargetType = ecstypes.DeploymentLifecycleHookTargetTypeAwsLambda
			hook.HookTargetArn, hook.RoleArn = sdk.String(h.Function.String()), sdk.String(h.Role.String())
		}
		for _, stage := range h.Stages {
			hook.LifecycleStages = append(hook.LifecycleStages, ecstypes.DeploymentLifecycleHookStage(stage))
		}
		out = append(out, hook)
	}
	return out
}

// usualTimeout is how long ECS waits for a hook of which that isn't said.
const usualTimeout = 24 * 60

// hookTexts prints each hook, so that they compare as sets: ECS calls those of a stage at once.
func hookTexts(hooks []ecstypes.DeploymentLifecycleHook) []string {
	var out []string
	for _, h := range hooks {
		stages := make([]string, len(h.LifecycleStages))
		for i, stage := range h.LifecycleStages {
			stages[i] = string(stage)
		}
		timeout, action := int32(usualTimeout), ecstypes.DeploymentLifecycleHookActionRollback
		if t := h.TimeoutConfiguration; t != nil {
			action = cmp.Or(t.Action, action)
			if t.TimeoutInMinutes != nil {
				timeout = *t.TimeoutInMinutes
			}
		}
		text := string(cmp.Or(h.TargetType, ecstypes.DeploymentLifecycleHookTargetTypeAwsLambda))
		if h.HookTargetArn != nil {
			text += fmt.Sprintf(" %s with %s", *h.HookTargetArn, sdk.ToString(h.RoleArn))
		}
		if h.HookDetails != nil {
			text += " with details"
		}
		out = append(out, fmt.Sprintf("%s at %s, %s after %d minutes", text, sorted(stages), action, timeout))
	}
	return out
}
