package iam

import (
	"net/url"
	"strings"
	"time"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

type boundaryOut struct {
	PermissionsBoundaryType string
	PermissionsBoundaryArn  string
}

type roleOutXML struct {
	Path, RoleName, RoleId, Arn string
	CreateDate                  time.Time
	AssumeRolePolicyDocument    string
	Description                 string `xml:",omitempty"`
	MaxSessionDuration          int
	PermissionsBoundary         *boundaryOut
	Tags                        *tagSet
	RoleLastUsed                *struct{}
}

type roleOut struct{ Role roleOutXML }

// encodeDocument is how IAM returns policies: RFC 3986 percent-encoding.
func encodeDocument(d string) string { return strings.ReplaceAll(url.QueryEscape(d), "+", "%20") }

// roleXML is a role; lists leave out boundary, tags and last use ("a subset of the available
// attributes", https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListRoles.html).
func roleXML(r *role, full bool) roleOutXML {
	out := roleOutXML{Path: r.path, RoleName: r.name, RoleId: r.id, Arn: r.arn, CreateDate: r.created.UTC().Truncate(time.Second),
		AssumeRolePolicyDocument: encodeDocument(r.trust), Description: r.description, MaxSessionDuration: r.maxSession}
	if full {
		out.PermissionsBoundary = boundaryXML(r)
		out.Tags = newTagSet(r.tags)
		out.RoleLastUsed = &struct{}{}
	}
	return out
}

func boundaryXML(r *role) *boundaryOut {
	if r.boundary == "" {
		return nil
	}
	return &boundaryOut{"Policy", r.boundary}
}

type createRoleIn struct {
	RoleName                 string `q:",required"`
	AssumeRolePolicyDocument string `q:",required"`
	Path                     *string
	Description              string
	MaxSessionDuration       *int
	PermissionsBoundary      string
	Tags                     []tagXML
}

func (s *Service) createRole(q *core.Request, in *createRoleIn) (*roleOut, error) {
	a, now := s.of(q), q.Now()
	if err := checkName("roleName", in.RoleName, maxRoleName); err != nil {
		return nil, err
	}
	path, err := checkPath(in.Path)
	if err != nil {
		return nil, err
	}
	if strings.HasPrefix(path, "/aws-service-role/") {
		return nil, invalid("The specified path is reserved for service-linked roles.")
	}
	if err := checkDescription(in.Description); err != nil {
		return nil, err
	}
	session, err := checkSession(in.MaxSessionDuration)
	if err != nil {
		return nil, err
	}
	tags, err := merge(nil, in.Tags, "TagsPerRole")
	if err != nil {
		return nil, err
	}
	if err := s.validateTrust(in.AssumeRolePolicyDocument); err != nil {
		return nil, err
	}
	if in.PermissionsBoundary != "" && a.anyPolicy(in.PermissionsBoundary) == nil {
		return nil, notFound("Scope ARN: %s does not exist or is not attachable.", in.PermissionsBoundary)
	}
	if a.roles[strings.ToLower(in.RoleName)] != nil {
		return nil, exists("Role with name %s already exists.", in.RoleName)
	}
	if len(a.roles) >= maxRoles {
		return nil, limit("Cannot exceed quota for RolesPerAccount: %d", maxRoles)
	}
	r := &role{name: in.RoleName, id: "AROA" + s.w.Alnum(17), path: path, arn: a.arn("role", path, in.RoleName), description: in.Description,
		maxSession: session, created: now, trust: in.AssumeRolePolicyDocument, trusted: now, boundary: in.PermissionsBoundary,
		tags: tags, inline: map[string]string{}}
	a.roles[strings.ToLower(r.name)] = r
	return &roleOut{roleXML(r, true)}, nil
}

type roleIn struct {
	RoleName string `q:",required"`
}

func (s *Service) getRole(q *core.Request, in *roleIn) (*roleOut, error) {
	r, err := s.role(s.of(q), in.RoleName)
	if err != nil {
		return nil, err
	}
	return &roleOut{roleXML(r, true)}, nil
}

type updateRoleIn struct {
	RoleName           string `q:",required"`
	Description        *string
	MaxSessionDuration *int
}

func (s *Service) updateRole(q *core.Request, in *updateRoleIn) (*core.Empty, error) {
	r, err := s.writableRole(s.of(q), in.RoleName)
	if err != nil {
		return nil, err
	}
	session := r.maxSession
	if in.MaxSessionDuration != nil {
		if session, err = checkSession(in.MaxSessionDuration); err != nil {
			return nil, err
		}
	}
	if in.Description != nil {
		if err := checkDescription(*in.Description); err != nil {
			return nil, err
		}
		r.description = *in.Description
	}
	r.maxSession = session
	return nil, nil
}

type updateDescriptionIn struct {
	RoleName    string  `q:",required"`
	Description *string `q:",required"`
}

func (s *Service) updateRoleDescription(q *core.Request, in *updateDescriptionIn) (*roleOut, error) {
	r, err := s.writableRole(s.of(q), in.RoleName)
	if err != nil {
		return nil, err
	}
	if err := checkDescription(*in.Description); err != nil {
		return nil, err
	}
	r.description = *in.Description
	return &roleOut{roleXML(r, true)}, nil
}

type updateTrustIn struct {
	RoleName       string `q:",required"`
	PolicyDocument string `q:",required"`
}

func (s *Service) updateAssumeRolePolicy(q *core.Request, in *updateTrustIn) (*core.Empty, error) {
	r, err := s.writableRole(s.of(q), in.RoleName)
	if err != nil {
		return nil, err
	}
	if err := s.validateTrust(in.PolicyDocument); err != nil {
		return nil, err
	}
	r.trustBefore, r.trust, r.trusted = s.effectiveTrust(r, q.Now()), in.PolicyDocument, q.Now()
	return nil, nil
}

// deleteRole refuses while anything is attached,
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteRole.html
func (s *Service) deleteRole(q *core.Request, in *roleIn) (*core.Empty, error) {
	a := s.of(q)
	r, err := s.writableRole(a, in.RoleName)
	if err != nil {
		return nil, err
	}
	key := strings.ToLower(r.name)
	for _, p := range a.profiles {
		if p.role == key {
			return nil, conflict("Cannot delete entity, must remove roles from instance profile first.")
		}
	}
	if len(r.attached) > 0 {
		return nil, conflict("Cannot delete entity, must detach all policies first.")
	}
	if len(r.inline) > 0 {
		return nil, conflict("Cannot delete entity, must delete policies first.")
	}
	delete(a.roles, key)
	return nil, nil
}

type listIn struct {
	PathPrefix string
	paging
}

type rolesOut struct {
	Roles []roleOutXML `xml:"Roles>member"`
	page
}

func (s *Service) listRoles(q *core.Request, in *listIn) (*rolesOut, error) {
	if err := checkPrefix(in.PathPrefix); err != nil {
		return nil, err
	}
	var roles []*role
	for _, r := range sorted(s.of(q).roles) {
		if strings.HasPrefix(r.path, in.PathPrefix) && s.w.Visible(r.created) {
			roles = append(roles, r)
		}
	}
	roles, pg, err := cut(s.w, roles, func(r *role) string { return r.name }, in.paging)
	if err != nil {
		return nil, err
	}
	out := &rolesOut{page: pg}
	for _, r := range roles {
		out.Roles = append(out.Roles, roleXML(r, false))
	}
	return out, nil
}
