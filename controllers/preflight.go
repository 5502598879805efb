package controllers

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"time"

	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/internal/aws"
	"github.com/portkey-ai/portkey-ecs-operator/internal/desired"
	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
)

// refusal is why nothing is written to AWS for a gateway.
type refusal struct {
	reason, message string
	// passing says that nobody needs to do anything about it.
	passing bool
}

// recheck is how soon a refusal is looked at again that has stood for a while: ever more rarely, like all that
// goes on for long.
func (r *refusal) recheck(stood time.Duration) time.Duration {
	first := refusalRecheck
	if r.passing {
		first = 10 * time.Second
	}
	return min(max(stood/6, first), refusalRecheckMax)
}

const (
	// refusalRecheck is how soon a refusal is looked at again: what mends it is outside this resource,
	// and nothing else would tell.
	refusalRecheck = time.Minute
	// refusalRecheckMax is how soon one is that has stood for half an hour.
	refusalRecheckMax = 5 * time.Minute
)

// preflightTimeout bounds what is asked of AWS before a walk, which has a bound of its own: an answer
// that never comes mustn't hold a worker.
const preflightTimeout = 30 * time.Second

// open answers AWS for the gateway's region, after making sure that it is the right account. The
// first time, account and region are pinned, and the finalizer is set, before anything is written.
func (r *PortkeyGatewayReconciler) open(ctx context.Context, gw *v1alpha1.PortkeyGateway) (*aws.World, *refusal, error) {
	asking, cancel := context.WithTimeout(ctx, preflightTimeout)
	defer cancel()
	w, err := r.Worlds.World(asking, gw.Spec.Region)
	if err != nil {
		return nil, unavailable(err), nil
	}
	if want := gw.Spec.AccountID; want != "" && want != w.Account {
		return nil, &refusal{reason: v1alpha1.ReasonWrongAccount, message: fmt.Sprintf(
			"the operator's credentials belong to account %s, but spec.accountID is %s: give the operator credentials of %s, or correct accountID", w.Account, want, want)}, nil
	}
	p, ok := pinned(gw)
	if !ok && gw.Status.AccountID != "" && controllerutil.ContainsFinalizer(gw, Finalizer) {
		if gw.Status.AccountID != w.Account { // the annotation was lost, but not what status says
			return nil, moved(gw.Status.AccountID, gw.Spec.Region, w), nil
		}
	}
	first := gw.Status.InventorySince == nil && !controllerutil.ContainsFinalizer(gw, Finalizer)
	switch {
	case !ok && gw.Spec.ManagementPolicy != v1alpha1.ManagementObserve && (!first || !awaiting(gw)) && gw.DeletionTimestamp.IsZero():
		p = pin{w.Account, gw.Spec.Region, r.Now()}
		if !first {
			// The pin was lost: what exists may be older than this moment, and an inventory that is
			// begun now doesn't have it.
			p.since = gw.CreationTimestamp.Time
		}
		err := r.patch(ctx, gw, func() {
			if gw.Annotations == nil {
				gw.Annotations = map[string]string{}
			}
			gw.Annotations[AnnotationPinned] = p.String()
			controllerutil.AddFinalizer(gw, Finalizer)
		})
		if err != nil {
			return nil, nil, err
		}
		r.sessions.of(gw).fresh = first
	case ok && (p.account != w.Account || p.region != w.Region):
		return nil, moved(p.account, p.region, w), nil
	case ok && gw.DeletionTimestamp.IsZero() && gw.Spec.ManagementPolicy != v1alpha1.ManagementObserve && !controllerutil.ContainsFinalizer(gw, Finalizer):
		// Somebody removed it, as is done to objects that hang; without it a deletion would leak.
		if err := r.patch(ctx, gw, func() { controllerutil.AddFinalizer(gw, Finalizer) }); err != nil {
			return nil, nil, err
		}
	}
	return w, nil, nil
}

