package desired

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
	"github.com/portkey-ai/portkey-ecs-operator/internal/kinds"
)

const routingArea = v1alpha1.ConditionRoutingReady

// routing is what the gateway service uses of the load balancer: nothing, when there is none.
type routing struct {
	targets []kinds.Target
	// balancer is the load balancer's ARN, and name its DNS name.
	balancer, name graph.Value
	// production is the listener that production traffic comes by.
	production graph.NodeID
	// certificate is the ARN of the listeners' certificate, zero for none.
	certificate graph.Value
}

// tlsPolicy is that of the Terraform module: TLS 1.2 and 1.3.
const tlsPolicy = "ELBSecurityPolicy-TLS13-1-2-2021-06"

// routing adds the load balancer with its listeners, rules and target groups.
func (b *builder) routing(net network, groups securityGroups) routing {
	spec := b.spec.LoadBalancer
	if spec == nil {
		return routing{}
	}
	v := variantOf(spec)
	certificate := b.certificate(spec)
	subnets := net.private
	if spec.Scheme == v1alpha1.LoadBalancerInternetFacing {
		subnets = net.public
	}
	balancer := add(b, routingArea, BalancerOf(spec), b.nameWithin(v.short, limitBalance), kinds.LoadBalancer{}, kinds.LoadBalancerSpec{
		Type: v.kind, Scheme: v.scheme, Subnets: subnets, SecurityGroups: []graph.Value{groups.loadBalancer}, Attributes: b.balancerAttributes(),
		PrivateLinkUnruled: b.linked() && !b.fronted(),
	})
	if zones := b.zones(spec); zones != "" {
		balancer.Tags = map[string]string{kinds.TagZones: zones}
	}
	if public := b.spec.Network.VPC != nil && spec.Scheme == v1alpha1.LoadBalancerInternetFacing; public {
		// AWS refuses a public load balancer without a way in, and the detachment of that while there is one.
		balancer.After = []graph.Ref{{Node: "internet-gateway/main", Attr: "id"}}
	}
	if spec.WAFWebACLARN != "" {
		add(b, routingArea, graph.NodeID("web-acl-association/main-"+v.node), "", kinds.WebACLAssociation{}, kinds.WebACLAssociationSpec{
			LoadBalancer: graph.Out(balancer.ID, "active"), WebACL: spec.WAFWebACLARN,
		})
	}
	r := &router{builder: b, variant: v, spec: spec, vpc: net.vpc, balancer: graph.Out(balancer.ID, "arn"), certificate: certificate}
	if b.toShift() {
		r.role = b.loadBalancingRole()
	}
	out := routing{balancer: r.balancer, name: graph.Out(balancer.ID, "dns"), certificate: certificate}
	if spec.Type == v1alpha1.LoadBalancerApplication {
		out.targets = r.application()
	} else {
		out.targets = r.network()
	}
	b.records(spec, balancer.ID, out.targets)
	out.production = r.listenerNode("production")
	return out
}

// balancerAttributes are all that differ from AWS's own, and those that the spec may take back. Cross-zone load
// balancing stays on once PrivateLink goes: whoever relies on it by then isn't cut off.
func (b *builder) balancerAttributes() map[string]string {
	spec := b.spec.LoadBalancer
	out := map[string]string{
		"deletion_protection.enabled": strconv.FormatBool(spec.DeletionProtection),
		"access_logs.s3.enabled":      strconv.FormatBool(spec.AccessLogs != nil),
	}
	if l := spec.AccessLogs; l != nil {
		out["access_logs.s3.bucket"], out["access_logs.s3.prefix"] = l.Bucket, l.Prefix
	}
	if b.linked() && !b.fronted() {
		out[crossZone] = "true"
	}
	if spec.Type == v1alpha1.LoadBalancerApplication {
		out["idle_timeout.timeout_seconds"] = seconds(spec.IdleTimeout.Duration)
		out["routing.http.drop_invalid_header_fields.enabled"] = "true"
	}
	return out
}

// loadBalancingRole adds the role with which ECS shifts traffic.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/AmazonECSInfrastructureRolePolicyForLoadBalancers.html
func (b *builder) loadBalancingRole() graph.Value {
	role := b.role("role/load-balancing", "load-balancing", kinds.RoleSpec{
		Description:     "ECS, to shift traffic between target groups",
		Trust:           trustECS(),
		ManagedPolicies: []graph.Value{b.awsManaged("AmazonECSInfrastructureRolePolicyForLoadBalancers")},
	})
	return graph.Out(role.ID, "arn")
}

