package kinds

import (
	"context"
	"fmt"
	"net/netip"
	"strings"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/portkey-ai/portkey-ecs-operator/internal/aws"
	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
	"github.com/portkey-ai/portkey-ecs-operator/internal/own"
)

// Subnet is a range of a VPC in one zone. It gives out no public addresses by itself: what is public
// has an address of its own. VPC, range and zone can't be changed; range and zone are chosen at creation
// and stay, whatever the layout of a network with more zones would be. CreateSubnet has no client token,
// but a range is taken once per VPC (InvalidSubnet.Conflict).
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSubnet.html
//
// Out: id, at once.
type Subnet struct{}

// SubnetSpec is the desired state of a Subnet.
type SubnetSpec struct {
	// VPC is the VPC's id.
	VPC graph.Value
	// CIDRs are the IPv4 ranges within the VPC's that will do, the best first: a new subnet gets the first
	// that no other subnet lies in.
	CIDRs []graph.Value
	// Zone is the availability zone's name, as "eu-west-1a".
	Zone graph.Value
}

var subnets = ec2Objects[types.Subnet]{
	key: "ec2/subnets",
	read: func(ctx context.Context, c aws.EC2, ids []string, filters []types.Filter) ([]types.Subnet, error) {
		return pages(ctx, ec2.NewDescribeSubnetsPaginator(c, &ec2.DescribeSubnetsInput{SubnetIds: ids, Filters: filters}),
			func(p *ec2.DescribeSubnetsOutput) []types.Subnet { return p.Subnets })
	},
	id:   func(s types.Subnet) string { return sdk.ToString(s.SubnetId) },
	tags: func(s types.Subnet) []types.Tag { return s.Tags },
}

// Name implements graph.Kind.
func (Subnet) Name() string { return "Subnet" }

// List implements graph.Lister.
func (k Subnet) List(ctx context.Context, call graph.Call) (map[graph.NodeID]graph.Live, error) {
	return subnets.nodes(ctx, call, func(s types.Subnet) graph.Live { return k.live(call, s, graph.Ours) })
}

func (k Subnet) Observe(ctx context.Context, call graph.Call, _ SubnetSpec) (graph.Live, error) {
	s, owner, err := subnets.find(ctx, call)
	if err != nil || s == nil {
		return graph.Live{Phase: graph.Absent}, err
	}
	return k.live(call, *s, owner), nil
}

func (Subnet) live(call graph.Call, s types.Subnet, owner graph.Proof) graph.Live {
	l := graph.Live{ID: *s.SubnetId, Phase: graph.Ready, Owner: owner, Raw: s, Out: map[graph.Attr]string{"id": *s.SubnetId}}
	switch s.State {
	case types.SubnetStateAvailable, "": // it takes what is put into it
	case types.SubnetStatePending:
		l.Phase, l.Why, l.Recheck = graph.Pending, "is being set up", recheck(call.Now, call.Now, settling)
	default:
		l.Phase, l.Why, l.Out = graph.Broken, "is "+string(s.State), nil
	}
	return l
}

func (Subnet) Diff(call graph.Call, want SubnetSpec, live graph.Live) []graph.Change {
	s := raw[types.Subnet](live)
	var d difference
	d.fixed("vpc", sdk.ToString(s.VpcId), want.VPC.String())
	d.flag("mapPublicIpOnLaunch", sdk.ToBool(s.MapPublicIpOnLaunch), false)
	return append(d, diffTags(call.Tags, tagsOfEC2(s.Tags))...)
}

// Create tries the ranges in their order. One is passed over only when somebody else's subnet is seen to
// lie there: a conflict without one may be our own creation of a moment ago, which doesn't show yet, and
// the next range would double it.
func (k Subnet) Create(ctx context.Context, call graph.Call, spec SubnetSpec) (graph.Live, error) {
	var taken error
	for _, cidr := range graph.Strings(spec.CIDRs) {
		out, err := world(call).EC2.CreateSubnet(ctx, &ec2.CreateSubnetInput{
			VpcId:             sdk.String(spec.VPC.String()),
			CidrBlock:         &cidr,
			AvailabilityZone:  sdk.String(spec.Zone.String()),
			TagSpecifications: tagged(call, types.ResourceTypeSubnet),
		})
		if err == nil {
			world(call).Reads.Forget(subnets.key + "/of/")
			subnets.became(call, *out.Subnet)
			return k.live(call, *out.Subnet, graph.Ours), nil
		}
		if aws.Classify(err).Class != graph.Conflict {
			return graph.Live{}, err
		}
		holder, unseen := subnetAt(ctx, call, spec.VPC.String(), cidr)
		switch {
		case unseen != nil:
			return graph.Live{}, unseen
		case holder == nil:
			return graph.Live{}, err
		case own.Proves(tagsOfEC2(holder.Tags), call.Owner):
			return k.live(call, *holder, graph.Ours), nil
		}
		taken = err
	}
	return graph.Live{}, fmt.Errorf("of the ranges %s none is free in %s: %w", strings.Join(graph.Strings(spec.CIDRs), ", "), spec.VPC, taken)
}

// subnetAt is the subnet that is seen to lie in a range of a VPC, or nil.
func subnetAt(ctx context.Context, call graph.Call, vpc, cidr string) (*types.Subnet, error) {
	w := world(call)
	all, err := aws.Read(ctx, w.Reads, subnets.key+"/of/"+vpc, func(ctx context.Context) ([]types.Subnet, error) {
		return subnets.read(ctx, w.EC2, nil, []types.Filter{filter("vpc-id", vpc)})
	})
	wanted, malformed := netip.ParsePrefix(cidr)
	if err != nil || malformed != nil {
		return nil, err
	}
	for i := range all {
		if p, err := netip.ParsePrefix(sdk.ToString(all[i].CidrBlock)); err == nil && p.Overlaps(wanted) {
			return &all[i], nil
		}
	}
	return nil, nil
}

func (k Subnet) Update(ctx context.Context, call graph.Call, _ SubnetSpec, live graph.Live, _ []graph.Change) (graph.Live, error) {
	defer subnets.forget(call)
	s := raw[types.Subnet](live)
	if sdk.ToBool(s.MapPublicIpOnLaunch) {
		_, err := world(call).EC2.ModifySubnetAttribute(ctx, &ec2.ModifySubnetAttributeInput{
			SubnetId: s.SubnetId, MapPublicIpOnLaunch: &types.AttributeBooleanValue{Value: sdk.Bool(false)},
		})
		if err != nil {
			return live, err
		}
		s.MapPublicIpOnLaunch = sdk.Bool(false)
	}
	tags := tagsOfEC2(s.Tags)
	if err := retagEC2(ctx, call, map[string]map[string]string{*s.SubnetId: tags}); err != nil {
		return live, err
	}
	s.Tags = ec2Tags(retagged(call.Tags, tags))
	return k.live(call, s, live.Owner), nil
}

// Delete is refused while network interfaces are in the subnet, which load balancers and tasks leave
// behind for some minutes.
func (Subnet) Delete(ctx context.Context, call graph.Call, live graph.Live) (bool, error) {
	_, err := world(call).EC2.DeleteSubnet(ctx, &ec2.DeleteSubnetInput{SubnetId: &live.ID})
	return subnets.removed(call, live.ID, heldByInterfaces(ctx, call, err, "subnet-id", live.ID))
}
