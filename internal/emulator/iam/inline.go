package iam

import (
	"maps"
	"slices"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

type putInlineIn struct {
	RoleName       string `q:",required"`
	PolicyName     string `q:",required"`
	PolicyDocument string `q:",required"`
}

// putRolePolicy makes or replaces an inline policy. All inline policies of a role together may have
// 10,240 characters, https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
func (s *Service) putRolePolicy(q *core.Request, in *putInlineIn) (*core.Empty, error) {
	r, err := s.writableRole(s.of(q), in.RoleName)
	if err != nil {
		return nil, err
	}
	if err := checkName("policyName", in.PolicyName, maxName); err != nil {
		return nil, err
	}
	if err := validateIdentity(in.PolicyDocument); err != nil {
		return nil, err
	}
	total := sizeOf(in.PolicyDocument)
	for name, d := range r.inline {
		if name != in.PolicyName {
			total += sizeOf(d)
		}
	}
	if total > maxInlineSize {
		return nil, limit("Maximum policy size of %d bytes exceeded for role %s", maxInlineSize, r.name)
	}
	r.inline[in.PolicyName] = in.PolicyDocument
	return nil, nil
}

type inlineIn struct {
	RoleName   string `q:",required"`
	PolicyName string `q:",required"`
}

type inlineOut struct{ RoleName, PolicyName, PolicyDocument string }

func (s *Service) getRolePolicy(q *core.Request, in *inlineIn) (*inlineOut, error) {
	r, err := s.role(s.of(q), in.RoleName)
	if err != nil {
		return nil, err
	}
	d, ok := r.inline[in.PolicyName]
	if !ok {
		return nil, notFound("The role policy with name %s cannot be found.", in.PolicyName)
	}
	return &inlineOut{r.name, in.PolicyName, encodeDocument(d)}, nil
}

func (s *Service) deleteRolePolicy(q *core.Request, in *inlineIn) (*core.Empty, error) {
	r, err := s.writableRole(s.of(q), in.RoleName)
	if err != nil {
		return nil, err
	}
	if _, ok := r.inline[in.PolicyName]; !ok {
		return nil, notFound("The role policy with name %s cannot be found.", in.PolicyName)
	}
	delete(r.inline, in.PolicyName)
	return nil, nil
}

type inlineListOut struct {
	PolicyNames []string `xml:"PolicyNames>member"`
	page
}

func (s *Service) listRolePolicies(q *core.Request, in *roleListIn) (*inlineListOut, error) {
	r, err := s.role(s.of(q), in.RoleName)
	if err != nil {
		return nil, err
	}
	names, pg, err := cut(s.w, slices.Sorted(maps.Keys(r.inline)), self, in.paging)
	return &inlineListOut{names, pg}, err
}
