package ec2

import "github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"

type associateRouteTableIn struct {
	TableID  string `q:"RouteTableId,required"`
	SubnetID string `q:"SubnetId,required"`
}

type associationState struct {
	State string `xml:"state"`
}

type associateRouteTableOut struct {
	AssociationID string           `xml:"associationId"`
	State         associationState `xml:"associationState"`
}

// associateRouteTable: a subnet has one explicit association,
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AssociateRouteTable.html
func (s *Service) associateRouteTable(q *core.Request, in *associateRouteTableIn) (*associateRouteTableOut, error) {
	r := s.region(q.Scope)
	t, err := r.routeTables.need(kindRouteTable, in.TableID)
	if err != nil {
		return nil, err
	}
	n, err := r.subnets.need(kindSubnet, in.SubnetID)
	if err != nil {
		return nil, err
	}
	if t.vpcID != n.vpcID {
		return nil, invalidValue("route table %s and subnet %s belong to different networks", t.id, n.id)
	}
	if r.routeTables.any(func(o *routeTable) bool {
		for _, a := range o.associations {
			if a.subnetID == n.id {
				return true
			}
		}
		return false
	}) {
		return nil, core.Errorf("Resource.AlreadyAssociated", "the specified association for route table %s conflicts with an existing association", t.id)
	}
	a := &association{id: q.World.ID("rtbassoc"), subnetID: n.id}
	t.associations = append(t.associations, a)
	return &associateRouteTableOut{a.id, associationState{"associated"}}, nil
}

func (r *region) association(id string) (*routeTable, *association, error) {
	for _, t := range r.routeTables.items {
		for _, a := range t.associations {
			if a.id == id {
				return t, a, nil
			}
		}
	}
	return nil, nil, core.Errorf("InvalidAssociationID.NotFound", "The association ID '%s' does not exist", id)
}

type associationIDIn struct {
	ID string `q:"AssociationId,required"`
}

// disassociateRouteTable gives the subnet back to the main table,
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DisassociateRouteTable.html
func (s *Service) disassociateRouteTable(q *core.Request, in *associationIDIn) (*done, error) {
	t, a, err := s.region(q.Scope).association(in.ID)
	if err != nil {
		return nil, err
	}
	if a.main {
		return nil, invalidValue("cannot disassociate the main route table association %s", a.id)
	}
	t.dropAssociations(func(o *association) bool { return o == a })
	return ok(), nil
}

type replaceAssociationIn struct {
	ID      string `q:"AssociationId,required"`
	TableID string `q:"RouteTableId,required"`
}

type replaceAssociationOut struct {
	AssociationID string           `xml:"newAssociationId"`
	State         associationState `xml:"associationState"`
}

// replaceRouteTableAssociation also changes the main table,
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ReplaceRouteTableAssociation.html
func (s *Service) replaceRouteTableAssociation(q *core.Request, in *replaceAssociationIn) (*replaceAssociationOut, error) {
	r := s.region(q.Scope)
	from, a, err := r.association(in.ID)
	if err != nil {
		return nil, err
	}
	to, err := r.routeTables.need(kindRouteTable, in.TableID)
	if err != nil {
		return nil, err
	}
	if from.vpcID != to.vpcID {
		return nil, invalidValue("route table %s and route table %s belong to different networks", from.id, to.id)
	}
	from.dropAssociations(func(o *association) bool { return o == a })
	moved := &association{id: q.World.ID("rtbassoc"), subnetID: a.subnetID, main: a.main}
	to.associations = append(to.associations, moved)
	return &replaceAssociationOut{moved.id, associationState{"associated"}}, nil
}
