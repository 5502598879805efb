package ecs_test

import (
	"archive/zip"
	"bytes"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	api "github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	sdkelb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	sdkiam "github.com/aws/aws-sdk-go-v2/service/iam"
	sdklambda "github.com/aws/aws-sdk-go-v2/service/lambda"
	lambdatypes "github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/ecs"
)

const (
	alb = elbtypes.LoadBalancerTypeEnumApplication
	nlb = elbtypes.LoadBalancerTypeEnumNetwork
)

func TestTrafficShifts(t *testing.T) {
	before := []string{"PRE_SCALE_UP", "SCALE_UP", "POST_SCALE_UP", "TEST_TRAFFIC_SHIFT", "POST_TEST_TRAFFIC_SHIFT"}
	shift := []string{"PRE_PRODUCTION_TRAFFIC_SHIFT", "PRODUCTION_TRAFFIC_SHIFT"}
	after := []string{"POST_PRODUCTION_TRAFFIC_SHIFT", "BAKE_TIME", "CLEAN_UP"}
	for _, c := range []struct {
		why     string
		kind    elbtypes.LoadBalancerTypeEnum
		config  *types.DeploymentConfiguration
		weights []float64
		least   time.Duration // stages that only take time
	}{
		{"all at once, then bake", alb, blueGreen(), []float64{100}, 5 * time.Minute},
		{"a canary is watched", alb, canary(), []float64{12.5, 100}, 12 * time.Minute},
		{"no step is watched after 100 %", alb, linear(), []float64{40, 80, 100}, 11 * time.Minute},
		{"a network load balancer adds ten minutes to each shift", nlb, blueGreen(), []float64{100}, 25 * time.Minute},
		{"and that per step", nlb, canary(), []float64{12.5, 100}, 42 * time.Minute},
	} {
		p := newPair(t, c.kind)
		v := p.create("app", p.register("app", "i:1"), 2, p.on(c.config))
		first := p.record(v.CurrentServiceDeployment)
		p.until(c.least+10*time.Minute, "the first deployment", func() bool { return p.record(first.ServiceDeploymentArn).FinishedAt != nil })
		if live := p.live(); live != p.green {
			t.Errorf("%s: production of a first deployment leads to the group that it didn't lead to before: %s", c.why, live)
		}
		began := p.record(p.image("i:2"))
		d, stages, weights := p.ends(began.ServiceDeploymentArn, c.least+10*time.Minute)
		want := slices.Clone(before)
		for range c.weights {
			want = append(want, shift...)
		}
		want = append(want, after...)
		if d.Status != types.ServiceDeploymentStatusSuccessful || !slices.Equal(stages, want) || !slices.Equal(weights, c.weights) {
			t.Errorf("%s: %s %v %v", c.why, d.Status, stages, weights)
		}
		if took := d.FinishedAt.Sub(*began.StartedAt); took < c.least || took > c.least+5*time.Minute {
			t.Errorf("%s: took %s", c.why, took)
		}
		if p.live() != p.blue || p.weights(p.test)[p.blue] == 0 {
			t.Errorf("%s: the groups swap with each deployment: %v, test %v", c.why, p.weights(p.production), p.weights(p.test))
		}
		rev := must(p.DescribeServiceRevisions(p.ctx, &api.DescribeServiceRevisionsInput{ServiceRevisionArns: []string{*d.TargetServiceRevision.Arn}}))(t).ServiceRevisions[0]
		if lb := rev.ResolvedConfiguration.LoadBalancers[0]; *lb.TargetGroupArn != p.blue || *lb.ProductionListenerRule != p.production {
			t.Errorf("%s: %+v", c.why, lb)
		}
		v = p.steady("app")
		if len(v.Deployments) != 1 || v.RunningCount != 2 || *v.LoadBalancers[0].TargetGroupArn != p.blue {
			t.Errorf("%s: %+v", c.why, v)
		}
	}
}

