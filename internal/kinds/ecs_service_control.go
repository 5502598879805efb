package kinds

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/portkey-ai/portkey-ecs-operator/internal/aws"
	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
)

// What people ask of a deployment is part of what is wanted of the service: a wish that is fulfilled, or
// that names a deployment or a pause that is no more, makes no difference. So it can be said again at any
// time, by a manager that has just started too.

// Control is what people ask of a service's deployments.
type Control struct {
	// Promote is the id of a pause that the deployment is to leave.
	Promote string `json:"promote,omitempty"`
	// Approved says that deployments of the wanted task definition leave all their pauses.
	Approved bool `json:"approved,omitempty"`
	// Abort is the id of a deployment that is to be rolled back.
	Abort string `json:"abort,omitempty"`
	// Retry is the id of a deployment that failed, which is no reason any more not to try its revision again.
	Retry string `json:"retry,omitempty"`
	// Only says that a deployment is let go on or taken back, as asked, and nothing else is changed.
	Only bool `json:"only,omitempty"`
	// Held says that the task definition isn't what the spec asks for, but an earlier one that somebody went
	// back to, and why. Else is what the spec asks for.
	Held string      `json:"held,omitempty"`
	Else graph.Value `json:"else,omitzero"`
}

// The changes that control makes.
const (
	// PathPromote is that a pause is left, PathAbort that a deployment is rolled back, PathRetry that one is
	// made again.
	PathPromote = "rollout.promote"
	PathAbort   = "rollout.abort"
	PathRetry   = "rollout.retry"
)

// awaited is the pause that the deployment waits at; nil when it waits at none.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/pause-lifecycle-hooks.html
func (d *shift) awaited() *ecstypes.DeploymentLifecycleHookDetail {
	if d == nil {
		return nil
	}
	for i := range d.LifecycleHookDetails {
		if h := &d.LifecycleHookDetails[i]; h.TargetType == ecstypes.DeploymentLifecycleHookTargetTypePause && h.Status == ecstypes.DeploymentLifecycleHookStatusAwaitingAction {
			return h
		}
	}
	return nil
}

// stoppable reports whether a deployment goes on and isn't being taken back yet.
func (d *shift) stoppable() bool {
	return d != nil && (d.Status == ecstypes.ServiceDeploymentStatusPending || d.Status == ecstypes.ServiceDeploymentStatusInProgress)
}

// replaces reports whether the deployment under way replaces a task definition, so that taking it back
// brings that one back.
func (s service) replaces(definition string) bool {
	return slices.ContainsFunc(s.Deployments, func(d ecstypes.Deployment) bool {
		return sdk.ToString(d.Status) == "ACTIVE" && sdk.ToString(d.TaskDefinition) == definition
	})
}

// leaves reports whether a deployment is to be taken back.
func (s ServiceSpec) leaves(have service) bool {
	if !have.deploying() || have.deploymentID() == "" {
		return false
	}
	return s.Control.Abort == have.deploymentID() || s.Control.Held != "" && sdk.ToString(have.TaskDefinition) != s.TaskDefinition.String() && have.replaces(s.TaskDefinition.String())
}

// held says why a service stays with an earlier task definition, once it is there; nothing where the spec asks for
// that one anyway.
func (s ServiceSpec) held(have ecstypes.Service) string {
	is := s.TaskDefinition.String()
	if sdk.ToString(have.TaskDefinition) != is || s.Control.Else.String() == is {
		return ""
	}
	return s.Control.Held
}

