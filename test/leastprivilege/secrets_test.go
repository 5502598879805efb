package leastprivilege

import (
	"testing"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	corev1 "k8s.io/api/core/v1"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/hack/harness"
	"github.com/portkey-ai/portkey-ecs-operator/hack/iampolicy"
	"github.com/portkey-ai/portkey-ecs-operator/internal/aws"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// secretsLife copies Kubernetes Secrets, encrypts the copies with one key after another, and lets others meddle. Another
// secret is the user's, and encrypted with a key that an alias names.
func secretsLife(t *testing.T, bind binding) {
	h := harness.New()
	bind(t, h, minimal(iampolicy.MirroredSecrets, iampolicy.SecretsKey)...)
	scope := core.Scope{Account: emulator.Account, Region: "us-east-1"}
	h.Emulator.World.Lock()
	first, second := h.Emulator.KMS.Add(scope, "first"), h.Emulator.KMS.Add(scope, "second")
	h.Emulator.KMS.AddAlias("alias/theirs", h.Emulator.KMS.Add(scope, "theirs"))
	h.Emulator.World.Unlock()
	registry, err := clients(h).Secrets.CreateSecret(t.Context(), &secretsmanager.CreateSecretInput{
		Name: sdk.String("theirs/registry"), SecretString: sdk.String(`{"username":"a","password":"b"}`), KmsKeyId: sdk.String("alias/theirs"),
	})
	if err != nil {
		t.Fatal(err)
	}
	before := len(h.Emulator.Server.Resources(false))
	license := func(value string) {
		h.WriteSecret("license", map[string]string{"PORTKEY_CLIENT_AUTH": value, "ORGANISATIONS_TO_SYNC": "org"})
	}
	license("one")
	gw := h.Minimal("gw")
	gw.Spec.Tags = map[string]v1alpha1.TagValue{"team": "ai", "stage": "dev"}
	gw.Spec.Credentials.License = v1alpha1.SecretSource{SecretRef: &v1alpha1.SecretReference{Name: "license"}}
	gw.Spec.Credentials.Registry.SecretARN = *registry.ARN
	gw.Spec.Secrets = &v1alpha1.Secrets{KMSKeyARN: first}
	key := h.Create(gw)
	until(t, h, key, "Ready", harness.Ready)
	changed := func(what string) {
		t.Helper()
		settle(t, h, key)
		until(t, h, key, what, harness.Ready)
	}
	license("two")
	changed("another value")
	h.ChangeSecret("license", func(s *corev1.Secret) { s.Labels = map[string]string{"a": "b"} })
	changed("a label")
	edit := func(what string, change func(*v1alpha1.PortkeyGatewaySpec)) {
		t.Helper()
		h.Edit(key, func(gw *v1alpha1.PortkeyGateway) { change(&gw.Spec) })
		until(t, h, key, what, harness.Ready)
	}
	edit("another key", func(s *v1alpha1.PortkeyGatewaySpec) { s.Secrets.KMSKeyARN = second })
	edit("fewer tags, and another", func(s *v1alpha1.PortkeyGatewaySpec) { s.Tags = map[string]v1alpha1.TagValue{"team": "ml"} })
	meddle := func(what string, f func(w *aws.World, id string) error) {
		t.Helper()
		if err := f(clients(h), find(h, "Secret", "mirrored-secret/license").ID); err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		changed(what)
	}
	meddle("a value by hand", func(w *aws.World, id string) error {
		_, err := w.Secrets.PutSecretValue(t.Context(), &secretsmanager.PutSecretValueInput{SecretId: &id, SecretString: sdk.String("theirs")})
		return err
	})
	meddle("scheduled for deletion, and untagged", func(w *aws.World, id string) error {
		if _, err := w.Secrets.UntagResource(t.Context(), &secretsmanager.UntagResourceInput{SecretId: &id, TagKeys: []string{"team"}}); err != nil {
			return err
		}
		_, err := w.Secrets.DeleteSecret(t.Context(), &secretsmanager.DeleteSecretInput{SecretId: &id})
		return err
	})
	edit("AWS's own key", func(s *v1alpha1.PortkeyGatewaySpec) { s.Secrets = nil })
	h.Delete(key)
	until(t, h, key, "deletion", harness.Gone)
	if after := len(h.Emulator.Server.Resources(false)); after != before {
		t.Errorf("%d objects before, %d after", before, after)
	}
}
