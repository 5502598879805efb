package lifecycle

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/hack/harness"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/elbv2"
	"github.com/portkey-ai/portkey-ecs-operator/internal/own"
)

// probing is a hook that probes what the test port leads to.
func probing(p v1alpha1.HTTPProbe, stages ...v1alpha1.RolloutStage) v1alpha1.RolloutHook {
	if len(stages) == 0 {
		stages = []v1alpha1.RolloutStage{v1alpha1.StagePostTestTrafficShift}
	}
	return v1alpha1.RolloutHook{Stages: stages, HTTPProbe: &p}
}

// probeOf is the name of the function that probes a gateway of the harness in this way.
func probeOf(p v1alpha1.HTTPProbe) string {
	gw := v1alpha1.PortkeyGateway{Spec: v1alpha1.PortkeyGatewaySpec{Gateway: &v1alpha1.Gateway{Rollout: held(probing(p))}}}
	name := "probe-" + own.Digest(gw.Resolved().Gateway.Rollout.Hooks[0].HTTPProbe)[:8]
	return own.Owner{Cluster: "cluster-uid", Kind: "PortkeyGateway", Namespace: "default", Name: "gw"}.ObjectName("gw", name, 64)
}

// probes are the nodes of objects that there are for the probe alone.
func probes(h *harness.Harness) []string {
	h.Emulator.World.Lock()
	defer h.Emulator.World.Unlock()
	var out []string
	for _, r := range h.Emulator.World.Resources(false) {
		node := r.Tags[own.TagNode]
		if _, name, _ := strings.Cut(node, "/"); (strings.HasPrefix(name, "probe") || strings.HasPrefix(name, "hooks-")) && r.Kind != "SecurityGroupRule" {
			for _, name := range []string{"hooks", "probe"} {
				if kind, _, more := strings.Cut(node, name+"-"); more {
					node = kind + name // and more, by what they ask
				}
			}
			out = append(out, node)
		}
	}
	slices.Sort(out)
	return out
}

// TestProbe lets the probe say yes and no to rollouts: it is made before anybody refers to it, is in the way of
// no rollout when it says yes, has ECS roll back when it says no, goes when no hook has it, and nothing is left.
func TestProbe(t *testing.T) {
	h, key := behind(t, v1alpha1.LoadBalancerApplication, v1alpha1.RolloutBlueGreen)
	before := lasting(h)
	p := watchProduction(h, key)
	name := probeOf(v1alpha1.HTTPProbe{})
	answer(h, name, "IN_PROGRESS", "SUCCEEDED")
	h.Edit(key, func(gw *v1alpha1.PortkeyGateway) {
		tagged("2.17.0")(gw)
		hooksOf(gw, probing(v1alpha1.HTTPProbe{}))
	})
	settled(t, h, key)
	if got := strings.Join(probes(h), " "); got != "lambda-function/probe log-group/probe role/hooks role/probe security-group/probe" {
		t.Errorf("made for the probe: %s", got)
	}
	if got := asked(h); !slices.Equal(got, []string{name + " at POST_TEST_TRAFFIC_SHIFT", name + " at POST_TEST_TRAFFIC_SHIFT"}) {
		t.Errorf("asked: %v", got)
	}
	quiet(t, h, key)
	unplanned(t, h, key)

	answer(h, name, "FAILED")
	h.Edit(key, tagged("2.18.0"))
	failed(t, h, key, v1alpha1.ReasonRolledBack)
	message := told(t, h.Get(key), v1alpha1.ConditionReady, metav1.ConditionFalse, v1alpha1.ReasonRolledBack)
	for _, part := range []string{"2.18.0", "POST_TEST_TRAFFIC_SHIFT lifecycle hook(s) failed", name + " returned FAILED status"} {
		if !strings.Contains(message, part) {
			t.Errorf("nobody says %q: %s", part, message)
		}
	}
	told(t, h.Get(key), v1alpha1.ConditionAvailable, metav1.ConditionTrue, v1alpha1.ReasonServing)

	// Without a verdict it is as if its code had crashed.
	h.Emulator.World.Lock()
	h.Emulator.ECS.AnswerHooks(functionARN(name))
	h.Emulator.World.Unlock()
	h.Edit(key, tagged("2.19.0"))
	failed(t, h, key, v1alpha1.ReasonRolledBack)

	h.Edit(key, func(gw *v1alpha1.PortkeyGateway) {
		tagged("2.20.0")(gw)
		hooksOf(gw)
	})
	settled(t, h, key)
	p.end(t)
	h.AdvanceTo(h.Clock.Now().Add(time.Hour)) // AWS Lambda takes its network interfaces back
	settled(t, h, key)
	if got := probes(h); len(got) > 0 {
		t.Errorf("left of the probe: %v", got)
	}
	if after := lasting(h); after != before {
		t.Errorf("%d objects before the probe, %d after", before, after)
	}
	quiet(t, h, key)
}

