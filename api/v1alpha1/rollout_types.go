package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// RolloutStrategy is how traffic moves to a new revision.
// +kubebuilder:validation:Enum=Rolling;BlueGreen;Canary;Linear
type RolloutStrategy string

// The strategies, ECS's own (https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_service-options.html).
const (
	// RolloutRolling replaces tasks step by step behind the same target group.
	RolloutRolling RolloutStrategy = "Rolling"
	// RolloutBlueGreen moves all traffic at once to a second set of tasks.
	RolloutBlueGreen RolloutStrategy = "BlueGreen"
	// RolloutCanary moves a small share first, and then the rest.
	RolloutCanary RolloutStrategy = "Canary"
	// RolloutLinear moves equal shares, one after the other.
	RolloutLinear RolloutStrategy = "Linear"
)

// ServiceRollout is how a new revision of a service behind no load balancer replaces the old one.
type ServiceRollout struct {
	// CircuitBreaker ends a rollout whose tasks don't become healthy.
	// +optional
	CircuitBreaker *CircuitBreaker `json:"circuitBreaker,omitempty"`
}

// Canary is a rollout in two steps.
type Canary struct {
	// Percent is the share of traffic that the new revision gets first: 1 to 99. Not set: 10.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=99
	Percent int32 `json:"percent,omitempty"`
	// BakeTime is how long it stays at that, in whole minutes: 0m to 24h. Not set: 5m.
	// +optional
	// +kubebuilder:validation:Type=string
	// +kubebuilder:validation:MaxLength=20
	// +kubebuilder:validation:XValidation:rule=`self.matches(r'^([0-9]{1,5}h)?([0-9]{1,5}m)?([0-9]{1,5}s)?$') && self != "" && duration(self) <= duration('24h') && duration(self).getSeconds() % 60 == 0`,message="write a duration of whole minutes from 0m to 24h, such as 5m"
	BakeTime *metav1.Duration `json:"bakeTime,omitempty"`
}

// Linear is a rollout in equal steps.
type Linear struct {
	// StepPercent is the share of traffic that moves with each step: 3 to 99. Not set: 10.
	// +optional
	// +kubebuilder:validation:Minimum=3
	// +kubebuilder:validation:Maximum=99
	StepPercent int32 `json:"stepPercent,omitempty"`
	// StepBakeTime is how long each step stays, in whole minutes: 0m to 24h. Not set: 5m.
	// +optional
	// +kubebuilder:validation:Type=string
	// +kubebuilder:validation:MaxLength=20
	// +kubebuilder:validation:XValidation:rule=`self.matches(r'^([0-9]{1,5}h)?([0-9]{1,5}m)?([0-9]{1,5}s)?$') && self != "" && duration(self) <= duration('24h') && duration(self).getSeconds() % 60 == 0`,message="write a duration of whole minutes from 0m to 24h, such as 5m"
	StepBakeTime *metav1.Duration `json:"stepBakeTime,omitempty"`
}

// Rollout is how a new revision of the gateway replaces the old one.
// +kubebuilder:validation:XValidation:rule=`!has(self.canary) || self.?strategy.orValue('Rolling') == 'Canary'`,fieldPath=".canary",message="canary needs the strategy Canary: set that, or remove canary"
// +kubebuilder:validation:XValidation:rule=`!has(self.linear) || self.?strategy.orValue('Rolling') == 'Linear'`,fieldPath=".linear",message="linear needs the strategy Linear: set that, or remove linear"
// +kubebuilder:validation:XValidation:rule=`self.?strategy.orValue('Rolling') != 'Rolling' || !has(self.hooks) || self.hooks.size() == 0`,fieldPath=".hooks",message="ECS runs no hooks with the strategy Rolling: set strategy to BlueGreen, Canary or Linear, or remove hooks"
type Rollout struct {
	// Strategy is how traffic moves to a new revision. Rolling: tasks are replaced step by step. BlueGreen:
	// a second set of tasks is brought up, tried behind the load balancer's test port (8443 with a
	// certificate, else 8080), and then gets all traffic at once. Canary and Linear: the same, but the
	// traffic moves in two or more steps. All but Rolling need a load balancer, and twice the capacity
	// while they run. Not set: Rolling.
	// +optional
	Strategy RolloutStrategy `json:"strategy,omitempty"`
	// BakeTime is how long ECS watches a finished rollout before the old revision is gone, in whole minutes:
	// 0m to 24h. Not set: 1m.
	// +optional
	// +kubebuilder:validation:Type=string
	// +kubebuilder:validation:MaxLength=20
	// +kubebuilder:validation:XValidation:rule=`self.matches(r'^([0-9]{1,5}h)?([0-9]{1,5}m)?([0-9]{1,5}s)?$') && self != "" && duration(self) <= duration('24h') && duration(self).getSeconds() % 60 == 0`,message="write a duration of whole minutes from 0m to 24h, such as 5m"
	BakeTime *metav1.Duration `json:"bakeTime,omitempty"`
	// Canary is set with strategy Canary only.
	// +optional
	// +structType=atomic
	Canary *Canary `json:"canary,omitempty"`
	// Linear is set with strategy Linear only.
	// +optional
	// +structType=atomic
	Linear *Linear `json:"linear,omitempty"`
	// CircuitBreaker ends a rollout whose tasks don't become healthy.
	// +optional
	CircuitBreaker *CircuitBreaker `json:"circuitBreaker,omitempty"`
	// Alarms are the names of CloudWatch alarms of this account and region, which have to exist: when one
	// goes off during a rollout, ECS rolls that back. With an alarm that was off already when the rollout
	// began, ECS watches none (https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-alarm-failure.html).
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=100
	// +kubebuilder:validation:items:MaxLength=255
	// +kubebuilder:validation:items:XValidation:rule=`self != "" && !self.matches(r'[[:cntrl:]]') && !self.startsWith('arn:')`,message="write the name of a CloudWatch alarm, such as gateway-5xx, and not its ARN"
	Alarms []string `json:"alarms,omitempty"`
	// Hooks hold a rollout at its stages until somebody or something says that it may go on. They need
	// another strategy than Rolling. A change of them is for the rollouts that begin after it.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=20
	// +kubebuilder:validation:XValidation:rule=`self.filter(h, has(h.pause)).size() <= 10`,message="ECS takes ten pauses at most: let one have several stages"
	// +kubebuilder:validation:XValidation:rule=`self.filter(h, !has(h.pause)).size() <= 10`,message="ECS takes ten functions at most: let one have several stages"
	// +kubebuilder:validation:XValidation:rule=`self.all(h, !has(h.pause) || h.stages.all(s, self.exists_one(o, has(o.pause) && s in o.stages)))`,message="a stage takes one pause: remove it from the stages of the other"
	// +kubebuilder:validation:XValidation:rule=`self.all(h, !has(h.lambda) || h.stages.all(s, self.exists_one(o, has(o.lambda) && s in o.stages && o.lambda.functionARN == h.lambda.functionARN)))`,message="a stage asks a function once: remove it from the stages of the other hook with this functionARN"
	// +kubebuilder:validation:XValidation:rule=`self.filter(h, has(h.httpProbe)).size() <= 1`,message="a gateway has one httpProbe: give it all the stages at which to probe"
	Hooks []RolloutHook `json:"hooks,omitempty"`
	// RestartOnSecretChange says whether a new version of a secret that the gateway's tasks read is followed
	// by a rollout, since tasks read secrets only when they start; and the same of the data service. Not set:
	// true.
	// +optional
	RestartOnSecretChange *bool `json:"restartOnSecretChange,omitempty"`
	// ApprovedImage approves, from Git, every pause of the rollout of just this image, written as
	// repository:tag. A rollout of another image waits at its pauses for somebody.
	// +optional
	// +kubebuilder:validation:MinLength=3
	// +kubebuilder:validation:MaxLength=400
	// +kubebuilder:validation:XValidation:rule=`self.matches(r'^([a-zA-Z0-9]([a-zA-Z0-9.-]*[a-zA-Z0-9])?(:[0-9]{1,5})?/)?[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*:[A-Za-z0-9_][A-Za-z0-9_.-]*$')`,message="write the image with its tag, without scheme or digest, such as portkeyai/gateway_enterprise:2.17.0"
	ApprovedImage string `json:"approvedImage,omitempty"`
}

