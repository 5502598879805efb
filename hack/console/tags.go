package console

import (
	"context"
	"fmt"
	"maps"
	"slices"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	asgtypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/aws/aws-sdk-go-v2/service/elasticache"
	cachetypes "github.com/aws/aws-sdk-go-v2/service/elasticache/types"
	elbv2 "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	awslambda "github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	smtypes "github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"
	"github.com/aws/aws-sdk-go-v2/service/servicediscovery"
	sdtypes "github.com/aws/aws-sdk-go-v2/service/servicediscovery/types"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// Tag sets tags of an object and takes others off.
func (c *Console) Tag(ctx context.Context, r core.Resource, set map[string]string, unset ...string) error {
	if len(set) > 0 {
		if err := c.setTags(ctx, r, set); err != nil {
			return err
		}
	}
	if len(unset) > 0 {
		return c.unsetTags(ctx, r, unset)
	}
	return nil
}

func (c *Console) setTags(ctx context.Context, r core.Resource, set map[string]string) (err error) {
	keys := slices.Sorted(maps.Keys(set))
	switch r.Service {
	case "ec2":
		var tags []ec2types.Tag
		for _, k := range keys {
			tags = append(tags, ec2types.Tag{Key: sdk.String(k), Value: sdk.String(set[k])})
		}
		_, err = c.EC2.CreateTags(ctx, &ec2.CreateTagsInput{Resources: []string{r.ID}, Tags: tags})
	case "ecs":
		var tags []ecstypes.Tag
		for _, k := range keys {
			tags = append(tags, ecstypes.Tag{Key: sdk.String(k), Value: sdk.String(set[k])})
		}
		_, err = c.ECS.TagResource(ctx, &ecs.TagResourceInput{ResourceArn: &r.ARN, Tags: tags})
	case "elasticloadbalancing":
		var tags []elbtypes.Tag
		for _, k := range keys {
			tags = append(tags, elbtypes.Tag{Key: sdk.String(k), Value: sdk.String(set[k])})
		}
		_, err = c.ELB.AddTags(ctx, &elbv2.AddTagsInput{ResourceArns: []string{r.ARN}, Tags: tags})
	case "iam":
		var tags []iamtypes.Tag
		for _, k := range keys {
			tags = append(tags, iamtypes.Tag{Key: sdk.String(k), Value: sdk.String(set[k])})
		}
		if r.Kind == "Role" {
			_, err = c.IAM.TagRole(ctx, &iam.TagRoleInput{RoleName: &r.Name, Tags: tags})
		} else {
			_, err = c.IAM.TagInstanceProfile(ctx, &iam.TagInstanceProfileInput{InstanceProfileName: &r.Name, Tags: tags})
		}
	case "autoscaling":
		var tags []asgtypes.Tag
		for _, k := range keys {
			tags = append(tags, GroupTag(r.Name, k, set[k]))
		}
		_, err = c.AutoScaling.CreateOrUpdateTags(ctx, &autoscaling.CreateOrUpdateTagsInput{Tags: tags})
	case "logs":
		_, err = c.Logs.TagResource(ctx, &cloudwatchlogs.TagResourceInput{ResourceArn: &r.ARN, Tags: set})
	case "lambda":
		_, err = c.Lambda.TagResource(ctx, &awslambda.TagResourceInput{Resource: &r.ARN, Tags: set})
	case "servicediscovery":
		var tags []sdtypes.Tag
		for _, k := range keys {
			tags = append(tags, sdtypes.Tag{Key: sdk.String(k), Value: sdk.String(set[k])})
		}
		_, err = c.CloudMap.TagResource(ctx, &servicediscovery.TagResourceInput{ResourceARN: &r.ARN, Tags: tags})
	case "elasticache":
		var tags []cachetypes.Tag
		for _, k := range keys {
			tags = append(tags, cachetypes.Tag{Key: sdk.String(k), Value: sdk.String(set[k])})
		}
		_, err = c.Cache.AddTagsToResource(ctx, &elasticache.AddTagsToResourceInput{ResourceName: &r.ARN, Tags: tags})
	case "secretsmanager":
		var tags []smtypes.Tag
		for _, k := range keys {
			tags = append(tags, smtypes.Tag{Key: sdk.String(k), Value: sdk.String(set[k])})
		}
		_, err = c.Secrets.TagResource(ctx, &secretsmanager.TagResourceInput{SecretId: &r.ARN, Tags: tags})
	case "application-autoscaling":
		_, err = c.AppScaling.TagResource(ctx, &applicationautoscaling.TagResourceInput{ResourceARN: &r.ARN, Tags: set})
	case "s3":
		all := maps.Clone(r.Tags)
		maps.Copy(all, set)
		err = c.tagBucket(ctx, r.Name, all)
	default:
		err = fmt.Errorf("nobody knows how to tag a %s", r.Kind)
	}
	return err
}

func (c *Console) unsetTags(ctx context.Context, r core.Resource, keys []string) (err error) {
	switch r.Service {
	case "ec2":
		var tags []ec2types.Tag
		for _, k := range keys {
			tags = append(tags, ec2types.Tag{Key: sdk.String(k)})
		}
		_, err = c.EC2.DeleteTags(ctx, &ec2.DeleteTagsInput{Resources: []string{r.ID}, Tags: tags})
	case "ecs":
		_, err = c.ECS.UntagResource(ctx, &ecs.UntagResourceInput{ResourceArn: &r.ARN, TagKeys: keys})
	case "elasticloadbalancing":
		_, err = c.ELB.RemoveTags(ctx, &elbv2.RemoveTagsInput{ResourceArns: []string{r.ARN}, TagKeys: keys})
	case "iam":
		if r.Kind == "Role" {
			_, err = c.IAM.UntagRole(ctx, &iam.UntagRoleInput{RoleName: &r.Name, TagKeys: keys})
		} else {
			_, err = c.IAM.UntagInstanceProfile(ctx, &iam.UntagInstanceProfileInput{InstanceProfileName: &r.Name, TagKeys: keys})
		}
	case "autoscaling":
		var tags []asgtypes.Tag
		for _, k := range keys {
			tags = append(tags, GroupTag(r.Name, k, r.Tags[k]))
		}
		_, err = c.AutoScaling.DeleteTags(ctx, &autoscaling.DeleteTagsInput{Tags: tags})
	case "logs":
		_, err = c.Logs.UntagResource(ctx, &cloudwatchlogs.UntagResourceInput{ResourceArn: &r.ARN, TagKeys: keys})
	case "lambda":
		_, err = c.Lambda.UntagResource(ctx, &awslambda.UntagResourceInput{Resource: &r.ARN, TagKeys: keys})
	case "servicediscovery":
		_, err = c.CloudMap.UntagResource(ctx, &servicediscovery.UntagResourceInput{ResourceARN: &r.ARN, TagKeys: keys})
	case "elasticache":
		_, err = c.Cache.RemoveTagsFromResource(ctx, &elasticache.RemoveTagsFromResourceInput{ResourceName: &r.ARN, TagKeys: keys})
	case "secretsmanager":
		_, err = c.Secrets.UntagResource(ctx, &secretsmanager.UntagResourceInput{SecretId: &r.ARN, TagKeys: keys})
	case "application-autoscaling":
		_, err = c.AppScaling.UntagResource(ctx, &applicationautoscaling.UntagResourceInput{ResourceARN: &r.ARN, TagKeys: keys})
	case "s3":
		rest := maps.Clone(r.Tags)
		maps.DeleteFunc(rest, func(k, _ string) bool { return slices.Contains(keys, k) })
		err = c.tagBucket(ctx, r.Name, rest)
	default:
		err = fmt.Errorf("nobody knows how to take tags off a %s", r.Kind)
	}
	return err
}

// tagBucket writes all tags of a bucket, as S3 has it.
func (c *Console) tagBucket(ctx context.Context, name string, tags map[string]string) error {
	var set []s3types.Tag
	for _, k := range slices.Sorted(maps.Keys(tags)) {
		set = append(set, s3types.Tag{Key: sdk.String(k), Value: sdk.String(tags[k])})
	}
	_, err := c.S3.PutBucketTagging(ctx, &s3.PutBucketTaggingInput{Bucket: &name, Tagging: &s3types.Tagging{TagSet: set}})
	return err
}

// GroupTag is a tag of an Auto Scaling group that its instances get too.
func GroupTag(group, key, value string) asgtypes.Tag {
	return asgtypes.Tag{Key: &key, Value: &value, PropagateAtLaunch: sdk.Bool(true), ResourceId: &group, ResourceType: sdk.String("auto-scaling-group")}
}
