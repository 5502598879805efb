package ecs_test

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	api "github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// fargate puts a service on Fargate: no instances to wait for.
func fargate(in *api.CreateServiceInput) {
	in.LaunchType = types.LaunchTypeFargate
	in.NetworkConfiguration.AwsvpcConfiguration.AssignPublicIp = types.AssignPublicIpEnabled
}

func breaker(rollback bool) func(*api.CreateServiceInput) {
	return func(in *api.CreateServiceInput) {
		in.DeploymentConfiguration = &types.DeploymentConfiguration{DeploymentCircuitBreaker: &types.DeploymentCircuitBreaker{Enable: true, Rollback: rollback}}
	}
}

// fargateRig has a cluster without instances.
func fargateRig(t *testing.T) *rig {
	r := newRig(t).world()
	must(r.CreateCluster(r.ctx, &api.CreateClusterInput{ClusterName: aws.String("main")}))(t)
	return r
}

func (r *rig) update(name string, edit func(*api.UpdateServiceInput)) *types.Service {
	r.t.Helper()
	in := &api.UpdateServiceInput{Cluster: aws.String("main"), Service: &name}
	edit(in)
	return must(r.UpdateService(r.ctx, in))(r.t).Service
}

func (r *rig) record(arn *string) types.ServiceDeployment {
	r.t.Helper()
	out := must(r.DescribeServiceDeployments(r.ctx, &api.DescribeServiceDeploymentsInput{ServiceDeploymentArns: []string{*arn}}))(r.t)
	if len(out.ServiceDeployments) != 1 {
		r.t.Fatalf("%+v", out.Failures)
	}
	return out.ServiceDeployments[0]
}

func TestRollingUpdateKeepsMinimumHealthy(t *testing.T) {
	r := fargateRig(t)
	r.create("app", r.register("app", "i:1"), 3, fargate)
	r.steady("app")
	second := r.register("app", "i:2")
	v := r.update("app", func(in *api.UpdateServiceInput) { in.TaskDefinition = &second })
	if len(v.Deployments) != 2 || *v.Deployments[0].Status != "PRIMARY" || *v.Deployments[1].Status != "ACTIVE" || len(v.CurrentServiceRevisions) != 2 {
		t.Fatalf("%+v", v.Deployments)
	}
	r.until(10*time.Minute, "replaced", func() bool {
		v := r.service("app")
		if v.RunningCount < 3 || v.RunningCount+v.PendingCount > 6 {
			t.Fatalf("running %d, pending %d", v.RunningCount, v.PendingCount)
		}
		return v.Deployments[0].RolloutState == types.DeploymentRolloutStateCompleted
	})
	for _, task := range r.tasks("app", "RUNNING") {
		if *task.TaskDefinitionArn != second {
			t.Errorf("an old task is left: %s", *task.TaskDefinitionArn)
		}
	}
	d := r.record(r.service("app").CurrentServiceDeployment)
	if d.Status != types.ServiceDeploymentStatusSuccessful || len(d.SourceServiceRevisions) != 1 {
		t.Errorf("%+v", d)
	}
	rev := must(r.DescribeServiceRevisions(r.ctx, &api.DescribeServiceRevisionsInput{ServiceRevisionArns: []string{*d.TargetServiceRevision.Arn}}))(t).ServiceRevisions[0]
	if *rev.TaskDefinition != second || *rev.ContainerImages[0].Image != "i:2" || rev.ContainerImages[0].ImageDigest == nil {
		t.Errorf("%+v", rev)
	}
	list := must(r.ListServiceDeployments(r.ctx, &api.ListServiceDeploymentsInput{Cluster: aws.String("main"), Service: aws.String("app"),
		Status: []types.ServiceDeploymentStatus{types.ServiceDeploymentStatusSuccessful}, CreatedAt: &types.CreatedAt{After: aws.Time(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))}}))(t)
	if len(list.ServiceDeployments) != 2 || *list.ServiceDeployments[0].ServiceDeploymentArn != *d.ServiceDeploymentArn {
		t.Errorf("the newest is first: %+v", list.ServiceDeployments)
	}
}

func TestNoSurplusWithMaximum100(t *testing.T) {
	r := fargateRig(t)
	r.create("redis", r.register("redis", "i:1"), 1, fargate, func(in *api.CreateServiceInput) {
		in.DeploymentConfiguration = &types.DeploymentConfiguration{MaximumPercent: aws.Int32(100), MinimumHealthyPercent: aws.Int32(0)}
	})
	r.steady("redis")
	second := r.register("redis", "i:2")
	r.update("redis", func(in *api.UpdateServiceInput) { in.TaskDefinition = &second })
	r.until(10*time.Minute, "replaced", func() bool {
		v := r.service("redis")
		if v.RunningCount+v.PendingCount > 1 {
			t.Fatalf("two tasks at once: %d running, %d pending", v.RunningCount, v.PendingCount)
		}
		return v.Deployments[0].RolloutState == types.DeploymentRolloutStateCompleted
	})
}

// One task that must stay and may have no second: the rollout can't go on, and says so.
func TestConfigurationThatLeavesNoRoom(t *testing.T) {
	r := fargateRig(t)
	first := r.register("app", "i:1")
	r.create("app", first, 1, fargate, func(in *api.CreateServiceInput) {
		in.DeploymentConfiguration = &types.DeploymentConfiguration{MaximumPercent: aws.Int32(100), MinimumHealthyPercent: aws.Int32(100)}
	})
	r.steady("app")
	second := r.register("app", "i:2")
	r.update("app", func(in *api.UpdateServiceInput) { in.TaskDefinition = &second })
	r.until(time.Minute, "event", func() bool {
		return r.hasEvent("app", "was unable to stop or start tasks during a deployment because of the service deployment configuration.")
	})
	if got := *r.tasks("app", "RUNNING")[0].TaskDefinitionArn; got != first {
		t.Error(got)
	}
}

