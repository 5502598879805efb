package secretsmanager

import (
	"slices"
	"strings"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// A secret is encrypted with the key of AWS's own for the account, or with a customer managed one.
// https://docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html

// ownKey is the alias of AWS's own key.
const ownKey = "alias/aws/secretsmanager"

// findKey answers the ARN of a key that can encrypt; empty for AWS's own. The codes are those of
// https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html. That of a key which doesn't
// exist in the account and region isn't documented; its words are those that users report.
func (s *Service) findKey(scope core.Scope, id string) (string, error) {
	if id == "" || id == ownKey || strings.HasSuffix(id, ":"+ownKey) {
		return "", nil
	}
	if s.keys != nil {
		if arn, ok := s.keys.Find(scope, id); ok {
			return arn, s.encrypts(arn)
		}
	}
	if !strings.HasPrefix(id, "arn:") {
		id = scope.ARN("kms", "key/"+id)
	}
	return "", core.Errorf("EncryptionFailure", "Secrets Manager can't encrypt the secret value: Key '%s' does not exist (Service: AWSKMS; Status Code: 400; Error Code: NotFoundException)", id)
}

// called is what DescribeSecret calls a key: "the key ID or alias ARN of the KMS key", or its ARN where that was given, as
// in the example of the AWS CLI.
// https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_DescribeSecret.html
func called(scope core.Scope, id string) string {
	if strings.HasPrefix(id, "alias/") {
		return scope.ARN("kms", id)
	}
	return id
}

// keyID is what describes and lists tell of a secret's key: nothing where that is AWS's own.
func (x *secret) keyID() string {
	if x.key == "" {
		return ""
	}
	return x.called
}

func (s *Service) encrypts(arn string) error {
	if arn == "" || s.keys.Enabled(arn) {
		return nil
	}
	return core.Errorf("EncryptionFailure", "Secrets Manager can't encrypt the protected secret text using the provided KMS key. Check that the KMS key is available, enabled, and not in an invalid state.")
}

// decrypts reports whether one of a version's keys decrypts it.
func (s *Service) decrypts(v *version) error {
	if len(v.keys) == 0 || slices.ContainsFunc(v.keys, func(arn string) bool { return arn == "" || s.keys.Enabled(arn) }) {
		return nil
	}
	return core.Errorf("DecryptionFailure", "Secrets Manager can't decrypt the protected secret text using the provided KMS key.")
}

// rekey has the versions that are in use encrypted with another key as well: they can be decrypted with the key of
// before, too.
// https://docs.aws.amazon.com/secretsmanager/latest/userguide/manage_update-encryption-key.html
func (x *secret) rekey(arn string) {
	if x.key == arn {
		return
	}
	for _, v := range x.versions {
		if len(v.stages) > 0 && !slices.Contains(v.keys, arn) {
			v.keys = append(v.keys, arn)
		}
	}
	x.key = arn
}

// Decrypts says why a reader can't decrypt a secret's present value; may tells which keys the reader may use. AWS's
// own key serves everybody in the account.
func (s *Service) Decrypts(scope core.Scope, arnOrName string, may func(keyARN string) bool) (problem string) {
	x := s.lookup(scope, arnOrName)
	if x == nil {
		return ""
	}
	v := x.staged(current)
	if v == nil {
		return ""
	}
	if err := s.decrypts(v); err != nil {
		return err.Error()
	}
	if len(v.keys) == 0 || slices.ContainsFunc(v.keys, func(arn string) bool { return arn == "" || s.keys.Enabled(arn) && may(arn) }) {
		return ""
	}
	return "AccessDeniedException: Access to KMS is not allowed"
}
