package strangers

import (
	"slices"
	"strings"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

func (s *stranger) ecs() *ecs.Client { return ecs.NewFromConfig(s.cfg) }

var ecsReads = map[string]read{
	"DescribeClusters": func(s *stranger) {
		out := must(s.ecs().DescribeClusters(s.Context(), &ecs.DescribeClustersInput{
			Clusters: []string{s.name("cluster/main")}, Include: []types.ClusterField{types.ClusterFieldConfigurations, types.ClusterFieldSettings, types.ClusterFieldTags},
		}))(s)
		c := out.Clusters[0]
		exec := c.Configuration.ExecuteCommandConfiguration
		s.see("ACTIVE 2 2 2 containerInsights enabled OVERRIDE "+s.name("log-group/cluster")+" "+s.name("capacity-provider/ec2"), c.Status, c.RunningTasksCount,
			c.RegisteredContainerInstancesCount, c.ActiveServicesCount, c.Settings[0].Name, c.Settings[0].Value, exec.Logging, exec.LogConfiguration.CloudWatchLogGroupName, c.CapacityProviders[0])
		s.see("0", len(out.Failures))
	},
	"DescribeCapacityProviders": func(s *stranger) {
		out := must(s.ecs().DescribeCapacityProviders(s.Context(), &ecs.DescribeCapacityProvidersInput{CapacityProviders: []string{s.name("capacity-provider/ec2")}}))(s)
		p := out.CapacityProviders[0]
		a := p.AutoScalingGroupProvider
		s.see("ACTIVE ENABLED 100 ENABLED ENABLED true", p.Status, a.ManagedScaling.Status, a.ManagedScaling.TargetCapacity, a.ManagedTerminationProtection, a.ManagedDraining,
			strings.HasSuffix(*a.AutoScalingGroupArn, "autoScalingGroupName/"+s.name("auto-scaling-group/main")))
	},
	"DescribeServices": func(s *stranger) {
		names := []string{s.name("service/gateway"), s.name("service/redis")}
		out := must(s.ecs().DescribeServices(s.Context(), &ecs.DescribeServicesInput{Cluster: sdk.String(s.name("cluster/main")), Services: names}))(s)
		s.see("2 0", len(out.Services), len(out.Failures))
		for _, v := range out.Services {
			s.see("ACTIVE 1 1 0 REPLICA 1 PRIMARY COMPLETED true", v.Status, v.DesiredCount, v.RunningCount, v.PendingCount, v.SchedulingStrategy, len(v.Deployments),
				v.Deployments[0].Status, v.Deployments[0].RolloutState, slices.Contains(names, *v.ServiceName))
			if *v.ServiceName == names[0] {
				s.see("gateway 8787 "+s.id("target-group/gateway-network-internal"), v.LoadBalancers[0].ContainerName, v.LoadBalancers[0].ContainerPort, v.LoadBalancers[0].TargetGroupArn)
			}
		}
	},
	"DescribeTaskDefinition": func(s *stranger) {
		out := must(s.ecs().DescribeTaskDefinition(s.Context(), &ecs.DescribeTaskDefinitionInput{TaskDefinition: sdk.String(s.name("task-definition/gateway"))}))(s)
		d := out.TaskDefinition
		c := d.ContainerDefinitions[0]
		s.see("1 ACTIVE awsvpc 1024 2048 gateway 8787 CMD-SHELL", d.Revision, d.Status, d.NetworkMode, d.Cpu, d.Memory, c.Name, c.PortMappings[0].ContainerPort, c.HealthCheck.Command[0])
	},
	"ListTasks": func(s *stranger) {
		out := must(s.ecs().ListTasks(s.Context(), &ecs.ListTasksInput{Cluster: sdk.String(s.name("cluster/main")), ServiceName: sdk.String(s.name("service/gateway"))}))(s)
		tasks := must(s.ecs().DescribeTasks(s.Context(), &ecs.DescribeTasksInput{Cluster: sdk.String(s.name("cluster/main")), Tasks: out.TaskArns}))(s)
		s.see("1 RUNNING HEALTHY EC2", len(tasks.Tasks), tasks.Tasks[0].LastStatus, tasks.Tasks[0].HealthStatus, tasks.Tasks[0].LaunchType)
	},
}

var autoscalingReads = map[string]read{
	"DescribeAutoScalingGroups": func(s *stranger) {
		out := must(autoscaling.NewFromConfig(s.cfg).DescribeAutoScalingGroups(s.Context(), &autoscaling.DescribeAutoScalingGroupsInput{AutoScalingGroupNames: []string{s.name("auto-scaling-group/main")}}))(s)
		g := out.AutoScalingGroups[0]
		s.see("1 3 2 EC2 300 true InService true "+s.id("launch-template/main"), g.MinSize, g.MaxSize, g.DesiredCapacity, g.HealthCheckType, g.HealthCheckGracePeriod,
			g.NewInstancesProtectedFromScaleIn, g.Instances[0].LifecycleState, g.Instances[0].ProtectedFromScaleIn, g.LaunchTemplate.LaunchTemplateId)
	},
	"DescribeScalingActivities": func(s *stranger) {
		out := must(autoscaling.NewFromConfig(s.cfg).DescribeScalingActivities(s.Context(), &autoscaling.DescribeScalingActivitiesInput{AutoScalingGroupName: sdk.String(s.name("auto-scaling-group/main"))}))(s)
		a := out.Activities[len(out.Activities)-1]
		s.see("Successful 100 Launching", a.StatusCode, a.Progress, strings.Fields(*a.Description)[0])
	},
}
