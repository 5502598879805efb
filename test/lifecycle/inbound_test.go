package lifecycle

import (
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/ptr"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/hack/harness"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/elbv2"
)

// otherAccount is an account that nobody here knows.
const otherAccount = "555555555555"

// byLink has Portkey's control plane come by PrivateLink.
func byLink(l v1alpha1.InboundEndpointService) *v1alpha1.ControlPlane {
	return &v1alpha1.ControlPlane{Inbound: &v1alpha1.Inbound{Type: v1alpha1.InboundPrivateLink, PrivateLink: &l}}
}

// controlPlane is the condition ControlPlaneReady.
func controlPlane(t *testing.T, h *harness.Harness, key types.NamespacedName) *metav1.Condition {
	t.Helper()
	c := meta.FindStatusCondition(h.Get(key).Status.Conditions, v1alpha1.ConditionControlPlaneReady)
	if c == nil {
		t.Fatalf("no condition ControlPlaneReady:\n%s", harness.Story(h.Get(key)))
	}
	return c
}

// serviceOf is the id of the endpoint service that status tells Portkey to connect to.
func serviceOf(t *testing.T, h *harness.Harness, key types.NamespacedName) string {
	t.Helper()
	c := h.Get(key).Status.ControlPlane
	if c == nil || c.Inbound == nil || c.Inbound.ServiceName == "" {
		t.Fatalf("status doesn't name the endpoint service: %+v", c)
	}
	return c.Inbound.ServiceName[strings.LastIndex(c.Inbound.ServiceName, ".")+1:]
}

// connects has an account ask for a connection.
func connects(t *testing.T, h *harness.Harness, service, account string) (endpoint string) {
	t.Helper()
	var err error
	locked(h, func() {
		endpoint, err = h.Emulator.EC2.ConnectEndpoint(service, core.Scope{Account: account, Region: "us-east-1"})
	})
	if err != nil {
		t.Fatal(err)
	}
	return endpoint
}

func connection(h *harness.Harness, endpoint string) (state string) {
	locked(h, func() { state = h.Emulator.EC2.EndpointState(endpoint) })
	return state
}

// arrives answers what becomes of a request that comes through the endpoint service, from an address in a network of
// Portkey's.
func arrives(t *testing.T, h *harness.Harness, key types.NamespacedName, q elbv2.ClientRequest) elbv2.Outcome {
	t.Helper()
	q.Source, q.Port = "172.31.7.7", int(h.Get(key).Status.ControlPlane.Inbound.Port)
	service, found := nodeOf(h.Emulator.Server.Resources(false), "vpc-endpoint-service/inbound")
	if !found {
		return elbv2.Outcome{Problem: "there is no endpoint service"}
	}
	balancer := service.Settings["networkLoadBalancerArnSet"].([]any)[0].(string)
	h.Emulator.World.Lock()
	defer h.Emulator.World.Unlock()
	return h.Emulator.ELB.RouteEndpoint(core.Scope{Account: emulator.Account, Region: "us-east-1"}, balancer, q)
}

// until reconciles until something is so.
func until(t *testing.T, h *harness.Harness, key types.NamespacedName, within time.Duration, what string, f func() bool) {
	t.Helper()
	if err := h.Until(key, within, what, func(*v1alpha1.PortkeyGateway) bool { return f() }); err != nil {
		t.Fatal(err)
	}
}

// unbroken ends a watch of clients.
func unbroken(t *testing.T, s *serving) {
	t.Helper()
	s.stop()
	for _, b := range s.broke {
		t.Errorf("clients weren't served at %s", b)
	}
}

// beforehand is what there is in AWS before a gateway, with hosted zones of the user's.
func beforehand() []core.Resource {
	h := harness.New()
	addZones(h)
	return h.Emulator.Server.Resources(false)
}

