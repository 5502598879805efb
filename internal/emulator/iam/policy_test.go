package iam_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsiam "github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
)

func TestManagedPolicies(t *testing.T) {
	f, ctx := start(t, "us-east-1"), t.Context()
	made, err := f.CreatePolicy(ctx, &awsiam.CreatePolicyInput{PolicyName: aws.String("p"), PolicyDocument: aws.String(allowS3), Path: aws.String("/x/"),
		Tags: []types.Tag{{Key: aws.String("k"), Value: aws.String("v")}}})
	ok(t, err)
	arn := made.Policy.Arn
	if *arn != "arn:aws:iam::123456789012:policy/x/p" || *made.Policy.DefaultVersionId != "v1" {
		t.Errorf("%+v", made.Policy)
	}
	_, err = f.CreatePolicy(ctx, &awsiam.CreatePolicyInput{PolicyName: aws.String("p"), PolicyDocument: aws.String(allowS3)})
	wantCode(t, err, "EntityAlreadyExists", "A policy called p already exists")
	for range 4 {
		_, err := f.CreatePolicyVersion(ctx, &awsiam.CreatePolicyVersionInput{PolicyArn: arn, PolicyDocument: aws.String(allowS3)})
		ok(t, err)
	}
	_, err = f.CreatePolicyVersion(ctx, &awsiam.CreatePolicyVersionInput{PolicyArn: arn, PolicyDocument: aws.String(allowS3)})
	wantCode(t, err, "LimitExceeded", "up to 5 versions")
	_, err = f.DeletePolicyVersion(ctx, &awsiam.DeletePolicyVersionInput{PolicyArn: arn, VersionId: aws.String("v1")})
	wantCode(t, err, "DeleteConflict", "default version")
	_, err = f.SetDefaultPolicyVersion(ctx, &awsiam.SetDefaultPolicyVersionInput{PolicyArn: arn, VersionId: aws.String("v3")})
	ok(t, err)
	_, err = f.DeletePolicyVersion(ctx, &awsiam.DeletePolicyVersionInput{PolicyArn: arn, VersionId: aws.String("v1")})
	ok(t, err)
	next, err := f.CreatePolicyVersion(ctx, &awsiam.CreatePolicyVersionInput{PolicyArn: arn, PolicyDocument: aws.String(allowS3), SetAsDefault: true})
	ok(t, err)
	if *next.PolicyVersion.VersionId != "v6" || !next.PolicyVersion.IsDefaultVersion {
		t.Errorf("%+v", next.PolicyVersion)
	}
	version, err := f.GetPolicyVersion(ctx, &awsiam.GetPolicyVersionInput{PolicyArn: arn, VersionId: aws.String("v6")})
	ok(t, err)
	if doc, _ := url.QueryUnescape(*version.PolicyVersion.Document); doc != allowS3 {
		t.Error(doc)
	}
	f.role("r")
	_, err = f.AttachRolePolicy(ctx, &awsiam.AttachRolePolicyInput{RoleName: aws.String("r"), PolicyArn: arn})
	ok(t, err)
	_, err = f.DeletePolicy(ctx, &awsiam.DeletePolicyInput{PolicyArn: arn})
	wantCode(t, err, "DeleteConflict", "attached to entities")
	got, err := f.GetPolicy(ctx, &awsiam.GetPolicyInput{PolicyArn: arn})
	ok(t, err)
	if *got.Policy.AttachmentCount != 1 || *got.Policy.Tags[0].Value != "v" || *got.Policy.DefaultVersionId != "v6" {
		t.Errorf("%+v", got.Policy)
	}
	entities, err := f.ListEntitiesForPolicy(ctx, &awsiam.ListEntitiesForPolicyInput{PolicyArn: arn})
	ok(t, err)
	if len(entities.PolicyRoles) != 1 || *entities.PolicyRoles[0].RoleName != "r" {
		t.Errorf("%+v", entities)
	}
	_, err = f.DetachRolePolicy(ctx, &awsiam.DetachRolePolicyInput{RoleName: aws.String("r"), PolicyArn: arn})
	ok(t, err)
	_, err = f.DeletePolicy(ctx, &awsiam.DeletePolicyInput{PolicyArn: arn})
	wantCode(t, err, "DeleteConflict", "more than one version")
	for _, v := range []string{"v2", "v3", "v4", "v5"} {
		_, err := f.DeletePolicyVersion(ctx, &awsiam.DeletePolicyVersionInput{PolicyArn: arn, VersionId: &v})
		ok(t, err)
	}
	_, err = f.DeletePolicy(ctx, &awsiam.DeletePolicyInput{PolicyArn: arn})
	ok(t, err)
	_, err = f.AttachRolePolicy(ctx, &awsiam.AttachRolePolicyInput{RoleName: aws.String("r"), PolicyArn: arn})
	wantCode(t, err, "NoSuchEntity", "not attachable")
	for i := range 11 {
		p, err := f.CreatePolicy(ctx, &awsiam.CreatePolicyInput{PolicyName: aws.String(fmt.Sprint("n", i)), PolicyDocument: aws.String(allowS3)})
		ok(t, err)
		_, err = f.AttachRolePolicy(ctx, &awsiam.AttachRolePolicyInput{RoleName: aws.String("r"), PolicyArn: p.Policy.Arn})
		if i < 10 {
			ok(t, err)
		} else {
			wantCode(t, err, "LimitExceeded", "PoliciesPerRole: 10")
		}
	}
}

