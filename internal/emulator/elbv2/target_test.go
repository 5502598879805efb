package elbv2

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/ec2"
)

func quick(in *elb.CreateTargetGroupInput) {
	in.HealthCheckIntervalSeconds, in.HealthCheckTimeoutSeconds = aws.Int32(10), aws.Int32(5)
	in.HealthyThresholdCount, in.UnhealthyThresholdCount = aws.Int32(3), aws.Int32(2)
}

func TestTargetHealthOfApplicationLoadBalancer(t *testing.T) {
	e := start(t)
	up := true
	e.service.SetProber(func(_ coreScope, ip string, port int) bool { return up && ip == "10.0.0.1" && port == 8787 })
	tg := e.group("g", quick)
	e.register(tg, "10.0.0.1")
	expect := func(advance time.Duration, want string) {
		t.Helper()
		e.server.Advance(advance)
		if got := e.health(tg); got != want {
			t.Fatalf("got %q, want %q", got, want)
		}
	}
	expect(0, "unused Target.NotInUse")
	alb := e.alb("web")
	l := e.listener(alb, "HTTP", 80, forward(tg))
	expect(0, "initial Elb.RegistrationInProgress")
	expect(provisioning, "initial Elb.RegistrationInProgress")
	expect(registerALB, "healthy") // one check is enough at first
	up = false
	expect(10*time.Second, "healthy")
	expect(10*time.Second, "unhealthy Target.FailedHealthChecks")
	up = true
	expect(20*time.Second, "unhealthy Target.FailedHealthChecks")
	expect(10*time.Second, "healthy") // later as many as the threshold
	e.service.SetPath(func(coreScope, string, string, int) bool { return false })
	expect(20*time.Second, "unhealthy Target.Timeout")

	must[*elb.DeregisterTargetsOutput](t)(e.DeregisterTargets(t.Context(), &elb.DeregisterTargetsInput{TargetGroupArn: &tg, Targets: []types.TargetDescription{{Id: aws.String("10.0.0.1")}}}))
	expect(299*time.Second, "draining Target.DeregistrationInProgress")
	expect(time.Second, "none")
	e.register(tg, "10.0.0.1")
	expect(0, "initial Elb.RegistrationInProgress")
	must[*elb.DeleteListenerOutput](t)(e.DeleteListener(t.Context(), &elb.DeleteListenerInput{ListenerArn: &l}))
	expect(time.Hour, "unused Target.NotInUse")
	must[*elb.DeregisterTargetsOutput](t)(e.DeregisterTargets(t.Context(), &elb.DeregisterTargetsInput{TargetGroupArn: &tg, Targets: []types.TargetDescription{{Id: aws.String("10.0.0.1")}}}))
	expect(0, "none")
}

func TestTargetHealthOfNetworkLoadBalancer(t *testing.T) {
	e := start(t)
	e.service.SetProber(func(coreScope, string, int) bool { return true })
	tg := e.group("g", quick, tcp)
	e.listener(e.nlb("net"), "TCP", 80, forward(tg))
	e.server.Advance(provisioning)
	e.register(tg, "10.0.0.1")
	for _, c := range []struct {
		advance time.Duration
		want    string
	}{{registerNLB - time.Second, "initial Elb.RegistrationInProgress"}, {time.Second, "initial Elb.InitialHealthChecking"},
		{19 * time.Second, "initial Elb.InitialHealthChecking"}, {time.Second, "healthy"}} {
		e.server.Advance(c.advance)
		if got := e.health(tg); got != c.want {
			t.Fatalf("got %q, want %q", got, c.want)
		}
	}
	e.world.Lock()
	state, reason := e.service.TargetState(here, tg, "10.0.0.1", 8787)
	e.world.Unlock()
	if state != "healthy" || reason != "" {
		t.Fatal(state, reason)
	}
}

func TestTargetsOfOtherZonesAreUnused(t *testing.T) {
	e := start(t)
	tg := e.group("g", quick)
	alb := e.alb("web")
	e.listener(alb, "HTTP", 80, forward(tg))
	e.server.Advance(provisioning)
	e.world.Lock()
	err := e.service.Register(here, tg, "10.0.0.1", 8787, "us-east-1c")
	e.world.Unlock()
	if err != nil || e.health(tg) != "unused Target.NotInUse" {
		t.Fatal(err, e.health(tg))
	}
	must[*elb.SetSubnetsOutput](t)(e.SetSubnets(t.Context(), &elb.SetSubnetsInput{LoadBalancerArn: &alb, Subnets: []string{"subnet-1-a", "subnet-1-c"}}))
	if got := e.health(tg); got != "initial Elb.RegistrationInProgress" {
		t.Fatal(got)
	}
}

