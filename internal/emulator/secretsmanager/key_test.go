package secretsmanager_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	asm "github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/kms"
)

// TestKeys: customer managed keys must exist in the account and region and be enabled; a new key leaves what there is
// readable by the old one, and what is written from then on isn't.
func TestKeys(t *testing.T) {
	f, ctx := start(t), t.Context()
	keys := kms.New(f.w)
	f.s.SetKeys(keys)
	f.w.Lock()
	first, second := keys.Add(scope, "first"), keys.Add(scope, "second")
	elsewhere := keys.Add(core.Scope{Account: scope.Account, Region: "us-east-1"}, "elsewhere")
	theirs := keys.Add(core.Scope{Account: "999999999999", Region: scope.Region}, "theirs")
	f.w.Unlock()
	enable := func(arn string, yes bool) {
		f.w.Lock()
		defer f.w.Unlock()
		keys.SetEnabled(arn, yes)
	}
	name := aws.String("s")
	create := func(key string) error {
		_, err := f.CreateSecret(ctx, &asm.CreateSecretInput{Name: name, SecretString: aws.String("one"), KmsKeyId: &key})
		return err
	}
	for _, id := range []string{"nothing", elsewhere, theirs, elsewhere[len(elsewhere)-len("elsewhere"):]} {
		wantCode(t, create(id), "EncryptionFailure", "does not exist")
	}
	enable(first, false)
	wantCode(t, create("first"), "EncryptionFailure", "available, enabled")
	enable(first, true)
	ok(t, create("first"))
	described := func(want string) {
		t.Helper()
		d, err := f.DescribeSecret(ctx, &asm.DescribeSecretInput{SecretId: name})
		ok(t, err)
		if got := aws.ToString(d.KmsKeyId); got != want {
			t.Errorf("the key is %q, want %q", got, want)
		}
	}
	described("first")
	read := func() error {
		_, err := f.GetSecretValue(ctx, &asm.GetSecretValueInput{SecretId: name})
		return err
	}
	enable(first, false)
	wantCode(t, read(), "DecryptionFailure", "can't decrypt")
	wantCode(t, failed(f.PutSecretValue(ctx, &asm.PutSecretValueInput{SecretId: name, SecretString: aws.String("two")})), "EncryptionFailure", "enabled")
	enable(first, true)
	_, err := f.UpdateSecret(ctx, &asm.UpdateSecretInput{SecretId: name, KmsKeyId: &second})
	ok(t, err)
	described(second)
	enable(first, false)
	ok(t, read())
	if d, err := f.DescribeSecret(ctx, &asm.DescribeSecretInput{SecretId: name}); err != nil || len(d.VersionIdsToStages) != 1 {
		t.Errorf("a new key makes a version: %+v, %v", d, err)
	}
	enable(first, true)
	enable(second, false)
	ok(t, read())
	may := func(arn string) string {
		f.w.Lock()
		defer f.w.Unlock()
		return f.s.Decrypts(scope, "s", func(key string) bool { return key == arn })
	}
	if problem := may(first); problem != "" {
		t.Error(problem)
	}
	if problem := may("another"); problem != "AccessDeniedException: Access to KMS is not allowed" {
		t.Error(problem)
	}
	enable(second, true)
	_, err = f.PutSecretValue(ctx, &asm.PutSecretValueInput{SecretId: name, SecretString: aws.String("two")})
	ok(t, err)
	if may(first) == "" || may(second) != "" {
		t.Error("a new version can be decrypted with the old key")
	}
	_, err = f.UpdateSecret(ctx, &asm.UpdateSecretInput{SecretId: name, KmsKeyId: aws.String("")})
	ok(t, err)
	described("")
	f.w.Lock()
	alias := keys.AddAlias("alias/second", second)
	f.w.Unlock()
	_, err = f.UpdateSecret(ctx, &asm.UpdateSecretInput{SecretId: name, KmsKeyId: aws.String("alias/second")})
	ok(t, err)
	described(alias)
	_, err = f.UpdateSecret(ctx, &asm.UpdateSecretInput{SecretId: name, KmsKeyId: aws.String("")})
	ok(t, err)
	token := aws.String("0123456789012345678901234567890123")
	_, err = f.UpdateSecret(ctx, &asm.UpdateSecretInput{SecretId: name, SecretString: aws.String("three"), ClientRequestToken: token})
	ok(t, err)
	wantCode(t, failed(f.UpdateSecret(ctx, &asm.UpdateSecretInput{SecretId: name, SecretString: aws.String("three"), ClientRequestToken: token})), "ResourceExistsException", "ClientRequestToken")
	if problem := may("nobody's"); problem != "" {
		t.Error(problem)
	}
}

func failed[T any](_ T, err error) error { return err }
