package iam

import (
	"slices"
	"strings"
)

// ResourcePolicyAllows evaluates a resource's policy for a caller, who is known by principals (kind →
// the values that stand for them), for services like Amazon S3. Conditions on keys that context
// lacks are passed over.
func ResourcePolicyAllows(policy string, principals map[string][]string, action, resource string, context map[string]string) bool {
	d, err := parse(policy)
	if err != nil {
		return false
	}
	allowed := false
	for _, st := range d.Statement {
		if !matchesAction(st, action) || !matchesResource(st, resource) || !conditionsHold(st, context, true) {
			continue
		}
		hit := false
		for kind, values := range st.Principal {
			hit = hit || slices.ContainsFunc(values, func(v string) bool { return v == "*" || slices.Contains(principals[kind], v) })
		}
		if !hit {
			continue
		}
		if st.Effect == "Deny" {
			return false
		}
		allowed = true
	}
	return allowed
}

// CheckResourcePolicy reports whether a text is a policy that a resource can have: every statement
// names principals and resources.
func CheckResourcePolicy(policy string) error {
	d, err := check(policy)
	if err != nil {
		return err
	}
	for _, st := range d.Statement {
		if len(st.Principal) == 0 && len(st.NotPrincipal) == 0 {
			return malformed("Missing required field Principal")
		}
		if len(st.Resource) == 0 && len(st.NotResource) == 0 {
			return malformed("Missing required field Resource")
		}
	}
	return nil
}

// ResourcesWithin reports whether all resources of a policy are the given one or below it.
func ResourcesWithin(policy, arn string) bool {
	d, err := parse(policy)
	if err != nil {
		return false
	}
	for _, st := range d.Statement {
		for _, r := range append(append(texts{}, st.Resource...), st.NotResource...) {
			if r != arn && !strings.HasPrefix(r, arn+"/") && r != arn+"*" {
				return false
			}
		}
	}
	return true
}
