package lambda

import (
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/ec2"
)

// hyperplane is a network interface in one subnet with one set of security groups. All functions with the
// same subnet and groups share it, it outlives them for a while, and Lambda deletes it with the rights of
// an execution role: where that role is gone before, the interface stays.
//
// https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html
// https://docs.aws.amazon.com/lambda/latest/dg/foundation-networking.html
type hyperplane struct{ id, role string }

// Bounds of a network, https://docs.aws.amazon.com/lambda/latest/api/API_VpcConfig.html
const (
	maxSubnets = 16
	maxGroups  = 5
)

// setNetwork checks a network; empty lists take the function out of its VPC.
func (s *Service) setNetwork(f *function, in *types.VpcConfig) error {
	if in.Ipv6AllowedForDualStack != nil && *in.Ipv6AllowedForDualStack {
		return invalid("The emulator does not support the parameter Ipv6AllowedForDualStack of VpcConfig.")
	}
	subnets, groups := slices.Clone(in.SubnetIds), slices.Clone(in.SecurityGroupIds)
	if len(subnets) == 0 && len(groups) == 0 {
		f.vpcID, f.subnets, f.groups = "", nil, nil
		return nil
	}
	if len(subnets) == 0 || len(groups) == 0 {
		return invalid("SubnetIds and SecurityIds must coexist or be both empty list.")
	}
	if len(subnets) > maxSubnets || len(groups) > maxGroups {
		return invalid("VpcConfig takes at most %d subnets and %d security groups.", maxSubnets, maxGroups)
	}
	f.vpcID = ""
	for _, id := range subnets {
		n, ok := s.deps.EC2.Subnet(f.scope, id)
		if !ok {
			return invalid("Error occurred while DescribeSubnets. EC2 Error Code: InvalidSubnetID.NotFound. EC2 Error Message: The subnet ID '%s' does not exist", id)
		}
		if f.vpcID != "" && n.VPCID != f.vpcID {
			return invalid("All subnets must be in the same VPC.")
		}
		f.vpcID = n.VPCID
	}
	for _, id := range groups {
		g, ok := s.deps.EC2.SecurityGroup(f.scope, id)
		if !ok {
			return invalid("Error occurred while DescribeSecurityGroups. EC2 Error Code: InvalidGroup.NotFound. EC2 Error Message: The security group '%s' does not exist", id)
		}
		if g.VPCID != f.vpcID {
			return invalid("Security group %s is not in VPC %s.", id, f.vpcID)
		}
	}
	if !s.deps.IAM.Allows(f.scope.Account, f.role, "ec2:CreateNetworkInterface", "*") {
		return invalid("The provided execution role does not have permissions to call CreateNetworkInterface on EC2")
	}
	f.subnets, f.groups = subnets, groups
	return nil
}

func (f *function) interfaceKeys() []string {
	groups := slices.Sorted(slices.Values(f.groups))
	var out []string
	for _, subnet := range f.subnets {
		out = append(out, subnet+"/"+strings.Join(groups, ","))
	}
	return out
}

// missing reports whether a function needs interfaces that aren't there.
func (s *Service) missing(f *function) bool {
	r := s.region(f.scope)
	return slices.ContainsFunc(f.interfaceKeys(), func(key string) bool { return r.interfaces[key] == nil })
}

// connect makes what is missing.
func (s *Service) connect(f *function) error {
	r := s.region(f.scope)
	for i, key := range f.interfaceKeys() {
		if r.interfaces[key] != nil {
			continue
		}
		eni, err := s.deps.EC2.CreateInterface(f.scope, ec2.InterfaceParams{SubnetID: f.subnets[i], SecurityGroupIDs: f.groups, InterfaceType: "lambda",
			Description: "AWS Lambda VPC ENI-" + f.name + "-" + s.w.UUID(), RequesterID: "awslambda", RequesterManaged: true})
		if err != nil {
			return err
		}
		r.interfaces[key] = &hyperplane{id: eni.ID, role: f.role}
	}
	return nil
}

// Interfaces are the ids of a function's network interfaces, in the order of its subnets.
func (s *Service) Interfaces(arn string) []string {
	var out []string
	if f := s.byARN(arn); f != nil {
		for _, key := range f.interfaceKeys() {
			if h := s.region(f.scope).interfaces[key]; h != nil {
				out = append(out, h.id)
			}
		}
	}
	return out
}

// leave has Lambda take back, later, what a function used and nobody uses then.
func (s *Service) leave(f *function) {
	for _, key := range f.interfaceKeys() {
		s.w.Clock.After(reclaiming, func() { s.reclaim(f.scope, key) })
	}
}

func (s *Service) reclaim(scope core.Scope, key string) {
	r := s.region(scope)
	h := r.interfaces[key]
	for _, f := range r.functions {
		if f.state != types.StateInactive && slices.Contains(f.interfaceKeys(), key) {
			return
		}
	}
	if h == nil || !s.deps.IAM.Allows(scope.Account, h.role, "ec2:DeleteNetworkInterface", "*") {
		return
	}
	s.deps.EC2.DeleteInterface(scope, h.id)
	delete(r.interfaces, key)
}
