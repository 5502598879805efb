package autoscaling

import (
	"maps"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// GroupInfo is what other services need to know of a group.
type GroupInfo struct {
	Name, ARN             string
	Min, Max, Desired     int
	NewInstancesProtected bool
	// InstanceIDs are those InService.
	InstanceIDs []string
	Tags        map[string]string
}

// Group finds a group by name or ARN; one that is being deleted is gone.
func (s *Service) Group(scope core.Scope, nameOrARN string) (GroupInfo, bool) {
	g := s.find(scope, nameOrARN)
	if g == nil || g.Deleting {
		return GroupInfo{}, false
	}
	info := GroupInfo{Name: g.Name, ARN: g.ARN, Min: g.Min, Max: g.Max, Desired: g.Desired, NewInstancesProtected: g.Protected, Tags: g.tagValues()}
	for _, i := range g.serving() {
		info.InstanceIDs = append(info.InstanceIDs, i.ID)
	}
	return info, true
}

// SetDesired sets a group's desired capacity, as a scaling policy does.
func (s *Service) SetDesired(scope core.Scope, name string, n int) error {
	g, err := s.named(scope, name)
	if err != nil {
		return err
	}
	return s.setDesired(scope, g, n, "a monitor alarm triggered a policy")
}

// OnInstanceInService registers what hears of instances that come into service.
func (s *Service) OnInstanceInService(f func(scope core.Scope, group, instanceID string)) {
	s.inService = append(s.inService, f)
}

// OnTerminating registers what hears of instances that begin to leave, before their hooks end.
func (s *Service) OnTerminating(f func(scope core.Scope, group, instanceID string)) {
	s.terminating = append(s.terminating, f)
}

// SetProtection protects an instance from scale-in, or no longer.
func (s *Service) SetProtection(scope core.Scope, name, instanceID string, protected bool) {
	g := s.find(scope, name)
	if g == nil {
		return
	}
	if i := g.instance(instanceID); i != nil && i.Protected != protected {
		i.Protected = protected
		s.schedule(scope, g, reaction)
	}
}

// SetTag puts a tag on a group, as Amazon ECS puts AmazonECSManaged on a capacity provider's.
func (s *Service) SetTag(scope core.Scope, name, key, value string, propagate bool) error {
	g, err := s.named(scope, name)
	if err != nil {
		return err
	}
	return g.setTag(tagIn{Key: key, Value: value, PropagateAtLaunch: propagate})
}

// PutTerminationHook adds a lifecycle hook for terminating instances, as Amazon ECS does for
// managed draining; one of that name is left as it is.
func (s *Service) PutTerminationHook(scope core.Scope, name, hook string, heartbeatSeconds int) error {
	g, err := s.named(scope, name)
	if err != nil {
		return err
	}
	if g.hook(hook) != nil {
		return nil
	}
	return g.putHook(HookSpec{LifecycleHookName: hook, LifecycleTransition: terminatingTransition, HeartbeatTimeout: &heartbeatSeconds, DefaultResult: resultGo})
}

// RemoveHook deletes a lifecycle hook, ending what waits for it.
func (s *Service) RemoveHook(scope core.Scope, name, hook string) {
	if g := s.find(scope, name); g != nil && g.hook(hook) != nil {
		s.dropHook(scope, g, hook)
	}
}

// CompleteHook lets an instance go that waits for a hook; it reports false when none waits.
func (s *Service) CompleteHook(scope core.Scope, name, hook, instanceID string) bool {
	g := s.find(scope, name)
	if g == nil {
		return false
	}
	i := g.instance(instanceID)
	if i == nil || i.waits[hook] == nil {
		return false
	}
	s.complete(scope, g, i, hook, resultGo)
	return true
}

// inventory lists the groups; their instances are EC2's.
func (s *Service) inventory(bool) []core.Resource {
	var out []core.Resource
	for scope, reg := range s.regions {
		for _, g := range reg.groups {
			state := ""
			if g.Deleting {
				state = "Delete in progress"
			}
			out = append(out, core.Resource{Service: serviceName, Kind: "AutoScalingGroup", ID: g.Name, Name: g.Name, ARN: g.ARN, Account: scope.Account,
				Region: scope.Region, Tags: g.tagValues(), State: state, Taggable: true, Settings: map[string]any{
					"launchTemplate": g.Template.ID, "launchTemplateVersion": g.Template.Version, "minSize": g.Min, "maxSize": g.Max,
					"desiredCapacity": g.Desired, "subnets": g.Subnets, "newInstancesProtectedFromScaleIn": g.Protected,
					"healthCheckType": g.HealthCheckType, "healthCheckGracePeriod": g.Grace, "defaultCooldown": g.Cooldown,
					"terminationPolicies": g.Policies, "deletionProtection": g.DeletionProtection, "propagatedTags": g.propagated()}})
		}
	}
	return out
}

func (g *group) propagated() map[string]string {
	out := map[string]string{}
	for k, v := range g.Tags {
		if v.Propagate {
			out[k] = v.Value
		}
	}
	return out
}

func (s *Service) tagged(scope core.Scope) map[string]map[string]string {
	out := map[string]map[string]string{}
	for _, g := range s.region(scope).groups {
		out[g.ARN] = maps.Clone(g.tagValues())
	}
	return out
}
