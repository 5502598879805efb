package kinds

import (
	"context"
	"fmt"
	"strings"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/acm"
	acmtypes "github.com/aws/aws-sdk-go-v2/service/acm/types"

	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
	"github.com/portkey-ai/portkey-ecs-operator/internal/own"
)

// Certificate is a public certificate of AWS Certificate Manager that is validated by DNS. Its names can't be changed,
// and one that wasn't validated in time, or expired, is done with: a new one is requested beside it, and the old
// one goes when no listener uses it. It has no name of its own: it is found by its recorded ARN, or by its tags among
// those of its domain.
// https://docs.aws.amazon.com/acm/latest/APIReference/API_RequestCertificate.html
//
// Outputs: "arn" at once; for each name the record that proves it, ValidationName and ValidationValue, some seconds
// after the request; "issued", the ARN too, once it can be used.
type Certificate struct{}

// CertificateSpec is what a certificate should be.
type CertificateSpec struct {
	// Names are the host names that it is for; the first is the common name, of at most 64 characters.
	Names []string `json:"names"`
	// ByHand says that people have to make the records.
	ByHand bool `json:"byHand,omitempty"`
}

// ReasonAwaitingDNSValidation is the reason of a certificate whose records aren't in DNS yet, or weren't seen there.
const ReasonAwaitingDNSValidation = "AwaitingDNSValidation"

// ValidationName and ValidationValue are the outputs with the name and value of the CNAME that proves a host name.
func ValidationName(host string) graph.Attr { return graph.Attr("validation-name/" + host) }

// ValidationValue is the output with the value of the CNAME that proves a host name.
func ValidationValue(host string) graph.Attr { return graph.Attr("validation-value/" + host) }

type certificate struct {
	acmtypes.CertificateDetail
	Tags   map[string]string
	ByHand bool
}

// Name implements graph.Kind.
func (Certificate) Name() string { return "Certificate" }

// Succeeds implements graph.Successor.
func (Certificate) Succeeds() bool { return true }

// Observe implements graph.Kind.
func (Certificate) Observe(ctx context.Context, call graph.Call, spec CertificateSpec) (graph.Live, error) {
	w := world(call)
	arn := call.ID
	var out *acm.DescribeCertificateOutput
	var err error
	if arn != "" {
		out, err = w.ACM.DescribeCertificate(ctx, &acm.DescribeCertificateInput{CertificateArn: &arn})
	}
	if arn == "" || notFound(err) {
		if arn, err = ownCertificate(ctx, call, spec); err == nil && arn != "" {
			out, err = w.ACM.DescribeCertificate(ctx, &acm.DescribeCertificateInput{CertificateArn: &arn})
		}
	}
	if notFound(err) || err == nil && arn == "" {
		return graph.Live{Phase: graph.Absent}, nil
	}
	if err != nil {
		return graph.Live{}, err
	}
	c := certificate{CertificateDetail: *out.Certificate, ByHand: spec.ByHand}
	if earlier, ok := seen[certificate](call, arn); ok {
		c.Tags = earlier.Tags
	} else if c.Tags, err = tagsOf(ctx, call, arn); err != nil {
		return graph.Live{}, err
	}
	return c.live(call), nil
}

// ownCertificate finds the newest certificate that carries the node's tags, by the complete list of its domain's.
func ownCertificate(ctx context.Context, call graph.Call, spec CertificateSpec) (string, error) {
	if len(spec.Names) == 0 {
		return "", nil
	}
	all, err := pages(ctx, acm.NewListCertificatesPaginator(world(call).ACM, &acm.ListCertificatesInput{}),
		func(p *acm.ListCertificatesOutput) []acmtypes.CertificateSummary { return p.CertificateSummaryList })
	if err != nil {
		return "", err
	}
	var found acmtypes.CertificateSummary
	for i := range all {
		s := &all[i]
		if sdk.ToString(s.DomainName) != spec.Names[0] {
			continue
		}
		tags, err := certificateTags(ctx, world(call), sdk.ToString(s.CertificateArn))
		if err != nil && !notFound(err) {
			return "", err
		}
		if own.Proves(tags, call.Owner) && (found.CertificateArn == nil || sdk.ToTime(s.CreatedAt).After(sdk.ToTime(found.CreatedAt))) {
			found = *s
		}
	}
	return sdk.ToString(found.CertificateArn), nil
}

// Diff implements graph.Kind.
func (Certificate) Diff(call graph.Call, want CertificateSpec, live graph.Live) []graph.Change {
	have := raw[certificate](live)
	var d difference
	if names := have.SubjectAlternativeNames; sorted(names) != sorted(want.Names) {
		d.fixed("names", sorted(names), sorted(want.Names))
	}
	if have.done(call.Now) {
		d.fixed("status", string(have.Status), string(acmtypes.CertificateStatusIssued))
	}
	return append(d, diffTags(call.Tags, have.Tags)...)
}

// done reports whether a certificate will never be what is wanted, and another may. One that AWS refused is asked for
// again after a day: what AWS refuses today, it refuses a minute later, and requests are counted by the year.
// https://docs.aws.amazon.com/acm/latest/userguide/acm-limits.html
func (c certificate) done(now time.Time) bool {
	switch c.Status {
	case acmtypes.CertificateStatusValidationTimedOut, acmtypes.CertificateStatusExpired, acmtypes.CertificateStatusRevoked, acmtypes.CertificateStatusInactive:
		return true
	case acmtypes.CertificateStatusFailed:
		return now.Sub(sdk.ToTime(c.CreatedAt)) >= certificateRefused
	case acmtypes.CertificateStatusPendingValidation, acmtypes.CertificateStatusIssued:
	}
	return false
}

