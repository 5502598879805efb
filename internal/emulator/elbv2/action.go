package elbv2

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// action is a rule's action, on the wire and in the state. Authentication actions aren't served:
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_Action.html
type action struct {
	Type                string               `q:"Type,required"`
	Order               *int                 `xml:",omitempty"`
	TargetGroupArn      string               `xml:",omitempty"`
	ForwardConfig       *forwardConfig       `xml:",omitempty"`
	RedirectConfig      *redirectConfig      `xml:",omitempty"`
	FixedResponseConfig *fixedResponseConfig `xml:",omitempty"`
}

type forwardConfig struct {
	TargetGroups                []targetGroupTuple `xml:"TargetGroups>member"`
	TargetGroupStickinessConfig *stickiness        `xml:",omitempty"`
}

type targetGroupTuple struct {
	TargetGroupArn string `q:"TargetGroupArn,required"`
	Weight         *int   `xml:",omitempty"`
}

type stickiness struct {
	Enabled         bool
	DurationSeconds *int `xml:",omitempty"`
}

type redirectConfig struct {
	Protocol   string
	Port       string
	Host       string
	Path       string
	Query      string
	StatusCode string `q:"StatusCode,required"`
}

type fixedResponseConfig struct {
	MessageBody string `xml:",omitempty"`
	StatusCode  string `q:"StatusCode,required"`
	ContentType string `xml:",omitempty"`
}

// maxForwardWeight: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-action-types.html
const maxForwardWeight = 999

// checkActions tests the actions of a rule of listener l and returns them as AWS describes them.
func (s *Service) checkActions(scope core.Scope, lb *loadBalancer, protocol string, actions []action) ([]action, error) {
	if len(actions) == 0 {
		return nil, invalid("At least one action must be specified")
	}
	if len(actions) > 1 {
		// Only authentication may go before the routing action, and isn't served.
		return nil, core.Errorf("InvalidLoadBalancerAction", "A rule must have exactly one action of type 'forward', 'redirect' or 'fixed-response'")
	}
	a := actions[0]
	if lb.Type == network && a.Type != "forward" {
		return nil, core.Errorf("InvalidLoadBalancerAction", "The action type '%s' is not valid with network load balancer", a.Type)
	}
	if a.Order != nil && (*a.Order < 1 || *a.Order > 50000) {
		return nil, invalid("Action order '%d' must be between 1 and 50000", *a.Order)
	}
	var err error
	switch a.Type {
	case "forward":
		err = s.checkForward(scope, lb, protocol, &a)
	case "redirect":
		err = a.checkRedirect()
	case "fixed-response":
		err = a.checkFixedResponse()
	default:
		err = core.Errorf("InvalidLoadBalancerAction", "The emulator does not support actions of type '%s'", a.Type)
	}
	if err != nil {
		return nil, err
	}
	return []action{a}, nil
}

// checkForward normalizes a forward action: a single target group shows both as TargetGroupArn and
// in ForwardConfig, several only in the latter.
func (s *Service) checkForward(scope core.Scope, lb *loadBalancer, protocol string, a *action) error {
	if a.RedirectConfig != nil || a.FixedResponseConfig != nil {
		return invalid("An action of type 'forward' takes only a target group or a forward configuration")
	}
	f := forwardConfig{}
	if a.ForwardConfig != nil {
		f.TargetGroups = slices.Clone(a.ForwardConfig.TargetGroups)
		f.TargetGroupStickinessConfig = a.ForwardConfig.TargetGroupStickinessConfig
	}
	switch {
	case a.TargetGroupArn != "" && len(f.TargetGroups) == 0:
		f.TargetGroups = []targetGroupTuple{{TargetGroupArn: a.TargetGroupArn}}
	case a.TargetGroupArn != "" && (len(f.TargetGroups) > 1 || f.TargetGroups[0].TargetGroupArn != a.TargetGroupArn):
		return invalid("If you specify both ForwardConfig and TargetGroupArn, you can specify only one target group using ForwardConfig and it must be the same target group specified in TargetGroupArn")
	case len(f.TargetGroups) == 0:
		return invalid("An action of type 'forward' requires a target group")
	case len(f.TargetGroups) > s.Limits.TargetGroupsPerAction:
		return core.Errorf("TooManyTargetGroups", "A forward action can have at most %d target groups", s.Limits.TargetGroupsPerAction)
	}
	seen := map[string]bool{}
	for i := range f.TargetGroups {
		t := &f.TargetGroups[i]
		if seen[t.TargetGroupArn] {
			return invalid("Target group '%s' is specified more than once", t.TargetGroupArn)
		}
		seen[t.TargetGroupArn] = true
		if t.Weight == nil {
			one := 1
			t.Weight = &one
		}
		if *t.Weight < 0 || *t.Weight > maxForwardWeight {
			return invalid("The weight for each target group must be between 0 and %d, inclusive", maxForwardWeight)
		}
		if err := s.checkForwardTo(scope, lb, protocol, t.TargetGroupArn); err != nil {
			return err
		}
	}
	if err := s.checkUniqueGroups(scope, lb, seen); err != nil {
		return err
	}
	a.TargetGroupArn = ""
	if len(f.TargetGroups) == 1 {
		a.TargetGroupArn = f.TargetGroups[0].TargetGroupArn
	}
	if f.TargetGroupStickinessConfig == nil {
		f.TargetGroupStickinessConfig = &stickiness{}
	}
	if d := f.TargetGroupStickinessConfig; d.Enabled && (d.DurationSeconds == nil || *d.DurationSeconds < 1 || *d.DurationSeconds > 604800) {
		return invalid("Target group stickiness duration must be between 1 and 604800 seconds")
	}
	a.ForwardConfig = &f
	return nil
}

