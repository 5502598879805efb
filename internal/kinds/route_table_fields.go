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

// associated reports whether an association binds a subnet to its table, or is about to.
func associated(a types.RouteTableAssociation) bool {
	if a.SubnetId == nil || sdk.ToBool(a.Main) {
		return false
	}
	return a.AssociationState == nil || a.AssociationState.State == "" || a.AssociationState.State == types.RouteTableAssociationStateCodeAssociated ||
		a.AssociationState.State == types.RouteTableAssociationStateCodeAssociating
}

func isMain(t types.RouteTable) bool {
	return slices.ContainsFunc(t.Associations, func(a types.RouteTableAssociation) bool { return sdk.ToBool(a.Main) })
}

// unassociated are the wanted subnets that don't use the table.
func unassociated(spec RouteTableSpec, t types.RouteTable) []string {
	var out []string
	for _, s := range graph.Strings(spec.Subnets) {
		if !slices.ContainsFunc(t.Associations, func(a types.RouteTableAssociation) bool { return associated(a) && *a.SubnetId == s }) {
			out = append(out, s)
		}
	}
	return out
}

func routeDestination(r types.Route) string {
	return sdk.ToString(first(r.DestinationCidrBlock, r.DestinationIpv6CidrBlock, r.DestinationPrefixListId))
}

func routeTarget(r types.Route) string {
	return sdk.ToString(first(r.NatGatewayId, r.GatewayId, r.EgressOnlyInternetGatewayId, r.TransitGatewayId, r.VpcPeeringConnectionId,
		r.NetworkInterfaceId, r.InstanceId, r.CarrierGatewayId, r.LocalGatewayId, r.CoreNetworkArn))
}

func first(s ...*string) *string {
	for _, p := range s {
		if sdk.ToString(p) != "" {
			return p
		}
	}
	return nil
}

// diffRoutes compares routes; each change's Path is the destination.
func (RouteTable) diffRoutes(want RouteTableSpec, t types.RouteTable) []graph.Change {
	var out []graph.Change
	wanted := map[string]bool{}
	for _, r := range want.Routes {
		wanted[r.CIDR] = true
		have := ""
		for _, l := range t.Routes {
			if routeDestination(l) != r.CIDR {
				continue
			}
			if have = routeTarget(l); l.State == types.RouteStateBlackhole {
				have += " (blackhole)"
			}
		}
		if have != r.target() {
			out = append(out, graph.Change{Path: r.CIDR, Have: have, Want: r.target()})
		}
	}
	for _, l := range t.Routes {
		to := routeTarget(l)
		egress := strings.HasPrefix(to, "igw-") || strings.HasPrefix(to, "nat-") || strings.HasPrefix(to, "eigw-")
		if egress && l.DestinationPrefixListId == nil && routeDestination(l) != "" && !wanted[routeDestination(l)] {
			out = append(out, graph.Change{Path: routeDestination(l), Have: to})
		}
	}
	return out
}

// route makes the table's routes what they should be, and notes that in t: what is missing, then what
// points elsewhere or nowhere, then what shouldn't be.
func (k RouteTable) route(ctx context.Context, call graph.Call, spec RouteTableSpec, t *types.RouteTable) error {
	c := world(call).EC2
	for _, ch := range k.diffRoutes(spec, *t) {
		cidr, v6 := sdk.String(ch.Path), (*string)(nil)
		if strings.Contains(ch.Path, ":") {
			cidr, v6 = nil, cidr
		}
		gateway, nat := sdk.String(ch.Want), (*string)(nil)
		if strings.HasPrefix(ch.Want, "nat-") {
			gateway, nat = nil, gateway
		}
		var err error
		switch {
		case ch.Want == "":
			_, err = c.DeleteRoute(ctx, &ec2.DeleteRouteInput{RouteTableId: t.RouteTableId, DestinationCidrBlock: cidr, DestinationIpv6CidrBlock: v6})
			if notFound(err) {
				err = nil
			}
		case ch.Have == "":
			_, err = c.CreateRoute(ctx, &ec2.CreateRouteInput{RouteTableId: t.RouteTableId, DestinationCidrBlock: cidr, DestinationIpv6CidrBlock: v6, GatewayId: gateway, NatGatewayId: nat})
		default:
			_, err = c.ReplaceRoute(ctx, &ec2.ReplaceRouteInput{RouteTableId: t.RouteTableId, DestinationCidrBlock: cidr, DestinationIpv6CidrBlock: v6, GatewayId: gateway, NatGatewayId: nat})
		}
		if err != nil {
			return err
		}
		t.Routes = slices.DeleteFunc(t.Routes, func(r types.Route) bool { return routeDestination(r) == ch.Path })
		if ch.Want != "" {
			t.Routes = append(t.Routes, types.Route{DestinationCidrBlock: cidr, DestinationIpv6CidrBlock: v6, GatewayId: gateway, NatGatewayId: nat, State: types.RouteStateActive})
		}
	}
	return nil
}

// associate makes subnets use the table. One that has another table moves from it in one step, so that it
// is never without a way out.
func (k RouteTable) associate(ctx context.Context, call graph.Call, t *types.RouteTable, subnets []string) error {
	for _, s := range subnets {
		made, err := k.bind(ctx, call, t, s)
		if err != nil {
			return err
		}
		t.Associations = append(t.Associations, made)
	}
	return nil
}

func (RouteTable) bind(ctx context.Context, call graph.Call, t *types.RouteTable, subnet string) (types.RouteTableAssociation, error) {
	c := world(call).EC2
	out, err := c.AssociateRouteTable(ctx, &ec2.AssociateRouteTableInput{SubnetId: &subnet, RouteTableId: t.RouteTableId})
	if err == nil {
		return types.RouteTableAssociation{RouteTableId: t.RouteTableId, SubnetId: &subnet, RouteTableAssociationId: out.AssociationId, AssociationState: out.AssociationState}, nil
	}
	if aws.Classify(err).Class != graph.Conflict {
		return types.RouteTableAssociation{}, err
	}
	others, unread := routeTables.read(ctx, c, nil, []types.Filter{filter("association.subnet-id", subnet)})
	if unread != nil {
		return types.RouteTableAssociation{}, unread
	}
	other := association(others, subnet)
	if other == nil {
		return types.RouteTableAssociation{}, err
	}
	moved, err := c.ReplaceRouteTableAssociation(ctx, &ec2.ReplaceRouteTableAssociationInput{AssociationId: other, RouteTableId: t.RouteTableId})
	if err != nil {
		return types.RouteTableAssociation{}, err
	}
	return types.RouteTableAssociation{RouteTableId: t.RouteTableId, SubnetId: &subnet, RouteTableAssociationId: moved.NewAssociationId, AssociationState: moved.AssociationState}, nil
}

// association is the id of what binds a subnet to one of the tables, or nil.
func association(tables []types.RouteTable, subnet string) *string {
	for _, t := range tables {
		for _, a := range t.Associations {
			if associated(a) && *a.SubnetId == subnet {
				return a.RouteTableAssociationId
			}
		}
	}
	return nil
}
