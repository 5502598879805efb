package kms_test

import (
	"errors"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	api "github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"
	"github.com/aws/smithy-go"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/kms"
)

var scope = core.Scope{Account: "123456789012", Region: "eu-west-1"}

// TestDescribeKey: a key is told by ID, ARN or alias in its region, to its account.
func TestDescribeKey(t *testing.T) {
	w := core.NewWorld(core.NewClock(time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)))
	w.AddKey("AKIATEST000000000000", core.AccountRoot(scope.Account))
	srv, s := core.NewServer(w), kms.New(w)
	srv.Register(s.Mux())
	c := api.New(api.Options{Region: scope.Region, BaseEndpoint: aws.String("http://aws.test"), HTTPClient: srv, RetryMaxAttempts: 1,
		Credentials: credentials.NewStaticCredentialsProvider("AKIATEST000000000000", "secret", "")})
	describe := func(id string) (*types.KeyMetadata, error) {
		out, err := c.DescribeKey(t.Context(), &api.DescribeKeyInput{KeyId: &id})
		if err != nil {
			return nil, err
		}
		return out.KeyMetadata, nil
	}
	w.Lock()
	arn, pair := s.Add(scope, "one"), s.AddOf(scope, "pair", types.KeySpecRsa2048, types.KeyUsageTypeSignVerify)
	theirs := s.Add(core.Scope{Account: "999999999999", Region: scope.Region}, "theirs")
	elsewhere := s.Add(core.Scope{Account: scope.Account, Region: "us-east-1"}, "elsewhere")
	w.Unlock()
	w.Lock()
	alias := s.AddAlias("alias/first", arn)
	w.Unlock()
	for _, id := range []string{"one", arn, "alias/first", alias} {
		k, err := describe(id)
		if err != nil || *k.Arn != arn || *k.KeyId != "one" || k.KeyState != types.KeyStateEnabled || !k.Enabled || k.KeySpec != types.KeySpecSymmetricDefault {
			t.Errorf("%s: %+v %v", id, k, err)
		}
	}
	w.Lock()
	s.SetEnabled(arn, false)
	w.Unlock()
	if k, err := describe(arn); err != nil || k.KeyState != types.KeyStateDisabled || k.Enabled {
		t.Errorf("disabled: %+v %v", k, err)
	}
	w.Lock()
	s.ScheduleDeletion(arn)
	w.Unlock()
	if k, err := describe(arn); err != nil || k.KeyState != types.KeyStatePendingDeletion || !k.DeletionDate.Equal(w.Clock.Now().Add(30*24*time.Hour)) || s.Enabled(arn) {
		t.Errorf("scheduled for deletion: %+v %v", k, err)
	}
	if k, err := describe(pair); err != nil || k.KeyUsage != types.KeyUsageTypeSignVerify || s.Enabled(pair) {
		t.Errorf("a key pair: %+v %v", k, err)
	}
	for id, code := range map[string]string{"nothing": "NotFoundException", elsewhere: "NotFoundException", theirs: "AccessDeniedException", "alias/a": "NotFoundException", "alias/aws/secretsmanager": "InvalidParameterException"} {
		_, err := describe(id)
		var e smithy.APIError
		if !errors.As(err, &e) || e.ErrorCode() != code {
			t.Errorf("%s: %v, want %s", id, err, code)
		}
	}
	if _, err := c.DescribeKey(t.Context(), &api.DescribeKeyInput{KeyId: &arn, GrantTokens: []string{"a"}}); err == nil {
		t.Error("a parameter that isn't acted on was taken")
	}
}
