package v1alpha1

import (
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Conventions of this file. Enums at the top of spec have schema defaults. Blocks and what lies in them have
// none: a default that the API server stores would collide with a later apply of another branch. What
// absence means is in resolve.go, and said in each comment.
//
// Blocks that mean something when they are empty (`loadBalancer: {}`) are atomic: of a granular one that an
// apply leaves empty, server-side apply makes null, which is refused
// (https://github.com/kubernetes/kubernetes/issues/135841).
//
// Comments are what users read in `kubectl explain`. Every string, list and map that a rule looks
// at is bounded, so that the rules' cost stays far inside the API server's budget.

// PortkeyGateway is a Portkey AI gateway on Amazon ECS: everything it needs in one AWS account and
// region, from the VPC to the load balancer. The shortest manifest is the recommended deployment:
// region, credentials, log bucket and `loadBalancer: {}`.
//
// The API server drops fields it doesn't know without a word unless the client asks for strict
// validation; kubectl does by default (`--validate=strict`), other clients have to.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:path=portkeygateways,singular=portkeygateway,shortName=pkgw,categories=portkey,scope=Namespaced
// +kubebuilder:printcolumn:name="Mode",type=string,JSONPath=`.spec.mode`
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Version",type=string,JSONPath=`.status.version`
// +kubebuilder:printcolumn:name="Tasks",type=string,JSONPath=`.status.tasks`,description="Running and desired gateway tasks"
// +kubebuilder:printcolumn:name="Endpoint",type=string,JSONPath=`.status.endpoints.gateway`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
// +kubebuilder:printcolumn:name="Region",type=string,JSONPath=`.spec.region`,priority=1
// +kubebuilder:printcolumn:name="Account",type=string,JSONPath=`.status.accountID`,priority=1
// +kubebuilder:printcolumn:name="Reason",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].reason`,priority=1
// +kubebuilder:validation:XValidation:rule=`self.metadata.name.matches(r'^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$')`,message="metadata.name: use at most 63 lower-case letters, digits and hyphens, without dots: AWS names are made from it, and AWS limits the ownership tag that carries it"
// +kubebuilder:validation:XValidation:rule=`has(self.spec.namePrefix) && self.spec.namePrefix != "" || !self.metadata.name.matches(r'^(aws|ecs|fargate|internal-|sg-)')`,message="metadata.name: AWS refuses object names that begin with aws, ecs, fargate, internal- or sg-: choose another name, such as portkey-gateway, or set spec.namePrefix"
type PortkeyGateway struct {
	metav1.TypeMeta `json:",inline"`
	// +optional
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// Spec is the deployment as it should be.
	// +required
	Spec PortkeyGatewaySpec `json:"spec"`

	// The default tells kstatus that nobody has looked at a new resource yet: one without a status it
	// calls Current.

	// Status is the deployment as the operator last saw it. It can be lost without harm: everything in
	// it is found again in AWS.
	// +optional
	// +kubebuilder:default:={"observedGeneration":-1}
	Status PortkeyGatewayStatus `json:"status,omitzero"`
}

// PortkeyGatewayList is a list of gateways.
//
// +kubebuilder:object:root=true
type PortkeyGatewayList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []PortkeyGateway `json:"items"`
}

// Mode is what the gateway's tasks serve.
// +kubebuilder:validation:Enum=Gateway
type Mode string

// ModeGateway serves the AI gateway.
const ModeGateway Mode = "Gateway"

// ManagementPolicy is what the operator may do in AWS.
// +kubebuilder:validation:Enum=Reconcile;Observe;Paused
type ManagementPolicy string

// The management policies.
const (
	// ManagementReconcile makes AWS as the spec says, and keeps it so.
	ManagementReconcile ManagementPolicy = "Reconcile"
	// ManagementObserve reads AWS and writes what it would do to status.plan.
	ManagementObserve ManagementPolicy = "Observe"
	// ManagementPaused neither reads nor writes AWS.
	ManagementPaused ManagementPolicy = "Paused"
)

