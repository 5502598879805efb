package hand

import (
	"context"
	"strconv"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	asgtypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

var computeDeeds = map[string][]deed{
	"AutoScalingGroup": {
		{"desired capacity", func(ctx context.Context, a *hand, r core.Resource) error {
			_, err := a.AutoScaling.SetDesiredCapacity(ctx, &autoscaling.SetDesiredCapacityInput{AutoScalingGroupName: &r.Name, DesiredCapacity: sdk.Int32(int32(a.rng.IntN(4)))})
			return err
		}},
		{"another maximum", updateGroup(func(_ *hand, in *autoscaling.UpdateAutoScalingGroupInput) { in.MaxSize = sdk.Int32(7) })},
		{"a smaller minimum", updateGroup(func(_ *hand, in *autoscaling.UpdateAutoScalingGroupInput) { in.MinSize = sdk.Int32(0) })},
		{"new instances aren't protected", updateGroup(func(_ *hand, in *autoscaling.UpdateAutoScalingGroupInput) {
			in.NewInstancesProtectedFromScaleIn = sdk.Bool(false)
		})},
		{"public subnets", updateGroup(func(a *hand, in *autoscaling.UpdateAutoScalingGroupInput) {
			s, _ := a.node("subnet/public-a")
			in.VPCZoneIdentifier = &s.ID
		})},
		{"another version of the template", updateGroup(func(a *hand, in *autoscaling.UpdateAutoScalingGroupInput) {
			t, _ := a.node("launch-template/main")
			if n, err := a.version(context.Background(), t.ID); err == nil {
				in.LaunchTemplate = &asgtypes.LaunchTemplateSpecification{LaunchTemplateId: &t.ID, Version: &n}
			}
		})},
		{"an instance is terminated", func(ctx context.Context, a *hand, r core.Resource) error {
			out, err := a.AutoScaling.DescribeAutoScalingGroups(ctx, &autoscaling.DescribeAutoScalingGroupsInput{AutoScalingGroupNames: []string{r.Name}})
			if err != nil || len(out.AutoScalingGroups) == 0 || len(out.AutoScalingGroups[0].Instances) == 0 {
				return err
			}
			in := out.AutoScalingGroups[0].Instances
			_, err = a.AutoScaling.TerminateInstanceInAutoScalingGroup(ctx, &autoscaling.TerminateInstanceInAutoScalingGroupInput{
				InstanceId: in[a.rng.IntN(len(in))].InstanceId, ShouldDecrementDesiredCapacity: sdk.Bool(false),
			})
			return err
		}},
		{"deleted with its instances", func(ctx context.Context, a *hand, r core.Resource) error {
			_, err := a.AutoScaling.DeleteAutoScalingGroup(ctx, &autoscaling.DeleteAutoScalingGroupInput{AutoScalingGroupName: &r.Name, ForceDelete: sdk.Bool(true)})
			return err
		}},
		{"deleted", func(ctx context.Context, a *hand, r core.Resource) error {
			_, err := a.AutoScaling.DeleteAutoScalingGroup(ctx, &autoscaling.DeleteAutoScalingGroupInput{AutoScalingGroupName: &r.Name})
			return err
		}},
	},
	"Cluster": {
		{"no container insights", func(ctx context.Context, a *hand, r core.Resource) error {
			_, err := a.ECS.UpdateClusterSettings(ctx, &ecs.UpdateClusterSettingsInput{Cluster: &r.Name, Settings: []ecstypes.ClusterSetting{
				{Name: ecstypes.ClusterSettingNameContainerInsights, Value: sdk.String("disabled")},
			}})
			return err
		}},
		{"the capacity providers are taken off", func(ctx context.Context, a *hand, r core.Resource) error {
			_, err := a.ECS.PutClusterCapacityProviders(ctx, &ecs.PutClusterCapacityProvidersInput{Cluster: &r.Name, CapacityProviders: []string{}, DefaultCapacityProviderStrategy: []ecstypes.CapacityProviderStrategyItem{}})
			return err
		}},
		{"no default strategy", func(ctx context.Context, a *hand, r core.Resource) error {
			p, _ := a.node("capacity-provider/ec2")
			_, err := a.ECS.PutClusterCapacityProviders(ctx, &ecs.PutClusterCapacityProvidersInput{Cluster: &r.Name, CapacityProviders: []string{p.Name}, DefaultCapacityProviderStrategy: []ecstypes.CapacityProviderStrategyItem{}})
			return err
		}},
		{"deleted", func(ctx context.Context, a *hand, r core.Resource) error {
			_, err := a.ECS.DeleteCluster(ctx, &ecs.DeleteClusterInput{Cluster: &r.Name})
			return err
		}},
	},
	"CapacityProvider": {
		{"not drained", func(ctx context.Context, a *hand, r core.Resource) error {
			_, err := a.ECS.UpdateCapacityProvider(ctx, &ecs.UpdateCapacityProviderInput{Name: &r.Name, AutoScalingGroupProvider: &ecstypes.AutoScalingGroupProviderUpdate{ManagedDraining: ecstypes.ManagedDrainingDisabled}})
			return err
		}},
		{"another target", func(ctx context.Context, a *hand, r core.Resource) error {
			_, err := a.ECS.UpdateCapacityProvider(ctx, &ecs.UpdateCapacityProviderInput{Name: &r.Name, AutoScalingGroupProvider: &ecstypes.AutoScalingGroupProviderUpdate{
				ManagedScaling: &ecstypes.ManagedScaling{Status: ecstypes.ManagedScalingStatusEnabled, TargetCapacity: sdk.Int32(50)},
			}})
			return err
		}},
		{"deleted", func(ctx context.Context, a *hand, r core.Resource) error {
			_, err := a.ECS.DeleteCapacityProvider(ctx, &ecs.DeleteCapacityProviderInput{CapacityProvider: &r.Name})
			return err
		}},
	},
	"TaskDefinition": {{"deregistered", func(ctx context.Context, a *hand, r core.Resource) error {
		_, err := a.ECS.DeregisterTaskDefinition(ctx, &ecs.DeregisterTaskDefinitionInput{TaskDefinition: &r.ID})
		return err
	}}},
	"Service": {
		{"desired count", updateService(func(a *hand, in *ecs.UpdateServiceInput) { in.DesiredCount = sdk.Int32(int32(1 + a.rng.IntN(4))) })},
		{"a new deployment", updateService(func(_ *hand, in *ecs.UpdateServiceInput) { in.ForceNewDeployment = true })},
		{"ECS Exec", updateService(func(_ *hand, in *ecs.UpdateServiceInput) {
			in.EnableExecuteCommand, in.ForceNewDeployment = sdk.Bool(true), true
		})},
		{"tags aren't propagated", updateService(func(_ *hand, in *ecs.UpdateServiceInput) {
			in.PropagateTags, in.ForceNewDeployment = ecstypes.PropagateTagsNone, true
		})},
		{"another security group", updateService(func(a *hand, in *ecs.UpdateServiceInput) {
			g, _ := a.node("security-group/instances")
			s, _ := a.node("subnet/private-a")
			in.NetworkConfiguration = &ecstypes.NetworkConfiguration{AwsvpcConfiguration: &ecstypes.AwsVpcConfiguration{Subnets: []string{s.ID}, SecurityGroups: []string{g.ID}}}
		})},
		{"no Service Connect", updateService(func(_ *hand, in *ecs.UpdateServiceInput) {
			in.ServiceConnectConfiguration = &ecstypes.ServiceConnectConfiguration{Enabled: false}
		})},
		{"no load balancer", updateService(func(_ *hand, in *ecs.UpdateServiceInput) { in.LoadBalancers = []ecstypes.LoadBalancer{} })},
		{"a task is stopped", func(ctx context.Context, a *hand, r core.Resource) error {
			cluster, _ := a.node("cluster/main")
			out, err := a.ECS.ListTasks(ctx, &ecs.ListTasksInput{Cluster: &cluster.Name, ServiceName: &r.Name})
			if err != nil || len(out.TaskArns) == 0 {
				return err
			}
			_, err = a.ECS.StopTask(ctx, &ecs.StopTaskInput{Cluster: &cluster.Name, Task: &out.TaskArns[a.rng.IntN(len(out.TaskArns))]})
			return err
		}},
		{"deleted", func(ctx context.Context, a *hand, r core.Resource) error {
			cluster, _ := a.node("cluster/main")
			_, err := a.ECS.DeleteService(ctx, &ecs.DeleteServiceInput{Cluster: &cluster.Name, Service: &r.Name, Force: sdk.Bool(true)})
			return err
		}},
	},
}

func updateGroup(change func(*hand, *autoscaling.UpdateAutoScalingGroupInput)) func(context.Context, *hand, core.Resource) error {
	return func(ctx context.Context, a *hand, r core.Resource) error {
		in := &autoscaling.UpdateAutoScalingGroupInput{AutoScalingGroupName: &r.Name}
		change(a, in)
		_, err := a.AutoScaling.UpdateAutoScalingGroup(ctx, in)
		return err
	}
}

func updateService(change func(*hand, *ecs.UpdateServiceInput)) func(context.Context, *hand, core.Resource) error {
	return func(ctx context.Context, a *hand, r core.Resource) error {
		cluster, _ := a.node("cluster/main")
		in := &ecs.UpdateServiceInput{Cluster: &cluster.Name, Service: &r.Name}
		change(a, in)
		_, err := a.ECS.UpdateService(ctx, in)
		return err
	}
}

func text(n int64) string { return strconv.FormatInt(n, 10) }
