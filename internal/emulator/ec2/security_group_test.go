package ec2

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

func tcp(from, to int32) types.IpPermission {
	return types.IpPermission{IpProtocol: aws.String("tcp"), FromPort: &from, ToPort: &to}
}

func fromCIDR(p types.IpPermission, cidrs ...string) []types.IpPermission {
	for _, c := range cidrs {
		p.IpRanges = append(p.IpRanges, types.IpRange{CidrIp: &c})
	}
	return []types.IpPermission{p}
}

func fromGroup(p types.IpPermission, id string) []types.IpPermission {
	p.UserIdGroupPairs = []types.UserIdGroupPair{{GroupId: &id}}
	return []types.IpPermission{p}
}

func TestCreateSecurityGroup(t *testing.T) {
	e := newEnv(t)
	vpc := e.vpc("10.0.0.0/16")
	out := must(e.CreateSecurityGroup(e.ctx, &sdk.CreateSecurityGroupInput{VpcId: &vpc, GroupName: aws.String("web"), Description: aws.String("d"), TagSpecifications: tags("security-group", "Name", "n")}))(t)
	if *out.SecurityGroupArn != "arn:aws:ec2:us-east-1:123456789012:security-group/"+*out.GroupId || len(out.Tags) != 1 {
		t.Fatalf("got %+v", out)
	}
	rules := must(e.DescribeSecurityGroupRules(e.ctx, &sdk.DescribeSecurityGroupRulesInput{Filters: where("group-id", *out.GroupId)}))(t).SecurityGroupRules
	if len(rules) != 1 || !*rules[0].IsEgress || *rules[0].IpProtocol != "-1" || *rules[0].FromPort != -1 || *rules[0].CidrIpv4 != "0.0.0.0/0" {
		t.Fatalf("a new group lets everything out: %+v", rules)
	}
	for _, c := range []struct{ why, vpc, name, description, code string }{
		{"duplicate", vpc, "web", "d", "InvalidGroup.Duplicate"},
		{"reserved", vpc, "default", "d", "InvalidGroup.Reserved"},
		{"looks like an id", vpc, "sg-web", "d", "InvalidParameterValue"},
		{"odd character", vpc, "web2", "<d>", "InvalidParameterValue"},
		{"no VPC", "vpc-0abc", "web2", "d", "InvalidVpcID.NotFound"},
	} {
		_, err := e.CreateSecurityGroup(e.ctx, &sdk.CreateSecurityGroupInput{VpcId: &c.vpc, GroupName: &c.name, Description: &c.description})
		t.Run(c.why, func(t *testing.T) { wantCode(t, err, c.code) })
	}
	_, err := e.CreateSecurityGroup(e.ctx, &sdk.CreateSecurityGroupInput{GroupName: aws.String("x"), Description: aws.String("d")})
	wantCode(t, err, "VPCIdNotSpecified")
}

