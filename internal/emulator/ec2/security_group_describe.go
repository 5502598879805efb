package ec2

import (
	"strconv"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

type groupItem struct {
	ID          string         `xml:"groupId"`
	ARN         string         `xml:"securityGroupArn"`
	Name        string         `xml:"groupName"`
	Description string         `xml:"groupDescription"`
	OwnerID     string         `xml:"ownerId"`
	VPCID       string         `xml:"vpcId"`
	Ingress     []ipPermission `xml:"ipPermissions>item"`
	Egress      []ipPermission `xml:"ipPermissionsEgress>item"`
	Tags        []tagItem      `xml:"tagSet>item"`
}

func (r *region) groupItem(g *securityGroup) groupItem {
	return groupItem{
		ID: g.id, ARN: r.groupARN(g.id), Name: g.name, Description: g.description, OwnerID: r.Account, VPCID: g.vpcID,
		Ingress: r.ipPermissions(g, false), Egress: r.ipPermissions(g, true), Tags: tagItems(g.tags),
	}
}

// ipPermissions groups rules by protocol and ports.
func (r *region) ipPermissions(g *securityGroup, egress bool) []ipPermission {
	type key struct {
		protocol string
		from, to int
	}
	var out []ipPermission
	at := map[key]int{}
	for _, e := range r.rulesOf(g.id) {
		if e.egress != egress {
			continue
		}
		k := key{e.protocol, e.from, e.to}
		i, has := at[k]
		if !has {
			i = len(out)
			at[k] = i
			p := ipPermission{Protocol: e.protocol}
			if e.protocol != "-1" {
				p.FromPort, p.ToPort = new(e.from), new(e.to)
			}
			out = append(out, p)
		}
		switch p := &out[i]; {
		case e.cidr != "":
			p.Ranges = append(p.Ranges, rangeIn{e.cidr, e.description})
		case e.cidr6 != "":
			p.Ranges6 = append(p.Ranges6, range6In{e.cidr6, e.description})
		default:
			p.Groups = append(p.Groups, groupPair{Description: e.description, GroupID: e.permission.groupID, UserID: r.Account})
		}
	}
	return out
}

type describeGroupsIn struct {
	IDs []string `q:"GroupId"`
	DescribeIn
}

type describeGroupsOut struct {
	Groups []groupItem `xml:"securityGroupInfo>item"`
	Next   string      `xml:"nextToken,omitempty"`
}

func (s *Service) describeSecurityGroups(q *core.Request, in *describeGroupsIn) (*describeGroupsOut, error) {
	r := s.region(q.Scope)
	f := fields[*securityGroup]{
		"description": func(g *securityGroup) []string { return one(g.description) },
		"group-id":    func(g *securityGroup) []string { return one(g.id) },
		"group-name":  func(g *securityGroup) []string { return one(g.name) },
		"owner-id":    func(*securityGroup) []string { return one(r.Account) },
		"vpc-id":      func(g *securityGroup) []string { return one(g.vpcID) },
	}
	for prefix, egress := range map[string]bool{"ip-permission.": false, "egress.ip-permission.": true} {
		rules := func(get func(*securityGroupRule) []string) func(*securityGroup) []string {
			return func(g *securityGroup) []string {
				var out []string
				for _, e := range r.rulesOf(g.id) {
					if e.egress == egress {
						out = append(out, get(e)...)
					}
				}
				return out
			}
		}
		f[prefix+"cidr"] = rules(func(e *securityGroupRule) []string { return one(e.cidr) })
		f[prefix+"ipv6-cidr"] = rules(func(e *securityGroupRule) []string { return one(e.cidr6) })
		f[prefix+"group-id"] = rules(func(e *securityGroupRule) []string { return one(e.permission.groupID) })
		f[prefix+"protocol"] = rules(func(e *securityGroupRule) []string { return one(e.protocol) })
		f[prefix+"from-port"] = rules(func(e *securityGroupRule) []string { return []string{strconv.Itoa(e.from)} })
		f[prefix+"to-port"] = rules(func(e *securityGroupRule) []string { return []string{strconv.Itoa(e.to)} })
		f[prefix+"prefix-list-id"] = rules(func(*securityGroupRule) []string { return nil })
		f[prefix+"group-name"] = rules(func(e *securityGroupRule) []string {
			if g, exists := r.groups.get(e.permission.groupID); exists {
				return one(g.name)
			}
			return nil
		})
		f[prefix+"user-id"] = rules(func(e *securityGroupRule) []string {
			if e.permission.groupID == "" {
				return nil
			}
			return one(r.Account)
		})
	}
	page, next, err := describe(q, &r.groups, kindSecurityGroup, in.IDs, f, in.DescribeIn)
	return &describeGroupsOut{mapped(page, r.groupItem), next}, err
}

type ruleItem struct {
	ID          string    `xml:"securityGroupRuleId"`
	ARN         string    `xml:"securityGroupRuleArn"`
	GroupID     string    `xml:"groupId"`
	GroupOwner  string    `xml:"groupOwnerId"`
	Egress      bool      `xml:"isEgress"`
	Protocol    string    `xml:"ipProtocol"`
	FromPort    int       `xml:"fromPort"`
	ToPort      int       `xml:"toPort"`
	CIDR        string    `xml:"cidrIpv4,omitempty"`
	CIDR6       string    `xml:"cidrIpv6,omitempty"`
	Peer        *peerItem `xml:"referencedGroupInfo"`
	Description string    `xml:"description,omitempty"`
	Tags        []tagItem `xml:"tagSet>item"`
}

type peerItem struct {
	GroupID string `xml:"groupId"`
	UserID  string `xml:"userId"`
}

func (r *region) ruleItem(e *securityGroupRule) ruleItem {
	out := ruleItem{
		ID: e.id, ARN: r.ARN("ec2", "security-group-rule/"+e.id), GroupID: e.groupID, GroupOwner: r.Account, Egress: e.egress,
		Protocol: e.protocol, FromPort: e.from, ToPort: e.to, CIDR: e.cidr, CIDR6: e.cidr6, Description: e.description, Tags: tagItems(e.tags),
	}
	if e.permission.groupID != "" {
		out.Peer = &peerItem{e.permission.groupID, r.Account}
	}
	return out
}

type describeRulesIn struct {
	IDs []string `q:"SecurityGroupRuleId"`
	DescribeIn
}

type describeRulesOut struct {
	Rules []ruleItem `xml:"securityGroupRuleSet>item"`
	Next  string     `xml:"nextToken,omitempty"`
}

func (s *Service) describeSecurityGroupRules(q *core.Request, in *describeRulesIn) (*describeRulesOut, error) {
	r := s.region(q.Scope)
	page, next, err := describe(q, &r.rules, kindRule, in.IDs, fields[*securityGroupRule]{
		"group-id":               func(e *securityGroupRule) []string { return one(e.groupID) },
		"security-group-rule-id": func(e *securityGroupRule) []string { return one(e.id) },
	}, in.DescribeIn)
	return &describeRulesOut{mapped(page, r.ruleItem), next}, err
}
