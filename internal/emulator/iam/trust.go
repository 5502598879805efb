package iam

import (
	"strings"
	"time"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// AssumedBy reports whether a principal may assume a role. Within the account the trust policy is
// enough when it names the principal itself; when it names the account, and always across accounts,
// the principal needs sts:AssumeRole by its own policies too,
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html
func (s *Service) AssumedBy(p core.Principal, roleARN, externalID string, now time.Time) bool {
	account := accountOf(roleARN)
	r := s.findRole(account, roleARN)
	if r == nil || !s.propagated(r.created, now) {
		return false
	}
	context := map[string]string{"aws:principalarn": p.ARN, "aws:principalaccount": p.Account}
	if p.RoleARN != "" {
		context["aws:principalarn"] = p.RoleARN
	}
	if externalID != "" {
		context["sts:externalid"] = externalID
	}
	named := false
	ok := trusts(s.effectiveTrust(r, now), "sts:AssumeRole", func(st statement) bool {
		if !conditionsHold(st, context, false) {
			return false
		}
		hit := false
		for _, v := range st.Principal["AWS"] {
			switch {
			case v == p.ARN || (p.RoleARN != "" && v == p.RoleARN):
				hit, named = true, true
			case v == "*" || v == p.Account || strings.HasSuffix(v, ":"+p.Account+":root"):
				hit = true
			}
		}
		return hit
	})
	if !ok {
		return false
	}
	if p.RoleARN == "" || (named && p.Account == account) {
		return true
	}
	return s.Allows(p.Account, p.RoleARN, "sts:AssumeRole", roleARN)
}

// AssumedByWebIdentity reports whether a token of an identity provider may assume a role; claims
// are its condition keys ("host/id:sub").
func (s *Service) AssumedByWebIdentity(roleARN, provider string, claims map[string]string, now time.Time) bool {
	r := s.findRole(accountOf(roleARN), roleARN)
	if r == nil || !s.propagated(r.created, now) {
		return false
	}
	context := map[string]string{}
	for k, v := range claims {
		context[strings.ToLower(k)] = v
	}
	return trusts(s.effectiveTrust(r, now), "sts:AssumeRoleWithWebIdentity", func(st statement) bool {
		for _, v := range st.Principal["Federated"] {
			if v == provider || strings.HasSuffix(v, ":oidc-provider/"+provider) {
				return conditionsHold(st, context, false)
			}
		}
		return false
	})
}

func accountOf(arn string) string {
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) < 6 {
		return ""
	}
	return parts[4]
}