func TestAuthorizeAndRevoke(t *testing.T) {
	e := newEnv(t)
	vpc := e.vpc("10.0.0.0/16")
	id, peer := e.group(vpc, "a"), e.group(vpc, "b")
	permissions := append(fromCIDR(tcp(443, 443), "0.0.0.0/0", "100.68.0.18/18"), fromGroup(tcp(80, 81), peer)...)
	permissions[0].IpRanges[0].Description = aws.String("all")
	permissions[0].Ipv6Ranges = []types.Ipv6Range{{CidrIpv6: aws.String("::/0")}}
	rules := must(e.AuthorizeSecurityGroupIngress(e.ctx, &sdk.AuthorizeSecurityGroupIngressInput{GroupId: &id, IpPermissions: permissions, TagSpecifications: tags("security-group-rule", "k", "v")}))(t).SecurityGroupRules
	if len(rules) != 4 || *rules[1].CidrIpv4 != "100.68.0.0/18" || *rules[3].ReferencedGroupInfo.GroupId != peer || len(rules[0].Tags) != 1 {
		t.Fatalf("one rule per peer, in canonical form: %+v", rules)
	}
	group := must(e.DescribeSecurityGroups(e.ctx, &sdk.DescribeSecurityGroupsInput{Filters: where("ip-permission.group-id", peer)}))(t).SecurityGroups
	if len(group) != 1 || len(group[0].IpPermissions) != 2 || len(group[0].IpPermissions[0].IpRanges) != 2 {
		t.Fatalf("got %+v", group)
	}
	elsewhere := e.group(e.vpc("10.1.0.0/16"), "c")
	icmp := types.IpPermission{IpProtocol: aws.String("icmp"), FromPort: aws.Int32(-1), ToPort: aws.Int32(-1)}
	for _, c := range []struct {
		why  string
		in   []types.IpPermission
		code string
	}{
		{"duplicate, though written otherwise", fromCIDR(types.IpPermission{IpProtocol: aws.String("6"), FromPort: aws.Int32(443), ToPort: aws.Int32(443)}, "100.68.1.1/18"), "InvalidPermission.Duplicate"},
		{"all or nothing", append(fromCIDR(tcp(1, 1), "0.0.0.0/0"), fromCIDR(tcp(443, 443), "0.0.0.0/0")...), "InvalidPermission.Duplicate"},
		{"twice in one request", append(fromCIDR(tcp(1, 1), "0.0.0.0/0"), fromCIDR(tcp(1, 1), "0.0.0.0/0")...), "InvalidParameterValue"},
		{"malformed block", fromCIDR(tcp(1, 1), "10.0.0.0/40"), "InvalidParameterValue"},
		{"ports missing", fromCIDR(types.IpPermission{IpProtocol: aws.String("tcp")}, "0.0.0.0/0"), "InvalidParameterValue"},
		{"ports reversed", fromCIDR(tcp(2, 1), "0.0.0.0/0"), "InvalidParameterValue"},
		{"no such group", fromGroup(tcp(1, 1), "sg-0abc"), "InvalidGroup.NotFound"},
		{"group of another VPC", fromGroup(tcp(1, 1), elsewhere), "InvalidGroup.NotFound"},
		{"no peer", []types.IpPermission{tcp(1, 1)}, "MissingParameter"},
		{"no protocol", fromCIDR(types.IpPermission{}, "0.0.0.0/0"), "MissingParameter"},
		{"prefix lists aren't emulated", []types.IpPermission{{IpProtocol: aws.String("-1"), PrefixListIds: []types.PrefixListId{{PrefixListId: aws.String("pl-1")}}}}, "UnknownParameter"},
		{"ICMP", fromCIDR(icmp, "10.0.0.0/8"), ""},
	} {
		_, err := e.AuthorizeSecurityGroupIngress(e.ctx, &sdk.AuthorizeSecurityGroupIngressInput{GroupId: &id, IpPermissions: c.in})
		t.Run(c.why, func(t *testing.T) { wantCode(t, err, c.code) })
	}
	if n := e.kinds(false)["SecurityGroupRule"]; n != 12 {
		t.Errorf("refused requests must add nothing: %d rules", n)
	}

	revoke := &sdk.RevokeSecurityGroupIngressInput{GroupId: &id, IpPermissions: fromCIDR(tcp(443, 443), "0.0.0.0/0")}
	revoked := must(e.RevokeSecurityGroupIngress(e.ctx, revoke))(t).RevokedSecurityGroupRules
	if len(revoked) != 1 || *revoked[0].SecurityGroupRuleId != *rules[0].SecurityGroupRuleId {
		t.Fatalf("descriptions don't count: %+v", revoked)
	}
	_, err := e.RevokeSecurityGroupIngress(e.ctx, revoke)
	wantCode(t, err, "InvalidPermission.NotFound")
	byID := &sdk.RevokeSecurityGroupIngressInput{GroupId: &id, SecurityGroupRuleIds: []string{*rules[1].SecurityGroupRuleId, *rules[3].SecurityGroupRuleId}}
	must(e.RevokeSecurityGroupIngress(e.ctx, byID))(t)
	_, err = e.RevokeSecurityGroupIngress(e.ctx, byID)
	wantCode(t, err, "InvalidSecurityGroupRuleId.NotFound")
	_, err = e.RevokeSecurityGroupIngress(e.ctx, &sdk.RevokeSecurityGroupIngressInput{GroupId: &id})
	wantCode(t, err, "MissingParameter")
	// Terraform removes the default egress rule with ports of 0.
	must(e.RevokeSecurityGroupEgress(e.ctx, &sdk.RevokeSecurityGroupEgressInput{GroupId: &id, IpPermissions: fromCIDR(types.IpPermission{IpProtocol: aws.String("-1"), FromPort: aws.Int32(0), ToPort: aws.Int32(0)}, "0.0.0.0/0")}))(t)
	must(e.AuthorizeSecurityGroupEgress(e.ctx, &sdk.AuthorizeSecurityGroupEgressInput{GroupId: &id, IpPermissions: fromCIDR(types.IpPermission{IpProtocol: aws.String("-1")}, "0.0.0.0/0")}))(t)
}

