package leastprivilege

import (
	"testing"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/acm"
	acmtypes "github.com/aws/aws-sdk-go-v2/service/acm/types"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/hack/harness"
	"github.com/portkey-ai/portkey-ecs-operator/hack/iampolicy"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// namedLife is that of a gateway whose names and certificate come from a hosted zone: it gets others, loses its status,
// somebody takes its certificate's tags off, and the name by which Portkey reaches it through PrivateLink is proved there.
func namedLife(t *testing.T, bind binding) {
	h := harness.New()
	bind(t, h, minimal(iampolicy.Certificate, iampolicy.DNS, iampolicy.Autoscaling, iampolicy.Inbound)...)
	h.Emulator.World.Lock()
	zone := h.Emulator.Route53.AddZone(core.Scope{Account: emulator.Account}, "", "acme.example.org", false)
	h.Emulator.World.Unlock()
	before := len(h.Emulator.Server.Resources(false))
	gw := h.Minimal("gw")
	gw.Spec.Tags = map[string]v1alpha1.TagValue{"team": "ai", "stage": "dev"}
	gw.Spec.LoadBalancer = &v1alpha1.LoadBalancer{
		Type: v1alpha1.LoadBalancerApplication, Hosts: &v1alpha1.Hosts{Gateway: "gateway.acme.example.org"},
		DNS: &v1alpha1.LoadBalancerDNS{HostedZoneID: zone}, Certificate: &v1alpha1.LoadBalancerCertificate{Request: true},
	}
	key := h.Create(gw)
	until(t, h, key, "Ready", harness.Ready)
	h.Edit(key, func(gw *v1alpha1.PortkeyGateway) { gw.Spec.Tags = map[string]v1alpha1.TagValue{"team": "ml"} })
	until(t, h, key, "other tags", harness.Ready)
	h.Edit(key, func(gw *v1alpha1.PortkeyGateway) { gw.Spec.LoadBalancer.Hosts.Gateway = "ai.acme.example.org" })
	until(t, h, key, "another host", harness.Ready)
	settle(t, h, key)
	h.LoseStatus(key)
	settle(t, h, key)
	until(t, h, key, "Ready again", harness.Ready)
	for _, r := range h.Emulator.Server.Resources(false) {
		if r.Kind != "Certificate" || r.Tags["team"] == "" {
			continue
		}
		if _, err := clients(h).ACM.RemoveTagsFromCertificate(t.Context(), &acm.RemoveTagsFromCertificateInput{CertificateArn: sdk.String(r.ARN), Tags: []acmtypes.Tag{{Key: sdk.String("team")}}}); err != nil {
			t.Fatal(err)
		}
	}
	settle(t, h, key)
	until(t, h, key, "its tags again", harness.Ready)
	links := func(in *v1alpha1.Inbound) {
		h.Edit(key, func(gw *v1alpha1.PortkeyGateway) { gw.Spec.ControlPlane = &v1alpha1.ControlPlane{Inbound: in} })
	}
	private := &v1alpha1.Inbound{Type: v1alpha1.InboundPrivateLink, PrivateLink: &v1alpha1.InboundEndpointService{PrivateDNSName: "ai.acme.example.org"}}
	links(private)
	until(t, h, key, "the proof of a private DNS name", func(gw *v1alpha1.PortkeyGateway) bool {
		link := gw.Status.ControlPlane
		return harness.Ready(gw) && link != nil && link.Inbound.PrivateDNS.Verification == "verified"
	})
	links(nil)
	until(t, h, key, "no PrivateLink", harness.Ready)
	links(private)
	until(t, h, key, "PrivateLink again", harness.Ready)
	h.Delete(key)
	until(t, h, key, "deletion", harness.Gone)
	if after := len(h.Emulator.Server.Resources(false)); after != before {
		t.Errorf("%d objects before, %d after", before, after)
	}
}
