package ecs

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/ec2"
)

// The states of a task.
//
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-lifecycle-explanation.html
const (
	stateProvisioning   = "PROVISIONING"
	statePending        = "PENDING"
	stateActivating     = "ACTIVATING"
	stateRunning        = "RUNNING"
	stateDeactivating   = "DEACTIVATING"
	stateStopping       = "STOPPING"
	stateDeprovisioning = "DEPROVISIONING"
	stateStopped        = "STOPPED"
)

// task is one task of a service.
type task struct {
	id, arn    string
	v          *service
	dep        *deployment
	def        *taskDefinition
	seq        int
	lastStatus string
	stopping   bool // desired status STOPPED
	provider   string
	onFargate  bool
	instance   *containerInstance
	zone       string
	eni        ec2.Interface
	attachment string
	containers []*container
	targets    []target
	tags       map[string]string
	version    int64

	created, pullStarted, pullStopped, started, stoppingAt, ended, stopped time.Time

	stopCode   types.TaskStopCode
	reason     string
	wasHealthy bool // it has counted as healthy once
	exec       bool
}

type container struct {
	name, arn, id, runtime, digest string
	def                            *types.ContainerDefinition
	rule                           ImageRule
	status                         string
	health                         types.HealthStatus
	reason                         string
	exit                           *int32
}

// target is a task's registration with a target group.
type target struct {
	group string
	port  int
}

func (t *task) scope() core.Scope { return t.v.c.reg.Scope }

// health is the task's health by its essential containers' checks.
//
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/healthcheck.html
func (t *task) health() types.HealthStatus {
	out := types.HealthStatusUnknown
	for _, c := range t.containers {
		if !*c.def.Essential || c.def.HealthCheck == nil {
			continue
		}
		switch c.health {
		case types.HealthStatusUnhealthy:
			return types.HealthStatusUnhealthy
		case types.HealthStatusUnknown:
			return types.HealthStatusUnknown
		default:
			out = types.HealthStatusHealthy
		}
	}
	return out
}

func (t *task) checked() bool {
	for _, c := range t.containers {
		if *c.def.Essential && c.def.HealthCheck != nil {
			return true
		}
	}
	return false
}

// newTask makes a task of a deployment in PROVISIONING; it is placed afterwards.
func (s *Service) newTask(d *deployment, provider string) *task {
	v, id := d.v, s.world.Hex(32)
	t := &task{
		id: id, arn: v.c.reg.ARN("ecs", "task/"+v.c.name+"/"+id), v: v, dep: d, def: d.spec.def, seq: v.c.reg.next(), lastStatus: stateProvisioning,
		provider: provider, onFargate: d.spec.fargate(provider), attachment: s.world.UUID(), created: s.world.Clock.Now(), version: 1, tags: v.taskTags(d), exec: v.exec,
	}
	for i := range d.spec.def.view.ContainerDefinitions {
		c := &d.spec.def.view.ContainerDefinitions[i]
		cid := s.world.UUID()
		t.containers = append(t.containers, &container{
			name: *c.Name, id: cid, arn: v.c.reg.ARN("ecs", "container/"+v.c.name+"/"+id+"/"+cid), def: c, rule: s.imageRule(*c.Image), status: statePending, health: types.HealthStatusUnknown,
		})
	}
	v.c.tasks[id] = t
	v.tasks = append(v.tasks, t)
	s.taskChanged(t)
	return t
}

// taskTags are the tags that tasks and their network interfaces get.
//
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-using-tags.html
func (v *service) taskTags(d *deployment) map[string]string {
	out := map[string]string{}
	switch v.propagate {
	case types.PropagateTagsService:
		for k, val := range v.tags {
			out[k] = val
		}
	case types.PropagateTagsTaskDefinition:
		for k, val := range d.spec.def.tags {
			out[k] = val
		}
	}
	if v.managedTags {
		out["aws:ecs:clusterName"], out["aws:ecs:serviceName"] = v.c.name, v.name
	}
	return out
}

func (s *Service) set(t *task, status string) {
	t.lastStatus = status
	t.version++
	s.taskChanged(t)
}

// after runs a step of the task's life, unless the task has left that state meanwhile.
func (s *Service) after(d time.Duration, t *task, f func()) {
	state, stopping := t.lastStatus, t.stopping
	s.world.Clock.After(d, func() {
		if t.lastStatus == state && t.stopping == stopping {
			f()
		}
	})
}

// probe answers load balancers' health checks.
func (s *Service) probe(scope core.Scope, ip string, port int) bool {
	for _, t := range s.at(scope, ip) {
		if s.targetSick(t) || (t.lastStatus != stateRunning && t.lastStatus != stateDeactivating) {
			continue
		}
		for _, c := range t.containers {
			for _, p := range c.def.PortMappings {
				if int(*p.ContainerPort) == port && c.status == stateRunning {
					return true
				}
			}
		}
	}
	return false
}

// targetSick says that a task answers no load balancer's check by now.
func (s *Service) targetSick(t *task) bool {
	for _, b := range []Behaviour{BehaviourUnhealthy, BehaviourUnhealthyTarget} {
		if after, ok := t.fares(b); ok && s.world.Clock.Since(t.started) >= after {
			return true
		}
	}
	return false
}

// at finds the tasks with an address; two VPCs may have the same.
func (s *Service) at(scope core.Scope, ip string) []*task {
	return s.region(scope).addresses[ip]
}