func TestRegisterTargets(t *testing.T) {
	e := start(t)
	e.service.Limits.Targets = 1
	e.net.instances["i-1"] = ec2.Instance{ID: "i-1", State: "running", VPCID: "vpc-1", PrivateIP: "10.0.0.9", AvailabilityZone: "us-east-1a"}
	e.net.instances["i-2"] = ec2.Instance{ID: "i-2", State: "stopped", VPCID: "vpc-1"}
	e.net.instances["i-3"] = ec2.Instance{ID: "i-3", State: "running", VPCID: "vpc-2"}
	ip, instance := e.group("ip"), e.group("instance", func(in *elb.CreateTargetGroupInput) { in.TargetType = "instance" })
	e.register(ip, "10.0.0.1")
	e.register(ip, "10.0.0.1") // idempotent
	e.register(instance, "i-1")
	for _, c := range []struct{ tg, id, code, part string }{
		{ip, "8.8.8.8", "ValidationError", "8.8.8.8"}, {ip, "i-1", "ValidationError", "not a valid IPv4"}, {ip, "10.0.0.2", "TooManyTargets", "maximum"},
		{instance, "i-2", "InvalidTarget", "not in a running state"}, {instance, "i-3", "InvalidTarget", "not in the target group VPC"}, {ip + "x", "10.0.0.1", "TargetGroupNotFound", "not found"},
	} {
		_, err := e.RegisterTargets(t.Context(), &elb.RegisterTargetsInput{TargetGroupArn: &c.tg, Targets: []types.TargetDescription{{Id: &c.id}}})
		fails(t, err, c.code, c.part)
	}
	out := must[*elb.DescribeTargetHealthOutput](t)(e.DescribeTargetHealth(t.Context(), &elb.DescribeTargetHealthInput{TargetGroupArn: &ip, Targets: []types.TargetDescription{{Id: aws.String("10.0.0.9")}}}))
	if h := out.TargetHealthDescriptions[0].TargetHealth; h.State != "unused" || h.Reason != "Target.NotRegistered" {
		t.Fatalf("%+v", h)
	}
	e.service.SetProber(func(_ coreScope, addr string, _ int) bool { return addr == "10.0.0.9" })
	e.listener(e.alb("web"), "HTTP", 80, forward(instance))
	e.server.Advance(provisioning + registerALB)
	if got := e.health(instance); got != "healthy" {
		t.Fatal(got)
	}
	delete(e.net.instances, "i-1")
	e.server.Advance(30 * time.Second)
	if got := e.health(instance); got != "unused Target.InvalidState" {
		t.Fatal(got)
	}
}

