package ec2

import (
	"fmt"
	"net/netip"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

type subnet struct {
	object
	vpcID string
	cidr  netip.Prefix
	zone  zone
	// aclAssociationID is the subnet's association with its network ACL.
	aclID, aclAssociationID string

	publicIPOnLaunch, dnsA, dnsAAAA bool
	hostnameType                    string
}

func (s *Service) registerSubnets(m *core.Mux) {
	core.Handle(m, "CreateSubnet", s.createSubnet)
	core.Handle(m, "DeleteSubnet", s.deleteSubnet)
	core.Handle(m, "ModifySubnetAttribute", s.modifySubnetAttribute)
	core.Handle(m, "DescribeSubnets", s.describeSubnets)
}

type createSubnetIn struct {
	VPCID  string `q:"VpcId,required"`
	CIDR   string `q:"CidrBlock,required"`
	Zone   string `q:"AvailabilityZone"`
	ZoneID string `q:"AvailabilityZoneId"`
	TagSpecs
}

type subnetOut struct {
	Subnet subnetItem `xml:"subnet"`
}

// createSubnet checks the block against the VPC's and the other subnets',
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSubnet.html
func (s *Service) createSubnet(q *core.Request, in *createSubnetIn) (*subnetOut, error) {
	r := s.region(q.Scope)
	tags, err := in.of(kindSubnet)
	if err != nil {
		return nil, err
	}
	v, err := r.vpcs.need(kindVPC, in.VPCID)
	if err != nil {
		return nil, err
	}
	cidr, err := parseCIDR(in.CIDR)
	if err != nil {
		return nil, err
	}
	if cidr.Bits() < 16 || cidr.Bits() > 28 || !within(cidr, v.cidr) {
		return nil, core.Errorf("InvalidSubnet.Range", "The CIDR '%s' is invalid.", in.CIDR)
	}
	inVPC := r.subnets.where(func(e *subnet) bool { return e.vpcID == v.id })
	for _, other := range inVPC {
		if other.cidr.Overlaps(cidr) {
			return nil, core.Errorf("InvalidSubnet.Conflict", "The CIDR '%s' conflicts with another subnet", in.CIDR)
		}
	}
	if len(inVPC) >= s.Quotas.SubnetsPerVPC {
		return nil, core.Errorf("SubnetLimitExceeded", "The maximum number of subnets has been reached.")
	}
	z, err := zoneFor(q.Region, in.Zone, in.ZoneID)
	if err != nil {
		return nil, err
	}
	acl := r.defaultACL(v.id)
	n := &subnet{
		object: r.newObject(kindSubnet, tags), vpcID: v.id, cidr: cidr, zone: z,
		aclID: acl.id, aclAssociationID: q.World.ID("aclassoc"), hostnameType: "ip-name",
	}
	r.subnets.add(n)
	return &subnetOut{r.subnetItem(n)}, nil
}

type deleteSubnetIn struct {
	ID string `q:"SubnetId,required"`
}

// deleteSubnet refuses while a network interface is left; associations go with the subnet.
func (s *Service) deleteSubnet(q *core.Request, in *deleteSubnetIn) (*done, error) {
	r := s.region(q.Scope)
	n, err := r.subnets.need(kindSubnet, in.ID)
	if err != nil {
		return nil, err
	}
	if r.interfaces.any(func(e *networkInterface) bool { return e.subnetID == n.id }) {
		return nil, dependency("The subnet '%s' has dependencies and cannot be deleted.", n.id)
	}
	for _, t := range r.routeTables.items {
		t.dropAssociations(func(a *association) bool { return a.subnetID == n.id })
	}
	r.subnets.remove(n.id)
	return ok(), nil
}

type modifySubnetAttributeIn struct {
	ID               string     `q:"SubnetId,required"`
	PublicIPOnLaunch *boolValue `q:"MapPublicIpOnLaunch"`
	DNSA             *boolValue `q:"EnableResourceNameDnsARecordOnLaunch"`
	DNSAAAA          *boolValue `q:"EnableResourceNameDnsAAAARecordOnLaunch"`
	HostnameType     string     `q:"PrivateDnsHostnameTypeOnLaunch"`
}

// modifySubnetAttribute: "You can only modify one attribute at a time",
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifySubnetAttribute.html
func (s *Service) modifySubnetAttribute(q *core.Request, in *modifySubnetAttributeIn) (*done, error) {
	n, err := s.region(q.Scope).subnets.need(kindSubnet, in.ID)
	if err != nil {
		return nil, err
	}
	if err := exactlyOne(in.PublicIPOnLaunch != nil, in.DNSA != nil, in.DNSAAAA != nil, in.HostnameType != ""); err != nil {
		return nil, err
	}
	switch {
	case in.PublicIPOnLaunch != nil:
		n.publicIPOnLaunch = in.PublicIPOnLaunch.Value
	case in.DNSA != nil:
		n.dnsA = in.DNSA.Value
	case in.DNSAAAA != nil:
		n.dnsAAAA = in.DNSAAAA.Value
	case in.HostnameType == "ip-name" || in.HostnameType == "resource-name":
		n.hostnameType = in.HostnameType
	default:
		return nil, invalidValue("Value (%s) for parameter privateDnsHostnameTypeOnLaunch is invalid.", in.HostnameType)
	}
	return ok(), nil
}

// reserved are the first four addresses and the last one of every subnet,
// https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html
const (
	reservedFirst = 4
	reserved      = reservedFirst + 1
)

// free returns the lowest address of a subnet that no interface has.
func (r *region) free(n *subnet) (netip.Addr, error) {
	used := map[netip.Addr]bool{}
	for _, e := range r.interfaces.items {
		if e.subnetID == n.id {
			used[e.ip] = true
		}
	}
	for i := reservedFirst; i < size(n.cidr)-1; i++ {
		if ip := nth(n.cidr, i); !used[ip] {
			return ip, nil
		}
	}
	return netip.Addr{}, core.Errorf("InsufficientFreeAddressesInSubnet", "The specified subnet does not have enough free addresses to satisfy the request.")
}

func (r *region) freeCount(n *subnet) int {
	count := size(n.cidr) - reserved
	for _, e := range r.interfaces.items {
		if e.subnetID == n.id {
			count--
		}
	}
	return count
}

// Subnet tells of a subnet.
func (s *Service) Subnet(scope core.Scope, id string) (SubnetInfo, bool) {
	r := s.region(scope)
	n, exists := r.subnets.get(id)
	if !exists {
		return SubnetInfo{}, false
	}
	info := SubnetInfo{ID: n.id, VPCID: n.vpcID, AvailabilityZone: n.zone.name, AvailabilityZoneID: n.zone.id, CIDR: n.cidr.String()}
	for _, route := range r.effectiveTable(n).routes {
		if route.destination != "0.0.0.0/0" || r.routeState(route) != "active" {
			continue
		}
		switch {
		case route.gatewayID != "":
			info.Public, info.Egress = true, true
		case route.natID != "":
			info.Egress = true
		}
	}
	return info, true
}

// subnetARN is the ARN of a subnet, as DescribeSubnets tells it.
func subnetARN(scope core.Scope, id string) string {
	return scope.ARN("ec2", fmt.Sprintf("subnet/%s", id))
}
