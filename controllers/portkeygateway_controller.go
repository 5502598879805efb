package controllers

import (
	"context"
	"slices"
	"time"

	"k8s.io/client-go/tools/events"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
	"sigs.k8s.io/controller-runtime/pkg/source"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/internal/aws"
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
	// CheckSecretKeys has the preflight read the secrets that specs name by ARN, to see whether they have the keys
	// that tasks read of them.
	CheckSecretKeys bool
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
