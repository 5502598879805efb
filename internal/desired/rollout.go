package desired

import (
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/internal/kinds"
)

// rollout is how ECS replaces the tasks of a service.
type rollout struct {
	strategy          string
	bakeMinutes       int
	canary, linear    *kinds.TrafficStep
	breaker, rollback bool
}

// ecsStrategies are ECS's names of the strategies.
var ecsStrategies = map[v1alpha1.RolloutStrategy]string{
	v1alpha1.RolloutRolling: "ROLLING", v1alpha1.RolloutBlueGreen: "BLUE_GREEN", v1alpha1.RolloutCanary: "CANARY", v1alpha1.RolloutLinear: "LINEAR",
}

// gatewayRollout is a resolved rollout in ECS's terms.
func gatewayRollout(r *v1alpha1.Rollout) rollout {
	out := rollout{strategy: ecsStrategies[r.Strategy], bakeMinutes: wholeMinutes(r.BakeTime)}
	out.breaker, out.rollback = *r.CircuitBreaker.Enabled, *r.CircuitBreaker.Rollback
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
func rolling(breaker, rollback bool) rollout {
	return rollout{strategy: ecsStrategies[v1alpha1.RolloutRolling], bakeMinutes: int(v1alpha1.DefaultBakeTime / time.Minute), breaker: breaker, rollback: rollback}
}

func wholeMinutes(d *metav1.Duration) int { return int(d.Duration / time.Minute) }

// rebalancing is ECS's word for whether tasks are spread anew when zones are uneven.
func rebalancing(r v1alpha1.AvailabilityZoneRebalancing) string {
	if r == v1alpha1.AZRebalancingEnabled {
		return "ENABLED"
	}
	return "DISABLED"
}
