package ecs

import (
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	api "github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/autoscaling"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// drainingHook is the lifecycle hook that managed draining puts on the Auto Scaling group.
const drainingHook = "ecs-managed-draining-termination-hook"

// provider is a capacity provider over an Auto Scaling group.
type provider struct {
	reg          *region
	name, arn    string
	group        string // name of the Auto Scaling group
	asg          types.AutoScalingGroupProvider
	status       types.CapacityProviderStatus
	updateStatus types.CapacityProviderUpdateStatus
	reason       string
	tags         map[string]string
	created      time.Time

	lastScaled  time.Time // when the desired capacity was raised last
	ticking     bool      // managed scaling looks again
	excessSince time.Time // since when there is more capacity than needed
}

func (p *provider) scaling() types.ManagedScaling {
	if p.asg.ManagedScaling == nil {
		return types.ManagedScaling{Status: types.ManagedScalingStatusDisabled}
	}
	return *p.asg.ManagedScaling
}

// createCapacityProvider makes a provider over an Auto Scaling group that no other provider uses.
//
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateCapacityProvider.html
func (s *Service) createCapacityProvider(r *core.Request, in *api.CreateCapacityProviderInput) (*api.CreateCapacityProviderOutput, error) {
	if err := core.Only(in, "Name", "AutoScalingGroupProvider", "Tags"); err != nil {
		return nil, err
	}
	name, reg := aws.ToString(in.Name), s.region(r.Scope)
	lower := strings.ToLower(name)
	if !namePattern.MatchString(name) || strings.HasPrefix(lower, "aws") || strings.HasPrefix(lower, "ecs") || strings.HasPrefix(lower, "fargate") {
		return nil, invalid("The specified capacity provider name is invalid. Up to 255 characters are allowed. They include letters (both upper and lowercase letters), numbers, underscores (_), and hyphens (-). The name can't be prefixed with \"aws\", \"ecs\", or \"fargate\".")
	}
	if in.AutoScalingGroupProvider == nil {
		return nil, clientError("A capacity provider must have an Auto Scaling group provider.")
	}
	tags, err := tagMap(in.Tags)
	if err != nil {
		return nil, err
	}
	if p := reg.providers[name]; p != nil && p.status != types.CapacityProviderStatusInactive {
		return nil, clientError("The specified capacity provider already exists. To change the configuration of an existing capacity provider, update the capacity provider.")
	}
	g, ok := s.deps.AutoScaling.Group(r.Scope, aws.ToString(in.AutoScalingGroupProvider.AutoScalingGroupArn))
	if !ok {
		return nil, clientError("The specified Auto Scaling group ARN is invalid. Specify a valid Auto Scaling group ARN and try again.")
	}
	for _, p := range reg.providers {
		if p.group == g.Name && !s.orphaned(p) && p.status != types.CapacityProviderStatusInactive {
			return nil, clientError("The specified Auto Scaling group ARN is already being used by another capacity provider. Specify a unique Auto Scaling group ARN and try again.")
		}
	}
	asg := *in.AutoScalingGroupProvider
	asg.AutoScalingGroupArn = aws.String(g.ARN)
	if err := normaliseProvider(&asg, g); err != nil {
		return nil, err
	}
	p := &provider{
		reg: reg, name: name, arn: r.ARN("ecs", "capacity-provider/"+name), group: g.Name, asg: asg, tags: tags, created: r.Now(),
		status: types.CapacityProviderStatusProvisioning, updateStatus: types.CapacityProviderUpdateStatusCreateInProgress,
	}
	reg.providers[name] = p
	s.world.Clock.After(providerDelay, func() {
		p.status, p.updateStatus = types.CapacityProviderStatusActive, types.CapacityProviderUpdateStatusCreateComplete
	})
	return &api.CreateCapacityProviderOutput{CapacityProvider: providerView(p, true)}, nil
}

// normaliseProvider fills AWS's defaults and checks the settings against each other and the group.
func normaliseProvider(asg *types.AutoScalingGroupProvider, g autoscaling.GroupInfo) error {
	m := types.ManagedScaling{}
	if asg.ManagedScaling != nil {
		m = *asg.ManagedScaling
	}
	if m.Status == "" {
		m.Status = types.ManagedScalingStatusDisabled
	}
	fill := func(v **int32, deflt int32) {
		if *v == nil {
			*v = aws.Int32(deflt)
		}
	}
	fill(&m.TargetCapacity, 100)
	fill(&m.MinimumScalingStepSize, 1)
	fill(&m.MaximumScalingStepSize, 10000)
	fill(&m.InstanceWarmupPeriod, 300)
	if t := *m.TargetCapacity; t < 1 || t > 100 {
		return clientError("The specified target capacity is invalid. It must be between 1 and 100.")
	}
	if lo, hi := *m.MinimumScalingStepSize, *m.MaximumScalingStepSize; lo < 1 || hi > 10000 || lo > hi {
		return clientError("The specified scaling step sizes are invalid. They must be between 1 and 10000, the minimum not above the maximum.")
	}
	if w := *m.InstanceWarmupPeriod; w < 0 || w > 10000 {
		return clientError("The specified instance warmup period is invalid. It must be between 0 and 10000.")
	}
	asg.ManagedScaling = &m
	if asg.ManagedTerminationProtection == "" {
		asg.ManagedTerminationProtection = types.ManagedTerminationProtectionDisabled
	}
	if asg.ManagedDraining == "" {
		asg.ManagedDraining = types.ManagedDrainingEnabled
	}
	if asg.ManagedTerminationProtection == types.ManagedTerminationProtectionEnabled {
		if m.Status != types.ManagedScalingStatusEnabled {
			return clientError("The managed termination protection setting for the capacity provider is invalid. To enable managed termination protection for a capacity provider, managed scaling must be enabled.")
		}
		if !g.NewInstancesProtected {
			return clientError("The managed termination protection setting for the capacity provider is invalid. To enable managed termination protection for a capacity provider, the Auto Scaling group must have instance protection from scale in enabled.")
		}
	}
	return nil
}

// updateCapacityProvider changes managed scaling, termination protection and draining; the group
// can't change.
//
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_UpdateCapacityProvider.html
func (s *Service) updateCapacityProvider(r *core.Request, in *api.UpdateCapacityProviderInput) (*api.UpdateCapacityProviderOutput, error) {
	if err := core.Only(in, "Name", "AutoScalingGroupProvider"); err != nil {
		return nil, err
	}
	p, err := s.region(r.Scope).provider(in.Name)
	if err != nil {
		return nil, err
	}
	if p.busy() {
		return nil, core.Errorf("UpdateInProgressException", "The specified capacity provider is being created, updated or deleted.")
	}
	u := in.AutoScalingGroupProvider
	if u == nil {
		return nil, clientError("The capacity provider update must have an Auto Scaling group provider.")
	}
	g, ok := s.deps.AutoScaling.Group(r.Scope, p.group)
	if !ok {
		return nil, clientError("The Auto Scaling group %s of the capacity provider does not exist.", p.group)
	}
	asg := p.asg
	asg.ManagedScaling = mergeScaling(p.asg.ManagedScaling, u.ManagedScaling)
	if u.ManagedTerminationProtection != "" {
		asg.ManagedTerminationProtection = u.ManagedTerminationProtection
	}
	if u.ManagedDraining != "" {
		asg.ManagedDraining = u.ManagedDraining
	}
	if err := normaliseProvider(&asg, g); err != nil {
		return nil, err
	}
	p.asg, p.updateStatus, p.reason = asg, types.CapacityProviderUpdateStatusUpdateInProgress, ""
	s.world.Clock.After(providerDelay, func() {
		if p.updateStatus == types.CapacityProviderUpdateStatusUpdateInProgress {
			p.updateStatus = types.CapacityProviderUpdateStatusUpdateComplete
			if p.attachedTo() != nil {
				s.hook(p)
			}
			s.tick(p)
		}
	})
	return &api.UpdateCapacityProviderOutput{CapacityProvider: providerView(p, true)}, nil
}

// mergeScaling keeps what an update doesn't name.
func mergeScaling(old, update *types.ManagedScaling) *types.ManagedScaling {
	m := *old
	if update == nil {
		return &m
	}
	if update.Status != "" {
		m.Status = update.Status
	}
	for _, f := range []struct {
		to   **int32
		from *int32
	}{
		{&m.TargetCapacity, update.TargetCapacity}, {&m.MinimumScalingStepSize, update.MinimumScalingStepSize},
		{&m.MaximumScalingStepSize, update.MaximumScalingStepSize}, {&m.InstanceWarmupPeriod, update.InstanceWarmupPeriod},
	} {
		if f.from != nil {
			*f.to = f.from
		}
	}
	return &m
}

func (p *provider) busy() bool {
	return p.updateStatus == types.CapacityProviderUpdateStatusCreateInProgress || p.updateStatus == types.CapacityProviderUpdateStatusUpdateInProgress ||
		p.updateStatus == types.CapacityProviderUpdateStatusDeleteInProgress
}

// provider finds a provider by name or ARN.
func (r *region) provider(ref *string) (*provider, error) {
	name := aws.ToString(ref)
	if _, parts, ok := arnParts(name); ok && len(parts) == 2 && parts[0] == "capacity-provider" {
		name = parts[1]
	}
	if isFargate(name) {
		return nil, clientError("The specified capacity provider is reserved and cannot be changed or deleted.")
	}
	p := r.providers[name]
	if p == nil || p.status == types.CapacityProviderStatusInactive {
		return nil, clientError("The specified capacity provider does not exist. Specify a valid name or ARN and try again.")
	}
	return p, nil
}
