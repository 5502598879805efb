package applicationautoscaling

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	api "github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling/types"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// target is a scalable target: the desired count of a service.
type target struct {
	core.Scope
	resource, cluster, service string
	arn                        string
	lo, hi                     int
	suspended                  types.SuspendedState
	created                    time.Time
	tags                       map[string]string
	policies                   map[string]*policy // by name
	activities                 []types.ScalingActivity

	ticking       bool
	outAt, inAt   time.Time     // when it scaled out and in last
	outFor, inFor time.Duration // and how long that cools down
	outTo         int           // what it scaled out to
}

var resourcePattern = regexp.MustCompile(`^service/([a-zA-Z0-9_-]{1,255})/([a-zA-Z0-9_-]{1,255})$`)

// checkKey checks the three parts that a scalable target is known by.
func checkKey(namespace types.ServiceNamespace, resource *string, dimension types.ScalableDimension) error {
	if err := checkNamespace(namespace); err != nil {
		return err
	}
	switch {
	case aws.ToString(resource) == "":
		return invalid("1 validation error detected: Value null at 'resourceId' failed to satisfy constraint: Member must not be null")
	case dimension == "":
		return invalid("1 validation error detected: Value null at 'scalableDimension' failed to satisfy constraint: Member must not be null")
	case dimension != types.ScalableDimensionECSServiceDesiredCount || !resourcePattern.MatchString(*resource):
		return invalid("Unsupported service namespace, resource type or scalable dimension: %s, %s, %s", namespace, *resource, dimension)
	}
	return nil
}

// registerScalableTarget makes a scalable target or changes what is given of it. Whatever it changes, the
// desired count is brought between the bounds at once.
//
// https://docs.aws.amazon.com/autoscaling/application/APIReference/API_RegisterScalableTarget.html
func (s *Service) registerScalableTarget(r *core.Request, in *api.RegisterScalableTargetInput) (*api.RegisterScalableTargetOutput, error) {
	if err := only(in, "ResourceId", "ScalableDimension", "ServiceNamespace", "MaxCapacity", "MinCapacity", "SuspendedState", "Tags"); err != nil {
		return nil, err
	}
	if err := checkKey(in.ServiceNamespace, in.ResourceId, in.ScalableDimension); err != nil {
		return nil, err
	}
	key := resourcePattern.FindStringSubmatch(*in.ResourceId)
	service, ok := s.ecs.Scalable(r.Scope, key[1], key[2])
	if !ok {
		return nil, invalid("ECS service doesn't exist: %s", *in.ResourceId)
	}
	all := s.region(r.Scope)
	t := all[*in.ResourceId]
	if t == nil {
		if in.MinCapacity == nil || in.MaxCapacity == nil {
			return nil, invalid("Both MinCapacity and MaxCapacity must be specified when registering a new scalable target.")
		}
		if len(all) >= s.Quotas.Targets {
			return nil, core.Errorf("LimitExceededException", "Maximum number of scalable targets for the service namespace ecs has been reached: %d.", s.Quotas.Targets)
		}
		t = &target{Scope: r.Scope, resource: *in.ResourceId, cluster: key[1], service: key[2], arn: r.ARN("application-autoscaling", "scalable-target/"+s.world.Hex(36)),
			created: r.Now(), policies: map[string]*policy{}, suspended: resumed()}
	} else if len(in.Tags) > 0 && !maps.Equal(in.Tags, t.tags) {
		return nil, invalid("Tags can only be specified when a scalable target is registered first. Use TagResource to tag an existing one.")
	}
	lo, hi := t.lo, t.hi
	if in.MinCapacity != nil {
		lo = int(*in.MinCapacity)
	}
	if in.MaxCapacity != nil {
		hi = int(*in.MaxCapacity)
	}
	if lo < 0 || hi < lo {
		return nil, invalid("Maximum capacity cannot be less than minimum capacity, which cannot be less than 0.")
	}
	if all[t.resource] == nil {
		tags, err := checkTags(nil, in.Tags)
		if err != nil {
			return nil, err
		}
		t.tags = tags
	}
	s.iam.EnsureServiceLinkedRole(r.Account, linkedService)
	t.lo, t.hi, all[t.resource] = lo, hi, t
	t.suspend(in.SuspendedState)
	switch n := service.Desired; {
	case n < lo:
		s.setDesired(t, lo, "minimum capacity was set to "+count(lo))
	case n > hi:
		s.setDesired(t, hi, "maximum capacity was set to "+count(hi))
	}
	return &api.RegisterScalableTargetOutput{ScalableTargetARN: &t.arn}, nil
}

// linkedService is whose role Application Auto Scaling acts as.
//
// https://docs.aws.amazon.com/autoscaling/application/userguide/application-auto-scaling-service-linked-roles.html
const linkedService = "ecs.application-autoscaling.amazonaws.com"

