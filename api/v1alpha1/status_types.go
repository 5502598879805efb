package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// MaxResources bounds the inventory in status.
const MaxResources = 500

// PortkeyGatewayStatus is the deployment as the operator last saw it.
type PortkeyGatewayStatus struct {
	// ObservedGeneration is the metadata.generation that this status speaks of.
	// +optional
	ObservedGeneration int64 `json:"observedGeneration,omitempty"`
	// Conditions say how the deployment is; docs/conditions.md lists every type and reason.
	// +optional
	// +listType=map
	// +listMapKey=type
	// +patchStrategy=merge
	// +patchMergeKey=type
	Conditions []metav1.Condition `json:"conditions,omitempty" patchStrategy:"merge" patchMergeKey:"type"`
	// AccountID is the AWS account of the deployment.
	// +optional
	AccountID string `json:"accountID,omitempty"`
	// Version is the tag of the gateway's image that serves: during a rollout that of before, until all traffic
	// has moved.
	// +optional
	Version string `json:"version,omitempty"`
	// Tasks are the running and the desired gateway tasks, as 2/3.
	// +optional
	Tasks string `json:"tasks,omitempty"`
	// Endpoints are the addresses of the deployment.
	// +optional
	Endpoints *Endpoints `json:"endpoints,omitempty"`
	// DNSRecords are records for somebody to create: those of loadBalancer.hosts where loadBalancer.dns isn't set.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=10
	DNSRecords []DNSRecord `json:"dnsRecords,omitempty"`
	// Services are the ECS services of the deployment.
	// +optional
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MaxItems=10
	Services []ServiceStatus `json:"services,omitempty"`
	// Rollout is the gateway's rollout in progress, or the last one where it didn't succeed.
	// +optional
	Rollout *RolloutStatus `json:"rollout,omitempty"`
	// RolloutSummary is the gateway's rollout in a few words, as "Canary 10% AwaitingApproval"; Complete when
	// none is under way.
	// +optional
	RolloutSummary string `json:"rolloutSummary,omitempty"`
	// History are the last ten rollouts that came to an end, the newest first, as ECS remembers them: for 90
	// days.
	// +optional
	// +listType=map
	// +listMapKey=id
	// +kubebuilder:validation:MaxItems=10
	History []RolloutRecord `json:"history,omitempty"`
	// Actions are the last answers to annotations that act, one for each of them.
	// +optional
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MaxItems=10
	Actions []ActionStatus `json:"actions,omitempty"`
	// Outputs are the AWS identifiers that other tools need: for policies, peering and firewalls.
	// +optional
	Outputs *Outputs `json:"outputs,omitempty"`
	// ControlPlane is how the deployment and Portkey's control plane are connected.
	// +optional
	ControlPlane *ControlPlaneStatus `json:"controlPlane,omitempty"`
	// Plan is what would change: with managementPolicy Observe, and while a spec awaits approval.
	// +optional
	Plan *Plan `json:"plan,omitempty"`
	// Approval is the last plan that was approved, with the annotation ecs.portkey.ai/require-approval.
	// +optional
	Approval *Approval `json:"approval,omitempty"`
	// Resources is the inventory: the AWS objects of the deployment.
	// +optional
	// +listType=map
	// +listMapKey=node
	// +kubebuilder:validation:MaxItems=500
	Resources []ResourceStatus `json:"resources,omitempty"`
	// InventorySince is when the inventory was begun: creation, or the first sync after status was lost.
	// Until AWS's reads are sure to show what was written before that time, nothing is created whose
	// creation isn't idempotent.
	// +optional
	InventorySince *metav1.Time `json:"inventorySince,omitempty"`
	// LastHandledReconcileAt is the value of the annotation reconcile.fluxcd.io/requestedAt that was
	// answered last.
	// +optional
	LastHandledReconcileAt string `json:"lastHandledReconcileAt,omitempty"`
	// LastSyncTime is when AWS was last compared with the spec to the end. While nothing changes it is
	// written once an hour.
	// +optional
	LastSyncTime *metav1.Time `json:"lastSyncTime,omitempty"`
}

// Endpoints are the addresses of the deployment.
type Endpoints struct {
	// LoadBalancer is the load balancer's DNS name.
	// +optional
	LoadBalancer string `json:"loadBalancer,omitempty"`
	// HostedZoneID is the Route 53 hosted zone of that name, for alias records.
	// +optional
	HostedZoneID string `json:"hostedZoneID,omitempty"`
	// Gateway is the URL of the AI gateway.
	// +optional
	Gateway string `json:"gateway,omitempty"`
	// MCP is the URL of the MCP gateway.
	// +optional
	MCP string `json:"mcp,omitempty"`
	// Test is the URL at which a revision that is being rolled out can be tried, with every strategy but
	// Rolling.
	// +optional
	Test string `json:"test,omitempty"`
}

