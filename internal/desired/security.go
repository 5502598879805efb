package desired

import (
	"slices"
	"strings"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
	"github.com/portkey-ai/portkey-ecs-operator/internal/kinds"
)

// securityGroups are the groups by role. Users take a group from its rule set, which publishes it
// when the rules stand: nothing starts behind a door that isn't open yet, and the door outlives it.
type securityGroups struct {
	instances, gateway, dataService, redis, cache, loadBalancer, link, probe, controlPlane graph.Value
}

const redisPort = 6379

func (b *builder) securityGroups(net network) securityGroups {
	var groups []graph.Ref
	var sets []*graph.Node
	group := func(area, role, description string) graph.Value {
		n := add(b, area, graph.NodeID("security-group/"+role), b.name(role), kinds.SecurityGroup{}, kinds.SecurityGroupSpec{VPC: net.vpc, Description: description})
		groups = append(groups, graph.Ref{Node: n.ID, Attr: "id"})
		return graph.Out(n.ID, "id")
	}
	ruleSet := func(area, role string, group graph.Value, egress []kinds.Rule, ingress ...kinds.Rule) graph.Value {
		n := add(b, area, graph.NodeID("security-group-rules/"+role), "", kinds.SecurityGroupRules{}, kinds.SecurityGroupRulesSpec{
			Group: group, Ingress: ingress, Egress: egress,
		})
		sets = append(sets, n)
		return graph.Out(n.ID, "id")
	}
	rules := func(area, role string, group graph.Value, ingress ...kinds.Rule) graph.Value {
		return ruleSet(area, role, group, []kinds.Rule{{Protocol: "-1", CIDR: graph.Lit(anywhere)}}, ingress...)
	}
	tcp := func(port int, source, cidr graph.Value, why string) kinds.Rule {
		return kinds.Rule{Protocol: "tcp", FromPort: port, ToPort: port, Source: source, CIDR: cidr, Description: why}
	}
	none := graph.Value{}

	gateway := group(v1alpha1.ConditionServicesReady, "gateway", "Portkey gateway tasks")
	toRedis := []kinds.Rule{tcp(redisPort, gateway, none, "Redis from the gateway")}
	toControlPlane := []kinds.Rule{tcp(tlsPort, gateway, none, "Control plane from the gateway")}
	var toGateway []kinds.Rule
	var out securityGroups
	if b.spec.Capacity.EC2 != nil {
		out.instances = rules(v1alpha1.ConditionCapacityReady, "instances", group(v1alpha1.ConditionCapacityReady, "instances", "ECS container instances"))
	}
	if b.spec.DataService != nil {
		data := group(v1alpha1.ConditionServicesReady, "data-service", "Portkey data service tasks")
		out.dataService = rules(v1alpha1.ConditionServicesReady, "data-service", data,
			tcp(v1alpha1.DataServicePort, gateway, none, "Data service from the gateway"))
		toRedis = append(toRedis, tcp(redisPort, data, none, "Redis from the data service"))
		toControlPlane = append(toControlPlane, tcp(tlsPort, data, none, "Control plane from the data service"))
		toGateway = append(toGateway, tcp(b.ports()[0].Port, data, none, "Gateway from the data service"))
	}
	if b.spec.Cache.BuiltIn != nil {
		redis := group(v1alpha1.ConditionCacheReady, "redis", "Redis task")
		out.redis = rules(v1alpha1.ConditionCacheReady, "redis", redis, toRedis...)
	}
	if e := b.spec.Cache.ElastiCache; e != nil && (e.Managed != nil || e.Serverless != nil) {
		out.cache = rules(v1alpha1.ConditionCacheReady, "cache", group(v1alpha1.ConditionCacheReady, "cache", "Portkey cache"), toRedis...)
	}
	if b.spec.ControlPlane.Outbound.PrivateLink != nil {
		const area, role = v1alpha1.ConditionControlPlaneReady, "control-plane"
		out.controlPlane = rules(area, role, group(area, role, "Endpoint of the Portkey control plane"), toControlPlane...)
	}
	fromBalancer := func(group graph.Value) {
		for _, port := range b.gatewayPorts() {
			toGateway = append(toGateway, tcp(port, group, none, "Gateway from the load balancer"))
		}
	}
	if lb := b.spec.LoadBalancer; lb != nil {
		// Each variant has its own group: who may connect to one isn't who may to another.
		role := strings.TrimPrefix(string(BalancerGroupOf(lb)), "security-group/")
		balancer := group(v1alpha1.ConditionRoutingReady, role, "Portkey load balancer")
		cidrs := lb.AllowedCIDRs
		if len(cidrs) == 0 && lb.Scheme == v1alpha1.LoadBalancerInternal {
			cidrs = net.cidrs
		}
		_, test := listenerPorts(lb)
		var in []kinds.Rule
		serving := b.productionPorts(lb)
		fromAll := func(source, cidr graph.Value, why string) (rules []kinds.Rule) {
			for _, port := range serving {
				rules = append(rules, tcp(port, source, cidr, why))
			}
			return rules
		}
		for _, c := range cidrs {
			in = append(in, fromAll(none, graph.Lit(c), "Clients of the gateway")...)
			if b.shifts() {
				in = append(in, tcp(test, none, graph.Lit(c), "Clients that try a new revision"))
			}
		}
		for _, c := range b.allowList() {
			if !slices.Contains(cidrs, c) { // a second rule for the same range is refused
				in = append(in, fromAll(none, graph.Lit(c), "Control plane of Portkey")...)
			}
		}
		if b.fronted() {
			role := strings.TrimPrefix(string(LinkGroupOf(lb)), "security-group/")
			link := group(controlPlaneArea, role, "Portkey control plane by PrivateLink")
			out.link = ruleSet(controlPlaneArea, role, link, fromAll(balancer, none, "Application Load Balancer"))
			in = append(in, fromAll(link, none, "Control plane of Portkey by PrivateLink")...)
		}
		if b.probe() != nil {
			// A load balancer's name leads to private addresses or, of an internet-facing one, to public ones.
			probe := group(v1alpha1.ConditionServicesReady, probeName, "Portkey probe of new revisions")
			b.graph.Node(probeGroup).After = []graph.Ref{{Node: probeRole, Attr: "arn"}}
			out.probe = ruleSet(v1alpha1.ConditionServicesReady, probeName, probe, []kinds.Rule{tcp(test, none, graph.Lit(anywhere), "Test port of the load balancer")})
			if lb.Scheme == v1alpha1.LoadBalancerInternal {
				in = append(in, tcp(test, probe, none, "The probe of new revisions"))
			} else {
				for _, ip := range net.outside {
					in = append(in, tcp(test, none, graph.Format("%s/32", ip), "The probe of new revisions"))
				}
			}
		}
		out.loadBalancer = rules(v1alpha1.ConditionRoutingReady, role, balancer, in...)
		fromBalancer(balancer)
	}
	for _, former := range b.facts.LoadBalancerGroups {
		// A closed door would fail the health checks of the tasks behind it, and ECS would stop them before
		// they are replaced.
		fromBalancer(graph.Lit(former))
	}
	out.gateway = rules(v1alpha1.ConditionServicesReady, "gateway", gateway, toGateway...)
	for _, n := range sets { // EC2 tells the rules of all groups in one call, once they are all there
		n.After = append(n.After, groups...)
	}
	return out
}

// allowList are the ranges from which the control plane comes over the internet.
func (b *builder) allowList() []string {
	if l := b.spec.ControlPlane.Inbound.AllowList; l != nil {
		return l.CIDRs
	}
	return nil
}

// productionPorts are the ports by which clients may come: where the listener is to listen, and where it does as long as
// it hasn't moved, since it only does once it has its certificate.
func (b *builder) productionPorts(lb *v1alpha1.LoadBalancer) []int {
	port := ProductionPort(lb)
	if is := b.facts.ListenerPorts[listenerOf("production", variantOf(lb))]; is != 0 && is != port {
		return []int{port, is}
	}
	return []int{port}
}

// gatewayPorts are the ports on which gateway tasks listen: while a rollout changes it, the old tasks'
// port stays open next to the new one.
func (b *builder) gatewayPorts() []int {
	var ports []int
	for _, p := range b.ports() {
		ports = append(ports, p.Port)
	}
	for _, p := range b.facts.GatewayPorts {
		if !slices.Contains(ports, p) {
			ports = append(ports, p)
		}
	}
	return ports
}
