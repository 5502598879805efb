package iam_test

import (
	"errors"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsiam "github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/iam"
)

func TestRoleLife(t *testing.T) {
	f, ctx := start(t, "eu-west-1"), t.Context()
	made, err := f.CreateRole(ctx, &awsiam.CreateRoleInput{RoleName: aws.String("gateway"), AssumeRolePolicyDocument: aws.String(tasks),
		Path: aws.String("/portkey/prod/"), Description: aws.String("task role"), MaxSessionDuration: aws.Int32(7200),
		PermissionsBoundary: aws.String("arn:aws:iam::aws:policy/AdministratorAccess"),
		Tags:                []types.Tag{{Key: aws.String("a"), Value: aws.String("b & c")}}})
	ok(t, err)
	if got := aws.ToString(made.Role.Arn); got != "arn:aws:iam::123456789012:role/portkey/prod/gateway" {
		t.Error(got)
	}
	got, err := f.GetRole(ctx, &awsiam.GetRoleInput{RoleName: aws.String("gateway")})
	ok(t, err)
	doc, err := url.QueryUnescape(*got.Role.AssumeRolePolicyDocument)
	ok(t, err)
	r := got.Role
	if doc != tasks || *r.Description != "task role" || *r.MaxSessionDuration != 7200 || *r.Tags[0].Value != "b & c" ||
		*r.PermissionsBoundary.PermissionsBoundaryArn != "arn:aws:iam::aws:policy/AdministratorAccess" || !strings.HasPrefix(*r.RoleId, "AROA") || len(*r.RoleId) != 21 {
		t.Errorf("%+v", r)
	}
	if strings.Contains(*r.AssumeRolePolicyDocument, "+") || strings.Contains(*r.AssumeRolePolicyDocument, "{") {
		t.Error("the document isn't percent-encoded:", *r.AssumeRolePolicyDocument)
	}

	_, err = f.UpdateRole(ctx, &awsiam.UpdateRoleInput{RoleName: aws.String("gateway"), Description: aws.String("new")})
	ok(t, err)
	_, err = f.DeleteRolePermissionsBoundary(ctx, &awsiam.DeleteRolePermissionsBoundaryInput{RoleName: aws.String("gateway")})
	ok(t, err)
	_, err = f.TagRole(ctx, &awsiam.TagRoleInput{RoleName: aws.String("gateway"), Tags: []types.Tag{{Key: aws.String("A"), Value: aws.String("2")}, {Key: aws.String("z"), Value: aws.String("")}}})
	ok(t, err)
	_, err = f.UntagRole(ctx, &awsiam.UntagRoleInput{RoleName: aws.String("gateway"), TagKeys: []string{"z", "missing"}})
	ok(t, err)
	tags, err := f.ListRoleTags(ctx, &awsiam.ListRoleTagsInput{RoleName: aws.String("gateway")})
	ok(t, err)
	if len(tags.Tags) != 1 || *tags.Tags[0].Key != "A" || *tags.Tags[0].Value != "2" {
		t.Errorf("tag keys are the same regardless of case: %+v", tags.Tags)
	}
	got, err = f.GetRole(ctx, &awsiam.GetRoleInput{RoleName: aws.String("GATEWAY")})
	ok(t, err)
	if *got.Role.Description != "new" || *got.Role.MaxSessionDuration != 7200 || got.Role.PermissionsBoundary != nil {
		t.Errorf("%+v", got.Role)
	}
	list, err := f.ListRoles(ctx, &awsiam.ListRolesInput{PathPrefix: aws.String("/portkey/")})
	ok(t, err)
	if len(list.Roles) != 1 || list.Roles[0].Tags != nil || list.Roles[0].RoleLastUsed != nil {
		t.Errorf("lists have a subset of the attributes: %+v", list.Roles)
	}
	_, err = f.DeleteRole(ctx, &awsiam.DeleteRoleInput{RoleName: aws.String("gateway")})
	ok(t, err)
	_, err = f.GetRole(ctx, &awsiam.GetRoleInput{RoleName: aws.String("gateway")})
	var gone *types.NoSuchEntityException
	if !errors.As(err, &gone) {
		t.Error(err)
	}
}

