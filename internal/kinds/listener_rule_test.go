package kinds_test

import (
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	elbapi "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
	"github.com/portkey-ai/portkey-ecs-operator/internal/kinds"
)

// balanced is an application load balancer with a listener that answers 404, and three target groups.
type balanced struct {
	*sandbox
	balancer, listener string
	group              map[string]string
}

func newBalanced(t *testing.T) balanced {
	t.Helper()
	s := newSandbox(t)
	n := s.network()
	b := balanced{sandbox: s, group: map[string]string{}}
	spec := n.loadBalancer()
	spec.Type, spec.Attributes = "application", nil
	lb := newLife(s, kinds.LoadBalancer{}, "load-balancer/main", "main-abc")
	lb.create(spec)
	if out := lb.ready(spec).Out; out["active"] != lb.id {
		t.Fatalf("an active load balancer says so: %v", out)
	}
	b.balancer = lb.id
	b.listener = newLife(s, kinds.Listener{}, "listener/production", "").create(kinds.ListenerSpec{LoadBalancer: graph.Lit(lb.id), Port: 80, Protocol: "HTTP"}).ID
	for _, name := range []string{"blue", "green", "other"} {
		spec := n.targetGroup()
		spec.Protocol = "HTTP"
		b.group[name] = newLife(s, kinds.TargetGroup{}, graph.NodeID("target-group/"+name), name).create(spec).ID
	}
	return b
}

func (b balanced) rule() kinds.ListenerRuleSpec {
	return kinds.ListenerRuleSpec{
		Listener: graph.Lit(b.listener), Priority: 100, Hosts: []string{"gw.example.com"}, Paths: []string{"/mcp", "/mcp/*"},
		TargetGroup: graph.Lit(b.group["blue"]), Rewrite: kinds.Rewrite{Regex: "^/mcp/?(.*)$", Replace: "/$1"},
	}
}

// forwards makes a rule forward by weight.
func (b balanced) forwards(weights map[string]int32) func(id string) {
	return func(id string) {
		f := &elbtypes.ForwardActionConfig{}
		for name, weight := range weights {
			f.TargetGroups = append(f.TargetGroups, elbtypes.TargetGroupTuple{TargetGroupArn: sdk.String(b.group[name]), Weight: &weight})
		}
		_, err := b.clients.ELB.ModifyRule(b.Context(), &elbapi.ModifyRuleInput{RuleArn: &id, Actions: []elbtypes.Action{{Type: elbtypes.ActionTypeEnumForward, ForwardConfig: f}}})
		b.must(err)
	}
}

func TestListenerRule(t *testing.T) {
	b := newBalanced(t)
	ctx, api := t.Context(), b.clients.ELB
	modify := func(in elbapi.ModifyRuleInput) func(string) {
		return func(id string) {
			in.RuleArn = &id
			_, err := api.ModifyRule(ctx, &in)
			b.must(err)
		}
	}
	l := newLife(b.sandbox, kinds.ListenerRule{}, "listener-rule/gateway", "")
	l.run(b.rule(),
		edit{"another host, and a method", modify(elbapi.ModifyRuleInput{Conditions: []elbtypes.RuleCondition{
			{Field: sdk.String("host-header"), Values: []string{"other.example.com"}},
			{Field: sdk.String("http-request-method"), HttpRequestMethodConfig: &elbtypes.HttpRequestMethodConditionConfig{Values: []string{"GET"}}},
		}}), []string{"hosts", "paths", "conditions"}},
		edit{"no rewrite", modify(elbapi.ModifyRuleInput{ResetTransforms: sdk.Bool(true)}), []string{"rewrite"}},
		edit{"another target group", b.forwards(map[string]int32{"other": 1}), []string{"targetGroup"}},
		edit{"two target groups", b.forwards(map[string]int32{"blue": 1, "other": 1}), []string{"targetGroup"}},
		edit{"another priority", func(id string) {
			_, err := api.SetRulePriorities(ctx, &elbapi.SetRulePrioritiesInput{RulePriorities: []elbtypes.RulePriorityPair{{RuleArn: &id, Priority: sdk.Int32(7)}}})
			b.must(err)
		}, []string{"priority"}},
		edit{"tags taken off", removeTags(b.sandbox, "team"), []string{"tags.team"}},
	)
	spec := b.rule()
	spec.Rewrite, spec.Hosts, l.id = kinds.Rewrite{}, nil, ""
	l.create(spec)
	if l.ready(spec).Out["serving"] != b.group["blue"] {
		t.Error("it serves from blue")
	}
}

