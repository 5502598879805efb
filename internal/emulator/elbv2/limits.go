package elbv2

import (
	"strconv"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// Limits are the quotas per region of one account that Elastic Load Balancing enforces.
type Limits struct {
	ApplicationLoadBalancers, NetworkLoadBalancers int
	TargetGroups                                   int
	Listeners                                      int // per load balancer
	Rules                                          int // per Application Load Balancer, default rules aside
	TargetGroupsPerApplicationLoadBalancer         int
	TargetGroupsPerAction                          int
	Targets                                        int // per target group
	Certificates                                   int // per load balancer, default certificates aside
	ConditionValues                                int // per rule
}

// DefaultLimits are the defaults of
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html and
// https://docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-limits.html
var DefaultLimits = Limits{
	ApplicationLoadBalancers: 50, NetworkLoadBalancers: 50, TargetGroups: 3000, Listeners: 50, Rules: 100,
	TargetGroupsPerApplicationLoadBalancer: 100, TargetGroupsPerAction: 5, Targets: 1000, Certificates: 25, ConditionValues: 5,
}

type limitOut struct {
	Name string
	Max  string
}

type limitsIn struct {
	Marker   string
	PageSize int
}

type limitsOut struct {
	Limits     []limitOut `xml:"Limits>member"`
	NextMarker string     `xml:",omitempty"`
}

func (s *Service) describeAccountLimits(r *core.Request, in *limitsIn) (*limitsOut, error) {
	l := s.Limits
	all := []limitOut{}
	for _, e := range []struct {
		name string
		max  int
	}{
		{"application-load-balancers", l.ApplicationLoadBalancers},
		{"listeners-per-application-load-balancer", l.Listeners},
		{"listeners-per-network-load-balancer", l.Listeners},
		{"network-load-balancers", l.NetworkLoadBalancers},
		{"rules-per-application-load-balancer", l.Rules},
		{"target-groups", l.TargetGroups},
		{"target-groups-per-action-on-application-load-balancer", l.TargetGroupsPerAction},
		{"target-groups-per-application-load-balancer", l.TargetGroupsPerApplicationLoadBalancer},
		{"targets-per-application-load-balancer", l.Targets},
		{"condition-values-per-alb-rule", l.ConditionValues},
		{"certificates-per-application-load-balancer", l.Certificates},
	} {
		all = append(all, limitOut{e.name, strconv.Itoa(e.max)})
	}
	page, next, err := paginate(r, all, func(l limitOut) string { return l.Name }, in.Marker, in.PageSize)
	return &limitsOut{page, next}, err
}

// pageSize is the largest page of every paginated action:
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DescribeLoadBalancers.html
const pageSize = 400

func paginate[T any](r *core.Request, items []T, key func(T) string, marker string, size int) ([]T, string, error) {
	if size < 0 || size > pageSize {
		return nil, "", invalid("1 validation error detected: Value '%d' at 'pageSize' failed to satisfy constraint: Member must be between 1 and %d", size, pageSize)
	}
	page, next, ok := core.Page(r.World, items, key, marker, size, pageSize)
	if !ok {
		return nil, "", invalid("The marker '%s' is not valid", marker)
	}
	return page, next, nil
}
