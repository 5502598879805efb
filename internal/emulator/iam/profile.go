package iam

import (
	"strings"
	"time"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

type profileXML struct {
	Path, InstanceProfileName, InstanceProfileId, Arn string
	CreateDate                                        time.Time
	Roles                                             []roleOutXML `xml:"Roles>member"`
	Tags                                              *tagSet
}

func (a *account) profileView(p *profile, tags bool) profileXML {
	out := profileXML{Path: p.path, InstanceProfileName: p.name, InstanceProfileId: p.id, Arn: p.arn, CreateDate: p.created.UTC().Truncate(time.Second)}
	if r := a.roles[p.role]; r != nil {
		out.Roles = []roleOutXML{roleXML(r, false)}
	}
	if tags {
		out.Tags = newTagSet(p.tags)
	}
	return out
}

type createProfileIn struct {
	InstanceProfileName string `q:",required"`
	Path                *string
	Tags                []tagXML
}

type profileOut struct{ InstanceProfile profileXML }

func (s *Service) createInstanceProfile(q *core.Request, in *createProfileIn) (*profileOut, error) {
	a := s.of(q)
	if err := checkName("instanceProfileName", in.InstanceProfileName, maxName); err != nil {
		return nil, err
	}
	path, err := checkPath(in.Path)
	if err != nil {
		return nil, err
	}
	tags, err := merge(nil, in.Tags, "TagsPerInstanceProfile")
	if err != nil {
		return nil, err
	}
	key := strings.ToLower(in.InstanceProfileName)
	if a.profiles[key] != nil {
		return nil, exists("Instance Profile %s already exists.", in.InstanceProfileName)
	}
	if len(a.profiles) >= maxProfiles {
		return nil, limit("Cannot exceed quota for InstanceProfilesPerAccount: %d", maxProfiles)
	}
	p := &profile{name: in.InstanceProfileName, id: "AIPA" + s.w.Alnum(17), path: path,
		arn: a.arn("instance-profile", path, in.InstanceProfileName), created: q.Now(), tags: tags}
	a.profiles[key] = p
	return &profileOut{a.profileView(p, true)}, nil
}

type profileIn struct {
	InstanceProfileName string `q:",required"`
}

func (s *Service) getInstanceProfile(q *core.Request, in *profileIn) (*profileOut, error) {
	a := s.of(q)
	p, err := s.profile(a, in.InstanceProfileName)
	if err != nil {
		return nil, err
	}
	return &profileOut{a.profileView(p, true)}, nil
}

func (s *Service) deleteInstanceProfile(q *core.Request, in *profileIn) (*core.Empty, error) {
	a := s.of(q)
	p, err := s.profile(a, in.InstanceProfileName)
	if err != nil {
		return nil, err
	}
	if p.role != "" {
		return nil, conflict("Cannot delete entity, must remove roles from instance profile first.")
	}
	delete(a.profiles, strings.ToLower(p.name))
	return nil, nil
}

type profileRoleIn struct {
	InstanceProfileName string `q:",required"`
	RoleName            string `q:",required"`
}

// addRoleToInstanceProfile: a profile holds one role, and this quota can't be raised,
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_AddRoleToInstanceProfile.html
func (s *Service) addRoleToInstanceProfile(q *core.Request, in *profileRoleIn) (*core.Empty, error) {
	a := s.of(q)
	p, err := s.profile(a, in.InstanceProfileName)
	if err != nil {
		return nil, err
	}
	r, err := s.writableRole(a, in.RoleName)
	if err != nil {
		return nil, err
	}
	if p.role != "" {
		return nil, limit("Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1")
	}
	p.role, p.changed = strings.ToLower(r.name), q.Now()
	return nil, nil
}

func (s *Service) removeRoleFromInstanceProfile(q *core.Request, in *profileRoleIn) (*core.Empty, error) {
	a := s.of(q)
	p, err := s.profile(a, in.InstanceProfileName)
	if err != nil {
		return nil, err
	}
	if _, err := s.role(a, in.RoleName); err != nil {
		return nil, err
	}
	if !strings.EqualFold(p.role, in.RoleName) {
		return nil, notFound("The role with name %s cannot be found.", in.RoleName)
	}
	p.role, p.changed = "", q.Now()
	return nil, nil
}

type profilesOut struct {
	InstanceProfiles []profileXML `xml:"InstanceProfiles>member"`
	page
}

func (s *Service) listInstanceProfiles(q *core.Request, in *listIn) (*profilesOut, error) {
	if err := checkPrefix(in.PathPrefix); err != nil {
		return nil, err
	}
	return s.profilesWhere(s.of(q), in.paging, func(p *profile) bool { return strings.HasPrefix(p.path, in.PathPrefix) })
}

func (s *Service) listInstanceProfilesForRole(q *core.Request, in *roleListIn) (*profilesOut, error) {
	a := s.of(q)
	r, err := s.role(a, in.RoleName)
	if err != nil {
		return nil, err
	}
	return s.profilesWhere(a, in.paging, func(p *profile) bool { return strings.EqualFold(p.role, r.name) })
}

func (s *Service) profilesWhere(a *account, pg paging, want func(*profile) bool) (*profilesOut, error) {
	var list []*profile
	for _, p := range sorted(a.profiles) {
		if want(p) && s.w.Visible(p.created) {
			list = append(list, p)
		}
	}
	list, next, err := cut(s.w, list, func(p *profile) string { return p.name }, pg)
	if err != nil {
		return nil, err
	}
	out := &profilesOut{page: next}
	for _, p := range list {
		out.InstanceProfiles = append(out.InstanceProfiles, a.profileView(p, false))
	}
	return out, nil
}
