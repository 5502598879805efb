package kinds

import (
	"context"
	"slices"
	"strings"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	elbv2 "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/portkey-ai/portkey-ecs-operator/internal/aws"
	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
)

const targetGroupsKey = "elb/targetgroups/"

// readTargetGroup reads a target group together with its siblings; nil where there is none. One name that
// isn't there makes AWS refuse the whole list: then each is asked for by itself.
func readTargetGroup(ctx context.Context, w *aws.World, call graph.Call, siblings []string) (*elbtypes.TargetGroup, error) {
	if call.Name == "" { // found by its tags
		return describeTargetGroup(ctx, w, &elbv2.DescribeTargetGroupsInput{TargetGroupArns: []string{call.ID}})
	}
	if len(siblings) > 1 && slices.Contains(siblings, call.Name) {
		all, err := aws.Read(ctx, w.Reads, targetGroupsKey+strings.Join(siblings, ","), func(ctx context.Context) ([]elbtypes.TargetGroup, error) {
			out, err := w.ELB.DescribeTargetGroups(ctx, &elbv2.DescribeTargetGroupsInput{Names: siblings})
			if notFound(err) {
				return nil, nil
			}
			if err != nil {
				return nil, err
			}
			return out.TargetGroups, nil
		})
		if err != nil {
			return nil, err
		}
		for i := range all {
			if sdk.ToString(all[i].TargetGroupName) == call.Name {
				return &all[i], nil
			}
		}
	}
	return describeTargetGroup(ctx, w, &elbv2.DescribeTargetGroupsInput{Names: []string{call.Name}})
}

func describeTargetGroup(ctx context.Context, w *aws.World, in *elbv2.DescribeTargetGroupsInput) (*elbtypes.TargetGroup, error) {
	out, err := w.ELB.DescribeTargetGroups(ctx, in)
	if notFound(err) || (err == nil && len(out.TargetGroups) == 0) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return &out.TargetGroups[0], nil
}
