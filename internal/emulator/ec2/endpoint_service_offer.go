package ec2

import (
	"slices"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// offeredItem is an endpoint service as those see it who may connect.
type offeredItem struct {
	object
	Name               string            `xml:"serviceName"`
	ID                 string            `xml:"serviceId"`
	Region             string            `xml:"serviceRegion"`
	Types              []serviceTypeItem `xml:"serviceType>item"`
	ZoneIDs            []string          `xml:"availabilityZoneIdSet>item"`
	Zones              []string          `xml:"availabilityZoneSet>item"`
	Owner              string            `xml:"owner"`
	BaseNames          []string          `xml:"baseEndpointDnsNameSet>item"`
	PrivateDNSName     string            `xml:"privateDnsName,omitempty"`
	PrivateDNSNames    []offeredNameItem `xml:"privateDnsNameSet>item"`
	PrivateDNSState    string            `xml:"privateDnsNameVerificationState,omitempty"`
	PolicySupported    bool              `xml:"vpcEndpointPolicySupported"`
	AcceptanceRequired bool              `xml:"acceptanceRequired"`
	ManagesEndpoints   bool              `xml:"managesVpcEndpoints"`
	AddressTypes       []string          `xml:"supportedIpAddressTypeSet>item"`
	Tags               []tagItem         `xml:"tagSet>item"`
}

type offeredNameItem struct {
	Name string `xml:"privateDnsName"`
}

type describeOfferedIn struct {
	Names   []string `q:"ServiceName"`
	Regions []string `q:"ServiceRegion"`
	DescribeIn
}

type describeOfferedOut struct {
	Names    []string       `xml:"serviceNameSet>item"`
	Services []*offeredItem `xml:"serviceDetailSet>item"`
	Next     string         `xml:"nextToken,omitempty"`
}

// describeOfferedServices lists the services of the caller's region, or of other ones where they support it, that the
// caller may connect to. AWS's own services aren't there. A name that isn't among them is an error,
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeVpcEndpointServices.html
func (s *Service) describeOfferedServices(q *core.Request, in *describeOfferedIn) (*describeOfferedOut, error) {
	in.Regions = append([]string(nil), in.Regions...)
	if len(in.Regions) == 0 {
		in.Regions = []string{q.Region}
	}
	if err := checkRegions(q.Partition(), in.Regions); err != nil {
		return nil, err
	}
	var all []*offeredItem
	for _, scope := range s.order {
		for _, e := range s.regions[scope].services.items {
			listed := len(in.Names) == 0 || slices.Contains(in.Names, e.name())
			if listed && slices.Contains(in.Regions, scope.Region) && e.offeredTo(q.Principal, q.Region) && q.World.Visible(e.created) {
				all = append(all, s.offeredItem(e))
			}
		}
	}
	for _, name := range in.Names {
		if !slices.ContainsFunc(all, func(i *offeredItem) bool { return i.Name == name }) {
			return nil, noService(name)
		}
	}
	all, err := fields[*offeredItem]{
		"owner":                      func(i *offeredItem) []string { return one(i.Owner) },
		"service-name":               func(i *offeredItem) []string { return one(i.Name) },
		"service-region":             func(i *offeredItem) []string { return one(i.Region) },
		"service-type":               func(*offeredItem) []string { return one("Interface") },
		"supported-ip-address-types": func(*offeredItem) []string { return one("ipv4") },
	}.apply(all, in.Filters)
	if err != nil {
		return nil, err
	}
	page, next, err := paginate(q, all, func(i *offeredItem) string { return i.ID }, in.Paging)
	return &describeOfferedOut{mapped(page, func(i *offeredItem) string { return i.Name }), page, next}, err
}

func (s *Service) offeredItem(e *endpointService) *offeredItem {
	out := &offeredItem{
		object: e.object, Name: e.name(), ID: e.id, Region: e.scope.Region, Types: []serviceTypeItem{{"Interface"}}, Owner: e.scope.Account,
		BaseNames: []string{e.dnsBase()}, PrivateDNSName: e.dns.name, PrivateDNSState: e.dns.state, AcceptanceRequired: e.acceptanceRequired,
		AddressTypes: []string{"ipv4"}, Tags: tagItems(e.tags),
	}
	if e.dns.name != "" {
		out.PrivateDNSNames = []offeredNameItem{{e.dns.name}}
	}
	for _, z := range s.zonesOf(e) {
		out.ZoneIDs, out.Zones = append(out.ZoneIDs, z.id), append(out.Zones, z.name)
	}
	return out
}

// offeredTo reports whether a caller in a region sees the service.
func (e *endpointService) offeredTo(p core.Principal, from string) bool {
	return e.state == "Available" && e.admits(p) && slices.Contains(e.regions, from)
}

// offered finds the service that a caller wants to connect to. One that isn't theirs to see doesn't exist.
func (s *Service) offered(q *core.Request, name, serviceRegion string) (*endpointService, error) {
	if serviceRegion == "" {
		serviceRegion = q.Region
	}
	for _, scope := range s.order {
		for _, e := range s.regions[scope].services.items {
			if e.name() == name && scope.Region == serviceRegion && e.offeredTo(q.Principal, q.Region) {
				return e, nil
			}
		}
	}
	return nil, noService(name)
}

func noService(name string) error {
	return core.Errorf("InvalidServiceName", "The Vpc Endpoint Service '%s' does not exist", name)
}