func TestBrokenGreenIsRolledBack(t *testing.T) {
	for _, image := range []string{"i:2-broken-crash-30s", "i:2-broken-never-healthy", "i:2-broken-unhealthy-target", "i:2-broken-no-pull"} {
		p := newPair(t, alb)
		p.create("app", p.register("app", "i:1"), 2, p.on(blueGreen()))
		p.until(15*time.Minute, "deployed", func() bool {
			return p.service("app").Deployments[0].RolloutState == types.DeploymentRolloutStateCompleted
		})
		live, before := p.live(), *p.service("app").TaskDefinition
		d, stages, weights := p.ends(p.image(image), time.Hour)
		if d.Status != types.ServiceDeploymentStatusRollbackSuccessful || d.Rollback == nil || len(weights) > 0 || slices.Contains(stages, "TEST_TRAFFIC_SHIFT") {
			t.Errorf("%s: %s %v %v", image, d.Status, stages, weights)
		}
		if v := p.steady("app"); p.live() != live || *v.TaskDefinition != before || *v.CurrentServiceDeployment != *d.ServiceDeploymentArn {
			t.Errorf("%s: after the rollback: %+v", image, v)
		}
	}
}

// Stopping a deployment brings the traffic back at every stage.
func TestStopAtEachStage(t *testing.T) {
	p := newPair(t, alb)
	p.create("app", p.register("app", "i:1"), 1, p.on(canary()))
	p.until(30*time.Minute, "deployed", func() bool {
		return p.service("app").Deployments[0].RolloutState == types.DeploymentRolloutStateCompleted
	})
	live := p.live()
	for i, stage := range []string{"SCALE_UP", "POST_SCALE_UP", "TEST_TRAFFIC_SHIFT", "POST_TEST_TRAFFIC_SHIFT", "PRODUCTION_TRAFFIC_SHIFT", "POST_PRODUCTION_TRAFFIC_SHIFT", "BAKE_TIME", "CLEAN_UP"} {
		arn := p.image("i:" + string(rune('a'+i)))
		p.until(30*time.Minute, stage, func() bool { p.served(); return string(p.record(arn).LifecycleStage) == stage })
		must(p.StopServiceDeployment(p.ctx, &api.StopServiceDeploymentInput{ServiceDeploymentArn: arn}))(t)
		d, _, _ := p.ends(arn, 30*time.Minute)
		if d.Status != types.ServiceDeploymentStatusRollbackSuccessful || p.live() != live || p.weights(p.test)[live] == 0 {
			t.Errorf("%s: %s, %v", stage, d.Status, p.weights(p.production))
		}
	}
}

// A newer deployment stops the older at any stage, and traffic is first brought together.
func TestSupersededAtEachStage(t *testing.T) {
	p := newPair(t, alb)
	p.create("app", p.register("app", "i:1"), 1, p.on(canary()))
	p.until(30*time.Minute, "deployed", func() bool {
		return p.service("app").Deployments[0].RolloutState == types.DeploymentRolloutStateCompleted
	})
	for i, stage := range []string{"PRE_SCALE_UP", "SCALE_UP", "TEST_TRAFFIC_SHIFT", "PRODUCTION_TRAFFIC_SHIFT", "BAKE_TIME", "CLEAN_UP"} {
		older := p.image("i:old" + string(rune('a'+i)))
		p.until(30*time.Minute, stage, func() bool { p.served(); return string(p.record(older).LifecycleStage) == stage })
		newer := p.image("i:new" + string(rune('a'+i)))
		d, stages, _ := p.ends(newer, time.Hour)
		want := types.ServiceDeploymentStatusStopped
		if stage == "CLEAN_UP" {
			want = types.ServiceDeploymentStatusSuccessful
		}
		if old := p.record(older); d.Status != types.ServiceDeploymentStatusSuccessful || old.Status != want {
			t.Errorf("%s: newer %s, older %s", stage, d.Status, old.Status)
		}
		// Tasks that aren't behind the load balancer yet stop at once.
		if took := stage == "TEST_TRAFFIC_SHIFT" || stage == "PRODUCTION_TRAFFIC_SHIFT" || stage == "BAKE_TIME"; took && stages[0] != "RECONCILE_SERVICE" {
			t.Errorf("%s: %v", stage, stages)
		}
	}
}

