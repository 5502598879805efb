package kinds

import (
	"cmp"
	"fmt"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// The deployment configuration says how deployments go. A change of it starts none, and is for those that
// begin after it: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/update-service-parameters.html

// TrafficStep is a share of production traffic and how long it is watched.
type TrafficStep struct {
	Percent     float64 `json:"percent"`
	BakeMinutes int     `json:"bakeMinutes"`
}

// deployment is the configuration that the spec asks for, in the place of what the service has: what isn't
// sent stays, so what is to go is sent empty.
func (s ServiceSpec) deployment(have *ecstypes.DeploymentConfiguration) *ecstypes.DeploymentConfiguration {
	c := &ecstypes.DeploymentConfiguration{
		Strategy:              s.strategy(),
		MinimumHealthyPercent: number(s.MinHealthyPercent), MaximumPercent: number(s.MaxPercent), BakeTimeInMinutes: number(s.BakeMinutes),
		DeploymentCircuitBreaker: s.breaker(), Alarms: s.alarms(), LifecycleHooks: s.hooks(),
	}
	if s.Canary != nil {
		c.CanaryConfiguration = &ecstypes.CanaryConfiguration{CanaryPercent: &s.Canary.Percent, CanaryBakeTimeInMinutes: number(s.Canary.BakeMinutes)}
	}
	if s.Linear != nil {
		c.LinearConfiguration = &ecstypes.LinearConfiguration{StepPercent: &s.Linear.Percent, StepBakeTimeInMinutes: number(s.Linear.BakeMinutes)}
	}
	if have == nil {
		return c
	}
	if c.LifecycleHooks == nil && len(have.LifecycleHooks) > 0 {
		c.LifecycleHooks = []ecstypes.DeploymentLifecycleHook{}
	}
	if c.Alarms == nil && have.Alarms != nil && (have.Alarms.Enable || len(have.Alarms.AlarmNames) > 0) {
		c.Alarms = &ecstypes.DeploymentAlarms{AlarmNames: []string{}}
	}
	return c
}

// deployment compares how the service is deployed. ECS may not show the bake time of a rolling
// deployment; it is sent whenever the rest is, so what isn't shown counts as equal.
func (d *difference) deployment(have *ecstypes.DeploymentConfiguration, want ServiceSpec) {
	if have == nil {
		have = &ecstypes.DeploymentConfiguration{}
	}
	d.number("deployment.minHealthyPercent", int(sdk.ToInt32(have.MinimumHealthyPercent)), want.MinHealthyPercent)
	d.number("deployment.maxPercent", int(sdk.ToInt32(have.MaximumPercent)), want.MaxPercent)
	if have.BakeTimeInMinutes != nil {
		d.number("deployment.bakeMinutes", int(*have.BakeTimeInMinutes), want.BakeMinutes)
	}
	d.text("deployment.strategy", string(cmp.Or(have.Strategy, ecstypes.DeploymentStrategyRolling)), string(want.strategy()))
	if want.Canary != nil {
		d.text("deployment.canary", stepText(canaryStep(have)), stepText(want.Canary))
	}
	if want.Linear != nil {
		d.text("deployment.linear", stepText(linearStep(have)), stepText(want.Linear))
	}
	d.breaker(have.DeploymentCircuitBreaker, want)
	d.set("deployment.alarms", alarmTexts(have.Alarms), alarmTexts(want.alarms()))
	d.set("deployment.hooks", hookTexts(have.LifecycleHooks), hookTexts(want.hooks()))
}

// deployedBy is the spec as far as deployments can go by it after a move: while the service keeps its
// strategy, everything but the strategy, and hooks only where that runs any.
func (s ServiceSpec) deployedBy(next move, have service) ServiceSpec {
	if next.configures {
		return s
	}
	s.Strategy, s.Canary, s.Linear = string(have.strategy()), canaryStep(have.DeploymentConfiguration), linearStep(have.DeploymentConfiguration)
	if !shifts(have.strategy()) {
		s.Hooks = nil
	}
	return s
}

func canaryStep(have *ecstypes.DeploymentConfiguration) *TrafficStep {
	if have == nil || have.CanaryConfiguration == nil {
		return nil
	}
	return &TrafficStep{sdk.ToFloat64(have.CanaryConfiguration.CanaryPercent), int(sdk.ToInt32(have.CanaryConfiguration.CanaryBakeTimeInMinutes))}
}

func linearStep(have *ecstypes.DeploymentConfiguration) *TrafficStep {
	if have == nil || have.LinearConfiguration == nil {
		return nil
	}
	return &TrafficStep{sdk.ToFloat64(have.LinearConfiguration.StepPercent), int(sdk.ToInt32(have.LinearConfiguration.StepBakeTimeInMinutes))}
}

func stepText(s *TrafficStep) string {
	if s == nil {
		return ""
	}
	return fmt.Sprintf("%g%% for %d minutes", s.Percent, s.BakeMinutes)
}
