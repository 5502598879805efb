package sts_test

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	awsiam "github.com/aws/aws-sdk-go-v2/service/iam"
	awssts "github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/iam"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/sts"
)

const (
	home = "111111111111"
	away = "222222222222"
)

type fixture struct {
	t   *testing.T
	srv *core.Server
	url string
}

func start(t *testing.T) fixture {
	w := core.NewWorld(core.NewClock(time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)))
	w.AddKey("AKIAHOME000000000000", core.AccountRoot(home))
	w.AddKey("AKIAAWAY000000000000", core.AccountRoot(away))
	srv := core.NewServer(w)
	roles := iam.New(w)
	srv.Register(roles.Mux())
	srv.Register(sts.New(w, roles).Mux())
	h := httptest.NewServer(srv)
	t.Cleanup(h.Close)
	return fixture{t, srv, h.URL}
}

func (f fixture) sts(key, session string) *awssts.Client {
	return awssts.New(awssts.Options{Region: "eu-west-1", BaseEndpoint: &f.url, RetryMaxAttempts: 1,
		Credentials: credentials.NewStaticCredentialsProvider(key, "secret", session)})
}

// role makes a role in the other account.
func (f fixture) role(name, trust string) string {
	f.t.Helper()
	c := awsiam.New(awsiam.Options{Region: "eu-west-1", BaseEndpoint: &f.url, RetryMaxAttempts: 1,
		Credentials: credentials.NewStaticCredentialsProvider("AKIAAWAY000000000000", "secret", "")})
	out, err := c.CreateRole(f.t.Context(), &awsiam.CreateRoleInput{RoleName: &name, AssumeRolePolicyDocument: &trust})
	if err != nil {
		f.t.Fatal(err)
	}
	return *out.Role.Arn
}

func code(err error) string {
	var e smithy.APIError
	if errors.As(err, &e) {
		return e.ErrorCode()
	}
	return fmt.Sprint(err)
}

