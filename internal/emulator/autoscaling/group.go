package autoscaling

import (
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/ec2"
)

// group is an Auto Scaling group.
type group struct {
	Name, ARN          string
	Template           template
	Subnets            []string
	Min, Max, Desired  int
	Cooldown, Grace    int
	HealthCheckType    string
	Protected          bool // new instances are protected from scale-in
	Rebalance          *bool
	Warmup             *int
	Maintenance        *maintenance
	Policies           []string // termination policies
	DeletionProtection string
	Tags               map[string]tagValue
	Created            time.Time
	Deleting           bool

	instances  []*instance
	hooks      []*hook
	activities []*activity // oldest first
	refreshes  []*refresh  // oldest first
	// cause tells the next activities why they happen.
	cause string
	// surge are the instances beyond Desired that an instance refresh wants for the moment.
	surge int
	// scheduled is when the next reconciliation is due, zero for none.
	scheduled time.Time
	failures  int  // launches that failed in a row
	stuck     bool // the activity that scale-in is blocked has been written
}

// template is a launch template as the group names it.
type template struct{ ID, Name, Version string }

type maintenance struct {
	MinHealthyPercentage *int `xml:",omitempty"`
	MaxHealthyPercentage *int `xml:",omitempty"`
}

// The lifecycle states of instances:
// https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-lifecycle.html
const (
	pending            = "Pending"
	pendingWait        = "Pending:Wait"
	pendingProceed     = "Pending:Proceed"
	inService          = "InService"
	terminating        = "Terminating"
	terminatingWait    = "Terminating:Wait"
	terminatingProceed = "Terminating:Proceed"
)

// instance is an instance of a group.
type instance struct {
	ID, Zone, ZoneID, Type, ImageID string
	Template                        template // with the version's number
	State                           string
	Unhealthy, Protected            bool
	Launched, InServiceAt           time.Time
	// activity is the launch or the termination under way.
	activity *activity
	// waits are the lifecycle actions that hold the instance in a Wait state, by hook.
	waits map[string]*lifecycleAction
}

func (i *instance) leaving() bool { return strings.HasPrefix(i.State, terminating) }

// members are the instances that count against the desired capacity.
func (g *group) members() []*instance {
	return slices.DeleteFunc(slices.Clone(g.instances), (*instance).leaving)
}

func (g *group) instance(id string) *instance {
	for _, i := range g.instances {
		if i.ID == id {
			return i
		}
	}
	return nil
}

func (g *group) serving() []*instance {
	return slices.DeleteFunc(slices.Clone(g.instances), func(i *instance) bool { return i.State != inService })
}

// templateFor checks a launch template specification:
// https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_LaunchTemplateSpecification.html
func (s *Service) templateFor(scope core.Scope, in *templateSpec) (template, error) {
	if in == nil {
		return template{}, invalid("Valid requests must contain either LaunchTemplate, LaunchConfigurationName, InstanceId or MixedInstancesPolicy parameter.")
	}
	if (in.LaunchTemplateId == "") == (in.LaunchTemplateName == "") {
		return template{}, invalid("Valid requests must contain either launchTemplateId or LaunchTemplateName")
	}
	t := template{ID: in.LaunchTemplateId, Name: in.LaunchTemplateName, Version: in.Version}
	if t.Version == "" {
		t.Version = "$Default"
	}
	if t.ID == "" {
		id, ok := s.compute.LaunchTemplateByName(scope, t.Name)
		if !ok {
			return template{}, badTemplate("The specified launch template, with template name %s, does not exist.", t.Name)
		}
		t.ID = id
	}
	if _, ok := s.compute.LaunchTemplateVersion(scope, t.ID, "$Default"); !ok {
		return template{}, badTemplate("The specified launch template, with template ID %s, does not exist.", t.ID)
	}
	if _, ok := s.compute.LaunchTemplateVersion(scope, t.ID, t.Version); !ok {
		return template{}, badTemplate("Could not find the specified version %s for the launch template with ID %s.", t.Version, t.ID)
	}
	t.Name, _ = s.compute.LaunchTemplateName(scope, t.ID)
	return t, nil
}

func badTemplate(format string, args ...any) *core.Error {
	return invalid("You must use a valid fully-formed launch template. "+format, args...)
}

// checkLaunch tries the launch as AWS does when a template is given: an instance profile that IAM
// hasn't spread yet is refused here already. See
// https://github.com/hashicorp/terraform-provider-aws/issues/4769 for the message.
func (s *Service) checkLaunch(scope core.Scope, t template, subnets []string) error {
	c, ok := s.compute.(launchChecker)
	if !ok {
		return nil
	}
	if err := c.CheckLaunch(scope, ec2.RunParams{LaunchTemplateID: t.ID, Version: t.Version, SubnetID: subnets[0]}); err != nil {
		return badTemplate("%s", message(err))
	}
	return nil
}

// message is an AWS error's message without its code.
func message(err error) string {
	if e, ok := errors.AsType[*core.Error](err); ok {
		return e.Message
	}
	return err.Error()
}

// subnetsFor checks a VPCZoneIdentifier, a list with commas.
func (s *Service) subnetsFor(scope core.Scope, list string) ([]string, error) {
	var out []string
	vpc := ""
	for id := range strings.SplitSeq(list, ",") {
		if id = strings.TrimSpace(id); id == "" {
			continue
		}
		info, ok := s.compute.Subnet(scope, id)
		if !ok {
			return nil, invalid("The subnet ID '%s' does not exist", id)
		}
		if vpc != "" && vpc != info.VPCID {
			return nil, invalid("The subnets '%s' are not in the same VPC", list)
		}
		vpc = info.VPCID
		if !slices.Contains(out, id) {
			out = append(out, id)
		}
	}
	if len(out) == 0 {
		return nil, invalid("At least one Availability Zone or VPC Subnet is required.")
	}
	return out, nil
}

func (s *Service) zones(scope core.Scope, g *group) []string {
	out := []string{}
	for _, id := range g.Subnets {
		if info, ok := s.compute.Subnet(scope, id); ok && !slices.Contains(out, info.AvailabilityZone) {
			out = append(out, info.AvailabilityZone)
		}
	}
	slices.Sort(out)
	return out
}