// A rollback that finds no rule to bring traffic back by has failed, and that is its end: whoever gives the service a
// rule again may deploy it again.
func TestRollbackWithoutItsRule(t *testing.T) {
	p := newPair(t, alb)
	p.create("app", p.register("app", "i:1"), 2, p.on(blueGreen()))
	p.until(15*time.Minute, "deployed", func() bool {
		return p.service("app").Deployments[0].RolloutState == types.DeploymentRolloutStateCompleted
	})
	live := p.live()
	arn := p.image("i:2")
	p.until(15*time.Minute, "green takes production", func() bool { return p.live() != live })
	must(p.elb.DeleteRule(p.ctx, &sdkelb.DeleteRuleInput{RuleArn: &p.test}))(t)
	must(p.StopServiceDeployment(p.ctx, &api.StopServiceDeploymentInput{ServiceDeploymentArn: arn}))(t)
	d, _, _ := p.ends(arn, 15*time.Minute)
	p.server.Advance(time.Hour)
	v := p.service("app")
	if d.Status != types.ServiceDeploymentStatusRollbackFailed || !contains(*d.StatusReason, "RuleNotFound") || v.Deployments[0].RolloutState != types.DeploymentRolloutStateFailed {
		t.Fatalf("%s %s, then %+v", d.Status, *d.StatusReason, v.Deployments)
	}
	if again := p.record(arn); !again.FinishedAt.Equal(*d.FinishedAt) || again.Status != d.Status {
		t.Errorf("it ended at %s, and again at %s", d.FinishedAt, again.FinishedAt)
	}
	if !p.hasEvent("app", "deployment failed: ") {
		t.Error("no event tells of it")
	}

	listeners := must(p.elb.DescribeListeners(p.ctx, &sdkelb.DescribeListenersInput{LoadBalancerArn: p.balancer()}))(t).Listeners
	i := slices.IndexFunc(listeners, func(l elbtypes.Listener) bool { return *l.Port == 8443 })
	p.rule(listeners[i].ListenerArn, p.green, &p.test)
	again := p.update("app", func(in *api.UpdateServiceInput) { in.LoadBalancers = p.loadBalancers() }).CurrentServiceDeployment
	if d, stages, _ := p.ends(again, time.Hour); d.Status != types.ServiceDeploymentStatusSuccessful || stages[0] != "RECONCILE_SERVICE" {
		t.Errorf("with a rule again: %s %v at %v", d.Status, aws.ToString(d.StatusReason), stages)
	}
	if v := p.steady("app"); v.RunningCount != 2 || len(v.Deployments) != 1 {
		t.Errorf("with a rule again: %+v", v)
	}
}

func TestAsynchronousErrors(t *testing.T) {
	for _, c := range []struct {
		why, reason string
		spoil       func(*pair)
	}{
		{"production is split by somebody", "should have exactly one target group serving traffic but found 2", func(p *pair) {
			_ = p.elbService.SetForwards(scope, p.production, map[string]int{p.blue: 50, p.green: 50})
		}},
		{"production leads elsewhere", "unexpected target group", func(p *pair) {
			_ = p.elbService.SetForwards(scope, p.production, map[string]int{p.blue: 1})
		}},
		{"the role may not change rules", "missing permissions on ECS Infrastructure Role", func(p *pair) { p.detach() }},
	} {
		p := newPair(t, alb)
		p.create("app", p.register("app", "i:1"), 1, p.on(blueGreen()))
		p.until(15*time.Minute, "deployed", func() bool {
			return p.service("app").Deployments[0].RolloutState == types.DeploymentRolloutStateCompleted
		})
		c.spoil(p)
		arn := p.image("i:2")
		p.until(10*time.Minute, c.why, func() bool { return p.record(arn).FinishedAt != nil })
		d := p.record(arn)
		if d.Status != types.ServiceDeploymentStatusRollbackSuccessful || !contains(*d.StatusReason, c.reason) {
			t.Errorf("%s: %s %s", c.why, d.Status, *d.StatusReason)
		}
	}
}

func TestPauseHooks(t *testing.T) {
	pausing := func(action types.DeploymentLifecycleHookAction) *types.DeploymentConfiguration {
		c := blueGreen()
		c.LifecycleHooks = []types.DeploymentLifecycleHook{{TargetType: types.DeploymentLifecycleHookTargetTypePause,
			LifecycleStages:      []types.DeploymentLifecycleHookStage{types.DeploymentLifecycleHookStagePostTestTrafficShift},
			TimeoutConfiguration: &types.DeploymentLifecycleHookTimeoutConfiguration{TimeoutInMinutes: aws.Int32(90), Action: action}}}
		return c
	}
	for _, c := range []struct {
		why     string
		timeout types.DeploymentLifecycleHookAction
		act     types.DeploymentLifecycleHookAction
		want    types.ServiceDeploymentStatus
	}{
		{"approved", "", types.DeploymentLifecycleHookActionContinue, types.ServiceDeploymentStatusSuccessful},
		{"rejected", "", types.DeploymentLifecycleHookActionRollback, types.ServiceDeploymentStatusRollbackSuccessful},
		{"nobody answers: rolled back", "", "", types.ServiceDeploymentStatusRollbackSuccessful},
		{"nobody answers: goes on", types.DeploymentLifecycleHookActionContinue, "", types.ServiceDeploymentStatusSuccessful},
	} {
		p := newPair(t, alb)
		p.create("app", p.register("app", "i:1"), 1, p.on(blueGreen()))
		p.until(15*time.Minute, "deployed", func() bool {
			return p.service("app").Deployments[0].RolloutState == types.DeploymentRolloutStateCompleted
		})
		p.update("app", func(in *api.UpdateServiceInput) { in.DeploymentConfiguration = pausing(c.timeout) })
		arn := p.image("i:2")
		p.until(15*time.Minute, "pauses", func() bool { return len(p.record(arn).LifecycleHookDetails) == 1 })
		hook := p.record(arn).LifecycleHookDetails[0]
		if hook.Status != types.DeploymentLifecycleHookStatusAwaitingAction || hook.ExpiresAt == nil {
			t.Fatalf("%s: %+v", c.why, hook)
		}
		if c.act != "" {
			p.server.Advance(time.Hour)
			_, err := p.ContinueServiceDeployment(p.ctx, &api.ContinueServiceDeploymentInput{ServiceDeploymentArn: arn, HookId: aws.String("nonsense")})
			wantError(t, err, "InvalidParameterException", "must follow the format")
			_, err = p.ContinueServiceDeployment(p.ctx, &api.ContinueServiceDeploymentInput{ServiceDeploymentArn: arn, HookId: aws.String("ecs-pause-other")})
			wantError(t, err, "InvalidParameterException", "either completed, unavailable")
			must(p.ContinueServiceDeployment(p.ctx, &api.ContinueServiceDeploymentInput{ServiceDeploymentArn: arn, HookId: hook.HookId, Action: c.act}))(t)
		}
		d, _, _ := p.ends(arn, 3*time.Hour)
		if d.Status != c.want {
			t.Errorf("%s: %s %s", c.why, d.Status, aws.ToString(d.StatusReason))
		}
		_, err := p.ContinueServiceDeployment(p.ctx, &api.ContinueServiceDeploymentInput{ServiceDeploymentArn: arn, HookId: hook.HookId})
		wantError(t, err, "InvalidParameterException", "terminal states")
	}
}

