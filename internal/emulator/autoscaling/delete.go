package autoscaling

import (
	"slices"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

type deleteIn struct {
	AutoScalingGroupName string `q:"AutoScalingGroupName,required"`
	ForceDelete          bool
}

// deleteGroup: a group with instances or activities needs ForceDelete, which terminates instances
// without their hooks:
// https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DeleteAutoScalingGroup.html and
// https://docs.aws.amazon.com/autoscaling/ec2/userguide/resource-deletion-protection.html
func (s *Service) deleteGroup(r *core.Request, in *deleteIn) (*core.Empty, error) {
	g, err := s.named(r.Scope, in.AutoScalingGroupName)
	if err != nil {
		return nil, err
	}
	switch p := g.DeletionProtection; {
	case p == "prevent-all-deletion", p == "prevent-force-deletion" && in.ForceDelete:
		return nil, invalid("AutoScalingGroup %s cannot be deleted because its deletion protection is %s", g.Name, p)
	case g.Deleting && in.ForceDelete:
		return nil, nil
	case g.Deleting:
		return nil, core.Errorf("ScalingActivityInProgress", "You cannot delete an AutoScalingGroup while there are scaling activities in progress for that group.")
	case !in.ForceDelete && len(g.instances) > 0:
		return nil, core.Errorf("ResourceInUse", "You cannot delete an AutoScalingGroup while there are instances or pending Spot instance request(s) still in the group.")
	case !in.ForceDelete && g.busy():
		return nil, core.Errorf("ScalingActivityInProgress", "You cannot delete an AutoScalingGroup while there are scaling activities in progress for that group.")
	}
	g.Deleting = true
	g.Min, g.Max, g.Desired, g.surge = 0, 0, 0, 0
	if f := g.refresh(); f != nil {
		s.endRefresh(g, f, "Cancelled", "The Auto Scaling group is being deleted.")
	}
	if len(g.instances) == 0 {
		s.finishDeletion(r.Scope, g)
		return nil, nil
	}
	for _, i := range slices.Clone(g.instances) {
		if i.leaving() {
			i.waits = nil
			s.destroy(r.Scope, g, i)
			continue
		}
		s.terminate(r.Scope, g, i, "At "+r.Now().UTC().Format(timeFormat)+" a user request force deleted the AutoScalingGroup.", false)
	}
	return nil, nil
}

// finishDeletion forgets a group some time after its last instance.
func (s *Service) finishDeletion(scope core.Scope, g *group) {
	if len(g.instances) > 0 {
		return
	}
	arn := g.ARN
	s.world.Clock.After(deletion, func() {
		reg := s.region(scope)
		reg.groups = slices.DeleteFunc(reg.groups, func(g *group) bool { return g.ARN == arn })
	})
}
