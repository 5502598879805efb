package v1alpha1

import (
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Gateway is the gateway service.
// +kubebuilder:validation:XValidation:rule=`!has(self.env) || !has(self.secretEnv) || self.env.all(k, !(k in self.secretEnv))`,fieldPath=".secretEnv",message="ECS takes a name once: remove it from env or from secretEnv"
// +kubebuilder:validation:XValidation:rule=`!has(self.replicas) || !has(self.autoscaling) || self.replicas >= self.autoscaling.minReplicas && self.replicas <= self.autoscaling.maxReplicas`,fieldPath=".replicas",message="with autoscaling, replicas is the number of tasks to begin with: write one from autoscaling.minReplicas to autoscaling.maxReplicas, or leave it out"
type Gateway struct {
	// Image is the container image. Not set: portkeyai/gateway_enterprise:2.16.0. The default moves with the
	// operator's releases; set the tag where an upgrade of the operator must not roll the gateway.
	// +optional
	Image *Image `json:"image,omitempty"`
	// Port is the AI gateway's container port, any but mcp.port, 6379, which is the cache's, and 8081, which is
	// the data service's. Not set: 8787.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=65535
	// +kubebuilder:validation:XValidation:rule=`!(self in [6379, 8081])`,message="6379 is the cache's port inside the deployment and 8081 the data service's: write another, such as 8787"
	Port int32 `json:"port,omitempty"`
	// Replicas is the number of tasks. As in a Deployment, not set means 1 at creation, and from then on
	// whatever number somebody else has scaled the service to.
	// +optional
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=1000
	Replicas *int32 `json:"replicas,omitempty"`
	// Resources are the CPU and memory of each task. Not set: 1 CPU and 2Gi, the least that Portkey
	// recommends.
	// +optional
	Resources *Resources `json:"resources,omitempty"`
	// Env is further environment for the gateway. SERVICE_NAME, ANALYTICS_STORE and LOG_STORE have defaults
	// (gateway, control_plane, s3_assume) that may be overridden here. What ties the deployment together is
	// derived from other fields and refused here. Values are plain text for everybody who may read the
	// task definition.
	// +optional
	// +mapType=granular
	Env Environment `json:"env,omitempty"`
	// SecretEnv is further environment whose values lie in AWS Secrets Manager. Tasks read it when they start.
	// +optional
	// +mapType=granular
	SecretEnv SecretEnvironment `json:"secretEnv,omitempty"`
	// Autoscaling lets Application Auto Scaling choose the number of tasks. replicas then has no effect but at
	// creation. Not set: off; turning it off leaves the number as it is.
	// +optional
	// +structType=atomic
	Autoscaling *Autoscaling `json:"autoscaling,omitempty"`
	// AvailabilityZoneRebalancing says whether ECS moves tasks when they are unevenly spread over the zones
	// (https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-rebalancing.html). Not set:
	// Enabled.
	// +optional
	AvailabilityZoneRebalancing AvailabilityZoneRebalancing `json:"availabilityZoneRebalancing,omitempty"`
	// TaskRole is the IAM role of the gateway's tasks.
	// +optional
	TaskRole *TaskRole `json:"taskRole,omitempty"`
	// EnableExec lets people with the right to do so run commands in the tasks
	// (https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-exec.html). Not set: false.
	// +optional
	EnableExec bool `json:"enableExec,omitempty"`
	// LogRetentionDays is how long CloudWatch keeps the tasks' own logs: one of the numbers of days that
	// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
	// takes. Not set: 14.
	// +optional
	// +kubebuilder:validation:Enum=1;3;5;7;14;30;60;90;120;150;180;365;400;545;731;1096;1827;2192;2557;2922;3288;3653
	LogRetentionDays int32 `json:"logRetentionDays,omitempty"`
	// StopTimeout is how long a task that was asked to stop may finish its streams before it is killed:
	// 2s to 2m (https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html).
	// See also loadBalancer.deregistrationDelay. Not set: 30s.
	// +optional
	// +kubebuilder:validation:Type=string
	// +kubebuilder:validation:MaxLength=20
	// +kubebuilder:validation:XValidation:rule=`self.matches(r'^([0-9]{1,5}h)?([0-9]{1,5}m)?([0-9]{1,5}s)?$') && self != "" && duration(self) >= duration('2s') && duration(self) <= duration('2m')`,message="write a duration of whole seconds from 2s to 2m, such as 30s"
	StopTimeout *metav1.Duration `json:"stopTimeout,omitempty"`
	// Rollout is how a new revision replaces the old one.
	// +optional
	Rollout *Rollout `json:"rollout,omitempty"`
}

// AvailabilityZoneRebalancing says whether ECS evens out where tasks run.
// +kubebuilder:validation:Enum=Enabled;Disabled
type AvailabilityZoneRebalancing string

// Whether ECS evens out where tasks run.
const (
	// AZRebalancingEnabled lets ECS move tasks between zones.
	AZRebalancingEnabled AvailabilityZoneRebalancing = "Enabled"
	// AZRebalancingDisabled leaves tasks where they were placed.
	AZRebalancingDisabled AvailabilityZoneRebalancing = "Disabled"
)

// Autoscaling keeps a service's metrics near their targets
// (https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-autoscaling-targettracking.html).
// +kubebuilder:validation:XValidation:rule=`self.minReplicas <= self.maxReplicas`,message="set maxReplicas to at least minReplicas"
// +kubebuilder:validation:XValidation:rule=`has(self.targetCPUPercent) || has(self.targetMemoryPercent) || has(self.targetRequestsPerTask)`,message="set at least one target: targetCPUPercent, targetMemoryPercent or targetRequestsPerTask"
type Autoscaling struct {
	// MinReplicas is the smallest number of tasks.
	// +required
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=1000
	MinReplicas int32 `json:"minReplicas"`
	// MaxReplicas is the largest number of tasks.
	// +required
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=1000
	MaxReplicas int32 `json:"maxReplicas"`
	// TargetCPUPercent is the CPU utilization, averaged over the service's tasks, to keep.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=100
	TargetCPUPercent *int32 `json:"targetCPUPercent,omitempty"`
	// TargetMemoryPercent is the memory utilization, averaged over the service's tasks, to keep.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=100
	TargetMemoryPercent *int32 `json:"targetMemoryPercent,omitempty"`
	// TargetRequestsPerTask is the number of requests in a minute for each task to keep. It needs an
	// Application Load Balancer, mode Gateway or MCP, and the strategy Rolling.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=1000000
	TargetRequestsPerTask *int32 `json:"targetRequestsPerTask,omitempty"`
	// ScaleInCooldown is how long after taking tasks away no more are taken. Not set: 120s.
	// +optional
	// +kubebuilder:validation:Type=string
	// +kubebuilder:validation:MaxLength=20
	// +kubebuilder:validation:XValidation:rule=`self.matches(r'^([0-9]{1,5}h)?([0-9]{1,5}m)?([0-9]{1,5}s)?$') && self != "" && duration(self) <= duration('1h')`,message="write a duration of whole seconds from 0s to 1h, such as 120s"
	ScaleInCooldown *metav1.Duration `json:"scaleInCooldown,omitempty"`
	// ScaleOutCooldown is how long after adding tasks the added ones are counted as not there yet. Not set:
	// 60s.
	// +optional
	// +kubebuilder:validation:Type=string
	// +kubebuilder:validation:MaxLength=20
	// +kubebuilder:validation:XValidation:rule=`self.matches(r'^([0-9]{1,5}h)?([0-9]{1,5}m)?([0-9]{1,5}s)?$') && self != "" && duration(self) <= duration('1h')`,message="write a duration of whole seconds from 0s to 1h, such as 60s"
	ScaleOutCooldown *metav1.Duration `json:"scaleOutCooldown,omitempty"`
}

// MCP is how the MCP gateway is reached.
type MCP struct {
	// Port is the MCP gateway's container port, any but gateway.port, 6379 and 8081. Not set: 8788.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=65535
	// +kubebuilder:validation:XValidation:rule=`!(self in [6379, 8081])`,message="6379 is the cache's port inside the deployment and 8081 the data service's: write another, such as 8788"
	Port int32 `json:"port,omitempty"`
	// BaseURL is the address that clients of the MCP gateway use, for the links that it gives them. Not set:
	// made of loadBalancer.hosts.mcp, or of loadBalancer.hosts.gateway and loadBalancer.paths.mcp.
	// +optional
	// +kubebuilder:validation:MaxLength=512
	// +kubebuilder:validation:XValidation:rule=`self == "" || isURL(self) && url(self).getScheme() in ['http', 'https'] && url(self).getHostname() != ""`,message="write a URL that begins with https:// or http://, such as https://mcp.example.com"
	BaseURL string `json:"baseURL,omitempty"`
}

// DataService is Portkey's data service. It listens on port 8081 inside the deployment.
// +kubebuilder:validation:XValidation:rule=`!has(self.env) || !has(self.secretEnv) || self.env.all(k, !(k in self.secretEnv))`,fieldPath=".secretEnv",message="ECS takes a name once: remove it from env or from secretEnv"
// +kubebuilder:validation:XValidation:rule=`!has(self.replicas) || !has(self.autoscaling) || self.replicas >= self.autoscaling.minReplicas && self.replicas <= self.autoscaling.maxReplicas`,fieldPath=".replicas",message="with autoscaling, replicas is the number of tasks to begin with: write one from autoscaling.minReplicas to autoscaling.maxReplicas, or leave it out"
// +kubebuilder:validation:XValidation:rule=`!self.?autoscaling.?targetRequestsPerTask.hasValue()`,fieldPath=".autoscaling.targetRequestsPerTask",message="the data service stands behind no load balancer whose requests could be counted: use targetCPUPercent or targetMemoryPercent"
// +kubebuilder:validation:XValidation:rule=`!has(self.env) || self.env.all(k, !(k in ['GATEWAY_BASE_URL', 'ALBUS_ENDPOINT', 'LOG_EXPORTS_BUCKET', 'FINETUNES_BUCKET', 'AWS_S3_FINETUNE_BUCKET']))`,fieldPath=".env",message="GATEWAY_BASE_URL and ALBUS_ENDPOINT are derived by the operator, which knows the addresses; LOG_EXPORTS_BUCKET, FINETUNES_BUCKET and AWS_S3_FINETUNE_BUCKET follow from storage.exportBucket and storage.fineTuneBucket: remove them here"
// +kubebuilder:validation:XValidation:rule=`!has(self.secretEnv) || self.secretEnv.all(k, !(k in ['GATEWAY_BASE_URL', 'ALBUS_ENDPOINT', 'LOG_EXPORTS_BUCKET', 'FINETUNES_BUCKET', 'AWS_S3_FINETUNE_BUCKET']))`,fieldPath=".secretEnv",message="GATEWAY_BASE_URL and ALBUS_ENDPOINT are derived by the operator, which knows the addresses; LOG_EXPORTS_BUCKET, FINETUNES_BUCKET and AWS_S3_FINETUNE_BUCKET follow from storage.exportBucket and storage.fineTuneBucket: remove them here"
type DataService struct {
	// Image is the container image. Not set: portkeyai/data-service:1.9.0. The default moves with the
	// operator's releases.
	// +optional
	Image *Image `json:"image,omitempty"`
	// Replicas is the number of tasks. Not set: 1 at creation, and then whatever number somebody else has
	// scaled the service to.
	// +optional
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=1000
	Replicas *int32 `json:"replicas,omitempty"`
	// Resources are the CPU and memory of each task. Not set: 500m CPU and 1Gi.
	// +optional
	Resources *Resources `json:"resources,omitempty"`
	// Autoscaling lets Application Auto Scaling choose the number of tasks. targetRequestsPerTask can't be set:
	// the data service stands behind no load balancer. Not set: off.
	// +optional
	// +structType=atomic
	Autoscaling *Autoscaling `json:"autoscaling,omitempty"`
	// AvailabilityZoneRebalancing says whether ECS moves tasks when they are unevenly spread over the zones.
	// Not set: Enabled.
	// +optional
	AvailabilityZoneRebalancing AvailabilityZoneRebalancing `json:"availabilityZoneRebalancing,omitempty"`
	// Env is further environment. SERVICE_NAME, ANALYTICS_STORE, LOG_STORE and HYBRID_DEPLOYMENT have defaults
	// (data-service, control_plane, s3_assume, ON) that may be overridden here; what ties the deployment
	// together is refused here.
	// +optional
	// +mapType=granular
	Env Environment `json:"env,omitempty"`
	// SecretEnv is further environment whose values lie in AWS Secrets Manager.
	// +optional
	// +mapType=granular
	SecretEnv SecretEnvironment `json:"secretEnv,omitempty"`
	// TaskRole is the IAM role of the data service's tasks.
	// +optional
	TaskRole *TaskRole `json:"taskRole,omitempty"`
	// EnableExec lets people with the right to do so run commands in the tasks. Not set: false.
	// +optional
	EnableExec bool `json:"enableExec,omitempty"`
	// LogRetentionDays is how long CloudWatch keeps the tasks' own logs. Not set: 14.
	// +optional
	// +kubebuilder:validation:Enum=1;3;5;7;14;30;60;90;120;150;180;365;400;545;731;1096;1827;2192;2557;2922;3288;3653
	LogRetentionDays int32 `json:"logRetentionDays,omitempty"`
	// StopTimeout is how long a task that was asked to stop may finish its work before it is killed: 2s to 2m.
	// Not set: 30s.
	// +optional
	// +kubebuilder:validation:Type=string
	// +kubebuilder:validation:MaxLength=20
	// +kubebuilder:validation:XValidation:rule=`self.matches(r'^([0-9]{1,5}h)?([0-9]{1,5}m)?([0-9]{1,5}s)?$') && self != "" && duration(self) >= duration('2s') && duration(self) <= duration('2m')`,message="write a duration of whole seconds from 2s to 2m, such as 30s"
	StopTimeout *metav1.Duration `json:"stopTimeout,omitempty"`
	// Rollout is how a new revision replaces the old one: task by task.
	// +optional
	Rollout *ServiceRollout `json:"rollout,omitempty"`
}

// Environment is the environment of a service's containers, by name.
// +kubebuilder:validation:MaxProperties=100
// +kubebuilder:validation:XValidation:rule=`self.all(k, size(k) <= 128 && k.matches(r'^[A-Za-z_][A-Za-z0-9_]*$'))`,message="write names of at most 128 letters, digits and underscores that don't begin with a digit, such as LOG_LEVEL"
// +kubebuilder:validation:XValidation:rule=`self.all(k, !k.matches(r'^(REDIS_|AWS_REDIS_)|^CACHE_STORE$'))`,message="REDIS_*, AWS_REDIS_* and CACHE_STORE follow from spec.cache: remove them here and write what you need there"
// +kubebuilder:validation:XValidation:rule=`self.all(k, !k.matches(r'^(PORT|SERVER_MODE)$|^MCP_'))`,message="PORT follows from spec.gateway.port, SERVER_MODE and MCP_* from spec.mode: remove them here and set those"
// +kubebuilder:validation:XValidation:rule=`self.all(k, !k.matches(r'_BASEPATH$|^CONFIG_READER_PATH$'))`,message="*_BASEPATH and CONFIG_READER_PATH are derived by the operator, which knows the addresses: remove them"
// +kubebuilder:validation:XValidation:rule=`self.all(k, k != 'LOG_STORE_GENERATIONS_BUCKET' && k != 'LOG_STORE_REGION')`,message="LOG_STORE_GENERATIONS_BUCKET and LOG_STORE_REGION follow from spec.storage: remove them here and set storage.logBucket and storage.region"
// +kubebuilder:validation:XValidation:rule=`self.all(k, k != 'ORGANISATIONS_TO_SYNC')`,message="ORGANISATIONS_TO_SYNC follows from spec.organisations or the license secret: remove it here and list the IDs in spec.organisations"
// +kubebuilder:validation:XValidation:rule=`self.all(k, k != 'PORTKEY_CLIENT_AUTH')`,message="PORTKEY_CLIENT_AUTH is a secret: remove it here and put it into the secret that spec.credentials.license names, under that key"
// +kubebuilder:validation:XValidation:rule=`self.all(k, !k.matches(r'^(ECS_|AWS_CONTAINER_CREDENTIALS_)'))`,message="ECS_* and AWS_CONTAINER_CREDENTIALS_* are set by ECS itself: remove them"
type Environment map[string]EnvValue

// SecretEnvironment is environment whose values lie in AWS Secrets Manager, by name.
// +kubebuilder:validation:MaxProperties=50
// +kubebuilder:validation:XValidation:rule=`self.all(k, size(k) <= 128 && k.matches(r'^[A-Za-z_][A-Za-z0-9_]*$'))`,message="write names of at most 128 letters, digits and underscores that don't begin with a digit, such as LOG_LEVEL"
// +kubebuilder:validation:XValidation:rule=`self.all(k, !k.matches(r'^(REDIS_|AWS_REDIS_)|^CACHE_STORE$'))`,message="REDIS_*, AWS_REDIS_* and CACHE_STORE follow from spec.cache: remove them here and write what you need there"
// +kubebuilder:validation:XValidation:rule=`self.all(k, !k.matches(r'^(PORT|SERVER_MODE)$|^MCP_'))`,message="PORT follows from spec.gateway.port, SERVER_MODE and MCP_* from spec.mode: remove them here and set those"
// +kubebuilder:validation:XValidation:rule=`self.all(k, !k.matches(r'_BASEPATH$|^CONFIG_READER_PATH$'))`,message="*_BASEPATH and CONFIG_READER_PATH are derived by the operator, which knows the addresses: remove them"
// +kubebuilder:validation:XValidation:rule=`self.all(k, k != 'LOG_STORE_GENERATIONS_BUCKET' && k != 'LOG_STORE_REGION')`,message="LOG_STORE_GENERATIONS_BUCKET and LOG_STORE_REGION follow from spec.storage: remove them here and set storage.logBucket and storage.region"
// +kubebuilder:validation:XValidation:rule=`self.all(k, k != 'ORGANISATIONS_TO_SYNC')`,message="ORGANISATIONS_TO_SYNC follows from spec.organisations or the license secret: remove it here and list the IDs in spec.organisations"
// +kubebuilder:validation:XValidation:rule=`self.all(k, k != 'PORTKEY_CLIENT_AUTH')`,message="PORTKEY_CLIENT_AUTH is a secret: remove it here and put it into the secret that spec.credentials.license names, under that key"
// +kubebuilder:validation:XValidation:rule=`self.all(k, !k.matches(r'^(ECS_|AWS_CONTAINER_CREDENTIALS_)'))`,message="ECS_* and AWS_CONTAINER_CREDENTIALS_* are set by ECS itself: remove them"
type SecretEnvironment map[string]SecretKey

// EnvValue is the value of an environment variable.
// +kubebuilder:validation:MaxLength=4096
type EnvValue string

// Image is a container image.
type Image struct {
	// Repository is the image without its tag: on Docker Hub where it begins with no host name.
	// +optional
	// +kubebuilder:validation:MaxLength=255
	// +kubebuilder:validation:XValidation:rule=`self.matches(r'^([a-zA-Z0-9]([a-zA-Z0-9.-]*[a-zA-Z0-9])?(:[0-9]{1,5})?/)?[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*$')`,message="write a repository without scheme, tag or digest, such as portkeyai/gateway_enterprise or 123456789012.dkr.ecr.us-east-1.amazonaws.com/portkey/gateway; the tag goes into image.tag"
	Repository string `json:"repository,omitempty"`
	// Tag is the image's tag.
	// +optional
	// +kubebuilder:validation:MaxLength=128
	// +kubebuilder:validation:XValidation:rule=`self.matches(r'^[A-Za-z0-9_][A-Za-z0-9_.-]*$')`,message="write a tag of letters, digits, underscores, dots and hyphens, such as 2.16.0, without a leading colon"
	Tag string `json:"tag,omitempty"`
}

// Resources are the CPU and memory of a task: a pair that ECS takes
// (https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters.html#task_size).
// The task definitions are made for EC2 and Fargate alike, so Fargate's table holds on EC2, too.
// +kubebuilder:validation:XValidation:rule=`self.cpu in ['250m', '0.25', '500m', '0.5', '1', '1000m', '2', '2000m', '4', '4000m', '8', '8000m', '16', '16000m'] || self.cpu in [1, 2, 4, 8, 16]`,fieldPath=".cpu",message="ECS takes tasks of 250m, 500m, 1, 2, 4, 8 or 16 CPUs: write one of these"
// +kubebuilder:validation:XValidation:rule=`[string(self.memory)].all(s, isQuantity(s) && [quantity(s).asApproximateFloat() / 536870912.0].all(d, d < 1000.0 && [int(d)].all(m, d == double(m) && (self.cpu in ['250m', '0.25'] ? m in [1, 2, 4] : self.cpu in ['500m', '0.5'] ? m >= 2 && m <= 8 && m % 2 == 0 : self.cpu in ['1', '1000m'] || self.cpu in [1] ? m >= 4 && m <= 16 && m % 2 == 0 : self.cpu in ['2', '2000m'] || self.cpu in [2] ? m >= 8 && m <= 32 && m % 2 == 0 : self.cpu in ['4', '4000m'] || self.cpu in [4] ? m >= 16 && m <= 60 && m % 2 == 0 : self.cpu in ['8', '8000m'] || self.cpu in [8] ? m >= 32 && m <= 120 && m % 8 == 0 : self.cpu in ['16', '16000m'] || self.cpu in [16] ? m >= 64 && m <= 240 && m % 16 == 0 : true))))`,fieldPath=".memory",messageExpression=`'ECS takes ' + (self.cpu in ['250m', '0.25'] ? '512Mi, 1Gi or 2Gi of memory with 250m' : self.cpu in ['500m', '0.5'] ? '1Gi to 4Gi of memory in steps of 1Gi with 500m' : self.cpu in ['1', '1000m'] || self.cpu in [1] ? '2Gi to 8Gi of memory in steps of 1Gi with 1' : self.cpu in ['2', '2000m'] || self.cpu in [2] ? '4Gi to 16Gi of memory in steps of 1Gi with 2' : self.cpu in ['4', '4000m'] || self.cpu in [4] ? '8Gi to 30Gi of memory in steps of 1Gi with 4' : self.cpu in ['8', '8000m'] || self.cpu in [8] ? '16Gi to 60Gi of memory in steps of 4Gi with 8' : '32Gi to 120Gi of memory in steps of 8Gi with 16') + ' CPU: write one of these, or another cpu'`,message="ECS doesn't take this memory with this cpu: write a pair of the table at https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters.html#task_size"
type Resources struct {
	// CPU is the number of CPUs: 250m, 500m, 1, 2, 4, 8 or 16. ECS counts 1024 units to a CPU: 250m are
	// 256 units.
	// +required
	CPU resource.Quantity `json:"cpu"`
	// Memory is in steps that depend on cpu. 250m: 512Mi, 1Gi or 2Gi. 500m: 1Gi to 4Gi. 1: 2Gi to 8Gi.
	// 2: 4Gi to 16Gi. 4: 8Gi to 30Gi, all in steps of 1Gi. 8: 16Gi to 60Gi in steps of 4Gi. 16: 32Gi to
	// 120Gi in steps of 8Gi.
	// +required
	Memory resource.Quantity `json:"memory"`
}

// TaskRole is the IAM role of a service's tasks.
type TaskRole struct {
	// PolicyARNs are managed policies attached to the role besides what the operator gives it: at most 10,
	// which is AWS's own limit.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=10
	// +kubebuilder:validation:items:MaxLength=700
	// +kubebuilder:validation:items:XValidation:rule=`self.matches(r'^arn:aws[a-z-]*:iam::(aws|[0-9]{12}):policy/[A-Za-z0-9_+=,.@/-]+$')`,message="write the ARN of a managed policy, such as arn:aws:iam::aws:policy/AmazonBedrockLimitedAccess or arn:aws:iam::123456789012:policy/portkey-bedrock"
	PolicyARNs []string `json:"policyARNs,omitempty"`
}
