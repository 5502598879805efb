package kinds

import (
	"slices"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
)

// Behind is the output that says that tasks of a service serve behind a load balancer, by the Place of its targets:
// whoever leads clients there waits for it.
func Behind(place string) graph.Attr { return graph.Attr("behind/" + place) }

// places publishes behind which load balancers a completed deployment stands, and during another one, which those were
// before.
func (s service) places(call graph.Call, out map[graph.Attr]string) {
	for _, t := range s.Targets {
		attr := Behind(t.Place)
		if t.Place == "" {
			continue
		}
		was := call.Recorded[attr] == out["arn"]
		switch {
		case !known(t.Group):
			if was {
				out[attr] = out["arn"]
			}
		case s.registers(t.Group.String()) && (was || s.deployed() && !s.deploying()):
			out[attr] = out["arn"]
		}
	}
}

// registers reports whether tasks register with a target group.
func (s service) registers(group string) bool {
	return slices.ContainsFunc(s.LoadBalancers, func(lb ecstypes.LoadBalancer) bool {
		return sdk.ToString(lb.TargetGroupArn) == group || lb.AdvancedConfiguration != nil && sdk.ToString(lb.AdvancedConfiguration.AlternateTargetGroupArn) == group
	})
}
