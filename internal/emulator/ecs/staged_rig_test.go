package ecs_test

import (
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	api "github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	sdkelb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	sdkiam "github.com/aws/aws-sdk-go-v2/service/iam"
)

// pair is a load balancer with two target groups, and with a rule (of an Application Load Balancer) or
// listener (of a Network Load Balancer) each for production and for test.
type pair struct {
	*rig
	blue, green, production, test, role string
}

func newPair(t *testing.T, kind elbtypes.LoadBalancerTypeEnum) *pair {
	r := fargateRig(t)
	p := &pair{rig: r, role: r.role("infrastructure", "ecs.amazonaws.com")}
	must(r.iam.AttachRolePolicy(r.ctx, &sdkiam.AttachRolePolicyInput{RoleName: aws.String("infrastructure"), PolicyArn: aws.String("arn:aws:iam::aws:policy/AmazonECSInfrastructureRolePolicyForLoadBalancers")}))(t)
	lb := must(r.elb.CreateLoadBalancer(r.ctx, &sdkelb.CreateLoadBalancerInput{Name: aws.String("main"), Type: kind, Subnets: r.subnets, SecurityGroups: []string{r.group}, Scheme: elbtypes.LoadBalancerSchemeEnumInternal}))(t).LoadBalancers[0].LoadBalancerArn
	protocol := map[elbtypes.LoadBalancerTypeEnum]elbtypes.ProtocolEnum{elbtypes.LoadBalancerTypeEnumApplication: elbtypes.ProtocolEnumHttp, elbtypes.LoadBalancerTypeEnumNetwork: elbtypes.ProtocolEnumTcp}[kind]
	for name, arn := range map[string]*string{"blue": &p.blue, "green": &p.green} {
		*arn = *must(r.elb.CreateTargetGroup(r.ctx, &sdkelb.CreateTargetGroupInput{Name: &name, Protocol: protocol, Port: aws.Int32(8787), VpcId: &r.vpc, TargetType: elbtypes.TargetTypeEnumIp,
			HealthCheckIntervalSeconds: aws.Int32(10), HealthCheckTimeoutSeconds: aws.Int32(5), HealthyThresholdCount: aws.Int32(2), UnhealthyThresholdCount: aws.Int32(2)}))(t).TargetGroups[0].TargetGroupArn
		must(r.elb.ModifyTargetGroupAttributes(r.ctx, &sdkelb.ModifyTargetGroupAttributesInput{TargetGroupArn: arn, Attributes: []elbtypes.TargetGroupAttribute{{Key: aws.String("deregistration_delay.timeout_seconds"), Value: aws.String("30")}}}))(t)
	}
	for port, to := range map[int32]struct {
		group string
		arn   *string
	}{80: {p.blue, &p.production}, 8443: {p.green, &p.test}} {
		forward := []elbtypes.Action{{Type: elbtypes.ActionTypeEnumForward, TargetGroupArn: &to.group}}
		action := forward
		if kind == elbtypes.LoadBalancerTypeEnumApplication {
			action = []elbtypes.Action{{Type: elbtypes.ActionTypeEnumFixedResponse, FixedResponseConfig: &elbtypes.FixedResponseActionConfig{StatusCode: aws.String("404")}}}
		}
		*to.arn = *must(r.elb.CreateListener(r.ctx, &sdkelb.CreateListenerInput{LoadBalancerArn: lb, Protocol: protocol, Port: &port, DefaultActions: action}))(t).Listeners[0].ListenerArn
		if kind == elbtypes.LoadBalancerTypeEnumApplication {
			p.rule(to.arn, to.group, to.arn)
		}
	}
	r.server.Advance(10 * time.Minute)
	return p
}

// rule makes a rule of a listener that forwards all to a group.
func (p *pair) rule(listener *string, group string, arn *string) {
	p.t.Helper()
	*arn = *must(p.elb.CreateRule(p.ctx, &sdkelb.CreateRuleInput{ListenerArn: listener, Priority: aws.Int32(1),
		Actions:    []elbtypes.Action{{Type: elbtypes.ActionTypeEnumForward, TargetGroupArn: &group}},
		Conditions: []elbtypes.RuleCondition{{Field: aws.String("path-pattern"), PathPatternConfig: &elbtypes.PathPatternConditionConfig{Values: []string{"/*"}}}}}))(p.t).Rules[0].RuleArn
}

// balancer is the ARN of the load balancer.
func (p *pair) balancer() *string {
	p.t.Helper()
	return must(p.elb.DescribeLoadBalancers(p.ctx, &sdkelb.DescribeLoadBalancersInput{Names: []string{"main"}}))(p.t).LoadBalancers[0].LoadBalancerArn
}

