package hand

import (
	"context"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	elbv2 "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

var balancerDeeds = map[string][]deed{
	"LoadBalancer": {
		{"deletion protection", balancerAttribute("deletion_protection.enabled", "true")},
		{"an attribute that the spec doesn't know", balancerAttribute(unknownAttribute, "true")},
		{"another security group", func(ctx context.Context, a *hand, r core.Resource) error {
			g, _ := a.node("security-group/instances")
			_, err := a.ELB.SetSecurityGroups(ctx, &elbv2.SetSecurityGroupsInput{LoadBalancerArn: &r.ARN, SecurityGroups: []string{g.ID}})
			return err
		}},
		{"a zone less", func(ctx context.Context, a *hand, r core.Resource) error {
			out, err := a.ELB.DescribeLoadBalancers(ctx, &elbv2.DescribeLoadBalancersInput{LoadBalancerArns: []string{r.ARN}})
			if err != nil {
				return err
			}
			var subnets []string
			for _, z := range out.LoadBalancers[0].AvailabilityZones[1:] {
				subnets = append(subnets, *z.SubnetId)
			}
			_, err = a.ELB.SetSubnets(ctx, &elbv2.SetSubnetsInput{LoadBalancerArn: &r.ARN, Subnets: subnets})
			return err
		}},
		{"deleted", func(ctx context.Context, a *hand, r core.Resource) error {
			_, err := a.ELB.DeleteLoadBalancer(ctx, &elbv2.DeleteLoadBalancerInput{LoadBalancerArn: &r.ARN})
			return err
		}},
	},
	"TargetGroup": {
		{"rarer health checks", func(ctx context.Context, a *hand, r core.Resource) error {
			_, err := a.ELB.ModifyTargetGroup(ctx, &elbv2.ModifyTargetGroupInput{TargetGroupArn: &r.ARN, HealthCheckIntervalSeconds: sdk.Int32(60)})
			return err
		}},
		{"other health checks", func(ctx context.Context, a *hand, r core.Resource) error {
			_, err := a.ELB.ModifyTargetGroup(ctx, &elbv2.ModifyTargetGroupInput{TargetGroupArn: &r.ARN, HealthyThresholdCount: sdk.Int32(5), UnhealthyThresholdCount: sdk.Int32(5)})
			return err
		}},
		{"another deregistration delay", func(ctx context.Context, a *hand, r core.Resource) error {
			_, err := a.ELB.ModifyTargetGroupAttributes(ctx, &elbv2.ModifyTargetGroupAttributesInput{TargetGroupArn: &r.ARN, Attributes: []elbtypes.TargetGroupAttribute{
				{Key: sdk.String("deregistration_delay.timeout_seconds"), Value: sdk.String("600")},
			}})
			return err
		}},
		{"deleted", func(ctx context.Context, a *hand, r core.Resource) error {
			_, err := a.ELB.DeleteTargetGroup(ctx, &elbv2.DeleteTargetGroupInput{TargetGroupArn: &r.ARN})
			return err
		}},
	},
	"Listener": {
		{"another port", func(ctx context.Context, a *hand, r core.Resource) error {
			_, err := a.ELB.ModifyListener(ctx, &elbv2.ModifyListenerInput{ListenerArn: &r.ARN, Port: sdk.Int32(8081)})
			return err
		}},
		{"another target group", func(ctx context.Context, a *hand, r core.Resource) error {
			group, err := a.strayGroup(ctx)
			if err != nil {
				return err
			}
			_, err = a.ELB.ModifyListener(ctx, &elbv2.ModifyListenerInput{ListenerArn: &r.ARN, DefaultActions: forwardTo(group)})
			return err
		}},
		{"deleted", func(ctx context.Context, a *hand, r core.Resource) error {
			_, err := a.ELB.DeleteListener(ctx, &elbv2.DeleteListenerInput{ListenerArn: &r.ARN})
			return err
		}},
	},
	"ListenerRule": {
		{"another priority", func(ctx context.Context, a *hand, r core.Resource) error {
			_, err := a.ELB.SetRulePriorities(ctx, &elbv2.SetRulePrioritiesInput{RulePriorities: []elbtypes.RulePriorityPair{{RuleArn: &r.ARN, Priority: sdk.Int32(int32(500 + a.rng.IntN(50)))}}})
			return err
		}},
		{"other conditions", func(ctx context.Context, a *hand, r core.Resource) error {
			_, err := a.ELB.ModifyRule(ctx, &elbv2.ModifyRuleInput{RuleArn: &r.ARN, Conditions: []elbtypes.RuleCondition{
				{Field: sdk.String("path-pattern"), PathPatternConfig: &elbtypes.PathPatternConditionConfig{Values: []string{"/by-hand"}}},
			}})
			return err
		}},
		{"another target group", func(ctx context.Context, a *hand, r core.Resource) error {
			group, err := a.strayGroup(ctx)
			if err != nil {
				return err
			}
			_, err = a.ELB.ModifyRule(ctx, &elbv2.ModifyRuleInput{RuleArn: &r.ARN, Actions: forwardTo(group)})
			return err
		}},
		{"half of the traffic goes to the other of the pair", func(ctx context.Context, a *hand, r core.Resource) error { return a.shift(ctx, r) }},
		{"deleted", func(ctx context.Context, a *hand, r core.Resource) error {
			_, err := a.ELB.DeleteRule(ctx, &elbv2.DeleteRuleInput{RuleArn: &r.ARN})
			return err
		}},
	},
}

// unknownAttribute is an attribute of load balancers that the spec doesn't know.
const unknownAttribute = "load_balancing.cross_zone.enabled"

func balancerAttribute(key, value string) func(context.Context, *hand, core.Resource) error {
	return func(ctx context.Context, a *hand, r core.Resource) error {
		_, err := a.ELB.ModifyLoadBalancerAttributes(ctx, &elbv2.ModifyLoadBalancerAttributesInput{LoadBalancerArn: &r.ARN, Attributes: []elbtypes.LoadBalancerAttribute{{Key: &key, Value: &value}}})
		return err
	}
}

func forwardTo(group string) []elbtypes.Action {
	return []elbtypes.Action{{Type: elbtypes.ActionTypeEnumForward, TargetGroupArn: &group}}
}

// strayGroup makes a target group that nothing is in.
func (a *hand) strayGroup(ctx context.Context) (string, error) {
	vpc, _ := a.node("vpc/main")
	protocol := elbtypes.ProtocolEnumTcp
	if a.application(ctx) {
		protocol = elbtypes.ProtocolEnumHttp
	}
	name := a.name("stray")
	out, err := a.ELB.CreateTargetGroup(ctx, &elbv2.CreateTargetGroupInput{Name: &name, Protocol: protocol, Port: sdk.Int32(80), VpcId: &vpc.ID, TargetType: elbtypes.TargetTypeEnumIp})
	if err != nil {
		return "", err
	}
	return *out.TargetGroups[0].TargetGroupArn, nil
}

// application reports whether the deployment's load balancer is an Application Load Balancer.
func (a *hand) application(ctx context.Context) bool {
	out, err := a.ELB.DescribeLoadBalancers(ctx, &elbv2.DescribeLoadBalancersInput{})
	return err == nil && len(out.LoadBalancers) > 0 && out.LoadBalancers[0].Type == elbtypes.LoadBalancerTypeEnumApplication
}

// shift moves weights among a pair of target groups.
func (a *hand) shift(ctx context.Context, r core.Resource) error {
	out, err := a.ELB.DescribeRules(ctx, &elbv2.DescribeRulesInput{RuleArns: []string{r.ARN}})
	if err != nil {
		return err
	}
	actions := out.Rules[0].Actions
	f := actions[0].ForwardConfig
	if f == nil || len(f.TargetGroups) != 2 {
		return nil
	}
	f.TargetGroups[0].Weight, f.TargetGroups[1].Weight = sdk.Int32(50), sdk.Int32(50)
	actions[0].TargetGroupArn, a.shifted = nil, true
	_, err = a.ELB.ModifyRule(ctx, &elbv2.ModifyRuleInput{RuleArn: &r.ARN, Actions: actions})
	return err
}
