package applicationautoscaling

import (
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	api "github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling/types"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// setDesired scales the service and records that.
//
// https://docs.aws.amazon.com/autoscaling/application/userguide/application-auto-scaling-scaling-activities.html
func (s *Service) setDesired(t *target, n int, cause string) {
	now := s.world.Clock.Now()
	s.ecs.SetDesired(t.Scope, t.cluster, t.service, n)
	t.activities = append([]types.ScalingActivity{{
		ActivityId: aws.String(s.world.UUID()), ServiceNamespace: types.ServiceNamespaceEcs, ResourceId: aws.String(t.resource),
		ScalableDimension: types.ScalableDimensionECSServiceDesiredCount, Description: aws.String("Setting desired count to " + count(n) + "."), Cause: aws.String(cause),
		StartTime: aws.Time(now), EndTime: aws.Time(now), StatusCode: types.ScalingActivityStatusCodeSuccessful,
		StatusMessage: aws.String("Successfully set desired count to " + count(n) + ". Change successfully fulfilled by ecs."),
	}}, t.activities...)
}

// describeScalingActivities lists what was scaled in the last six weeks, the newest first.
//
// https://docs.aws.amazon.com/autoscaling/application/APIReference/API_DescribeScalingActivities.html
func (s *Service) describeScalingActivities(r *core.Request, in *api.DescribeScalingActivitiesInput) (*api.DescribeScalingActivitiesOutput, error) {
	if err := only(in, "ServiceNamespace", "MaxResults", "NextToken", "ResourceId", "ScalableDimension"); err != nil {
		return nil, err
	}
	if err := checkNamespace(in.ServiceNamespace); err != nil {
		return nil, err
	}
	if in.ScalableDimension != "" && in.ResourceId == nil {
		return nil, invalid("If you specify a scalable dimension, you must also specify a resource ID.")
	}
	var found []types.ScalingActivity
	for _, t := range sorted(s.region(r.Scope)) {
		if in.ResourceId != nil && *in.ResourceId != t.resource {
			continue
		}
		for _, a := range t.activities {
			if r.Now().Sub(*a.StartTime) < activitiesShown {
				found = append(found, a)
			}
		}
	}
	slices.SortStableFunc(found, func(a, b types.ScalingActivity) int { return b.StartTime.Compare(*a.StartTime) })
	list, next, err := page(s, found, func(a types.ScalingActivity) string { return *a.ActivityId }, in.NextToken, in.MaxResults, 50)
	if err != nil {
		return nil, err
	}
	return &api.DescribeScalingActivitiesOutput{ScalingActivities: list, NextToken: next}, nil
}
