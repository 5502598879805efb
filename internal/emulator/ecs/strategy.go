package ecs

import (
	"cmp"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// strategy moves a service to its PRIMARY deployment. step is called whenever something may have
// changed and does what can be done now.
type strategy interface {
	step(s *Service, v *service, d *deployment)
}

// strategies are all there are.
var strategies = map[types.DeploymentStrategy]strategy{
	types.DeploymentStrategyRolling: rolling{}, types.DeploymentStrategyBlueGreen: shifting{}, types.DeploymentStrategyCanary: shifting{}, types.DeploymentStrategyLinear: shifting{},
}

// strategyName is the strategy the deployment began with.
func (d *deployment) strategyName() types.DeploymentStrategy { return d.record.config.Strategy }

// rolling replaces tasks within the minimum healthy and the maximum percent of the desired count.
//
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-ecs.html
type rolling struct{}

func (rolling) step(s *Service, v *service, d *deployment) {
	live := v.live()
	var current, old []*task
	for _, t := range live {
		if t.dep == d && (t.instance == nil || t.instance.status == statusActive) {
			current = append(current, t)
		} else {
			old = append(old, t) // another deployment's, or on a draining instance
		}
	}
	reason := "Scaling activity initiated by (deployment " + d.id + ")"
	if extra := len(current) - v.desired; extra > 0 {
		// The newest and the unhealthy go first.
		slices.SortFunc(current, func(a, b *task) int {
			return cmp.Or(boolCompare(s.healthy(a), s.healthy(b)), cmp.Compare(b.seq, a.seq))
		})
		s.halt(v, current[:extra], reason)
		current = current[extra:]
	}
	if !d.halted {
		s.halt(v, s.replaceable(v, current, old), reason)
		live = v.live()
		room := maximum(v) - len(live)
		if room <= 0 && len(current) < v.desired && len(live) == len(current)+len(old) && !d.stuck && !slices.ContainsFunc(live, func(t *task) bool { return !s.healthy(t) }) {
			d.stuck = true
			s.event(v, "(service "+v.name+") was unable to stop or start tasks during a deployment because of the service deployment configuration. Update the minimumHealthyPercent or maximumPercent value and try again.")
		}
		s.launch(v, d, max(0, min(v.desired-len(current), room)))
	}
}

// replaceable are the old tasks that may stop now: those that aren't healthy, and healthy ones as
// far as the minimum healthy percent allows.
func (s *Service) replaceable(v *service, current, old []*task) []*task {
	healthy := 0
	for _, t := range append(slices.Clone(current), old...) {
		if s.healthy(t) {
			healthy++
		}
	}
	var out []*task
	slices.SortFunc(old, func(a, b *task) int {
		return cmp.Or(boolCompare(s.healthy(a), s.healthy(b)), cmp.Compare(a.seq, b.seq))
	})
	for _, t := range old {
		switch {
		case !s.healthy(t):
			out = append(out, t)
		case healthy-1 >= minimum(v):
			healthy--
			out = append(out, t)
		}
	}
	return out
}

// minimum rounds up, maximum rounds down.
//
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeploymentConfiguration.html
func minimum(v *service) int { return (v.desired*int(*v.config.MinimumHealthyPercent) + 99) / 100 }

func maximum(v *service) int { return v.desired * int(*v.config.MaximumPercent) / 100 }

// boolCompare orders false before true.
func boolCompare(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	default:
		return 1
	}
}
