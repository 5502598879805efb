package ecs_test

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	api "github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

func on(items ...types.CapacityProviderStrategyItem) []types.CapacityProviderStrategyItem {
	return items
}

func share(provider string, weight, base int32) types.CapacityProviderStrategyItem {
	return types.CapacityProviderStrategyItem{CapacityProvider: &provider, Weight: weight, Base: base}
}

// byProvider counts a service's running tasks.
func (r *rig) byProvider(service string) map[string]int {
	out := map[string]int{}
	for _, t := range r.tasks(service, types.DesiredStatusRunning) {
		out[aws.ToString(t.CapacityProviderName)]++
	}
	return out
}

func TestFargateProviders(t *testing.T) {
	r := fargateRig(t)
	for _, name := range []string{"FARGATE", "FARGATE_SPOT"} {
		p := must(r.DescribeCapacityProviders(r.ctx, &api.DescribeCapacityProvidersInput{CapacityProviders: []string{name}}))(t).CapacityProviders[0]
		if p.Status != types.CapacityProviderStatusActive || p.AutoScalingGroupProvider != nil {
			t.Errorf("%+v", p)
		}
		_, err := r.DeleteCapacityProvider(r.ctx, &api.DeleteCapacityProviderInput{CapacityProvider: &name})
		wantError(t, err, "ClientException", "reserved")
	}
	c := must(r.PutClusterCapacityProviders(r.ctx, &api.PutClusterCapacityProvidersInput{Cluster: aws.String("main"), CapacityProviders: []string{"FARGATE", "FARGATE_SPOT"},
		DefaultCapacityProviderStrategy: on(share("FARGATE", 1, 2), share("FARGATE_SPOT", 3, 0))}))(t).Cluster
	if *c.AttachmentsStatus != "UPDATE_COMPLETE" {
		t.Errorf("nothing has to be attached: %s", *c.AttachmentsStatus)
	}
	arm := r.register("app", "i:1", func(in *api.RegisterTaskDefinitionInput) {
		in.RuntimePlatform = &types.RuntimePlatform{CpuArchitecture: types.CPUArchitectureArm64, OperatingSystemFamily: types.OSFamilyLinux}
	})
	r.create("app", arm, 6, func(in *api.CreateServiceInput) { fargate(in); in.LaunchType = "" })
	r.server.Advance(10 * time.Second)
	for _, task := range r.tasks("app", types.DesiredStatusRunning) {
		if *task.LastStatus != "PROVISIONING" {
			t.Errorf("Fargate has no task in %s after ten seconds", *task.LastStatus)
		}
	}
	v := r.steady("app")
	if v.LaunchType != "" || *v.PlatformVersion != "LATEST" || *v.PlatformFamily != "Linux" || len(v.CapacityProviderStrategy) != 2 {
		t.Errorf("the cluster's strategy: %+v", v)
	}
	if n := r.byProvider("app"); n["FARGATE"] != 3 || n["FARGATE_SPOT"] != 3 {
		t.Errorf("two as the base, then one to three: %v", n)
	}
	zones := map[string]int{}
	for _, task := range r.tasks("app", types.DesiredStatusRunning) {
		zones[*task.AvailabilityZone]++
		if task.LaunchType != types.LaunchTypeFargate || *task.PlatformVersion != "1.4.0" || task.ContainerInstanceArn != nil ||
			task.EphemeralStorage.SizeInGiB != 20 || len(task.Attributes) != 1 || *task.Attributes[0].Value != "arm64" {
			t.Errorf("%+v", task)
		}
	}
	if zones["us-east-1a"] != 3 || zones["us-east-1b"] != 3 {
		t.Errorf("tasks are spread over the zones: %v", zones)
	}
}

