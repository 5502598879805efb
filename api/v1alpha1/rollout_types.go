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

// TimeoutAction is what becomes of a rollout whose hook isn't answered in time.
// +kubebuilder:validation:Enum=Rollback;Continue
type TimeoutAction string

// The actions.
const (
	// TimeoutRollback rolls it back.
	TimeoutRollback TimeoutAction = "Rollback"
	// TimeoutContinue lets it go on.
	TimeoutContinue TimeoutAction = "Continue"
)