// DeletionPolicy is what becomes of the AWS objects when the resource is deleted.
// +kubebuilder:validation:Enum=Delete;Retain
type DeletionPolicy string

// The deletion policies.
const (
	// DeletionDelete deletes every AWS object of the deployment.
	DeletionDelete DeletionPolicy = "Delete"
	// DeletionRetain leaves every AWS object in place, tagged as it is.
	DeletionRetain DeletionPolicy = "Retain"
)

// PortkeyGatewaySpec is the deployment as it should be.
//
// +kubebuilder:validation:XValidation:rule=`(has(self.namePrefix) ? self.namePrefix : "") == (has(oldSelf.namePrefix) ? oldSelf.namePrefix : "")`,fieldPath=".namePrefix",message="namePrefix can't be set, changed or removed later, since AWS objects can't be renamed: leave it as it was, or create another PortkeyGateway"
// +kubebuilder:validation:XValidation:rule=`(has(self.network) && has(self.network.vpc) && has(self.network.vpc.cidr) ? self.network.vpc.cidr : '10.0.0.0/16') == (has(oldSelf.network) && has(oldSelf.network.vpc) && has(oldSelf.network.vpc.cidr) ? oldSelf.network.vpc.cidr : '10.0.0.0/16')`,message="network.vpc.cidr can't change (10.0.0.0/16 where it isn't set): leave it as it was, or create another PortkeyGateway"
// +kubebuilder:validation:XValidation:rule=`self.?network.?vpc.?zones.orValue(2) == oldSelf.?network.?vpc.?zones.orValue(2)`,message="network.vpc.zones can't change (2 where it isn't set): leave it as it was, or create another PortkeyGateway"
// +kubebuilder:validation:XValidation:rule=`!self.region.matches(r'^[a-z]{2,4}(-[a-z]+){1,2}-[0-9]{1,2}$') || !self.credentials.license.secretARN.matches(r'^arn:[^:]*:[^:]*:[^:]+:') || self.credentials.license.secretARN.split(':')[3] == self.region`,fieldPath=".credentials.license.secretARN",messageExpression=`'the secret must lie in ' + self.region + ', the region of the deployment: replicate it there and give the ARN of the replica'`,message="the secret must lie in spec.region: replicate it there and give the ARN of the replica"
// +kubebuilder:validation:XValidation:rule=`!self.region.matches(r'^[a-z]{2,4}(-[a-z]+){1,2}-[0-9]{1,2}$') || !self.credentials.registry.secretARN.matches(r'^arn:[^:]*:[^:]*:[^:]+:') || self.credentials.registry.secretARN.split(':')[3] == self.region`,fieldPath=".credentials.registry.secretARN",messageExpression=`'the secret must lie in ' + self.region + ', the region of the deployment: replicate it there and give the ARN of the replica'`,message="the secret must lie in spec.region: replicate it there and give the ARN of the replica"
type PortkeyGatewaySpec struct {
	// Region is the AWS region of the deployment, as us-east-1. It can't change.
	// +required
	// +kubebuilder:validation:MaxLength=32
	// +kubebuilder:validation:XValidation:rule=`self.matches(r'^[a-z]{2,4}(-[a-z]+){1,2}-[0-9]{1,2}$')`,message="write the code of an AWS region, such as us-east-1, and no zone"
	// +kubebuilder:validation:XValidation:rule=`self == oldSelf`,message="region can't change: create another PortkeyGateway in the other region, then delete this one"
	Region string `json:"region"`

	// AccountID is the AWS account that the deployment belongs to, as "123456789012" (in quotes). It is
	// compared with the account of the operator's credentials before anything is written; another account
	// stalls the deployment. Not set: whichever account the credentials belong to, which then is pinned.
	// +optional
	// +kubebuilder:validation:MaxLength=12
	// +kubebuilder:validation:XValidation:rule=`self == "" || self.matches(r'^[0-9]{12}$')`,message="write the twelve digits of an AWS account ID, in quotes and without hyphens, such as \"123456789012\""
	AccountID string `json:"accountID,omitempty"`

	// Mode is what the gateway's tasks serve. Gateway: the AI gateway.
	// +optional
	// +kubebuilder:default=Gateway
	Mode Mode `json:"mode,omitempty"`

	// Organisations are the IDs of the Portkey organisations that the gateway syncs. They are no secret and
	// reach the tasks as plain environment (ORGANISATIONS_TO_SYNC). Empty: the license secret's JSON key
	// ORGANISATIONS_TO_SYNC.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=100
	// +kubebuilder:validation:items:MaxLength=64
	// +kubebuilder:validation:items:XValidation:rule=`self.matches(r'^[A-Za-z0-9_-]+$')`,message="write one organisation ID per list item: letters, digits, hyphens and underscores, no commas or spaces"
	Organisations []string `json:"organisations,omitempty"`

	// ManagementPolicy is what the operator may do in AWS. Reconcile: make and keep the deployment as this
	// spec says. Observe: only read, and write what would be done to status.plan. Paused: nothing at all.
	// Observe and Paused never write to AWS, on deletion neither: a deleted resource that still owns objects
	// then waits for Reconcile (or for deletionPolicy Retain) and says so.
	// +optional
	// +kubebuilder:default=Reconcile
	ManagementPolicy ManagementPolicy `json:"managementPolicy,omitempty"`

	// DeletionPolicy is what becomes of the AWS objects when this resource is deleted. Delete: all go,
	// and the resource goes when the last one is gone. Retain: all stay as they are.
	// +optional
	// +kubebuilder:default=Delete
	DeletionPolicy DeletionPolicy `json:"deletionPolicy,omitempty"`

	// SyncInterval is how often AWS is compared with the spec and drift is repaired: 1m to 24h. Not set:
	// the manager's default, 5m unless it was started with another.
	// +optional
	// +kubebuilder:validation:Type=string
	// +kubebuilder:validation:MaxLength=20
	// +kubebuilder:validation:XValidation:rule=`self.matches(r'^([0-9]{1,5}h)?([0-9]{1,5}m)?([0-9]{1,5}s)?$') && self != "" && duration(self) >= duration('1m') && duration(self) <= duration('24h')`,message="write a duration from 1m to 24h, such as 5m or 1h30m"
	SyncInterval *metav1.Duration `json:"syncInterval,omitempty"`

	// NamePrefix begins the names of all AWS objects. It is there for adopting what another tool has
	// named, and can't be set, changed or removed later. Not set: metadata.name.
	// +optional
	// +kubebuilder:validation:MaxLength=40
	// +kubebuilder:validation:XValidation:rule=`self == "" || self.matches(r'^[A-Za-z]([A-Za-z0-9-]*[A-Za-z0-9])?$')`,message="write letters, digits and hyphens, beginning with a letter and not ending with a hyphen, such as portkey-gateway-dev"
	// +kubebuilder:validation:XValidation:rule=`!self.lowerAscii().matches(r'^(aws|ecs|fargate|internal-|sg-)')`,message="AWS refuses object names that begin with aws, ecs, fargate, internal- or sg-: write another prefix, such as portkey-gateway"
	NamePrefix string `json:"namePrefix,omitempty"`

	// Tags are put on every AWS object that takes tags, besides those of the operator: at most 40, keys up
	// to 128 and values up to 256 characters (letters, digits, spaces and _ . : / = + - @), as
	// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html has it. Tags that others put on the
	// objects stay.
	// +optional
	// +mapType=granular
	// +kubebuilder:validation:MaxProperties=40
	// +kubebuilder:validation:XValidation:rule=`self.all(k, size(k) <= 128 && k.matches(r'^[\p{L}\p{Z}\p{N}_.:/=+\-@]+$'))`,message="write tag keys of 1 to 128 letters, digits, spaces and _ . : / = + - @"
	// +kubebuilder:validation:XValidation:rule=`self.all(k, self[k].matches(r'^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$'))`,message="write tag values of letters, digits, spaces and _ . : / = + - @"
	// +kubebuilder:validation:XValidation:rule=`self.all(k, !k.matches(r'^(?i:aws:)'))`,message="tag keys that begin with aws: belong to AWS: write another key"
	// +kubebuilder:validation:XValidation:rule=`self.all(k, !k.startsWith('ecs.portkey.ai/') && k != 'Name' && k != 'AmazonECSManaged')`,message="the tags ecs.portkey.ai/…, Name and AmazonECSManaged are set by the operator: write another key (names follow from metadata.name)"
	// +kubebuilder:validation:XValidation:rule=`self.all(a, !self.exists(b, a != b && a.lowerAscii() == b.lowerAscii()))`,message="IAM takes tag keys for the same that differ only in upper and lower case: write keys that differ in more than upper and lower case"
	Tags map[string]TagValue `json:"tags,omitempty"`

	// Credentials are the secrets of the deployment.
	// +required
	Credentials Credentials `json:"credentials"`

	// Network is where the deployment runs: exactly one of its fields. Not set: a VPC of its own,
	// 10.0.0.0/16 in two zones.
	// +optional
	Network *Network `json:"network,omitempty"`

	// Capacity is what the tasks run on: exactly one of its fields. Not set: EC2 instances of type
	// t4g.medium, one to three, two to begin with.
	// +optional
	Capacity *Capacity `json:"capacity,omitempty"`

	// Gateway is the gateway service.
	// +optional
	Gateway *Gateway `json:"gateway,omitempty"`

	// Cache is the gateway's Redis: exactly one of its fields. Not set: the built-in one.
	// +optional
	Cache *Cache `json:"cache,omitempty"`

	// Storage is where the gateway's logs go.
	// +required
	Storage Storage `json:"storage"`

	// LoadBalancer gives the gateway an address for clients outside the ECS cluster. Its presence creates
	// one, `loadBalancer: {}` is enough; without it the gateway is reached through ECS Service Connect only.
	// +optional
	// +structType=atomic
	LoadBalancer *LoadBalancer `json:"loadBalancer,omitempty"`
}

