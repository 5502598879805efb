package controllers

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/internal/engine"
	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
)

// correcting begins the message of InSync while drift is being put right.
const correcting = "putting right: "

// inSync says whether AWS is as the operator left it, and what was put right last.
func (c conditions) inSync(before *v1alpha1.PortkeyGatewayStatus, res *engine.Result, untold map[graph.NodeID]string, p *v1alpha1.Plan) {
	last := meta.FindStatusCondition(c.gw.Status.Conditions, v1alpha1.ConditionInSync)
	var told []string
	for _, node := range slices.Sorted(maps.Keys(untold)) {
		told = append(told, untold[node])
	}
	for _, n := range drifted(c.gw, before, res) {
		if untold[n.Node] == "" {
			told = append(told, drifting(n))
		}
	}
	if len(told) == 0 && last != nil && last.ObservedGeneration == c.gw.Generation && strings.HasPrefix(last.Message, correcting) {
		told = []string{strings.TrimPrefix(last.Message, correcting)}
	}
	what := strings.Join(told, "; ")
	worst := res.Worst(nil)
	switch {
	case p != nil && len(p.Changes) > 0:
		reason := v1alpha1.ReasonPlanPending
		if awaiting(c.gw) {
			reason = v1alpha1.ReasonPlanAwaitingApproval
		}
		c.set(v1alpha1.ConditionInSync, metav1.ConditionFalse, reason, p.Summary)
	case worst != nil && !rolloutFailed(worst) && !awaitsOthers(worst):
		message := explain(worst)
		if what != "" {
			message = correcting + what
		}
		c.set(v1alpha1.ConditionInSync, metav1.ConditionFalse, reasonOf(worst, everReady(before)), message)
	case what != "":
		c.set(v1alpha1.ConditionInSync, metav1.ConditionTrue, v1alpha1.ReasonDriftCorrected, what)
	case last != nil && last.Reason == v1alpha1.ReasonDriftCorrected && last.ObservedGeneration == c.gw.Generation:
		// What was put right last stays readable until something else happens.
	default:
		c.set(v1alpha1.ConditionInSync, metav1.ConditionTrue, v1alpha1.ReasonInSync, "AWS is as the operator left it")
	}
}

// corrected says what a walk has put right that was cut short: of what else it saw, nothing is known.
func (c conditions) corrected(before *v1alpha1.PortkeyGatewayStatus, res *engine.Result) {
	var told []string
	for _, n := range drifted(c.gw, before, res) {
		if n.Action != engine.None && n.Fault == nil {
			told = append(told, drifting(n))
		}
	}
	if len(told) > 0 && meta.IsStatusConditionTrue(c.gw.Status.Conditions, v1alpha1.ConditionInSync) {
		c.set(v1alpha1.ConditionInSync, metav1.ConditionTrue, v1alpha1.ReasonDriftCorrected, strings.Join(told, "; "))
	}
}

// drifting tells in one phrase how an object had drifted, and by whom it was changed where that is known.
func drifting(n *engine.NodeResult) string {
	what := string(n.Node) + " had been deleted"
	switch {
	case n.Action == engine.None:
		what = string(n.Node) + " is being deleted"
	case !n.Missing:
		what = fmt.Sprintf("%s differed in %s", n.Node, differences(n.Changes))
	}
	if n.By != "" {
		what += ", " + n.By
	}
	return what
}

// drifted lists what a walk put right that had been as the spec asks before, and what it found on its way out, to
// be made again when it is gone.
func drifted(gw *v1alpha1.PortkeyGateway, before *v1alpha1.PortkeyGatewayStatus, res *engine.Result) []*engine.NodeResult {
	// Only what had been whole for this very spec can have drifted.
	if r := meta.FindStatusCondition(before.Conditions, v1alpha1.ConditionReady); r == nil || r.Status != metav1.ConditionTrue && r.Reason != v1alpha1.ReasonAwaitingAcceptance || r.ObservedGeneration != gw.Generation {
		return nil
	}
	was := map[string]bool{}
	for _, r := range before.Resources {
		was[r.Node] = r.Phase == v1alpha1.ResourceReady
	}
	var out []*engine.NodeResult
	for i := range res.Nodes {
		n := &res.Nodes[i]
		leaving := n.Action == engine.None && n.Live.Phase == graph.Deleting && n.State == engine.Pending
		changed := n.Action != engine.None && n.Action != engine.Delete && !news(n, res) && !goesBack(gw, before, n)
		if was[string(n.Node)] && (leaving || changed) {
			out = append(out, n)
		}
	}
	return out
}

// news reports whether a node was changed for something new outside of the spec, which is no drift: itself, or
// a service for the revision that came of it.
func news(n *engine.NodeResult, res *engine.Result) bool {
	is := func(n *engine.NodeResult) bool {
		return n != nil && len(n.Changes) > 0 && !slices.ContainsFunc(n.Changes, func(c graph.Change) bool { return !c.News })
	}
	service, ok := strings.CutPrefix(string(n.Node), "service/")
	if ok && len(n.Changes) == 1 && n.Changes[0].Path == "taskDefinition" {
		return is(res.Node(graph.NodeID("task-definition/" + service)))
	}
	return is(n)
}

// goesBack reports whether a service was changed since somebody asked for an earlier revision, which it hadn't before.
func goesBack(gw *v1alpha1.PortkeyGateway, before *v1alpha1.PortkeyGatewayStatus, n *engine.NodeResult) bool {
	revision := held(gw)
	return n.Node == gatewayNode && revision != "" && !slices.ContainsFunc(before.Services, func(s v1alpha1.ServiceStatus) bool {
		return s.Name == v1alpha1.ServiceGateway && s.TaskDefinition == revision
	})
}

func differences(changes []graph.Change) string {
	var out []string
	for _, ch := range changes {
		out = append(out, fmt.Sprintf("%s (%s instead of %s)", ch.Path, quote(ch.Have), quote(ch.Want)))
	}
	return strings.Join(out, ", ")
}

// quoted bounds a value in a message: policies and user data are long.
const quoted = 60

func quote(s string) string {
	if s == "" {
		return "nothing"
	}
	if strings.HasPrefix(s, "arn:") {
		s = shortARN(s) // of two ARNs it is the end that differs
	}
	if len(s) > quoted {
		s = strings.ToValidUTF8(s[:quoted], "") + "…"
	}
	return fmt.Sprintf("%q", s)
}
