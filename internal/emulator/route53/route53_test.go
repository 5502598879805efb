package route53_test

import (
	"context"
	"errors"
	"fmt"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/acm"
	acmtypes "github.com/aws/aws-sdk-go-v2/service/acm/types"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"
	"github.com/aws/smithy-go"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

const zone, private, theirs = "Z0PUBLIC", "Z0PRIVATE", "Z0THEIRS"

type rig struct {
	*emulator.Emulator
	r53 *route53.Client
	acm *acm.Client
}

func newRig(t *testing.T) rig {
	t.Helper()
	e := emulator.New(emulator.Options{})
	e.Seed("us-east-1")
	e.World.Lock()
	e.Route53.AddZone(core.Scope{Account: emulator.Account}, zone, "acme.example.org", false)
	e.Route53.AddZone(core.Scope{Account: emulator.Account}, private, "acme.example.org", true)
	e.Route53.AddZone(core.Scope{Account: "210987654321"}, theirs, "theirs.example.org", false)
	e.World.Unlock()
	srv := httptest.NewServer(e)
	t.Cleanup(srv.Close)
	cfg := sdk.Config{Region: "us-east-1", BaseEndpoint: &srv.URL, Credentials: credentials.NewStaticCredentialsProvider(emulator.AccessKeyID, "x", ""), Retryer: func() sdk.Retryer { return sdk.NopRetryer{} }}
	return rig{e, route53.NewFromConfig(cfg), acm.NewFromConfig(cfg)}
}

func (r rig) change(zone string, changes ...types.Change) (*route53.ChangeResourceRecordSetsOutput, error) {
	r.Advance(time.Second) // stays below five requests in a second
	return r.r53.ChangeResourceRecordSets(context.Background(), &route53.ChangeResourceRecordSetsInput{HostedZoneId: &zone, ChangeBatch: &types.ChangeBatch{Changes: changes}})
}

func change(action types.ChangeAction, name, kind string, values ...string) types.Change {
	r := &types.ResourceRecordSet{Name: &name, Type: types.RRType(kind), TTL: sdk.Int64(60)}
	for _, v := range values {
		r.ResourceRecords = append(r.ResourceRecords, types.ResourceRecord{Value: &v})
	}
	return types.Change{Action: action, ResourceRecordSet: r}
}

func (r rig) names(t *testing.T, in *route53.ListResourceRecordSetsInput) []string {
	t.Helper()
	in.HostedZoneId = sdk.String(zone)
	var out []string
	for p := route53.NewListResourceRecordSetsPaginator(r.r53, in); p.HasMorePages(); {
		r.Advance(time.Second)
		page, err := p.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for i := range page.ResourceRecordSets {
			out = append(out, *page.ResourceRecordSets[i].Name+" "+string(page.ResourceRecordSets[i].Type))
		}
	}
	return out
}

// TestBatches: a batch is done as a whole or not at all, and the refusals are AWS's.
func TestBatches(t *testing.T) {
	const create, remove, upsert = types.ChangeActionCreate, types.ChangeActionDelete, types.ChangeActionUpsert
	for _, c := range []struct {
		why  string
		do   []types.Change
		want string // part of the refusal, empty where it is done
	}{
		{"a new record", []types.Change{change(create, "new.acme.example.org", "A", "192.0.2.1")}, ""},
		{"one that is there", []types.Change{change(create, "a.acme.example.org", "A", "192.0.2.9")}, "Tried to create resource record set [name='a.acme.example.org.', type='A'] but it already exists"},
		{"one that is there, written over", []types.Change{change(upsert, "A.acme.example.org.", "A", "192.0.2.9")}, ""},
		{"the removal by its values", []types.Change{change(remove, "a.acme.example.org", "A", "192.0.2.1")}, ""},
		{"by others", []types.Change{change(remove, "a.acme.example.org", "A", "192.0.2.9")}, "but the values provided do not match the current values"},
		{"of what isn't there", []types.Change{change(remove, "b.acme.example.org", "A", "192.0.2.1")}, "Tried to delete resource record set [name='b.acme.example.org.', type='A'] but it was not found"},
		{"in place of another, in one batch", []types.Change{change(remove, "a.acme.example.org", "A", "192.0.2.1"), change(create, "a.acme.example.org", "CNAME", "b.example.net")}, ""},
		{"in another zone", []types.Change{change(create, "a.example.com", "A", "192.0.2.1")}, "RRSet with DNS name a.example.com. is not permitted in zone acme.example.org."},
		{"a CNAME beside others", []types.Change{change(create, "a.acme.example.org", "CNAME", "b.example.net")}, "RRSet of type CNAME with DNS name a.acme.example.org. is not permitted as it conflicts with other records"},
		{"others beside a CNAME", []types.Change{change(create, "c.acme.example.org", "A", "192.0.2.1")}, "because a conflicting RRSet of type CNAME with the same DNS name already exists in zone acme.example.org."},
		{"a CNAME for the zone", []types.Change{change(create, "acme.example.org", "CNAME", "b.example.net")}, "is not permitted at apex in zone acme.example.org."},
		{"text without quotation marks", []types.Change{change(create, "t.acme.example.org", "TXT", "x")}, "InvalidCharacterString (Value should be enclosed in quotation marks)"},
		{"the zone's own NS", []types.Change{change(remove, "acme.example.org", "NS", "ns-1.awsdns-01.com.", "ns-2.awsdns-02.net.")}, "do not match the current values"},
		{"all or nothing", []types.Change{change(create, "x.acme.example.org", "A", "192.0.2.1"), change(create, "a.acme.example.org", "A", "192.0.2.1")}, "already exists"},
	} {
		t.Run(c.why, func(t *testing.T) {
			r := newRig(t)
			if _, err := r.change(zone, change(create, "a.acme.example.org", "A", "192.0.2.1"), change(create, "c.acme.example.org", "CNAME", "x.example.net")); err != nil {
				t.Fatal(err)
			}
			before := r.names(t, &route53.ListResourceRecordSetsInput{})
			_, err := r.change(zone, c.do...)
			var batch *types.InvalidChangeBatch
			switch {
			case c.want == "" && err != nil:
				t.Error(err)
			case c.want != "" && (!errors.As(err, &batch) || !strings.Contains(batch.ErrorMessage(), c.want)):
				t.Errorf("got %v, want %s", err, c.want)
			case c.want != "" && !slices.Equal(before, r.names(t, &route53.ListResourceRecordSetsInput{})):
				t.Error("a refused batch has changed something")
			}
		})
	}
}

func TestOrderAndPages(t *testing.T) {
	r := newRig(t)
	for _, n := range []string{"www.acme.example.org", "a-b.acme.example.org", "a.acme.example.org", "_x.a.acme.example.org", "*.acme.example.org", "a0.acme.example.org"} {
		if _, err := r.change(zone, change(types.ChangeActionCreate, n, "TXT", `"x"`)); err != nil {
			t.Fatal(err)
		}
	}
	want := []string{"acme.example.org. NS", "acme.example.org. SOA", `\052.acme.example.org. TXT`, "a-b.acme.example.org. TXT", "a.acme.example.org. TXT", "_x.a.acme.example.org. TXT", "a0.acme.example.org. TXT", "www.acme.example.org. TXT"}
	for _, size := range []int32{1, 3, 300} {
		if got := r.names(t, &route53.ListResourceRecordSetsInput{MaxItems: &size}); !slices.Equal(got, want) {
			t.Errorf("pages of %d: %v", size, got)
		}
	}
	if got := r.names(t, &route53.ListResourceRecordSetsInput{StartRecordName: sdk.String("a.acme.example.org")}); !slices.Equal(got, want[4:]) {
		t.Errorf("from a name on: %v", got)
	}
	if got := r.names(t, &route53.ListResourceRecordSetsInput{StartRecordName: sdk.String("acme.example.org"), StartRecordType: types.RRTypeSoa}); !slices.Equal(got, want[1:]) {
		t.Errorf("from a type on: %v", got)
	}
	out, err := r.r53.ListHostedZones(t.Context(), &route53.ListHostedZonesInput{})
	if err != nil || len(out.HostedZones) != 3 {
		t.Errorf("%d zones, %v", len(out.HostedZones), err)
	}
}

// TestChangesSpread: DNS answers as before until a change is INSYNC; public lookups don't see private zones.
func TestChangesSpread(t *testing.T) {
	r := newRig(t)
	out, err := r.change(zone, change(types.ChangeActionCreate, "t.acme.example.org", "TXT", `"a" "b"`, `"c"`))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.change(private, change(types.ChangeActionCreate, "t.acme.example.org", "TXT", `"secret"`)); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		after  time.Duration
		status types.ChangeStatus
		txt    string
	}{{0, types.ChangeStatusPending, "[]"}, {time.Minute, types.ChangeStatusInsync, "[ab c]"}} {
		r.Advance(c.after)
		got, err := r.r53.GetChange(t.Context(), &route53.GetChangeInput{Id: out.ChangeInfo.Id})
		if err != nil || got.ChangeInfo.Status != c.status {
			t.Errorf("after %s: %v %v", c.after, got, err)
		}
		r.World.Lock()
		if txt := fmt.Sprint(r.Route53.Lookup("T.acme.example.org.", "TXT")); txt != c.txt {
			t.Errorf("after %s: %s", c.after, txt)
		}
		r.World.Unlock()
	}
}

