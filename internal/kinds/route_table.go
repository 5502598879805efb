package kinds

import (
	"context"
	"slices"
	"strings"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/portkey-ai/portkey-ecs-operator/internal/aws"
	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
)

// RouteTable says where the traffic of its subnets goes; routes and associations are its fields. What
// leaves for the internet is ours alone: other routes to internet and NAT gateways are removed.
// Routes to anything else (peerings, transit gateways, endpoints) are others' business and stay.
// https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Route_Tables.html
//
// Out: id at once; egress (the same id) while all routes and associations stand; subnets (ids, separated by
// commas) is for the table's own deletion.
type RouteTable struct{}

// RouteTableSpec is the desired state of a RouteTable.
type RouteTableSpec struct {
	// VPC is the VPC's id.
	VPC graph.Value
	// Routes are those besides the VPC's own.
	Routes []Route
	// Subnets are the ids of the subnets that use the table.
	Subnets []graph.Value
}

// Route sends what is for CIDR to a gateway: one of the two is set.
type Route struct {
	// CIDR is the destination.
	CIDR string
	// Gateway is an internet gateway's id.
	Gateway graph.Value
	// NAT is a NAT gateway's id.
	NAT graph.Value
}

func (r Route) target() string {
	if !r.NAT.IsZero() {
		return r.NAT.String()
	}
	return r.Gateway.String()
}

var routeTables = ec2Objects[types.RouteTable]{
	key: "ec2/route-tables",
	read: func(ctx context.Context, c aws.EC2, ids []string, filters []types.Filter) ([]types.RouteTable, error) {
		return pages(ctx, ec2.NewDescribeRouteTablesPaginator(c, &ec2.DescribeRouteTablesInput{RouteTableIds: ids, Filters: filters}),
			func(p *ec2.DescribeRouteTablesOutput) []types.RouteTable { return p.RouteTables })
	},
	id:   func(t types.RouteTable) string { return sdk.ToString(t.RouteTableId) },
	tags: func(t types.RouteTable) []types.Tag { return t.Tags },
}

// Name implements graph.Kind.
func (RouteTable) Name() string { return "RouteTable" }

// List implements graph.Lister. A VPC's main table is VPCDefaults' business.
func (k RouteTable) List(ctx context.Context, call graph.Call) (map[graph.NodeID]graph.Live, error) {
	out, err := routeTables.nodes(ctx, call, func(t types.RouteTable) graph.Live { return k.live(call, t, graph.Ours, RouteTableSpec{}) })
	for node, l := range out {
		if isMain(raw[types.RouteTable](l)) {
			delete(out, node)
		}
	}
	return out, err
}

func (k RouteTable) Observe(ctx context.Context, call graph.Call, spec RouteTableSpec) (graph.Live, error) {
	t, owner, err := routeTables.find(ctx, call)
	if err != nil || t == nil {
		return graph.Live{Phase: graph.Absent}, err
	}
	return k.live(call, *t, owner, spec), nil
}

func (k RouteTable) live(call graph.Call, t types.RouteTable, owner graph.Proof, spec RouteTableSpec) graph.Live {
	l := graph.Live{ID: *t.RouteTableId, Phase: graph.Ready, Owner: owner, Raw: t, Out: map[graph.Attr]string{"id": *t.RouteTableId}}
	for _, a := range t.Associations {
		l.Parts = append(l.Parts, sdk.ToString(a.RouteTableAssociationId))
		if a.AssociationState != nil && a.AssociationState.State == types.RouteTableAssociationStateCodeAssociating {
			l.Phase, l.Why, l.Recheck = graph.Pending, "is being associated with "+sdk.ToString(a.SubnetId), recheck(call.Now, call.Now, settling)
		}
	}
	if ids := knownOf(spec.Subnets); len(ids) > 0 {
		l.Out["subnets"] = strings.Join(ids, ",")
	} else if was := call.Recorded["subnets"]; was != "" {
		l.Out["subnets"] = was
	}
	if l.Phase == graph.Ready && len(k.diffRoutes(spec, t)) == 0 && len(unassociated(spec, t)) == 0 {
		l.Out["egress"] = l.ID
	}
	return l
}

