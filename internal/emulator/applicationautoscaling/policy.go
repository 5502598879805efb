package applicationautoscaling

import (
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	api "github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling/types"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// policy is a target tracking policy, with the alarms that AWS makes for it.
type policy struct {
	t         *target
	name, arn string
	created   time.Time
	config    types.TargetTrackingScalingPolicyConfiguration
	high, low alarm
}

// alarm counts the datapoints that are beyond its threshold one after the other.
type alarm struct {
	name, arn string
	points    int
}

// putScalingPolicy makes a policy or replaces its configuration; its alarms stay.
//
// https://docs.aws.amazon.com/autoscaling/application/APIReference/API_PutScalingPolicy.html
func (s *Service) putScalingPolicy(r *core.Request, in *api.PutScalingPolicyInput) (*api.PutScalingPolicyOutput, error) {
	if err := only(in, "PolicyName", "ResourceId", "ScalableDimension", "ServiceNamespace", "PolicyType", "TargetTrackingScalingPolicyConfiguration"); err != nil {
		return nil, err
	}
	if err := checkKey(in.ServiceNamespace, in.ResourceId, in.ScalableDimension); err != nil {
		return nil, err
	}
	name := aws.ToString(in.PolicyName)
	if name == "" || len(name) > 256 {
		return nil, invalid("1 validation error detected: Value '%s' at 'policyName' failed to satisfy constraint: Member must have length between 1 and 256", name)
	}
	t, err := s.registered(r.Scope, *in.ResourceId)
	if err != nil {
		return nil, err
	}
	p := t.policies[name]
	switch {
	case in.PolicyType == "" && p == nil:
		return nil, unsupported("step scaling policies")
	case in.PolicyType != "" && in.PolicyType != types.PolicyTypeTargetTrackingScaling:
		return nil, unsupported("the policy type " + string(in.PolicyType))
	}
	config, err := s.checkConfig(t, in.TargetTrackingScalingPolicyConfiguration)
	if err != nil {
		return nil, err
	}
	if p == nil {
		if len(t.policies) >= s.Quotas.PoliciesPerTarget {
			return nil, core.Errorf("LimitExceededException", "Maximum number of scaling policies for the scalable target has been reached: %d.", s.Quotas.PoliciesPerTarget)
		}
		p = &policy{t: t, name: name, created: r.Now(), arn: r.ARN("autoscaling", "scalingPolicy:"+s.world.UUID()+":resource/ecs/"+t.resource+":policyName/"+name)}
		p.high, p.low = s.newAlarm(t, "High"), s.newAlarm(t, "Low")
		t.policies[name] = p
	}
	p.config, p.high.points, p.low.points = config, 0, 0
	s.tick(t)
	return &api.PutScalingPolicyOutput{PolicyARN: &p.arn, Alarms: p.alarms()}, nil
}

// newAlarm names an alarm as those are that AWS makes.
//
// https://docs.aws.amazon.com/autoscaling/application/userguide/create-target-tracking-policy-cli.html
func (s *Service) newAlarm(t *target, which string) alarm {
	name := "TargetTracking-" + t.resource + "-Alarm" + which + "-" + s.world.UUID()
	return alarm{name: name, arn: t.ARN("cloudwatch", "alarm:"+name)}
}

// alarms are those that there are: none is low when the policy doesn't scale in.
func (p *policy) alarms() []types.Alarm {
	out := []types.Alarm{{AlarmName: aws.String(p.high.name), AlarmARN: aws.String(p.high.arn)}}
	if !aws.ToBool(p.config.DisableScaleIn) {
		out = append(out, types.Alarm{AlarmName: aws.String(p.low.name), AlarmARN: aws.String(p.low.arn)})
	}
	return out
}

// checkConfig checks a target tracking configuration.
//
// https://docs.aws.amazon.com/autoscaling/application/APIReference/API_TargetTrackingScalingPolicyConfiguration.html
func (s *Service) checkConfig(t *target, in *types.TargetTrackingScalingPolicyConfiguration) (types.TargetTrackingScalingPolicyConfiguration, error) {
	if in == nil {
		return types.TargetTrackingScalingPolicyConfiguration{}, invalid("TargetTrackingScalingPolicyConfiguration must be specified for the policy type TargetTrackingScaling.")
	}
	c := *in
	switch {
	case c.CustomizedMetricSpecification != nil:
		return c, unsupported("customized metrics")
	case c.PredefinedMetricSpecification == nil:
		return c, invalid("A predefined or a customized metric must be specified.")
	case c.TargetValue == nil:
		return c, invalid("1 validation error detected: Value null at 'targetTrackingScalingPolicyConfiguration.targetValue' failed to satisfy constraint: Member must not be null")
	case *c.TargetValue <= 0:
		return c, invalid("The target value must be greater than 0 for the metric type %s.", c.PredefinedMetricSpecification.PredefinedMetricType)
	}
	for _, cooldown := range []*int32{c.ScaleInCooldown, c.ScaleOutCooldown} {
		if cooldown != nil && *cooldown < 0 {
			return c, invalid("Cooldown must be at least 0 seconds.")
		}
	}
	m := c.PredefinedMetricSpecification
	switch m.PredefinedMetricType {
	case types.MetricTypeECSServiceAverageCPUUtilization, types.MetricTypeECSServiceAverageMemoryUtilization:
		if m.ResourceLabel != nil {
			return c, invalid("Resource label can't be specified for the metric type %s.", m.PredefinedMetricType)
		}
	case types.MetricTypeALBRequestCountPerTarget:
		return c, s.checkLabel(t, aws.ToString(m.ResourceLabel))
	default:
		if slices.Contains(m.PredefinedMetricType.Values(), m.PredefinedMetricType) {
			return c, unsupported("the metric type " + string(m.PredefinedMetricType) + " of an ECS service")
		}
		return c, invalid("1 validation error detected: Value '%s' at 'predefinedMetricType' failed to satisfy constraint: Member must satisfy enum value set", m.PredefinedMetricType)
	}
	return c, nil
}

// checkLabel checks that a resource label is made of an Application Load Balancer and a target group that
// it forwards to, and that the service deploys in place: requests per target are "not supported for the
// blue/green deployment type".
//
// https://docs.aws.amazon.com/autoscaling/application/APIReference/API_PredefinedMetricSpecification.html,
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-autoscaling-targettracking.html
func (s *Service) checkLabel(t *target, label string) error {
	parts := strings.Split(label, "/")
	if len(parts) != 6 || parts[0] != "app" || parts[3] != "targetgroup" {
		return invalid("The resource label %q is invalid: it must be of the form app/<load balancer>/<id>/targetgroup/<target group>/<id>.", label)
	}
	balancer := t.ARN("elasticloadbalancing", "loadbalancer/"+strings.Join(parts[:3], "/"))
	group, ok := s.elb.TargetGroup(t.Scope, t.ARN("elasticloadbalancing", strings.Join(parts[3:], "/")))
	if !ok || !slices.Contains(group.LoadBalancerARNs, balancer) {
		return invalid("The resource label %q is invalid: the load balancer and the target group must exist and belong together.", label)
	}
	if service, _ := s.ecs.Scalable(t.Scope, t.cluster, t.service); service.TwoTargetGroups {
		return invalid("The metric type ALBRequestCountPerTarget is not supported for the deployment type of the service %s.", t.resource)
	}
	return nil
}

// deleteScalingPolicy deletes the policy's alarms with it.
//
// https://docs.aws.amazon.com/autoscaling/application/APIReference/API_DeleteScalingPolicy.html
func (s *Service) deleteScalingPolicy(r *core.Request, in *api.DeleteScalingPolicyInput) (*api.DeleteScalingPolicyOutput, error) {
	if err := checkKey(in.ServiceNamespace, in.ResourceId, in.ScalableDimension); err != nil {
		return nil, err
	}
	t := s.region(r.Scope)[*in.ResourceId]
	if t == nil || t.policies[aws.ToString(in.PolicyName)] == nil {
		return nil, core.Errorf("ObjectNotFoundException", "No scaling policy found for service namespace: ecs, resource ID: %s, scalable dimension: %s, policy name: %s",
			*in.ResourceId, in.ScalableDimension, aws.ToString(in.PolicyName))
	}
	delete(t.policies, *in.PolicyName)
	return &api.DeleteScalingPolicyOutput{}, nil
}

// describeScalingPolicies lists the policies of all targets or of one, all or those named.
//
// https://docs.aws.amazon.com/autoscaling/application/APIReference/API_DescribeScalingPolicies.html
func (s *Service) describeScalingPolicies(r *core.Request, in *api.DescribeScalingPoliciesInput) (*api.DescribeScalingPoliciesOutput, error) {
	if err := checkNamespace(in.ServiceNamespace); err != nil {
		return nil, err
	}
	switch {
	case in.ScalableDimension != "" && in.ResourceId == nil:
		return nil, invalid("If you specify a scalable dimension, you must also specify a resource ID.")
	case len(in.PolicyNames) > 50:
		return nil, invalid("1 validation error detected: Value at 'policyNames' failed to satisfy constraint: Member must have length less than or equal to 50")
	}
	var found []types.ScalingPolicy
	for _, t := range sorted(s.region(r.Scope)) {
		if in.ResourceId != nil && *in.ResourceId != t.resource {
			continue
		}
		for _, p := range sorted(t.policies) {
			if s.world.Visible(p.created) && (len(in.PolicyNames) == 0 || slices.Contains(in.PolicyNames, p.name)) {
				found = append(found, p.view())
			}
		}
	}
	list, next, err := page(s, found, func(p types.ScalingPolicy) string { return *p.PolicyARN }, in.NextToken, in.MaxResults, 10)
	if err != nil {
		return nil, err
	}
	return &api.DescribeScalingPoliciesOutput{ScalingPolicies: list, NextToken: next}, nil
}

func (p *policy) view() types.ScalingPolicy {
	config := p.config
	return types.ScalingPolicy{
		PolicyName: aws.String(p.name), PolicyARN: aws.String(p.arn), PolicyType: types.PolicyTypeTargetTrackingScaling, ResourceId: aws.String(p.t.resource),
		ServiceNamespace: types.ServiceNamespaceEcs, ScalableDimension: types.ScalableDimensionECSServiceDesiredCount, CreationTime: aws.Time(p.created),
		TargetTrackingScalingPolicyConfiguration: &config, Alarms: p.alarms(),
	}
}
