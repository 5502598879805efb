package controllers

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/internal/engine"
	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
)

// remove brings a deleted gateway's objects down, and lets the gateway go when the last one is proved
// absent.
func (r *PortkeyGatewayReconciler) remove(ctx context.Context, gw *v1alpha1.PortkeyGateway) (ctrl.Result, error) {
	if !controllerutil.ContainsFinalizer(gw, Finalizer) {
		return ctrl.Result{}, nil
	}
	if abandoned(gw) {
		return r.abandon(ctx, gw)
	}
	if gw.Spec.DeletionPolicy == v1alpha1.DeletionRetain {
		return r.retain(ctx, gw)
	}
	if why := forbidden(gw); why != "" {
		before := gw.Status.DeepCopy()
		err := r.report(ctx, gw, func(gw *v1alpha1.PortkeyGateway, now time.Time) {
			deleting(gw, now, v1alpha1.ReasonDeletionBlocked, why, true)
		})
		if err == nil {
			r.tell(ctx, gw, before, nil)
		}
		return ctrl.Result{}, err
	}
	w, stop, err := r.open(ctx, gw)
	if err != nil || stop != nil {
		return r.heldUp(ctx, gw, stop, err)
	}
	g, err := r.build(ctx, gw, w)
	var unread *surroundingsError
	switch {
	case errors.As(err, &unread):
		// Without the graph, what a lost inventory lacks would be left behind.
		return r.heldUp(ctx, gw, unbuilt(err), nil)
	case err != nil:
		g = &graph.Graph{} // nothing was ever made of this spec; the inventory is enough to delete by
	}
	s := r.sessions.of(gw)
	s.refused = time.Time{}
	in := r.input(gw, g, w, s)
	in.Mode = engine.Destroy
	in.Asked = s.asked != gw.Annotations[AnnotationRequestedAt]
	in.Full = in.Asked
	s.asked = gw.Annotations[AnnotationRequestedAt]
	if gw.Status.InventorySince == nil {
		if err := r.begin(ctx, gw, in.Inventory); err != nil {
			return ctrl.Result{}, client.IgnoreNotFound(err)
		}
	}
	now, before := r.Now(), gw.Status.DeepCopy()
	res := r.walk(ctx, in)

	cut := ctx.Err() != nil
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), recordTimeout)
	defer cancel()
	err = r.report(ctx, gw, func(gw *v1alpha1.PortkeyGateway, now time.Time) {
		record(gw, in.Inventory, res)
		if !cut {
			farewell(gw, res, now)
		}
	})
	if err != nil || cut {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	r.tell(ctx, gw, before, res)
	if res.Done() && in.Inventory.Empty() {
		return r.release(ctx, gw, parting(res))
	}
	return ctrl.Result{RequeueAfter: wait(now, res.Next, now.Add(deletionRecheck))}, nil
}

// forbidden says why nothing of a gateway may be deleted in AWS though it is being deleted; empty where it may. An empty
// record is no reason to let it go: the finalizer says that something may have been begun, and a manager that died in its
// first walk, or a status that was lost, leaves no more than that.
func forbidden(gw *v1alpha1.PortkeyGateway) string {
	switch p := gw.Annotations[v1alpha1.AnnotationDeletionProtection]; {
	case p != "" && p != "false":
		return fmt.Sprintf("the annotation %s forbids to delete anything in AWS: take it off to have all deleted, or set deletionPolicy to Retain to leave all as it is and have this object go", v1alpha1.AnnotationDeletionProtection)
	case gw.Spec.ManagementPolicy != v1alpha1.ManagementReconcile && gw.Spec.ManagementPolicy != "":
		are := "are left in AWS"
		if len(gw.Status.Resources) == 0 {
			are = "may be left in AWS, of which there is no record"
		}
		return fmt.Sprintf("managementPolicy %s forbids writes, and objects %s: set it to Reconcile to delete them, or deletionPolicy to Retain to leave them", gw.Spec.ManagementPolicy, are)
	}
	return ""
}

