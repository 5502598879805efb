package kinds

import (
	"context"
	"strconv"
	"strings"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	scalingtypes "github.com/aws/aws-sdk-go-v2/service/applicationautoscaling/types"

	"github.com/portkey-ai/portkey-ecs-operator/internal/aws"
	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
)

// scalingPolicy is a policy as it was seen.
type scalingPolicy struct {
	// Metric is empty for what isn't a target tracking policy on a predefined metric.
	Metric, Label     string
	Target            float64
	ScaleIn, ScaleOut int
	NoScaleIn         bool
}

// readTarget finds a scalable target among those that are read together.
func readTarget(ctx context.Context, w *aws.World, resource string, together []string) (*scalingtypes.ScalableTarget, error) {
	all, err := aws.Read(ctx, w.Reads, "appscaling/targets/"+strings.Join(together, ","), func(ctx context.Context) ([]scalingtypes.ScalableTarget, error) {
		return pages(ctx, applicationautoscaling.NewDescribeScalableTargetsPaginator(w.AppScaling, &applicationautoscaling.DescribeScalableTargetsInput{
			ServiceNamespace: scalingtypes.ServiceNamespaceEcs, ScalableDimension: scalingtypes.ScalableDimensionECSServiceDesiredCount, ResourceIds: together,
		}), func(p *applicationautoscaling.DescribeScalableTargetsOutput) []scalingtypes.ScalableTarget {
			return p.ScalableTargets
		})
	})
	if err != nil {
		return nil, err
	}
	for i := range all {
		if sdk.ToString(all[i].ResourceId) == resource {
			return &all[i], nil
		}
	}
	return nil, nil
}

// readPolicies reads our policies of one target. AWS takes one resource or lists those of the whole
// account, which may be many pages.
func readPolicies(ctx context.Context, call graph.Call, resource string) (map[string]scalingPolicy, error) {
	w := world(call)
	all, err := aws.Read(ctx, w.Reads, "appscaling/policies/"+resource, func(ctx context.Context) ([]scalingtypes.ScalingPolicy, error) {
		return pages(ctx, applicationautoscaling.NewDescribeScalingPoliciesPaginator(w.AppScaling, &applicationautoscaling.DescribeScalingPoliciesInput{
			ServiceNamespace: scalingtypes.ServiceNamespaceEcs, ScalableDimension: scalingtypes.ScalableDimensionECSServiceDesiredCount, ResourceId: &resource,
		}), func(p *applicationautoscaling.DescribeScalingPoliciesOutput) []scalingtypes.ScalingPolicy {
			return p.ScalingPolicies
		})
	})
	if err != nil {
		return nil, err
	}
	out := map[string]scalingPolicy{}
	for i := range all {
		if name, ok := ourPolicy(call, sdk.ToString(all[i].PolicyName)); ok {
			out[name] = seenPolicy(all[i].TargetTrackingScalingPolicyConfiguration)
		}
	}
	return out, nil
}

func seenPolicy(c *scalingtypes.TargetTrackingScalingPolicyConfiguration) scalingPolicy {
	if c == nil || c.PredefinedMetricSpecification == nil {
		return scalingPolicy{}
	}
	return scalingPolicy{
		Metric: string(c.PredefinedMetricSpecification.PredefinedMetricType), Label: sdk.ToString(c.PredefinedMetricSpecification.ResourceLabel),
		Target: sdk.ToFloat64(c.TargetValue), NoScaleIn: sdk.ToBool(c.DisableScaleIn),
		ScaleIn: int(sdk.ToInt32(c.ScaleInCooldown)), ScaleOut: int(sdk.ToInt32(c.ScaleOutCooldown)),
	}
}

// policyOf compares one policy.
func (d *difference) policyOf(want ScalingPolicy, all map[string]scalingPolicy) {
	path := "policies." + want.Name
	have, ok := all[want.Name]
	if !ok {
		d.text(path, "", want.Metric)
		return
	}
	d.text(path+".metric", have.Metric, want.Metric)
	d.text(path+".label", have.Label, want.label())
	d.text(path+".target", decimal(have.Target), decimal(want.Target))
	d.number(path+".scaleInCooldown", have.ScaleIn, want.ScaleInCooldown)
	d.number(path+".scaleOutCooldown", have.ScaleOut, want.ScaleOutCooldown)
	d.flag(path+".disableScaleIn", have.NoScaleIn, false)
}

// put makes policies, or replaces what is in them.
func (t *scalableTarget) put(ctx context.Context, call graph.Call, policies []ScalingPolicy) error {
	w := world(call)
	for _, p := range policies {
		w.Reads.Forget("appscaling/policies/" + t.Resource)
		metric := &scalingtypes.PredefinedMetricSpecification{PredefinedMetricType: scalingtypes.MetricType(p.Metric)}
		if label := p.label(); label != "" {
			metric.ResourceLabel = &label
		}
		if _, err := w.AppScaling.PutScalingPolicy(ctx, &applicationautoscaling.PutScalingPolicyInput{
			ServiceNamespace: scalingtypes.ServiceNamespaceEcs, ScalableDimension: scalingtypes.ScalableDimensionECSServiceDesiredCount, ResourceId: &t.Resource,
			PolicyName: sdk.String(policyName(call, p.Name)), PolicyType: scalingtypes.PolicyTypeTargetTrackingScaling,
			TargetTrackingScalingPolicyConfiguration: &scalingtypes.TargetTrackingScalingPolicyConfiguration{
				PredefinedMetricSpecification: metric, TargetValue: &p.Target, DisableScaleIn: sdk.Bool(false),
				ScaleInCooldown: number(p.ScaleInCooldown), ScaleOutCooldown: number(p.ScaleOutCooldown),
			},
		}); err != nil {
			return err
		}
		t.Policies[p.Name] = scalingPolicy{Metric: p.Metric, Label: p.label(), Target: p.Target, ScaleIn: p.ScaleInCooldown, ScaleOut: p.ScaleOutCooldown}
	}
	return nil
}

// drop deletes a policy.
func (t *scalableTarget) drop(ctx context.Context, call graph.Call, name string) error {
	w := world(call)
	w.Reads.Forget("appscaling/policies/" + t.Resource)
	_, err := w.AppScaling.DeleteScalingPolicy(ctx, &applicationautoscaling.DeleteScalingPolicyInput{
		ServiceNamespace: scalingtypes.ServiceNamespaceEcs, ScalableDimension: scalingtypes.ScalableDimensionECSServiceDesiredCount, ResourceId: &t.Resource,
		PolicyName: sdk.String(policyName(call, name)),
	})
	if !passes(err, notFound) {
		return err
	}
	delete(t.Policies, name)
	return nil
}

// label is the resource label of requests per target: the ends of both ARNs.
// https://docs.aws.amazon.com/autoscaling/application/APIReference/API_PredefinedMetricSpecification.html
func (p ScalingPolicy) label() string {
	if p.Balancer.IsZero() {
		return ""
	}
	if !known(p.Balancer) || !known(p.Group) {
		return graph.KnownAfterApply
	}
	_, balancer, _ := strings.Cut(p.Balancer.String(), ":loadbalancer/")
	group := p.Group.String()
	return balancer + "/" + group[strings.LastIndexByte(group, ':')+1:]
}

func decimal(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }
