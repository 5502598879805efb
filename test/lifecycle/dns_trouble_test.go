package lifecycle

import (
	"net/http"
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
)

const firstHost, secondHost = "gateway." + zoneDomain, "ai." + zoneDomain

func renamed(h *harness.Harness, key types.NamespacedName, host v1alpha1.HostName) {
	h.Edit(key, func(gw *v1alpha1.PortkeyGateway) { gw.Spec.LoadBalancer.Hosts.Gateway = host })
}

// dies lets the manager die at its n-th change of certificates or records, until it has what done waits for; false when
// it makes fewer.
func dies(t *testing.T, h *harness.Harness, key types.NamespacedName, n int, lost bool, done func(*v1alpha1.PortkeyGateway) bool) bool {
	t.Helper()
	m := &mortal{left: 1, lost: lost}
	seen := 0
	h.Reconciler.Client = m.kube(h.Kube)
	kill := m.transport(h) //nolint:bodyclose // the SDK closes what it is given
	h.Transport = func(r *http.Request) (*http.Response, error) {
		service, action, err := h.Emulator.Server.Operation(r)
		if err != nil {
			return nil, err
		}
		if (service == "acm" || service == "route53") && !(core.CallRecord{Action: action}).ReadOnly() && !m.dead {
			if seen++; seen == n {
				return kill(r)
			}
		}
		if m.dead {
			return nil, errDead
		}
		h.Lock()
		defer h.Unlock()
		return h.Emulator.Server.Do(r)
	}
	for end := h.Clock.Now().Add(3 * time.Hour); !m.dead && h.Get(key) != nil && !done(h.Get(key)) && h.Clock.Now().Before(end); {
		_ = h.Step(key)
	}
	h.Transport = nil
	h.Restart()
	return m.dead
}

// onward lets the gateway be looked after for some syncs, as often as it asks for.
func onward(t *testing.T, h *harness.Harness, key types.NamespacedName) {
	t.Helper()
	if err := h.Pass(key, 20*time.Minute); err != nil {
		t.Fatal(err)
	}
}

// TestDNSKilled kills the manager before and after each of its changes of certificates and records: at creation, when
// the host becomes another, and at deletion. Nothing is made twice, and nothing is left.
func TestDNSKilled(t *testing.T) {
	harness.Unraced(t)
	t.Parallel()
	for _, lost := range []bool{false, true} {
		for n := 1; n <= 5; n++ {
			if !harness.Sample(n) {
				continue
			}
			h := harness.New()
			addZones(h)
			before := h.Emulator.Server.Resources(false)
			gw := h.Minimal("gw")
			addressed(publicZone)(h, &gw.Spec)
			key := h.Create(gw)
			if dies(t, h, key, n, lost, harness.Ready) != (n <= 3) {
				t.Errorf("a creation makes three changes, and not so at %d", n)
			}
			ready(t, h, key)
			renamed(h, key, secondHost)
			dies(t, h, key, n, lost, harness.Ready)
			if n%2 == 0 {
				loseStatus(t, h, key)
			}
			ready(t, h, key)
			onward(t, h, key)
			if got := certificates(h); !slices.Equal(got, []string{"ISSUED " + secondHost}) {
				t.Errorf("killed at %d, applied: %t: certificates %v", n, lost, got)
			}
			if got := records(h); len(got) != 4 || slices.ContainsFunc(got, func(r string) bool { return strings.Contains(r, firstHost) }) {
				t.Errorf("killed at %d, applied: %t: records %v", n, lost, got)
			}
			h.Delete(key)
			dies(t, h, key, n, lost, func(*v1alpha1.PortkeyGateway) bool { return false })
			gone(t, h, key, before)
		}
	}
}

// TestDNSForgotten: status is lost when hosts and zone have just become others. What was made for the old ones is found,
// and goes.
func TestDNSForgotten(t *testing.T) {
	h, key, before := zoned(t)
	h.Edit(key, func(gw *v1alpha1.PortkeyGateway) {
		gw.Spec.LoadBalancer.Hosts.Gateway, gw.Spec.LoadBalancer.DNS.HostedZoneID = "ai.other.example.org", otherZone
	})
	loseStatus(t, h, key)
	h.Restart()
	ready(t, h, key)
	onward(t, h, key)
	if got := certificates(h); !slices.Equal(got, []string{"ISSUED ai.other.example.org"}) {
		t.Errorf("certificates: %v", got)
	}
	for _, r := range records(h) {
		if strings.Contains(r, zoneDomain) {
			t.Errorf("left in the first zone: %s", r)
		}
	}
	loseStatus(t, h, key)
	h.Restart()
	h.Delete(key)
	gone(t, h, key, before)
}

