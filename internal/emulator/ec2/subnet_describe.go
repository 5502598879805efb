package ec2

import "github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"

type subnetItem struct {
	ID               string           `xml:"subnetId"`
	ARN              string           `xml:"subnetArn"`
	State            string           `xml:"state"`
	OwnerID          string           `xml:"ownerId"`
	VPCID            string           `xml:"vpcId"`
	CIDR             string           `xml:"cidrBlock"`
	Available        int              `xml:"availableIpAddressCount"`
	Zone             string           `xml:"availabilityZone"`
	ZoneID           string           `xml:"availabilityZoneId"`
	DefaultForAZ     bool             `xml:"defaultForAz"`
	PublicIPOnLaunch bool             `xml:"mapPublicIpOnLaunch"`
	CustomerIP       bool             `xml:"mapCustomerOwnedIpOnLaunch"`
	IPv6OnCreation   bool             `xml:"assignIpv6AddressOnCreation"`
	IPv6Native       bool             `xml:"ipv6Native"`
	DNS64            bool             `xml:"enableDns64"`
	PrivateDNS       subnetPrivateDNS `xml:"privateDnsNameOptionsOnLaunch"`
	Tags             []tagItem        `xml:"tagSet>item"`
}

type subnetPrivateDNS struct {
	HostnameType string `xml:"hostnameType"`
	A            bool   `xml:"enableResourceNameDnsARecord"`
	AAAA         bool   `xml:"enableResourceNameDnsAAAARecord"`
}

func (r *region) subnetItem(n *subnet) subnetItem {
	return subnetItem{
		ID: n.id, ARN: subnetARN(r.Scope, n.id), State: "available", OwnerID: r.Account, VPCID: n.vpcID, CIDR: n.cidr.String(),
		Available: r.freeCount(n), Zone: n.zone.name, ZoneID: n.zone.id, PublicIPOnLaunch: n.publicIPOnLaunch,
		PrivateDNS: subnetPrivateDNS{n.hostnameType, n.dnsA, n.dnsAAAA}, Tags: tagItems(n.tags),
	}
}

type describeSubnetsIn struct {
	IDs []string `q:"SubnetId"`
	DescribeIn
}

type describeSubnetsOut struct {
	Subnets []subnetItem `xml:"subnetSet>item"`
	Next    string       `xml:"nextToken,omitempty"`
}

func (s *Service) describeSubnets(q *core.Request, in *describeSubnetsIn) (*describeSubnetsOut, error) {
	r := s.region(q.Scope)
	zoneName := func(n *subnet) []string { return one(n.zone.name) }
	zoneID := func(n *subnet) []string { return one(n.zone.id) }
	cidr := func(n *subnet) []string { return one(n.cidr.String()) }
	no := func(*subnet) []string { return boolean(false) }
	page, next, err := describe(q, &r.subnets, kindSubnet, in.IDs, fields[*subnet]{
		"availability-zone":          zoneName,
		"availabilityZone":           zoneName,
		"availability-zone-id":       zoneID,
		"availabilityZoneId":         zoneID,
		"available-ip-address-count": func(n *subnet) []string { return number(r.freeCount(n)) },
		"cidr":                       cidr,
		"cidrBlock":                  cidr,
		"cidr-block":                 cidr,
		"default-for-az":             no,
		"defaultForAz":               no,
		"ipv6-native":                no,
		"map-public-ip-on-launch":    func(n *subnet) []string { return boolean(n.publicIPOnLaunch) },
		"owner-id":                   func(*subnet) []string { return one(r.Account) },
		"private-dns-name-options-on-launch.hostname-type": func(n *subnet) []string { return one(n.hostnameType) },
		"state":      func(*subnet) []string { return one("available") },
		"subnet-arn": func(n *subnet) []string { return one(subnetARN(r.Scope, n.id)) },
		"subnet-id":  func(n *subnet) []string { return one(n.id) },
		"vpc-id":     func(n *subnet) []string { return one(n.vpcID) },
	}, in.DescribeIn)
	return &describeSubnetsOut{mapped(page, r.subnetItem), next}, err
}
