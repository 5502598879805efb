package iampolicy

import (
	"path"
	"slices"
	"strings"
)

// Request is what a policy is asked about.
type Request struct {
	Action string
	// Resource is an ARN; empty where it doesn't matter.
	Resource string
	// Context holds condition keys, such as aws:ResourceTag/team.
	Context map[string]string
}

// Allows reports whether some statement of the document allows a request. It knows the operators that
// Policy uses, and takes any other for a refusal.
func (d Document) Allows(r Request) bool {
	return slices.ContainsFunc(d.Statement, func(s Statement) bool {
		return s.Effect == "Allow" && slices.Contains(s.Action, r.Action) && s.covers(r.Resource) && s.holds(r.Context)
	})
}

func (s Statement) covers(resource string) bool {
	if s.Resource == "*" {
		return true
	}
	// In an ARN * matches / as well, which path.Match doesn't.
	flat := func(s string) string { return strings.ReplaceAll(s, "/", "\x00") }
	ok, err := path.Match(flat(s.Resource), flat(resource))
	return ok && err == nil
}

func (s Statement) holds(context map[string]string) bool {
	for operator, keys := range s.Condition {
		for key, want := range keys {
			have, ok := context[key]
			switch operator {
			case "Null":
				if !slices.Equal(want, Values{"false"}) || !ok {
					return false
				}
			case "StringEquals":
				if !ok || !slices.Contains(want, have) {
					return false
				}
			default:
				return false
			}
		}
	}
	return true
}