// TestDNSOfOthers: somebody else's records and certificates are left as they are.
func TestDNSOfOthers(t *testing.T) {
	h := harness.New()
	addZones(h)
	scope := core.Scope{Account: emulator.Account, Region: "us-east-1"}
	var theirs string
	locked(h, func() { // a look-alike: the same domain, found by the same list
		theirs = h.Emulator.ACM.Add(scope, "88888888-0000-0000-0000-000000000000", "ISSUED", firstHost)
		h.Emulator.Route53.AddRecord(publicZone, firstHost, "TXT", `"v=spf1 -all"`)
		h.Emulator.Route53.AddRecord(publicZone, "_dmarc."+firstHost, "TXT", `"v=DMARC1"`)
	})
	before := h.Emulator.Server.Resources(false)
	gw := h.Minimal("gw")
	addressed(publicZone)(h, &gw.Spec)
	key := h.Create(gw)
	ready(t, h, key)
	validation := ""
	for _, r := range records(h) {
		if rest, ok := strings.CutPrefix(r, "CNAME "); ok {
			validation = rest
		}
	}

	// Somebody needs the validation record too, and says so beside it.
	locked(h, func() {
		for _, r := range h.Emulator.World.Resources(false) {
			if r.Kind == "RecordSet" && r.Name == "_portkey-owner."+validation+"." {
				h.Emulator.Route53.AddRecord(publicZone, r.Name, "TXT", append(r.Settings["values"].([]string), `"terraform, network team"`)...)
			}
		}
	})
	settle(t, h, key)
	quiet(t, h, key)

	// Somebody takes the alias over: it is put right, since the proof is there. With the proof gone, it is theirs.
	locked(h, func() {
		h.Emulator.Route53.RemoveRecord(publicZone, firstHost, "A")
		h.Emulator.Route53.AddRecord(publicZone, firstHost, "A", "192.0.2.1")
	})
	settle(t, h, key)
	ready(t, h, key)
	if p := visit(h, firstHost); p != "" {
		t.Error(p)
	}
	locked(h, func() {
		h.Emulator.Route53.RemoveRecord(publicZone, firstHost, "A")
		h.Emulator.Route53.RemoveRecord(publicZone, "_portkey-owner."+firstHost, "TXT")
		h.Emulator.Route53.AddRecord(publicZone, firstHost, "A", "192.0.2.1")
	})
	settle(t, h, key)
	c := meta.FindStatusCondition(h.Get(key).Status.Conditions, v1alpha1.ConditionRoutingReady)
	if c.Reason != v1alpha1.ReasonConflict || !meta.IsStatusConditionTrue(h.Get(key).Status.Conditions, v1alpha1.ConditionAvailable) {
		t.Errorf("a record that is somebody else's now:\n%s", harness.Story(h.Get(key)))
	}
	h.Delete(key)
	if err := h.Until(key, 2*time.Hour, "deletion", harness.Gone); err != nil {
		t.Fatal(err)
	}
	want := []string{"A " + firstHost, "CNAME " + validation, "TXT _portkey-owner." + validation}
	left := slices.DeleteFunc(records(h), func(r string) bool { return r == "TXT "+firstHost || r == "TXT _dmarc."+firstHost })
	if slices.Sort(want); !slices.Equal(left, want) {
		t.Errorf("records left: %v, want %v", left, want)
	}
	if gone := difference(before, h.Emulator.Server.Resources(false)); len(gone) > 0 {
		t.Errorf("of somebody else's is gone: %v", gone)
	}
	if found, _ := h.Emulator.ACM.Certificate(scope, theirs); !found {
		t.Error("somebody else's certificate is gone")
	}
}

// TestDNSHandedOver: a record that somebody made is handed over by the TXT record that the refusal tells, and a
// validation record that was there before stays.
func TestDNSHandedOver(t *testing.T) {
	h, key, _ := zoned(t)
	var validation core.Resource
	for _, r := range h.Emulator.Server.Resources(false) {
		if r.Kind == "RecordSet" && r.Settings["type"] == "CNAME" {
			validation = r
		}
	}
	h.Delete(key)
	if err := h.Until(key, 2*time.Hour, "deletion", harness.Gone); err != nil {
		t.Fatal(err)
	}
	locked(h, func() {
		h.Emulator.Route53.AddRecord(publicZone, firstHost, "CNAME", "old.example.net.")
		h.Emulator.Route53.AddRecord(publicZone, validation.Name, "CNAME", validation.Settings["values"].([]string)...)
	})
	before := h.Emulator.Server.Resources(false)
	gw := h.Minimal("gw")
	addressed(publicZone)(h, &gw.Spec)
	key = h.Create(gw)
	for range 3 {
		if err := h.Step(key); err != nil {
			t.Fatal(err)
		}
	}
	told := meta.FindStatusCondition(h.Get(key).Status.Conditions, v1alpha1.ConditionAccepted).Message
	_, rest, ok := strings.Cut(told, "create the record _portkey-owner."+firstHost+" TXT ")
	if !ok {
		t.Fatal(told)
	}
	locked(h, func() {
		h.Emulator.Route53.AddRecord(publicZone, "_portkey-owner."+firstHost, "TXT", strings.TrimSuffix(rest, " beside it"))
	})
	ready(t, h, key)
	if p := visit(h, firstHost); p != "" {
		t.Error(p)
	}
	quiet(t, h, key)
	h.Delete(key)
	if err := h.Until(key, 2*time.Hour, "deletion", harness.Gone); err != nil {
		t.Fatal(err)
	}
	if left := records(h); !slices.Equal(left, []string{"CNAME " + strings.TrimSuffix(validation.Name, ".")}) {
		t.Errorf("records left: %v, before %d objects", left, len(before))
	}
}

