package desired

import (
	"regexp"
	"strings"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
	"github.com/portkey-ai/portkey-ecs-operator/internal/kinds"
)

// capacity is what services use of the cluster and what runs their tasks.
type capacity struct {
	cluster      graph.Value // name
	providers    []kinds.Strategy
	architecture string // X86_64 or ARM64, as task definitions have it
	// ready is published when tasks can be placed.
	ready graph.Value
}

// clusterLogDays is how long the sessions of ECS Exec are kept, as in the Terraform module.
const clusterLogDays = 90

// cluster adds the ECS cluster and the log group of its ECS Exec sessions.
func (b *builder) cluster() graph.Value {
	const area = v1alpha1.ConditionCapacityReady
	logs := b.logGroup(area, "cluster", clusterLogDays)
	c := add(b, area, "cluster/main", b.name("cluster"), kinds.Cluster{}, kinds.ClusterSpec{
		ExecLogGroup: graph.Out(logs.ID, "name"), ContainerInsights: "enabled",
	})
	return graph.Out(c.ID, "name")
}

// namespace adds the Cloud Map namespace of Service Connect.
func (b *builder) namespace() graph.Value {
	n := add(b, v1alpha1.ConditionServicesReady, "http-namespace/main", b.name(""), kinds.HTTPNamespace{},
		kinds.HTTPNamespaceSpec{Description: "Service Connect of " + b.owner.String()})
	return graph.Out(n.ID, "arn")
}

// capacity adds an Auto Scaling group of EC2 instances and hands it to ECS.
//
// Three nodes break what would be a circle: the group is made empty, the cluster takes it as a
// capacity provider, and only then it gets its size; instances that start before would join a
// cluster that doesn't manage them.
func (b *builder) capacity(net network, cluster graph.Value, groups securityGroups) capacity {
	const area = v1alpha1.ConditionCapacityReady
	spec := b.spec.Capacity.EC2

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
	template := add(b, area, "launch-template/main", b.name("instances"), kinds.LaunchTemplate{}, kinds.LaunchTemplateSpec{
		InstanceType: spec.InstanceType, AMI: spec.AMI.ID, AMIParameter: amiParameter(arch),
		UserData: userData(cluster), InstanceProfileARN: graph.Out(profile.ID, "arn"),
		SecurityGroups: []graph.Value{groups.instances}, Monitoring: true,
	})
	group := add(b, area, "auto-scaling-group/main", b.name("instances"), kinds.AutoScalingGroup{}, kinds.AutoScalingGroupSpec{
		LaunchTemplate: graph.Out(template.ID, "id"), Version: graph.Out(template.ID, "version"),
		Subnets: net.private, MaxSize: int(spec.MaxSize),
	})
	provider := add(b, area, "capacity-provider/ec2", b.name("ec2"), kinds.CapacityProvider{}, kinds.CapacityProviderSpec{
		Group: graph.Out(group.ID, "arn"), TargetPercent: int(spec.TargetPercent), MinStep: 1, MaxStep: 2,
	})
	name := graph.Out(provider.ID, "name")
	association := add(b, area, "cluster-capacity/main", "", kinds.ClusterCapacity{}, kinds.ClusterCapacitySpec{
		Cluster: cluster, Providers: []graph.Value{name}, Default: []kinds.Strategy{{Provider: name, Weight: 100}},
	})
	stands := graph.Out(association.ID, "cluster")
	size := add(b, area, "group-capacity/main", "", kinds.GroupCapacity{}, kinds.GroupCapacitySpec{
		Group: graph.Out(group.ID, "name"), Ready: stands,
		MinSize: int(*spec.MinSize), MaxSize: int(spec.MaxSize), InitialSize: int(*spec.InitialSize),
	})
	// Instances without a way out can't reach ECS, and give up registering.
	size.After = []graph.Ref{net.egress}
	return capacity{
		cluster: cluster, providers: []kinds.Strategy{{Provider: name, Weight: 1}},
		architecture: map[string]string{"arm64": "ARM64", "x86_64": "X86_64"}[arch], ready: stands,
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
