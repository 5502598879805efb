package kinds

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/portkey-ai/portkey-ecs-operator/internal/aws"
	"github.com/portkey-ai/portkey-ecs-operator/internal/own"
)

// standing is the rollback as long as it is a verdict on what is wanted. One of a deployment that went by other
// hooks, alarms or thresholds isn't: who corrects the ARN of a function, or takes an alarm away that went off for
// nothing, wants the same revision tried again. Where that was tried for just what is wanted, it isn't again: if ECS
// tells of hooks in other words than they were sent, that would go on for ever.
func (r *rollback) standing(ctx context.Context, w *aws.World, want ServiceSpec, tried string) (*rollback, error) {
	if r == nil || r.ARN == "" || tried == want.trial() {
		return r, nil
	}
	out, err := w.ECS.DescribeServiceDeployments(ctx, &ecs.DescribeServiceDeploymentsInput{ServiceDeploymentArns: []string{r.ARN}})
	if unsupported(err) {
		return r, nil
	}
	if err != nil {
		return nil, err
	}
	if len(out.ServiceDeployments) == 0 || !watchedOtherwise(out.ServiceDeployments[0].DeploymentConfiguration, want) {
		return r, nil
	}
	return nil, nil
}

// trial tells deployments apart by what they deploy and what may end them.
func (s ServiceSpec) trial() string {
	return own.Digest([]any{s.TaskDefinition.String(), s.CircuitBreaker, s.Rollback, s.Threshold, s.AddUpFailures, s.Alarms, hookTexts(s.hooks())})
}

// watchedOtherwise reports whether a deployment went by other hooks, alarms or thresholds than are wanted. Of what
// it had none of, or of which ECS tells none, it can't have failed.
func watchedOtherwise(had *ecstypes.DeploymentConfiguration, want ServiceSpec) bool {
	var d difference
	if had == nil {
		return false
	}
	if b := had.DeploymentCircuitBreaker; b != nil && b.Enable {
		d.breaker(b, want)
	}
	if alarms := alarmTexts(had.Alarms); len(alarms) > 0 {
		d.set("deployment.alarms", alarms, alarmTexts(want.alarms()))
	}
	if len(had.LifecycleHooks) > 0 {
		d.set("deployment.hooks", hookTexts(had.LifecycleHooks), hookTexts(want.hooks()))
	}
	return len(d) > 0
}
