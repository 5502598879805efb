package ecs

import (
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// endTask takes a task to STOPPED. Its targets drain first, unless the containers are gone
// already; then the containers stop and the network interface is detached and deleted.
func (s *Service) endTask(t *task, code types.TaskStopCode, reason string, failed bool) {
	if t.stopping || t.lastStatus == stateStopped {
		return
	}
	now := s.world.Clock.Now()
	t.stopping, t.stopCode, t.reason, t.stoppingAt = true, code, reason, now
	s.unpublish(t)
	drain := s.deregisterTargets(t)
	dead := code != types.TaskStopCodeServiceSchedulerInitiated && code != types.TaskStopCodeUserInitiated
	switch {
	case t.lastStatus == stateProvisioning && t.instance == nil && !t.onFargate:
		s.stopped(t) // it never had a place
	case drain > 0 && !dead:
		s.set(t, stateDeactivating)
		s.event(t.v, "(service "+t.v.name+") has begun draining connections on 1 tasks.")
		s.after(drain, t, func() { s.stopContainers(t) })
	default:
		s.set(t, stateDeactivating)
		s.stopContainers(t)
	}
	if failed {
		s.taskFailed(t)
	}
	s.poke(t.v)
}

// deregisterTargets returns how long the targets drain.
func (s *Service) deregisterTargets(t *task) time.Duration {
	var drain time.Duration
	for _, g := range t.targets {
		s.deps.ELB.Deregister(t.scope(), g.group, t.eni.PrivateIP, g.port)
		wait := defaultDeregistrationDelay
		if info, ok := s.deps.ELB.TargetGroup(t.scope(), g.group); ok {
			wait = info.DeregistrationDelay
		}
		drain = max(drain, wait)
		s.event(t.v, "(service "+t.v.name+") deregistered 1 targets in (target-group "+g.group+")")
	}
	t.targets = nil
	return drain
}

func (s *Service) stopContainers(t *task) {
	s.set(t, stateStopping)
	s.poke(t.v)
	s.after(stopDelay, t, func() {
		t.ended = s.world.Clock.Now()
		for _, c := range t.containers {
			c.status, c.health = stateStopped, types.HealthStatusUnknown
			if c.exit == nil && c.runtime != "" {
				code := int32(0)
				c.exit = &code
			}
		}
		if t.eni.ID == "" {
			s.stopped(t)
			return
		}
		s.set(t, stateDeprovisioning)
		s.after(detachDelay, t, func() {
			s.deps.EC2.DeleteInterface(t.scope(), t.eni.ID)
			at := t.v.c.reg.addresses
			if at[t.eni.PrivateIP] = slices.DeleteFunc(at[t.eni.PrivateIP], func(o *task) bool { return o == t }); len(at[t.eni.PrivateIP]) == 0 {
				delete(at, t.eni.PrivateIP)
			}
			s.stopped(t)
		})
	})
}

// stopped is a task's end; it stays describable for a while.
func (s *Service) stopped(t *task) {
	t.stopped = s.world.Clock.Now()
	if t.ended.IsZero() {
		t.ended = t.stopped
	}
	s.set(t, stateStopped)
	if t.instance != nil {
		delete(t.instance.tasks, t.id)
		t.instance.version++
	}
	t.v.tasks = slices.DeleteFunc(t.v.tasks, func(o *task) bool { return o == t })
	s.world.Clock.After(stoppedTaskShown, func() { delete(t.v.c.tasks, t.id) })
	s.pokeCluster(t.v.c)
}
