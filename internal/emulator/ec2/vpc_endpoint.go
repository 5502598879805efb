package ec2

import (
	"encoding/json"
	"slices"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// vpcEndpoint is an interface endpoint: a network interface in each of its subnets, which lead to a service,
// https://docs.aws.amazon.com/vpc/latest/privatelink/create-interface-endpoint.html
type vpcEndpoint struct {
	object
	scope                      core.Scope
	vpcID                      string
	service                    *endpointService
	serviceName, serviceRegion string
	places                     []endpointPlace
	groups                     []string
	// state is pendingAcceptance, pending, available, rejected, expired, failed, deleting or deleted.
	state        string
	failure      string
	policy       string
	connectionID string
	// dnsLabel is the random part of its names.
	dnsLabel string
	// privateDNS says that the private hosted zone privateZone is associated with the VPC.
	privateDNS  bool
	privateZone string
	// given marks an endpoint of an account that nobody here acts for; see ConnectEndpoint.
	given bool
}

// endpointPlace is a subnet with the endpoint's network interface in it.
type endpointPlace struct {
	subnet      *subnet
	interfaceID string
}

func (s *Service) registerVPCEndpoints(m *core.Mux) {
	core.Handle(m, "CreateVpcEndpoint", s.createVPCEndpoint)
	core.Handle(m, "DescribeVpcEndpoints", s.describeVPCEndpoints)
	core.Handle(m, "ModifyVpcEndpoint", s.modifyVPCEndpoint)
	core.Handle(m, "DeleteVpcEndpoints", s.deleteVPCEndpoints)
}

type createVPCEndpointIn struct {
	VPCID         string   `q:"VpcId,required"`
	Type          string   `q:"VpcEndpointType"`
	ServiceName   string   `q:"ServiceName"`
	ServiceRegion string   `q:"ServiceRegion"`
	SubnetIDs     []string `q:"SubnetId"`
	GroupIDs      []string `q:"SecurityGroupId"`
	PrivateDNS    bool     `q:"PrivateDnsEnabled"`
	AddressType   string   `q:"IpAddressType"`
	Policy        string   `q:"PolicyDocument"`
	Token         string   `q:"ClientToken"`
	// RouteTableIDs are for gateway endpoints, which aren't emulated.
	RouteTableIDs []string `q:"RouteTableId"`
	TagSpecs
}

type createVPCEndpointOut struct {
	Token    string          `xml:"clientToken,omitempty"`
	Endpoint vpcEndpointItem `xml:"vpcEndpoint"`
}

// createVPCEndpoint makes an interface endpoint with its network interfaces and asks the service's owner to accept it,
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateVpcEndpoint.html
func (s *Service) createVPCEndpoint(q *core.Request, in *createVPCEndpointIn) (*createVPCEndpointOut, error) {
	r := s.region(q.Scope)
	tags, err := in.of(kindVPCEndpoint)
	if err != nil {
		return nil, err
	}
	if id, err := r.replay(q, in.Token); err != nil {
		return nil, err
	} else if v, exists := r.endpoints.get(id); exists {
		return &createVPCEndpointOut{in.Token, r.vpcEndpointItem(v)}, nil
	}
	v, err := s.newVPCEndpoint(q, in)
	if err != nil {
		return nil, err
	}
	v.object = r.newObject(kindVPCEndpoint, tags)
	v.dnsLabel, v.connectionID = q.World.Hex(8), q.World.ID("vpce-con")
	if err := r.place(v, in.SubnetIDs); err != nil {
		return nil, err
	}
	r.endpoints.add(v)
	r.remember(q, in.Token, v.id)
	s.request(v)
	if in.PrivateDNS {
		r.setPrivateDNS(v, true)
	}
	return &createVPCEndpointOut{in.Token, r.vpcEndpointItem(v)}, nil
}

// newVPCEndpoint checks a request and returns the endpoint that it asks for.
func (s *Service) newVPCEndpoint(q *core.Request, in *createVPCEndpointIn) (*vpcEndpoint, error) {
	r := s.region(q.Scope)
	vpc, err := r.vpcs.need(kindVPC, in.VPCID)
	if err != nil {
		return nil, err
	}
	switch {
	case in.Type != "Interface": // "Default: Gateway"
		return nil, unsupported("VpcEndpointType")
	case in.AddressType != "" && in.AddressType != "ipv4":
		return nil, unsupported("IpAddressType")
	case len(in.RouteTableIDs) > 0:
		return nil, core.Errorf("InvalidParameter", "Route table IDs are only supported for Gateway type VPC endpoints.")
	case in.ServiceName == "":
		return nil, core.Errorf("MissingParameter", "The request must contain the parameter ServiceName")
	case in.Policy != "" && !json.Valid([]byte(in.Policy)):
		return nil, core.Errorf("InvalidPolicyDocument", "Unable to parse the policy document.")
	}
	e, err := s.offered(q, in.ServiceName, in.ServiceRegion)
	if err != nil {
		return nil, err
	}
	open := r.endpoints.where(func(v *vpcEndpoint) bool { return v.vpcID == vpc.id && v.state != "deleted" })
	if len(open) >= s.Quotas.EndpointsPerVPC {
		return nil, core.Errorf("VpcEndpointLimitExceeded", "The maximum number of VPC endpoints has been reached.")
	}
	v := &vpcEndpoint{
		scope: q.Scope, vpcID: vpc.id, service: e, serviceName: e.name(), serviceRegion: e.scope.Region, groups: slices.Clone(in.GroupIDs), policy: in.Policy,
	}
	if len(v.groups) == 0 { // "we use the default security group for the VPC"
		id, _ := s.DefaultSecurityGroup(q.Scope, vpc.id)
		v.groups = []string{id}
	}
	if err := r.checkEndpointGroups(v, v.groups); err != nil {
		return nil, err
	}
	if err := s.checkPlaces(v, nil, in.SubnetIDs); err != nil {
		return nil, err
	}
	if in.PrivateDNS {
		if e.acceptanceRequired {
			return nil, notAccepted(e)
		}
		if err := r.checkPrivateDNS(v); err != nil {
			return nil, err
		}
	}
	return v, nil
}

// place makes the endpoint's network interfaces in subnets, all or none.
func (r *region) place(v *vpcEndpoint, subnetIDs []string) error {
	var made []endpointPlace
	for _, id := range subnetIDs {
		n, err := r.subnets.need(kindSubnet, id)
		if err != nil {
			return err
		}
		e, err := r.newInterface(InterfaceParams{
			SubnetID: id, SecurityGroupIDs: v.groups, Description: "VPC Endpoint Interface " + v.id, InterfaceType: "vpc_endpoint",
			RequesterID: r.s.world.Digits(12), RequesterManaged: true,
		})
		if err != nil {
			for _, p := range made {
				r.interfaces.remove(p.interfaceID)
			}
			return err
		}
		made = append(made, endpointPlace{n, e.id})
	}
	v.places = append(v.places, made...)
	return nil
}
