package lifecycle

import (
	"context"
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/hack/harness"
)

// newReferring deploys a gateway whose license is a Kubernetes Secret.
func newReferring(t *testing.T) *site {
	t.Helper()
	return build(t, func(h *harness.Harness) *v1alpha1.PortkeyGateway {
		gw := h.Minimal("gw")
		gw.Spec.Credentials.License = referring(h).Spec.Credentials.License
		return gw
	})
}

// secretEdits are the edits of copies of Kubernetes Secrets. Values don't show here: TestMirroredSecretsAreMended.
var secretEdits = map[string][]edit{
	"MirroredSecret": {
		{what: "scheduled for deletion", tells: "deletion", do: func(ctx context.Context, s *site, o object) error {
			_, err := s.secrets.DeleteSecret(ctx, &secretsmanager.DeleteSecretInput{SecretId: &o.ID, RecoveryWindowInDays: sdk.Int64(30)})
			return err
		}},
		{what: "another key", tells: "kmsKey", do: func(ctx context.Context, s *site, o object) error {
			var key string
			locked(s.h, func() { key = s.h.Emulator.KMS.Add(home, "99999999-12ab-34cd-56ef-1234567890ab") })
			_, err := s.secrets.UpdateSecret(ctx, &secretsmanager.UpdateSecretInput{SecretId: &o.ID, KmsKeyId: &key})
			return err
		}},
	},
}

// secretRemovals delete one: another copy has another ARN.
var secretRemovals = []edit{
	{what: "deleted for good", history: rolledOut, do: func(ctx context.Context, s *site, o object) error {
		_, err := s.secrets.DeleteSecret(ctx, &secretsmanager.DeleteSecretInput{SecretId: &o.ID, ForceDeleteWithoutRecovery: sdk.Bool(true)})
		s.wait(time.Minute)
		return err
	}},
}
