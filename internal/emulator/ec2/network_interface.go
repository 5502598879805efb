package ec2

import (
	"net/netip"
	"slices"
	"strings"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

type networkInterface struct {
	object
	vpcID, subnetID  string
	zone             zone
	ip               netip.Addr
	mac              string
	groups           []string
	description      string
	interfaceType    string
	requesterID      string
	requesterManaged bool
	// poolIP is an address of Amazon's pool, which goes with the interface.
	poolIP string

	instanceID, attachmentID string
	deviceIndex              int
	deleteOnTermination      bool
}

// attached reports whether anything uses the interface; those of services always are.
func (e *networkInterface) attached() bool { return e.instanceID != "" || e.requesterManaged }

func (e *networkInterface) inGroup(id string) bool { return slices.Contains(e.groups, id) }

// CreateInterface makes a network interface for a service. Its errors are EC2's own.
func (s *Service) CreateInterface(scope core.Scope, p InterfaceParams) (Interface, error) {
	r := s.region(scope)
	var a *address
	if p.AllocationID != "" {
		var err error
		if a, err = r.addresses.need(kindAddress, p.AllocationID); err != nil {
			return Interface{}, err
		}
		if a.associationID != "" {
			return Interface{}, core.Errorf("Resource.AlreadyAssociated", "resource %s is already associated with associate-id %s", a.id, a.associationID)
		}
	}
	e, err := r.newInterface(p)
	if err != nil {
		return Interface{}, err
	}
	if a != nil {
		r.associate(a, e)
	}
	return Interface{ID: e.id, PrivateIP: e.ip.String(), PublicIP: r.publicIP(e), MAC: e.mac, SubnetID: e.subnetID, VPCID: e.vpcID}, nil
}

// newInterface takes the lowest free address of the subnet. Without groups it has none: whoever
// wants the VPC's default group names it.
func (r *region) newInterface(p InterfaceParams) (*networkInterface, error) {
	n, err := r.subnets.need(kindSubnet, p.SubnetID)
	if err != nil {
		return nil, err
	}
	if len(p.SecurityGroupIDs) > r.s.Quotas.GroupsPerInterface {
		return nil, core.Errorf("SecurityGroupsPerInterfaceLimitExceeded", "The maximum number of security groups per interface has been reached.")
	}
	for _, id := range p.SecurityGroupIDs {
		g, err := r.groups.need(kindSecurityGroup, id)
		if err != nil {
			return nil, err
		}
		if g.vpcID != n.vpcID {
			return nil, core.Errorf("InvalidParameter", "Security group %s and subnet %s belong to different networks.", id, n.id)
		}
	}
	ip, err := r.free(n)
	if err != nil {
		return nil, err
	}
	tags := map[string]string{}
	for k, v := range p.Tags {
		tags[k] = v
	}
	e := &networkInterface{
		object: r.newObject(kindNetworkInterface, tags), vpcID: n.vpcID, subnetID: n.id, zone: n.zone, ip: ip, mac: r.mac(),
		groups: slices.Clone(p.SecurityGroupIDs), description: p.Description, interfaceType: p.InterfaceType,
		requesterID: p.RequesterID, requesterManaged: p.RequesterManaged, instanceID: p.InstanceID,
	}
	if e.interfaceType == "" {
		e.interfaceType = "interface"
	}
	if p.Public && p.AllocationID == "" {
		e.poolIP = r.s.publicAddress()
	}
	if e.attached() {
		e.attachmentID = r.s.world.ID("eni-attach")
	}
	if e.instanceID != "" {
		e.deviceIndex = len(r.interfacesOf(e.instanceID))
	}
	r.interfaces.add(e)
	return e, nil
}

func (r *region) interfacesOf(instanceID string) []*networkInterface {
	return r.interfaces.where(func(e *networkInterface) bool { return e.instanceID == instanceID })
}

func (r *region) mac() string {
	var parts []string
	for range 5 {
		parts = append(parts, r.s.world.Hex(2))
	}
	return "02:" + strings.Join(parts, ":")
}

// publicIP is the interface's Elastic IP or the address of Amazon's pool it has.
func (r *region) publicIP(e *networkInterface) string {
	if a := r.addressOf(e); a != nil {
		return a.publicIP
	}
	return e.poolIP
}

func (r *region) addressOf(e *networkInterface) *address {
	for _, a := range r.addresses.items {
		if a.interfaceID == e.id {
			return a
		}
	}
	return nil
}

// DeleteInterface removes a service's network interface; an Elastic IP stays with the account.
func (s *Service) DeleteInterface(scope core.Scope, id string) {
	r := s.region(scope)
	if e, exists := r.interfaces.get(id); exists {
		r.removeInterface(e)
	}
}

func (r *region) removeInterface(e *networkInterface) {
	if a := r.addressOf(e); a != nil {
		a.disassociate()
	}
	r.interfaces.remove(e.id)
}

// SetInterfaceSecurityGroups gives a service's network interface other groups.
func (s *Service) SetInterfaceSecurityGroups(scope core.Scope, id string, groups []string) error {
	r := s.region(scope)
	e, err := r.interfaces.need(kindNetworkInterface, id)
	if err != nil {
		return err
	}
	for _, g := range groups {
		if _, err := r.groups.need(kindSecurityGroup, g); err != nil {
			return err
		}
	}
	e.groups = slices.Clone(groups)
	return nil
}

// DefaultSecurityGroup returns the id of a VPC's default security group.
func (s *Service) DefaultSecurityGroup(scope core.Scope, vpcID string) (id string, ok bool) {
	for _, g := range s.region(scope).groups.items {
		if g.vpcID == vpcID && g.isDefault {
			return g.id, true
		}
	}
	return "", false
}

func (s *Service) registerNetworkInterfaces(m *core.Mux) {
	core.Handle(m, "DescribeNetworkInterfaces", s.describeInterfaces)
	core.Handle(m, "DeleteNetworkInterface", s.deleteInterface)
}

type deleteInterfaceIn struct {
	ID string `q:"NetworkInterfaceId,required"`
}

// deleteInterface: "You must detach the network interface before you can delete it",
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteNetworkInterface.html
func (s *Service) deleteInterface(q *core.Request, in *deleteInterfaceIn) (*done, error) {
	r := s.region(q.Scope)
	e, err := r.interfaces.need(kindNetworkInterface, in.ID)
	if err != nil {
		return nil, err
	}
	if e.requesterManaged {
		return nil, noPermission()
	}
	if e.attached() {
		return nil, invalidValue("Network interface '%s' is currently in use.", e.id)
	}
	r.removeInterface(e)
	return ok(), nil
}
