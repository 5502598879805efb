package autoscaling

import (
	"slices"
	"time"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// refresh is an instance refresh:
// https://docs.aws.amazon.com/autoscaling/ec2/userguide/asg-instance-refresh.html
type refresh struct {
	ID, Status, Reason string
	Started            time.Time
	Ended              *time.Time
	Preferences        preferences
	desired            *template
	// old are the instances to replace, total their number at the start.
	old   map[string]bool
	total int
	// progress is when something last got nearer to the end.
	progress time.Time
	left     int
}

// preferences leave out what isn't served: alarms, rollback, bake time and checkpoints.
type preferences struct {
	MinHealthyPercentage      *int   `xml:",omitempty"`
	MaxHealthyPercentage      *int   `xml:",omitempty"`
	InstanceWarmup            *int   `xml:",omitempty"`
	ScaleInProtectedInstances string `xml:",omitempty"`
	StandbyInstances          string `xml:",omitempty"`
	SkipMatching              *bool  `xml:",omitempty"`
	AutoRollback              *bool  `xml:",omitempty"`
}

type desiredConfiguration struct {
	LaunchTemplate *templateSpec `xml:",omitempty"`
}

type startRefreshIn struct {
	AutoScalingGroupName string `q:"AutoScalingGroupName,required"`
	Strategy             string
	DesiredConfiguration *desiredConfiguration
	Preferences          *preferences
}

type refreshIDOut struct{ InstanceRefreshId string }

// refresh is the group's refresh under way, or nil.
func (g *group) refresh() *refresh {
	if n := len(g.refreshes); n > 0 && g.refreshes[n-1].Ended == nil {
		return g.refreshes[n-1]
	}
	return nil
}

func (s *Service) startRefresh(r *core.Request, in *startRefreshIn) (*refreshIDOut, error) {
	g, err := s.named(r.Scope, in.AutoScalingGroupName)
	if err != nil {
		return nil, err
	}
	if g.Deleting {
		return nil, invalid("AutoScalingGroup %s is pending delete", g.Name)
	}
	if g.refresh() != nil {
		return nil, core.Errorf("InstanceRefreshInProgress", "An Instance Refresh is already in progress and blocks the execution of this Instance Refresh.")
	}
	if in.Strategy != "" && in.Strategy != "Rolling" {
		return nil, invalid("The emulator does not support the instance refresh strategy %s", in.Strategy)
	}
	f := &refresh{ID: s.world.UUID(), Status: "Pending", Started: r.Now(), progress: r.Now(), old: map[string]bool{}}
	if in.Preferences != nil {
		f.Preferences = *in.Preferences
	}
	if err := f.Preferences.check(g); err != nil {
		return nil, err
	}
	if in.DesiredConfiguration != nil {
		t, err := s.templateFor(r.Scope, in.DesiredConfiguration.LaunchTemplate)
		if err != nil {
			return nil, err
		}
		if err := s.checkLaunch(r.Scope, t, g.Subnets); err != nil {
			return nil, err
		}
		f.desired = &t
	}
	g.refreshes = append(g.refreshes, f)
	s.scheduleRefresh(r.Scope, g, reaction)
	return &refreshIDOut{f.ID}, nil
}

// check fills the defaults of
// https://docs.aws.amazon.com/autoscaling/ec2/userguide/understand-instance-refresh-default-values.html
func (p *preferences) check(g *group) error {
	if p.MaxHealthyPercentage != nil && p.MinHealthyPercentage == nil {
		return invalid("If you specify MaxHealthyPercentage, you must also specify MinHealthyPercentage")
	}
	if p.AutoRollback != nil && *p.AutoRollback {
		return invalid("The emulator does not support the auto rollback of instance refreshes")
	}
	if p.MinHealthyPercentage == nil {
		ninety := 90
		p.MinHealthyPercentage = &ninety
		if g.Maintenance != nil {
			p.MinHealthyPercentage, p.MaxHealthyPercentage = g.Maintenance.MinHealthyPercentage, g.Maintenance.MaxHealthyPercentage
		}
	}
	if p.InstanceWarmup == nil {
		p.InstanceWarmup = g.Warmup
		if p.InstanceWarmup == nil {
			grace := g.Grace
			p.InstanceWarmup = &grace
		}
	}
	for _, c := range []struct {
		value *string
		valid []string
	}{{&p.ScaleInProtectedInstances, []string{"Wait", "Ignore", "Refresh"}}, {&p.StandbyInstances, []string{"Wait", "Ignore", "Terminate"}}} {
		if *c.value == "" {
			*c.value = "Wait"
		}
		if !slices.Contains(c.valid, *c.value) {
			return invalid("Value '%s' failed to satisfy constraint: Member must satisfy enum value set: %v", *c.value, c.valid)
		}
	}
	high := 100
	if p.MaxHealthyPercentage != nil {
		high = *p.MaxHealthyPercentage
	}
	if *p.InstanceWarmup < 0 {
		return invalid("InstanceWarmup must not be negative")
	}
	return checkHealthy(*p.MinHealthyPercentage, high)
}

type cancelRefreshIn struct {
	AutoScalingGroupName          string `q:"AutoScalingGroupName,required"`
	WaitForTransitioningInstances *bool
}

// cancelRefresh stops replacing; nothing is rolled back:
// https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_CancelInstanceRefresh.html
func (s *Service) cancelRefresh(r *core.Request, in *cancelRefreshIn) (*refreshIDOut, error) {
	g, err := s.named(r.Scope, in.AutoScalingGroupName)
	if err != nil {
		return nil, err
	}
	f := g.refresh()
	if f == nil {
		return nil, core.Errorf("ActiveInstanceRefreshNotFound", "No in progress or pending Instance Refresh found for Auto Scaling group %s", g.Name)
	}
	s.schedule(r.Scope, g, reaction) // what was launched beyond the desired capacity goes
	if in.WaitForTransitioningInstances != nil && !*in.WaitForTransitioningInstances {
		s.endRefresh(g, f, "Cancelled", "Cancelled by user.")
		return &refreshIDOut{f.ID}, nil
	}
	f.Status = "Cancelling"
	g.surge = 0
	s.scheduleRefresh(r.Scope, g, reaction)
	return &refreshIDOut{f.ID}, nil
}

type describeRefreshesIn struct {
	AutoScalingGroupName string `q:"AutoScalingGroupName,required"`
	InstanceRefreshIds   []string
	MaxRecords           int
	NextToken            string
}

type refreshOut struct {
	InstanceRefreshId, AutoScalingGroupName, Status string
	StatusReason                                    string `xml:",omitempty"`
	Strategy                                        string
	StartTime                                       time.Time
	EndTime                                         *time.Time `xml:",omitempty"`
	PercentageComplete, InstancesToUpdate           int
	Preferences                                     preferences
	DesiredConfiguration                            *desiredConfiguration `xml:",omitempty"`
}

type describeRefreshesOut struct {
	InstanceRefreshes []refreshOut `xml:"InstanceRefreshes>member"`
	NextToken         string       `xml:",omitempty"`
}

// describeRefreshes lists the newest first.
func (s *Service) describeRefreshes(r *core.Request, in *describeRefreshesIn) (*describeRefreshesOut, error) {
	g, err := s.named(r.Scope, in.AutoScalingGroupName)
	if err != nil {
		return nil, err
	}
	var all []refreshOut
	for _, f := range slices.Backward(g.refreshes) {
		if len(in.InstanceRefreshIds) > 0 && !slices.Contains(in.InstanceRefreshIds, f.ID) {
			continue
		}
		o := refreshOut{InstanceRefreshId: f.ID, AutoScalingGroupName: g.Name, Status: f.Status, StatusReason: f.Reason, Strategy: "Rolling",
			StartTime: f.Started, EndTime: f.Ended, InstancesToUpdate: f.left, PercentageComplete: 100, Preferences: f.Preferences}
		if f.total > 0 {
			o.PercentageComplete = 100 * (f.total - f.left) / f.total
		} else if f.Ended == nil {
			o.PercentageComplete = 0
		}
		if f.desired != nil {
			o.DesiredConfiguration = &desiredConfiguration{&templateSpec{f.desired.ID, f.desired.Name, f.desired.Version}}
		}
		all = append(all, o)
	}
	page, next, err := paginate(r, all, func(o refreshOut) string { return o.InstanceRefreshId }, in.NextToken, in.MaxRecords, 50, 100)
	return &describeRefreshesOut{page, next}, err
}
