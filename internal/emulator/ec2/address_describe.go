package ec2

import (
	"slices"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

type addressItem struct {
	AllocationID   string    `xml:"allocationId"`
	AssociationID  string    `xml:"associationId,omitempty"`
	Domain         string    `xml:"domain"`
	InstanceID     string    `xml:"instanceId,omitempty"`
	BorderGroup    string    `xml:"networkBorderGroup"`
	InterfaceID    string    `xml:"networkInterfaceId,omitempty"`
	InterfaceOwner string    `xml:"networkInterfaceOwnerId,omitempty"`
	PrivateIP      string    `xml:"privateIpAddress,omitempty"`
	PublicIP       string    `xml:"publicIp"`
	Pool           string    `xml:"publicIpv4Pool"`
	Tags           []tagItem `xml:"tagSet>item"`
}

func (r *region) addressItem(a *address) addressItem {
	out := addressItem{
		AllocationID: a.id, AssociationID: a.associationID, Domain: "vpc", BorderGroup: r.Region, InterfaceID: a.interfaceID,
		PrivateIP: a.privateIP, PublicIP: a.publicIP, Pool: "amazon", Tags: tagItems(a.tags), InstanceID: r.addressInstance(a),
	}
	if a.associationID != "" {
		out.InterfaceOwner = r.Account
	}
	return out
}

func (r *region) addressInstance(a *address) string {
	if e, exists := r.interfaces.get(a.interfaceID); exists {
		return e.instanceID
	}
	return ""
}

type describeAddressesIn struct {
	IDs       []string `q:"AllocationId"`
	PublicIPs []string `q:"PublicIp"`
	Filters   []filter `q:"Filter"`
}

type describeAddressesOut struct {
	Addresses []addressItem `xml:"addressesSet>item"`
}

// describeAddresses isn't paginated.
func (s *Service) describeAddresses(q *core.Request, in *describeAddressesIn) (*describeAddressesOut, error) {
	r := s.region(q.Scope)
	items, err := selectIDs(q, &r.addresses, kindAddress, in.IDs)
	if err != nil {
		return nil, err
	}
	for _, ip := range in.PublicIPs {
		if !slices.ContainsFunc(items, func(a *address) bool { return a.publicIP == ip }) {
			return nil, core.Errorf("InvalidAddress.NotFound", "Address '%s' not found.", ip)
		}
	}
	if len(in.PublicIPs) > 0 {
		items = slices.DeleteFunc(slices.Clone(items), func(a *address) bool { return !slices.Contains(in.PublicIPs, a.publicIP) })
	}
	items, err = fields[*address]{
		"allocation-id":        func(a *address) []string { return one(a.id) },
		"association-id":       func(a *address) []string { return one(a.associationID) },
		"domain":               func(*address) []string { return one("vpc") },
		"instance-id":          func(a *address) []string { return one(r.addressInstance(a)) },
		"network-border-group": func(*address) []string { return one(r.Region) },
		"network-interface-id": func(a *address) []string { return one(a.interfaceID) },
		"network-interface-owner-id": func(a *address) []string {
			if a.interfaceID == "" {
				return nil
			}
			return one(r.Account)
		},
		"private-ip-address": func(a *address) []string { return one(a.privateIP) },
		"public-ip":          func(a *address) []string { return one(a.publicIP) },
	}.apply(items, in.Filters)
	return &describeAddressesOut{mapped(items, r.addressItem)}, err
}

type describeAddressesAttributeIn struct {
	IDs       []string `q:"AllocationId"`
	Attribute string   `q:"Attribute"`
	Paging
}

type addressAttributeItem struct {
	PublicIP     string `xml:"publicIp"`
	AllocationID string `xml:"allocationId"`
}

type describeAddressesAttributeOut struct {
	Addresses []addressAttributeItem `xml:"addressSet>item"`
	Next      string                 `xml:"nextToken,omitempty"`
}

// describeAddressesAttribute tells the addresses without a PTR record: setting one isn't emulated,
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeAddressesAttribute.html
func (s *Service) describeAddressesAttribute(q *core.Request, in *describeAddressesAttributeIn) (*describeAddressesAttributeOut, error) {
	if in.Attribute != "domain-name" {
		return nil, invalidValue("Value (%s) for parameter attribute is invalid.", in.Attribute)
	}
	r := s.region(q.Scope)
	items, err := selectIDs(q, &r.addresses, kindAddress, in.IDs)
	if err != nil {
		return nil, err
	}
	page, next, err := paginate(q, items, func(a *address) string { return a.id }, in.Paging)
	return &describeAddressesAttributeOut{mapped(page, func(a *address) addressAttributeItem {
		return addressAttributeItem{a.publicIP, a.id}
	}), next}, err
}