// What UpdateService lets move: no deployment starts by it, tasks move when they are replaced.
func TestMovesBetweenCapacities(t *testing.T) {
	r := newRig(t).world()
	r.capacity("m7g.large")
	must(r.PutClusterCapacityProviders(r.ctx, &api.PutClusterCapacityProvidersInput{Cluster: aws.String("main"), CapacityProviders: []string{"primary", "FARGATE"},
		DefaultCapacityProviderStrategy: on(share("primary", 1, 0))}))(t)
	r.create("app", r.register("app", "i:1"), 2)
	first := *r.steady("app").Deployments[0].Id
	strategy := func(items ...types.CapacityProviderStrategyItem) func(*api.UpdateServiceInput) {
		return func(in *api.UpdateServiceInput) {
			in.CapacityProviderStrategy = append([]types.CapacityProviderStrategyItem{}, items...)
		}
	}
	v := r.update("app", func(in *api.UpdateServiceInput) { strategy(share("FARGATE", 1, 0))(in); in.DesiredCount = aws.Int32(3) })
	if len(v.Deployments) != 1 || *v.Deployments[0].Id != first || *v.PlatformVersion != "LATEST" {
		t.Fatalf("a strategy starts no deployment: %+v", v.Deployments)
	}
	_, err := r.UpdateService(r.ctx, &api.UpdateServiceInput{Cluster: aws.String("main"), Service: aws.String("app"), CapacityProviderStrategy: on(share("FARGATE", 1, 0), share("primary", 1, 0))})
	wantError(t, err, "InvalidParameterException", "cannot contain a mix")
	r.until(time.Minute, "the third task is there", func() bool { return len(r.tasks("app", types.DesiredStatusRunning)) == 3 })
	if n := r.byProvider("app"); n["primary"] != 2 || n["FARGATE"] != 1 {
		t.Errorf("only new tasks are on Fargate: %v", n)
	}
	v = r.update("app", func(in *api.UpdateServiceInput) {
		in.ForceNewDeployment = true
		in.NetworkConfiguration = &types.NetworkConfiguration{AwsvpcConfiguration: &types.AwsVpcConfiguration{Subnets: r.subnets, SecurityGroups: []string{r.group}, AssignPublicIp: types.AssignPublicIpEnabled}}
	})
	if len(v.Deployments) != 2 {
		t.Fatalf("%+v", v.Deployments)
	}
	r.until(10*time.Minute, "moved", func() bool { return r.byProvider("app")["FARGATE"] == 3 && len(r.byProvider("app")) == 1 })
	_, err = r.UpdateService(r.ctx, &api.UpdateServiceInput{Cluster: aws.String("main"), Service: aws.String("app"), CapacityProviderStrategy: []types.CapacityProviderStrategyItem{}})
	wantError(t, err, "InvalidParameterException", "public IP")
	v = r.update("app", func(in *api.UpdateServiceInput) {
		strategy()(in)
		in.NetworkConfiguration = &types.NetworkConfiguration{AwsvpcConfiguration: &types.AwsVpcConfiguration{Subnets: r.subnets, SecurityGroups: []string{r.group}}}
	})
	if v.LaunchType != types.LaunchTypeEc2 || v.PlatformVersion != nil || len(v.CapacityProviderStrategy) != 0 {
		t.Errorf("back to the launch type: %+v", v)
	}
}

func TestFargateNeeds(t *testing.T) {
	r := fargateRig(t)
	r.register("app", "i:1")
	r.register("windows", "i:1", func(in *api.RegisterTaskDefinitionInput) {
		in.RuntimePlatform = &types.RuntimePlatform{OperatingSystemFamily: types.OSFamilyWindowsServer2022Core}
	})
	for _, c := range []struct {
		why        string
		edit       func(*api.CreateServiceInput)
		code, part string
	}{
		{"a platform version that never was", func(in *api.CreateServiceInput) { in.PlatformVersion = aws.String("9.9") }, "PlatformUnknownException", "doesn't exist"},
		{"Windows", func(in *api.CreateServiceInput) { in.TaskDefinition = aws.String("windows") }, "InvalidParameterException", "operating system"},
		{"rebalancing needs room for one task more", func(in *api.CreateServiceInput) {
			in.AvailabilityZoneRebalancing = types.AvailabilityZoneRebalancingEnabled
			in.DeploymentConfiguration = &types.DeploymentConfiguration{MaximumPercent: aws.Int32(100), MinimumHealthyPercent: aws.Int32(0)}
		}, "InvalidParameterException", "maximumPercent"},
	} {
		_, err := r.CreateService(r.ctx, r.request("app", "app", 1, fargate, c.edit))
		t.Log(c.why)
		wantError(t, err, c.code, c.part)
	}
	v := r.create("single", "app", 0, fargate, func(in *api.CreateServiceInput) {
		in.DeploymentConfiguration = &types.DeploymentConfiguration{MaximumPercent: aws.Int32(100), MinimumHealthyPercent: aws.Int32(0)}
	})
	if v.AvailabilityZoneRebalancing != types.AvailabilityZoneRebalancingDisabled {
		t.Error("the default is off where rebalancing can't be")
	}
	if v = r.create("plain", "app", 0, fargate); v.AvailabilityZoneRebalancing != types.AvailabilityZoneRebalancingEnabled {
		t.Error("the default is on")
	}
	// Behind an internet gateway, but without a public address.
	r.create("closed", "app", 1, fargate, func(in *api.CreateServiceInput) {
		in.NetworkConfiguration.AwsvpcConfiguration.AssignPublicIp = types.AssignPublicIpDisabled
	})
	r.until(2*time.Minute, "fails", func() bool { return len(r.tasks("closed", types.DesiredStatusStopped)) > 0 })
	if reason := *r.tasks("closed", types.DesiredStatusStopped)[0].StoppedReason; !strings.HasPrefix(reason, "ResourceInitializationError: ") || !strings.Contains(reason, "network configuration") {
		t.Error(reason)
	}
}
