package controllers

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/internal/engine"
	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
	"github.com/portkey-ai/portkey-ecs-operator/internal/kinds"
)

// areas are the conditions that stand for a group of nodes.
var areas = []string{
	v1alpha1.ConditionNetworkReady, v1alpha1.ConditionIdentityReady, v1alpha1.ConditionCapacityReady,
	v1alpha1.ConditionCacheReady, v1alpha1.ConditionRoutingReady, v1alpha1.ConditionServicesReady,
	v1alpha1.ConditionControlPlaneReady,
}

// conclude derives the conditions from a walk, and from the drift that earlier ones have put right without a record. It
// is a pure function of what it is given.
func conclude(gw *v1alpha1.PortkeyGateway, before *v1alpha1.PortkeyGatewayStatus, res *engine.Result, untold map[graph.NodeID]string, now time.Time) {
	gw.Status.ObservedGeneration = gw.Generation
	c := conditions{gw, now}
	ever := everReady(before)
	blame(gw, res)
	p := c.plan(res)
	c.set(v1alpha1.ConditionAccepted, metav1.ConditionTrue, v1alpha1.ReasonAccepted, "nothing in AWS speaks against the spec")
	for _, area := range areas {
		c.area(area, res, ever)
	}
	c.inbound(res)
	c.available(res)
	c.rollout(res)
	c.inSync(before, res, untold, p)
	c.ready(res, p, ever)
}

// plan writes a plan into status, and answers it. One that was approved stays until it is done.
func (c conditions) plan(res *engine.Result) *v1alpha1.Plan {
	st := &c.gw.Status
	if res.Mode == engine.Plan {
		p := planOf(res)
		st.Plan = bounded(p)
		return p
	}
	if a := st.Approval; a == nil || a.Generation != c.gw.Generation || res.Done() {
		st.Plan = nil
	}
	return nil
}

// warn tells with Accepted what may go wrong with a spec that nothing forbids.
func warn(gw *v1alpha1.PortkeyGateway, warnings []string, now time.Time) {
	warnings = slices.DeleteFunc(warnings, func(s string) bool { return s == "" })
	if len(warnings) > 0 {
		conditions{gw, now}.set(v1alpha1.ConditionAccepted, metav1.ConditionTrue, v1alpha1.ReasonAccepted, "nothing in AWS speaks against the spec, but: "+strings.Join(warnings, "; "))
	}
}

// heartbeat is how old status.lastSyncTime may become while nothing else changes: writing the whole
// status at every sync for one time would make a fleet's syncs a load on etcd.
const heartbeat = time.Hour

// stamp notes that everything was compared to the end, and is called when all else is in status.
func stamp(gw *v1alpha1.PortkeyGateway, before *v1alpha1.PortkeyGatewayStatus, now time.Time) {
	last := before.LastSyncTime
	if last != nil && now.Sub(last.Time) < heartbeat && same(*before, gw.Status) {
		return
	}
	gw.Status.LastSyncTime = &metav1.Time{Time: now}
}

// conditions writes conditions of a gateway.
type conditions struct {
	gw  *v1alpha1.PortkeyGateway
	now time.Time
}

func (c conditions) set(kind string, status metav1.ConditionStatus, reason, message string) {
	meta.SetStatusCondition(&c.gw.Status.Conditions, metav1.Condition{
		Type: kind, Status: status, Reason: reason, Message: shorten(message), ObservedGeneration: c.gw.Generation, LastTransitionTime: metav1.Time{Time: c.now},
	})
}

func (c conditions) clear(kind string) { meta.RemoveStatusCondition(&c.gw.Status.Conditions, kind) }

// area sets the condition of a group of nodes: that of its worst one.
func (c conditions) area(area string, res *engine.Result, ever bool) {
	total, ready := count(res, area)
	if total == 0 {
		c.set(area, metav1.ConditionTrue, v1alpha1.ReasonNotNeeded, "the spec asks for nothing of the kind")
		return
	}
	worst := res.Worst(func(n *engine.NodeResult) bool { return n.Area == area })
	if worst == nil {
		c.set(area, metav1.ConditionTrue, v1alpha1.ReasonReconciled, fmt.Sprintf("all %d objects are as the spec asks", total))
		return
	}
	c.set(area, metav1.ConditionFalse, reasonOf(worst, ever), fmt.Sprintf("%d of %d objects ready; %s", ready, total, explain(worst)))
}

func count(res *engine.Result, area string) (total, ready int) {
	for i := range res.Nodes {
		n := &res.Nodes[i]
		if area != "" && n.Area != area || n.State == engine.Gone {
			continue
		}
		total++
		if n.State == engine.Ready {
			ready++
		}
	}
	return total, ready
}

// blame puts the image that failed into what is said of a failed rollout, and whether the secrets were all that
// was new: then tasks that start later fail like those, since all of them read the present versions.
func blame(gw *v1alpha1.PortkeyGateway, res *engine.Result) {
	for name, image := range images(gw.Resolved()) {
		n := res.Node(graph.NodeID("service/" + name))
		if !rolloutFailed(n) {
			continue
		}
		td := res.Node(graph.NodeID("task-definition/" + name))
		if f, ok := factsOf[*kinds.ServiceFacts](n); ok && td != nil && td.Live.Out["arn"] != "" && f.Deployment.Revision != "" && f.Deployment.Revision != td.Live.Out["arn"] {
			image = cmp.Or(imageOfRevision(gw, shortARN(f.Deployment.Revision)), shortARN(f.Deployment.Revision)) // one of before
		}
		n.Why = image + ": " + n.Why
		if f, ok := factsOf[*kinds.RevisionFacts](td); ok && f.ForSecrets {
			n.Why = "with the new version of a secret, which all tasks that start from now on read too: put its value right. " + n.Why
		}
	}
}

