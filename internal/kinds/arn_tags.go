package kinds

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	elbv2 "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	tagging "github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi"
	tagtypes "github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi/types"
	"github.com/aws/aws-sdk-go-v2/service/servicediscovery"
	sdtypes "github.com/aws/aws-sdk-go-v2/service/servicediscovery/types"
	"github.com/aws/smithy-go"

	"github.com/portkey-ai/portkey-ecs-operator/internal/aws"
	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
	"github.com/portkey-ai/portkey-ecs-operator/internal/own"
)

// Load balancers, target groups, listeners, caches, log groups and namespaces are described without their
// tags. The Resource Groups Tagging API has those of all of them in one list, but shows changes
// with a delay: it may confirm that an object's tags are as wanted, and is never believed when it
// says anything else. https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/overview.html

// tagsOf reads the tags of an object by its ARN.
func tagsOf(ctx context.Context, call graph.Call, arn string) (map[string]string, error) {
	w := world(call)
	// Whether the tagging API has scalable targets isn't documented.
	if serviceOf(arn) != "application-autoscaling" {
		if tags, ok := ownedTags(ctx, call)[arn]; ok && len(diffTags(call.Tags, tags)) == 0 {
			return tags, nil
		}
	}
	return aws.Read(ctx, w.Reads, "tags/arn/"+arn, func(ctx context.Context) (map[string]string, error) {
		switch serviceOf(arn) {
		case "elasticloadbalancing":
			return elbTags(ctx, w, arn)
		case "elasticache":
			return cacheTags(ctx, w, arn)
		case "acm":
			return certificateTags(ctx, w, arn)
		case "logs":
			out, err := w.Logs.ListTagsForResource(ctx, &cloudwatchlogs.ListTagsForResourceInput{ResourceArn: &arn})
			if err != nil {
				return nil, err
			}
			return out.Tags, nil
		case "application-autoscaling":
			out, err := w.AppScaling.ListTagsForResource(ctx, &applicationautoscaling.ListTagsForResourceInput{ResourceARN: &arn})
			if err != nil {
				return nil, err
			}
			return out.Tags, nil
		default:
			return namespaceTags(ctx, w, arn)
		}
	})
}

// retagARN puts the tags of an object right.
func retagARN(ctx context.Context, call graph.Call, arn string, live map[string]string) error {
	w := world(call)
	set, remove := tagPatch(call.Tags, live)
	defer w.Reads.Forget("tags/arn/" + arn)
	switch serviceOf(arn) {
	case "elasticloadbalancing":
		return retag(set, remove, func() error {
			_, err := w.ELB.AddTags(ctx, &elbv2.AddTagsInput{ResourceArns: []string{arn}, Tags: toELBTags(set)})
			return err
		}, func() error {
			_, err := w.ELB.RemoveTags(ctx, &elbv2.RemoveTagsInput{ResourceArns: []string{arn}, TagKeys: remove})
			return err
		})
	case "elasticache":
		return retagCache(ctx, w, arn, set, remove)
	case "acm":
		return retagCertificate(ctx, w, arn, set, remove)
	case "logs":
		return retag(set, remove, func() error {
			_, err := w.Logs.TagResource(ctx, &cloudwatchlogs.TagResourceInput{ResourceArn: &arn, Tags: set})
			return err
		}, func() error {
			_, err := w.Logs.UntagResource(ctx, &cloudwatchlogs.UntagResourceInput{ResourceArn: &arn, TagKeys: remove})
			return err
		})
	case "application-autoscaling":
		return retag(set, remove, func() error {
			_, err := w.AppScaling.TagResource(ctx, &applicationautoscaling.TagResourceInput{ResourceARN: &arn, Tags: set})
			return err
		}, func() error {
			_, err := w.AppScaling.UntagResource(ctx, &applicationautoscaling.UntagResourceInput{ResourceARN: &arn, TagKeys: remove})
			return err
		})
	default:
		return retag(set, remove, func() error {
			_, err := w.SD.TagResource(ctx, &servicediscovery.TagResourceInput{ResourceARN: &arn, Tags: toNamespaceTags(set)})
			return err
		}, func() error {
			_, err := w.SD.UntagResource(ctx, &servicediscovery.UntagResourceInput{ResourceARN: &arn, TagKeys: remove})
			return err
		})
	}
}

// retag removes and then adds, each only when there is something to do. In this order, whatever comes in between
// leaves TagKeys as it was, and so the knowledge of which tags are to go.
func retag(set map[string]string, remove []string, add, drop func() error) error {
	if len(remove) > 0 {
		if err := drop(); err != nil {
			return err
		}
	}
	if len(set) > 0 {
		return add()
	}
	return nil
}

