package install

import (
	"fmt"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator"
)

// secretsNamespace is where a gateway names a Secret.
const secretsNamespace = "team-s"

// bound are the rights that an administrator gives the manager in a namespace.
var bound = map[right]string{
	{"", "secrets", "get"}: "the shipped ClusterRole portkeygateway-secret-reader, where it is bound",
}

// mayRefuse are requests that are refused until it is.
const mayRefuse = "get /api/v1/namespaces/" + secretsNamespace + "/secrets/"

// checkSecretRef names a Secret before the manager may read it: the condition has the command that an administrator
// runs, word by word, and with what it binds the manager may get Secrets of that namespace, and nothing else.
func (s *server) checkSecretRef(t *testing.T, seeded emulator.Seeded, account types.NamespacedName) {
	t.Helper()
	if err := s.Create(t.Context(), &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: secretsNamespace}}); err != nil {
		t.Fatal(err)
	}
	secret := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: secretsNamespace, Name: "license"}, StringData: map[string]string{"PORTKEY_CLIENT_AUTH": "one", "ORGANISATIONS_TO_SYNC": "org"}}
	if err := s.Create(t.Context(), secret); err != nil {
		t.Fatal(err)
	}
	gw := &v1alpha1.PortkeyGateway{ObjectMeta: metav1.ObjectMeta{Namespace: secretsNamespace, Name: "gw"}, Spec: v1alpha1.PortkeyGatewaySpec{
		Region: "us-east-1", ManagementPolicy: v1alpha1.ManagementObserve, Storage: v1alpha1.Storage{LogBucket: emulator.LogBucket},
		Credentials: v1alpha1.Credentials{License: v1alpha1.SecretSource{SecretRef: &v1alpha1.SecretReference{Name: "license"}}, Registry: v1alpha1.SecretSource{SecretARN: seeded.RegistrySecret}},
	}}
	if err := s.Create(t.Context(), gw); err != nil {
		t.Fatal(err)
	}
	key := types.NamespacedName{Namespace: secretsNamespace, Name: "gw"}
	const before = "have an administrator run kubectl "
	message := s.accepted(t, key, "False")
	_, command, ok := strings.Cut(message, before)
	if !ok {
		t.Fatalf("Accepted says: %s", message)
	}
	s.kubectl(t, strings.Fields(command)...)
	s.accepted(t, key, "True")
	user := "system:serviceaccount:" + account.Namespace + ":" + account.Name
	for _, verb := range []string{"list", "watch", "update", "delete"} {
		if answer := s.can(t, user, verb, secretsNamespace); answer {
			t.Errorf("the manager may %s Secrets where it may read them", verb)
		}
	}
	if s.can(t, user, "get", "default") {
		t.Error("the manager may read Secrets of another namespace")
	}
	s.kubectl(t, "delete", "-n", secretsNamespace, "portkeygateway/gw")
}

// accepted waits for the condition Accepted and answers what it says.
func (s *server) accepted(t *testing.T, key types.NamespacedName, want string) (message string) {
	t.Helper()
	eventually(t, time.Minute, func() error {
		s.hurry(t, key)
		o, err := s.gateway(t, key)
		if err != nil {
			return err
		}
		conditions, _, err := unstructured.NestedSlice(o.Object, "status", "conditions")
		if err != nil {
			return err
		}
		for _, c := range conditions {
			c, _ := c.(map[string]any)
			if c["type"] == v1alpha1.ConditionAccepted && c["status"] == want {
				message, _ = c["message"].(string)
				return nil
			}
		}
		return fmt.Errorf("Accepted isn't %s: %v", want, conditions)
	})
	return message
}
