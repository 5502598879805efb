package autoscaling

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/ec2"
)

// schedule brings the group to its desired capacity after a delay; an earlier appointment stands.
func (s *Service) schedule(scope core.Scope, g *group, delay time.Duration) {
	at := s.world.Clock.Now().Add(delay)
	if !g.scheduled.IsZero() && !g.scheduled.After(at) {
		return
	}
	g.scheduled = at
	arn := g.ARN
	s.world.Clock.After(delay, func() {
		g := s.find(scope, arn)
		if g == nil || !g.scheduled.Equal(at) {
			return
		}
		g.scheduled = time.Time{}
		s.reconcile(scope, g)
	})
}

func (s *Service) reconcile(scope core.Scope, g *group) {
	if g.Deleting {
		return
	}
	members, target := g.members(), g.Desired+g.surge
	if len(members) <= target {
		g.stuck = false
	}
	for n := len(members); n < target; n++ {
		if !s.launch(scope, g, n, target) {
			return
		}
	}
	if extra := len(members) - target; extra > 0 {
		s.scaleIn(scope, g, members, extra)
	}
}

// launch starts one instance; it reports false when that failed, and will be tried again.
func (s *Service) launch(scope core.Scope, g *group, have, want int) bool {
	cause := fmt.Sprintf("%sAt %s an instance was started in response to a difference between desired and actual capacity, increasing the capacity from %d to %d.",
		g.cause, s.world.Clock.Now().UTC().Format(timeFormat), have, want)
	t := g.launchTemplate()
	subnet := s.subnetFor(scope, g)
	a := s.begin(g, "Launching a new EC2 instance", cause)
	a.Details = fmt.Sprintf(`{"Subnet ID":%q}`, subnet)
	id, err := s.compute.RunInstance(scope, ec2.RunParams{LaunchTemplateID: t.ID, Version: t.Version, SubnetID: subnet, Tags: g.propagated(), AutoScalingGroup: g.Name})
	if err != nil {
		a.Description += ".  Status Reason: " + message(err) + " Launching EC2 instance failed."
		s.end(a, "Failed", message(err)+" Launching EC2 instance failed.")
		pause := min(firstRetry<<min(g.failures, 8), lastRetry)
		g.failures++
		s.schedule(scope, g, pause)
		return false
	}
	g.failures = 0
	a.Description += ": " + id
	e, _ := s.compute.Instance(scope, id)
	i := &instance{ID: id, Zone: e.AvailabilityZone, Type: e.Type, ImageID: e.ImageID, Template: t, State: pending, Protected: g.Protected,
		Launched: s.world.Clock.Now(), activity: a, waits: map[string]*lifecycleAction{}}
	if n, ok := s.compute.LaunchTemplateVersion(scope, t.ID, t.Version); ok {
		i.Template.Version = strconv.FormatInt(n, 10)
	}
	if info, ok := s.compute.Subnet(scope, subnet); ok {
		i.Zone, i.ZoneID = info.AvailabilityZone, info.AvailabilityZoneID
	}
	g.instances = append(g.instances, i)
	s.region(scope).owners[id] = g
	if e.State == "running" {
		s.running(scope, g, i)
	}
	return true
}

// launchTemplate is what new instances are launched from: during an instance refresh with a desired
// configuration, that one.
func (g *group) launchTemplate() template {
	if f := g.refresh(); f != nil && f.desired != nil {
		return *f.desired
	}
	return g.Template
}

// subnetFor picks the subnet in the zone with the fewest members, in the group's order:
// https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-availability-zone-balanced.html
func (s *Service) subnetFor(scope core.Scope, g *group) string {
	inZone := map[string]int{}
	for _, i := range g.members() {
		inZone[i.Zone]++
	}
	return slices.MinFunc(g.Subnets, func(a, b string) int {
		sa, _ := s.compute.Subnet(scope, a)
		sb, _ := s.compute.Subnet(scope, b)
		return cmp.Compare(inZone[sa.AvailabilityZone], inZone[sb.AvailabilityZone])
	})
}

