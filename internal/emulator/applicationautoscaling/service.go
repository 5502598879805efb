package applicationautoscaling

import (
	"errors"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling/types"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/ecs"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/elbv2"
)

// ECS is what scales.
type ECS interface {
	Scalable(scope core.Scope, cluster, service string) (ecs.Scalable, bool)
	SetDesired(scope core.Scope, cluster, service string, n int)
	OnServiceInactive(func(scope core.Scope, cluster, service string))
}

// ELB knows the target groups of resource labels.
type ELB interface {
	TargetGroup(core.Scope, string) (elbv2.TargetGroupInfo, bool)
}

// IAM makes the service-linked role.
type IAM interface {
	EnsureServiceLinkedRole(account, awsServiceName string)
}

// Service is Application Auto Scaling of every account and region.
type Service struct {
	// Quotas can be changed by tests.
	Quotas Quotas

	world   *core.World
	ecs     ECS
	elb     ELB
	iam     IAM
	targets map[core.Scope]map[string]*target // by resource id
	loads   map[core.Scope]map[loadKey]float64
}

// Quotas of an account and region.
//
// https://docs.aws.amazon.com/autoscaling/application/userguide/application-auto-scaling-limits.html
type Quotas struct{ Targets, PoliciesPerTarget int }

// New returns Application Auto Scaling without scalable targets.
func New(w *core.World, services ECS, balancers ELB, roles IAM) *Service {
	s := &Service{Quotas: Quotas{Targets: 3000, PoliciesPerTarget: 50}, world: w, ecs: services, elb: balancers, iam: roles}
	s.reset()
	w.OnReset(s.reset)
	w.AddInventory(s.inventory)
	w.AddTagger("application-autoscaling", s.tagged)
	services.OnServiceInactive(s.serviceInactive)
	return s
}

func (s *Service) reset() {
	s.targets, s.loads = map[core.Scope]map[string]*target{}, map[core.Scope]map[loadKey]float64{}
}

func (s *Service) region(scope core.Scope) map[string]*target {
	if s.targets[scope] == nil {
		s.targets[scope] = map[string]*target{}
	}
	return s.targets[scope]
}

func sorted[V any](m map[string]V) []V {
	out := make([]V, 0, len(m))
	for _, k := range slices.Sorted(maps.Keys(m)) {
		out = append(out, m[k])
	}
	return out
}

// Mux returns the actions. Their rates aren't published; the bucket is a guess on the careful side.
//
// https://docs.aws.amazon.com/autoscaling/application/APIReference/API_Operations.html
func (s *Service) Mux() *core.Mux {
	m := &core.Mux{
		Service: "application-autoscaling", Protocol: core.JSON11, Namespace: "AnyScaleFrontendService",
		Throttled: core.Error{Code: "ThrottlingException", Message: "Rate exceeded"},
		Bucket:    func(string) (string, float64, float64) { return "all", 20, 5 },
	}
	core.Handle(m, "RegisterScalableTarget", s.registerScalableTarget)
	core.Handle(m, "DeregisterScalableTarget", s.deregisterScalableTarget)
	core.Handle(m, "DescribeScalableTargets", s.describeScalableTargets)
	core.Handle(m, "PutScalingPolicy", s.putScalingPolicy)
	core.Handle(m, "DeleteScalingPolicy", s.deleteScalingPolicy)
	core.Handle(m, "DescribeScalingPolicies", s.describeScalingPolicies)
	core.Handle(m, "DescribeScalingActivities", s.describeScalingActivities)
	core.Handle(m, "TagResource", s.tagResource)
	core.Handle(m, "UntagResource", s.untagResource)
	core.Handle(m, "ListTagsForResource", s.listTagsForResource)
	return m
}

func invalid(format string, args ...any) *core.Error {
	return core.Errorf("ValidationException", format, args...)
}

// unsupported refuses what AWS has and the emulator lacks.
func unsupported(what string) *core.Error {
	return invalid("The emulator does not support %s yet.", what)
}

// only is core.Only with this service's error.
func only(in any, fields ...string) error {
	err := core.Only(in, fields...)
	if e, ok := errors.AsType[*core.Error](err); ok {
		return invalid("%s", e.Message)
	}
	return err
}

// checkNamespace takes Amazon ECS alone.
func checkNamespace(n types.ServiceNamespace) error {
	switch {
	case n == "":
		return invalid("1 validation error detected: Value null at 'serviceNamespace' failed to satisfy constraint: Member must not be null")
	case !slices.Contains(n.Values(), n):
		return invalid("1 validation error detected: Value '%s' at 'serviceNamespace' failed to satisfy constraint: Member must satisfy enum value set", n)
	case n != types.ServiceNamespaceEcs:
		return unsupported("the service namespace " + string(n))
	}
	return nil
}

// page cuts a page; maxResults is the largest and the default size.
func page[T any](s *Service, items []T, key func(T) string, token *string, limit *int32, maxResults int) ([]T, *string, error) {
	n, after := 0, ""
	if limit != nil {
		if n = int(*limit); n < 1 || n > maxResults {
			return nil, nil, invalid("1 validation error detected: Value '%d' at 'maxResults' failed to satisfy constraint: Member must have value between 1 and %d", n, maxResults)
		}
	}
	if token != nil {
		after = *token
	}
	out, next, ok := core.Page(s.world, items, key, after, n, maxResults)
	switch {
	case !ok:
		return nil, nil, core.Errorf("InvalidNextTokenException", "Invalid next token: %s", after)
	case next == "":
		return append([]T{}, out...), nil, nil
	}
	return out, &next, nil
}
