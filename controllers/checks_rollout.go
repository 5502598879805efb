package controllers

import (
	"context"
	"fmt"
	"strings"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/internal/aws"
)

// checkFunction makes sure that a function which decides on rollouts exists: a missing one would have each of them
// taken back. ECS calls it with a role of its own, so that nothing is known of what the operator may not see.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/lambda-lifecycle-hooks.html
func checkFunction(ctx context.Context, w *aws.World, hook int, arn string) *refusal {
	if err := aws.FindFunction(ctx, w.Lambda, arn); err != nil {
		return unusable(err, v1alpha1.ReasonHookUnusable, fmt.Sprintf(
			"gateway.rollout.hooks[%d].lambda.functionARN: there is no function %s: create it, or correct functionARN", hook, arn))
	}
	return nil
}

// checkAlarms makes sure that the alarms exist which take a rollout back: ECS takes no deployment with others.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-alarm-failure.html
func checkAlarms(ctx context.Context, w *aws.World, names []string) *refusal {
	missing, err := aws.MissingAlarms(ctx, w.Alarms, names)
	if err != nil {
		return unusable(err, v1alpha1.ReasonAlarmUnusable, "")
	}
	if len(missing) == 0 {
		return nil
	}
	return &refusal{reason: v1alpha1.ReasonAlarmUnusable, message: fmt.Sprintf(
		"gateway.rollout.alarms: there is no CloudWatch alarm %s in %s: create it, or correct alarms", strings.Join(missing, ", nor "), w.Region)}
}