// Create implements graph.Kind. ACM knows the token for an hour; after that the certificate is found by its tags.
func (Certificate) Create(ctx context.Context, call graph.Call, spec CertificateSpec) (graph.Live, error) {
	out, err := world(call).ACM.RequestCertificate(ctx, &acm.RequestCertificateInput{
		DomainName: &spec.Names[0], SubjectAlternativeNames: spec.Names, ValidationMethod: acmtypes.ValidationMethodDns, IdempotencyToken: &call.Token, Tags: toACMTags(call.Tags),
	})
	if err != nil {
		return graph.Live{}, err
	}
	return certificate{ByHand: spec.ByHand, Tags: call.Tags, CertificateDetail: acmtypes.CertificateDetail{
		CertificateArn: out.CertificateArn, Status: acmtypes.CertificateStatusPendingValidation, CreatedAt: &call.Now, SubjectAlternativeNames: spec.Names,
	}}.live(call), nil
}

// Update implements graph.Kind: all that can change are tags.
func (Certificate) Update(ctx context.Context, call graph.Call, _ CertificateSpec, live graph.Live, _ []graph.Change) (graph.Live, error) {
	c := raw[certificate](live)
	if err := retagARN(ctx, call, live.ID, c.Tags); err != nil {
		return live, err
	}
	c.Tags = retagged(call.Tags, c.Tags)
	return c.live(call), nil
}

// Delete implements graph.Kind. AWS refuses it while a load balancer uses the certificate, anybody's.
func (Certificate) Delete(ctx context.Context, call graph.Call, live graph.Live) (bool, error) {
	w := world(call)
	_, err := w.ACM.DeleteCertificate(ctx, &acm.DeleteCertificateInput{CertificateArn: &live.ID})
	err = heldBy(ctx, call, err, live.ID, func() ([]string, error) {
		out, err := w.ACM.DescribeCertificate(ctx, &acm.DescribeCertificateInput{CertificateArn: &live.ID})
		if err != nil {
			return nil, err
		}
		return out.Certificate.InUseBy, nil
	})
	return ignore(err, notFound) == nil, ignore(err, notFound)
}

func (c certificate) live(call graph.Call) graph.Live {
	arn := sdk.ToString(c.CertificateArn)
	l := graph.Live{ID: arn, Phase: graph.Ready, Owner: proof(call, arn, c.Tags), Raw: c, Out: map[graph.Attr]string{"arn": arn}}
	var records []string
	for i := range c.DomainValidationOptions {
		o := &c.DomainValidationOptions[i]
		if r := o.ResourceRecord; r != nil {
			name, value := strings.TrimSuffix(sdk.ToString(r.Name), "."), strings.TrimSuffix(sdk.ToString(r.Value), ".")
			l.Out[ValidationName(sdk.ToString(o.DomainName))], l.Out[ValidationValue(sdk.ToString(o.DomainName))] = name, value
			if o.ValidationStatus != acmtypes.DomainStatusSuccess {
				records = append(records, fmt.Sprintf("%s %s %s", name, r.Type, value))
			}
		}
	}
	if c.Status == acmtypes.CertificateStatusIssued || c.Status == "" { // a listener that gets it too early is refused
		l.Out["issued"] = arn
		return l
	}
	since := sdk.ToTime(c.CreatedAt)
	l.Phase = graph.Broken
	l.Why = fmt.Sprintf("AWS Certificate Manager says %s; another is requested", c.Status)
	switch c.Status {
	case acmtypes.CertificateStatusPendingValidation:
		l.Phase, l.Reason = graph.Pending, ReasonAwaitingDNSValidation
		switch {
		case len(records) == 0:
			l.Why, l.Recheck = "was requested; AWS tells in some seconds which records validate it", recordsShowing
		case c.ByHand:
			l.Why = "create these records, and leave them for its renewal: " + strings.Join(records, ", ")
			l.Recheck = min(max(call.Now.Sub(since)/elapsedShare, minValidationRecheck), maxValidationRecheck)
		default:
			l.Why, l.Recheck = "AWS looks for its records in DNS, which takes some minutes", recheck(call.Now, since, certificateIssuing)
			if call.Now.Sub(since) >= certificateLate {
				l.Why = "AWS doesn't find its records in DNS. Make sure that the domain is delegated to the hosted zone, by that zone's name servers, or create them where the domain's DNS is: " + strings.Join(records, ", ")
			}
		}
	case acmtypes.CertificateStatusFailed:
		l.Why = fmt.Sprintf("AWS Certificate Manager couldn't issue it: %s; it is requested again at %s", c.FailureReason, since.Add(certificateRefused).UTC().Format(time.RFC3339))
	case acmtypes.CertificateStatusIssued, acmtypes.CertificateStatusInactive, acmtypes.CertificateStatusExpired, acmtypes.CertificateStatusRevoked, acmtypes.CertificateStatusValidationTimedOut:
	}
	return l
}
