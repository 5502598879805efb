// Package acm emulates AWS Certificate Manager: public certificates that are validated by DNS, or seeded.
package acm

import (
	"cmp"
	"maps"
	"regexp"
	"slices"
	"time"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// Service is Certificate Manager of every account and region.
type Service struct {
	w      *core.World
	scopes map[core.Scope]map[string]*certificate // by ARN
	// lookup answers what DNS has; users who uses a certificate.
	lookup func(name, recordType string) []string
	users  func(scope core.Scope, arn string) []string
}

type certificate struct {
	arn, domain, status string
	names               []string
	created, issued     time.Time
	tags                map[string]string
	// token is the idempotency token of the request; method is empty for one that was seeded.
	token, method string
	// failure is why it failed.
	failure string
	// checking says that its records were found, and it is on its way to being issued.
	checking bool
}

// New returns Certificate Manager of a world.
func New(w *core.World) *Service {
	s := &Service{w: w}
	s.lookup = func(string, string) []string { return nil }
	s.users = func(core.Scope, string) []string { return nil }
	reset := func() { s.scopes = map[core.Scope]map[string]*certificate{} }
	reset()
	w.OnReset(reset)
	w.AddInventory(s.inventory)
	w.AddTagger("acm", func(scope core.Scope) map[string]map[string]string {
		out := map[string]map[string]string{}
		for arn, c := range s.scopes[scope] {
			out[arn] = maps.Clone(c.tags)
		}
		return out
	})
	return s
}

// Add makes a certificate for names with a status (ISSUED, PENDING_VALIDATION, EXPIRED, …) and
// returns its ARN. The caller holds the world's lock.
func (s *Service) Add(scope core.Scope, id, status string, names ...string) string {
	c := &certificate{arn: scope.ARN("acm", "certificate/"+id), domain: names[0], names: names, status: status, created: s.w.Clock.Now(), issued: s.w.Clock.Now(), tags: map[string]string{}}
	if s.scopes[scope] == nil {
		s.scopes[scope] = map[string]*certificate{}
	}
	s.scopes[scope][c.arn] = c
	return c.arn
}

// Certificate tells whether a certificate exists in a scope, and whether it is issued.
func (s *Service) Certificate(scope core.Scope, arn string) (found, usable bool) {
	c := s.scopes[scope][arn]
	return c != nil, c != nil && c.status == issued
}

// Names are the names that a certificate is for.
func (s *Service) Names(scope core.Scope, arn string) []string {
	if c := s.scopes[scope][arn]; c != nil {
		return c.names
	}
	return nil
}

const issued = "ISSUED"

func (s *Service) inventory(bool) []core.Resource {
	var out []core.Resource
	for scope, certificates := range s.scopes {
		for _, c := range certificates {
			out = append(out, core.Resource{Service: "acm", Kind: "Certificate", ID: c.arn, Name: c.domain, ARN: c.arn, Account: scope.Account,
				Region: scope.Region, Tags: maps.Clone(c.tags), State: c.status, Taggable: true, Settings: map[string]any{"names": c.names}})
		}
	}
	return out
}

// Mux returns the actions, https://docs.aws.amazon.com/acm/latest/APIReference/API_Operations.html
func (s *Service) Mux() *core.Mux {
	m := &core.Mux{Service: "acm", Protocol: core.JSON11, Namespace: "CertificateManager",
		Throttled: core.Error{Code: "ThrottlingException", Message: "Rate exceeded"}}
	core.Handle(m, "AddTagsToCertificate", s.addTags)
	core.Handle(m, "DeleteCertificate", s.deleteCertificate)
	core.Handle(m, "RemoveTagsFromCertificate", s.removeTags)
	core.Handle(m, "RequestCertificate", s.requestCertificate)
	core.Handle(m, "DescribeCertificate", s.describeCertificate)
	core.Handle(m, "ListCertificates", s.listCertificates)
	core.Handle(m, "ListTagsForCertificate", s.listTagsForCertificate)
	return m
}

type certificateIn struct{ CertificateArn string }

var arnPattern = regexp.MustCompile(`^arn:[\w+=/,.@-]+:acm:[\w+=/,.@-]*:[0-9]+:[\w+=,.@-]+(/[\w+=,.@-]+)*$`)

func (s *Service) certificate(scope core.Scope, arn string) (*certificate, error) {
	if !arnPattern.MatchString(arn) {
		return nil, core.Errorf("InvalidArnException", "Invalid ARN: %s", arn)
	}
	if c := s.scopes[scope][arn]; c != nil {
		return c, nil
	}
	return nil, core.Errorf("ResourceNotFoundException", "Could not find certificate %s.", arn)
}

type detail struct {
	CertificateArn, DomainName, Status, Type, KeyAlgorithm, SignatureAlgorithm, Issuer string
	SubjectAlternativeNames                                                            []string
	CreatedAt                                                                          time.Time
	IssuedAt, NotBefore, NotAfter                                                      *time.Time `json:",omitempty"`
	RenewalEligibility                                                                 string
	FailureReason                                                                      string `json:",omitempty"`
	InUseBy                                                                            []string
	DomainValidationOptions                                                            []validationOption `json:",omitempty"`
}

type describeOut struct{ Certificate detail }

// validity is how long a public certificate is valid,
// https://docs.aws.amazon.com/acm/latest/userguide/acm-certificate-characteristics.html
const validity = 198 * 24 * time.Hour

func (s *Service) describeCertificate(q *core.Request, in *certificateIn) (*describeOut, error) {
	c, err := s.certificate(q.Scope, in.CertificateArn)
	if err != nil {
		return nil, err
	}
	d := detail{CertificateArn: c.arn, DomainName: c.domain, Status: c.status, Type: "AMAZON_ISSUED", KeyAlgorithm: "RSA-2048",
		SignatureAlgorithm: "SHA256WITHRSA", Issuer: "Amazon", SubjectAlternativeNames: c.names, CreatedAt: c.created, RenewalEligibility: "INELIGIBLE"}
	if c.status == issued {
		end := c.issued.Add(validity)
		d.IssuedAt, d.NotBefore, d.NotAfter = &c.issued, &c.issued, &end
	}
	d.FailureReason = c.failure
	d.InUseBy = append([]string{}, s.users(q.Scope, c.arn)...)
	if len(d.InUseBy) > 0 && c.status == issued {
		d.RenewalEligibility = "ELIGIBLE"
	}
	d.DomainValidationOptions = s.validations(q.Scope, c)
	return &describeOut{d}, nil
}

type listIn struct {
	CertificateStatuses []string
	MaxItems            *int
	NextToken           string
}

type summary struct {
	CertificateArn, DomainName, Status, Type, KeyAlgorithm string
	SubjectAlternativeNameSummaries                        []string
	CreatedAt                                              time.Time
}

type listOut struct {
	CertificateSummaryList []summary
	NextToken              string `json:",omitempty"`
}

const maxPage = 1000

func (s *Service) listCertificates(q *core.Request, in *listIn) (*listOut, error) {
	limit := 0
	if in.MaxItems != nil {
		if limit = *in.MaxItems; limit < 1 || limit > maxPage {
			return nil, core.Errorf("ValidationException", "1 validation error detected: Value '%d' at 'maxItems' failed to satisfy constraint: Member must have value between 1 and %d", limit, maxPage)
		}
	}
	var list []*certificate
	for _, c := range s.scopes[q.Scope] {
		if !s.w.Visible(c.created) {
			continue
		}
		if len(in.CertificateStatuses) == 0 || slices.Contains(in.CertificateStatuses, c.status) {
			list = append(list, c)
		}
	}
	slices.SortFunc(list, func(a, b *certificate) int { return cmp.Compare(a.arn, b.arn) })
	list, next, ok := core.Page(s.w, list, func(c *certificate) string { return c.arn }, in.NextToken, limit, maxPage)
	if !ok {
		return nil, core.Errorf("ValidationException", "The NextToken is invalid.")
	}
	out := &listOut{CertificateSummaryList: []summary{}, NextToken: next}
	for _, c := range list {
		out.CertificateSummaryList = append(out.CertificateSummaryList, summary{CertificateArn: c.arn, DomainName: c.domain, Status: c.status,
			Type: "AMAZON_ISSUED", KeyAlgorithm: "RSA-2048", SubjectAlternativeNameSummaries: c.names, CreatedAt: c.created})
	}
	return out, nil
}

type tag struct{ Key, Value string }

type tagsOut struct{ Tags []tag }

func (s *Service) listTagsForCertificate(q *core.Request, in *certificateIn) (*tagsOut, error) {
	c, err := s.certificate(q.Scope, in.CertificateArn)
	if err != nil {
		return nil, err
	}
	out := &tagsOut{Tags: []tag{}}
	for _, k := range slices.Sorted(maps.Keys(c.tags)) {
		out.Tags = append(out.Tags, tag{k, c.tags[k]})
	}
	return out, nil
}
