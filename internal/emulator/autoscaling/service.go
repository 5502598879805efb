package autoscaling

import (
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/ec2"
)

const (
	serviceName = "autoscaling"
	namespace   = "http://autoscaling.amazonaws.com/doc/2011-01-01/"
)

// Compute is what groups need of Amazon EC2.
type Compute interface {
	Subnet(core.Scope, string) (ec2.SubnetInfo, bool)
	RunInstance(core.Scope, ec2.RunParams) (instanceID string, err error)
	TerminateInstance(scope core.Scope, id string)
	Instance(core.Scope, string) (ec2.Instance, bool)
	OnInstanceState(func(scope core.Scope, instanceID, state string))
	LaunchTemplateVersion(scope core.Scope, id, version string) (number int64, ok bool)
	LaunchTemplateByName(scope core.Scope, name string) (id string, ok bool)
	LaunchTemplateName(scope core.Scope, id string) (name string, ok bool)
}

// launchChecker is what a Compute may know beyond Compute: it tests a launch without launching, as
// RunInstances with DryRun does.
type launchChecker interface {
	CheckLaunch(core.Scope, ec2.RunParams) error
}

// Roles makes the service-linked role that the first group of an account brings about:
// https://docs.aws.amazon.com/autoscaling/ec2/userguide/autoscaling-service-linked-role.html
type Roles interface {
	EnsureServiceLinkedRole(account, awsServiceName string)
}

// Service is Amazon EC2 Auto Scaling in every account and region.
type Service struct {
	world   *core.World
	compute Compute
	roles   Roles
	mux     *core.Mux
	regions map[core.Scope]*region

	inService   []func(scope core.Scope, group, instanceID string)
	terminating []func(scope core.Scope, group, instanceID string)
}

// region is the state of one region of one account.
type region struct {
	groups []*group // in the order of their creation
	// owners are the groups of instances.
	owners map[string]*group
}

// New returns the service; roles may be nil.
func New(w *core.World, compute Compute, roles Roles) *Service {
	s := &Service{world: w, compute: compute, roles: roles, regions: map[core.Scope]*region{}}
	s.mux = &core.Mux{Service: serviceName, Protocol: core.Query, Namespace: namespace,
		Throttled: core.Error{Code: "Throttling", Message: "Rate exceeded"}}
	s.handle()
	compute.OnInstanceState(s.instanceState)
	w.AddInventory(s.inventory)
	w.AddTagger(serviceName, s.tagged)
	w.OnReset(func() { s.regions = map[core.Scope]*region{} })
	return s
}

// Mux implements the service on the wire. Request throttling isn't documented for this service.
func (s *Service) Mux() *core.Mux { return s.mux }

func (s *Service) handle() {
	m := s.mux
	core.Handle(m, "CreateAutoScalingGroup", s.createGroup)
	core.Handle(m, "UpdateAutoScalingGroup", s.updateGroup)
	core.Handle(m, "DeleteAutoScalingGroup", s.deleteGroup)
	core.Handle(m, "DescribeAutoScalingGroups", s.describeGroups)
	core.Handle(m, "DescribeAutoScalingInstances", s.describeInstances)
	core.Handle(m, "DescribeScalingActivities", s.describeActivities)
	core.Handle(m, "SetDesiredCapacity", s.setDesiredCapacity)
	core.Handle(m, "SetInstanceProtection", s.setInstanceProtection)
	core.Handle(m, "TerminateInstanceInAutoScalingGroup", s.terminateInstance)
	core.Handle(m, "CreateOrUpdateTags", s.createOrUpdateTags)
	core.Handle(m, "DeleteTags", s.deleteTags)
	core.Handle(m, "DescribeTags", s.describeTags)
	core.Handle(m, "PutLifecycleHook", s.putLifecycleHook)
	core.Handle(m, "DeleteLifecycleHook", s.deleteLifecycleHook)
	core.Handle(m, "DescribeLifecycleHooks", s.describeLifecycleHooks)
	core.Handle(m, "CompleteLifecycleAction", s.completeLifecycleAction)
	core.Handle(m, "RecordLifecycleActionHeartbeat", s.recordHeartbeat)
	core.Handle(m, "StartInstanceRefresh", s.startRefresh)
	core.Handle(m, "CancelInstanceRefresh", s.cancelRefresh)
	core.Handle(m, "DescribeInstanceRefreshes", s.describeRefreshes)
	s.handleAbsent()
}

func (s *Service) region(scope core.Scope) *region {
	r := s.regions[scope]
	if r == nil {
		r = &region{owners: map[string]*group{}}
		s.regions[scope] = r
	}
	return r
}

// find finds a group by name or ARN.
func (s *Service) find(scope core.Scope, nameOrARN string) *group {
	for _, g := range s.region(scope).groups {
		if g.Name == nameOrARN || g.ARN == nameOrARN {
			return g
		}
	}
	return nil
}

// named finds a group of a request.
func (s *Service) named(scope core.Scope, name string) (*group, error) {
	if g := s.find(scope, name); g != nil {
		return g, nil
	}
	return nil, invalid("AutoScalingGroup name not found - AutoScalingGroup %s not found", name)
}

// invalid is the error of most wrong requests, unknown groups among them.
func invalid(format string, args ...any) *core.Error {
	return core.Errorf("ValidationError", format, args...)
}
