package desired

import (
	"slices"
	"strings"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
)

// A load balancer's type and scheme can't be changed. So they are part of the names and nodes of all that
// belongs to it: another type or scheme is another set beside the first, which goes when nothing uses it
// any more.

// variant is a combination of type and scheme.
type variant struct {
	// node ends the ids of nodes, short the names of objects, of which AWS allows 32 characters.
	node, short string
	// kind and scheme are AWS's words.
	kind, scheme string
}

var variants = []variant{
	{"network-internal", "nlb", "network", "internal"},
	{"network-internet-facing", "nlb-pub", "network", "internet-facing"},
	{"application-internal", "alb", "application", "internal"},
	{"application-internet-facing", "alb-pub", "application", "internet-facing"},
}

// variantOf is the variant of a resolved load balancer.
func variantOf(lb *v1alpha1.LoadBalancer) variant {
	i := 0
	if lb.Type == v1alpha1.LoadBalancerApplication {
		i += 2
	}
	if lb.Scheme == v1alpha1.LoadBalancerInternetFacing {
		i++
	}
	return variants[i]
}

// The kinds of nodes of which each variant has its own.
const (
	loadBalancerNode = "load-balancer/"
	targetGroupNode  = "target-group/"
	balancerGroup    = "security-group/load-balancer-"
	balancerRules    = "security-group-rules/load-balancer-"
)

// BalancerOf is the node of a resolved load balancer.
func BalancerOf(lb *v1alpha1.LoadBalancer) graph.NodeID {
	return graph.NodeID(loadBalancerNode + variantOf(lb).node)
}

// BalancerGroupOf is the node of its security group.
func BalancerGroupOf(lb *v1alpha1.LoadBalancer) graph.NodeID {
	return graph.NodeID(balancerGroup + variantOf(lb).node)
}

// Balancing tells the variant of a load balancer that a node belongs to; ok is false for other nodes.
func Balancing(node graph.NodeID) (name string, ok bool) {
	i := slices.IndexFunc(variants, func(v variant) bool {
		return strings.HasSuffix(string(node), "-"+v.node) || string(node) == loadBalancerNode+v.node
	})
	if i < 0 {
		return "", false
	}
	return variants[i].node, true
}

// IsTargetGroup reports whether a node is a target group of tasks.
func IsTargetGroup(node graph.NodeID) bool {
	return strings.HasPrefix(string(node), targetGroupNode) && !isLink(node)
}

// IsProduction reports whether a node is a listener or rule that production traffic comes by: its output "serving"
// says where it goes.
func IsProduction(node graph.NodeID) bool {
	id := string(node)
	return strings.HasPrefix(id, "listener/production-") || strings.HasPrefix(id, "listener-rule/") && !strings.Contains(id, testSuffix+"-")
}

// testSuffix marks the rules of the test listener.
const testSuffix = "-test"

// IsBalancerGroup reports whether a node is a load balancer's security group.
func IsBalancerGroup(node graph.NodeID) bool { return strings.HasPrefix(string(node), balancerGroup) }

// The ports of a load balancer.
const (
	plainPort, tlsPort         = 80, 443
	plainTestPort, tlsTestPort = 8080, 8443
)

// listenerPorts are the production and test ports of a load balancer.
func listenerPorts(lb *v1alpha1.LoadBalancer) (production, test int) {
	if lb.TLS() {
		return tlsPort, tlsTestPort
	}
	return plainPort, plainTestPort
}

// ProductionPort is where production traffic comes in.
func ProductionPort(lb *v1alpha1.LoadBalancer) int {
	production, _ := listenerPorts(lb)
	return production
}

// TestPort is where a revision that is being rolled out can be tried.
func TestPort(lb *v1alpha1.LoadBalancer) int {
	_, test := listenerPorts(lb)
	return test
}

// shifts reports whether rollouts shift traffic between two target groups now, toShift whether the spec asks for that.
func (b *builder) shifts() bool { return b.toShift() && !b.handsOver() }

func (b *builder) toShift() bool { return b.spec.Gateway.Rollout.Strategy != v1alpha1.RolloutRolling }