// controls are the changes that people ask for.
func (s ServiceSpec) controls(have service) difference {
	var d difference
	c := s.Control
	if s.leaves(have) && have.Shift.stoppable() {
		d.text(PathAbort, have.deploymentID()+" in progress", "rolled back")
		return d
	}
	if h := have.Shift.awaited(); h != nil && have.Shift.stoppable() &&
		(c.Promote == sdk.ToString(h.HookId) || c.Approved && !c.Only && sdk.ToString(have.TaskDefinition) == s.TaskDefinition.String()) {
		d.text(PathPromote, "waiting at "+sdk.ToString(h.HookId), "going on")
	}
	p := have.primary()
	asked, began := c.Retry != "" && c.Retry == have.deploymentID(), sdk.ToTime(p.CreatedAt)
	if p.RolloutState == ecstypes.DeploymentRolloutStateFailed && (asked || s.hasty(began) || s.mended(began)) {
		d.text(PathRetry, cmp.Or(have.deploymentID(), sdk.ToString(p.Id))+" failed", "another deployment")
	}
	return d
}

// hasty reports whether a deployment that began at a time may have failed only because IAM hadn't spread yet what its
// tasks start with. ECS starts tasks again for a while, but a circuit breaker doesn't wait for that: nobody learns anything
// from that failure, and the deployment is made again without being asked for.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_general.html#troubleshoot_general_eventual-consistency
func (s ServiceSpec) hasty(began time.Time) bool {
	return s.changed(began, func(after time.Duration) bool { return after >= 0 && after < roleUsable })
}

// mended reports whether what tasks start with was put back after a deployment had begun: somebody had taken it away, and
// the deployment may have failed for that. It isn't asked where something works that ECS went back to.
func (s ServiceSpec) mended(began time.Time) bool {
	return s.changed(began, func(after time.Duration) bool { return after < 0 })
}

// changed reports whether a deployment began as long after some change of what its tasks start with as counts.
func (s ServiceSpec) changed(began time.Time, counts func(after time.Duration) bool) bool {
	return !began.IsZero() && slices.ContainsFunc(s.Since, func(v graph.Value) bool {
		since, err := time.Parse(time.RFC3339Nano, v.String())
		return err == nil && counts(began.Sub(since))
	})
}

// control tells ECS what people ask of the deployment under way.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_StopServiceDeployment.html
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContinueServiceDeployment.html
func (s ServiceSpec) control(ctx context.Context, w *aws.World, have service) error {
	d := s.controls(have)
	switch {
	case touches(d, PathAbort):
		_, err := w.ECS.StopServiceDeployment(ctx, &ecs.StopServiceDeploymentInput{
			ServiceDeploymentArn: have.CurrentServiceDeployment, StopType: ecstypes.StopServiceDeploymentStopTypeRollback,
		})
		return err
	case touches(d, PathPromote):
		_, err := w.ECS.ContinueServiceDeployment(ctx, &ecs.ContinueServiceDeploymentInput{
			ServiceDeploymentArn: have.CurrentServiceDeployment, HookId: have.Shift.awaited().HookId, Action: ecstypes.DeploymentLifecycleHookActionContinue,
		})
		return err
	}
	return nil
}

// told is the deployment after ECS was told to go on, or back: it does at once.
func (d *shift) told() *shift {
	after := *d
	after.LifecycleHookDetails = nil
	return &after
}

// AwaitedPause is a pause that a deployment waits at.
type AwaitedPause struct {
	// ID is what ContinueServiceDeployment takes, Stage ECS's name of the stage.
	ID, Stage string
	// Until is when it times out, Rollback whether the deployment is rolled back then.
	Until    time.Time
	Rollback bool
}

func (d *shift) pause() *AwaitedPause {
	h := d.awaited()
	if h == nil {
		return nil
	}
	return &AwaitedPause{
		ID: sdk.ToString(h.HookId), Stage: string(d.LifecycleStage), Until: sdk.ToTime(h.ExpiresAt),
		Rollback: h.TimeoutAction != ecstypes.DeploymentLifecycleHookActionContinue,
	}
}

// takenBack reports whether ECS takes, or took, the deployment back.
func takenBack(status ecstypes.ServiceDeploymentStatus) bool {
	return strings.HasPrefix(string(status), "ROLLBACK_")
}
