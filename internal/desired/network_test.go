package desired_test

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/internal/desired"
	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
	"github.com/portkey-ai/portkey-ecs-operator/internal/kinds"
	"github.com/portkey-ai/portkey-ecs-operator/internal/own"
)

// wide are facts of a region with six zones.
func wide() desired.Facts {
	f := facts
	f.Zones = []string{"us-east-1a", "us-east-1b", "us-east-1c", "us-east-1d", "us-east-1e", "us-east-1f"}
	return f
}

func graphOf(t *testing.T, spec func(*v1alpha1.PortkeyGatewaySpec), f desired.Facts) *graph.Graph {
	t.Helper()
	gw := gateway("gw")
	spec(&gw.Spec)
	g, err := desired.Build(gw, own.Owner{Cluster: "c", Kind: "PortkeyGateway", Namespace: "default", Name: "gw"}, f)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func zones(n int, nat v1alpha1.NATGateways) func(*v1alpha1.PortkeyGatewaySpec) {
	return func(s *v1alpha1.PortkeyGatewaySpec) {
		s.LoadBalancer = nil
		s.Network = &v1alpha1.Network{VPC: &v1alpha1.VPC{Zones: int32(n), NATGateways: nat}}
	}
}

// nodes lists a graph's node ids that begin with one of the prefixes, sorted.
func nodes(g *graph.Graph, prefixes ...string) []string {
	var out []string
	for _, n := range g.Nodes() {
		if slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(string(n.ID), p) }) {
			out = append(out, string(n.ID))
		}
	}
	slices.Sort(out)
	return out
}

func specOf[S any](t *testing.T, g *graph.Graph, id graph.NodeID) S {
	t.Helper()
	n := g.Node(id)
	if n == nil {
		t.Fatalf("there is no %s", id)
	}
	return n.Spec().(S)
}

func TestNATGateways(t *testing.T) {
	for _, tt := range []struct {
		zones int
		nat   v1alpha1.NATGateways
		want  string
	}{
		{1, v1alpha1.NATGatewaysPerZone, "elastic-ip/nat-a nat-gateway/a route-table/private"},
		{3, "", "elastic-ip/nat-a nat-gateway/a route-table/private"},
		{3, v1alpha1.NATGatewaysSingle, "elastic-ip/nat-a nat-gateway/a route-table/private"},
		{3, v1alpha1.NATGatewaysPerZone, "elastic-ip/nat-a elastic-ip/nat-b elastic-ip/nat-c nat-gateway/a nat-gateway/b nat-gateway/c route-table/private route-table/private-b route-table/private-c"},
	} {
		g := graphOf(t, zones(tt.zones, tt.nat), wide())
		if got := strings.Join(nodes(g, "elastic-ip/", "nat-gateway/", "route-table/private"), " "); got != tt.want {
			t.Errorf("%d zones, %s: %s", tt.zones, tt.nat, got)
		}
		// Each private subnet has exactly one table, whose NAT gateway is in the subnet's zone or the first.
		tables := map[string]int{}
		for _, id := range nodes(g, "route-table/private") {
			for _, s := range specOf[kinds.RouteTableSpec](t, g, graph.NodeID(id)).Subnets {
				tables[fmt.Sprint(s.Refs())]++
			}
			if service := g.Node("service/gateway"); !slices.Contains(g.Needs(service.ID), graph.NodeID(id)) {
				t.Errorf("%s may go while tasks use it", id)
			}
		}
		for subnet, n := range tables {
			if n != 1 {
				t.Errorf("%s is in %d tables", subnet, n)
			}
		}
		if len(tables) != tt.zones {
			t.Errorf("%d of %d private subnets have a way out", len(tables), tt.zones)
		}
	}
}

// TestSubnetsFitWhateverTheZonesWere walks through numbers of zones and makes and removes subnets as Subnet
// does: a new one gets the first of its ranges that is free. There always is one, and none overlap.
func TestSubnetsFitWhateverTheZonesWere(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	for range 200 {
		have := map[string]string{}
		var story []int
		for range 8 {
			n := 1 + rng.IntN(6)
			story = append(story, n)
			g := graphOf(t, zones(n, ""), wide())
			subnets := nodes(g, "subnet/")
			// While subnets are added, those that are to go are still there, but not longer.
			for id := range have {
				if !slices.Contains(subnets, id) && rng.IntN(2) == 0 {
					delete(have, id)
				}
			}
			rng.Shuffle(len(subnets), func(i, j int) { subnets[i], subnets[j] = subnets[j], subnets[i] })
			for _, id := range subnets {
				if have[id] != "" {
					continue
				}
				for _, c := range graph.Strings(specOf[kinds.SubnetSpec](t, g, graph.NodeID(id)).CIDRs) {
					if !taken(have, c) {
						have[id] = c
						break
					}
				}
				if have[id] == "" {
					t.Fatalf("zones %v: no range is left for %s beside %v", story, id, have)
				}
			}
			for id := range have {
				if !slices.Contains(subnets, id) {
					delete(have, id)
				}
			}
		}
	}
}

func taken(have map[string]string, cidr string) bool {
	for _, h := range have {
		if netip.MustParsePrefix(h).Overlaps(netip.MustParsePrefix(cidr)) {
			return true
		}
	}
	return false
}

func TestExistingNetworkIsNotOurs(t *testing.T) {
	f := facts
	f.VPCCIDRs = []string{"10.9.0.0/16", "100.64.0.0/16"}
	g := graphOf(t, func(s *v1alpha1.PortkeyGatewaySpec) {
		s.Network = &v1alpha1.Network{Existing: &v1alpha1.ExistingNetwork{VPCID: "vpc-1", PrivateSubnetIDs: []string{"subnet-1", "subnet-2"}}}
	}, f)
	if got := nodes(g, "vpc", "subnet/", "internet-gateway/", "nat-gateway/", "elastic-ip/", "route-table/"); len(got) > 0 {
		t.Errorf("it has %v", got)
	}
	if got := graph.Strings(specOf[kinds.ServiceSpec](t, g, "service/gateway").Subnets); !slices.Equal(got, []string{"subnet-1", "subnet-2"}) {
		t.Errorf("tasks run in %v", got)
	}
	var from []string
	for _, r := range specOf[kinds.SecurityGroupRulesSpec](t, g, "security-group-rules/load-balancer-network-internal").Ingress {
		from = append(from, r.CIDR.String())
	}
	if !slices.Equal(from, f.VPCCIDRs) {
		t.Errorf("clients come from %v", from)
	}
}
