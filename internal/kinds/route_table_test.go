package kinds

import (
	"context"
	"testing"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"

	"github.com/portkey-ai/portkey-ecs-operator/internal/aws"
	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
)

func TestRouteTable(t *testing.T) {
	ctx := context.Background()
	r, natSpec, vpc := natRig(t)
	gateway := made(r, InternetGateway{}, "igw/main", InternetGatewaySpec{VPC: graph.Lit(vpc.ID)})
	nat := made(r, NATGateway{}, "nat/a", natSpec)
	a := made(r, Subnet{}, "subnet/private-a", SubnetSpec{VPC: graph.Lit(vpc.ID), CIDRs: graph.Lits("10.0.16.0/20"), Zone: graph.Lit("us-east-1a")})
	b := made(r, Subnet{}, "subnet/private-b", SubnetSpec{VPC: graph.Lit(vpc.ID), CIDRs: graph.Lits("10.0.32.0/20"), Zone: graph.Lit("us-east-1b")})
	spec := RouteTableSpec{
		VPC: graph.Lit(vpc.ID), Subnets: graph.Lits(a.ID, b.ID),
		Routes: []Route{{CIDR: "0.0.0.0/0", NAT: graph.Lit(nat.ID)}},
	}
	others, err := r.client.CreateRouteTable(ctx, &ec2.CreateRouteTableInput{VpcId: &vpc.ID})
	r.ok(err)

	everything := sdk.String("0.0.0.0/0")
	lifecycle(r, RouteTable{}, "rtb/private", spec, append(r.tagEdits(),
		edit{"the route was deleted", "routes[0.0.0.0/0]", func(id string) {
			_, err := r.client.DeleteRoute(ctx, &ec2.DeleteRouteInput{RouteTableId: &id, DestinationCidrBlock: everything})
			r.ok(err)
		}},
		edit{"the route points elsewhere", "routes[0.0.0.0/0]", func(id string) {
			_, err := r.client.ReplaceRoute(ctx, &ec2.ReplaceRouteInput{RouteTableId: &id, DestinationCidrBlock: everything, GatewayId: &gateway.ID})
			r.ok(err)
		}},
		edit{"part of it is public", "routes[203.0.113.0/24]", func(id string) {
			_, err := r.client.CreateRoute(ctx, &ec2.CreateRouteInput{RouteTableId: &id, DestinationCidrBlock: sdk.String("203.0.113.0/24"), GatewayId: &gateway.ID})
			r.ok(err)
		}},
		edit{"a subnet was taken off", "subnets[" + a.ID + "]", func(id string) {
			_, err := r.client.DisassociateRouteTable(ctx, &ec2.DisassociateRouteTableInput{AssociationId: r.association(id, a.ID)})
			r.ok(err)
		}},
		edit{"a subnet was given another table", "subnets[" + b.ID + "]", func(id string) {
			_, err := r.client.ReplaceRouteTableAssociation(ctx, &ec2.ReplaceRouteTableAssociationInput{AssociationId: r.association(id, b.ID), RouteTableId: others.RouteTable.RouteTableId})
			r.ok(err)
		}})...)
}

// association is the id of what binds a subnet to a table.
func (r *ec2Rig) association(table, subnet string) *string {
	r.Helper()
	found, err := routeTables.read(context.Background(), r.client, []string{table}, nil)
	r.ok(err)
	id := association(found, subnet)
	if id == nil {
		r.Fatalf("%s isn't associated with %s", subnet, table)
	}
	return id
}

