package elbv2

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// LoadBalancerInfo is what other services need to know of a load balancer.
type LoadBalancerInfo struct {
	ARN, Name, Type, Scheme, State, VPCID string
	SubnetIDs, InterfaceIDs, ListenerARNs []string
}

// LoadBalancer finds a load balancer.
func (s *Service) LoadBalancer(scope core.Scope, arn string) (LoadBalancerInfo, bool) {
	lb, ok := s.region(scope).loadBalancers.get(arn)
	if !ok {
		return LoadBalancerInfo{}, false
	}
	info := LoadBalancerInfo{ARN: lb.ARN, Name: lb.Name, Type: lb.Type, Scheme: lb.Scheme, State: lb.State, VPCID: lb.VPCID, SubnetIDs: lb.subnets()}
	for _, z := range lb.Zones {
		info.InterfaceIDs = append(info.InterfaceIDs, z.InterfaceID)
	}
	for _, l := range s.region(scope).listeners.all() {
		if l.LoadBalancerARN == arn {
			info.ListenerARNs = append(info.ListenerARNs, l.ARN)
		}
	}
	return info, true
}

// Protectable tells whether an Application Load Balancer exists, and whether AWS WAF can protect it
// already.
func (s *Service) Protectable(scope core.Scope, arn string) (found, ready bool) {
	lb, ok := s.region(scope).loadBalancers.get(arn)
	return ok && lb.Type == application, ok && lb.State == stateActive
}

// TargetGroupInfo is what other services need to know of a target group.
type TargetGroupInfo struct {
	ARN, Name, Protocol, TargetType, VPCID string
	Port                                   int
	// LoadBalancerARNs are those that reach the group through listeners or rules.
	LoadBalancerARNs    []string
	DeregistrationDelay time.Duration
}

// TargetGroup finds a target group.
func (s *Service) TargetGroup(scope core.Scope, arn string) (TargetGroupInfo, bool) {
	tg, ok := s.region(scope).targetGroups.get(arn)
	if !ok {
		return TargetGroupInfo{}, false
	}
	return TargetGroupInfo{tg.ARN, tg.Name, tg.Protocol, tg.TargetType, tg.VPCID, tg.Port, tg.loadBalancers(), tg.deregistrationDelay()}, true
}

// Register registers an address with a target group of target type ip; a zone that isn't one of the
// load balancer's leaves the target unused.
func (s *Service) Register(scope core.Scope, tgARN, ip string, port int, zone string) error {
	return s.enroll(scope, tgARN, targetDescription{ip, &port, zone})
}

// RegisterInstance registers an instance with a target group of target type instance.
func (s *Service) RegisterInstance(scope core.Scope, tgARN, instanceID string, port int) error {
	return s.enroll(scope, tgARN, targetDescription{instanceID, &port, ""})
}

func (s *Service) enroll(scope core.Scope, tgARN string, d targetDescription) error {
	tg, ok := s.region(scope).targetGroups.get(tgARN)
	if !ok {
		return targetGroupNotFound()
	}
	if err := s.checkTarget(scope, tg, d); err != nil {
		return err
	}
	s.register(scope, tg, d.Id, *d.Port, d.AvailabilityZone)
	return nil
}

// Deregister begins to drain a target, an address or an instance's id.
func (s *Service) Deregister(scope core.Scope, tgARN, id string, port int) {
	if tg, ok := s.region(scope).targetGroups.get(tgARN); ok {
		if t := tg.find(id, port); t != nil {
			s.deregister(scope, tg, t)
		}
	}
}

// TargetState is the health of a target; one that isn't registered is unused.
func (s *Service) TargetState(scope core.Scope, tgARN, id string, port int) (state, reason string) {
	if tg, ok := s.region(scope).targetGroups.get(tgARN); ok {
		if t := tg.find(id, port); t != nil {
			return t.State, t.Reason
		}
	}
	return targetUnused, "Target.NotRegistered"
}

// rule finds a rule, or a listener's default rule.
func (s *Service) rule(scope core.Scope, arn string) (*rule, bool) {
	reg := s.region(scope)
	if l, ok := reg.listeners.get(arn); ok {
		arn = l.DefaultRule
	}
	return reg.rules.get(arn)
}

// RuleForwards returns the target groups, with their weights, that a rule or a listener's default
// action forwards to; nil for what doesn't exist.
func (s *Service) RuleForwards(scope core.Scope, ruleOrListenerARN string) map[string]int {
	u, ok := s.rule(scope, ruleOrListenerARN)
	if !ok {
		return nil
	}
	return weights(u.Actions)
}

// SetForwards makes a rule or a listener's default action forward to target groups by weight, as
// Amazon ECS does in blue/green deployments; the action's stickiness stays.
func (s *Service) SetForwards(scope core.Scope, ruleOrListenerARN string, groups map[string]int) error {
	u, ok := s.rule(scope, ruleOrListenerARN)
	if !ok {
		if strings.Contains(ruleOrListenerARN, ":listener/") {
			return listenerNotFound()
		}
		return ruleNotFound()
	}
	reg := s.region(scope)
	l, _ := reg.listeners.get(u.ListenerARN)
	lb, _ := reg.loadBalancers.get(u.LoadBalancerARN)
	f := &forwardConfig{}
	for _, a := range u.Actions {
		if a.ForwardConfig != nil {
			f.TargetGroupStickinessConfig = a.ForwardConfig.TargetGroupStickinessConfig
		}
	}
	for _, arn := range slices.Sorted(maps.Keys(groups)) {
		weight := groups[arn]
		f.TargetGroups = append(f.TargetGroups, targetGroupTuple{arn, &weight})
	}
	actions, err := s.checkActions(scope, lb, l.Protocol, []action{{Type: "forward", ForwardConfig: f}})
	if err != nil {
		return err
	}
	s.setActions(scope, u, actions)
	return nil
}
