package controllers

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/internal/aws"
	"github.com/portkey-ai/portkey-ecs-operator/internal/desired"
	"github.com/portkey-ai/portkey-ecs-operator/internal/engine"
	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
	"github.com/portkey-ai/portkey-ecs-operator/internal/kinds"
)

// sync walks the desired graph: as a plan under managementPolicy Observe, and while the spec awaits approval.
func (r *PortkeyGatewayReconciler) sync(ctx context.Context, gw *v1alpha1.PortkeyGateway, w *aws.World) (ctrl.Result, error) {
	t := &turn{r: r, gw: gw, w: w, s: r.sessions.of(gw), plans: planning(gw)}
	defer func() { t.s.sources = nil }()
	g, stop, err := t.wanted(ctx)
	if err != nil || stop != nil {
		return r.stalled(ctx, gw, stop, err)
	}
	t.walk(ctx, g)
	approved, err := t.answer(ctx)
	switch {
	case err != nil:
		return ctrl.Result{}, err
	case approved:
		return r.carryOut(ctx, gw)
	}
	// What the walk did is recorded even when the manager was asked to stop meanwhile; what it saw
	// then are its own cancelled reads, and no news.
	cut := ctx.Err() != nil
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), recordTimeout)
	defer cancel()
	if err := t.record(ctx, cut); err != nil || cut {
		t.tellUnrecorded(ctx)
		return ctrl.Result{}, err
	}
	t.tell(ctx)
	next := t.res.Next
	if len(arrived(gw)) > 0 {
		next = t.now // roles needn't keep any more what tasks of before were allowed
	}
	if t.plans {
		next = replan(t.now, t.res)
	}
	return ctrl.Result{RequeueAfter: wait(t.now, next, t.s.next(r.interval(gw)))}, nil
}

// turn is one reconciliation of a gateway whose account is open: what is wanted, the walk, the answers to what people
// ask, the record in status, and what is told.
type turn struct {
	r  *PortkeyGatewayReconciler
	gw *v1alpha1.PortkeyGateway
	w  *aws.World
	s  *session
	// plans says that nothing is written to AWS.
	plans bool
	// before is the status that the turn began with.
	before *v1alpha1.PortkeyGatewayStatus
	// heard is what of AWS's events the walk looks after.
	heard hearsay
	// now is when the walk began, in its input, and res what came of it.
	now time.Time
	in  engine.Input
	res *engine.Result
	// said are the answers to what people ask by annotation.
	said []v1alpha1.ActionStatus
}

// wanted is the desired graph of a spec that passed the preflight; otherwise why there is none.
func (t *turn) wanted(ctx context.Context) (*graph.Graph, *refusal, error) {
	r, gw, w, s := t.r, t.gw, t.w, t.s
	if gw.Annotations[AnnotationRequestedAt] != s.asked {
		forgetSecrets(gw, w)
	}
	if stop, err := r.readSources(ctx, gw, s); err != nil || stop != nil {
		return nil, stop, err
	}
	if err := r.goBack(ctx, gw, w); err != nil {
		if read, ok := errors.AsType[*surroundingsError](err); ok {
			return nil, unbuilt(read), nil
		}
		return nil, nil, err
	}
	g, refused := r.admit(ctx, gw, w, s)
	if refused != nil {
		return nil, refused, nil
	}
	t.before = gw.Status.DeepCopy()
	if !t.plans && gw.Status.InventorySince == nil {
		// Begun before the first write: later, an inventory without it is one that was lost.
		if err := r.begin(ctx, gw, inventory(gw, r.Now())); err != nil {
			return nil, nil, err
		}
	}
	g, err := r.recall(ctx, gw, w, g, s)
	if err != nil {
		return nil, unbuilt(err), nil
	}
	s.refused = time.Time{}
	return g, nil, nil
}

// walk compares what is wanted with AWS, and makes it so unless it only plans.
func (t *turn) walk(ctx context.Context, g *graph.Graph) {
	r, gw, s := t.r, t.gw, t.s
	t.now = r.Now()
	t.heard = r.Ear.heard(client.ObjectKeyFromObject(gw))
	t.in = r.input(gw, g, t.w, s)
	t.in.Full = t.heard.full || s.due(gw, t.now, r.interval(gw))
	t.in.Asked = gw.Annotations[AnnotationRequestedAt] != s.asked
	written := s.written(gw)
	t.in.Look = arrived(gw)
	maps.Copy(t.in.Look, t.heard.look)
	for node := range written {
		t.in.Look[node] = true
	}
	if t.plans {
		t.in.Mode, t.in.Memory = engine.Plan, nil
	}
	t.res = r.walk(ctx, t.in)
	t.heard.attribute(t.res)
	if retired := r.retire(ctx, gw, t.w, t.in, t.res); retired != nil {
		r.tell(ctx, gw, t.before, t.res)
		t.res = retired
	}
	if t.in.Full {
		s.synced(gw, t.now)
	}
	if ctx.Err() == nil && !t.plans {
		s.looked(written)
	}
	s.made(gw, t.res, t.now)
}

// answer answers what people ask of the deployment. approved says that the plan may be carried out now.
func (t *turn) answer(ctx context.Context) (approved bool, err error) {
	switch {
	case awaiting(t.gw) && ctx.Err() == nil: // a walk that was cut short is no plan
		approved, t.said, err = t.r.propose(ctx, t.gw, t.w, t.s, t.res)
	case !t.plans:
		t.said = answers(t.gw, t.res, actionPromote, actionAbort, actionRetry)
	}
	return approved, err
}