// A service goes from rolling to blue/green and back; how AWS documents it and what is refused.
func TestStrategySwitches(t *testing.T) {
	p := newPair(t, alb)
	p.create("app", p.register("app", "i:1"), 1, p.on(nil), func(in *api.CreateServiceInput) { in.LoadBalancers = p.plain() })
	p.steady("app")
	_, err := p.UpdateService(p.ctx, &api.UpdateServiceInput{Cluster: aws.String("main"), Service: aws.String("app"), DeploymentConfiguration: blueGreen()})
	wantError(t, err, "InvalidParameterException", "advancedConfiguration field is required")

	// At one go: the source revision doesn't know the pair.
	v := p.update("app", func(in *api.UpdateServiceInput) {
		in.DeploymentConfiguration, in.LoadBalancers = blueGreen(), p.loadBalancers()
	})
	d, _, _ := p.ends(v.CurrentServiceDeployment, 15*time.Minute)
	if d.Status != types.ServiceDeploymentStatusRollbackSuccessful {
		t.Fatalf("%s", d.Status)
	}
	p.update("app", func(in *api.UpdateServiceInput) {
		in.DeploymentConfiguration = &types.DeploymentConfiguration{Strategy: types.DeploymentStrategyRolling, BakeTimeInMinutes: aws.Int32(0)}
	})

	// First the pair by a rolling deployment, then the strategy.
	v = p.update("app", func(in *api.UpdateServiceInput) { in.LoadBalancers = p.loadBalancers() })
	_, err = p.UpdateService(p.ctx, &api.UpdateServiceInput{Cluster: aws.String("main"), Service: aws.String("app"), DeploymentConfiguration: blueGreen()})
	wantError(t, err, "InvalidParameterException", "in progress")
	if d, _, _ := p.ends(v.CurrentServiceDeployment, 15*time.Minute); d.Status != types.ServiceDeploymentStatusSuccessful {
		t.Fatalf("%s", d.Status)
	}
	p.update("app", func(in *api.UpdateServiceInput) { in.DeploymentConfiguration = blueGreen() })
	if d, _, _ := p.ends(p.image("i:2"), 30*time.Minute); d.Status != types.ServiceDeploymentStatusSuccessful || p.live() != p.green {
		t.Fatalf("%s", d.Status)
	}

	// Rolling again: tasks go where production is.
	p.update("app", func(in *api.UpdateServiceInput) {
		in.DeploymentConfiguration = &types.DeploymentConfiguration{Strategy: types.DeploymentStrategyRolling}
	})
	if d, stages, _ := p.ends(p.image("i:3"), 30*time.Minute); d.Status != types.ServiceDeploymentStatusSuccessful || len(stages) > 0 || p.live() != p.green {
		t.Fatalf("%s %v", d.Status, stages)
	}
}

