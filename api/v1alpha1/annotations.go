package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// Annotations by which people act on a rollout; kubectl portkey sets them. Each value is acted on once, and
// answered by an event and in status.actions. One that names something else than what is there is refused,
// so that an annotation that stays, or is set again, does no harm.
const (
	// AnnotationPromote lets a rollout go on that waits at a pause: the value is status.rollout.awaiting.hookID.
	AnnotationPromote = "ecs.portkey.ai/promote"
	// AnnotationAbort has ECS roll a rollout back: the value is status.rollout.id.
	AnnotationAbort = "ecs.portkey.ai/abort"
	// AnnotationRollback deploys an earlier revision and holds it until the spec changes: the value is the
	// revision, as status.history has it, and after an @ the metadata.generation for which it holds:
	// portkey-gateway:12@7. The operator adds the generation where it is missing.
	AnnotationRollback = "ecs.portkey.ai/rollback"
	// AnnotationRetry tries a rollout again that was rolled back or aborted, though the spec hasn't changed: the
	// value is the id of the rollout, as status.rollout and status.history have it.
	AnnotationRetry = "ecs.portkey.ai/retry"
)

// Annotations about the deletion of a gateway.
const (
	// AnnotationDeletionProtection protects a gateway from deletion while it has a value other than "false". The
	// shipped ValidatingAdmissionPolicy refuses to delete it; of one that is being deleted all the same, the
	// operator deletes nothing in AWS.
	AnnotationDeletionProtection = "ecs.portkey.ai/deletion-protection"
	// AnnotationAbandon lets a gateway go that is being deleted and leaves in AWS whatever is left, without
	// asking AWS: for accounts that nobody gets into any more. The value is the gateway's metadata.uid, so that
	// it can't be meant for another one.
	AnnotationAbandon = "ecs.portkey.ai/abandon"
)

// The annotations about plans.
const (
	// AnnotationRequireApproval, when "true", has changes of the spec planned in status.plan and done only after
	// that plan was approved.
	AnnotationRequireApproval = "ecs.portkey.ai/require-approval"
	// AnnotationApprove approves a plan: the value is status.plan.hash, and may name the metadata.generation for
	// which it is approved after an @: 3f2a90c1d4e5b687@7. It is good for the plan of that very hash alone.
	AnnotationApprove = "ecs.portkey.ai/approve"
)

// ActionResult is what became of an action.
// +kubebuilder:validation:Enum=Done;Refused
type ActionResult string

// The results.
const (
	// ActionDone: AWS was told.
	ActionDone ActionResult = "Done"
	// ActionRefused: nothing was done, for the reason given.
	ActionRefused ActionResult = "Refused"
)

// ActionStatus is the answer to an annotation that acts.
type ActionStatus struct {
	// Name is the annotation without its prefix: promote, abort, rollback, retry or approve.
	// +required
	Name string `json:"name"`
	// Value is the annotation's value that was answered.
	// +required
	Value string `json:"value"`
	// Result is Done or Refused.
	// +required
	Result ActionResult `json:"result"`
	// Message says what was done, or why not.
	// +optional
	Message string `json:"message,omitempty"`
	// At is when.
	// +optional
	At *metav1.Time `json:"at,omitempty"`
}