// scaleIn terminates instances that aren't protected.
func (s *Service) scaleIn(scope core.Scope, g *group, members []*instance, extra int) {
	for ; extra > 0; extra-- {
		i := g.victim(members)
		if i == nil {
			if !g.stuck {
				g.stuck = true
				a := s.begin(g, "Could not scale to desired capacity because all remaining instances are protected from scale-in.", g.cause+"At "+
					s.world.Clock.Now().UTC().Format(timeFormat)+" group reached equilibrium.")
				s.end(a, "Cancelled", "")
			}
			return
		}
		members = slices.DeleteFunc(members, func(m *instance) bool { return m == i })
		s.terminate(scope, g, i, fmt.Sprintf("%sAt %s an instance was taken out of service in response to a difference between desired and actual capacity, shrinking the capacity from %d to %d.",
			g.cause, s.world.Clock.Now().UTC().Format(timeFormat), len(members)+1, len(members)), true)
	}
}

// victim is the unprotected instance that the termination policy takes first, in the zone with the
// most instances: https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-termination-policies.html
func (g *group) victim(members []*instance) *instance {
	inZone := map[string]int{}
	for _, i := range members {
		inZone[i.Zone]++
	}
	free := slices.DeleteFunc(slices.Clone(members), func(i *instance) bool { return i.Protected })
	if len(free) == 0 {
		return nil
	}
	return slices.MinFunc(free, func(a, b *instance) int {
		by := []int{cmp.Compare(inZone[b.Zone], inZone[a.Zone])}
		for _, p := range g.Policies {
			switch p {
			case "Default", "OldestLaunchTemplate":
				by = append(by, compareVersions(a, b, g.Template))
			case "NewestInstance":
				by = append(by, b.Launched.Compare(a.Launched))
			}
		}
		by = append(by, a.Launched.Compare(b.Launched), cmp.Compare(a.ID, b.ID))
		return cmp.Or(by...)
	})
}

// compareVersions puts other templates before the group's, and older versions before newer ones.
func compareVersions(a, b *instance, t template) int {
	if own := a.Template.ID == t.ID; own != (b.Template.ID == t.ID) {
		if own {
			return 1
		}
		return -1
	}
	na, _ := strconv.Atoi(a.Template.Version)
	nb, _ := strconv.Atoi(b.Template.Version)
	return cmp.Compare(na, nb)
}

// instanceState hears of every instance of EC2.
func (s *Service) instanceState(scope core.Scope, id, state string) {
	g := s.region(scope).owners[id]
	if g == nil {
		return
	}
	i := g.instance(id)
	switch state {
	case "running":
		s.running(scope, g, i)
	case "terminated":
		if i.leaving() {
			s.gone(scope, g, i)
			return
		}
		s.unhealthy(scope, g, i)
	case "shutting-down", "stopping", "stopped":
		if !i.leaving() {
			s.unhealthy(scope, g, i)
		}
	}
}

// unhealthy replaces an instance that somebody stopped or terminated. No grace period and no
// protection keeps it:
// https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-health-checks.html
func (s *Service) unhealthy(scope core.Scope, g *group, i *instance) {
	if i.Unhealthy {
		return
	}
	i.Unhealthy = true
	arn, id := g.ARN, i.ID
	s.world.Clock.After(healthCheck, func() {
		g := s.find(scope, arn)
		if g == nil {
			return
		}
		if i := g.instance(id); i != nil && !i.leaving() {
			s.terminate(scope, g, i, "At "+s.world.Clock.Now().UTC().Format(timeFormat)+
				" an instance was taken out of service in response to an EC2 health check indicating it has been terminated or stopped.", false)
			s.schedule(scope, g, reaction)
		}
	})
}

// gone forgets a terminated instance.
func (s *Service) gone(scope core.Scope, g *group, i *instance) {
	s.end(i.activity, "Successful", "")
	i.waits = nil
	g.instances = slices.DeleteFunc(g.instances, func(o *instance) bool { return o == i })
	delete(s.region(scope).owners, i.ID)
	if g.Deleting {
		s.finishDeletion(scope, g)
		return
	}
	s.schedule(scope, g, reaction)
}

func (g *group) tagValues() map[string]string {
	out := map[string]string{}
	for _, k := range slices.Sorted(maps.Keys(g.Tags)) {
		out[k] = g.Tags[k].Value
	}
	return out
}
