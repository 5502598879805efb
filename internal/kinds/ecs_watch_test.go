package kinds_test

import (
	"context"
	"slices"
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/portkey-ai/portkey-ecs-operator/internal/aws"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
	"github.com/portkey-ai/portkey-ecs-operator/internal/kinds"
)

const verdict = "arn:aws:lambda:us-east-1:" + sandboxAccount + ":function:verdict"

// watched is a pair stack that is deployed by a strategy, with two alarms that are quiet.
func watched(t *testing.T, strategy string) *pairStack {
	t.Helper()
	p := newPairStack(t)
	for _, alarm := range []string{"errors", "latency"} {
		p.ECS.SetAlarm(core.Scope{Account: sandboxAccount, Region: sandboxRegion}, alarm, "OK")
	}
	p.want(strategy)
	p.create(p.spec)
	p.settle(false)
	return p
}

func (p *pairStack) config() *ecstypes.DeploymentConfiguration {
	p.Helper()
	out, err := p.clients.ECS.DescribeServices(p.Context(), &ecs.DescribeServicesInput{Cluster: sdk.String("main-abc"), Services: []string{"gateway"}})
	p.must(err)
	return out.Services[0].DeploymentConfiguration
}

func pause(minutes int, stages ...string) kinds.LifecycleHook {
	return kinds.LifecycleHook{Stages: stages, TimeoutMinutes: minutes, OnTimeout: "ROLLBACK"}
}

// TestWatch changes what may end deployments and hold them, to and fro: each takes one call, which starts
// no deployment, and what is taken away is gone.
func TestWatch(t *testing.T) {
	p := watched(t, "CANARY")
	for _, c := range []struct {
		change string
		edit   func(*kinds.ServiceSpec)
		paths  []string
		is     func(*ecstypes.DeploymentConfiguration) bool
	}{
		{"hooks", func(s *kinds.ServiceSpec) {
			s.Hooks = []kinds.LifecycleHook{pause(1440, "POST_SCALE_UP", "PRE_SCALE_UP"), {Stages: []string{"TEST_TRAFFIC_SHIFT"}, Function: graph.Lit(verdict), Role: p.pair.Role, TimeoutMinutes: 30, OnTimeout: "CONTINUE"}}
		}, []string{"deployment.hooks"}, func(c *ecstypes.DeploymentConfiguration) bool { return len(c.LifecycleHooks) == 2 }},
		{"the same hooks in another order", func(s *kinds.ServiceSpec) {
			slices.Reverse(s.Hooks)
			slices.Reverse(s.Hooks[1].Stages)
		}, nil, func(c *ecstypes.DeploymentConfiguration) bool { return len(c.LifecycleHooks) == 2 }},
		{"another timeout", func(s *kinds.ServiceSpec) { s.Hooks[1].TimeoutMinutes = 20160 }, []string{"deployment.hooks"}, nil},
		{"alarms", func(s *kinds.ServiceSpec) { s.Alarms = []string{"latency", "errors"} }, []string{"deployment.alarms"},
			func(c *ecstypes.DeploymentConfiguration) bool { return c.Alarms.Enable && c.Alarms.Rollback }},
		{"an alarm less", func(s *kinds.ServiceSpec) { s.Alarms = []string{"errors"} }, []string{"deployment.alarms"}, nil},
		{"ECS's own threshold", func(s *kinds.ServiceSpec) { s.Threshold = kinds.Threshold{Type: "BOUNDED_PERCENT", Value: 50} }, nil, nil},
		{"a threshold", func(s *kinds.ServiceSpec) { s.Threshold = kinds.Threshold{Type: "COUNT", Value: 5} }, []string{"deployment.threshold"},
			func(c *ecstypes.DeploymentConfiguration) bool {
				return c.DeploymentCircuitBreaker.ThresholdConfiguration.Value == 5
			}},
		{"adding failures up", func(s *kinds.ServiceSpec) { s.AddUpFailures = true }, []string{"deployment.addUpFailures"},
			func(c *ecstypes.DeploymentConfiguration) bool { return !*c.DeploymentCircuitBreaker.ResetOnHealthyTask }},
		{"no circuit breaker", func(s *kinds.ServiceSpec) { s.CircuitBreaker, s.Rollback = false, false }, []string{"deployment.circuitBreaker", "deployment.rollback"}, nil},
		{"and one again", func(s *kinds.ServiceSpec) {
			s.CircuitBreaker, s.Rollback, s.Threshold, s.AddUpFailures = true, true, kinds.Threshold{}, false
		}, []string{"deployment.circuitBreaker", "deployment.rollback"}, func(c *ecstypes.DeploymentConfiguration) bool {
			return *c.DeploymentCircuitBreaker.ResetOnHealthyTask && c.DeploymentCircuitBreaker.ThresholdConfiguration.Value == 50
		}},
		{"one hook less", func(s *kinds.ServiceSpec) { s.Hooks = s.Hooks[1:] }, []string{"deployment.hooks"}, func(c *ecstypes.DeploymentConfiguration) bool { return len(c.LifecycleHooks) == 1 }},
		{"no hooks", func(s *kinds.ServiceSpec) { s.Hooks = nil }, []string{"deployment.hooks"}, func(c *ecstypes.DeploymentConfiguration) bool { return len(c.LifecycleHooks) == 0 && c.Alarms.Enable }},
		{"no alarms", func(s *kinds.ServiceSpec) { s.Alarms = nil }, []string{"deployment.alarms"}, func(c *ecstypes.DeploymentConfiguration) bool { return !c.Alarms.Enable }},
	} {
		before := p.observe(p.spec).Facts.(*kinds.ServiceFacts).Deployment.ID
		c.edit(&p.spec)
		if got := p.diff(p.spec, p.observe(p.spec)); !slices.Equal(got, c.paths) {
			t.Errorf("%s: %v differs", c.change, got)
		}
		live, updates := p.settle(true)
		if live.Phase != graph.Ready || updates != min(len(c.paths), 1) || live.Facts.(*kinds.ServiceFacts).Deployment.ID != before {
			t.Errorf("%s: %d updates, and then %+v", c.change, updates, live)
		}
		if c.is != nil && !c.is(p.config()) {
			t.Errorf("%s: %+v", c.change, p.config())
		}
		p.equal(p.spec, p.observe(p.spec))
	}
}