func TestPartitions(t *testing.T) {
	for region, partition := range map[string]string{"us-gov-west-1": "aws-us-gov", "cn-north-1": "aws-cn"} {
		f := start(t, region)
		r := f.role("r")
		if want := "arn:" + partition + ":iam::" + account + ":role/r"; *r.Arn != want {
			t.Errorf("got %s, want %s", *r.Arn, want)
		}
		_, err := f.AttachRolePolicy(t.Context(), &awsiam.AttachRolePolicyInput{RoleName: aws.String("r"), PolicyArn: aws.String(strings.Replace(managed, "arn:aws:", "arn:"+partition+":", 1))})
		ok(t, err)
		_, err = f.AttachRolePolicy(t.Context(), &awsiam.AttachRolePolicyInput{RoleName: aws.String("r"), PolicyArn: aws.String(managed)})
		wantCode(t, err, "NoSuchEntity", managed)
	}
}

func TestAllows(t *testing.T) {
	f, ctx := start(t, "us-east-1"), t.Context()
	arn := *f.role("r").Arn
	_, err := f.PutRolePolicy(ctx, &awsiam.PutRolePolicyInput{RoleName: aws.String("r"), PolicyName: aws.String("p"), PolicyDocument: aws.String(allowS3)})
	ok(t, err)
	_, err = f.AttachRolePolicy(ctx, &awsiam.AttachRolePolicyInput{RoleName: aws.String("r"), PolicyArn: aws.String(managed)})
	ok(t, err)
	for _, c := range []struct {
		action, resource string
		want             bool
	}{
		{"s3:GetObject", "arn:aws:s3:::logs/a/b", true},
		{"S3:putobject", "arn:aws:s3:::logs/a", true},
		{"s3:PutObject", "arn:aws:s3:::logs/private/a", false},
		{"s3:GetObject", "arn:aws:s3:::other/a", false},
		{"s3:DeleteObject", "arn:aws:s3:::logs/a", false},
		{"logs:PutLogEvents", "arn:aws:logs:us-east-1:123456789012:log-group:x", true},
		{"secretsmanager:GetSecretValue", "arn:aws:secretsmanager:us-east-1:123456789012:secret:x", false},
	} {
		if got := f.iam.Allows(account, arn, c.action, c.resource); got != c.want {
			t.Errorf("%s on %s: %v", c.action, c.resource, got)
		}
	}
	if f.iam.Allows(account, arn+"x", "s3:GetObject", "arn:aws:s3:::logs/a") {
		t.Error("an unknown role is allowed something")
	}
}
