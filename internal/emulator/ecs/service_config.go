package ecs

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// defaultConfig is the deployment configuration of a service that gives none.
func defaultConfig() types.DeploymentConfiguration {
	return types.DeploymentConfiguration{
		Strategy: types.DeploymentStrategyRolling, MaximumPercent: aws.Int32(200), MinimumHealthyPercent: aws.Int32(100), BakeTimeInMinutes: aws.Int32(0),
		DeploymentCircuitBreaker: &types.DeploymentCircuitBreaker{},
	}
}

// mergeConfig applies what a request gives of a deployment configuration.
//
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeploymentConfiguration.html
func (r *region) mergeConfig(have types.DeploymentConfiguration, in *types.DeploymentConfiguration) (types.DeploymentConfiguration, error) {
	if in == nil {
		return have, nil
	}
	if err := r.checkAlarms(in.Alarms); err != nil {
		return have, err
	}
	if in.Strategy != "" {
		if strategies[in.Strategy] == nil {
			return have, unsupported("the deployment strategy " + string(in.Strategy))
		}
		have.Strategy = in.Strategy
	}
	if err := mergeSteps(&have, in); err != nil {
		return have, err
	}
	if err := mergeHooks(&have, in.LifecycleHooks); err != nil {
		return have, err
	}
	if in.EarlySuccessCriteria != nil && in.EarlySuccessCriteria.Enable {
		return have, unsupported("earlySuccessCriteria")
	}
	if in.Alarms != nil {
		have.Alarms = in.Alarms
	}
	if in.EarlySuccessCriteria != nil {
		have.EarlySuccessCriteria = in.EarlySuccessCriteria
	}
	if in.MaximumPercent != nil {
		have.MaximumPercent = in.MaximumPercent
	}
	if in.MinimumHealthyPercent != nil {
		have.MinimumHealthyPercent = in.MinimumHealthyPercent
	}
	if in.BakeTimeInMinutes != nil {
		have.BakeTimeInMinutes = in.BakeTimeInMinutes
	}
	if lo, hi := *have.MinimumHealthyPercent, *have.MaximumPercent; lo < 0 || lo > 100 || hi < 100 || hi > 200 {
		return have, invalid("minimumHealthyPercent must be between 0 and 100 and maximumPercent between 100 and 200.")
	}
	if b := *have.BakeTimeInMinutes; b < 0 || b > 1440 {
		return have, invalid("bakeTimeInMinutes must be between 0 and 1440.")
	}
	err := mergeBreaker(&have, in.DeploymentCircuitBreaker)
	return have, err
}

// mergeSteps applies how a strategy shifts traffic, and fills in defaults.
//
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CanaryConfiguration.html
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_LinearConfiguration.html
func mergeSteps(have *types.DeploymentConfiguration, in *types.DeploymentConfiguration) error {
	if in.CanaryConfiguration != nil && have.Strategy != types.DeploymentStrategyCanary {
		return invalid("canaryConfiguration is only valid with the deployment strategy CANARY.")
	}
	if in.LinearConfiguration != nil && have.Strategy != types.DeploymentStrategyLinear {
		return invalid("linearConfiguration is only valid with the deployment strategy LINEAR.")
	}
	var canary types.CanaryConfiguration
	var linear types.LinearConfiguration
	for _, c := range []*types.CanaryConfiguration{{CanaryPercent: aws.Float64(5), CanaryBakeTimeInMinutes: aws.Int32(10)}, have.CanaryConfiguration, in.CanaryConfiguration} {
		if c != nil {
			canary.CanaryPercent, canary.CanaryBakeTimeInMinutes = or(c.CanaryPercent, canary.CanaryPercent), or(c.CanaryBakeTimeInMinutes, canary.CanaryBakeTimeInMinutes)
		}
	}
	for _, c := range []*types.LinearConfiguration{{StepPercent: aws.Float64(10), StepBakeTimeInMinutes: aws.Int32(6)}, have.LinearConfiguration, in.LinearConfiguration} {
		if c != nil {
			linear.StepPercent, linear.StepBakeTimeInMinutes = or(c.StepPercent, linear.StepPercent), or(c.StepBakeTimeInMinutes, linear.StepBakeTimeInMinutes)
		}
	}
	have.CanaryConfiguration, have.LinearConfiguration = nil, nil
	switch have.Strategy {
	case types.DeploymentStrategyCanary:
		have.CanaryConfiguration = &canary
		return checkStep("canaryPercent", *canary.CanaryPercent, 0.1, "canaryBakeTimeInMinutes", *canary.CanaryBakeTimeInMinutes)
	case types.DeploymentStrategyLinear:
		have.LinearConfiguration = &linear
		return checkStep("stepPercent", *linear.StepPercent, 3, "stepBakeTimeInMinutes", *linear.StepBakeTimeInMinutes)
	}
	return nil
}

func checkStep(percentName string, percent, least float64, bakeName string, bake int32) error {
	if percent < least || percent > 100 || tenths(percent) != percent {
		return invalid("%s must be between %.1f and 100.0, in steps of 0.1.", percentName, least)
	}
	if bake < 0 || bake > 1440 {
		return invalid("%s must be between 0 and 1440.", bakeName)
	}
	return nil
}

// or is a if it is given, else b.
func or[T any](a, b *T) *T {
	if a != nil {
		return a
	}
	return b
}
