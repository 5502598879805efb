package ec2

import (
	"slices"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

type revokeIn struct {
	GroupID     string         `q:"GroupId,required"`
	Permissions []ipPermission `q:"IpPermissions"`
	RuleIDs     []string       `q:"SecurityGroupRuleId"`
	Protocol    string         `q:"IpProtocol"`
	FromPort    *int           `q:"FromPort"`
	ToPort      *int           `q:"ToPort"`
	CIDR        string         `q:"CidrIp"`
}

type revokedItem struct {
	RuleID      string `xml:"securityGroupRuleId"`
	GroupID     string `xml:"groupId"`
	Egress      bool   `xml:"isEgress"`
	Protocol    string `xml:"ipProtocol"`
	FromPort    int    `xml:"fromPort"`
	ToPort      int    `xml:"toPort"`
	CIDR        string `xml:"cidrIpv4,omitempty"`
	CIDR6       string `xml:"cidrIpv6,omitempty"`
	PeerID      string `xml:"referencedGroupId,omitempty"`
	Description string `xml:"description,omitempty"`
}

type revokeOut struct {
	done
	Revoked []revokedItem `xml:"revokedSecurityGroupRuleSet>item"`
}

func (s *Service) revokeIngress(q *core.Request, in *revokeIn) (*revokeOut, error) {
	return s.revoke(q, in, false)
}

func (s *Service) revokeEgress(q *core.Request, in *revokeIn) (*revokeOut, error) {
	return s.revoke(q, in, true)
}

// revoke takes rule ids or permissions; descriptions don't count. A rule that isn't there is
// InvalidPermission.NotFound, for a VPC that isn't a default one,
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RevokeSecurityGroupIngress.html
func (s *Service) revoke(q *core.Request, in *revokeIn, egress bool) (*revokeOut, error) {
	r := s.region(q.Scope)
	g, err := r.groups.need(kindSecurityGroup, in.GroupID)
	if err != nil {
		return nil, err
	}
	short := authorizeIn{Permissions: in.Permissions, Protocol: in.Protocol, FromPort: in.FromPort, ToPort: in.ToPort, CIDR: in.CIDR}
	given, err := short.permissions()
	if err != nil {
		return nil, err
	}
	var gone []*securityGroupRule
	switch {
	case len(given) > 0 && len(in.RuleIDs) > 0:
		return nil, core.Errorf("InvalidParameterCombination", "The parameter securityGroupRuleIds may not be used in combination with ipPermissions")
	case len(in.RuleIDs) > 0:
		gone, err = r.rulesByID(g, in.RuleIDs, egress)
	case len(given) > 0:
		gone, err = r.rulesByPermission(g, given, egress)
	default:
		err = core.Errorf("MissingParameter", "Either 'ipPermissions' or 'securityGroupRuleIds' should be provided.")
	}
	if err != nil {
		return nil, err
	}
	out := &revokeOut{done: done{true}}
	for _, e := range gone {
		r.rules.remove(e.id)
		out.Revoked = append(out.Revoked, revokedItem{
			e.id, e.groupID, e.egress, e.protocol, e.from, e.to, e.cidr, e.cidr6, e.permission.groupID, e.description,
		})
	}
	return out, nil
}

func (r *region) rulesByID(g *securityGroup, ids []string, egress bool) ([]*securityGroupRule, error) {
	var out []*securityGroupRule
	for _, id := range ids {
		e, exists := r.rules.get(id)
		if !exists || e.groupID != g.id || e.egress != egress {
			return nil, kindRule.missing(id)
		}
		if slices.Contains(out, e) {
			return nil, invalidValue("The same security group rule ID must not appear multiple times")
		}
		out = append(out, e)
	}
	return out, nil
}

func (r *region) rulesByPermission(g *securityGroup, given []ipPermission, egress bool) ([]*securityGroupRule, error) {
	want, err := r.expand(g, given)
	if err != nil {
		return nil, err
	}
	var out []*securityGroupRule
	for _, p := range want {
		e := r.findRule(g.id, p.permission, egress)
		if e == nil {
			return nil, core.Errorf("InvalidPermission.NotFound", "The specified rule does not exist in this security group.")
		}
		out = append(out, e)
	}
	return out, nil
}

func (r *region) findRule(groupID string, p permission, egress bool) *securityGroupRule {
	for _, e := range r.rulesOf(groupID) {
		if e.egress == egress && e.permission == p {
			return e
		}
	}
	return nil
}

type updateDescriptionsIn struct {
	GroupID      string         `q:"GroupId,required"`
	Permissions  []ipPermission `q:"IpPermissions"`
	Descriptions []struct {
		RuleID      string `q:"SecurityGroupRuleId,required"`
		Description string `q:"Description"`
	} `q:"SecurityGroupRuleDescription"`
}

func (s *Service) updateIngressDescriptions(q *core.Request, in *updateDescriptionsIn) (*done, error) {
	return s.updateDescriptions(q, in, false)
}

func (s *Service) updateEgressDescriptions(q *core.Request, in *updateDescriptionsIn) (*done, error) {
	return s.updateDescriptions(q, in, true)
}

// updateDescriptions replaces or removes descriptions,
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_UpdateSecurityGroupRuleDescriptionsIngress.html
func (s *Service) updateDescriptions(q *core.Request, in *updateDescriptionsIn, egress bool) (*done, error) {
	r := s.region(q.Scope)
	g, err := r.groups.need(kindSecurityGroup, in.GroupID)
	if err != nil {
		return nil, err
	}
	want := map[*securityGroupRule]string{}
	switch {
	case len(in.Permissions) > 0 && len(in.Descriptions) > 0:
		return nil, core.Errorf("InvalidParameterCombination", "You must specify either the description or the IP permissions")
	case len(in.Permissions) == 0 && len(in.Descriptions) == 0:
		return nil, core.Errorf("MissingParameter", "You must specify either the description or the IP permissions")
	}
	given, err := r.expand(g, in.Permissions)
	if err != nil {
		return nil, err
	}
	for _, p := range given {
		e := r.findRule(g.id, p.permission, egress)
		if e == nil {
			return nil, core.Errorf("InvalidPermission.NotFound", "The specified rule does not exist in this security group.")
		}
		want[e] = p.description
	}
	for _, d := range in.Descriptions {
		found, err := r.rulesByID(g, []string{d.RuleID}, egress)
		if err != nil {
			return nil, err
		}
		if err := checkDescription(d.Description); err != nil {
			return nil, err
		}
		want[found[0]] = d.Description
	}
	for e, d := range want {
		e.description = d
	}
	return ok(), nil
}
