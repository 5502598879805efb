package kinds

import (
	"context"
	"slices"
	"strings"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
)

// forwarding is what a rule, or a listener's default action, should do: forward to a target group; and
// where a group has an alternate, ECS moves the requests between the two with every deployment. That is
// never taken back: only a target outside the pair is.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/alb-resources-for-blue-green.html
type forwarding struct {
	group, alternate graph.Value
	// test says that it is for test traffic.
	test bool
}

// pair are the target groups that may be forwarded to.
func (f forwarding) pair() []string {
	if f.alternate.IsZero() {
		return []string{f.group.String()}
	}
	return []string{f.group.String(), f.alternate.String()}
}

// diff compares actions with what is wanted.
func (f forwarding) diff(d *difference, have []elbtypes.Action) {
	weights := forwards(have)
	stray := slices.ContainsFunc(weights, func(w weight) bool { return !slices.Contains(f.pair(), w.group) })
	switch {
	case len(weights) == 0 || stray || f.alternate.IsZero() && len(weights) > 1:
		d.text("targetGroup", actionText(have), f.group.String())
	case len(weights) == 1 && weights[0].group != f.group.String(): // ECS names both
		d.text("targetGroup", actionText(have), strings.Join(f.pair(), ","))
	}
}

// restored are the actions that put a difference right, or are a new rule's. Where what is there names one group
// of the pair, requests go on to that. Where it names none, ECS may have left the tasks behind either: production goes to
// the one that serves, and test traffic to the other. AWS is asked only where something was there and is broken.
func (f forwarding) restored(ctx context.Context, call graph.Call, have []elbtypes.Action) ([]elbtypes.Action, error) {
	to := f.group.String()
	switch s := serving(have); {
	case slices.Contains(f.pair(), s):
		to = s
	case !f.alternate.IsZero() && (call.ID != "" || call.Again):
		first, err := readHealth(ctx, world(call), sdk.String(f.group.String()))
		if err != nil {
			return nil, err
		}
		second, err := readHealth(ctx, world(call), sdk.String(f.alternate.String()))
		if err != nil {
			return nil, err
		}
		if !f.test && second.serves(first) || f.test && first.serves(second) {
			to = f.alternate.String()
		}
	}
	if to != f.group.String() {
		return f.both(), nil
	}
	return forwardTo(to), nil
}

// both are the actions that send all requests to the alternate, and name the group besides: the other rule may lead to the
// alternate as well, and ECS deploys nothing to a pair of which a group is behind no rule. It leaves both in a rule itself.
func (f forwarding) both() []elbtypes.Action {
	return []elbtypes.Action{{Type: elbtypes.ActionTypeEnumForward, ForwardConfig: &elbtypes.ForwardActionConfig{TargetGroups: []elbtypes.TargetGroupTuple{
		{TargetGroupArn: sdk.String(f.alternate.String()), Weight: sdk.Int32(1)}, {TargetGroupArn: sdk.String(f.group.String()), Weight: sdk.Int32(0)},
	}}}}
}

func forwardTo(group string) []elbtypes.Action {
	return []elbtypes.Action{{Type: elbtypes.ActionTypeEnumForward, TargetGroupArn: &group}}
}

type weight struct {
	group string
	share int
}

// forwards are the target groups of an action; none for anything but a single forward.
func forwards(actions []elbtypes.Action) []weight {
	if len(actions) != 1 || actions[0].Type != elbtypes.ActionTypeEnumForward {
		return nil
	}
	a := &actions[0]
	var out []weight
	if a.ForwardConfig != nil {
		for _, t := range a.ForwardConfig.TargetGroups {
			out = append(out, weight{sdk.ToString(t.TargetGroupArn), int(sdk.ToInt32(t.Weight))})
		}
	}
	if len(out) == 0 && a.TargetGroupArn != nil {
		out = append(out, weight{*a.TargetGroupArn, 1})
	}
	return out
}

// serving is the target group that most requests go to; empty where there is none.
func serving(actions []elbtypes.Action) string {
	best := weight{}
	for _, w := range forwards(actions) {
		if w.share > best.share {
			best = w
		}
	}
	return best.group
}

// actionText prints what actions do, for people.
func actionText(actions []elbtypes.Action) string {
	weights := forwards(actions)
	switch len(weights) {
	case 0:
		return "other actions"
	case 1:
		return weights[0].group
	default:
		return "several target groups"
	}
}
