package strangers

import (
	"slices"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

func (s *stranger) ec2() *ec2.Client { return ec2.NewFromConfig(s.cfg) }

// of asks for the objects in a VPC.
func (s *stranger) of(name string) []types.Filter {
	return []types.Filter{{Name: &name, Values: []string{s.id("vpc/main")}}}
}

func tag(tags []types.Tag, key string) string {
	for _, t := range tags {
		if *t.Key == key {
			return *t.Value
		}
	}
	return ""
}

const nodeTag = "ecs.portkey.ai/node"

var ec2Reads = map[string]read{
	"DescribeVpcs": func(s *stranger) {
		out := must(s.ec2().DescribeVpcs(s.Context(), &ec2.DescribeVpcsInput{VpcIds: []string{s.id("vpc/main")}}))(s)
		v := out.Vpcs[0]
		s.see("1 10.0.0.0/16 available default false vpc/main", len(out.Vpcs), v.CidrBlock, v.State, v.InstanceTenancy, v.IsDefault, tag(v.Tags, nodeTag))
	},
	"DescribeVpcAttribute": func(s *stranger) {
		id := s.id("vpc/main")
		hostnames := must(s.ec2().DescribeVpcAttribute(s.Context(), &ec2.DescribeVpcAttributeInput{VpcId: &id, Attribute: types.VpcAttributeNameEnableDnsHostnames}))(s)
		support := must(s.ec2().DescribeVpcAttribute(s.Context(), &ec2.DescribeVpcAttributeInput{VpcId: &id, Attribute: types.VpcAttributeNameEnableDnsSupport}))(s)
		s.see("true true", hostnames.EnableDnsHostnames.Value, support.EnableDnsSupport.Value)
	},
	"DescribeSubnets": func(s *stranger) {
		out := must(s.ec2().DescribeSubnets(s.Context(), &ec2.DescribeSubnetsInput{Filters: s.of("vpc-id")}))(s)
		seen := []string{}
		for _, n := range out.Subnets {
			seen = append(seen, tag(n.Tags, nodeTag)+" "+*n.CidrBlock+" "+*n.AvailabilityZone)
			s.see("available false", n.State, n.MapPublicIpOnLaunch)
		}
		slices.Sort(seen)
		s.see("[subnet/private-a 10.0.32.0/20 us-east-1a subnet/private-b 10.0.48.0/20 us-east-1b subnet/public-a 10.0.0.0/20 us-east-1a subnet/public-b 10.0.16.0/20 us-east-1b]", seen)
	},
	"DescribeAvailabilityZones": func(s *stranger) {
		out := must(s.ec2().DescribeAvailabilityZones(s.Context(), &ec2.DescribeAvailabilityZonesInput{}))(s)
		z := out.AvailabilityZones[0]
		s.see("6 us-east-1a available us-east-1 opt-in-not-required availability-zone", len(out.AvailabilityZones), z.ZoneName, z.State, z.RegionName, z.OptInStatus, z.ZoneType)
	},
	"DescribeInternetGateways": func(s *stranger) {
		out := must(s.ec2().DescribeInternetGateways(s.Context(), &ec2.DescribeInternetGatewaysInput{Filters: s.of("attachment.vpc-id")}))(s)
		g := out.InternetGateways[0]
		s.see("1 available internet-gateway/main", len(out.InternetGateways), g.Attachments[0].State, tag(g.Tags, nodeTag))
	},
	"DescribeAddresses": func(s *stranger) {
		out := must(s.ec2().DescribeAddresses(s.Context(), &ec2.DescribeAddressesInput{AllocationIds: []string{s.id("elastic-ip/nat-a")}}))(s)
		a := out.Addresses[0]
		s.see("vpc us-east-1 true true", a.Domain, a.NetworkBorderGroup, *a.AssociationId != "", *a.PublicIp != "")
	},
	"DescribeAddressesAttribute": func(s *stranger) {
		id := s.id("elastic-ip/nat-a")
		out := must(s.ec2().DescribeAddressesAttribute(s.Context(), &ec2.DescribeAddressesAttributeInput{AllocationIds: []string{id}, Attribute: types.AddressAttributeNameDomainName}))(s)
		s.see("1 "+id, len(out.Addresses), out.Addresses[0].AllocationId)
	},
	"DescribeNatGateways": func(s *stranger) {
		out := must(s.ec2().DescribeNatGateways(s.Context(), &ec2.DescribeNatGatewaysInput{Filter: s.of("vpc-id")}))(s)
		g := out.NatGateways[0]
		s.see("1 available public "+s.id("subnet/public-a")+" "+s.id("elastic-ip/nat-a"), len(out.NatGateways), g.State, g.ConnectivityType, g.SubnetId, g.NatGatewayAddresses[0].AllocationId)
	},
	"DescribeRouteTables": func(s *stranger) {
		out := must(s.ec2().DescribeRouteTables(s.Context(), &ec2.DescribeRouteTablesInput{Filters: s.of("vpc-id")}))(s)
		ways := map[string]string{}
		for _, t := range out.RouteTables {
			for _, r := range t.Routes {
				if sdk.ToString(r.DestinationCidrBlock) == "0.0.0.0/0" {
					ways[tag(t.Tags, nodeTag)] = sdk.ToString(r.GatewayId) + sdk.ToString(r.NatGatewayId) + " " + string(r.State)
				}
			}
		}
		s.see("3 "+s.id("internet-gateway/main")+" active "+s.id("nat-gateway/a")+" active", len(out.RouteTables), ways["route-table/public"], ways["route-table/private"])
	},
	"DescribeNetworkAcls": func(s *stranger) {
		out := must(s.ec2().DescribeNetworkAcls(s.Context(), &ec2.DescribeNetworkAclsInput{Filters: s.of("vpc-id")}))(s)
		a := out.NetworkAcls[0]
		s.see("1 true 4 4", len(out.NetworkAcls), a.IsDefault, len(a.Associations), len(a.Entries))
	},
	"DescribeNetworkInterfaces": func(s *stranger) {
		out := must(s.ec2().DescribeNetworkInterfaces(s.Context(), &ec2.DescribeNetworkInterfacesInput{Filters: s.of("vpc-id")}))(s)
		kinds := map[types.NetworkInterfaceType]int{}
		for _, e := range out.NetworkInterfaces {
			kinds[e.InterfaceType]++
			s.see("in-use", e.Status)
		}
		// Those of two instances, to begin with, and of two tasks; one of the load balancer in each zone.
		s.see("4 2 1", kinds["interface"], kinds["network_load_balancer"], kinds["nat_gateway"])
	},
	"DescribeSecurityGroups": func(s *stranger) {
		out := must(s.ec2().DescribeSecurityGroups(s.Context(), &ec2.DescribeSecurityGroupsInput{Filters: s.of("vpc-id")}))(s)
		rules := map[string]int{}
		for _, g := range out.SecurityGroups {
			rules[tag(g.Tags, nodeTag)] = 10*len(g.IpPermissions) + len(g.IpPermissionsEgress)
		}
		s.see("5 11 11 11 1 0", len(out.SecurityGroups), rules["security-group/gateway"], rules["security-group/redis"], rules["security-group/load-balancer-network-internal"],
			rules["security-group/instances"], rules["vpc-defaults/main"])
	},
	"DescribeSecurityGroupRules": func(s *stranger) {
		redis, name := s.id("security-group/redis"), "group-id"
		out := must(s.ec2().DescribeSecurityGroupRules(s.Context(), &ec2.DescribeSecurityGroupRulesInput{Filters: []types.Filter{{Name: &name, Values: []string{redis}}}}))(s)
		s.see("2", len(out.SecurityGroupRules))
		for _, r := range out.SecurityGroupRules {
			if *r.IsEgress {
				s.see("-1 0.0.0.0/0", r.IpProtocol, r.CidrIpv4)
			} else {
				s.see("tcp 6379 6379 "+s.id("security-group/gateway"), r.IpProtocol, r.FromPort, r.ToPort, r.ReferencedGroupInfo.GroupId)
			}
		}
	},
	"DescribeLaunchTemplates": func(s *stranger) {
		out := must(s.ec2().DescribeLaunchTemplates(s.Context(), &ec2.DescribeLaunchTemplatesInput{LaunchTemplateNames: []string{s.name("launch-template/main")}}))(s)
		t := out.LaunchTemplates[0]
		s.see(s.id("launch-template/main")+" 1 1", t.LaunchTemplateId, *t.DefaultVersionNumber, *t.LatestVersionNumber)
	},
	"DescribeLaunchTemplateVersions": func(s *stranger) {
		id := s.id("launch-template/main")
		out := must(s.ec2().DescribeLaunchTemplateVersions(s.Context(), &ec2.DescribeLaunchTemplateVersionsInput{LaunchTemplateId: &id, Versions: []string{"$Latest"}}))(s)
		d := out.LaunchTemplateVersions[0].LaunchTemplateData
		s.see("t4g.medium required 1 true "+s.id("security-group/instances"), d.InstanceType, d.MetadataOptions.HttpTokens, d.MetadataOptions.HttpPutResponseHopLimit, d.Monitoring.Enabled, d.SecurityGroupIds[0])
	},
}
