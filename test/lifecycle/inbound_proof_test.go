package lifecycle

import (
	"slices"
	"strings"
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	r53types "github.com/aws/aws-sdk-go-v2/service/route53/types"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/hack/console"
	"github.com/portkey-ai/portkey-ecs-operator/hack/harness"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator"
)

// TestInboundProofRecord: where the hosted zone of the hosts holds the private DNS name, the operator makes the record
// that proves it, has AWS look for it when it is there, and takes it away when it isn't needed any more.
func TestInboundProofRecord(t *testing.T) {
	harness.Unraced(t)
	t.Parallel()
	const host = "gateway." + zoneDomain
	before := harness.New()
	addZones(before)
	there := before.Emulator.Server.Resources(false)
	h, key := begun(t, inZones(addressed(publicZone)))
	onTheWay(t, h, host)
	hosts := records(h)
	name := func(n v1alpha1.HostName) {
		t.Helper()
		become(t, h, key, func(_ *harness.Harness, s *spec) {
			s.ControlPlane = byLink(v1alpha1.InboundEndpointService{PrivateDNSName: n})
		})
	}
	dns := func() v1alpha1.PrivateDNSStatus {
		if p := h.Get(key).Status.ControlPlane.Inbound.PrivateDNS; p != nil {
			return *p
		}
		return v1alpha1.PrivateDNSStatus{}
	}
	// proof are the records of the zone beside those of the hosts.
	proof := func(want ...string) {
		t.Helper()
		got := slices.DeleteFunc(records(h), func(r string) bool { return slices.Contains(hosts, r) })
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("records beside those of the hosts: %v, want %v", got, want)
		}
	}
	its := func() []string {
		return []string{"TXT " + dns().RecordName, "TXT _portkey-owner." + dns().RecordName}
	}
	verified := func() {
		t.Helper()
		until(t, h, key, 5*time.Minute, "the verification", func() bool { return dns().Verification == "verified" })
	}

	m := mark(h)
	name(host)
	verified()
	proof(its()...)
	asked := 0
	for _, c := range since(h, m) {
		if c.Action == "StartVpcEndpointServicePrivateDnsVerification" {
			asked++
			if got := strings.Join(mutations(since(h, m))[:1], ""); got == c.Service+":"+c.Action {
				t.Error("AWS is asked before there is a record")
			}
		}
	}
	if asked != 1 {
		t.Errorf("AWS was asked %d times to look for the record", asked)
	}
	if c := controlPlane(t, h, key); c.Reason != v1alpha1.ReasonAwaitingConnection {
		t.Errorf("got %+v", c)
	}
	settle(t, h, key)
	quiet(t, h, key)
	unplanned(t, h, key)
	loseStatus(t, h, key)
	m = mark(h)
	ready(t, h, key)
	settle(t, h, key)
	if got := mutations(since(h, m)); len(got) > 0 {
		t.Errorf("after status was lost, AWS is changed: %v", got)
	}

	// Another endpoint service has another record.
	first := dns()
	c := console.New(h.Emulator.Server, emulator.AccessKeyID)
	if _, err := c.EC2.DeleteVpcEndpointServiceConfigurations(t.Context(), &ec2.DeleteVpcEndpointServiceConfigurationsInput{ServiceIds: []string{serviceOf(t, h, key)}}); err != nil {
		t.Fatal(err)
	}
	until(t, h, key, time.Hour, "another service", func() bool { return dns().RecordName != first.RecordName && dns().Verification == "verified" })
	ready(t, h, key)
	proof(its()...)

	name("other." + zoneDomain)
	verified()
	proof(its()...)
	name("gw.elsewhere.example")
	if c := controlPlane(t, h, key); c.Reason != v1alpha1.ReasonPrivateDNSUnverified || !strings.Contains(c.Message, "create the TXT record "+dns().RecordName) {
		t.Errorf("got %+v", c)
	}
	proof()
	name(host)
	verified()
	proof(its()...)
	name("")
	proof()
	name(host)
	verified()
	become(t, h, key, func(_ *harness.Harness, s *spec) { s.ControlPlane = nil })
	proof()
	settle(t, h, key)
	quiet(t, h, key)
	name(host)
	verified()
	h.Watch = nil
	h.Delete(key)
	gone(t, h, key, there)
}

