package kinds

import (
	"context"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/portkey-ai/portkey-ecs-operator/internal/aws"
	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
)

// SecurityGroup is a group without its rules, which are a node of their own (SecurityGroupRules):
// groups refer to each other in circles. Its name is the call's, unique within the VPC.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSecurityGroup.html
//
// Out: id, at once.
type SecurityGroup struct{}

// SecurityGroupSpec is the desired state of a SecurityGroup.
type SecurityGroupSpec struct {
	// VPC is the VPC's id.
	VPC graph.Value
	// Description can't be changed, and isn't worth a new group: it is given once, at creation.
	Description string
}

var securityGroups = ec2Objects[types.SecurityGroup]{
	key: "ec2/security-groups",
	read: func(ctx context.Context, c aws.EC2, ids []string, filters []types.Filter) ([]types.SecurityGroup, error) {
		return pages(ctx, ec2.NewDescribeSecurityGroupsPaginator(c, &ec2.DescribeSecurityGroupsInput{GroupIds: ids, Filters: filters}),
			func(p *ec2.DescribeSecurityGroupsOutput) []types.SecurityGroup { return p.SecurityGroups })
	},
	id:   func(g types.SecurityGroup) string { return sdk.ToString(g.GroupId) },
	tags: func(g types.SecurityGroup) []types.Tag { return g.Tags },
}

// defaultGroup is the name that AWS gives the group every VPC comes with, and no other.
const defaultGroup = "default"

// Name implements graph.Kind.
func (SecurityGroup) Name() string { return "SecurityGroup" }

// List implements graph.Lister. A VPC's default group is VPCDefaults' business.
func (k SecurityGroup) List(ctx context.Context, call graph.Call) (map[graph.NodeID]graph.Live, error) {
	out, err := securityGroups.nodes(ctx, call, func(g types.SecurityGroup) graph.Live { return k.live(g, graph.Ours) })
	for node, l := range out {
		if sdk.ToString(raw[types.SecurityGroup](l).GroupName) == defaultGroup {
			delete(out, node)
		}
	}
	return out, err
}

func (k SecurityGroup) Observe(ctx context.Context, call graph.Call, spec SecurityGroupSpec) (graph.Live, error) {
	g, owner, err := securityGroups.find(ctx, call)
	if err != nil {
		return graph.Live{}, err
	}
	if g == nil && call.Taken && known(spec.VPC) {
		named, err := securityGroups.read(ctx, world(call).EC2, nil, []types.Filter{filter("vpc-id", spec.VPC.String()), filter("group-name", call.Name)})
		if err != nil {
			return graph.Live{}, err
		}
		if len(named) > 0 {
			g, owner = &named[0], proof(call, *named[0].GroupId, tagsOfEC2(named[0].Tags))
		}
	}
	if g == nil {
		return graph.Live{Phase: graph.Absent}, nil
	}
	return k.live(*g, owner), nil
}

func (SecurityGroup) live(g types.SecurityGroup, owner graph.Proof) graph.Live {
	return graph.Live{ID: *g.GroupId, Phase: graph.Ready, Owner: owner, Raw: g, Out: map[graph.Attr]string{"id": *g.GroupId}}
}

func (SecurityGroup) Diff(call graph.Call, want SecurityGroupSpec, live graph.Live) []graph.Change {
	g := raw[types.SecurityGroup](live)
	var d difference
	d.fixed("vpc", sdk.ToString(g.VpcId), want.VPC.String())
	return append(d, diffTags(call.Tags, tagsOfEC2(g.Tags))...)
}

func (k SecurityGroup) Create(ctx context.Context, call graph.Call, spec SecurityGroupSpec) (graph.Live, error) {
	out, err := world(call).EC2.CreateSecurityGroup(ctx, &ec2.CreateSecurityGroupInput{
		VpcId:             sdk.String(spec.VPC.String()),
		GroupName:         sdk.String(call.Name),
		Description:       sdk.String(spec.Description),
		TagSpecifications: tagged(call, types.ResourceTypeSecurityGroup),
	})
	if err != nil {
		securityGroups.forget(call)
		return graph.Live{}, err
	}
	g := types.SecurityGroup{GroupId: out.GroupId, GroupName: &call.Name, VpcId: sdk.String(spec.VPC.String()), Tags: ec2Tags(call.Tags)}
	securityGroups.became(call, g)
	return k.live(g, graph.Ours), nil
}

func (k SecurityGroup) Update(ctx context.Context, call graph.Call, _ SecurityGroupSpec, live graph.Live, _ []graph.Change) (graph.Live, error) {
	defer securityGroups.forget(call)
	g := raw[types.SecurityGroup](live)
	tags := tagsOfEC2(g.Tags)
	if err := retagEC2(ctx, call, map[string]map[string]string{live.ID: tags}); err != nil {
		return live, err
	}
	g.Tags = ec2Tags(retagged(call.Tags, tags))
	return k.live(g, live.Owner), nil
}

// Delete is refused while a network interface has the group or another group's rule names it.
func (SecurityGroup) Delete(ctx context.Context, call graph.Call, live graph.Live) (bool, error) {
	_, err := world(call).EC2.DeleteSecurityGroup(ctx, &ec2.DeleteSecurityGroupInput{GroupId: &live.ID})
	return securityGroups.removed(call, live.ID, heldByMembers(ctx, call, err, live.ID))
}
