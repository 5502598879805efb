package ecs

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// schedule is the service scheduler's look at one service.
func (s *Service) schedule(v *service) {
	if v.status == statusInactive {
		return
	}
	s.checkHealth(v)
	if v.status == statusDraining {
		s.drainService(v)
		return
	}
	s.placeWaiting(v)
	s.watchAlarms(v)
	if d := v.primary(); d != nil {
		strategies[d.strategyName()].step(s, v, d)
	}
	v.dropDeployments()
	s.settle(v)
	// Target health changes without telling anybody.
	for _, t := range v.tasks {
		if len(t.targets) > 0 && !t.stopping {
			if wait := map[bool]time.Duration{false: targetPoll, true: steadyPoll}[v.steady]; !v.polled {
				v.polled = true
				s.world.Clock.After(wait-schedulerDelay, func() { v.polled = false; s.poke(v) })
			}
			break
		}
	}
}

// healthy says whether a task counts towards the minimum healthy percent: its targets are healthy
// and its containers' checks pass; a task without either must have run for a while.
func (s *Service) healthy(t *task) bool {
	if t.lastStatus != stateRunning || t.stopping || len(t.targets) < len(t.dep.spec.loadBalancers) {
		return false
	}
	for _, g := range t.targets {
		if state, _ := s.deps.ELB.TargetState(t.scope(), g.group, t.eni.PrivateIP, g.port); state != "healthy" {
			return false
		}
	}
	if t.checked() {
		return t.health() == types.HealthStatusHealthy
	}
	return len(t.targets) > 0 || s.world.Clock.Since(t.started) >= plainTaskSettle
}

// checkHealth replaces tasks that fail health checks once their grace period is over.
//
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-load-balancing.html
func (s *Service) checkHealth(v *service) {
	grace := time.Duration(aws.ToInt32(v.grace)) * time.Second
	for _, t := range v.live() {
		if t.lastStatus != stateRunning {
			continue
		}
		if !t.wasHealthy && s.healthy(t) {
			s.taskHealthy(t)
		}
		if left := grace - s.world.Clock.Since(t.started); left > 0 {
			if t.health() == types.HealthStatusUnhealthy {
				s.world.Clock.After(left, func() { s.poke(v) })
			}
			continue
		}
		if t.health() == types.HealthStatusUnhealthy {
			s.event(v, fmt.Sprintf("(service %s) (task %s) failed container health checks.", v.name, t.id))
			s.endTask(t, types.TaskStopCodeServiceSchedulerInitiated, "Task failed container health checks", true)
			continue
		}
		for _, g := range t.targets {
			state, why := s.deps.ELB.TargetState(t.scope(), g.group, t.eni.PrivateIP, g.port)
			if state != "unhealthy" {
				continue
			}
			if why == "Target.FailedHealthChecks" || why == "" {
				why = "Health checks failed"
			}
			s.event(v, fmt.Sprintf("(service %s) (port %d) is unhealthy in (target-group %s) due to (reason %s).", v.name, g.port, g.group, why))
			s.endTask(t, types.TaskStopCodeServiceSchedulerInitiated, "Task failed ELB health checks in (target-group "+g.group+")", true)
			break
		}
	}
}

// launch starts up to n tasks of a deployment. With a capacity provider they wait in
// PROVISIONING for an instance; with the launch type EC2 a task that fits nowhere isn't started.
func (s *Service) launch(v *service, d *deployment, n int) {
	// Only the newest deployment's failures hold back launches, and only its own.
	if wait := v.nextLaunch.Sub(s.world.Clock.Now()); wait > 0 && d == v.primary() {
		if n > 0 {
			s.world.Clock.After(wait, func() { s.poke(v) })
		}
		return
	}
	var started []string
	for range n {
		if problem := s.roleProblem(d); problem != "" {
			s.event(v, fmt.Sprintf("(service %s) failed to launch a task with (error %s).", v.name, problem))
			s.launchFailed(d)
			s.poke(v)
			break
		}
		provider := ""
		if len(d.spec.strategy) > 0 {
			provider = nextProvider(d)
		}
		fargate := d.spec.fargate(provider)
		var host *containerInstance
		if !fargate {
			host = s.choose(d, provider)
		}
		if host == nil && provider == "" && !fargate {
			s.unplaced(v)
			break
		}
		t := s.newTask(d, provider)
		started = append(started, "(task "+t.id+")")
		switch {
		case fargate:
			s.prepare(t)
		case host != nil:
			s.place(t, host)
		default:
			if p := v.c.reg.providers[provider]; p != nil {
				s.tick(p)
			}
		}
	}
	if len(started) > 0 {
		v.steady = false
		s.event(v, fmt.Sprintf("(service %s) has started %d tasks: %s.", v.name, len(started), strings.Join(started, " ")))
	}
}

