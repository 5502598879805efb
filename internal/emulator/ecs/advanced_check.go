package ecs

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// isListener and isRule tell listeners, which Network Load Balancers are given by, from rules, which
// Application Load Balancers are.
func isListener(arn string) bool { return strings.Contains(arn, ":listener/net/") }

func isRule(arn string) bool { return strings.Contains(arn, ":listener-rule/app/") }

// checkAdvanced checks what shifting traffic needs of the load balancers.
//
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_AdvancedConfiguration.html
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/troubleshooting-blue-green.html
func (s *Service) checkAdvanced(scope core.Scope, sp *spec) error {
	production, groups := map[string]bool{}, map[string]bool{}
	for _, lb := range sp.loadBalancers {
		production[aws.ToString(lb.AdvancedConfiguration.ProductionListenerRule)] = true
		groups[aws.ToString(lb.TargetGroupArn)] = true
	}
	for _, lb := range sp.loadBalancers {
		a := *lb.AdvancedConfiguration
		for _, r := range []struct {
			name string
			arn  *string
		}{{"productionListenerRule", a.ProductionListenerRule}, {"testListenerRule", a.TestListenerRule}} {
			if r.name == "testListenerRule" && r.arn == nil {
				continue
			}
			if arn := aws.ToString(r.arn); !isListener(arn) && !isRule(arn) {
				return invalid("%s has an invalid ARN format. Must be RuleArn for ALB or ListenerArn for NLB. Got: %s", r.name, arn)
			}
			if s.deps.ELB.RuleForwards(scope, *r.arn) == nil {
				return invalid("Unable to find the %s %s.", r.name, *r.arn)
			}
		}
		if a.TestListenerRule != nil && production[*a.TestListenerRule] {
			return invalid("The following rules cannot be used as both production and test listener rules: %s", *a.TestListenerRule)
		}
		alternate := aws.ToString(a.AlternateTargetGroupArn)
		if groups[alternate] {
			return invalid("Duplicate targetGroupArn found: %s", alternate)
		}
		groups[alternate] = true
		if err := s.checkGroup(scope, sp, alternate); err != nil {
			return err
		}
		forwards := s.deps.ELB.RuleForwards(scope, *a.ProductionListenerRule)
		_, blue := forwards[*lb.TargetGroupArn]
		if _, green := forwards[alternate]; isRule(*a.ProductionListenerRule) && a.TestListenerRule == nil && (!blue || !green) {
			return invalid("For Application LoadBalancer, testListenerRule is required when productionListenerRule is not associated with both targetGroup and alternateTargetGroup")
		}
		if role := aws.ToString(a.RoleArn); !s.deps.IAM.CanAssume(scope.Account, role, infrastructurePrincipal, s.world.Clock.Now()) {
			return invalid("Unable to assume role and validate the listeners configured on your load balancer. Please verify that the ECS service role being passed has the proper permissions.")
		}
	}
	return nil
}

// checkStrategy checks whether a spec is one that a deployment strategy can deploy.
func checkStrategy(config types.DeploymentConfiguration, sp spec) error {
	if staged(config.Strategy) && len(sp.loadBalancers) > 0 && sp.loadBalancers[0].AdvancedConfiguration == nil {
		return invalid("advancedConfiguration field is required for all loadBalancers when using a non-ROLLING deployment strategy")
	}
	return nil
}
