package iam

import (
	"regexp"
	"slices"
	"time"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

type versionXML struct {
	Document         string `xml:",omitempty"`
	VersionId        string
	IsDefaultVersion bool
	CreateDate       time.Time
}

func (v version) view(document bool) versionXML {
	out := versionXML{VersionId: v.id, IsDefaultVersion: v.isDefault, CreateDate: v.created.UTC().Truncate(time.Second)}
	if document {
		out.Document = encodeDocument(v.document)
	}
	return out
}

type createVersionIn struct {
	PolicyArn      string `q:",required"`
	PolicyDocument string `q:",required"`
	SetAsDefault   bool
}

type versionOut struct{ PolicyVersion versionXML }

// createPolicyVersion keeps at most five versions; numbers are never used again,
// https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_managed-versioning.html
func (s *Service) createPolicyVersion(q *core.Request, in *createVersionIn) (*versionOut, error) {
	p, err := s.localPolicy(s.of(q), in.PolicyArn)
	if err != nil {
		return nil, err
	}
	if err := checkManaged(in.PolicyDocument); err != nil {
		return nil, err
	}
	if len(p.versions) >= maxVersions {
		return nil, limit("A managed policy can have up to %d versions. Before you create a new version, you must delete an existing version.", maxVersions)
	}
	p.lastVersion++
	v := version{id: "v" + itoa(p.lastVersion), document: in.PolicyDocument, created: q.Now()}
	p.versions = append(p.versions, v)
	p.updated = q.Now()
	if in.SetAsDefault {
		p.setDefault(v.id)
		v.isDefault = true
	}
	return &versionOut{v.view(false)}, nil
}

func (p *policy) setDefault(id string) {
	for i := range p.versions {
		p.versions[i].isDefault = p.versions[i].id == id
	}
}

type versionIn struct {
	PolicyArn string `q:",required"`
	VersionId string `q:",required"`
}

var versionPattern = regexp.MustCompile(`^v[1-9][0-9]*(\.[A-Za-z0-9-]*)?$`)

func (p *policy) find(id string) (int, error) {
	if !versionPattern.MatchString(id) {
		return 0, constraint(id, "versionId", `satisfy regular expression pattern: v[1-9][0-9]*(\.[A-Za-z0-9-]*)?`)
	}
	i := slices.IndexFunc(p.versions, func(v version) bool { return v.id == id })
	if i < 0 {
		return 0, notFound("Policy %s version %s does not exist or is not attachable.", p.arn, id)
	}
	return i, nil
}

func (s *Service) getPolicyVersion(q *core.Request, in *versionIn) (*versionOut, error) {
	p, err := s.policy(s.of(q), in.PolicyArn)
	if err != nil {
		return nil, err
	}
	i, err := p.find(in.VersionId)
	if err != nil {
		return nil, err
	}
	return &versionOut{p.versions[i].view(true)}, nil
}

func (s *Service) deletePolicyVersion(q *core.Request, in *versionIn) (*core.Empty, error) {
	p, err := s.localPolicy(s.of(q), in.PolicyArn)
	if err != nil {
		return nil, err
	}
	i, err := p.find(in.VersionId)
	if err != nil {
		return nil, err
	}
	if p.versions[i].isDefault {
		return nil, conflict("Cannot delete the default version of a policy.")
	}
	p.versions = slices.Delete(p.versions, i, i+1)
	return nil, nil
}

func (s *Service) setDefaultPolicyVersion(q *core.Request, in *versionIn) (*core.Empty, error) {
	p, err := s.localPolicy(s.of(q), in.PolicyArn)
	if err != nil {
		return nil, err
	}
	if _, err := p.find(in.VersionId); err != nil {
		return nil, err
	}
	p.setDefault(in.VersionId)
	p.updated = q.Now()
	return nil, nil
}

type versionsOut struct {
	Versions []versionXML `xml:"Versions>member"`
	page
}

func (s *Service) listPolicyVersions(q *core.Request, in *policyListIn) (*versionsOut, error) {
	p, err := s.policy(s.of(q), in.PolicyArn)
	if err != nil {
		return nil, err
	}
	list := slices.Clone(p.versions)
	slices.Reverse(list)
	list, pg, err := cut(s.w, list, func(v version) string { return v.id }, in.paging)
	if err != nil {
		return nil, err
	}
	out := &versionsOut{page: pg}
	for _, v := range list {
		out.Versions = append(out.Versions, v.view(false))
	}
	return out, nil
}
