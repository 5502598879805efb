package lifecycle

import (
	"testing"
	"time"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
)

// TestAYoungRoleIsNoReasonToGiveUp: a service joins whose role IAM takes two minutes to spread, so that its first tasks
// fail, and the first failure ends the rollout. Nobody has to ask for another. (That an image which fails is given up for
// good is TestFirstRolloutFails.)
func TestAYoungRoleIsNoReasonToGiveUp(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		with func(*spec)
	}{
		{"the first failure counts", func(s *spec) {
			s.DataService = &v1alpha1.DataService{Rollout: &v1alpha1.ServiceRollout{CircuitBreaker: &v1alpha1.CircuitBreaker{
				Threshold: &v1alpha1.BreakerThreshold{Type: v1alpha1.ThresholdCount, Value: 1},
			}}}
		}},
		{"ECS's own threshold", func(s *spec) { s.DataService = &v1alpha1.DataService{} }},
	} {
		t.Run(c.name, func(t *testing.T) {
			h, key := begun(t, nil)
			h.Emulator.World.Settings.Propagation = 110 * time.Second
			h.Edit(key, func(gw *v1alpha1.PortkeyGateway) { c.with(&gw.Spec) })
			ready(t, h, key)
			settle(t, h, key)
			quiet(t, h, key)
		})
	}
}
