package controllers

import (
	"context"
	"fmt"
	"strings"

	"github.com/go-logr/logr"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/internal/engine"
	"github.com/portkey-ai/portkey-ecs-operator/internal/kinds"
)

// Events say what happened: objects made, changed and deleted by a walk, one event for each sort;
// drift put right, one for each object; and the summary's transitions.
const (
	eventCreated = "Created"
	eventUpdated = "Updated"
	eventDeleted = "Deleted"
	eventDrift   = "DriftCorrected"
)

// maxNote is the API server's bound for an event's note.
const maxNote = 1000

// tell records events for what a walk did and for the transitions of the summary.
func (r *PortkeyGatewayReconciler) tell(ctx context.Context, gw *v1alpha1.PortkeyGateway, before *v1alpha1.PortkeyGatewayStatus, res *engine.Result) {
	if res != nil && res.Mode != engine.Plan {
		r.tellActions(ctx, gw, before, res)
	}
	was, is := meta.FindStatusCondition(before.Conditions, v1alpha1.ConditionReady), meta.FindStatusCondition(gw.Status.Conditions, v1alpha1.ConditionReady)
	if is == nil || was != nil && was.Status == is.Status && was.Reason == is.Reason {
		return
	}
	kind := corev1.EventTypeNormal
	if is.Status != metav1.ConditionTrue && meta.IsStatusConditionTrue(gw.Status.Conditions, v1alpha1.ConditionStalled) {
		kind = corev1.EventTypeWarning
	}
	r.Events.Eventf(gw, nil, kind, is.Reason, "Reconcile", "%s", note(is.Message))
}

func (r *PortkeyGatewayReconciler) tellActions(ctx context.Context, gw *v1alpha1.PortkeyGateway, before *v1alpha1.PortkeyGatewayStatus, res *engine.Result) {
	logger := log.FromContext(ctx)
	gone, told := drifted(gw, before, res), r.sessions.of(gw).told(gw)
	for _, n := range gone {
		if told[n.Node] != "" {
			continue // by a walk that couldn't record it
		}
		what, put := drifting(n), "put right"
		if n.Action == engine.None {
			put = "it is made again when it is gone"
		} else if n.Fault == nil {
			countDrift(n)
		}
		logger.Info("Found what was changed in AWS", "what", what, "now", put)
		r.Events.Eventf(gw, nil, corev1.EventTypeWarning, eventDrift, "Reconcile", "%s; %s", note(what), put)
	}
	done := map[engine.Action][]string{}
	for i := range res.Nodes {
		n := &res.Nodes[i]
		if n.Action == engine.None || n.Fault != nil {
			continue
		}
		what := string(n.Node)
		if n.Action == engine.Update && len(n.Changes) > 0 {
			var paths []string
			for _, ch := range n.Changes {
				paths = append(paths, ch.Path)
			}
			what += " (" + strings.Join(paths, ", ") + ")"
		}
		if lost := interrupts(n); lost.Severity == kinds.Data {
			what += ": " + lost.Text
		}
		done[n.Action] = append(done[n.Action], what)
	}
	for _, e := range []struct {
		action engine.Action
		reason string
	}{{engine.Create, eventCreated}, {engine.Update, eventUpdated}, {engine.Replace, eventUpdated}, {engine.Delete, eventDeleted}} {
		nodes := done[e.action]
		if len(nodes) == 0 {
			continue
		}
		logger.Info(e.reason, "objects", nodes)
		if len(gone) == 0 { // what drift brought about is told already
			r.Events.Eventf(gw, nil, corev1.EventTypeNormal, e.reason, "Reconcile", "%s", note(list(nodes)))
		}
	}
}

func list(nodes []string) string {
	if len(nodes) == 1 {
		return nodes[0]
	}
	return fmt.Sprintf("%d objects: %s", len(nodes), strings.Join(nodes, ", "))
}

func note(s string) string {
	if len(s) > maxNote {
		return strings.ToValidUTF8(s[:maxNote-4], "") + "…"
	}
	return s
}

// logTransitions logs conditions that changed their status or reason, and nothing else.
func logTransitions(logger logr.Logger, before, after *v1alpha1.PortkeyGateway) {
	for _, c := range after.Status.Conditions {
		was := meta.FindStatusCondition(before.Status.Conditions, c.Type)
		if was == nil || was.Status != c.Status || was.Reason != c.Reason {
			logger.Info("Condition changed", "type", c.Type, "status", c.Status, "reason", c.Reason, "message", c.Message)
		}
	}
}
