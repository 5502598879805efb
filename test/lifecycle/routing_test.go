package lifecycle

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/types"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/hack/harness"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/elbv2"
	"github.com/portkey-ai/portkey-ecs-operator/internal/own"
)

// Clients, inside the VPC and in the internet.
const (
	insider  = "10.0.1.200"
	outsider = "203.0.113.9"
)

const certificateOfHosts = "arn:aws:acm:us-east-1:" + emulator.Account + ":certificate/" + emulator.CertificateID

// route asks the load balancer of a name.
func route(h *harness.Harness, q elbv2.ClientRequest) elbv2.Outcome {
	h.Emulator.World.Lock()
	defer h.Emulator.World.Unlock()
	return h.Emulator.ELB.Route(q)
}

// dnsName is the load balancer's name as status tells it.
func dnsName(h *harness.Harness, key types.NamespacedName) string {
	if e := h.Get(key).Status.Endpoints; e != nil {
		return e.LoadBalancer
	}
	return ""
}

// got prints what a client gets: the response of the load balancer itself, the node of the target group and
// the path that its tasks see, or the problem.
func got(h *harness.Harness, o elbv2.Outcome) string {
	switch {
	case o.Problem != "":
		return o.Problem
	case o.Status != "":
		return o.Status
	}
	var out []string
	for _, r := range h.Emulator.Server.Resources(false) {
		if slices.Contains(o.Groups(), r.ARN) {
			out = append(out, strings.TrimPrefix(r.Tags[own.TagNode], "target-group/"))
		}
	}
	// Which of a pair serves is ECS's business.
	return strings.ReplaceAll(strings.Join(out, " "), "-green", "") + " " + o.Path
}