// TestInboundPrivateLink brings an endpoint service up before load balancers of each sort, has Portkey and a stranger
// connect, and proves that requests of Portkey's arrive, which the load balancer's security groups don't let in
// otherwise. Then all goes again. Clients are served all the while, and so is Portkey while it is connected.
func TestInboundPrivateLink(t *testing.T) {
	harness.Unraced(t)
	for _, tc := range []struct {
		name string
		edit func(*spec)
		q    elbv2.ClientRequest
		want string
	}{
		{"behind a Network Load Balancer", func(s *spec) {}, elbv2.ClientRequest{Path: "/v1/chat"}, "gateway-network-internal /v1/chat"},
		{"behind an Application Load Balancer, by way of a Network Load Balancer", func(s *spec) {
			s.LoadBalancer = &v1alpha1.LoadBalancer{Type: v1alpha1.LoadBalancerApplication}
		}, elbv2.ClientRequest{Path: "/v1/chat"}, "gateway-application-internal /v1/chat"},
		{"behind a public Application Load Balancer with TLS, hosts and a rollout that shifts traffic", func(s *spec) {
			s.Mode = v1alpha1.ModeAll
			s.Gateway = &v1alpha1.Gateway{Rollout: &v1alpha1.Rollout{Strategy: v1alpha1.RolloutBlueGreen}}
			s.LoadBalancer = &v1alpha1.LoadBalancer{
				Type: v1alpha1.LoadBalancerApplication, Scheme: v1alpha1.LoadBalancerInternetFacing, AllowedCIDRs: []string{"203.0.113.0/24"},
				CertificateARN: certificateOfHosts, Hosts: &v1alpha1.Hosts{Gateway: "gw." + emulator.CertificateDomain, MCP: "mcp." + emulator.CertificateDomain},
			}
		}, elbv2.ClientRequest{TLS: true, Host: "mcp.portkey.example.com", Path: "/x"}, "mcp-application-internet-facing /x"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			h := harness.New()
			before := h.Emulator.Server.Resources(false)
			gw := h.Minimal("gw")
			tc.edit(&gw.Spec)
			gw.Spec.ControlPlane = byLink(v1alpha1.InboundEndpointService{})
			key := h.Create(gw)
			ready(t, h, key)
			c := controlPlane(t, h, key)
			if c.Status != metav1.ConditionFalse || c.Reason != v1alpha1.ReasonAwaitingConnection || !strings.Contains(c.Message, "send Portkey service name com.amazonaws.vpce.us-east-1.vpce-svc-") {
				t.Fatalf("got %+v", c)
			}
			service := serviceOf(t, h, key)
			locked(h, func() {
				if _, err := h.Emulator.EC2.ConnectEndpoint(service, core.Scope{Account: otherAccount, Region: "us-east-1"}); err == nil {
					t.Error("a stranger may ask for a connection")
				}
			})
			endpoint := connects(t, h, service, v1alpha1.PortkeyAccount)
			until(t, h, key, 5*time.Minute, "the connection", func() bool { return connection(h, endpoint) == "available" })
			until(t, h, key, 5*time.Minute, "the condition", func() bool { return controlPlane(t, h, key).Status == metav1.ConditionTrue })
			if got := got(h, arrives(t, h, key, tc.q)); got != tc.want {
				t.Errorf("a request of Portkey's: got %q, want %q", got, tc.want)
			}
			s := watch(h, key)
			_, s.balanced = nodeOf(h.Emulator.Server.Resources(false), "listener/production-network-internal")
			clients, came := h.Watch, ""
			h.Watch = func() {
				clients()
				if got := got(h, arrives(t, h, key, tc.q)); got != tc.want && came == "" {
					came = h.Clock.Now().Format("15:04:05 ") + got
				}
			}
			settle(t, h, key)
			quiet(t, h, key)
			unplanned(t, h, key)
			become(t, h, key, func(_ *harness.Harness, s *spec) {
				s.ControlPlane = byLink(v1alpha1.InboundEndpointService{SupportedRegions: []string{"us-west-2"}})
			})
			h.Edit(key, image("2.17.0"))
			ready(t, h, key)
			settle(t, h, key)
			if h.Watch = clients; came != "" {
				t.Errorf("a request of Portkey's doesn't arrive at %s", came)
			}

			h.Edit(key, func(gw *v1alpha1.PortkeyGateway) { gw.Spec.ControlPlane = nil })
			ready(t, h, key)
			if state := connection(h, endpoint); state != "rejected" {
				t.Errorf("the connection is %s", state)
			}
			settle(t, h, key)
			if got := have(h, "vpc-endpoint-service/") + have(h, "load-balancer/private-link") + have(h, "target-group/private-link") + have(h, "security-group/private-link"); got != "" {
				t.Errorf("left: %s", got)
			}
			quiet(t, h, key)
			unbroken(t, s)
			h.Delete(key)
			gone(t, h, key, before)
		})
	}
}