// ownedTags lists the tags of all objects of the owner; nothing where the list can't be had, since
// it is only a short cut.
func ownedTags(ctx context.Context, call graph.Call) map[string]map[string]string {
	w := world(call)
	owner := call.Owner[own.TagCluster] + "/" + call.Owner[own.TagOwner]
	all, err := aws.Read(ctx, w.Reads, "tags/owned/"+owner, func(ctx context.Context) (map[string]map[string]string, error) {
		all, err := taggedBy(ctx, call, "acm:certificate", "ec2:vpc-endpoint", "ec2:vpc-endpoint-service", "ecs:capacity-provider", "ecs:cluster", "ecs:service", "elasticache", "elasticloadbalancing",
			"lambda:function", "logs", "secretsmanager:secret", "servicediscovery")
		if err != nil {
			// Remembered for this walk as an empty list: who asks reads the object's own tags.
			return map[string]map[string]string{}, ctx.Err()
		}
		return all, nil
	})
	if err != nil {
		return nil
	}
	return all
}

// taggedBy lists the tags of the owner's objects of some types, by ARN, as the tagging API shows them.
func taggedBy(ctx context.Context, call graph.Call, types ...string) (map[string]map[string]string, error) {
	resources, err := pages(ctx, tagging.NewGetResourcesPaginator(world(call).Tagging, &tagging.GetResourcesInput{
		ResourceTypeFilters: types,
		TagFilters: []tagtypes.TagFilter{
			{Key: sdk.String(own.TagCluster), Values: []string{call.Owner[own.TagCluster]}},
			{Key: sdk.String(own.TagOwner), Values: []string{call.Owner[own.TagOwner]}},
		},
		ResourcesPerPage: sdk.Int32(100),
	}), func(p *tagging.GetResourcesOutput) []tagtypes.ResourceTagMapping { return p.ResourceTagMappingList })
	all := map[string]map[string]string{}
	for _, r := range resources {
		tags := map[string]string{}
		for _, t := range r.Tags {
			tags[sdk.ToString(t.Key)] = sdk.ToString(t.Value)
		}
		all[sdk.ToString(r.ResourceARN)] = tags
	}
	return all, err
}

// proofOfParent says whose an object is that holds the fields of another node.
func proofOfParent(call graph.Call, tags map[string]string) graph.Proof {
	if tags[own.TagCluster] == call.Owner[own.TagCluster] && tags[own.TagOwner] == call.Owner[own.TagOwner] {
		return graph.Ours
	}
	return graph.Foreign
}

func elbTags(ctx context.Context, w *aws.World, arn string) (map[string]string, error) {
	out, err := w.ELB.DescribeTags(ctx, &elbv2.DescribeTagsInput{ResourceArns: []string{arn}})
	if err != nil {
		return nil, err
	}
	tags := map[string]string{}
	for _, d := range out.TagDescriptions {
		for _, t := range d.Tags {
			tags[sdk.ToString(t.Key)] = sdk.ToString(t.Value)
		}
	}
	return tags, nil
}

func namespaceTags(ctx context.Context, w *aws.World, arn string) (map[string]string, error) {
	out, err := w.SD.ListTagsForResource(ctx, &servicediscovery.ListTagsForResourceInput{ResourceARN: &arn})
	if err != nil {
		return nil, err
	}
	tags := map[string]string{}
	for _, t := range out.Tags {
		tags[sdk.ToString(t.Key)] = sdk.ToString(t.Value)
	}
	return tags, nil
}

func toELBTags(tags map[string]string) []elbtypes.Tag {
	var out []elbtypes.Tag
	for _, k := range slices.Sorted(maps.Keys(tags)) {
		out = append(out, elbtypes.Tag{Key: sdk.String(k), Value: sdk.String(tags[k])})
	}
	return out
}

func toNamespaceTags(tags map[string]string) []sdtypes.Tag {
	var out []sdtypes.Tag
	for _, k := range slices.Sorted(maps.Keys(tags)) {
		out = append(out, sdtypes.Tag{Key: sdk.String(k), Value: sdk.String(tags[k])})
	}
	return out
}

// serviceOf is the service in an ARN.
func serviceOf(arn string) string {
	if parts := strings.SplitN(arn, ":", 4); len(parts) == 4 {
		return parts[2]
	}
	return ""
}

// unsupported reports whether the operation can't be used at all here: the identity may not call
// it, or this implementation of AWS doesn't have it. Some emulators answer InternalFailure then; AWS
// itself names its own failures otherwise (ServerException, ServiceFailure).
func unsupported(err error) bool {
	if err == nil {
		return false
	}
	if f := aws.Classify(err); f.Class == graph.Denied {
		return true
	}
	if e, ok := errors.AsType[smithy.APIError](err); ok {
		switch e.ErrorCode() {
		case "InternalFailure", "InvalidAction", "UnknownOperationException", "UnsupportedOperation",
			"UnsupportedOperationException", "NotImplemented", "NotImplementedException", "UnknownOperation":
			return true
		}
	}
	if e, ok := errors.AsType[*awshttp.ResponseError](err); ok {
		return e.HTTPStatusCode() == 501
	}
	return false
}
