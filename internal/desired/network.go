package desired

import (
	"net/netip"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
	"github.com/portkey-ai/portkey-ecs-operator/internal/kinds"
)

// network is what the other areas use of the network, be it ours or given.
type network struct {
	vpc graph.Value
	// cidrs are the VPC's ranges.
	cidrs []string
	// public are the subnets that an internet gateway reaches, private those with a way out through NAT.
	public, private []graph.Value
	// egress are published when what is in the private subnets reaches the outside.
	egress []graph.Ref
	// outside are the addresses that the outside sees it come from; of a given network they aren't known.
	outside []graph.Value
}

// subnetBits is how many bits a subnet's range is longer than the VPC's, as the Terraform module has
// it: sixteen subnets of a sixteenth each.
const subnetBits = 4

// slots is how many subnets a VPC has room for.
const slots = 1 << subnetBits

// maxZones is how many zones a network may have, so that both subnets of each find a slot.
const maxZones = 6

const anywhere = "0.0.0.0/0"

// network answers the given network, or builds the deployment's own.
func (b *builder) network() network {
	if e := b.spec.Network.Existing; e != nil {
		return network{vpc: graph.Lit(e.VPCID), cidrs: b.facts.VPCCIDRs, public: graph.Lits(e.PublicSubnetIDs...), private: graph.Lits(e.PrivateSubnetIDs...)}
	}
	return b.ownNetwork(*b.spec.Network.VPC)
}

// ownNetwork builds a VPC with a public and a private subnet in each zone. All private subnets share the
// first zone's NAT gateway, or each has that of its own zone, with a route table that says so.
func (b *builder) ownNetwork(spec v1alpha1.VPC) network {
	const area = v1alpha1.ConditionNetworkReady
	name := b.name("vpc")

	vpc := add(b, area, "vpc/main", name, kinds.VPC{}, kinds.VPCSpec{CIDR: graph.Lit(spec.CIDR)})
	id := graph.Out(vpc.ID, "id")
	add(b, area, "vpc-defaults/main", b.name("vpc-default"), kinds.VPCDefaults{}, kinds.VPCDefaultsSpec{VPC: id})
	gateway := add(b, area, "internet-gateway/main", name, kinds.InternetGateway{}, kinds.InternetGatewaySpec{VPC: id})

	zones := int(spec.Zones)
	subnets := func(kind string, ranges func(zone int) []string) []graph.Value {
		var out []graph.Value
		for i := range zones {
			n := add(b, area, graph.NodeID("subnet/"+kind+"-"+letter(i)), name+"-"+kind+"-"+letter(i), kinds.Subnet{},
				kinds.SubnetSpec{VPC: id, CIDRs: graph.Lits(ranges(i)...), Zone: graph.Lit(b.facts.Zones[i])})
			out = append(out, graph.Out(n.ID, "id"))
		}
		return out
	}
	public := subnets("public", func(zone int) []string { return publicRanges(spec.CIDR, zone) })
	private := subnets("private", func(zone int) []string { return privateRanges(spec.CIDR, zone, zones) })

	add(b, area, "route-table/public", b.name("vpc-public"), kinds.RouteTable{}, kinds.RouteTableSpec{VPC: id, Subnets: public,
		Routes: []kinds.Route{{CIDR: anywhere, Gateway: graph.Out(gateway.ID, "id")}}})
	out := network{vpc: id, cidrs: []string{spec.CIDR}, public: public, private: private}
	wayOut := func(zone int, subnets []graph.Value) {
		address := add(b, area, graph.NodeID("elastic-ip/nat-"+letter(zone)), name+"-nat-"+letter(zone), kinds.ElasticIP{}, kinds.ElasticIPSpec{})
		nat := add(b, area, graph.NodeID("nat-gateway/"+letter(zone)), name+"-nat-"+letter(zone), kinds.NATGateway{},
			kinds.NATGatewaySpec{Subnet: public[zone], Allocation: graph.Out(address.ID, "id")})
		// A NAT gateway that starts before the VPC has a way out fails for good.
		nat.After = []graph.Ref{{Node: gateway.ID, Attr: "id"}}
		// An internet gateway can't be detached while the VPC has mapped public addresses.
		gateway.Outlives = append(gateway.Outlives, address.ID)
		suffix := ""
		if zone > 0 { // the first table is also that of all zones
			suffix = "-" + letter(zone)
		}
		table := add(b, area, graph.NodeID("route-table/private"+suffix), b.name("vpc-private"+suffix), kinds.RouteTable{}, kinds.RouteTableSpec{VPC: id, Subnets: subnets,
			Routes: []kinds.Route{{CIDR: anywhere, NAT: graph.Out(nat.ID, "id")}}})
		out.egress = append(out.egress, graph.Ref{Node: table.ID, Attr: "egress"})
		out.outside = append(out.outside, graph.Out(address.ID, "ip"))
	}
	if spec.NATGateways != v1alpha1.NATGatewaysPerZone {
		wayOut(0, private)
		return out
	}
	for i := range zones {
		wayOut(i, private[i:i+1])
	}
	return out
}

// letter names a zone within the deployment.
func letter(zone int) string { return string(rune('a' + zone)) }

// publicRanges are the ranges that will do for a zone's public subnet, the best first: the layout of the
// Terraform module has the public subnets in the first slots.
func publicRanges(vpc string, zone int) []string { return ranges(vpc, zone, slots-1-zone) }

// privateRanges are the ranges that will do for a zone's private subnet: in the layout they follow the
// public ones. A subnet keeps its range when the number of zones, and so the layout, changes.
func privateRanges(vpc string, zone, zones int) []string {
	return ranges(vpc, zones+zone, slots-1-maxZones-zone)
}

// ranges are all subnets' ranges of a VPC: that of the best slot, and then downwards from a spare one, which
// differs between subnets, so that those made at once don't try for the same.
func ranges(vpc string, best, spare int) []string {
	out := []string{subnetCIDR(vpc, best)}
	for i := range slots {
		if slot := (spare - i + slots) % slots; slot != best {
			out = append(out, subnetCIDR(vpc, slot))
		}
	}
	return out
}

// subnetCIDR is the index-th sixteenth of a VPC's range.
func subnetCIDR(vpc string, index int) string {
	p := netip.MustParsePrefix(vpc) // admitted by the API server
	bits := p.Bits() + subnetBits
	a := p.Addr().As4()
	n := uint32(a[0])<<24 | uint32(a[1])<<16 | uint32(a[2])<<8 | uint32(a[3])
	n += uint32(index) << (32 - bits)
	return netip.PrefixFrom(netip.AddrFrom4([4]byte{byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)}), bits).String()
}