// TagValue is the value of a tag.
// +kubebuilder:validation:MaxLength=256
type TagValue string

// Credentials are the secrets of the deployment.
type Credentials struct {
	// License is the secret with the JSON keys PORTKEY_CLIENT_AUTH and, unless spec.organisations is set,
	// ORGANISATIONS_TO_SYNC.
	// +required
	License SecretSource `json:"license"`
	// Registry is the secret with the JSON keys username and password, for pulling the images
	// (https://docs.aws.amazon.com/AmazonECS/latest/developerguide/private-auth.html).
	// +required
	Registry SecretSource `json:"registry"`
}

// SecretSource says where a secret lies.
type SecretSource struct {
	// SecretARN is the full ARN of a secret in AWS Secrets Manager, with the six random characters at its
	// end and without a JSON key, in the deployment's region.
	// +required
	// +kubebuilder:validation:MaxLength=600
	// +kubebuilder:validation:XValidation:rule=`self.matches(r'^arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:[A-Za-z0-9/_+=.@!-]+-[A-Za-z0-9]{6}$')`,message="write the full ARN of a Secrets Manager secret, with the six random characters and nothing after them, such as arn:aws:secretsmanager:us-east-1:123456789012:secret:portkey/license-AbCdEf"
	SecretARN string `json:"secretARN"`
}

