package kinds_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
	"github.com/portkey-ai/portkey-ecs-operator/internal/kinds"
)

// pairStack is a stack whose target has a second target group and what it takes to shift traffic.
type pairStack struct {
	*stack
	plain, pair kinds.Target
	production  string
}

func newPairStack(t *testing.T) *pairStack {
	t.Helper()
	st := newStack(t)
	listeners, err := st.clients.ELB.DescribeListeners(t.Context(), &elasticloadbalancingv2.DescribeListenersInput{LoadBalancerArn: sdk.String(st.balancer())})
	st.must(err)
	p := &pairStack{stack: st, plain: st.spec.Targets[0], production: *listeners.Listeners[0].ListenerArn}
	green := newLife(st.sandbox, kinds.TargetGroup{}, "targetgroup/green", "main-abc-green").create(st.network.targetGroup())
	test := newLife(st.sandbox, kinds.Listener{}, "listener/test", "").create(kinds.ListenerSpec{
		LoadBalancer: graph.Lit(st.balancer()), TargetGroup: graph.Lit(green.ID), Port: 8080, Protocol: "TCP"})
	role := roleSpec()
	role.Trust, role.ManagedPolicies = trust("ecs"), graph.Lits("arn:aws:iam::aws:policy/AmazonECSInfrastructureRolePolicyForLoadBalancers")
	infrastructure := newLife(st.sandbox, kinds.Role{}, "role/infrastructure", "main-infrastructure").create(role)
	p.pair = p.plain
	p.pair.Alternate, p.pair.ProductionRule, p.pair.TestRule = graph.Lit(green.ID), graph.Lit(p.production), graph.Lit(test.ID)
	p.pair.Role = graph.Lit(infrastructure.Out["arn"])
	st.server.Advance(10 * time.Minute)
	return p
}

func (st *stack) balancer() string {
	st.Helper()
	out, err := st.clients.ELB.DescribeLoadBalancers(st.Context(), &elasticloadbalancingv2.DescribeLoadBalancersInput{})
	st.must(err)
	return *out.LoadBalancers[0].LoadBalancerArn
}

// want changes the spec to a strategy.
func (p *pairStack) want(strategy string) {
	p.spec.Strategy, p.spec.Canary, p.spec.Linear = strategy, nil, nil
	p.spec.Targets = []kinds.Target{p.pair}
	switch strategy {
	case "ROLLING":
		p.spec.Targets = []kinds.Target{p.plain}
	case "CANARY":
		p.spec.Canary = &kinds.TrafficStep{Percent: 12.5, BakeMinutes: 2}
	case "LINEAR":
		p.spec.Linear = &kinds.TrafficStep{Percent: 50, BakeMinutes: 2}
	}
}

// settle takes the service to its spec as the engine would, and answers its last state and how many
// calls changed something. Production must be served all the way.
func (p *pairStack) settle(served bool) (graph.Live, int) {
	p.Helper()
	updates := 0
	for range 2000 {
		live := p.record(p.observe(p.spec))
		changes := p.kind.Diff(p.call(), p.spec, live)
		if len(changes) > 0 {
			updates++
			after, err := p.kind.Update(p.Context(), p.call(), p.spec, live, changes)
			p.must(err)
			live = p.record(after)
		}
		if live.Phase == graph.Ready || (live.Reason != "" && !live.Facts.(*kinds.ServiceFacts).Deploying) {
			return live, updates
		}
		p.server.Advance(15 * time.Second)
		if served {
			p.served()
		}
	}
	p.Fatalf("never settled: %+v", p.observe(p.spec))
	return graph.Live{}, 0
}

// served fails the test when production goes where nothing is healthy.
func (p *pairStack) served() {
	p.Helper()
	for _, g := range p.forwards() {
		if sdk.ToInt32(g.Weight) == 0 {
			continue
		}
		out, err := p.clients.ELB.DescribeTargetHealth(p.Context(), &elasticloadbalancingv2.DescribeTargetHealthInput{TargetGroupArn: g.TargetGroupArn})
		p.must(err)
		if !slices.ContainsFunc(out.TargetHealthDescriptions, func(d elbtypes.TargetHealthDescription) bool {
			return d.TargetHealth.State == elbtypes.TargetHealthStateEnumHealthy
		}) {
			p.Fatalf("production goes to %s, where nothing is healthy: %+v", *g.TargetGroupArn, p.observe(p.spec))
		}
	}
}

