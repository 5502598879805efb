package kinds

import (
	"context"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	elbv2 "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/portkey-ai/portkey-ecs-operator/internal/aws"
)

// TargetHealth is how the targets of a group are.
type TargetHealth struct {
	Healthy, Total int
	// Reasons counts the targets that aren't healthy by AWS's reason.
	Reasons map[string]int
	// targets are those that aren't on their way out, as id:port.
	targets []string
}

// serves reports whether the tasks are behind this target group, and not behind another: it has more healthy targets, or,
// where no load balancer checks any, more targets.
func (h *TargetHealth) serves(other *TargetHealth) bool {
	if h.Healthy != other.Healthy {
		return h.Healthy > other.Healthy
	}
	return len(h.targets) > len(other.targets)
}

func readHealth(ctx context.Context, w *aws.World, arn *string) (*TargetHealth, error) {
	out, err := w.ELB.DescribeTargetHealth(ctx, &elbv2.DescribeTargetHealthInput{TargetGroupArn: arn})
	if err != nil {
		return nil, err
	}
	h := &TargetHealth{Total: len(out.TargetHealthDescriptions)}
	for i := range out.TargetHealthDescriptions {
		t := out.TargetHealthDescriptions[i].TargetHealth
		if d := out.TargetHealthDescriptions[i].Target; d != nil && (t == nil || t.State != elbtypes.TargetHealthStateEnumDraining) {
			h.targets = append(h.targets, targetText(sdk.ToString(d.Id), int(sdk.ToInt32(d.Port))))
		}
		switch {
		case t == nil || t.State == "" || t.State == elbtypes.TargetHealthStateEnumHealthy: // what isn't told, nobody checks
			h.Healthy++
		default:
			if h.Reasons == nil {
				h.Reasons = map[string]int{}
			}
			h.Reasons[string(t.Reason)]++
		}
	}
	return h, nil
}
