package controllers

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"k8s.io/client-go/tools/events"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/log"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
	"sigs.k8s.io/controller-runtime/pkg/source"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/internal/aws"
	"github.com/portkey-ai/portkey-ecs-operator/internal/desired"
	"github.com/portkey-ai/portkey-ecs-operator/internal/engine"
	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
	"github.com/portkey-ai/portkey-ecs-operator/internal/kinds"
	"github.com/portkey-ai/portkey-ecs-operator/internal/own"
)

// Finalizer keeps a PortkeyGateway until every object of it is proved absent in AWS.
const Finalizer = "ecs.portkey.ai/finalizer"

// AnnotationPinned records where a deployment was begun and when: account/region/time. It is written
// in one patch with the finalizer, so that a finalizer without it means that it was lost, and not
// that nothing was begun. Another account behind the same credentials stalls.
const AnnotationPinned = "ecs.portkey.ai/pinned"

// AnnotationRequestedAt asks for a full comparison with AWS now; it is Flux's own key.
const AnnotationRequestedAt = "reconcile.fluxcd.io/requestedAt"

// asking are the annotations by which people ask for something.
var asking = []string{
	AnnotationRequestedAt, v1alpha1.AnnotationPromote, v1alpha1.AnnotationAbort, v1alpha1.AnnotationRollback, v1alpha1.AnnotationRetry,
	v1alpha1.AnnotationApprove, v1alpha1.AnnotationRequireApproval,
	v1alpha1.AnnotationDeletionProtection, v1alpha1.AnnotationAbandon,
}

// +kubebuilder:rbac:groups=ecs.portkey.ai,resources=portkeygateways,verbs=get;list;watch;patch
// +kubebuilder:rbac:groups=ecs.portkey.ai,resources=portkeygateways/status,verbs=patch
// +kubebuilder:rbac:groups=events.k8s.io,resources=events,verbs=create;patch
// +kubebuilder:rbac:groups="",resources=namespaces,resourceNames=kube-system,verbs=get

// Worlds opens AWS for a region with the reads of a new walk.
type Worlds interface {
	World(ctx context.Context, region string) (*aws.World, error)
}

// PortkeyGatewayReconciler makes AWS what PortkeyGateways say.
type PortkeyGatewayReconciler struct {
	// Client writes.
	client.Client
	// Reader reads uncached: a stale object must not decide what is created or removed.
	Reader client.Reader
	// Worlds opens AWS.
	Worlds Worlds
	// Cluster identifies this Kubernetes cluster in ownership tags.
	Cluster string
	// Events records what happened, for people.
	Events events.EventRecorder
	// Now is the clock of everything but HTTP.
	Now func() time.Time
	// SyncInterval is how often drift is looked for where the spec doesn't say.
	SyncInterval time.Duration
	// MaxRecheck bounds the time between two looks at what is on its way; 0 leaves it to the kinds.
	MaxRecheck time.Duration
	// PermissionsBoundary is the ARN of the IAM policy that bounds every role that the operator makes, or empty.
	// https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
	PermissionsBoundary string
	// Parallel bounds how many nodes of one gateway talk to AWS at once; 0 is the engine's default.
	Parallel int
	// Ear hears of AWS what others do to gateways; nil is deaf.
	Ear *Ear
	// Lookout asks endpoints for their health; nil asks none.
	Lookout *Lookout

	sessions sessions
}

// SetupWithManager starts the controller in a manager.
func (r *PortkeyGatewayReconciler) SetupWithManager(mgr ctrl.Manager, concurrency int) error {
	// Own status writes don't concern us; spec, deletion, and what people ask for by annotation do.
	asked := predicate.Funcs{UpdateFunc: func(e event.UpdateEvent) bool {
		return slices.ContainsFunc(asking, func(name string) bool {
			return e.ObjectOld.GetAnnotations()[name] != e.ObjectNew.GetAnnotations()[name]
		})
	}}
	b := ctrl.NewControllerManagedBy(mgr).
		// What is due is known by its metadata; the rest is read when it is, and not kept here.
		For(&v1alpha1.PortkeyGateway{}, builder.OnlyMetadata, builder.WithPredicates(predicate.Or(predicate.GenerationChangedPredicate{}, asked))).
		WithOptions(controller.Options{MaxConcurrentReconciles: concurrency})
	if r.Ear != nil {
		b = b.WatchesRawSource(source.Func(r.Ear.attach))
	}
	if r.Lookout != nil {
		b = b.WatchesRawSource(source.Func(r.Lookout.attach))
	}
	return b.Complete(r)
}

