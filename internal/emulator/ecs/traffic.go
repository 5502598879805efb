package ecs

import (
	"fmt"
	"math"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// pairHas reports whether a target group is one of a load balancer's two.
func pairHas(lb types.LoadBalancer, group string) bool {
	return group != "" && (group == aws.ToString(lb.TargetGroupArn) || group == aws.ToString(lb.AdvancedConfiguration.AlternateTargetGroupArn))
}

// twin is the other target group of a load balancer's pair.
func twin(lb types.LoadBalancer, group string) string {
	if group == aws.ToString(lb.TargetGroupArn) {
		return aws.ToString(lb.AdvancedConfiguration.AlternateTargetGroupArn)
	}
	return aws.ToString(lb.TargetGroupArn)
}

// resolveGroups decides which target group of each pair a new revision's tasks register with. A
// deployment that shifts traffic takes the one that production doesn't use, so that the two swap with
// every deployment; a rolling one stays where the tasks before it are.
//
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ServiceRevisionLoadBalancer.html
func (s *Service) resolveGroups(v *service, sp spec, strategy types.DeploymentStrategy) []string {
	groups := make([]string, 0, len(sp.loadBalancers))
	for i, lb := range sp.loadBalancers {
		group := aws.ToString(lb.TargetGroupArn)
		if lb.AdvancedConfiguration != nil {
			live := s.liveGroup(v, lb, i)
			if staged(strategy) {
				group = twin(lb, live)
			} else if v.lastCompleted != nil {
				group = live
			}
		}
		groups = append(groups, group)
	}
	return groups
}

// liveGroup is the target group of a pair that serves: the completed revision's, or else the one that
// the production rule leads to.
func (s *Service) liveGroup(v *service, lb types.LoadBalancer, i int) string {
	if c := v.lastCompleted; c != nil && i < len(c.rev.groups) && pairHas(lb, c.rev.groups[i]) {
		return c.rev.groups[i]
	}
	for group, weight := range s.deps.ELB.RuleForwards(v.c.reg.Scope, aws.ToString(lb.AdvancedConfiguration.ProductionListenerRule)) {
		if weight > 0 && pairHas(lb, group) {
			return group
		}
	}
	return aws.ToString(lb.TargetGroupArn)
}

// parts writes a percentage as weights of a forward action, which are whole and at most 999.
//
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetGroupTuple.html
func parts(percent float64) (green, blue int) {
	if percent == math.Trunc(percent) {
		return int(percent), 100 - int(percent)
	}
	green = int(math.Round(percent * 10))
	return green, 1000 - green
}

// forward makes the rules that pick names out send a share of their traffic to a revision's target
// groups, and the rest to their twins. The answer says what keeps ECS from it.
func (s *Service) forward(d *deployment, percent float64, pick func(*types.AdvancedConfiguration) *string) string {
	return s.forwardTo(d, d.rev.groups, percent, pick)
}

// forwardTo is forward by a deployment's rules to target groups of its pairs; an empty one leaves its rule alone.
func (s *Service) forwardTo(d *deployment, groups []string, percent float64, pick func(*types.AdvancedConfiguration) *string) string {
	scope := d.v.c.reg.Scope
	for i, lb := range d.spec.loadBalancers {
		if lb.AdvancedConfiguration == nil || groups[i] == "" {
			continue
		}
		rule := aws.ToString(pick(lb.AdvancedConfiguration))
		if rule == "" {
			continue
		}
		if problem := s.elbDenied(d, lb.AdvancedConfiguration, rule); problem != "" {
			return problem
		}
		green, blue := parts(percent)
		if err := s.deps.ELB.SetForwards(scope, rule, map[string]int{groups[i]: green, twin(lb, groups[i]): blue}); err != nil {
			return invalidNetworking + err.Error()
		}
	}
	return ""
}

// servingIn are the target groups of a deployment's pairs in which another's tasks are.
func servingIn(d, other *deployment) []string {
	out := make([]string, len(d.spec.loadBalancers))
	for i, lb := range d.spec.loadBalancers {
		for _, group := range other.rev.groups {
			if lb.AdvancedConfiguration != nil && pairHas(lb, group) {
				out[i] = group
			}
		}
	}
	return out
}

func productionRule(a *types.AdvancedConfiguration) *string { return a.ProductionListenerRule }

func testRule(a *types.AdvancedConfiguration) *string { return a.TestListenerRule }

// elbDenied says that the infrastructure role lets ECS not change a rule or listener.
//
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/AmazonECSInfrastructureRolePolicyForLoadBalancers.html
func (s *Service) elbDenied(d *deployment, a *types.AdvancedConfiguration, rule string) string {
	account, role := d.v.c.reg.Account, aws.ToString(a.RoleArn)
	action := "elasticloadbalancing:ModifyRule"
	if isListener(rule) {
		action = "elasticloadbalancing:ModifyListener"
	}
	if s.deps.IAM.CanAssume(account, role, infrastructurePrincipal, s.world.Clock.Now()) && s.deps.IAM.Allows(account, role, action, rule) &&
		s.deps.IAM.Allows(account, role, "elasticloadbalancing:RegisterTargets", aws.ToString(a.AlternateTargetGroupArn)) {
		return ""
	}
	return fmt.Sprintf("Service deployment rolled back because ECS was unable to manage the ELB resources due to missing permissions on ECS Infrastructure Role '%s'.", role)
}

const (
	invalidNetworking       = "Service deployment rolled back because of invalid networking configuration. "
	infrastructurePrincipal = "ecs.amazonaws.com"
)

// trafficProblem is why a deployment that shifts traffic can't begin. ECS looks at the rules once, at
// the start; what others do to them later goes unnoticed.
//
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/troubleshooting-blue-green.html
// https://github.com/aws/containers-roadmap/issues/2853
func (s *Service) trafficProblem(d *deployment) string {
	scope, blue := d.v.c.reg.Scope, d.v.lastCompleted
	for i, lb := range d.spec.loadBalancers {
		a := lb.AdvancedConfiguration
		if problem := s.elbDenied(d, a, aws.ToString(a.ProductionListenerRule)); problem != "" {
			return problem
		}
		// AWS documents that a service which used the load balancer without advancedConfiguration must
		// be updated with it by a rolling deployment first, and not what happens otherwise. Here the
		// deployment is rolled back, so that nobody relies on better.
		//
		// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/update-rolling-to-bluegreen.html
		if blue != nil && len(blue.spec.loadBalancers) > 0 && blue.spec.loadBalancers[0].AdvancedConfiguration == nil {
			return invalidNetworking + "The source service revision has no advancedConfiguration."
		}
		production := s.deps.ELB.RuleForwards(scope, aws.ToString(a.ProductionListenerRule))
		test := s.deps.ELB.RuleForwards(scope, aws.ToString(a.TestListenerRule))
		var serving []string
		for _, group := range sortedKeys(production) {
			if production[group] > 0 {
				serving = append(serving, group)
			}
		}
		for _, group := range []string{aws.ToString(lb.TargetGroupArn), aws.ToString(a.AlternateTargetGroupArn)} {
			_, inProduction := production[group]
			if _, inTest := test[group]; !inProduction && !inTest {
				return invalidNetworking + fmt.Sprintf("Target group %s is not associated with either productionListenerRule or testListenerRule.", group)
			}
		}
		if len(serving) != 1 {
			return invalidNetworking + fmt.Sprintf("Production listener rule %s should have exactly one target group serving traffic but found %d.", aws.ToString(a.ProductionListenerRule), len(serving))
		}
		if want := twin(lb, d.rev.groups[i]); serving[0] != want {
			return invalidNetworking + fmt.Sprintf("Production listener rule is forwarding traffic to unexpected target group %s, expected %s.", serving[0], want)
		}
	}
	return ""
}

// overNetwork reports whether a deployment's traffic comes through a Network Load Balancer.
func (d *deployment) overNetwork() bool {
	for _, lb := range d.spec.loadBalancers {
		if a := lb.AdvancedConfiguration; a != nil && isListener(aws.ToString(a.ProductionListenerRule)) {
			return true
		}
	}
	return false
}
