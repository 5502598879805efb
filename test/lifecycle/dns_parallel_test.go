package lifecycle

import (
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/hack/harness"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/elbv2"
)

// TestDNSInParallel: another load balancer takes over under the same name, whatever the strategy. The name is never
// pointed elsewhere than to where it is served, and the old load balancer serves until resolvers have forgotten it. What
// else the edit asks for comes afterwards, by the strategy.
func TestDNSInParallel(t *testing.T) {
	harness.Unraced(t)
	const host = "gateway." + zoneDomain
	both := func(lb *v1alpha1.LoadBalancer) { lb.Hosts.MCP = "mcp." + zoneDomain }
	network := func(lb *v1alpha1.LoadBalancer) { lb.Type = v1alpha1.LoadBalancerNetwork }
	public := func(lb *v1alpha1.LoadBalancer) {
		lb.Scheme, lb.AllowedCIDRs = v1alpha1.LoadBalancerInternetFacing, []string{"203.0.113.0/24", "10.0.0.0/16"}
	}
	for _, tc := range []struct {
		name     string
		mode     v1alpha1.Mode
		strategy v1alpha1.RolloutStrategy
		from, to func(*v1alpha1.LoadBalancer)
		// forgets has status lost in the middle: once the new load balancer is on its way, and when the name has moved.
		forgets bool
	}{
		{"rolling", v1alpha1.ModeGateway, v1alpha1.RolloutRolling, func(*v1alpha1.LoadBalancer) {}, network, false},
		{"canary", v1alpha1.ModeGateway, v1alpha1.RolloutCanary, func(*v1alpha1.LoadBalancer) {}, network, false},
		{"canary, the other way", v1alpha1.ModeGateway, v1alpha1.RolloutCanary, network, func(*v1alpha1.LoadBalancer) {}, false},
		{"blue/green, with both gateways", v1alpha1.ModeAll, v1alpha1.RolloutBlueGreen, both, func(lb *v1alpha1.LoadBalancer) { both(lb); public(lb) }, false},
		{"rolling, and status is lost", v1alpha1.ModeGateway, v1alpha1.RolloutRolling, func(*v1alpha1.LoadBalancer) {}, network, true},
		{"canary, and status is lost", v1alpha1.ModeGateway, v1alpha1.RolloutCanary, func(*v1alpha1.LoadBalancer) {}, network, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			h := harness.New()
			addZones(h)
			before := h.Emulator.Server.Resources(false)
			parallel := func(lb *v1alpha1.LoadBalancer) { lb.ReplacementPolicy = v1alpha1.ReplacementParallel }
			gw := h.Minimal("gw")
			gw.Spec.Mode = tc.mode
			by(tc.strategy)(gw)
			addressed(publicZone, parallel, tc.from)(h, &gw.Spec)
			key := h.Create(gw)
			settled(t, h, key)
			h.Edit(key, tagged("2.16.1")) // of a pair, the other group serves now
			settled(t, h, key)
			settle(t, h, key)

			old := dnsName(h, key)
			onTheWay(t, h, host)
			watch := h.Watch
			var moved time.Time
			h.Watch = func() {
				if watch(); h.Watch == nil {
					return
				}
				if gw := h.Get(key); !tc.forgets && !meta.IsStatusConditionTrue(gw.Status.Conditions, v1alpha1.ConditionAvailable) {
					t.Errorf("not available:\n%s", harness.Story(gw))
					h.Watch = nil
				}
				var name string
				locked(h, func() { name, _ = h.Emulator.Route53.Resolve(host, true) })
				o := route(h, elbv2.ClientRequest{DNS: old, Port: 443, TLS: true, Source: insider, Host: host, Path: "/"})
				switch now := h.Clock.Now(); {
				case name == old:
				case moved.IsZero():
					moved = now
				case now.Sub(moved) < time.Minute && o.Problem != "":
					t.Errorf("%s after the record moved the old load balancer doesn't serve: %s", now.Sub(moved), o.Problem)
				}
			}
			// What is new takes its time: nothing of it serves before all of it stands.
			h.Emulator.Server.Inject(core.FaultRule{Service: "elasticloadbalancing", Action: "CreateListener", Every: 1, Fault: core.FaultDenied})
			h.Edit(key, func(gw *v1alpha1.PortkeyGateway) {
				addressed(publicZone, parallel, tc.to)(h, &gw.Spec)
				tagged("2.17.0")(gw)
			})
			for range 3 {
				if err := h.Step(key); err != nil {
					t.Fatal(err)
				}
			}
			h.Emulator.Server.ClearFaults()
			if tc.forgets {
				h.LoseStatus(key)
				for end := h.Clock.Now().Add(6 * time.Hour); moved.IsZero() && h.Clock.Now().Before(end); {
					if err := h.Step(key); err != nil {
						t.Fatal(err)
					}
				}
				h.LoseStatus(key)
				h.Restart()
			}
			settled(t, h, key)
			if now := dnsName(h, key); now == old {
				t.Error("it is the same load balancer")
			}
			if moved.IsZero() {
				t.Error("the record never moved")
			}
			if o := route(h, elbv2.ClientRequest{DNS: old, Port: 443, TLS: true, Source: insider, Host: host, Path: "/"}); !strings.Contains(o.Problem, "doesn't resolve") {
				t.Errorf("Ready, and the old load balancer is still there: %+v", o)
			}
			for _, r := range h.Get(key).Status.History {
				if strings.HasSuffix(r.Image, ":2.17.0") && r.Strategy != tc.strategy {
					t.Errorf("the new image was rolled out by %s", r.Strategy)
				}
			}
			if s := h.Get(key).Status; s.Version != "2.17.0" || s.History[0].Strategy != tc.strategy || s.History[0].Outcome != v1alpha1.RolloutSucceeded {
				t.Errorf("version %s; history %+v", s.Version, s.History)
			}
			h.Watch = nil
			quiet(t, h, key)
			h.Emulator.Server.Advance(time.Minute) // Route 53 answers few questions in a second
			unplanned(t, h, key)
			h.Delete(key)
			gone(t, h, key, before)
		})
	}
}
