package elbv2

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// An Application Load Balancer may be the target of a Network Load Balancer, as
// https://docs.aws.amazon.com/elasticloadbalancing/latest/network/application-load-balancer-target.html has it: one
// in a target group of type alb, whose protocol is TCP, behind a TCP listener, with health checks by HTTP or HTTPS and
// attributes that can't be changed.

// albTarget is the target type of such groups.
const albTarget = "alb"

// maxTargetGroupsOfALB: "You can associate an Application Load Balancer as a target of up to two Network Load
// Balancers", each by a target group of its own.
const maxTargetGroupsOfALB = 2

// checkALBTarget tests a registration. "If the target type is alb, the targeted Application Load Balancer must have at
// least one listener whose port matches the specified port":
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetDescription.html
func (s *Service) checkALBTarget(scope core.Scope, tg *targetGroup, d targetDescription) error {
	reg := s.region(scope)
	lb, ok := reg.loadBalancers.get(d.Id)
	switch {
	case d.AvailabilityZone != "":
		return invalid("The Availability Zone can be specified only for target groups with target type 'ip'")
	case !ok || lb.Type != application:
		return core.Errorf("InvalidTarget", "The following targets are not Application Load Balancers of this account and cannot be registered: '%s'", d.Id)
	case lb.VPCID != tg.VPCID:
		return core.Errorf("InvalidTarget", "The following targets are not in the target group VPC '%s': '%s'", tg.VPCID, d.Id)
	case reg.listenerOn(lb.ARN, d.port(tg)) == nil:
		return invalid("If the target type is ALB, the target must have at least one listener that matches the target group port or any specified port overrides")
	}
	if slices.ContainsFunc(tg.targets, func(t *target) bool {
		return t.State != targetDraining && (t.ID != d.Id || t.Port != d.port(tg))
	}) {
		return core.Errorf("TooManyTargets", "The maximum number of targets has been reached for target group '%s'", tg.ARN)
	}
	groups := 0
	for _, other := range reg.targetGroups.all() {
		if other != tg && other.holds(lb.ARN, 0) {
			groups++
		}
	}
	if groups >= maxTargetGroupsOfALB {
		return core.Errorf("TooManyRegistrationsForTargetId", "The target '%s' is registered with too many target groups", d.Id)
	}
	return nil
}

// holds reports whether a load balancer is registered with a group, on a port or, if that is 0, on any. One that drains
// has been deregistered.
func (tg *targetGroup) holds(loadBalancer string, port int) bool {
	return tg.TargetType == albTarget && slices.ContainsFunc(tg.targets, func(t *target) bool {
		return t.ID == loadBalancer && t.State != targetDraining && (port == 0 || t.Port == port)
	})
}

// registered reports whether a load balancer is a target, on a port or, if that is 0, on any.
func (reg *region) registered(loadBalancer string, port int) bool {
	return slices.ContainsFunc(reg.targetGroups.all(), func(tg *targetGroup) bool { return tg.holds(loadBalancer, port) })
}

// freePort is refused while a Network Load Balancer sends to that port of an Application Load Balancer.
func (s *Service) freePort(scope core.Scope, l *listener) error {
	if s.region(scope).registered(l.LoadBalancerARN, l.Port) {
		return core.Errorf("ResourceInUse", "Listener port '%d' is in use by registered target '%s' and cannot be removed.", l.Port, l.LoadBalancerARN)
	}
	return nil
}

