package iam_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	awsiam "github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/smithy-go"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/iam"
)

const (
	account = "123456789012"
	key     = "AKIATEST000000000000"
	tasks   = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ecs-tasks.amazonaws.com"},"Action":"sts:AssumeRole","Condition":{"StringEquals":{"aws:SourceAccount":"123456789012"},"ArnLike":{"aws:SourceArn":"arn:aws:ecs:*:123456789012:*"}}}]}`
	allowS3 = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:GetObject","s3:Put*"],"Resource":"arn:aws:s3:::logs/*"},{"Effect":"Deny","Action":"s3:PutObject","Resource":"arn:aws:s3:::logs/private/*"}]}`
	managed = "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"
)

type fixture struct {
	*awsiam.Client
	t   *testing.T
	w   *core.World
	iam *iam.Service
	srv *core.Server
}

func start(t *testing.T, region string) fixture {
	t.Helper()
	w := core.NewWorld(core.NewClock(time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)))
	w.AddKey(key, core.AccountRoot(account))
	srv := core.NewServer(w)
	s := iam.New(w)
	srv.Register(s.Mux())
	endpoint := "http://aws.test" // without a network: see core.Server.Do
	c := awsiam.New(awsiam.Options{Region: region, BaseEndpoint: &endpoint, HTTPClient: srv, RetryMaxAttempts: 1,
		Credentials: credentials.NewStaticCredentialsProvider(key, "secret", "")})
	return fixture{c, t, w, s, srv}
}

func (f fixture) role(name string, tags ...types.Tag) *types.Role {
	f.t.Helper()
	out, err := f.CreateRole(f.t.Context(), &awsiam.CreateRoleInput{RoleName: &name, AssumeRolePolicyDocument: aws.String(tasks), Tags: tags})
	ok(f.t, err)
	return out.Role
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func wantCode(t *testing.T, err error, code, text string) {
	t.Helper()
	var e smithy.APIError
	if !errors.As(err, &e) || e.ErrorCode() != code || !strings.Contains(e.ErrorMessage(), text) {
		t.Fatalf("got %v, want %s with %q", err, code, text)
	}
}

func TestRefusals(t *testing.T) {
	f, ctx := start(t, "us-east-1"), t.Context()
	f.role("taken")
	create := func(in awsiam.CreateRoleInput) error {
		if in.RoleName == nil {
			in.RoleName = aws.String("r")
		}
		if in.AssumeRolePolicyDocument == nil {
			in.AssumeRolePolicyDocument = aws.String(tasks)
		}
		_, err := f.CreateRole(ctx, &in)
		return err
	}
	trust := func(doc string) error { return create(awsiam.CreateRoleInput{AssumeRolePolicyDocument: &doc}) }
	inline := func(doc string) error {
		_, err := f.PutRolePolicy(ctx, &awsiam.PutRolePolicyInput{RoleName: aws.String("taken"), PolicyName: aws.String("p"), PolicyDocument: &doc})
		return err
	}
	statement := func(s string) string { return `{"Version":"2012-10-17","Statement":[` + s + `]}` }
	var many []types.Tag
	for i := range 51 {
		many = append(many, types.Tag{Key: aws.String(fmt.Sprint(i)), Value: aws.String("")})
	}
	const bad = "MalformedPolicyDocument"
	for name, c := range map[string]struct {
		err        error
		code, text string
	}{
		"same name":           {create(awsiam.CreateRoleInput{RoleName: aws.String("Taken")}), "EntityAlreadyExists", "Role with name Taken already exists."},
		"long name":           {create(awsiam.CreateRoleInput{RoleName: aws.String(strings.Repeat("a", 65))}), "ValidationError", "less than or equal to 64"},
		"characters":          {create(awsiam.CreateRoleInput{RoleName: aws.String("a b")}), "ValidationError", "roleName is invalid"},
		"path":                {create(awsiam.CreateRoleInput{Path: aws.String("/a")}), "ValidationError", "path is invalid"},
		"session":             {create(awsiam.CreateRoleInput{MaxSessionDuration: aws.Int32(60)}), "ValidationError", "maxSessionDuration"},
		"boundary":            {create(awsiam.CreateRoleInput{PermissionsBoundary: aws.String("arn:aws:iam::123456789012:policy/none")}), "NoSuchEntity", "none"},
		"51 tags":             {create(awsiam.CreateRoleInput{Tags: many}), "LimitExceeded", "50"},
		"aws: tag":            {create(awsiam.CreateRoleInput{Tags: []types.Tag{{Key: aws.String("aws:x"), Value: aws.String("")}}}), "InvalidInput", "aws:"},
		"twice a tag":         {create(awsiam.CreateRoleInput{Tags: []types.Tag{{Key: aws.String("a"), Value: aws.String("")}, {Key: aws.String("A"), Value: aws.String("")}}}), "InvalidInput", "Duplicate"},
		"no JSON":             {trust(`{`), bad, "invalid Json"},
		"version":             {trust(`{"Version":"2026-01-01","Statement":[{"Effect":"Allow","Principal":"*","Action":"sts:AssumeRole"}]}`), bad, "version"},
		"effect":              {trust(statement(`{"Effect":"allow","Principal":"*","Action":"sts:AssumeRole"}`)), bad, "effect"},
		"trust: no principal": {trust(statement(`{"Effect":"Allow","Action":"sts:AssumeRole"}`)), bad, "Principal"},
		"trust: resource":     {trust(statement(`{"Effect":"Allow","Principal":"*","Action":"sts:AssumeRole","Resource":"*"}`)), bad, "prohibited field Resource"},
		"trust: action":       {trust(statement(`{"Effect":"Allow","Principal":"*","Action":"s3:GetObject"}`)), bad, "STS AssumeRole"},
		"trust: unknown role": {trust(statement(`{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:role/nobody"},"Action":"sts:AssumeRole"}`)), bad, `Invalid principal in policy: "AWS":"arn:aws:iam::123456789012:role/nobody"`},
		"trust: fresh role":   {trust(statement(`{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:role/taken"},"Action":"sts:AssumeRole"}`)), bad, "Invalid principal"},
		"trust: service":      {trust(statement(`{"Effect":"Allow","Principal":{"Service":"ecs"},"Action":"sts:AssumeRole"}`)), bad, `"SERVICE":"ecs"`},
		"trust: size":         {trust(statement(`{"Sid":"` + strings.Repeat("a", 2100) + `","Effect":"Allow","Principal":"*","Action":"sts:AssumeRole"}`)), "LimitExceeded", "ACLSizePerRole: 2048"},
		"unknown element":     {trust(statement(`{"Effect":"Allow","Principals":"*","Action":"sts:AssumeRole"}`)), bad, "Syntax"},
		"principal":           {inline(statement(`{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"*"}`)), bad, "should not specify a principal"},
		"no resource":         {inline(statement(`{"Effect":"Allow","Action":"s3:*"}`)), bad, "must contain resources"},
		"no action":           {inline(statement(`{"Effect":"Allow","Resource":"*"}`)), bad, "must contain actions"},
		"resource":            {inline(statement(`{"Effect":"Allow","Action":"s3:*","Resource":"bucket"}`)), bad, "ARN format"},
		"vendor":              {inline(statement(`{"Effect":"Allow","Action":"GetObject","Resource":"*"}`)), bad, "vendor"},
		"inline size":         {inline(statement(`{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::` + strings.Repeat("a", 10240) + `"}`)), "LimitExceeded", "10240"},
	} {
		t.Run(name, func(t *testing.T) { wantCode(t, c.err, c.code, c.text) })
	}
	f.srv.Advance(iam.Propagation)
	ok(t, trust(statement(`{"Effect":"Allow","Principal":{"AWS":["arn:aws:iam::123456789012:role/taken","arn:aws:iam::299329113195:root"]},"Action":"sts:AssumeRole"}`)))
}
