package iam_test

import (
	"context"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsiam "github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
)

func TestPagination(t *testing.T) {
	f, ctx := start(t, "us-east-1"), t.Context()
	f.w.Settings.PageSize = 2
	for i := range 5 {
		f.role(fmt.Sprint("r", i))
	}
	seen := ""
	for p := awsiam.NewListRolesPaginator(f, &awsiam.ListRolesInput{}); p.HasMorePages(); {
		page, err := p.NextPage(ctx)
		ok(t, err)
		if len(page.Roles) > 2 {
			t.Error(len(page.Roles))
		}
		for _, r := range page.Roles {
			seen += *r.RoleName
		}
	}
	if seen != "r0r1r2r3r4" {
		t.Error(seen)
	}
	_, err := f.ListRoles(ctx, &awsiam.ListRolesInput{Marker: aws.String("?")})
	wantCode(t, err, "ValidationError", "Marker")
}

func TestAccountAuthorizationDetails(t *testing.T) {
	f, ctx := start(t, "us-east-1"), t.Context()
	f.w.Settings.PageSize = 2
	for _, n := range []string{"a", "b", "c"} {
		f.role(n, types.Tag{Key: aws.String("n"), Value: aws.String(n)})
	}
	_, err := f.PutRolePolicy(ctx, &awsiam.PutRolePolicyInput{RoleName: aws.String("b"), PolicyName: aws.String("p"), PolicyDocument: aws.String(allowS3)})
	ok(t, err)
	_, err = f.AttachRolePolicy(ctx, &awsiam.AttachRolePolicyInput{RoleName: aws.String("b"), PolicyArn: aws.String(managed)})
	ok(t, err)
	_, err = f.CreateInstanceProfile(ctx, &awsiam.CreateInstanceProfileInput{InstanceProfileName: aws.String("ip"), Tags: []types.Tag{{Key: aws.String("k"), Value: aws.String("v")}}})
	ok(t, err)
	_, err = f.AddRoleToInstanceProfile(ctx, &awsiam.AddRoleToInstanceProfileInput{InstanceProfileName: aws.String("ip"), RoleName: aws.String("b")})
	ok(t, err)
	_, err = f.CreatePolicy(ctx, &awsiam.CreatePolicyInput{PolicyName: aws.String("local"), PolicyDocument: aws.String(allowS3)})
	ok(t, err)
	var roles []types.RoleDetail
	var policies []types.ManagedPolicyDetail
	for p := awsiam.NewGetAccountAuthorizationDetailsPaginator(f, &awsiam.GetAccountAuthorizationDetailsInput{
		Filter: []types.EntityType{types.EntityTypeRole, types.EntityTypeLocalManagedPolicy}}); p.HasMorePages(); {
		page, err := p.NextPage(ctx)
		ok(t, err)
		roles, policies = append(roles, page.RoleDetailList...), append(policies, page.Policies...)
	}
	if len(roles) != 3 || len(policies) != 1 || *policies[0].PolicyName != "local" || len(policies[0].PolicyVersionList) != 1 {
		t.Fatalf("%d roles, %+v", len(roles), policies)
	}
	b := roles[1]
	if *b.Tags[0].Value != "b" || *b.RolePolicyList[0].PolicyName != "p" || *b.AttachedManagedPolicies[0].PolicyArn != managed ||
		*b.InstanceProfileList[0].InstanceProfileName != "ip" || b.InstanceProfileList[0].Tags != nil {
		t.Errorf("%+v", b)
	}
	_, err = f.GetAccountAuthorizationDetails(ctx, &awsiam.GetAccountAuthorizationDetailsInput{Filter: []types.EntityType{"Nothing"}})
	wantCode(t, err, "ValidationError", "filter")
}

func TestUnknown(t *testing.T) {
	f, ctx := start(t, "us-east-1"), t.Context()
	_, err := f.SimulatePrincipalPolicy(ctx, &awsiam.SimulatePrincipalPolicyInput{PolicySourceArn: aws.String("arn:aws:iam::123456789012:role/r"), ActionNames: []string{"s3:GetObject"}})
	wantCode(t, err, "InvalidAction", "SimulatePrincipalPolicy")
	form := strings.NewReader("Action=GetRole&Version=2010-05-08&RoleName=r&Colour=red")
	req := httptest.NewRequestWithContext(context.Background(), "POST", "/", form)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential="+key+"/20261123/us-east-1/iam/aws4_request, SignedHeaders=host, Signature=0")
	if res, err := f.srv.Do(req); err != nil || res.StatusCode != 400 {
		t.Error(res.StatusCode)
	}
	calls := f.srv.Calls(0)
	if last := calls[len(calls)-1]; last.Error != "ValidationError" || !strings.Contains(last.Message, "Colour") || last.Region != "" {
		t.Errorf("%+v", last)
	}
}