// moved refuses to go on in another account than before: there, everything would seem to be missing.
func moved(account, region string, w *aws.World) *refusal {
	return &refusal{reason: v1alpha1.ReasonWrongAccount, message: fmt.Sprintf(
		"the deployment was begun in account %s, %s, but the operator's credentials now lead to account %s, %s: give it credentials of %s again", account, region, w.Account, w.Region, account)}
}

// unavailable says why AWS can't be talked to at all.
func unavailable(err error) *refusal {
	if aws.NoCredentials(err) {
		return &refusal{reason: v1alpha1.ReasonCredentialsUnavailable, message: "the operator has no AWS credentials: give its service account a role by EKS Pod Identity or IRSA, or set them in its environment"}
	}
	var name *net.DNSError
	if errors.As(err, &name) && name.IsNotFound {
		return &refusal{reason: v1alpha1.ReasonRetrying, passing: true, message: name.Name +
			" doesn't resolve: either the cluster's DNS fails, or spec.region is no region of AWS; it can't change, so create another PortkeyGateway with the right one"}
	}
	switch f := aws.Classify(err); f.Class {
	case graph.Throttled:
		return &refusal{reason: v1alpha1.ReasonThrottled, message: f.Action + ": " + f.Message, passing: true}
	case graph.Transient:
		return &refusal{reason: v1alpha1.ReasonRetrying, message: f.Action + ": " + f.Message, passing: true}
	default:
		message := "the operator can't find out whose AWS credentials it has: " + f.Message
		if slices.Contains(unknownThere, f.Code) {
			message += ": either they aren't valid, or spec.region isn't enabled in the account: enable it there (aws account enable-region); it can't be changed, so create another PortkeyGateway for another region"
		}
		return &refusal{reason: v1alpha1.ReasonCredentialsUnavailable, message: message}
	}
}

// unknownThere are the codes of credentials that a region doesn't know. One that the account hasn't enabled knows none
// of its credentials, and says of valid ones what it says of wrong ones; only sessions have a code for it.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_enable-regions.html
// https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html
var unknownThere = []string{"InvalidClientTokenId", "UnrecognizedClientException", "RegionDisabledException"}

// unbuilt says why there is no desired graph.
func unbuilt(err error) *refusal {
	var read *surroundingsError
	var cache *cacheError
	var notReady *cacheNotReady
	switch {
	case errors.As(err, &cache):
		return cache.refusal()
	case errors.As(err, &notReady):
		return &refusal{reason: v1alpha1.ReasonCacheUnusable, message: err.Error()}
	}
	if errors.Is(err, errUnlisted) {
		return &refusal{reason: v1alpha1.ReasonRetrying, message: err.Error(), passing: true}
	}
	if errors.Is(err, desired.ErrInvalid) {
		return &refusal{reason: v1alpha1.ReasonInvalid, message: err.Error()}
	}
	if !errors.As(err, &read) {
		return &refusal{reason: v1alpha1.ReasonTooFewZones, message: err.Error()}
	}
	switch f := aws.Classify(read.err); f.Class {
	case graph.Denied:
		return &refusal{reason: v1alpha1.ReasonAccessDenied, message: f.Action + ": " + f.Message}
	case graph.NotFound:
		return &refusal{reason: v1alpha1.ReasonNetworkUnusable, message: "network.existing.vpcID: " + f.Message + ": correct vpcID or region"}
	default:
		return unavailable(read.err)
	}
}

// stalled reports a refusal, and when to look again.
func (r *PortkeyGatewayReconciler) stalled(ctx context.Context, gw *v1alpha1.PortkeyGateway, stop *refusal, err error) (ctrl.Result, error) {
	if err != nil {
		return ctrl.Result{}, err
	}
	before := gw.Status.DeepCopy()
	if err := r.report(ctx, gw, func(gw *v1alpha1.PortkeyGateway, now time.Time) { refuse(gw, stop, now) }); err != nil {
		return ctrl.Result{}, err
	}
	r.tell(ctx, gw, before, nil)
	return ctrl.Result{RequeueAfter: r.sessions.of(gw).again(stop, before.ObservedGeneration != gw.Generation, r.Now())}, nil
}
