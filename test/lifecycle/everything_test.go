package lifecycle

import (
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/hack/harness"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/ec2"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/elbv2"
)

// TestControlPlaneAndNamesTogether leads a life with PrivateLink both ways, a name, a requested certificate and secrets
// of Kubernetes on one gateway: each is taken away and given back while the others go on, the image changes, and clients
// of the name are served all the time. Nothing is left.
func TestControlPlaneAndNamesTogether(t *testing.T) {
	harness.Unraced(t)
	t.Parallel()
	const host = "gateway." + zoneDomain
	h := harness.New()
	addZones(h)
	before := h.Emulator.Server.Resources(false)
	given := h.Minimal("gw").Spec.Credentials
	gw := referring(h)
	mirrored := gw.Spec.Credentials
	named := addressed(publicZone)
	named(h, &gw.Spec)
	gw.Spec.ControlPlane = byLink(v1alpha1.InboundEndpointService{})
	privately(&gw.Spec)
	key := h.Create(gw)

	// Ready waits for Portkey on the way out, where the tasks don't do yet what the spec asks for, and not on the way in.
	awaits(t, h, key)
	if is, message := conditionOf(h, key, v1alpha1.ConditionControlPlaneReady); is != "False/AwaitingAcceptance" {
		t.Errorf("ControlPlaneReady is %s: %s", is, message)
	}
	until(t, h, key, time.Hour, "Available", func() bool {
		return meta.IsStatusConditionTrue(h.Get(key).Status.Conditions, v1alpha1.ConditionAvailable)
	})
	decided(t, h, ec2.AcceptEndpoint)
	ready(t, h, key)
	if is, message := conditionOf(h, key, v1alpha1.ConditionControlPlaneReady); is != "False/AwaitingConnection" {
		t.Errorf("ControlPlaneReady is %s: %s", is, message)
	}
	connect := func() {
		t.Helper()
		connects(t, h, serviceOf(t, h, key), v1alpha1.PortkeyAccount)
		until(t, h, key, time.Hour, "the connection", func() bool {
			return meta.IsStatusConditionTrue(h.Get(key).Status.Conditions, v1alpha1.ConditionControlPlaneReady)
		})
	}
	connect()
	settle(t, h, key)

	served := func() {
		if gw := h.Get(key); !meta.IsStatusConditionTrue(gw.Status.Conditions, v1alpha1.ConditionAvailable) {
			t.Fatalf("not available:\n%s", harness.Story(gw))
		}
	}
	observed := func(hosts ...string) {
		onTheWay(t, h, hosts...)
		look := h.Watch
		h.Watch = func() { served(); look() }
	}
	observed(host)
	link := *h.Get(key).Spec.ControlPlane.DeepCopy()
	for _, step := range []struct {
		what string
		edit func(*spec)
		then func()
	}{
		{"the way out by the internet", func(s *spec) { s.ControlPlane.Outbound = nil }, func() {
			if got := toldOf(t, h, "gateway"); got != "" {
				t.Errorf("the gateway is told %s", got)
			}
		}},
		{"the way out by PrivateLink", func(s *spec) { s.ControlPlane.Outbound = link.Outbound }, nil},
		{"nobody comes in", func(s *spec) { s.ControlPlane.Inbound = nil }, nil},
		{"Portkey comes in", func(s *spec) { s.ControlPlane.Inbound = link.Inbound }, connect},
		{"given secrets", func(s *spec) { s.Credentials = given }, nil},
		{"secrets of Kubernetes", func(s *spec) { s.Credentials = mirrored }, nil},
		{"the user's certificate", func(s *spec) {
			s.LoadBalancer.Certificate, s.LoadBalancer.CertificateARN = nil, certificateFor(h, "*."+zoneDomain)
		}, nil},
		{"a requested certificate", func(s *spec) {
			s.LoadBalancer.Certificate, s.LoadBalancer.CertificateARN = &v1alpha1.LoadBalancerCertificate{Request: true}, ""
		}, nil},
		{"another image", func(s *spec) { s.Gateway.Image = &v1alpha1.Image{Tag: "2.17.0"} }, nil},
	} {
		if out := h.Get(key).Spec.ControlPlane.Outbound; out == nil {
			unasked(h) // whom Portkey has let in once, it lets in again
		}
		h.Edit(key, func(gw *v1alpha1.PortkeyGateway) { step.edit(&gw.Spec) })
		if err := h.Until(key, longest, step.what, harness.Ready); err != nil {
			t.Fatal(err)
		}
		if step.then != nil {
			step.then()
		}
	}
	if got := toldOf(t, h, "gateway"); got != private {
		t.Errorf("the gateway is told %s", got)
	}
	if got := got(h, arrives(t, h, key, elbv2.ClientRequest{TLS: true, Host: host, Path: "/v1/chat"})); got != "gateway-application-internal /v1/chat" {
		t.Errorf("Portkey gets %s", got)
	}
	h.Watch = served // without records nobody comes by the name
	for _, edit := range []func(*spec){func(s *spec) { s.LoadBalancer.DNS = nil }, func(s *spec) { named(h, s) }} {
		h.Edit(key, func(gw *v1alpha1.PortkeyGateway) { edit(&gw.Spec) })
		ready(t, h, key)
	}
	if p := visit(h, host); p != "" {
		t.Error(p)
	}
	h.Watch = nil
	settle(t, h, key)
	quiet(t, h, key)
	h.Emulator.Server.Advance(time.Minute) // Route 53 answers few questions in a second
	unplanned(t, h, key)
	withdrawCertificates(h)
	h.Delete(key)
	gone(t, h, key, before)
}

// certificateID is that of a user's certificate.
const certificateID = "77777777-0000-0000-0000-000000000000"

func certificateFor(h *harness.Harness, name string) (arn string) {
	locked(h, func() { arn = h.Emulator.ACM.Add(home, certificateID, "ISSUED", name) })
	return arn
}

func withdrawCertificates(h *harness.Harness) {
	locked(h, func() {
		h.Emulator.ACM.Remove(home, "arn:aws:acm:us-east-1:"+emulator.Account+":certificate/"+certificateID)
	})
}
