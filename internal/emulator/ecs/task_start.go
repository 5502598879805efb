package ecs

import (
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/ec2"
)

// prepare takes a placed task on: its network interface is made, then its containers start.
func (s *Service) prepare(t *task) {
	placed := placedDelay
	if t.onFargate {
		placed = fargateDelay
	}
	s.after(placed, t, func() {
		if !t.onFargate {
			s.set(t, statePending)
		}
		if t.def.view.NetworkMode == types.NetworkModeAwsvpc {
			if err := s.attachInterface(t); err != nil {
				s.after(startFailDelay, t, func() { s.failStart(t, err.Error()) })
				return
			}
		}
		s.after(interfaceDelay, t, func() {
			if t.lastStatus == stateProvisioning {
				s.set(t, statePending)
			}
			s.initialise(t)
		})
	})
}

// attachInterface makes the task's network interface in a subnet of its zone.
func (s *Service) attachInterface(t *task) error {
	vpc := t.dep.spec.network.AwsvpcConfiguration
	groups := vpc.SecurityGroups
	if sub, ok := s.deps.EC2.Subnet(t.scope(), vpc.Subnets[0]); ok && len(groups) == 0 {
		if g, ok := s.deps.EC2.DefaultSecurityGroup(t.scope(), sub.VPCID); ok {
			groups = []string{g}
		}
	}
	p := ec2.InterfaceParams{
		SecurityGroupIDs: groups, Description: t.scope().ARN("ecs", "attachment/"+t.attachment),
		RequesterManaged: true, RequesterID: "amazon-ecs", Tags: t.tags, Public: vpc.AssignPublicIp == types.AssignPublicIpEnabled,
	}
	if t.instance != nil {
		p.SubnetID = s.subnetIn(t.dep, t.instance.zone)
		p.InstanceID = t.instance.ec2ID
		if t.instance.trunk {
			p.InterfaceType, p.InstanceID = "branch", ""
		}
	} else {
		p.SubnetID, t.zone = s.fargateSubnet(t)
	}
	eni, err := s.deps.EC2.CreateInterface(t.scope(), p)
	if err != nil {
		var e *core.Error
		text := err.Error()
		if errors.As(err, &e) {
			text = e.Code + ": " + e.Message
		}
		return errors.New("Unexpected EC2 error while attempting to Create Network Interface with public IP assignment " +
			map[bool]string{true: "enabled", false: "disabled"}[p.Public] + " in subnet '" + p.SubnetID + "': " + text)
	}
	t.eni = eni
	t.v.c.reg.addresses[eni.PrivateIP] = append(t.v.c.reg.addresses[eni.PrivateIP], t)
	return nil
}

// initialise fetches what the containers need, pulls the images and starts them.
func (s *Service) initialise(t *task) {
	if problem := s.initProblem(t); problem != "" {
		s.after(startFailDelay, t, func() { s.failStart(t, problem) })
		return
	}
	t.pullStarted = s.world.Clock.Now()
	s.after(pullDelay, t, func() {
		if problem := s.pullProblem(t); problem != "" {
			s.failStart(t, problem)
			return
		}
		t.pullStopped = s.world.Clock.Now()
		for _, c := range t.containers {
			c.digest = digest(*c.def.Image)
			c.runtime = s.world.Hex(32)
		}
		if problem := s.logProblem(t); problem != "" {
			s.failStart(t, problem)
			return
		}
		s.run(t)
	})
}

// run starts the containers: targets are registered and health checks begin.
func (s *Service) run(t *task) {
	for _, c := range t.containers {
		c.status = stateRunning
		if l := c.def.LogConfiguration; l != nil && l.LogDriver == types.LogDriverAwslogs && l.Options["awslogs-stream-prefix"] != "" {
			s.deps.Logs.Write(core.Scope{Account: t.scope().Account, Region: l.Options["awslogs-region"]}, l.Options["awslogs-group"],
				l.Options["awslogs-stream-prefix"]+"/"+c.name+"/"+t.id, "started "+*c.def.Image)
		}
	}
	t.started = s.world.Clock.Now()
	s.set(t, stateRunning)
	if after, ok := t.fares(BehaviourExit); ok {
		s.after(after, t, func() { s.exit(t) })
	}
	s.startChecks(t)
	s.registerTargets(t)
	s.publish(t)
	if !t.checked() {
		s.world.Clock.After(plainTaskSettle, func() { s.poke(t.v) })
	}
	s.poke(t.v)
}

// exit is an essential container's end.
func (s *Service) exit(t *task) {
	for _, c := range t.containers {
		c.status, c.exit = stateStopped, aws.Int32(1)
	}
	s.endTask(t, types.TaskStopCodeEssentialContainerExited, "Essential container in task exited", true)
}

// startChecks runs the containers' health checks: the first one passes or fails after an interval;
// failures count when the start period is over, and as many as the retries make a container unhealthy.
//
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_HealthCheck.html
func (s *Service) startChecks(t *task) {
	sickAfter, sick := t.fares(BehaviourUnhealthy)
	for _, c := range t.containers {
		h := c.def.HealthCheck
		if h == nil {
			continue
		}
		interval := time.Duration(*h.Interval) * time.Second
		report := func(wait time.Duration, result types.HealthStatus) {
			s.after(wait, t, func() {
				c.health = result
				t.version++
				s.poke(t.v)
			})
		}
		if !sick || sickAfter >= interval {
			report(interval, types.HealthStatusHealthy)
		}
		if sick {
			start := time.Duration(aws.ToInt32(h.StartPeriod)) * time.Second
			report(max(start, sickAfter)+interval*time.Duration(*h.Retries), types.HealthStatusUnhealthy)
		}
	}
}

// registerTargets puts the task into the service's target groups.
func (s *Service) registerTargets(t *task) {
	groups := map[string]bool{}
	for i, lb := range t.dep.spec.loadBalancers {
		g := target{group: t.dep.rev.groups[i], port: int(*lb.ContainerPort)}
		ip := t.eni.PrivateIP
		if err := s.deps.ELB.Register(t.scope(), g.group, ip, g.port, t.zone); err != nil {
			s.event(t.v, "(service "+t.v.name+") was unable to register targets in (target-group "+g.group+") with (error "+err.Error()+").")
			continue
		}
		t.targets = append(t.targets, g)
		groups[g.group] = true
	}
	for _, g := range sortedKeys(groups) {
		s.event(t.v, "(service "+t.v.name+") registered 1 targets in (target-group "+g+")")
	}
}

// failStart ends a task that couldn't start.
func (s *Service) failStart(t *task, reason string) {
	for _, c := range t.containers {
		c.status, c.reason = stateStopped, reason
	}
	s.endTask(t, types.TaskStopCodeTaskFailedToStart, reason, true)
}