func TestModifyRules(t *testing.T) {
	e := newEnv(t)
	id := e.group(e.vpc("10.0.0.0/16"), "a")
	rules := must(e.AuthorizeSecurityGroupIngress(e.ctx, &sdk.AuthorizeSecurityGroupIngressInput{GroupId: &id, IpPermissions: fromCIDR(tcp(1, 1), "10.0.0.0/8", "11.0.0.0/8")}))(t).SecurityGroupRules
	modify := func(rule *string, r types.SecurityGroupRuleRequest) error {
		_, err := e.ModifySecurityGroupRules(e.ctx, &sdk.ModifySecurityGroupRulesInput{GroupId: &id, SecurityGroupRules: []types.SecurityGroupRuleUpdate{{SecurityGroupRuleId: rule, SecurityGroupRule: &r}}})
		return err
	}
	request := types.SecurityGroupRuleRequest{IpProtocol: aws.String("tcp"), FromPort: aws.Int32(2), ToPort: aws.Int32(2), CidrIpv4: aws.String("12.0.0.0/8"), Description: aws.String("new")}
	wantCode(t, modify(rules[0].SecurityGroupRuleId, request), "")
	wantCode(t, modify(rules[1].SecurityGroupRuleId, request), "InvalidPermission.Duplicate")
	wantCode(t, modify(aws.String("sgr-0abc"), request), "InvalidSecurityGroupRuleId.NotFound")
	request.CidrIpv4, request.CidrIpv6 = nil, aws.String("::/0")
	wantCode(t, modify(rules[0].SecurityGroupRuleId, request), "InvalidParameterCombination")
	must(e.UpdateSecurityGroupRuleDescriptionsIngress(e.ctx, &sdk.UpdateSecurityGroupRuleDescriptionsIngressInput{GroupId: &id, SecurityGroupRuleDescriptions: []types.SecurityGroupRuleDescription{{SecurityGroupRuleId: rules[1].SecurityGroupRuleId, Description: aws.String("two")}}}))(t)
	got := must(e.DescribeSecurityGroupRules(e.ctx, &sdk.DescribeSecurityGroupRulesInput{SecurityGroupRuleIds: []string{*rules[0].SecurityGroupRuleId, *rules[1].SecurityGroupRuleId}}))(t).SecurityGroupRules
	if len(got) != 2 || *got[0].CidrIpv4 != "12.0.0.0/8" || *got[0].FromPort != 2 || *got[0].Description != "new" || *got[1].Description != "two" {
		t.Fatalf("got %+v", got)
	}
}

