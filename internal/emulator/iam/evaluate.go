package iam

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// CanAssume reports whether an AWS service can assume a role of the account now: it exists, its
// trust policy names the service, and both have propagated.
func (s *Service) CanAssume(account, roleARN, principalService string, now time.Time) bool {
	r := s.findRole(account, roleARN)
	if r == nil || !s.propagated(r.created, now) {
		return false
	}
	return trusts(s.effectiveTrust(r, now), "sts:AssumeRole", func(st statement) bool {
		return matchAny(st.Principal["Service"], principalService) &&
			conditionsHold(st, map[string]string{"aws:sourceaccount": account}, true)
	})
}

func (s *Service) effectiveTrust(r *role, now time.Time) string {
	if r.trustBefore != "" && !s.propagated(r.trusted, now) {
		return r.trustBefore
	}
	return r.trust
}

// trusts evaluates a trust policy: some statement that applies allows, and none denies.
func trusts(text, action string, applies func(statement) bool) bool {
	d, err := parse(text)
	if err != nil {
		return false
	}
	allowed := false
	for _, st := range d.Statement {
		if !matchesAction(st, action) || !applies(st) {
			continue
		}
		if st.Effect == "Deny" {
			return false
		}
		allowed = true
	}
	return allowed
}

// conditionsHold evaluates a statement's conditions, with the context's keys in lower
// case. A key with several values has them joined by commas. lenient passes over keys that the context lacks; else a missing key fails, as in IAM.
func conditionsHold(st statement, context map[string]string, lenient bool) bool {
	for operator, keys := range st.Condition {
		op, ifExists := strings.CutSuffix(operator, "IfExists")
		for key, want := range keys {
			have, ok := context[strings.ToLower(key)]
			if operator == "Null" {
				if !slices.Contains(want, strconv.FormatBool(!ok)) {
					return false
				}
				continue
			}
			if all, of := strings.CutPrefix(op, "ForAllValues:"); of {
				if all != "StringEquals" || ok && slices.ContainsFunc(strings.Split(have, ","), func(v string) bool { return !slices.Contains(want, v) }) {
					return false
				}
				continue
			}
			if !ok {
				if lenient || ifExists || strings.Contains(op, "Not") {
					continue
				}
				return false
			}
			var hit bool
			switch strings.TrimPrefix(op, "ForAnyValue:") {
			case "StringEquals", "StringNotEquals":
				hit = slices.Contains(want, have)
			case "StringEqualsIgnoreCase":
				hit = slices.ContainsFunc(want, func(w string) bool { return strings.EqualFold(w, have) })
			case "StringLike", "ArnLike", "ArnEquals", "StringNotLike", "ArnNotLike", "ArnNotEquals":
				hit = matchAny(want, have)
			case "Bool":
				hit = slices.ContainsFunc(want, func(w string) bool { return strings.EqualFold(w, have) })
			default:
				return false
			}
			if hit == strings.Contains(op, "Not") {
				return false
			}
		}
	}
	return true
}

// Allows evaluates a role's inline, customer and known AWS-managed policies: an explicit Deny wins,
// something must Allow. Conditions are ignored; a permissions boundary must allow too.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
func (s *Service) Allows(account, roleARN, action, resource string) bool {
	a, r := s.accounts[account], s.findRole(account, roleARN)
	if r == nil {
		return false
	}
	var documents []string
	for _, d := range r.inline {
		documents = append(documents, d)
	}
	for _, arn := range r.attached {
		if p := a.anyPolicy(arn); p != nil {
			documents = append(documents, p.defaultVersion().document)
		}
	}
	if !permits(documents, action, resource) {
		return false
	}
	if r.boundary == "" {
		return true
	}
	b := a.anyPolicy(r.boundary)
	return b != nil && permits([]string{b.defaultVersion().document}, action, resource)
}

func permits(documents []string, action, resource string) bool {
	allowed := false
	for _, text := range documents {
		d, err := parse(text)
		if err != nil {
			continue
		}
		for _, st := range d.Statement {
			if !matchesAction(st, action) || !matchesResource(st, resource) {
				continue
			}
			if st.Effect == "Deny" {
				return false
			}
			allowed = true
		}
	}
	return allowed
}

func matchesAction(st statement, action string) bool {
	lower := func(patterns []string) bool {
		return slices.ContainsFunc(patterns, func(p string) bool { return match(strings.ToLower(p), strings.ToLower(action)) })
	}
	if len(st.NotAction) > 0 {
		return !lower(st.NotAction)
	}
	return lower(st.Action)
}

func matchesResource(st statement, resource string) bool {
	if len(st.NotResource) > 0 {
		return !matchAny(st.NotResource, resource)
	}
	return matchAny(st.Resource, resource)
}

func matchAny(patterns []string, s string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool { return match(p, s) })
}

// match is IAM's wildcard match: * is any text, ? any one character.
func match(pattern, s string) bool {
	p, i, star, mark := 0, 0, -1, 0
	for i < len(s) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, mark = p, i
			p++
		case p < len(pattern) && (pattern[p] == '?' || pattern[p] == s[i]):
			p++
			i++
		case star >= 0:
			mark++
			p, i = star+1, mark
		default:
			return false
		}
	}
	for p < len(pattern) && pattern[p] == '*' {
		p++
	}
	return p == len(pattern)
}
