package hand

import (
	"context"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	scalingtypes "github.com/aws/aws-sdk-go-v2/service/applicationautoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/servicediscovery"
	sdtypes "github.com/aws/aws-sdk-go-v2/service/servicediscovery/types"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

const (
	managed   = "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"
	everybody = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]}`
	anything  = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`
)

var otherDeeds = map[string][]deed{
	"Role": {
		{"another trust", func(ctx context.Context, a *hand, r core.Resource) error {
			_, err := a.IAM.UpdateAssumeRolePolicy(ctx, &iam.UpdateAssumeRolePolicyInput{RoleName: &r.Name, PolicyDocument: sdk.String(everybody)})
			return err
		}},
		{"an inline policy more", func(ctx context.Context, a *hand, r core.Resource) error {
			_, err := a.IAM.PutRolePolicy(ctx, &iam.PutRolePolicyInput{RoleName: &r.Name, PolicyName: sdk.String("by-hand"), PolicyDocument: sdk.String(anything)})
			return err
		}},
		{"a policy is attached", func(ctx context.Context, a *hand, r core.Resource) error {
			_, err := a.IAM.AttachRolePolicy(ctx, &iam.AttachRolePolicyInput{RoleName: &r.Name, PolicyArn: sdk.String(managed)})
			return err
		}},
		{"its policies are taken off", func(ctx context.Context, a *hand, r core.Resource) error { return a.strip(ctx, r.Name) }},
		{"deleted", func(ctx context.Context, a *hand, r core.Resource) error {
			if err := a.strip(ctx, r.Name); err != nil {
				return err
			}
			_, err := a.IAM.DeleteRole(ctx, &iam.DeleteRoleInput{RoleName: &r.Name})
			return err
		}},
	},
	"InstanceProfile": {
		{"its role is taken out", func(ctx context.Context, a *hand, r core.Resource) error {
			role, _ := a.node("role/instance")
			_, err := a.IAM.RemoveRoleFromInstanceProfile(ctx, &iam.RemoveRoleFromInstanceProfileInput{InstanceProfileName: &r.Name, RoleName: &role.Name})
			return err
		}},
		{"deleted with its role taken out", func(ctx context.Context, a *hand, r core.Resource) error {
			role, _ := a.node("role/instance")
			if _, err := a.IAM.RemoveRoleFromInstanceProfile(ctx, &iam.RemoveRoleFromInstanceProfileInput{InstanceProfileName: &r.Name, RoleName: &role.Name}); err != nil {
				return err
			}
			_, err := a.IAM.DeleteInstanceProfile(ctx, &iam.DeleteInstanceProfileInput{InstanceProfileName: &r.Name})
			return err
		}},
	},
	"LogGroup": {
		{"kept for a day", func(ctx context.Context, a *hand, r core.Resource) error {
			_, err := a.Logs.PutRetentionPolicy(ctx, &cloudwatchlogs.PutRetentionPolicyInput{LogGroupName: &r.Name, RetentionInDays: sdk.Int32(1)})
			return err
		}},
		{"deleted", func(ctx context.Context, a *hand, r core.Resource) error {
			_, err := a.Logs.DeleteLogGroup(ctx, &cloudwatchlogs.DeleteLogGroupInput{LogGroupName: &r.Name})
			return err
		}},
	},
	"HTTPNamespace": {
		{"described otherwise", func(ctx context.Context, a *hand, r core.Resource) error {
			_, err := a.CloudMap.UpdateHttpNamespace(ctx, &servicediscovery.UpdateHttpNamespaceInput{Id: &r.ID, Namespace: &sdtypes.HttpNamespaceChange{Description: sdk.String("by hand")}})
			return err
		}},
		{"deleted", func(ctx context.Context, a *hand, r core.Resource) error {
			_, err := a.CloudMap.DeleteNamespace(ctx, &servicediscovery.DeleteNamespaceInput{Id: &r.ID})
			return err
		}},
	},
	"ScalableTarget": {
		{"other bounds", func(ctx context.Context, a *hand, r core.Resource) error {
			_, err := a.AppScaling.RegisterScalableTarget(ctx, &applicationautoscaling.RegisterScalableTargetInput{
				ServiceNamespace: scalingtypes.ServiceNamespaceEcs, ScalableDimension: scalingtypes.ScalableDimensionECSServiceDesiredCount, ResourceId: &r.Name,
				MinCapacity: sdk.Int32(2), MaxCapacity: sdk.Int32(5),
			})
			return err
		}},
		{"a policy is deleted", func(ctx context.Context, a *hand, r core.Resource) error {
			out, err := a.AppScaling.DescribeScalingPolicies(ctx, &applicationautoscaling.DescribeScalingPoliciesInput{ServiceNamespace: scalingtypes.ServiceNamespaceEcs, ResourceId: &r.Name})
			if err != nil || len(out.ScalingPolicies) == 0 {
				return err
			}
			p := out.ScalingPolicies[a.rng.IntN(len(out.ScalingPolicies))]
			_, err = a.AppScaling.DeleteScalingPolicy(ctx, &applicationautoscaling.DeleteScalingPolicyInput{
				PolicyName: p.PolicyName, ServiceNamespace: p.ServiceNamespace, ScalableDimension: p.ScalableDimension, ResourceId: p.ResourceId,
			})
			return err
		}},
		{"the load changes", func(_ context.Context, a *hand, r core.Resource) error {
			return a.h.Emulator.SetLoad(core.Scope{Account: r.Account, Region: r.Region}, r.Name, "ECSServiceAverageCPUUtilization", float64(50+a.rng.IntN(600)))
		}},
		{"deregistered", func(ctx context.Context, a *hand, r core.Resource) error {
			_, err := a.AppScaling.DeregisterScalableTarget(ctx, &applicationautoscaling.DeregisterScalableTargetInput{
				ServiceNamespace: scalingtypes.ServiceNamespaceEcs, ScalableDimension: scalingtypes.ScalableDimensionECSServiceDesiredCount, ResourceId: &r.Name,
			})
			return err
		}},
	},
}

// deeds are what can be done to each kind of object.
var deeds = func() map[string][]deed {
	all := map[string][]deed{}
	for _, table := range []map[string][]deed{networkDeeds, balancerDeeds, computeDeeds, otherDeeds} {
		for kind, d := range table {
			all[kind] = append(all[kind], d...)
		}
	}
	return all
}()

// strip takes a role's policies off.
func (a *hand) strip(ctx context.Context, role string) error {
	attached, err := a.IAM.ListAttachedRolePolicies(ctx, &iam.ListAttachedRolePoliciesInput{RoleName: &role})
	if err != nil {
		return err
	}
	for _, p := range attached.AttachedPolicies {
		if _, err := a.IAM.DetachRolePolicy(ctx, &iam.DetachRolePolicyInput{RoleName: &role, PolicyArn: p.PolicyArn}); err != nil {
			return err
		}
	}
	inline, err := a.IAM.ListRolePolicies(ctx, &iam.ListRolePoliciesInput{RoleName: &role})
	if err != nil {
		return err
	}
	for _, p := range inline.PolicyNames {
		if _, err := a.IAM.DeleteRolePolicy(ctx, &iam.DeleteRolePolicyInput{RoleName: &role, PolicyName: &p}); err != nil {
			return err
		}
	}
	return nil
}
