package kinds_test

import (
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
	"github.com/portkey-ai/portkey-ecs-operator/internal/kinds"
)

func (n network) loadBalancer() kinds.LoadBalancerSpec {
	return kinds.LoadBalancerSpec{
		Type: "network", Scheme: "internet-facing", Subnets: graph.Lits(n.subnets[:2]...), SecurityGroups: graph.Lits(n.group),
		Attributes: map[string]string{"load_balancing.cross_zone.enabled": "true", "deletion_protection.enabled": "false"},
	}
}

func (n network) targetGroup() kinds.TargetGroupSpec {
	return kinds.TargetGroupSpec{
		VPC: graph.Lit(n.vpc), Protocol: "TCP", Port: 8787, HealthProtocol: "HTTP", HealthPath: "/v1/health", HealthCodes: "200",
		HealthyThreshold: 2, UnhealthyThreshold: 3, IntervalSeconds: 30, TimeoutSeconds: 10,
		Attributes: map[string]string{"deregistration_delay.timeout_seconds": "60"},
	}
}

func removeTags(s *sandbox, keys ...string) func(string) {
	return func(id string) {
		_, err := s.clients.ELB.RemoveTags(s.Context(), &elasticloadbalancingv2.RemoveTagsInput{ResourceArns: []string{id}, TagKeys: keys})
		s.must(err)
	}
}

func TestLoadBalancer(t *testing.T) {
	for _, kind := range []string{"network", "application"} {
		t.Run(kind, func(t *testing.T) {
			s := newSandbox(t)
			n := s.network()
			ctx, api := t.Context(), s.clients.ELB
			spec := n.loadBalancer()
			spec.Type = kind
			if kind == "application" {
				spec.Attributes = map[string]string{"routing.http.drop_invalid_header_fields.enabled": "true", "deletion_protection.enabled": "false"}
			}
			l := newLife(s, kinds.LoadBalancer{}, "loadbalancer/main", "main-abc")
			l.run(spec,
				edit{"another group", func(id string) {
					_, err := api.SetSecurityGroups(ctx, &elasticloadbalancingv2.SetSecurityGroupsInput{LoadBalancerArn: &id, SecurityGroups: []string{s.group(n.vpc, "else")}})
					s.must(err)
				}, []string{"securityGroups"}},
				edit{"a subnet more", func(id string) {
					_, err := api.SetSubnets(ctx, &elasticloadbalancingv2.SetSubnetsInput{LoadBalancerArn: &id, Subnets: n.subnets})
					s.must(err)
				}, []string{"subnets"}},
				edit{"deletion protection", func(id string) {
					_, err := api.ModifyLoadBalancerAttributes(ctx, &elasticloadbalancingv2.ModifyLoadBalancerAttributesInput{LoadBalancerArn: &id,
						Attributes: []elbtypes.LoadBalancerAttribute{{Key: sdk.String("deletion_protection.enabled"), Value: sdk.String("true")}}})
					s.must(err)
					for _, c := range l.kind.Diff(l.call(), spec, l.observe(spec)) {
						if !c.Unlocks {
							t.Errorf("%s doesn't unlock", c.Path)
						}
					}
				}, []string{"attributes.deletion_protection.enabled"}},
				edit{"tags taken off", removeTags(s, "team"), []string{"tags.team"}},
			)
		})
	}
}

func TestLoadBalancerGivesItsARNAtOnce(t *testing.T) {
	s := newSandbox(t)
	l := newLife(s, kinds.LoadBalancer{}, "loadbalancer/main", "main-abc")
	live := l.create(s.network().loadBalancer())
	if live.Phase != graph.Pending || live.Recheck == 0 {
		t.Errorf("a new load balancer is %s and to be looked at in %s", live.Phase, live.Recheck)
	}
	for _, a := range []graph.Attr{"arn", "dns", "zoneID", "suffix"} {
		if live.Out[a] == "" {
			t.Errorf("no %s: %v", a, live.Out)
		}
	}
	if want := "net/main-abc/"; len(live.Out["suffix"]) <= len(want) || live.Out["suffix"][:len(want)] != want {
		t.Errorf("suffix %q", live.Out["suffix"])
	}
}

func TestLoadBalancerTypeCannotChange(t *testing.T) {
	s := newSandbox(t)
	spec := s.network().loadBalancer()
	l := newLife(s, kinds.LoadBalancer{}, "loadbalancer/main", "main-abc")
	l.create(spec)
	live := l.ready(spec)
	spec.Type, spec.Scheme = "application", "internal"
	for _, c := range l.kind.Diff(l.call(), spec, live) {
		if !c.Replace {
			t.Errorf("%s can't be changed", c.Path)
		}
	}
}

func TestLoadBalancerWhoseAttributesFail(t *testing.T) {
	s := newSandbox(t)
	spec := s.network().loadBalancer()
	l := newLife(s, kinds.LoadBalancer{}, "loadbalancer/main", "main-abc")
	s.server.Inject(core.FaultRule{Service: "elasticloadbalancing", Action: "ModifyLoadBalancerAttributes", Fault: core.FaultDenied, Times: 1})
	live, err := l.kind.Create(t.Context(), l.call(), spec)
	if err == nil || live.ID == "" {
		t.Fatalf("created %q with %v", live.ID, err)
	}
	l.record(live)
	l.put(spec)
}