func (p *pair) loadBalancers() []types.LoadBalancer {
	return []types.LoadBalancer{{TargetGroupArn: &p.blue, ContainerName: aws.String("app"), ContainerPort: aws.Int32(8787), AdvancedConfiguration: &types.AdvancedConfiguration{
		AlternateTargetGroupArn: &p.green, ProductionListenerRule: &p.production, TestListenerRule: &p.test, RoleArn: &p.role}}}
}

// plain are the load balancers without a pair.
func (p *pair) plain() []types.LoadBalancer {
	out := p.loadBalancers()
	out[0].AdvancedConfiguration = nil
	return out
}

func (p *pair) on(c *types.DeploymentConfiguration) func(*api.CreateServiceInput) {
	return func(in *api.CreateServiceInput) {
		fargate(in)
		in.LoadBalancers, in.DeploymentConfiguration, in.HealthCheckGracePeriodSeconds = p.loadBalancers(), c, aws.Int32(60)
	}
}

func blueGreen() *types.DeploymentConfiguration {
	return &types.DeploymentConfiguration{Strategy: types.DeploymentStrategyBlueGreen, BakeTimeInMinutes: aws.Int32(5),
		DeploymentCircuitBreaker: &types.DeploymentCircuitBreaker{Enable: true, Rollback: true}}
}

func canary() *types.DeploymentConfiguration {
	c := blueGreen()
	c.Strategy = types.DeploymentStrategyCanary
	c.CanaryConfiguration = &types.CanaryConfiguration{CanaryPercent: aws.Float64(12.5), CanaryBakeTimeInMinutes: aws.Int32(7)}
	return c
}

func linear() *types.DeploymentConfiguration {
	c := blueGreen()
	c.Strategy = types.DeploymentStrategyLinear
	c.LinearConfiguration = &types.LinearConfiguration{StepPercent: aws.Float64(40), StepBakeTimeInMinutes: aws.Int32(3)}
	return c
}

// image updates the service to an image and answers the deployment.
func (p *pair) image(image string) *string {
	p.t.Helper()
	def := p.register("app", image)
	return p.update("app", func(in *api.UpdateServiceInput) { in.TaskDefinition = &def }).CurrentServiceDeployment
}

func (p *pair) weights(rule string) map[string]int { return p.elbService.RuleForwards(scope, rule) }

// live is the target group that all production traffic goes to.
func (p *pair) live() string {
	p.t.Helper()
	live := p.weights(p.production)
	maps.DeleteFunc(live, func(_ string, weight int) bool { return weight == 0 })
	for group := range live {
		if len(live) == 1 {
			return group
		}
	}
	p.t.Fatalf("production traffic is split: %v", live)
	return ""
}

// served fails the test when any part of the production traffic goes to a group without healthy targets.
func (p *pair) served() {
	p.t.Helper()
	for group, weight := range p.weights(p.production) {
		if weight > 0 && p.healthyIn(group) == 0 {
			p.t.Fatalf("weight %d of production goes to %s, where nothing is healthy\n%s", weight, group, p.dump())
		}
	}
}

func (p *pair) healthyIn(group string) int {
	n := 0
	for _, h := range must(p.elb.DescribeTargetHealth(p.ctx, &sdkelb.DescribeTargetHealthInput{TargetGroupArn: &group}))(p.t).TargetHealthDescriptions {
		if h.TargetHealth.State == elbtypes.TargetHealthStateEnumHealthy {
			n++
		}
	}
	return n
}

// ends waits for a deployment's end, with production served all the time, and answers it with the
// stages and weights that were seen.
func (p *pair) ends(arn *string, limit time.Duration) (types.ServiceDeployment, []string, []float64) {
	p.t.Helper()
	var stages []string
	var weights []float64
	p.until(limit, "the deployment ends", func() bool {
		p.served()
		d := p.record(arn)
		if at := string(d.LifecycleStage); at != "" && (len(stages) == 0 || stages[len(stages)-1] != at) {
			stages = append(stages, at)
		}
		if w := d.TargetServiceRevision.RequestedProductionTrafficWeight; w != nil && (len(weights) == 0 || weights[len(weights)-1] != *w) {
			weights = append(weights, *w)
		}
		return d.FinishedAt != nil
	})
	return p.record(arn), stages, weights
}

// detach takes the infrastructure role's permissions.
func (p *pair) detach() {
	must(p.iam.DetachRolePolicy(p.ctx, &sdkiam.DetachRolePolicyInput{RoleName: aws.String("infrastructure"), PolicyArn: aws.String("arn:aws:iam::aws:policy/AmazonECSInfrastructureRolePolicyForLoadBalancers")}))(p.t)
}

func contains(text, part string) bool { return strings.Contains(text, part) }
