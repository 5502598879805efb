package desired

import (
	"slices"
	"strings"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
	"github.com/portkey-ai/portkey-ecs-operator/internal/kinds"
)

const controlPlaneArea = v1alpha1.ConditionControlPlaneReady

// EndpointServiceNode is the node of the endpoint service by which the control plane reaches the gateway.
const EndpointServiceNode graph.NodeID = "vpc-endpoint-service/inbound"

// linkRole begins the nodes of what stands before an Application Load Balancer for PrivateLink. Like all that belongs
// to a load balancer they end in its variant.
const linkRole = "private-link-"

// LinkGroupOf is the node of the security group of the Network Load Balancer before an Application Load Balancer.
func LinkGroupOf(lb *v1alpha1.LoadBalancer) graph.NodeID {
	return graph.NodeID("security-group/" + linkRole + variantOf(lb).node)
}

// linked reports whether the control plane comes by PrivateLink.
func (b *builder) linked() bool { return b.spec.ControlPlane.Inbound.PrivateLink != nil }

// fronted reports whether it comes to an Application Load Balancer. AWS PrivateLink leads to Network Load Balancers only,
// so it takes one in front.
func (b *builder) fronted() bool {
	return b.linked() && b.spec.LoadBalancer.Type == v1alpha1.LoadBalancerApplication
}

// inbound adds the endpoint service by which the control plane reaches the load balancer.
func (b *builder) inbound(net network, groups securityGroups, r routing) {
	if !b.linked() {
		return
	}
	spec, link := b.spec.LoadBalancer, b.spec.ControlPlane.Inbound.PrivateLink
	balancer, listener := BalancerOf(spec), r.production
	if b.fronted() {
		balancer, listener = b.front(net, groups, r)
	}
	service := kinds.VPCEndpointServiceSpec{
		LoadBalancer: graph.Out(balancer, "active"), Principals: link.AllowedPrincipals, PrivateDNSName: string(link.PrivateDNSName),
		Regions: slices.DeleteFunc(slices.Clone(link.SupportedRegions), func(name string) bool { return name == b.spec.Region }),
	}
	if link.Acceptance == v1alpha1.AcceptPortkey {
		service.Accepted = v1alpha1.PortkeyAccount
	}
	proof, provable := ProofNode(&b.spec, b.facts.Zone)
	service.Unproved = provable && !b.facts.Proved
	if z := b.facts.Zone; z != nil && z.Private && z.holds(link.PrivateDNSName) {
		service.PrivateZone = spec.DNS.HostedZoneID
	}
	n := add(b, controlPlaneArea, EndpointServiceNode, b.name("inbound"), kinds.VPCEndpointService{}, service)
	n.Tags = map[string]string{kinds.PrincipalsTag: kinds.PrincipalMarks(link.AllowedPrincipals)}
	n.After = []graph.Ref{{Node: listener, Attr: "arn"}} // whoever connects finds somebody listening
	if provable {
		add(b, controlPlaneArea, proof, "", kinds.RecordSet{}, kinds.RecordSetSpec{
			Zone: spec.DNS.HostedZoneID, Type: "TXT", Name: graph.Out(n.ID, "recordName"), Value: graph.Out(n.ID, "recordValue"),
		})
	}
}

// Zone is a hosted zone of Route 53.
type Zone struct {
	// Name is its domain, without a final dot; Private says that only VPCs see it.
	Name    string
	Private bool
}

// maxProof is how long a record's name is that proves a private DNS name, but for that: AWS puts a label of 21 characters
// and a dot before it, and the record beside it one of 14. https://docs.aws.amazon.com/vpc/latest/privatelink/manage-dns-names.html
const maxProof = 253 - 22 - 15

func (z *Zone) holds(name v1alpha1.HostName) bool {
	return name != "" && len(name) <= maxProof && (string(name) == z.Name || strings.HasSuffix(string(name), "."+z.Name))
}