func TestDeleteSecurityGroup(t *testing.T) {
	e := newEnv(t)
	vpc := e.vpc("10.0.0.0/16")
	a, b := e.group(vpc, "a"), e.group(vpc, "b")
	for _, pair := range [][2]string{{a, b}, {b, a}, {a, a}} {
		must(e.AuthorizeSecurityGroupIngress(e.ctx, &sdk.AuthorizeSecurityGroupIngressInput{GroupId: &pair[0], IpPermissions: fromGroup(tcp(1, 1), pair[1])}))(t)
	}
	_, err := e.DeleteSecurityGroup(e.ctx, &sdk.DeleteSecurityGroupInput{GroupId: &a})
	wantCode(t, err, "DependencyViolation")
	must(e.RevokeSecurityGroupIngress(e.ctx, &sdk.RevokeSecurityGroupIngressInput{GroupId: &b, IpPermissions: fromGroup(tcp(1, 1), a)}))(t)
	var nic Interface
	subnet := e.subnet(vpc, "10.0.0.0/24", "us-east-1a")
	e.locked(func() {
		nic, err = e.svc.CreateInterface(scope, InterfaceParams{SubnetID: subnet, SecurityGroupIDs: []string{a}, RequesterManaged: true, Description: "ELB net/x"})
	})
	wantCode(t, err, "")
	_, err = e.DeleteSecurityGroup(e.ctx, &sdk.DeleteSecurityGroupInput{GroupId: &a})
	wantCode(t, err, "DependencyViolation")
	got := must(e.DescribeNetworkInterfaces(e.ctx, &sdk.DescribeNetworkInterfacesInput{Filters: append(where("group-id", a), where("description", "ELB *")...)}))(t).NetworkInterfaces
	if len(got) != 1 || got[0].Status != "in-use" {
		t.Fatalf("got %+v", got)
	}
	e.locked(func() { e.svc.DeleteInterface(scope, nic.ID) })
	must(e.DeleteSecurityGroup(e.ctx, &sdk.DeleteSecurityGroupInput{GroupId: &a}))(t)
	_, err = e.DeleteSecurityGroup(e.ctx, &sdk.DeleteSecurityGroupInput{GroupId: &a})
	wantCode(t, err, "InvalidGroup.NotFound")
	var standard string
	e.locked(func() { standard, _ = e.svc.DefaultSecurityGroup(scope, vpc) })
	_, err = e.DeleteSecurityGroup(e.ctx, &sdk.DeleteSecurityGroupInput{GroupId: &standard})
	wantCode(t, err, "CannotDelete")
}

func TestReachable(t *testing.T) {
	e := newEnv(t)
	vpc := e.vpc("10.0.0.0/16")
	subnet := e.subnet(vpc, "10.0.0.0/24", "us-east-1a")
	a, b := e.group(vpc, "a"), e.group(vpc, "b")
	var from, to Interface
	e.locked(func() {
		from, _ = e.svc.CreateInterface(scope, InterfaceParams{SubnetID: subnet, SecurityGroupIDs: []string{a}})
		to, _ = e.svc.CreateInterface(scope, InterfaceParams{SubnetID: subnet, SecurityGroupIDs: []string{b}})
	})
	check := func(why string, want bool) {
		t.Helper()
		e.locked(func() {
			if got := e.svc.Reachable(scope, from.ID, to.ID, 8787); got != want {
				t.Errorf("%s: got %v", why, got)
			}
		})
	}
	check("nothing is let in", false)
	by := must(e.AuthorizeSecurityGroupIngress(e.ctx, &sdk.AuthorizeSecurityGroupIngressInput{GroupId: &b, IpPermissions: fromGroup(tcp(8787, 8788), a)}))(t).SecurityGroupRules[0].SecurityGroupRuleId
	check("by group", true)
	must(e.RevokeSecurityGroupEgress(e.ctx, &sdk.RevokeSecurityGroupEgressInput{GroupId: &a, IpPermissions: fromCIDR(types.IpPermission{IpProtocol: aws.String("-1")}, "0.0.0.0/0")}))(t)
	check("nothing is let out", false)
	must(e.AuthorizeSecurityGroupEgress(e.ctx, &sdk.AuthorizeSecurityGroupEgressInput{GroupId: &a, IpPermissions: fromGroup(tcp(8787, 8787), b)}))(t)
	check("out by group", true)
	must(e.RevokeSecurityGroupIngress(e.ctx, &sdk.RevokeSecurityGroupIngressInput{GroupId: &b, SecurityGroupRuleIds: []string{*by}}))(t)
	must(e.AuthorizeSecurityGroupIngress(e.ctx, &sdk.AuthorizeSecurityGroupIngressInput{GroupId: &b, IpPermissions: fromCIDR(tcp(80, 80), "0.0.0.0/0")}))(t)
	check("another port", false)
	must(e.AuthorizeSecurityGroupIngress(e.ctx, &sdk.AuthorizeSecurityGroupIngressInput{GroupId: &b, IpPermissions: fromCIDR(tcp(0, 65535), "10.0.0.0/24")}))(t)
	check("by address", true)
}
