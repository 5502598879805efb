package strangers

import (
	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
)

// scaled makes the gateway's service scale, as Terraform does, and returns the resource id.
func (s *stranger) scaled() (*applicationautoscaling.Client, *string) {
	s.Helper()
	c := applicationautoscaling.NewFromConfig(s.cfg)
	resource := sdk.String("service/" + s.name("cluster/main") + "/" + s.name("service/gateway"))
	must(c.RegisterScalableTarget(s.Context(), &applicationautoscaling.RegisterScalableTargetInput{
		ServiceNamespace: types.ServiceNamespaceEcs, ScalableDimension: types.ScalableDimensionECSServiceDesiredCount, ResourceId: resource,
		MinCapacity: sdk.Int32(1), MaxCapacity: sdk.Int32(3),
	}))(s)
	must(c.PutScalingPolicy(s.Context(), &applicationautoscaling.PutScalingPolicyInput{
		ServiceNamespace: types.ServiceNamespaceEcs, ScalableDimension: types.ScalableDimensionECSServiceDesiredCount, ResourceId: resource,
		PolicyName: sdk.String("cpu"), PolicyType: types.PolicyTypeTargetTrackingScaling,
		TargetTrackingScalingPolicyConfiguration: &types.TargetTrackingScalingPolicyConfiguration{TargetValue: sdk.Float64(70), ScaleInCooldown: sdk.Int32(120), ScaleOutCooldown: sdk.Int32(60),
			PredefinedMetricSpecification: &types.PredefinedMetricSpecification{PredefinedMetricType: types.MetricTypeECSServiceAverageCPUUtilization}},
	}))(s)
	return c, resource
}

var scalingReads = map[string]read{
	"DescribeScalableTargets": func(s *stranger) {
		c, resource := s.scaled()
		out := must(c.DescribeScalableTargets(s.Context(), &applicationautoscaling.DescribeScalableTargetsInput{
			ServiceNamespace: types.ServiceNamespaceEcs, ScalableDimension: types.ScalableDimensionECSServiceDesiredCount, ResourceIds: []string{*resource}}))(s)
		t := out.ScalableTargets[0]
		s.see("1 "+*resource+" 1 3", len(out.ScalableTargets), t.ResourceId, t.MinCapacity, t.MaxCapacity)
	},
	"DescribeScalingPolicies": func(s *stranger) {
		c, resource := s.scaled()
		out := must(c.DescribeScalingPolicies(s.Context(), &applicationautoscaling.DescribeScalingPoliciesInput{
			ServiceNamespace: types.ServiceNamespaceEcs, ScalableDimension: types.ScalableDimensionECSServiceDesiredCount, ResourceId: resource, PolicyNames: []string{"cpu"}}))(s)
		p := out.ScalingPolicies[0]
		s.see("1 cpu TargetTrackingScaling 70 2", len(out.ScalingPolicies), p.PolicyName, p.PolicyType, *p.TargetTrackingScalingPolicyConfiguration.TargetValue, len(p.Alarms))
	},
	"ListTagsForResource": func(s *stranger) {
		c, resource := s.scaled()
		arn := must(c.DescribeScalableTargets(s.Context(), &applicationautoscaling.DescribeScalableTargetsInput{ServiceNamespace: types.ServiceNamespaceEcs, ResourceIds: []string{*resource}}))(s).ScalableTargets[0].ScalableTargetARN
		out := must(c.ListTagsForResource(s.Context(), &applicationautoscaling.ListTagsForResourceInput{ResourceARN: arn}))(s)
		s.see("0", len(out.Tags))
	},
	"DescribeScalingActivities": func(s *stranger) {
		c, resource := s.scaled()
		out := must(c.DescribeScalingActivities(s.Context(), &applicationautoscaling.DescribeScalingActivitiesInput{ServiceNamespace: types.ServiceNamespaceEcs, ResourceId: resource}))(s)
		service := must(ecs.NewFromConfig(s.cfg).DescribeServices(s.Context(), &ecs.DescribeServicesInput{Cluster: sdk.String(s.name("cluster/main")), Services: []string{s.name("service/gateway")}}))(s)
		s.see("0 1", len(out.ScalingActivities), service.Services[0].DesiredCount) // the count was within the bounds
	},
}
