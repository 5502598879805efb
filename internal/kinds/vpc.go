package kinds

import (
	"context"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/portkey-ai/portkey-ecs-operator/internal/aws"
	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
)

// VPC is a virtual private cloud with DNS names and DNS resolution on: Service Connect's and private
// endpoints' names need both. Its CIDR can't be changed.
// CreateVpc has neither a name nor a client token, hence WriteAhead.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateVpc.html
//
// Out: id, at once: everything in a VPC may be made while it settles.
type VPC struct{}

// VPCSpec is the desired state of a VPC.
type VPCSpec struct {
	// CIDR is the IPv4 range.
	CIDR graph.Value
}

type vpc struct {
	types.Vpc
	dnsSupport, dnsHostnames bool
}

var vpcs = ec2Objects[types.Vpc]{
	key: "ec2/vpcs",
	read: func(ctx context.Context, c aws.EC2, ids []string, filters []types.Filter) ([]types.Vpc, error) {
		return pages(ctx, ec2.NewDescribeVpcsPaginator(c, &ec2.DescribeVpcsInput{VpcIds: ids, Filters: filters}),
			func(p *ec2.DescribeVpcsOutput) []types.Vpc { return p.Vpcs })
	},
	id:   func(v types.Vpc) string { return sdk.ToString(v.VpcId) },
	tags: func(v types.Vpc) []types.Tag { return v.Tags },
}

// Name implements graph.Kind.
func (VPC) Name() string { return "VPC" }

// WriteAhead implements graph.WriteAhead.
func (VPC) WriteAhead() bool { return true }

// List implements graph.Lister.
func (k VPC) List(ctx context.Context, call graph.Call) (map[graph.NodeID]graph.Live, error) {
	return vpcs.nodes(ctx, call, func(v types.Vpc) graph.Live { return k.live(call, vpc{Vpc: v}, graph.Ours) })
}

func (k VPC) Observe(ctx context.Context, call graph.Call, _ VPCSpec) (graph.Live, error) {
	v, owner, err := vpcs.find(ctx, call)
	if err != nil || v == nil {
		return graph.Live{Phase: graph.Absent}, err
	}
	o := vpc{Vpc: *v}
	if owner == graph.Foreign {
		return k.live(call, o, owner), nil
	}
	if earlier, ok := seen[vpc](call, *v.VpcId); ok {
		o.dnsSupport, o.dnsHostnames = earlier.dnsSupport, earlier.dnsHostnames
		return k.live(call, o, owner), nil
	}
	if o.dnsSupport, err = k.attribute(ctx, call, *v.VpcId, types.VpcAttributeNameEnableDnsSupport); err != nil {
		return graph.Live{}, err
	}
	if o.dnsHostnames, err = k.attribute(ctx, call, *v.VpcId, types.VpcAttributeNameEnableDnsHostnames); err != nil {
		return graph.Live{}, err
	}
	return k.live(call, o, owner), nil
}

// attribute reads one attribute: AWS answers no more than one per call.
func (VPC) attribute(ctx context.Context, call graph.Call, id string, name types.VpcAttributeName) (bool, error) {
	a, err := world(call).EC2.DescribeVpcAttribute(ctx, &ec2.DescribeVpcAttributeInput{VpcId: &id, Attribute: name})
	if err != nil {
		return false, err
	}
	on := a.EnableDnsSupport
	if name == types.VpcAttributeNameEnableDnsHostnames {
		on = a.EnableDnsHostnames
	}
	return on != nil && sdk.ToBool(on.Value), nil
}

func (VPC) live(call graph.Call, v vpc, owner graph.Proof) graph.Live {
	l := graph.Live{ID: *v.VpcId, Phase: graph.Ready, Owner: owner, Raw: v, Out: map[graph.Attr]string{"id": *v.VpcId}}
	switch v.State {
	case types.VpcStatePending:
		l.Phase, l.Why, l.Recheck = graph.Pending, "is being set up", recheck(call.Now, call.Now, settling)
	case types.VpcStateDeleting:
		l.Phase, l.Out, l.Recheck = graph.Deleting, nil, recheck(call.Now, call.Now, settling)
	}
	return l
}

func (VPC) Diff(call graph.Call, want VPCSpec, live graph.Live) []graph.Change {
	v := raw[vpc](live)
	var d difference
	d.fixed("cidr", sdk.ToString(v.CidrBlock), want.CIDR.String())
	d.flag("enableDnsSupport", v.dnsSupport, true)
	d.flag("enableDnsHostnames", v.dnsHostnames, true)
	return append(d, diffTags(call.Tags, tagsOfEC2(v.Tags))...)
}

func (k VPC) Create(ctx context.Context, call graph.Call, spec VPCSpec) (graph.Live, error) {
	out, err := world(call).EC2.CreateVpc(ctx, &ec2.CreateVpcInput{
		CidrBlock:         sdk.String(spec.CIDR.String()),
		TagSpecifications: tagged(call, types.ResourceTypeVpc),
	})
	if err != nil {
		vpcs.forget(call)
		return graph.Live{}, err
	}
	vpcs.became(call, *out.Vpc)
	// What is only in a VPC isn't there yet; what is recorded of an earlier one is asked for by its id.
	subnets.none(call)
	routeTables.none(call)
	securityGroups.none(call)
	natGateways.none(call)
	// A new VPC resolves names already, but gives none.
	v := vpc{Vpc: *out.Vpc, dnsSupport: true}
	if err := k.enable(ctx, call, &v); err != nil {
		l := k.live(call, v, graph.Ours)
		l.Phase = graph.Pending
		return l, err
	}
	return k.live(call, v, graph.Ours), nil
}

// enable turns on what is off, one attribute per call as AWS wants it; names need resolution first.
func (VPC) enable(ctx context.Context, call graph.Call, v *vpc) error {
	on := &types.AttributeBooleanValue{Value: sdk.Bool(true)}
	if !v.dnsSupport {
		if _, err := world(call).EC2.ModifyVpcAttribute(ctx, &ec2.ModifyVpcAttributeInput{VpcId: v.VpcId, EnableDnsSupport: on}); err != nil {
			return err
		}
		v.dnsSupport = true
	}
	if !v.dnsHostnames {
		if _, err := world(call).EC2.ModifyVpcAttribute(ctx, &ec2.ModifyVpcAttributeInput{VpcId: v.VpcId, EnableDnsHostnames: on}); err != nil {
			return err
		}
		v.dnsHostnames = true
	}
	return nil
}

func (k VPC) Update(ctx context.Context, call graph.Call, _ VPCSpec, live graph.Live, _ []graph.Change) (graph.Live, error) {
	defer vpcs.forget(call)
	v := raw[vpc](live)
	if err := k.enable(ctx, call, &v); err != nil {
		return live, err
	}
	tags := tagsOfEC2(v.Tags)
	if err := retagEC2(ctx, call, map[string]map[string]string{*v.VpcId: tags}); err != nil {
		return live, err
	}
	v.Tags = ec2Tags(retagged(call.Tags, tags))
	return k.live(call, v, live.Owner), nil
}

func (VPC) Delete(ctx context.Context, call graph.Call, live graph.Live) (bool, error) {
	_, err := world(call).EC2.DeleteVpc(ctx, &ec2.DeleteVpcInput{VpcId: &live.ID})
	return vpcs.removed(call, live.ID, heldInVPC(ctx, call, err, live.ID))
}
