package lifecycle

import (
	"testing"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	elbv2 "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/hack/harness"
)

// TestATwinBehindNoRule: somebody has the rule of test traffic lead to the target group that serves, as that of production
// does, and neither names the other of the pair. ECS deploys nothing to that then, so the operator puts it behind a rule
// again. No request goes elsewhere for it, and the next image is rolled out.
func TestATwinBehindNoRule(t *testing.T) {
	harness.Unraced(t)
	t.Parallel()
	s := newProduction(t)
	h, key := s.h, s.key
	settle(t, h, key)
	rules := []string{s.id("listener-rule/gateway" + public), s.id("listener-rule/gateway-test" + public)}
	// weights are those of a rule's target groups.
	weights := func(rule string) map[string]int32 {
		out, err := s.elb.DescribeRules(t.Context(), &elbv2.DescribeRulesInput{RuleArns: []string{rule}})
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]int32{}
		for _, g := range out.Rules[0].Actions[0].ForwardConfig.TargetGroups {
			got[*g.TargetGroupArn] = sdk.ToInt32(g.Weight)
		}
		return got
	}
	serving := ""
	for group, weight := range weights(rules[0]) {
		if weight > 0 {
			serving = group
		}
	}
	for _, rule := range rules {
		if _, err := s.elb.ModifyRule(t.Context(), &elbv2.ModifyRuleInput{RuleArn: &rule, Actions: []elbtypes.Action{
			{Type: elbtypes.ActionTypeEnumForward, TargetGroupArn: &serving},
		}}); err != nil {
			t.Fatal(err)
		}
	}
	settle(t, h, key)
	named := map[string]bool{}
	for _, rule := range rules {
		for group, weight := range weights(rule) {
			if named[group] = true; (weight > 0) != (group == serving) {
				t.Errorf("%s sends requests elsewhere: %v", rule, weights(rule))
			}
		}
	}
	if len(named) != 2 {
		t.Errorf("rules name %v", named)
	}
	quiet(t, h, key)
	h.Edit(key, func(gw *v1alpha1.PortkeyGateway) { gw.Spec.Gateway.Image = &v1alpha1.Image{Tag: "2.18.0"} })
	ready(t, h, key)
}