func TestSynchronousErrors(t *testing.T) {
	p := newPair(t, alb)
	def := p.register("app", "i:1")
	for _, c := range []struct {
		part string
		edit func(*api.CreateServiceInput)
	}{
		{"advancedConfiguration field is required for all", func(in *api.CreateServiceInput) { in.LoadBalancers = p.plain() }},
		{"productionListenerRule has an invalid ARN format", func(in *api.CreateServiceInput) {
			in.LoadBalancers[0].AdvancedConfiguration.ProductionListenerRule = aws.String("arn:aws:elasticloadbalancing:us-east-1:123456789012:listener/app/main/1/2")
		}},
		{"both production and test listener rules", func(in *api.CreateServiceInput) {
			in.LoadBalancers[0].AdvancedConfiguration.TestListenerRule = &p.production
		}},
		{"testListenerRule is required", func(in *api.CreateServiceInput) { in.LoadBalancers[0].AdvancedConfiguration.TestListenerRule = nil }},
		{"Duplicate targetGroupArn found", func(in *api.CreateServiceInput) {
			in.LoadBalancers[0].AdvancedConfiguration.AlternateTargetGroupArn = &p.blue
		}},
		{"Unable to assume role", func(in *api.CreateServiceInput) { in.LoadBalancers[0].AdvancedConfiguration.RoleArn = &p.execRole }},
		{"canaryConfiguration is only valid", func(in *api.CreateServiceInput) {
			in.DeploymentConfiguration.CanaryConfiguration = &types.CanaryConfiguration{}
		}},
		{"canaryPercent must be", func(in *api.CreateServiceInput) {
			in.DeploymentConfiguration = canary()
			in.DeploymentConfiguration.CanaryConfiguration.CanaryPercent = aws.Float64(0.05)
		}},
		{"stepPercent must be", func(in *api.CreateServiceInput) {
			in.DeploymentConfiguration = linear()
			in.DeploymentConfiguration.LinearConfiguration.StepPercent = aws.Float64(2)
		}},
		{"Invalid lifecycle stage provided for Pause Hook", func(in *api.CreateServiceInput) {
			in.DeploymentConfiguration.LifecycleHooks = []types.DeploymentLifecycleHook{{TargetType: types.DeploymentLifecycleHookTargetTypePause,
				LifecycleStages: []types.DeploymentLifecycleHookStage{types.DeploymentLifecycleHookStageTestTrafficShift}}}
		}},
		{`"EMAIL" is not valid`, hooked(types.DeploymentLifecycleHook{TargetType: "EMAIL"})},
		{"lifecycleStages can not be empty", hooked(types.DeploymentLifecycleHook{TargetType: types.DeploymentLifecycleHookTargetTypePause})},
		{`"SCALE_UP" is not valid`, hooked(pauseAt("SCALE_UP"))},
		{"has the stage PRE_SCALE_UP twice", hooked(pauseAt("PRE_SCALE_UP", "PRE_SCALE_UP"))},
		{`"LATER" is not valid`, hooked(timed(pauseAt("PRE_SCALE_UP"), 1, "LATER"))},
		{"between 1 and 20160", hooked(timed(pauseAt("PRE_SCALE_UP"), 20161, ""))},
		{"between 1 and 1440", hooked(timed(types.DeploymentLifecycleHook{HookTargetArn: aws.String("arn:aws:lambda:us-east-1:123456789012:function:f"), RoleArn: &p.role,
			LifecycleStages: []types.DeploymentLifecycleHookStage{"PRE_SCALE_UP"}}, 1441, ""))},
		{"are required for a Lambda hook", hooked(types.DeploymentLifecycleHook{LifecycleStages: []types.DeploymentLifecycleHookStage{"PRE_SCALE_UP"}})},
		{"at most 10 hooks of the type PAUSE", hooked(slices.Repeat([]types.DeploymentLifecycleHook{pauseAt("PRE_SCALE_UP")}, 11)...)},
		{`"SOME" is not valid`, thresholdOf("SOME", 3)},
		{"must be at least 1", thresholdOf(types.ThresholdTypeCount, 0)},
		{"more than 100 percent", thresholdOf(types.ThresholdTypeUnboundedPercent, 101)},
		{"rollback can't be enabled", func(in *api.CreateServiceInput) { in.DeploymentConfiguration.DeploymentCircuitBreaker.Enable = false }},
		{"alarmNames can not be empty", func(in *api.CreateServiceInput) {
			in.DeploymentConfiguration.Alarms = &types.DeploymentAlarms{Enable: true, AlarmNames: []string{}}
		}},
		{"alarms' rollback can't be enabled", func(in *api.CreateServiceInput) {
			in.DeploymentConfiguration.Alarms = &types.DeploymentAlarms{Rollback: true, AlarmNames: []string{}}
		}},
	} {
		_, err := p.CreateService(p.ctx, p.request("app", def, 1, p.on(blueGreen()), c.edit))
		wantError(t, err, "InvalidParameterException", c.part)
	}
}