// TestWatchByOthers finds out what somebody else has made of them.
func TestWatchByOthers(t *testing.T) {
	p := watched(t, "BLUE_GREEN")
	p.spec.Alarms = []string{"errors"}
	p.spec.Hooks = []kinds.LifecycleHook{pause(60, "POST_SCALE_UP")}
	p.put(p.spec)
	for path, c := range map[string]*ecstypes.DeploymentConfiguration{
		"deployment.hooks":  {LifecycleHooks: []ecstypes.DeploymentLifecycleHook{}},
		"deployment.alarms": {Alarms: &ecstypes.DeploymentAlarms{AlarmNames: []string{"errors"}, Enable: true}},
		"deployment.threshold": {DeploymentCircuitBreaker: &ecstypes.DeploymentCircuitBreaker{Enable: p.spec.CircuitBreaker, Rollback: p.spec.Rollback,
			ThresholdConfiguration: &ecstypes.ThresholdConfiguration{Type: ecstypes.ThresholdTypeCount, Value: 50}}},
	} {
		p.update(ecs.UpdateServiceInput{DeploymentConfiguration: c})(p.id)
		if got := p.diff(p.spec, p.observe(p.spec)); !slices.Equal(got, []string{path}) {
			t.Errorf("%v differs, and not %s", got, path)
		}
		p.put(p.spec)
	}
}

// TestHooksAcrossStrategies comes to a strategy with hooks and goes back to rolling, away from a target group
// that production has moved to: no hook that is no longer wanted holds that up.
func TestHooksAcrossStrategies(t *testing.T) {
	p := watched(t, "ROLLING")
	p.want("BLUE_GREEN")
	p.image("docker.io/portkeyai/gateway:2")
	p.spec.Alarms = []string{"errors"}
	p.spec.Hooks = []kinds.LifecycleHook{pause(300, "POST_TEST_TRAFFIC_SHIFT")}
	p.spec.Hooks[0].OnTimeout = "CONTINUE"
	if live, _ := p.settle(true); live.Phase != graph.Ready {
		t.Fatalf("%+v", live)
	}
	if c := p.config(); len(c.LifecycleHooks) != 1 || !c.Alarms.Enable {
		t.Fatalf("%+v", c)
	}
	p.want("ROLLING")
	p.image("docker.io/portkeyai/gateway:3")
	p.spec.Hooks = nil
	began := p.world.Clock.Now()
	if live, _ := p.settle(true); live.Phase != graph.Ready {
		t.Fatalf("%+v", live)
	}
	if took := p.world.Clock.Now().Sub(began); took > 40*time.Minute {
		t.Errorf("the way home took %s", took)
	}
	if c := p.config(); len(c.LifecycleHooks) != 0 || !c.Alarms.Enable || c.Strategy != ecstypes.DeploymentStrategyRolling {
		t.Errorf("%+v", c)
	}
}