func TestErrors(t *testing.T) {
	r := newRig(t)
	code := func(_ any, err error) string {
		r.Advance(time.Second)
		var e smithy.APIError
		if !errors.As(err, &e) {
			return fmt.Sprint(err)
		}
		return e.ErrorCode()
	}
	ctx := t.Context()
	for want, got := range map[string]string{
		"NoSuchHostedZone": code(r.r53.GetHostedZone(ctx, &route53.GetHostedZoneInput{Id: sdk.String("Z0NONE")})),
		"AccessDenied":     code(r.r53.GetHostedZone(ctx, &route53.GetHostedZoneInput{Id: sdk.String(theirs)})),
		"NoSuchChange":     code(r.r53.GetChange(ctx, &route53.GetChangeInput{Id: sdk.String("C0NONE")})),
		"InvalidInput":     code(r.change(zone, types.Change{Action: types.ChangeActionCreate, ResourceRecordSet: &types.ResourceRecordSet{Name: sdk.String("a.acme.example.org"), Type: types.RRTypeA}})),
	} {
		if got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	r.Advance(time.Minute)
	for i := range 6 {
		_, err := r.r53.ListHostedZones(ctx, &route53.ListHostedZonesInput{})
		if throttled := codeOf(err) == "Throttling"; throttled != (i == 5) {
			t.Errorf("request %d: %v", i, err)
		}
	}
}

func codeOf(err error) string {
	var e smithy.APIError
	if errors.As(err, &e) {
		return e.ErrorCode()
	}
	return ""
}

// TestValidation: a certificate is issued some minutes after its records are in public DNS, by whoever; a token asks
// once within an hour; the same domain has the same record.
func TestValidation(t *testing.T) {
	r := newRig(t)
	ctx := t.Context()
	request := func(token string, names ...string) string {
		t.Helper()
		out, err := r.acm.RequestCertificate(ctx, &acm.RequestCertificateInput{DomainName: &names[0], SubjectAlternativeNames: names, ValidationMethod: acmtypes.ValidationMethodDns, IdempotencyToken: &token})
		if err != nil {
			t.Fatal(err)
		}
		return *out.CertificateArn
	}
	describe := func(arn string) *acmtypes.CertificateDetail {
		t.Helper()
		out, err := r.acm.DescribeCertificate(ctx, &acm.DescribeCertificateInput{CertificateArn: &arn})
		if err != nil {
			t.Fatal(err)
		}
		return out.Certificate
	}
	one := request("a", "one.acme.example.org", "two.acme.example.org")
	if again := request("a", "one.acme.example.org", "two.acme.example.org"); again != one {
		t.Error("a token asks twice")
	}
	if c := describe(one); c.Status != acmtypes.CertificateStatusPendingValidation || len(c.DomainValidationOptions) != 2 || c.DomainValidationOptions[0].ResourceRecord != nil {
		t.Errorf("at once: %+v", c)
	}
	r.Advance(10 * time.Second)
	for _, o := range describe(one).DomainValidationOptions {
		if _, err := r.change(private, change(types.ChangeActionCreate, *o.ResourceRecord.Name, "CNAME", *o.ResourceRecord.Value)); err != nil {
			t.Fatal(err)
		}
	}
	r.Advance(time.Hour)
	if c := describe(one); c.Status != acmtypes.CertificateStatusPendingValidation {
		t.Errorf("by a private zone: %s", c.Status)
	}
	for _, o := range describe(one).DomainValidationOptions {
		if _, err := r.change(zone, change(types.ChangeActionCreate, *o.ResourceRecord.Name, "CNAME", *o.ResourceRecord.Value)); err != nil {
			t.Fatal(err)
		}
	}
	r.Advance(10 * time.Minute)
	if c := describe(one); c.Status != acmtypes.CertificateStatusIssued || c.NotAfter == nil {
		t.Errorf("by the public zone: %+v", c)
	}
	two := request("a", "two.acme.example.org")
	if two == one {
		t.Error("a token is known for more than an hour")
	}
	r.Advance(10 * time.Minute)
	if c := describe(two); c.Status != acmtypes.CertificateStatusIssued {
		t.Errorf("the record of before isn't good for another certificate: %s", c.Status)
	}
	late := request("b", "late.elsewhere.example")
	r.Advance(73 * time.Hour)
	if c := describe(late); c.Status != acmtypes.CertificateStatusValidationTimedOut {
		t.Errorf("after three days: %s", c.Status)
	}
	third := request("c", "late.elsewhere.example")
	r.Advance(10 * time.Second)
	record := describe(third).DomainValidationOptions[0].ResourceRecord
	r.World.Lock()
	r.Route53.AddElsewhere(*record.Name, "CNAME", *record.Value)
	r.World.Unlock()
	r.Advance(10 * time.Minute)
	if c := describe(third); c.Status != acmtypes.CertificateStatusIssued {
		t.Errorf("by somebody else's name servers: %s", c.Status)
	}
	if _, err := r.acm.DeleteCertificate(ctx, &acm.DeleteCertificateInput{CertificateArn: &third}); err != nil {
		t.Error(err)
	}
	if _, err := r.acm.DescribeCertificate(ctx, &acm.DescribeCertificateInput{CertificateArn: &third}); codeOf(err) != "ResourceNotFoundException" {
		t.Error(err)
	}
}
