package acm

import (
	"crypto/sha256"
	"encoding/hex"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

const (
	pending  = "PENDING_VALIDATION"
	timedOut = "VALIDATION_TIMED_OUT"
	failed   = "FAILED"
)

const (
	// showing is how long after a request the records to make don't show: AWS speaks of several seconds.
	// https://docs.aws.amazon.com/acm/latest/APIReference/API_RequestCertificate.html
	showing = 5 * time.Second
	// issuing is how long it takes once the records are there. AWS promises no less than half an hour; it mostly is
	// minutes. https://docs.aws.amazon.com/acm/latest/userguide/dns-validation.html
	issuing = 3 * time.Minute
	// patience is how long the records are waited for.
	// https://docs.aws.amazon.com/acm/latest/userguide/troubleshooting-timed-out.html
	patience = 72 * time.Hour
	// remembering is how long an idempotency token is known.
	remembering = time.Hour
)

// Limits of a request: the first name is the certificate's common name.
// https://docs.aws.amazon.com/acm/latest/APIReference/API_RequestCertificate.html and
// https://docs.aws.amazon.com/acm/latest/userguide/acm-limits.html
const maxCommonName, maxName, maxNames = 64, 253, 10

// SetLookup sets what answers for DNS: the values of a name and type.
func (s *Service) SetLookup(f func(name, recordType string) []string) { s.lookup = f }

// SetUsers sets what lists the ARNs of load balancers that use a certificate.
func (s *Service) SetUsers(f func(scope core.Scope, arn string) []string) { s.users = f }

type requestIn struct {
	DomainName, ValidationMethod, IdempotencyToken string
	SubjectAlternativeNames                        []string
	KeyAlgorithm                                   string
	Tags                                           []tag
}

type requestOut struct{ CertificateArn string }

var (
	namePattern  = regexp.MustCompile(`^(\*\.)?([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])$`)
	tokenPattern = regexp.MustCompile(`^\w{1,32}$`)
)

func (s *Service) requestCertificate(q *core.Request, in *requestIn) (*requestOut, error) {
	names := []string{strings.ToLower(in.DomainName)}
	for _, n := range in.SubjectAlternativeNames {
		if n = strings.ToLower(n); !slices.Contains(names, n) {
			names = append(names, n)
		}
	}
	for i, n := range names {
		if !namePattern.MatchString(n) || len(n) > maxName || i == 0 && len(n) > maxCommonName {
			return nil, core.Errorf("ValidationException", "1 validation error detected: Value '%s' failed to satisfy constraint: a domain name, the first of at most %d characters", n, maxCommonName)
		}
	}
	switch {
	case len(names) > maxNames:
		return nil, core.Errorf("LimitExceededException", "Error: the number of domain names exceeds the quota of %d.", maxNames)
	case in.ValidationMethod != "DNS":
		return nil, core.Errorf("ValidationException", "The emulator validates by DNS only, not by %q.", in.ValidationMethod)
	case in.KeyAlgorithm != "" && in.KeyAlgorithm != "RSA_2048":
		return nil, core.Errorf("ValidationException", "The emulator issues RSA_2048 only, not %s.", in.KeyAlgorithm)
	case in.IdempotencyToken != "" && !tokenPattern.MatchString(in.IdempotencyToken):
		return nil, core.Errorf("ValidationException", "1 validation error detected: Value '%s' at 'idempotencyToken' failed to satisfy constraint: Member must satisfy regular expression pattern: \\w+", in.IdempotencyToken)
	}
	tags, err := checked(in.Tags, nil)
	if err != nil {
		return nil, err
	}
	for _, c := range s.scopes[q.Scope] {
		if in.IdempotencyToken != "" && c.token == in.IdempotencyToken && q.Now().Sub(c.created) < remembering && slices.Equal(c.names, names) {
			return &requestOut{c.arn}, nil
		}
	}
	c := &certificate{arn: q.ARN("acm", "certificate/"+s.w.UUID()), domain: names[0], names: names, status: pending, created: q.Now(),
		tags: tags, token: in.IdempotencyToken, method: "DNS"}
	if s.scopes[q.Scope] == nil {
		s.scopes[q.Scope] = map[string]*certificate{}
	}
	s.scopes[q.Scope][c.arn] = c
	s.w.Clock.After(patience, func() {
		if c.status == pending {
			c.status = timedOut
		}
	})
	s.check(q.Scope, c)
	return &requestOut{c.arn}, nil
}

// Published looks at every certificate that waits for DNS. The caller holds the world's lock.
func (s *Service) Published() {
	for scope, certificates := range s.scopes {
		for _, c := range certificates {
			s.check(scope, c)
		}
	}
}

// check issues a certificate some minutes after all its records are in DNS, if they still are.
func (s *Service) check(scope core.Scope, c *certificate) {
	if c.status != pending || c.method == "" || c.checking || !s.proved(scope, c) {
		return
	}
	c.checking = true
	s.w.Clock.After(issuing, func() {
		c.checking = false
		if c.status == pending && s.proved(scope, c) {
			c.status, c.issued = issued, s.w.Clock.Now()
		}
	})
}

func (s *Service) proved(scope core.Scope, c *certificate) bool {
	return !slices.ContainsFunc(c.names, func(n string) bool { return !s.validated(scope, n) })
}

func (s *Service) validated(scope core.Scope, name string) bool {
	r := recordOf(scope.Account, name)
	return slices.ContainsFunc(s.lookup(r.Name, r.Type), func(v string) bool {
		return strings.EqualFold(strings.TrimSuffix(v, "."), strings.TrimSuffix(r.Value, "."))
	})
}

type resourceRecord struct{ Name, Type, Value string }

type validationOption struct {
	DomainName, ValidationDomain, ValidationStatus, ValidationMethod string
	ResourceRecord                                                   *resourceRecord `json:",omitempty"`
}

// recordOf is the record that proves a name for an account: the same for every certificate and in every region; a
// wildcard has that of the domain.
// https://docs.aws.amazon.com/acm/latest/userguide/dns-validation.html
func recordOf(account, name string) resourceRecord {
	name = strings.TrimPrefix(name, "*.")
	sum := sha256.Sum256([]byte(account + "/" + name))
	key, other := hex.EncodeToString(sum[:16]), hex.EncodeToString(sum[16:])
	return resourceRecord{"_" + key + "." + name + ".", "CNAME", "_" + other + "." + "jkddzztszm.acm-validations.aws."}
}

func (s *Service) validations(scope core.Scope, c *certificate) []validationOption {
	var out []validationOption
	if c.method == "" {
		return nil
	}
	for _, n := range c.names {
		o := validationOption{DomainName: n, ValidationDomain: n, ValidationMethod: c.method, ValidationStatus: pending}
		switch c.status {
		case issued:
			o.ValidationStatus = "SUCCESS"
		case failed, timedOut:
			o.ValidationStatus = failed
		}
		if s.w.Clock.Since(c.created) >= showing {
			r := recordOf(scope.Account, n)
			o.ResourceRecord = &r
		}
		out = append(out, o)
	}
	return out
}

// Fail gives a certificate the status FAILED for a reason of AWS's, such as CAA_ERROR. The caller holds the world's lock.
func (s *Service) Fail(scope core.Scope, arn, reason string) {
	c := s.scopes[scope][arn]
	c.status, c.failure = failed, reason
}

func (s *Service) deleteCertificate(q *core.Request, in *certificateIn) (*core.Empty, error) {
	c, err := s.certificate(q.Scope, in.CertificateArn)
	if err != nil {
		return nil, err
	}
	if len(s.users(q.Scope, c.arn)) > 0 {
		return nil, core.Errorf("ResourceInUseException", "Certificate %s in account %s is in use.", c.arn, q.Account)
	}
	delete(s.scopes[q.Scope], c.arn)
	return nil, nil
}

// Remove forgets a certificate that was seeded. The caller holds the world's lock.
func (s *Service) Remove(scope core.Scope, arn string) { delete(s.scopes[scope], arn) }
