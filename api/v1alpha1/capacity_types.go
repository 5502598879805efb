package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// Capacity is what the tasks run on.
// +kubebuilder:validation:XValidation:rule=`[has(self.ec2), has(self.fargate), has(self.existing)].exists_one(set, set)`,message="set exactly one of ec2, fargate and existing: write ec2: {} or leave capacity out for EC2 instances of the default size, fargate: {} for AWS Fargate"
type Capacity struct {
	// EC2 runs the tasks on EC2 instances of an Auto Scaling group, which ECS scales.
	// +optional
	// +structType=atomic
	EC2 *EC2Capacity `json:"ec2,omitempty"`
	// Fargate runs the tasks on AWS Fargate: no instances to look after.
	// +optional
	// +structType=atomic
	Fargate *FargateCapacity `json:"fargate,omitempty"`
	// Existing runs the tasks in a cluster that is there already, on one of its capacity providers. Neither is
	// ever changed. It needs network.existing.
	// +optional
	Existing *ExistingCapacity `json:"existing,omitempty"`
}

// Architecture is a processor architecture.
// +kubebuilder:validation:Enum=ARM64;X86_64
type Architecture string

// The architectures, as ECS calls them
// (https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RuntimePlatform.html).
const (
	// ArchitectureARM64 is Graviton.
	ArchitectureARM64 Architecture = "ARM64"
	// ArchitectureX8664 is Intel and AMD.
	ArchitectureX8664 Architecture = "X86_64"
)

// FargateCapacity runs the tasks on AWS Fargate
// (https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-capacity-providers.html).
type FargateCapacity struct {
	// Architecture is the processor architecture of the tasks. Not set: ARM64, which costs less.
	// +optional
	Architecture Architecture `json:"architecture,omitempty"`
	// Spot puts a share of the gateway's tasks on Fargate Spot, which is cheaper and may stop tasks with two
	// minutes' notice. Not set: none.
	// +optional
	Spot *FargateSpot `json:"spot,omitempty"`
}

// FargateSpot is the share of each service's tasks that runs on Fargate Spot: the capacity provider
// FARGATE_SPOT's base and weight, beside FARGATE's weight of 1. The built-in Redis never does.
type FargateSpot struct {
	// Base is the number of tasks that run on Spot before any runs on Fargate. Not set: 0.
	// +optional
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=1000
	Base int32 `json:"base,omitempty"`
	// Weight is how many tasks run on Spot for each further one on Fargate. Not set: 0.
	// +optional
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=1000
	Weight int32 `json:"weight,omitempty"`
}

// ExistingCapacity is a cluster and capacity provider that somebody else looks after.
type ExistingCapacity struct {
	// Cluster is the name of an ECS cluster in the account and region.
	// +required
	// +kubebuilder:validation:MaxLength=255
	// +kubebuilder:validation:XValidation:rule=`self.matches(r'^[A-Za-z0-9_-]+$')`,message="write the name of an ECS cluster, not its ARN, such as shared-cluster"
	Cluster string `json:"cluster"`
	// CapacityProvider is one of the cluster's capacity providers: of an Auto Scaling group, FARGATE or
	// FARGATE_SPOT.
	// +required
	// +kubebuilder:validation:MaxLength=255
	// +kubebuilder:validation:XValidation:rule=`self.matches(r'^[A-Za-z0-9_-]+$')`,message="write the name of a capacity provider of the cluster, such as FARGATE"
	CapacityProvider string `json:"capacityProvider"`
	// Architecture is the processor architecture of the provider's instances. Not set: ARM64.
	// +optional
	Architecture Architecture `json:"architecture,omitempty"`
}

// ContainerInsights is how much CloudWatch collects of a cluster's containers.
// +kubebuilder:validation:Enum=Disabled;Enabled;Enhanced
type ContainerInsights string

// The degrees of Container Insights.
const (
	// ContainerInsightsDisabled collects nothing.
	ContainerInsightsDisabled ContainerInsights = "Disabled"
	// ContainerInsightsEnabled collects metrics of cluster and services.
	ContainerInsightsEnabled ContainerInsights = "Enabled"
	// ContainerInsightsEnhanced collects metrics of tasks and containers, too.
	ContainerInsightsEnhanced ContainerInsights = "Enhanced"
)

// Cluster is the deployment's own ECS cluster.
type Cluster struct {
	// ContainerInsights is how much CloudWatch collects of the containers, at its price
	// (https://docs.aws.amazon.com/AmazonECS/latest/developerguide/cloudwatch-container-insights.html).
	// Not set: Enabled.
	// +optional
	ContainerInsights ContainerInsights `json:"containerInsights,omitempty"`
}

