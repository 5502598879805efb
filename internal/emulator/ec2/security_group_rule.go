package ec2

import (
	"maps"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

type securityGroupRule struct {
	object
	groupID string
	egress  bool
	permission
	description string
	// automatic says that AWS made the rule with its group.
	automatic bool
}

type authorizeIn struct {
	GroupID     string         `q:"GroupId,required"`
	Permissions []ipPermission `q:"IpPermissions"`
	// Protocol and the following are the short form of a single permission.
	Protocol string `q:"IpProtocol"`
	FromPort *int   `q:"FromPort"`
	ToPort   *int   `q:"ToPort"`
	CIDR     string `q:"CidrIp"`
	TagSpecs
}

func (in *authorizeIn) permissions() ([]ipPermission, error) {
	short := in.Protocol != "" || in.FromPort != nil || in.ToPort != nil || in.CIDR != ""
	switch {
	case short && len(in.Permissions) > 0:
		return nil, core.Errorf("InvalidParameterCombination", "The parameter ipPermissions may not be used in combination with parameters that describe a single permission")
	case short:
		return []ipPermission{{Protocol: in.Protocol, FromPort: in.FromPort, ToPort: in.ToPort, Ranges: []rangeIn{{CIDR: in.CIDR}}}}, nil
	default:
		return in.Permissions, nil
	}
}

type rulesOut struct {
	done
	Rules []ruleItem `xml:"securityGroupRuleSet>item"`
}

func (s *Service) authorizeIngress(q *core.Request, in *authorizeIn) (*rulesOut, error) {
	return s.authorize(q, in, false)
}

func (s *Service) authorizeEgress(q *core.Request, in *authorizeIn) (*rulesOut, error) {
	return s.authorize(q, in, true)
}

// authorize adds all rules or none,
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AuthorizeSecurityGroupIngress.html
func (s *Service) authorize(q *core.Request, in *authorizeIn, egress bool) (*rulesOut, error) {
	r := s.region(q.Scope)
	tags, err := in.of(kindRule)
	if err != nil {
		return nil, err
	}
	g, err := r.groups.need(kindSecurityGroup, in.GroupID)
	if err != nil {
		return nil, err
	}
	given, err := in.permissions()
	if err != nil {
		return nil, err
	}
	if len(given) == 0 {
		return nil, core.Errorf("MissingParameter", "The request must contain the parameter ipPermissions")
	}
	add, err := r.expand(g, given)
	if err != nil {
		return nil, err
	}
	have := 0
	for _, e := range r.rulesOf(g.id) {
		if e.egress != egress {
			continue
		}
		have++
		for _, p := range add {
			if p.permission == e.permission {
				return nil, core.Errorf("InvalidPermission.Duplicate", "the specified rule \"%s\" already exists", p.permission)
			}
		}
	}
	if have+len(add) > s.Quotas.RulesPerSecurityGroup {
		return nil, core.Errorf("RulesPerSecurityGroupLimitExceeded", "The maximum number of rules per security group has been reached.")
	}
	out := &rulesOut{done: done{true}}
	for _, p := range add {
		e := &securityGroupRule{object: r.newObject(kindRule, maps.Clone(tags)), groupID: g.id, egress: egress, permission: p.permission, description: p.description}
		r.rules.add(e)
		out.Rules = append(out.Rules, r.ruleItem(e))
	}
	return out, nil
}

type modifyRulesIn struct {
	GroupID string `q:"GroupId,required"`
	Rules   []struct {
		ID   string   `q:"SecurityGroupRuleId,required"`
		Rule ruleSpec `q:"SecurityGroupRule,required"`
	} `q:"SecurityGroupRule,required"`
}

type ruleSpec struct {
	Protocol    string `q:"IpProtocol"`
	FromPort    *int   `q:"FromPort"`
	ToPort      *int   `q:"ToPort"`
	CIDR        string `q:"CidrIpv4"`
	CIDR6       string `q:"CidrIpv6"`
	GroupID     string `q:"ReferencedGroupId"`
	Description string `q:"Description"`
}

// modifySecurityGroupRules replaces rules as a whole: "You must specify … the following" fields again,
// and "you can't change the type of source or destination",
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifySecurityGroupRules.html
func (s *Service) modifySecurityGroupRules(q *core.Request, in *modifyRulesIn) (*done, error) {
	r := s.region(q.Scope)
	g, err := r.groups.need(kindSecurityGroup, in.GroupID)
	if err != nil {
		return nil, err
	}
	want := map[*securityGroupRule]described{}
	for _, change := range in.Rules {
		e, exists := r.rules.get(change.ID)
		if !exists || e.groupID != g.id {
			return nil, kindRule.missing(change.ID)
		}
		p := ipPermission{Protocol: change.Rule.Protocol, FromPort: change.Rule.FromPort, ToPort: change.Rule.ToPort}
		if v := change.Rule.CIDR; v != "" {
			p.Ranges = []rangeIn{{v, change.Rule.Description}}
		}
		if v := change.Rule.CIDR6; v != "" {
			p.Ranges6 = []range6In{{v, change.Rule.Description}}
		}
		if v := change.Rule.GroupID; v != "" {
			p.Groups = []groupPair{{GroupID: v, Description: change.Rule.Description}}
		}
		made, err := r.expand(g, []ipPermission{p})
		if err != nil {
			return nil, err
		}
		if len(made) != 1 {
			return nil, core.Errorf("InvalidParameterCombination", "A security group rule has exactly one source or destination.")
		}
		n := made[0]
		if (n.cidr != "") != (e.cidr != "") || (n.cidr6 != "") != (e.cidr6 != "") {
			return nil, core.Errorf("InvalidParameterCombination", "The type of the source or destination of the security group rule '%s' can't be changed.", e.id)
		}
		want[e] = n
	}
	for _, other := range r.rulesOf(g.id) {
		for e, n := range want {
			_, changing := want[other]
			if other != e && other.egress == e.egress && other.permission == n.permission && !changing {
				return nil, core.Errorf("InvalidPermission.Duplicate", "the specified rule \"%s\" already exists", n.permission)
			}
		}
	}
	for e, n := range want {
		e.permission, e.description = n.permission, n.description
	}
	return ok(), nil
}
