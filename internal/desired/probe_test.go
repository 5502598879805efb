package desired_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
	"github.com/portkey-ai/portkey-ecs-operator/internal/kinds"
	"github.com/portkey-ai/portkey-ecs-operator/internal/probe"
)

const certificate = "arn:aws:acm:us-east-1:123456789012:certificate/12345678-1234-1234-1234-123456789012"

// probing is a spec whose rollouts are probed.
func probing(p v1alpha1.HTTPProbe, change ...func(*v1alpha1.PortkeyGatewaySpec)) func(*v1alpha1.PortkeyGatewaySpec) {
	return func(s *v1alpha1.PortkeyGatewaySpec) {
		s.Gateway = &v1alpha1.Gateway{Rollout: &v1alpha1.Rollout{Strategy: v1alpha1.RolloutBlueGreen, Hooks: []v1alpha1.RolloutHook{
			{Stages: []v1alpha1.RolloutStage{v1alpha1.StagePostTestTrafficShift}, HTTPProbe: &p},
		}}}
		for _, c := range change {
			c(s)
		}
	}
}

// function is the node of the one function.
func function(t *testing.T, g *graph.Graph) graph.NodeID {
	t.Helper()
	all := nodes(g, "lambda-function/probe-")
	if len(all) != 1 {
		t.Fatalf("the functions are %v", all)
	}
	return graph.NodeID(all[0])
}

// TestAnotherProbeIsAnotherFunction: but not for another load balancer, or code.
func TestAnotherProbeIsAnotherFunction(t *testing.T) {
	first := function(t, graphOf(t, probing(v1alpha1.HTTPProbe{}), facts))
	if same := function(t, graphOf(t, probing(v1alpha1.HTTPProbe{ExpectedStatus: 200}, func(s *v1alpha1.PortkeyGatewaySpec) { s.LoadBalancer.AllowedCIDRs = []string{"10.1.0.0/16"} }), facts)); same != first {
		t.Errorf("%s, and %s", first, same)
	}
	if other := function(t, graphOf(t, probing(v1alpha1.HTTPProbe{ExpectedStatus: 204}), facts)); other == first {
		t.Errorf("both are %s", other)
	}
}

// entries are rules of a port, by their peers.
func entries(rules []kinds.Rule, port int) []string {
	named := func(v graph.Value) string {
		return v.Resolve(func(r graph.Ref) (string, bool) { return string(r.Node), true }).String()
	}
	var out []string
	for _, r := range rules {
		if r.FromPort == port {
			out = append(out, named(r.Source)+named(r.CIDR))
		}
	}
	slices.Sort(out)
	return out
}

// TestProbeIsConfigured: by what the load balancer is like, and who the gateway is to its clients.
func TestProbeIsConfigured(t *testing.T) {
	application := func(change func(*v1alpha1.LoadBalancer)) func(*v1alpha1.PortkeyGatewaySpec) {
		return func(s *v1alpha1.PortkeyGatewaySpec) {
			s.LoadBalancer.Type = v1alpha1.LoadBalancerApplication
			change(s.LoadBalancer)
		}
	}
	for _, c := range []struct {
		why  string
		spec func(*v1alpha1.PortkeyGatewaySpec)
		url  string // after the load balancer's name
		host string
	}{
		{"nothing said", probing(v1alpha1.HTTPProbe{}), "http :8080/v1/health", ""},
		{"a certificate and a name", probing(v1alpha1.HTTPProbe{Host: "gw.example.com"}, func(s *v1alpha1.PortkeyGatewaySpec) { s.LoadBalancer.CertificateARN = certificate }), "https :8443/v1/health", "gw.example.com"},
		{"host and path of the gateway", probing(v1alpha1.HTTPProbe{}, application(func(lb *v1alpha1.LoadBalancer) {
			lb.CertificateARN, lb.Hosts, lb.Paths = certificate, &v1alpha1.Hosts{Gateway: "gw.example.com"}, &v1alpha1.Paths{Gateway: "/llm"}
		})), "https :8443/llm/v1/health", "gw.example.com"},
		{"host and path of the MCP gateway", probing(v1alpha1.HTTPProbe{}, application(func(lb *v1alpha1.LoadBalancer) {
			lb.Hosts, lb.Paths = &v1alpha1.Hosts{MCP: "mcp.example.com"}, &v1alpha1.Paths{MCP: "/tools"}
		}), func(s *v1alpha1.PortkeyGatewaySpec) { s.Mode = v1alpha1.ModeMCP }), "http :8080/tools/v1/health", "mcp.example.com"},
		{"both gateways", probing(v1alpha1.HTTPProbe{}, application(func(lb *v1alpha1.LoadBalancer) {
			lb.Hosts = &v1alpha1.Hosts{Gateway: "gw.example.com", MCP: "mcp.example.com"}
		}), func(s *v1alpha1.PortkeyGatewaySpec) { s.Mode = v1alpha1.ModeAll }), "http :8080/v1/health", "gw.example.com"},
		{"a path of one's own", probing(v1alpha1.HTTPProbe{Path: "/x%20y?a=%s&b=1"}, application(func(lb *v1alpha1.LoadBalancer) { lb.Paths = &v1alpha1.Paths{Gateway: "/llm"} })), "http :8080/x%20y?a=%s&b=1", ""},
	} {
		g := graphOf(t, c.spec, facts)
		f := specOf[kinds.LambdaFunctionSpec](t, g, function(t, g))
		resolved := f.Environment[probe.URL].Resolve(func(r graph.Ref) (string, bool) { return "lb.aws", r.Attr == "dns" })
		scheme, rest, _ := strings.Cut(c.url, " ")
		if got := resolved.String(); got != scheme+"://lb.aws"+rest {
			t.Errorf("%s: probes %s", c.why, got)
		}
		if got := f.Environment[probe.Host].String(); got != c.host {
			t.Errorf("%s: for %s", c.why, got)
		}
		if f.CodeSHA256 != probe.SHA256() || f.TimeoutSeconds != 25 || f.Environment[probe.Status].String() != "200" || f.Environment[probe.RetryFor].String() != "60" {
			t.Errorf("%s: %+v", c.why, f)
		}
	}
}

