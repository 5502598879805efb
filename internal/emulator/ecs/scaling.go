package ecs

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/autoscaling"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// managedTag marks Auto Scaling groups that Amazon ECS manages; without it there is no managed
// scaling.
//
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/asg-capacity-providers.html
const managedTag = "AmazonECSManaged"

// tick lets managed scaling look at a provider in the next minute.
func (s *Service) tick(p *provider) {
	if p.ticking || p.status != types.CapacityProviderStatusActive || p.scaling().Status != types.ManagedScalingStatusEnabled {
		return
	}
	p.ticking = true
	s.world.Clock.After(managedScalingPeriod, func() {
		p.ticking = false
		s.scale(p)
	})
}

// scale is managed scaling: it sets the group's desired capacity to what the tasks need, within
// the step sizes, and gives up excess capacity when it has been idle for a quarter of an hour.
//
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/managed-scaling-behavior.html
func (s *Service) scale(p *provider) {
	c := p.attachedTo()
	g, ok := s.deps.AutoScaling.Group(p.reg.Scope, aws.ToString(p.asg.AutoScalingGroupArn))
	if c == nil || !ok || p.scaling().Status != types.ManagedScalingStatusEnabled || p.status != types.CapacityProviderStatusActive {
		return
	}
	if _, managed := g.Tags[managedTag]; !managed || c.attachmentsStatus == attachmentsInProgress {
		if len(c.waiting(p)) > 0 {
			s.tick(p)
		}
		return
	}
	m, now := p.scaling(), s.world.Clock.Now()
	waiting := c.waiting(p)
	if len(waiting) > 0 {
		p.excessSince = time.Time{}
		s.scaleOut(p, c, g, waiting)
		s.tick(p)
		return
	}
	need := max(withTarget(c.busy(p), m), g.Min)
	if g.Desired <= need {
		p.excessSince = time.Time{}
		return
	}
	if p.excessSince.IsZero() {
		p.excessSince = now
	}
	if now.Sub(p.excessSince) >= scaleInAfter {
		for _, i := range sorted(c.instances) {
			if i.provider == p.name && len(i.tasks) == 0 {
				i.protected = false
				s.deps.AutoScaling.SetProtection(p.reg.Scope, p.group, i.ec2ID, false)
			}
		}
		// The step sizes are for scaling out only.
		_ = s.deps.AutoScaling.SetDesired(p.reg.Scope, p.group, need)
		p.excessSince = time.Time{}
	}
	s.tick(p)
}

// scaleOut raises the desired capacity for the waiting tasks, unless instances that are on their
// way will do; when those haven't helped within the warm-up period, it raises it further.
func (s *Service) scaleOut(p *provider, c *cluster, g autoscaling.GroupInfo, waiting []*task) {
	var sample *containerInstance
	registered := 0
	for _, i := range sorted(c.instances) {
		if i.provider == p.name {
			registered++
			sample = i
		}
	}
	more := 1 // the size of instances isn't known yet
	if sample != nil {
		more = pack(sample, waiting)
	}
	m, now := p.scaling(), s.world.Clock.Now()
	target := withTarget(registered+more, m)
	if target <= g.Desired {
		if p.lastScaled.IsZero() {
			p.lastScaled = now
		}
		if now.Sub(p.lastScaled) < time.Duration(*m.InstanceWarmupPeriod)*time.Second {
			return
		}
		target = g.Desired + 1
	}
	p.lastScaled = now
	step := min(max(target-g.Desired, int(*m.MinimumScalingStepSize)), int(*m.MaximumScalingStepSize))
	if want := min(g.Desired+step, g.Max); want > g.Desired {
		_ = s.deps.AutoScaling.SetDesired(p.reg.Scope, p.group, want)
	}
}

// withTarget adds the spare capacity that a target capacity below 100 % asks for.
func withTarget(n int, m types.ManagedScaling) int {
	t := int(aws.ToInt32(m.TargetCapacity))
	return (n*100 + t - 1) / t
}

