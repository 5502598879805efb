package ecs

import (
	"cmp"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// The stages of a deployment that shifts traffic.
//
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/blue-green-deployment-how-it-works.html
const (
	reconcileService           = types.ServiceDeploymentLifecycleStageReconcileService
	preScaleUp                 = types.ServiceDeploymentLifecycleStagePreScaleUp
	scaleUp                    = types.ServiceDeploymentLifecycleStageScaleUp
	postScaleUp                = types.ServiceDeploymentLifecycleStagePostScaleUp
	testTrafficShift           = types.ServiceDeploymentLifecycleStageTestTrafficShift
	postTestTrafficShift       = types.ServiceDeploymentLifecycleStagePostTestTrafficShift
	preProductionTrafficShift  = types.ServiceDeploymentLifecycleStage("PRE_PRODUCTION_TRAFFIC_SHIFT") // documented, but not in the SDK
	productionTrafficShift     = types.ServiceDeploymentLifecycleStageProductionTrafficShift
	postProductionTrafficShift = types.ServiceDeploymentLifecycleStagePostProductionTrafficShift
	bakeTime                   = types.ServiceDeploymentLifecycleStageBakeTime
	cleanUp                    = types.ServiceDeploymentLifecycleStageCleanUp
)

// shifting moves production traffic from a revision (blue) to a new one (green) that has been scaled
// up beside it and was reached by test traffic before: all at once, after a canary, or in equal steps.
//
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-blue-green.html
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/canary-deployment.html
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-linear.html
type shifting struct{}

// staged reports whether a strategy shifts traffic stage by stage.
func staged(strategy types.DeploymentStrategy) bool {
	switch strategy {
	case types.DeploymentStrategyBlueGreen, types.DeploymentStrategyCanary, types.DeploymentStrategyLinear:
		return true
	}
	return false
}

// phase is one stage of a deployment, with what is special about it.
type phase struct {
	stage   types.ServiceDeploymentLifecycleStage
	percent float64       // of production traffic, in productionTrafficShift
	dwell   time.Duration // how long it takes at least
}

// phases are what a deployment goes through; reconciling comes first where it must.
func (d *deployment) phases() []phase {
	nlb := time.Duration(0)
	if d.overNetwork() {
		nlb = networkShiftDelay
	}
	out := []phase{
		{stage: reconcileService}, {stage: preScaleUp, dwell: stageDelay}, {stage: scaleUp}, {stage: postScaleUp, dwell: stageDelay},
		{stage: testTrafficShift, dwell: stageDelay + nlb}, {stage: postTestTrafficShift, dwell: stageDelay},
	}
	shifts := d.shifts()
	for i, shift := range shifts {
		if i < len(shifts)-1 { // "no step bake after reaching 100 %"
			shift.dwell += minutes(d.stepBake())
		}
		shift.dwell += stageDelay + nlb
		out = append(out, phase{stage: preProductionTrafficShift, dwell: stageDelay}, shift)
	}
	return append(out, phase{stage: postProductionTrafficShift, dwell: stageDelay},
		phase{stage: bakeTime, dwell: minutes(d.record.config.BakeTimeInMinutes)}, phase{stage: cleanUp})
}

func minutes(n *int32) time.Duration { return time.Duration(aws.ToInt32(n)) * time.Minute }

// shifts are the steps of production traffic.
func (d *deployment) shifts() []phase {
	step := 100.0
	switch c := d.record.config; c.Strategy {
	case types.DeploymentStrategyCanary:
		if first := *c.CanaryConfiguration.CanaryPercent; first < 100 {
			return []phase{{stage: productionTrafficShift, percent: first}, {stage: productionTrafficShift, percent: 100}}
		}
	case types.DeploymentStrategyLinear:
		step = *c.LinearConfiguration.StepPercent
	}
	var out []phase
	// Counted, not summed up: ten times 33.3 isn't exact.
	for i := 1; len(out) == 0 || out[len(out)-1].percent < 100; i++ {
		out = append(out, phase{stage: productionTrafficShift, percent: min(100, tenths(step*float64(i)))})
	}
	return out
}

func tenths(percent float64) float64 { return float64(int(percent*10+0.5)) / 10 }

// stepBake is how long a step that isn't the last is watched.
func (d *deployment) stepBake() *int32 {
	switch c := d.record.config; c.Strategy {
	case types.DeploymentStrategyCanary:
		return c.CanaryConfiguration.CanaryBakeTimeInMinutes
	case types.DeploymentStrategyLinear:
		return c.LinearConfiguration.StepBakeTimeInMinutes
	}
	return nil
}

// progress is how far a deployment has come in its phases.
type progress struct {
	phases  []phase
	at      int
	entered bool      // what the phase does is done
	until   time.Time // and how long it lasts
	hooks   []*hook   // those of the phase
}

func (shifting) step(s *Service, v *service, d *deployment) {
	switch {
	case d.record.rollback != nil:
		s.stepBack(v, d)
		return
	case d.rollout == types.DeploymentRolloutStateCompleted:
		s.keep(v, d)
		s.halt(v, v.tasksBut(d), "Scaling activity initiated by (deployment "+d.id+")")
		return
	}
	s.keepBlue(v, d)
	for on := true; on; {
		on = !d.halted && d.rollout == types.DeploymentRolloutStateInProgress && s.advance(v, d)
	}
}

// keepBlue keeps the serving revision at the desired count until it is cleaned up.
func (s *Service) keepBlue(v *service, d *deployment) {
	if blue := v.lastCompleted; blue != nil && blue != d && d.record.stage != cleanUp && slices.Contains(v.deployments, blue) {
		s.keep(v, blue)
	}
}

// keep holds a revision's tasks at the desired count; those on draining instances leave when others
// are healthy in their place.
func (s *Service) keep(v *service, d *deployment) {
	var current, leaving []*task
	healthy := 0
	for _, t := range v.live() {
		switch {
		case t.dep != d:
		case t.instance != nil && t.instance.status != statusActive:
			leaving = append(leaving, t)
		default:
			current = append(current, t)
			if s.healthy(t) {
				healthy++
			}
		}
	}
	reason := "Scaling activity initiated by (deployment " + d.id + ")"
	if extra := len(current) - v.desired; extra > 0 {
		slices.SortFunc(current, func(a, b *task) int {
			return cmp.Or(boolCompare(s.healthy(a), s.healthy(b)), cmp.Compare(b.seq, a.seq))
		})
		s.halt(v, current[:extra], reason)
	}
	if healthy >= v.desired {
		s.halt(v, leaving, reason)
	}
	if !d.halted {
		s.launch(v, d, v.desired-len(current))
	}
}

// tasksBut are the tasks that are to run, but a deployment's own.
func (v *service) tasksBut(keep ...*deployment) []*task {
	return slices.DeleteFunc(v.live(), func(t *task) bool { return slices.Contains(keep, t.dep) })
}

// advance does what is next to do of a deployment, and reports whether it came any further.
func (s *Service) advance(v *service, d *deployment) bool {
	p, now := &d.progress, s.world.Clock.Now()
	if p.phases == nil {
		p.phases = d.phases()
		if !v.severalRevisions(d) {
			p.at = 1
		}
	}
	at := p.phases[p.at]
	if !p.entered {
		d.record.stage, d.record.updated = at.stage, now
		if problem := s.enter(v, d, at); problem != "" {
			s.fail(v, d, problem)
			return false
		}
		p.entered, p.until, p.hooks = true, now.Add(at.dwell), s.startHooks(d, at.stage)
		s.world.Clock.After(at.dwell, func() { s.poke(v) })
	}
	if !s.over(v, d, at) || now.Before(p.until) || !d.hooksOver() {
		return false
	}
	if at.stage == cleanUp {
		s.complete(v, d)
		return false
	}
	p.at, p.entered = p.at+1, false
	return true
}

// severalRevisions says that more than one revision has tasks beside a new deployment: one that the
// new one replaced before it was through.
func (v *service) severalRevisions(d *deployment) bool {
	seen := map[*deployment]bool{}
	for _, t := range v.tasks {
		if t.dep != d && t.serving() {
			seen[t.dep] = true
		}
	}
	return len(seen) > 1
}

// enter does what a phase does at once; the answer says why it can't.
func (s *Service) enter(v *service, d *deployment, at phase) string {
	switch at.stage {
	case reconcileService:
		// All traffic goes back to the revision that completed, which frees the other target group. AWS doesn't document
		// by which rules; here by those that the service has now: another would be no way out of a rollback that failed
		// because one of those before is gone.
		if blue := v.lastCompleted; blue != nil {
			groups := servingIn(d, blue)
			return cmp.Or(s.forwardTo(d, groups, 100, productionRule), s.forwardTo(d, groups, 100, testRule))
		}
	case preScaleUp:
		return s.trafficProblem(d)
	case testTrafficShift:
		d.record.test = aws.Float64(100)
		return s.forward(d, 100, testRule)
	case productionTrafficShift:
		d.record.production = aws.Float64(at.percent)
		return s.forward(d, at.percent, productionRule)
	case cleanUp:
		s.halt(v, v.tasksBut(d), "Scaling activity initiated by (deployment "+d.id+")")
	}
	return ""
}

// over reports whether what a phase waits for has happened.
func (s *Service) over(v *service, d *deployment, at phase) bool {
	switch at.stage {
	case reconcileService:
		s.halt(v, v.tasksBut(d, v.lastCompleted), "Scaling activity initiated by (deployment "+d.id+")")
		return !v.severalRevisions(d)
	case preScaleUp:
		return true
	case cleanUp:
		s.keep(v, d)
		return !slices.ContainsFunc(v.tasks, func(t *task) bool { return t.dep != d && t.serving() })
	}
	s.keep(v, d)
	return at.stage != scaleUp || s.scaled(v, d)
}

// scaled reports whether a revision has all its tasks, and all of them healthy.
func (s *Service) scaled(v *service, d *deployment) bool {
	n := 0
	for _, t := range v.live() {
		if t.dep == d && s.healthy(t) {
			n++
		}
	}
	return n >= v.desired
}

// fail ends a deployment that ECS can't go on with: it is rolled back.
func (s *Service) fail(v *service, d *deployment, why string) {
	d.halted, d.rollout, d.updated = true, types.DeploymentRolloutStateFailed, s.world.Clock.Now()
	d.reason = "ECS deployment " + d.id + " failed."
	s.event(v, "(service "+v.name+") (deployment "+d.id+") deployment failed: "+why)
	s.rollBack(v, why, "ECS deployment failed: rolling back to deploymentId ")
}

// stepBack takes a failed deployment back: production and test traffic return to the revision before,
// whose tasks have been kept, and the failed one's stop. Behind a Network Load Balancer they stay as
// long as traffic may still arrive.
func (s *Service) stepBack(v *service, back *deployment) {
	s.keep(v, back)
	p := &back.progress
	if back.rollout == types.DeploymentRolloutStateCompleted {
		s.halt(v, v.tasksBut(back), "Scaling activity initiated by (deployment "+back.id+")")
		return
	}
	if back.halted {
		return
	}
	if !p.entered {
		if !s.scaled(v, back) {
			return // a rollback after the old tasks were gone waits for new ones
		}
		shifted := back.record.production != nil || back.record.test != nil
		back.record.stage = productionTrafficShift
		if problem := cmp.Or(s.forward(back, 100, productionRule), s.forward(back, 100, testRule)); problem != "" && shifted {
			s.stall(v, back, problem)
			return
		}
		back.record.production, back.record.test = zeroed(back.record.production), zeroed(back.record.test)
		wait := stageDelay
		if shifted {
			s.callAgain(back)
			if back.overNetwork() {
				wait += networkShiftDelay
			}
		}
		p.entered, p.until = true, s.world.Clock.Now().Add(wait)
		s.world.Clock.After(wait, func() { s.poke(v) })
	}
	if s.world.Clock.Now().Before(p.until) {
		return
	}
	back.record.stage = cleanUp
	s.halt(v, v.tasksBut(back), "Scaling activity initiated by (deployment "+back.id+")")
	if !slices.ContainsFunc(v.tasks, func(t *task) bool { return t.dep != back && t.serving() }) && s.scaled(v, back) {
		s.complete(v, back)
	}
}

// stall ends a rollback that ECS can't go on with. That is an end like others: the service stays between its revisions
// and launches no task until it is deployed again.
//
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-deployment.html
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Deployment.html
func (s *Service) stall(v *service, back *deployment, why string) {
	back.halted, back.rollout, back.updated = true, types.DeploymentRolloutStateFailed, s.world.Clock.Now()
	back.reason = "ECS deployment " + back.id + " failed."
	s.setStatus(back.record, types.ServiceDeploymentStatusRollbackFailed, why)
	s.event(v, "(service "+v.name+") (deployment "+back.id+") deployment failed: "+why)
	s.deploymentChanged(back, eventError, "SERVICE_DEPLOYMENT_FAILED")
}

// zeroed is a weight that went back, or none where there was none.
func zeroed(weight *float64) *float64 {
	if weight == nil {
		return nil
	}
	return aws.Float64(0)
}
