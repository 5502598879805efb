package autoscaling

import (
	"regexp"
	"slices"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

const (
	launchingTransition   = "autoscaling:EC2_INSTANCE_LAUNCHING"
	terminatingTransition = "autoscaling:EC2_INSTANCE_TERMINATING"

	abandon   = "ABANDON"
	resultGo  = "CONTINUE"
	maxGlobal = 172800 // 48 hours
	// maxHooks per group: https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-quotas.html
	maxHooks = 50
)

// hook is a lifecycle hook as it is described.
type hook struct {
	LifecycleHookName, AutoScalingGroupName, LifecycleTransition string
	NotificationMetadata                                         string `xml:",omitempty"`
	HeartbeatTimeout, GlobalTimeout                              int
	DefaultResult                                                string
}

// HookSpec leaves out NotificationTargetARN and RoleARN: no notifications are sent. It is exported
// for the decoder, which sees embedded structs only so.
type HookSpec struct {
	LifecycleHookName    string `q:"LifecycleHookName,required"`
	LifecycleTransition  string
	NotificationMetadata string
	HeartbeatTimeout     *int
	DefaultResult        string
}

func (g *group) hook(name string) *hook {
	for _, h := range g.hooks {
		if h.LifecycleHookName == name {
			return h
		}
	}
	return nil
}

var hookName = regexp.MustCompile(`^[A-Za-z0-9_/-]{1,255}$`)

// putHook adds or changes a hook, with the defaults of
// https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_PutLifecycleHook.html
func (g *group) putHook(in HookSpec) error {
	h := &hook{LifecycleHookName: in.LifecycleHookName, AutoScalingGroupName: g.Name, HeartbeatTimeout: 3600, DefaultResult: abandon}
	old := g.hook(in.LifecycleHookName)
	if old != nil {
		*h = *old
	}
	if in.LifecycleTransition != "" {
		h.LifecycleTransition = in.LifecycleTransition
	}
	if in.NotificationMetadata != "" {
		h.NotificationMetadata = in.NotificationMetadata
	}
	if in.HeartbeatTimeout != nil {
		h.HeartbeatTimeout = *in.HeartbeatTimeout
	}
	if in.DefaultResult != "" {
		h.DefaultResult = in.DefaultResult
	}
	h.GlobalTimeout = min(100*h.HeartbeatTimeout, maxGlobal)
	switch {
	case !hookName.MatchString(h.LifecycleHookName):
		return invalid("1 validation error detected: Value '%s' at 'lifecycleHookName' failed to satisfy constraint: Member must satisfy regular expression pattern: [A-Za-z0-9\\-_\\/]+", h.LifecycleHookName)
	case h.LifecycleTransition != launchingTransition && h.LifecycleTransition != terminatingTransition:
		return invalid("%s is not a valid lifecycle transition", h.LifecycleTransition)
	case h.HeartbeatTimeout < 30 || h.HeartbeatTimeout > 7200:
		return invalid("Value '%d' at 'heartbeatTimeout' failed to satisfy constraint: The heartbeat timeout must be between 30 and 7200 seconds", h.HeartbeatTimeout)
	case h.DefaultResult != abandon && h.DefaultResult != resultGo:
		return invalid("Value '%s' at 'defaultResult' failed to satisfy constraint: Member must satisfy enum value set: [CONTINUE, ABANDON]", h.DefaultResult)
	}
	if old != nil {
		*old = *h
		return nil
	}
	if len(g.hooks) >= maxHooks {
		return core.Errorf("LimitExceeded", "You may only have up to %d lifecycle hooks per Auto Scaling group", maxHooks)
	}
	g.hooks = append(g.hooks, h)
	return nil
}

type putHookIn struct {
	AutoScalingGroupName string `q:"AutoScalingGroupName,required"`
	HookSpec
}

func (s *Service) putLifecycleHook(r *core.Request, in *putHookIn) (*core.Empty, error) {
	g, err := s.named(r.Scope, in.AutoScalingGroupName)
	if err != nil {
		return nil, err
	}
	return nil, g.putHook(in.HookSpec)
}

type hookIn struct {
	AutoScalingGroupName string `q:"AutoScalingGroupName,required"`
	LifecycleHookName    string `q:"LifecycleHookName,required"`
}

// deleteLifecycleHook: "If there are any outstanding lifecycle actions, they are completed first
// (ABANDON for launching instances, CONTINUE for terminating instances)":
// https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DeleteLifecycleHook.html
func (s *Service) deleteLifecycleHook(r *core.Request, in *hookIn) (*core.Empty, error) {
	g, err := s.named(r.Scope, in.AutoScalingGroupName)
	if err != nil {
		return nil, err
	}
	if g.hook(in.LifecycleHookName) == nil {
		return nil, invalid("No Lifecycle Hook found with name: %s", in.LifecycleHookName)
	}
	s.dropHook(r.Scope, g, in.LifecycleHookName)
	return nil, nil
}

func (s *Service) dropHook(scope core.Scope, g *group, name string) {
	for _, i := range slices.Clone(g.instances) {
		if i.waits[name] == nil {
			continue
		}
		result := resultGo
		if i.State == pendingWait {
			result = abandon
		}
		s.complete(scope, g, i, name, result)
	}
	g.hooks = slices.DeleteFunc(g.hooks, func(h *hook) bool { return h.LifecycleHookName == name })
}

type describeHooksIn struct {
	AutoScalingGroupName string `q:"AutoScalingGroupName,required"`
	LifecycleHookNames   []string
}

type describeHooksOut struct {
	LifecycleHooks []*hook `xml:"LifecycleHooks>member"`
}

func (s *Service) describeLifecycleHooks(r *core.Request, in *describeHooksIn) (*describeHooksOut, error) {
	g, err := s.named(r.Scope, in.AutoScalingGroupName)
	if err != nil {
		return nil, err
	}
	out := &describeHooksOut{}
	for _, h := range g.hooks {
		if len(in.LifecycleHookNames) == 0 || slices.Contains(in.LifecycleHookNames, h.LifecycleHookName) {
			out.LifecycleHooks = append(out.LifecycleHooks, h)
		}
	}
	return out, nil
}

type actionIn struct {
	AutoScalingGroupName string `q:"AutoScalingGroupName,required"`
	LifecycleHookName    string `q:"LifecycleHookName,required"`
	InstanceId           string
	LifecycleActionToken string
}

type completeIn struct {
	AutoScalingGroupName  string `q:"AutoScalingGroupName,required"`
	LifecycleHookName     string `q:"LifecycleHookName,required"`
	LifecycleActionResult string `q:"LifecycleActionResult,required"`
	InstanceId            string
	LifecycleActionToken  string
}

func (s *Service) completeLifecycleAction(r *core.Request, in *completeIn) (*core.Empty, error) {
	g, i, err := s.waiting(r.Scope, &actionIn{in.AutoScalingGroupName, in.LifecycleHookName, in.InstanceId, in.LifecycleActionToken})
	if err != nil {
		return nil, err
	}
	if in.LifecycleActionResult != abandon && in.LifecycleActionResult != resultGo {
		return nil, invalid("The lifecycle action result %s is not valid: it must be CONTINUE or ABANDON", in.LifecycleActionResult)
	}
	s.complete(r.Scope, g, i, in.LifecycleHookName, in.LifecycleActionResult)
	return nil, nil
}

func (s *Service) recordHeartbeat(r *core.Request, in *actionIn) (*core.Empty, error) {
	g, i, err := s.waiting(r.Scope, in)
	if err != nil {
		return nil, err
	}
	s.beat(r.Scope, g, i, g.hook(in.LifecycleHookName))
	return nil, nil
}

// waiting finds the instance of an active lifecycle action.
func (s *Service) waiting(scope core.Scope, in *actionIn) (*group, *instance, error) {
	g, err := s.named(scope, in.AutoScalingGroupName)
	if err != nil {
		return nil, nil, err
	}
	if in.InstanceId == "" && in.LifecycleActionToken == "" {
		return nil, nil, invalid("Either InstanceId or LifecycleActionToken must be specified")
	}
	for _, i := range g.instances {
		a := i.waits[in.LifecycleHookName]
		if a != nil && (in.InstanceId == "" || i.ID == in.InstanceId) && (in.LifecycleActionToken == "" || a.token == in.LifecycleActionToken) {
			return g, i, nil
		}
	}
	if in.InstanceId != "" {
		return nil, nil, invalid("No active Lifecycle Action found with instance ID %s", in.InstanceId)
	}
	return nil, nil, invalid("No active Lifecycle Action found with token %s", in.LifecycleActionToken)
}