// unplaced tells why no instance takes a task; it is tried again when capacity changes.
func (s *Service) unplaced(v *service) {
	why := "No Container Instances were found in your cluster"
	if len(v.c.instances) > 0 {
		why = "No container instance has enough CPU, memory or network interfaces available, or the right architecture and zone"
	}
	message := fmt.Sprintf("(service %s) was unable to place a task because no container instance met all of its requirements. Reason: %s. For more information, see the Troubleshooting section of the Amazon ECS Developer Guide.", v.name, why)
	if len(v.events) == 0 || *v.events[0].Message != message {
		s.event(v, message)
		s.act(v, eventError, "SERVICE_TASK_PLACEMENT_FAILURE", "RESOURCE:CPU")
	}
}

// halt stops tasks that are no longer wanted.
func (s *Service) halt(v *service, tasks []*task, reason string) {
	if len(tasks) == 0 {
		return
	}
	v.steady = false
	var names []string
	for _, t := range tasks {
		names = append(names, "(task "+t.id+")")
	}
	s.event(v, fmt.Sprintf("(service %s) has stopped %d running tasks: %s.", v.name, len(tasks), strings.Join(names, " ")))
	for _, t := range tasks {
		s.endTask(t, types.TaskStopCodeServiceSchedulerInitiated, reason, false)
	}
}

// dropDeployments forgets replaced deployments whose tasks are gone.
func (v *service) dropDeployments() {
	v.deployments = slices.DeleteFunc(v.deployments, func(d *deployment) bool {
		return d.status != deploymentPrimary && !slices.ContainsFunc(v.tasks, func(t *task) bool { return t.dep == d && t.serving() })
	})
}

// serving says that a task's containers may still run.
func (t *task) serving() bool {
	return t.lastStatus != stateStopping && t.lastStatus != stateDeprovisioning && t.lastStatus != stateStopped
}

// settle completes the deployment and tells the steady state.
func (s *Service) settle(v *service) {
	d := v.primary()
	if d == nil || d.halted || len(v.deployments) > 1 {
		return
	}
	live := v.live()
	if len(live) != v.desired || slices.ContainsFunc(live, func(t *task) bool { return !s.healthy(t) }) || slices.ContainsFunc(v.tasks, func(t *task) bool { return t.stopping && t.serving() }) {
		return
	}
	if d.rollout == types.DeploymentRolloutStateInProgress {
		if staged(d.strategyName()) {
			return // its stages complete it
		}
		now := s.world.Clock.Now()
		if bake := time.Duration(aws.ToInt32(v.config.BakeTimeInMinutes)) * time.Minute; bake > 0 && d.record.rollback == nil {
			if d.bakeUntil.IsZero() {
				d.bakeUntil = now.Add(bake)
				s.world.Clock.After(bake, func() { s.poke(v) })
			}
			if now.Before(d.bakeUntil) {
				return
			}
		}
		s.complete(v, d)
	}
	if !v.steady {
		v.steady = true
		s.event(v, fmt.Sprintf("(service %s) has reached a steady state.", v.name))
		s.act(v, eventInfo, "SERVICE_STEADY_STATE", "")
	}
}

// drainService stops a deleted service's tasks; it is INACTIVE when all of them are STOPPING or
// gone.
//
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeleteService.html
func (s *Service) drainService(v *service) {
	s.halt(v, v.live(), "Scaling activity initiated by (deployment "+v.primary().id+")")
	if slices.ContainsFunc(v.tasks, func(t *task) bool { return t.serving() }) {
		return
	}
	v.status, v.deployments, v.history, v.revisions, v.desired = statusInactive, nil, nil, nil, 0
	s.disconnect(v)
	for _, f := range s.onInactive {
		f(v.c.reg.Scope, v.c.name, v.name)
	}
}
