package ec2

import (
	"time"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// natGateway goes pending, then available or failed; deleting, then deleted. Only a gateway that is
// neither failed nor deleted has its interface.
type natGateway struct {
	object
	subnetID, vpcID, zone, zoneID string
	connectivity                  string
	state                         string
	failureCode, failureMessage   string
	deleted                       time.Time

	allocationID, interfaceID          string
	associationID, privateIP, publicIP string
}

func (s *Service) registerNATGateways(m *core.Mux) {
	core.Handle(m, "CreateNatGateway", s.createNATGateway)
	core.Handle(m, "DeleteNatGateway", s.deleteNATGateway)
	core.Handle(m, "DescribeNatGateways", s.describeNATGateways)
}

type createNATGatewayIn struct {
	SubnetID     string `q:"SubnetId,required"`
	AllocationID string `q:"AllocationId"`
	Connectivity string `q:"ConnectivityType"`
	// Mode zonal is the default; regional gateways aren't emulated.
	Mode  string `q:"AvailabilityMode"`
	Token string `q:"ClientToken"`
	TagSpecs
}

type natGatewayOut struct {
	Token   string         `xml:"clientToken,omitempty"`
	Gateway natGatewayItem `xml:"natGateway"`
}

// createNATGateway answers a pending gateway. What AWS only finds out later makes it fail, see
// https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-troubleshooting.html
func (s *Service) createNATGateway(q *core.Request, in *createNATGatewayIn) (*natGatewayOut, error) {
	r := s.region(q.Scope)
	tags, err := in.of(kindNATGateway)
	if err != nil {
		return nil, err
	}
	if id, err := r.replay(q, in.Token); err != nil {
		return nil, err
	} else if g, exists := r.nats.get(id); exists {
		return &natGatewayOut{in.Token, r.natGatewayItem(g)}, nil
	}
	n, a, err := r.natParams(in)
	if err != nil {
		return nil, err
	}
	inZone := r.nats.where(func(g *natGateway) bool { return g.zone == n.zone.name && g.holds() })
	if len(inZone) >= s.Quotas.NATGatewaysPerZone {
		return nil, core.Errorf("NatGatewayLimitExceeded", "Performing this operation would exceed the limit of %d NAT gateways", s.Quotas.NATGatewaysPerZone)
	}
	g := &natGateway{
		object: r.newObject(kindNATGateway, tags), subnetID: n.id, vpcID: n.vpcID, zone: n.zone.name, zoneID: n.zone.id,
		connectivity: in.Connectivity, state: "pending", allocationID: in.AllocationID,
	}
	r.nats.add(g)
	r.remember(q, in.Token, g.id)
	code, message := r.startNAT(g, n, a)
	if code != "" {
		r.after(natFailing, func() { r.failNAT(g.id, code, message) })
	} else {
		r.after(natPending, func() {
			if g, exists := r.nats.get(g.id); exists && g.state == "pending" {
				g.state = "available"
			}
		})
	}
	return &natGatewayOut{in.Token, r.natGatewayItem(g)}, nil
}

// natParams checks what CreateNatGateway refuses at once.
func (r *region) natParams(in *createNATGatewayIn) (*subnet, *address, error) {
	if in.Mode != "" && in.Mode != "zonal" {
		return nil, nil, unsupported("AvailabilityMode")
	}
	n, exists := r.subnets.get(in.SubnetID)
	if !exists {
		return nil, nil, core.Errorf("InvalidSubnet", "Subnet %s was not found", in.SubnetID)
	}
	switch in.Connectivity {
	case "", "public":
		in.Connectivity = "public"
		if in.AllocationID == "" {
			return nil, nil, core.Errorf("MissingParameter", "The request must include the AllocationId parameter. Add the required parameter and retry the request.")
		}
		a, exists := r.addresses.get(in.AllocationID)
		if !exists {
			return nil, nil, core.Errorf("InvalidElasticIpID.NotFound", "The elasticIp ID '%s' does not exist", in.AllocationID)
		}
		return n, a, nil
	case "private":
		if in.AllocationID != "" {
			return nil, nil, core.Errorf("InvalidParameterCombination", "The AllocationId parameter cannot be used with a private NAT gateway.")
		}
		return n, nil, nil
	default:
		return nil, nil, invalidValue("Value (%s) for parameter connectivityType is invalid.", in.Connectivity)
	}
}

// startNAT makes the gateway's interface and associates its address, or tells why it will fail.
func (r *region) startNAT(g *natGateway, n *subnet, a *address) (code, message string) {
	if a != nil && r.attachedGateway(n.vpcID) == nil {
		return "Gateway.NotAttached", "Network " + n.vpcID + " has no Internet gateway attached"
	}
	if a != nil && a.associationID != "" {
		return "Resource.AlreadyAssociated", "Elastic IP address [" + a.id + "] is already associated"
	}
	e, err := r.newInterface(InterfaceParams{
		SubnetID: n.id, Description: "Interface for NAT Gateway " + g.id, InterfaceType: "nat_gateway",
		RequesterID: r.s.world.Digits(12), RequesterManaged: true,
	})
	if err != nil {
		return "InsufficientFreeAddressesInSubnet", "Subnet has insufficient free addresses to create this NAT gateway"
	}
	g.interfaceID, g.privateIP = e.id, e.ip.String()
	if a != nil {
		r.associate(a, e)
		g.associationID, g.publicIP = a.associationID, a.publicIP
	}
	return "", ""
}

func (r *region) failNAT(id, code, message string) {
	g, exists := r.nats.get(id)
	if !exists || g.state != "pending" {
		return
	}
	g.state, g.failureCode, g.failureMessage = "failed", code, message
	g.deleted = r.s.world.Clock.Now()
	r.forgetNAT(id)
}

// forgetNAT ends the time in which a failed or deleted gateway is described.
func (r *region) forgetNAT(id string) {
	r.after(natRemembered, func() { r.nats.remove(id) })
}

// holds reports whether the gateway counts against quotas.
func (g *natGateway) holds() bool {
	return g.state == "pending" || g.state == "available" || g.state == "deleting"
}

type deleteNATGatewayIn struct {
	ID string `q:"NatGatewayId,required"`
}

type deleteNATGatewayOut struct {
	ID string `xml:"natGatewayId"`
}

// deleteNATGateway "disassociates its Elastic IP address, but does not release the address from your
// account. Deleting a NAT gateway does not delete any NAT gateway routes in your route tables",
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteNatGateway.html
func (s *Service) deleteNATGateway(q *core.Request, in *deleteNATGatewayIn) (*deleteNATGatewayOut, error) {
	r := s.region(q.Scope)
	g, err := r.nats.need(kindNATGateway, in.ID)
	if err != nil {
		return nil, err
	}
	switch g.state {
	case "deleted":
		return nil, kindNATGateway.missing(in.ID)
	case "deleting":
	case "failed":
		g.state = "deleted"
	default:
		g.state = "deleting"
		r.after(natDeleting, func() {
			if e, exists := r.interfaces.get(g.interfaceID); exists {
				r.removeInterface(e)
			}
			g.state, g.deleted = "deleted", r.s.world.Clock.Now()
			r.forgetNAT(g.id)
		})
	}
	return &deleteNATGatewayOut{g.id}, nil
}
