package lifecycle

import (
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/hack/harness"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// grantsOf are the policies of a gateway's roles that name a key, as "role policy".
func grantsOf(t *testing.T, h *harness.Harness, key string) []string {
	t.Helper()
	out, err := newConsole(h).iam.GetAccountAuthorizationDetails(t.Context(), &iam.GetAccountAuthorizationDetailsInput{})
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, r := range out.RoleDetailList {
		for _, p := range r.RolePolicyList {
			doc, err := url.QueryUnescape(*p.PolicyDocument)
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(doc, key) {
				continue
			}
			for _, part := range []string{"kms:Decrypt", "kms:ViaService", "secretsmanager.us-east-1.*"} {
				if !strings.Contains(doc, part) {
					t.Errorf("%s of %s lacks %s: %s", *p.PolicyName, *r.RoleName, part, doc)
				}
			}
			_, role, _ := strings.Cut(strings.TrimPrefix(*r.RoleName, "gw-"), "-") // behind the owner's hash
			found = append(found, role)
		}
	}
	slices.Sort(found)
	return found
}

// TestKeysOfGivenSecrets: tasks decrypt secrets that the spec names by ARN and keys of the user's own encrypt, however
// these call them. The execution role has each key for as long as a task reads a secret that it encrypts, and follows a
// secret to another key.
func TestKeysOfGivenSecrets(t *testing.T) {
	harness.Unraced(t)
	t.Parallel()
	h := harness.New()
	byARN, byID, byAlias, later := addKey(h, "by-arn", ""), addKey(h, "by-id", ""), addKey(h, "by-alias", "alias/portkey"), addKey(h, "later", "")
	gw := h.Minimal("gw")
	gw.Spec.Credentials.License.SecretARN = encryptedSecret(h, "mine/license", goodLicense, byARN)
	gw.Spec.Credentials.Registry.SecretARN = encryptedSecret(h, "mine/registry", `{"username":"a","password":"b"}`, "by-id")
	gw.Spec.Gateway = &v1alpha1.Gateway{SecretEnv: v1alpha1.SecretEnvironment{"OWN": {SecretARN: encryptedSecret(h, "mine/own", "value", "alias/portkey")}}}
	gw.Spec.DataService = &v1alpha1.DataService{}
	before := h.Emulator.Server.Resources(false)
	key := h.Create(gw)
	settled(t, h, key)
	granted := func(key string, want ...string) {
		t.Helper()
		if got := grantsOf(t, h, key); !slices.Equal(got, want) {
			t.Errorf("%s is granted to %v, want %v", key, got, want)
		}
	}
	const data, gateway = "data-service-execution", "gateway-execution"
	granted(byARN, data, gateway)
	granted(byID, data, gateway)
	granted(byAlias, gateway)
	quiet(t, h, key)
	unplanned(t, h, key)

	// Another key for a secret that tasks read.
	if _, err := secrets(h).UpdateSecret(t.Context(), &secretsmanager.UpdateSecretInput{SecretId: sdk.String("mine/license"), KmsKeyId: &later}); err != nil {
		t.Fatal(err)
	}
	passes(t, h, key, time.Hour)
	granted(later, data, gateway)
	granted(byARN)
	for _, e := range h.Events.Events {
		if strings.Contains(e, "Drift") {
			t.Errorf("told as drift: %s", e)
		}
	}

	// A secret that is given up takes its key along, once the tasks that read it are gone.
	h.Edit(key, func(gw *v1alpha1.PortkeyGateway) { gw.Spec.Gateway.SecretEnv = nil })
	settled(t, h, key)
	granted(byAlias)
	granted(byID, data, gateway)
	quiet(t, h, key)

	// AWS's own key needs no grant.
	if _, err := secrets(h).UpdateSecret(t.Context(), &secretsmanager.UpdateSecretInput{SecretId: sdk.String("mine/license"), KmsKeyId: sdk.String("")}); err != nil {
		t.Fatal(err)
	}
	passes(t, h, key, time.Hour)
	granted(later)
	h.Delete(key)
	gone(t, h, key, before)
}

// TestKeysOfTasksOfBefore: while a rollout with another secret isn't through, tasks of before still decrypt theirs.
func TestKeysOfTasksOfBefore(t *testing.T) {
	harness.Unraced(t)
	t.Parallel()
	h := harness.New()
	first, second := addKey(h, "first", ""), addKey(h, "second", "")
	gw := h.Minimal("gw")
	env := func(arn string) v1alpha1.SecretEnvironment {
		return v1alpha1.SecretEnvironment{"OWN": {SecretARN: arn}}
	}
	gw.Spec.Gateway = &v1alpha1.Gateway{SecretEnv: env(encryptedSecret(h, "mine/first", "one", first))}
	other := encryptedSecret(h, "mine/second", "two", second)
	key := h.Create(gw)
	settled(t, h, key)
	h.Edit(key, func(gw *v1alpha1.PortkeyGateway) { gw.Spec.Gateway.SecretEnv = env(other) })
	both := false
	if err := h.Until(key, longest, "Ready", func(gw *v1alpha1.PortkeyGateway) bool {
		both = both || len(grantsOf(t, h, first)) == 1 && len(grantsOf(t, h, second)) == 1
		return harness.Ready(gw)
	}); err != nil {
		t.Fatal(err)
	}
	if !both {
		t.Error("the keys of tasks of before and of new ones were never granted together")
	}
	settle(t, h, key)
	if got := grantsOf(t, h, first); len(got) > 0 {
		t.Errorf("the key of a secret that nobody reads is granted to %v", got)
	}
	quiet(t, h, key)
}

// TestUnseenKeysStay: where the operator may no longer see which key a secret has, what the role has of keys stays, and
// Accepted says what is missing.
func TestUnseenKeysStay(t *testing.T) {
	harness.Unraced(t)
	t.Parallel()
	for _, tt := range []struct{ name, alias, service, says string }{
		{"secret", "", "secretsmanager", "secretsmanager:DescribeSecret is denied for arn:"},
		{"alias", "alias/portkey", "kms", "kms:DescribeKey is denied, so that tasks aren't allowed to decrypt arn:"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			h := harness.New()
			arn := addKey(h, "mine", tt.alias)
			gw := h.Minimal("gw")
			by := arn
			if tt.alias != "" {
				by = tt.alias
			}
			gw.Spec.Credentials.License.SecretARN = encryptedSecret(h, "mine/license", goodLicense, by)
			key := h.Create(gw)
			settled(t, h, key)
			m := mark(h)
			h.Emulator.Server.Inject(core.FaultRule{Service: tt.service, Fault: core.FaultDenied})
			h.Restart()
			passes(t, h, key, 2*time.Hour)
			if got := grantsOf(t, h, arn); len(got) != 1 {
				t.Errorf("the key is granted to %v", got)
			}
			if got := mutations(since(h, m)); len(got) > 0 {
				t.Errorf("written: %v", got)
			}
			if accepted := told(t, h.Get(key), v1alpha1.ConditionAccepted, metav1.ConditionTrue, v1alpha1.ReasonAccepted); !strings.Contains(accepted, tt.says) {
				t.Errorf("Accepted says: %s", accepted)
			}
			h.Emulator.Server.ClearFaults()
			passes(t, h, key, time.Hour)
			if accepted := told(t, h.Get(key), v1alpha1.ConditionAccepted, metav1.ConditionTrue, v1alpha1.ReasonAccepted); strings.Contains(accepted, "denied") {
				t.Errorf("Accepted says: %s", accepted)
			}
			quiet(t, h, key)
		})
	}
}
