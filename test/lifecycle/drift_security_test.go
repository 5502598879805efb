package lifecycle

import (
	"context"
	"fmt"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// door is a rule that nobody should have opened.
var door = []ec2types.IpPermission{{IpProtocol: sdk.String("tcp"), FromPort: sdk.Int32(22), ToPort: sdk.Int32(22), IpRanges: []ec2types.IpRange{{CidrIp: sdk.String("0.0.0.0/0")}}}}

var securityEdits = map[string][]edit{
	"SecurityGroupRules": {
		{what: "all are revoked", tells: "egress", do: func(ctx context.Context, s *site, o object) error {
			if err := s.eachRule(ctx, o.ID, true, s.revoke); err != nil {
				return err
			}
			if o.Node == "security-group-rules/instances" {
				return nil
			}
			return s.eachRule(ctx, o.ID, false, s.revoke)
		}},
		{what: "an ingress rule is added", tells: "ingress", do: func(ctx context.Context, s *site, o object) error {
			_, err := s.ec2.AuthorizeSecurityGroupIngress(ctx, &ec2.AuthorizeSecurityGroupIngressInput{GroupId: &o.ID, IpPermissions: door})
			return err
		}},
		{what: "an egress rule is added", tells: "egress", do: func(ctx context.Context, s *site, o object) error {
			_, err := s.ec2.AuthorizeSecurityGroupEgress(ctx, &ec2.AuthorizeSecurityGroupEgressInput{GroupId: &o.ID, IpPermissions: door})
			return err
		}},
		{what: "the egress rule is revoked", tells: "egress", do: func(ctx context.Context, s *site, o object) error {
			return s.eachRule(ctx, o.ID, true, s.revoke)
		}},
		{what: "the egress rule is narrowed", tells: "egress", do: func(ctx context.Context, s *site, o object) error {
			return s.eachRule(ctx, o.ID, true, func(ctx context.Context, r ec2types.SecurityGroupRule) error {
				return s.modify(ctx, r, func(q *ec2types.SecurityGroupRuleRequest) { q.CidrIpv4 = sdk.String("10.0.0.0/8") })
			})
		}},
		{what: "the egress rule is described", tells: "egress", do: func(ctx context.Context, s *site, o object) error {
			return s.eachRule(ctx, o.ID, true, func(ctx context.Context, r ec2types.SecurityGroupRule) error {
				return s.modify(ctx, r, func(q *ec2types.SecurityGroupRuleRequest) { q.Description = sdk.String("by hand") })
			})
		}},
		{what: "the ingress rule is revoked", tells: "ingress", nodes: admitting, do: func(ctx context.Context, s *site, o object) error {
			return s.eachRule(ctx, o.ID, false, s.revoke)
		}},
		{what: "the ingress rule admits another port", tells: "ingress", nodes: admitting, do: func(ctx context.Context, s *site, o object) error {
			return s.eachRule(ctx, o.ID, false, func(ctx context.Context, r ec2types.SecurityGroupRule) error {
				return s.modify(ctx, r, func(q *ec2types.SecurityGroupRuleRequest) { q.FromPort, q.ToPort = sdk.Int32(1), sdk.Int32(65535) })
			})
		}},
		{what: "the ingress rule admits everybody", tells: "ingress", nodes: []string{"security-group-rules/load-balancer-network-internal"}, do: func(ctx context.Context, s *site, o object) error {
			return s.eachRule(ctx, o.ID, false, func(ctx context.Context, r ec2types.SecurityGroupRule) error {
				return s.modify(ctx, r, func(q *ec2types.SecurityGroupRuleRequest) {
					q.CidrIpv4 = sdk.String("0.0.0.0/0")
				})
			})
		}},
		{what: "the ingress rule is described otherwise", tells: "ingress", nodes: admitting, do: func(ctx context.Context, s *site, o object) error {
			return s.eachRule(ctx, o.ID, false, func(ctx context.Context, r ec2types.SecurityGroupRule) error {
				return s.modify(ctx, r, func(q *ec2types.SecurityGroupRuleRequest) { q.Description = sdk.String("by hand") })
			})
		}},
	},
	"VPCDefaults": {
		{what: "the default group admits", tells: "securityGroup.ingress", do: func(ctx context.Context, s *site, o object) error {
			_, err := s.ec2.AuthorizeSecurityGroupIngress(ctx, &ec2.AuthorizeSecurityGroupIngressInput{GroupId: &o.ID, IpPermissions: door})
			return err
		}},
		{what: "the default group lets out", tells: "securityGroup.egress", do: func(ctx context.Context, s *site, o object) error {
			_, err := s.ec2.AuthorizeSecurityGroupEgress(ctx, &ec2.AuthorizeSecurityGroupEgressInput{GroupId: &o.ID, IpPermissions: door})
			return err
		}},
	},
}

// admitting are the rule sets that have an ingress rule.
var admitting = []string{"security-group-rules/gateway", "security-group-rules/redis", "security-group-rules/load-balancer-network-internal"}

// eachRule does something to each rule of a group in one direction.
func (s *site) eachRule(ctx context.Context, group string, egress bool, do func(context.Context, ec2types.SecurityGroupRule) error) error {
	out, err := s.ec2.DescribeSecurityGroupRules(ctx, &ec2.DescribeSecurityGroupRulesInput{Filters: []ec2types.Filter{{Name: sdk.String("group-id"), Values: []string{group}}}})
	if err != nil {
		return err
	}
	n := 0
	for _, r := range out.SecurityGroupRules {
		if sdk.ToBool(r.IsEgress) != egress {
			continue
		}
		n++
		if err := do(ctx, r); err != nil {
			return err
		}
	}
	if n == 0 {
		return fmt.Errorf("%s has no such rule", group)
	}
	return nil
}

func (s *site) revoke(ctx context.Context, r ec2types.SecurityGroupRule) error {
	ids := []string{*r.SecurityGroupRuleId}
	if sdk.ToBool(r.IsEgress) {
		_, err := s.ec2.RevokeSecurityGroupEgress(ctx, &ec2.RevokeSecurityGroupEgressInput{GroupId: r.GroupId, SecurityGroupRuleIds: ids})
		return err
	}
	_, err := s.ec2.RevokeSecurityGroupIngress(ctx, &ec2.RevokeSecurityGroupIngressInput{GroupId: r.GroupId, SecurityGroupRuleIds: ids})
	return err
}

// modify edits a rule in place, as the console's form does: the whole rule is sent.
func (s *site) modify(ctx context.Context, r ec2types.SecurityGroupRule, change func(*ec2types.SecurityGroupRuleRequest)) error {
	q := &ec2types.SecurityGroupRuleRequest{IpProtocol: r.IpProtocol, FromPort: r.FromPort, ToPort: r.ToPort, CidrIpv4: r.CidrIpv4, Description: r.Description}
	if r.ReferencedGroupInfo != nil {
		q.ReferencedGroupId = r.ReferencedGroupInfo.GroupId
	}
	change(q)
	_, err := s.ec2.ModifySecurityGroupRules(ctx, &ec2.ModifySecurityGroupRulesInput{GroupId: r.GroupId, SecurityGroupRules: []ec2types.SecurityGroupRuleUpdate{
		{SecurityGroupRuleId: r.SecurityGroupRuleId, SecurityGroupRule: q},
	}})
	return err
}