// TestRoutes deploys load balancers of each sort, and asks what becomes of requests.
func TestRoutes(t *testing.T) {
	type request struct {
		why  string
		q    elbv2.ClientRequest
		want string
	}
	for _, tc := range []struct {
		name     string
		spec     func(*spec)
		requests []request
	}{
		{"both gateways by host, public, with TLS, and a rollout that shifts traffic", func(s *spec) {
			s.Mode = v1alpha1.ModeAll
			s.Gateway = &v1alpha1.Gateway{Rollout: &v1alpha1.Rollout{Strategy: v1alpha1.RolloutBlueGreen}}
			s.LoadBalancer = &v1alpha1.LoadBalancer{
				Type: v1alpha1.LoadBalancerApplication, Scheme: v1alpha1.LoadBalancerInternetFacing, AllowedCIDRs: []string{"203.0.113.0/24"},
				CertificateARN: certificateOfHosts, Hosts: &v1alpha1.Hosts{Gateway: "gw." + emulator.CertificateDomain, MCP: "mcp." + emulator.CertificateDomain},
			}
		}, []request{
			{"the gateway's host", elbv2.ClientRequest{Port: 443, TLS: true, Source: outsider, Host: "gw.portkey.example.com", Path: "/v1/chat"}, "gateway-application-internet-facing /v1/chat"},
			{"the MCP gateway's host", elbv2.ClientRequest{Port: 443, TLS: true, Source: outsider, Host: "mcp.portkey.example.com", Path: "/x"}, "mcp-application-internet-facing /x"},
			{"another host", elbv2.ClientRequest{Port: 443, TLS: true, Source: outsider, Host: "other.portkey.example.com", Path: "/"}, "404"},
			{"a client that isn't allowed", elbv2.ClientRequest{Port: 443, TLS: true, Source: "198.51.100.1", Host: "gw.portkey.example.com"}, "198.51.100.1 doesn't reach the load balancer in us-east-1a on port 443"},
			{"a plain port", elbv2.ClientRequest{Port: 80, Source: outsider}, "nothing listens on port 80"},
			{"the test port's other host", elbv2.ClientRequest{Port: 8443, TLS: true, Source: outsider, Host: "other.portkey.example.com", Path: "/"}, "404"},
		}},
		{"the control plane alone from the internet", func(s *spec) {
			s.LoadBalancer = &v1alpha1.LoadBalancer{Scheme: v1alpha1.LoadBalancerInternetFacing}
			s.ControlPlane = &v1alpha1.ControlPlane{Inbound: &v1alpha1.Inbound{Type: v1alpha1.InboundAllowList}}
		}, []request{
			{"Portkey's first address", elbv2.ClientRequest{Port: 80, Source: "54.81.226.149", Path: "/v1/health"}, "gateway-network-internet-facing /v1/health"},
			{"its second", elbv2.ClientRequest{Port: 80, Source: "34.200.113.35", Path: "/x"}, "gateway-network-internet-facing /x"},
			{"its third", elbv2.ClientRequest{Port: 80, Source: "44.221.117.129", Path: "/x"}, "gateway-network-internet-facing /x"},
			{"anybody else", elbv2.ClientRequest{Port: 80, Source: outsider}, outsider + " doesn't reach the load balancer in us-east-1a on port 80"},
		}},
		{"both gateways by path, internal", func(s *spec) {
			s.Mode = v1alpha1.ModeAll
			s.LoadBalancer = &v1alpha1.LoadBalancer{
				Type: v1alpha1.LoadBalancerApplication, Hosts: &v1alpha1.Hosts{Gateway: "ai.example.com"}, Paths: &v1alpha1.Paths{MCP: "/mcp"},
			}
		}, []request{
			{"everything that isn't the MCP gateway's", elbv2.ClientRequest{Port: 80, Source: insider, Host: "ai.example.com", Path: "/v1/chat?a=b"}, "gateway-application-internal /v1/chat?a=b"},
			{"its prefix is stripped", elbv2.ClientRequest{Port: 80, Source: insider, Host: "ai.example.com", Path: "/mcp/tools?a=b"}, "mcp-application-internal /tools?a=b"},
			{"the prefix alone", elbv2.ClientRequest{Port: 80, Source: insider, Host: "ai.example.com", Path: "/mcp"}, "mcp-application-internal /"},
			{"what only begins alike", elbv2.ClientRequest{Port: 80, Source: insider, Host: "ai.example.com", Path: "/mcpx"}, "gateway-application-internal /mcpx"},
			{"from the internet", elbv2.ClientRequest{Port: 80, Source: outsider, Host: "ai.example.com"}, outsider + " doesn't reach the load balancer in us-east-1a on port 80"},
		}},
		{"the MCP gateway behind a Network Load Balancer with TLS", func(s *spec) {
			s.Mode, s.MCP = v1alpha1.ModeMCP, &v1alpha1.MCP{BaseURL: "https://mcp.portkey.example.com"}
			s.LoadBalancer = &v1alpha1.LoadBalancer{CertificateARN: certificateOfHosts}
		}, []request{
			{"any host that the certificate is for", elbv2.ClientRequest{Port: 443, TLS: true, Source: insider, Host: "mcp.portkey.example.com", Path: "/x"}, "gateway-network-internal /x"},
			{"without TLS", elbv2.ClientRequest{Port: 443, Source: insider}, "the client doesn't speak TLS, and the listener is TLS"},
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			h, key := begun(t, set(tc.spec))
			for _, r := range tc.requests {
				r.q.DNS = dnsName(h, key)
				if got := got(h, route(h, r.q)); got != r.want {
					t.Errorf("%s: got %q, want %q", r.why, got, r.want)
				}
			}
			quiet(t, h, key)
		})
	}
}

