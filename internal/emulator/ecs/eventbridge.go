package ecs

import (
	"time"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// Bus takes the events that Amazon ECS sends to Amazon EventBridge.
type Bus interface {
	Heard(core.Scope) bool
	PutServiceEvent(scope core.Scope, source, detailType string, resources []string, detail map[string]any)
}

// SetBus says where events go. Without it there are none.
func (s *Service) SetBus(b Bus) { s.bus = b }

func (s *Service) heard(scope core.Scope) bool { return s.bus != nil && s.bus.Heard(scope) }

// The types of service events, https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_service_events.html
const (
	eventInfo  = "INFO"
	eventWarn  = "WARN"
	eventError = "ERROR"
)

// taskChanged sends a task as DescribeTasks would show it: at each change of its status.
//
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_task_events.html
func (s *Service) taskChanged(t *task) {
	if !s.heard(t.scope()) {
		return
	}
	detail, _ := core.Detail(taskView(t, false)).(map[string]any)
	detail["updatedAt"] = s.world.Clock.Now().UTC().Format(time.RFC3339Nano)
	delete(detail, "tags")
	s.bus.PutServiceEvent(t.scope(), "aws.ecs", "ECS Task State Change", []string{t.arn}, detail)
}

// act sends a service action event: name is what happened, reason why, where AWS tells one.
//
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_service_events.html
func (s *Service) act(v *service, kind, name, reason string) {
	if !s.heard(v.c.reg.Scope) {
		return
	}
	detail := map[string]any{"eventType": kind, "eventName": name, "clusterArn": v.c.arn, "createdAt": s.world.Clock.Now().UTC().Format("2006-01-02T15:04:05.000Z")}
	if reason != "" {
		detail["reason"] = reason
	}
	s.bus.PutServiceEvent(v.c.reg.Scope, "aws.ecs", "ECS Service Action", []string{v.arn}, detail)
}

// deploymentChanged sends the state of a deployment: it began or was taken back, completed, or failed.
//
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_service_deployment_events.html
func (s *Service) deploymentChanged(d *deployment, kind, name string) {
	scope := d.v.c.reg.Scope
	if !s.heard(scope) {
		return
	}
	s.bus.PutServiceEvent(scope, "aws.ecs", "ECS Deployment State Change", []string{d.v.arn}, map[string]any{
		"eventType": kind, "eventName": name, "deploymentId": d.id, "updatedAt": s.world.Clock.Now().UTC().Format("2006-01-02T15:04:05.000Z"), "reason": d.reason,
	})
}