func TestLambdaHooks(t *testing.T) {
	const function = "arn:aws:lambda:us-east-1:123456789012:function:verdict"
	for _, c := range []struct {
		why     string
		stage   types.DeploymentLifecycleHookStage
		answers []ecs.HookAnswer
		want    types.ServiceDeploymentStatus
		reason  string
		calls   int
	}{
		{"passes", types.DeploymentLifecycleHookStagePostTestTrafficShift, []ecs.HookAnswer{{Status: "SUCCEEDED"}}, types.ServiceDeploymentStatusSuccessful, "", 1},
		{"takes its time", types.DeploymentLifecycleHookStageTestTrafficShift, []ecs.HookAnswer{{Status: "IN_PROGRESS"}, {Status: "IN_PROGRESS", CallBackDelay: 90}, {Status: "SUCCEEDED"}}, types.ServiceDeploymentStatusSuccessful, "", 3},
		{"fails", types.DeploymentLifecycleHookStageProductionTrafficShift, []ecs.HookAnswer{{Status: "FAILED"}}, types.ServiceDeploymentStatusRollbackSuccessful, "returned FAILED status", 2}, // and once more for the way back
		{"talks nonsense", types.DeploymentLifecycleHookStagePreScaleUp, []ecs.HookAnswer{{Status: "PERHAPS"}}, types.ServiceDeploymentStatusRollbackSuccessful, "unable to parse the response", 1},
		{"isn't there", types.DeploymentLifecycleHookStagePreScaleUp, nil, types.ServiceDeploymentStatusRollbackSuccessful, "Function not found", 0},
	} {
		p := newPair(t, alb)
		role := p.rig.role("hooks", "ecs.amazonaws.com")
		must(p.iam.PutRolePolicy(p.ctx, &sdkiam.PutRolePolicyInput{RoleName: aws.String("hooks"), PolicyName: aws.String("invoke"),
			PolicyDocument: aws.String(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"lambda:InvokeFunction","Resource":"*"}]}`)}))(t)
		p.create("app", p.register("app", "i:1"), 1, p.on(blueGreen()))
		p.until(15*time.Minute, "deployed", func() bool {
			return p.service("app").Deployments[0].RolloutState == types.DeploymentRolloutStateCompleted
		})
		config := blueGreen()
		config.LifecycleHooks = []types.DeploymentLifecycleHook{{HookTargetArn: aws.String(function), RoleArn: &role, LifecycleStages: []types.DeploymentLifecycleHookStage{c.stage}}}
		p.update("app", func(in *api.UpdateServiceInput) { in.DeploymentConfiguration = config })
		p.s.AnswerHooks(function, c.answers...)
		d, _, _ := p.ends(p.image("i:2"), time.Hour)
		if d.Status != c.want || !contains(aws.ToString(d.StatusReason), c.reason) || len(p.s.HookCalls()) != c.calls {
			t.Errorf("%s: %s %s after %d calls", c.why, d.Status, aws.ToString(d.StatusReason), len(p.s.HookCalls()))
		}
		if c.calls == 3 && p.s.HookCalls()[0].Test != 100 {
			t.Errorf("%s: %+v", c.why, p.s.HookCalls()[0])
		}
	}
}

// TestLambdaFunctions: what AWS Lambda has is called there. A function that answers nothing crashes, and one
// that isn't ready can't be called.
func TestLambdaFunctions(t *testing.T) {
	for _, c := range []struct {
		why     string
		answers []ecs.HookAnswer
		age     time.Duration
		want    types.ServiceDeploymentStatus
		reason  string
	}{
		{"passes", []ecs.HookAnswer{{Status: "SUCCEEDED"}}, time.Hour, types.ServiceDeploymentStatusSuccessful, ""},
		{"crashes", nil, time.Hour, types.ServiceDeploymentStatusRollbackSuccessful, "unable to parse the response"},
		{"is inactive", []ecs.HookAnswer{{Status: "SUCCEEDED"}}, 15 * 24 * time.Hour, types.ServiceDeploymentStatusRollbackSuccessful, "CodeArtifactUserPendingException"},
	} {
		p := newPair(t, alb)
		role, own := p.rig.role("hooks", "ecs.amazonaws.com"), p.rig.role("function", "lambda.amazonaws.com")
		must(p.iam.PutRolePolicy(p.ctx, &sdkiam.PutRolePolicyInput{RoleName: aws.String("hooks"), PolicyName: aws.String("invoke"),
			PolicyDocument: aws.String(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"lambda:InvokeFunction","Resource":"*"}]}`)}))(t)
		p.server.Advance(time.Minute)
		var b bytes.Buffer
		z := zip.NewWriter(&b)
		must(z.Create("handler.py"))(t)
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
		function := *must(p.lambda.CreateFunction(p.ctx, &sdklambda.CreateFunctionInput{FunctionName: aws.String("verdict"), Role: &own, Runtime: lambdatypes.RuntimePython313,
			Handler: aws.String("handler.handle"), Code: &lambdatypes.FunctionCode{ZipFile: b.Bytes()}}))(t).FunctionArn
		p.create("app", p.register("app", "i:1"), 1, p.on(blueGreen()))
		p.server.Advance(c.age)
		config := blueGreen()
		config.LifecycleHooks = []types.DeploymentLifecycleHook{{HookTargetArn: &function, RoleArn: &role, LifecycleStages: []types.DeploymentLifecycleHookStage{types.DeploymentLifecycleHookStagePostTestTrafficShift}}}
		p.update("app", func(in *api.UpdateServiceInput) { in.DeploymentConfiguration = config })
		p.s.AnswerHooks(function, c.answers...)
		d, _, _ := p.ends(p.image("i:2"), time.Hour)
		if d.Status != c.want || !contains(aws.ToString(d.StatusReason), c.reason) {
			t.Errorf("%s: %s %s", c.why, d.Status, aws.ToString(d.StatusReason))
		}
	}
}

