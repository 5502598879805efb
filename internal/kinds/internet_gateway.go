package kinds

import (
	"context"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/portkey-ai/portkey-ecs-operator/internal/aws"
	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
)

// InternetGateway is a VPC's way to and from the internet; its attachment is a field of it.
// CreateInternetGateway has neither a name nor a client token, hence WriteAhead.
// https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Internet_Gateway.html
//
// Out: id, only while attached: a NAT gateway made before the attachment fails for good.
type InternetGateway struct{}

// InternetGatewaySpec is the desired state of an InternetGateway.
type InternetGatewaySpec struct {
	// VPC is the id of the VPC that it is attached to.
	VPC graph.Value
}

var internetGateways = ec2Objects[types.InternetGateway]{
	key: "ec2/internet-gateways",
	read: func(ctx context.Context, c aws.EC2, ids []string, filters []types.Filter) ([]types.InternetGateway, error) {
		return pages(ctx, ec2.NewDescribeInternetGatewaysPaginator(c, &ec2.DescribeInternetGatewaysInput{InternetGatewayIds: ids, Filters: filters}),
			func(p *ec2.DescribeInternetGatewaysOutput) []types.InternetGateway { return p.InternetGateways })
	},
	id:   func(g types.InternetGateway) string { return sdk.ToString(g.InternetGatewayId) },
	tags: func(g types.InternetGateway) []types.Tag { return g.Tags },
}

// Name implements graph.Kind.
func (InternetGateway) Name() string { return "InternetGateway" }

// WriteAhead implements graph.WriteAhead.
func (InternetGateway) WriteAhead() bool { return true }

// List implements graph.Lister.
func (k InternetGateway) List(ctx context.Context, call graph.Call) (map[graph.NodeID]graph.Live, error) {
	return internetGateways.nodes(ctx, call, func(g types.InternetGateway) graph.Live { return k.live(call, g, graph.Ours) })
}

func (k InternetGateway) Observe(ctx context.Context, call graph.Call, _ InternetGatewaySpec) (graph.Live, error) {
	g, owner, err := internetGateways.find(ctx, call)
	if err != nil || g == nil {
		return graph.Live{Phase: graph.Absent}, err
	}
	return k.live(call, *g, owner), nil
}

// attachment answers the VPC that the gateway is attached to, and whether that is done. AWS says
// "available" here, which the SDK's enumeration of attachment states doesn't know.
func attachment(g types.InternetGateway) (vpc string, done bool) {
	for _, a := range g.Attachments {
		switch a.State {
		case types.AttachmentStatusDetached, types.AttachmentStatusDetaching:
		case types.AttachmentStatusAttaching:
			return sdk.ToString(a.VpcId), false
		default:
			return sdk.ToString(a.VpcId), true
		}
	}
	return "", false
}

func (InternetGateway) live(call graph.Call, g types.InternetGateway, owner graph.Proof) graph.Live {
	l := graph.Live{ID: *g.InternetGatewayId, Phase: graph.Ready, Owner: owner, Raw: g}
	switch vpc, done := attachment(g); {
	case done:
		l.Out = map[graph.Attr]string{"id": l.ID}
	case vpc != "":
		l.Phase, l.Why, l.Recheck = graph.Pending, "is being attached", recheck(call.Now, call.Now, settling)
	default:
		l.Phase, l.Why = graph.Pending, "isn't attached"
	}
	return l
}

func (InternetGateway) Diff(call graph.Call, want InternetGatewaySpec, live graph.Live) []graph.Change {
	g := raw[types.InternetGateway](live)
	var d difference
	vpc, _ := attachment(g)
	d.text("vpc", vpc, want.VPC.String())
	return append(d, diffTags(call.Tags, tagsOfEC2(g.Tags))...)
}

func (k InternetGateway) Create(ctx context.Context, call graph.Call, spec InternetGatewaySpec) (graph.Live, error) {
	out, err := world(call).EC2.CreateInternetGateway(ctx, &ec2.CreateInternetGatewayInput{
		TagSpecifications: tagged(call, types.ResourceTypeInternetGateway),
	})
	if err != nil {
		internetGateways.forget(call)
		return graph.Live{}, err
	}
	g := *out.InternetGateway
	err = k.attach(ctx, call, &g, spec.VPC.String())
	internetGateways.became(call, g)
	return k.live(call, g, graph.Ours), err
}

func (InternetGateway) attach(ctx context.Context, call graph.Call, g *types.InternetGateway, vpc string) error {
	_, err := world(call).EC2.AttachInternetGateway(ctx, &ec2.AttachInternetGatewayInput{InternetGatewayId: g.InternetGatewayId, VpcId: &vpc})
	if err == nil {
		// The call answers when it is done.
		g.Attachments = []types.InternetGatewayAttachment{{VpcId: &vpc, State: types.AttachmentStatusAttached}}
	}
	return err
}

func (InternetGateway) detach(ctx context.Context, call graph.Call, g *types.InternetGateway) error {
	vpc, _ := attachment(*g)
	if vpc == "" {
		return nil
	}
	_, err := world(call).EC2.DetachInternetGateway(ctx, &ec2.DetachInternetGatewayInput{InternetGatewayId: g.InternetGatewayId, VpcId: &vpc})
	if err != nil && !notFound(err) { // Gateway.NotAttached
		return err
	}
	g.Attachments = nil
	return nil
}

func (k InternetGateway) Update(ctx context.Context, call graph.Call, spec InternetGatewaySpec, live graph.Live, _ []graph.Change) (graph.Live, error) {
	defer internetGateways.forget(call)
	g := raw[types.InternetGateway](live)
	if vpc, _ := attachment(g); vpc != spec.VPC.String() {
		if err := k.detach(ctx, call, &g); err != nil { // from a VPC that somebody else put it to
			return live, err
		}
		if err := k.attach(ctx, call, &g, spec.VPC.String()); err != nil {
			return k.live(call, g, live.Owner), err
		}
	}
	tags := tagsOfEC2(g.Tags)
	if err := retagEC2(ctx, call, map[string]map[string]string{*g.InternetGatewayId: tags}); err != nil {
		return k.live(call, g, live.Owner), err
	}
	g.Tags = ec2Tags(retagged(call.Tags, tags))
	return k.live(call, g, live.Owner), nil
}

// Delete detaches first. AWS refuses that while anything in the VPC has a public address.
func (k InternetGateway) Delete(ctx context.Context, call graph.Call, live graph.Live) (bool, error) {
	g := raw[types.InternetGateway](live)
	vpc, _ := attachment(g)
	if err := k.detach(ctx, call, &g); err != nil {
		internetGateways.forget(call)
		return false, heldByAddresses(ctx, call, err, vpc)
	}
	_, err := world(call).EC2.DeleteInternetGateway(ctx, &ec2.DeleteInternetGatewayInput{InternetGatewayId: &live.ID})
	return internetGateways.removed(call, live.ID, err)
}