// lasting counts what there is but for revisions of task definitions, which rollouts leave behind.
func lasting(h *harness.Harness) int {
	all := h.Emulator.Server.Resources(false)
	return len(slices.DeleteFunc(all, func(r core.Resource) bool { return r.Kind == "TaskDefinition" }))
}

// TestProbeFromTheBeginning makes and deletes a gateway with a probe: the first rollout is probed too, and the
// group, the role and the subnets outlive the function by what AWS Lambda takes to give them up.
func TestProbeFromTheBeginning(t *testing.T) {
	h := harness.New()
	before := len(h.Emulator.Server.Resources(false))
	gw := h.Minimal("gw")
	gw.Spec.Gateway = &v1alpha1.Gateway{Rollout: held(probing(v1alpha1.HTTPProbe{}))}
	key := h.Create(gw)
	answer(h, probeOf(v1alpha1.HTTPProbe{}), "SUCCEEDED")
	settled(t, h, key)
	if got := asked(h); len(got) != 1 {
		t.Errorf("asked: %v", got)
	}
	quiet(t, h, key)
	// Its role lets it log, to a group that doesn't stay behind.
	group := "/ecs/gw-11ecbf10/probe"
	streams, err := newConsole(h).logs.DescribeLogStreams(t.Context(), &cloudwatchlogs.DescribeLogStreamsInput{LogGroupName: &group})
	if err != nil || len(streams.LogStreams) != 1 {
		t.Errorf("the function logs nothing: %+v, %v", streams, err)
	}
	h.Delete(key)
	began := h.Clock.Now()
	if err := h.Until(key, longest, "deletion", harness.Gone); err != nil {
		t.Fatal(err)
	}
	if took := h.Clock.Now().Sub(began); took > 40*time.Minute {
		t.Errorf("deletion took %s, AWS Lambda 20 minutes of it", took)
	}
	if after := len(h.Emulator.Server.Resources(false)); after != before {
		t.Errorf("%d objects before, %d after", before, after)
	}
}

