package lifecycle

import (
	"context"
	"strings"
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/hack/harness"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// checkingKeys spoils a spec for a manager that was started with --check-secret-keys.
func checkingKeys(spoil func(*harness.Harness, *spec)) func(*harness.Harness, *spec) {
	return func(h *harness.Harness, s *spec) {
		h.Reconciler.CheckSecretKeys = true
		spoil(h, s)
	}
}

// keyless are secrets that lack what tasks read of them.
var keyless = []unacceptable{
	{name: "license lacks both keys", reason: v1alpha1.ReasonSecretUnusable,
		spoil: checkingKeys(func(h *harness.Harness, s *spec) {
			s.Credentials.License.SecretARN = addSecret(h, "portkey/keyless", `{"CLIENT_AUTH":"x"}`)
		}),
		says: []string{"credentials.license: the secret arn:", "has no value for the keys ORGANISATIONS_TO_SYNC and PORTKEY_CLIENT_AUTH: add them, or name another"},
		mend: func(_ *testing.T, h *harness.Harness) { addSecret(h, "portkey/keyless", goodLicense) }},
	{name: "license lacks the organisations", reason: v1alpha1.ReasonSecretUnusable,
		spoil: checkingKeys(func(h *harness.Harness, s *spec) {
			s.Credentials.License.SecretARN = addSecret(h, "portkey/keyless", `{"PORTKEY_CLIENT_AUTH":"x","ORGANISATIONS_TO_SYNC":""}`)
		}),
		says: []string{"has no value for the key ORGANISATIONS_TO_SYNC: add it"}},
	{name: "registry is no JSON", reason: v1alpha1.ReasonSecretUnusable,
		spoil: checkingKeys(func(h *harness.Harness, s *spec) {
			s.Credentials.Registry.SecretARN = addSecret(h, "portkey/keyless", `user:password`)
		}),
		says: []string{"credentials.registry: the secret arn:", "is no JSON object: store one with the keys password and username, or name another"},
		mend: func(_ *testing.T, h *harness.Harness) {
			addSecret(h, "portkey/keyless", `{"username":"u","password":"p"}`)
		}},
	{name: "variable is binary", reason: v1alpha1.ReasonSecretUnusable,
		spoil: checkingKeys(func(h *harness.Harness, s *spec) {
			out, err := secrets(h).CreateSecret(context.Background(), &secretsmanager.CreateSecretInput{Name: sdk.String("portkey/binary"), SecretBinary: []byte{0xff, 0xfe}})
			if err != nil {
				panic(err)
			}
			s.Gateway = &v1alpha1.Gateway{SecretEnv: v1alpha1.SecretEnvironment{"MY_KEY": {SecretARN: *out.ARN}}}
		}),
		says: []string{"gateway.secretEnv.MY_KEY: the secret arn:", "is binary, and ECS hands tasks text only: store it as text"}},
	{name: "variable lacks its key", reason: v1alpha1.ReasonSecretUnusable,
		spoil: checkingKeys(func(h *harness.Harness, s *spec) {
			s.Gateway = &v1alpha1.Gateway{SecretEnv: v1alpha1.SecretEnvironment{"MY_KEY": {SecretARN: addSecret(h, "portkey/keyless", `{"other":1}`), Key: "openai"}}}
		}),
		says: []string{"gateway.secretEnv.MY_KEY: the secret arn:", "has no value for the key openai: add it"},
		mend: func(_ *testing.T, h *harness.Harness) { addSecret(h, "portkey/keyless", `{"openai":17}`) }},
	{name: "token of a cache lacks its key", reason: v1alpha1.ReasonSecretUnusable,
		spoil: checkingKeys(func(h *harness.Harness, s *spec) {
			s.Cache = &v1alpha1.Cache{ElastiCache: &v1alpha1.ElastiCache{
				Endpoint: &v1alpha1.CacheEndpoint{Address: "10.1.2.3:6379"}, Auth: &v1alpha1.CacheAuth{SecretARN: addSecret(h, "portkey/keyless", `{"password":"x"}`)},
			}}
		}),
		says: []string{"cache.elastiCache.auth: the secret arn:", "has no value for the key REDIS_PASSWORD: add it"}},
}

// TestKeysRefusedAtFirst and TestKeysRefusedLater are TestRefusedAtFirst and TestRefusedLater for the keys of secrets.
func TestKeysRefusedAtFirst(t *testing.T) { refusedAtFirst(t, keyless) }

func TestKeysRefusedLater(t *testing.T) { refusedLater(t, keyless) }

// TestSecretsAreReadOnce: unless a manager is told to, it reads no secret of the user's. One that is reads each version
// once, and lets pass what it isn't allowed to read.
func TestSecretsAreReadOnce(t *testing.T) {
	h, key := begun(t, nil)
	read := func(m int) (out []string) {
		for _, c := range since(h, m) {
			if c.Action == "GetSecretValue" {
				out = append(out, c.Params.(map[string]any)["SecretId"].(string))
			}
		}
		return out
	}
	if got := read(0); len(got) > 0 {
		t.Errorf("secrets were read though nobody allowed that: %v", got)
	}
	h.Reconciler.CheckSecretKeys = true
	m := mark(h)
	h.Edit(key, tagged("2.17.0"))
	ready(t, h, key)
	if got := read(m); len(got) != 2 || got[0] == got[1] {
		t.Errorf("read for the first edit: %v, want license and registry", got)
	}
	m = mark(h)
	h.Edit(key, tagged("2.18.0"))
	ready(t, h, key)
	for range 30 { // some hours, and an edit after them
		h.AdvanceTo(h.Clock.Now().Add(10 * time.Minute))
		if err := h.Step(key); err != nil {
			t.Fatal(err)
		}
	}
	h.Edit(key, tagged("2.19.0"))
	ready(t, h, key)
	if got := read(m); len(got) > 0 {
		t.Errorf("versions were read again: %v", got)
	}
	addSecret(h, emulator.LicenseSecret, goodLicense)
	for range 3 {
		h.AdvanceTo(h.Clock.Now().Add(20 * time.Minute))
		if err := h.Step(key); err != nil {
			t.Fatal(err)
		}
	}
	h.Edit(key, tagged("2.20.0"))
	ready(t, h, key)
	if got := read(m); len(got) != 1 || !strings.Contains(got[0], emulator.LicenseSecret) {
		t.Errorf("read after a new version of the license: %v", got)
	}

	h.Restart()
	h.Reconciler.CheckSecretKeys = true
	h.Emulator.Server.Inject(core.FaultRule{Service: "secretsmanager", Action: "GetSecretValue", Every: 1, Fault: core.FaultDenied})
	addSecret(h, emulator.RegistrySecret, `{}`)
	h.Edit(key, func(gw *v1alpha1.PortkeyGateway) { gw.Spec.Tags = map[string]v1alpha1.TagValue{"a": "b"} })
	for range 3 {
		if err := h.Step(key); err != nil {
			t.Fatal(err)
		}
	}
	told(t, h.Get(key), v1alpha1.ConditionAccepted, metav1.ConditionTrue, v1alpha1.ReasonAccepted)
}
