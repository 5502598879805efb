package controllers

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/internal/aws"
	"github.com/portkey-ai/portkey-ecs-operator/internal/desired"
	"github.com/portkey-ai/portkey-ecs-operator/internal/engine"
	"github.com/portkey-ai/portkey-ecs-operator/internal/kinds"
)

// What people ask for by annotation is a part of what is wanted, as the spec is: the walk sees whether it
// makes a difference and acts. Here it is read out of the annotations, and answered.

// The actions, as status.actions names them.
const (
	actionPromote  = "promote"
	actionAbort    = "abort"
	actionRollback = "rollback"
	actionRetry    = "retry"
	actionApprove  = "approve"
)

// actionAnnotations are the annotations by which the actions are asked for.
var actionAnnotations = map[string]string{
	actionPromote: v1alpha1.AnnotationPromote, actionAbort: v1alpha1.AnnotationAbort, actionRollback: v1alpha1.AnnotationRollback,
	actionRetry: v1alpha1.AnnotationRetry, actionApprove: v1alpha1.AnnotationApprove,
}

// actionEvents are the reasons of the events that answer actions.
var actionEvents = map[string]string{actionPromote: "Promoted", actionAbort: "Aborted", actionRollback: "RollbackStarted", actionRetry: "Retried", actionApprove: "Approved"}

// control is what annotations ask of the rollout under way.
func control(gw *v1alpha1.PortkeyGateway) kinds.Control {
	c := kinds.Control{
		Promote: gw.Annotations[v1alpha1.AnnotationPromote], Abort: gw.Annotations[v1alpha1.AnnotationAbort], Retry: gw.Annotations[v1alpha1.AnnotationRetry],
	}
	if a := answered(gw, actionAbort, c.Abort); a != nil && a.Result == v1alpha1.ActionRefused {
		c.Abort = "" // what ECS can't take back mustn't keep newer wishes waiting
	}
	if awaiting(gw) {
		c = kinds.Control{} // what is asked of the rollout under way is no part of the new spec's plan: see steer
	}
	if revision := held(gw); revision != "" {
		c.Held = fmt.Sprintf("the gateway was taken back to %s, as %s asks; that holds until the spec changes", revision, v1alpha1.AnnotationRollback)
	}
	return c
}

// held is the revision, as family:number, that somebody went back to for the spec as it is now.
func held(gw *v1alpha1.PortkeyGateway) string {
	value := gw.Annotations[v1alpha1.AnnotationRollback]
	revision, generation := splitRollback(value)
	if a := answered(gw, actionRollback, value); a == nil || a.Result != v1alpha1.ActionDone || generation != gw.Generation {
		return ""
	}
	return revision
}

// splitRollback takes revision@generation apart; without a generation it is 0.
func splitRollback(value string) (revision string, generation int64) {
	revision, number, _ := strings.Cut(value, "@")
	generation, _ = strconv.ParseInt(number, 10, 64)
	return revision, generation
}

// answered is the answer to an annotation's value; nil when that wasn't answered yet.
func answered(gw *v1alpha1.PortkeyGateway, name, value string) *v1alpha1.ActionStatus {
	for i := range gw.Status.Actions {
		if a := &gw.Status.Actions[i]; a.Name == name && a.Value == shorten(value) {
			return a
		}
	}
	return nil
}