func (p *pairStack) forwards() []elbtypes.TargetGroupTuple {
	p.Helper()
	out, err := p.clients.ELB.DescribeListeners(p.Context(), &elasticloadbalancingv2.DescribeListenersInput{ListenerArns: []string{p.production}})
	p.must(err)
	return out.Listeners[0].DefaultActions[0].ForwardConfig.TargetGroups
}

var strategyNames = []string{"ROLLING", "BLUE_GREEN", "CANARY", "LINEAR"}

// TestStrategySwitches goes from each strategy to each, with a new image in the same edit and without.
func TestStrategySwitches(t *testing.T) {
	for _, from := range strategyNames {
		for _, to := range strategyNames {
			for _, renew := range []bool{true, false} {
				if !renew && (from == to || (from == "ROLLING") == (to == "ROLLING")) {
					continue // nothing but a field changes
				}
				t.Run(from+" to "+to+map[bool]string{true: " with a new image"}[renew], func(t *testing.T) {
					t.Parallel()
					p := newPairStack(t)
					p.want(from)
					p.create(p.spec)
					p.settle(false)
					p.served()
					p.want(to)
					if renew {
						p.image("docker.io/portkeyai/gateway:2")
					}
					live, _ := p.settle(true)
					if live.Phase != graph.Ready {
						t.Fatalf("%+v", live)
					}
					out, err := p.clients.ECS.DescribeServices(t.Context(), &ecs.DescribeServicesInput{Cluster: sdk.String("main-abc"), Services: []string{"gateway"}})
					p.must(err)
					s := out.Services[0]
					if got := string(s.DeploymentConfiguration.Strategy); got != to || *s.TaskDefinition != p.spec.TaskDefinition.String() {
						t.Errorf("it is deployed by %s, and runs %s", got, *s.TaskDefinition)
					}
					if paired := s.LoadBalancers[0].AdvancedConfiguration != nil; paired != (to != "ROLLING") {
						t.Errorf("it has a pair: %v", paired)
					}
					if to == "ROLLING" {
						for _, g := range p.forwards() {
							if sdk.ToInt32(g.Weight) > 0 && *g.TargetGroupArn != p.plain.Group.String() {
								t.Errorf("production stays at the group that goes: %+v", p.forwards())
							}
						}
					}
					if got := count(p.calls(func() { p.equal(p.spec, p.observe(p.spec)) })); got != "DescribeServices" {
						t.Errorf("a look at what is as it should be called %s", got)
					}
				})
			}
		}
	}
}

// TestShiftShows follows a canary.
func TestShiftShows(t *testing.T) {
	p := newPairStack(t)
	p.want("CANARY")
	p.create(p.spec)
	p.settle(false)
	p.image("docker.io/portkeyai/gateway:2")
	var stages []string
	var last float64
	for range 2000 {
		live := p.record(p.observe(p.spec))
		if changes := p.kind.Diff(p.call(), p.spec, live); len(changes) > 0 {
			after, err := p.kind.Update(t.Context(), p.call(), p.spec, live, changes)
			p.must(err)
			p.record(after)
			continue
		}
		f := live.Facts.(*kinds.ServiceFacts)
		if live.Phase == graph.Ready {
			break
		}
		if stage := f.Deployment.Stage; len(stages) == 0 || stages[len(stages)-1] != stage {
			stages = append(stages, stage)
		}
		if !strings.Contains(live.Why, "CANARY") || f.Deployment.Strategy != "CANARY" || !strings.Contains(live.Why, f.Deployment.Stage) || live.Recheck <= 0 || live.Recheck > 2*time.Minute {
			t.Fatalf("%+v", live)
		}
		if percent := f.Deployment.TrafficPercent; percent != nil {
			if *percent < last {
				t.Errorf("traffic went back: %v", *percent)
			}
			last = *percent
		}
		p.server.Advance(10 * time.Second)
	}
	if last != 100 || !slices.Contains(stages, "PRODUCTION_TRAFFIC_SHIFT") || !slices.Contains(stages, "BAKE_TIME") {
		t.Errorf("%v, %v", stages, last)
	}
}