// The names of the services in status.services, and the keys of status.outputs.
const (
	// ServiceGateway is the gateway.
	ServiceGateway = "gateway"
	// ServiceDataService is the data service.
	ServiceDataService = "data-service"
	// ServiceRedis is the built-in cache.
	ServiceRedis = "redis"
)

// ServiceStatus is an ECS service of the deployment.
type ServiceStatus struct {
	// Name is gateway, data-service or redis.
	// +required
	Name string `json:"name"`
	// Image is the image of the service's current revision.
	// +optional
	Image string `json:"image,omitempty"`
	// Desired is the number of tasks that should run.
	// +optional
	Desired int32 `json:"desired"`
	// Running is the number of tasks that run.
	// +optional
	Running int32 `json:"running"`
	// Pending is the number of tasks that are starting.
	// +optional
	Pending int32 `json:"pending"`
	// TaskDefinition is the current revision, as family:number.
	// +optional
	TaskDefinition string `json:"taskDefinition,omitempty"`
	// Ports are the ports that the tasks listen on: of a rollout that changes them, the old ones until it is
	// complete.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=10
	Ports []int32 `json:"ports,omitempty"`
}

// RolloutStatus is a rollout of the gateway.
type RolloutStatus struct {
	// ID is the ID of the ECS service deployment.
	// +required
	ID string `json:"id"`
	// Strategy is the strategy that it began with.
	// +optional
	Strategy RolloutStrategy `json:"strategy,omitempty"`
	// Stage is the stage that ECS is at, with every strategy but Rolling: as ProductionTrafficShift
	// (https://docs.aws.amazon.com/AmazonECS/latest/developerguide/blue-green-deployment-how-it-works.html).
	// +optional
	Stage string `json:"stage,omitempty"`
	// TrafficPercent is the share of production traffic that the new revision gets, with every strategy but
	// Rolling.
	// +optional
	TrafficPercent *int32 `json:"trafficPercent,omitempty"`
	// FromRevision is the task definition before, as family:number; empty at the first deployment.
	// +optional
	FromRevision string `json:"fromRevision,omitempty"`
	// ToRevision is the task definition that is being rolled out, as family:number.
	// +optional
	ToRevision string `json:"toRevision,omitempty"`
	// FromImage and ToImage are the images of the two revisions, as far as they are known.
	// +optional
	FromImage string `json:"fromImage,omitempty"`
	// +optional
	ToImage string `json:"toImage,omitempty"`
	// StartedAt is when ECS began it.
	// +optional
	StartedAt *metav1.Time `json:"startedAt,omitempty"`
	// Awaiting is what the rollout waits for at this moment.
	// +optional
	Awaiting *AwaitedHook `json:"awaiting,omitempty"`
	// Reason says, for people, how it stands or why it failed.
	// +optional
	Reason string `json:"reason,omitempty"`
}

// AwaitedHook is a pause at which a rollout waits for approval.
type AwaitedHook struct {
	// HookID is what ecs.portkey.ai/promote names. Each pause has another.
	// +required
	HookID string `json:"hookID"`
	// Stage is the stage at which it waits.
	// +optional
	Stage string `json:"stage,omitempty"`
	// Since is when it was first seen waiting.
	// +optional
	Since *metav1.Time `json:"since,omitempty"`
	// Until is when it times out.
	// +optional
	Until *metav1.Time `json:"until,omitempty"`
	// OnTimeout is what happens then.
	// +optional
	OnTimeout TimeoutAction `json:"onTimeout,omitempty"`
}

// RolloutOutcome is how a rollout ended.
// +kubebuilder:validation:Enum=Succeeded;RolledBack;Failed;Superseded
type RolloutOutcome string

// The outcomes.
const (
	// RolloutSucceeded: the new revision serves.
	RolloutSucceeded RolloutOutcome = "Succeeded"
	// RolloutRolledBack: the revision before serves again.
	RolloutRolledBack RolloutOutcome = "RolledBack"
	// RolloutFailed: it failed, and nothing was rolled back.
	RolloutFailed RolloutOutcome = "Failed"
	// RolloutSuperseded: another rollout took its place.
	RolloutSuperseded RolloutOutcome = "Superseded"
)

// RolloutRecord is a rollout that came to an end.
type RolloutRecord struct {
	// ID is the ID of the ECS service deployment.
	// +required
	ID string `json:"id"`
	// Revision is the task definition that it rolled out, as family:number.
	// +optional
	Revision string `json:"revision,omitempty"`
	// Image is that revision's image.
	// +optional
	Image string `json:"image,omitempty"`
	// Strategy is the strategy that it was rolled out with.
	// +optional
	Strategy RolloutStrategy `json:"strategy,omitempty"`
	// Outcome is how it ended.
	// +required
	Outcome RolloutOutcome `json:"outcome"`
	// StartedAt and FinishedAt are when ECS began and ended it.
	// +optional
	StartedAt *metav1.Time `json:"startedAt,omitempty"`
	// +optional
	FinishedAt *metav1.Time `json:"finishedAt,omitempty"`
	// Reason is ECS's own, where it didn't succeed.
	// +optional
	Reason string `json:"reason,omitempty"`
}