// goBack accepts or refuses a rollback that is asked for, before anything is built on it. The annotation is
// bound to the generation that it was seen with, so that what is held is known without status, and no longer
// when the spec has changed.
func (r *PortkeyGatewayReconciler) goBack(ctx context.Context, gw *v1alpha1.PortkeyGateway, w *aws.World) error {
	value := gw.Annotations[v1alpha1.AnnotationRollback]
	if value == "" || gw.Spec.ManagementPolicy != v1alpha1.ManagementReconcile || awaiting(gw) {
		return nil
	}
	if a := answered(gw, actionRollback, value); a != nil && a.Result == v1alpha1.ActionRefused {
		return nil
	}
	if !strings.Contains(value, "@") {
		value = fmt.Sprintf("%s@%d", value, gw.Generation)
		if err := r.patch(ctx, gw, func() { gw.Annotations[v1alpha1.AnnotationRollback] = value }); err != nil {
			return err
		}
	}
	revision, generation := splitRollback(value)
	if generation < gw.Generation && generation > 0 || answered(gw, actionRollback, value) != nil {
		return nil // the spec changed since then, or it is answered
	}
	a := v1alpha1.ActionStatus{Name: actionRollback, Value: value, Result: v1alpha1.ActionRefused}
	node, family := desired.GatewayDefinition(gw, r.owner(gw))
	spec := gw.Resolved()
	found, err := kinds.FindRevision(ctx, w, r.owner(gw).Proof(string(node)), family, revision)
	switch {
	case err != nil:
		return &surroundingsError{err}
	case generation != gw.Generation:
		a.Message = fmt.Sprintf("write the revision and the metadata.generation, as %s@%d", revision, gw.Generation)
	case found.Why != "":
		a.Message = found.Why
	case asked(gw, revision):
		a.Message = fmt.Sprintf("revision %s is what the spec asks for: to try it again, use %s", revision, v1alpha1.AnnotationRetry)
	case !slices.Equal(found.Ports, slices.Sorted(slices.Values(spec.Ports()))):
		a.Message = fmt.Sprintf("the containers of revision %s have other ports (%s) than the spec asks for (%s), to which load balancer and peers lead: change the spec back instead",
			revision, listed(found.Ports), listed(spec.Ports()))
	case failedOnce(gw, revision) != "":
		a.Message = fmt.Sprintf("revision %s failed when it was last rolled out: %s", revision, failedOnce(gw, revision))
	default:
		a.Result, a.Message = v1alpha1.ActionDone, fmt.Sprintf("the gateway goes back to %s (%s), and stays there until the spec changes", revision, plainImage(found.Image))
	}
	return r.answer(ctx, gw, a)
}

// asked reports whether a revision is that of the spec, as far as it is recorded.
func asked(gw *v1alpha1.PortkeyGateway, revision string) bool {
	return slices.ContainsFunc(gw.Status.Resources, func(x v1alpha1.ResourceStatus) bool {
		return x.Node == "task-definition/"+v1alpha1.ServiceGateway && shortARN(x.ID) == revision
	})
}

// failedOnce is why the newest rollout of a revision failed; empty where it didn't, or isn't known any more.
func failedOnce(gw *v1alpha1.PortkeyGateway, revision string) string {
	for _, r := range gw.Status.History {
		if r.Revision == revision {
			if r.Outcome == v1alpha1.RolloutRolledBack || r.Outcome == v1alpha1.RolloutFailed {
				return cmp.Or(r.Reason, string(r.Outcome))
			}
			return ""
		}
	}
	return ""
}

func listed(ports []int32) string {
	return strings.Trim(strings.Join(strings.Fields(fmt.Sprint(ports)), ", "), "[]")
}

// answer writes an answer into status, and tells it.
func (r *PortkeyGatewayReconciler) answer(ctx context.Context, gw *v1alpha1.PortkeyGateway, a v1alpha1.ActionStatus) error {
	err := r.report(ctx, gw, func(gw *v1alpha1.PortkeyGateway, now time.Time) { put(gw, a, now) })
	if err == nil {
		r.tellAction(ctx, gw, a)
	}
	return err
}

func put(gw *v1alpha1.PortkeyGateway, a v1alpha1.ActionStatus, now time.Time) {
	a.Value, a.Message, a.At = shorten(a.Value), shorten(a.Message), &metav1.Time{Time: now}
	gw.Status.Actions = slices.DeleteFunc(gw.Status.Actions, func(x v1alpha1.ActionStatus) bool { return x.Name == a.Name })
	gw.Status.Actions = append(gw.Status.Actions, a)
	slices.SortFunc(gw.Status.Actions, func(a, b v1alpha1.ActionStatus) int { return strings.Compare(a.Name, b.Name) })
}

func (r *PortkeyGatewayReconciler) tellAction(ctx context.Context, gw *v1alpha1.PortkeyGateway, a v1alpha1.ActionStatus) {
	kind, reason := corev1.EventTypeNormal, actionEvents[a.Name]
	if a.Result == v1alpha1.ActionRefused {
		kind, reason = corev1.EventTypeWarning, strings.ToUpper(a.Name[:1])+a.Name[1:]+"Refused"
	}
	log.FromContext(ctx).Info("Answered what an annotation asks for", "action", a.Name, "value", shorten(a.Value), "result", a.Result, "message", shorten(a.Message))
	r.Events.Eventf(gw, nil, kind, reason, "Reconcile", "%s", note(a.Message))
}