// heldUp reports why a deletion can't go on now, and when to look again.
func (r *PortkeyGatewayReconciler) heldUp(ctx context.Context, gw *v1alpha1.PortkeyGateway, stop *refusal, err error) (ctrl.Result, error) {
	if err != nil {
		return ctrl.Result{}, err
	}
	before := gw.Status.DeepCopy()
	err = r.report(ctx, gw, func(gw *v1alpha1.PortkeyGateway, now time.Time) {
		message := stop.message
		if stop.reason != v1alpha1.ReasonThrottled {
			message += lastResort(gw)
		}
		deleting(gw, now, stop.reason, message, !stop.passing)
	})
	if err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	r.tell(ctx, gw, before, nil)
	return ctrl.Result{RequeueAfter: r.sessions.of(gw).again(stop, false, r.Now())}, nil
}

// deletionRecheck is how soon a deletion is looked at again when no node says when.
const deletionRecheck = 15 * time.Second

// farewell derives the conditions of a gateway that is being deleted.
func farewell(gw *v1alpha1.PortkeyGateway, res *engine.Result, now time.Time) {
	left := 0
	for i := range res.Nodes {
		if n := &res.Nodes[i]; n.State != engine.Gone && !n.Listing() {
			left++
		}
	}
	worst := res.Worst(func(n *engine.NodeResult) bool { return n.Reason != engine.ReasonWaiting })
	message, reason, stuck := remaining(left), v1alpha1.ReasonDeleting, false
	if worst != nil {
		message += "; " + explain(worst)
		if worst.State == engine.Stalled || worst.State == engine.Failed {
			reason = reasonOf(worst, true)
			stuck = stalls(worst, reason)
		}
		switch reason {
		case v1alpha1.ReasonAccessDenied:
			message += lastResort(gw)
		case v1alpha1.ReasonDeletionBlocked:
			message += ": remove what is named, which isn't the operator's, and the deletion goes on by itself"
		}
	}
	deleting(gw, now, reason, message, stuck)
}

// remaining says how many objects a deletion has still to do with, as far as they are known.
func remaining(objects int) string {
	switch objects {
	case 0:
		return "no object is known to be left"
	case 1:
		return "1 object is left"
	}
	return fmt.Sprintf("%d objects are left", objects)
}

func deleting(gw *v1alpha1.PortkeyGateway, now time.Time, reason, message string, stuck bool) {
	c := conditions{gw, now}
	gw.Status.ObservedGeneration = gw.Generation
	c.set(v1alpha1.ConditionReady, metav1.ConditionFalse, reason, message)
	c.set(v1alpha1.ConditionAvailable, metav1.ConditionFalse, v1alpha1.ReasonDeleting, "the deployment is being deleted")
	c.clear(v1alpha1.ConditionReachable)
	if stuck {
		c.clear(v1alpha1.ConditionReconciling)
		c.set(v1alpha1.ConditionStalled, metav1.ConditionTrue, reason, message)
		return
	}
	c.clear(v1alpha1.ConditionStalled)
	c.set(v1alpha1.ConditionReconciling, metav1.ConditionTrue, reason, message)
}

// parting says what a deletion leaves behind: nothing but what wasn't ours, or isn't any more since
// somebody took its ownership tags off.
func parting(res *engine.Result) string {
	var left []string
	for i := range res.Nodes {
		if n := &res.Nodes[i]; n.State == engine.Gone && n.Reason == engine.ReasonConflict {
			left = append(left, explain(n))
		}
	}
	if len(left) == 0 {
		return "every object is gone from AWS"
	}
	return "every object with ownership tags is gone from AWS; left alone: " + strings.Join(left, "; ")
}

// release lets the object go, whose deployment is gone.
func (r *PortkeyGatewayReconciler) release(ctx context.Context, gw *v1alpha1.PortkeyGateway, why string) (ctrl.Result, error) {
	return r.letGo(ctx, gw, corev1.EventTypeNormal, "Deleted", why)
}

// letGo takes the finalizer off and says why.
func (r *PortkeyGatewayReconciler) letGo(ctx context.Context, gw *v1alpha1.PortkeyGateway, kind, reason, why string) (ctrl.Result, error) {
	err := r.patch(ctx, gw, func() { controllerutil.RemoveFinalizer(gw, Finalizer) })
	if err == nil {
		r.Events.Eventf(gw, nil, kind, reason, "Delete", "%s", note(why))
		r.sessions.end(types.NamespacedName{Namespace: gw.Namespace, Name: gw.Name})
	}
	return ctrl.Result{}, client.IgnoreNotFound(err)
}
