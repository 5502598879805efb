package lifecycle

import (
	"context"
	"errors"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/servicediscovery"
	sdtypes "github.com/aws/aws-sdk-go-v2/service/servicediscovery/types"
)

const (
	readOnly  = "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"
	everybody = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]}`
	anything  = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`
)

// inline and attached are the roles that have an inline policy, and one that is attached.
var (
	inline   = []string{"role/gateway-execution", "role/gateway-task", "role/instance"}
	attached = []string{"role/gateway-execution", "role/redis-execution", "role/instance"}
)

var identityEdits = map[string][]edit{
	"Role": {
		{what: "another trust", tells: "trust", do: func(ctx context.Context, s *site, o object) error {
			_, err := s.iam.UpdateAssumeRolePolicy(ctx, &iam.UpdateAssumeRolePolicyInput{RoleName: &o.Name, PolicyDocument: sdk.String(everybody)})
			return err
		}},
		{what: "an inline policy is added", tells: "inline.by-hand", do: func(ctx context.Context, s *site, o object) error {
			_, err := s.iam.PutRolePolicy(ctx, &iam.PutRolePolicyInput{RoleName: &o.Name, PolicyName: sdk.String("by-hand"), PolicyDocument: sdk.String(anything)})
			return err
		}},
		{what: "an inline policy is widened", tells: "inline.", nodes: inline, do: func(ctx context.Context, s *site, o object) error {
			name, err := s.inlinePolicy(ctx, o.Name)
			if err != nil {
				return err
			}
			_, err = s.iam.PutRolePolicy(ctx, &iam.PutRolePolicyInput{RoleName: &o.Name, PolicyName: &name, PolicyDocument: sdk.String(anything)})
			return err
		}},
		{what: "an inline policy is deleted", tells: "inline.", nodes: inline, do: func(ctx context.Context, s *site, o object) error {
			name, err := s.inlinePolicy(ctx, o.Name)
			if err != nil {
				return err
			}
			_, err = s.iam.DeleteRolePolicy(ctx, &iam.DeleteRolePolicyInput{RoleName: &o.Name, PolicyName: &name})
			return err
		}},
		{what: "a policy is attached", tells: "managedPolicies." + readOnly, do: func(ctx context.Context, s *site, o object) error {
			_, err := s.iam.AttachRolePolicy(ctx, &iam.AttachRolePolicyInput{RoleName: &o.Name, PolicyArn: sdk.String(readOnly)})
			return err
		}},
		{what: "a policy is detached", tells: "managedPolicies.arn:aws:iam::aws:policy/service-role/", nodes: attached, do: func(ctx context.Context, s *site, o object) error {
			out, err := s.iam.ListAttachedRolePolicies(ctx, &iam.ListAttachedRolePoliciesInput{RoleName: &o.Name})
			if err != nil {
				return err
			}
			_, err = s.iam.DetachRolePolicy(ctx, &iam.DetachRolePolicyInput{RoleName: &o.Name, PolicyArn: out.AttachedPolicies[0].PolicyArn})
			return err
		}},
		{what: "a permissions boundary", tells: "permissionsBoundary", do: func(ctx context.Context, s *site, o object) error {
			_, err := s.iam.PutRolePermissionsBoundary(ctx, &iam.PutRolePermissionsBoundaryInput{RoleName: &o.Name, PermissionsBoundary: sdk.String(readOnly)})
			return err
		}},
	},
	"InstanceProfile": {
		{what: "its role is taken out", tells: "role", do: func(ctx context.Context, s *site, o object) error {
			return s.takeRoleOut(ctx, o.Name)
		}},
		{what: "another role", tells: "role", do: func(ctx context.Context, s *site, o object) error {
			if err := s.takeRoleOut(ctx, o.Name); err != nil {
				return err
			}
			_, err := s.iam.AddRoleToInstanceProfile(ctx, &iam.AddRoleToInstanceProfileInput{InstanceProfileName: &o.Name, RoleName: sdk.String(s.name("role/redis-task"))})
			return err
		}},
	},
	"LogGroup": {
		{what: "kept for a day", tells: "retention", do: func(ctx context.Context, s *site, o object) error {
			_, err := s.logs.PutRetentionPolicy(ctx, &cloudwatchlogs.PutRetentionPolicyInput{LogGroupName: &o.Name, RetentionInDays: sdk.Int32(1)})
			return err
		}},
		{what: "kept for ever", tells: "retention", do: func(ctx context.Context, s *site, o object) error {
			_, err := s.logs.DeleteRetentionPolicy(ctx, &cloudwatchlogs.DeleteRetentionPolicyInput{LogGroupName: &o.Name})
			return err
		}},
	},
	"HTTPNamespace": {
		{what: "described otherwise", tells: "description", do: func(ctx context.Context, s *site, o object) error {
			_, err := s.sd.UpdateHttpNamespace(ctx, &servicediscovery.UpdateHttpNamespaceInput{Id: &o.ID, Namespace: &sdtypes.HttpNamespaceChange{Description: sdk.String("by hand")}})
			s.wait(time.Minute)
			return err
		}},
	},
}

func (s *site) inlinePolicy(ctx context.Context, role string) (string, error) {
	out, err := s.iam.ListRolePolicies(ctx, &iam.ListRolePoliciesInput{RoleName: &role})
	if err != nil {
		return "", err
	}
	if len(out.PolicyNames) == 0 {
		return "", errors.New(role + " has no inline policy")
	}
	return out.PolicyNames[0], nil
}

func (s *site) takeRoleOut(ctx context.Context, profile string) error {
	_, err := s.iam.RemoveRoleFromInstanceProfile(ctx, &iam.RemoveRoleFromInstanceProfileInput{InstanceProfileName: &profile, RoleName: sdk.String(s.name("role/instance"))})
	return err
}