// TestInboundProofElsewhere: in a private hosted zone AWS looks for nothing, so no record is made there, and the message
// says so; one that somebody has made in a public zone serves as it is, and stays.
func TestInboundProofElsewhere(t *testing.T) {
	harness.Unraced(t)
	t.Parallel()
	const host = "gateway." + zoneDomain
	given := func(zone string) func(*harness.Harness, *spec) {
		return func(h *harness.Harness, s *spec) {
			addressed(zone)(h, s)
			s.LoadBalancer.Certificate, s.LoadBalancer.CertificateARN = nil, ""
			s.LoadBalancer.Type, s.LoadBalancer.Hosts = v1alpha1.LoadBalancerApplication, &v1alpha1.Hosts{Gateway: host}
			s.ControlPlane = byLink(v1alpha1.InboundEndpointService{PrivateDNSName: host})
		}
	}
	before := harness.New()
	addZones(before)
	there := before.Emulator.Server.Resources(false)
	h, key := begun(t, inZones(given(privateZone)))
	if c := controlPlane(t, h, key); c.Reason != v1alpha1.ReasonPrivateDNSUnverified || !strings.Contains(c.Message, "the hosted zone "+privateZone+" is private, where AWS doesn't look") {
		t.Errorf("got %+v", c)
	}
	txt := func() []string {
		return slices.DeleteFunc(records(h), func(r string) bool { return !strings.HasPrefix(r, "TXT _") || strings.HasSuffix(r, "owner."+host) })
	}
	if got := txt(); len(got) > 0 {
		t.Errorf("records: %v", got)
	}
	d := *h.Get(key).Status.ControlPlane.Inbound.PrivateDNS
	h.Emulator.SetTXT(d.RecordName, d.RecordValue)
	until(t, h, key, time.Hour, "the verification", func() bool { return h.Get(key).Status.ControlPlane.Inbound.PrivateDNS.Verification == "verified" })
	w, err := h.Reconciler.Worlds.World(t.Context(), "us-east-1")
	if err != nil {
		t.Fatal(err)
	}
	byHand := func(do r53types.ChangeAction) {
		t.Helper()
		if _, err := w.Route53.ChangeResourceRecordSets(t.Context(), &route53.ChangeResourceRecordSetsInput{HostedZoneId: sdk.String(publicZone), ChangeBatch: &r53types.ChangeBatch{Changes: []r53types.Change{{
			Action: do, ResourceRecordSet: &r53types.ResourceRecordSet{Name: &d.RecordName, Type: r53types.RRTypeTxt, TTL: sdk.Int64(300),
				ResourceRecords: []r53types.ResourceRecord{{Value: sdk.String(`"` + d.RecordValue + `"`)}}},
		}}}}); err != nil {
			t.Fatal(err)
		}
	}
	byHand(r53types.ChangeActionCreate)
	become(t, h, key, given(publicZone))
	if got := txt(); !slices.Equal(got, []string{"TXT " + d.RecordName}) {
		t.Errorf("records: %v", got)
	}
	settle(t, h, key)
	quiet(t, h, key)
	h.Delete(key)
	if err := h.Until(key, 2*time.Hour, "deletion", harness.Gone); err != nil {
		t.Fatal(err)
	}
	byHand(r53types.ChangeActionDelete) // it is still there
	if left := difference(h.Emulator.Server.Resources(false), there); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
}

// TestInboundProofKilled kills the manager around its calls while the record comes, is exchanged for that of another name,
// and goes: there is one, or none, and nothing is left.
func TestInboundProofKilled(t *testing.T) {
	harness.Unraced(t)
	t.Parallel()
	there := beforehand()
	for i := range 8 {
		h, key := begun(t, inZones(addressed(publicZone)))
		hosts := len(records(h))
		for _, name := range []v1alpha1.HostName{"gateway." + zoneDomain, "other." + zoneDomain, ""} {
			h.Edit(key, func(gw *v1alpha1.PortkeyGateway) {
				gw.Spec.ControlPlane = byLink(v1alpha1.InboundEndpointService{PrivateDNSName: name})
			})
			(&mortal{left: 1 + 3*i, lost: i%2 == 0}).lives(h, key, walks(30))
			if i%4 == 3 {
				loseStatus(t, h, key)
			}
			ready(t, h, key)
			settle(t, h, key)
			ready(t, h, key)
			d := h.Get(key).Status.ControlPlane.Inbound.PrivateDNS
			if n := len(records(h)) - hosts; name == "" && n != 0 || name != "" && (n != 2 || !slices.Contains(records(h), "TXT "+d.RecordName) || d.Verification != "verified") {
				t.Errorf("killed after %d calls, with the name %q: %v, %+v", 1+3*i, name, records(h), d)
			}
		}
		h.Delete(key)
		gone(t, h, key, there)
	}
}