// TestParallel changes type and scheme in every direction, and back. There is always an address that serves:
// the one of before until the new one does.
func TestParallel(t *testing.T) {
	harness.Unraced(t)
	variant := func(kind v1alpha1.LoadBalancerType, scheme v1alpha1.LoadBalancerScheme) func(*spec) {
		return func(s *spec) {
			s.LoadBalancer = &v1alpha1.LoadBalancer{Type: kind, Scheme: scheme, ReplacementPolicy: v1alpha1.ReplacementParallel, AllowedCIDRs: []string{"10.0.0.0/16"}}
			if scheme == v1alpha1.LoadBalancerInternetFacing {
				s.LoadBalancer.AllowedCIDRs = []string{"203.0.113.0/24"}
			}
		}
	}
	client := func(s *v1alpha1.LoadBalancer) string {
		if s.Scheme == v1alpha1.LoadBalancerInternetFacing {
			return outsider
		}
		return insider
	}
	steps := []func(*spec){
		variant(v1alpha1.LoadBalancerApplication, v1alpha1.LoadBalancerInternal),
		variant(v1alpha1.LoadBalancerApplication, v1alpha1.LoadBalancerInternetFacing),
		variant(v1alpha1.LoadBalancerNetwork, v1alpha1.LoadBalancerInternetFacing),
		variant(v1alpha1.LoadBalancerNetwork, v1alpha1.LoadBalancerInternal),
	}
	h, key := begun(t, set(steps[3]))
	for i, step := range steps {
		before := h.Get(key)
		old := elbv2.ClientRequest{DNS: dnsName(h, key), Port: 80, Source: client(before.Spec.LoadBalancer), Path: "/v1/chat"}
		switched := false
		h.Watch = func() {
			if switched {
				return
			}
			if o := route(h, old); o.Problem == "" {
				return
			}
			next := elbv2.ClientRequest{DNS: dnsName(h, key), Port: 80, Source: client(h.Get(key).Spec.LoadBalancer), Path: "/v1/chat"}
			o := route(h, next)
			if switched = next.DNS != old.DNS && o.Problem == ""; !switched {
				t.Fatalf("step %d at %s: the old address doesn't serve (%s), and the new one doesn't yet (%s)\n%s",
					i, h.Clock.Now().Format(time.TimeOnly), route(h, old).Problem, o.Problem, harness.Story(h.Get(key)))
			}
		}
		h.Edit(key, func(gw *v1alpha1.PortkeyGateway) { step(&gw.Spec) })
		ready(t, h, key)
		h.Watch = nil
		if o := route(h, old); !strings.Contains(o.Problem, "doesn't resolve") {
			t.Errorf("step %d: the old load balancer is still there: %+v", i, o)
		}
		for _, r := range h.Get(key).Status.Resources {
			if kind := strings.ToLower(string(h.Get(key).Spec.LoadBalancer.Type)); strings.HasPrefix(r.Node, "load-balancer/") && !strings.HasPrefix(r.Node, "load-balancer/"+kind) {
				t.Errorf("step %d: %s is left", i, r.Node)
			}
		}
	}
	quiet(t, h, key)
}

