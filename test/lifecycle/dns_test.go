package lifecycle

import (
	"slices"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/types"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/hack/harness"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/elbv2"
)

// Hosted zones of a user's.
const (
	publicZone  = "Z0PUBLIC00000000001"
	otherZone   = "Z0PUBLIC00000000002"
	privateZone = "Z0PRIVATE0000000001"
	zoneDomain  = "acme.example.org"
)

func addZones(h *harness.Harness) {
	locked(h, func() {
		scope := core.Scope{Account: emulator.Account}
		for id, domain := range map[string]string{publicZone: zoneDomain, otherZone: "other.example.org"} {
			h.Emulator.Route53.AddZone(scope, id, domain, false)
		}
		h.Emulator.Route53.AddZone(scope, privateZone, zoneDomain, true)
	})
}

// addressed is a load balancer with hosts, a certificate that is requested, and records in a zone.
func addressed(zone string, change ...func(*v1alpha1.LoadBalancer)) func(*harness.Harness, *spec) {
	return func(_ *harness.Harness, s *spec) {
		s.LoadBalancer = &v1alpha1.LoadBalancer{
			Type: v1alpha1.LoadBalancerApplication, Hosts: &v1alpha1.Hosts{Gateway: "gateway." + zoneDomain},
			Certificate: &v1alpha1.LoadBalancerCertificate{Request: true},
		}
		if zone != "" {
			s.LoadBalancer.DNS = &v1alpha1.LoadBalancerDNS{HostedZoneID: zone}
		}
		for _, f := range change {
			f(s.LoadBalancer)
		}
	}
}

func inZones(f func(*harness.Harness, *spec)) func(*harness.Harness, *spec) {
	return func(h *harness.Harness, s *spec) { addZones(h); f(h, s) }
}

// records are the records of the user's zones, as "A gateway.acme.example.org".
func records(h *harness.Harness) []string {
	var out []string
	for _, r := range h.Emulator.Server.Resources(false) {
		if r.Kind == "RecordSet" {
			out = append(out, r.Settings["type"].(string)+" "+strings.TrimSuffix(r.Name, "."))
		}
	}
	slices.Sort(out)
	return out
}

// visit opens a host as a client in the VPC does: by DNS, over TLS, at the listener that there is.
func visit(h *harness.Harness, host string) string {
	var name string
	var ok bool
	locked(h, func() { name, ok = h.Emulator.Route53.Resolve(host, true) })
	if !ok {
		return host + " doesn't resolve"
	}
	o := route(h, elbv2.ClientRequest{DNS: name, Port: 443, TLS: true, Source: insider, Host: host, Path: "/v1/chat"})
	if o.Problem == "" && o.Status != "" {
		return host + " gets " + o.Status
	}
	return o.Problem
}

// onTheWay watches that one of some hosts is served at every moment.
func onTheWay(t *testing.T, h *harness.Harness, hosts ...string) {
	t.Helper()
	h.Watch = func() {
		var problems []string
		for _, host := range hosts {
			p := visit(h, host)
			if p == "" {
				return
			}
			problems = append(problems, p)
		}
		t.Errorf("at %s nobody is served: %s", h.Clock.Now().Format(time.TimeOnly), strings.Join(problems, ", "))
		h.Watch = nil
	}
	t.Cleanup(func() { h.Watch = nil })
}

func become(t *testing.T, h *harness.Harness, key types.NamespacedName, change func(*harness.Harness, *spec)) {
	t.Helper()
	h.Edit(key, func(gw *v1alpha1.PortkeyGateway) { change(h, &gw.Spec) })
	ready(t, h, key)
}

func certificates(h *harness.Harness) []string {
	var out []string
	for _, r := range h.Emulator.Server.Resources(false) {
		if r.Kind == "Certificate" && r.Tags["ecs.portkey.ai/node"] != "" {
			out = append(out, r.State+" "+strings.Join(r.Settings["names"].([]string), " "))
		}
	}
	slices.Sort(out)
	return out
}

// zoned begins with a gateway whose names and certificate come from a zone.
func zoned(t *testing.T, change ...func(*v1alpha1.LoadBalancer)) (*harness.Harness, types.NamespacedName, []core.Resource) {
	t.Helper()
	h := harness.New()
	addZones(h)
	before := h.Emulator.Server.Resources(false)
	gw := h.Minimal("gw")
	addressed(publicZone, change...)(h, &gw.Spec)
	key := h.Create(gw)
	ready(t, h, key)
	settle(t, h, key)
	return h, key, before
}

