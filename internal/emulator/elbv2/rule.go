package elbv2

import (
	"slices"
	"time"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// rule is a rule of a listener. The default rule holds the listener's default action.
type rule struct {
	ARN, ListenerARN, LoadBalancerARN string
	Default                           bool
	Priority                          int
	Conditions                        []condition
	Actions                           []action
	Transforms                        []transform
	Tags                              map[string]string
	Created                           time.Time
}

type ruleOut struct {
	RuleArn, Priority string
	Conditions        []condition `xml:"Conditions>member"`
	Actions           []action    `xml:"Actions>member"`
	IsDefault         bool
	Transforms        []transform `xml:"Transforms>member"`
}

func (u *rule) out() ruleOut {
	return ruleOut{u.ARN, u.priority(), u.Conditions, u.Actions, u.Default, u.Transforms}
}

type rulesOut struct {
	Rules      []ruleOut `xml:"Rules>member"`
	NextMarker string    `xml:",omitempty"`
}

func (s *Service) handleRules() {
	m := s.mux
	core.Handle(m, "CreateRule", s.createRule)
	core.Handle(m, "ModifyRule", s.modifyRule)
	core.Handle(m, "DeleteRule", s.deleteRule)
	core.Handle(m, "DescribeRules", s.describeRules)
	core.Handle(m, "SetRulePriorities", s.setRulePriorities)
}

// rulesOf are the rules of a listener as AWS lists them.
func (reg *region) rulesOf(listenerARN string) []*rule {
	var out []*rule
	for _, u := range reg.rules.all() {
		if u.ListenerARN == listenerARN {
			out = append(out, u)
		}
	}
	slices.SortFunc(out, priorityLess)
	return out
}

type createRuleIn struct {
	ListenerArn string      `q:"ListenerArn,required"`
	Priority    int         `q:"Priority,required"`
	Conditions  []condition `q:"Conditions,required"`
	Actions     []action    `q:"Actions,required"`
	Transforms  []transform
	Tags        tagList
}

const maxPriority = 50000

func (s *Service) createRule(r *core.Request, in *createRuleIn) (*rulesOut, error) {
	reg := s.region(r.Scope)
	l, ok := reg.listeners.get(in.ListenerArn)
	if !ok {
		return nil, listenerNotFound()
	}
	lb, _ := reg.loadBalancers.get(l.LoadBalancerARN)
	if lb.Type != application {
		return nil, core.Errorf("UnsupportedProtocol", "The emulator does not support rules for listeners of network load balancers")
	}
	if in.Priority < 1 || in.Priority > maxPriority {
		return nil, invalid("Priority '%d' must be between 1 and %d", in.Priority, maxPriority)
	}
	u := &rule{ListenerARN: l.ARN, LoadBalancerARN: lb.ARN, Priority: in.Priority, Transforms: in.Transforms, Created: r.Now()}
	var err error
	if u.Conditions, err = s.checkConditions(in.Conditions); err != nil {
		return nil, err
	}
	if err := checkTransforms(in.Transforms); err != nil {
		return nil, err
	}
	if u.Tags, err = in.Tags.apply(nil); err != nil {
		return nil, err
	}
	if reg.priorityTaken(l.ARN, in.Priority, nil) {
		return nil, core.Errorf("PriorityInUse", "Priority '%d' is currently in use", in.Priority)
	}
	actions, err := s.checkActions(r.Scope, lb, l.Protocol, in.Actions)
	if err != nil {
		return nil, err
	}
	if reg.ruleCount(lb.ARN) >= s.Limits.Rules {
		return nil, core.Errorf("TooManyRules", "The maximum number of rules has been reached on load balancer '%s'", lb.ARN)
	}
	u.ARN = r.ARN(serviceName, "listener-rule/"+lb.path()+"/"+l.ID+"/"+s.world.Hex(16))
	reg.rules.add(u.ARN, u)
	s.setActions(r.Scope, u, actions)
	return &rulesOut{Rules: []ruleOut{u.out()}}, nil
}

func (reg *region) priorityTaken(listenerARN string, priority int, except map[string]int) bool {
	return slices.ContainsFunc(reg.rules.all(), func(u *rule) bool {
		_, moved := except[u.ARN]
		return !moved && !u.Default && u.ListenerARN == listenerARN && u.Priority == priority
	})
}

// ruleCount counts the rules of a load balancer, default rules aside, as the quota does.
func (reg *region) ruleCount(lbARN string) int {
	n := 0
	for _, u := range reg.rules.all() {
		if u.LoadBalancerARN == lbARN && !u.Default {
			n++
		}
	}
	return n
}

// setActions is the one place where a rule's actions change: target groups come into use and go
// out of it here.
func (s *Service) setActions(scope core.Scope, u *rule, actions []action) {
	reg := s.region(scope)
	old, next := weights(u.Actions), weights(actions)
	u.Actions = actions
	for arn := range old {
		if _, stays := next[arn]; stays {
			continue
		}
		if tg, ok := reg.targetGroups.get(arn); ok {
			delete(tg.users, u.ARN)
			if len(tg.users) == 0 {
				s.disengage(tg)
			}
		}
	}
	for arn := range next {
		tg, ok := reg.targetGroups.get(arn)
		if !ok {
			continue
		}
		fresh := len(tg.users) == 0
		tg.users[u.ARN] = u.LoadBalancerARN
		if fresh {
			s.engage(scope, tg)
		}
	}
}

// modifyRuleIn: what isn't given stays, what is given replaces the whole list.
type modifyRuleIn struct {
	RuleArn         string `q:"RuleArn,required"`
	Conditions      []condition
	Actions         []action
	Transforms      []transform
	ResetTransforms bool
}

func (s *Service) modifyRule(r *core.Request, in *modifyRuleIn) (*rulesOut, error) {
	reg := s.region(r.Scope)
	u, ok := reg.rules.get(in.RuleArn)
	if !ok {
		return nil, ruleNotFound()
	}
	if u.Default {
		return nil, notPermitted("Default rule '%s' cannot be modified", u.ARN)
	}
	l, _ := reg.listeners.get(u.ListenerARN)
	lb, _ := reg.loadBalancers.get(u.LoadBalancerARN)
	conditions, actions, transforms := u.Conditions, u.Actions, u.Transforms
	var err error
	if in.Conditions != nil {
		if conditions, err = s.checkConditions(in.Conditions); err != nil {
			return nil, err
		}
	}
	if in.Actions != nil {
		if actions, err = s.checkActions(r.Scope, lb, l.Protocol, in.Actions); err != nil {
			return nil, err
		}
	}
	if in.ResetTransforms && len(in.Transforms) > 0 {
		return nil, invalid("You cannot specify both 'Transforms' and 'ResetTransforms'")
	}
	if in.ResetTransforms {
		transforms = nil
	} else if len(in.Transforms) > 0 {
		if err := checkTransforms(in.Transforms); err != nil {
			return nil, err
		}
		transforms = in.Transforms
	}
	u.Conditions, u.Transforms = conditions, transforms
	s.setActions(r.Scope, u, actions)
	return &rulesOut{Rules: []ruleOut{u.out()}}, nil
}

type ruleIn struct {
	RuleArn string `q:"RuleArn,required"`
}

func (s *Service) deleteRule(r *core.Request, in *ruleIn) (*core.Empty, error) {
	u, ok := s.region(r.Scope).rules.get(in.RuleArn)
	if !ok {
		return nil, ruleNotFound()
	}
	if u.Default {
		return nil, notPermitted("Default rule '%s' cannot be deleted", u.ARN)
	}
	s.removeRule(r.Scope, u)
	return nil, nil
}

func (s *Service) removeRule(scope core.Scope, u *rule) {
	s.setActions(scope, u, nil)
	s.region(scope).rules.remove(u.ARN)
}
