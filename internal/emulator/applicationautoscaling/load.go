package applicationautoscaling

import (
	"fmt"
	"math"

	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling/types"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

type loadKey struct {
	resource string
	metric   types.MetricType
}

// SetLoad says what the tasks of a service, service/<cluster>/<service>, have to do together: percent of
// what one task has of CPU or memory, or requests per minute. A negative load ends the data. The caller
// holds the world's lock.
func (s *Service) SetLoad(scope core.Scope, resource, metric string, total float64) error {
	m := types.MetricType(metric)
	switch m {
	case types.MetricTypeECSServiceAverageCPUUtilization, types.MetricTypeECSServiceAverageMemoryUtilization, types.MetricTypeALBRequestCountPerTarget:
	default:
		return fmt.Errorf("metric is %s, %s or %s, got %q", types.MetricTypeECSServiceAverageCPUUtilization,
			types.MetricTypeECSServiceAverageMemoryUtilization, types.MetricTypeALBRequestCountPerTarget, metric)
	}
	if !resourcePattern.MatchString(resource) {
		return fmt.Errorf("resource is service/<cluster>/<service>, got %q", resource)
	}
	if s.loads[scope] == nil {
		s.loads[scope] = map[loadKey]float64{}
	}
	if total < 0 {
		delete(s.loads[scope], loadKey{resource, m})
		return nil
	}
	s.loads[scope][loadKey{resource, m}] = total
	if t := s.region(scope)[resource]; t != nil {
		s.tick(t)
	}
	return nil
}

// metric is a policy's datapoint: the load divided by the tasks that run; ok is false without data.
func (s *Service) metric(p *policy, running int) (value float64, ok bool) {
	m := p.config.PredefinedMetricSpecification.PredefinedMetricType
	total, ok := s.loads[p.t.Scope][loadKey{p.t.resource, m}]
	if !ok || running == 0 {
		return 0, false
	}
	value = total / float64(running)
	if m != types.MetricTypeALBRequestCountPerTarget {
		value = math.Min(value, 100) // a task has no more
	}
	return value, true
}

// loaded says that a policy of the target has data.
func (s *Service) loaded(t *target) bool {
	for _, p := range t.policies {
		if _, ok := s.loads[t.Scope][loadKey{t.resource, p.config.PredefinedMetricSpecification.PredefinedMetricType}]; ok {
			return true
		}
	}
	return false
}
