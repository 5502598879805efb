package desired

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
	"github.com/portkey-ai/portkey-ecs-operator/internal/kinds"
	"github.com/portkey-ai/portkey-ecs-operator/internal/own"
)

// A certificate's names and a record's zone and name can't be changed. So they are part of the nodes: other hosts are
// another certificate, and other records, beside the ones that there are, which go when nothing uses them any more.

// CertificateOf is the node of the certificate that a resolved load balancer asks for.
func CertificateOf(lb *v1alpha1.LoadBalancer) graph.NodeID {
	return graph.NodeID("certificate/" + own.Digest(certificateNames(lb))[:8])
}

// certificateNames are the hosts of a certificate; the first is its common name, which may have 64 characters.
func certificateNames(lb *v1alpha1.LoadBalancer) []string {
	names := lb.HostNames()
	slices.SortFunc(names, func(a, b string) int { return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b)) })
	return names
}

// certificate adds the certificate that the spec asks for, and answers the ARN of the listeners' certificate: zero
// without TLS.
func (b *builder) certificate(lb *v1alpha1.LoadBalancer) graph.Value {
	if !lb.RequestsCertificate() {
		return graph.Lit(lb.CertificateARN)
	}
	n := add(b, routingArea, CertificateOf(lb), b.name("tls"), kinds.Certificate{}, kinds.CertificateSpec{Names: certificateNames(lb), ByHand: lb.DNS == nil})
	if lb.DNS != nil {
		for _, host := range lb.HostNames() {
			add(b, routingArea, recordNode("validation-"+host, lb), "", kinds.RecordSet{}, kinds.RecordSetSpec{
				Zone: lb.DNS.HostedZoneID, Type: "CNAME", Name: graph.Out(n.ID, kinds.ValidationName(host)), Value: graph.Out(n.ID, kinds.ValidationValue(host)),
			})
		}
	}
	return graph.Out(n.ID, "issued")
}

// records adds the aliases of the hosts. They lead to a load balancer once the gateway serves behind it, and to the one
// before until then.
func (b *builder) records(lb *v1alpha1.LoadBalancer, balancer graph.NodeID, targets []kinds.Target) {
	if lb.DNS == nil {
		return
	}
	for _, host := range lb.HostNames() {
		n := add(b, routingArea, recordNode(host, lb), "", kinds.RecordSet{}, kinds.RecordSetSpec{
			Zone: lb.DNS.HostedZoneID, Name: graph.Lit(host), Type: "A", Alias: graph.Out(balancer, "dns"), AliasZone: graph.Out(balancer, "zoneID"),
		})
		// The way to the tasks is among what it needs, so that the one of before stays as long as the record leads there.
		n.After = []graph.Ref{{Node: "service/" + gatewayService, Attr: kinds.Behind(variantOf(lb).node)}}
		for _, t := range targets {
			n.After = append(n.After, t.Listener.Refs()...)
		}
	}
}

func recordNode(role string, lb *v1alpha1.LoadBalancer) graph.NodeID {
	return graph.NodeID("record-set/" + role + "-" + lb.DNS.HostedZoneID)
}

// FormerBalancer is a load balancer of another type or scheme, that names in DNS still lead to.
type FormerBalancer struct {
	// Groups are the ARNs of its target groups that serve, by their nodes; Nodes are all of its nodes.
	Groups map[graph.NodeID]string
	Nodes  []graph.NodeID
}

// maxTargets is how many target groups a service may register tasks with.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/register-multiple-targetgroups.html
const maxTargets = 5

// handsOver reports whether the gateway's tasks are to stand behind the load balancer of before too. What shifts traffic
// takes it from one revision's tasks to another's, whose load balancers are its own: so long the service is deployed by
// rolling, and stays with what runs (kinds.ServiceSpec.Handover).
func (b *builder) handsOver() bool {
	f := b.facts.Former
	return f != nil && b.spec.LoadBalancer != nil && len(b.ports())+len(f.Groups) <= maxTargets
}

// former adds the target groups of the load balancer of before to those of the gateway's tasks, so that clients who still
// know its address are served.
func (b *builder) former(targets []kinds.Target) ([]kinds.Target, []graph.NodeID) {
	if !b.handsOver() {
		return targets, nil
	}
	f := b.facts.Former
	ports := map[string]int{}
	for _, p := range b.ports() {
		ports[p.Name] = p.Port
	}
	for _, node := range slices.Sorted(maps.Keys(f.Groups)) {
		port := ports[mcpService]
		if !strings.HasPrefix(string(node), targetGroupNode+mcpService) && ports[gatewayService] != 0 {
			port = ports[gatewayService]
		}
		targets = append(targets, kinds.Target{Group: graph.Lit(f.Groups[node]), Container: gatewayService, Port: port})
	}
	return targets, f.Nodes
}

// zones names the hosted zones in which there are records, or will be, as the load balancer's tag has them.
func (b *builder) zones(lb *v1alpha1.LoadBalancer) string {
	zones := slices.Clone(b.facts.HostedZones)
	if lb.DNS != nil {
		zones = append(zones, lb.DNS.HostedZoneID)
	}
	slices.Sort(zones)
	return strings.Join(slices.Compact(zones), " ")
}
