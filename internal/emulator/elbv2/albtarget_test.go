package elbv2

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// front makes a group for an Application Load Balancer that takes a few answers for health.
func (e *emulator) front(name string, edit func(*elb.CreateTargetGroupInput)) string {
	return e.group(name, quick, tcp, func(in *elb.CreateTargetGroupInput) {
		in.TargetType, in.Port, in.HealthCheckProtocol = "alb", aws.Int32(80), "HTTP"
		if edit != nil {
			edit(in)
		}
	})
}

func (e *emulator) aim(tg, alb string, port int32) error {
	_, err := e.RegisterTargets(e.Context(), &elb.RegisterTargetsInput{TargetGroupArn: &tg, Targets: []types.TargetDescription{{Id: &alb, Port: &port}}})
	return err
}

// TestApplicationLoadBalancerAsTarget registers one, and finds that it and its listener can't go meanwhile.
func TestApplicationLoadBalancerAsTarget(t *testing.T) {
	e := start(t)
	ctx := t.Context()
	alb, nlb := e.alb("web"), e.nlb("net")
	tg := e.front("front", nil)
	const unheard = "the target must have at least one listener that matches the target group port"
	fails(t, e.aim(tg, alb, 80), "ValidationError", unheard)
	l := e.listener(alb, "HTTP", 80, notFound())
	fails(t, e.aim(tg, alb, 443), "ValidationError", unheard)
	fails(t, e.aim(tg, nlb, 80), "InvalidTarget", "not Application Load Balancers")
	for range 2 { // idempotent
		if err := e.aim(tg, alb, 80); err != nil {
			t.Fatal(err)
		}
	}
	other := e.alb("other")
	e.listener(other, "HTTP", 80, notFound())
	fails(t, e.aim(tg, other, 80), "TooManyTargets", "")

	_, err := e.DeleteListener(ctx, &elb.DeleteListenerInput{ListenerArn: &l})
	fails(t, err, "ResourceInUse", "Listener port '80' is in use by registered target")
	_, err = e.ModifyListener(ctx, &elb.ModifyListenerInput{ListenerArn: &l, Port: aws.Int32(81)})
	fails(t, err, "ResourceInUse", "Listener port '80' is in use by registered target")
	_, err = e.DeleteLoadBalancer(ctx, &elb.DeleteLoadBalancerInput{LoadBalancerArn: &alb})
	fails(t, err, "ResourceInUse", "registered as a target")
	_, err = e.ModifyTargetGroupAttributes(ctx, &elb.ModifyTargetGroupAttributesInput{TargetGroupArn: &tg, Attributes: []types.TargetGroupAttribute{
		{Key: aws.String("deregistration_delay.timeout_seconds"), Value: aws.String("0")},
	}})
	fails(t, err, "InvalidConfigurationRequest", "target type is 'alb'")
	second, third := e.front("second", nil), e.front("third", nil)
	if err := e.aim(second, alb, 80); err != nil {
		t.Fatal(err)
	}
	fails(t, e.aim(third, alb, 80), "TooManyRegistrationsForTargetId", "")

	for _, group := range []string{tg, second} {
		must[*elb.DeregisterTargetsOutput](t)(e.DeregisterTargets(ctx, &elb.DeregisterTargetsInput{TargetGroupArn: &group, Targets: []types.TargetDescription{{Id: &alb}}}))
	}
	must[*elb.ModifyListenerOutput](t)(e.ModifyListener(ctx, &elb.ModifyListenerInput{ListenerArn: &l, Port: aws.Int32(81)}))
	must[*elb.DeleteLoadBalancerOutput](t)(e.DeleteLoadBalancer(ctx, &elb.DeleteLoadBalancerInput{LoadBalancerArn: &alb}))
}

