package elbv2

import "github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"

// invalid is the error of requests that can't be right by themselves.
func invalid(format string, args ...any) *core.Error {
	return core.Errorf("ValidationError", format, args...)
}

// conflict is the error of settings that don't go together.
func conflict(format string, args ...any) *core.Error {
	return core.Errorf("InvalidConfigurationRequest", format, args...)
}

func loadBalancerNotFound(arn string) *core.Error {
	return core.Errorf("LoadBalancerNotFound", "Load balancer '%s' not found", arn)
}

func targetGroupNotFound() *core.Error {
	return core.Errorf("TargetGroupNotFound", "One or more target groups not found")
}

func listenerNotFound() *core.Error {
	return core.Errorf("ListenerNotFound", "One or more listeners not found")
}

func ruleNotFound() *core.Error {
	return core.Errorf("RuleNotFound", "One or more rules not found")
}

func notPermitted(format string, args ...any) *core.Error {
	return core.Errorf("OperationNotPermitted", format, args...)
}