func TestTargetGroups(t *testing.T) {
	e := start(t)
	create := func(change func(*elb.CreateTargetGroupInput)) (*elb.CreateTargetGroupOutput, error) {
		in := &elb.CreateTargetGroupInput{Name: aws.String("g"), Protocol: "HTTP", Port: aws.Int32(80), VpcId: aws.String("vpc-1"), TargetType: "ip"}
		change(in)
		return e.CreateTargetGroup(t.Context(), in)
	}
	g := must[*elb.CreateTargetGroupOutput](t)(create(func(*elb.CreateTargetGroupInput) {})).TargetGroups[0]
	if *g.HealthCheckTimeoutSeconds != 5 || *g.HealthyThresholdCount != 5 || *g.UnhealthyThresholdCount != 2 || *g.HealthCheckPath != "/" || *g.Matcher.HttpCode != "200" || *g.ProtocolVersion != "HTTP1" || *g.HealthCheckPort != "traffic-port" {
		t.Fatalf("%+v", g)
	}
	if again := must[*elb.CreateTargetGroupOutput](t)(create(func(*elb.CreateTargetGroupInput) {})).TargetGroups[0]; *again.TargetGroupArn != *g.TargetGroupArn {
		t.Fatal("another group")
	}
	n := must[*elb.CreateTargetGroupOutput](t)(create(func(in *elb.CreateTargetGroupInput) { in.Name, in.Protocol = aws.String("n"), "TCP" })).TargetGroups[0]
	if n.HealthCheckProtocol != "TCP" || *n.HealthCheckTimeoutSeconds != 10 || n.HealthCheckPath != nil || n.Matcher != nil {
		t.Fatalf("%+v", n)
	}
	for name, c := range map[string]struct {
		change     func(*elb.CreateTargetGroupInput)
		code, part string
	}{
		"differing":  {func(in *elb.CreateTargetGroupInput) { in.Port = aws.Int32(81) }, "DuplicateTargetGroupName", "A target group with the same name 'g' exists, but with different settings"},
		"no vpc":     {func(in *elb.CreateTargetGroupInput) { in.VpcId = nil }, "ValidationError", "VPC"},
		"lambda":     {func(in *elb.CreateTargetGroupInput) { in.TargetType = "lambda" }, "ValidationError", "lambda"},
		"interval":   {func(in *elb.CreateTargetGroupInput) { in.HealthCheckIntervalSeconds = aws.Int32(4) }, "ValidationError", "interval"},
		"timeout":    {func(in *elb.CreateTargetGroupInput) { in.HealthCheckTimeoutSeconds = aws.Int32(30) }, "ValidationError", "greater than the timeout"},
		"threshold":  {func(in *elb.CreateTargetGroupInput) { in.HealthyThresholdCount = aws.Int32(1) }, "ValidationError", "threshold"},
		"tcp checks": {func(in *elb.CreateTargetGroupInput) { in.HealthCheckProtocol = "TCP" }, "ValidationError", "TCP"},
		"matcher":    {func(in *elb.CreateTargetGroupInput) { in.Matcher = &types.Matcher{HttpCode: aws.String("200,500")} }, "ValidationError", "200-499"},
		"disabled":   {func(in *elb.CreateTargetGroupInput) { in.HealthCheckEnabled = aws.Bool(false) }, "ValidationError", "enabled must be true"},
		"unknown":    {func(in *elb.CreateTargetGroupInput) { in.TargetControlPort = aws.Int32(1) }, "ValidationError", "TargetControlPort"},
	} {
		_, err := create(c.change)
		if err == nil {
			t.Fatal(name)
		}
		fails(t, err, c.code, c.part)
	}
	m := must[*elb.ModifyTargetGroupOutput](t)(e.ModifyTargetGroup(t.Context(), &elb.ModifyTargetGroupInput{TargetGroupArn: g.TargetGroupArn, HealthCheckPath: aws.String("/v1/health")})).TargetGroups[0]
	if *m.HealthCheckPath != "/v1/health" || *m.HealthyThresholdCount != 5 {
		t.Fatalf("%+v", m)
	}
	e.world.Settings.PageSize = 1
	pages := 0
	p := elb.NewDescribeTargetGroupsPaginator(e.Client, &elb.DescribeTargetGroupsInput{})
	for p.HasMorePages() {
		must[*elb.DescribeTargetGroupsOutput](t)(p.NextPage(t.Context()))
		pages++
	}
	if pages != 2 {
		t.Fatal(pages)
	}
	_, err := e.DescribeTargetGroups(t.Context(), &elb.DescribeTargetGroupsInput{Names: []string{"x"}})
	fails(t, err, "TargetGroupNotFound", "One or more target groups not found")
}

func TestTargetGroupAttributes(t *testing.T) {
	e := start(t)
	alb, nlb := e.group("a"), e.group("n", tcp)
	for _, c := range []struct{ tg, key, value, code, part string }{
		{alb, "deregistration_delay.timeout_seconds", "3600", "", ""}, {alb, "deregistration_delay.timeout_seconds", "3601", "ValidationError", "3601"},
		{alb, "slow_start.duration_seconds", "29", "ValidationError", "29"}, {alb, "slow_start.duration_seconds", "0", "", ""},
		{alb, "preserve_client_ip.enabled", "true", "InvalidConfigurationRequest", "HTTP"}, {nlb, "preserve_client_ip.enabled", "true", "", ""},
		{nlb, "stickiness.lb_cookie.duration_seconds", "1", "InvalidConfigurationRequest", "TCP"}, {alb, "x", "y", "ValidationError", "not recognized"},
		{alb, "stickiness.type", "source_ip", "InvalidConfigurationRequest", "source_ip"}, {alb, "load_balancing.algorithm.type", "least_outstanding_requests", "", ""},
	} {
		_, err := e.ModifyTargetGroupAttributes(t.Context(), &elb.ModifyTargetGroupAttributesInput{TargetGroupArn: &c.tg, Attributes: []types.TargetGroupAttribute{{Key: &c.key, Value: &c.value}}})
		if c.code != "" {
			fails(t, err, c.code, c.part)
		} else if err != nil {
			t.Fatal(c, err)
		}
	}
	out := must[*elb.DescribeTargetGroupAttributesOutput](t)(e.DescribeTargetGroupAttributes(t.Context(), &elb.DescribeTargetGroupAttributesInput{TargetGroupArn: &alb}))
	var got []string
	for _, a := range out.Attributes {
		got = append(got, *a.Key+"="+*a.Value)
	}
	if s := strings.Join(got, " "); !strings.Contains(s, "deregistration_delay.timeout_seconds=3600") || strings.Contains(s, "proxy_protocol") {
		t.Fatal(s)
	}
}

