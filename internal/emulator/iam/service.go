// Package iam emulates the part of AWS Identity and Access Management that deals with roles,
// policies and instance profiles.
//
// IAM is global: its state is kept per account. It is also eventually consistent, see Propagation.
package iam

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// Service is IAM of every account.
type Service struct {
	w        *core.World
	accounts map[string]*account
	// documents are policies as they were parsed.
	documents map[string]document
}

// account is what one account holds. Names are unique regardless of case, so the keys are in lower
// case; policies are keyed by ARN.
type account struct {
	id, partition string
	roles         map[string]*role
	profiles      map[string]*profile
	policies      map[string]*policy
}

type role struct {
	name, id, path, arn, description string
	maxSession                       int
	created                          time.Time
	// trust is the trust policy; until Propagation after trusted, services go by the one before.
	trust, trustBefore string
	trusted            time.Time
	boundary           string
	tags               map[string]string
	inline             map[string]string
	attached           []string
	// linkedTo is the service of a service-linked role.
	linkedTo string
}

type profile struct {
	name, id, path, arn string
	created             time.Time
	role                string // its key
	changed             time.Time
	tags                map[string]string
}

type policy struct {
	name, id, path, arn, description string
	created, updated                 time.Time
	versions                         []version // oldest first
	lastVersion                      int
	tags                             map[string]string
}

type version struct {
	id, document string
	created      time.Time
	isDefault    bool
}

// New returns IAM of a world.
func New(w *core.World) *Service {
	s := &Service{w: w}
	reset := func() { s.accounts, s.documents = map[string]*account{}, map[string]document{} }
	reset()
	w.OnReset(reset)
	w.AddInventory(s.inventory)
	return s
}

// of returns the account of a request. An account is in one partition; its first request tells which.
func (s *Service) of(r *core.Request) *account {
	known := s.accounts[r.Account] != nil
	a := s.account(r.Account)
	if !known && r.SigningRegion != "" {
		a.partition = core.Scope{Region: r.SigningRegion}.Partition()
	}
	return a
}

func (s *Service) account(id string) *account {
	a := s.accounts[id]
	if a == nil {
		a = &account{id: id, partition: "aws", roles: map[string]*role{}, profiles: map[string]*profile{}, policies: map[string]*policy{}}
		s.accounts[id] = a
	}
	return a
}

func (a *account) arn(kind, path, name string) string {
	return "arn:" + a.partition + ":iam::" + a.id + ":" + kind + path + name
}

// sorted returns the values in the order of their keys, as IAM lists them.
func sorted[T any](m map[string]*T) []*T {
	out := make([]*T, 0, len(m))
	for _, k := range slices.Sorted(maps.Keys(m)) {
		out = append(out, m[k])
	}
	return out
}

// role finds a role that shows in reads already.
func (s *Service) role(a *account, name string) (*role, error) {
	if r := a.roles[strings.ToLower(name)]; r != nil && s.w.Visible(r.created) {
		return r, nil
	}
	return nil, notFound("The role with name %s cannot be found.", name)
}

// writableRole finds a role that its account may change.
func (s *Service) writableRole(a *account, name string) (*role, error) {
	r, err := s.role(a, name)
	if err == nil && r.linkedTo != "" {
		return nil, core.Errorf("UnmodifiableEntity", "Cannot perform the operation on the protected role '%s' - this role is only modifiable by AWS", r.name)
	}
	return r, err
}

func (s *Service) profile(a *account, name string) (*profile, error) {
	if p := a.profiles[strings.ToLower(name)]; p != nil && s.w.Visible(p.created) {
		return p, nil
	}
	return nil, notFound("Instance Profile %s cannot be found.", name)
}

// localPolicies lists the account's own policies by name.
func (a *account) localPolicies() []*policy {
	out := sorted(a.policies)
	slices.SortFunc(out, func(x, y *policy) int { return cmp.Compare(x.name, y.name) })
	return out
}
