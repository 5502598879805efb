package ec2

import (
	"encoding/json"
	"slices"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

type modifyVPCEndpointIn struct {
	ID            string   `q:"VpcEndpointId,required"`
	AddSubnets    []string `q:"AddSubnetId"`
	RemoveSubnets []string `q:"RemoveSubnetId"`
	AddGroups     []string `q:"AddSecurityGroupId"`
	RemoveGroups  []string `q:"RemoveSecurityGroupId"`
	PrivateDNS    *bool    `q:"PrivateDnsEnabled"`
	AddressType   string   `q:"IpAddressType"`
	Policy        string   `q:"PolicyDocument"`
	ResetPolicy   bool     `q:"ResetPolicy"`
}

// modifyVPCEndpoint changes subnets, groups, policy and private DNS; the endpoint is pending for a moment where its
// network interfaces or names change,
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyVpcEndpoint.html
func (s *Service) modifyVPCEndpoint(q *core.Request, in *modifyVPCEndpointIn) (*done, error) {
	r := s.region(q.Scope)
	v, err := r.endpoints.need(kindVPCEndpoint, in.ID)
	if err != nil {
		return nil, err
	}
	switch v.state {
	case "deleted":
		return nil, kindVPCEndpoint.missing(in.ID)
	case "available", "pendingAcceptance":
	default:
		return nil, wrongState(v)
	}
	if in.AddressType != "" && in.AddressType != "ipv4" {
		return nil, unsupported("IpAddressType")
	}
	if in.Policy != "" && !json.Valid([]byte(in.Policy)) {
		return nil, core.Errorf("InvalidPolicyDocument", "Unable to parse the policy document.")
	}
	groups := slices.DeleteFunc(slices.Clone(v.groups), func(id string) bool { return slices.Contains(in.RemoveGroups, id) })
	for _, id := range in.AddGroups {
		if !slices.Contains(groups, id) {
			groups = append(groups, id)
		}
	}
	if len(groups) == 0 {
		return nil, core.Errorf("InvalidParameter", "An interface endpoint must have at least one security group.")
	}
	if err := r.checkEndpointGroups(v, in.AddGroups); err != nil {
		return nil, err
	}
	kept, err := v.without(in.RemoveSubnets)
	if err != nil {
		return nil, err
	}
	// Subnets that are taken away count as there: one in the same zone can only be added afterwards.
	if err := s.checkPlaces(v, v.places, in.AddSubnets); err != nil {
		return nil, err
	}
	if in.PrivateDNS != nil && *in.PrivateDNS && !v.privateDNS {
		if v.state != "available" {
			return nil, notAccepted(v.service)
		}
		if err := r.checkPrivateDNS(v); err != nil {
			return nil, err
		}
	}

	busy := len(in.AddSubnets)+len(in.RemoveSubnets) > 0 || in.PrivateDNS != nil && *in.PrivateDNS != v.privateDNS
	v.groups = groups
	for _, p := range v.places {
		if !slices.Contains(kept, p) {
			r.after(endpointInterfaceLinger, func() { s.DeleteInterface(v.scope, p.interfaceID) })
		}
	}
	v.places = kept
	for _, p := range kept {
		if err := s.SetInterfaceSecurityGroups(v.scope, p.interfaceID, groups); err != nil {
			return nil, err
		}
	}
	if err := r.place(v, in.AddSubnets); err != nil {
		return nil, err
	}
	if in.PrivateDNS != nil && *in.PrivateDNS != v.privateDNS {
		r.setPrivateDNS(v, *in.PrivateDNS)
	}
	if in.Policy != "" || in.ResetPolicy {
		v.policy = in.Policy
	}
	if busy && v.state == "available" {
		s.open(v, endpointModifying)
	}
	return ok(), nil
}

// without are the endpoint's places but those in some subnets, which must be among them.
func (v *vpcEndpoint) without(subnetIDs []string) ([]endpointPlace, error) {
	kept := slices.Clone(v.places)
	for _, id := range subnetIDs {
		i := slices.IndexFunc(kept, func(p endpointPlace) bool { return p.subnet.id == id })
		if i < 0 {
			return nil, core.Errorf("InvalidParameter", "The subnet %s is not associated with the VPC endpoint %s.", id, v.id)
		}
		kept = slices.Delete(kept, i, i+1)
	}
	return kept, nil
}