func TestTags(t *testing.T) {
	e := start(t)
	alb := e.alb("web")
	l := e.listener(alb, "HTTP", 80, notFound())
	arns := []string{alb, l, e.rule(l, 1, notFound()), e.group("g")}
	must[*elb.AddTagsOutput](t)(e.AddTags(t.Context(), &elb.AddTagsInput{ResourceArns: arns, Tags: []types.Tag{{Key: aws.String("a"), Value: aws.String("1")}, {Key: aws.String("b"), Value: aws.String("2")}}}))
	must[*elb.RemoveTagsOutput](t)(e.RemoveTags(t.Context(), &elb.RemoveTagsInput{ResourceArns: arns, TagKeys: []string{"b", "c"}}))
	out := must[*elb.DescribeTagsOutput](t)(e.DescribeTags(t.Context(), &elb.DescribeTagsInput{ResourceArns: arns}))
	for i, d := range out.TagDescriptions {
		if *d.ResourceArn != arns[i] || len(d.Tags) != 1 || *d.Tags[0].Value != "1" {
			t.Fatalf("%+v", d)
		}
	}
	_, err := e.DescribeTags(t.Context(), &elb.DescribeTagsInput{ResourceArns: make([]string, 21)})
	fails(t, err, "ValidationError", "20")
	_, err = e.DescribeTags(t.Context(), &elb.DescribeTagsInput{ResourceArns: []string{l + "x"}})
	fails(t, err, "ListenerNotFound", "not found")
	var many []types.Tag
	for i := range 51 {
		many = append(many, types.Tag{Key: aws.String(strings.Repeat("k", i+1))})
	}
	_, err = e.AddTags(t.Context(), &elb.AddTagsInput{ResourceArns: arns, Tags: many})
	fails(t, err, "TooManyTags", "50")
	kinds := map[string]int{}
	for _, r := range e.server.Resources(false) {
		kinds[r.Kind]++
		if r.Kind == "ListenerRule" && r.AWSManaged != (r.Name == "default") {
			t.Fatalf("%+v", r)
		}
	}
	if kinds["LoadBalancer"] != 1 || kinds["TargetGroup"] != 1 || kinds["Listener"] != 1 || kinds["ListenerRule"] != 2 {
		t.Fatal(kinds)
	}
	e.world.Lock()
	if got := e.world.Tagged(here)[alb]["a"]; got != "1" {
		t.Error(got)
	}
	e.world.Unlock()
	must[*elb.DescribeAccountLimitsOutput](t)(e.DescribeAccountLimits(t.Context(), &elb.DescribeAccountLimitsInput{}))
	p := must[*elb.DescribeSSLPoliciesOutput](t)(e.DescribeSSLPolicies(t.Context(), &elb.DescribeSSLPoliciesInput{Names: []string{defaultPolicy}}))
	if len(p.SslPolicies) != 1 || len(p.SslPolicies[0].SslProtocols) == 0 {
		t.Fatalf("%+v", p)
	}
}

func TestLimits(t *testing.T) {
	e := start(t)
	e.service.Limits = Limits{ApplicationLoadBalancers: 1, NetworkLoadBalancers: 1, TargetGroups: 3, Listeners: 1, Rules: 1, TargetGroupsPerApplicationLoadBalancer: 2, TargetGroupsPerAction: 2, ConditionValues: 5}
	alb := e.alb("web")
	_, err := e.CreateLoadBalancer(t.Context(), &elb.CreateLoadBalancerInput{Name: aws.String("x"), Subnets: []string{"subnet-1-a", "subnet-1-b"}})
	fails(t, err, "TooManyLoadBalancers", "maximum")
	a, b, c := e.group("a"), e.group("b"), e.group("c")
	_, err = e.CreateTargetGroup(t.Context(), &elb.CreateTargetGroupInput{Name: aws.String("d"), Protocol: "HTTP", Port: aws.Int32(1), VpcId: aws.String("vpc-1")})
	fails(t, err, "TooManyTargetGroups", "maximum")
	l := e.listener(alb, "HTTP", 80, forward(a, b))
	_, err = e.CreateListener(t.Context(), &elb.CreateListenerInput{LoadBalancerArn: &alb, Protocol: "HTTP", Port: aws.Int32(81), DefaultActions: notFound()})
	fails(t, err, "TooManyListeners", "maximum")
	_, err = e.CreateRule(t.Context(), &elb.CreateRuleInput{ListenerArn: &l, Priority: aws.Int32(1), Conditions: path("/"), Actions: forward(c)})
	fails(t, err, "TooManyUniqueTargetGroupsPerLoadBalancer", "maximum")
	_, err = e.CreateRule(t.Context(), &elb.CreateRuleInput{ListenerArn: &l, Priority: aws.Int32(1), Conditions: path("/"), Actions: forward(a, b, c)})
	fails(t, err, "TooManyTargetGroups", "at most 2")
	e.rule(l, 1, notFound())
	_, err = e.CreateRule(t.Context(), &elb.CreateRuleInput{ListenerArn: &l, Priority: aws.Int32(2), Conditions: path("/"), Actions: notFound()})
	fails(t, err, "TooManyRules", "maximum")
}