// pack counts the instances like sample that the tasks need, filled one after the other.
func pack(sample *containerInstance, tasks []*task) int {
	n, cpu, memory, interfaces := 0, 0, 0, 0
	for _, t := range tasks {
		c, m := t.def.size()
		if n == 0 || cpu < c || memory < m || interfaces < 1 {
			n, cpu, memory, interfaces = n+1, sample.cpu, sample.memory, sample.interfaces
		}
		cpu, memory = cpu-c, memory-m
		if t.def.view.NetworkMode == types.NetworkModeAwsvpc {
			interfaces--
		}
	}
	return n
}

// waiting are the tasks that wait in PROVISIONING for the provider's capacity.
func (c *cluster) waiting(p *provider) []*task {
	var out []*task
	for _, v := range sorted(c.services) {
		for _, t := range v.live() {
			if t.provider == p.name && t.lastStatus == stateProvisioning && t.instance == nil {
				out = append(out, t)
			}
		}
	}
	return out
}

// busy counts the provider's instances that have tasks.
func (c *cluster) busy(p *provider) int {
	n := 0
	for _, i := range c.instances {
		if i.provider == p.name && len(i.tasks) > 0 {
			n++
		}
	}
	return n
}

// groupChanged looks at the provider of a group whose instances changed.
func (s *Service) groupChanged(scope core.Scope, group string) {
	for _, p := range s.region(scope).providers {
		if p.group == group {
			s.tick(p)
		}
	}
}

// hookHeartbeat is how long managed draining holds a terminating instance.
//
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/managed-instance-draining.html
const hookHeartbeat = time.Hour

// orphaned reports whether a provider's group is gone: a provider belongs to an ARN, which a group that
// is made again under the same name doesn't get back.
//
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_AutoScalingGroupProvider.html
func (s *Service) orphaned(p *provider) bool {
	_, ok := s.deps.AutoScaling.Group(p.reg.Scope, aws.ToString(p.asg.AutoScalingGroupArn))
	return !ok
}

// adopt prepares a group when its provider is attached to a cluster.
func (s *Service) adopt(p *provider) {
	_ = s.deps.AutoScaling.SetTag(p.reg.Scope, p.group, managedTag, "", true)
	s.hook(p)
}

// hook adds the lifecycle hook of managed draining, or removes it.
func (s *Service) hook(p *provider) {
	if p.asg.ManagedDraining == types.ManagedDrainingEnabled {
		_ = s.deps.AutoScaling.PutTerminationHook(p.reg.Scope, p.group, drainingHook, int(hookHeartbeat.Seconds()))
	} else {
		s.deps.AutoScaling.RemoveHook(p.reg.Scope, p.group, drainingHook)
	}
}

// instanceTerminating drains an instance that its group is about to terminate, when the provider
// manages draining.
func (s *Service) instanceTerminating(scope core.Scope, group, id string) {
	reg := s.region(scope)
	s.groupChanged(scope, group)
	i := reg.instances[id]
	for _, p := range reg.providers {
		if p.group != group || s.orphaned(p) || p.asg.ManagedDraining != types.ManagedDrainingEnabled || p.attachedTo() == nil {
			continue
		}
		if i != nil {
			i.status = statusDraining
			s.pokeCluster(i.c)
		}
		s.releaseWhenDrained(p, id)
	}
}

// releaseWhenDrained lets the instance go once no task is left on it.
func (s *Service) releaseWhenDrained(p *provider, id string) {
	s.world.Clock.After(targetPoll, func() {
		if vm, ok := s.deps.EC2.Instance(p.reg.Scope, id); !ok || vm.State == "terminated" {
			return
		}
		if i := p.reg.instances[id]; i == nil || len(i.tasks) == 0 {
			s.deps.AutoScaling.CompleteHook(p.reg.Scope, p.group, drainingHook, id)
			return
		}
		s.releaseWhenDrained(p, id)
	})
}