// answers are those to what annotations ask of the rollout by the named actions, as a walk has shown. What the walk
// couldn't see or do for a cause that passes isn't answered yet.
func answers(gw *v1alpha1.PortkeyGateway, res *engine.Result, actions ...string) []v1alpha1.ActionStatus {
	n := res.Node(gatewayNode)
	facts, ok := factsOf[*kinds.ServiceFacts](n)
	if !ok || !n.Fresh {
		return nil
	}
	// A service whose inputs are missing was looked at, but not at whether what is wanted failed before.
	waiting := n.Reason == engine.ReasonWaiting || n.Reason == engine.ReasonBlocked
	var out []v1alpha1.ActionStatus
	for _, ask := range []struct {
		name, value string
		judge       func(value string) (done bool, message string)
	}{
		{actionPromote, gw.Annotations[v1alpha1.AnnotationPromote], func(hook string) (bool, string) { return promoted(hook, n, facts) }},
		{actionAbort, gw.Annotations[v1alpha1.AnnotationAbort], func(id string) (bool, string) { return aborted(id, n, facts) }},
		{actionRetry, gw.Annotations[v1alpha1.AnnotationRetry], func(id string) (bool, string) { return retried(id, n, facts) }},
	} {
		if ask.value == "" || !slices.Contains(actions, ask.name) || answered(gw, ask.name, ask.value) != nil || waiting && ask.name == actionRetry {
			continue
		}
		a := v1alpha1.ActionStatus{Name: ask.name, Value: ask.value, Result: v1alpha1.ActionRefused}
		done, message := ask.judge(ask.value)
		switch {
		case message == "":
			continue // it is done when it can be
		case done:
			a.Result = v1alpha1.ActionDone
		case n.Fault != nil:
			if n.State != engine.Stalled {
				continue
			}
			message = n.Why
		}
		a.Message = message
		out = append(out, a)
	}
	return out
}

// promoted judges whether a pause was left.
func promoted(hook string, n *engine.NodeResult, facts *kinds.ServiceFacts) (done bool, message string) {
	id, awaiting := facts.Deployment.ID, facts.Deployment.Awaiting
	switch {
	case did(n, kinds.PathPromote):
		return true, fmt.Sprintf("rollout %s goes on", id)
	case awaiting == nil:
		return false, fmt.Sprintf("no rollout waits at the pause %s", hook)
	default:
		return false, fmt.Sprintf("the rollout waits at the pause %s, and not at %s", awaiting.ID, hook)
	}
}

// aborted judges whether a rollout is being taken back.
func aborted(id string, n *engine.NodeResult, facts *kinds.ServiceFacts) (done bool, message string) {
	d := facts.Deployment
	switch {
	case did(n, kinds.PathAbort) && id == d.ID:
		return true, fmt.Sprintf("ECS takes rollout %s back", id)
	case id == d.ID && rolloutFailed(n):
		return false, fmt.Sprintf("rollout %s is taken back already", id)
	case id == d.ID && facts.Deploying:
		return false, fmt.Sprintf("rollout %s can't be taken back now: it is taken back already, or AWS doesn't tell how far it is", id)
	case facts.Deploying:
		return false, fmt.Sprintf("the rollout under way is %s, and not %s", d.ID, id)
	default:
		return false, fmt.Sprintf("no rollout %s is under way", id)
	}
}

// retried judges whether a rollout that failed is tried again; not yet, while it is still being taken back.
func retried(id string, n *engine.NodeResult, facts *kinds.ServiceFacts) (done bool, message string) {
	switch {
	case facts.Forgiven && n.Action == engine.Update && n.Fault == nil, did(n, kinds.PathRetry):
		return true, fmt.Sprintf("what rollout %s was to bring is rolled out again", id)
	case rolloutFailed(n) && facts.Deployment.ID != id:
		return false, fmt.Sprintf("the rollout that failed is %s, and not %s", facts.Deployment.ID, id)
	case rolloutFailed(n):
		return false, ""
	default:
		return false, fmt.Sprintf("no rollout %s has failed", id)
	}
}

// did reports whether a walk made a change.
func did(n *engine.NodeResult, path string) bool {
	if n.Action != engine.Update || n.Fault != nil {
		return false
	}
	for _, c := range n.Changes {
		if c.Path == path {
			return true
		}
	}
	return false
}