// Network is where the deployment runs.
// +kubebuilder:validation:XValidation:rule=`has(self.vpc)`,message="set exactly one of: vpc. Write vpc: {} for a VPC of its own, or leave network out"
type Network struct {
	// VPC makes a VPC for the deployment, with a public and a private subnet in each zone.
	// +optional
	// +structType=atomic
	VPC *VPC `json:"vpc,omitempty"`
}

// NATGateways says how many NAT gateways there are.
// +kubebuilder:validation:Enum=Single
type NATGateways string

// NATGatewaysSingle is one NAT gateway for all zones.
const NATGatewaysSingle NATGateways = "Single"

// VPC is a VPC that the deployment has for itself.
type VPC struct {
	// CIDR is the VPC's IPv4 range, /16 to /20; each subnet gets a sixteenth of it. It can't change.
	// Not set: 10.0.0.0/16. See https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html
	// for which ranges to choose.
	// +optional
	// +kubebuilder:validation:MaxLength=18
	// +kubebuilder:validation:XValidation:rule=`isCIDR(self) && cidr(self).ip().family() == 4 && cidr(self).prefixLength() >= 16 && cidr(self).prefixLength() <= 20`,message="write an IPv4 range of size /16 to /20, such as 10.0.0.0/16"
	// +kubebuilder:validation:XValidation:rule=`!isCIDR(self) || cidr(self) == cidr(self).masked()`,message="write the first address of the range, such as 10.0.0.0/16"
	// +kubebuilder:validation:XValidation:rule=`!self.matches(r'^(0|127|169\.254|22[4-9]|2[3-5][0-9])\.')`,message="AWS takes no VPC in 0.0.0.0/8, 127.0.0.0/8, 169.254.0.0/16 or from 224.0.0.0 on: write a private range, such as 10.0.0.0/16"
	CIDR string `json:"cidr,omitempty"`
	// Zones is the number of availability zones: 2 to 6, and no more than the region has. It can't change.
	// Not set: 2.
	// +optional
	// +kubebuilder:validation:Minimum=2
	// +kubebuilder:validation:Maximum=6
	Zones int32 `json:"zones,omitempty"`
	// NATGateways says how many NAT gateways there are. Single: one for all zones. Not set: Single.
	// +optional
	NATGateways NATGateways `json:"natGateways,omitempty"`
}

