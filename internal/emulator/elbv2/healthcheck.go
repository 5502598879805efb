package elbv2

import (
	"strconv"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// check is one health check, and schedules the next.
//
// An Application Load Balancer's target "must pass one health check to be considered healthy" after
// its registration, later as many as the thresholds say:
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html.
// Of Network Load Balancers no such exception is documented.
func (s *Service) check(scope core.Scope, tg *targetGroup, t *target, life int) {
	if s.invalidInstance(scope, tg, t) {
		t.become(targetUnused, "Target.InvalidState", "Target is in the stopped state")
		t.passed, t.failed = 0, 0
	} else if reason, description := s.probe(scope, tg, t); reason == "" {
		s.pass(tg, t)
	} else {
		s.fail(tg, t, reason, description)
	}
	s.world.Clock.After(tg.Check.interval(), func() {
		if tg, t := s.current(scope, tg.ARN, t.ID, t.Port, life); t != nil {
			s.check(scope, tg, t, life)
		}
	})
}

func (s *Service) pass(tg *targetGroup, t *target) {
	t.passed, t.failed = t.passed+1, 0
	needed := tg.Check.Healthy
	if t.State == targetInitial && tg.forALB() {
		needed = 1
	}
	if t.State == targetUnused {
		t.become(targetInitial, "Elb.InitialHealthChecking", "Initial health checks in progress")
	}
	if t.passed >= needed {
		t.become(targetHealthy, "", "")
	}
}

func (s *Service) fail(tg *targetGroup, t *target, reason, description string) {
	t.passed, t.failed = 0, t.failed+1
	if t.State == targetUnused {
		t.become(targetInitial, "Elb.InitialHealthChecking", "Initial health checks in progress")
	}
	if t.failed >= tg.Check.Unhealthy {
		t.become(targetUnhealthy, reason, description)
	}
}

func (s *Service) invalidInstance(scope core.Scope, tg *targetGroup, t *target) bool {
	if tg.TargetType != "instance" {
		return false
	}
	i, ok := s.net.Instance(scope, t.ID)
	return !ok || i.State != "running"
}

// probe sends one health check; the reason is empty when it passes.
func (s *Service) probe(scope core.Scope, tg *targetGroup, t *target) (reason, description string) {
	ip, port := t.ID, t.Port
	if tg.TargetType == "instance" {
		i, _ := s.net.Instance(scope, t.ID)
		ip = i.PrivateIP
	}
	if n, err := strconv.Atoi(tg.Check.Port); err == nil {
		port = n
	}
	if tg.TargetType == albTarget {
		return s.probeALB(scope, tg, t, port)
	}
	if !s.reached(scope, tg, ip, port) {
		return "Target.Timeout", "Request timed out"
	}
	if s.prober == nil || !s.prober(scope, ip, port) {
		return "Target.FailedHealthChecks", "Health checks failed"
	}
	return "", ""
}

// reached asks for one interface of the load balancer: all have the same security groups.
func (s *Service) reached(scope core.Scope, tg *targetGroup, ip string, port int) bool {
	if s.path == nil {
		return true
	}
	for _, arn := range tg.loadBalancers() {
		lb, _ := s.region(scope).loadBalancers.get(arn)
		for _, z := range lb.Zones {
			return s.path(scope, z.InterfaceID, ip, port)
		}
	}
	return false
}
