package kinds

import (
	"context"
	"slices"
	"strconv"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	elbv2 "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
)

// ListenerRule is a rule of an application load balancer's listener: it forwards what matches its hosts
// and paths to a target group. A rule has no name; it is found by its tags among the listener's rules.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateRule.html
//
// Outputs, at once: "arn", and "serving", the target group that production requests go to.
type ListenerRule struct{}

// ListenerRuleSpec is what a rule should be.
type ListenerRuleSpec struct {
	// Listener is an ARN. A rule of another listener is another rule.
	Listener graph.Value `json:"listener"`
	// Priority says which of several rules that match decides: the lowest. Where somebody else's rule has
	// it, the next free one is taken.
	Priority int `json:"priority"`
	// Hosts and Paths are patterns, any of which must match; no hosts match all.
	Hosts []string `json:"hosts,omitempty"`
	Paths []string `json:"paths,omitempty"`
	// TargetGroup is an ARN. Alternate is the group that ECS shifts requests to and from; zero when it
	// doesn't.
	TargetGroup graph.Value `json:"targetGroup"`
	Alternate   graph.Value `json:"alternate,omitzero"`
	// Test says that it is for test traffic.
	Test bool `json:"test,omitempty"`
	// Asked says that somebody goes by "serving": a rule that was read while it didn't matter is read again.
	Asked bool `json:"asked,omitempty"`
	// Rewrite changes the URL's path before a request is forwarded; its zero value doesn't.
	Rewrite Rewrite `json:"rewrite,omitzero"`
}

// Rewrite replaces what a regular expression matches: $1 is its first group.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-transforms.html
type Rewrite struct {
	Regex   string `json:"regex,omitempty"`
	Replace string `json:"replace,omitempty"`
}

type listenerRule struct {
	elbtypes.Rule
	Tags map[string]string
	// Taken are the priorities of the listener's other rules.
	Taken []int
}

func (r listenerRule) live(call graph.Call) graph.Live {
	arn := sdk.ToString(r.RuleArn)
	l := graph.Live{
		ID: arn, Phase: graph.Ready, Owner: proof(call, arn, r.Tags), Raw: r, Out: map[graph.Attr]string{"arn": arn},
	}
	if s := serving(r.Actions); s != "" {
		l.Out["serving"] = s
	}
	return l
}

// Name implements graph.Kind.
func (ListenerRule) Name() string { return "ListenerRule" }

// Disposable implements graph.Disposable: a rule has no state of its own.
func (ListenerRule) Disposable() bool { return true }

// Observe implements graph.Kind.
func (ListenerRule) Observe(ctx context.Context, call graph.Call, spec ListenerRuleSpec) (graph.Live, error) {
	rules, err := rulesOf(ctx, call, spec.Listener)
	if err != nil {
		return graph.Live{}, err
	}
	i, err := find(ctx, call, rules)
	if i < 0 || err != nil {
		return graph.Live{Phase: graph.Absent}, err
	}
	r := listenerRule{Rule: rules[i], Taken: priorities(slices.Delete(slices.Clone(rules), i, i+1))}
	if r.Tags, err = tagsOf(ctx, call, sdk.ToString(r.RuleArn)); err != nil {
		return graph.Live{}, err
	}
	return r.live(call), nil
}

// Diff implements graph.Kind.
func (ListenerRule) Diff(call graph.Call, want ListenerRuleSpec, live graph.Live) []graph.Change {
	have := raw[listenerRule](live)
	var d difference
	d.number("priority", have.priority(), free(want.Priority, have.Taken))
	hosts, paths, others := have.conditions()
	d.set("hosts", hosts, want.Hosts)
	d.set("paths", paths, want.Paths)
	d.set("conditions", others, nil)
	d.text("rewrite", rewriteText(have.Transforms), want.Rewrite.text())
	forwarding{want.TargetGroup, want.Alternate, want.Test}.diff(&d, have.Actions)
	return append(d, diffTags(call.Tags, have.Tags)...)
}

