package ec2

import (
	"slices"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

type routeTable struct {
	object
	vpcID        string
	routes       []*route
	associations []*association
}

// association ties a table to a subnet; the one of the main table has no subnet.
type association struct {
	id, subnetID string
	main         bool
}

func (t *routeTable) isMain() bool {
	return slices.ContainsFunc(t.associations, func(a *association) bool { return a.main })
}

func (t *routeTable) dropAssociations(f func(*association) bool) {
	t.associations = slices.DeleteFunc(t.associations, f)
}

func (s *Service) registerRouteTables(m *core.Mux) {
	core.Handle(m, "CreateRouteTable", s.createRouteTable)
	core.Handle(m, "DeleteRouteTable", s.deleteRouteTable)
	core.Handle(m, "AssociateRouteTable", s.associateRouteTable)
	core.Handle(m, "DisassociateRouteTable", s.disassociateRouteTable)
	core.Handle(m, "ReplaceRouteTableAssociation", s.replaceRouteTableAssociation)
	core.Handle(m, "DescribeRouteTables", s.describeRouteTables)
	core.Handle(m, "CreateRoute", s.createRoute)
	core.Handle(m, "ReplaceRoute", s.replaceRoute)
	core.Handle(m, "DeleteRoute", s.deleteRoute)
}

type createRouteTableIn struct {
	VPCID string `q:"VpcId,required"`
	Token string `q:"ClientToken"`
	TagSpecs
}

type routeTableOut struct {
	Token string         `xml:"clientToken,omitempty"`
	Table routeTableItem `xml:"routeTable"`
}

// createRouteTable takes a client token,
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateRouteTable.html
func (s *Service) createRouteTable(q *core.Request, in *createRouteTableIn) (*routeTableOut, error) {
	r := s.region(q.Scope)
	tags, err := in.of(kindRouteTable)
	if err != nil {
		return nil, err
	}
	if id, err := r.replay(q, in.Token); err != nil {
		return nil, err
	} else if t, exists := r.routeTables.get(id); exists {
		return &routeTableOut{in.Token, r.routeTableItem(t)}, nil
	}
	v, err := r.vpcs.need(kindVPC, in.VPCID)
	if err != nil {
		return nil, err
	}
	if len(r.routeTables.where(func(t *routeTable) bool { return t.vpcID == v.id })) >= s.Quotas.RouteTablesPerVPC {
		return nil, core.Errorf("RouteTableLimitExceeded", "The maximum number of route tables has been reached.")
	}
	t := r.newRouteTable(v, tags, false)
	r.remember(q, in.Token, t.id)
	return &routeTableOut{in.Token, r.routeTableItem(t)}, nil
}

// newRouteTable makes a table with the local route, as every table has it.
func (r *region) newRouteTable(v *vpc, tags map[string]string, main bool) *routeTable {
	t := &routeTable{object: r.newObject(kindRouteTable, tags), vpcID: v.id}
	t.routes = []*route{{destination: v.cidr.String(), gatewayID: "local", origin: "CreateRouteTable"}}
	if main {
		t.associations = []*association{{id: r.s.world.ID("rtbassoc"), main: true}}
	}
	r.routeTables.add(t)
	return t
}

type routeTableIDIn struct {
	ID string `q:"RouteTableId,required"`
}

// deleteRouteTable: "You must disassociate the route table from any subnets before you can delete it.
// You can't delete the main route table",
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteRouteTable.html
func (s *Service) deleteRouteTable(q *core.Request, in *routeTableIDIn) (*done, error) {
	r := s.region(q.Scope)
	t, err := r.routeTables.need(kindRouteTable, in.ID)
	if err != nil {
		return nil, err
	}
	if len(t.associations) > 0 {
		return nil, dependency("The routeTable '%s' has dependencies and cannot be deleted.", t.id)
	}
	r.routeTables.remove(t.id)
	return ok(), nil
}

// effectiveTable is the table a subnet uses: its own or the VPC's main one.
func (r *region) effectiveTable(n *subnet) *routeTable {
	var main *routeTable
	for _, t := range r.routeTables.items {
		if t.vpcID != n.vpcID {
			continue
		}
		for _, a := range t.associations {
			if a.subnetID == n.id {
				return t
			}
			if a.main {
				main = t
			}
		}
	}
	return main
}