// TestAccessLogs names a bucket that the load balancer may not write to: everything else stands, and with the
// policy the logs are switched on.
func TestAccessLogs(t *testing.T) {
	h := harness.New()
	gw := h.Minimal("gw")
	gw.Spec.LoadBalancer = &v1alpha1.LoadBalancer{Type: v1alpha1.LoadBalancerApplication, AccessLogs: &v1alpha1.AccessLogs{Bucket: addBucket(h, "us-east-1", "closed-logs"), Prefix: "prod"}}
	key := h.Create(gw)
	err := h.Until(key, time.Hour, "the refusal", func(gw *v1alpha1.PortkeyGateway) bool {
		c := meta.FindStatusCondition(gw.Status.Conditions, v1alpha1.ConditionStalled)
		return c != nil && strings.Contains(c.Message, "closed-logs") && meta.IsStatusConditionTrue(gw.Status.Conditions, v1alpha1.ConditionAvailable)
	})
	if err != nil {
		t.Fatal(err)
	}
	if o := route(h, elbv2.ClientRequest{DNS: dnsName(h, key), Port: 80, Source: insider, Path: "/"}); o.Problem != "" {
		t.Error(o.Problem)
	}
	_, err = buckets(h).PutBucketPolicy(t.Context(), &s3.PutBucketPolicyInput{Bucket: sdk.String("closed-logs"), Policy: sdk.String(fmt.Sprintf(
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"logdelivery.elasticloadbalancing.amazonaws.com"},"Action":"s3:PutObject","Resource":"arn:aws:s3:::closed-logs/prod/AWSLogs/%s/*"}]}`, emulator.Account))})
	if err != nil {
		t.Fatal(err)
	}
	ready(t, h, key)
	h.Edit(key, func(gw *v1alpha1.PortkeyGateway) { gw.Spec.LoadBalancer.AccessLogs = nil })
	ready(t, h, key)
	quiet(t, h, key)
}

// TestWebACL protects a load balancer, by one web ACL and then another.
func TestWebACL(t *testing.T) {
	scope := core.Scope{Account: emulator.Account, Region: "us-east-1"}
	protected := func(acl string) func(*harness.Harness, *spec) {
		return func(h *harness.Harness, s *spec) {
			locked(h, func() {
				s.LoadBalancer = &v1alpha1.LoadBalancer{Type: v1alpha1.LoadBalancerApplication, WAFWebACLARN: h.Emulator.WAF.Add(scope, acl)}
			})
		}
	}
	h, key := begun(t, protected("one"))
	m := mark(h)
	h.Edit(key, func(gw *v1alpha1.PortkeyGateway) { protected("two")(h, &gw.Spec) })
	ready(t, h, key)
	if d := differs(counted(applied(since(h, m))), map[string]int{"wafv2:AssociateWebACL": 1}); len(d) > 0 {
		t.Errorf("calls made and wanted differ: %v", d)
	}
	h.Edit(key, func(gw *v1alpha1.PortkeyGateway) { gw.Spec.LoadBalancer.WAFWebACLARN = "" })
	ready(t, h, key)
	for _, r := range h.Emulator.Server.Resources(false) {
		if r.Kind == "WebACL" && len(r.Settings["resources"].([]string)) > 0 {
			t.Errorf("%s still protects %v", r.Name, r.Settings["resources"])
		}
	}
	quiet(t, h, key)
}

func buckets(h *harness.Harness) *s3.Client {
	return s3.NewFromConfig(sdk.Config{
		Region: "us-east-1", BaseEndpoint: sdk.String("http://aws.invalid"), HTTPClient: clientFunc(h.Emulator.Server.Do),
		Credentials: credentials.NewStaticCredentialsProvider(emulator.AccessKeyID, "secret", ""),
	}, func(o *s3.Options) { o.UsePathStyle = true })
}

// TestOwnBucket makes the log bucket, deletes the gateway, and makes it again: what is in the bucket stays, and
// the bucket is found by its tags.
func TestOwnBucket(t *testing.T) {
	h, key := begun(t, set(func(s *spec) { s.Storage = v1alpha1.Storage{LogBucket: "acme-portkey-logs", Create: true} }))
	quiet(t, h, key)
	gw := h.Get(key)
	h.Delete(key)
	if err := h.Until(key, time.Hour, "its deletion", harness.Gone); err != nil {
		t.Fatal(err)
	}
	if i := slices.IndexFunc(h.Emulator.Server.Resources(false), func(r core.Resource) bool { return r.Name == "acme-portkey-logs" }); i < 0 {
		t.Fatal("the bucket went with the gateway")
	}
	h.Restart()
	again := h.Minimal("gw")
	again.Spec.Storage = gw.Spec.Storage
	m := mark(h)
	ready(t, h, h.Create(again))
	if n := counted(applied(since(h, m)))["s3:CreateBucket"]; n != 0 {
		t.Errorf("made %d buckets", n)
	}
}
