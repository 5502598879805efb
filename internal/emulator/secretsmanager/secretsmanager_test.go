package secretsmanager_test

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	asm "github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"
	"github.com/aws/smithy-go"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/secretsmanager"
)

var scope = core.Scope{Account: "123456789012", Region: "eu-west-1"}

type fixture struct {
	*asm.Client
	w   *core.World
	srv *core.Server
	s   *secretsmanager.Service
}

func start(t *testing.T) fixture {
	w := core.NewWorld(core.NewClock(time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)))
	w.AddKey("AKIATEST000000000000", core.AccountRoot(scope.Account))
	srv := core.NewServer(w)
	s := secretsmanager.New(w)
	srv.Register(s.Mux())
	endpoint := "http://aws.test" // without a network: see core.Server.Do
	c := asm.New(asm.Options{Region: scope.Region, BaseEndpoint: &endpoint, HTTPClient: srv, RetryMaxAttempts: 1,
		Credentials: credentials.NewStaticCredentialsProvider("AKIATEST000000000000", "secret", "")})
	return fixture{c, w, srv, s}
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
		t.Errorf("got %v, want %s with %q", err, code, text)
	}
}

func second[T any](_ T, err error) error { return err }

func TestVersions(t *testing.T) {
	f, ctx := start(t), t.Context()
	name := aws.String("portkey/license")
	made, err := f.CreateSecret(ctx, &asm.CreateSecretInput{Name: name, SecretString: aws.String("one"), Tags: []types.Tag{{Key: aws.String("a"), Value: aws.String("b")}}})
	ok(t, err)
	if !regexp.MustCompile(`^arn:aws:secretsmanager:eu-west-1:123456789012:secret:portkey/license-\w{6}$`).MatchString(*made.ARN) {
		t.Error(*made.ARN)
	}
	wantCode(t, second(f.CreateSecret(ctx, &asm.CreateSecretInput{Name: name, SecretString: aws.String("one")})), "ResourceExistsException", "portkey/license already exists")
	put, err := f.PutSecretValue(ctx, &asm.PutSecretValueInput{SecretId: made.ARN, SecretString: aws.String("two")})
	ok(t, err)
	for id, want := range map[string]string{*name: "two", *made.ARN: "two", (*made.ARN)[:len(*made.ARN)-7]: "two"} {
		got, err := f.GetSecretValue(ctx, &asm.GetSecretValueInput{SecretId: &id})
		ok(t, err)
		if *got.SecretString != want || *got.VersionId != *put.VersionId || !got.CreatedDate.Equal(f.w.Clock.Now()) {
			t.Errorf("%s: %+v", id, got)
		}
	}
	old, err := f.GetSecretValue(ctx, &asm.GetSecretValueInput{SecretId: name, VersionStage: aws.String("AWSPREVIOUS")})
	ok(t, err)
	if *old.SecretString != "one" {
		t.Error(*old.SecretString)
	}
	wantCode(t, second(f.GetSecretValue(ctx, &asm.GetSecretValueInput{SecretId: name, VersionStage: aws.String("AWSPENDING")})), "ResourceNotFoundException", "staging label: AWSPENDING")
	_, err = f.UpdateSecret(ctx, &asm.UpdateSecretInput{SecretId: name, Description: aws.String("d")})
	ok(t, err)
	d, err := f.DescribeSecret(ctx, &asm.DescribeSecretInput{SecretId: name})
	ok(t, err)
	if *d.Description != "d" || len(d.VersionIdsToStages) != 2 || d.VersionIdsToStages[*put.VersionId][0] != "AWSCURRENT" || *d.Tags[0].Value != "b" || d.DeletedDate != nil {
		t.Errorf("%+v", d)
	}
	_, err = f.UpdateSecret(ctx, &asm.UpdateSecretInput{SecretId: name, SecretString: aws.String("three")})
	ok(t, err)
	versions, err := f.ListSecretVersionIds(ctx, &asm.ListSecretVersionIdsInput{SecretId: name, IncludeDeprecated: aws.Bool(true)})
	ok(t, err)
	if len(versions.Versions) != 3 {
		t.Errorf("%+v", versions.Versions)
	}
	if v, _ := f.s.Value(scope, *made.ARN); v != "three" {
		t.Error(v)
	}
	_, err = f.TagResource(ctx, &asm.TagResourceInput{SecretId: name, Tags: []types.Tag{{Key: aws.String("c"), Value: aws.String("d")}}})
	ok(t, err)
	_, err = f.UntagResource(ctx, &asm.UntagResourceInput{SecretId: name, TagKeys: []string{"a"}})
	ok(t, err)
	if tags := f.w.Tagged(scope)[*made.ARN]; len(tags) != 1 || tags["c"] != "d" {
		t.Error(tags)
	}
}

func TestIdempotency(t *testing.T) {
	f, ctx := start(t), t.Context()
	token := aws.String(strings.Repeat("t", 32))
	in := &asm.CreateSecretInput{Name: aws.String("s"), SecretString: aws.String("v"), ClientRequestToken: token}
	a, err := f.CreateSecret(ctx, in)
	ok(t, err)
	b, err := f.CreateSecret(ctx, in)
	ok(t, err)
	if *a.ARN != *b.ARN || *a.VersionId != *b.VersionId {
		t.Error(*a.ARN, *b.ARN)
	}
	in.SecretString = aws.String("w")
	wantCode(t, second(f.CreateSecret(ctx, in)), "ResourceExistsException", "")
	wantCode(t, second(f.PutSecretValue(ctx, &asm.PutSecretValueInput{SecretId: in.Name, SecretString: aws.String("w"), ClientRequestToken: token})), "ResourceExistsException", "ClientRequestToken")
	_, err = f.PutSecretValue(ctx, &asm.PutSecretValueInput{SecretId: in.Name, SecretString: aws.String("v"), ClientRequestToken: token})
	ok(t, err)
}

