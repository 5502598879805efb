package controllers

import (
	"crypto/x509"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/internal/reach"
)

func TestBadNewsIsOnlyWhatIsProved(t *testing.T) {
	public, private := netip.MustParseAddr("198.51.100.7"), netip.MustParseAddr("10.0.0.7")
	good := &x509.Certificate{}
	for _, tt := range []struct {
		why    string
		answer reach.Answer
		status metav1.ConditionStatus
		says   string
	}{
		{"all is well", reach.Answer{Stage: reach.Answered, Status: 200, Remote: public, Certificate: good}, "True", "GET https://a.example.com/v1/health answers 200"},
		{"a private address answers as it should", reach.Answer{Stage: reach.Answered, Status: 200, Remote: private}, "True", "answers 200"},
		{"the load balancer has no healthy task", reach.Answer{Stage: reach.Answered, Status: 503, Remote: public}, "False", "answers 503, and not 200"},
		{"its certificate proves who answers at a private address", reach.Answer{Stage: reach.Answered, Status: 404, Remote: private, Certificate: good}, "False", "answers 404"},
		{"anybody may answer at a private address", reach.Answer{Stage: reach.Answered, Status: 404, Remote: private}, "Unknown", "may be another machine"},
		{"a certificate of another's at a private address proves nothing", reach.Answer{Stage: reach.Untrusted, Why: "the certificate is for secret.internal", Remote: private}, "Unknown", "may be another machine"},
		{"at a public address it does", reach.Answer{Stage: reach.Untrusted, Why: "the certificate has expired", Remote: public}, "False", "the certificate has expired"},
		{"a public address that hangs up", reach.Answer{Stage: reach.Unanswered, Why: "it broke", Remote: public}, "False", "it broke"},
		{"the manager is elsewhere", reach.Answer{Stage: reach.Unconnected, Why: "10.0.0.7:443 refuses connections"}, "Unknown", "no connection with the load balancer from where the manager is"},
		{"no DNS here", reach.Answer{Stage: reach.Unresolved, Why: "x doesn't resolve"}, "Unknown", "x doesn't resolve where the manager is"},
		{"a name that leads back here", reach.Answer{Stage: reach.Barred, Why: "127.0.0.1:443"}, "Unknown", "no connection"},
	} {
		v := judge([]question{{url: "https://a.example.com/v1/health", address: "b:443"}}, func(reach.Question) *reach.Answer { return &tt.answer })
		if v.status != tt.status || !strings.Contains(v.message, tt.says) || !v1alpha1.Documented(v1alpha1.ConditionReachable, string(v.status), v.reason) {
			t.Errorf("%s: %+v", tt.why, v)
		}
		for _, inside := range []string{"secret.internal", "refuses", "127.0.0.1"} {
			if v.status == metav1.ConditionUnknown && strings.Contains(v.message, inside) {
				t.Errorf("%s: the manager's network is told of: %s", tt.why, v.message)
			}
		}
	}
	v := judge([]question{{url: "https://a/", address: "b:443"}, {blind: "no host is set"}, {url: "https://c/", address: "b:443"}}, func(q reach.Question) *reach.Answer {
		if q.URL == "https://c/" {
			return &reach.Answer{Stage: reach.Answered, Status: 500, Remote: public}
		}
		return &reach.Answer{Stage: reach.Answered, Status: 200}
	})
	if v.status != metav1.ConditionFalse || strings.Contains(v.message, "no host is set") {
		t.Errorf("bad news isn't told first: %+v", v)
	}
}

// TestOnlyNamesOfAWSAreDialled: whatever hosts a spec names, the address is the load balancer's.
func TestOnlyNamesOfAWSAreDialled(t *testing.T) {
	gw := &v1alpha1.PortkeyGateway{Spec: v1alpha1.PortkeyGatewaySpec{Mode: v1alpha1.ModeAll, LoadBalancer: &v1alpha1.LoadBalancer{
		Type: v1alpha1.LoadBalancerApplication, CertificateARN: "arn", Hosts: &v1alpha1.Hosts{Gateway: "169.254.169.254.nip.example", MCP: "kubernetes.default.svc"},
	}}}
	for dns, want := range map[string]int{
		"portkey-1234567890.us-east-1.elb.amazonaws.com": 2, "internal-p-1.eu-west-1.elb.amazonaws.com": 2, "p-0a1b.elb.us-east-1.amazonaws.com": 2, "P-1.cn-north-1.elb.amazonaws.com.cn": 2,
		"": 0, "localhost": 0, "elb.us-east-1.amazonaws.com.evil.example": 0, "a.b.c.d.elb.amazonaws.com": 0, "x.elb.us-east-1.amazonaws.com:22": 0, "x.s3.us-east-1.amazonaws.com": 0,
	} {
		got := sights(gw, dns)
		if len(got) != want {
			t.Errorf("%q: %+v", dns, got)
		}
		for _, q := range got {
			if q.address != dns+":443" {
				t.Errorf("%q: %+v", dns, q)
			}
		}
	}
	gw.Spec.LoadBalancer.Hosts = nil
	for _, q := range sights(gw, "p-1.us-east-1.elb.amazonaws.com") {
		if q.url != "" || !strings.Contains(q.blind, "isn't set, so that no name is known") {
			t.Errorf("%+v", q)
		}
	}
}

