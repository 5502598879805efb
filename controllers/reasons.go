package controllers

import (
	"fmt"
	"slices"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/internal/engine"
	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
	"github.com/portkey-ai/portkey-ecs-operator/internal/kinds"
)

// reasonOf is the documented reason of a node that isn't ready.
func reasonOf(n *engine.NodeResult, ever bool) string {
	underway := v1alpha1.ReasonCreating
	if ever {
		underway = v1alpha1.ReasonProgressing
	}
	switch {
	case rolloutFailed(n) && n.Live.Reason == kinds.ReasonRolledBack:
		return v1alpha1.ReasonRolledBack
	case rolloutFailed(n):
		return v1alpha1.ReasonFailed
	}
	if n.Fault != nil && n.Fault.Class == graph.Conflict {
		return faultReason(n) // the engine's word for a foreign object, but not the same thing
	}
	switch n.Reason {
	case engine.ReasonConflict, engine.ReasonReplacementRequired, engine.ReasonBlocked, engine.ReasonNotVisibleYet:
		return n.Reason
	case kinds.ReasonAwaitingDNSValidation:
		if n.State == engine.Pending {
			return v1alpha1.ReasonAwaitingDNSValidation
		}
	case engine.ReasonDeletionBlocked:
		if n.State == engine.Pending { // what is in the way may be going by itself
			return v1alpha1.ReasonWaiting
		}
		return n.Reason
	case engine.ReasonWaiting:
		return underway
	}
	if n.Fault != nil {
		return faultReason(n)
	}
	if slices.Contains(connection, n.Live.Reason) && n.State != engine.Ready {
		return n.Live.Reason
	}
	if n.Live.Phase == graph.Broken {
		return v1alpha1.ReasonBroken
	}
	if f, ok := factsOf[*kinds.ServiceFacts](n); ok && f.Deploying {
		if at := phase(f); at != v1alpha1.ReasonProgressing {
			return at
		}
	}
	return underway
}

func faultReason(n *engine.NodeResult) string {
	switch n.Fault.Class {
	case graph.Denied:
		return v1alpha1.ReasonAccessDenied
	case graph.Quota:
		return v1alpha1.ReasonQuotaExceeded
	case graph.Invalid:
		return v1alpha1.ReasonInvalid
	case graph.Throttled:
		return v1alpha1.ReasonThrottled
	case graph.Conflict:
		if n.State == engine.Stalled {
			return v1alpha1.ReasonConflict
		}
		return v1alpha1.ReasonWaiting
	case graph.InUse:
		if n.State == engine.Stalled {
			return v1alpha1.ReasonInUse
		}
		return v1alpha1.ReasonWaiting
	case graph.NotYet, graph.NotFound:
		if n.State == engine.Pending {
			return v1alpha1.ReasonWaiting
		}
		return v1alpha1.ReasonRetrying
	default:
		return v1alpha1.ReasonRetrying
	}
}

func explain(n *engine.NodeResult) string {
	if n.Why == "" {
		return string(n.Node) + " is on its way"
	}
	return fmt.Sprintf("%s: %s", n.Node, n.Why)
}