func TestDeletion(t *testing.T) {
	f, ctx := start(t), t.Context()
	name := aws.String("s")
	create := func() error {
		return second(f.CreateSecret(ctx, &asm.CreateSecretInput{Name: name, SecretString: aws.String("v")}))
	}
	remove := func(in asm.DeleteSecretInput) error { in.SecretId = name; return second(f.DeleteSecret(ctx, &in)) }
	ok(t, create())
	wantCode(t, remove(asm.DeleteSecretInput{RecoveryWindowInDays: aws.Int64(6)}), "InvalidParameterException", "between 7 and 30")
	wantCode(t, remove(asm.DeleteSecretInput{RecoveryWindowInDays: aws.Int64(7), ForceDeleteWithoutRecovery: aws.Bool(true)}), "InvalidParameterException", "in conjunction")
	ok(t, remove(asm.DeleteSecretInput{RecoveryWindowInDays: aws.Int64(7)}))
	wantCode(t, remove(asm.DeleteSecretInput{}), "InvalidRequestException", "already scheduled")
	wantCode(t, create(), "InvalidRequestException", "already scheduled for deletion")
	wantCode(t, second(f.GetSecretValue(ctx, &asm.GetSecretValueInput{SecretId: name})), "InvalidRequestException", "marked for deletion")
	if _, found := f.s.Value(scope, "s"); found {
		t.Error("a secret marked for deletion has a value")
	}
	if n, all := len(f.srv.Resources(false)), len(f.srv.Resources(true)); n != 0 || all != 1 {
		t.Error(n, all)
	}
	_, err := f.RestoreSecret(ctx, &asm.RestoreSecretInput{SecretId: name})
	ok(t, err)
	f.srv.Advance(10 * 24 * time.Hour)
	ok(t, second(f.GetSecretValue(ctx, &asm.GetSecretValueInput{SecretId: name})))
	ok(t, remove(asm.DeleteSecretInput{RecoveryWindowInDays: aws.Int64(7)}))
	f.srv.Advance(7 * 24 * time.Hour)
	wantCode(t, second(f.DescribeSecret(ctx, &asm.DescribeSecretInput{SecretId: name})), "ResourceNotFoundException", "can't find")

	ok(t, create())
	ok(t, remove(asm.DeleteSecretInput{ForceDeleteWithoutRecovery: aws.Bool(true)}))
	wantCode(t, second(f.DescribeSecret(ctx, &asm.DescribeSecretInput{SecretId: name})), "ResourceNotFoundException", "")
	wantCode(t, create(), "InvalidRequestException", "scheduled for deletion")
	f.srv.Advance(5 * time.Second)
	ok(t, create())
	ok(t, second(f.DeleteSecret(ctx, &asm.DeleteSecretInput{SecretId: aws.String("none"), ForceDeleteWithoutRecovery: aws.Bool(true)})))
}

func TestList(t *testing.T) {
	f, ctx := start(t), t.Context()
	f.w.Settings.PageSize = 2
	for i := range 5 {
		_, err := f.CreateSecret(ctx, &asm.CreateSecretInput{Name: aws.String(fmt.Sprint("p/s", i)), SecretString: aws.String("v")})
		ok(t, err)
		f.srv.Advance(time.Second)
	}
	ok(t, second(f.CreateSecret(ctx, &asm.CreateSecretInput{Name: aws.String("other")})))
	seen := ""
	for p := asm.NewListSecretsPaginator(f, &asm.ListSecretsInput{SortOrder: types.SortOrderTypeAsc, Filters: []types.Filter{{Key: types.FilterNameStringTypeName, Values: []string{"p/"}}}}); p.HasMorePages(); {
		page, err := p.NextPage(ctx)
		ok(t, err)
		for _, s := range page.SecretList {
			seen += strings.TrimPrefix(*s.Name, "p/")
		}
	}
	if seen != "s0s1s2s3s4" {
		t.Error(seen)
	}
	wantCode(t, second(f.GetSecretValue(ctx, &asm.GetSecretValueInput{SecretId: aws.String("other")})), "ResourceNotFoundException", "AWSCURRENT")
}

func TestRefusals(t *testing.T) {
	f, ctx := start(t), t.Context()
	wantCode(t, second(f.CreateSecret(ctx, &asm.CreateSecretInput{Name: aws.String("a b")})), "ValidationException", "Invalid name")
	wantCode(t, second(f.CreateSecret(ctx, &asm.CreateSecretInput{Name: aws.String("a"), SecretString: aws.String("x"), SecretBinary: []byte("x")})), "InvalidParameterException", "both")
	wantCode(t, second(f.CreateSecret(ctx, &asm.CreateSecretInput{Name: aws.String("a"), AddReplicaRegions: []types.ReplicaRegionType{{Region: aws.String("us-east-1")}}})), "SerializationException", "AddReplicaRegions")
	wantCode(t, second(f.RotateSecret(ctx, &asm.RotateSecretInput{SecretId: aws.String("a")})), "ResourceNotFoundException", "specified secret")
	wantCode(t, second(f.GetSecretValue(ctx, &asm.GetSecretValueInput{SecretId: aws.String("a")})), "ResourceNotFoundException", "specified secret")
}