// TestProbeReachesTheTestPort asks the load balancer what it does with the requests of the probe, which come
// from the function's own address or, where the load balancer's name leads to public ones, through NAT.
func TestProbeReachesTheTestPort(t *testing.T) {
	harness.Unraced(t)
	for _, c := range []struct {
		why  string
		spec func(*harness.Harness, *v1alpha1.PortkeyGatewaySpec)
	}{
		{"internal, for others only", func(_ *harness.Harness, s *v1alpha1.PortkeyGatewaySpec) {
			s.LoadBalancer = &v1alpha1.LoadBalancer{Type: v1alpha1.LoadBalancerApplication, AllowedCIDRs: []string{"192.168.0.0/16"}}
		}},
		{"internal, by connections, for others only", func(_ *harness.Harness, s *v1alpha1.PortkeyGatewaySpec) {
			s.LoadBalancer = &v1alpha1.LoadBalancer{AllowedCIDRs: []string{"192.168.0.0/16"}}
		}},
		{"public, with TLS, and a NAT gateway in each zone", func(h *harness.Harness, s *v1alpha1.PortkeyGatewaySpec) {
			s.Network = &v1alpha1.Network{VPC: &v1alpha1.VPC{NATGateways: v1alpha1.NATGatewaysPerZone}}
			s.LoadBalancer = &v1alpha1.LoadBalancer{Type: v1alpha1.LoadBalancerApplication, Scheme: v1alpha1.LoadBalancerInternetFacing, AllowedCIDRs: []string{"203.0.113.0/24"},
				CertificateARN: h.Seeded.Certificate, Hosts: &v1alpha1.Hosts{Gateway: "gw." + emulator.CertificateDomain}}
		}},
		{"public, by connections, on Fargate", func(_ *harness.Harness, s *v1alpha1.PortkeyGatewaySpec) {
			s.Capacity = &v1alpha1.Capacity{Fargate: &v1alpha1.FargateCapacity{}}
			s.LoadBalancer = &v1alpha1.LoadBalancer{Scheme: v1alpha1.LoadBalancerInternetFacing, AllowedCIDRs: []string{"203.0.113.0/24"}}
		}},
		{"internal, in a network of others", func(h *harness.Harness, s *v1alpha1.PortkeyGatewaySpec) {
			h.Emulator.SeedNetwork(s.Region)
			n := emulator.ExistingNetwork
			s.Network = &v1alpha1.Network{Existing: &v1alpha1.ExistingNetwork{VPCID: n.VPCID, PublicSubnetIDs: n.PublicSubnetIDs, PrivateSubnetIDs: n.PrivateSubnetIDs}}
			s.LoadBalancer = &v1alpha1.LoadBalancer{Type: v1alpha1.LoadBalancerApplication, AllowedCIDRs: []string{"192.168.0.0/16"}}
		}},
	} {
		t.Run(c.why, func(t *testing.T) {
			h := harness.New()
			gw := h.Minimal("gw")
			c.spec(h, &gw.Spec)
			gw.Spec.Gateway = &v1alpha1.Gateway{Rollout: held(probing(v1alpha1.HTTPProbe{}))}
			key := h.Create(gw)
			p := v1alpha1.HTTPProbe{}
			if hosts := gw.Spec.LoadBalancer.Hosts; hosts != nil {
				p.Host = hosts.Gateway
			}
			answer(h, probeOf(p), "SUCCEEDED")
			settled(t, h, key)
			for _, q := range requestsOfProbe(t, h, key) {
				h.Emulator.World.Lock()
				out := h.Emulator.ELB.Route(q)
				h.Emulator.World.Unlock()
				if out.Problem != "" || len(out.Forwards) == 0 {
					t.Errorf("%+v: %s", q, out.Problem)
				}
			}
		})
	}
}

// requestsOfProbe are what the function would send: from each of its network interfaces, or from the addresses
// that the outside sees them come from.
func requestsOfProbe(t *testing.T, h *harness.Harness, key types.NamespacedName) []elbv2.ClientRequest {
	t.Helper()
	gw := h.Get(key)
	h.Emulator.World.Lock()
	defer h.Emulator.World.Unlock()
	all := h.Emulator.World.Resources(false)
	i := slices.IndexFunc(all, func(r core.Resource) bool { return r.Kind == "Function" })
	if i < 0 {
		t.Fatal("there is no function")
	}
	interfaces := h.Emulator.Lambda.Interfaces(all[i].ARN)
	q := elbv2.ClientRequest{DNS: gw.Status.Endpoints.LoadBalancer, Port: 8080, Path: "/v1/health"}
	if lb := gw.Spec.LoadBalancer; lb.CertificateARN != "" {
		q.Port, q.TLS, q.Host = 8443, true, string(lb.Hosts.Gateway)
	}
	var out []elbv2.ClientRequest
	for _, r := range all {
		switch {
		case gw.Spec.LoadBalancer.Scheme == v1alpha1.LoadBalancerInternetFacing && strings.HasPrefix(r.Tags[own.TagNode], "elastic-ip/"):
			q.Source, _ = r.Settings["publicIp"].(string)
		case gw.Spec.LoadBalancer.Scheme != v1alpha1.LoadBalancerInternetFacing && slices.Contains(interfaces, r.ID):
			q.Source, _ = r.Settings["privateIpAddress"].(string)
		default:
			continue
		}
		out = append(out, q)
	}
	if len(interfaces) != 2 && len(interfaces) != 3 || len(out) == 0 {
		t.Fatalf("%d requests from %d network interfaces", len(out), len(interfaces))
	}
	return out
}

