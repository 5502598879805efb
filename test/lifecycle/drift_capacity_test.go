package lifecycle

import (
	"context"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	asgtypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/portkey-ai/portkey-ecs-operator/hack/console"
)

var capacityEdits = map[string][]edit{
	"LaunchTemplate": {
		{what: "another version beside the default", delegated: true, do: func(ctx context.Context, s *site, o object) error {
			_, err := s.newVersion(ctx, o.ID)
			return err
		}},
		{what: "another version is the default", tells: "instanceType", do: func(ctx context.Context, s *site, o object) error {
			n, err := s.newVersion(ctx, o.ID)
			if err != nil {
				return err
			}
			_, err = s.ec2.ModifyLaunchTemplate(ctx, &ec2.ModifyLaunchTemplateInput{LaunchTemplateId: &o.ID, DefaultVersion: &n})
			return err
		}},
	},
	"AutoScalingGroup": {
		{what: "another version of the template", tells: "version", do: func(ctx context.Context, s *site, o object) error {
			template := s.id("launch-template/main")
			n, err := s.newVersion(ctx, template)
			if err != nil {
				return err
			}
			return s.updateGroup(ctx, &autoscaling.UpdateAutoScalingGroupInput{LaunchTemplate: &asgtypes.LaunchTemplateSpecification{LaunchTemplateId: &template, Version: &n}})
		}},
		{what: "another template", tells: "launchTemplate", do: func(ctx context.Context, s *site, _ object) error {
			out, err := s.ec2.CreateLaunchTemplate(ctx, &ec2.CreateLaunchTemplateInput{LaunchTemplateName: sdk.String("by-hand"), LaunchTemplateData: plain})
			if err != nil {
				return err
			}
			err = s.updateGroup(ctx, &autoscaling.UpdateAutoScalingGroupInput{LaunchTemplate: &asgtypes.LaunchTemplateSpecification{LaunchTemplateId: out.LaunchTemplate.LaunchTemplateId, Version: sdk.String("1")}})
			return err
		}},
		{what: "a zone less", tells: "subnets", do: func(ctx context.Context, s *site, _ object) error {
			return s.updateGroup(ctx, &autoscaling.UpdateAutoScalingGroupInput{VPCZoneIdentifier: sdk.String(s.id("subnet/private-a"))})
		}},
		{what: "public subnets", tells: "subnets", do: func(ctx context.Context, s *site, _ object) error {
			return s.updateGroup(ctx, &autoscaling.UpdateAutoScalingGroupInput{VPCZoneIdentifier: sdk.String(s.id("subnet/public-a") + "," + s.id("subnet/public-b"))})
		}},
		{what: "new instances aren't protected", tells: "newInstancesProtectedFromScaleIn", do: func(ctx context.Context, s *site, _ object) error {
			return s.updateGroup(ctx, &autoscaling.UpdateAutoScalingGroupInput{NewInstancesProtectedFromScaleIn: sdk.Bool(false)})
		}},
		{what: "a tag isn't propagated", tells: "tags.team.propagateAtLaunch", do: func(ctx context.Context, s *site, o object) error {
			tag := console.GroupTag(o.Name, "team", "ai")
			tag.PropagateAtLaunch = sdk.Bool(false)
			_, err := s.asg.CreateOrUpdateTags(ctx, &autoscaling.CreateOrUpdateTagsInput{Tags: []asgtypes.Tag{tag}})
			return err
		}},
		{what: "desired capacity", delegated: true, do: func(ctx context.Context, s *site, o object) error {
			_, err := s.asg.SetDesiredCapacity(ctx, &autoscaling.SetDesiredCapacityInput{AutoScalingGroupName: &o.Name, DesiredCapacity: sdk.Int32(2)})
			return err
		}},
	},
	"GroupCapacity": {
		{what: "a smaller minimum", tells: "minSize", do: func(ctx context.Context, s *site, _ object) error {
			return s.updateGroup(ctx, &autoscaling.UpdateAutoScalingGroupInput{MinSize: sdk.Int32(0)})
		}},
		{what: "a smaller maximum", tells: "maxSize", do: func(ctx context.Context, s *site, _ object) error {
			return s.updateGroup(ctx, &autoscaling.UpdateAutoScalingGroupInput{MaxSize: sdk.Int32(1)})
		}},
		{what: "a greater maximum", tells: "maxSize", do: func(ctx context.Context, s *site, _ object) error {
			return s.updateGroup(ctx, &autoscaling.UpdateAutoScalingGroupInput{MaxSize: sdk.Int32(9)})
		}},
	},
}

// plain is a launch template that anybody might write.
var plain = &ec2types.RequestLaunchTemplateData{InstanceType: ec2types.InstanceTypeT3Micro, ImageId: sdk.String("ami-0123456789abcdef0")}

// newVersion adds a version to a launch template by hand.
func (s *site) newVersion(ctx context.Context, template string) (string, error) {
	out, err := s.ec2.CreateLaunchTemplateVersion(ctx, &ec2.CreateLaunchTemplateVersionInput{
		LaunchTemplateId: &template, SourceVersion: sdk.String("$Default"), LaunchTemplateData: &ec2types.RequestLaunchTemplateData{InstanceType: ec2types.InstanceTypeT4gLarge},
	})
	if err != nil {
		return "", err
	}
	return text(*out.LaunchTemplateVersion.VersionNumber), nil
}

func (s *site) updateGroup(ctx context.Context, in *autoscaling.UpdateAutoScalingGroupInput) error {
	in.AutoScalingGroupName = sdk.String(s.name("auto-scaling-group/main"))
	_, err := s.asg.UpdateAutoScalingGroup(ctx, in)
	return err
}