// checkForwardTo tests whether a rule of the load balancer may forward to the target group.
func (s *Service) checkForwardTo(scope core.Scope, lb *loadBalancer, protocol, arn string) error {
	tg, ok := s.region(scope).targetGroups.get(arn)
	switch {
	case !ok:
		return core.Errorf("TargetGroupNotFound", "Target groups '%s' not found", arn)
	case !compatible(protocol, tg.Protocol):
		return core.Errorf("IncompatibleProtocols", "Listener protocol '%s' is not supported with a target group with the protocol '%s'", protocol, tg.Protocol)
	case tg.TargetType == albTarget && protocol != "TCP":
		return core.Errorf("IncompatibleProtocols", "Listener protocol '%s' is not supported with a target group with the target type '%s'", protocol, tg.TargetType)
	case tg.VPCID != lb.VPCID:
		return conflict("The following target groups are not in the VPC '%s' of the load balancer: %s", lb.VPCID, arn)
	case len(tg.users) > 0 && !tg.usedBy(lb.ARN):
		return core.Errorf("TargetGroupAssociationLimit", "The following target groups cannot be associated with more than one load balancer: %s", arn)
	}
	return nil
}

// compatible tells which target groups a listener may forward to:
// https://docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-listeners.html
func compatible(listener, group string) bool {
	switch listener {
	case "HTTP", "HTTPS":
		return group == "HTTP" || group == "HTTPS"
	case "TCP":
		return group == "TCP" || group == "TCP_UDP"
	case "TLS":
		return group == "TCP" || group == "TLS"
	case "UDP":
		return group == "UDP" || group == "TCP_UDP"
	default:
		return group == listener
	}
}

func (s *Service) checkUniqueGroups(scope core.Scope, lb *loadBalancer, more map[string]bool) error {
	if lb.Type != application {
		return nil
	}
	n := len(more)
	for _, tg := range s.region(scope).targetGroups.all() {
		if !more[tg.ARN] && tg.usedBy(lb.ARN) {
			n++
		}
	}
	if n > s.Limits.TargetGroupsPerApplicationLoadBalancer {
		return core.Errorf("TooManyUniqueTargetGroupsPerLoadBalancer", "The maximum number of unique target groups per load balancer has been reached on load balancer '%s'", lb.ARN)
	}
	return nil
}

// weights are the target groups of a rule's forward action.
func weights(actions []action) map[string]int {
	out := map[string]int{}
	for _, a := range actions {
		if a.ForwardConfig == nil {
			continue
		}
		for _, t := range a.ForwardConfig.TargetGroups {
			out[t.TargetGroupArn] = *t.Weight
		}
	}
	return out
}

// priorityLess orders rules as AWS lists them: by priority, the default rule last.
func priorityLess(a, b *rule) int {
	if a.Default != b.Default {
		if a.Default {
			return 1
		}
		return -1
	}
	return cmp.Compare(a.Priority, b.Priority)
}

func (u *rule) priority() string {
	if u.Default {
		return "default"
	}
	return strconv.Itoa(u.Priority)
}
