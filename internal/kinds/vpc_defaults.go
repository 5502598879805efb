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

// VPCDefaults is what every VPC comes with: a default security group, a main route table and a
// default network ACL. The group loses its rules, so that nobody opens anything by forgetting to name
// a group, and all three carry our tags. Use it only with a VPC that is ours: that it is in the VPC is
// the proof that an untagged one is ours too. They go with the VPC; there is nothing to delete.
// https://docs.aws.amazon.com/vpc/latest/userguide/default-security-group.html
//
// Out: id (the default security group's), at once.
type VPCDefaults struct{}

// VPCDefaultsSpec is the desired state of VPCDefaults.
type VPCDefaultsSpec struct {
	// VPC is the VPC's id.
	VPC graph.Value
}

type vpcDefaults struct {
	group types.SecurityGroup
	table types.RouteTable
	acl   types.NetworkAcl
}

var networkACLs = ec2Objects[types.NetworkAcl]{
	key: "ec2/network-acls",
	read: func(ctx context.Context, c aws.EC2, ids []string, filters []types.Filter) ([]types.NetworkAcl, error) {
		return pages(ctx, ec2.NewDescribeNetworkAclsPaginator(c, &ec2.DescribeNetworkAclsInput{NetworkAclIds: ids, Filters: filters}),
			func(p *ec2.DescribeNetworkAclsOutput) []types.NetworkAcl { return p.NetworkAcls })
	},
	id:   func(a types.NetworkAcl) string { return sdk.ToString(a.NetworkAclId) },
	tags: func(a types.NetworkAcl) []types.Tag { return a.Tags },
}

// Name implements graph.Kind.
func (VPCDefaults) Name() string { return "VPCDefaults" }

func (k VPCDefaults) Observe(ctx context.Context, call graph.Call, spec VPCDefaultsSpec) (graph.Live, error) {
	d, owner, err := k.find(ctx, call, spec)
	if err != nil || d.group.GroupId == nil {
		return graph.Live{Phase: graph.Absent}, err
	}
	return k.live(call, d, owner), nil
}

// find reads the three: from the owner's lists once they carry its tags, by their VPC before.
func (VPCDefaults) find(ctx context.Context, call graph.Call, spec VPCDefaultsSpec) (d vpcDefaults, owner graph.Proof, err error) {
	group, _, err := securityGroups.find(ctx, call)
	if err != nil {
		return d, owner, err
	}
	if known(spec.VPC) && (group == nil || sdk.ToString(group.VpcId) != spec.VPC.String()) {
		group, err = one(ctx, call, securityGroups, filter("vpc-id", spec.VPC.String()), filter("group-name", defaultGroup))
	}
	if err != nil || group == nil {
		return d, owner, err
	}
	d.group = *group
	vpc, mine := *group.VpcId, call
	mine.ID = *group.GroupId
	owner = proof(mine, *group.GroupId, tagsOfEC2(group.Tags))

	table, err := inVPC(ctx, call, routeTables, func(t types.RouteTable) bool { return sdk.ToString(t.VpcId) == vpc && isMain(t) },
		filter("vpc-id", vpc), filter("association.main", "true"))
	if err != nil {
		return d, owner, err
	}
	// No other node has network ACLs, so the owner's list would be another call.
	acl, err := one(ctx, call, networkACLs, filter("vpc-id", vpc), filter("default", "true"))
	if err != nil {
		return d, owner, err
	}
	if table != nil {
		d.table = *table
	}
	if acl != nil {
		d.acl = *acl
	}
	return d, owner, nil
}

// inVPC answers the object that is sought: from the owner's list, or else by filters.
func inVPC[T any](ctx context.Context, call graph.Call, o ec2Objects[T], sought func(T) bool, filters ...types.Filter) (*T, error) {
	all, err := o.owned(ctx, call)
	if err != nil {
		return nil, err
	}
	for i := range all {
		if sought(all[i]) {
			return &all[i], nil
		}
	}
	return one(ctx, call, o, filters...)
}

// one answers the object that filters describe, or nil.
func one[T any](ctx context.Context, call graph.Call, o ec2Objects[T], filters ...types.Filter) (*T, error) {
	all, err := o.read(ctx, world(call).EC2, nil, filters)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	return &all[0], nil
}

