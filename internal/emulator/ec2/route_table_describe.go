package ec2

import "github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"

type routeTableItem struct {
	ID           string            `xml:"routeTableId"`
	VPCID        string            `xml:"vpcId"`
	OwnerID      string            `xml:"ownerId"`
	Routes       []routeItem       `xml:"routeSet>item"`
	Associations []associationItem `xml:"associationSet>item"`
	Tags         []tagItem         `xml:"tagSet>item"`
}

type routeItem struct {
	CIDR          string `xml:"destinationCidrBlock,omitempty"`
	IPv6CIDR      string `xml:"destinationIpv6CidrBlock,omitempty"`
	GatewayID     string `xml:"gatewayId,omitempty"`
	NATID         string `xml:"natGatewayId,omitempty"`
	InterfaceID   string `xml:"networkInterfaceId,omitempty"`
	InstanceID    string `xml:"instanceId,omitempty"`
	InstanceOwner string `xml:"instanceOwnerId,omitempty"`
	State         string `xml:"state"`
	Origin        string `xml:"origin"`
}

type associationItem struct {
	ID       string           `xml:"routeTableAssociationId"`
	TableID  string           `xml:"routeTableId"`
	SubnetID string           `xml:"subnetId,omitempty"`
	Main     bool             `xml:"main"`
	State    associationState `xml:"associationState"`
}

func (r *region) routeTableItem(t *routeTable) routeTableItem {
	out := routeTableItem{ID: t.id, VPCID: t.vpcID, OwnerID: r.Account, Tags: tagItems(t.tags)}
	for _, e := range t.routes {
		i := routeItem{GatewayID: e.gatewayID, NATID: e.natID, InterfaceID: e.interfaceID, InstanceID: e.instanceID, State: r.routeState(e), Origin: e.origin}
		if e.ipv6 {
			i.IPv6CIDR = e.destination
		} else {
			i.CIDR = e.destination
		}
		if e.instanceID != "" {
			i.InstanceOwner = r.Account
		}
		out.Routes = append(out.Routes, i)
	}
	for _, a := range t.associations {
		out.Associations = append(out.Associations, associationItem{a.id, t.id, a.subnetID, a.main, associationState{"associated"}})
	}
	return out
}

type describeRouteTablesIn struct {
	IDs []string `q:"RouteTableId"`
	DescribeIn
}

type describeRouteTablesOut struct {
	Tables []routeTableItem `xml:"routeTableSet>item"`
	Next   string           `xml:"nextToken,omitempty"`
}

func (s *Service) describeRouteTables(q *core.Request, in *describeRouteTablesIn) (*describeRouteTablesOut, error) {
	r := s.region(q.Scope)
	associations := func(f func(*association) []string) func(*routeTable) []string {
		return func(t *routeTable) []string {
			var out []string
			for _, a := range t.associations {
				out = append(out, f(a)...)
			}
			return out
		}
	}
	routes := func(f func(*route) []string) func(*routeTable) []string {
		return func(t *routeTable) []string {
			var out []string
			for _, e := range t.routes {
				out = append(out, f(e)...)
			}
			return out
		}
	}
	id := func(t *routeTable) []string { return one(t.id) }
	page, next, err := describe(q, &r.routeTables, kindRouteTable, in.IDs, fields[*routeTable]{
		"association.gateway-id":                 func(*routeTable) []string { return nil },
		"association.main":                       associations(func(a *association) []string { return boolean(a.main) }),
		"association.route-table-association-id": associations(func(a *association) []string { return one(a.id) }),
		"association.route-table-id": func(t *routeTable) []string {
			if len(t.associations) == 0 {
				return nil
			}
			return one(t.id)
		},
		"association.subnet-id": associations(func(a *association) []string { return one(a.subnetID) }),
		"owner-id":              func(*routeTable) []string { return one(r.Account) },
		"route-table-id":        id,
		"route.destination-cidr-block": routes(func(e *route) []string {
			if e.ipv6 {
				return nil
			}
			return one(e.destination)
		}),
		"route.destination-ipv6-cidr-block": routes(func(e *route) []string {
			if !e.ipv6 {
				return nil
			}
			return one(e.destination)
		}),
		"route.gateway-id":     routes(func(e *route) []string { return one(e.gatewayID) }),
		"route.nat-gateway-id": routes(func(e *route) []string { return one(e.natID) }),
		"route.instance-id":    routes(func(e *route) []string { return one(e.instanceID) }),
		"route.origin":         routes(func(e *route) []string { return one(e.origin) }),
		"route.state":          routes(func(e *route) []string { return one(r.routeState(e)) }),
		"vpc-id":               func(t *routeTable) []string { return one(t.vpcID) },
	}, in.DescribeIn)
	return &describeRouteTablesOut{mapped(page, r.routeTableItem), next}, err
}
