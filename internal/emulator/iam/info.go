package iam

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"
)

// RoleInfo is what other services know about a role.
type RoleInfo struct {
	Name, ARN, Path    string
	Created            time.Time
	TrustPolicy        string
	AttachedPolicyARNs []string
	InlinePolicies     map[string]string
	// ID is the unique id, AROA…
	ID string
	// MaxSessionDuration is in seconds.
	MaxSessionDuration int
}

// ProfileInfo is what other services know about an instance profile.
type ProfileInfo struct {
	Name, ARN, RoleName string
	Created             time.Time
	// Usable is false until the profile has a role and both have propagated: EC2 then says
	// "Invalid IAM Instance Profile name".
	Usable bool
}

// Role finds a role by name or ARN.
func (s *Service) Role(account, nameOrARN string) (RoleInfo, bool) {
	r := s.findRole(account, nameOrARN)
	if r == nil {
		return RoleInfo{}, false
	}
	return RoleInfo{Name: r.name, ARN: r.arn, Path: r.path, Created: r.created, TrustPolicy: r.trust, ID: r.id,
		AttachedPolicyARNs: slices.Clone(r.attached), InlinePolicies: maps.Clone(r.inline), MaxSessionDuration: r.maxSession}, true
}

func (s *Service) findRole(account, nameOrARN string) *role {
	a := s.accounts[account]
	if a == nil {
		return nil
	}
	r := a.roles[strings.ToLower(lastPart(nameOrARN))]
	if r == nil || (strings.HasPrefix(nameOrARN, "arn:") && r.arn != nameOrARN) {
		return nil
	}
	return r
}

func lastPart(nameOrARN string) string { return nameOrARN[strings.LastIndexByte(nameOrARN, '/')+1:] }

// InstanceProfile finds an instance profile by name or ARN.
func (s *Service) InstanceProfile(account, nameOrARN string) (ProfileInfo, bool) {
	a := s.accounts[account]
	if a == nil {
		return ProfileInfo{}, false
	}
	p := a.profiles[strings.ToLower(lastPart(nameOrARN))]
	if p == nil || (strings.HasPrefix(nameOrARN, "arn:") && p.arn != nameOrARN) {
		return ProfileInfo{}, false
	}
	out := ProfileInfo{Name: p.name, ARN: p.arn, Created: p.created}
	if r := a.roles[p.role]; r != nil {
		now := s.w.Clock.Now()
		out.RoleName = r.name
		out.Usable = s.propagated(p.created, now) && s.propagated(p.changed, now) && s.propagated(r.created, now)
	}
	return out, true
}

// propagated reports whether a change made at t has reached the other services.
func (s *Service) propagated(t, now time.Time) bool {
	return now.Sub(t) >= cmp.Or(s.w.Settings.Propagation, Propagation)
}
