package ecs_test

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdkasg "github.com/aws/aws-sdk-go-v2/service/autoscaling"
	asgtypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	api "github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

func TestCapacityProviderLife(t *testing.T) {
	r := newRig(t).world()
	r.autoScalingGroup("main", "m6g.large")
	group := func(edit func(*types.AutoScalingGroupProvider)) *types.AutoScalingGroupProvider {
		p := &types.AutoScalingGroupProvider{AutoScalingGroupArn: aws.String("main")}
		edit(p)
		return p
	}
	create := func(name string, p *types.AutoScalingGroupProvider) (*api.CreateCapacityProviderOutput, error) {
		return r.CreateCapacityProvider(r.ctx, &api.CreateCapacityProviderInput{Name: &name, AutoScalingGroupProvider: p})
	}
	plain := func(*types.AutoScalingGroupProvider) {}
	for _, c := range []struct {
		why, name  string
		edit       func(*types.AutoScalingGroupProvider)
		code, part string
	}{
		{"reserved prefix", "ecs-one", plain, "InvalidParameterException", "prefixed"},
		{"unknown group", "one", func(p *types.AutoScalingGroupProvider) { p.AutoScalingGroupArn = aws.String("none") }, "ClientException", "Auto Scaling group ARN is invalid"},
		{"protection without scaling", "one", func(p *types.AutoScalingGroupProvider) {
			p.ManagedTerminationProtection = types.ManagedTerminationProtectionEnabled
		}, "ClientException", "The managed termination protection setting for the capacity provider is invalid."},
		{"steps", "one", func(p *types.AutoScalingGroupProvider) {
			p.ManagedScaling = &types.ManagedScaling{MinimumScalingStepSize: aws.Int32(3), MaximumScalingStepSize: aws.Int32(2)}
		}, "ClientException", "step sizes"},
	} {
		_, err := create(c.name, group(c.edit))
		wantError(t, err, c.code, c.part)
	}
	must(r.asg.UpdateAutoScalingGroup(r.ctx, &sdkasg.UpdateAutoScalingGroupInput{AutoScalingGroupName: aws.String("main"), NewInstancesProtectedFromScaleIn: aws.Bool(false)}))(t)
	_, err := create("one", group(func(p *types.AutoScalingGroupProvider) {
		p.ManagedTerminationProtection = types.ManagedTerminationProtectionEnabled
		p.ManagedScaling = &types.ManagedScaling{Status: types.ManagedScalingStatusEnabled}
	}))
	wantError(t, err, "ClientException", "must have instance protection from scale in enabled")

	p := must(create("one", group(plain)))(t).CapacityProvider
	if p.Status != types.CapacityProviderStatusProvisioning || p.UpdateStatus != types.CapacityProviderUpdateStatusCreateInProgress || *p.AutoScalingGroupProvider.ManagedScaling.InstanceWarmupPeriod != 300 {
		t.Errorf("%+v", p)
	}
	_, err = create("one", group(plain))
	wantError(t, err, "ClientException", "already exists")
	_, err = create("two", group(plain))
	wantError(t, err, "ClientException", "already being used by another capacity provider")
	update := func() error {
		_, err := r.UpdateCapacityProvider(r.ctx, &api.UpdateCapacityProviderInput{Name: aws.String("one"), AutoScalingGroupProvider: &types.AutoScalingGroupProviderUpdate{ManagedScaling: &types.ManagedScaling{TargetCapacity: aws.Int32(80)}}})
		return err
	}
	wantError(t, update(), "UpdateInProgressException", "")
	r.server.Advance(time.Minute)
	if err := update(); err != nil {
		t.Fatal(err)
	}
	r.server.Advance(time.Minute)
	got := must(r.DescribeCapacityProviders(r.ctx, &api.DescribeCapacityProvidersInput{CapacityProviders: []string{"one", "none", "FARGATE"}}))(t)
	one := got.CapacityProviders[0]
	if one.UpdateStatus != types.CapacityProviderUpdateStatusUpdateComplete || *one.AutoScalingGroupProvider.ManagedScaling.TargetCapacity != 80 || *one.AutoScalingGroupProvider.ManagedScaling.MinimumScalingStepSize != 1 {
		t.Errorf("an update keeps what it doesn't name: %+v", one.AutoScalingGroupProvider.ManagedScaling)
	}
	if len(got.CapacityProviders) != 2 || len(got.Failures) != 1 || *got.Failures[0].Reason != "MISSING" {
		t.Errorf("%+v", got)
	}
	_, err = r.DeleteCapacityProvider(r.ctx, &api.DeleteCapacityProviderInput{CapacityProvider: aws.String("none")})
	wantError(t, err, "ClientException", "capacity provider does not exist")
	_, err = r.DeleteCapacityProvider(r.ctx, &api.DeleteCapacityProviderInput{CapacityProvider: aws.String("FARGATE")})
	wantError(t, err, "ClientException", "reserved")
	must(r.DeleteCapacityProvider(r.ctx, &api.DeleteCapacityProviderInput{CapacityProvider: one.CapacityProviderArn}))(t)
	r.server.Advance(time.Minute)
	must(create("one", group(plain)))(t) // the name is free again
}

