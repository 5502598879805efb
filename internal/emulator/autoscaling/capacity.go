package autoscaling

import (
	"time"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

type setDesiredIn struct {
	AutoScalingGroupName string `q:"AutoScalingGroupName,required"`
	DesiredCapacity      *int   `q:"DesiredCapacity,required"`
	HonorCooldown        bool
}

func (s *Service) setDesiredCapacity(r *core.Request, in *setDesiredIn) (*core.Empty, error) {
	g, err := s.named(r.Scope, in.AutoScalingGroupName)
	if err != nil {
		return nil, err
	}
	if in.HonorCooldown {
		for _, a := range g.activities {
			if a.EndTime == nil || r.Now().Before(a.EndTime.Add(time.Duration(g.Cooldown)*time.Second)) {
				return nil, core.Errorf("ScalingActivityInProgress", "Scaling activity %s is in progress and blocks this action", a.ActivityId)
			}
		}
	}
	return nil, s.setDesired(r.Scope, g, *in.DesiredCapacity, "a user request explicitly set group desired capacity")
}

func (s *Service) setDesired(scope core.Scope, g *group, n int, why string) error {
	switch {
	case g.Deleting:
		return core.Errorf("ScalingActivityInProgress", "AutoScalingGroup %s is pending delete", g.Name)
	case n > g.Max:
		return invalid("New SetDesiredCapacity value %d is above max value %d for the AutoScalingGroup.", n, g.Max)
	case n < g.Min:
		return invalid("New SetDesiredCapacity value %d is below min value %d for the AutoScalingGroup.", n, g.Min)
	case n == g.Desired:
		return nil
	}
	g.because(s.world.Clock.Now(), "%s changing the desired capacity from %d to %d", why, g.Desired, n)
	g.Desired = n
	g.stuck = false
	s.schedule(scope, g, reaction)
	return nil
}

type setProtectionIn struct {
	AutoScalingGroupName string   `q:"AutoScalingGroupName,required"`
	InstanceIds          []string `q:"InstanceIds,required"`
	ProtectedFromScaleIn *bool    `q:"ProtectedFromScaleIn,required"`
}

// setInstanceProtection takes up to 50 instances:
// https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_SetInstanceProtection.html
func (s *Service) setInstanceProtection(r *core.Request, in *setProtectionIn) (*core.Empty, error) {
	g, err := s.named(r.Scope, in.AutoScalingGroupName)
	if err != nil {
		return nil, err
	}
	if len(in.InstanceIds) > 50 {
		return nil, invalid("The number of instance ids that may be passed in is limited to 50")
	}
	for _, id := range in.InstanceIds {
		i := g.instance(id)
		if i == nil {
			return nil, invalid("The instance %s is not part of Auto Scaling group %s.", id, g.Name)
		}
		if i.State != inService {
			return nil, invalid("The instance %s is not in InService or EnteringStandby or Standby.", id)
		}
	}
	for _, id := range in.InstanceIds {
		g.instance(id).Protected = *in.ProtectedFromScaleIn
	}
	s.schedule(r.Scope, g, reaction)
	return nil, nil
}

type terminateIn struct {
	InstanceId                     string `q:"InstanceId,required"`
	ShouldDecrementDesiredCapacity *bool  `q:"ShouldDecrementDesiredCapacity,required"`
}

type terminateOut struct {
	Activity *activity
}

// terminateInstance ends an instance whether or not it is protected from scale-in:
// https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-instance-protection.html
func (s *Service) terminateInstance(r *core.Request, in *terminateIn) (*terminateOut, error) {
	g := s.region(r.Scope).owners[in.InstanceId]
	if g == nil {
		return nil, invalid("Instance Id not found - No managed instance found for instance ID %s", in.InstanceId)
	}
	i := g.instance(in.InstanceId)
	if i.leaving() {
		return nil, core.Errorf("ScalingActivityInProgress", "Scaling activity %s is in progress and blocks this action", i.activity.ActivityId)
	}
	if *in.ShouldDecrementDesiredCapacity {
		if g.Desired <= g.Min {
			return nil, invalid("Currently, desiredSize equals minSize (%d). Terminating instance without replacement will violate group's min size constraint. Either set shouldDecrementDesiredCapacity flag to false or lower group's min size.", g.Min)
		}
		g.Desired--
	}
	s.terminate(r.Scope, g, i, "At "+r.Now().UTC().Format(timeFormat)+" instance "+i.ID+" was taken out of service in response to a user request.", true)
	s.schedule(r.Scope, g, reaction)
	return &terminateOut{i.activity}, nil
}