func (VPCDefaults) live(call graph.Call, d vpcDefaults, owner graph.Proof) graph.Live {
	l := graph.Live{ID: *d.group.GroupId, Phase: graph.Ready, Owner: owner, Raw: d, Out: map[graph.Attr]string{"id": *d.group.GroupId}}
	if d.table.RouteTableId == nil || d.acl.NetworkAclId == nil {
		l.Phase, l.Why, l.Recheck = graph.Pending, "doesn't show all of it yet", recheck(call.Now, call.Now, settling)
	}
	return l
}

// objects are the three by id, with the tags they have.
func (d vpcDefaults) objects() map[string]map[string]string {
	out := map[string]map[string]string{*d.group.GroupId: tagsOfEC2(d.group.Tags)}
	if d.table.RouteTableId != nil {
		out[*d.table.RouteTableId] = tagsOfEC2(d.table.Tags)
	}
	if d.acl.NetworkAclId != nil {
		out[*d.acl.NetworkAclId] = tagsOfEC2(d.acl.Tags)
	}
	return out
}

func (VPCDefaults) Diff(call graph.Call, _ VPCDefaultsSpec, live graph.Live) []graph.Change {
	d := raw[vpcDefaults](live)
	var out []graph.Change
	if n := len(d.group.IpPermissions); n > 0 {
		out = append(out, graph.Change{Path: "securityGroup.ingress", Have: fmt.Sprintf("%d permissions", n), Want: "none"})
	}
	if n := len(d.group.IpPermissionsEgress); n > 0 {
		out = append(out, graph.Change{Path: "securityGroup.egress", Have: fmt.Sprintf("%d permissions", n), Want: "none"})
	}
	for _, o := range []struct {
		path string
		id   *string
	}{{"securityGroup", d.group.GroupId}, {"routeTable", d.table.RouteTableId}, {"networkACL", d.acl.NetworkAclId}} {
		if o.id == nil {
			continue
		}
		for _, c := range diffTags(call.Tags, d.objects()[*o.id]) {
			c.Path = o.path + "." + c.Path
			out = append(out, c)
		}
	}
	return out
}

// Create has nothing to make: AWS made them with the VPC. It is called when they don't show yet.
func (k VPCDefaults) Create(ctx context.Context, call graph.Call, spec VPCDefaultsSpec) (graph.Live, error) {
	live, err := k.Observe(ctx, call, spec)
	if err != nil {
		return graph.Live{}, err
	}
	if live.Phase == graph.Absent {
		return graph.Live{Phase: graph.Pending, Owner: graph.Ours, Why: "the VPC's default objects don't show yet", Recheck: recheck(call.Now, call.Now, settling)}, nil
	}
	return k.Update(ctx, call, spec, live, nil)
}

func (k VPCDefaults) Update(ctx context.Context, call graph.Call, _ VPCDefaultsSpec, live graph.Live, _ []graph.Change) (after graph.Live, err error) {
	defer func() {
		if err != nil {
			securityGroups.forget(call)
			routeTables.forget(call)
		}
	}()
	d, c := raw[vpcDefaults](live), world(call).EC2
	// Tags first: IAM lets us take rules from what carries ours.
	if err := retagEC2(ctx, call, d.objects()); err != nil {
		return live, err
	}
	if len(d.group.IpPermissions) > 0 {
		if _, err := c.RevokeSecurityGroupIngress(ctx, &ec2.RevokeSecurityGroupIngressInput{GroupId: d.group.GroupId, IpPermissions: d.group.IpPermissions}); err != nil {
			return live, err
		}
		d.group.IpPermissions = nil
	}
	if len(d.group.IpPermissionsEgress) > 0 {
		if _, err := c.RevokeSecurityGroupEgress(ctx, &ec2.RevokeSecurityGroupEgressInput{GroupId: d.group.GroupId, IpPermissions: d.group.IpPermissionsEgress}); err != nil {
			return live, err
		}
		d.group.IpPermissionsEgress = nil
	}
	d.group.Tags = ec2Tags(retagged(call.Tags, tagsOfEC2(d.group.Tags)))
	d.table.Tags = ec2Tags(retagged(call.Tags, tagsOfEC2(d.table.Tags)))
	d.acl.Tags = ec2Tags(retagged(call.Tags, tagsOfEC2(d.acl.Tags)))
	securityGroups.became(call, d.group)
	if d.table.RouteTableId != nil {
		routeTables.became(call, d.table)
	}
	return k.live(call, d, live.Owner), nil
}

// Delete has nothing to do: they go with the VPC, and AWS lets nobody delete them before.
func (VPCDefaults) Delete(context.Context, graph.Call, graph.Live) (bool, error) { return true, nil }
