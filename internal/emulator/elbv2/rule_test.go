package elbv2

import (
	"maps"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

type coreScope = core.Scope

const certificateARN = "arn:aws:acm:us-east-1:123456789012:certificate/1"

func TestListeners(t *testing.T) {
	e := start(t)
	alb, nlb := e.alb("web"), e.nlb("net")
	http, other, plain := e.group("http"), e.group("other"), e.group("plain", tcp)
	elsewhere := e.group("elsewhere", func(in *elb.CreateTargetGroupInput) { in.VpcId = aws.String("vpc-2") })
	e.listener(alb, "HTTP", 80, forward(http))
	e.listener(nlb, "TCP", 80, forward(plain))
	e.service.SetCertificates(func(_ coreScope, arn string) (bool, bool) {
		return !strings.HasSuffix(arn, "/gone"), !strings.HasSuffix(arn, "/pending")
	})
	for name, c := range map[string]struct {
		in         elb.CreateListenerInput
		code, part string
	}{
		"same port":     {elb.CreateListenerInput{LoadBalancerArn: &alb, Protocol: "HTTP", Port: aws.Int32(80), DefaultActions: notFound()}, "DuplicateListener", "A listener already exists on this port"},
		"tcp on alb":    {elb.CreateListenerInput{LoadBalancerArn: &alb, Protocol: "TCP", Port: aws.Int32(81), DefaultActions: notFound()}, "UnsupportedProtocol", "TCP"},
		"incompatible":  {elb.CreateListenerInput{LoadBalancerArn: &alb, Protocol: "HTTP", Port: aws.Int32(81), DefaultActions: forward(plain)}, "IncompatibleProtocols", "TCP"},
		"fixed on nlb":  {elb.CreateListenerInput{LoadBalancerArn: &nlb, Protocol: "TCP", Port: aws.Int32(81), DefaultActions: notFound()}, "InvalidLoadBalancerAction", "fixed-response"},
		"two balancers": {elb.CreateListenerInput{LoadBalancerArn: aws.String(e.alb("second")), Protocol: "HTTP", Port: aws.Int32(81), DefaultActions: forward(http)}, "TargetGroupAssociationLimit", "cannot be associated with more than one load balancer: " + http},
		"other vpc":     {elb.CreateListenerInput{LoadBalancerArn: &alb, Protocol: "HTTP", Port: aws.Int32(81), DefaultActions: forward(elsewhere)}, "InvalidConfigurationRequest", elsewhere},
		"no group":      {elb.CreateListenerInput{LoadBalancerArn: &alb, Protocol: "HTTP", Port: aws.Int32(81), DefaultActions: forward(http + "x")}, "TargetGroupNotFound", "not found"},
		"no cert":       {elb.CreateListenerInput{LoadBalancerArn: &alb, Protocol: "HTTPS", Port: aws.Int32(443), DefaultActions: notFound()}, "CertificateNotFound", "must be specified"},
		"gone cert":     {elb.CreateListenerInput{LoadBalancerArn: &alb, Protocol: "HTTPS", Port: aws.Int32(443), DefaultActions: notFound(), Certificates: []types.Certificate{{CertificateArn: aws.String(certificateARN + "/gone")}}}, "CertificateNotFound", "gone"},
		"pending cert":  {elb.CreateListenerInput{LoadBalancerArn: &alb, Protocol: "HTTPS", Port: aws.Int32(443), DefaultActions: notFound(), Certificates: []types.Certificate{{CertificateArn: aws.String(certificateARN + "/pending")}}}, "UnsupportedCertificate", "supported key size"},
		"bad cert":      {elb.CreateListenerInput{LoadBalancerArn: &alb, Protocol: "HTTPS", Port: aws.Int32(443), DefaultActions: notFound(), Certificates: []types.Certificate{{CertificateArn: aws.String("x")}}}, "ValidationError", "not valid"},
		"bad policy":    {elb.CreateListenerInput{LoadBalancerArn: &alb, Protocol: "HTTPS", Port: aws.Int32(443), DefaultActions: notFound(), SslPolicy: aws.String("x"), Certificates: []types.Certificate{{CertificateArn: aws.String(certificateARN)}}}, "SSLPolicyNotFound", "x"},
		"no balancer":   {elb.CreateListenerInput{LoadBalancerArn: aws.String(alb + "x"), Protocol: "HTTP", Port: aws.Int32(81), DefaultActions: notFound()}, "LoadBalancerNotFound", "not found"},
		"oidc":          {elb.CreateListenerInput{LoadBalancerArn: &alb, Protocol: "HTTP", Port: aws.Int32(81), DefaultActions: []types.Action{{Type: "authenticate-oidc"}}}, "InvalidLoadBalancerAction", "authenticate-oidc"},
	} {
		_, err := e.CreateListener(t.Context(), &c.in)
		if err == nil {
			t.Fatal(name, "succeeded")
		}
		fails(t, err, c.code, c.part)
	}

	secure := must[*elb.CreateListenerOutput](t)(e.CreateListener(t.Context(), &elb.CreateListenerInput{LoadBalancerArn: &alb, Protocol: "HTTPS", Port: aws.Int32(443),
		DefaultActions: forward(http, other), Certificates: []types.Certificate{{CertificateArn: aws.String(certificateARN)}}})).Listeners[0]
	if *secure.SslPolicy != defaultPolicy || secure.DefaultActions[0].TargetGroupArn != nil || len(secure.DefaultActions[0].ForwardConfig.TargetGroups) != 2 {
		t.Fatalf("%+v", secure)
	}
	changed := must[*elb.ModifyListenerOutput](t)(e.ModifyListener(t.Context(), &elb.ModifyListenerInput{ListenerArn: secure.ListenerArn, Protocol: "HTTP", Port: aws.Int32(8080), DefaultActions: forward(http)})).Listeners[0]
	if changed.SslPolicy != nil || len(changed.Certificates) != 0 || *changed.DefaultActions[0].TargetGroupArn != http || *changed.DefaultActions[0].ForwardConfig.TargetGroups[0].Weight != 1 {
		t.Fatalf("%+v", changed)
	}
	_, err := e.ModifyListener(t.Context(), &elb.ModifyListenerInput{ListenerArn: secure.ListenerArn, Port: aws.Int32(80)})
	fails(t, err, "DuplicateListener", "already exists")
	if info, _ := e.service.TargetGroup(here, other); len(info.LoadBalancerARNs) != 0 {
		t.Fatal("the group is still in use")
	}
}

func TestListenerAttributesAndCertificates(t *testing.T) {
	e := start(t)
	nlb, alb := e.nlb("net"), e.alb("web")
	plain := e.listener(nlb, "TCP", 80, forward(e.group("plain", tcp)))
	must[*elb.ModifyListenerAttributesOutput](t)(e.ModifyListenerAttributes(t.Context(), &elb.ModifyListenerAttributesInput{ListenerArn: &plain, Attributes: []types.ListenerAttribute{{Key: aws.String("tcp.idle_timeout.seconds"), Value: aws.String("6000")}}}))
	out := must[*elb.DescribeListenerAttributesOutput](t)(e.DescribeListenerAttributes(t.Context(), &elb.DescribeListenerAttributesInput{ListenerArn: &plain}))
	if len(out.Attributes) != 1 || *out.Attributes[0].Value != "6000" {
		t.Fatalf("%+v", out.Attributes)
	}
	_, err := e.ModifyListenerAttributes(t.Context(), &elb.ModifyListenerAttributesInput{ListenerArn: &plain, Attributes: []types.ListenerAttribute{{Key: aws.String("routing.http.response.server.enabled"), Value: aws.String("false")}}})
	fails(t, err, "InvalidConfigurationRequest", "TCP")

	secure := *must[*elb.CreateListenerOutput](t)(e.CreateListener(t.Context(), &elb.CreateListenerInput{LoadBalancerArn: &alb, Protocol: "HTTPS", Port: aws.Int32(443),
		DefaultActions: notFound(), Certificates: []types.Certificate{{CertificateArn: aws.String(certificateARN)}}})).Listeners[0].ListenerArn
	more := []types.Certificate{{CertificateArn: aws.String(certificateARN + "2")}}
	for range 2 { // idempotent
		must[*elb.AddListenerCertificatesOutput](t)(e.AddListenerCertificates(t.Context(), &elb.AddListenerCertificatesInput{ListenerArn: &secure, Certificates: more}))
	}
	count := func() int {
		return len(must[*elb.DescribeListenerCertificatesOutput](t)(e.DescribeListenerCertificates(t.Context(), &elb.DescribeListenerCertificatesInput{ListenerArn: &secure})).Certificates)
	}
	if count() != 2 {
		t.Fatal(count())
	}
	_, err = e.RemoveListenerCertificates(t.Context(), &elb.RemoveListenerCertificatesInput{ListenerArn: &secure, Certificates: []types.Certificate{{CertificateArn: aws.String(certificateARN)}}})
	fails(t, err, "OperationNotPermitted", "Default certificate")
	must[*elb.RemoveListenerCertificatesOutput](t)(e.RemoveListenerCertificates(t.Context(), &elb.RemoveListenerCertificatesInput{ListenerArn: &secure, Certificates: more}))
	if count() != 1 {
		t.Fatal(count())
	}
}

func TestRules(t *testing.T) {
	e := start(t)
	l := e.listener(e.alb("web"), "HTTP", 80, notFound())
	blue, green := e.group("blue"), e.group("green")
	first, second := e.rule(l, 200, forward(blue, green)), e.rule(l, 100, forward(green))
	_, err := e.CreateRule(t.Context(), &elb.CreateRuleInput{ListenerArn: &l, Priority: aws.Int32(100), Conditions: path("/x"), Actions: notFound()})
	fails(t, err, "PriorityInUse", "Priority '100' is currently in use")
	nl := e.listener(e.nlb("net"), "TCP", 80, forward(e.group("plain", tcp)))
	_, err = e.CreateRule(t.Context(), &elb.CreateRuleInput{ListenerArn: &nl, Priority: aws.Int32(1), Conditions: path("/x"), Actions: notFound()})
	fails(t, err, "UnsupportedProtocol", "network")

	e.world.Settings.PageSize = 2
	var priorities []string
	var deflt string
	p := elb.NewDescribeRulesPaginator(e.Client, &elb.DescribeRulesInput{ListenerArn: &l})
	for p.HasMorePages() {
		for _, u := range must[*elb.DescribeRulesOutput](t)(p.NextPage(t.Context())).Rules {
			priorities = append(priorities, *u.Priority)
			if *u.IsDefault {
				deflt = *u.RuleArn
			}
		}
	}
	if strings.Join(priorities, " ") != "100 200 default" {
		t.Fatal(priorities)
	}
	_, err = e.DeleteRule(t.Context(), &elb.DeleteRuleInput{RuleArn: &deflt})
	fails(t, err, "OperationNotPermitted", "Default rule")
	_, err = e.ModifyRule(t.Context(), &elb.ModifyRuleInput{RuleArn: &deflt, Actions: notFound()})
	fails(t, err, "OperationNotPermitted", "Default rule")

	swap := &elb.SetRulePrioritiesInput{RulePriorities: []types.RulePriorityPair{{RuleArn: &first, Priority: aws.Int32(100)}, {RuleArn: &second, Priority: aws.Int32(200)}}}
	must[*elb.SetRulePrioritiesOutput](t)(e.SetRulePriorities(t.Context(), swap))
	_, err = e.SetRulePriorities(t.Context(), &elb.SetRulePrioritiesInput{RulePriorities: swap.RulePriorities[:1:1]})
	if err != nil {
		t.Fatal(err) // its own priority
	}
	_, err = e.SetRulePriorities(t.Context(), &elb.SetRulePrioritiesInput{RulePriorities: []types.RulePriorityPair{{RuleArn: &first, Priority: aws.Int32(200)}}})
	fails(t, err, "PriorityInUse", "200")

	_, err = e.DeleteTargetGroup(t.Context(), &elb.DeleteTargetGroupInput{TargetGroupArn: &blue})
	fails(t, err, "ResourceInUse", "Target group '"+blue+"' is currently in use by a listener or a rule")
	must[*elb.DeleteRuleOutput](t)(e.DeleteRule(t.Context(), &elb.DeleteRuleInput{RuleArn: &first}))
	_, err = e.DeleteRule(t.Context(), &elb.DeleteRuleInput{RuleArn: &first})
	fails(t, err, "RuleNotFound", "not found")
	for range 2 { // idempotent
		must[*elb.DeleteTargetGroupOutput](t)(e.DeleteTargetGroup(t.Context(), &elb.DeleteTargetGroupInput{TargetGroupArn: &blue}))
	}
}

func TestRuleParts(t *testing.T) {
	e := start(t)
	l := e.listener(e.alb("web"), "HTTP", 80, notFound())
	condition := func(c types.RuleCondition) *elb.CreateRuleInput {
		return &elb.CreateRuleInput{Conditions: []types.RuleCondition{c}, Actions: notFound()}
	}
	transforms := func(list ...types.RuleTransform) *elb.CreateRuleInput {
		return &elb.CreateRuleInput{Conditions: path("/*"), Actions: notFound(), Transforms: list}
	}
	rewrite := &types.UrlRewriteConfig{Rewrites: []types.RewriteConfig{{Regex: aws.String("^/mcp/(.*)$"), Replace: aws.String("/$1")}}}
	host := func(v ...string) types.RuleCondition {
		return types.RuleCondition{Field: aws.String("host-header"), HostHeaderConfig: &types.HostHeaderConditionConfig{Values: v}}
	}
	n := int32(0)
	for name, c := range map[string]struct {
		in         *elb.CreateRuleInput
		code, part string
	}{
		"host":              {condition(host("*.example.com")), "", ""},
		"header":            {condition(types.RuleCondition{Field: aws.String("http-header"), HttpHeaderConfig: &types.HttpHeaderConditionConfig{HttpHeaderName: aws.String("X-Test"), Values: []string{"a*"}}}), "", ""},
		"method":            {condition(types.RuleCondition{Field: aws.String("http-request-method"), HttpRequestMethodConfig: &types.HttpRequestMethodConditionConfig{Values: []string{"GET"}}}), "", ""},
		"source":            {condition(types.RuleCondition{Field: aws.String("source-ip"), SourceIpConfig: &types.SourceIpConditionConfig{Values: []string{"10.0.0.0/8"}}}), "", ""},
		"query":             {condition(types.RuleCondition{Field: aws.String("query-string"), QueryStringConfig: &types.QueryStringConditionConfig{Values: []types.QueryStringKeyValuePair{{Key: aws.String("a"), Value: aws.String("b")}}}}), "", ""},
		"regex":             {condition(types.RuleCondition{Field: aws.String("path-pattern"), RegexValues: []string{"^/a.*"}}), "", ""},
		"too many values":   {condition(host("a", "b", "c", "d", "e", "f")), "ValidationError", "A rule can only have '5' condition values"},
		"twice":             {&elb.CreateRuleInput{Conditions: []types.RuleCondition{host("a"), host("b")}, Actions: notFound()}, "ValidationError", "only have one 'host-header'"},
		"unknown field":     {condition(types.RuleCondition{Field: aws.String("cookie"), Values: []string{"x"}}), "ValidationError", "cookie"},
		"no value":          {condition(types.RuleCondition{Field: aws.String("path-pattern")}), "ValidationError", "value must be specified"},
		"wrong config":      {condition(types.RuleCondition{Field: aws.String("path-pattern"), Values: []string{"/"}, HostHeaderConfig: &types.HostHeaderConditionConfig{Values: []string{"x"}}}), "ValidationError", "host-header"},
		"bad cidr":          {condition(types.RuleCondition{Field: aws.String("source-ip"), SourceIpConfig: &types.SourceIpConditionConfig{Values: []string{"10.0.0.1"}}}), "ValidationError", "10.0.0.1"},
		"url rewrite":       {transforms(types.RuleTransform{Type: "url-rewrite", UrlRewriteConfig: rewrite}), "", ""},
		"two url rewrites":  {transforms(types.RuleTransform{Type: "url-rewrite", UrlRewriteConfig: rewrite}, types.RuleTransform{Type: "url-rewrite", UrlRewriteConfig: rewrite}), "ValidationError", "one 'url-rewrite'"},
		"wrong transform":   {transforms(types.RuleTransform{Type: "host-header-rewrite", UrlRewriteConfig: rewrite}), "ValidationError", "host-header-rewrite"},
		"redirect":          {&elb.CreateRuleInput{Conditions: path("/*"), Actions: []types.Action{{Type: "redirect", RedirectConfig: &types.RedirectActionConfig{StatusCode: "HTTP_301", Protocol: aws.String("HTTPS"), Port: aws.String("443")}}}}, "", ""},
		"redirect to self":  {&elb.CreateRuleInput{Conditions: path("/*"), Actions: []types.Action{{Type: "redirect", RedirectConfig: &types.RedirectActionConfig{StatusCode: "HTTP_301"}}}}, "ValidationError", "loop"},
		"bad fixed":         {&elb.CreateRuleInput{Conditions: path("/*"), Actions: []types.Action{{Type: "fixed-response", FixedResponseConfig: &types.FixedResponseActionConfig{StatusCode: aws.String("301")}}}}, "ValidationError", "301"},
		"two actions":       {&elb.CreateRuleInput{Conditions: path("/*"), Actions: append(notFound(), notFound()...)}, "InvalidLoadBalancerAction", "exactly one"},
		"too low":           {&elb.CreateRuleInput{Conditions: path("/*"), Actions: notFound(), Priority: aws.Int32(0)}, "ValidationError", "Priority '0'"},
		"unknown parameter": {condition(types.RuleCondition{Field: aws.String("source-ip"), SourceIpConfig: &types.SourceIpConditionConfig{IpAddressType: "ipv4"}}), "ValidationError", "IpAddressType"},
	} {
		n++
		if c.in.Priority == nil {
			c.in.Priority = aws.Int32(n)
		}
		c.in.ListenerArn = &l
		out, err := e.CreateRule(t.Context(), c.in)
		if c.code != "" {
			if err == nil {
				t.Fatal(name, "succeeded")
			}
			fails(t, err, c.code, c.part)
			continue
		}
		if err != nil {
			t.Fatal(name, err)
		}
		if u := out.Rules[0]; len(u.Transforms) != len(c.in.Transforms) || *u.Conditions[0].Field != *c.in.Conditions[0].Field {
			t.Fatalf("%s: %+v", name, u)
		}
	}
}

func TestModifyRule(t *testing.T) {
	e := start(t)
	l := e.listener(e.alb("web"), "HTTP", 80, notFound())
	arn := e.rule(l, 1, notFound())
	rewrite := []types.RuleTransform{{Type: "url-rewrite", UrlRewriteConfig: &types.UrlRewriteConfig{Rewrites: []types.RewriteConfig{{Regex: aws.String("a"), Replace: aws.String("b")}}}}}
	modify := func(in *elb.ModifyRuleInput) types.Rule {
		t.Helper()
		in.RuleArn = &arn
		return must[*elb.ModifyRuleOutput](t)(e.ModifyRule(t.Context(), in)).Rules[0]
	}
	if u := modify(&elb.ModifyRuleInput{Transforms: rewrite}); len(u.Transforms) != 1 || len(u.Conditions) != 1 {
		t.Fatalf("%+v", u)
	}
	if u := modify(&elb.ModifyRuleInput{Conditions: path("/v2/*")}); len(u.Transforms) != 1 || u.Conditions[0].PathPatternConfig.Values[0] != "/v2/*" {
		t.Fatalf("%+v", u)
	}
	_, err := e.ModifyRule(t.Context(), &elb.ModifyRuleInput{RuleArn: &arn, Transforms: rewrite, ResetTransforms: aws.Bool(true)})
	fails(t, err, "ValidationError", "ResetTransforms")
	if u := modify(&elb.ModifyRuleInput{ResetTransforms: aws.Bool(true)}); len(u.Transforms) != 0 {
		t.Fatalf("%+v", u)
	}
}

func TestForwards(t *testing.T) {
	e := start(t)
	blue, green := e.group("blue"), e.group("green")
	l := e.listener(e.alb("web"), "HTTP", 80, notFound())
	u := e.rule(l, 1, forward(blue))
	e.world.Lock()
	defer e.world.Unlock()
	want := map[string]int{blue: 0, green: 100}
	for _, arn := range []string{u, l} {
		if err := e.service.SetForwards(here, arn, want); err != nil {
			t.Fatal(err)
		}
		if got := e.service.RuleForwards(here, arn); !maps.Equal(got, want) {
			t.Fatal(got)
		}
	}
	if err := e.service.SetForwards(here, u+"x", want); err == nil {
		t.Fatal("no such rule")
	}
	if err := e.service.SetForwards(here, u, map[string]int{blue + "x": 1}); err == nil {
		t.Fatal("no such group")
	}
}