func (k RouteTable) Diff(call graph.Call, want RouteTableSpec, live graph.Live) []graph.Change {
	t := raw[types.RouteTable](live)
	var d difference
	d.fixed("vpc", sdk.ToString(t.VpcId), want.VPC.String())
	for _, c := range k.diffRoutes(want, t) {
		d.text("routes["+c.Path+"]", c.Have, c.Want)
	}
	for _, s := range unassociated(want, t) {
		d.text("subnets["+s+"]", "absent", "associated")
	}
	return append(d, diffTags(call.Tags, tagsOfEC2(t.Tags))...)
}

func (k RouteTable) Create(ctx context.Context, call graph.Call, spec RouteTableSpec) (graph.Live, error) {
	out, err := world(call).EC2.CreateRouteTable(ctx, &ec2.CreateRouteTableInput{
		VpcId:             sdk.String(spec.VPC.String()),
		ClientToken:       sdk.String(call.Token),
		TagSpecifications: tagged(call, types.ResourceTypeRouteTable),
	})
	if err != nil {
		routeTables.forget(call)
		return graph.Live{}, err
	}
	t := *out.RouteTable
	defer func() { routeTables.became(call, t) }()
	if err = k.route(ctx, call, spec, &t); err == nil {
		err = k.associate(ctx, call, &t, unassociated(spec, t))
	}
	return k.live(call, t, graph.Ours, spec), err
}

// Update adds and replaces before it removes, so that no packet is without a route meanwhile.
func (k RouteTable) Update(ctx context.Context, call graph.Call, spec RouteTableSpec, live graph.Live, _ []graph.Change) (graph.Live, error) {
	defer routeTables.forget(call)
	t := raw[types.RouteTable](live)
	t.Routes, t.Associations = slices.Clone(t.Routes), slices.Clone(t.Associations)
	if err := k.route(ctx, call, spec, &t); err != nil {
		return live, err
	}
	if err := k.associate(ctx, call, &t, unassociated(spec, t)); err != nil {
		return live, err
	}
	tags := tagsOfEC2(t.Tags)
	if err := retagEC2(ctx, call, map[string]map[string]string{live.ID: tags}); err != nil {
		return live, err
	}
	t.Tags = ec2Tags(retagged(call.Tags, tags))
	return k.live(call, t, live.Owner, spec), nil
}

// Delete takes the table from its owner's subnets first. Somebody else's subnet would have other routes then.
func (RouteTable) Delete(ctx context.Context, call graph.Call, live graph.Live) (bool, error) {
	ours, err := subnets.owned(ctx, call)
	if err != nil {
		return false, err
	}
	wanted := strings.Split(live.Out["subnets"], ",") // though somebody took their tags off
	var theirs []string
	for _, a := range raw[types.RouteTable](live).Associations {
		if !associated(a) {
			continue
		}
		if a.SubnetId != nil && !slices.Contains(wanted, *a.SubnetId) && !slices.ContainsFunc(ours, func(s types.Subnet) bool { return sdk.ToString(s.SubnetId) == *a.SubnetId }) {
			theirs = append(theirs, called("subnet", *a.SubnetId, "which isn't the operator's and has this table"))
			continue
		}
		if _, err := world(call).EC2.DisassociateRouteTable(ctx, &ec2.DisassociateRouteTableInput{AssociationId: a.RouteTableAssociationId}); err != nil && !notFound(err) {
			routeTables.forget(call)
			return false, err
		}
	}
	_, err = world(call).EC2.DeleteRouteTable(ctx, &ec2.DeleteRouteTableInput{RouteTableId: &live.ID})
	return routeTables.removed(call, live.ID, heldBy(ctx, call, err, live.ID, func() ([]string, error) { return theirs, nil }))
}

// knownOf are those of some values that are known.
func knownOf(values []graph.Value) []string {
	var out []string
	for _, v := range values {
		if known(v) {
			out = append(out, v.String())
		}
	}
	return out
}
