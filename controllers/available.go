package controllers

import (
	"fmt"
	"strings"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/internal/desired"
	"github.com/portkey-ai/portkey-ecs-operator/internal/engine"
	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
	"github.com/portkey-ai/portkey-ecs-operator/internal/kinds"
)

// available says whether healthy tasks serve, whatever else goes on.
func (c conditions) available(res *engine.Result) {
	n := res.Node("service/gateway")
	facts, _ := factsOf[*kinds.ServiceFacts](n)
	last := meta.FindStatusCondition(c.gw.Status.Conditions, v1alpha1.ConditionAvailable)
	served := last != nil && last.Status == metav1.ConditionTrue
	if facts == nil && unread(n) && served {
		return // a new manager that can't read yet has no news
	}
	if facts == nil {
		c.set(v1alpha1.ConditionAvailable, metav1.ConditionFalse, v1alpha1.ReasonNotServing, "the gateway service doesn't exist yet")
		return
	}
	if facts.Running == 0 {
		c.set(v1alpha1.ConditionAvailable, metav1.ConditionFalse, v1alpha1.ReasonNotServing, fmt.Sprintf("none of %d gateway tasks runs", facts.Desired))
		return
	}
	if c.gw.Spec.LoadBalancer != nil && facts.Balanced && !c.introduced(n, facts, res) {
		health := targetHealth(res)
		// Once ECS has completed a deployment, or moved all traffic in the first one, targets were healthy; until
		// they are asked again that stands.
		if health.Healthy == 0 && (health.Total > 0 || n.Live.Out["deployed"] == "" && !carries(facts)) {
			c.set(v1alpha1.ConditionAvailable, metav1.ConditionFalse, v1alpha1.ReasonNotServing, "no gateway task is healthy behind the load balancer")
			return
		}
		balancer := res.Node(desired.BalancerOf(c.gw.Resolved().LoadBalancer))
		if unread(balancer) && served {
			return
		}
		if balancer == nil || balancer.Live.Phase != graph.Ready {
			c.set(v1alpha1.ConditionAvailable, metav1.ConditionFalse, v1alpha1.ReasonNotServing, "the load balancer isn't active yet")
			return
		}
		if astray := c.astray(facts, res); astray != "" {
			c.set(v1alpha1.ConditionAvailable, metav1.ConditionFalse, v1alpha1.ReasonNotServing, astray)
			return
		}
	}
	c.set(v1alpha1.ConditionAvailable, metav1.ConditionTrue, v1alpha1.ReasonServing, fmt.Sprintf("%d of %d gateway tasks run", facts.Running, facts.Desired))
}

// unread reports whether an object couldn't be read, and hasn't been by this process.
func unread(n *engine.NodeResult) bool { return n != nil && n.Fault != nil && n.Live.Phase == "" }

// strayed begins the message of Available while production goes where nothing is.
const strayed = "production traffic goes to "

// astray says that production goes to a target group in which no task is healthy, though one is in another. Which of
// a pair serves is ECS's while it deploys; afterwards it is as ECS left it, unless somebody moved it by hand. Only
// what a walk has just read counts, and until it is read again that stands; and only the load balancer that the spec
// asks for: the tasks have left one that goes.
func (c conditions) astray(facts *kinds.ServiceFacts, res *engine.Result) string {
	if facts.Deploying {
		return ""
	}
	wanted, _ := desired.Balancing(desired.BalancerOf(c.gw.Resolved().LoadBalancer))
	groups := map[string]*engine.NodeResult{}
	for i := range res.Nodes {
		if n := &res.Nodes[i]; desired.IsTargetGroup(n.Node) {
			groups[n.Live.Out["arn"]] = n
		}
	}
	waits := false
	for i := range res.Nodes {
		n := &res.Nodes[i]
		group := groups[n.Live.Out["serving"]]
		if variant, _ := desired.Balancing(n.Node); !desired.IsProduction(n.Node) || variant != wanted || group == nil {
			continue
		}
		health, ok := factsOf[*kinds.TargetHealth](group)
		if !n.Fresh || !group.Fresh || !ok {
			waits = true
			continue
		}
		if health.Healthy == 0 {
			return fmt.Sprintf("%s%s by %s, and no task is healthy there", strayed, group.Node, n.Node)
		}
	}
	if last := meta.FindStatusCondition(c.gw.Status.Conditions, v1alpha1.ConditionAvailable); waits && last != nil && strings.HasPrefix(last.Message, strayed) {
		return last.Message
	}
	return ""
}

// carries reports whether the deployment under way has all of production's traffic, which ECS gives only to
// tasks that are healthy.
func carries(facts *kinds.ServiceFacts) bool {
	p := facts.Deployment.TrafficPercent
	return facts.Deploying && p != nil && *p >= 100
}

// introduced reports whether a load balancer is being added to a gateway that serves without, or behind another: the
// tasks of before aren't behind it, and go on serving until those that are replace them.
func (c conditions) introduced(n *engine.NodeResult, facts *kinds.ServiceFacts, res *engine.Result) bool {
	if !meta.IsStatusConditionTrue(c.gw.Status.Conditions, v1alpha1.ConditionAvailable) {
		return false
	}
	wanted, _ := desired.Balancing(desired.BalancerOf(c.gw.Resolved().LoadBalancer))
	replaced := facts.Deploying && facts.Deployment.Previous != "" && facts.Running > targetHealth(res).Total
	return replaced || !facts.Deploying && n.Live.Out[kinds.Behind(wanted)] == "" && len(formerBalancers(c.gw)) > 0
}

// targetHealth adds up how the gateway's targets were last seen.
func targetHealth(res *engine.Result) kinds.TargetHealth {
	var out kinds.TargetHealth
	for i := range res.Nodes {
		if !desired.IsTargetGroup(res.Nodes[i].Node) {
			continue
		}
		if h, ok := factsOf[*kinds.TargetHealth](&res.Nodes[i]); ok {
			out.Healthy, out.Total = out.Healthy+h.Healthy, out.Total+h.Total
		}
	}
	return out
}