// TestShiftRolledBack deploys what doesn't work, and by a role that may do nothing.
func TestShiftRolledBack(t *testing.T) {
	for _, c := range []struct{ why, image, reason string }{
		{"the circuit breaker trips", "docker.io/portkeyai/gateway:2-broken-crash-30s", "circuit breaker"},
		{"somebody splits production", "docker.io/portkeyai/gateway:2", "found 2"},
	} {
		p := newPairStack(t)
		p.want("BLUE_GREEN")
		p.create(p.spec)
		p.settle(false)
		if c.reason == "found 2" {
			one := sdk.Int32(1)
			_, err := p.clients.ELB.ModifyListener(t.Context(), &elasticloadbalancingv2.ModifyListenerInput{ListenerArn: &p.production, DefaultActions: []elbtypes.Action{{
				Type: elbtypes.ActionTypeEnumForward, ForwardConfig: &elbtypes.ForwardActionConfig{TargetGroups: []elbtypes.TargetGroupTuple{
					{TargetGroupArn: sdk.String(p.pair.Group.String()), Weight: one}, {TargetGroupArn: sdk.String(p.pair.Alternate.String()), Weight: one}}}}}})
			p.must(err)
		}
		p.image(c.image)
		live, updates := p.settle(false)
		if live.Reason != kinds.ReasonRolledBack || !strings.Contains(live.Why, c.reason) || updates != 1 {
			t.Errorf("%s: %s %s after %d updates", c.why, live.Reason, live.Why, updates)
		}
		p.server.Advance(24 * time.Hour)
		if live = p.observe(p.spec); len(p.diff(p.spec, live)) > 0 || live.Reason != kinds.ReasonRolledBack {
			t.Errorf("%s: it is tried again: %v", c.why, p.diff(p.spec, live))
		}
		p.image("docker.io/portkeyai/gateway:3")
		if live, _ := p.settle(c.reason != "found 2"); live.Phase != graph.Ready {
			t.Errorf("%s: %+v", c.why, live)
		}
	}
}

// TestNewestWishOfAShift changes the image while traffic shifts, and the strategy as well.
func TestNewestWishOfAShift(t *testing.T) {
	for _, to := range strategyNames {
		p := newPairStack(t)
		p.want("CANARY")
		p.create(p.spec)
		p.settle(false)
		p.image("docker.io/portkeyai/gateway:2")
		for {
			live := p.record(p.observe(p.spec))
			if f := live.Facts.(*kinds.ServiceFacts); f.Deployment.TrafficPercent != nil {
				break
			}
			if changes := p.kind.Diff(p.call(), p.spec, live); len(changes) > 0 {
				_, err := p.kind.Update(t.Context(), p.call(), p.spec, live, changes)
				p.must(err)
			}
			p.server.Advance(10 * time.Second)
		}
		p.want(to)
		p.image("docker.io/portkeyai/gateway:3")
		live, _ := p.settle(true)
		if f := live.Facts.(*kinds.ServiceFacts); live.Phase != graph.Ready || f.TaskDefinition != p.spec.TaskDefinition.String() || f.Deployment.Strategy != to {
			t.Errorf("%s: %+v", to, live)
		}
	}
}

// TestZoneRebalancing is left alone unless something is wanted.
func TestZoneRebalancing(t *testing.T) {
	st := newStack(t)
	st.create(st.spec)
	st.ready(st.spec)
	st.spec.AZRebalancing = "DISABLED"
	if got := st.diff(st.spec, st.observe(st.spec)); !slices.Equal(got, []string{"azRebalancing"}) {
		t.Errorf("differs in %v", got)
	}
	st.put(st.spec)
	st.update(ecs.UpdateServiceInput{AvailabilityZoneRebalancing: ecstypes.AvailabilityZoneRebalancingEnabled})(st.id)
	st.spec.AZRebalancing = ""
	st.equal(st.spec, st.observe(st.spec))
}
