package autoscaling

import (
	"time"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// lifecycleAction is a hook that holds an instance.
type lifecycleAction struct {
	token   string
	started time.Time
	// beat counts heartbeats: a timeout belongs to one of them.
	beat int
}

// running takes a launched instance on its way into service.
func (s *Service) running(scope core.Scope, g *group, i *instance) {
	if i.State != pending {
		return
	}
	if s.hold(scope, g, i, launchingTransition, pendingWait) {
		i.activity.StatusCode, i.activity.Progress = "MidLifecycleAction", 60
		return
	}
	i.activity.StatusCode, i.activity.Progress = "PreInService", 70
	s.enter(scope, g, i, intoService)
}

func (s *Service) enter(scope core.Scope, g *group, i *instance, delay time.Duration) {
	arn, id := g.ARN, i.ID
	s.world.Clock.After(delay, func() {
		g := s.find(scope, arn)
		if g == nil {
			return
		}
		i := g.instance(id)
		if i == nil || (i.State != pending && i.State != pendingProceed) {
			return
		}
		i.State, i.InServiceAt = inService, s.world.Clock.Now()
		s.end(i.activity, "Successful", "")
		for _, f := range s.inService {
			f(scope, g.Name, id)
		}
		s.schedule(scope, g, reaction)
	})
}

// terminate takes an instance out of service; its hooks may hold it.
func (s *Service) terminate(scope core.Scope, g *group, i *instance, cause string, hooks bool) {
	s.end(i.activity, "Cancelled", "")
	i.activity = s.begin(g, "Terminating EC2 instance: "+i.ID, cause)
	i.State = terminating
	i.waits = map[string]*lifecycleAction{}
	held := hooks && s.hold(scope, g, i, terminatingTransition, terminatingWait)
	if held {
		i.activity.StatusCode = "MidLifecycleAction"
	}
	for _, f := range s.terminating {
		f(scope, g.Name, i.ID)
	}
	if !held {
		s.destroy(scope, g, i)
	}
}

// destroy ends the instance itself.
func (s *Service) destroy(scope core.Scope, g *group, i *instance) {
	if e, ok := s.compute.Instance(scope, i.ID); !ok || e.State == "terminated" {
		s.gone(scope, g, i)
		return
	}
	i.activity.StatusCode = "InProgress"
	s.compute.TerminateInstance(scope, i.ID)
}

// hold starts the hooks of a transition; it reports false when there are none.
func (s *Service) hold(scope core.Scope, g *group, i *instance, transition, state string) bool {
	held := false
	for _, h := range g.hooks {
		if h.LifecycleTransition == transition {
			held = true
			i.State = state
			i.waits[h.LifecycleHookName] = &lifecycleAction{token: s.world.UUID(), started: s.world.Clock.Now()}
			s.beat(scope, g, i, h)
		}
	}
	return held
}

// beat starts a hook's timeout anew, within the hook's global timeout.
func (s *Service) beat(scope core.Scope, g *group, i *instance, h *hook) {
	a := i.waits[h.LifecycleHookName]
	a.beat++
	beat, arn, id, name := a.beat, g.ARN, i.ID, h.LifecycleHookName
	left := a.started.Add(time.Duration(h.GlobalTimeout) * time.Second).Sub(s.world.Clock.Now())
	s.world.Clock.After(min(time.Duration(h.HeartbeatTimeout)*time.Second, max(left, 0)), func() {
		g := s.find(scope, arn)
		if g == nil {
			return
		}
		i := g.instance(id)
		h := g.hook(name)
		if i == nil || h == nil || i.waits[name] != a || a.beat != beat {
			return
		}
		s.complete(scope, g, i, name, h.DefaultResult)
	})
}

// complete ends one lifecycle action. Every hook must agree to a launch; a termination happens in
// any case, and ABANDON ends the other hooks' waiting:
// https://docs.aws.amazon.com/autoscaling/ec2/userguide/completing-lifecycle-hooks.html
func (s *Service) complete(scope core.Scope, g *group, i *instance, hook, result string) {
	delete(i.waits, hook)
	if result == abandon {
		i.waits = map[string]*lifecycleAction{}
	}
	if len(i.waits) > 0 {
		return
	}
	switch {
	case i.State == terminatingWait:
		i.State = terminatingProceed
		s.destroy(scope, g, i)
	case i.State == pendingWait && result == abandon:
		s.terminate(scope, g, i, "At "+s.world.Clock.Now().UTC().Format(timeFormat)+" an instance was taken out of service in response to a launch that was abandoned by a lifecycle hook.", false)
		s.schedule(scope, g, reaction)
	case i.State == pendingWait:
		i.State = pendingProceed
		s.enter(scope, g, i, intoService)
	}
}
