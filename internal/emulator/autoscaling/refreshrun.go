package autoscaling

import (
	"strconv"
	"time"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

func (s *Service) scheduleRefresh(scope core.Scope, g *group, delay time.Duration) {
	arn, id := g.ARN, g.refresh().ID
	s.world.Clock.After(delay, func() {
		g := s.find(scope, arn)
		if g == nil {
			return
		}
		if f := g.refresh(); f != nil && f.ID == id {
			s.stepRefresh(scope, g, f)
		}
	})
}

// stepRefresh takes one look at a refresh: it ends it, or replaces what may be replaced now.
func (s *Service) stepRefresh(scope core.Scope, g *group, f *refresh) {
	switch f.Status {
	case "Pending":
		f.Status = "InProgress"
		s.chooseOld(scope, g, f)
	case "Cancelling":
		if g.settled() {
			s.endRefresh(g, f, "Cancelled", "Cancelled by user.")
			return
		}
		s.scheduleRefresh(scope, g, refreshStep)
		return
	}
	ready, coming, old := s.count(g, f)
	if left := len(old) + min(coming, f.total-len(old)); left != f.left {
		f.left, f.progress = left, s.world.Clock.Now()
	}
	replaceable := f.replaceable(old)
	switch {
	case len(replaceable) == 0 && coming == 0 && g.settled() && (len(old) == 0 || f.Preferences.ScaleInProtectedInstances == "Ignore"):
		s.succeed(scope, g, f)
		return
	case s.world.Clock.Since(f.progress) >= refreshPatience:
		s.endRefresh(g, f, "Failed", "The instance refresh made no progress for one hour.")
		s.schedule(scope, g, reaction)
		return
	case len(replaceable) > 0:
		s.replace(scope, g, f, replaceable, ready, coming)
	}
	s.scheduleRefresh(scope, g, refreshStep)
}

// chooseOld fixes what a refresh replaces: with skip matching only what differs.
func (s *Service) chooseOld(scope core.Scope, g *group, f *refresh) {
	t := g.launchTemplate()
	version := t.Version
	if n, ok := s.compute.LaunchTemplateVersion(scope, t.ID, t.Version); ok {
		version = strconv.FormatInt(n, 10)
	}
	skip := f.Preferences.SkipMatching != nil && *f.Preferences.SkipMatching
	for _, i := range g.members() {
		if !skip || i.Template.ID != t.ID || i.Template.Version != version {
			f.old[i.ID] = true
		}
	}
	f.total, f.left = len(f.old), len(f.old)
}

// count tells the members that are in service and warm, those that aren't yet, and the old ones.
func (s *Service) count(g *group, f *refresh) (ready, coming int, old []*instance) {
	warmup := time.Duration(*f.Preferences.InstanceWarmup) * time.Second
	for _, i := range g.members() {
		switch {
		case f.old[i.ID]:
			old = append(old, i)
			if i.State == inService && !i.Unhealthy {
				ready++
			}
		case i.State == inService && !i.Unhealthy && (i.Launched.Before(f.Started) || s.world.Clock.Since(i.InServiceAt) >= warmup):
			ready++
		default:
			coming++
		}
	}
	return ready, coming, old
}

// replaceable are the old instances that the refresh may terminate now.
func (f *refresh) replaceable(old []*instance) []*instance {
	var out []*instance
	for _, i := range old {
		if i.State == inService && (!i.Protected || f.Preferences.ScaleInProtectedInstances == "Refresh") {
			out = append(out, i)
		}
	}
	return out
}

// replace terminates as many old instances as the minimum healthy percentage leaves, and lets the
// group launch as many as the maximum allows. Where the bounds leave no room, one instance at a
// time: with an explicit maximum the new one is launched before, else together with the
// termination. See https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_RefreshPreferences.html
func (s *Service) replace(scope core.Scope, g *group, f *refresh, replaceable []*instance, ready, coming int) {
	low, room := (g.Desired**f.Preferences.MinHealthyPercentage+99)/100, 0
	if high := f.Preferences.MaxHealthyPercentage; high != nil {
		room = g.Desired**high/100 - g.Desired
		if low >= g.Desired {
			room = max(room, 1)
		}
	}
	may := ready - low
	if may < 1 && room == 0 && coming == 0 && g.settled() {
		may = 1
	}
	may = max(0, min(may, len(replaceable)))
	for _, i := range replaceable[:may] {
		s.terminate(scope, g, i, "At "+s.world.Clock.Now().UTC().Format(timeFormat)+" an instance was taken out of service in response to an instance refresh.", true)
		f.progress = s.world.Clock.Now()
	}
	g.surge = min(room, len(replaceable)-may)
	s.schedule(scope, g, 0)
}

// settled reports that no instance is on its way in or out.
func (g *group) settled() bool {
	for _, i := range g.instances {
		if i.State != inService {
			return false
		}
	}
	return true
}

// succeed ends a refresh; a desired configuration becomes the group's.
func (s *Service) succeed(scope core.Scope, g *group, f *refresh) {
	if f.desired != nil {
		g.Template = *f.desired
	}
	s.endRefresh(g, f, "Successful", "")
	s.schedule(scope, g, reaction)
}

func (s *Service) endRefresh(g *group, f *refresh, status, reason string) {
	now := s.world.Clock.Now()
	f.Status, f.Reason, f.Ended = status, reason, &now
	g.surge = 0
}