// Capacity is what the tasks run on.
// +kubebuilder:validation:XValidation:rule=`has(self.ec2)`,message="set exactly one of: ec2. Write ec2: {} for EC2 instances of the default size, or leave capacity out"
type Capacity struct {
	// EC2 runs the tasks on EC2 instances of an Auto Scaling group, which ECS scales.
	// +optional
	// +structType=atomic
	EC2 *EC2Capacity `json:"ec2,omitempty"`
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
}

// AMI is the machine image that instances start from.
type AMI struct {
	// ID is a machine image for ECS of the instance type's architecture. A new one applies to instances
	// started from then on. Not set: the recommended ECS-optimised Amazon Linux 2023 at the time the
	// deployment was created.
	// +optional
	// +kubebuilder:validation:MaxLength=21
	// +kubebuilder:validation:XValidation:rule=`self == "" || self.matches(r'^ami-([0-9a-f]{8}|[0-9a-f]{17})$')`,message="write the ID of a machine image, such as ami-0123456789abcdef0, or leave it out for the recommended one"
	ID string `json:"id,omitempty"`
}

// Gateway is the gateway service.
type Gateway struct {
	// Image is the container image. Not set: portkeyai/gateway_enterprise:2.16.0. The default moves with the
	// operator's releases; set the tag where an upgrade of the operator must not roll the gateway.
	// +optional
	Image *Image `json:"image,omitempty"`
	// Port is the gateway's container port, any but 6379, which is the cache's. Not set: 8787.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=65535
	// +kubebuilder:validation:XValidation:rule=`self != 6379`,message="6379 is the cache's port inside the deployment: write another, such as 8787"
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
	// +kubebuilder:validation:MaxProperties=100
	// +kubebuilder:validation:XValidation:rule=`self.all(k, size(k) <= 128 && k.matches(r'^[A-Za-z_][A-Za-z0-9_]*$'))`,message="write names of at most 128 letters, digits and underscores that don't begin with a digit, such as LOG_LEVEL"
	// +kubebuilder:validation:XValidation:rule=`self.all(k, !k.matches(r'^(REDIS_|AWS_REDIS_)|^CACHE_STORE$'))`,message="REDIS_*, AWS_REDIS_* and CACHE_STORE follow from spec.cache: remove them here and write what you need there"
	// +kubebuilder:validation:XValidation:rule=`self.all(k, !k.matches(r'^(PORT|SERVER_MODE)$|^MCP_'))`,message="PORT follows from spec.gateway.port, SERVER_MODE and MCP_* from spec.mode: remove them here and set those"
	// +kubebuilder:validation:XValidation:rule=`self.all(k, !k.matches(r'_BASEPATH$|^CONFIG_READER_PATH$'))`,message="*_BASEPATH and CONFIG_READER_PATH are derived by the operator, which knows the addresses: remove them"
	// +kubebuilder:validation:XValidation:rule=`self.all(k, k != 'LOG_STORE_GENERATIONS_BUCKET' && k != 'LOG_STORE_REGION')`,message="LOG_STORE_GENERATIONS_BUCKET and LOG_STORE_REGION follow from spec.storage: remove them here and set storage.logBucket and storage.region"
	// +kubebuilder:validation:XValidation:rule=`self.all(k, k != 'ORGANISATIONS_TO_SYNC')`,message="ORGANISATIONS_TO_SYNC follows from spec.organisations or the license secret: remove it here and list the IDs in spec.organisations"
	// +kubebuilder:validation:XValidation:rule=`self.all(k, k != 'PORTKEY_CLIENT_AUTH')`,message="PORTKEY_CLIENT_AUTH is a secret: remove it here and put it into the secret that spec.credentials.license.secretARN names, under that key"
	// +kubebuilder:validation:XValidation:rule=`self.all(k, !k.matches(r'^(ECS_|AWS_CONTAINER_CREDENTIALS_)'))`,message="ECS_* and AWS_CONTAINER_CREDENTIALS_* are set by ECS itself: remove them"
	Env map[string]EnvValue `json:"env,omitempty"`
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

// Rollout is how a new revision of a service replaces the old one.
type Rollout struct {
	// CircuitBreaker ends a rollout whose tasks don't become healthy.
	// +optional
	CircuitBreaker *CircuitBreaker `json:"circuitBreaker,omitempty"`
}

// CircuitBreaker ends a rollout whose tasks don't become healthy
// (https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html).
// +kubebuilder:validation:XValidation:rule=`self.?enabled.orValue(true) || !self.?rollback.orValue(false)`,message="rollback needs the circuit breaker: remove rollback, or set enabled: true"
type CircuitBreaker struct {
	// Enabled says whether the circuit breaker works. Not set: true.
	// +optional
	Enabled *bool `json:"enabled,omitempty"`
	// Rollback says whether the last good revision comes back when the circuit breaker ends a rollout.
	// Not set: as enabled.
	// +optional
	Rollback *bool `json:"rollback,omitempty"`
}

// Cache is the gateway's Redis.
// +kubebuilder:validation:XValidation:rule=`has(self.builtIn)`,message="set exactly one of: builtIn. Write builtIn: {} for a Redis inside the deployment, or leave cache out"
type Cache struct {
	// BuiltIn runs one Redis task inside the deployment. It keeps nothing when it restarts.
	// +optional
	// +structType=atomic
	BuiltIn *BuiltInCache `json:"builtIn,omitempty"`
}

// BuiltInCache is one Redis task inside the deployment.
type BuiltInCache struct {
	// Image is the container image: Redis 6.2 or later. Not set: redis:7.2-alpine.
	// +optional
	Image *Image `json:"image,omitempty"`
	// Resources are the CPU and memory of the task. Not set: 250m CPU and 512Mi.
	// +optional
	Resources *Resources `json:"resources,omitempty"`
}

// Storage is where the gateway's logs go.
type Storage struct {
	// LogBucket is the name of an existing S3 bucket for the gateway's logs
	// (https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html).
	// +required
	// +kubebuilder:validation:MaxLength=63
	// +kubebuilder:validation:XValidation:rule=`self.matches(r'^[a-z0-9]([a-z0-9.-]{1,61})[a-z0-9]$') && !self.contains('..') && !self.matches(r'^[0-9]+\.[0-9]+\.[0-9]+\.[0-9]+$')`,message="write the name of a bucket, 3 to 63 lower-case letters, digits, dots and hyphens, such as acme-portkey-logs: no s3:// and no ARN"
	LogBucket string `json:"logBucket"`
	// Region is the buckets' region. Not set: spec.region.
	// +optional
	// +kubebuilder:validation:MaxLength=32
	// +kubebuilder:validation:XValidation:rule=`self == "" || self.matches(r'^[a-z]{2,4}(-[a-z]+){1,2}-[0-9]{1,2}$')`,message="write the code of the bucket's region, such as us-east-1, or leave it out where it is the deployment's"
	Region string `json:"region,omitempty"`
}

// LoadBalancerType is a type of load balancer.
// +kubebuilder:validation:Enum=Network
type LoadBalancerType string

// LoadBalancerNetwork is a Network Load Balancer.
const LoadBalancerNetwork LoadBalancerType = "Network"

// LoadBalancerScheme says from where a load balancer can be reached.
// +kubebuilder:validation:Enum=Internal
type LoadBalancerScheme string

// LoadBalancerInternal is reached from inside the VPC and networks connected to it.
const LoadBalancerInternal LoadBalancerScheme = "Internal"

// LoadBalancer gives the gateway an address for clients outside the ECS cluster.
type LoadBalancer struct {
	// Type is the type of load balancer. Network: a Network Load Balancer, port 80. Not set: Network.
	// +optional
	Type LoadBalancerType `json:"type,omitempty"`
	// Scheme says from where it can be reached. Internal: from inside the VPC and networks connected to it.
	// Not set: Internal.
	// +optional
	Scheme LoadBalancerScheme `json:"scheme,omitempty"`
	// AllowedCIDRs are the IPv4 ranges that may connect: at most 50. Empty: the VPC's range.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=50
	// +kubebuilder:validation:items:MaxLength=18
	// +kubebuilder:validation:items:XValidation:rule=`isCIDR(self) && cidr(self).ip().family() == 4`,message="write an IPv4 range with its size, such as 10.0.0.0/8, or 203.0.113.7/32 for one address"
	// +kubebuilder:validation:items:XValidation:rule=`!isCIDR(self) || cidr(self) == cidr(self).masked()`,message="write the first address of the range, as 10.0.0.0/8 and not 10.1.2.3/8"
	AllowedCIDRs []string `json:"allowedCIDRs,omitempty"`
	// DeletionProtection makes AWS refuse the load balancer's deletion, by anybody. Deleting this resource
	// then waits until it is set to false. Not set: false.
	// +optional
	DeletionProtection bool `json:"deletionProtection,omitempty"`
	// DeregistrationDelay is how long a task that leaves may finish its connections: 0s to 1h
	// (https://docs.aws.amazon.com/elasticloadbalancing/latest/network/edit-target-group-attributes.html).
	// Not set: 60s.
	// +optional
	// +kubebuilder:validation:Type=string
	// +kubebuilder:validation:MaxLength=20
	// +kubebuilder:validation:XValidation:rule=`self.matches(r'^([0-9]{1,5}h)?([0-9]{1,5}m)?([0-9]{1,5}s)?$') && self != "" && duration(self) <= duration('1h')`,message="write a duration of whole seconds from 0s to 1h, such as 60s"
	DeregistrationDelay *metav1.Duration `json:"deregistrationDelay,omitempty"`
}
