package desired

import (
	"regexp"
	"strings"
	"time"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
	"github.com/portkey-ai/portkey-ecs-operator/internal/kinds"
)

// capacity is what services use of the cluster and what runs their tasks.
type capacity struct {
	cluster graph.Value // name
	// providers run the tasks of most services, steady those that had better not be interrupted.
	providers, steady []kinds.Strategy
	architecture      string // X86_64 or ARM64, as task definitions have it
	// ready is published when tasks can be placed; it is empty where nothing has to be made for that.
	ready graph.Value
}

// clusterLogDays is how long the sessions of ECS Exec are kept, as in the Terraform module.
const clusterLogDays = 90

// containerInsights are the degrees of Container Insights, as ECS calls them.
var containerInsights = map[v1alpha1.ContainerInsights]string{
	v1alpha1.ContainerInsightsDisabled: "disabled", v1alpha1.ContainerInsightsEnabled: "enabled", v1alpha1.ContainerInsightsEnhanced: "enhanced",
}

// cluster answers the given cluster, or adds one and the log group of its ECS Exec sessions.
func (b *builder) cluster() graph.Value {
	const area = v1alpha1.ConditionCapacityReady
	if e := b.spec.Capacity.Existing; e != nil {
		return graph.Lit(e.Cluster)
	}
	logs := b.logGroup(area, "cluster", clusterLogDays)
	c := add(b, area, "cluster/main", b.name("cluster"), kinds.Cluster{}, kinds.ClusterSpec{
		ExecLogGroup: graph.Out(logs.ID, "name"), ContainerInsights: containerInsights[b.spec.Cluster.ContainerInsights],
	})
	return graph.Out(c.ID, "name")
}

// namespace adds the Cloud Map namespace of Service Connect.
func (b *builder) namespace() graph.Value {
	n := add(b, v1alpha1.ConditionServicesReady, "http-namespace/main", b.name(""), kinds.HTTPNamespace{},
		kinds.HTTPNamespaceSpec{Description: "Service Connect of " + b.owner.String()})
	return graph.Out(n.ID, "arn")
}

// capacity answers the given capacity, or adds what the tasks run on.
func (b *builder) capacity(net network, cluster graph.Value, groups securityGroups) capacity {
	switch c := b.spec.Capacity; {
	case c.Existing != nil:
		given := []kinds.Strategy{{Provider: graph.Lit(c.Existing.CapacityProvider), Weight: 1}}
		return capacity{cluster: cluster, providers: given, steady: given, architecture: string(c.Existing.Architecture)}
	case c.Fargate != nil:
		return b.fargate(cluster, *c.Fargate)
	default:
		return b.instances(net, cluster, groups, *c.EC2)
	}
}

// associate hands capacity providers to the cluster, the first as the default of what names none.
func (b *builder) associate(cluster graph.Value, providers ...graph.Value) graph.Value {
	n := add(b, v1alpha1.ConditionCapacityReady, "cluster-capacity/main", "", kinds.ClusterCapacity{}, kinds.ClusterCapacitySpec{
		Cluster: cluster, Providers: providers, Default: []kinds.Strategy{{Provider: providers[0], Weight: 100}},
	})
	return graph.Out(n.ID, "cluster")
}

// fargate runs tasks on AWS Fargate, whose two capacity providers every account has.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-capacity-providers.html
func (b *builder) fargate(cluster graph.Value, spec v1alpha1.FargateCapacity) capacity {
	onDemand, spot := graph.Lit("FARGATE"), graph.Lit("FARGATE_SPOT")
	steady := []kinds.Strategy{{Provider: onDemand, Weight: 1}}
	out := capacity{
		cluster: cluster, steady: steady, providers: steady, architecture: string(spec.Architecture), ready: b.associate(cluster, onDemand, spot),
	}
	if s := spec.Spot; s.Base > 0 || s.Weight > 0 {
		out.providers = []kinds.Strategy{steady[0], {Provider: spot, Base: int(s.Base), Weight: int(s.Weight)}}
	}
	return out
}

