package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// RolloutStage is a stage of a rollout at which hooks are run.
// +kubebuilder:validation:Enum=ReconcileService;PreScaleUp;PostScaleUp;TestTrafficShift;PostTestTrafficShift;PreProductionTrafficShift;ProductionTrafficShift;PostProductionTrafficShift
type RolloutStage string

// The stages, ECS's own (https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-lifecycle-hooks.html).
const (
	// StageReconcileService is when a rollout begins while another is under way: traffic goes back to the
	// last complete revision first. Other rollouts don't come by it.
	StageReconcileService RolloutStage = "ReconcileService"
	// StagePreScaleUp is before the new revision's tasks are started.
	StagePreScaleUp RolloutStage = "PreScaleUp"
	// StagePostScaleUp is when they are healthy, before they get any traffic.
	StagePostScaleUp RolloutStage = "PostScaleUp"
	// StageTestTrafficShift is when the test port is being moved to them. No pause.
	StageTestTrafficShift RolloutStage = "TestTrafficShift"
	// StagePostTestTrafficShift is when the test port reaches them, and production doesn't yet.
	StagePostTestTrafficShift RolloutStage = "PostTestTrafficShift"
	// StagePreProductionTrafficShift is before each step of production traffic.
	StagePreProductionTrafficShift RolloutStage = "PreProductionTrafficShift"
	// StageProductionTrafficShift is when a step of production traffic is being moved. No pause.
	StageProductionTrafficShift RolloutStage = "ProductionTrafficShift"
	// StagePostProductionTrafficShift is when all production traffic has moved, before the bake time.
	StagePostProductionTrafficShift RolloutStage = "PostProductionTrafficShift"
)

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

// RolloutHook holds a rollout at one or more of its stages, until what it waits for has happened.
// +kubebuilder:validation:XValidation:rule=`[has(self.pause), has(self.lambda), has(self.httpProbe)].filter(there, there).size() == 1`,message="write exactly one of pause, which waits for somebody, lambda, which asks a function, and httpProbe, which asks the new revision itself"
// +kubebuilder:validation:XValidation:rule=`!has(self.pause) || !self.stages.exists(s, s in ['TestTrafficShift', 'ProductionTrafficShift'])`,fieldPath=".stages",message="ECS doesn't pause while it shifts traffic: write PostTestTrafficShift or PreProductionTrafficShift instead, or let lambda decide"
// +kubebuilder:validation:XValidation:rule=`!has(self.httpProbe) || !self.stages.exists(s, s in ['ReconcileService', 'PreScaleUp', 'PostScaleUp', 'TestTrafficShift'])`,fieldPath=".stages",message="the test port leads to the new revision from PostTestTrafficShift on: write that for httpProbe, or a later stage"
type RolloutHook struct {
	// Stages are those at which the rollout is held. Canary and Linear come by PreProductionTrafficShift and
	// ProductionTrafficShift once for each step.
	// +required
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=8
	Stages []RolloutStage `json:"stages"`
	// Pause waits for somebody.
	// +optional
	// +structType=atomic
	Pause *PauseHook `json:"pause,omitempty"`
	// Lambda asks an existing function.
	// +optional
	// +structType=atomic
	Lambda *LambdaHook `json:"lambda,omitempty"`
	// HTTPProbe makes a request to the new revision by the load balancer's test port.
	// +optional
	// +structType=atomic
	HTTPProbe *HTTPProbe `json:"httpProbe,omitempty"`
}

// PauseHook waits for somebody
// (https://docs.aws.amazon.com/AmazonECS/latest/developerguide/pause-lifecycle-hooks.html).
type PauseHook struct {
	// Timeout is how long a pause lasts at most, in whole minutes: 1m to 336h. Not set: 24h.
	// +optional
	// +kubebuilder:validation:Type=string
	// +kubebuilder:validation:MaxLength=20
	// +kubebuilder:validation:XValidation:rule=`self.matches(r'^([0-9]{1,5}h)?([0-9]{1,5}m)?([0-9]{1,5}s)?$') && self != "" && duration(self) >= duration('1m') && duration(self) <= duration('336h') && duration(self).getSeconds() % 60 == 0`,message="write a duration of whole minutes from 1m to 336h, such as 24h"
	Timeout *metav1.Duration `json:"timeout,omitempty"`
	// OnTimeout is what happens then: Rollback or Continue. Not set: Rollback.
	// +optional
	OnTimeout TimeoutAction `json:"onTimeout,omitempty"`
}

// LambdaHook asks a function, which answers SUCCEEDED, FAILED or IN_PROGRESS
// (https://docs.aws.amazon.com/AmazonECS/latest/developerguide/lambda-lifecycle-hooks.html).
type LambdaHook struct {
	// FunctionARN is the function's ARN, with a version or an alias if wanted.
	// +required
	// +kubebuilder:validation:MaxLength=300
	// +kubebuilder:validation:XValidation:rule=`self.matches(r'^arn:aws[a-z-]*:lambda:[a-z0-9-]+:[0-9]{12}:function:[A-Za-z0-9_-]{1,64}(:([$]LATEST|[A-Za-z0-9_-]{1,128}))?$')`,message="write the ARN of a Lambda function, such as arn:aws:lambda:us-east-1:123456789012:function:verdict, with :version or :alias at its end if you like"
	FunctionARN string `json:"functionARN"`
	// RoleARN is the role that ECS takes to call it. Not set: one that the operator makes, which may call just the
	// functions of hooks without a role.
	// +optional
	// +kubebuilder:validation:MaxLength=300
	// +kubebuilder:validation:XValidation:rule=`self == "" || self.matches(r'^arn:aws[a-z-]*:iam::[0-9]{12}:role/[A-Za-z0-9_+=,.@/-]+$')`,message="write the ARN of an IAM role that trusts ecs.amazonaws.com, such as arn:aws:iam::123456789012:role/portkey-hooks, or leave it out"
	RoleARN string `json:"roleARN,omitempty"`
	// Timeout is how long the function may take to come to its verdict, in whole minutes: 1m to 24h. Not
	// set: 24h.
	// +optional
	// +kubebuilder:validation:Type=string
	// +kubebuilder:validation:MaxLength=20
	// +kubebuilder:validation:XValidation:rule=`self.matches(r'^([0-9]{1,5}h)?([0-9]{1,5}m)?([0-9]{1,5}s)?$') && self != "" && duration(self) >= duration('1m') && duration(self) <= duration('24h') && duration(self).getSeconds() % 60 == 0`,message="write a duration of whole minutes from 1m to 24h, such as 30m"
	Timeout *metav1.Duration `json:"timeout,omitempty"`
	// OnTimeout is what happens then: Rollback or Continue. Not set: Rollback.
	// +optional
	OnTimeout TimeoutAction `json:"onTimeout,omitempty"`
}
