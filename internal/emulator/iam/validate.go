package iam

import (
	"encoding/json"
	"regexp"
	"strings"
	"unicode"
)

// The quotas of a document's size count no white space,
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
const (
	maxTrustSize   = 2048
	maxInlineSize  = 10240 // of all inline policies of a role together
	maxManagedSize = 6144
)

func sizeOf(document string) int {
	n := 0
	for _, c := range document {
		if !unicode.IsSpace(c) {
			n++
		}
	}
	return n
}

// check is what identity and trust policies have in common.
func check(text string) (document, error) {
	if !json.Valid([]byte(text)) {
		return document{}, malformed("This policy contains invalid Json")
	}
	d, err := parse(text)
	if err != nil || len(d.Statement) == 0 {
		return d, malformed("Syntax errors in policy.")
	}
	// Without a Version it is 2008-10-17.
	if d.Version != "" && d.Version != "2012-10-17" && d.Version != "2008-10-17" {
		return d, malformed("The policy must contain a valid version string")
	}
	ids := map[string]bool{}
	for _, st := range d.Statement {
		switch {
		case st.Effect == "":
			return d, malformed("Missing required field Effect")
		case st.Effect != "Allow" && st.Effect != "Deny":
			return d, malformed("Invalid effect: %s", st.Effect)
		case len(st.Action) == 0 && len(st.NotAction) == 0:
			return d, malformed("Policy statement must contain actions.")
		case len(st.Action) > 0 && len(st.NotAction) > 0:
			return d, malformed("Syntax errors in policy.")
		case st.SID != "" && ids[st.SID]:
			return d, malformed("Statement IDs (SID) in a single policy must be unique.")
		case st.SID != "" && !sidPattern.MatchString(st.SID):
			return d, malformed("Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression [0-9A-Za-z]*")
		}
		ids[st.SID] = true
	}
	return d, nil
}

var (
	sidPattern     = regexp.MustCompile(`^[0-9A-Za-z]*$`)
	actionPattern  = regexp.MustCompile(`^(\*|[A-Za-z0-9-]+:[A-Za-z0-9*?]+)$`)
	servicePattern = regexp.MustCompile(`^[a-z0-9-]+(\.[a-z0-9-]+)*\.amazonaws\.com(\.cn)?$`)
	accountPattern = regexp.MustCompile(`^\d{12}$`)
	arnPattern     = regexp.MustCompile(`^arn:(aws|aws-cn|aws-us-gov|\*):[^:]*:[^:]*:[^:]*:.+$`)
	entityPattern  = regexp.MustCompile(`^arn:(aws|aws-cn|aws-us-gov):(iam|sts)::(\d{12}):(root|user/.+|role/.+|assumed-role/([^/]+)/.+)$`)
)

// validateIdentity checks a policy that is attached to an identity.
func validateIdentity(text string) error {
	d, err := check(text)
	if err != nil {
		return err
	}
	for _, st := range d.Statement {
		if st.Principal != nil || st.NotPrincipal != nil {
			return malformed("Policy document should not specify a principal.")
		}
		for _, a := range append(append(texts{}, st.Action...), st.NotAction...) {
			if !actionPattern.MatchString(a) {
				return malformed("Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.")
			}
		}
		resources := append(append(texts{}, st.Resource...), st.NotResource...)
		if len(resources) == 0 {
			return malformed("Policy statement must contain resources.")
		}
		for _, res := range resources {
			if !strings.HasPrefix(res, "*") && !strings.HasPrefix(res, "arn:*") && !arnPattern.MatchString(res) {
				return malformed(`Resource %s must be in ARN format or "*".`, res)
			}
		}
	}
	return nil
}

// validateTrust checks a role's trust policy. Its principals must exist: a role just made may not be
// known yet, https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_roles.html
func (s *Service) validateTrust(text string) error {
	d, err := check(text)
	if err != nil {
		return err
	}
	for _, st := range d.Statement {
		switch {
		case len(st.Resource) > 0 || len(st.NotResource) > 0:
			return malformed("Has prohibited field Resource")
		case len(st.Principal) == 0 && len(st.NotPrincipal) == 0:
			return malformed("Missing required field Principal")
		}
		for _, a := range append(append(texts{}, st.Action...), st.NotAction...) {
			if !strings.HasPrefix(strings.ToLower(a), "sts:") {
				return malformed("AssumeRole policy may only specify STS AssumeRole actions.")
			}
		}
		for kind, values := range st.Principal {
			for _, v := range values {
				if !s.knownPrincipal(kind, v) {
					return malformed(`Invalid principal in policy: "%s":"%s"`, strings.ToUpper(kind), v)
				}
			}
		}
	}
	if sizeOf(text) > maxTrustSize {
		return limit("Cannot exceed quota for ACLSizePerRole: %d", maxTrustSize)
	}
	return nil
}

func (s *Service) knownPrincipal(kind, v string) bool {
	switch kind {
	case "Service":
		return servicePattern.MatchString(v)
	case "Federated":
		return strings.HasPrefix(v, "arn:") && strings.Contains(v, "-provider/") || strings.Contains(v, ".")
	case "AWS":
		if v == "*" || accountPattern.MatchString(v) {
			return true
		}
		m := entityPattern.FindStringSubmatch(v)
		if m == nil {
			return false
		}
		name := lastPart(m[4])
		switch {
		case m[4] == "root":
			return true
		case strings.HasPrefix(m[4], "user/"):
			// The emulator keeps no users but the administrator that its keys act as.
			return m[4] == "user/admin"
		case m[5] != "":
			name = m[5]
		}
		r := s.findRole(m[3], name)
		return r != nil && (m[5] != "" || r.arn == v) && s.propagated(r.created, s.w.Clock.Now())
	default:
		return false
	}
}