// TestLooksAreLimited: however often a gateway is compared, and however many there are.
func TestLooksAreLimited(t *testing.T) {
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	var waiting []func()
	answer := &reach.Answer{Stage: reach.Answered, Status: 200}
	var woken []types.NamespacedName
	var mu sync.Mutex
	l := MakeLookout(func(reach.Question) *reach.Answer { return answer }, func(f func()) { waiting = append(waiting, f) }, func() time.Time { return now },
		func(key types.NamespacedName) { mu.Lock(); defer mu.Unlock(); woken = append(woken, key) })
	finish := func() int {
		n := len(waiting)
		for _, f := range waiting {
			f()
		}
		waiting = nil
		return n
	}
	const dns = "p-1.elb.us-east-1.amazonaws.com"
	gateway := func(name string) *v1alpha1.PortkeyGateway {
		gw := &v1alpha1.PortkeyGateway{ObjectMeta: metav1.ObjectMeta{Namespace: "d", Name: name, UID: types.UID(name)}, Spec: v1alpha1.PortkeyGatewaySpec{LoadBalancer: &v1alpha1.LoadBalancer{}}}
		c := conditions{gw, now}
		c.set(v1alpha1.ConditionReady, metav1.ConditionTrue, v1alpha1.ReasonReconciled, "")
		c.set(v1alpha1.ConditionAvailable, metav1.ConditionTrue, v1alpha1.ReasonServing, "")
		return gw
	}
	gw := gateway("a")
	fresh := &v1alpha1.PortkeyGatewayStatus{}
	look := func(gw *v1alpha1.PortkeyGateway, before *v1alpha1.PortkeyGatewayStatus, full bool) int {
		l.look(gw, before, dns, full)
		return finish()
	}
	for _, step := range []struct {
		why    string
		after  time.Duration
		before *v1alpha1.PortkeyGatewayStatus
		full   bool
		looks  int
	}{
		{"it has become Ready", 0, fresh, false, 1},
		{"it was asked a moment ago", 30 * time.Second, fresh, true, 0},
		{"nothing was compared", time.Hour, &gw.Status, false, 0},
		{"a drift check", 0, &gw.Status, true, 1},
		{"the next", 5 * time.Minute, &gw.Status, true, 1},
	} {
		now = now.Add(step.after)
		if n := look(gw, step.before, step.full); n != step.looks {
			t.Errorf("%s: %d looks", step.why, n)
		}
	}
	l.tell(gw, dns, now)
	if len(woken) == 0 {
		t.Error("nobody is told of the first look")
	}
	woken = nil
	now = now.Add(5 * time.Minute)
	if look(gw, &gw.Status, true) != 1 || len(woken) > 0 {
		t.Errorf("no news, and %v are reconciled", woken)
	}
	answer = &reach.Answer{Stage: reach.Unconnected}
	now = now.Add(5 * time.Minute)
	if look(gw, &gw.Status, true) != 1 || len(woken) != 1 {
		t.Errorf("news, and %v are reconciled", woken)
	}
	for range 11 { // an hour of drift checks
		if now = now.Add(5 * time.Minute); look(gw, &gw.Status, true) != 0 {
			t.Error("where there is no connection, it is tried again too soon")
		}
	}
	if now = now.Add(5 * time.Minute); look(gw, &gw.Status, true) != 1 {
		t.Error("after an hour it isn't tried again")
	}
	for i := range 3 * lookAtOnce {
		l.look(gateway(string(rune('A'+i))), fresh, dns, true)
	}
	if n := finish(); n != lookAtOnce {
		t.Errorf("%d gateways are looked at at once", n)
	}
	var none *Lookout
	none.look(gw, fresh, dns, true)
	none.forget(types.NamespacedName{})
	l.forget(types.NamespacedName{Namespace: "d", Name: "a"})
	if l.by[types.NamespacedName{Namespace: "d", Name: "a"}] != nil {
		t.Error("a gateway that is gone is remembered")
	}
}