// TestCertificateRefused: what AWS refuses to issue is told, and requested again after a day, beside the one that failed.
func TestCertificateRefused(t *testing.T) {
	harness.Unraced(t)
	h := harness.New()
	addZones(h)
	before := h.Emulator.Server.Resources(false)
	gw := h.Minimal("gw")
	addressed(publicZone)(h, &gw.Spec)
	key := h.Create(gw)
	if err := h.Until(key, time.Hour, "the request", func(*v1alpha1.PortkeyGateway) bool { return len(certificates(h)) == 1 }); err != nil {
		t.Fatal(err)
	}
	locked(h, func() {
		for _, r := range h.Emulator.World.Resources(false) {
			if r.Kind == "Certificate" && r.State == "PENDING_VALIDATION" {
				h.Emulator.ACM.Fail(core.Scope{Account: emulator.Account, Region: "us-east-1"}, r.ARN, "CAA_ERROR")
			}
		}
	})
	err := h.Until(key, time.Hour, "the failure", func(gw *v1alpha1.PortkeyGateway) bool {
		c := meta.FindStatusCondition(gw.Status.Conditions, v1alpha1.ConditionRoutingReady)
		return c != nil && c.Reason == v1alpha1.ReasonBroken && strings.Contains(c.Message, "CAA_ERROR")
	})
	if err != nil {
		t.Fatal(err)
	}
	m := mark(h)
	if err := h.Pass(key, 23*time.Hour); err != nil {
		t.Fatal(err)
	}
	if n := counted(applied(since(h, m)))["acm:RequestCertificate"]; n != 0 {
		t.Errorf("requested %d times more within a day", n)
	}
	if err := h.Pass(key, 3*time.Hour); err != nil {
		t.Fatal(err)
	}
	ready(t, h, key)
	settle(t, h, key)
	if got := certificates(h); !slices.Equal(got, []string{"ISSUED " + firstHost}) {
		t.Errorf("certificates: %v", got)
	}
	h.Delete(key)
	gone(t, h, key, before)
}

// TestDNSUndelegated: a certificate whose records are in a hosted zone that nobody's resolver asks is waited for, and after
// an hour the condition says what to do.
func TestDNSUndelegated(t *testing.T) {
	h := harness.New()
	addZones(h) // the first zone of the domain is the one that is delegated to
	const undelegated = "Z0PUBLIC00000000003"
	locked(h, func() {
		h.Emulator.Route53.AddZone(core.Scope{Account: emulator.Account}, undelegated, zoneDomain, false)
	})
	before := h.Emulator.Server.Resources(false)
	gw := h.Minimal("gw")
	addressed(undelegated)(h, &gw.Spec)
	key := h.Create(gw)
	told := func() string {
		c := meta.FindStatusCondition(h.Get(key).Status.Conditions, v1alpha1.ConditionReady)
		if c == nil || c.Reason != v1alpha1.ReasonAwaitingDNSValidation {
			t.Fatalf("got %+v", c)
		}
		return c.Message
	}
	if err := h.Pass(key, 30*time.Minute); err != nil {
		t.Fatal(err)
	}
	if said := told(); !strings.Contains(said, "takes some minutes") {
		t.Error(said)
	}
	if err := h.Pass(key, time.Hour); err != nil {
		t.Fatal(err)
	}
	_, record, ok := strings.Cut(told(), "Make sure that the domain is delegated to the hosted zone, by that zone's name servers, or create them where the domain's DNS is: ")
	parts := strings.Split(record, " ")
	if !ok || len(parts) != 3 {
		t.Fatal(told())
	}
	locked(h, func() { h.Emulator.Route53.AddRecord(publicZone, parts[0], parts[1], parts[2]+".") })
	ready(t, h, key)
	quiet(t, h, key)
	locked(h, func() { h.Emulator.Route53.RemoveRecord(publicZone, parts[0], parts[1]) })
	h.Delete(key)
	gone(t, h, key, before)
}