// EC2Capacity is an Auto Scaling group that ECS scales between minSize and maxSize
// (https://docs.aws.amazon.com/AmazonECS/latest/developerguide/cluster-auto-scaling.html).
// +kubebuilder:validation:XValidation:rule=`self.?minSize.orValue(1) <= self.?maxSize.orValue(3)`,message="set maxSize (3 where it isn't set) to at least minSize"
// +kubebuilder:validation:XValidation:rule=`!has(self.initialSize) || (self.initialSize >= self.?minSize.orValue(1) && self.initialSize <= self.?maxSize.orValue(3))`,message="set initialSize to a number from minSize (1 where it isn't set) to maxSize (3 where it isn't set)"
type EC2Capacity struct {
	// InstanceType is the type of the instances; the processor architecture of instances and tasks follows
	// from it. A new type applies to instances started from then on. Not set: t4g.medium, which has room
	// for two tasks, since each has a network interface of its own.
	// +optional
	// +kubebuilder:validation:MaxLength=32
	// +kubebuilder:validation:XValidation:rule=`self.matches(r'^[a-z][a-z0-9-]*\.[a-z0-9-]+$')`,message="write an EC2 instance type, such as t4g.medium or m7i.large"
	InstanceType string `json:"instanceType,omitempty"`
	// MinSize is the smallest number of instances. Not set: 1.
	// +optional
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=1000
	MinSize *int32 `json:"minSize,omitempty"`
	// MaxSize is the largest number of instances. Not set: 3.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=1000
	MaxSize int32 `json:"maxSize,omitempty"`
	// InitialSize is the number of instances to begin with; later ECS decides, and this field has no effect.
	// Not set: 2, or the nearest that minSize and maxSize allow.
	// +optional
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=1000
	InitialSize *int32 `json:"initialSize,omitempty"`
	// TargetPercent is how full ECS keeps the instances; below 100 some capacity stays free for quick
	// starts. Not set: 100.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=100
	TargetPercent int32 `json:"targetPercent,omitempty"`
	// AMI is the image that instances start from.
	// +optional
	AMI *AMI `json:"ami,omitempty"`
	// InstanceRefresh replaces running instances when what they start from changes: instance type, image, user
	// data. Not set: running instances stay, and only new ones start from what is new.
	// +optional
	// +structType=atomic
	InstanceRefresh *InstanceRefresh `json:"instanceRefresh,omitempty"`
}

// InstanceRefresh replaces running instances step by step; ECS drains each first
// (https://docs.aws.amazon.com/autoscaling/ec2/userguide/asg-instance-refresh.html).
// +kubebuilder:validation:XValidation:rule=`self.?minHealthyPercent.orValue(50) <= self.?maxHealthyPercent.orValue(100) && self.?maxHealthyPercent.orValue(100) - self.?minHealthyPercent.orValue(50) <= 100`,message="write a maxHealthyPercent (100 where it isn't set) from minHealthyPercent (50 where it isn't set) to 100 more than that"
type InstanceRefresh struct {
	// MinHealthyPercent is how much of the group must be in service meanwhile. Not set: 50.
	// +optional
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=100
	MinHealthyPercent *int32 `json:"minHealthyPercent,omitempty"`
	// MaxHealthyPercent is how large the group may be meanwhile. Not set: 100.
	// +optional
	// +kubebuilder:validation:Minimum=100
	// +kubebuilder:validation:Maximum=200
	MaxHealthyPercent int32 `json:"maxHealthyPercent,omitempty"`
	// InstanceWarmup is how long a new instance takes until it counts. Not set: 300s.
	// +optional
	// +kubebuilder:validation:Type=string
	// +kubebuilder:validation:MaxLength=20
	// +kubebuilder:validation:XValidation:rule=`self.matches(r'^([0-9]{1,5}h)?([0-9]{1,5}m)?([0-9]{1,5}s)?$') && self != "" && duration(self) <= duration('1h')`,message="write a duration of whole seconds from 0s to 1h, such as 300s"
	InstanceWarmup *metav1.Duration `json:"instanceWarmup,omitempty"`
}

// AMIUpdatePolicy says when the machine image follows AWS's releases.
// +kubebuilder:validation:Enum=Pinned;OnRelease
type AMIUpdatePolicy string

// When the machine image follows AWS's releases.
const (
	// AMIPinned keeps the image that the deployment was created with.
	AMIPinned AMIUpdatePolicy = "Pinned"
	// AMIOnRelease takes each new recommended image.
	AMIOnRelease AMIUpdatePolicy = "OnRelease"
)

// AMI is the machine image that instances start from.
// +kubebuilder:validation:XValidation:rule=`self.?id.orValue("") == "" || self.?updatePolicy.orValue('Pinned') == 'Pinned'`,fieldPath=".updatePolicy",message="an image that is given by its ID follows no releases: remove id, or updatePolicy"
type AMI struct {
	// ID is a machine image for ECS of the instance type's architecture. A new one applies to instances
	// started from then on. Not set: the recommended ECS-optimised Amazon Linux 2023 at the time the
	// deployment was created.
	// +optional
	// +kubebuilder:validation:MaxLength=21
	// +kubebuilder:validation:XValidation:rule=`self == "" || self.matches(r'^ami-([0-9a-f]{8}|[0-9a-f]{17})$')`,message="write the ID of a machine image, such as ami-0123456789abcdef0, or leave it out for the recommended one"
	ID string `json:"id,omitempty"`
	// UpdatePolicy says when the image follows AWS's releases, for which id must not be set. Pinned: never, the image
	// stays the one that was recommended at creation. OnRelease: with each new recommended image, for
	// instances started from then on; with instanceRefresh running ones are replaced. Not set: Pinned.
	// +optional
	UpdatePolicy AMIUpdatePolicy `json:"updatePolicy,omitempty"`
}