// instances adds an Auto Scaling group of EC2 instances and hands it to ECS.
//
// Three nodes break what would be a circle: the group is made empty, the cluster takes it as a
// capacity provider, and only then it gets its size; instances that start before would join a
// cluster that doesn't manage them.
//
// Instances of another architecture can't run the same tasks, so they are another group beside the first:
// services move over, and then the first group goes.
func (b *builder) instances(net network, cluster graph.Value, groups securityGroups, spec v1alpha1.EC2Capacity) capacity {
	const area = v1alpha1.ConditionCapacityReady

	role := b.role("role/instance", "instance", kinds.RoleSpec{
		Description: "The ECS container instances", Trust: b.trustInstances(),
		ManagedPolicies: []graph.Value{b.awsManaged("service-role/AmazonEC2ContainerServiceforEC2Role")},
		Inline: map[string]graph.Value{
			"vpc-trunking": policy(allow([]string{"*"}, "ecs:ListAccountSettings", "ecs:ListAttributes", "ecs:PutAccountSetting")),
			"session-manager": policy(allow([]string{"*"}, "ssmmessages:CreateControlChannel", "ssmmessages:CreateDataChannel",
				"ssmmessages:OpenControlChannel", "ssmmessages:OpenDataChannel", "ssm:UpdateInstanceInformation")),
		},
	})
	profile := add(b, v1alpha1.ConditionIdentityReady, "instance-profile/instance", b.name("instance"), kinds.InstanceProfile{},
		kinds.InstanceProfileSpec{Role: graph.Out(role.ID, "name")})

	arch := Architecture(spec.InstanceType)
	// Graviton, the default, has the plain ids and names.
	id, suffix, provides := "main", "", "ec2"
	if arch == "x86_64" {
		id, suffix, provides = "x86-64", "-x86-64", "ec2-x86-64"
	}
	template := add(b, area, graph.NodeID("launch-template/"+id), b.name("instances"+suffix), kinds.LaunchTemplate{}, kinds.LaunchTemplateSpec{
		InstanceType: spec.InstanceType, AMI: spec.AMI.ID, AMIParameter: amiParameter(arch), FollowReleases: spec.AMI.UpdatePolicy == v1alpha1.AMIOnRelease,
		UserData: userData(cluster), InstanceProfileARN: graph.Out(profile.ID, "arn"),
		SecurityGroups: []graph.Value{groups.instances}, Monitoring: true,
	})
	group := add(b, area, graph.NodeID("auto-scaling-group/"+id), b.name("instances"+suffix), kinds.AutoScalingGroup{}, kinds.AutoScalingGroupSpec{
		LaunchTemplate: graph.Out(template.ID, "id"), Version: graph.Out(template.ID, "version"),
		Subnets: net.private, MaxSize: int(spec.MaxSize), Refresh: refresh(spec.InstanceRefresh),
	})
	provider := add(b, area, graph.NodeID("capacity-provider/"+provides), b.name(provides), kinds.CapacityProvider{}, kinds.CapacityProviderSpec{
		Group: graph.Out(group.ID, "arn"), TargetPercent: int(spec.TargetPercent), MinStep: 1, MaxStep: 2,
	})
	name := graph.Out(provider.ID, "name")
	stands := b.associate(cluster, name)
	size := add(b, area, graph.NodeID("group-capacity/"+id), "", kinds.GroupCapacity{}, kinds.GroupCapacitySpec{
		Group: graph.Out(group.ID, "name"), Ready: stands,
		MinSize: int(*spec.MinSize), MaxSize: int(spec.MaxSize), InitialSize: int(*spec.InitialSize),
	})
	// Instances without a way out can't reach ECS, and give up registering.
	size.After = net.egress
	strategy := []kinds.Strategy{{Provider: name, Weight: 1}}
	return capacity{
		cluster: cluster, providers: strategy, steady: strategy,
		architecture: map[string]string{"arm64": "ARM64", "x86_64": "X86_64"}[arch], ready: stands,
	}
}

// refresh is how running instances are replaced; nil when they stay.
func refresh(spec *v1alpha1.InstanceRefresh) *kinds.InstanceRefresh {
	if spec == nil {
		return nil
	}
	return &kinds.InstanceRefresh{
		MinHealthyPercent: int(*spec.MinHealthyPercent), MaxHealthyPercent: int(spec.MaxHealthyPercent), WarmupSeconds: int(spec.InstanceWarmup.Duration / time.Second),
	}
}

// graviton matches the attributes between an instance type's generation and its size: a g among them
// says that the processor is a Graviton
// (https://docs.aws.amazon.com/ec2/latest/instancetypes/instance-type-names.html).
var graviton = regexp.MustCompile(`^(a1|[a-z]+[0-9]+[a-z]*g[a-z]*)\.`)

// Architecture returns the processor architecture of an instance type: arm64 or x86_64.
func Architecture(instanceType string) string {
	if graviton.MatchString(instanceType) {
		return "arm64"
	}
	return "x86_64"
}

// amiParameter is the public parameter that tells the recommended ECS-optimised image
// (https://docs.aws.amazon.com/AmazonECS/latest/developerguide/retrieve-ecs-optimized_AMI.html).
func amiParameter(arch string) string {
	p := "/aws/service/ecs/optimized-ami/amazon-linux-2023/"
	if arch == "arm64" {
		p += "arm64/"
	}
	return p + "recommended"
}

// userData joins an instance to the cluster, with network interface trunking where it has that.
func userData(cluster graph.Value) graph.Value {
	return graph.Format(strings.Join([]string{
		"#!/bin/bash",
		"aws ecs put-account-setting --name awsvpcTrunking --value enabled",
		"echo ECS_CLUSTER=%s >> /etc/ecs/ecs.config",
		"echo ECS_ENABLE_CONTAINER_METADATA=true >> /etc/ecs/ecs.config",
		"echo ECS_ENABLE_TASK_IAM_ROLE=true >> /etc/ecs/ecs.config",
		"",
	}, "\n"), cluster)
}