func TestRouteTableToAGoneNATGateway(t *testing.T) {
	ctx := context.Background()
	r, natSpec, vpc := natRig(t)
	made(r, InternetGateway{}, "igw/main", InternetGatewaySpec{VPC: graph.Lit(vpc.ID)})
	old := made(r, NATGateway{}, "nat/a", natSpec)
	k, node := RouteTable{}, "rtb/private"
	spec := RouteTableSpec{VPC: graph.Lit(vpc.ID), Routes: []Route{{CIDR: "0.0.0.0/0", NAT: graph.Lit(old.ID)}}}
	live := made(r, k, node, spec)
	if live.Out["egress"] != live.ID {
		t.Errorf("egress stands: %+v", live.Out)
	}
	_, err := NATGateway{}.Delete(ctx, r.call("nat/a", old.ID), old)
	r.ok(err)
	r.server.Advance(2 * natGatewayStopping)

	live = observed(r, k, node, live.ID, spec)
	if d := k.Diff(r.call(node, live.ID), spec, live); len(d) != 1 || d[0].Have != old.ID+" (blackhole)" || live.Out["egress"] != "" || live.Out["id"] != live.ID {
		t.Errorf("a black hole: %+v, %+v", d, live.Out)
	}
	waiting := spec
	waiting.Routes = []Route{{CIDR: "0.0.0.0/0", NAT: graph.Lit(graph.KnownAfterApply)}}
	if l := observed(r, k, node, live.ID, waiting); l.ID != live.ID || l.Out["egress"] != "" {
		t.Errorf("while its successor isn't there: %+v", l)
	}
	call := r.call("nat/a", "")
	call.Token = r.owner.Token("nat/a", natSpec, "2")
	next, err := NATGateway{}.Create(ctx, call, natSpec)
	r.ok(err)
	r.server.Advance(2 * natGatewayStarting)
	spec.Routes[0].NAT = graph.Lit(next.ID)
	after, err := k.Update(ctx, r.call(node, live.ID), spec, live, nil)
	r.ok(err)
	if after.Out["egress"] != live.ID {
		t.Errorf("repaired: %+v", after.Out)
	}
	if l := observed(r, k, node, live.ID, spec); l.Out["egress"] != live.ID {
		t.Errorf("repaired, seen again: %+v", l)
	}
}

func TestRouteTablePartlyMade(t *testing.T) {
	r := newEC2Rig(t)
	vpc := made(r, VPC{}, "vpc/main", vpcSpec)
	live, err := RouteTable{}.Create(context.Background(), r.call("rtb/private", ""), RouteTableSpec{
		VPC: graph.Lit(vpc.ID), Routes: []Route{{CIDR: "0.0.0.0/0", NAT: graph.Lit("nat-00000000000000000")}},
	})
	if f := aws.Classify(err); f.Class != graph.NotYet || f.Action != "ec2:CreateRoute" || live.ID == "" || live.Out["egress"] != "" {
		t.Errorf("%+v, %+v", live, f)
	}
}

func TestRouteTableTakesSubnetsOver(t *testing.T) {
	ctx := context.Background()
	r, natSpec, vpc := natRig(t)
	made(r, InternetGateway{}, "igw/main", InternetGatewaySpec{VPC: graph.Lit(vpc.ID)})
	nat := made(r, NATGateway{}, "nat/a", natSpec)
	subnet := made(r, Subnet{}, "subnet/private-b", SubnetSpec{VPC: graph.Lit(vpc.ID), CIDRs: graph.Lits("10.0.32.0/20"), Zone: graph.Lit("us-east-1b")})
	spec := RouteTableSpec{VPC: graph.Lit(vpc.ID), Subnets: graph.Lits(subnet.ID), Routes: []Route{{CIDR: "0.0.0.0/0", NAT: graph.Lit(nat.ID)}}}
	alone := spec
	alone.Subnets = nil
	k := RouteTable{}
	old := made(r, k, "rtb/private", spec)
	from := len(r.server.Calls(0))
	heir := made(r, k, "rtb/private-b", spec)
	for _, c := range r.server.Calls(0)[from:] {
		if c.Action == "DisassociateRouteTable" {
			t.Error("the subnet was without a table")
		}
	}
	if heir.Out["egress"] != heir.ID {
		t.Errorf("a table that takes a subnet over at its creation: %+v", heir.Out)
	}
	if l := observed(r, k, "rtb/private", old.ID, alone); len(k.Diff(r.call("rtb/private", old.ID), alone, l)) != 0 || l.Out["egress"] != old.ID {
		t.Errorf("the one that it left: %+v", l.Out)
	}
	back := observed(r, k, "rtb/private", old.ID, spec)
	if back.Out["egress"] != "" {
		t.Error("it has a way out for a subnet that isn't its own")
	}
	back, err := k.Update(ctx, r.call("rtb/private", old.ID), spec, back, nil)
	r.ok(err)
	if back.Out["egress"] != old.ID || *r.association(old.ID, subnet.ID) == "" {
		t.Errorf("and back: %+v", back.Out)
	}
}