func TestDeleteConflicts(t *testing.T) {
	f, ctx := start(t, "us-east-1"), t.Context()
	name := aws.String("r")
	f.role("r")
	_, err := f.PutRolePolicy(ctx, &awsiam.PutRolePolicyInput{RoleName: name, PolicyName: aws.String("p"), PolicyDocument: aws.String(allowS3)})
	ok(t, err)
	_, err = f.AttachRolePolicy(ctx, &awsiam.AttachRolePolicyInput{RoleName: name, PolicyArn: aws.String(managed)})
	ok(t, err)
	_, err = f.AttachRolePolicy(ctx, &awsiam.AttachRolePolicyInput{RoleName: name, PolicyArn: aws.String(managed)}) // idempotent
	ok(t, err)
	_, err = f.CreateInstanceProfile(ctx, &awsiam.CreateInstanceProfileInput{InstanceProfileName: name})
	ok(t, err)
	add := func() error {
		_, err := f.AddRoleToInstanceProfile(ctx, &awsiam.AddRoleToInstanceProfileInput{InstanceProfileName: name, RoleName: name})
		return err
	}
	ok(t, add())
	wantCode(t, add(), "LimitExceeded", "InstanceSessionsPerInstanceProfile: 1")
	remove := func() error {
		_, err := f.DeleteRole(ctx, &awsiam.DeleteRoleInput{RoleName: name})
		return err
	}
	wantCode(t, remove(), "DeleteConflict", "remove roles from instance profile")
	_, err = f.DeleteInstanceProfile(ctx, &awsiam.DeleteInstanceProfileInput{InstanceProfileName: name})
	wantCode(t, err, "DeleteConflict", "remove roles")
	profiles, err := f.ListInstanceProfilesForRole(ctx, &awsiam.ListInstanceProfilesForRoleInput{RoleName: name})
	ok(t, err)
	if len(profiles.InstanceProfiles) != 1 || *profiles.InstanceProfiles[0].Roles[0].RoleName != "r" {
		t.Errorf("%+v", profiles.InstanceProfiles)
	}
	_, err = f.RemoveRoleFromInstanceProfile(ctx, &awsiam.RemoveRoleFromInstanceProfileInput{InstanceProfileName: name, RoleName: name})
	ok(t, err)
	_, err = f.RemoveRoleFromInstanceProfile(ctx, &awsiam.RemoveRoleFromInstanceProfileInput{InstanceProfileName: name, RoleName: name})
	wantCode(t, err, "NoSuchEntity", "cannot be found")
	wantCode(t, remove(), "DeleteConflict", "detach all policies")
	_, err = f.DetachRolePolicy(ctx, &awsiam.DetachRolePolicyInput{RoleName: name, PolicyArn: aws.String(managed)})
	ok(t, err)
	_, err = f.DetachRolePolicy(ctx, &awsiam.DetachRolePolicyInput{RoleName: name, PolicyArn: aws.String(managed)})
	wantCode(t, err, "NoSuchEntity", "was not found")
	wantCode(t, remove(), "DeleteConflict", "delete policies first")
	_, err = f.DeleteRolePolicy(ctx, &awsiam.DeleteRolePolicyInput{RoleName: name, PolicyName: aws.String("p")})
	ok(t, err)
	_, err = f.DeleteRolePolicy(ctx, &awsiam.DeleteRolePolicyInput{RoleName: name, PolicyName: aws.String("p")})
	wantCode(t, err, "NoSuchEntity", "role policy with name p")
	ok(t, remove())
	_, err = f.DeleteInstanceProfile(ctx, &awsiam.DeleteInstanceProfileInput{InstanceProfileName: name})
	ok(t, err)
	for _, r := range f.srv.Resources(true) {
		t.Errorf("left over: %+v", r)
	}
}

