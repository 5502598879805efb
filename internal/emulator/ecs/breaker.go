package ecs

import (
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// threshold is how many consecutive failures trip the circuit breaker: by default half the desired
// count, at least 3 and at most 200.
//
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html
func threshold(config types.DeploymentConfiguration, desired int) int {
	kind, value := types.ThresholdTypeBoundedPercent, 50
	if b := config.DeploymentCircuitBreaker; b != nil && b.ThresholdConfiguration != nil {
		kind, value = b.ThresholdConfiguration.Type, int(b.ThresholdConfiguration.Value)
	}
	share := (desired*value + 99) / 100
	switch kind {
	case types.ThresholdTypeCount:
		return value
	case types.ThresholdTypeUnboundedPercent:
		return max(1, share)
	default:
		return min(max(share, 3), 200)
	}
}

// mergeBreaker takes the circuit breaker of a request in the place of the one before, with defaults for what
// it leaves out: AWS documents each of them, and not that anything remains. Nor does it document any bounds of
// a threshold's value; those here are the ones within which it surely means something.
//
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeploymentCircuitBreaker.html
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ThresholdConfiguration.html
func mergeBreaker(have *types.DeploymentConfiguration, in *types.DeploymentCircuitBreaker) error {
	if in == nil {
		return nil
	}
	breaker := *in
	if breaker.Rollback && !breaker.Enable {
		return invalid("The deployment circuit breaker's rollback can't be enabled while the circuit breaker is not.")
	}
	if t := breaker.ThresholdConfiguration; t != nil {
		switch {
		case t.Value < 1:
			return invalid("The value of the circuit breaker's threshold must be at least 1.")
		case t.Type != types.ThresholdTypeCount && t.Value > 100:
			return unsupported("a circuit breaker's threshold of more than 100 percent")
		}
	}
	if breaker.Enable && breaker.ResetOnHealthyTask == nil {
		breaker.ResetOnHealthyTask = aws.Bool(true)
	}
	if breaker.Enable && breaker.ThresholdConfiguration == nil {
		breaker.ThresholdConfiguration = &types.ThresholdConfiguration{Type: types.ThresholdTypeBoundedPercent, Value: 50}
	}
	have.DeploymentCircuitBreaker = &breaker
	return nil
}

// taskFailed counts a task that ended by itself or failed a health check, throttles restarts, and
// trips the circuit breaker.
func (s *Service) taskFailed(t *task) {
	if t.wasHealthy {
		return // a failure of the application, not of the deployment
	}
	s.launchFailed(t.dep)
}

func (s *Service) launchFailed(d *deployment) {
	v, now := d.v, s.world.Clock.Now()
	if d != v.primary() || v.status != statusActive {
		return
	}
	// Tasks of one round fail together: the throttle counts rounds.
	if !now.Before(v.nextLaunch) {
		v.failures++
		v.nextLaunch = now.Add(min(maxRestartDelay, restartDelay<<min(v.failures-1, 10)))
	}
	if v.failures >= 3 && !v.impaired {
		v.impaired = true
		s.act(v, eventWarn, "SERVICE_TASK_START_IMPAIRED", "")
		s.event(v, fmt.Sprintf("(service %s) is unable to consistently start tasks successfully. For more information, see the Troubleshooting section of the Amazon ECS Developer Guide.", v.name))
	}
	if d.rollout != types.DeploymentRolloutStateInProgress {
		return
	}
	d.failed++
	d.record.failures = d.failed
	b := v.config.DeploymentCircuitBreaker
	if b == nil || !b.Enable || d.halted || d.failed < threshold(v.config, v.desired) {
		return
	}
	s.trip(v, d, b.Rollback)
}

// trip fails the PRIMARY deployment: it launches no more tasks, and is rolled back if wanted. A
// rollback that fails in turn ends there.
func (s *Service) trip(v *service, d *deployment, rollback bool) {
	const why = "Service deployment rolled back because the circuit breaker threshold was exceeded."
	d.halted, d.rollout, d.updated = true, types.DeploymentRolloutStateFailed, s.world.Clock.Now()
	d.reason = "ECS deployment circuit breaker: tasks failed to start."
	d.record.breaker = types.ServiceDeploymentRollbackMonitorsStatusTriggered
	s.event(v, fmt.Sprintf("(service %s) (deployment %s) deployment failed: tasks failed to start.", v.name, d.id))
	s.deploymentChanged(d, eventError, "SERVICE_DEPLOYMENT_FAILED")
	switch record := d.record; {
	case record.rollback != nil:
		s.setStatus(record, types.ServiceDeploymentStatusRollbackFailed, "Service deployment rollback failed because the circuit breaker threshold was exceeded.")
	case rollback:
		s.rollBack(v, why, "ECS deployment circuit breaker: rolling back to deploymentId ")
	default:
		s.stopRecord(record, "Service deployment stopped because the circuit breaker threshold was exceeded.")
	}
}

// taskHealthy ends the count of failures, unless the breaker is told to keep it.
func (s *Service) taskHealthy(t *task) {
	t.wasHealthy = true
	v := t.v
	if t.dep == v.primary() {
		v.failures, v.nextLaunch, v.impaired = 0, time.Time{}, false
	}
	if b := v.config.DeploymentCircuitBreaker; b == nil || b.ResetOnHealthyTask == nil || *b.ResetOnHealthyTask {
		t.dep.failed = 0
		t.dep.record.failures = 0
	}
}