// router builds what belongs to one load balancer.
type router struct {
	*builder
	variant  variant
	spec     *v1alpha1.LoadBalancer
	vpc      graph.Value
	balancer graph.Value
	// certificate is the ARN of the listeners' certificate, zero for none.
	certificate graph.Value
	role        graph.Value
	siblings    []string
}

// network forwards all connections to the gateway's tasks: to the AI gateway's port, or in mode MCP to
// that of the MCP gateway.
func (r *router) network() []kinds.Target {
	r.siblings = r.groupNames(gatewayService)
	pair := r.pair(gatewayService, v1alpha1.DefaultGatewayPort)
	production, test := listenerPorts(r.spec)
	listener := r.listener("production", production, pair.group, pair.alternate)
	t := kinds.Target{Group: pair.group, Container: gatewayService, Port: r.ports()[0].Port, Place: r.variant.node, Listener: graph.Out(listener, "arn")}
	return []kinds.Target{r.shifting(t, pair, listener, func() graph.NodeID { return r.listener("test", test, pair.alternate, pair.group) })}
}

// application tells requests apart by rules, and answers 404 to what no rule matches.
func (r *router) application() []kinds.Target {
	routes := r.routes()
	for _, route := range routes {
		r.siblings = append(r.siblings, r.groupNames(route.name)...)
	}
	production, test := listenerPorts(r.spec)
	listener := r.listener("production", production, graph.Value{}, graph.Value{})
	var trial graph.NodeID
	if r.shifts() {
		trial = r.listener("test", test, graph.Value{}, graph.Value{})
	}
	var out []kinds.Target
	for _, route := range routes {
		pair := r.pair(route.name, route.defaultPort)
		rule := r.rule(route, "", listener, pair.group, pair.alternate)
		t := kinds.Target{Group: pair.group, Container: gatewayService, Port: route.port, Place: r.variant.node, Listener: graph.Out(rule, "arn")}
		out = append(out, r.shifting(t, pair, rule, func() graph.NodeID { return r.rule(route, testSuffix, trial, pair.alternate, pair.group) }))
	}
	return out
}

// shifting completes a target: by the pair and rules between which ECS shifts, or after that, by the group
// of the pair that was left serving.
func (r *router) shifting(t kinds.Target, pair pair, production graph.NodeID, test func() graph.NodeID) kinds.Target {
	switch {
	case r.shifts():
		t.Alternate, t.Role = pair.alternate, r.role
		t.ProductionRule, t.TestRule = graph.Out(production, "arn"), graph.Out(test(), "arn")
	case !pair.alternate.IsZero():
		t.Group = graph.Out(production, "serving")
	}
	return t
}

// follows reports whether the service stands behind whichever group of a pair serves.
func (r *router) follows(alternate graph.Value) bool { return !r.shifts() && !alternate.IsZero() }

// pair are the target groups of a route; the alternate is zero where there is but one.
type pair struct{ group, alternate graph.Value }

// pair adds a route's target groups. After a strategy that shifts traffic either of them may be the one
// that serves, so both stay.
func (r *router) pair(name string, port int) pair {
	p := pair{group: r.targetGroup(name, port)}
	if green := name + "-green"; r.shifts() || slices.Contains(r.facts.TargetGroups, r.groupNode(green)) {
		p.alternate = r.targetGroup(green, port)
	}
	return p
}

func (r *router) groupNode(name string) graph.NodeID {
	return graph.NodeID(targetGroupNode + name + "-" + r.variant.node)
}

// groupNames are the names of a route's target groups that there are.
func (r *router) groupNames(name string) []string {
	out := []string{r.groupName(name)}
	if green := name + "-green"; r.shifts() || slices.Contains(r.facts.TargetGroups, r.groupNode(green)) {
		out = append(out, r.groupName(green))
	}
	return out
}

// groupName puts the load balancer before the route, as "alb-gateway-green": of long prefixes of names, AWS
// leaves little.
func (r *router) groupName(name string) string {
	return r.nameWithin(r.variant.short+"-"+strings.Replace(name, gatewayService, "gw", 1), limitBalance)
}

