package autoscaling

import (
	"regexp"
	"slices"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

type templateSpec struct {
	LaunchTemplateId   string `xml:",omitempty"`
	LaunchTemplateName string `xml:",omitempty"`
	Version            string `xml:",omitempty"`
}

type zoneDistribution struct {
	CapacityDistributionStrategy string
}

// Settings are what both CreateAutoScalingGroup and UpdateAutoScalingGroup take. It is exported for
// the decoder, which sees embedded structs only so.
type Settings struct {
	AutoScalingGroupName             string `q:"AutoScalingGroupName,required"`
	MinSize                          *int
	MaxSize                          *int
	DesiredCapacity                  *int
	LaunchTemplate                   *templateSpec
	VPCZoneIdentifier                *string
	NewInstancesProtectedFromScaleIn *bool
	DefaultCooldown                  *int
	HealthCheckType                  string
	HealthCheckGracePeriod           *int
	CapacityRebalance                *bool
	DefaultInstanceWarmup            *int
	InstanceMaintenancePolicy        *maintenance
	TerminationPolicies              []string
	DeletionProtection               string
	DesiredCapacityType              string
	AvailabilityZoneDistribution     *zoneDistribution
	ServiceLinkedRoleARN             string
}

type createIn struct {
	Settings
	Tags                           []tagIn
	LifecycleHookSpecificationList []HookSpec
}

var groupName = regexp.MustCompile(`^[\x21-\x39\x3b-\x7e]{1,255}$`)

// createGroup follows
// https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_CreateAutoScalingGroup.html
func (s *Service) createGroup(r *core.Request, in *createIn) (*core.Empty, error) {
	name := in.AutoScalingGroupName
	if !groupName.MatchString(name) {
		return nil, invalid("1 validation error detected: Value '%s' at 'autoScalingGroupName' failed to satisfy constraint: Member must satisfy regular expression pattern", name)
	}
	if s.find(r.Scope, name) != nil {
		return nil, core.Errorf("AlreadyExists", "AutoScalingGroup by this name already exists - A group with the name %s already exists", name)
	}
	if in.MinSize == nil || in.MaxSize == nil {
		return nil, invalid("MinSize and MaxSize must be specified")
	}
	if in.LaunchTemplate == nil {
		_, err := s.templateFor(r.Scope, nil)
		return nil, err
	}
	if in.VPCZoneIdentifier == nil {
		return nil, invalid("At least one Availability Zone or VPC Subnet is required.")
	}
	g := &group{Name: name, Cooldown: 300, HealthCheckType: "EC2", Policies: []string{"Default"}, DeletionProtection: "none",
		Tags: map[string]tagValue{}, Created: r.Now()}
	if in.DesiredCapacity == nil {
		in.DesiredCapacity = in.MinSize
	}
	if err := s.apply(r.Scope, g, &in.Settings); err != nil {
		return nil, err
	}
	for _, t := range in.Tags {
		t.ResourceId, t.ResourceType = name, tagResource
		if err := g.setTag(t); err != nil {
			return nil, err
		}
	}
	for _, h := range in.LifecycleHookSpecificationList {
		if err := g.putHook(h); err != nil {
			return nil, err
		}
	}
	if s.roles != nil {
		s.roles.EnsureServiceLinkedRole(r.Account, "autoscaling.amazonaws.com")
	}
	g.ARN = r.ARN(serviceName, "autoScalingGroup:"+s.world.UUID()+":autoScalingGroupName/"+name)
	g.because(r.Now(), "a user request created an AutoScalingGroup changing the desired capacity from 0 to %d", g.Desired)
	reg := s.region(r.Scope)
	reg.groups = append(reg.groups, g)
	s.schedule(r.Scope, g, reaction)
	return nil, nil
}

// updateGroup follows
// https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_UpdateAutoScalingGroup.html
func (s *Service) updateGroup(r *core.Request, in *Settings) (*core.Empty, error) {
	g, err := s.named(r.Scope, in.AutoScalingGroupName)
	if err != nil {
		return nil, err
	}
	if g.Deleting {
		return nil, core.Errorf("ScalingActivityInProgress", "AutoScalingGroup %s is pending delete", g.Name)
	}
	next := *g
	if err := s.apply(r.Scope, &next, in); err != nil {
		return nil, err
	}
	old := g.Desired
	*g = next
	if g.Desired != old {
		g.because(r.Now(), "a user request update of AutoScalingGroup constraints to min: %d, max: %d, desired: %d changing the desired capacity from %d to %d", g.Min, g.Max, g.Desired, old, g.Desired)
	}
	s.schedule(r.Scope, g, reaction)
	return nil, nil
}

// apply sets what a request gives and checks the whole; on an error g may be half changed.
func (s *Service) apply(scope core.Scope, g *group, in *Settings) error {
	if err := applySizes(g, in); err != nil {
		return err
	}
	if err := applySettings(g, in); err != nil {
		return err
	}
	var err error
	if in.VPCZoneIdentifier != nil {
		if g.Subnets, err = s.subnetsFor(scope, *in.VPCZoneIdentifier); err != nil {
			return err
		}
	}
	if in.LaunchTemplate != nil {
		if g.Template, err = s.templateFor(scope, in.LaunchTemplate); err != nil {
			return err
		}
		return s.checkLaunch(scope, g.Template, g.Subnets)
	}
	return nil
}

// applySizes: a new bound without a desired capacity pulls the desired capacity along.
func applySizes(g *group, in *Settings) error {
	if in.MinSize != nil {
		g.Min = *in.MinSize
	}
	if in.MaxSize != nil {
		g.Max = *in.MaxSize
	}
	switch {
	case g.Min < 0 || g.Max < 0:
		return invalid("Min size and max size must not be negative")
	case g.Min > g.Max:
		return invalid("Max bound, %d, must be greater than or equal to min bound, %d", g.Max, g.Min)
	case in.DesiredCapacity != nil:
		g.Desired = *in.DesiredCapacity
		if g.Desired < g.Min || g.Desired > g.Max {
			return invalid("Desired capacity:%d must be between the specified min size:%d and max size:%d", g.Desired, g.Min, g.Max)
		}
	default:
		g.Desired = min(max(g.Desired, g.Min), g.Max)
	}
	return nil
}

func applySettings(g *group, in *Settings) error {
	for _, n := range []struct {
		name string
		in   *int
		to   *int
	}{{"DefaultCooldown", in.DefaultCooldown, &g.Cooldown}, {"HealthCheckGracePeriod", in.HealthCheckGracePeriod, &g.Grace}} {
		if n.in == nil {
			continue
		}
		if *n.in < 0 {
			return invalid("%s must not be negative", n.name)
		}
		*n.to = *n.in
	}
	if in.NewInstancesProtectedFromScaleIn != nil {
		g.Protected = *in.NewInstancesProtectedFromScaleIn
	}
	if in.CapacityRebalance != nil {
		g.Rebalance = in.CapacityRebalance
	}
	if w := in.DefaultInstanceWarmup; w != nil {
		if g.Warmup = w; *w < 0 {
			g.Warmup = nil // -1 removes the value
		}
	}
	if in.InstanceMaintenancePolicy != nil {
		if err := g.setMaintenance(*in.InstanceMaintenancePolicy); err != nil {
			return err
		}
	}
	switch {
	case in.HealthCheckType != "" && in.HealthCheckType != "EC2":
		return invalid("The emulator does not support health check type %s", in.HealthCheckType)
	case in.DesiredCapacityType != "" && in.DesiredCapacityType != "units":
		return invalid("The emulator does not support desired capacity type %s", in.DesiredCapacityType)
	case in.AvailabilityZoneDistribution != nil && in.AvailabilityZoneDistribution.CapacityDistributionStrategy != "balanced-best-effort":
		return invalid("The emulator does not support capacity distribution strategy %s", in.AvailabilityZoneDistribution.CapacityDistributionStrategy)
	case in.ServiceLinkedRoleARN != "" && !linkedRole.MatchString(in.ServiceLinkedRoleARN):
		return invalid("The emulator does not support the service-linked role %s", in.ServiceLinkedRoleARN)
	}
	if p := in.DeletionProtection; p != "" {
		if !slices.Contains([]string{"none", "prevent-force-deletion", "prevent-all-deletion"}, p) {
			return invalid("Value '%s' at 'deletionProtection' failed to satisfy constraint: Member must satisfy enum value set: [none, prevent-force-deletion, prevent-all-deletion]", p)
		}
		g.DeletionProtection = p
	}
	for _, p := range in.TerminationPolicies {
		if !slices.Contains([]string{"Default", "OldestInstance", "NewestInstance", "OldestLaunchTemplate"}, p) {
			return invalid("The emulator does not support termination policy %s", p)
		}
	}
	if len(in.TerminationPolicies) > 0 {
		g.Policies = in.TerminationPolicies
	}
	return nil
}
