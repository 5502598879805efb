package elbv2

import (
	"slices"
	"strings"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/ec2"
)

// vpcs is what a Network may know beyond Network: which VPCs exist.
type vpcs interface {
	HasVPC(scope core.Scope, vpcID string) bool
}

type subnetMapping struct {
	SubnetId     string `q:"SubnetId,required"`
	AllocationId string
}

// zonesFor checks the subnets of a request, as the errors of
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateLoadBalancer.html
// have it, and returns the zones they are in.
func (s *Service) zonesFor(scope core.Scope, lbType, scheme string, subnets []string, mappings []subnetMapping) (zones []zone, vpcID string, err error) {
	if len(subnets) > 0 && len(mappings) > 0 {
		return nil, "", invalid("You must specify either subnets or subnet mappings, not both")
	}
	for _, id := range subnets {
		mappings = append(mappings, subnetMapping{SubnetId: id})
	}
	for _, m := range mappings {
		info, ok := s.net.Subnet(scope, m.SubnetId)
		if !ok {
			return nil, "", core.Errorf("SubnetNotFound", "The subnet ID '%s' is not valid", m.SubnetId)
		}
		if vpcID != "" && info.VPCID != vpcID {
			return nil, "", conflict("All subnets must belong to the same VPC: '%s, %s'", vpcID, info.VPCID)
		}
		if slices.ContainsFunc(zones, func(z zone) bool { return z.Name == info.AvailabilityZone }) {
			return nil, "", conflict("A load balancer cannot be attached to multiple subnets in the same Availability Zone")
		}
		if m.AllocationId != "" && (lbType != network || scheme != internetFacing) {
			return nil, "", conflict("Elastic IP addresses are supported only by internet-facing Network Load Balancers")
		}
		vpcID = info.VPCID
		zones = append(zones, zone{Name: info.AvailabilityZone, SubnetID: info.ID, AllocationID: m.AllocationId})
	}
	if len(zones) == 0 {
		return nil, "", invalid("You must specify subnets or subnet mappings")
	}
	if lbType == application && len(zones) < 2 {
		return nil, "", invalid("At least two subnets in two different Availability Zones must be specified")
	}
	if scheme == internetFacing && !s.net.HasInternetGateway(scope, vpcID) {
		return nil, "", core.Errorf("InvalidSubnet", "VPC %s has no internet gateway", vpcID)
	}
	return zones, vpcID, nil
}

// groupsFor checks the security groups of a request. An Application Load Balancer without any has
// its VPC's default group.
func (s *Service) groupsFor(scope core.Scope, lbType, vpcID string, groups []string) ([]string, error) {
	var out []string
	for _, id := range groups {
		g, ok := s.net.SecurityGroup(scope, id)
		if !ok {
			return nil, core.Errorf("InvalidSecurityGroup", "Security group '%s' does not exist", id)
		}
		if g.VPCID != vpcID {
			return nil, conflict("One or more security groups are invalid")
		}
		if !slices.Contains(out, id) {
			out = append(out, id)
		}
	}
	if len(out) > 0 || lbType == network {
		return out, nil
	}
	id, ok := s.net.DefaultSecurityGroup(scope, vpcID)
	if !ok {
		return nil, core.Errorf("InvalidSecurityGroup", "VPC '%s' has no default security group", vpcID)
	}
	return []string{id}, nil
}

// attach makes the interface of each zone that has none; on failure it leaves none behind.
func (s *Service) attach(scope core.Scope, lb *loadBalancer, zones []zone) error {
	kind := "interface"
	if lb.Type == network {
		kind = "network_load_balancer"
	}
	var made []string
	for i := range zones {
		z := &zones[i]
		if z.InterfaceID != "" {
			continue
		}
		eni, err := s.net.CreateInterface(scope, ec2.InterfaceParams{SubnetID: z.SubnetID, SecurityGroupIDs: lb.SecurityGroups,
			Description: "ELB " + lb.path(), InterfaceType: kind, RequesterID: "amazon-elb", RequesterManaged: true,
			Public: lb.Scheme == internetFacing && z.AllocationID == "", AllocationID: z.AllocationID})
		if err != nil {
			for _, id := range made {
				s.net.DeleteInterface(scope, id)
			}
			return interfaceError(z, err)
		}
		made = append(made, eni.ID)
		z.InterfaceID, z.PublicIP, z.PrivateIP = eni.ID, eni.PublicIP, eni.PrivateIP
	}
	return nil
}

// interfaceError tells EC2's error as Elastic Load Balancing does.
func interfaceError(z *zone, err error) error {
	text := err.Error()
	switch {
	case strings.Contains(text, "InvalidAllocationID") || strings.Contains(text, "InvalidAddress"):
		return core.Errorf("AllocationIdNotFound", "The allocation IDs '%s' are not available for use", z.AllocationID)
	case strings.Contains(text, "InUse") || strings.Contains(text, "AlreadyAssociated"):
		return core.Errorf("ResourceInUse", "The allocation IDs '%s' are not available for use", z.AllocationID)
	case strings.Contains(text, "InsufficientFreeAddresses"):
		return core.Errorf("InvalidSubnet", "Not enough IP space available in %s. ELB requires at least 8 free IP addresses in each subnet.", z.SubnetID)
	default:
		return err
	}
}

// detach deletes interfaces as late as Elastic Load Balancing does.
func (s *Service) detach(scope core.Scope, zones []zone) {
	for _, z := range zones {
		s.world.Clock.After(interfaceLinger, func() { s.net.DeleteInterface(scope, z.InterfaceID) })
	}
}