// TestInboundPrivateDNSName gives the endpoint service a private DNS name: status says which record proves its
// ownership, and AWS is asked to look for it now and then until it is there.
func TestInboundPrivateDNSName(t *testing.T) {
	harness.Unraced(t)
	t.Parallel()
	before := harness.New().Emulator.Server.Resources(false)
	h, key := begun(t, linked(v1alpha1.InboundEndpointService{}))
	s := watch(h, key)
	name := func(n v1alpha1.HostName) {
		t.Helper()
		h.Edit(key, func(gw *v1alpha1.PortkeyGateway) {
			gw.Spec.ControlPlane = byLink(v1alpha1.InboundEndpointService{PrivateDNSName: n})
		})
		ready(t, h, key)
	}
	name("gw.acme.example")
	dns := func() v1alpha1.PrivateDNSStatus { return *h.Get(key).Status.ControlPlane.Inbound.PrivateDNS }
	c := controlPlane(t, h, key)
	if c.Reason != v1alpha1.ReasonPrivateDNSUnverified || !strings.Contains(c.Message, dns().RecordName) || !strings.Contains(c.Message, dns().RecordValue) {
		t.Fatalf("got %+v of %+v", c, dns())
	}
	if d := dns(); d.RecordType != "TXT" || !strings.HasSuffix(d.RecordName, ".gw.acme.example") {
		t.Fatalf("got %+v", d)
	}
	m := mark(h)
	for end := h.Clock.Now().Add(2 * time.Hour); h.Clock.Now().Before(end); {
		if err := h.Step(key); err != nil {
			t.Fatal(err)
		}
	}
	if n := counted(applied(since(h, m)))["ec2:StartVpcEndpointServicePrivateDnsVerification"]; n < 6 || n > 9 {
		t.Errorf("AWS was asked %d times in two hours to look for the record", n)
	}
	if !harness.Ready(h.Get(key)) {
		t.Errorf("what others have to do keeps Ready from being True:\n%s", harness.Story(h.Get(key)))
	}
	h.Emulator.SetTXT(dns().RecordName, dns().RecordValue)
	until(t, h, key, time.Hour, "the verification", func() bool { return dns().Verification == "verified" })
	until(t, h, key, time.Hour, "the condition", func() bool { return controlPlane(t, h, key).Reason == v1alpha1.ReasonAwaitingConnection })
	quiet(t, h, key)
	unplanned(t, h, key)

	first := dns()
	name("other.acme.example")
	if d := dns(); d.Verification == "verified" || d.RecordValue == first.RecordValue {
		t.Errorf("another name is verified anew, but status says %+v", d)
	}
	name("")
	if d := h.Get(key).Status.ControlPlane.Inbound.PrivateDNS; d != nil {
		t.Errorf("got %+v", d)
	}
	quiet(t, h, key)
	unbroken(t, s)
	h.Delete(key)
	gone(t, h, key, before)
}

// TestInboundUnanswered lets days pass in which nobody connects: AWS is asked less and less often whether somebody has.
func TestInboundUnanswered(t *testing.T) {
	h, key := begun(t, linked(v1alpha1.InboundEndpointService{}))
	h.Edit(key, func(gw *v1alpha1.PortkeyGateway) { gw.Spec.SyncInterval = &metav1.Duration{Duration: 24 * time.Hour} })
	ready(t, h, key)
	asked := func() int {
		t.Helper()
		m := mark(h)
		for end := h.Clock.Now().Add(2 * time.Hour); h.Clock.Now().Before(end); {
			if err := h.Step(key); err != nil {
				t.Fatal(err)
			}
		}
		n := 0
		for _, c := range since(h, m) {
			if c.Action == "DescribeVpcEndpointConnections" {
				n++
			}
		}
		return n
	}
	if first := asked(); first < 12 || first > 25 {
		t.Errorf("in the first two hours it was asked %d times", first)
	}
	if then := asked(); then < 8 || then > 9 {
		t.Errorf("in the next two it was asked %d times", then)
	}
	connects(t, h, serviceOf(t, h, key), v1alpha1.PortkeyAccount)
	until(t, h, key, 20*time.Minute, "the condition", func() bool { return controlPlane(t, h, key).Status == metav1.ConditionTrue })
	quiet(t, h, key)
}

