package elbv2

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// text is an outcome in short: what a client gets, or the problem.
func (o Outcome) text() string {
	switch {
	case o.Problem != "":
		return o.Problem
	case o.Status != "":
		return strings.TrimSpace(o.Priority + " " + o.Status + " " + o.Location)
	}
	var targets []string
	for _, f := range o.Forwards {
		targets = append(targets, fmt.Sprintf("%s(%d)", strings.Join(f.Targets, ","), f.Weight))
	}
	return o.Priority + " " + strings.Join(targets, " ") + " " + o.Host + o.Path
}

// TestRoute asks a load balancer with rules for hosts, paths, a rewrite, weights and a redirect.
func TestRoute(t *testing.T) {
	e := start(t)
	up := map[string]bool{"10.0.0.1": true, "10.0.0.2": true}
	e.service.SetProber(func(_ core.Scope, ip string, _ int) bool { return up[ip] })
	e.service.SetClients(func(_ core.Scope, _, source string, _ int) bool { return source != "198.51.100.66" })
	e.service.SetCertificateNames(func(core.Scope, string) []string { return []string{"example.com", "*.example.com"} })
	arn := e.alb("web")
	blue, green := e.group("blue"), e.group("green")
	e.register(blue, "10.0.0.1")
	e.register(green, "10.0.0.2")
	plain := e.listener(arn, "HTTP", 80, notFound())
	secure := *must[*elb.CreateListenerOutput](t)(e.CreateListener(t.Context(), &elb.CreateListenerInput{
		LoadBalancerArn: &arn, Protocol: "HTTPS", Port: aws.Int32(443), DefaultActions: forward(blue),
		Certificates: []types.Certificate{{CertificateArn: aws.String("arn:aws:acm:us-east-1:123456789012:certificate/1")}},
	})).Listeners[0].ListenerArn
	_ = secure
	rule := func(priority int32, actions []types.Action, rewrite *types.RewriteConfig, conditions ...types.RuleCondition) {
		in := &elb.CreateRuleInput{ListenerArn: &plain, Priority: &priority, Conditions: conditions, Actions: actions}
		if rewrite != nil {
			in.Transforms = []types.RuleTransform{{Type: types.TransformTypeEnumUrlRewrite, UrlRewriteConfig: &types.UrlRewriteConfig{Rewrites: []types.RewriteConfig{*rewrite}}}}
		}
		must[*elb.CreateRuleOutput](t)(e.CreateRule(t.Context(), in))
	}
	host := func(v string) types.RuleCondition {
		return types.RuleCondition{Field: aws.String("host-header"), Values: []string{v}}
	}
	paths := func(v ...string) types.RuleCondition {
		return types.RuleCondition{Field: aws.String("path-pattern"), Values: v}
	}
	rule(10, forward(blue), nil, host("a.example.com"))
	rule(20, forward(green), &types.RewriteConfig{Regex: aws.String("^/mcp(/|$)(.*)$"), Replace: aws.String("/$2")}, paths("/mcp", "/mcp/*"))
	rule(30, forward(blue, green), nil, host("*.both.example.com"), paths("/v?/*"))
	rule(40, []types.Action{{Type: "redirect", RedirectConfig: &types.RedirectActionConfig{Protocol: aws.String("HTTPS"), Port: aws.String("443"), StatusCode: "HTTP_301"}}}, nil, paths("/old"))
	name := func() string {
		lb, _ := e.service.region(here).loadBalancers.get(arn)
		return lb.DNSName
	}()
	ask := func(q ClientRequest) string {
		if q.DNS == "" {
			q.DNS = name
		}
		if q.Port == 0 {
			q.Port = 80
		}
		return e.service.Route(q).text()
	}
	if got := ask(ClientRequest{Host: "a.example.com", Path: "/"}); got != "the load balancer is provisioning" {
		t.Fatal(got)
	}
	e.server.Advance(provisioning + time.Minute)
	for _, tc := range []struct {
		why  string
		q    ClientRequest
		want string
	}{
		{"a host", ClientRequest{Host: "A.example.com:80", Path: "/x"}, "10 10.0.0.1:8787(1) A.example.com:80/x"},
		{"a path, whose prefix is stripped", ClientRequest{Host: "b.example.com", Path: "/mcp/v1?q=1"}, "20 10.0.0.2:8787(1) b.example.com/v1?q=1"},
		{"the bare prefix", ClientRequest{Host: "b.example.com", Path: "/mcp"}, "20 10.0.0.2:8787(1) b.example.com/"},
		{"a path that only begins alike", ClientRequest{Host: "b.example.com", Path: "/mcpx"}, "default 404"},
		{"weights of 0 and 1", ClientRequest{Host: "x.both.example.com", Path: "/v1/chat"}, "30 10.0.0.2:8787(1) x.both.example.com/v1/chat"},
		{"paths have case", ClientRequest{Host: "x.both.example.com", Path: "/V1/chat"}, "default 404"},
		{"a redirect", ClientRequest{Host: "c.example.com", Path: "/old?a=b"}, "40 301 https://c.example.com:443/old?a=b"},
		{"no listener", ClientRequest{Port: 81}, "nothing listens on port 81"},
		{"a name that isn't", ClientRequest{DNS: "gone"}, "gone doesn't resolve"},
		{"a client that security groups keep out", ClientRequest{Source: "198.51.100.66"}, "198.51.100.66 doesn't reach the load balancer in us-east-1a on port 80"},
		{"TLS to a listener without", ClientRequest{TLS: true}, "the client speaks TLS, and the listener HTTP"},
		{"TLS", ClientRequest{Port: 443, TLS: true, Host: "a.example.com", Path: "/"}, "default 10.0.0.1:8787(1) a.example.com/"},
		{"a host that the certificate isn't for", ClientRequest{Port: 443, TLS: true, Host: "a.b.example.com"}, "no certificate of the listener is for a.b.example.com"},
	} {
		if got := ask(tc.q); got != tc.want {
			t.Errorf("%s: got %q, want %q", tc.why, got, tc.want)
		}
	}
	up["10.0.0.1"] = false
	e.server.Advance(5 * time.Minute)
	if got := ask(ClientRequest{Host: "a.example.com"}); got != "no target is healthy and reached in "+blue {
		t.Error(got)
	}
}

// TestSetSubnetsOfNetworkLoadBalancer: zones come and go, a subnet doesn't change within its zone.
func TestSetSubnetsOfNetworkLoadBalancer(t *testing.T) {
	e := start(t)
	arn := e.nlb("net", "sg-1")
	set := func(subnets ...string) error {
		_, err := e.SetSubnets(t.Context(), &elb.SetSubnetsInput{LoadBalancerArn: &arn, Subnets: subnets})
		return err
	}
	for _, subnets := range [][]string{{"subnet-1-a", "subnet-1-b"}, {"subnet-1-b"}, {"subnet-1-a", "subnet-1-b", "subnet-1-c"}} {
		if err := set(subnets...); err != nil {
			t.Fatal(err)
		}
	}
	fails(t, set("subnet-1-a2", "subnet-1-b"), "InvalidConfigurationRequest", "remove it first")
	e.service.SetAssociated(func(core.Scope, string) bool { return true })
	fails(t, set("subnet-1-a"), "ResourceInUse", "Subnets cannot be removed")
}
