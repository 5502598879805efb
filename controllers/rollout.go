package controllers

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/internal/engine"
	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
	"github.com/portkey-ai/portkey-ecs-operator/internal/kinds"
)

// describeRollout writes the gateway's rollout: the one under way, or the last one where it failed; those
// of the past; and all in a few words. The image is what served before, where that is known.
func describeRollout(gw *v1alpha1.PortkeyGateway, res *engine.Result, facts *kinds.ServiceFacts, before string, now time.Time) {
	n := res.Node(gatewayNode)
	st := &gw.Status
	if facts.History != nil {
		st.History = history(facts.History)
	}
	st.Rollout = rolloutStatus(st.Rollout, n, facts, now)
	if r := st.Rollout; r != nil {
		r.FromImage, r.ToImage = cmp.Or(imageOfRevision(gw, r.FromRevision), r.FromImage), cmp.Or(imageOfRevision(gw, r.ToRevision), r.ToImage)
		if r.FromImage == "" && r.FromRevision != "" && !rolloutFailed(n) {
			r.FromImage = before
		}
		if td := res.Node(graph.NodeID("task-definition/" + v1alpha1.ServiceGateway)); td != nil && !foreseen(res, td) && r.ToRevision != "" && shortARN(td.Live.Out["arn"]) == r.ToRevision {
			r.ToImage = images(gw.Resolved())[v1alpha1.ServiceGateway]
		}
	}
	st.RolloutSummary = summarize(st.Rollout, n, facts)
}

// rolloutStatus is the rollout under way, or the last one where it failed.
func rolloutStatus(last *v1alpha1.RolloutStatus, n *engine.NodeResult, facts *kinds.ServiceFacts, now time.Time) *v1alpha1.RolloutStatus {
	d := facts.Deployment
	switch {
	case facts.Deploying || rolloutFailed(n):
		r := &v1alpha1.RolloutStatus{
			ID: d.ID, Strategy: strategies[d.Strategy], Stage: camel(d.Stage), FromRevision: shortARN(d.Previous), ToRevision: shortARN(d.Revision),
			StartedAt: timeOrNil(d.Started), Reason: shorten(n.Why),
		}
		if percent := d.TrafficPercent; percent != nil {
			r.TrafficPercent = ptr.To(int32(math.Round(*percent)))
		}
		if last != nil && last.ID == r.ID { // what was known of it, and is no longer seen
			r.FromRevision = cmp.Or(r.FromRevision, last.FromRevision)
			r.FromImage, r.ToImage = last.FromImage, last.ToImage
		}
		r.Awaiting = awaited(d.Awaiting, last, now)
		return r
	case n.Live.Phase == graph.Ready:
		return nil
	default:
		return last
	}
}

// awaited is the pause that a rollout waits at; since it was first seen.
func awaited(p *kinds.AwaitedPause, last *v1alpha1.RolloutStatus, now time.Time) *v1alpha1.AwaitedHook {
	if p == nil {
		return nil
	}
	out := &v1alpha1.AwaitedHook{HookID: p.ID, Stage: camel(p.Stage), Since: &metav1.Time{Time: now}, Until: timeOrNil(p.Until), OnTimeout: v1alpha1.TimeoutContinue}
	if p.Rollback {
		out.OnTimeout = v1alpha1.TimeoutRollback
	}
	if last != nil && last.Awaiting != nil && last.Awaiting.HookID == p.ID {
		out.Since = last.Awaiting.Since
	}
	return out
}

// serving is the image that production is served by: during a rollout that of before, until all traffic has moved.
func serving(r *v1alpha1.RolloutStatus, facts *kinds.ServiceFacts, image string) string {
	if r == nil || !facts.Deploying || r.FromImage == "" || carries(facts) {
		return image
	}
	return r.FromImage
}

// outcomes are our names of how deployments end.
var outcomes = map[kinds.Outcome]v1alpha1.RolloutOutcome{
	kinds.Succeeded: v1alpha1.RolloutSucceeded, kinds.RolledBack: v1alpha1.RolloutRolledBack, kinds.Failed: v1alpha1.RolloutFailed, kinds.Superseded: v1alpha1.RolloutSuperseded,
}

func history(past []kinds.PastDeployment) []v1alpha1.RolloutRecord {
	out := make([]v1alpha1.RolloutRecord, 0, len(past))
	for i := range past {
		p := &past[i]
		out = append(out, v1alpha1.RolloutRecord{
			ID: p.ID, Revision: shortARN(p.Revision), Image: plainImage(p.Image), Strategy: strategies[p.Strategy], Outcome: outcomes[p.Outcome],
			StartedAt: timeOrNil(p.Started), FinishedAt: timeOrNil(p.Finished), Reason: shorten(p.Reason),
		})
	}
	return out
}

// plainImage is an image as people write it: without the host that Docker Hub has for ECS.
func plainImage(image string) string { return strings.TrimPrefix(image, "docker.io/") }

// imageOfRevision is the image of a revision that was rolled out before.
func imageOfRevision(gw *v1alpha1.PortkeyGateway, revision string) string {
	i := slices.IndexFunc(gw.Status.History, func(r v1alpha1.RolloutRecord) bool { return r.Revision == revision && revision != "" })
	if i < 0 {
		return ""
	}
	return gw.Status.History[i].Image
}

// phase is the reason that tells how far the deployment under way is.
func phase(facts *kinds.ServiceFacts) string {
	switch {
	case facts.Deployment.Awaiting != nil:
		return v1alpha1.ReasonAwaitingApproval
	case facts.Deployment.Stage == "BAKE_TIME":
		return v1alpha1.ReasonBaking
	default:
		return v1alpha1.ReasonProgressing
	}
}

// summarize tells the rollout in a few words: a column of kubectl get.
func summarize(r *v1alpha1.RolloutStatus, n *engine.NodeResult, facts *kinds.ServiceFacts) string {
	d := facts.Deployment
	switch {
	case rolloutFailed(n) && facts.Deploying:
		return "RollingBack"
	case rolloutFailed(n):
		return reasonOf(n, true)
	case !facts.Deploying || r == nil:
		return "Complete"
	case d.Stage == "":
		return fmt.Sprintf("%s %d/%d", r.Strategy, d.Running, d.Desired)
	}
	words := []string{string(r.Strategy)}
	if r.TrafficPercent != nil {
		words = append(words, fmt.Sprintf("%d%%", *r.TrafficPercent))
	}
	switch reason := phase(facts); {
	case reason != v1alpha1.ReasonProgressing:
		words = append(words, reason)
	case r.TrafficPercent == nil || r.Stage != string(v1alpha1.StageProductionTrafficShift):
		words = append(words, r.Stage)
	}
	return strings.Join(words, " ")
}
