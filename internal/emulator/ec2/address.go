package ec2

import (
	"strconv"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// address is an Elastic IP address.
type address struct {
	object
	publicIP string
	// interfaceID and the rest are set while it is associated.
	interfaceID, associationID, privateIP string
}

func (s *Service) registerAddresses(m *core.Mux) {
	core.Handle(m, "AllocateAddress", s.allocateAddress)
	core.Handle(m, "ReleaseAddress", s.releaseAddress)
	core.Handle(m, "AssociateAddress", s.associateAddress)
	core.Handle(m, "DisassociateAddress", s.disassociateAddress)
	core.Handle(m, "DescribeAddresses", s.describeAddresses)
	core.Handle(m, "DescribeAddressesAttribute", s.describeAddressesAttribute)
}

type allocateAddressIn struct {
	Domain string `q:"Domain"`
	TagSpecs
}

type allocateAddressOut struct {
	AllocationID string `xml:"allocationId"`
	Domain       string `xml:"domain"`
	PublicIP     string `xml:"publicIp"`
	BorderGroup  string `xml:"networkBorderGroup"`
	Pool         string `xml:"publicIpv4Pool"`
}

// allocateAddress is bounded by the region's quota,
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AllocateAddress.html
func (s *Service) allocateAddress(q *core.Request, in *allocateAddressIn) (*allocateAddressOut, error) {
	r := s.region(q.Scope)
	tags, err := in.of(kindAddress)
	if err != nil {
		return nil, err
	}
	if in.Domain != "" && in.Domain != "vpc" {
		return nil, invalidValue("Value (%s) for parameter domain is invalid.", in.Domain)
	}
	if len(r.addresses.items) >= s.Quotas.Addresses {
		return nil, core.Errorf("AddressLimitExceeded", "The maximum number of addresses has been reached.")
	}
	a := &address{object: r.newObject(kindAddress, tags), publicIP: s.publicAddress()}
	r.addresses.add(a)
	return &allocateAddressOut{a.id, "vpc", a.publicIP, q.Region, "amazon"}, nil
}

// publicAddress returns an address that was never given before, of 44.192.0.0/11, one of Amazon's.
func (s *Service) publicAddress() string {
	s.publicAddresses++
	n := s.publicAddresses
	return "44." + strconv.Itoa(192+n>>16&31) + "." + strconv.Itoa(n>>8&255) + "." + strconv.Itoa(n&255)
}

type releaseAddressIn struct {
	AllocationID string `q:"AllocationId,required"`
	BorderGroup  string `q:"NetworkBorderGroup"`
}

// noPermission is the answer when a caller touches what a service holds: an address of a NAT gateway
// or load balancer, a requester-managed network interface.
func noPermission() error {
	return core.Errorf("AuthFailure", "You do not have permission to access the specified resource.")
}

// releaseAddress: "If you try to release an Elastic IP address that's associated with another resource,
// you get InvalidIPAddress.InUse", https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ReleaseAddress.html
// It is AuthFailure while a NAT gateway or load balancer holds the address.
func (s *Service) releaseAddress(q *core.Request, in *releaseAddressIn) (*done, error) {
	r := s.region(q.Scope)
	a, err := r.addresses.need(kindAddress, in.AllocationID)
	if err != nil {
		return nil, err
	}
	if in.BorderGroup != "" && in.BorderGroup != q.Region {
		return nil, invalidValue("Value (%s) for parameter networkBorderGroup is invalid.", in.BorderGroup)
	}
	if a.associationID != "" {
		if r.managed(a.interfaceID) {
			return nil, noPermission()
		}
		return nil, core.Errorf("InvalidIPAddress.InUse", "Address %s is in use.", a.publicIP)
	}
	r.addresses.remove(a.id)
	return ok(), nil
}

type associateAddressIn struct {
	AllocationID string `q:"AllocationId,required"`
	InterfaceID  string `q:"NetworkInterfaceId"`
	InstanceID   string `q:"InstanceId"`
	Reassociate  *bool  `q:"AllowReassociation"`
}

type associateAddressOut struct {
	done
	AssociationID string `xml:"associationId"`
}

// associateAddress reassociates unless it is told not to; "if the Elastic IP address is already
// associated", then "Resource.AlreadyAssociated",
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AssociateAddress.html
func (s *Service) associateAddress(q *core.Request, in *associateAddressIn) (*associateAddressOut, error) {
	r := s.region(q.Scope)
	a, err := r.addresses.need(kindAddress, in.AllocationID)
	if err != nil {
		return nil, err
	}
	if (in.InterfaceID == "") == (in.InstanceID == "") {
		return nil, core.Errorf("InvalidParameterCombination", "You must specify either an instance ID or a network interface ID, not both.")
	}
	if in.InstanceID != "" {
		i, err := r.instances.need(kindInstance, in.InstanceID)
		if err != nil {
			return nil, err
		}
		in.InterfaceID = i.interfaceID
	}
	e, err := r.interfaces.need(kindNetworkInterface, in.InterfaceID)
	if err != nil {
		return nil, err
	}
	if e.requesterManaged || (a.interfaceID != "" && r.managed(a.interfaceID)) {
		return nil, noPermission()
	}
	if r.attachedGateway(e.vpcID) == nil {
		return nil, core.Errorf("Gateway.NotAttached", "Network %s is not attached to any internet gateway", e.vpcID)
	}
	mayMove := in.Reassociate == nil || *in.Reassociate
	if a.associationID != "" && a.interfaceID != e.id && !mayMove {
		return nil, core.Errorf("Resource.AlreadyAssociated", "resource %s is already associated with associate-id %s", a.id, a.associationID)
	}
	for _, other := range r.addresses.items {
		if other.interfaceID == e.id && other != a {
			if !mayMove {
				return nil, core.Errorf("Resource.AlreadyAssociated", "resource %s is already associated with associate-id %s", e.id, other.associationID)
			}
			other.disassociate()
		}
	}
	r.associate(a, e)
	return &associateAddressOut{done{true}, a.associationID}, nil
}

func (r *region) associate(a *address, e *networkInterface) {
	a.interfaceID, a.associationID, a.privateIP = e.id, r.s.world.ID("eipassoc"), e.ip.String()
}

func (a *address) disassociate() { a.interfaceID, a.associationID, a.privateIP = "", "", "" }

// managed reports whether a service holds an interface.
func (r *region) managed(interfaceID string) bool {
	e, exists := r.interfaces.get(interfaceID)
	return exists && e.requesterManaged
}

type disassociateAddressIn struct {
	AssociationID string `q:"AssociationId,required"`
}

func (s *Service) disassociateAddress(q *core.Request, in *disassociateAddressIn) (*done, error) {
	r := s.region(q.Scope)
	for _, a := range r.addresses.items {
		if a.associationID != in.AssociationID {
			continue
		}
		if r.managed(a.interfaceID) {
			return nil, noPermission()
		}
		a.disassociate()
		return ok(), nil
	}
	return nil, core.Errorf("InvalidAssociationID.NotFound", "The association ID '%s' does not exist", in.AssociationID)
}
