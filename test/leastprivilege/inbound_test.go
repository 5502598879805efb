package leastprivilege

import (
	"strings"
	"testing"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/hack/harness"
	"github.com/portkey-ai/portkey-ecs-operator/hack/iampolicy"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// inboundLife is that of a gateway that Portkey's control plane reaches through PrivateLink, behind an application load
// balancer. Portkey connects, and is cut off by the deletion.
func inboundLife(t *testing.T, bind binding) {
	h := harness.New()
	bind(t, h, minimal(iampolicy.Inbound)...)
	before := len(h.Emulator.Server.Resources(false))
	link := &v1alpha1.InboundEndpointService{SupportedRegions: []string{"eu-west-1"}, PrivateDNSName: "gw." + emulator.CertificateDomain}
	gw := h.Minimal("gw")
	gw.Spec.LoadBalancer = &v1alpha1.LoadBalancer{Type: v1alpha1.LoadBalancerApplication}
	gw.Spec.ControlPlane = &v1alpha1.ControlPlane{Inbound: &v1alpha1.Inbound{Type: v1alpha1.InboundPrivateLink, PrivateLink: link}}
	key := h.Create(gw)
	until(t, h, key, "Ready", harness.Ready)
	settle(t, h, key) // AWS looks for the record of the private DNS name
	in := h.Get(key).Status.ControlPlane.Inbound
	h.Emulator.World.Lock()
	endpoint, err := h.Emulator.EC2.ConnectEndpoint(in.ServiceName[strings.LastIndex(in.ServiceName, ".")+1:], core.Scope{Account: v1alpha1.PortkeyAccount, Region: "us-east-1"})
	h.Emulator.World.Unlock()
	if err != nil {
		t.Fatal(err)
	}
	connected := func(state string) bool {
		h.Emulator.World.Lock()
		defer h.Emulator.World.Unlock()
		return h.Emulator.EC2.EndpointState(endpoint) == state
	}
	until(t, h, key, "Portkey's connection", func(*v1alpha1.PortkeyGateway) bool { return connected("available") })
	h.Edit(key, func(gw *v1alpha1.PortkeyGateway) {
		gw.Spec.LoadBalancer.CertificateARN = h.Seeded.Certificate // the listener moves to another port
		gw.Spec.ControlPlane.Inbound.PrivateLink.SupportedRegions = []string{"us-west-2"}
	})
	until(t, h, key, "another port", harness.Ready)
	h.Delete(key)
	until(t, h, key, "deletion", harness.Gone)
	if !connected("rejected") {
		t.Error("the connection still stands")
	}
	if after := len(h.Emulator.Server.Resources(false)); after != before {
		t.Errorf("%d objects before, %d after", before, after)
	}
}
