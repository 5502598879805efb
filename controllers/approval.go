package controllers

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	ctrl "sigs.k8s.io/controller-runtime"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/internal/aws"
	"github.com/portkey-ai/portkey-ecs-operator/internal/engine"
	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
	"github.com/portkey-ai/portkey-ecs-operator/internal/kinds"
	"github.com/portkey-ai/portkey-ecs-operator/internal/own"
)

// A spec that requires approval is planned until somebody approves the very plan that the walk comes to; what was
// approved is recorded for that generation, before anything is written to AWS. From then on it is as any other spec.

// eventPlanChanged tells that a plan that awaits approval isn't the one of before any more.
const eventPlanChanged = "PlanChanged"

// planning reports whether nothing may be written to AWS: a plan is all that comes of a walk.
func planning(gw *v1alpha1.PortkeyGateway) bool {
	return gw.Spec.ManagementPolicy == v1alpha1.ManagementObserve || awaiting(gw)
}

// awaiting reports whether the present spec may be done only after its plan is approved.
func awaiting(gw *v1alpha1.PortkeyGateway) bool {
	if gw.Annotations[v1alpha1.AnnotationRequireApproval] != "true" || gw.Spec.ManagementPolicy == v1alpha1.ManagementObserve {
		return false
	}
	a := gw.Status.Approval
	return a == nil || a.Generation != gw.Generation || a.SpecDigest != own.Digest(gw.Spec)
}

// approvable reports whether the walk's plan may be done: because it is approved, or because there is nothing to
// approve. Otherwise refused is the answer to an approval of another plan; nil where there is none.
func approvable(gw *v1alpha1.PortkeyGateway, p *v1alpha1.Plan) (ok bool, refused *v1alpha1.ActionStatus) {
	value := gw.Annotations[v1alpha1.AnnotationApprove]
	if p.Hash != "" && len(p.Changes) == 0 && len(p.Problems) == 0 {
		return true, nil
	}
	if value == "" {
		return false, nil
	}
	hash, generation := splitApproval(value)
	before := answered(gw, actionApprove, value)
	message := ""
	switch {
	case p.Hash == "":
		return false, nil // what couldn't be read now may be later
	case before != nil && before.Result == v1alpha1.ActionDone && generation != gw.Generation:
		return false, nil // it was used for an earlier spec
	case generation != 0 && generation != gw.Generation:
		message = fmt.Sprintf("the plan was approved for generation %d, and the spec is at %d", generation, gw.Generation)
	case hash != p.Hash:
		message = "the plan isn't " + cut(hash) + " any more"
	default:
		return true, nil
	}
	if before != nil && strings.Contains(before.Message, p.Hash) {
		return false, nil // told already
	}
	return false, &v1alpha1.ActionStatus{
		Name: actionApprove, Value: value, Result: v1alpha1.ActionRefused,
		Message: fmt.Sprintf("%s; now it is %s: %s. Look at status.plan, then %s", message, p.Hash, p.Summary, approveCommand(gw, p)),
	}
}

// splitApproval takes hash@generation apart; without a generation it is 0.
func splitApproval(value string) (hash string, generation int64) {
	hash, number, found := strings.Cut(value, "@")
	if found {
		var err error
		if generation, err = strconv.ParseInt(number, 10, 64); err != nil {
			generation = -1 // of no spec
		}
	}
	return hash, generation
}

// approveCommand is what people type to approve a plan.
func approveCommand(gw *v1alpha1.PortkeyGateway, p *v1alpha1.Plan) string {
	return fmt.Sprintf("kubectl portkey approve %s -n %s --plan %s", gw.Name, gw.Namespace, p.Hash)
}

// approve records that a plan was approved. It is written before anything of the plan is done.
func (r *PortkeyGatewayReconciler) approve(ctx context.Context, gw *v1alpha1.PortkeyGateway, p *v1alpha1.Plan) error {
	empty := len(p.Changes) == 0
	a := v1alpha1.ActionStatus{
		Name: actionApprove, Value: gw.Annotations[v1alpha1.AnnotationApprove], Result: v1alpha1.ActionDone,
		Message: fmt.Sprintf("plan %s is carried out for generation %d: %s", p.Hash, gw.Generation, p.Summary),
	}
	err := r.report(ctx, gw, func(gw *v1alpha1.PortkeyGateway, now time.Time) {
		gw.Status.Approval = &v1alpha1.Approval{Generation: gw.Generation, SpecDigest: own.Digest(gw.Spec), Plan: p.Hash, At: metav1.Time{Time: now}}
		if empty {
			gw.Status.Plan = nil
			return
		}
		gw.Status.Plan = bounded(p)
		put(gw, a, now)
	})
	if err != nil || empty {
		return err
	}
	r.tellAction(ctx, gw, a)
	return nil
}