// TestDNS: a name and a certificate from nothing, other hosts, another zone, the user's own certificate and back, no
// records any more; clients are served at every moment, by one of the names that they may know. Nothing is left.
func TestDNS(t *testing.T) {
	harness.Unraced(t)
	h, key, before := zoned(t)
	gateway := "gateway." + zoneDomain
	if p := visit(h, gateway); p != "" {
		t.Fatal(p)
	}
	if got := h.Get(key).Status; len(got.DNSRecords) > 0 || got.Endpoints.Gateway != "https://"+gateway {
		t.Errorf("status: %+v %+v", got.DNSRecords, got.Endpoints)
	}
	had := records(h)
	if len(had) != 4 { // the alias and the CNAME that proves it, each with its owner
		t.Errorf("records: %v", had)
	}
	quiet(t, h, key)

	onTheWay(t, h, gateway, "ai."+zoneDomain)
	become(t, h, key, addressed(publicZone, func(lb *v1alpha1.LoadBalancer) { lb.Hosts.Gateway = "ai." + zoneDomain }))
	if got := certificates(h); !slices.Equal(got, []string{"ISSUED ai." + zoneDomain}) {
		t.Errorf("certificates after another host: %v", got)
	}
	if got := records(h); len(got) != 4 || slices.ContainsFunc(got, func(r string) bool { return strings.Contains(r, gateway) }) {
		t.Errorf("records after another host: %v", got)
	}

	onTheWay(t, h, "ai."+zoneDomain, "ai.other.example.org")
	become(t, h, key, addressed(otherZone, func(lb *v1alpha1.LoadBalancer) { lb.Hosts.Gateway = "ai.other.example.org" }))
	for _, r := range records(h) {
		if strings.Contains(r, zoneDomain) {
			t.Errorf("left in the first zone: %s", r)
		}
	}
	settle(t, h, key)
	if c := meta.FindStatusCondition(h.Get(key).Status.Conditions, v1alpha1.ConditionInSync); c.Reason != v1alpha1.ReasonInSync {
		t.Errorf("moving on is called drift: %s", c.Message)
	}
	quiet(t, h, key)

	onTheWay(t, h, "ai.other.example.org")
	var own string
	locked(h, func() {
		own = h.Emulator.ACM.Add(core.Scope{Account: emulator.Account, Region: "us-east-1"}, "77777777-0000-0000-0000-000000000000", "ISSUED", "*.other.example.org")
	})
	mine := func(lb *v1alpha1.LoadBalancer) { lb.Hosts.Gateway = "ai.other.example.org" }
	become(t, h, key, addressed(otherZone, mine, func(lb *v1alpha1.LoadBalancer) { lb.Certificate, lb.CertificateARN = nil, own }))
	if got := certificates(h); len(got) > 0 {
		t.Errorf("with the user's certificate there still are %v", got)
	}
	become(t, h, key, addressed(otherZone, mine))
	if got := certificates(h); !slices.Equal(got, []string{"ISSUED ai.other.example.org"}) {
		t.Errorf("certificates after going back: %v", got)
	}
	h.Watch = nil

	// The certificate is the same, and now the user's to keep valid; the name is the user's to make.
	become(t, h, key, addressed("", mine))
	if got := records(h); len(got) > 0 {
		t.Errorf("records without dns: %v", got)
	}
	if got := h.Get(key).Status.DNSRecords; len(got) != 2 {
		t.Errorf("status.dnsRecords: %+v", got)
	}
	if o := route(h, elbv2.ClientRequest{DNS: dnsName(h, key), Port: 443, TLS: true, Source: insider, Host: "ai.other.example.org", Path: "/"}); o.Problem != "" || o.Status != "" {
		t.Errorf("the load balancer no longer serves: %+v", o)
	}
	become(t, h, key, addressed(otherZone, mine))
	settle(t, h, key)
	quiet(t, h, key)
	locked(h, func() { h.Emulator.ACM.Remove(core.Scope{Account: emulator.Account, Region: "us-east-1"}, own) })
	h.Delete(key)
	gone(t, h, key, before)
}

// TestDNSByHand: without a zone, status says what to create, and the gateway waits for it without tiring.
func TestDNSByHand(t *testing.T) {
	harness.Unraced(t)
	h := harness.New()
	before := h.Emulator.Server.Resources(false)
	gw := h.Minimal("gw")
	addressed("")(h, &gw.Spec)
	key := h.Create(gw)
	waits := func(gw *v1alpha1.PortkeyGateway) bool {
		c := meta.FindStatusCondition(gw.Status.Conditions, v1alpha1.ConditionReady)
		return c != nil && c.Reason == v1alpha1.ReasonAwaitingDNSValidation && len(gw.Status.DNSRecords) == 2 && len(gw.Status.Services) == 1
	}
	if err := h.Until(key, time.Hour, "waiting for somebody", waits); err != nil {
		t.Fatal(err)
	}
	m := mark(h)
	if err := h.Pass(key, 200*time.Hour); err != nil {
		t.Fatal(err)
	}
	calls := since(h, m)
	if requests := counted(applied(calls))["acm:RequestCertificate"]; requests != 2 {
		t.Errorf("%d certificates were requested in the next 200 hours, of which AWS waits 72 each time", requests)
	}
	status := h.Get(key).Status
	if meta.IsStatusConditionTrue(status.Conditions, v1alpha1.ConditionStalled) {
		t.Errorf("stalled:\n%s", harness.Story(h.Get(key)))
	}
	for _, r := range status.DNSRecords {
		locked(h, func() { h.Emulator.Route53.AddElsewhere(r.Name, r.Type, r.Value) })
	}
	ready(t, h, key)
	if p := visit(h, "gateway."+zoneDomain); p != "" {
		t.Error(p)
	}
	quiet(t, h, key)
	h.Delete(key)
	gone(t, h, key, before)
}