func (t *target) roleARN() string {
	return "arn:" + t.Partition() + ":iam::" + t.Account + ":role/aws-service-role/" + linkedService + "/AWSServiceRoleForApplicationAutoScaling_ECSService"
}

func resumed() types.SuspendedState {
	return types.SuspendedState{DynamicScalingInSuspended: aws.Bool(false), DynamicScalingOutSuspended: aws.Bool(false), ScheduledScalingSuspended: aws.Bool(false)}
}

// suspend takes what is given.
func (t *target) suspend(in *types.SuspendedState) {
	if in == nil {
		return
	}
	for _, f := range []struct {
		to   **bool
		from *bool
	}{
		{&t.suspended.DynamicScalingInSuspended, in.DynamicScalingInSuspended}, {&t.suspended.DynamicScalingOutSuspended, in.DynamicScalingOutSuspended},
		{&t.suspended.ScheduledScalingSuspended, in.ScheduledScalingSuspended},
	} {
		if f.from != nil {
			*f.to = f.from
		}
	}
}

// deregisterScalableTarget deletes the target's policies with it.
//
// https://docs.aws.amazon.com/autoscaling/application/APIReference/API_DeregisterScalableTarget.html
func (s *Service) deregisterScalableTarget(r *core.Request, in *api.DeregisterScalableTargetInput) (*api.DeregisterScalableTargetOutput, error) {
	if err := checkKey(in.ServiceNamespace, in.ResourceId, in.ScalableDimension); err != nil {
		return nil, err
	}
	t, err := s.registered(r.Scope, *in.ResourceId)
	if err != nil {
		return nil, err
	}
	delete(s.region(r.Scope), t.resource)
	return &api.DeregisterScalableTargetOutput{}, nil
}

func (s *Service) registered(scope core.Scope, resource string) (*target, error) {
	if t := s.region(scope)[resource]; t != nil {
		return t, nil
	}
	return nil, core.Errorf("ObjectNotFoundException", "No scalable target found for service namespace: ecs, resource ID: %s, scalable dimension: %s", resource, types.ScalableDimensionECSServiceDesiredCount)
}

// describeScalableTargets lists all targets, or those named; unknown ones are left out.
//
// https://docs.aws.amazon.com/autoscaling/application/APIReference/API_DescribeScalableTargets.html
func (s *Service) describeScalableTargets(r *core.Request, in *api.DescribeScalableTargetsInput) (*api.DescribeScalableTargetsOutput, error) {
	if err := checkNamespace(in.ServiceNamespace); err != nil {
		return nil, err
	}
	switch {
	case in.ScalableDimension != "" && len(in.ResourceIds) == 0:
		return nil, invalid("If you specify a scalable dimension, you must also specify a resource ID.")
	case len(in.ResourceIds) > 50:
		return nil, invalid("1 validation error detected: Value at 'resourceIds' failed to satisfy constraint: Member must have length less than or equal to 50")
	}
	var found []types.ScalableTarget
	for _, t := range sorted(s.region(r.Scope)) {
		if s.world.Visible(t.created) && (len(in.ResourceIds) == 0 || slices.Contains(in.ResourceIds, t.resource)) {
			found = append(found, t.view())
		}
	}
	list, next, err := page(s, found, func(t types.ScalableTarget) string { return *t.ResourceId }, in.NextToken, in.MaxResults, 50)
	if err != nil {
		return nil, err
	}
	return &api.DescribeScalableTargetsOutput{ScalableTargets: list, NextToken: next}, nil
}

func (t *target) view() types.ScalableTarget {
	suspended := t.suspended
	return types.ScalableTarget{
		ResourceId: aws.String(t.resource), ServiceNamespace: types.ServiceNamespaceEcs, ScalableDimension: types.ScalableDimensionECSServiceDesiredCount,
		MinCapacity: aws.Int32(int32(t.lo)), MaxCapacity: aws.Int32(int32(t.hi)), CreationTime: aws.Time(t.created), RoleARN: aws.String(t.roleARN()),
		ScalableTargetARN: aws.String(t.arn), SuspendedState: &suspended,
	}
}

// serviceInactive takes a deleted service's scalable target away.
//
// https://docs.aws.amazon.com/autoscaling/application/userguide/services-that-can-integrate-ecs.html
func (s *Service) serviceInactive(scope core.Scope, cluster, service string) {
	resource := strings.Join([]string{"service", cluster, service}, "/")
	t := s.region(scope)[resource]
	if t == nil {
		return
	}
	s.world.Clock.After(goneDelay, func() {
		if s.region(scope)[resource] == t {
			delete(s.region(scope), resource)
		}
	})
}