// targetGroup adds a target group. Its port is only the default of targets that are registered without
// one, and can't be changed. ECS registers each task with its own port, so a fixed one serves for good, and
// a new container port is a deployment behind the same group.
func (r *router) targetGroup(name string, port int) graph.Value {
	spec := kinds.TargetGroupSpec{
		VPC: r.vpc, Protocol: "TCP", Port: port, HealthProtocol: "TCP", TimeoutSeconds: 10,
		HealthyThreshold: 2, UnhealthyThreshold: 3, IntervalSeconds: 30,
		Attributes: map[string]string{"deregistration_delay.timeout_seconds": seconds(r.spec.DeregistrationDelay.Duration)},
		Siblings:   r.siblings,
	}
	if r.spec.Type == v1alpha1.LoadBalancerApplication {
		spec.Protocol, spec.HealthProtocol, spec.HealthPath, spec.HealthCodes, spec.TimeoutSeconds = "HTTP", "HTTP", "/v1/health", "200", 5
	}
	n := add(r.builder, routingArea, r.groupNode(name), r.groupName(name), kinds.TargetGroup{}, spec)
	return graph.Out(n.ID, "arn")
}

// listener adds a listener that forwards to a group, or answers 404 without one.
func (r *router) listener(name string, port int, group, alternate graph.Value) graph.NodeID {
	spec := kinds.ListenerSpec{
		LoadBalancer: r.balancer, TargetGroup: group, Alternate: alternate, Test: name == "test", Asked: r.follows(alternate), Port: port, CertificateARN: r.certificate,
	}
	application := r.spec.Type == v1alpha1.LoadBalancerApplication
	switch tls := !r.certificate.IsZero(); {
	case application && tls:
		spec.Protocol = "HTTPS"
	case application:
		spec.Protocol = "HTTP"
	case tls:
		spec.Protocol = "TLS"
	default:
		spec.Protocol = "TCP"
	}
	if !r.certificate.IsZero() {
		spec.SSLPolicy = tlsPolicy
	}
	return add(r.builder, routingArea, r.listenerNode(name), r.name(name), kinds.Listener{}, spec).ID
}

func (r *router) listenerNode(name string) graph.NodeID { return listenerOf(name, r.variant) }

func listenerOf(name string, v variant) graph.NodeID {
	return graph.NodeID("listener/" + name + "-" + v.node)
}

// rule adds a route's rule of a listener.
func (r *router) rule(route route, suffix string, listener graph.NodeID, group, alternate graph.Value) graph.NodeID {
	spec := kinds.ListenerRuleSpec{
		Listener: graph.Out(listener, "arn"), Priority: route.priority, Paths: []string{"/*"}, TargetGroup: group, Alternate: alternate,
		Test: suffix == testSuffix, Asked: r.follows(alternate),
	}
	if route.host != "" {
		spec.Hosts = []string{route.host}
	}
	if p := route.path; p != "" {
		spec.Paths = []string{p, p + "/*"}
		spec.Rewrite = kinds.Rewrite{Regex: "^" + p + "/?(.*)$", Replace: "/$1"}
	}
	name := route.name + suffix
	n := add(r.builder, routingArea, graph.NodeID("listener-rule/"+name+"-"+r.variant.node), r.name(name), kinds.ListenerRule{}, spec)
	if r.spec.RequestsCertificate() {
		n.After = r.certificate.Refs() // another host is answered for once it has its certificate, and the old one until then
	}
	return n.ID
}

// route is one of the gateways behind an application load balancer.
type route struct {
	name              string
	port, defaultPort int
	host, path        string
	priority          int
}

// The priorities of the rules: as in the Terraform module, and that of a rule which would hide another.
const (
	gatewayPriority = 100
	mcpPriority     = 200
	lastPriority    = 300
)

// routes are the gateways that the tasks serve.
func (b *builder) routes() []route {
	spec := b.spec.LoadBalancer
	g := route{gatewayService, int(b.spec.Gateway.Port), v1alpha1.DefaultGatewayPort, string(spec.Hosts.Gateway), string(spec.Paths.Gateway), gatewayPriority}
	m := route{mcpService, int(b.spec.MCP.Port), v1alpha1.DefaultMCPPort, string(spec.Hosts.MCP), string(spec.Paths.MCP), mcpPriority}
	if m.host == "" {
		m.host = g.host
	}
	switch gateway, mcp := b.serves(); {
	case !mcp:
		return []route{g}
	case !gateway:
		return []route{m}
	case g.hides(m):
		g.priority = lastPriority
	}
	return []route{g, m}
}

// hides reports whether a route matches all that another does.
func (r route) hides(other route) bool {
	return (r.host == "" || r.host == other.host) && (r.path == "" || r.path == other.path || strings.HasPrefix(other.path, r.path+"/"))
}

func seconds(d time.Duration) string { return strconv.Itoa(int(d / time.Second)) }