func TestGroupsOfApplicationLoadBalancers(t *testing.T) {
	e := start(t)
	create := func(edit func(*elb.CreateTargetGroupInput)) error {
		in := &elb.CreateTargetGroupInput{Name: aws.String("g"), VpcId: aws.String("vpc-1"), TargetType: "alb", Protocol: "TCP", Port: aws.Int32(80)}
		edit(in)
		_, err := e.CreateTargetGroup(t.Context(), in)
		return err
	}
	fails(t, create(func(in *elb.CreateTargetGroupInput) { in.Protocol = "TLS" }), "ValidationError", "not supported for target groups with the TLS protocol")
	fails(t, create(func(in *elb.CreateTargetGroupInput) { in.HealthCheckProtocol = "TCP" }), "ValidationError", "target type 'alb'")
	if err := create(func(*elb.CreateTargetGroupInput) {}); err != nil {
		t.Fatal(err) // health checks are by HTTP then
	}
	nlb, tg := e.nlb("net"), e.front("front", nil)
	_, err := e.CreateListener(t.Context(), &elb.CreateListenerInput{
		LoadBalancerArn: &nlb, Protocol: "TLS", Port: aws.Int32(443), DefaultActions: forward(tg),
		Certificates: []types.Certificate{{CertificateArn: aws.String("arn:aws:acm:us-east-1:123456789012:certificate/1")}},
	})
	fails(t, err, "IncompatibleProtocols", "target type 'alb'")
}

// TestThroughBothLoadBalancers asks a Network Load Balancer what becomes of requests that an Application Load Balancer
// behind it decides, from clients in the VPC and through AWS PrivateLink.
func TestThroughBothLoadBalancers(t *testing.T) {
	e := start(t)
	up, open, linked := true, true, false
	e.service.SetProber(func(core.Scope, string, int) bool { return up })
	e.service.SetPath(func(core.Scope, string, string, int) bool { return open })
	e.service.SetPrivateLinkClients(func(core.Scope, string, string, int) bool { return linked })
	alb, nlb, tasks := e.alb("web"), e.nlb("net", "sg-1"), e.group("tasks", quick)
	e.register(tasks, "10.0.0.1")
	e.listener(alb, "HTTP", 80, forward(tasks))
	tg := e.front("front", nil)
	if err := e.aim(tg, alb, 80); err != nil {
		t.Fatal(err)
	}
	e.listener(nlb, "TCP", 80, forward(tg))
	lb, _ := e.service.region(here).loadBalancers.get(nlb)
	ask := func(q ClientRequest) string {
		q.DNS, q.Port, q.Path = lb.DNSName, 80, "/x"
		return e.service.Route(q).text()
	}
	link := func() string {
		return e.service.RouteEndpoint(here, nlb, ClientRequest{Port: 80, Source: "172.31.0.7", Path: "/x"}).text()
	}
	if got := link(); got != "the load balancer is provisioning" {
		t.Fatal(got)
	}
	e.server.Advance(provisioning)
	if got, want := ask(ClientRequest{}), "no target is healthy and reached in "+tg; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	e.server.Advance(registerNLB + time.Minute)
	const served = "default 10.0.0.1:8787(1) /x"
	if got := ask(ClientRequest{}); got != served {
		t.Errorf("got %q, want %q", got, served)
	}
	if got, want := ask(ClientRequest{TLS: true}), "the client speaks TLS, and the listener HTTP"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := link(), "172.31.0.7 isn't let in through AWS PrivateLink in us-east-1a on port 80"; got != want {
		t.Errorf("with the rules enforced, which is the default, got %q, want %q", got, want)
	}
	enforce := func(how types.EnforceSecurityGroupInboundRulesOnPrivateLinkTrafficEnum) {
		must[*elb.SetSecurityGroupsOutput](t)(e.SetSecurityGroups(t.Context(), &elb.SetSecurityGroupsInput{
			LoadBalancerArn: &nlb, SecurityGroups: []string{"sg-1"}, EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic: how,
		}))
	}
	enforce("off")
	if got := link(); got != served {
		t.Errorf("got %q, want %q", got, served)
	}
	enforce("on")
	linked = true // a rule names the client's address
	if got := link(); got != served {
		t.Errorf("got %q, want %q", got, served)
	}
	up = false
	e.server.Advance(5 * time.Minute)
	if got, want := e.health(tg), "unhealthy Target.ResponseCodeMismatch"; got != want {
		t.Errorf("the Application Load Balancer answers 503: got %q, want %q", got, want)
	}
	up, open = true, false
	e.server.Advance(5 * time.Minute)
	if got, want := e.health(tg), "unhealthy Target.Timeout"; got != want {
		t.Errorf("behind a closed door: got %q, want %q", got, want)
	}
}
