package elbv2

import (
	"slices"
	"strings"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

func (s *Service) handleLoadBalancers() {
	m := s.mux
	core.Handle(m, "CreateLoadBalancer", s.createLoadBalancer)
	core.Handle(m, "DescribeLoadBalancers", s.describeLoadBalancers)
	core.Handle(m, "DeleteLoadBalancer", s.deleteLoadBalancer)
	core.Handle(m, "SetSecurityGroups", s.setSecurityGroups)
	core.Handle(m, "SetSubnets", s.setSubnets)
	core.Handle(m, "SetIpAddressType", s.setIPAddressType)
	core.Handle(m, "DescribeLoadBalancerAttributes", s.describeLoadBalancerAttributes)
	core.Handle(m, "ModifyLoadBalancerAttributes", s.modifyLoadBalancerAttributes)
	core.Handle(m, "DescribeCapacityReservation", s.describeCapacityReservation)
}

type describeLoadBalancersIn struct {
	LoadBalancerArns []string
	Names            []string
	Marker           string
	PageSize         int
}

// maxDescribed is how many load balancers one request names:
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DescribeLoadBalancers.html
const maxDescribed = 20

func (s *Service) describeLoadBalancers(r *core.Request, in *describeLoadBalancersIn) (*loadBalancersOut, error) {
	if len(in.LoadBalancerArns) > maxDescribed {
		return nil, invalid("Cannot have more than %d load balancers described in a single call", maxDescribed)
	}
	if len(in.LoadBalancerArns) > 0 && len(in.Names) > 0 {
		return nil, invalid("Load balancer names and load balancer ARNs cannot be specified at the same time")
	}
	found := map[string]bool{}
	var out []loadBalancerOut
	for _, lb := range s.region(r.Scope).loadBalancers.all() {
		if !s.world.Visible(lb.Created) {
			continue
		}
		found[lb.ARN], found[lb.Name] = true, true
		if listed(in.LoadBalancerArns, lb.ARN) && listed(in.Names, lb.Name) {
			out = append(out, lb.out(r.Scope))
		}
	}
	for _, arn := range in.LoadBalancerArns {
		if !strings.HasPrefix(arn, "arn:") {
			return nil, invalid("'%s' is not a valid load balancer ARN", arn)
		}
		if !found[arn] {
			return nil, core.Errorf("LoadBalancerNotFound", "One or more load balancers not found")
		}
	}
	for _, name := range in.Names {
		if !found[name] {
			return nil, core.Errorf("LoadBalancerNotFound", "Load balancers '[%s]' not found", name)
		}
	}
	page, next, err := paginate(r, out, func(o loadBalancerOut) string { return o.LoadBalancerArn }, in.Marker, in.PageSize)
	return &loadBalancersOut{page, next}, err
}

// listed reports whether a filter takes a value; an empty filter takes all.
func listed(filter []string, value string) bool {
	return len(filter) == 0 || slices.Contains(filter, value)
}

type loadBalancerIn struct {
	LoadBalancerArn string `q:"LoadBalancerArn,required"`
}

// deleteLoadBalancer also deletes listeners and rules, and succeeds for what is gone:
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DeleteLoadBalancer.html
func (s *Service) deleteLoadBalancer(r *core.Request, in *loadBalancerIn) (*core.Empty, error) {
	if !strings.Contains(in.LoadBalancerArn, ":loadbalancer/") {
		return nil, invalid("'%s' is not a valid load balancer ARN", in.LoadBalancerArn)
	}
	reg := s.region(r.Scope)
	lb, ok := reg.loadBalancers.get(in.LoadBalancerArn)
	if !ok {
		return nil, nil
	}
	if lb.Attributes["deletion_protection.enabled"] == "true" {
		return nil, notPermitted("Load balancer '%s' cannot be deleted because deletion protection is enabled", lb.ARN)
	}
	if s.associated != nil && s.associated(r.Scope, lb.ARN) {
		return nil, core.Errorf("ResourceInUse", "Load balancer '%s' cannot be deleted because it is currently associated with another service", lb.ARN)
	}
	if reg.registered(lb.ARN, 0) {
		// "You can't delete the Application Load Balancer until you deregister it from all target groups":
		// https://docs.aws.amazon.com/elasticloadbalancing/latest/network/application-load-balancer-target.html
		return nil, core.Errorf("ResourceInUse", "Load balancer '%s' cannot be deleted because it is registered as a target", lb.ARN)
	}
	for _, l := range reg.listeners.all() {
		if l.LoadBalancerARN == lb.ARN {
			s.removeListener(r.Scope, l)
		}
	}
	reg.loadBalancers.remove(lb.ARN)
	s.detach(r.Scope, lb.Zones)
	return nil, nil
}

type setSecurityGroupsIn struct {
	LoadBalancerArn string   `q:"LoadBalancerArn,required"`
	SecurityGroups  []string `q:"SecurityGroups,required"`

	EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic string
}

type setSecurityGroupsOut struct {
	SecurityGroupIds []string `xml:"SecurityGroupIds>member"`

	EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic string `xml:",omitempty"`
}

// setSecurityGroups: "You can't perform this operation on a Network Load Balancer unless you
// specified a security group for the load balancer when you created it":
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_SetSecurityGroups.html
func (s *Service) setSecurityGroups(r *core.Request, in *setSecurityGroupsIn) (*setSecurityGroupsOut, error) {
	lb, ok := s.region(r.Scope).loadBalancers.get(in.LoadBalancerArn)
	if !ok {
		return nil, loadBalancerNotFound(in.LoadBalancerArn)
	}
	if lb.Type == network && len(lb.SecurityGroups) == 0 {
		return nil, conflict("You cannot set security groups on load balancer '%s' because it was created without security groups", lb.ARN)
	}
	if len(in.SecurityGroups) == 0 {
		return nil, invalid("At least one security group must be specified")
	}
	enforce := in.EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic
	if enforce != "" && (lb.Type != network || (enforce != "on" && enforce != "off")) {
		return nil, conflict("EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic '%s' is not supported for load balancer '%s'", enforce, lb.ARN)
	}
	groups, err := s.groupsFor(r.Scope, lb.Type, lb.VPCID, in.SecurityGroups)
	if err != nil {
		return nil, err
	}
	if err := s.regroup(r.Scope, lb, groups); err != nil {
		return nil, err
	}
	if enforce != "" {
		lb.EnforcePrivateLink = enforce
	}
	return &setSecurityGroupsOut{lb.SecurityGroups, lb.EnforcePrivateLink}, nil
}

// regroup gives the interfaces other security groups.
func (s *Service) regroup(scope core.Scope, lb *loadBalancer, groups []string) error {
	if slices.Equal(sorted(lb.SecurityGroups), sorted(groups)) {
		return nil
	}
	for _, z := range lb.Zones {
		if err := s.net.SetInterfaceSecurityGroups(scope, z.InterfaceID, groups); err != nil {
			return err
		}
	}
	lb.SecurityGroups = groups
	return nil
}

type setSubnetsIn struct {
	LoadBalancerArn string `q:"LoadBalancerArn,required"`
	IpAddressType   string
	Subnets         []string
	SubnetMappings  []subnetMapping
}

type setSubnetsOut struct {
	AvailabilityZones []zoneOut `xml:"AvailabilityZones>member"`
	IpAddressType     string
}

// setSubnets replaces the subnets; a zone that stays in its subnet keeps its interface.
func (s *Service) setSubnets(r *core.Request, in *setSubnetsIn) (*setSubnetsOut, error) {
	lb, ok := s.region(r.Scope).loadBalancers.get(in.LoadBalancerArn)
	if !ok {
		return nil, loadBalancerNotFound(in.LoadBalancerArn)
	}
	if in.IpAddressType != "" {
		if err := checkAddressType(in.IpAddressType); err != nil {
			return nil, err
		}
	}
	zones, vpcID, err := s.zonesFor(r.Scope, lb.Type, lb.Scheme, in.Subnets, in.SubnetMappings)
	if err != nil {
		return nil, err
	}
	if vpcID != lb.VPCID {
		return nil, conflict("All subnets must belong to the same VPC: '%s, %s'", lb.VPCID, vpcID)
	}
	var gone []zone
	for _, old := range lb.Zones {
		i := slices.IndexFunc(zones, func(z zone) bool { return z.SubnetID == old.SubnetID && z.AllocationID == old.AllocationID })
		if i < 0 {
			gone = append(gone, old)
		} else {
			zones[i] = old
		}
	}
	if err := s.checkRezoning(r.Scope, lb, zones, gone); err != nil {
		return nil, err
	}
	if err := s.attach(r.Scope, lb, zones); err != nil {
		return nil, err
	}
	s.detach(r.Scope, gone)
	lb.Zones = zones
	s.rezone(r.Scope, lb.ARN)
	return &setSubnetsOut{lb.zonesOut(), lb.IPAddressType}, nil
}

// checkRezoning: a Network Load Balancer loses no zone while an endpoint service uses it, and doesn't
// change its subnet within a zone in one go: "You first complete removing the existing subnet, then you
// can add the new subnet",
// https://docs.aws.amazon.com/elasticloadbalancing/latest/network/availability-zones.html
func (s *Service) checkRezoning(scope core.Scope, lb *loadBalancer, zones, gone []zone) error {
	if lb.Type != network || len(gone) == 0 {
		return nil
	}
	if s.associated != nil && s.associated(scope, lb.ARN) {
		return core.Errorf("ResourceInUse", "Subnets cannot be removed from load balancer '%s' because it is currently associated with another service", lb.ARN)
	}
	for _, old := range gone {
		if slices.ContainsFunc(zones, func(z zone) bool { return z.Name == old.Name }) {
			return conflict("The subnet of load balancer '%s' in Availability Zone '%s' cannot be replaced: remove it first", lb.ARN, old.Name)
		}
	}
	return nil
}

type setIPAddressTypeIn struct {
	LoadBalancerArn string `q:"LoadBalancerArn,required"`
	IpAddressType   string `q:"IpAddressType,required"`
}

type setIPAddressTypeOut struct{ IpAddressType string }

func (s *Service) setIPAddressType(r *core.Request, in *setIPAddressTypeIn) (*setIPAddressTypeOut, error) {
	lb, ok := s.region(r.Scope).loadBalancers.get(in.LoadBalancerArn)
	if !ok {
		return nil, loadBalancerNotFound(in.LoadBalancerArn)
	}
	if err := checkAddressType(in.IpAddressType); err != nil {
		return nil, err
	}
	lb.IPAddressType = in.IpAddressType
	return &setIPAddressTypeOut{lb.IPAddressType}, nil
}

type capacityOut struct {
	DecreaseRequestsRemaining int
}

// describeCapacityReservation answers for a load balancer without a reservation, the only kind
// there is here: https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DescribeCapacityReservation.html
func (s *Service) describeCapacityReservation(r *core.Request, in *loadBalancerIn) (*capacityOut, error) {
	if lb, ok := s.region(r.Scope).loadBalancers.get(in.LoadBalancerArn); !ok || !s.world.Visible(lb.Created) {
		return nil, loadBalancerNotFound(in.LoadBalancerArn)
	}
	return &capacityOut{DecreaseRequestsRemaining: 2}, nil
}