// Create implements graph.Kind.
func (ListenerRule) Create(ctx context.Context, call graph.Call, spec ListenerRuleSpec) (graph.Live, error) {
	w := world(call)
	rules, err := rulesOf(ctx, call, spec.Listener)
	if err != nil {
		return graph.Live{}, err
	}
	taken := priorities(rules)
	actions, err := forwarding{spec.TargetGroup, spec.Alternate, spec.Test}.restored(ctx, call, nil)
	if err != nil {
		return graph.Live{}, err
	}
	w.Reads.Forget(listenerRulesKey)
	out, err := w.ELB.CreateRule(ctx, &elbv2.CreateRuleInput{
		ListenerArn: sdk.String(spec.Listener.String()), Priority: number(free(spec.Priority, taken)), Conditions: spec.conditions(),
		Actions: actions, Transforms: spec.Rewrite.transforms(), Tags: toELBTags(call.Tags),
	})
	if err != nil {
		return graph.Live{}, err
	}
	return listenerRule{Rule: out.Rules[0], Tags: call.Tags, Taken: taken}.live(call), nil
}

// Update sends what differs: what isn't sent stays, and ECS may be moving requests at this moment.
func (ListenerRule) Update(ctx context.Context, call graph.Call, spec ListenerRuleSpec, live graph.Live, changes []graph.Change) (graph.Live, error) {
	w := world(call)
	r := raw[listenerRule](live)
	w.Reads.Forget(listenerRulesKey)
	in := &elbv2.ModifyRuleInput{RuleArn: r.RuleArn}
	if touches(changes, "hosts", "paths", "conditions") {
		in.Conditions = spec.conditions()
	}
	if touches(changes, "targetGroup") {
		var err error
		if in.Actions, err = (forwarding{spec.TargetGroup, spec.Alternate, spec.Test}).restored(ctx, call, r.Actions); err != nil {
			return live, err
		}
	}
	if touches(changes, "rewrite") {
		in.Transforms = spec.Rewrite.transforms()
		if in.Transforms == nil {
			in.ResetTransforms = sdk.Bool(true)
		}
	}
	if touches(changes, "hosts", "paths", "conditions", "targetGroup", "rewrite") {
		out, err := w.ELB.ModifyRule(ctx, in)
		if err != nil {
			return live, err
		}
		r.Rule = out.Rules[0]
	}
	if touches(changes, "priority") {
		to := number(free(spec.Priority, r.Taken))
		_, err := w.ELB.SetRulePriorities(ctx, &elbv2.SetRulePrioritiesInput{RulePriorities: []elbtypes.RulePriorityPair{{RuleArn: r.RuleArn, Priority: to}}})
		if err != nil {
			return live, err
		}
		r.Priority = sdk.String(strconv.Itoa(int(*to)))
	}
	if err := retagARN(ctx, call, live.ID, r.Tags); err != nil {
		return live, err
	}
	r.Tags = retagged(call.Tags, r.Tags)
	return r.live(call), nil
}

// Delete implements graph.Kind.
func (ListenerRule) Delete(ctx context.Context, call graph.Call, live graph.Live) (bool, error) {
	w := world(call)
	w.Reads.Forget(listenerRulesKey)
	_, err := w.ELB.DeleteRule(ctx, &elbv2.DeleteRuleInput{RuleArn: &live.ID})
	return ignore(err, notFound) == nil, ignore(err, notFound)
}

// free is the wanted priority, or the next one that no other rule has.
func free(want int, taken []int) int {
	for slices.Contains(taken, want) {
		want++
	}
	return want
}

// priority is 0 for what isn't a number: the default rule.
func (r listenerRule) priority() int {
	n, _ := strconv.Atoi(sdk.ToString(r.Priority))
	return n
}

func priorities(rules []elbtypes.Rule) []int {
	var out []int
	for i := range rules {
		out = append(out, listenerRule{Rule: rules[i]}.priority())
	}
	return out
}
