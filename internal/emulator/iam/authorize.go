package iam

import (
	"slices"
	"strings"
)

// Decision is what a role's policies say of one action on one resource.
type Decision struct {
	Allowed bool
	// By are the statements that allow it, as policy/Sid: the action needs one of them.
	By []string
}

// Authorize decides whether a role's identity-based policies allow an action on a resource, in a context of
// condition keys, which are in lower case. An explicit Deny wins; a permissions boundary must allow too.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
func (s *Service) Authorize(account, roleARN, action, resource string, context map[string]string) Decision {
	a, r := s.accounts[account], s.findRole(account, roleARN)
	if r == nil {
		return Decision{}
	}
	documents := map[string]string{}
	for name, text := range r.inline {
		documents[name] = text
	}
	for _, arn := range r.attached {
		if p := a.anyPolicy(arn); p != nil {
			documents[p.name] = p.defaultVersion().document
		}
	}
	d := s.decide(documents, action, resource, context)
	if d.Allowed && r.boundary != "" {
		b := a.anyPolicy(r.boundary)
		d.Allowed = b != nil && s.decide(map[string]string{b.name: b.defaultVersion().document}, action, resource, context).Allowed
	}
	return d
}

func (s *Service) decide(documents map[string]string, action, resource string, context map[string]string) Decision {
	var d Decision
	for name, text := range documents {
		for _, st := range s.parsed(text).Statement {
			if !matchesAction(st, action) || !matchesResource(st, resource) || !conditionsHold(st, context, false) {
				continue
			}
			if st.Effect == "Deny" {
				return Decision{}
			}
			d.By = append(d.By, name+"/"+st.SID)
		}
	}
	slices.Sort(d.By)
	d.Allowed = len(d.By) > 0
	return d
}

// parsed keeps documents that were read before: a role's policies decide on each of its calls.
func (s *Service) parsed(text string) document {
	d, ok := s.documents[text]
	if !ok {
		d, _ = parse(text) // stored policies were validated
		s.documents[text] = d
	}
	return d
}

// PermissionsBoundary returns the ARN of a role's permissions boundary, or nothing.
func (s *Service) PermissionsBoundary(account, nameOrARN string) string {
	if r := s.findRole(account, nameOrARN); r != nil {
		return r.boundary
	}
	return ""
}

// HasServiceLinkedRole reports whether an account has the service-linked role of a service.
func (s *Service) HasServiceLinkedRole(account, awsServiceName string) bool {
	return s.account(account).roles[strings.ToLower(linkedNames[awsServiceName])] != nil
}

// ForgetServiceLinkedRoles makes an account one in which no service that has such a role was ever used.
func (s *Service) ForgetServiceLinkedRoles(account string) {
	a := s.account(account)
	for name, r := range a.roles {
		if r.linkedTo != "" {
			delete(a.roles, name)
		}
	}
}
