package ec2

import (
	"slices"
	"time"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

type connectionItem struct {
	ID           string         `xml:"vpcEndpointConnectionId"`
	ServiceID    string         `xml:"serviceId"`
	EndpointID   string         `xml:"vpcEndpointId"`
	Owner        string         `xml:"vpcEndpointOwner"`
	Region       string         `xml:"vpcEndpointRegion"`
	State        string         `xml:"vpcEndpointState"`
	Created      *time.Time     `xml:"creationTimestamp"`
	Names        []dnsEntryItem `xml:"dnsEntrySet>item"`
	Balancers    []string       `xml:"networkLoadBalancerArnSet>item"`
	AddressTypes string         `xml:"ipAddressType"`

	created time.Time
}

func (v *vpcEndpoint) connectionItem() connectionItem {
	return connectionItem{
		ID: v.connectionID, ServiceID: v.service.id, EndpointID: v.id, Owner: v.scope.Account, Region: v.scope.Region, State: v.state,
		Created: v.at(), Names: v.generatedNames(), Balancers: slices.Clone(v.service.balancers), AddressTypes: "ipv4", created: v.created,
	}
}

type describeConnectionsOut struct {
	Connections []connectionItem `xml:"vpcEndpointConnectionSet>item"`
	Next        string           `xml:"nextToken,omitempty"`
}

// describeConnections lists the endpoints of all accounts that connect to the caller's services,
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeVpcEndpointConnections.html
func (s *Service) describeConnections(q *core.Request, in *DescribeIn) (*describeConnectionsOut, error) {
	var all []connectionItem
	for _, e := range s.region(q.Scope).services.items {
		for _, v := range s.endpointsOf(e) {
			if v.state != "deleted" && q.World.Visible(v.created) {
				all = append(all, v.connectionItem())
			}
		}
	}
	for _, f := range in.Filters {
		var get func(connectionItem) string
		switch f.Name {
		case "ip-address-type":
			get = func(connectionItem) string { return "ipv4" }
		case "service-id":
			get = func(i connectionItem) string { return i.ServiceID }
		case "vpc-endpoint-id":
			get = func(i connectionItem) string { return i.EndpointID }
		case "vpc-endpoint-owner":
			get = func(i connectionItem) string { return i.Owner }
		case "vpc-endpoint-state":
			get = func(i connectionItem) string { return i.State }
		case "vpc-endpoint-region":
			if slices.Contains(f.Values, "cross-region") {
				all = slices.DeleteFunc(all, func(i connectionItem) bool { return i.Region == q.Region })
				continue
			}
			get = func(i connectionItem) string { return i.Region }
		default:
			return nil, invalidFilter(f.Name)
		}
		all = slices.DeleteFunc(all, func(i connectionItem) bool { return !f.matches(one(get(i))) })
	}
	page, next, err := paginate(q, all, func(i connectionItem) string { return i.EndpointID }, in.Paging)
	return &describeConnectionsOut{page, next}, err
}

type connectionsIn struct {
	ServiceID string   `q:"ServiceId,required"`
	IDs       []string `q:"VpcEndpointId,required"`
}

// acceptConnections: "Be aware that it can take time for a validation status change to be completed and the state to
// be available", https://docs.aws.amazon.com/vpc/latest/privatelink/accept-reject-endpoint-requests.html
func (s *Service) acceptConnections(q *core.Request, in *connectionsIn) (*unsuccessfulOut, error) {
	return s.decide(q, in, s.accept)
}

// rejectConnections: "You can reject an endpoint connection after it's in the available state", as before,
// https://docs.aws.amazon.com/vpc/latest/privatelink/accept-reject-endpoint-requests.html
func (s *Service) rejectConnections(q *core.Request, in *connectionsIn) (*unsuccessfulOut, error) {
	return s.decide(q, in, s.reject)
}

func (s *Service) decide(q *core.Request, in *connectionsIn, f func(*vpcEndpoint) error) (*unsuccessfulOut, error) {
	e, err := s.region(q.Scope).endpointServiceByID(in.ServiceID)
	if err != nil {
		return nil, err
	}
	return eachOf(in.IDs, func(id string) error {
		for _, v := range s.endpointsOf(e) {
			if v.id == id && v.state != "deleted" {
				return f(v)
			}
		}
		return kindVPCEndpoint.missing(id)
	})
}

// connected reports whether endpoints keep a service or its load balancers from being deleted.
func (s *Service) connected(e *endpointService) bool {
	return slices.ContainsFunc(s.endpointsOf(e), func(v *vpcEndpoint) bool {
		return v.state == "available" || v.state == "pendingAcceptance" || v.state == "pending"
	})
}

func existingConnections() error {
	return core.Errorf("ExistingVpcEndpointConnections", "Service has existing active VPC Endpoint connections!")
}