// TestInboundAcceptance permits others besides Portkey: Portkey is accepted, others wait and are shown, and with
// acceptance Manual so does Portkey.
func TestInboundAcceptance(t *testing.T) {
	harness.Unraced(t)
	others := []string{"arn:aws:iam::" + v1alpha1.PortkeyAccount + ":root", "arn:aws:iam::" + otherAccount + ":root"}
	there := harness.New().Emulator.Server.Resources(false)
	h, key := begun(t, linked(v1alpha1.InboundEndpointService{AllowedPrincipals: others}))
	s := watch(h, key)
	service := serviceOf(t, h, key)
	theirs := connects(t, h, service, otherAccount)
	until(t, h, key, 5*time.Minute, "the other's request", func() bool { return controlPlane(t, h, key).Reason == v1alpha1.ReasonAwaitingAcceptance })
	c := controlPlane(t, h, key)
	for _, want := range []string{theirs + " of account " + otherAccount, "aws ec2 accept-vpc-endpoint-connections --region us-east-1 --service-id " + service + " --vpc-endpoint-ids " + theirs} {
		if !strings.Contains(c.Message, want) {
			t.Errorf("the message lacks %q: %s", want, c.Message)
		}
	}
	portkeys := connects(t, h, service, v1alpha1.PortkeyAccount)
	until(t, h, key, 5*time.Minute, "Portkey's connection", func() bool { return controlPlane(t, h, key).Status == metav1.ConditionTrue })
	if a, b := connection(h, portkeys), connection(h, theirs); a != "available" || b != "pendingAcceptance" {
		t.Errorf("Portkey's connection is %s, the other's %s", a, b)
	}
	if c := controlPlane(t, h, key); !strings.Contains(c.Message, portkeys+" of account "+v1alpha1.PortkeyAccount) || !strings.Contains(c.Message, theirs) {
		t.Errorf("got %s", c.Message)
	}
	quiet(t, h, key)

	h.Edit(key, func(gw *v1alpha1.PortkeyGateway) {
		gw.Spec.ControlPlane = byLink(v1alpha1.InboundEndpointService{Acceptance: v1alpha1.AcceptManually, AllowedPrincipals: others})
	})
	ready(t, h, key)
	again := connects(t, h, service, v1alpha1.PortkeyAccount)
	settle(t, h, key)
	if a, b := connection(h, portkeys), connection(h, again); a != "available" || b != "pendingAcceptance" {
		t.Errorf("by hand: Portkey's first connection is %s, its second %s", a, b)
	}
	found := map[string]string{}
	for _, x := range h.Get(key).Status.ControlPlane.Inbound.Connections {
		found[x.EndpointID] = x.AccountID + " " + strings.ToLower(x.State)
	}
	for id, want := range map[string]string{portkeys: v1alpha1.PortkeyAccount + " available", again: v1alpha1.PortkeyAccount + " pendingacceptance", theirs: otherAccount + " pendingacceptance"} {
		if found[id] != want {
			t.Errorf("status says of %s %q, want %q", id, found[id], want)
		}
	}
	unbroken(t, s)
	// Who is connected when the gateway goes is rejected first.
	h.Delete(key)
	gone(t, h, key, there)
	for _, id := range []string{portkeys, again, theirs} {
		if state := connection(h, id); state != "rejected" {
			t.Errorf("after the deletion %s is %s", id, state)
		}
	}
}

// TestInboundWithoutTasks: an Application Load Balancer without tasks answers 503 to the Network Load Balancer in front of
// it. A gateway that is asked for none is Ready all the same; one that is asked for some is once they are reached.
func TestInboundWithoutTasks(t *testing.T) {
	scaled := func(g v1alpha1.Gateway) func(*harness.Harness, *spec) {
		return func(_ *harness.Harness, s *spec) {
			s.Gateway = &g
			s.LoadBalancer = &v1alpha1.LoadBalancer{Type: v1alpha1.LoadBalancerApplication}
			s.ControlPlane = byLink(v1alpha1.InboundEndpointService{})
		}
	}
	none, one := scaled(v1alpha1.Gateway{Replicas: ptr.To[int32](0)}), scaled(v1alpha1.Gateway{Replicas: ptr.To[int32](1)})
	h, key := begun(t, none)
	quiet(t, h, key)
	arrived := func() string { return got(h, arrives(t, h, key, elbv2.ClientRequest{Path: "/v1/chat"})) }
	if got := arrived(); !strings.HasPrefix(got, "no target is healthy") {
		t.Errorf("without a task: %s", got)
	}
	become(t, h, key, one)
	if got := arrived(); got != "gateway-application-internal /v1/chat" {
		t.Errorf("with a task: %s", got)
	}
	become(t, h, key, none)
	settle(t, h, key)
	quiet(t, h, key)
	become(t, h, key, scaled(v1alpha1.Gateway{Autoscaling: &v1alpha1.Autoscaling{MaxReplicas: 2, TargetCPUPercent: ptr.To[int32](70)}}))
	settle(t, h, key)
	quiet(t, h, key)
}

