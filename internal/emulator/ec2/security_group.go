package ec2

import (
	"regexp"
	"strings"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

type securityGroup struct {
	object
	vpcID, name, description string
	isDefault                bool
}

func (s *Service) registerSecurityGroups(m *core.Mux) {
	core.Handle(m, "CreateSecurityGroup", s.createSecurityGroup)
	core.Handle(m, "DeleteSecurityGroup", s.deleteSecurityGroup)
	core.Handle(m, "DescribeSecurityGroups", s.describeSecurityGroups)
	core.Handle(m, "DescribeSecurityGroupRules", s.describeSecurityGroupRules)
	core.Handle(m, "AuthorizeSecurityGroupIngress", s.authorizeIngress)
	core.Handle(m, "AuthorizeSecurityGroupEgress", s.authorizeEgress)
	core.Handle(m, "RevokeSecurityGroupIngress", s.revokeIngress)
	core.Handle(m, "RevokeSecurityGroupEgress", s.revokeEgress)
	core.Handle(m, "ModifySecurityGroupRules", s.modifySecurityGroupRules)
	core.Handle(m, "UpdateSecurityGroupRuleDescriptionsIngress", s.updateIngressDescriptions)
	core.Handle(m, "UpdateSecurityGroupRuleDescriptionsEgress", s.updateEgressDescriptions)
}

type createSecurityGroupIn struct {
	Name        string `q:"GroupName,required"`
	Description string `q:"GroupDescription,required"`
	VPCID       string `q:"VpcId"`
	TagSpecs
}

type createSecurityGroupOut struct {
	done
	ID   string    `xml:"groupId"`
	ARN  string    `xml:"securityGroupArn"`
	Tags []tagItem `xml:"tagSet>item"`
}

// groupText are the characters of names and descriptions of groups and rules.
var groupText = regexp.MustCompile(`^[a-zA-Z0-9 ._\-:/()#,@\[\]+=&;{}!$*]*$`)

const maxGroupText = 255

// createSecurityGroup checks names as the API reference has it: up to 255 characters, not beginning
// with "sg-", unique in the VPC,
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSecurityGroup.html
func (s *Service) createSecurityGroup(q *core.Request, in *createSecurityGroupIn) (*createSecurityGroupOut, error) {
	r := s.region(q.Scope)
	tags, err := in.of(kindSecurityGroup)
	if err != nil {
		return nil, err
	}
	if in.VPCID == "" {
		return nil, core.Errorf("VPCIdNotSpecified", "No default VPC for this user")
	}
	v, err := r.vpcs.need(kindVPC, in.VPCID)
	if err != nil {
		return nil, err
	}
	for _, text := range []struct{ param, value string }{{"GroupName", in.Name}, {"GroupDescription", in.Description}} {
		if text.value == "" || len(text.value) > maxGroupText || !groupText.MatchString(text.value) {
			return nil, invalidValue("Value (%s) for parameter %s is invalid. Character sets beyond ASCII are not supported.", text.value, text.param)
		}
	}
	if strings.HasPrefix(in.Name, "sg-") {
		return nil, invalidValue("Value (%s) for parameter GroupName is invalid. Group names may not be in the format sg-*", in.Name)
	}
	if in.Name == "default" {
		return nil, core.Errorf("InvalidGroup.Reserved", "The security group '%s' is reserved", in.Name)
	}
	if r.groups.any(func(g *securityGroup) bool { return g.vpcID == v.id && g.name == in.Name }) {
		return nil, core.Errorf("InvalidGroup.Duplicate", "The security group '%s' already exists for VPC '%s'", in.Name, v.id)
	}
	if len(r.groups.items) >= s.Quotas.SecurityGroups {
		return nil, core.Errorf("SecurityGroupLimitExceeded", "The maximum number of security groups has been reached.")
	}
	g := r.newSecurityGroup(v, in.Name, in.Description, tags, false)
	return &createSecurityGroupOut{done{true}, g.id, r.groupARN(g.id), tagItems(g.tags)}, nil
}

// newSecurityGroup makes a group with the rule that lets all traffic out; a VPC's default group also
// lets its members in, https://docs.aws.amazon.com/vpc/latest/userguide/default-security-group.html
func (r *region) newSecurityGroup(v *vpc, name, description string, tags map[string]string, isDefault bool) *securityGroup {
	g := &securityGroup{object: r.newObject(kindSecurityGroup, tags), vpcID: v.id, name: name, description: description, isDefault: isDefault}
	r.groups.add(g)
	all := permission{protocol: "-1", from: -1, to: -1}
	if isDefault {
		members := all
		members.groupID = g.id
		r.rules.add(&securityGroupRule{object: r.newObject(kindRule, nil), groupID: g.id, permission: members, automatic: true})
	}
	out := all
	out.cidr = "0.0.0.0/0"
	r.rules.add(&securityGroupRule{object: r.newObject(kindRule, nil), groupID: g.id, egress: true, permission: out, automatic: true})
	return g
}

func (r *region) removeGroup(g *securityGroup) {
	for _, e := range r.rulesOf(g.id) {
		r.rules.remove(e.id)
	}
	r.groups.remove(g.id)
}

func (r *region) rulesOf(groupID string) []*securityGroupRule {
	return r.rules.where(func(e *securityGroupRule) bool { return e.groupID == groupID })
}

func (r *region) groupARN(id string) string { return r.ARN("ec2", "security-group/"+id) }

type deleteSecurityGroupIn struct {
	ID string `q:"GroupId,required"`
}

type deleteSecurityGroupOut struct {
	done
	ID string `xml:"groupId"`
}

// deleteSecurityGroup: "If you attempt to delete a security group that is associated with an instance
// or network interface, is referenced by another security group in the same VPC, … the operation fails
// with DependencyViolation",
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteSecurityGroup.html
func (s *Service) deleteSecurityGroup(q *core.Request, in *deleteSecurityGroupIn) (*deleteSecurityGroupOut, error) {
	r := s.region(q.Scope)
	g, err := r.groups.need(kindSecurityGroup, in.ID)
	if err != nil {
		return nil, err
	}
	if g.isDefault {
		return nil, core.Errorf("CannotDelete", "the specified group: \"%s\" name: \"%s\" cannot be deleted by a user", g.id, g.name)
	}
	used := r.interfaces.any(func(e *networkInterface) bool { return e.inGroup(g.id) }) ||
		r.rules.any(func(e *securityGroupRule) bool { return e.permission.groupID == g.id && e.groupID != g.id })
	if used {
		return nil, dependency("resource %s has a dependent object", g.id)
	}
	r.removeGroup(g)
	return &deleteSecurityGroupOut{done{true}, g.id}, nil
}

// SecurityGroup tells of a security group.
func (s *Service) SecurityGroup(scope core.Scope, id string) (SecurityGroupInfo, bool) {
	g, exists := s.region(scope).groups.get(id)
	if !exists {
		return SecurityGroupInfo{}, false
	}
	return SecurityGroupInfo{ID: g.id, VPCID: g.vpcID, Name: g.name}, true
}
