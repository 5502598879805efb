// Package authorization decides by IAM policies which calls an assumed role may make: what an action is called,
// which resources it is decided on, and which condition keys it comes with, as the Service Authorization
// Reference lists them, and what else AWS checks with the caller's rights.
// https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
package authorization

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/iam"
)

// Authorizer decides on requests. Its zero value isn't usable: see New.
type Authorizer struct {
	w   *core.World
	iam *iam.Service
	// needed are the statements that were the only ones to allow something, by role, as policy/Sid and action.
	needed map[string]map[string]bool
	// used are all that allowed something.
	used map[string]map[string]bool
	// findKey is FindKeys' function.
	findKey func(scope core.Scope, id string) (arn string, ok bool)
}

// FindKeys has the authorizer find the keys of AWS KMS that requests name by an alias.
func (a *Authorizer) FindKeys(f func(scope core.Scope, id string) (arn string, ok bool)) {
	a.findKey = f
}

// New returns an authorizer that goes by the policies of iam.
func New(w *core.World, iam *iam.Service) *Authorizer {
	a := &Authorizer{w: w, iam: iam, findKey: func(core.Scope, string) (string, bool) { return "", false }}
	reset := func() { a.needed, a.used = map[string]map[string]bool{}, map[string]map[string]bool{} }
	reset()
	w.OnReset(reset)
	return a
}

// check is one question to the policies.
type check struct {
	action, resource string
	context          map[string]string
}

// Authorize implements core.Server's hook. Only assumed roles are bound by policies here, and only when the
// world's settings say so.
func (a *Authorizer) Authorize(m *core.Mux, r *core.Request) error {
	if !a.w.Settings.EnforceIAM || r.Principal.RoleARN == "" {
		return nil
	}
	q := a.read(m, r)
	if q.action == "" {
		return nil
	}
	checks, err := q.checks()
	if err != nil {
		return err
	}
	for _, c := range checks {
		d := a.iam.Authorize(r.Account, r.Principal.RoleARN, c.action, c.resource, c.context)
		if !d.Allowed {
			return core.AccessDenied(m, fmt.Sprintf("User: %s is not authorized to perform: %s on resource: %s because no identity-based policy allows the %s action",
				r.Principal.ARN, c.action, c.resource, c.action))
		}
		for _, by := range d.By {
			note(a.used, r.Principal.RoleARN, by+" "+c.action)
		}
		if len(d.By) == 1 {
			note(a.needed, r.Principal.RoleARN, d.By[0]+" "+c.action)
		}
	}
	return nil
}

func note(in map[string]map[string]bool, role, what string) {
	if in[role] == nil {
		in[role] = map[string]bool{}
	}
	in[role][what] = true
}

// Needed lists what a role couldn't have done without: each action with the one statement that allowed it, as
// "policy/Sid service:Action". Used adds those that another statement would have allowed as well.
func (a *Authorizer) Needed(roleARN string) (needed, used []string) {
	return slices.Sorted(maps.Keys(a.needed[roleARN])), slices.Sorted(maps.Keys(a.used[roleARN]))
}

// checks are all questions that a request raises: its own action on each resource, then what depends on it.
func (q *request) checks() ([]check, error) {
	targets, ok := reference[q.action]
	if !ok {
		return nil, core.Errorf("NotImplemented", "The emulator doesn't know by what rights %s is decided: add it to internal/emulator/authorization.", q.action)
	}
	out := q.decide(q.action, targets)
	for _, d := range dependents {
		if slices.Contains(d.of, q.action) {
			out = append(out, d.checks(q)...)
		}
	}
	return append(out, q.tagging()...), nil
}

// decide asks for one action on what its targets are in the request.
func (q *request) decide(action string, targets []target) []check {
	if len(targets) == 0 {
		return []check{{action, "*", q.keys(action, nil, true)}}
	}
	var out []check
	for _, t := range targets {
		if t.made || t.either && len(q.named(t.kind)) == 0 {
			out = append(out, check{action, q.arnOf(t.kind), q.keys(action, nil, true)})
			continue
		}
		for _, o := range q.named(t.kind) {
			out = append(out, check{action, o.ARN, q.keys(action, o.Tags, t.tagged)})
		}
	}
	return out
}

// keys are the condition keys of a check; a request's tags are among them where the reference says so.
func (q *request) keys(action string, tags map[string]string, requestTags bool) map[string]string {
	out := map[string]string{}
	for k, v := range tags {
		out["aws:resourcetag/"+strings.ToLower(k)] = v
	}
	if requestTags {
		for k, v := range q.tags {
			out["aws:requesttag/"+strings.ToLower(k)] = v
		}
	}
	maps.Copy(out, q.extra(action))
	return out
}
