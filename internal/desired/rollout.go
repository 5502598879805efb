package desired

import (
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
	"github.com/portkey-ai/portkey-ecs-operator/internal/kinds"
)

// rollout is how ECS replaces the tasks of a service.
type rollout struct {
	strategy       string
	bakeMinutes    int
	canary, linear *kinds.TrafficStep
	breaker        breaker
	alarms         []string
	hooks          []kinds.LifecycleHook
	handover       bool
}

// breaker is when ECS gives a rollout up.
type breaker struct {
	enabled, rollback, addUp bool
	threshold                kinds.Threshold
}

// ecsStrategies are ECS's names of the strategies.
var ecsStrategies = map[v1alpha1.RolloutStrategy]string{
	v1alpha1.RolloutRolling: "ROLLING", v1alpha1.RolloutBlueGreen: "BLUE_GREEN", v1alpha1.RolloutCanary: "CANARY", v1alpha1.RolloutLinear: "LINEAR",
}

// thresholdTypes are ECS's names of what a threshold counts.
var thresholdTypes = map[v1alpha1.ThresholdType]string{
	v1alpha1.ThresholdBoundedPercent: "BOUNDED_PERCENT", v1alpha1.ThresholdUnboundedPercent: "UNBOUNDED_PERCENT", v1alpha1.ThresholdCount: "COUNT",
}

// gatewayRollout is a resolved rollout in ECS's terms.
func (b *builder) gatewayRollout(r *v1alpha1.Rollout, probe graph.Value) rollout {
	out := rollout{
		strategy: ecsStrategies[r.Strategy], bakeMinutes: wholeMinutes(r.BakeTime),
		breaker: breakerOf(r.CircuitBreaker), alarms: r.Alarms, hooks: b.hooks(r.Hooks, probe),
		handover: b.toShift() && !b.shifts(),
	}
	if !b.shifts() { // whatever the spec asks for comes by its strategy later
		out.strategy, out.hooks = ecsStrategies[v1alpha1.RolloutRolling], nil
		return out
	}
	switch r.Strategy {
	case v1alpha1.RolloutCanary:
		out.canary = &kinds.TrafficStep{Percent: float64(r.Canary.Percent), BakeMinutes: wholeMinutes(r.Canary.BakeTime)}
	case v1alpha1.RolloutLinear:
		out.linear = &kinds.TrafficStep{Percent: float64(r.Linear.StepPercent), BakeMinutes: wholeMinutes(r.Linear.StepBakeTime)}
	case v1alpha1.RolloutRolling, v1alpha1.RolloutBlueGreen: // have no steps
	}
	return out
}

// rolling is the rollout of a service that no load balancer leads to.
func rolling(b breaker) rollout {
	return rollout{strategy: ecsStrategies[v1alpha1.RolloutRolling], bakeMinutes: int(v1alpha1.DefaultBakeTime / time.Minute), breaker: b}
}

// breakerOf is a resolved circuit breaker in ECS's terms.
func breakerOf(c *v1alpha1.CircuitBreaker) breaker {
	out := breaker{enabled: *c.Enabled, rollback: *c.Rollback}
	if out.enabled {
		out.threshold, out.addUp = kinds.Threshold{Type: thresholdTypes[c.Threshold.Type], Value: int(c.Threshold.Value)}, !*c.ResetOnHealthyTask
	}
	return out
}

func wholeMinutes(d *metav1.Duration) int { return int(d.Duration / time.Minute) }

// rebalancing is ECS's word for whether tasks are spread anew when zones are uneven.
func rebalancing(r v1alpha1.AvailabilityZoneRebalancing) string {
	if r == v1alpha1.AZRebalancingEnabled {
		return "ENABLED"
	}
	return "DISABLED"
}

// control is what is asked of the gateway's rollout: by annotations, and by the image that the spec approves.
func (b *builder) control() kinds.Control {
	c := b.facts.Control
	image := b.spec.Gateway.Image
	c.Approved = b.facts.Held == "" && b.spec.Gateway.Rollout.ApprovedImage == image.Repository+":"+image.Tag
	return c
}
