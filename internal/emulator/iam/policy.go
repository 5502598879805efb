package iam

import (
	"strings"
	"time"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

type policyXML struct {
	PolicyName, PolicyId, Arn, Path string
	DefaultVersionId                string
	AttachmentCount                 int
	PermissionsBoundaryUsageCount   int
	IsAttachable                    bool
	Description                     string `xml:",omitempty"`
	CreateDate, UpdateDate          time.Time
	Tags                            *tagSet
}

// policyView is a policy as an account sees it; lists leave out description and tags
// (https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListPolicies.html).
func (a *account) policyView(p *policy, full bool) policyXML {
	attached, bounding := a.usage(p.arn)
	out := policyXML{PolicyName: p.name, PolicyId: p.id, Arn: p.arn, Path: p.path, DefaultVersionId: p.defaultVersion().id,
		AttachmentCount: attached, PermissionsBoundaryUsageCount: bounding, IsAttachable: true,
		CreateDate: p.created.UTC().Truncate(time.Second), UpdateDate: p.updated.UTC().Truncate(time.Second)}
	if full {
		out.Description, out.Tags = p.description, newTagSet(p.tags)
	}
	return out
}

// usage counts the roles that a policy is attached to, and those it bounds.
func (a *account) usage(arn string) (attached, bounding int) {
	for _, r := range a.roles {
		for _, x := range r.attached {
			if x == arn {
				attached++
			}
		}
		if r.boundary == arn {
			bounding++
		}
	}
	return attached, bounding
}

// anyPolicy finds one of the account's own policies or one of AWS's in the account's partition.
func (a *account) anyPolicy(arn string) *policy {
	if p := a.policies[arn]; p != nil {
		return p
	}
	return managedByAWS(a.partition)[arn]
}

func (s *Service) policy(a *account, arn string) (*policy, error) {
	if !arnPattern.MatchString(arn) {
		return nil, invalid("Invalid ARN:  Could not be parsed!")
	}
	if p := a.anyPolicy(arn); p != nil && s.w.Visible(p.created) {
		return p, nil
	}
	return nil, notFound("Policy %s was not found.", arn)
}

// localPolicy finds a policy that the account may change.
func (s *Service) localPolicy(a *account, arn string) (*policy, error) {
	p, err := s.policy(a, arn)
	if err == nil && a.policies[arn] == nil {
		return nil, core.Errorf("AccessDenied", "Cannot modify the AWS managed policy %s.", arn).WithStatus(403)
	}
	return p, err
}

func (p *policy) defaultVersion() *version {
	for i := range p.versions {
		if p.versions[i].isDefault {
			return &p.versions[i]
		}
	}
	return nil
}

type createPolicyIn struct {
	PolicyName     string `q:",required"`
	PolicyDocument string `q:",required"`
	Path           *string
	Description    string
	Tags           []tagXML
}

type policyOut struct{ Policy policyXML }

func (s *Service) createPolicy(q *core.Request, in *createPolicyIn) (*policyOut, error) {
	a := s.of(q)
	if err := checkName("policyName", in.PolicyName, maxName); err != nil {
		return nil, err
	}
	path, err := checkPath(in.Path)
	if err != nil {
		return nil, err
	}
	if err := checkDescription(in.Description); err != nil {
		return nil, err
	}
	tags, err := merge(nil, in.Tags, "TagsPerPolicy")
	if err != nil {
		return nil, err
	}
	if err := checkManaged(in.PolicyDocument); err != nil {
		return nil, err
	}
	// The name is unique whatever the path.
	for _, p := range a.policies {
		if strings.EqualFold(p.name, in.PolicyName) {
			return nil, exists("A policy called %s already exists. Duplicate names are not allowed.", in.PolicyName)
		}
	}
	if len(a.policies) >= maxPolicies {
		return nil, limit("Cannot exceed quota for PoliciesPerAccount: %d", maxPolicies)
	}
	now := q.Now()
	p := &policy{name: in.PolicyName, id: "ANPA" + s.w.Alnum(17), path: path, arn: a.arn("policy", path, in.PolicyName),
		description: in.Description, created: now, updated: now, tags: tags, lastVersion: 1,
		versions: []version{{"v1", in.PolicyDocument, now, true}}}
	a.policies[p.arn] = p
	return &policyOut{a.policyView(p, true)}, nil
}

func checkManaged(document string) error {
	if err := validateIdentity(document); err != nil {
		return err
	}
	if sizeOf(document) > maxManagedSize {
		return limit("Cannot exceed quota for PolicySize: %d", maxManagedSize)
	}
	return nil
}

type policyIn struct {
	PolicyArn string `q:",required"`
}

func (s *Service) getPolicy(q *core.Request, in *policyIn) (*policyOut, error) {
	a := s.of(q)
	p, err := s.policy(a, in.PolicyArn)
	if err != nil {
		return nil, err
	}
	return &policyOut{a.policyView(p, true)}, nil
}

// deletePolicy wants no attachment and no other version,
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeletePolicy.html
func (s *Service) deletePolicy(q *core.Request, in *policyIn) (*core.Empty, error) {
	a := s.of(q)
	p, err := s.localPolicy(a, in.PolicyArn)
	if err != nil {
		return nil, err
	}
	attached, bounding := a.usage(p.arn)
	switch {
	case attached+bounding > 0:
		return nil, conflict("Cannot delete a policy attached to entities.")
	case len(p.versions) > 1:
		return nil, conflict("This policy has more than one version. Before you delete a policy, you must delete the policy's versions. The default version is deleted with the policy.")
	}
	delete(a.policies, p.arn)
	return nil, nil
}

type listPoliciesIn struct {
	Scope             string
	OnlyAttached      bool
	PathPrefix        string
	PolicyUsageFilter string
	paging
}

type policiesOut struct {
	Policies []policyXML `xml:"Policies>member"`
	page
}

func (s *Service) listPolicies(q *core.Request, in *listPoliciesIn) (*policiesOut, error) {
	a := s.of(q)
	if err := checkPrefix(in.PathPrefix); err != nil {
		return nil, err
	}
	var all []*policy
	switch in.Scope {
	case "", "All":
		all = append(a.localPolicies(), awsPolicies(a.partition)...)
	case "Local":
		all = a.localPolicies()
	case "AWS":
		all = awsPolicies(a.partition)
	default:
		return nil, constraint(in.Scope, "scope", "satisfy enum value set: [All, AWS, Local]")
	}
	var list []*policy
	for _, p := range all {
		attached, bounding := a.usage(p.arn)
		switch {
		case !strings.HasPrefix(p.path, in.PathPrefix), !s.w.Visible(p.created), in.OnlyAttached && attached+bounding == 0,
			in.PolicyUsageFilter == "PermissionsPolicy" && attached == 0, in.PolicyUsageFilter == "PermissionsBoundary" && bounding == 0:
			continue
		}
		list = append(list, p)
	}
	list, pg, err := cut(s.w, list, func(p *policy) string { return p.arn }, in.paging)
	if err != nil {
		return nil, err
	}
	out := &policiesOut{page: pg}
	for _, p := range list {
		out.Policies = append(out.Policies, a.policyView(p, false))
	}
	return out, nil
}