func TestClusterStrategies(t *testing.T) {
	r := newRig(t).world()
	must(r.CreateCluster(r.ctx, &api.CreateClusterInput{ClusterName: aws.String("main")}))(t)
	item := func(name string, weight, base int32) types.CapacityProviderStrategyItem {
		return types.CapacityProviderStrategyItem{CapacityProvider: &name, Weight: weight, Base: base}
	}
	both := []string{"FARGATE", "FARGATE_SPOT"}
	for _, c := range []struct {
		providers  []string
		strategy   []types.CapacityProviderStrategyItem
		code, part string
	}{
		{[]string{"none"}, nil, "ClientException", "does not exist"},
		{[]string{"FARGATE"}, []types.CapacityProviderStrategyItem{item("FARGATE_SPOT", 1, 0)}, "InvalidParameterException", "not associated with the cluster"},
		{both, []types.CapacityProviderStrategyItem{item("FARGATE", 1, 1), item("FARGATE_SPOT", 1, 1)}, "InvalidParameterException", "base"},
		{both, []types.CapacityProviderStrategyItem{item("FARGATE", 0, 0)}, "InvalidParameterException", "weight greater than 0"},
		{both, []types.CapacityProviderStrategyItem{item("FARGATE", 1, 0), item("FARGATE", 1, 0)}, "InvalidParameterException", "more than once"},
	} {
		if c.strategy == nil {
			c.strategy = []types.CapacityProviderStrategyItem{}
		}
		_, err := r.PutClusterCapacityProviders(r.ctx, &api.PutClusterCapacityProvidersInput{Cluster: aws.String("main"), CapacityProviders: c.providers, DefaultCapacityProviderStrategy: c.strategy})
		wantError(t, err, c.code, c.part)
	}
	must(r.PutClusterCapacityProviders(r.ctx, &api.PutClusterCapacityProvidersInput{Cluster: aws.String("main"), CapacityProviders: both,
		DefaultCapacityProviderStrategy: []types.CapacityProviderStrategyItem{item("FARGATE", 1, 1), item("FARGATE_SPOT", 3, 0)}}))(t)
	// Without a launch type, the cluster's strategy: one task is the base, the others go 1 to 3.
	v := r.create("app", r.register("app", "i:1"), 5, func(in *api.CreateServiceInput) {
		in.NetworkConfiguration.AwsvpcConfiguration.AssignPublicIp = types.AssignPublicIpEnabled
	})
	if len(v.CapacityProviderStrategy) != 2 || v.LaunchType != "" {
		t.Errorf("%+v", v)
	}
	r.steady("app")
	count := map[string]int{}
	for _, task := range r.tasks("app", "RUNNING") {
		count[*task.CapacityProviderName]++
	}
	if count["FARGATE"] != 2 || count["FARGATE_SPOT"] != 3 {
		t.Errorf("%v", count)
	}
}

// Managed scaling adds what waiting tasks need, step by step, and gives idle instances up after a
// quarter of an hour; instances with tasks are protected.
func TestManagedScaling(t *testing.T) {
	r := newRig(t).world()
	r.capacity("t4g.medium") // two task interfaces each: three, less the instance's own
	r.create("app", r.register("app", "i:1"), 5)
	r.until(3*time.Minute, "first step", func() bool { return r.desiredInstances() > 0 })
	if n := r.desiredInstances(); n != 1 {
		t.Errorf("first step to %d", n)
	}
	r.steady("app")
	if n := r.desiredInstances(); n != 3 {
		t.Errorf("5 tasks on instances for 2 each: %d", n)
	}
	protected := func() (n int) {
		for _, i := range must(r.asg.DescribeAutoScalingGroups(r.ctx, &sdkasg.DescribeAutoScalingGroupsInput{AutoScalingGroupNames: []string{"main"}}))(t).AutoScalingGroups[0].Instances {
			if *i.ProtectedFromScaleIn {
				n++
			}
		}
		return n
	}
	if n := protected(); n != 3 {
		t.Errorf("protected: %d", n)
	}
	r.update("app", func(in *api.UpdateServiceInput) { in.DesiredCount = aws.Int32(0) })
	r.server.Advance(12 * time.Minute)
	if n := r.desiredInstances(); n != 3 {
		t.Errorf("before the quarter of an hour: %d", n)
	}
	r.until(20*time.Minute, "scaled in", func() bool { return r.desiredInstances() == 0 })
	r.until(20*time.Minute, "no instance is left", func() bool {
		return len(must(r.ListContainerInstances(r.ctx, &api.ListContainerInstancesInput{Cluster: aws.String("main")}))(t).ContainerInstanceArns) == 0
	})
}

func TestGroupIsTaggedAndHooked(t *testing.T) {
	r := newRig(t).world()
	r.capacity("m6g.large")
	g := must(r.asg.DescribeAutoScalingGroups(r.ctx, &sdkasg.DescribeAutoScalingGroupsInput{AutoScalingGroupNames: []string{"main"}}))(t).AutoScalingGroups[0]
	if len(g.Tags) != 1 || *g.Tags[0].Key != "AmazonECSManaged" {
		t.Fatalf("%+v", g.Tags)
	}
	hooks := must(r.asg.DescribeLifecycleHooks(r.ctx, &sdkasg.DescribeLifecycleHooksInput{AutoScalingGroupName: aws.String("main")}))(t).LifecycleHooks
	if len(hooks) != 1 || *hooks[0].LifecycleHookName != "ecs-managed-draining-termination-hook" || *hooks[0].HeartbeatTimeout != 3600 {
		t.Fatalf("%+v", hooks)
	}
	must(r.asg.DeleteTags(r.ctx, &sdkasg.DeleteTagsInput{Tags: []asgtypes.Tag{{ResourceId: aws.String("main"), ResourceType: aws.String("auto-scaling-group"), Key: aws.String("AmazonECSManaged")}}}))(t)
	r.create("app", r.register("app", "i:1"), 1)
	r.server.Advance(10 * time.Minute)
	if n := r.desiredInstances(); n != 0 {
		t.Errorf("without the tag there is no managed scaling: %d", n)
	}
}