// TestProbeChanges corrects a probe that asked for the wrong thing: what was rolled back is tried again, and then
// is asked for the right one. Two weeks later the function is there when it is needed.
func TestProbeChanges(t *testing.T) {
	harness.Unraced(t)
	h, key := behind(t, v1alpha1.LoadBalancerApplication, v1alpha1.RolloutBlueGreen)
	wrong, right := v1alpha1.HTTPProbe{Path: "/health"}, v1alpha1.HTTPProbe{Path: "/v1/health", ExpectedStatus: 204}
	answer(h, probeOf(wrong), "FAILED")
	answer(h, probeOf(right), "SUCCEEDED")
	h.Edit(key, func(gw *v1alpha1.PortkeyGateway) {
		tagged("2.17.0")(gw)
		hooksOf(gw, probing(wrong))
	})
	failed(t, h, key, v1alpha1.ReasonRolledBack)
	h.Edit(key, func(gw *v1alpha1.PortkeyGateway) { hooksOf(gw, probing(right)) })
	settled(t, h, key)
	if gw := h.Get(key); gw.Status.Version != "2.17.0" {
		t.Errorf("%s runs", gw.Status.Version)
	}
	quiet(t, h, key)
	h.AdvanceTo(h.Clock.Now().Add(15 * 24 * time.Hour))
	settled(t, h, key)
	h.Edit(key, tagged("2.18.0"))
	settled(t, h, key)
	want := []string{probeOf(wrong), probeOf(right), probeOf(right)}
	for i := range want {
		want[i] += " at POST_TEST_TRAFFIC_SHIFT"
	}
	if got := asked(h); !slices.Equal(got, want) {
		t.Errorf("asked: %v, want %v", got, want)
	}
	quiet(t, h, key)
}

// TestProbeSurvivesItsManager kills managers while they make, and unmake, a gateway with a probe: there is one of
// everything, and nothing is left.
func TestProbeSurvivesItsManager(t *testing.T) {
	harness.Unraced(t)
	t.Parallel()
	begin := func(h *harness.Harness) types.NamespacedName {
		gw := h.Minimal("gw")
		gw.Spec.Gateway = &v1alpha1.Gateway{Rollout: held(probing(v1alpha1.HTTPProbe{}))}
		answer(h, probeOf(v1alpha1.HTTPProbe{}), "SUCCEEDED")
		return h.Create(gw)
	}
	h := harness.New()
	key := begin(h)
	settled(t, h, key)
	settle(t, h, key)
	want := len(h.Emulator.Server.Resources(false))
	rng := rand.New(rand.NewPCG(8, 8))
	for i := range 8 {
		if !harness.Sample(i) {
			continue
		}
		h := harness.New()
		before := h.Emulator.Server.Resources(false)
		key := begin(h)
		at := 60 + rng.IntN(120)
		(&mortal{left: at, lost: i%2 == 0}).lives(h, key, harness.Ready)
		if i%3 == 0 {
			loseStatus(t, h, key)
		}
		settled(t, h, key)
		settle(t, h, key)
		if got := len(h.Emulator.Server.Resources(false)); got != want {
			t.Fatalf("killed at call %d: %d objects, want %d:\n%v", at, got, want, difference(h.Emulator.Server.Resources(false), before))
		}
		h.Delete(key)
		(&mortal{left: 1 + rng.IntN(120), lost: i%2 == 0}).lives(h, key, harness.Gone)
		if err := h.Until(key, longest, "deletion", harness.Gone); err != nil {
			t.Fatal(err)
		}
		if left := difference(h.Emulator.Server.Resources(false), before); len(left) > 0 {
			t.Fatalf("killed at call %d, left: %v", at, left)
		}
	}
}