func TestTargetGroup(t *testing.T) {
	s := newSandbox(t)
	n := s.network()
	ctx, api := t.Context(), s.clients.ELB
	spec := n.targetGroup()
	l := newLife(s, kinds.TargetGroup{}, "targetgroup/gateway", "main-abc-gateway")
	l.run(spec,
		edit{"another health check", func(id string) {
			_, err := api.ModifyTargetGroup(ctx, &elasticloadbalancingv2.ModifyTargetGroupInput{TargetGroupArn: &id, HealthCheckPath: sdk.String("/"),
				HealthyThresholdCount: sdk.Int32(5), UnhealthyThresholdCount: sdk.Int32(5), HealthCheckIntervalSeconds: sdk.Int32(60),
				HealthCheckTimeoutSeconds: sdk.Int32(20), Matcher: &elbtypes.Matcher{HttpCode: sdk.String("200-299")}})
			s.must(err)
		}, []string{"healthPath", "healthCodes", "healthyThreshold", "unhealthyThreshold", "intervalSeconds", "timeoutSeconds"}},
		edit{"another attribute", func(id string) {
			_, err := api.ModifyTargetGroupAttributes(ctx, &elasticloadbalancingv2.ModifyTargetGroupAttributesInput{TargetGroupArn: &id,
				Attributes: []elbtypes.TargetGroupAttribute{{Key: sdk.String("deregistration_delay.timeout_seconds"), Value: sdk.String("300")}}})
			s.must(err)
		}, []string{"attributes.deregistration_delay.timeout_seconds"}},
		edit{"tags taken off", removeTags(s, "team"), []string{"tags.team"}},
	)
	l.id = ""
	l.create(spec)
	live := l.ready(spec)
	spec.Port, spec.Protocol = 8788, "TLS"
	for _, c := range l.kind.Diff(l.call(), spec, live) {
		if !c.Replace {
			t.Errorf("%s can't be changed", c.Path)
		}
	}
}

func TestListener(t *testing.T) {
	s := newSandbox(t)
	n := s.network()
	ctx, api := t.Context(), s.clients.ELB
	lb := newLife(s, kinds.LoadBalancer{}, "loadbalancer/main", "main-abc")
	lb.create(n.loadBalancer())
	arn := map[string]string{}
	for _, name := range []string{"one", "two"} {
		arn[name] = newLife(s, kinds.TargetGroup{}, graph.NodeID("targetgroup/"+name), name).create(n.targetGroup()).ID
	}
	spec := kinds.ListenerSpec{LoadBalancer: graph.Lit(lb.id), TargetGroup: graph.Lit(arn["one"]), Port: 80, Protocol: "TCP"}
	l := newLife(s, kinds.Listener{}, "listener/main", "")
	l.run(spec,
		edit{"another target group", func(id string) {
			_, err := api.ModifyListener(ctx, &elasticloadbalancingv2.ModifyListenerInput{ListenerArn: &id,
				DefaultActions: []elbtypes.Action{{Type: elbtypes.ActionTypeEnumForward, TargetGroupArn: sdk.String(arn["two"])}}})
			s.must(err)
		}, []string{"targetGroup"}},
		edit{"another port", func(id string) {
			_, err := api.ModifyListener(ctx, &elasticloadbalancingv2.ModifyListenerInput{ListenerArn: &id, Port: sdk.Int32(81)})
			s.must(err)
		}, []string{"port"}},
		edit{"tags taken off", removeTags(s, "team"), []string{"tags.team"}},
	)
	l.id = ""
	live := l.create(spec)
	unknown := spec
	unknown.LoadBalancer = graph.Lit(graph.KnownAfterApply)
	if got := l.observe(unknown); got.ID != live.ID {
		t.Errorf("by its record %q, want %q", got.ID, live.ID)
	}
	l.id = ""
	if got := l.observe(unknown); got.Phase != graph.Absent {
		t.Errorf("without load balancer and record it is %s", got.Phase)
	}
	lb.remove(n.loadBalancer())
	l.id = live.ID
	for _, in := range []kinds.ListenerSpec{spec, unknown} {
		if got := l.observe(in); got.Phase != graph.Absent {
			t.Errorf("after its load balancer it is %s", got.Phase)
		}
	}
}

func TestRoutingReadsTagsInBulk(t *testing.T) {
	s := newSandbox(t)
	s.world.Settings.PageSize = 0
	n := s.network()
	lb := newLife(s, kinds.LoadBalancer{}, "loadbalancer/main", "main-abc")
	lb.create(n.loadBalancer())
	group := newLife(s, kinds.TargetGroup{}, "targetgroup/gateway", "main-abc-gateway")
	group.create(n.targetGroup())
	spec := kinds.ListenerSpec{LoadBalancer: graph.Lit(lb.id), TargetGroup: graph.Lit(group.id), Port: 80, Protocol: "TCP"}
	l := newLife(s, kinds.Listener{}, "listener/main", "")
	l.create(spec)
	s.server.Advance(10 * time.Minute)
	w := s.call("", "", "").World
	walk := func() {
		for _, observe := range []func() (graph.Live, error){
			func() (graph.Live, error) {
				c := lb.call()
				c.World = w
				return lb.kind.Observe(t.Context(), c, n.loadBalancer())
			},
			func() (graph.Live, error) {
				c := group.call()
				c.World = w
				return group.kind.Observe(t.Context(), c, n.targetGroup())
			},
			func() (graph.Live, error) {
				c := l.call()
				c.World = w
				return l.kind.Observe(t.Context(), c, spec)
			},
		} {
			live, err := observe()
			s.must(err)
			if live.Phase != graph.Ready || live.Owner != graph.Ours {
				t.Errorf("%s is %s and %s", live.ID, live.Phase, live.Owner)
			}
		}
	}
	want := "DescribeListeners DescribeLoadBalancerAttributes DescribeLoadBalancers DescribeTargetGroupAttributes DescribeTargetGroups DescribeTargetHealth GetResources"
	if got := count(s.calls(walk)); got != want {
		t.Errorf("called %s", got)
	}
}
