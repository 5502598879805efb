package ec2

import (
	"slices"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

type endpointServiceItem struct {
	ID                 string                `xml:"serviceId"`
	Name               string                `xml:"serviceName"`
	State              string                `xml:"serviceState"`
	Types              []serviceTypeItem     `xml:"serviceType>item"`
	ZoneIDs            []string              `xml:"availabilityZoneIdSet>item"`
	Zones              []string              `xml:"availabilityZoneSet>item"`
	AcceptanceRequired bool                  `xml:"acceptanceRequired"`
	ManagesEndpoints   bool                  `xml:"managesVpcEndpoints"`
	Balancers          []string              `xml:"networkLoadBalancerArnSet>item"`
	BaseNames          []string              `xml:"baseEndpointDnsNameSet>item"`
	AddressTypes       []string              `xml:"supportedIpAddressTypeSet>item"`
	PrivateDNSName     string                `xml:"privateDnsName,omitempty"`
	PrivateDNS         *privateNameItem      `xml:"privateDnsNameConfiguration"`
	RemoteAccess       bool                  `xml:"remoteAccessEnabled"`
	Regions            []supportedRegionItem `xml:"supportedRegionSet>item"`
	Tags               []tagItem             `xml:"tagSet>item"`
}

type serviceTypeItem struct {
	Type string `xml:"serviceType"`
}

type supportedRegionItem struct {
	Region string `xml:"region"`
	State  string `xml:"serviceState"`
}

func (r *region) endpointServiceItem(e *endpointService) endpointServiceItem {
	out := endpointServiceItem{
		ID: e.id, Name: e.name(), State: e.state, Types: []serviceTypeItem{{"Interface"}}, AcceptanceRequired: e.acceptanceRequired,
		Balancers: slices.Clone(e.balancers), BaseNames: []string{e.dnsBase()}, AddressTypes: []string{"ipv4"},
		PrivateDNSName: e.dns.name, PrivateDNS: e.dns.item(), RemoteAccess: len(e.regions) > 1, Tags: tagItems(e.tags),
	}
	for _, z := range r.s.zonesOf(e) {
		out.ZoneIDs, out.Zones = append(out.ZoneIDs, z.id), append(out.Zones, z.name)
	}
	for _, name := range e.regions {
		out.Regions = append(out.Regions, supportedRegionItem{name, e.state})
	}
	return out
}

// dnsBase is what the names of the service's endpoints end in.
func (e *endpointService) dnsBase() string {
	return e.id + "." + e.scope.Region + ".vpce.amazonaws.com"
}

type describeEndpointServicesIn struct {
	IDs []string `q:"ServiceId"`
	DescribeIn
}

type describeEndpointServicesOut struct {
	Services []endpointServiceItem `xml:"serviceConfigurationSet>item"`
	Next     string                `xml:"nextToken,omitempty"`
}

// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeVpcEndpointServiceConfigurations.html
func (s *Service) describeEndpointServiceConfigurations(q *core.Request, in *describeEndpointServicesIn) (*describeEndpointServicesOut, error) {
	r := s.region(q.Scope)
	page, next, err := describe(q, &r.services, kindEndpointService, in.IDs, fields[*endpointService]{
		"service-id":                 func(e *endpointService) []string { return one(e.id) },
		"service-name":               func(e *endpointService) []string { return one(e.name()) },
		"service-state":              func(e *endpointService) []string { return one(e.state) },
		"supported-ip-address-types": func(*endpointService) []string { return one("ipv4") },
	}, in.DescribeIn)
	return &describeEndpointServicesOut{mapped(page, r.endpointServiceItem), next}, err
}
