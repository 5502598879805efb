package lifecycle

import (
	"strings"
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/hack/harness"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator"
)

// TestSecretsKey encrypts copies with a key of the user's: tasks decrypt with it, the execution role may do that and
// nothing else with it, and a key that can't be used any more is told in AWS's words, while the tasks go on.
func TestSecretsKey(t *testing.T) {
	harness.Unraced(t)
	t.Parallel()
	h := harness.New()
	before := h.Emulator.Server.Resources(false)
	gw := h.Minimal("gw")
	fromSecrets(h, &gw.Spec)
	const arn = "arn:aws:kms:us-east-1:" + emulator.Account + ":key/"
	gw.Spec.Secrets = &v1alpha1.Secrets{KMSKeyARN: arn + emulator.KeyID}
	key := h.Create(gw)
	failed := func(words string) func(*v1alpha1.PortkeyGateway) bool {
		return func(gw *v1alpha1.PortkeyGateway) bool { return strings.Contains(harness.Story(gw), words) }
	}
	settled(t, h, key)
	if got := copyOf(t, h, "license").Settings["kmsKeyId"]; got != arn+emulator.KeyID {
		t.Errorf("the license is encrypted with %v", got)
	}
	role := ""
	for _, r := range h.Get(key).Status.Resources {
		if r.Node == "role/gateway-execution" {
			role = r.Name
		}
	}
	out, err := newConsole(h).iam.GetRolePolicy(t.Context(), &iam.GetRolePolicyInput{RoleName: &role, PolicyName: sdk.String("secrets-key")})
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{"kms%3ADecrypt", "kms%3AViaService", "secretsmanager.us-east-1.%2A", emulator.KeyID} {
		if !strings.Contains(*out.PolicyDocument, part) {
			t.Errorf("the execution role's policy lacks %s: %s", part, *out.PolicyDocument)
		}
	}
	quiet(t, h, key)

	enable := func(yes bool) {
		locked(h, func() { h.Emulator.KMS.SetEnabled(arn+emulator.KeyID, yes) })
	}
	enable(false)
	h.WriteSecret(kubeLicense, map[string]string{"PORTKEY_CLIENT_AUTH": "license-2", "ORGANISATIONS_TO_SYNC": "org-1"})
	if err := h.Until(key, time.Hour, "a disabled key is told", failed("Secrets Manager can't ")); err != nil {
		t.Fatal(err)
	}
	told(t, h.Get(key), v1alpha1.ConditionAvailable, metav1.ConditionTrue, v1alpha1.ReasonServing)
	enable(true)
	if err := h.Until(key, 3*time.Hour, "the new value", func(gw *v1alpha1.PortkeyGateway) bool {
		return harness.Ready(gw) && copies(t, h)["mirrored-secret/license"]["PORTKEY_CLIENT_AUTH"] == "license-2"
	}); err != nil {
		t.Fatal(err)
	}
	quiet(t, h, key)
	h.Delete(key)
	gone(t, h, key, before)
}
