package applicationautoscaling

import (
	"math"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/ecs"
)

// tick takes a datapoint of each policy in a minute, and goes on for as long as there is data.
func (s *Service) tick(t *target) {
	if t.ticking || !s.loaded(t) {
		return
	}
	t.ticking = true
	s.world.Clock.After(period, func() {
		t.ticking = false
		if s.region(t.Scope)[t.resource] != t {
			return // deregistered
		}
		if service, ok := s.ecs.Scalable(t.Scope, t.cluster, t.service); ok {
			s.track(t, service)
		}
		s.tick(t)
	})
}

// track is target tracking: it scales out as soon as one policy wants that, and in when all do that may.
//
// https://docs.aws.amazon.com/autoscaling/application/userguide/target-tracking-scaling-policy-overview.html
func (s *Service) track(t *target, service ecs.Scalable) {
	out, in, inAll := 0, 0, true
	var outBy, inBy *policy
	for _, p := range sorted(t.policies) {
		value, ok := s.metric(p, service.Running)
		p.high.count(ok && value > *p.config.TargetValue)
		p.low.count(ok && value < lowShare**p.config.TargetValue)
		want := int(math.Ceil(float64(service.Desired) * value / *p.config.TargetValue))
		if p.high.points >= pointsHigh && want > out {
			out, outBy = want, p
		}
		switch {
		case aws.ToBool(p.config.DisableScaleIn):
		case p.low.points < pointsLow:
			inAll = false
		case want >= in:
			in, inBy = want, p
		}
	}
	switch {
	case outBy != nil:
		s.scaleOut(t, service, min(out, t.hi), outBy)
	case inAll && inBy != nil:
		s.scaleIn(t, service, max(in, t.lo), inBy)
	}
}

// count adds a datapoint that is beyond the threshold, or begins anew.
func (a *alarm) count(beyond bool) {
	if !beyond {
		a.points = 0
		return
	}
	a.points++
}

// scaleOut raises the desired count. While the last time cools down, it takes a larger one only. It ends
// the cooldown of scaling in.
func (s *Service) scaleOut(t *target, service ecs.Scalable, n int, p *policy) {
	now := s.world.Clock.Now()
	cooling := now.Sub(t.outAt) < t.outFor
	if n <= service.Desired || (cooling && n <= t.outTo) || aws.ToBool(t.suspended.DynamicScalingOutSuspended) {
		return
	}
	t.outAt, t.outFor, t.outTo, t.inFor = now, cooldown(p.config.ScaleOutCooldown), n, 0
	s.setDesired(t, n, "monitor alarm "+p.high.name+" in state ALARM triggered policy "+p.name)
}

// scaleIn lowers the desired count, but not while ECS deploys.
//
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-auto-scaling.html
func (s *Service) scaleIn(t *target, service ecs.Scalable, n int, p *policy) {
	now := s.world.Clock.Now()
	cooling := now.Sub(t.inAt) < t.inFor
	if n >= service.Desired || cooling || service.Deploying || aws.ToBool(t.suspended.DynamicScalingInSuspended) {
		return
	}
	t.inAt, t.inFor = now, cooldown(p.config.ScaleInCooldown)
	s.setDesired(t, n, "monitor alarm "+p.low.name+" in state ALARM triggered policy "+p.name)
}

func cooldown(seconds *int32) time.Duration {
	n := int32(defaultCooldown)
	if seconds != nil {
		n = *seconds
	}
	return time.Duration(n) * time.Second
}

func count(n int) string { return strconv.Itoa(n) }