func TestAssumeRole(t *testing.T) {
	f, ctx := start(t), t.Context()
	arn := f.role("operator", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111111111111:root"},"Action":"sts:AssumeRole","Condition":{"StringEquals":{"sts:ExternalId":"tenant-1"}}}]}`)
	assume := func(key, role, external string, seconds int32) (*awssts.AssumeRoleOutput, error) {
		in := &awssts.AssumeRoleInput{RoleArn: &role, RoleSessionName: aws.String("session"), DurationSeconds: &seconds}
		if external != "" {
			in.ExternalId = &external
		}
		return f.sts(key, "").AssumeRole(ctx, in)
	}
	if _, err := assume("AKIAHOME000000000000", arn, "tenant-1", 900); code(err) != "AccessDenied" {
		t.Error("a role is assumable before it has propagated:", err)
	}
	f.srv.Advance(iam.Propagation)
	for name, c := range map[string]struct {
		key, role, external string
		seconds             int32
		want                string
	}{
		"no external id":    {"AKIAHOME000000000000", arn, "", 900, "AccessDenied"},
		"other external id": {"AKIAHOME000000000000", arn, "tenant-2", 900, "AccessDenied"},
		"other account":     {"AKIAAWAY000000000000", arn, "tenant-1", 900, "AccessDenied"},
		"unknown role":      {"AKIAHOME000000000000", arn + "x", "tenant-1", 900, "AccessDenied"},
		"no ARN":            {"AKIAHOME000000000000", "operator", "tenant-1", 900, "ValidationError"},
		"too short":         {"AKIAHOME000000000000", arn, "tenant-1", 899, "ValidationError"},
		"too long":          {"AKIAHOME000000000000", arn, "tenant-1", 3601, "ValidationError"},
	} {
		if _, err := assume(c.key, c.role, c.external, c.seconds); code(err) != c.want {
			t.Errorf("%s: got %v, want %s", name, err, c.want)
		}
	}
	out, err := assume("AKIAHOME000000000000", arn, "tenant-1", 900)
	if err != nil {
		t.Fatal(err)
	}
	if got := *out.AssumedRoleUser.Arn; got != "arn:aws:sts::222222222222:assumed-role/operator/session" {
		t.Error(got)
	}
	if want := f.srv.World.Clock.Now().Add(15 * time.Minute); !out.Credentials.Expiration.Equal(want) {
		t.Error(out.Credentials.Expiration)
	}
	id, err := f.sts(*out.Credentials.AccessKeyId, *out.Credentials.SessionToken).GetCallerIdentity(ctx, &awssts.GetCallerIdentityInput{})
	if err != nil || *id.Account != away || *id.Arn != *out.AssumedRoleUser.Arn || *id.UserId != *out.AssumedRoleUser.AssumedRoleId {
		t.Errorf("%+v, %v", id, err)
	}
}

func TestChainedRole(t *testing.T) {
	f, ctx := start(t), t.Context()
	first := f.role("first", `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"222222222222"},"Action":"sts:AssumeRole"}}`)
	f.srv.Advance(iam.Propagation)
	byName := f.role("by-name", `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"`+first+`"},"Action":"sts:AssumeRole"}}`)
	byAccount := f.role("by-account", `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"222222222222"},"Action":"sts:AssumeRole"}}`)
	f.srv.Advance(iam.Propagation)
	out, err := f.sts("AKIAAWAY000000000000", "").AssumeRole(ctx, &awssts.AssumeRoleInput{RoleArn: &first, RoleSessionName: aws.String("one")})
	if err != nil {
		t.Fatal(err)
	}
	c := f.sts(*out.Credentials.AccessKeyId, *out.Credentials.SessionToken)
	if _, err := c.AssumeRole(ctx, &awssts.AssumeRoleInput{RoleArn: &byName, RoleSessionName: aws.String("two")}); err != nil {
		t.Error("a trust policy that names the role is enough within the account:", err)
	}
	if _, err := c.AssumeRole(ctx, &awssts.AssumeRoleInput{RoleArn: &byAccount, RoleSessionName: aws.String("two")}); code(err) != "AccessDenied" {
		t.Error("a trust policy that names the account leaves it to the role's own policies:", err)
	}
}

func TestWebIdentity(t *testing.T) {
	f, ctx := start(t), t.Context()
	arn := f.role("pod", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Federated":"arn:aws:iam::222222222222:oidc-provider/oidc.example.com/id/ABC"},"Action":"sts:AssumeRoleWithWebIdentity","Condition":{"StringEquals":{"oidc.example.com/id/ABC:sub":"system:serviceaccount:ns:operator","oidc.example.com/id/ABC:aud":"sts.amazonaws.com"}}}]}`)
	f.srv.Advance(iam.Propagation)
	assume := func(claims string) (*awssts.AssumeRoleWithWebIdentityOutput, error) {
		token := "e30." + base64.RawURLEncoding.EncodeToString([]byte(claims)) + ".c2ln"
		return f.sts("", "").AssumeRoleWithWebIdentity(ctx, &awssts.AssumeRoleWithWebIdentityInput{RoleArn: &arn, RoleSessionName: aws.String("s" + "1"), WebIdentityToken: &token})
	}
	good := fmt.Sprintf(`{"iss":"https://oidc.example.com/id/ABC","sub":"system:serviceaccount:ns:operator","aud":["sts.amazonaws.com"],"exp":%d}`, f.srv.World.Clock.Now().Add(time.Hour).Unix())
	out, err := assume(good)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(*out.Credentials.AccessKeyId, "ASIA") || *out.SubjectFromWebIdentityToken != "system:serviceaccount:ns:operator" {
		t.Errorf("%+v", out)
	}
	for claims, want := range map[string]string{
		strings.Replace(good, "operator", "other", 1):            "AccessDenied",
		strings.Replace(good, "sts.amazonaws.com", "x", 1):       "AccessDenied",
		strings.Replace(good, "id/ABC", "id/XYZ", 1):             "AccessDenied",
		`{"iss":"https://oidc.example.com/id/ABC","exp":100000}`: "ExpiredTokenException",
		`nothing`: "InvalidIdentityToken",
	} {
		if _, err := assume(claims); code(err) != want {
			t.Errorf("%s: got %v, want %s", claims, err, want)
		}
	}
	calls := f.srv.Calls(0)
	if last := calls[len(calls)-1]; last.Service != "sts" || last.Account != away {
		t.Errorf("%+v", last)
	}
}

func TestUnknownKey(t *testing.T) {
	f := start(t)
	if _, err := f.sts("AKIANOBODY0000000000", "").GetCallerIdentity(t.Context(), &awssts.GetCallerIdentityInput{}); code(err) != "InvalidClientTokenId" {
		t.Error(err)
	}
	if _, err := f.sts("AKIAHOME000000000000", "").AssumeRole(t.Context(), &awssts.AssumeRoleInput{RoleArn: aws.String("arn:aws:iam::222222222222:role/x"),
		RoleSessionName: aws.String("s1"), Policy: aws.String("{}")}); code(err) != "ValidationError" {
		t.Error("a session policy is accepted:", err)
	}
}
