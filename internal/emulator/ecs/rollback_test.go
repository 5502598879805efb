package ecs_test

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	api "github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

func TestCircuitBreakerRollsBack(t *testing.T) {
	r := fargateRig(t)
	first := r.register("app", "i:1")
	r.create("app", first, 2, fargate, breaker(true))
	completed := *r.steady("app").Deployments[0].Id
	bad := r.register("app", "i:2-broken-crash-30s")
	v := r.update("app", func(in *api.UpdateServiceInput) { in.TaskDefinition = &bad })
	arn := v.CurrentServiceDeployment
	r.until(20*time.Minute, "rollback begins", func() bool { return r.record(arn).Status == types.ServiceDeploymentStatusRollbackInProgress })
	d := r.record(arn)
	if d.Rollback == nil || d.DeploymentCircuitBreaker.Status != types.ServiceDeploymentRollbackMonitorsStatusTriggered || d.DeploymentCircuitBreaker.Threshold != 3 {
		t.Fatalf("%+v", d)
	}
	r.until(10*time.Minute, "rolled back", func() bool { return r.record(arn).Status == types.ServiceDeploymentStatusRollbackSuccessful })
	v = r.steady("app")
	if *v.TaskDefinition != first || *v.Deployments[0].Id != completed || *v.CurrentServiceDeployment != *arn || v.RunningCount != 2 {
		t.Fatalf("after the rollback the service has the previous revision: %+v", v)
	}
	for _, part := range []string{"deployment failed: tasks failed to start.", "rolling back to deployment " + completed} {
		if !r.hasEvent("app", part) {
			t.Errorf("no event %q", part)
		}
	}
}

func TestCircuitBreakerWithoutRollback(t *testing.T) {
	for _, rollback := range []bool{false, true} {
		r := fargateRig(t)
		v := r.create("app", r.register("app", "i:1-broken-never-healthy"), 1, fargate, breaker(rollback))
		want := types.ServiceDeploymentStatusStopped
		if rollback { // nothing has ever completed
			want = types.ServiceDeploymentStatusRollbackFailed
		}
		r.until(time.Hour, "failed", func() bool { return r.record(v.CurrentServiceDeployment).Status == want })
		d := r.service("app").Deployments[0]
		if d.RolloutState != types.DeploymentRolloutStateFailed || d.FailedTasks != 3 || *d.RolloutStateReason != "ECS deployment circuit breaker: tasks failed to start." {
			t.Errorf("%+v", d)
		}
		r.server.Advance(time.Hour)
		if n := len(r.tasks("app", "RUNNING")); n != 0 {
			t.Errorf("a failed deployment launches no more tasks: %d", n)
		}
	}
}

func TestThresholds(t *testing.T) {
	r := fargateRig(t)
	for _, c := range []struct {
		t       *types.ThresholdConfiguration
		desired int32
		want    int32
	}{
		{nil, 2, 3}, {nil, 21, 11}, {&types.ThresholdConfiguration{Type: types.ThresholdTypeBoundedPercent, Value: 10}, 10, 3},
		{&types.ThresholdConfiguration{Type: types.ThresholdTypeUnboundedPercent, Value: 10}, 10, 1}, {&types.ThresholdConfiguration{Type: types.ThresholdTypeCount, Value: 7}, 2, 7},
	} {
		name := "app" + string('a'+c.want)
		v := r.create(name, r.register("app", "i:1"), c.desired, fargate, breaker(false), func(in *api.CreateServiceInput) {
			in.DeploymentConfiguration.DeploymentCircuitBreaker.ThresholdConfiguration = c.t
			if c.t == nil {
				*in.ServiceName += "default"
				name = *in.ServiceName
			}
		})
		if got := r.record(v.CurrentServiceDeployment).DeploymentCircuitBreaker.Threshold; got != c.want {
			t.Errorf("%+v at %d: %d, want %d", c.t, c.desired, got, c.want)
		}
		must(r.DeleteService(r.ctx, &api.DeleteServiceInput{Cluster: aws.String("main"), Service: &name, Force: aws.Bool(true)}))(t)
	}
}

func TestStopServiceDeployment(t *testing.T) {
	r := fargateRig(t)
	first := r.register("app", "i:1")
	v := r.create("app", first, 1, fargate)
	_, err := r.StopServiceDeployment(r.ctx, &api.StopServiceDeploymentInput{ServiceDeploymentArn: v.CurrentServiceDeployment})
	wantError(t, err, "InvalidParameterException", "no completed")
	r.steady("app")
	_, err = r.StopServiceDeployment(r.ctx, &api.StopServiceDeploymentInput{ServiceDeploymentArn: v.CurrentServiceDeployment})
	wantError(t, err, "ConflictException", "SUCCESSFUL")
	_, err = r.StopServiceDeployment(r.ctx, &api.StopServiceDeploymentInput{ServiceDeploymentArn: aws.String(*v.CurrentServiceDeployment + "x")})
	wantError(t, err, "ServiceDeploymentNotFoundException", "")

	second := r.register("app", "i:2")
	v = r.update("app", func(in *api.UpdateServiceInput) { in.TaskDefinition = &second })
	must(r.StopServiceDeployment(r.ctx, &api.StopServiceDeploymentInput{ServiceDeploymentArn: v.CurrentServiceDeployment, StopType: types.StopServiceDeploymentStopTypeRollback}))(t)
	if s := r.record(v.CurrentServiceDeployment).Status; s != types.ServiceDeploymentStatusRollbackRequested {
		t.Errorf("status %s", s)
	}
	r.until(10*time.Minute, "rolled back", func() bool {
		return r.record(v.CurrentServiceDeployment).Status == types.ServiceDeploymentStatusRollbackSuccessful
	})
	if got := *r.service("app").TaskDefinition; got != first {
		t.Errorf("task definition %s", got)
	}

	v = r.update("app", func(in *api.UpdateServiceInput) { in.TaskDefinition = &second })
	must(r.StopServiceDeployment(r.ctx, &api.StopServiceDeploymentInput{ServiceDeploymentArn: v.CurrentServiceDeployment, StopType: types.StopServiceDeploymentStopTypeAbort}))(t)
	r.until(time.Minute, "aborted", func() bool {
		return r.record(v.CurrentServiceDeployment).Status == types.ServiceDeploymentStatusStopped
	})
}