func TestAlarms(t *testing.T) {
	for _, c := range []struct {
		why, before, during string
		rollback            bool
		want                types.ServiceDeploymentStatus
	}{
		{"quiet", "OK", "OK", true, types.ServiceDeploymentStatusSuccessful},
		{"goes off while it bakes", "OK", "ALARM", true, types.ServiceDeploymentStatusRollbackSuccessful},
		{"goes off, and only stops", "OK", "ALARM", false, types.ServiceDeploymentStatusStopped},
		{"was off before: not watched", "ALARM", "ALARM", true, types.ServiceDeploymentStatusSuccessful},
	} {
		p := newPair(t, alb)
		config := blueGreen()
		config.Alarms = &types.DeploymentAlarms{Enable: true, Rollback: c.rollback, AlarmNames: []string{"errors"}}
		def := p.register("app", "i:1")
		_, err := p.CreateService(p.ctx, p.request("app", def, 1, p.on(config)))
		wantError(t, err, "InvalidParameterException", "knows no alarm")
		p.s.SetAlarm(scope, "errors", "OK")
		p.create("app", def, 1, p.on(config))
		p.until(15*time.Minute, "deployed", func() bool {
			return p.service("app").Deployments[0].RolloutState == types.DeploymentRolloutStateCompleted
		})
		p.s.SetAlarm(scope, "errors", c.before)
		arn := p.image("i:2")
		p.until(15*time.Minute, "bakes", func() bool {
			p.served()
			return p.record(arn).LifecycleStage == types.ServiceDeploymentLifecycleStageBakeTime
		})
		p.s.SetAlarm(scope, "errors", c.during)
		d, _, _ := p.ends(arn, time.Hour)
		if d.Status != c.want || d.Alarms == nil || (d.Alarms.Status == types.ServiceDeploymentRollbackMonitorsStatusTriggered) != (len(d.Alarms.TriggeredAlarmNames) == 1) {
			t.Errorf("%s: %s %+v", c.why, d.Status, d.Alarms)
		}
	}
}
