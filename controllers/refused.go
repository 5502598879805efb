package controllers

import (
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
)

// paused is the status of a gateway that the operator leaves alone.
func paused(gw *v1alpha1.PortkeyGateway, now time.Time) {
	c := conditions{gw, now}
	gw.Status.ObservedGeneration = gw.Generation
	c.clear(v1alpha1.ConditionReconciling)
	c.clear(v1alpha1.ConditionStalled)
	c.set(v1alpha1.ConditionReady, metav1.ConditionUnknown, v1alpha1.ReasonPaused, "managementPolicy is Paused: AWS is neither read nor written")
}

// passes reports whether a reason is one of what passes by itself.
func passes(reason string) bool {
	return reason == v1alpha1.ReasonRetrying || reason == v1alpha1.ReasonThrottled
}

// refuse is the status of a gateway for which nothing is written to AWS.
func refuse(gw *v1alpha1.PortkeyGateway, stop *refusal, now time.Time) {
	c := conditions{gw, now}
	gw.Status.ObservedGeneration = gw.Generation
	if stop.passing {
		// No news about the deployment: what was known stays.
		c.set(v1alpha1.ConditionReconciling, metav1.ConditionTrue, stop.reason, stop.message)
		for _, kind := range []string{v1alpha1.ConditionAccepted, v1alpha1.ConditionReady} {
			if known := meta.FindStatusCondition(gw.Status.Conditions, kind); known == nil || known.Status == metav1.ConditionUnknown && passes(known.Reason) {
				c.set(kind, metav1.ConditionUnknown, stop.reason, stop.message)
			}
		}
		return
	}
	c.clear(v1alpha1.ConditionReconciling)
	accepted := metav1.ConditionFalse
	if stop.reason == v1alpha1.ReasonAccessDenied { // the spec couldn't be checked
		accepted = metav1.ConditionUnknown
	}
	c.set(v1alpha1.ConditionAccepted, accepted, stop.reason, stop.message)
	c.set(v1alpha1.ConditionReady, metav1.ConditionFalse, stop.reason, stop.message)
	c.set(v1alpha1.ConditionStalled, metav1.ConditionTrue, stop.reason, stop.message)
}