// TestProbeIsLetIn: by the group of the function, or by the addresses of the network where the load balancer's
// name leads to public ones.
func TestProbeIsLetIn(t *testing.T) {
	public := func(s *v1alpha1.PortkeyGatewaySpec) {
		s.LoadBalancer.Scheme, s.LoadBalancer.AllowedCIDRs = v1alpha1.LoadBalancerInternetFacing, []string{"203.0.113.0/24"}
	}
	given := func(s *v1alpha1.PortkeyGatewaySpec) {
		s.Network = &v1alpha1.Network{Existing: &v1alpha1.ExistingNetwork{VPCID: "vpc-1", PublicSubnetIDs: []string{"subnet-1"}, PrivateSubnetIDs: []string{"subnet-2"}}}
	}
	for _, c := range []struct {
		why  string
		spec func(*v1alpha1.PortkeyGatewaySpec)
		node graph.NodeID
		want string
	}{
		{"internal", probing(v1alpha1.HTTPProbe{}), "security-group-rules/load-balancer-network-internal", "10.0.0.0/16 security-group/probe"},
		{"public", probing(v1alpha1.HTTPProbe{}, public), "security-group-rules/load-balancer-network-internet-facing", "203.0.113.0/24 elastic-ip/nat-a/32"},
		{"public, with an address in each zone", probing(v1alpha1.HTTPProbe{}, public, func(s *v1alpha1.PortkeyGatewaySpec) {
			s.Network = &v1alpha1.Network{VPC: &v1alpha1.VPC{NATGateways: v1alpha1.NATGatewaysPerZone}}
		}), "security-group-rules/load-balancer-network-internet-facing", "203.0.113.0/24 elastic-ip/nat-a/32 elastic-ip/nat-b/32"},
		{"internal, in a network of others", probing(v1alpha1.HTTPProbe{}, given), "security-group-rules/load-balancer-network-internal", "10.9.0.0/16 security-group/probe"},
		{"public, in a network of others, whose addresses nobody knows", probing(v1alpha1.HTTPProbe{}, given, public), "security-group-rules/load-balancer-network-internet-facing", "203.0.113.0/24"},
	} {
		f := facts
		f.VPCCIDRs = []string{"10.9.0.0/16"}
		g := graphOf(t, c.spec, f)
		if got := strings.Join(entries(specOf[kinds.SecurityGroupRulesSpec](t, g, c.node).Ingress, 8080), " "); got != c.want {
			t.Errorf("%s: the test port lets in %s", c.why, got)
		}
		own := specOf[kinds.SecurityGroupRulesSpec](t, g, "security-group-rules/probe")
		if len(own.Ingress) != 0 || len(own.Egress) != 1 || own.Egress[0].FromPort != 8080 || own.Egress[0].Protocol != "tcp" {
			t.Errorf("%s: the probe has %+v", c.why, own)
		}
	}
}

// TestProbeOutlives: AWS Lambda deletes the function's network interfaces with the rights of its role, and the
// group stays until then; ECS waits for longer than a verdict can take.
func TestProbeOutlives(t *testing.T) {
	g := graphOf(t, probing(v1alpha1.HTTPProbe{Timeout: &metav1.Duration{Duration: time.Minute}, RetryFor: &metav1.Duration{Duration: time.Hour}}), facts)
	if !slices.Contains(g.Needs("security-group/probe"), "role/probe") {
		t.Error("the role may go before the group")
	}
	if !slices.Contains(g.Needs("service/gateway"), function(t, g)) {
		t.Error("the function may go before the service")
	}
	hooks := specOf[kinds.ServiceSpec](t, g, "service/gateway").Hooks
	if len(hooks) != 1 || hooks[0].TimeoutMinutes < 65 || hooks[0].TimeoutMinutes > 75 || hooks[0].OnTimeout != "ROLLBACK" || hooks[0].Role.IsZero() || !slices.Equal(hooks[0].Stages, []string{"POST_TEST_TRAFFIC_SHIFT"}) {
		t.Errorf("%+v", hooks)
	}
	if f := specOf[kinds.LambdaFunctionSpec](t, g, function(t, g)); f.TimeoutSeconds != 190 {
		t.Errorf("a call may take %d s", f.TimeoutSeconds)
	}
	none := graphOf(t, func(*v1alpha1.PortkeyGatewaySpec) {}, facts)
	if got := nodes(none, "lambda-function/", "role/probe", "security-group/probe", "log-group/probe"); len(got) > 0 {
		t.Errorf("made for nobody: %v", got)
	}
}