// CircuitBreaker ends a rollout whose tasks don't become healthy
// (https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html).
// +kubebuilder:validation:XValidation:rule=`self.?enabled.orValue(true) || !self.?rollback.orValue(false)`,message="rollback needs the circuit breaker: remove rollback, or set enabled: true"
// +kubebuilder:validation:XValidation:rule=`self.?enabled.orValue(true) || !has(self.threshold)`,fieldPath=".threshold",message="threshold needs the circuit breaker: remove threshold, or set enabled: true"
// +kubebuilder:validation:XValidation:rule=`self.?enabled.orValue(true) || !has(self.resetOnHealthyTask)`,fieldPath=".resetOnHealthyTask",message="resetOnHealthyTask needs the circuit breaker: remove resetOnHealthyTask, or set enabled: true"
type CircuitBreaker struct {
	// Enabled says whether the circuit breaker works. Not set: true.
	// +optional
	Enabled *bool `json:"enabled,omitempty"`
	// Rollback says whether the last good revision comes back when the circuit breaker ends a rollout.
	// Not set: as enabled.
	// +optional
	Rollback *bool `json:"rollback,omitempty"`
	// Threshold is how many tasks may fail until it works. Not set: BoundedPercent 50, which is half the
	// desired tasks, but at least 3 and at most 200.
	// +optional
	// +structType=atomic
	Threshold *BreakerThreshold `json:"threshold,omitempty"`
	// ResetOnHealthyTask says whether the count of failed tasks begins anew when a task becomes healthy.
	// Without, failures add up over the whole rollout. Not set: true.
	// +optional
	ResetOnHealthyTask *bool `json:"resetOnHealthyTask,omitempty"`
}

// ThresholdType is what the value of a threshold counts.
// +kubebuilder:validation:Enum=BoundedPercent;UnboundedPercent;Count
type ThresholdType string

// The types, ECS's own (https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ThresholdConfiguration.html).
const (
	// ThresholdBoundedPercent is a share of the desired tasks, but at least 3 and at most 200 tasks.
	ThresholdBoundedPercent ThresholdType = "BoundedPercent"
	// ThresholdUnboundedPercent is a share of the desired tasks, however many that are.
	ThresholdUnboundedPercent ThresholdType = "UnboundedPercent"
	// ThresholdCount is a number of tasks.
	ThresholdCount ThresholdType = "Count"
)

// BreakerThreshold is how many tasks may fail until the circuit breaker ends a rollout.
// +kubebuilder:validation:XValidation:rule=`self.type == 'Count' || self.value <= 100`,fieldPath=".value",message="write a percentage of the desired tasks from 1 to 100, or set type to Count for a number of tasks"
type BreakerThreshold struct {
	// Type is what value counts: percent of the desired tasks, of which BoundedPercent takes at least 3 and at
	// most 200, or tasks.
	// +required
	Type ThresholdType `json:"type"`
	// Value is from 1 to 100 percent, or a number of tasks.
	// +required
	// +kubebuilder:validation:Minimum=1
	Value int32 `json:"value"`
}
