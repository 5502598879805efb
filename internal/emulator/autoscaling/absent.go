package autoscaling

import "github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"

// optionalGroupIn is the input of reads about what no group here has.
type optionalGroupIn struct {
	AutoScalingGroupName string
	MaxRecords           int
	NextToken            string
}

type groupsIn struct {
	AutoScalingGroupNames []string
	MaxRecords            int
	NextToken             string
}

// handleAbsent registers reads whose answer is always empty, since the writes aren't served.
func (s *Service) handleAbsent() {
	for _, action := range []string{"DescribePolicies", "DescribeWarmPool", "DescribeTrafficSources",
		"DescribeLoadBalancers", "DescribeLoadBalancerTargetGroups", "DescribeScheduledActions"} {
		core.Handle(s.mux, action, func(r *core.Request, in *optionalGroupIn) (*core.Empty, error) {
			if in.AutoScalingGroupName != "" {
				if _, err := s.named(r.Scope, in.AutoScalingGroupName); err != nil {
					return nil, err
				}
			}
			return nil, nil
		})
	}
	core.Handle(s.mux, "DescribeNotificationConfigurations", func(*core.Request, *groupsIn) (*core.Empty, error) { return nil, nil })
}
