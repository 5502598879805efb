package kinds

import (
	"context"
	"testing"

	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
)

// TestListers finds every object of an owner without knowing anything but the owner, and nothing of
// another's.
func TestListers(t *testing.T) {
	ctx := context.Background()
	r, natSpec, vpc := natRig(t)
	made(r, InternetGateway{}, "igw/main", InternetGatewaySpec{VPC: graph.Lit(vpc.ID)})
	made(r, NATGateway{}, "nat/a", natSpec)
	made(r, RouteTable{}, "rtb/private", RouteTableSpec{VPC: graph.Lit(vpc.ID)})
	made(r, SecurityGroup{}, "sg/gateway", SecurityGroupSpec{VPC: graph.Lit(vpc.ID), Description: "a"})
	made(r, LaunchTemplate{}, "lt/main", LaunchTemplateSpec{InstanceType: "t4g.small", AMI: "ami-0123456789abcdef0"})

	for node, l := range map[graph.NodeID]graph.Lister{
		"vpc/main": VPC{}, "subnet/public-a": Subnet{}, "igw/main": InternetGateway{}, "ip/a": ElasticIP{}, "nat/a": NATGateway{},
		"rtb/private": RouteTable{}, "sg/gateway": SecurityGroup{}, "lt/main": LaunchTemplate{},
	} {
		found, err := l.List(ctx, r.call("", ""))
		r.ok(err)
		if live := found[node]; len(found) != 1 || live.ID == "" || live.Owner != graph.Ours {
			t.Errorf("%T lists %+v, want %s", l, found, node)
		}
		owner := r.owner
		r.owner.Name = "other"
		if found, err = l.List(ctx, r.call("", "")); err != nil || len(found) > 0 {
			t.Errorf("%T lists another owner's: %+v, %v", l, found, err)
		}
		r.owner = owner
	}
}