// Outputs are the AWS identifiers that other tools need.
type Outputs struct {
	// VPCID is the ID of the VPC.
	// +optional
	VPCID string `json:"vpcID,omitempty"`
	// PublicSubnetIDs are the public subnets, one in each zone.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=16
	PublicSubnetIDs []string `json:"publicSubnetIDs,omitempty"`
	// PrivateSubnetIDs are the private subnets, one in each zone, in which the tasks run.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=16
	PrivateSubnetIDs []string `json:"privateSubnetIDs,omitempty"`
	// NATAddresses are the public addresses that the tasks' outgoing connections come from.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=16
	NATAddresses []string `json:"natAddresses,omitempty"`
	// ClusterName is the name of the ECS cluster.
	// +optional
	ClusterName string `json:"clusterName,omitempty"`
	// EndpointServiceName is the name of the endpoint service by which Portkey's control plane reaches the gateway.
	// +optional
	EndpointServiceName string `json:"endpointServiceName,omitempty"`
	// TaskRoleARNs are the IAM roles of the tasks, keyed by service: gateway, dataService, redis.
	// +optional
	// +kubebuilder:validation:MaxProperties=16
	TaskRoleARNs map[string]string `json:"taskRoleARNs,omitempty"`
	// BedrockTrustPolicy is what the trust policies of bedrock.assumeRoleARNs must say.
	// +optional
	BedrockTrustPolicy string `json:"bedrockTrustPolicy,omitempty"`
	// SecurityGroupIDs are the security groups, keyed by what they are for: gateway, dataService, redis,
	// elastiCache, loadBalancer, controlPlane, instances, privateLink.
	// +optional
	// +kubebuilder:validation:MaxProperties=16
	SecurityGroupIDs map[string]string `json:"securityGroupIDs,omitempty"`
	// ControlPlaneEndpoint is the interface endpoint by which the tasks reach the control plane.
	// +optional
	ControlPlaneEndpoint *EndpointOutput `json:"controlPlaneEndpoint,omitempty"`
}

// EndpointOutput is an interface endpoint.
type EndpointOutput struct {
	// ID is the endpoint's ID.
	ID string `json:"id"`
	// DNSNames are its names: the regional one, one for each zone, and the private one while that is switched on.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=16
	DNSNames []string `json:"dnsNames,omitempty"`
}

// ResourcePhase says how far an AWS object is.
type ResourcePhase string

// The phases of an AWS object.
const (
	// ResourceAbsent doesn't exist: never made yet, or gone.
	ResourceAbsent ResourcePhase = "Absent"
	// ResourcePending exists and is on its way to Ready, or waits for something.
	ResourcePending ResourcePhase = "Pending"
	// ResourceReady exists and does its work.
	ResourceReady ResourcePhase = "Ready"
	// ResourceDeleting exists and is on its way out.
	ResourceDeleting ResourcePhase = "Deleting"
	// ResourceBroken exists in a state that it can't leave.
	ResourceBroken ResourcePhase = "Broken"
)

// ResourceStatus is an AWS object in the inventory.
type ResourceStatus struct {
	// Node is the object's place in the deployment, as subnet/private-a.
	// +required
	Node string `json:"node"`
	// Kind is AWS's noun for the object, as Subnet.
	// +required
	Kind string `json:"kind"`
	// ID is AWS's identifier: an ID or an ARN.
	// +optional
	ID string `json:"id,omitempty"`
	// Name is the object's name.
	// +optional
	Name string `json:"name,omitempty"`
	// Phase is Absent, Pending, Ready, Deleting or Broken.
	// +optional
	Phase ResourcePhase `json:"phase,omitempty"`
	// Why says, for people, why the phase isn't Ready.
	// +optional
	Why string `json:"why,omitempty"`
	// CreatedAt is when the operator created it.
	// +optional
	CreatedAt *metav1.Time `json:"createdAt,omitempty"`
	// Incarnation tells the objects apart that were made for this node one after the other.
	// +optional
	Incarnation string `json:"incarnation,omitempty"`
	// IntentAt is when the operator was about to create it: set while the outcome isn't known yet.
	// +optional
	IntentAt *metav1.Time `json:"intentAt,omitempty"`
	// Needs are the nodes that this one was made from: they are deleted after it.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=250
	Needs []string `json:"needs,omitempty"`
	// Out are the outputs recorded last, for finding and deleting the object without its inputs.
	// +optional
	// +kubebuilder:validation:MaxProperties=50
	Out map[string]string `json:"out,omitempty"`
}