// TestInboundWaitsForPort: an Application Load Balancer listens on another port once its certificate is issued, and isn't
// registered by that port before.
func TestInboundWaitsForPort(t *testing.T) {
	harness.Unraced(t)
	t.Parallel()
	there := beforehand()
	h := harness.New()
	addZones(h)
	gw := h.Minimal("gw")
	gw.Spec.LoadBalancer = &v1alpha1.LoadBalancer{Type: v1alpha1.LoadBalancerApplication}
	key := h.Create(gw)
	ready(t, h, key)
	s, m := watch(h, key), mark(h)
	s.balanced = false // it is an Application Load Balancer
	become(t, h, key, func(h *harness.Harness, s *spec) {
		addressed(publicZone)(h, s)
		s.ControlPlane = byLink(v1alpha1.InboundEndpointService{})
	})
	for _, c := range since(h, m) {
		if c.Action == "RegisterTargets" && c.Error != "" {
			t.Errorf("at %s: %s", c.Time.Format(time.TimeOnly), c.Message)
		}
	}
	if got := got(h, arrives(t, h, key, elbv2.ClientRequest{TLS: true, Host: "gateway." + zoneDomain, Path: "/v1/chat"})); got != "gateway-application-internal /v1/chat" {
		t.Errorf("a request of Portkey's: %s", got)
	}
	settle(t, h, key)
	quiet(t, h, key)
	unbroken(t, s)
	h.Delete(key)
	gone(t, h, key, there)
}

// TestInboundPortMoves: an Application Load Balancer that is registered by one port comes to listen on another. It stays
// registered by the old one for as long as the certificate for the new one is waited for.
func TestInboundPortMoves(t *testing.T) {
	harness.Unraced(t)
	t.Parallel()
	there := harness.New().Emulator.Server.Resources(false)
	plain := func(_ *harness.Harness, s *spec) {
		s.LoadBalancer = &v1alpha1.LoadBalancer{Type: v1alpha1.LoadBalancerApplication}
		s.ControlPlane = byLink(v1alpha1.InboundEndpointService{})
	}
	h, key := begun(t, plain)
	s := watch(h, key)
	s.balanced = false // it is an Application Load Balancer
	become(t, h, key, func(_ *harness.Harness, s *spec) { s.LoadBalancer.CertificateARN = certificateOfHosts })
	settle(t, h, key)
	quiet(t, h, key)
	become(t, h, key, plain)
	settle(t, h, key)
	quiet(t, h, key)

	m := mark(h)
	h.Edit(key, func(gw *v1alpha1.PortkeyGateway) { addressed("")(h, &gw.Spec) })
	if err := h.Pass(key, time.Hour); err != nil {
		t.Fatal(err)
	}
	for _, c := range since(h, m) {
		if c.Action == "RegisterTargets" || c.Action == "DeregisterTargets" {
			t.Errorf("at %s, while the certificate is waited for: %s %s", c.Time.Format(time.TimeOnly), c.Action, c.Message)
		}
	}
	locked(h, func() {
		for _, r := range h.Get(key).Status.DNSRecords {
			h.Emulator.Route53.AddElsewhere(r.Name, r.Type, r.Value)
		}
	})
	ready(t, h, key)
	if got := got(h, arrives(t, h, key, elbv2.ClientRequest{TLS: true, Host: "gateway." + zoneDomain, Path: "/v1/chat"})); got != "gateway-application-internal /v1/chat" {
		t.Errorf("with the certificate: %s", got)
	}
	settle(t, h, key)
	quiet(t, h, key)
	unbroken(t, s)
	h.Delete(key)
	gone(t, h, key, there)
}