// rollout says how the gateway's newest revision fares.
func (c conditions) rollout(res *engine.Result) {
	n := res.Node("service/gateway")
	facts, ok := factsOf[*kinds.ServiceFacts](n)
	switch {
	case !ok:
		c.set(v1alpha1.ConditionRolloutHealthy, metav1.ConditionUnknown, v1alpha1.ReasonNotObserved, "the gateway service doesn't exist yet")
	case rolloutFailed(n):
		c.set(v1alpha1.ConditionRolloutHealthy, metav1.ConditionFalse, reasonOf(n, true), n.Why)
	case facts.Deploying:
		c.set(v1alpha1.ConditionRolloutHealthy, metav1.ConditionTrue, phase(facts), n.Live.Why)
	default:
		c.set(v1alpha1.ConditionRolloutHealthy, metav1.ConditionTrue, v1alpha1.ReasonRolloutComplete, "the newest revision is in service")
	}
}

// rolloutFailed reports whether what is wanted of a service was tried and failed. While something it needs isn't
// there yet, it wasn't tried: what failed was wanted before.
func rolloutFailed(n *engine.NodeResult) bool {
	return n != nil && n.Reason != engine.ReasonWaiting && (n.Live.Reason == kinds.ReasonRolledBack || n.Live.Reason == kinds.ReasonFailed)
}

// ready sets the summary: Ready, and Reconciling or Stalled where it isn't.
func (c conditions) ready(res *engine.Result, p *v1alpha1.Plan, ever bool) {
	waits := res.Mode == engine.Plan && awaiting(c.gw)
	worst := res.Worst(nil)
	for _, name := range []string{v1alpha1.ServiceGateway, v1alpha1.ServiceDataService, v1alpha1.ServiceRedis} {
		// What waits for a service whose rollout failed waits for ever: that isn't what is in the way.
		if n := res.Node(graph.NodeID("service/" + name)); rolloutFailed(n) {
			worst = n
			break
		}
	}
	total, ready := count(res, "")
	switch {
	case p != nil && len(p.Changes) > 0 && p.Hash != "" && waits:
		message := proposal(c.gw, p)
		c.clear(v1alpha1.ConditionStalled)
		c.set(v1alpha1.ConditionReconciling, metav1.ConditionTrue, v1alpha1.ReasonPlanAwaitingApproval, message)
		c.set(v1alpha1.ConditionReady, metav1.ConditionFalse, v1alpha1.ReasonPlanAwaitingApproval, message)
	case p != nil && len(p.Changes) > 0 && !waits:
		c.clear(v1alpha1.ConditionReconciling)
		c.clear(v1alpha1.ConditionStalled)
		c.set(v1alpha1.ConditionReady, metav1.ConditionFalse, v1alpha1.ReasonPlanPending, p.Summary+"; set managementPolicy to Reconcile to have it done")
	case worst == nil && p != nil && p.Hash == "":
		c.set(v1alpha1.ConditionReady, metav1.ConditionUnknown, v1alpha1.ReasonRetrying, "the plan isn't complete: "+strings.Join(p.Problems, "; "))
	case worst == nil:
		reason := v1alpha1.ReasonReconciled
		if res.Mode == engine.Plan {
			reason = v1alpha1.ReasonObserving
		}
		c.clear(v1alpha1.ConditionReconciling)
		c.clear(v1alpha1.ConditionStalled)
		c.set(v1alpha1.ConditionReady, metav1.ConditionTrue, reason, fmt.Sprintf("all %d objects are as the spec asks", total))
	default:
		reason, message := reasonOf(worst, ever), fmt.Sprintf("%d of %d objects ready; %s", ready, total, explain(worst))
		c.set(v1alpha1.ConditionReady, metav1.ConditionFalse, reason, message)
		if stalls(worst, reason) {
			c.clear(v1alpha1.ConditionReconciling)
			c.set(v1alpha1.ConditionStalled, metav1.ConditionTrue, reason, message)
		} else {
			c.clear(v1alpha1.ConditionStalled)
			c.set(v1alpha1.ConditionReconciling, metav1.ConditionTrue, reason, message)
		}
	}
}

// stalls reports whether somebody has to do something.
func stalls(n *engine.NodeResult, reason string) bool {
	return n.State == engine.Stalled || rolloutFailed(n) || slices.Contains([]string{v1alpha1.ReasonAccessDenied, v1alpha1.ReasonBroken, v1alpha1.ReasonQuotaExceeded, v1alpha1.ReasonInvalid,
		v1alpha1.ReasonConnectionRejected, v1alpha1.ReasonConnectionExpired, v1alpha1.ReasonConnectionFailed}, reason)
}

// everReady reports whether the deployment has been whole before.
func everReady(s *v1alpha1.PortkeyGatewayStatus) bool { return s.LastSyncTime != nil }

func factsOf[T any](n *engine.NodeResult) (T, bool) {
	var zero T
	if n == nil {
		return zero, false
	}
	f, ok := n.Live.Facts.(T)
	return f, ok
}

// maxMessage keeps messages well inside the API server's bound of 32768 and status readable.
const maxMessage = 1000

func shorten(s string) string {
	if len(s) > maxMessage {
		return strings.ToValidUTF8(s[:maxMessage], "") + "…"
	}
	return s
}

// same compares statuses without regard to how conditions are ordered or times are represented.
func same(a, b v1alpha1.PortkeyGatewayStatus) bool { return equality.Semantic.DeepEqual(a, b) }
