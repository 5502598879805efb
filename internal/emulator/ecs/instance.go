package ecs

import (
	"regexp"
	"strings"
	"time"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/ec2"

	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// containerInstance is an EC2 instance whose ECS agent has registered it in a cluster.
type containerInstance struct {
	c                           *cluster
	id, arn, ec2ID, zone, group string
	// provider is set when the instance's Auto Scaling group was attached to the cluster at the
	// time of registration; instances born earlier never get one.
	provider   string
	status     string
	vm         ec2.Instance
	cpu        int
	memory     int
	interfaces int // task network interfaces it can take
	trunk      bool
	protected  bool
	registered time.Time
	tags       map[string]string
	tasks      map[string]*task // not yet STOPPED
	version    int64
}

// agentMemory is the part of an instance's memory in percent that the agent registers: the rest is
// the kernel's and the operating system's.
const agentMemory = 95

var clusterInUserData = regexp.MustCompile(`ECS_CLUSTER=["']?([A-Za-z0-9_-]+)`)

// instanceState follows EC2: a running instance's agent starts, a terminated one's tasks end.
func (s *Service) instanceState(scope core.Scope, id, state string) {
	switch state {
	case "running":
		s.world.Clock.After(agentDelay, func() { s.registerInstance(scope, id, 0) })
	case "shutting-down", "terminated", "stopping", "stopped":
		if i := s.region(scope).instances[id]; i != nil {
			s.removeInstance(i, "Host EC2 (instance "+id+") terminated.")
		}
	}
}

// registerInstance is the agent's start: it needs a cluster in the user data, a way to the ECS
// endpoint and an instance role that may register. An agent that can't tries again.
//
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/instance_IAM_role.html
func (s *Service) registerInstance(scope core.Scope, id string, try int) {
	vm, ok := s.deps.EC2.Instance(scope, id)
	reg := s.region(scope)
	if !ok || vm.State != "running" || reg.instances[id] != nil {
		return
	}
	m := clusterInUserData.FindStringSubmatch(vm.UserData)
	if m == nil {
		return
	}
	c, role := reg.clusters[m[1]], s.instanceRole(scope, vm)
	subnet, _ := s.deps.EC2.Subnet(scope, vm.SubnetID)
	if c == nil || c.status != statusActive || !subnet.Egress || role == "" || !s.deps.IAM.Allows(scope.Account, role, "ecs:RegisterContainerInstance", c.arn) {
		if try < agentRetries {
			s.world.Clock.After(agentRetry, func() { s.registerInstance(scope, id, try+1) })
		}
		return
	}
	ciID := s.world.Hex(32)
	i := &containerInstance{
		c: c, id: ciID, arn: scope.ARN("ecs", "container-instance/"+c.name+"/"+ciID), ec2ID: id, zone: vm.AvailabilityZone, vm: vm, status: statusActive,
		group: vm.Tags["aws:autoscaling:groupName"], cpu: vm.VCPU * 1024, memory: vm.MemoryMiB * agentMemory / 100, interfaces: vm.MaxInterfaces - 1,
		registered: s.world.Clock.Now(), tags: map[string]string{}, tasks: map[string]*task{}, version: 1,
	}
	if n := trunkInterfaces(vm.Type); n > 0 && s.trunking(reg, scope, vm, role) {
		i.trunk, i.interfaces = true, n
	}
	for _, name := range c.providers {
		if p := reg.providers[name]; p != nil && p.group == i.group && i.group != "" && !s.orphaned(p) {
			i.provider = name
		}
	}
	c.instances[ciID], reg.instances[id] = i, i
	s.pokeCluster(c)
}

// instanceRole is the role of the instance's profile, or "" without a usable one.
func (s *Service) instanceRole(scope core.Scope, vm ec2.Instance) string {
	profile, ok := s.deps.IAM.InstanceProfile(scope.Account, vm.InstanceProfileARN)
	if !ok || !profile.Usable {
		return ""
	}
	role, _ := s.deps.IAM.Role(scope.Account, profile.RoleName)
	return role.ARN
}

// trunking tells whether the instance registers with a trunk interface: the setting of its role,
// its account, or one that its user data makes when the role may.
//
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/container-instance-eni.html
func (s *Service) trunking(reg *region, scope core.Scope, vm ec2.Instance, role string) bool {
	if onOff(reg.setting(role, types.SettingNameAwsvpcTrunking)) == "enabled" {
		return true
	}
	if strings.Contains(vm.UserData, "awsvpcTrunking") && s.deps.IAM.Allows(scope.Account, role, "ecs:PutAccountSetting", "*") {
		reg.settings[role+" "+string(types.SettingNameAwsvpcTrunking)] = "enabled"
		return true
	}
	return false
}

// trunkFamilies are the instance families with trunking that the emulator knows; burstable ones
// (t2, t3, t4g) have none.
//
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/eni-trunking-supported-instance-types.html
var trunkFamilies = map[string]bool{
	"a1": true, "c5": true, "c5a": true, "c5d": true, "c5n": true, "c6a": true, "c6g": true, "c6gd": true, "c6gn": true, "c6i": true, "c6id": true, "c6in": true, "c7a": true, "c7g": true, "c7gd": true, "c7i": true, "c8g": true,
	"m5": true, "m5a": true, "m5ad": true, "m5d": true, "m5n": true, "m6a": true, "m6g": true, "m6gd": true, "m6i": true, "m6id": true, "m6in": true, "m7a": true, "m7g": true, "m7gd": true, "m7i": true, "m8g": true,
	"r5": true, "r5a": true, "r5d": true, "r5n": true, "r6a": true, "r6g": true, "r6gd": true, "r6i": true, "r6id": true, "r6in": true, "r7a": true, "r7g": true, "r7gd": true, "r7i": true, "r8g": true,
}

// trunkBySize is how many tasks with a network interface of their own an instance takes.
var trunkBySize = map[string]int{
	"medium": 4, "large": 10, "xlarge": 20, "2xlarge": 40, "4xlarge": 60, "8xlarge": 60, "9xlarge": 60, "12xlarge": 60, "16xlarge": 120, "18xlarge": 120, "24xlarge": 120,
}

func trunkInterfaces(instanceType string) int {
	name, size, _ := strings.Cut(instanceType, ".")
	if !trunkFamilies[name] {
		return 0
	}
	return trunkBySize[size]
}

// removeInstance deregisters an instance; its tasks end at once.
func (s *Service) removeInstance(i *containerInstance, reason string) {
	delete(i.c.instances, i.id)
	delete(i.c.reg.instances, i.ec2ID)
	i.status = statusInactive
	for _, t := range sorted(i.tasks) {
		s.endTask(t, types.TaskStopCodeTerminationNotice, reason, false)
	}
	s.pokeCluster(i.c)
}

// used is what the instance's tasks take.
func (i *containerInstance) used() (cpu, memory, interfaces int) {
	for _, t := range i.tasks {
		c, m := t.def.size()
		cpu, memory = cpu+c, memory+m
		if t.def.view.NetworkMode == types.NetworkModeAwsvpc {
			interfaces++
		}
	}
	return cpu, memory, interfaces
}
