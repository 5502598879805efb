package strangers

import (
	"net/url"
	"strings"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
)

func (s *stranger) iam() *iam.Client { return iam.NewFromConfig(s.cfg) }

const executionPolicy = "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"

// says reports whether a policy, which IAM writes URL-encoded, has a text in it.
func says(document *string, text string) bool {
	plain, err := url.QueryUnescape(sdk.ToString(document))
	return err == nil && strings.Contains(plain, text)
}

var iamReads = map[string]read{
	"GetRole": func(s *stranger) {
		out := must(s.iam().GetRole(s.Context(), &iam.GetRoleInput{RoleName: sdk.String(s.name("role/gateway-task"))}))(s)
		s.see("/ 3600 true", out.Role.Path, out.Role.MaxSessionDuration, says(out.Role.AssumeRolePolicyDocument, "ecs-tasks.amazonaws.com"))
	},
	"ListRoles": func(s *stranger) {
		out := must(s.iam().ListRoles(s.Context(), &iam.ListRolesInput{PathPrefix: sdk.String("/")}))(s)
		ours := 0
		for _, r := range out.Roles {
			if *r.Path == "/" {
				ours++
			}
		}
		s.see("5 false", ours, out.IsTruncated)
	},
	"ListRolePolicies": func(s *stranger) {
		out := must(s.iam().ListRolePolicies(s.Context(), &iam.ListRolePoliciesInput{RoleName: sdk.String(s.name("role/instance"))}))(s)
		s.see("[session-manager vpc-trunking]", out.PolicyNames)
	},
	"GetRolePolicy": func(s *stranger) {
		out := must(s.iam().GetRolePolicy(s.Context(), &iam.GetRolePolicyInput{RoleName: sdk.String(s.name("role/gateway-task")), PolicyName: sdk.String("log-store")}))(s)
		s.see("true true", says(out.PolicyDocument, "s3:PutObject"), says(out.PolicyDocument, s.h.Get(s.key).Spec.Storage.LogBucket+"/*"))
	},
	"ListAttachedRolePolicies": func(s *stranger) {
		out := must(s.iam().ListAttachedRolePolicies(s.Context(), &iam.ListAttachedRolePoliciesInput{RoleName: sdk.String(s.name("role/gateway-execution"))}))(s)
		s.see("1 "+executionPolicy, len(out.AttachedPolicies), out.AttachedPolicies[0].PolicyArn)
	},
	"GetPolicy": func(s *stranger) {
		out := must(s.iam().GetPolicy(s.Context(), &iam.GetPolicyInput{PolicyArn: sdk.String(executionPolicy)}))(s)
		s.see("/service-role/ 2 true", out.Policy.Path, out.Policy.AttachmentCount, out.Policy.IsAttachable)
	},
	"ListPolicyVersions": func(s *stranger) {
		out := must(s.iam().ListPolicyVersions(s.Context(), &iam.ListPolicyVersionsInput{PolicyArn: sdk.String(executionPolicy)}))(s)
		s.see("1 v1 true", len(out.Versions), out.Versions[0].VersionId, out.Versions[0].IsDefaultVersion)
	},
	"GetPolicyVersion": func(s *stranger) {
		out := must(s.iam().GetPolicyVersion(s.Context(), &iam.GetPolicyVersionInput{PolicyArn: sdk.String(executionPolicy), VersionId: sdk.String("v1")}))(s)
		s.see("true", says(out.PolicyVersion.Document, "logs:PutLogEvents"))
	},
	"GetInstanceProfile": func(s *stranger) {
		out := must(s.iam().GetInstanceProfile(s.Context(), &iam.GetInstanceProfileInput{InstanceProfileName: sdk.String(s.name("instance-profile/instance"))}))(s)
		s.see("1 "+s.name("role/instance"), len(out.InstanceProfile.Roles), out.InstanceProfile.Roles[0].RoleName)
	},
	"ListInstanceProfilesForRole": func(s *stranger) {
		out := must(s.iam().ListInstanceProfilesForRole(s.Context(), &iam.ListInstanceProfilesForRoleInput{RoleName: sdk.String(s.name("role/instance"))}))(s)
		s.see("1 "+s.name("instance-profile/instance"), len(out.InstanceProfiles), out.InstanceProfiles[0].InstanceProfileName)
	},
}