func TestConsistency(t *testing.T) {
	f, ctx := start(t, "us-east-1"), t.Context()
	arn := *f.role("r").Arn
	assumable := func() bool { return f.iam.CanAssume(account, arn, "ecs-tasks.amazonaws.com", f.w.Clock.Now()) }
	if assumable() {
		t.Error("a role is assumable at once")
	}
	f.srv.Advance(iam.Propagation)
	if !assumable() || f.iam.CanAssume(account, arn, "lambda.amazonaws.com", f.w.Clock.Now()) {
		t.Error("ecs-tasks, and only it, should be able to assume the role")
	}
	_, err := f.UpdateAssumeRolePolicy(ctx, &awsiam.UpdateAssumeRolePolicyInput{RoleName: aws.String("r"), PolicyDocument: aws.String(strings.Replace(tasks, "ecs-tasks", "lambda", 1))})
	ok(t, err)
	if !assumable() {
		t.Error("the former trust policy holds until the new one has propagated")
	}
	f.srv.Advance(iam.Propagation)
	if assumable() {
		t.Error("the new trust policy has propagated")
	}

	_, err = f.CreateInstanceProfile(ctx, &awsiam.CreateInstanceProfileInput{InstanceProfileName: aws.String("ip")})
	ok(t, err)
	f.srv.Advance(iam.Propagation)
	usable := func() bool { p, _ := f.iam.InstanceProfile(account, "ip"); return p.Usable }
	if usable() {
		t.Error("a profile without a role is not usable")
	}
	_, err = f.AddRoleToInstanceProfile(ctx, &awsiam.AddRoleToInstanceProfileInput{InstanceProfileName: aws.String("ip"), RoleName: aws.String("r")})
	ok(t, err)
	if usable() {
		t.Error("the role has not propagated")
	}
	f.srv.Advance(iam.Propagation)
	if !usable() {
		t.Error("the profile should be usable")
	}
}

func TestReadLag(t *testing.T) {
	f, ctx := start(t, "us-east-1"), t.Context()
	f.w.Settings.ReadLag = 5 * time.Second
	f.role("r")
	_, err := f.GetRole(ctx, &awsiam.GetRoleInput{RoleName: aws.String("r")})
	wantCode(t, err, "NoSuchEntity", "r cannot be found")
	_, err = f.CreateRole(ctx, &awsiam.CreateRoleInput{RoleName: aws.String("r"), AssumeRolePolicyDocument: aws.String(tasks)})
	wantCode(t, err, "EntityAlreadyExists", "r")
	f.srv.Advance(5 * time.Second)
	_, err = f.GetRole(ctx, &awsiam.GetRoleInput{RoleName: aws.String("r")})
	ok(t, err)
}

func TestServiceLinkedRoles(t *testing.T) {
	f, ctx := start(t, "us-east-1"), t.Context()
	made, err := f.CreateServiceLinkedRole(ctx, &awsiam.CreateServiceLinkedRoleInput{AWSServiceName: aws.String("ecs.amazonaws.com")})
	ok(t, err)
	if *made.Role.Arn != "arn:aws:iam::123456789012:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS" {
		t.Error(*made.Role.Arn)
	}
	_, err = f.CreateServiceLinkedRole(ctx, &awsiam.CreateServiceLinkedRoleInput{AWSServiceName: aws.String("ecs.amazonaws.com")})
	wantCode(t, err, "InvalidInput", "has been taken")
	_, err = f.DeleteRole(ctx, &awsiam.DeleteRoleInput{RoleName: made.Role.RoleName})
	wantCode(t, err, "UnmodifiableEntity", "protected role")
	f.w.Lock()
	f.iam.EnsureServiceLinkedRole(account, "ecs.amazonaws.com")
	f.iam.EnsureServiceLinkedRole(account, "elasticloadbalancing.amazonaws.com")
	f.w.Unlock()
	all := f.srv.Resources(false)
	if len(all) != 2 || !all[0].AWSManaged || all[0].Region != "" {
		t.Errorf("%+v", all)
	}
}