// ProofNode is the node of the TXT record that proves the private DNS name of the endpoint service; ok says whether it is
// made: in the hosted zone of the hosts, where that is public and the name lies in it. Another name, and another zone, is
// another record.
func ProofNode(spec *v1alpha1.PortkeyGatewaySpec, zone *Zone) (node graph.NodeID, ok bool) {
	link, lb := spec.ControlPlane.Inbound.PrivateLink, spec.LoadBalancer
	if link == nil || link.PrivateDNSName == "" || lb == nil || lb.DNS == nil {
		return "", false
	}
	return recordNode(kinds.ProofRole+string(link.PrivateDNSName), lb), zone != nil && !zone.Private && zone.holds(link.PrivateDNSName)
}

// front adds an internal Network Load Balancer that passes all connections on to the Application Load Balancer. Nobody
// comes to it but through PrivateLink.
func (b *builder) front(net network, groups securityGroups, r routing) (balancer, listener graph.NodeID) {
	v := variantOf(b.spec.LoadBalancer)
	id := func(kind string) graph.NodeID { return graph.NodeID(kind + linkRole + v.node) }
	name := b.nameWithin(v.short+"-link", limitBalance)
	production, _ := listenerPorts(b.spec.LoadBalancer)

	front := add(b, controlPlaneArea, id(loadBalancerNode), name, kinds.LoadBalancer{}, kinds.LoadBalancerSpec{
		Type: "network", Scheme: "internal", Subnets: net.private, SecurityGroups: []graph.Value{groups.link}, PrivateLinkUnruled: true,
		Attributes: map[string]string{crossZone: "true"},
	})
	target := add(b, controlPlaneArea, id(targetGroupNode), name, kinds.TargetGroup{}, b.frontTarget(net.vpc, production))
	// The listener must be there, with that port, before the load balancer is registered by it. One that comes to another
	// port does so once it has its certificate, and stays registered by the old one until then.
	target.After = append(r.certificate.Refs(), graph.Ref{Node: r.production, Attr: "arn"})
	accept := add(b, controlPlaneArea, id("listener/"), b.name("private-link"), kinds.Listener{}, kinds.ListenerSpec{
		LoadBalancer: graph.Out(front.ID, "arn"), TargetGroup: graph.Out(target.ID, "arn"), Port: production, Protocol: "TCP",
	})
	accept.After = target.After // whoever comes by the old port finds it until then
	return front.ID, accept.ID
}

// crossZone lets a client of one zone reach targets of all: tasks, and subnets of the Application Load Balancer, aren't
// in each zone that the control plane may come by.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/network/edit-load-balancer-attributes.html#cross-zone-load-balancing
const crossZone = "load_balancing.cross_zone.enabled"

// frontTarget is the target group of the Application Load Balancer. Its own port can't be changed and only counts for
// targets that are registered without one. Health checks are requests like any other: one that no rule matches is answered
// 404, which is an answer; without a healthy task it is 503.
func (b *builder) frontTarget(vpc graph.Value, port int) kinds.TargetGroupSpec {
	spec := kinds.TargetGroupSpec{
		VPC: vpc, Protocol: "TCP", Port: tlsPort, LoadBalancer: graph.Out(BalancerOf(b.spec.LoadBalancer), "active"), LoadBalancerPort: port,
		HealthProtocol: "HTTP", HealthPath: v1alpha1.DefaultProbePath, HealthCodes: "200-499",
		HealthyThreshold: 2, UnhealthyThreshold: 3, IntervalSeconds: 30, TimeoutSeconds: 10, Idle: b.idle(),
	}
	if b.spec.LoadBalancer.TLS() {
		spec.HealthProtocol = "HTTPS"
	}
	return spec
}

// idle reports whether the gateway may be asked for no task at all.
func (b *builder) idle() bool {
	g := b.spec.Gateway
	if g.Autoscaling != nil {
		return g.Autoscaling.MinReplicas == 0
	}
	return g.Replicas != nil && *g.Replicas == 0
}

// isLink reports whether a node belongs to what stands before an Application Load Balancer for PrivateLink.
func isLink(node graph.NodeID) bool {
	_, role, _ := strings.Cut(string(node), "/")
	return strings.HasPrefix(role, linkRole)
}
