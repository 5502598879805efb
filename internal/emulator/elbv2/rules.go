package elbv2

import "github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"

type describeRulesIn struct {
	ListenerArn string
	RuleArns    []string
	Marker      string
	PageSize    int
}

// describeRules: "You must specify either a listener or one or more rules":
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DescribeRules.html
func (s *Service) describeRules(r *core.Request, in *describeRulesIn) (*rulesOut, error) {
	reg := s.region(r.Scope)
	if (in.ListenerArn == "") == (len(in.RuleArns) == 0) {
		return nil, invalid("You must specify either a listener ARN or rule ARNs")
	}
	var found []*rule
	if in.ListenerArn != "" {
		l, ok := reg.listeners.get(in.ListenerArn)
		if !ok || !s.world.Visible(l.Created) {
			return nil, listenerNotFound()
		}
		for _, u := range reg.rulesOf(l.ARN) {
			if s.world.Visible(u.Created) {
				found = append(found, u)
			}
		}
	}
	for _, arn := range in.RuleArns {
		u, ok := reg.rules.get(arn)
		if !ok || !s.world.Visible(u.Created) {
			return nil, ruleNotFound()
		}
		found = append(found, u)
	}
	page, next, err := paginate(r, found, func(u *rule) string { return u.ARN }, in.Marker, in.PageSize)
	out := &rulesOut{NextMarker: next}
	for _, u := range page {
		out.Rules = append(out.Rules, u.out())
	}
	return out, err
}

type priorityPair struct {
	RuleArn  string `q:"RuleArn,required"`
	Priority int    `q:"Priority,required"`
}

type setRulePrioritiesIn struct {
	RulePriorities []priorityPair `q:"RulePriorities,required"`
}

// setRulePriorities sets all or nothing: rules may swap priorities in one call.
func (s *Service) setRulePriorities(r *core.Request, in *setRulePrioritiesIn) (*rulesOut, error) {
	reg := s.region(r.Scope)
	moved := map[string]int{}
	taken := map[string]map[int]bool{} // by listener
	for _, p := range in.RulePriorities {
		u, ok := reg.rules.get(p.RuleArn)
		switch {
		case !ok:
			return nil, ruleNotFound()
		case u.Default:
			return nil, notPermitted("The priority of default rule '%s' cannot be set", u.ARN)
		case p.Priority < 1 || p.Priority > maxPriority:
			return nil, invalid("Priority '%d' must be between 1 and %d", p.Priority, maxPriority)
		case taken[u.ListenerARN][p.Priority]:
			return nil, core.Errorf("PriorityInUse", "Priority '%d' is currently in use", p.Priority)
		}
		if taken[u.ListenerARN] == nil {
			taken[u.ListenerARN] = map[int]bool{}
		}
		taken[u.ListenerARN][p.Priority] = true
		moved[u.ARN] = p.Priority
	}
	for arn, priority := range moved {
		u, _ := reg.rules.get(arn)
		if reg.priorityTaken(u.ListenerARN, priority, moved) {
			return nil, core.Errorf("PriorityInUse", "Priority '%d' is currently in use", priority)
		}
	}
	out := &rulesOut{}
	for _, p := range in.RulePriorities {
		u, _ := reg.rules.get(p.RuleArn)
		u.Priority = moved[u.ARN]
		out.Rules = append(out.Rules, u.out())
	}
	return out, nil
}
