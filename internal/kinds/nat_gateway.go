package kinds

import (
	"context"
	"fmt"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/portkey-ai/portkey-ecs-operator/internal/aws"
	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
)

// NATGateway lets private subnets reach the internet. It takes minutes to become available, and may
// fail for good on the way (no internet gateway yet, address in use): it is then Broken and may be
// made again, since nothing depends on which one it is. A deleted one still shows for an hour.
// https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-troubleshooting.html
//
// Out: id, only when available: a route to a pending one is refused.
type NATGateway struct{}

// NATGatewaySpec is the desired state of a NATGateway.
type NATGatewaySpec struct {
	// Subnet is the id of the public subnet it lives in.
	Subnet graph.Value
	// Allocation is the allocation id of its address.
	Allocation graph.Value
}

var natGateways = ec2Objects[types.NatGateway]{
	key: "ec2/nat-gateways",
	read: func(ctx context.Context, c aws.EC2, ids []string, filters []types.Filter) ([]types.NatGateway, error) {
		return pages(ctx, ec2.NewDescribeNatGatewaysPaginator(c, &ec2.DescribeNatGatewaysInput{NatGatewayIds: ids, Filter: filters}),
			func(p *ec2.DescribeNatGatewaysOutput) []types.NatGateway { return p.NatGateways })
	},
	id:   func(g types.NatGateway) string { return sdk.ToString(g.NatGatewayId) },
	tags: func(g types.NatGateway) []types.Tag { return g.Tags },
	rank: func(g types.NatGateway) int {
		switch g.State {
		case types.NatGatewayStateDeleted:
			return -1
		case types.NatGatewayStateAvailable, "":
			return 0
		case types.NatGatewayStatePending:
			return 1
		case types.NatGatewayStateFailed:
			return 2
		default:
			return 3
		}
	},
}

// Name implements graph.Kind.
func (NATGateway) Name() string { return "NATGateway" }

// Mendable implements graph.Mendable: a failed gateway carries no traffic; one that works is never
// replaced unasked.
func (NATGateway) Mendable() bool { return true }

// List implements graph.Lister.
func (k NATGateway) List(ctx context.Context, call graph.Call) (map[graph.NodeID]graph.Live, error) {
	return natGateways.nodes(ctx, call, func(g types.NatGateway) graph.Live { return k.live(call, g, graph.Ours) })
}

func (k NATGateway) Observe(ctx context.Context, call graph.Call, _ NATGatewaySpec) (graph.Live, error) {
	g, owner, err := natGateways.find(ctx, call)
	if err != nil || g == nil {
		return graph.Live{Phase: graph.Absent}, err
	}
	return k.live(call, *g, owner), nil
}

func (NATGateway) live(call graph.Call, g types.NatGateway, owner graph.Proof) graph.Live {
	l := graph.Live{ID: *g.NatGatewayId, Owner: owner, Raw: g}
	switch g.State {
	case types.NatGatewayStateAvailable, "": // routes may lead to it before
		l.Phase, l.Out = graph.Ready, map[graph.Attr]string{"id": l.ID}
	case types.NatGatewayStateFailed:
		l.Phase = graph.Broken
		l.Why = fmt.Sprintf("%s: %s", sdk.ToString(g.FailureCode), sdk.ToString(g.FailureMessage))
	case types.NatGatewayStateDeleting:
		began := call.Now
		if g.DeleteTime != nil {
			began = *g.DeleteTime
		}
		l.Phase, l.Why, l.Recheck = graph.Deleting, "is being deleted", recheck(call.Now, began, natGatewayStopping)
	default:
		l.Phase, l.Why = graph.Pending, "is being set up, which takes AWS one to two minutes"
		l.Recheck = recheck(call.Now, sdk.ToTime(g.CreateTime), natGatewayStarting)
	}
	return l
}

// allocation is the gateway's primary address.
func allocation(g types.NatGateway) string {
	for _, a := range g.NatGatewayAddresses {
		if a.IsPrimary == nil || *a.IsPrimary {
			return sdk.ToString(a.AllocationId)
		}
	}
	return ""
}

func (NATGateway) Diff(call graph.Call, want NATGatewaySpec, live graph.Live) []graph.Change {
	g := raw[types.NatGateway](live)
	var d difference
	d.fixed("subnet", sdk.ToString(g.SubnetId), want.Subnet.String())
	d.fixed("allocation", allocation(g), want.Allocation.String())
	return append(d, diffTags(call.Tags, tagsOfEC2(g.Tags))...)
}

func (k NATGateway) Create(ctx context.Context, call graph.Call, spec NATGatewaySpec) (graph.Live, error) {
	out, err := world(call).EC2.CreateNatGateway(ctx, &ec2.CreateNatGatewayInput{
		SubnetId:          sdk.String(spec.Subnet.String()),
		AllocationId:      sdk.String(spec.Allocation.String()),
		ConnectivityType:  types.ConnectivityTypePublic,
		ClientToken:       sdk.String(call.Token),
		TagSpecifications: tagged(call, types.ResourceTypeNatgateway),
	})
	if err != nil {
		natGateways.forget(call)
		return graph.Live{}, err
	}
	natGateways.became(call, *out.NatGateway)
	return k.live(call, *out.NatGateway, graph.Ours), nil
}

func (k NATGateway) Update(ctx context.Context, call graph.Call, _ NATGatewaySpec, live graph.Live, _ []graph.Change) (graph.Live, error) {
	defer natGateways.forget(call)
	g := raw[types.NatGateway](live)
	tags := tagsOfEC2(g.Tags)
	if err := retagEC2(ctx, call, map[string]map[string]string{live.ID: tags}); err != nil {
		return live, err
	}
	g.Tags = ec2Tags(retagged(call.Tags, tags))
	return k.live(call, g, live.Owner), nil
}

// Delete begins the deletion; the address is free only when AWS shows the gateway as deleted.
func (NATGateway) Delete(ctx context.Context, call graph.Call, live graph.Live) (bool, error) {
	defer natGateways.forget(call)
	if live.Phase == graph.Deleting {
		return false, nil
	}
	_, err := world(call).EC2.DeleteNatGateway(ctx, &ec2.DeleteNatGatewayInput{NatGatewayId: &live.ID})
	if notFound(err) {
		return true, nil
	}
	return false, err
}