// probeALB sends a health check to an Application Load Balancer, which passes it on like any request: its answer is
// that of a target, its own, or 503 where no target has one to give.
func (s *Service) probeALB(scope core.Scope, tg *targetGroup, t *target, port int) (reason, description string) {
	alb, ok := s.region(scope).loadBalancers.get(t.ID)
	if !ok || !s.reachedALB(scope, tg, alb, port) {
		return "Target.Timeout", "Request timed out"
	}
	q := ClientRequest{Port: port, TLS: tg.Check.Protocol == "HTTPS", Path: tg.Check.Path}
	if len(alb.Zones) > 0 {
		q.Host = alb.Zones[0].PrivateIP
	}
	l := s.region(scope).listenerOn(alb.ARN, port)
	if alb.State != stateActive || l == nil || l.secure() != q.TLS { // health checks don't look at names in certificates
		return "Target.FailedHealthChecks", "Health checks failed"
	}
	out := Outcome{Host: q.Host, Path: q.Path}
	s.act(scope, alb, s.region(scope).matching(l, q), q, &out)
	status := 200
	switch {
	case out.Status != "":
		status, _ = strconv.Atoi(out.Status)
	case out.Problem != "":
		status = 503
	}
	if !matched(tg.Check.HTTPCode, status) {
		return "Target.ResponseCodeMismatch", fmt.Sprintf("Health checks failed with these codes: [%d]", status)
	}
	return "", ""
}

// reachedALB asks whether every node of the group's load balancer reaches the Application Load Balancer: its security
// groups let it out, and the other's let it in.
func (s *Service) reachedALB(scope core.Scope, tg *targetGroup, alb *loadBalancer, port int) bool {
	for _, arn := range tg.loadBalancers() {
		lb, _ := s.region(scope).loadBalancers.get(arn)
		return s.cut(scope, lb, alb, port) == ""
	}
	return false
}

// cut is a zone in which a load balancer doesn't reach an Application Load Balancer; empty where it does in all.
func (s *Service) cut(scope core.Scope, lb, alb *loadBalancer, port int) string {
	for _, z := range lb.Zones {
		if s.path != nil && !slices.ContainsFunc(alb.Zones, func(to zone) bool { return s.path(scope, z.InterfaceID, to.PrivateIP, port) }) {
			return z.Name
		}
	}
	return ""
}

// leadsToALB is the target group of an Application Load Balancer that a rule forwards to; nil for any other.
func (s *Service) leadsToALB(scope core.Scope, u *rule) *targetGroup {
	for arn, weight := range weights(u.Actions) {
		if tg, ok := s.region(scope).targetGroups.get(arn); ok && tg.TargetType == albTarget && weight > 0 {
			return tg
		}
	}
	return nil
}

// passALB sends a client's request on to the Application Load Balancer of a group.
func (s *Service) passALB(scope core.Scope, lb *loadBalancer, tg *targetGroup, q ClientRequest, out *Outcome) {
	reg := s.region(scope)
	for _, t := range tg.targets {
		alb, ok := reg.loadBalancers.get(t.ID)
		if !ok || t.State != targetHealthy {
			continue
		}
		l := reg.listenerOn(alb.ARN, t.Port)
		zone := s.cut(scope, lb, alb, t.Port)
		switch {
		case zone != "":
			out.Problem = fmt.Sprintf("%s doesn't reach %s from %s on port %d", lb.Name, alb.Name, zone, t.Port)
		case l == nil:
			out.Problem = fmt.Sprintf("nothing listens on port %d of %s", t.Port, alb.Name)
		default:
			q.Port = t.Port
			if out.Problem = s.unanswered(scope, l, q); out.Problem != "" {
				return
			}
			u := reg.matching(l, q)
			out.LoadBalancer, out.Listener, out.Rule, out.Priority = alb.ARN, l.ARN, u.ARN, u.priority()
			s.act(scope, alb, u, q, out)
		}
		return
	}
	out.Problem = "no target is healthy and reached in " + tg.ARN
}

// matched reports whether a status is one of those that a health check takes, as "200-399" or "200,404".
func matched(codes string, status int) bool {
	return slices.ContainsFunc(strings.Split(codes, ","), func(part string) bool {
		from, to, ranged := strings.Cut(part, "-")
		low, _ := strconv.Atoi(from)
		high := low
		if ranged {
			high, _ = strconv.Atoi(to)
		}
		return low <= status && status <= high
	})
}
