package ec2

import (
	"net/netip"
	"slices"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// route has one target; gatewayID is an internet gateway or "local".
type route struct {
	destination string
	ipv6        bool
	gatewayID   string
	natID       string
	interfaceID string
	instanceID  string
	origin      string
}

// routeState: "blackhole: the route's target isn't available (the specified gateway isn't attached to
// the VPC, …)", https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Route.html
func (r *region) routeState(t *route) string {
	working := true
	switch {
	case t.gatewayID == "local":
	case t.gatewayID != "":
		g, exists := r.gateways.get(t.gatewayID)
		working = exists && g.vpcID != ""
	case t.natID != "":
		g, exists := r.nats.get(t.natID)
		working = exists && g.state == "available"
	default:
		e, exists := r.interfaces.get(t.interfaceID)
		working = exists && e.attached()
	}
	if working {
		return "active"
	}
	return "blackhole"
}

type routeIn struct {
	TableID     string `q:"RouteTableId,required"`
	CIDR        string `q:"DestinationCidrBlock"`
	IPv6CIDR    string `q:"DestinationIpv6CidrBlock"`
	GatewayID   string `q:"GatewayId"`
	NATID       string `q:"NatGatewayId"`
	InterfaceID string `q:"NetworkInterfaceId"`
}

// destination brings the destination into canonical form.
func destination(cidr, ipv6 string) (netip.Prefix, error) {
	switch {
	case cidr != "" && ipv6 != "":
		return netip.Prefix{}, core.Errorf("InvalidParameterCombination", "The parameter destinationCidrBlock cannot be used with the parameter destinationIpv6CidrBlock")
	case cidr != "":
		p, err := netip.ParsePrefix(cidr)
		if err != nil || !p.Addr().Is4() {
			return p, invalidValue("Value (%s) for parameter destinationCidrBlock is invalid. This is not a valid CIDR block.", cidr)
		}
		return p.Masked(), nil
	case ipv6 != "":
		return parseCIDR6(ipv6)
	default:
		return netip.Prefix{}, core.Errorf("MissingParameter", "The request must contain the parameter destinationCidrBlock or destinationIpv6CidrBlock")
	}
}

// routeTarget checks the one target of a route.
func (r *region) routeTarget(t *routeTable, in *routeIn) (*route, error) {
	n := 0
	for _, target := range []string{in.GatewayID, in.NATID, in.InterfaceID} {
		if target != "" {
			n++
		}
	}
	if n != 1 {
		return nil, core.Errorf("InvalidParameterCombination", "The request must contain exactly one of gatewayId, natGatewayId, networkInterfaceId")
	}
	switch {
	case in.GatewayID != "":
		g, exists := r.gateways.get(in.GatewayID)
		if !exists {
			return nil, core.Errorf("InvalidGatewayID.NotFound", "The gateway ID '%s' does not exist", in.GatewayID)
		}
		if g.vpcID != t.vpcID {
			return nil, invalidValue("route table %s and network gateway %s belong to different networks", t.id, g.id)
		}
		return &route{gatewayID: g.id}, nil
	case in.NATID != "":
		g, exists := r.nats.get(in.NATID)
		if !exists || g.state != "available" {
			return nil, core.Errorf("InvalidNatGatewayID.NotFound", "The natGateway ID '%s' does not exist", in.NATID)
		}
		if g.vpcID != t.vpcID {
			return nil, invalidValue("route table %s and NAT gateway %s belong to different networks", t.id, g.id)
		}
		return &route{natID: g.id}, nil
	default:
		e, err := r.interfaces.need(kindNetworkInterface, in.InterfaceID)
		if err != nil {
			return nil, err
		}
		if e.vpcID != t.vpcID {
			return nil, invalidValue("route table %s and interface %s belong to different networks", t.id, e.id)
		}
		return &route{interfaceID: e.id, instanceID: e.instanceID}, nil
	}
}

// createRoute: a route to a NAT gateway that isn't available yet is refused as if it didn't exist,
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateRoute.html
func (s *Service) createRoute(q *core.Request, in *routeIn) (*done, error) {
	r := s.region(q.Scope)
	t, p, made, err := r.routeParams(in)
	if err != nil {
		return nil, err
	}
	if t.find(p.String()) != nil {
		return nil, core.Errorf("RouteAlreadyExists", "The route identified by %s already exists.", p)
	}
	v, _ := r.vpcs.get(t.vpcID)
	if p.Addr().Is4() && within(p, v.cidr) {
		return nil, invalidValue("The destination CIDR block %s is equal to or more specific than one of this VPC's CIDR blocks. This route can target only an interface or an instance.", p)
	}
	if len(t.routes) >= s.Quotas.RoutesPerTable {
		return nil, core.Errorf("RouteLimitExceeded", "The maximum number of routes has been reached.")
	}
	made.origin = "CreateRoute"
	t.routes = append(t.routes, made)
	return ok(), nil
}

func (r *region) routeParams(in *routeIn) (*routeTable, netip.Prefix, *route, error) {
	t, err := r.routeTables.need(kindRouteTable, in.TableID)
	if err != nil {
		return nil, netip.Prefix{}, nil, err
	}
	p, err := destination(in.CIDR, in.IPv6CIDR)
	if err != nil {
		return nil, p, nil, err
	}
	made, err := r.routeTarget(t, in)
	if err != nil {
		return nil, p, nil, err
	}
	made.destination, made.ipv6 = p.String(), p.Addr().Is6()
	return t, p, made, nil
}

func (t *routeTable) find(destination string) *route {
	for _, e := range t.routes {
		if e.destination == destination {
			return e
		}
	}
	return nil
}

// replaceRoute changes the target of a route,
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ReplaceRoute.html
func (s *Service) replaceRoute(q *core.Request, in *routeIn) (*done, error) {
	t, p, made, err := s.region(q.Scope).routeParams(in)
	if err != nil {
		return nil, err
	}
	old := t.find(p.String())
	if old == nil {
		return nil, invalidValue("There is no route defined for '%s' in the route table. Use CreateRoute instead.", p)
	}
	if old.gatewayID == "local" {
		return nil, invalidValue("cannot replace local route %s in route table %s", p, t.id)
	}
	made.origin = old.origin
	*old = *made
	return ok(), nil
}

type deleteRouteIn struct {
	TableID  string `q:"RouteTableId,required"`
	CIDR     string `q:"DestinationCidrBlock"`
	IPv6CIDR string `q:"DestinationIpv6CidrBlock"`
}

func (s *Service) deleteRoute(q *core.Request, in *deleteRouteIn) (*done, error) {
	t, err := s.region(q.Scope).routeTables.need(kindRouteTable, in.TableID)
	if err != nil {
		return nil, err
	}
	p, err := destination(in.CIDR, in.IPv6CIDR)
	if err != nil {
		return nil, err
	}
	old := t.find(p.String())
	if old == nil {
		return nil, core.Errorf("InvalidRoute.NotFound", "no route with destination-cidr-block %s in route table %s", p, t.id)
	}
	if old.gatewayID == "local" {
		return nil, invalidValue("cannot remove local route %s in route table %s", p, t.id)
	}
	t.routes = slices.DeleteFunc(t.routes, func(e *route) bool { return e == old })
	return ok(), nil
}