// Which parameters of UpdateService start a deployment, as their documentation says.
func TestWhatStartsADeployment(t *testing.T) {
	r := fargateRig(t)
	r.create("app", r.register("app", "i:1"), 1, fargate)
	r.steady("app")
	second := r.register("app", "i:2")
	for _, c := range []struct {
		why    string
		edit   func(*api.UpdateServiceInput)
		starts bool
	}{
		{"desiredCount scales", func(in *api.UpdateServiceInput) { in.DesiredCount = aws.Int32(2) }, false},
		{"deploymentConfiguration is for the next one", func(in *api.UpdateServiceInput) {
			in.DeploymentConfiguration = &types.DeploymentConfiguration{BakeTimeInMinutes: aws.Int32(1)}
		}, false},
		{"healthCheckGracePeriodSeconds", func(in *api.UpdateServiceInput) { in.HealthCheckGracePeriodSeconds = aws.Int32(9) }, false},
		{"enableExecuteCommand", func(in *api.UpdateServiceInput) { in.EnableExecuteCommand = aws.Bool(true) }, false},
		{"tags of tasks", func(in *api.UpdateServiceInput) { in.PropagateTags = types.PropagateTagsService }, false},
		{"zone rebalancing", func(in *api.UpdateServiceInput) {
			in.AvailabilityZoneRebalancing = types.AvailabilityZoneRebalancingDisabled
		}, false},
		{"an empty list of load balancers where there are none", func(in *api.UpdateServiceInput) { in.LoadBalancers = []types.LoadBalancer{} }, false},
		{"another taskDefinition", func(in *api.UpdateServiceInput) { in.TaskDefinition = &second }, true},
		{"the same taskDefinition", func(in *api.UpdateServiceInput) { in.TaskDefinition = &second }, false},
		{"networkConfiguration", func(in *api.UpdateServiceInput) {
			in.NetworkConfiguration = &types.NetworkConfiguration{AwsvpcConfiguration: &types.AwsVpcConfiguration{Subnets: r.subnets[:1], SecurityGroups: []string{r.group}, AssignPublicIp: types.AssignPublicIpEnabled}}
		}, true},
		{"serviceConnectConfiguration", func(in *api.UpdateServiceInput) {
			in.ServiceConnectConfiguration = &types.ServiceConnectConfiguration{Enabled: true, Namespace: aws.String("portkey")}
		}, true},
		{"platformVersion", func(in *api.UpdateServiceInput) { in.PlatformVersion = aws.String("1.4.0") }, true},
		{"forceNewDeployment", func(in *api.UpdateServiceInput) { in.ForceNewDeployment = true }, true},
	} {
		before := *r.service("app").CurrentServiceDeployment
		v := r.update("app", c.edit)
		if got := *v.CurrentServiceDeployment != before; got != c.starts {
			t.Errorf("%s: deployment started %v, want %v", c.why, got, c.starts)
		}
		r.steady("app")
	}
}

func TestNewerDeploymentStopsTheOlder(t *testing.T) {
	r := fargateRig(t)
	v := r.create("app", r.register("app", "i:1"), 1, fargate)
	second := r.register("app", "i:2")
	r.update("app", func(in *api.UpdateServiceInput) { in.TaskDefinition = &second })
	if s := r.record(v.CurrentServiceDeployment).Status; s != types.ServiceDeploymentStatusStopRequested {
		t.Errorf("status %s", s)
	}
	r.steady("app")
	if d := r.record(v.CurrentServiceDeployment); d.Status != types.ServiceDeploymentStatusStopped || d.StoppedAt == nil {
		t.Errorf("%+v", d)
	}
}

func TestBakeTime(t *testing.T) {
	r := fargateRig(t)
	r.create("app", r.register("app", "i:1"), 1, fargate, func(in *api.CreateServiceInput) {
		in.DeploymentConfiguration = &types.DeploymentConfiguration{Strategy: types.DeploymentStrategyRolling, BakeTimeInMinutes: aws.Int32(5)}
	})
	r.until(5*time.Minute, "healthy", func() bool {
		tasks := r.tasks("app", "RUNNING")
		return len(tasks) == 1 && tasks[0].HealthStatus == types.HealthStatusHealthy
	})
	r.server.Advance(4 * time.Minute)
	if s := r.service("app").Deployments[0].RolloutState; s != types.DeploymentRolloutStateInProgress {
		t.Errorf("while it bakes: %s", s)
	}
	r.server.Advance(90 * time.Second)
	if s := r.service("app").Deployments[0].RolloutState; s != types.DeploymentRolloutStateCompleted {
		t.Errorf("baked: %s", s)
	}
}

func TestUnsupportedStrategies(t *testing.T) {
	r := fargateRig(t)
	def := r.register("app", "i:1")
	for _, c := range []*types.DeploymentConfiguration{
		{EarlySuccessCriteria: &types.DeploymentEarlySuccessCriteria{Enable: true}},
		{LifecycleHooks: []types.DeploymentLifecycleHook{{TargetType: types.DeploymentLifecycleHookTargetTypePause, LifecycleStages: []types.DeploymentLifecycleHookStage{types.DeploymentLifecycleHookStagePostScaleUp}}}},
	} {
		_, err := r.CreateService(r.ctx, r.request("app", def, 1, fargate, func(in *api.CreateServiceInput) { in.DeploymentConfiguration = c }))
		wantError(t, err, "InvalidParameterException", "does not support")
	}
}
