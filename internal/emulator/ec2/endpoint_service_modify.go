package ec2

import (
	"slices"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

type modifyEndpointServiceIn struct {
	ID                     string   `q:"ServiceId,required"`
	AcceptanceRequired     *bool    `q:"AcceptanceRequired"`
	AddBalancers           []string `q:"AddNetworkLoadBalancerArn"`
	RemoveBalancers        []string `q:"RemoveNetworkLoadBalancerArn"`
	AddGatewayBalancers    []string `q:"AddGatewayLoadBalancerArn"`
	RemoveGatewayBalancers []string `q:"RemoveGatewayLoadBalancerArn"`
	AddAddressTypes        []string `q:"AddSupportedIpAddressType"`
	RemoveAddressTypes     []string `q:"RemoveSupportedIpAddressType"`
	AddRegions             []string `q:"AddSupportedRegion"`
	RemoveRegions          []string `q:"RemoveSupportedRegion"`
	PrivateDNSName         string   `q:"PrivateDnsName"`
	RemovePrivateDNSName   bool     `q:"RemovePrivateDnsName"`
}

// modifyEndpointService: load balancers can be added, but not taken from a service with connected endpoints: the code
// ExistingVpcEndpointConnections of https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyVpcEndpointServiceConfiguration.html
func (s *Service) modifyEndpointService(q *core.Request, in *modifyEndpointServiceIn) (*done, error) {
	e, err := s.region(q.Scope).endpointServiceByID(in.ID)
	if err != nil {
		return nil, err
	}
	switch {
	case len(in.AddGatewayBalancers)+len(in.RemoveGatewayBalancers) > 0:
		return nil, unsupported("AddGatewayLoadBalancerArn")
	case len(in.RemoveAddressTypes) > 0:
		return nil, core.Errorf("InvalidParameter", "An endpoint service must support at least one IP address type.")
	case in.PrivateDNSName != "" && in.RemovePrivateDNSName:
		return nil, core.Errorf("InvalidParameterCombination", "PrivateDnsName and RemovePrivateDnsName cannot be used together.")
	case slices.Contains(in.RemoveRegions, e.scope.Region):
		return nil, core.Errorf("InvalidParameter", "The host Region %s cannot be removed.", e.scope.Region)
	case len(in.RemoveBalancers) > 0 && s.connected(e):
		return nil, existingConnections()
	}
	left := slices.DeleteFunc(slices.Clone(e.balancers), func(arn string) bool { return slices.Contains(in.RemoveBalancers, arn) })
	if len(left)+len(in.AddBalancers) == 0 && len(in.RemoveBalancers) > 0 {
		return nil, core.Errorf("InvalidParameter", "An endpoint service must have at least one load balancer.")
	}
	if err := checkAddressTypes(in.AddAddressTypes); err != nil {
		return nil, err
	}
	if err := s.checkBalancers(q.Scope, in.AddBalancers); err != nil {
		return nil, err
	}
	if err := checkRegions(q.Partition(), in.AddRegions); err != nil {
		return nil, err
	}
	if err := s.nameService(e, in.PrivateDNSName); err != nil {
		return nil, err
	}
	if in.RemovePrivateDNSName {
		e.dns = privateName{}
	}
	if in.AcceptanceRequired != nil {
		e.acceptanceRequired = *in.AcceptanceRequired
	}
	e.balancers = slices.Concat(left, in.AddBalancers)
	e.regions = slices.DeleteFunc(withRegion(append(e.regions, in.AddRegions...), e.scope.Region), func(name string) bool { return slices.Contains(in.RemoveRegions, name) })
	return ok(), nil
}