// record writes into status what the walk did and, unless it was cut short, what it saw.
func (t *turn) record(ctx context.Context, cut bool) error {
	return t.r.report(ctx, t.gw, func(gw *v1alpha1.PortkeyGateway, now time.Time) {
		if !t.plans {
			record(gw, t.in.Inventory, t.res)
		}
		if cut {
			if !t.plans {
				(conditions{gw, now}).corrected(t.before, t.res)
			}
			return
		}
		if t.in.Full || t.s.asked == gw.Annotations[AnnotationRequestedAt] { // or by a walk that couldn't record it
			gw.Status.LastHandledReconcileAt = gw.Annotations[AnnotationRequestedAt]
		}
		conclude(gw, t.before, t.res, t.s.told(gw), now)
		warn(gw, []string{t.s.warning, t.s.unfollowed, t.s.unkeyed, t.s.stale, tooEarly(gw)}, now)
		t.heard.amend(gw, now)
		describe(gw, t.res, now)
		t.r.Lookout.tell(gw, lookingAt(gw, t.res), now)
		for _, a := range t.said {
			put(gw, a, now)
		}
		// The walk that makes the last object has seen all others made: the deployment has been whole from then on.
		if settled(t.res) && (t.in.Full || !everReady(t.before)) {
			stamp(gw, t.before, now)
		}
	})
}

// tellUnrecorded records events of what a walk did that status doesn't say, or not as its conditions: the next walk will
// find it done, and nobody would hear of it.
func (t *turn) tellUnrecorded(ctx context.Context) {
	if t.plans {
		return
	}
	t.r.tellActions(ctx, t.gw, t.before, t.res)
	t.s.tells(t.gw, drifted(t.gw, t.before, t.res))
}

// tell records events of what is new, and asks for the looks that follow from it.
func (t *turn) tell(ctx context.Context) {
	r, gw := t.r, t.gw
	var corrected []*engine.NodeResult
	if !t.plans {
		corrected = drifted(gw, t.before, t.res)
	}
	r.Ear.heeded(client.ObjectKeyFromObject(gw), &t.heard, t.w, t.in.Inventory, t.res, corrected)
	r.Lookout.look(gw, t.before, lookingAt(gw, t.res), t.in.Full)
	r.tell(ctx, gw, t.before, t.res)
	t.s.untold = nil
	if t.plans && len(t.said) == 0 {
		r.tellChangedPlan(gw, t.before)
	}
	r.tellLate(gw, &t.heard)
	for _, a := range t.said {
		r.tellAction(ctx, gw, a)
	}
}

// replan is when a plan is worth making again before the next sync: never, since nothing comes of it
// by itself, unless something couldn't be read.
func replan(now time.Time, res *engine.Result) time.Time {
	for i := range res.Nodes {
		if res.Nodes[i].Fault != nil {
			return now.Add(refusalRecheck)
		}
	}
	if res.Unlisted {
		return now.Add(refusalRecheck)
	}
	return time.Time{}
}

// retire walks once more when a rollout has just made something superfluous that its old tasks still needed, so that
// Ready means that it is gone; when a listener has moved to another port; when clients have left a load balancer for
// another; and when a service is no longer scaled by AWS, so that it has the number of tasks that the spec asks for.
func (r *PortkeyGatewayReconciler) retire(ctx context.Context, gw *v1alpha1.PortkeyGateway, w *aws.World, in engine.Input, res *engine.Result) *engine.Result {
	if in.Mode != engine.Apply || !settled(res) {
		return nil
	}
	seen := gw.DeepCopy()
	describeServices(seen, res, r.Now())
	released := slices.ContainsFunc(scaled(gw), func(service string) bool { return in.Inventory.Entry(desired.ScalableTargetOf(service)) == nil })
	handed := formerBalancer(gw) != nil
	ports := listenerPorts(gw)
	if released || handed || len(ports) > 0 {
		record(seen, in.Inventory, res)
	}
	handed = handed && formerBalancer(seen) == nil
	moved := listenerPorts(seen)
	maps.DeleteFunc(moved, func(node graph.NodeID, port int) bool { return ports[node] == 0 || ports[node] == port })
	if !released && !handed && len(moved) == 0 && (!retiring(gw) || retiring(seen)) {
		return nil
	}
	g, err := r.build(ctx, seen, w)
	if err != nil {
		return nil // zones and spec were fine a moment ago; the next walk says what is wrong
	}
	in.Graph, in.Full, in.Look = g, false, nil
	return r.walk(ctx, in)
}

// walk runs the engine.
func (r *PortkeyGatewayReconciler) walk(ctx context.Context, in engine.Input) *engine.Result {
	e := engine.Engine{Now: r.Now, Classify: aws.Classify, Parallel: r.Parallel, MaxRecheck: r.MaxRecheck}
	return e.Walk(ctx, in)
}

// input is what all walks of a gateway have in common.
func (r *PortkeyGatewayReconciler) input(gw *v1alpha1.PortkeyGateway, g *graph.Graph, w *aws.World, s *session) engine.Input {
	inv := inventory(gw, r.Now())
	tags := map[string]string{}
	for k, v := range gw.Spec.Tags {
		tags[k] = string(v)
	}
	if keys := kinds.UserTagKeys(tags); keys != "" {
		tags[kinds.TagKeys] = keys
	}
	return engine.Input{
		Mode: engine.Apply, Graph: g, World: w, Refresh: func() { w.Reads.Forget("") }, Owner: r.owner(gw), Tags: tags,
		Inventory: inv, Journal: r.journal(gw), Memory: s.memory, Orphan: kinds.Orphan, Kinds: kinds.All(),
	}
}

// wait is the time until the earlier of two moments, but at least a second.
func wait(now, a, b time.Time) time.Duration {
	next := b
	if !a.IsZero() && a.Before(next) {
		next = a
	}
	return max(next.Sub(now), time.Second)
}
