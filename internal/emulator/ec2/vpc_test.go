package ec2

import (
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

func TestVPCComesWithDefaults(t *testing.T) {
	e := newEnv(t)
	out := must(e.CreateVpc(e.ctx, &sdk.CreateVpcInput{CidrBlock: aws.String("10.1.2.3/16"), AmazonProvidedIpv6CidrBlock: aws.Bool(false), TagSpecifications: tags("vpc", "Name", "x", "owner", "me")}))(t).Vpc
	if out.State != "pending" || *out.CidrBlock != "10.1.0.0/16" || len(out.Tags) != 2 || len(out.CidrBlockAssociationSet) != 1 {
		t.Fatalf("got %+v", out)
	}
	id := *out.VpcId
	e.server.Advance(vpcPending)
	got := must(e.DescribeVpcs(e.ctx, &sdk.DescribeVpcsInput{Filters: where("tag:owner", "m?")}))(t).Vpcs
	if len(got) != 1 || got[0].State != "available" {
		t.Fatalf("got %+v", got)
	}
	groups := must(e.DescribeSecurityGroups(e.ctx, &sdk.DescribeSecurityGroupsInput{Filters: append(where("vpc-id", id), where("group-name", "default")...)}))(t).SecurityGroups
	if len(groups) != 1 || len(groups[0].IpPermissions) != 1 || *groups[0].IpPermissions[0].UserIdGroupPairs[0].GroupId != *groups[0].GroupId || len(groups[0].IpPermissionsEgress) != 1 {
		t.Fatalf("default group: %+v", groups)
	}
	tables := must(e.DescribeRouteTables(e.ctx, &sdk.DescribeRouteTablesInput{Filters: append(where("vpc-id", id), where("association.main", "true")...)}))(t).RouteTables
	if len(tables) != 1 || *tables[0].Routes[0].GatewayId != "local" || *tables[0].Routes[0].DestinationCidrBlock != "10.1.0.0/16" {
		t.Fatalf("main table: %+v", tables)
	}
	acls := must(e.DescribeNetworkAcls(e.ctx, &sdk.DescribeNetworkAclsInput{Filters: append(where("vpc-id", id), where("default", "true")...)}))(t).NetworkAcls
	if len(acls) != 1 || len(acls[0].Entries) != 4 {
		t.Fatalf("acl: %+v", acls)
	}
	for _, r := range e.server.Resources(false) {
		if r.AWSManaged == (r.Kind == "VPC") {
			t.Errorf("%s AWSManaged=%v", r.Kind, r.AWSManaged)
		}
	}
	must(e.DeleteVpc(e.ctx, &sdk.DeleteVpcInput{VpcId: &id}))(t)
	if left := e.server.Resources(true); len(left) != 0 {
		t.Fatalf("left: %+v", left)
	}
	_, err := e.DescribeVpcs(e.ctx, &sdk.DescribeVpcsInput{VpcIds: []string{id}})
	wantCode(t, err, "InvalidVpcID.NotFound")
}

func TestCreateVPCRefusals(t *testing.T) {
	e := newEnv(t)
	for _, c := range []struct {
		why  string
		in   sdk.CreateVpcInput
		code string
	}{
		{"larger than /16", sdk.CreateVpcInput{CidrBlock: aws.String("10.0.0.0/8")}, "InvalidVpc.Range"},
		{"smaller than /28", sdk.CreateVpcInput{CidrBlock: aws.String("10.0.0.0/29")}, "InvalidVpc.Range"},
		{"not a block", sdk.CreateVpcInput{CidrBlock: aws.String("ten")}, "InvalidParameterValue"},
		{"no block", sdk.CreateVpcInput{}, "MissingParameter"},
		{"unknown tenancy", sdk.CreateVpcInput{CidrBlock: aws.String("10.0.0.0/16"), InstanceTenancy: "shared"}, "InvalidParameterValue"},
		{"tags of another type", sdk.CreateVpcInput{CidrBlock: aws.String("10.0.0.0/16"), TagSpecifications: tags("subnet", "a", "b")}, "InvalidParameterValue"},
		{"reserved tag", sdk.CreateVpcInput{CidrBlock: aws.String("10.0.0.0/16"), TagSpecifications: tags("vpc", "aws:x", "b")}, "InvalidParameterValue"},
		{"IPv6 isn't emulated", sdk.CreateVpcInput{CidrBlock: aws.String("10.0.0.0/16"), AmazonProvidedIpv6CidrBlock: aws.Bool(true)}, "UnsupportedOperation"},
		{"unknown parameter", sdk.CreateVpcInput{CidrBlock: aws.String("10.0.0.0/16"), Ipv6Pool: aws.String("p")}, "UnknownParameter"},
	} {
		_, err := e.CreateVpc(e.ctx, &c.in)
		t.Run(c.why, func(t *testing.T) { wantCode(t, err, c.code) })
	}
	for range e.svc.Quotas.VPCs {
		e.vpc("10.0.0.0/16")
	}
	_, err := e.CreateVpc(e.ctx, &sdk.CreateVpcInput{CidrBlock: aws.String("10.0.0.0/16")})
	wantCode(t, err, "VpcLimitExceeded")
}

func TestVPCAttributes(t *testing.T) {
	e := newEnv(t)
	id := e.vpc("10.0.0.0/16")
	yes := &types.AttributeBooleanValue{Value: aws.Bool(true)}
	_, err := e.ModifyVpcAttribute(e.ctx, &sdk.ModifyVpcAttributeInput{VpcId: &id, EnableDnsHostnames: yes, EnableDnsSupport: yes})
	wantCode(t, err, "InvalidParameterCombination")
	must(e.ModifyVpcAttribute(e.ctx, &sdk.ModifyVpcAttributeInput{VpcId: &id, EnableDnsHostnames: yes}))(t)
	for attribute, want := range map[types.VpcAttributeName]bool{"enableDnsHostnames": true, "enableDnsSupport": true, "enableNetworkAddressUsageMetrics": false} {
		out := must(e.DescribeVpcAttribute(e.ctx, &sdk.DescribeVpcAttributeInput{VpcId: &id, Attribute: attribute}))(t)
		for _, v := range []*types.AttributeBooleanValue{out.EnableDnsHostnames, out.EnableDnsSupport, out.EnableNetworkAddressUsageMetrics} {
			if v != nil && *v.Value != want {
				t.Errorf("%s = %v, want %v", attribute, *v.Value, want)
			}
		}
	}
}

func TestSubnets(t *testing.T) {
	e := newEnv(t)
	vpc := e.vpc("10.0.0.0/16")
	n := must(e.CreateSubnet(e.ctx, &sdk.CreateSubnetInput{VpcId: &vpc, CidrBlock: aws.String("10.0.0.0/24"), AvailabilityZone: aws.String("us-east-1b"), TagSpecifications: tags("subnet", "Name", "s")}))(t).Subnet
	if *n.AvailableIpAddressCount != 251 || *n.AvailabilityZoneId != "use1-az2" || *n.SubnetArn != "arn:aws:ec2:us-east-1:123456789012:subnet/"+*n.SubnetId {
		t.Fatalf("got %+v", n)
	}
	for _, c := range []struct{ why, vpc, cidr, zone, code string }{
		{"overlap", vpc, "10.0.0.128/25", "", "InvalidSubnet.Conflict"},
		{"outside", vpc, "10.1.0.0/24", "", "InvalidSubnet.Range"},
		{"too small", vpc, "10.0.1.0/29", "", "InvalidSubnet.Range"},
		{"no such VPC", "vpc-0123", "10.0.1.0/24", "", "InvalidVpcID.NotFound"},
		{"no such zone", vpc, "10.0.1.0/24", "us-east-1z", "InvalidParameterValue"},
	} {
		in := &sdk.CreateSubnetInput{VpcId: &c.vpc, CidrBlock: &c.cidr}
		if c.zone != "" {
			in.AvailabilityZone = &c.zone
		}
		_, err := e.CreateSubnet(e.ctx, in)
		t.Run(c.why, func(t *testing.T) { wantCode(t, err, c.code) })
	}
	_, err := e.DeleteVpc(e.ctx, &sdk.DeleteVpcInput{VpcId: &vpc})
	wantCode(t, err, "DependencyViolation")
	must(e.ModifySubnetAttribute(e.ctx, &sdk.ModifySubnetAttributeInput{SubnetId: n.SubnetId, MapPublicIpOnLaunch: &types.AttributeBooleanValue{Value: aws.Bool(true)}}))(t)
	if got := must(e.DescribeSubnets(e.ctx, &sdk.DescribeSubnetsInput{Filters: where("map-public-ip-on-launch", "true")}))(t).Subnets; len(got) != 1 {
		t.Fatalf("got %+v", got)
	}
	var nic Interface
	e.locked(func() { nic, _ = e.svc.CreateInterface(scope, InterfaceParams{SubnetID: *n.SubnetId}) })
	if nic.PrivateIP != "10.0.0.4" {
		t.Errorf("the first four addresses are reserved, got %s", nic.PrivateIP)
	}
	_, err = e.DeleteSubnet(e.ctx, &sdk.DeleteSubnetInput{SubnetId: n.SubnetId})
	wantCode(t, err, "DependencyViolation")
	e.locked(func() { e.svc.DeleteInterface(scope, nic.ID) })
	must(e.DeleteSubnet(e.ctx, &sdk.DeleteSubnetInput{SubnetId: n.SubnetId}))(t)
	_, err = e.DeleteSubnet(e.ctx, &sdk.DeleteSubnetInput{SubnetId: n.SubnetId})
	wantCode(t, err, "InvalidSubnetID.NotFound")
}

func TestSubnetRunsOutOfAddresses(t *testing.T) {
	e := newEnv(t)
	id := e.subnet(e.vpc("10.0.0.0/28"), "10.0.0.0/28", "us-east-1a")
	e.locked(func() {
		for range 11 {
			if _, err := e.svc.CreateInterface(scope, InterfaceParams{SubnetID: id}); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := e.svc.CreateInterface(scope, InterfaceParams{SubnetID: id}); err == nil || err.Error()[:33] != "InsufficientFreeAddressesInSubnet" {
			t.Fatalf("got %v", err)
		}
	})
}

func TestFiltersAndPages(t *testing.T) {
	e := newEnv(t)
	vpc := e.vpc("10.0.0.0/16")
	for i := range 5 {
		cidr := fmt.Sprintf("10.0.%d.0/24", i)
		must(e.CreateSubnet(e.ctx, &sdk.CreateSubnetInput{VpcId: &vpc, CidrBlock: &cidr, TagSpecifications: tags("subnet", "Name", fmt.Sprintf("s-%d", i))}))(t)
	}
	e.svc.world.Settings.PageSize = 2
	pages, seen := 0, map[string]bool{}
	p := sdk.NewDescribeSubnetsPaginator(e.Client, &sdk.DescribeSubnetsInput{Filters: where("vpc-id", vpc)})
	for p.HasMorePages() {
		pages++
		for _, n := range must(p.NextPage(e.ctx))(t).Subnets {
			seen[*n.SubnetId] = true
		}
	}
	if pages != 3 || len(seen) != 5 {
		t.Errorf("%d pages, %d subnets", pages, len(seen))
	}
	e.svc.world.Settings.PageSize = 0
	for _, c := range []struct {
		why     string
		filters []types.Filter
		n       int
		code    string
	}{
		{"wildcard *", where("tag:Name", "s-*"), 5, ""},
		{"wildcard ?", where("tag:Name", "s-?"), 5, ""},
		{"several values are or", where("tag:Name", "s-1", "s-2"), 2, ""},
		{"several filters are and", append(where("tag:Name", "s-1"), where("cidr-block", "10.0.2.0/24")...), 0, ""},
		{"tag-key", where("tag-key", "Name"), 5, ""},
		{"case counts", where("tag:Name", "S-1"), 0, ""},
		{"unknown filter", where("colour", "red"), 0, "InvalidParameterValue"},
	} {
		out, err := e.DescribeSubnets(e.ctx, &sdk.DescribeSubnetsInput{Filters: c.filters})
		t.Run(c.why, func(t *testing.T) {
			wantCode(t, err, c.code)
			if err == nil && len(out.Subnets) != c.n {
				t.Errorf("got %d, want %d", len(out.Subnets), c.n)
			}
		})
	}
	_, err := e.DescribeSubnets(e.ctx, &sdk.DescribeSubnetsInput{MaxResults: aws.Int32(2)})
	wantCode(t, err, "InvalidParameterValue")
	_, err = e.DescribeSubnets(e.ctx, &sdk.DescribeSubnetsInput{NextToken: aws.String("?")})
	wantCode(t, err, "InvalidNextToken")
}

func TestReadLag(t *testing.T) {
	e := newEnv(t)
	e.svc.world.Settings.ReadLag = 10e9
	id := e.vpc("10.0.0.0/16")
	_, err := e.DescribeVpcs(e.ctx, &sdk.DescribeVpcsInput{VpcIds: []string{id}})
	wantCode(t, err, "InvalidVpcID.NotFound")
	if got := must(e.DescribeVpcs(e.ctx, &sdk.DescribeVpcsInput{}))(t).Vpcs; len(got) != 0 {
		t.Fatalf("got %+v", got)
	}
	e.server.Advance(10e9)
	if got := must(e.DescribeVpcs(e.ctx, &sdk.DescribeVpcsInput{VpcIds: []string{id}}))(t).Vpcs; len(got) != 1 {
		t.Fatalf("got %+v", got)
	}
}

func TestTags(t *testing.T) {
	e := newEnv(t)
	vpc, group := e.vpc("10.0.0.0/16"), ""
	group = e.group(vpc, "g")
	tag := func(k, v string) types.Tag { return types.Tag{Key: &k, Value: &v} }
	_, err := e.CreateTags(e.ctx, &sdk.CreateTagsInput{Resources: []string{vpc, "sg-0abc"}, Tags: []types.Tag{tag("a", "1")}})
	wantCode(t, err, "InvalidGroup.NotFound")
	if got := must(e.DescribeTags(e.ctx, &sdk.DescribeTagsInput{Filters: where("key", "a")}))(t).Tags; len(got) != 0 {
		t.Error("a refused CreateTags must not tag anything")
	}
	must(e.CreateTags(e.ctx, &sdk.CreateTagsInput{Resources: []string{vpc, group}, Tags: []types.Tag{tag("a", "1"), tag("b", "2")}}))(t)
	if got := must(e.DescribeTags(e.ctx, &sdk.DescribeTagsInput{Filters: where("resource-id", group)}))(t).Tags; len(got) != 2 || got[0].ResourceType != "security-group" {
		t.Fatalf("got %+v", got)
	}
	must(e.DeleteTags(e.ctx, &sdk.DeleteTagsInput{Resources: []string{group}, Tags: []types.Tag{tag("a", "other"), {Key: aws.String("b")}}}))(t)
	if got := must(e.DescribeTags(e.ctx, &sdk.DescribeTagsInput{Filters: where("resource-id", group)}))(t).Tags; len(got) != 1 || *got[0].Key != "a" {
		t.Fatalf("got %+v", got)
	}
	_, err = e.CreateTags(e.ctx, &sdk.CreateTagsInput{Resources: []string{vpc}, Tags: []types.Tag{tag("aws:x", "1")}})
	wantCode(t, err, "InvalidParameterValue")
	var many []types.Tag
	for i := range 51 {
		many = append(many, tag(fmt.Sprint("k", i), ""))
	}
	_, err = e.CreateTags(e.ctx, &sdk.CreateTagsInput{Resources: []string{vpc}, Tags: many})
	wantCode(t, err, "TagLimitExceeded")
	_, err = e.CreateTags(e.ctx, &sdk.CreateTagsInput{Resources: []string{"x-1"}, Tags: []types.Tag{tag("a", "1")}})
	wantCode(t, err, "InvalidID")
}