// Reconcile brings one gateway a step further and says when another is worthwhile. Whatever goes
// wrong with AWS is told in status; an error is returned only when Kubernetes itself fails.
func (r *PortkeyGatewayReconciler) Reconcile(ctx context.Context, req ctrl.Request) (ctrl.Result, error) {
	gw := &v1alpha1.PortkeyGateway{}
	if err := r.Reader.Get(ctx, req.NamespacedName, gw); err != nil {
		if client.IgnoreNotFound(err) == nil {
			r.sessions.end(req.NamespacedName)
			r.Ear.forget(req.NamespacedName)
			r.Lookout.forget(req.NamespacedName)
		}
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	if !gw.DeletionTimestamp.IsZero() {
		return r.remove(ctx, gw)
	}
	if gw.Spec.ManagementPolicy == v1alpha1.ManagementPaused {
		return ctrl.Result{}, r.report(ctx, gw, paused)
	}
	w, stop, err := r.open(ctx, gw)
	if err != nil || stop != nil {
		return r.stalled(ctx, gw, stop, err)
	}
	return r.sync(ctx, gw, w)
}

// sync walks the desired graph: as a plan under managementPolicy Observe, and while the spec awaits approval.
func (r *PortkeyGatewayReconciler) sync(ctx context.Context, gw *v1alpha1.PortkeyGateway, w *aws.World) (ctrl.Result, error) {
	s := r.sessions.of(gw)
	if gw.Annotations[AnnotationRequestedAt] != s.asked {
		forgetSecrets(gw, w)
	}
	stop, err := r.readSources(ctx, gw, s)
	if err != nil || stop != nil {
		return r.stalled(ctx, gw, stop, err)
	}
	defer func() { s.sources = nil }()
	if err := r.goBack(ctx, gw, w); err != nil {
		if read, ok := errors.AsType[*surroundingsError](err); ok {
			return r.stalled(ctx, gw, unbuilt(read), nil)
		}
		return ctrl.Result{}, err
	}
	g, refusal := r.admit(ctx, gw, w, s)
	if refusal != nil {
		return r.stalled(ctx, gw, refusal, nil)
	}
	observe := planning(gw)
	before := gw.Status.DeepCopy()
	if !observe && gw.Status.InventorySince == nil {
		// Begun before the first write: later, an inventory without it is one that was lost.
		if err := r.begin(ctx, gw, inventory(gw, r.Now())); err != nil {
			return ctrl.Result{}, err
		}
	}
	g, err = r.recall(ctx, gw, w, g, s)
	if err != nil {
		return r.stalled(ctx, gw, unbuilt(err), nil)
	}
	s.refused = time.Time{}
	now := r.Now()
	key := client.ObjectKeyFromObject(gw)
	heard := r.Ear.heard(key)
	full := heard.full || s.due(gw, now, r.interval(gw))
	in := r.input(gw, g, w, s)
	written := s.written(gw)
	in.Full, in.Asked, in.Look = full, gw.Annotations[AnnotationRequestedAt] != s.asked, heard.look
	if len(written) > 0 {
		in.Look = maps.Clone(heard.look)
		for node := range written {
			if in.Look == nil {
				in.Look = map[graph.NodeID]bool{}
			}
			in.Look[node] = true
		}
	}
	if observe {
		in.Mode, in.Memory = engine.Plan, nil
	}
	res := r.walk(ctx, in)
	heard.attribute(res)
	if retired := r.retire(ctx, gw, w, in, res); retired != nil {
		r.tell(ctx, gw, before, res)
		res = retired
	}
	if full {
		s.synced(gw, now)
	}
	if ctx.Err() == nil && in.Mode == engine.Apply {
		s.looked(written)
	}
	s.made(gw, res, now)
	var said []v1alpha1.ActionStatus
	if awaiting(gw) && ctx.Err() == nil { // a walk that was cut short is no plan
		var approved bool
		approved, said, err = r.propose(ctx, gw, w, s, res)
		if err != nil {
			return ctrl.Result{}, err
		}
		if approved {
			return r.carryOut(ctx, gw)
		}
	} else if !observe {
		said = answers(gw, res, actionPromote, actionAbort, actionRetry)
	}
	// What the walk did is recorded even when the manager was asked to stop meanwhile; what it saw
	// then are its own cancelled reads, and no news.
	cut := ctx.Err() != nil
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), recordTimeout)
	defer cancel()
	err = r.report(ctx, gw, func(gw *v1alpha1.PortkeyGateway, now time.Time) {
		if !observe {
			record(gw, in.Inventory, res)
		}
		if !cut {
			if full {
				gw.Status.LastHandledReconcileAt = gw.Annotations[AnnotationRequestedAt]
			}
			conclude(gw, before, res, now)
			warn(gw, []string{s.warning, s.unfollowed, s.stale, tooEarly(gw)}, now)
			heard.amend(gw, now)
			describe(gw, res, now)
			r.Lookout.tell(gw, lookingAt(gw, res), now)
			for _, a := range said {
				put(gw, a, now)
			}
			// The walk that makes the last object has seen all others made: the deployment has been whole from then on.
			if settled(res) && (full || !everReady(before)) {
				stamp(gw, before, now)
			}
		}
	})
	if err != nil || cut {
		return ctrl.Result{}, err
	}
	var corrected []*engine.NodeResult
	if !observe {
		corrected = drifted(gw, before, res)
	}
	r.Ear.heeded(key, &heard, w, in.Inventory, res, corrected)
	r.Lookout.look(gw, before, lookingAt(gw, res), full)
	r.tell(ctx, gw, before, res)
	if observe && len(said) == 0 {
		r.tellChangedPlan(gw, before)
	}
	r.tellLate(gw, &heard)
	for _, a := range said {
		r.tellAction(ctx, gw, a)
	}
	if observe {
		return ctrl.Result{RequeueAfter: wait(now, replan(now, res), s.next(r.interval(gw)))}, nil
	}
	return ctrl.Result{RequeueAfter: wait(now, res.Next, s.next(r.interval(gw)))}, nil
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

