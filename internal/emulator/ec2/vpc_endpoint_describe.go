package ec2

import (
	"time"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

type vpcEndpointItem struct {
	ID               string            `xml:"vpcEndpointId"`
	Type             string            `xml:"vpcEndpointType"`
	VPCID            string            `xml:"vpcId"`
	ServiceName      string            `xml:"serviceName"`
	ServiceRegion    string            `xml:"serviceRegion"`
	State            string            `xml:"state"`
	Failure          string            `xml:"failureReason,omitempty"`
	Policy           string            `xml:"policyDocument"`
	SubnetIDs        []string          `xml:"subnetIdSet>item"`
	Groups           []groupIdentifier `xml:"groupSet>item"`
	AddressType      string            `xml:"ipAddressType"`
	DNSOptions       dnsOptionsItem    `xml:"dnsOptions"`
	PrivateDNS       bool              `xml:"privateDnsEnabled"`
	RequesterManaged bool              `xml:"requesterManaged"`
	InterfaceIDs     []string          `xml:"networkInterfaceIdSet>item"`
	Names            []dnsEntryItem    `xml:"dnsEntrySet>item"`
	Created          *time.Time        `xml:"creationTimestamp"`
	OwnerID          string            `xml:"ownerId"`
	LastError        *lastErrorItem    `xml:"lastError"`
	Tags             []tagItem         `xml:"tagSet>item"`
}

type dnsOptionsItem struct {
	RecordType string `xml:"dnsRecordIpType"`
}

type dnsEntryItem struct {
	Name   string `xml:"dnsName"`
	ZoneID string `xml:"hostedZoneId"`
}

type lastErrorItem struct {
	Code    string `xml:"code"`
	Message string `xml:"message"`
}

// fullAccess is the policy of an endpoint that was given none.
const fullAccess = `{"Statement":[{"Action":"*","Effect":"Allow","Principal":"*","Resource":"*"}]}`

func (r *region) vpcEndpointItem(v *vpcEndpoint) vpcEndpointItem {
	out := vpcEndpointItem{
		ID: v.id, Type: "Interface", VPCID: v.vpcID, ServiceName: v.serviceName, ServiceRegion: v.serviceRegion, State: v.state, Failure: v.failure,
		Policy: v.policy, Groups: r.groupIdentifiers(v.groups), AddressType: "ipv4", DNSOptions: dnsOptionsItem{"ipv4"}, PrivateDNS: v.privateDNS,
		Names: v.generatedNames(), Created: v.at(), OwnerID: v.scope.Account, Tags: tagItems(v.tags),
	}
	if out.Policy == "" {
		out.Policy = fullAccess
	}
	if v.failure != "" {
		out.LastError = &lastErrorItem{"InternalError", v.failure}
	}
	for _, p := range v.places {
		out.SubnetIDs, out.InterfaceIDs = append(out.SubnetIDs, p.subnet.id), append(out.InterfaceIDs, p.interfaceID)
	}
	if v.privateDNS {
		out.Names = append(out.Names, dnsEntryItem{v.service.dns.name, v.privateZone})
	}
	return out
}

// endpointZone is the hosted zone of the names that AWS generates in us-east-1; those of other regions are others.
const endpointZone = "Z7HUB22UULQXV"

// generatedNames are the regional name and, within the service's region, one for each zone: "You must use regional DNS.
// Zonal DNS is not supported when accessing AWS services in another Region",
// https://docs.aws.amazon.com/vpc/latest/privatelink/aws-services-cross-region-privatelink-support.html
func (v *vpcEndpoint) generatedNames() []dnsEntryItem {
	out := []dnsEntryItem{{v.id + "-" + v.dnsLabel + "." + v.service.dnsBase(), endpointZone}}
	if v.serviceRegion != v.scope.Region {
		return out
	}
	for _, p := range v.places {
		out = append(out, dnsEntryItem{v.id + "-" + v.dnsLabel + "-" + p.subnet.zone.name + "." + v.service.dnsBase(), endpointZone})
	}
	return out
}

type describeVPCEndpointsIn struct {
	IDs []string `q:"VpcEndpointId"`
	DescribeIn
}

type describeVPCEndpointsOut struct {
	Endpoints []vpcEndpointItem `xml:"vpcEndpointSet>item"`
	Next      string            `xml:"nextToken,omitempty"`
}

// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeVpcEndpoints.html
func (s *Service) describeVPCEndpoints(q *core.Request, in *describeVPCEndpointsIn) (*describeVPCEndpointsOut, error) {
	r := s.region(q.Scope)
	page, next, err := describe(q, &r.endpoints, kindVPCEndpoint, in.IDs, fields[*vpcEndpoint]{
		"ip-address-type":    func(*vpcEndpoint) []string { return one("ipv4") },
		"service-name":       func(v *vpcEndpoint) []string { return one(v.serviceName) },
		"service-region":     func(v *vpcEndpoint) []string { return one(v.serviceRegion) },
		"vpc-endpoint-id":    func(v *vpcEndpoint) []string { return one(v.id) },
		"vpc-endpoint-state": func(v *vpcEndpoint) []string { return one(v.state) },
		"vpc-endpoint-type":  func(*vpcEndpoint) []string { return one("Interface") },
		"vpc-id":             func(v *vpcEndpoint) []string { return one(v.vpcID) },
	}, in.DescribeIn)
	return &describeVPCEndpointsOut{mapped(page, r.vpcEndpointItem), next}, err
}