// TestRolledBackByTheWatch: what a function, an alarm or the circuit breaker took back is tried again when that is
// changed, once, and not when something else of them is added.
func TestRolledBackByTheWatch(t *testing.T) {
	p := watched(t, "BLUE_GREEN")
	p.spec.Hooks = []kinds.LifecycleHook{{Stages: []string{"PRE_SCALE_UP"}, Function: graph.Lit(verdict), Role: p.pair.Role, TimeoutMinutes: 30, OnTimeout: "ROLLBACK"}}
	p.image("docker.io/portkeyai/gateway:2") // the role may call nothing
	if live, _ := p.settle(true); live.Reason != kinds.ReasonRolledBack {
		t.Fatalf("%+v", live)
	}
	p.spec.Alarms = []string{"errors"} // wasn't to blame
	if live, _ := p.settle(true); live.Reason != kinds.ReasonRolledBack {
		t.Fatalf("%+v", live)
	}
	p.spec.Hooks = nil
	if live, _ := p.settle(true); live.Phase != graph.Ready {
		t.Fatalf("without the hook: %+v", live)
	}

	p.image("docker.io/portkeyai/gateway:3-broken-crash-30s")
	if live, _ := p.settle(true); live.Reason != kinds.ReasonRolledBack {
		t.Fatalf("%+v", live)
	}
	for i, c := range []struct {
		edit  func()
		tries int
	}{
		{func() {}, 0}, {func() { p.spec.Threshold = kinds.Threshold{Type: "COUNT", Value: 2} }, 1},
		{func() { p.spec.Alarms = nil }, 1}, {func() { p.spec.Alarms = []string{"latency"} }, 0},
	} {
		before := p.deployments()
		c.edit()
		for range 2 {
			if live, _ := p.settle(true); live.Reason != kinds.ReasonRolledBack || p.deployments() != before+c.tries {
				t.Fatalf("%d: %d deployments more, want %d: %s", i, p.deployments()-before, c.tries, live.Why)
			}
			p.server.Advance(24 * time.Hour)
		}
	}
}

// inOtherWords tells of a deployment's threshold otherwise than it was sent.
type inOtherWords struct{ aws.ECS }

func (o inOtherWords) DescribeServiceDeployments(ctx context.Context, in *ecs.DescribeServiceDeploymentsInput, opts ...func(*ecs.Options)) (*ecs.DescribeServiceDeploymentsOutput, error) {
	out, err := o.ECS.DescribeServiceDeployments(ctx, in, opts...)
	if err == nil {
		for i := range out.ServiceDeployments {
			out.ServiceDeployments[i].DeploymentConfiguration.DeploymentCircuitBreaker.ThresholdConfiguration = &ecstypes.ThresholdConfiguration{Type: ecstypes.ThresholdTypeCount, Value: 77}
		}
	}
	return out, err
}

// TestRolledBackInOtherWords: what was tried for all that is wanted isn't tried again, whatever ECS makes of it.
func TestRolledBackInOtherWords(t *testing.T) {
	p := watched(t, "BLUE_GREEN")
	p.clients.ECS = inOtherWords{p.clients.ECS}
	p.image("docker.io/portkeyai/gateway:2-broken-crash-30s")
	before := p.deployments()
	for range 5 {
		if live, _ := p.settle(true); live.Reason != kinds.ReasonRolledBack {
			t.Fatalf("%+v", live)
		}
		p.server.Advance(6 * time.Hour)
	}
	if n := p.deployments() - before; n != 1 {
		t.Errorf("%d deployments", n)
	}
	p.out = nil // as when status is lost
	for range 5 {
		p.settle(true)
	}
	if n := p.deployments() - before; n > 2 {
		t.Errorf("%d deployments", n)
	}
}

// deployments counts all there were.
func (p *pairStack) deployments() int {
	p.Helper()
	in, n := &ecs.ListServiceDeploymentsInput{Cluster: sdk.String("main-abc"), Service: sdk.String("gateway")}, 0
	for {
		out, err := p.clients.ECS.ListServiceDeployments(p.Context(), in)
		p.must(err)
		n += len(out.ServiceDeployments)
		if in.NextToken = out.NextToken; in.NextToken == nil {
			return n
		}
	}
}
