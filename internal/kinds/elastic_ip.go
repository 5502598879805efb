package kinds

import (
	"context"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/portkey-ai/portkey-ecs-operator/internal/aws"
	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
)

// ElasticIP is a public address that stays: what others see as the source of a NAT gateway's traffic,
// and put on their allow lists. AllocateAddress has neither a name nor a client token, hence
// WriteAhead. https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AllocateAddress.html
//
// Out: id (the allocation's) and ip, at once.
type ElasticIP struct{}

// ElasticIPSpec is the desired state of an ElasticIP: there is nothing to choose.
type ElasticIPSpec struct{}

var addresses = ec2Objects[types.Address]{
	key: "ec2/addresses",
	read: func(ctx context.Context, c aws.EC2, ids []string, filters []types.Filter) ([]types.Address, error) {
		out, err := c.DescribeAddresses(ctx, &ec2.DescribeAddressesInput{AllocationIds: ids, Filters: filters})
		if err != nil {
			return nil, err
		}
		return out.Addresses, nil // this list has no pages
	},
	id:   func(a types.Address) string { return sdk.ToString(a.AllocationId) },
	tags: func(a types.Address) []types.Tag { return a.Tags },
}

// Name implements graph.Kind.
func (ElasticIP) Name() string { return "ElasticIP" }

// WriteAhead implements graph.WriteAhead.
func (ElasticIP) WriteAhead() bool { return true }

// List implements graph.Lister.
func (k ElasticIP) List(ctx context.Context, call graph.Call) (map[graph.NodeID]graph.Live, error) {
	return addresses.nodes(ctx, call, func(a types.Address) graph.Live { return k.live(a, graph.Ours) })
}

func (k ElasticIP) Observe(ctx context.Context, call graph.Call, _ ElasticIPSpec) (graph.Live, error) {
	a, owner, err := addresses.find(ctx, call)
	if err != nil || a == nil {
		return graph.Live{Phase: graph.Absent}, err
	}
	return k.live(*a, owner), nil
}

func (ElasticIP) live(a types.Address, owner graph.Proof) graph.Live {
	return graph.Live{
		ID: *a.AllocationId, Phase: graph.Ready, Owner: owner, Raw: a,
		Out: map[graph.Attr]string{"id": *a.AllocationId, "ip": sdk.ToString(a.PublicIp)},
	}
}

func (ElasticIP) Diff(call graph.Call, _ ElasticIPSpec, live graph.Live) []graph.Change {
	return diffTags(call.Tags, tagsOfEC2(raw[types.Address](live).Tags))
}

func (k ElasticIP) Create(ctx context.Context, call graph.Call, _ ElasticIPSpec) (graph.Live, error) {
	out, err := world(call).EC2.AllocateAddress(ctx, &ec2.AllocateAddressInput{
		Domain:            types.DomainTypeVpc,
		TagSpecifications: tagged(call, types.ResourceTypeElasticIp),
	})
	if err != nil {
		addresses.forget(call)
		return graph.Live{}, err
	}
	a := types.Address{AllocationId: out.AllocationId, PublicIp: out.PublicIp, Tags: ec2Tags(call.Tags)}
	addresses.became(call, a)
	return k.live(a, graph.Ours), nil
}

func (k ElasticIP) Update(ctx context.Context, call graph.Call, _ ElasticIPSpec, live graph.Live, _ []graph.Change) (graph.Live, error) {
	defer addresses.forget(call)
	a := raw[types.Address](live)
	tags := tagsOfEC2(a.Tags)
	if err := retagEC2(ctx, call, map[string]map[string]string{live.ID: tags}); err != nil {
		return live, err
	}
	a.Tags = ec2Tags(retagged(call.Tags, tags))
	return k.live(a, live.Owner), nil
}

// Delete releases the address. AWS refuses while a NAT gateway has it, until that is wholly gone.
func (ElasticIP) Delete(ctx context.Context, call graph.Call, live graph.Live) (bool, error) {
	_, err := world(call).EC2.ReleaseAddress(ctx, &ec2.ReleaseAddressInput{AllocationId: &live.ID})
	return addresses.removed(call, live.ID, err)
}
