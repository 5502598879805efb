package lifecycle

import (
	"context"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

var serviceEdits = map[string][]edit{
	"Service": {
		{what: "a task definition made by hand", tells: "taskDefinition", do: func(ctx context.Context, s *site, o object) error {
			out, err := s.ecs.DescribeTaskDefinition(ctx, &ecs.DescribeTaskDefinitionInput{TaskDefinition: sdk.String(s.id("task-definition/" + o.Node[len("service/"):]))})
			if err != nil {
				return err
			}
			td := out.TaskDefinition
			made, err := s.ecs.RegisterTaskDefinition(ctx, &ecs.RegisterTaskDefinitionInput{
				Family: sdk.String("by-hand"), ContainerDefinitions: td.ContainerDefinitions, Cpu: td.Cpu, Memory: td.Memory, NetworkMode: td.NetworkMode,
				ExecutionRoleArn: td.ExecutionRoleArn, TaskRoleArn: td.TaskRoleArn, RequiresCompatibilities: td.RequiresCompatibilities, RuntimePlatform: td.RuntimePlatform,
			})
			if err != nil {
				return err
			}
			return s.updateService(ctx, o, &ecs.UpdateServiceInput{TaskDefinition: made.TaskDefinition.TaskDefinitionArn})
		}},
		{what: "desired count", tells: "desiredCount", nodes: []string{"service/redis"}, do: func(ctx context.Context, s *site, o object) error {
			return s.updateService(ctx, o, &ecs.UpdateServiceInput{DesiredCount: sdk.Int32(2)})
		}},
		{what: "no tasks", tells: "desiredCount", nodes: []string{"service/redis"}, do: func(ctx context.Context, s *site, o object) error {
			return s.updateService(ctx, o, &ecs.UpdateServiceInput{DesiredCount: sdk.Int32(0)})
		}},
		{what: "desired count without replicas", delegated: true, nodes: []string{"service/gateway"}, do: func(ctx context.Context, s *site, o object) error {
			return s.updateService(ctx, o, &ecs.UpdateServiceInput{DesiredCount: sdk.Int32(2)})
		}},
		{what: "another strategy", tells: "providers", do: func(ctx context.Context, s *site, o object) error {
			return s.updateService(ctx, o, &ecs.UpdateServiceInput{ForceNewDeployment: true, CapacityProviderStrategy: []ecstypes.CapacityProviderStrategyItem{
				{CapacityProvider: sdk.String(s.name("capacity-provider/ec2")), Weight: 3, Base: 1},
			}})
		}},
		{what: "a subnet less", tells: "subnets", do: func(ctx context.Context, s *site, o object) error {
			return s.placeService(ctx, o, []string{s.id("subnet/private-a")}, s.groupOf(o))
		}},
		{what: "another security group", tells: "securityGroups", do: func(ctx context.Context, s *site, o object) error {
			return s.placeService(ctx, o, []string{s.id("subnet/private-a"), s.id("subnet/private-b")}, s.id("security-group/instances"))
		}},
		{what: "no target group", tells: "targets", nodes: []string{"service/gateway"}, do: func(ctx context.Context, s *site, o object) error {
			return s.updateService(ctx, o, &ecs.UpdateServiceInput{LoadBalancers: []ecstypes.LoadBalancer{}})
		}},
		{what: "no Service Connect", tells: "connect", do: func(ctx context.Context, s *site, o object) error {
			return s.updateService(ctx, o, &ecs.UpdateServiceInput{ServiceConnectConfiguration: &ecstypes.ServiceConnectConfiguration{Enabled: false}})
		}},
		{what: "Service Connect under another name", tells: "connect.services", do: func(ctx context.Context, s *site, o object) error {
			name, port := o.Node[len("service/"):], map[string]int32{"service/redis": 6379, "service/gateway": 8787}[o.Node]
			return s.updateService(ctx, o, &ecs.UpdateServiceInput{ServiceConnectConfiguration: &ecstypes.ServiceConnectConfiguration{
				Enabled: true, Namespace: sdk.String(s.node("http-namespace/main").Out["arn"]), Services: []ecstypes.ServiceConnectService{
					{PortName: &name, ClientAliases: []ecstypes.ServiceConnectClientAlias{{DnsName: sdk.String("by-hand"), Port: &port}}},
				},
			}})
		}},
		{what: "other bounds of a deployment", tells: "minHealthyPercent", do: func(ctx context.Context, s *site, o object) error {
			return s.deployBy(ctx, o, func(c *ecstypes.DeploymentConfiguration) {
				c.MinimumHealthyPercent, c.MaximumPercent = sdk.Int32(0), sdk.Int32(150)
			})
		}},
		{what: "no circuit breaker", tells: "ircuitBreaker", do: func(ctx context.Context, s *site, o object) error {
			return s.deployBy(ctx, o, func(c *ecstypes.DeploymentConfiguration) {
				c.DeploymentCircuitBreaker = &ecstypes.DeploymentCircuitBreaker{}
			})
		}},
		{what: "another bake time", tells: "bake", do: func(ctx context.Context, s *site, o object) error {
			return s.deployBy(ctx, o, func(c *ecstypes.DeploymentConfiguration) { c.BakeTimeInMinutes = sdk.Int32(7) })
		}},
		{what: "another grace period", tells: "graceSeconds", nodes: []string{"service/gateway"}, do: func(ctx context.Context, s *site, o object) error {
			return s.updateService(ctx, o, &ecs.UpdateServiceInput{HealthCheckGracePeriodSeconds: sdk.Int32(5)})
		}},
		{what: "ECS Exec", tells: "enableExec", do: func(ctx context.Context, s *site, o object) error {
			return s.updateService(ctx, o, &ecs.UpdateServiceInput{EnableExecuteCommand: sdk.Bool(true), ForceNewDeployment: true})
		}},
		{what: "no managed tags", tells: "managedTags", do: func(ctx context.Context, s *site, o object) error {
			return s.updateService(ctx, o, &ecs.UpdateServiceInput{EnableECSManagedTags: sdk.Bool(false), ForceNewDeployment: true})
		}},
		{what: "tags aren't propagated", tells: "propagateTags", do: func(ctx context.Context, s *site, o object) error {
			return s.updateService(ctx, o, &ecs.UpdateServiceInput{PropagateTags: ecstypes.PropagateTagsNone, ForceNewDeployment: true})
		}},
	},
}

func (s *site) updateService(ctx context.Context, o object, in *ecs.UpdateServiceInput) error {
	in.Cluster, in.Service = sdk.String(s.name("cluster/main")), &o.Name
	_, err := s.ecs.UpdateService(ctx, in)
	return err
}

func (s *site) placeService(ctx context.Context, o object, subnets []string, group string) error {
	return s.updateService(ctx, o, &ecs.UpdateServiceInput{NetworkConfiguration: &ecstypes.NetworkConfiguration{
		AwsvpcConfiguration: &ecstypes.AwsVpcConfiguration{Subnets: subnets, SecurityGroups: []string{group}, AssignPublicIp: ecstypes.AssignPublicIpDisabled},
	}})
}

// groupOf is the security group of a service's tasks.
func (s *site) groupOf(o object) string { return s.id("security-group/" + o.Node[len("service/"):]) }

// deployBy edits how a service is deployed as the console's form does: it sends everything.
func (s *site) deployBy(ctx context.Context, o object, change func(*ecstypes.DeploymentConfiguration)) error {
	out, err := s.ecs.DescribeServices(ctx, &ecs.DescribeServicesInput{Cluster: sdk.String(s.name("cluster/main")), Services: []string{o.Name}})
	if err != nil {
		return err
	}
	c := out.Services[0].DeploymentConfiguration
	change(c)
	return s.updateService(ctx, o, &ecs.UpdateServiceInput{DeploymentConfiguration: c})
}
