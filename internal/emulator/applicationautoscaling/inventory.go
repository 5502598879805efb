package applicationautoscaling

import (
	"maps"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling/types"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// inventory lists scalable targets, policies, and the alarms that AWS made for these.
func (s *Service) inventory(bool) []core.Resource {
	var out []core.Resource
	for scope, targets := range s.targets {
		for _, t := range targets {
			out = append(out, core.Resource{
				Service: "application-autoscaling", Kind: "ScalableTarget", ID: t.arn, Name: t.resource, ARN: t.arn, Account: scope.Account, Region: scope.Region,
				Tags: maps.Clone(t.tags), State: "registered", Taggable: true,
				Settings: map[string]any{"resourceId": t.resource, "minCapacity": t.lo, "maxCapacity": t.hi, "suspendedState": t.suspended, "roleARN": t.roleARN()},
			})
			for _, p := range t.policies {
				out = append(out, core.Resource{
					Service: "application-autoscaling", Kind: "ScalingPolicy", ID: p.arn, Name: p.name, ARN: p.arn, Account: scope.Account, Region: scope.Region,
					State: "active", Settings: p.settings(),
				})
				for _, a := range p.alarms() {
					out = append(out, core.Resource{
						Service: "cloudwatch", Kind: "Alarm", ID: *a.AlarmARN, Name: *a.AlarmName, ARN: *a.AlarmARN, Account: scope.Account, Region: scope.Region,
						State: "OK", Taggable: true, AWSManaged: true,
					})
				}
			}
		}
	}
	return out
}

func (p *policy) settings() map[string]any {
	m := p.config.PredefinedMetricSpecification
	out := map[string]any{
		"resourceId": p.t.resource, "policyType": types.PolicyTypeTargetTrackingScaling, "metric": m.PredefinedMetricType, "targetValue": *p.config.TargetValue,
		"disableScaleIn": aws.ToBool(p.config.DisableScaleIn),
	}
	if m.ResourceLabel != nil {
		out["resourceLabel"] = *m.ResourceLabel
	}
	if p.config.ScaleInCooldown != nil {
		out["scaleInCooldown"] = *p.config.ScaleInCooldown
	}
	if p.config.ScaleOutCooldown != nil {
		out["scaleOutCooldown"] = *p.config.ScaleOutCooldown
	}
	return out
}
