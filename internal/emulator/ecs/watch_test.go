package ecs_test

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	api "github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

func pauseAt(stages ...types.DeploymentLifecycleHookStage) types.DeploymentLifecycleHook {
	return types.DeploymentLifecycleHook{TargetType: types.DeploymentLifecycleHookTargetTypePause, LifecycleStages: stages}
}

func timed(h types.DeploymentLifecycleHook, minutes int32, action types.DeploymentLifecycleHookAction) types.DeploymentLifecycleHook {
	h.TimeoutConfiguration = &types.DeploymentLifecycleHookTimeoutConfiguration{TimeoutInMinutes: &minutes, Action: action}
	return h
}

func hooked(hooks ...types.DeploymentLifecycleHook) func(*api.CreateServiceInput) {
	return func(in *api.CreateServiceInput) { in.DeploymentConfiguration.LifecycleHooks = hooks }
}

func thresholdOf(kind types.ThresholdType, value int32) func(*api.CreateServiceInput) {
	return func(in *api.CreateServiceInput) {
		in.DeploymentConfiguration.DeploymentCircuitBreaker.ThresholdConfiguration = &types.ThresholdConfiguration{Type: kind, Value: value}
	}
}

// What isn't said of hooks and the circuit breaker shows as AWS's defaults, what isn't sent stays, and empty
// lists remove; none of it starts a deployment.
func TestWatchIsMerged(t *testing.T) {
	p := newPair(t, alb)
	p.s.SetAlarm(scope, "errors", "OK")
	config := blueGreen()
	config.LifecycleHooks = []types.DeploymentLifecycleHook{pauseAt("POST_SCALE_UP")}
	config.Alarms = &types.DeploymentAlarms{Enable: true, Rollback: true, AlarmNames: []string{"errors"}}
	v := p.create("app", p.register("app", "i:1"), 1, p.on(config))
	first := *v.CurrentServiceDeployment
	for range 2 {
		c := v.DeploymentConfiguration
		if h := c.LifecycleHooks; len(h) != 1 || *h[0].TimeoutConfiguration.TimeoutInMinutes != 1440 || h[0].TimeoutConfiguration.Action != types.DeploymentLifecycleHookActionRollback {
			t.Fatalf("%+v", h)
		}
		if b := c.DeploymentCircuitBreaker; !*b.ResetOnHealthyTask || b.ThresholdConfiguration.Type != types.ThresholdTypeBoundedPercent || b.ThresholdConfiguration.Value != 50 {
			t.Fatalf("%+v", b)
		}
		if !c.Alarms.Enable {
			t.Fatalf("%+v", c.Alarms)
		}
		v = p.update("app", func(in *api.UpdateServiceInput) {
			in.DeploymentConfiguration = &types.DeploymentConfiguration{BakeTimeInMinutes: aws.Int32(3)}
		})
	}
	v = p.update("app", func(in *api.UpdateServiceInput) {
		in.DeploymentConfiguration = &types.DeploymentConfiguration{
			LifecycleHooks: []types.DeploymentLifecycleHook{}, Alarms: &types.DeploymentAlarms{AlarmNames: []string{}},
			DeploymentCircuitBreaker: &types.DeploymentCircuitBreaker{Enable: true, ThresholdConfiguration: &types.ThresholdConfiguration{Type: types.ThresholdTypeCount, Value: 9}},
		}
	})
	c := v.DeploymentConfiguration
	if len(c.LifecycleHooks) > 0 || c.Alarms.Enable || len(c.Alarms.AlarmNames) > 0 || c.DeploymentCircuitBreaker.ThresholdConfiguration.Value != 9 || *v.CurrentServiceDeployment != first {
		t.Errorf("%+v", v)
	}
}

// A service that rolls has no hooks, old or new.
func TestHooksOfRolling(t *testing.T) {
	p := newPair(t, alb)
	config := blueGreen()
	config.LifecycleHooks = []types.DeploymentLifecycleHook{pauseAt("PRE_SCALE_UP")}
	v := p.create("app", p.register("app", "i:1"), 1, p.on(config))
	p.until(15*time.Minute, "pauses", func() bool { return len(p.record(v.CurrentServiceDeployment).LifecycleHookDetails) == 1 })
	must(p.ContinueServiceDeployment(p.ctx, &api.ContinueServiceDeploymentInput{ServiceDeploymentArn: v.CurrentServiceDeployment, HookId: p.record(v.CurrentServiceDeployment).LifecycleHookDetails[0].HookId}))(t)
	p.until(15*time.Minute, "deployed", func() bool {
		return p.service("app").Deployments[0].RolloutState == types.DeploymentRolloutStateCompleted
	})
	roll := func(hooks []types.DeploymentLifecycleHook) error {
		_, err := p.UpdateService(p.ctx, &api.UpdateServiceInput{Cluster: aws.String("main"), Service: aws.String("app"),
			DeploymentConfiguration: &types.DeploymentConfiguration{Strategy: types.DeploymentStrategyRolling, LifecycleHooks: hooks}})
		return err
	}
	wantError(t, roll(nil), "InvalidParameterException", "lifecycleHooks of the deployment strategy ROLLING")
	wantError(t, roll(config.LifecycleHooks), "InvalidParameterException", "lifecycleHooks of the deployment strategy ROLLING")
	must(struct{}{}, roll([]types.DeploymentLifecycleHook{}))(t)
	if c := p.service("app").DeploymentConfiguration; len(c.LifecycleHooks) > 0 || c.Strategy != types.DeploymentStrategyRolling {
		t.Errorf("%+v", c)
	}
}

// Alarms roll a rolling deployment back, too, and one that has baked no more.
func TestAlarmsOfRolling(t *testing.T) {
	for _, rollback := range []bool{true, false} {
		r := fargateRig(t)
		r.s.SetAlarm(scope, "errors", "OK")
		first, second := r.register("app", "i:1"), r.register("app", "i:2")
		r.create("app", first, 1, fargate, func(in *api.CreateServiceInput) {
			in.DeploymentConfiguration = &types.DeploymentConfiguration{BakeTimeInMinutes: aws.Int32(5), Alarms: &types.DeploymentAlarms{Enable: true, Rollback: rollback, AlarmNames: []string{"errors"}}}
		})
		r.steady("app")
		arn := r.update("app", func(in *api.UpdateServiceInput) { in.TaskDefinition = &second }).CurrentServiceDeployment
		r.server.Advance(time.Minute)
		r.s.SetAlarm(scope, "errors", "ALARM")
		want, runs := types.ServiceDeploymentStatusStopped, second
		if rollback {
			want, runs = types.ServiceDeploymentStatusRollbackSuccessful, first
		}
		r.until(15*time.Minute, "ended", func() bool { return r.record(arn).Status == want })
		if got := r.service("app"); *got.TaskDefinition != runs || !contains(aws.ToString(r.record(arn).StatusReason), "triggered CloudWatch alarm(s): errors") {
			t.Errorf("%+v", got)
		}
		r.s.SetAlarm(scope, "errors", "OK")
		arn = r.update("app", func(in *api.UpdateServiceInput) { in.TaskDefinition, in.ForceNewDeployment = &second, true }).CurrentServiceDeployment
		r.until(20*time.Minute, "deployed", func() bool { return r.record(arn).Status == types.ServiceDeploymentStatusSuccessful })
		r.s.SetAlarm(scope, "errors", "ALARM")
		r.server.Advance(time.Hour)
		if got := r.record(arn); got.Status != types.ServiceDeploymentStatusSuccessful || *r.service("app").TaskDefinition != second {
			t.Errorf("%+v", got)
		}
	}
}
