package ec2

import (
	"net/netip"
	"slices"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

type vpc struct {
	object
	cidr          netip.Prefix
	associationID string
	state         string
	tenancy       string
	dhcpOptionsID string

	dnsSupport, dnsHostnames, usageMetrics bool
}

func (s *Service) registerVPCs(m *core.Mux) {
	core.Handle(m, "CreateVpc", s.createVPC)
	core.Handle(m, "DeleteVpc", s.deleteVPC)
	core.Handle(m, "DescribeVpcs", s.describeVPCs)
	core.Handle(m, "ModifyVpcAttribute", s.modifyVPCAttribute)
	core.Handle(m, "DescribeVpcAttribute", s.describeVPCAttribute)
}

type createVPCIn struct {
	CIDR    string `q:"CidrBlock,required"`
	Tenancy string `q:"InstanceTenancy"`
	// IPv6 may be refused by name only, as Terraform does.
	IPv6 bool `q:"AmazonProvidedIpv6CidrBlock"`
	TagSpecs
}

type vpcOut struct {
	VPC vpcItem `xml:"vpc"`
}

// createVPC also makes what comes with every VPC: a main route table, a default network ACL and a
// default security group, https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateVpc.html
func (s *Service) createVPC(q *core.Request, in *createVPCIn) (*vpcOut, error) {
	r := s.region(q.Scope)
	if in.IPv6 {
		return nil, unsupported("AmazonProvidedIpv6CidrBlock")
	}
	tags, err := in.of(kindVPC)
	if err != nil {
		return nil, err
	}
	cidr, err := parseCIDR(in.CIDR)
	if err != nil {
		return nil, err
	}
	if cidr.Bits() < 16 || cidr.Bits() > 28 {
		return nil, core.Errorf("InvalidVpc.Range", "The CIDR '%s' is invalid.", in.CIDR)
	}
	if in.Tenancy == "" {
		in.Tenancy = "default"
	}
	if in.Tenancy != "default" && in.Tenancy != "dedicated" {
		return nil, invalidValue("Value (%s) for parameter instanceTenancy is invalid. Valid options are [default, dedicated]", in.Tenancy)
	}
	if len(r.vpcs.items) >= s.Quotas.VPCs {
		return nil, core.Errorf("VpcLimitExceeded", "The maximum number of VPCs has been reached.")
	}
	v := &vpc{
		object: r.newObject(kindVPC, tags), cidr: cidr, associationID: q.World.ID("vpc-cidr-assoc"), state: "pending",
		tenancy: in.Tenancy, dhcpOptionsID: r.dhcpOptionsID(), dnsSupport: true,
	}
	r.vpcs.add(v)
	r.newRouteTable(v, nil, true)
	r.newDefaultACL(v)
	r.newSecurityGroup(v, "default", "default VPC security group", nil, true)
	r.after(vpcPending, func() {
		if v, exists := r.vpcs.get(v.id); exists {
			v.state = "available"
		}
	})
	return &vpcOut{r.vpcItem(v)}, nil
}

// dhcpOptionsID is the region's default DHCP options set, which AWS makes with the account.
func (r *region) dhcpOptionsID() string {
	if len(r.vpcs.items) > 0 {
		return r.vpcs.items[0].dhcpOptionsID
	}
	return r.s.world.ID("dopt")
}

type vpcIDIn struct {
	VPCID string `q:"VpcId,required"`
}

// deleteVPC refuses while anything but the VPC's own default objects is left in it,
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteVpc.html
func (s *Service) deleteVPC(q *core.Request, in *vpcIDIn) (*done, error) {
	r := s.region(q.Scope)
	v, err := r.vpcs.need(kindVPC, in.VPCID)
	if err != nil {
		return nil, err
	}
	used := r.subnets.any(func(e *subnet) bool { return e.vpcID == v.id }) ||
		r.gateways.any(func(e *internetGateway) bool { return e.vpcID == v.id }) ||
		r.routeTables.any(func(e *routeTable) bool { return e.vpcID == v.id && !e.isMain() }) ||
		r.groups.any(func(e *securityGroup) bool { return e.vpcID == v.id && !e.isDefault }) ||
		r.interfaces.any(func(e *networkInterface) bool { return e.vpcID == v.id }) ||
		r.endpoints.any(func(e *vpcEndpoint) bool { return e.vpcID == v.id && e.state != "deleted" }) ||
		slices.ContainsFunc(s.vpcBlockers, func(blocks func(core.Scope, string) bool) bool { return blocks(q.Scope, v.id) })
	if used {
		return nil, dependency("The vpc '%s' has dependencies and cannot be deleted.", v.id)
	}
	for _, g := range r.groups.where(func(e *securityGroup) bool { return e.vpcID == v.id }) {
		r.removeGroup(g)
	}
	for _, t := range r.routeTables.where(func(e *routeTable) bool { return e.vpcID == v.id }) {
		r.routeTables.remove(t.id)
	}
	for _, a := range r.acls.where(func(e *networkACL) bool { return e.vpcID == v.id }) {
		r.acls.remove(a.id)
	}
	r.vpcs.remove(v.id)
	return ok(), nil
}

type vpcItem struct {
	ID            string        `xml:"vpcId"`
	OwnerID       string        `xml:"ownerId"`
	State         string        `xml:"state"`
	CIDR          string        `xml:"cidrBlock"`
	CIDRs         []vpcCIDRItem `xml:"cidrBlockAssociationSet>item"`
	DHCPOptionsID string        `xml:"dhcpOptionsId"`
	Tags          []tagItem     `xml:"tagSet>item"`
	Tenancy       string        `xml:"instanceTenancy"`
	IsDefault     bool          `xml:"isDefault"`
}

type vpcCIDRItem struct {
	AssociationID string `xml:"associationId"`
	CIDR          string `xml:"cidrBlock"`
	State         string `xml:"cidrBlockState>state"`
}

func (r *region) vpcItem(v *vpc) vpcItem {
	return vpcItem{
		ID: v.id, OwnerID: r.Account, State: v.state, CIDR: v.cidr.String(),
		CIDRs:         []vpcCIDRItem{{v.associationID, v.cidr.String(), "associated"}},
		DHCPOptionsID: v.dhcpOptionsID, Tags: tagItems(v.tags), Tenancy: v.tenancy,
	}
}

type describeVPCsIn struct {
	IDs []string `q:"VpcId"`
	DescribeIn
}

type describeVPCsOut struct {
	VPCs []vpcItem `xml:"vpcSet>item"`
	Next string    `xml:"nextToken,omitempty"`
}

func (s *Service) describeVPCs(q *core.Request, in *describeVPCsIn) (*describeVPCsOut, error) {
	r := s.region(q.Scope)
	cidr := func(v *vpc) []string { return one(v.cidr.String()) }
	page, next, err := describe(q, &r.vpcs, kindVPC, in.IDs, fields[*vpc]{
		"cidr":                                  cidr,
		"cidrBlock":                             cidr, // DescribeVpcs documents cidr; these spellings work too
		"cidr-block":                            cidr,
		"cidr-block-association.cidr-block":     cidr,
		"cidr-block-association.association-id": func(v *vpc) []string { return one(v.associationID) },
		"cidr-block-association.state":          func(*vpc) []string { return one("associated") },
		"dhcp-options-id":                       func(v *vpc) []string { return one(v.dhcpOptionsID) },
		"is-default":                            func(*vpc) []string { return boolean(false) },
		"isDefault":                             func(*vpc) []string { return boolean(false) },
		"owner-id":                              func(*vpc) []string { return one(r.Account) },
		"state":                                 func(v *vpc) []string { return one(v.state) },
		"vpc-id":                                func(v *vpc) []string { return one(v.id) },
	}, in.DescribeIn)
	return &describeVPCsOut{mapped(page, r.vpcItem), next}, err
}
