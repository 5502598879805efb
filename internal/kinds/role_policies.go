package kinds

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
	"github.com/portkey-ai/portkey-ecs-operator/internal/semantic"
)

// policies are a role's inline policies and attached ones as they should be: those of the spec and those that are kept,
// and while tasks of before may run and keep is set, also what the role has allowed them.
func (s RoleSpec) policies(have role, keep bool) (inline map[string]string, attached []string) {
	inline, attached = map[string]string{}, graph.Strings(s.ManagedPolicies)
	for name, policy := range s.Inline {
		inline[name] = policy.String()
	}
	for name, was := range have.Inline {
		if _, wanted := inline[name]; !wanted && s.keeps(name) {
			inline[name] = was
		}
	}
	if !s.Moving || !keep {
		return inline, attached
	}
	for name, was := range have.Inline {
		inline[name] = widened(was, inline[name])
	}
	for _, arn := range have.Attached {
		if !slices.Contains(attached, arn) {
			attached = append(attached, arn)
		}
	}
	return inline, attached
}

// keeps reports whether an inline policy stays that the spec doesn't name.
func (s RoleSpec) keeps(name string) bool { return s.Kept != "" && strings.HasPrefix(name, s.Kept) }

// surplus reports whether a role allows what the spec doesn't.
func (s RoleSpec) surplus(have role) bool {
	for _, arn := range have.Attached {
		if !slices.Contains(graph.Strings(s.ManagedPolicies), arn) {
			return true
		}
	}
	for name, was := range have.Inline {
		want, ok := s.Inline[name]
		if !ok && s.keeps(name) {
			continue
		}
		if !ok || want.Known() && !semantic.JSONEqual(widened(want.String(), was), want.String()) {
			return true
		}
	}
	return false
}

// widened is a policy with what another allows besides: more resources of the statements that differ in nothing else,
// and statements of its own. It is the policy itself where the other allows nothing more.
func widened(policy, by string) string {
	var have, more policyDocument
	if by == "" || json.Unmarshal([]byte(by), &more) != nil || json.Unmarshal([]byte(policy), &have) != nil {
		return policy
	}
	for _, s := range more.Statement {
		at := slices.IndexFunc(have.Statement, func(o map[string]any) bool {
			return semantic.JSONEqual(text(lacking(o, "Resource")), text(lacking(s, "Resource")))
		})
		if at < 0 {
			have.Statement = append(have.Statement, s)
			continue
		}
		all := listed(have.Statement[at]["Resource"])
		for _, r := range listed(s["Resource"]) {
			if !slices.Contains(all, r) {
				all = append(all, r)
			}
		}
		if len(all) > len(listed(have.Statement[at]["Resource"])) {
			have.Statement[at]["Resource"] = all
		}
	}
	out := text(have)
	if semantic.JSONEqual(out, policy) {
		return policy
	}
	return out
}

// policyDocument is a policy of IAM.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html
type policyDocument struct {
	Version   string
	Statement []map[string]any
}

// listed is an element of a statement that may be one text or several.
func listed(v any) []string {
	switch v := v.(type) {
	case string:
		return []string{v}
	case []string:
		return v
	case []any:
		var out []string
		for _, x := range v {
			s, _ := x.(string)
			out = append(out, s)
		}
		return out
	}
	return nil
}

func lacking(m map[string]any, key string) map[string]any {
	m = maps.Clone(m)
	delete(m, key)
	return m
}

func text(v any) string {
	b, err := json.Marshal(v)
	if err != nil { // what was JSON before
		panic(err)
	}
	return string(b)
}
