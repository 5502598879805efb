package iam

import (
	"cmp"
	"slices"
	"strings"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

type attachIn struct {
	RoleName  string `q:",required"`
	PolicyArn string `q:",required"`
}

// attachRolePolicy is idempotent; a role takes ten policies by default,
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
func (s *Service) attachRolePolicy(q *core.Request, in *attachIn) (*core.Empty, error) {
	a := s.of(q)
	r, err := s.writableRole(a, in.RoleName)
	if err != nil {
		return nil, err
	}
	if !arnPattern.MatchString(in.PolicyArn) {
		return nil, invalidInput("ARN %s is not valid.", in.PolicyArn)
	}
	if a.anyPolicy(in.PolicyArn) == nil {
		return nil, notFound("Policy %s does not exist or is not attachable.", in.PolicyArn)
	}
	if slices.Contains(r.attached, in.PolicyArn) {
		return nil, nil
	}
	if len(r.attached) >= maxAttached {
		return nil, limit("Cannot exceed quota for PoliciesPerRole: %d", maxAttached)
	}
	r.attached = append(r.attached, in.PolicyArn)
	return nil, nil
}

func (s *Service) detachRolePolicy(q *core.Request, in *attachIn) (*core.Empty, error) {
	r, err := s.writableRole(s.of(q), in.RoleName)
	if err != nil {
		return nil, err
	}
	i := slices.Index(r.attached, in.PolicyArn)
	if i < 0 {
		return nil, notFound("Policy %s was not found.", in.PolicyArn)
	}
	r.attached = slices.Delete(r.attached, i, i+1)
	return nil, nil
}

type attachedXML struct{ PolicyName, PolicyArn string }

type attachedOut struct {
	AttachedPolicies []attachedXML `xml:"AttachedPolicies>member"`
	page
}

type listAttachedIn struct {
	RoleName   string `q:",required"`
	PathPrefix string
	paging
}

func (s *Service) listAttachedRolePolicies(q *core.Request, in *listAttachedIn) (*attachedOut, error) {
	a := s.of(q)
	r, err := s.role(a, in.RoleName)
	if err != nil {
		return nil, err
	}
	var list []attachedXML
	for _, x := range a.attachedTo(r) {
		if strings.HasPrefix(a.anyPolicy(x.PolicyArn).path, in.PathPrefix) {
			list = append(list, x)
		}
	}
	list, pg, err := cut(s.w, list, func(x attachedXML) string { return x.PolicyArn }, in.paging)
	return &attachedOut{list, pg}, err
}

func (a *account) attachedTo(r *role) []attachedXML {
	var list []attachedXML
	for _, arn := range r.attached {
		list = append(list, attachedXML{a.anyPolicy(arn).name, arn})
	}
	slices.SortFunc(list, func(x, y attachedXML) int {
		return cmp.Or(cmp.Compare(x.PolicyName, y.PolicyName), cmp.Compare(x.PolicyArn, y.PolicyArn))
	})
	return list
}

type entitiesIn struct {
	PolicyArn         string `q:",required"`
	EntityFilter      string
	PathPrefix        string
	PolicyUsageFilter string
	paging
}

type entityXML struct{ RoleName, RoleId string }

type entitiesOut struct {
	PolicyGroups struct{}
	PolicyUsers  struct{}
	PolicyRoles  []entityXML `xml:"PolicyRoles>member"`
	page
}

func (s *Service) listEntitiesForPolicy(q *core.Request, in *entitiesIn) (*entitiesOut, error) {
	a := s.of(q)
	if _, err := s.policy(a, in.PolicyArn); err != nil {
		return nil, err
	}
	var list []entityXML
	for _, r := range sorted(a.roles) {
		attached := slices.Contains(r.attached, in.PolicyArn) && in.PolicyUsageFilter != "PermissionsBoundary"
		bounded := r.boundary == in.PolicyArn && in.PolicyUsageFilter != "PermissionsPolicy"
		if (attached || bounded) && strings.HasPrefix(r.path, in.PathPrefix) {
			list = append(list, entityXML{r.name, r.id})
		}
	}
	switch in.EntityFilter {
	case "", "Role":
	case "User", "Group", "LocalManagedPolicy", "AWSManagedPolicy":
		list = nil
	default:
		return nil, constraint(in.EntityFilter, "entityFilter", "satisfy enum value set: [User, Role, Group, LocalManagedPolicy, AWSManagedPolicy]")
	}
	list, pg, err := cut(s.w, list, func(x entityXML) string { return x.RoleName }, in.paging)
	return &entitiesOut{PolicyRoles: list, page: pg}, err
}
