package desired

import (
	"net/netip"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
	"github.com/portkey-ai/portkey-ecs-operator/internal/kinds"
)

// network is what the other areas use of the network, be it ours or given.
type network struct {
	vpc     graph.Value
	cidr    string
	private []graph.Value // subnets with a way out through NAT
	// egress is published when instances in the private subnets reach the outside.
	egress graph.Ref
}

// subnetBits is how many bits a subnet's range is longer than the VPC's, as the Terraform module has
// it: sixteen subnets of a sixteenth each.
const subnetBits = 4

const anywhere = "0.0.0.0/0"

// network builds the deployment's own VPC: per zone a public and a private subnet, and one NAT
// gateway in the first zone.
func (b *builder) network() network {
	const area = v1alpha1.ConditionNetworkReady
	spec := b.spec.Network.VPC
	name := b.name("vpc")

	vpc := add(b, area, "vpc/main", name, kinds.VPC{}, kinds.VPCSpec{CIDR: graph.Lit(spec.CIDR)})
	id := graph.Out(vpc.ID, "id")
	add(b, area, "vpc-defaults/main", b.name("vpc-default"), kinds.VPCDefaults{}, kinds.VPCDefaultsSpec{VPC: id})
	gateway := add(b, area, "internet-gateway/main", name, kinds.InternetGateway{}, kinds.InternetGatewaySpec{VPC: id})

	zones := int(spec.Zones)
	subnets := func(kind string, first int) []graph.Value {
		var out []graph.Value
		for i := range zones {
			letter := string(rune('a' + i))
			n := add(b, area, graph.NodeID("subnet/"+kind+"-"+letter), name+"-"+kind+"-"+letter, kinds.Subnet{},
				kinds.SubnetSpec{VPC: id, CIDRs: graph.Lits(subnetCIDR(spec.CIDR, first+i)), Zone: graph.Lit(b.facts.Zones[i])})
			out = append(out, graph.Out(n.ID, "id"))
		}
		return out
	}
	public, private := subnets("public", 0), subnets("private", zones)

	address := add(b, area, "elastic-ip/nat-a", name+"-nat-a", kinds.ElasticIP{}, kinds.ElasticIPSpec{})
	nat := add(b, area, "nat-gateway/a", name+"-nat-a", kinds.NATGateway{},
		kinds.NATGatewaySpec{Subnet: public[0], Allocation: graph.Out(address.ID, "id")})
	// A NAT gateway that starts before the VPC has a way out fails for good.
	nat.After = []graph.Ref{{Node: gateway.ID, Attr: "id"}}
	// An internet gateway can't be detached while the VPC has mapped public addresses.
	gateway.Outlives = []graph.NodeID{address.ID}

	add(b, area, "route-table/public", b.name("vpc-public"), kinds.RouteTable{}, kinds.RouteTableSpec{VPC: id, Subnets: public,
		Routes: []kinds.Route{{CIDR: anywhere, Gateway: graph.Out(gateway.ID, "id")}}})
	out := add(b, area, "route-table/private", b.name("vpc-private"), kinds.RouteTable{}, kinds.RouteTableSpec{VPC: id, Subnets: private,
		Routes: []kinds.Route{{CIDR: anywhere, NAT: graph.Out(nat.ID, "id")}}})
	return network{vpc: id, cidr: spec.CIDR, private: private, egress: graph.Ref{Node: out.ID, Attr: "egress"}}
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
