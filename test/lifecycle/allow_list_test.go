package lifecycle

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/hack/harness"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/elbv2"
)

// TestAllowListLife lets the control plane in by its addresses and out again, with others beside it and alone, to the
// deletion. At each moment whoever is let in before and after an edit is served.
func TestAllowListLife(t *testing.T) {
	harness.Unraced(t)
	t.Parallel()
	const portkey, other = "54.81.226.149", "198.51.100.7"
	allowed := func(clients bool, in *v1alpha1.Inbound) func(*harness.Harness, *spec) {
		return set(func(s *spec) {
			s.LoadBalancer = &v1alpha1.LoadBalancer{Scheme: v1alpha1.LoadBalancerInternetFacing}
			if clients {
				s.LoadBalancer.AllowedCIDRs = []string{"203.0.113.0/24"}
			}
			s.ControlPlane = nil
			if in != nil {
				s.ControlPlane = &v1alpha1.ControlPlane{Inbound: in}
			}
		})
	}
	list, others := &v1alpha1.Inbound{Type: v1alpha1.InboundAllowList}, &v1alpha1.Inbound{
		Type: v1alpha1.InboundAllowList, AllowList: &v1alpha1.InboundAllowedList{CIDRs: []string{"198.51.100.0/24"}},
	}
	before := harness.New().Emulator.Server.Resources(false)
	h, key := begun(t, allowed(true, nil))
	s := watch(h, key)
	from := func(source string) string {
		return got(h, route(h, elbv2.ClientRequest{DNS: dnsName(h, key), Port: 80, Source: source, Path: "/v1/health"}))
	}
	served := func(source string) bool { return from(source) == "gateway-network-internet-facing /v1/health" }
	in := outsider
	for _, step := range []struct {
		why  string
		edit func(*harness.Harness, *spec)
		in   string
	}{
		{"on, beside allowedCIDRs", allowed(true, list), outsider + " " + portkey},
		{"other addresses", allowed(true, others), outsider + " " + other},
		{"Portkey's again", allowed(true, list), outsider + " " + portkey},
		{"without allowedCIDRs", allowed(false, list), portkey},
		{"off, for allowedCIDRs", allowed(true, &v1alpha1.Inbound{Type: v1alpha1.InboundNone}), outsider},
		{"on, without allowedCIDRs", allowed(false, others), other},
		{"both again", allowed(true, list), outsider + " " + portkey},
		{"off", allowed(true, nil), outsider},
		{"on at the end", allowed(false, list), portkey},
	} {
		var broke []string
		clients := h.Watch
		h.Watch = func() {
			clients()
			for source := range strings.FieldsSeq(in) {
				if strings.Contains(step.in, source) && !served(source) && len(broke) == 0 {
					broke = append(broke, fmt.Sprintf("%s isn't served at %s: %s", source, h.Clock.Now().Format(time.TimeOnly), from(source)))
				}
			}
		}
		become(t, h, key, step.edit)
		settle(t, h, key)
		h.Watch = clients
		for _, b := range broke {
			t.Errorf("%s: %s", step.why, b)
		}
		for _, source := range []string{outsider, portkey, other} {
			if want := strings.Contains(step.in, source); served(source) != want {
				t.Errorf("%s: %s is let in: %t, want %t (%s)", step.why, source, !want, want, from(source))
			}
		}
		quiet(t, h, key)
		unplanned(t, h, key)
		in = step.in
	}
	s.stop()
	for _, b := range s.broke {
		t.Errorf("clients weren't served at %s", b)
	}
	h.Delete(key)
	gone(t, h, key, before)
}