// propose looks after a walk that planned a spec which requires approval, whether that is given. Otherwise it does
// what is asked of the rollout under way, and answers.
func (r *PortkeyGatewayReconciler) propose(ctx context.Context, gw *v1alpha1.PortkeyGateway, w *aws.World, s *session, res *engine.Result) (approved bool, said []v1alpha1.ActionStatus, err error) {
	p := planOf(res)
	ok, refused := approvable(gw, p)
	if ok {
		return true, nil, r.approve(ctx, gw, p)
	}
	if said, err = r.steer(ctx, gw, w, s); err != nil {
		said = nil // the zones or the cache couldn't be read just now: it stays asked for
	}
	if refused != nil {
		said = append(said, *refused)
	}
	return false, said, nil
}

// carryOut does what was just approved, as compared with AWS in full.
func (r *PortkeyGatewayReconciler) carryOut(ctx context.Context, gw *v1alpha1.PortkeyGateway) (ctrl.Result, error) {
	w, stop, err := r.open(ctx, gw)
	if err != nil || stop != nil {
		return r.stalled(ctx, gw, stop, err)
	}
	r.sessions.of(gw).last = time.Time{}
	return r.sync(ctx, gw, w)
}

// tellChangedPlan tells that the plan that awaits approval is another than before, where Ready doesn't tell.
func (r *PortkeyGatewayReconciler) tellChangedPlan(gw *v1alpha1.PortkeyGateway, before *v1alpha1.PortkeyGatewayStatus) {
	was, is := before.Plan, gw.Status.Plan
	if was == nil || is == nil || is.Hash == "" || was.Hash == is.Hash || before.ObservedGeneration != gw.Generation {
		return
	}
	r.Events.Eventf(gw, nil, corev1.EventTypeNormal, eventPlanChanged, "Reconcile", "%s", note(proposal(gw, is)))
}

// proposal says what awaits approval.
func proposal(gw *v1alpha1.PortkeyGateway, p *v1alpha1.Plan) string {
	return fmt.Sprintf("%s. Look at status.plan, then %s", p.Summary, approveCommand(gw, p))
}

// steer does what people ask of the rollout under way while a newer spec awaits approval: it is let go on or taken
// back, and nothing else. The answers are in said.
func (r *PortkeyGatewayReconciler) steer(ctx context.Context, gw *v1alpha1.PortkeyGateway, w *aws.World, s *session) (said []v1alpha1.ActionStatus, err error) {
	for _, a := range []string{actionRollback, actionRetry} {
		value := gw.Annotations[actionAnnotations[a]]
		if value == "" || answered(gw, a, value) != nil {
			continue
		}
		if revision, generation := splitRollback(value); a == actionRollback && (revision == "" || generation != 0 && generation < gw.Generation) {
			continue // of an earlier spec
		}
		said = append(said, v1alpha1.ActionStatus{Name: a, Value: value, Result: v1alpha1.ActionRefused,
			Message: fmt.Sprintf("generation %d awaits approval of its plan, and until then no rollout is begun: approve it, or take the change of the spec back first", gw.Generation)})
	}
	open := func(name string) string {
		if value := gw.Annotations[actionAnnotations[name]]; answered(gw, name, value) == nil {
			return value
		}
		return ""
	}
	asked := kinds.Control{Promote: open(actionPromote), Abort: open(actionAbort), Only: true}
	if asked.Promote == "" && asked.Abort == "" {
		return said, nil
	}
	g, err := r.buildFor(ctx, gw, w, asked)
	if err != nil {
		return said, err
	}
	in := r.input(gw, g, w, s)
	in.Mode, in.Memory, in.Full = engine.Plan, nil, true
	in.Permit = func(n graph.NodeID, changes []graph.Change) bool {
		for _, ch := range changes {
			if ch.Path != kinds.PathPromote && ch.Path != kinds.PathAbort {
				return false
			}
		}
		return n == gatewayNode
	}
	return append(said, answers(gw, r.walk(ctx, in), actionPromote, actionAbort)...), nil
}
