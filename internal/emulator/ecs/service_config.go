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
func mergeConfig(have types.DeploymentConfiguration, in *types.DeploymentConfiguration) (types.DeploymentConfiguration, error) {
	if in == nil {
		return have, nil
	}
	if in.Strategy != "" {
		if strategies[in.Strategy] == nil {
			return have, unsupported("the deployment strategy " + string(in.Strategy))
		}
		have.Strategy = in.Strategy
	}
	switch {
	case in.CanaryConfiguration != nil || in.LinearConfiguration != nil:
		return have, unsupported("canaryConfiguration and linearConfiguration")
	case len(in.LifecycleHooks) > 0:
		return have, unsupported("lifecycleHooks")
	case in.Alarms != nil && in.Alarms.Enable:
		return have, unsupported("deployment alarms")
	case in.EarlySuccessCriteria != nil && in.EarlySuccessCriteria.Enable:
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
	if b := in.DeploymentCircuitBreaker; b != nil {
		breaker := *b
		if b.Rollback && !b.Enable {
			return have, invalid("The deployment circuit breaker's rollback can't be enabled while the circuit breaker is not.")
		}
		if t := b.ThresholdConfiguration; t != nil && t.Value < 1 {
			return have, invalid("The value of the circuit breaker's threshold must be at least 1.")
		}
		if b.Enable && breaker.ResetOnHealthyTask == nil {
			breaker.ResetOnHealthyTask = aws.Bool(true)
		}
		if b.Enable && breaker.ThresholdConfiguration == nil {
			breaker.ThresholdConfiguration = &types.ThresholdConfiguration{Type: types.ThresholdTypeBoundedPercent, Value: 50}
		}
		have.DeploymentCircuitBreaker = &breaker
	}
	return have, nil
}