// retire walks once more when a rollout has just made something superfluous that its old tasks still
// needed, so that Ready means that it is gone; and when a service is no longer scaled by AWS, so that it has
// the number of tasks that the spec asks for.
func (r *PortkeyGatewayReconciler) retire(ctx context.Context, gw *v1alpha1.PortkeyGateway, w *aws.World, in engine.Input, res *engine.Result) *engine.Result {
	if in.Mode != engine.Apply || !settled(res) {
		return nil
	}
	seen := gw.DeepCopy()
	describeServices(seen, res, r.Now())
	released := slices.ContainsFunc(scaled(gw), func(service string) bool { return in.Inventory.Entry(desired.ScalableTargetOf(service)) == nil })
	if released {
		record(seen, in.Inventory, res)
	}
	if !released && (!retiring(gw) || retiring(seen)) {
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

func (r *PortkeyGatewayReconciler) owner(gw *v1alpha1.PortkeyGateway) own.Owner {
	return own.Owner{Cluster: r.Cluster, Kind: "PortkeyGateway", Namespace: gw.Namespace, Name: gw.Name, UID: string(gw.UID)}
}

// interval is how often drift is looked for.
func (r *PortkeyGatewayReconciler) interval(gw *v1alpha1.PortkeyGateway) time.Duration {
	if d := gw.Spec.SyncInterval; d != nil {
		return d.Duration
	}
	return r.SyncInterval
}

// wait is the time until the earlier of two moments, but at least a second.
func wait(now, a, b time.Time) time.Duration {
	next := b
	if !a.IsZero() && a.Before(next) {
		next = a
	}
	return max(next.Sub(now), time.Second)
}

// patch changes metadata by a merge patch: a typed update would rewrite the user's spec. It is
// refused when somebody has changed the object since it was read.
func (r *PortkeyGatewayReconciler) patch(ctx context.Context, gw *v1alpha1.PortkeyGateway, change func()) error {
	base := gw.DeepCopy()
	change()
	status := gw.Status
	err := r.Patch(ctx, gw, client.MergeFromWithOptions(base, client.MergeFromWithOptimisticLock{}))
	gw.Status = status
	if err != nil {
		return fmt.Errorf("patching metadata: %w", err)
	}
	return nil
}

// report changes status and patches it where that makes a difference. Spec and annotations stay those
// that this reconciliation read, though the answer may have newer ones: what status says is of these.
func (r *PortkeyGatewayReconciler) report(ctx context.Context, gw *v1alpha1.PortkeyGateway, change func(*v1alpha1.PortkeyGateway, time.Time)) error {
	return r.write(ctx, gw, change, client.MergeFrom)
}

// write is report by a patch of a given kind.
func (r *PortkeyGatewayReconciler) write(ctx context.Context, gw *v1alpha1.PortkeyGateway, change func(*v1alpha1.PortkeyGateway, time.Time), patch func(client.Object) client.Patch) error {
	base := gw.DeepCopy()
	change(gw, r.Now())
	if same(base.Status, gw.Status) {
		return nil
	}
	answer := gw.DeepCopy()
	if err := r.Status().Patch(ctx, answer, patch(base)); err != nil {
		return fmt.Errorf("patching status: %w", err)
	}
	gw.Status, gw.ResourceVersion = answer.Status, answer.ResourceVersion
	logTransitions(log.FromContext(ctx), base, gw)
	return nil
}

// zonesTTL is how long a region's list of zones is believed: it only says where new subnets go, and
// AWS adds a zone every few years.
const zonesTTL = 30 * 24 * time.Hour

// regionZones are the names of the region's zones, in the order in which they are used.
func regionZones(ctx context.Context, w *aws.World) ([]string, error) {
	return aws.Keep(ctx, w.Forever, "ec2/zones", zonesTTL, func(ctx context.Context) ([]string, error) { return aws.Zones(ctx, w.EC2) })
}

// recordTimeout bounds recording what a walk did.
const recordTimeout = 10 * time.Second

// WritesEnd is how long after its context has ended a reconciliation may still write: a mutation that had begun, and
// the record of the walk. It must end before another manager can become the leader; see the lease in cmd/manager.
const WritesEnd = engine.MutationTimeout + recordTimeout

// surroundingsError is that the region's zones, or a VPC that the spec names, couldn't be read, which says
// nothing about the spec.
type surroundingsError struct{ err error }

// Error implements error.
func (e *surroundingsError) Error() string {
	return "reading what the deployment stands in: " + e.err.Error()
}

// Unwrap gives AWS's error.
func (e *surroundingsError) Unwrap() error { return e.err }

// build returns the desired graph.
func (r *PortkeyGatewayReconciler) build(ctx context.Context, gw *v1alpha1.PortkeyGateway, w *aws.World) (*graph.Graph, error) {
	return r.buildFor(ctx, gw, w, control(gw))
}

// buildFor returns the desired graph, with what is asked of the rollout under way.
func (r *PortkeyGatewayReconciler) buildFor(ctx context.Context, gw *v1alpha1.PortkeyGateway, w *aws.World, asked kinds.Control) (*graph.Graph, error) {
	zones, err := regionZones(ctx, w)
	if err != nil {
		return nil, &surroundingsError{err}
	}
	ranges, err := vpcRanges(ctx, w, gw)
	if err != nil {
		return nil, &surroundingsError{err}
	}
	facts := desired.Facts{Account: w.Account, Region: w.Region, Partition: w.Partition, Zones: zones, VPCCIDRs: ranges, PermissionsBoundary: r.PermissionsBoundary, SecretVersions: r.secretVersions(ctx, gw, w), FormerSecrets: map[string][]string{}}
	for _, s := range gw.Status.Services {
		if s.Name == v1alpha1.ServiceGateway {
			for _, p := range s.Ports {
				facts.GatewayPorts = append(facts.GatewayPorts, int(p))
			}
		}
		copies := copyARNs(gw, s.Name)
		facts.FormerSecrets[s.Name] = slices.DeleteFunc(slices.Clone(s.Secrets), func(arn string) bool { return slices.Contains(copies, arn) })
		if s.TaskDefinition != "" {
			facts.Revisions = append(facts.Revisions, w.ARN("ecs", w.Region, w.Account, "task-definition/"+s.TaskDefinition))
		}
	}
	facts.Control, facts.Sources = asked, r.sessions.of(gw).sources
	if revision := held(gw); revision != "" {
		facts.Held = w.ARN("ecs", w.Region, w.Account, "task-definition/"+revision)
		facts.Revisions = append(facts.Revisions, facts.Held) // it mayn't be deregistered before it is deployed
	}
	if facts.PrivateLink, err = r.privateLink(ctx, gw, w); err != nil {
		return nil, err
	}
	if facts.Cache, err = foundCache(ctx, w, gw.Spec); err != nil {
		return nil, err
	}
	facts.LoadBalancerGroups, facts.TargetGroups, facts.Scaled, facts.HostedZones = formerBalancers(gw), targetGroups(gw), scaled(gw), hostedZones(gw)
	facts.Former = formerBalancer(gw)
	return desired.Build(gw, r.owner(gw), facts)
}
