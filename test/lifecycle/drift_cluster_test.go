package lifecycle

import (
	"context"
	"strconv"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

var clusterEdits = map[string][]edit{
	"Cluster": {
		{what: "no container insights", tells: "containerInsights", do: func(ctx context.Context, s *site, o object) error {
			_, err := s.ecs.UpdateClusterSettings(ctx, &ecs.UpdateClusterSettingsInput{Cluster: &o.Name, Settings: []ecstypes.ClusterSetting{
				{Name: ecstypes.ClusterSettingNameContainerInsights, Value: sdk.String("disabled")},
			}})
			return err
		}},
		{what: "sessions go to another log group", tells: "execLogGroup", do: func(ctx context.Context, s *site, o object) error {
			return s.execLogging(ctx, o.Name, &ecstypes.ExecuteCommandConfiguration{
				Logging: ecstypes.ExecuteCommandLoggingOverride, LogConfiguration: &ecstypes.ExecuteCommandLogConfiguration{CloudWatchLogGroupName: sdk.String(s.name("log-group/redis"))},
			})
		}},
		{what: "sessions aren't logged", tells: "execLogGroup", do: func(ctx context.Context, s *site, o object) error {
			return s.execLogging(ctx, o.Name, &ecstypes.ExecuteCommandConfiguration{Logging: ecstypes.ExecuteCommandLoggingNone})
		}},
	},
	"ClusterCapacity": {
		{what: "no default strategy", tells: "default", do: func(ctx context.Context, s *site, o object) error {
			return s.putProviders(ctx, o.ID, []string{s.name("capacity-provider/ec2")}, nil)
		}},
		{what: "another default strategy", tells: "default", do: func(ctx context.Context, s *site, o object) error {
			p := s.name("capacity-provider/ec2")
			return s.putProviders(ctx, o.ID, []string{p}, []ecstypes.CapacityProviderStrategyItem{{CapacityProvider: &p, Weight: 7}})
		}},
		{what: "Fargate is added", tells: "providers", do: func(ctx context.Context, s *site, o object) error {
			p := s.name("capacity-provider/ec2")
			return s.putProviders(ctx, o.ID, []string{p, "FARGATE"}, []ecstypes.CapacityProviderStrategyItem{{CapacityProvider: &p, Weight: 100}})
		}},
		// ResourceInUseException: services use it.
		// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_PutClusterCapacityProviders.html
		{what: "the provider is taken off", refused: "ResourceInUseException", do: func(ctx context.Context, s *site, o object) error {
			return s.putProviders(ctx, o.ID, nil, nil)
		}},
	},
	"CapacityProvider": {
		// It ends as DELETE_FAILED, and the provider goes on as before.
		// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeleteCapacityProvider.html
		{what: "its deletion is tried while the cluster has it", delegated: true, do: func(ctx context.Context, s *site, o object) error {
			err := deleteProvider(ctx, s, o)
			s.wait(time.Minute)
			return err
		}},
		{what: "another target", tells: "targetPercent", do: func(ctx context.Context, s *site, o object) error {
			return s.updateProvider(ctx, o.Name, func(p *ecstypes.AutoScalingGroupProviderUpdate) { p.ManagedScaling.TargetCapacity = sdk.Int32(50) })
		}},
		{what: "other steps", tells: "maxStep", do: func(ctx context.Context, s *site, o object) error {
			return s.updateProvider(ctx, o.Name, func(p *ecstypes.AutoScalingGroupProviderUpdate) {
				p.ManagedScaling.MinimumScalingStepSize, p.ManagedScaling.MaximumScalingStepSize = sdk.Int32(2), sdk.Int32(5)
			})
		}},
		{what: "not scaled", tells: "managedScaling", do: func(ctx context.Context, s *site, o object) error {
			return s.updateProvider(ctx, o.Name, func(p *ecstypes.AutoScalingGroupProviderUpdate) {
				p.ManagedScaling.Status, p.ManagedTerminationProtection = ecstypes.ManagedScalingStatusDisabled, ecstypes.ManagedTerminationProtectionDisabled
			})
		}},
		{what: "not protected", tells: "managedTerminationProtection", do: func(ctx context.Context, s *site, o object) error {
			return s.updateProvider(ctx, o.Name, func(p *ecstypes.AutoScalingGroupProviderUpdate) {
				p.ManagedTerminationProtection = ecstypes.ManagedTerminationProtectionDisabled
			})
		}},
		{what: "not drained", tells: "managedDraining", do: func(ctx context.Context, s *site, o object) error {
			return s.updateProvider(ctx, o.Name, func(p *ecstypes.AutoScalingGroupProviderUpdate) { p.ManagedDraining = ecstypes.ManagedDrainingDisabled })
		}},
	},
}

func (s *site) execLogging(ctx context.Context, cluster string, c *ecstypes.ExecuteCommandConfiguration) error {
	_, err := s.ecs.UpdateCluster(ctx, &ecs.UpdateClusterInput{Cluster: &cluster, Configuration: &ecstypes.ClusterConfiguration{ExecuteCommandConfiguration: c}})
	return err
}

func (s *site) putProviders(ctx context.Context, cluster string, providers []string, strategy []ecstypes.CapacityProviderStrategyItem) error {
	if providers == nil {
		providers = []string{}
	}
	if strategy == nil {
		strategy = []ecstypes.CapacityProviderStrategyItem{}
	}
	_, err := s.ecs.PutClusterCapacityProviders(ctx, &ecs.PutClusterCapacityProvidersInput{Cluster: &cluster, CapacityProviders: providers, DefaultCapacityProviderStrategy: strategy})
	s.wait(time.Minute)
	return err
}

// updateProvider edits a capacity provider as the console's form does: it sends everything.
func (s *site) updateProvider(ctx context.Context, name string, change func(*ecstypes.AutoScalingGroupProviderUpdate)) error {
	out, err := s.ecs.DescribeCapacityProviders(ctx, &ecs.DescribeCapacityProvidersInput{CapacityProviders: []string{name}})
	if err != nil {
		return err
	}
	p := out.CapacityProviders[0].AutoScalingGroupProvider
	update := &ecstypes.AutoScalingGroupProviderUpdate{ManagedScaling: p.ManagedScaling, ManagedTerminationProtection: p.ManagedTerminationProtection, ManagedDraining: p.ManagedDraining}
	change(update)
	_, err = s.ecs.UpdateCapacityProvider(ctx, &ecs.UpdateCapacityProviderInput{Name: &name, AutoScalingGroupProvider: update})
	s.wait(time.Minute)
	return err
}

func text(n int64) string { return strconv.FormatInt(n, 10) }