// TestDelegatedForwards: what ECS shifts within the pair stays, what leads outside is restored, to the
// group that still serves.
func TestDelegatedForwards(t *testing.T) {
	b := newBalanced(t)
	spec := b.rule()
	spec.Alternate = graph.Lit(b.group["green"])
	l := newLife(b.sandbox, kinds.ListenerRule{}, "listener-rule/gateway", "")
	l.create(spec)
	for _, tc := range []struct {
		why     string
		weights map[string]int32
		differs bool
		serving string
	}{
		{"a canary", map[string]int32{"blue": 90, "green": 10}, false, "blue"},
		{"shifted", map[string]int32{"blue": 0, "green": 100}, false, "green"},
		{"blue alone, as it was made", map[string]int32{"blue": 1}, false, "blue"},
		{"green alone, which would leave blue behind no rule", map[string]int32{"green": 1}, true, "green"},
		{"a stranger beside the one that serves", map[string]int32{"green": 3, "other": 1}, true, "green"},
		{"a stranger alone", map[string]int32{"other": 1}, true, "blue"},
	} {
		b.forwards(tc.weights)(l.id)
		live := l.observe(spec)
		if d := l.diff(spec, live); (len(d) > 0) != tc.differs {
			t.Fatalf("%s: differs in %v", tc.why, d)
		}
		if tc.differs {
			live = l.put(spec)
			l.equal(spec, live)
		}
		if live.Out["serving"] != b.group[tc.serving] {
			t.Errorf("%s: not %s serves", tc.why, tc.serving)
		}
	}
}

// TestPriorityOfAnother: somebody else's rule keeps its priority.
func TestPriorityOfAnother(t *testing.T) {
	b := newBalanced(t)
	ctx, api := t.Context(), b.clients.ELB
	made, err := api.CreateRule(ctx, &elbapi.CreateRuleInput{ListenerArn: &b.listener, Priority: sdk.Int32(100), Conditions: []elbtypes.RuleCondition{
		{Field: sdk.String("path-pattern"), Values: []string{"/debug"}},
	}, Actions: []elbtypes.Action{{Type: elbtypes.ActionTypeEnumForward, TargetGroupArn: sdk.String(b.group["other"])}}})
	b.must(err)
	l := newLife(b.sandbox, kinds.ListenerRule{}, "listener-rule/gateway", "")
	if live := l.observe(b.rule()); live.Phase != graph.Absent {
		t.Fatalf("another's rule is taken for ours: %+v", live)
	}
	l.create(b.rule())
	live := l.ready(b.rule())
	l.equal(b.rule(), live)
	_, err = api.DeleteRule(ctx, &elbapi.DeleteRuleInput{RuleArn: made.Rules[0].RuleArn})
	b.must(err)
	if got := l.diff(b.rule(), l.observe(b.rule())); len(got) != 1 || got[0] != "priority" {
		t.Fatalf("differs in %v", got)
	}
	l.put(b.rule())
}

