package ec2

import (
	"slices"
	"strings"
	"time"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// endpointService is a service that others reach by AWS PrivateLink, through Network Load Balancers,
// https://docs.aws.amazon.com/vpc/latest/privatelink/privatelink-share-your-services.html
type endpointService struct {
	object
	scope core.Scope
	// state is Pending, Available or Deleting; a deleted one is gone.
	state              string
	acceptanceRequired bool
	balancers          []string
	// zones are those of a service that was given, which has no load balancer here.
	zones []zone
	// regions are those that the service can be reached from; its own is always one of them.
	regions     []string
	permissions []permitted
	dns         privateName
	// given marks a service of an account that nobody here acts for; see AddEndpointService.
	given bool
}

// permitted is a principal that may connect.
type permitted struct{ id, principal string }

// EndpointBalancer is what an endpoint service needs to know of a load balancer.
type EndpointBalancer struct {
	// Type is network for those that can be used, State active for those that can be used already.
	Type, State string
	SubnetIDs   []string
}

// SetBalancers sets what knows load balancers. Without it there are none.
func (s *Service) SetBalancers(f func(scope core.Scope, arn string) (EndpointBalancer, bool)) {
	s.balancer = f
}

// ServesEndpoints tells whether an endpoint service uses a load balancer, which then can't be deleted.
func (s *Service) ServesEndpoints(scope core.Scope, balancerARN string) bool {
	return s.region(scope).services.any(func(e *endpointService) bool { return slices.Contains(e.balancers, balancerARN) })
}

func (s *Service) registerEndpointServices(m *core.Mux) {
	core.Handle(m, "CreateVpcEndpointServiceConfiguration", s.createEndpointService)
	core.Handle(m, "DescribeVpcEndpointServiceConfigurations", s.describeEndpointServiceConfigurations)
	core.Handle(m, "ModifyVpcEndpointServiceConfiguration", s.modifyEndpointService)
	core.Handle(m, "DeleteVpcEndpointServiceConfigurations", s.deleteEndpointServices)
	core.Handle(m, "ModifyVpcEndpointServicePermissions", s.modifyPermissions)
	core.Handle(m, "DescribeVpcEndpointServicePermissions", s.describePermissions)
	core.Handle(m, "StartVpcEndpointServicePrivateDnsVerification", s.startVerification)
	core.Handle(m, "DescribeVpcEndpointConnections", s.describeConnections)
	core.Handle(m, "AcceptVpcEndpointConnections", s.acceptConnections)
	core.Handle(m, "RejectVpcEndpointConnections", s.rejectConnections)
	core.Handle(m, "DescribeVpcEndpointServices", s.describeOfferedServices)
}

type createEndpointServiceIn struct {
	AcceptanceRequired *bool    `q:"AcceptanceRequired"`
	Balancers          []string `q:"NetworkLoadBalancerArn"`
	GatewayBalancers   []string `q:"GatewayLoadBalancerArn"`
	PrivateDNSName     string   `q:"PrivateDnsName"`
	AddressTypes       []string `q:"SupportedIpAddressType"`
	Regions            []string `q:"SupportedRegion"`
	Token              string   `q:"ClientToken"`
	TagSpecs
}

type createEndpointServiceOut struct {
	Token   string              `xml:"clientToken,omitempty"`
	Service endpointServiceItem `xml:"serviceConfiguration"`
}

// createEndpointService makes a service that must be accepted unless the request says otherwise,
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateVpcEndpointServiceConfiguration.html
func (s *Service) createEndpointService(q *core.Request, in *createEndpointServiceIn) (*createEndpointServiceOut, error) {
	r := s.region(q.Scope)
	tags, err := in.of(kindEndpointService)
	if err != nil {
		return nil, err
	}
	if id, err := r.replay(q, in.Token); err != nil {
		return nil, err
	} else if e, exists := r.services.get(id); exists {
		return &createEndpointServiceOut{in.Token, r.endpointServiceItem(e)}, nil
	}
	switch {
	case len(in.GatewayBalancers) > 0:
		return nil, unsupported("GatewayLoadBalancerArn")
	case len(in.Balancers) == 0:
		return nil, core.Errorf("MissingParameter", "The request must contain the parameter NetworkLoadBalancerArn")
	}
	if err := checkAddressTypes(in.AddressTypes); err != nil {
		return nil, err
	}
	if err := s.checkBalancers(q.Scope, in.Balancers); err != nil {
		return nil, err
	}
	if err := checkRegions(q.Partition(), in.Regions); err != nil {
		return nil, err
	}
	e := &endpointService{
		object: r.newObject(kindEndpointService, tags), scope: q.Scope, state: "Pending",
		acceptanceRequired: in.AcceptanceRequired == nil || *in.AcceptanceRequired,
		balancers:          slices.Clone(in.Balancers), regions: withRegion(in.Regions, q.Region),
	}
	if err := s.nameService(e, in.PrivateDNSName); err != nil {
		return nil, err
	}
	r.services.add(e)
	r.remember(q, in.Token, e.id)
	r.after(endpointServicePending, func() {
		if e.state == "Pending" {
			e.state = "Available"
		}
	})
	return &createEndpointServiceOut{in.Token, r.endpointServiceItem(e)}, nil
}

// checkBalancers: "the Network Load Balancer must be in the active state",
// https://docs.aws.amazon.com/vpc/latest/privatelink/create-endpoint-service.html
func (s *Service) checkBalancers(scope core.Scope, arns []string) error {
	for _, arn := range arns {
		var b EndpointBalancer
		found := false
		if s.balancer != nil {
			b, found = s.balancer(scope, arn)
		}
		switch {
		case !found:
			return core.Errorf("InvalidParameter", "Network Load Balancer %s was not found.", arn)
		case b.Type != "network":
			return core.Errorf("InvalidParameter", "The load balancer %s is not a Network Load Balancer.", arn)
		case b.State != "active":
			return core.Errorf("InvalidParameter", "Network Load Balancer %s is not in the active state.", arn)
		case s.ServesEndpoints(scope, arn):
			return core.Errorf("InvalidParameter", "Network Load Balancer %s is already associated with another endpoint service.", arn)
		}
	}
	return nil
}

// checkAddressTypes: addresses of version 6 aren't emulated.
func checkAddressTypes(types []string) error {
	for _, t := range types {
		if t != "ipv4" {
			return unsupported("SupportedIpAddressType")
		}
	}
	return nil
}

func checkRegions(partition string, names []string) error {
	for _, name := range names {
		if !slices.Contains(regions[partition], name) {
			return core.Errorf("InvalidParameter", "The Region %s is not valid or not enabled.", name)
		}
	}
	return nil
}

// withRegion adds the region that hosts a service: "You can't remove the host Region from the set of supported
// Regions", https://docs.aws.amazon.com/vpc/latest/privatelink/privatelink-share-your-services.html
func withRegion(names []string, host string) []string {
	out := []string{host}
	for _, n := range names {
		if !slices.Contains(out, n) {
			out = append(out, n)
		}
	}
	return out
}

// name is what consumers call the service.
func (e *endpointService) name() string {
	return "com.amazonaws.vpce." + e.scope.Region + "." + e.id
}

// endpointServiceByID finds a service in its own account and region.
func (r *region) endpointServiceByID(id string) (*endpointService, error) {
	e, exists := r.services.get(id)
	if !exists {
		return nil, kindEndpointService.missing(id)
	}
	return e, nil
}

// zonesOf are the zones a service is available in: "the Availability Zones that you enable for your Network Load
// Balancer", https://docs.aws.amazon.com/vpc/latest/privatelink/privatelink-share-your-services.html
func (s *Service) zonesOf(e *endpointService) []zone {
	out := slices.Clone(e.zones)
	for _, arn := range e.balancers {
		b, _ := s.balancer(e.scope, arn)
		for _, id := range b.SubnetIDs {
			if n, exists := s.region(e.scope).subnets.get(id); exists && !slices.Contains(out, n.zone) {
				out = append(out, n.zone)
			}
		}
	}
	slices.SortFunc(out, func(a, b zone) int { return strings.Compare(a.name, b.name) })
	return out
}

// endpointsOf are the endpoints that connect to a service, of every account and region, in the order of their
// creation.
func (s *Service) endpointsOf(e *endpointService) []*vpcEndpoint {
	var out []*vpcEndpoint
	for _, scope := range s.order {
		out = append(out, s.regions[scope].endpoints.where(func(v *vpcEndpoint) bool { return v.service == e })...)
	}
	slices.SortStableFunc(out, func(a, b *vpcEndpoint) int { return a.created.Compare(b.created) })
	return out
}

// unsuccessfulItem is one of several objects that an action didn't take.
type unsuccessfulItem struct {
	Error struct {
		Code    string `xml:"code"`
		Message string `xml:"message"`
	} `xml:"error"`
	ResourceID string `xml:"resourceId"`
}

type unsuccessfulOut struct {
	Items []unsuccessfulItem `xml:"unsuccessful>item"`
}

// eachOf does something to each of several objects; what fails is told in an answer of status 200.
func eachOf(ids []string, f func(id string) error) (*unsuccessfulOut, error) {
	out := &unsuccessfulOut{}
	for _, id := range ids {
		if err := f(id); err != nil {
			item := unsuccessfulItem{ResourceID: id}
			item.Error.Message = err.Error()
			if known, ok := err.(*core.Error); ok { //nolint:errorlint // EC2's own errors aren't wrapped
				item.Error.Code, item.Error.Message = known.Code, known.Message
			}
			out.Items = append(out.Items, item)
		}
	}
	return out, nil
}

// at is when a service or an endpoint was made, as answers have it.
func (o *object) at() *time.Time { return &o.created }
