package ecs

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// size is what a task reserves: the task's own figures, or the sum of its containers'.
func (d *taskDefinition) size() (cpu, memory int) {
	for _, c := range d.view.ContainerDefinitions {
		cpu += int(c.Cpu)
		if c.MemoryReservation != nil {
			memory += int(*c.MemoryReservation)
		} else {
			memory += int(aws.ToInt32(c.Memory))
		}
	}
	if n, err := strconv.Atoi(aws.ToString(d.view.Cpu)); err == nil {
		cpu = n
	}
	if n, err := strconv.Atoi(aws.ToString(d.view.Memory)); err == nil {
		memory = n
	}
	return cpu, memory
}

// architectures translate a task's CPU architecture to EC2's.
var architectures = map[types.CPUArchitecture]string{types.CPUArchitectureArm64: "arm64", types.CPUArchitectureX8664: "x86_64"}

// fits reports whether an instance can take one more task of a deployment.
func (s *Service) fits(i *containerInstance, d *deployment) bool {
	def := d.spec.def
	if i.status != statusActive {
		return false
	}
	if p := def.view.RuntimePlatform; p != nil && p.CpuArchitecture != "" && i.vm.Architecture != "" && architectures[p.CpuArchitecture] != i.vm.Architecture {
		return false
	}
	cpu, memory, interfaces := i.used()
	needCPU, needMemory := def.size()
	if cpu+needCPU > i.cpu || memory+needMemory > i.memory {
		return false
	}
	if def.view.NetworkMode != types.NetworkModeAwsvpc {
		return true
	}
	return interfaces < i.interfaces && s.subnetIn(d, i.zone) != ""
}

// subnetIn finds the deployment's subnet in a zone: a task's network interface must be in the zone
// of its instance.
func (s *Service) subnetIn(d *deployment, zone string) string {
	if d.spec.network == nil || d.spec.network.AwsvpcConfiguration == nil {
		return ""
	}
	for _, id := range d.spec.network.AwsvpcConfiguration.Subnets {
		if sub, ok := s.deps.EC2.Subnet(d.v.c.reg.Scope, id); ok && sub.AvailabilityZone == zone {
			return id
		}
	}
	return ""
}

// choose finds the instance for a task: zones with the fewest of the service's tasks first, then
// instances with the fewest, as the default placement strategy spreads.
//
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-placement-strategies.html
func (s *Service) choose(d *deployment, provider string) *containerInstance {
	var candidates []*containerInstance
	for _, i := range sorted(d.v.c.instances) {
		if (provider == "" || i.provider == provider) && s.fits(i, d) {
			candidates = append(candidates, i)
		}
	}
	if len(candidates) == 0 {
		return nil
	}
	zones, hosts := map[string]int{}, map[string]int{}
	for _, t := range d.v.live() {
		if t.instance != nil {
			zones[t.instance.zone]++
			hosts[t.instance.id]++
		}
	}
	return slices.MinFunc(candidates, func(a, b *containerInstance) int {
		return cmp.Or(cmp.Compare(zones[a.zone], zones[b.zone]), cmp.Compare(hosts[a.id], hosts[b.id]), cmp.Compare(a.id, b.id))
	})
}

// nextProvider picks the capacity provider of the next task: the base first, then by weight.
//
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CapacityProviderStrategyItem.html
func nextProvider(d *deployment) string {
	count := map[string]int{}
	for _, t := range d.v.live() {
		if t.dep == d {
			count[t.provider]++
		}
	}
	best, score := "", 0.0
	for _, item := range d.spec.strategy {
		name := *item.CapacityProvider
		if count[name] < int(item.Base) {
			return name
		}
		if item.Weight == 0 {
			continue
		}
		if s := float64(count[name]-int(item.Base)) / float64(item.Weight); best == "" || s < score {
			best, score = name, s
		}
	}
	return best
}

// placeWaiting places the service's tasks that wait for capacity.
func (s *Service) placeWaiting(v *service) {
	for _, t := range v.live() {
		if t.lastStatus == stateProvisioning && t.instance == nil && !t.onFargate {
			if i := s.choose(t.dep, t.provider); i != nil {
				s.place(t, i)
			} else if p := v.c.reg.providers[t.provider]; p != nil {
				s.tick(p)
			}
		}
	}
}

// place reserves an instance for a task.
func (s *Service) place(t *task, i *containerInstance) {
	t.instance, t.zone = i, i.zone
	i.tasks[t.id] = t
	i.version++
	if p := i.c.reg.providers[i.provider]; p != nil && p.asg.ManagedTerminationProtection == types.ManagedTerminationProtectionEnabled && !i.protected {
		i.protected = true
		s.deps.AutoScaling.SetProtection(i.c.reg.Scope, p.group, i.ec2ID, true)
	}
	s.prepare(t)
}