// TestSwappedPriorities: two rules whose priorities are exchanged get there through free ones. AWS refuses a priority that
// another rule has, and nothing is made anew for it: at every moment both rules route as they did.
func TestSwappedPriorities(t *testing.T) {
	b := newBalanced(t)
	spec := func(priority int, host, group string) kinds.ListenerRuleSpec {
		s := b.rule()
		s.Priority, s.Hosts, s.TargetGroup = priority, []string{host}, graph.Lit(b.group[group])
		return s
	}
	const one, two = "one.example.com", "two.example.com"
	first, second := newLife(b.sandbox, kinds.ListenerRule{}, "listener-rule/one", ""), newLife(b.sandbox, kinds.ListenerRule{}, "listener-rule/two", "")
	first.create(spec(100, one, "blue"))
	second.create(spec(101, two, "green"))
	// routes are the priorities of the rules, by host; both must be there, each to its group.
	routes := func() map[string]string {
		t.Helper()
		out, err := b.clients.ELB.DescribeRules(t.Context(), &elbapi.DescribeRulesInput{ListenerArn: &b.listener})
		b.must(err)
		at := map[string]string{}
		for _, r := range out.Rules {
			for _, c := range r.Conditions {
				if c.HostHeaderConfig == nil {
					continue
				}
				host := c.HostHeaderConfig.Values[0]
				if want := b.group[map[string]string{one: "blue", two: "green"}[host]]; sdk.ToString(r.Actions[0].ForwardConfig.TargetGroups[0].TargetGroupArn) != want {
					t.Fatalf("%s leads elsewhere: %+v", host, r)
				}
				at[host] = sdk.ToString(r.Priority)
			}
		}
		if len(at) != 2 || at[one] == at[two] {
			t.Fatalf("the routes are %v", at)
		}
		return at
	}
	routes()
	calls := b.calls(func() {
		for range 3 { // walks
			for _, l := range []struct {
				*life[kinds.ListenerRuleSpec]
				want kinds.ListenerRuleSpec
			}{{first, spec(101, one, "blue")}, {second, spec(100, two, "green")}} {
				live := l.observe(l.want)
				if changes := l.kind.Diff(l.call(), l.want, live); len(changes) > 0 {
					_, err := l.kind.Update(t.Context(), l.call(), l.want, live, changes)
					b.must(err)
					routes()
				}
			}
		}
	})
	if at := routes(); at[one] != "101" || at[two] != "100" {
		t.Errorf("they end at %v", at)
	}
	for _, c := range calls {
		if c == "DeleteRule" || c == "CreateRule" || c == "ModifyRule" {
			t.Errorf("called %s", c)
		}
	}
}

func TestListenerDefaults(t *testing.T) {
	b := newBalanced(t)
	spec := kinds.ListenerSpec{LoadBalancer: graph.Lit(b.balancer), Port: 80, Protocol: "HTTP"}
	l := newLife(b.sandbox, kinds.Listener{}, "listener/production", "")
	l.id = b.listener
	l.equal(spec, l.ready(spec))
	_, err := b.clients.ELB.ModifyListener(t.Context(), &elbapi.ModifyListenerInput{ListenerArn: &l.id, DefaultActions: []elbtypes.Action{
		{Type: elbtypes.ActionTypeEnumForward, TargetGroupArn: sdk.String(b.group["other"])},
	}})
	b.must(err)
	if got := l.diff(spec, l.observe(spec)); len(got) != 1 || got[0] != "defaultAction" {
		t.Fatalf("differs in %v", got)
	}
	l.put(spec)
	spec.TargetGroup, spec.Alternate = graph.Lit(b.group["blue"]), graph.Lit(b.group["green"])
	l.put(spec)
}

// TestTargetGroupsAreReadTogether: one call for all of a deployment that exist.
func TestTargetGroupsAreReadTogether(t *testing.T) {
	b := newBalanced(t)
	c := b.call("", "", "")
	names := []string{"blue", "green"}
	read := func(name string) graph.Phase {
		call := b.call(graph.NodeID("target-group/"+name), name, "")
		call.World = c.World
		live, err := kinds.TargetGroup{}.Observe(t.Context(), call, kinds.TargetGroupSpec{Siblings: names})
		b.must(err)
		return live.Phase
	}
	b.world.Settings.PageSize = 0
	b.server.Advance(10 * time.Minute)
	got := count(b.calls(func() {
		if read("blue") != graph.Ready || read("green") != graph.Ready {
			t.Error("both exist")
		}
	}))
	if want := "DescribeTargetGroupAttributes×2 DescribeTargetGroups GetResources"; got != want {
		t.Errorf("called %s", got)
	}
	names = []string{"blue", "gone"}
	if read("blue") != graph.Ready || read("gone") != graph.Absent {
		t.Error("one exists, and one doesn't")
	}
}
