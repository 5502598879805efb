package lifecycle

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	ecsapi "github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/controllers"
	"github.com/portkey-ai/portkey-ecs-operator/hack/harness"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/ecs"
)

var home = core.Scope{Account: emulator.Account, Region: "us-east-1"}

// The Kubernetes Secrets of the tests.
const (
	kubeLicense  = "portkey-license"
	kubeRegistry = "portkey-registry"
	kubeKeys     = "portkey-keys"
	kubeRedis    = "portkey-redis"
)

func ref(name string) *v1alpha1.SecretReference { return &v1alpha1.SecretReference{Name: name} }

// referring makes a gateway with a data service whose secrets are all Kubernetes Secrets.
func referring(h *harness.Harness) *v1alpha1.PortkeyGateway {
	h.WriteSecret(kubeLicense, map[string]string{"PORTKEY_CLIENT_AUTH": "license-1", "ORGANISATIONS_TO_SYNC": "org-1", "other": "x"})
	h.WriteSecret(kubeRegistry, map[string]string{"username": "user-1", "password": "password-1"})
	h.WriteSecret(kubeKeys, map[string]string{"openai": "openai-1", "anthropic": "anthropic-1"})
	gw := h.Minimal("gw")
	gw.Spec.Credentials = v1alpha1.Credentials{License: v1alpha1.SecretSource{SecretRef: ref(kubeLicense)}, Registry: v1alpha1.SecretSource{SecretRef: ref(kubeRegistry)}}
	gw.Spec.Gateway = &v1alpha1.Gateway{SecretEnv: v1alpha1.SecretEnvironment{"OPENAI_KEY": {SecretRef: ref(kubeKeys), Key: "openai"}}}
	gw.Spec.DataService = &v1alpha1.DataService{SecretEnv: v1alpha1.SecretEnvironment{"OTHER_KEY": {SecretRef: ref(kubeKeys), Key: "anthropic"}}}
	return gw
}

// copies are the values of the copies in Secrets Manager that aren't scheduled for deletion, by their node.
func copies(t *testing.T, h *harness.Harness) map[string]map[string]string {
	t.Helper()
	out := map[string]map[string]string{}
	for _, r := range h.Emulator.Server.Resources(false) {
		node := r.Tags["ecs.portkey.ai/node"]
		if r.Kind != "Secret" || !strings.HasPrefix(node, "mirrored-secret/") {
			continue
		}
		text := ""
		locked(h, func() { text, _ = h.Emulator.SecretsManager.Value(home, r.ARN) })
		values := map[string]string{}
		if err := json.Unmarshal([]byte(text), &values); err != nil {
			t.Fatal(err)
		}
		out[node] = values
	}
	return out
}

// holds checks one value of one copy.
func holds(t *testing.T, h *harness.Harness, why, node, key, want string) {
	t.Helper()
	if got := copies(t, h)["mirrored-secret/"+node][key]; got != want {
		t.Errorf("%s: the copy %s holds %q, want %q", why, node, got, want)
	}
}

// copyOf is a copy as AWS has it.
func copyOf(t *testing.T, h *harness.Harness, node string) core.Resource {
	t.Helper()
	for _, r := range h.Emulator.Server.Resources(true) {
		if r.Kind == "Secret" && r.Tags["ecs.portkey.ai/node"] == "mirrored-secret/"+node {
			return r
		}
	}
	t.Fatalf("there is no copy %s", node)
	return core.Resource{}
}

// TestSecretRefs follows copies of Kubernetes Secrets from the first deployment to their deletion: they hold what is
// needed and no more, a change is one rollout of those who read it, and one that concerns nobody is none.
func TestSecretRefs(t *testing.T) {
	harness.Unraced(t)
	t.Parallel()
	h := harness.New()
	before := h.Emulator.Server.Resources(false)
	key := h.Create(referring(h))
	settled(t, h, key)
	want := map[string]map[string]string{
		"mirrored-secret/license":                    {"PORTKEY_CLIENT_AUTH": "license-1", "ORGANISATIONS_TO_SYNC": "org-1"},
		"mirrored-secret/registry":                   {"username": "user-1", "password": "password-1"},
		"mirrored-secret/gateway-env-OPENAI_KEY":     {"OPENAI_KEY": "openai-1"},
		"mirrored-secret/data-service-env-OTHER_KEY": {"OTHER_KEY": "anthropic-1"},
	}
	if got := copies(t, h); !maps.EqualFunc(got, want, maps.Equal) {
		t.Errorf("the copies are %v, want %v", got, want)
	}
	quiet(t, h, key)
	s := watch(h, key)

	for _, c := range []struct {
		why      string
		change   func()
		services []string
	}{
		{"the license", func() {
			h.WriteSecret(kubeLicense, map[string]string{"PORTKEY_CLIENT_AUTH": "license-2", "ORGANISATIONS_TO_SYNC": "org-1", "other": "x"})
		}, []string{"data-service", "gateway"}},
		{"a key that nobody reads", func() {
			h.WriteSecret(kubeLicense, map[string]string{"PORTKEY_CLIENT_AUTH": "license-2", "ORGANISATIONS_TO_SYNC": "org-1", "other": "y"})
		}, nil},
		{"a label", func() {
			h.ChangeSecret(kubeKeys, func(s *corev1.Secret) { s.Labels = map[string]string{"a": "b"} })
		}, nil},
		{"a variable of the data service", func() {
			h.WriteSecret(kubeKeys, map[string]string{"openai": "openai-1", "anthropic": "anthropic-2"})
		}, []string{"data-service"}},
		{"a Secret made again with the same data", func() {
			h.ChangeSecret(kubeRegistry, func(s *corev1.Secret) { s.Annotations = map[string]string{"refreshed": "now"} })
		}, nil},
	} {
		m, events := mark(h), len(h.Events.Events)
		old := slices.Concat(taskARNs(h, "service/gateway"), taskARNs(h, "service/data-service"))
		c.change()
		passes(t, h, key, 6*time.Minute)
		ready(t, h, key)
		got := updatesOf(since(h, m))
		if slices.Sort(got); !slices.Equal(got, c.services) {
			t.Errorf("%s: %v were updated, want %v", c.why, got, c.services)
		}
		if len(c.services) == 0 && len(mutations(since(h, m))) > 0 {
			t.Errorf("%s: %v", c.why, mutations(since(h, m)))
		}
		for _, name := range c.services {
			if !replaced(h, "service/"+name, old) {
				t.Errorf("%s: tasks of %s have the old value", c.why, name)
			}
		}
		if told := strings.Join(h.Events.Events[events:], "\n"); strings.Contains(told, "Drift") {
			t.Errorf("%s is told as\n%s", c.why, told)
		}
		quiet(t, h, key)
	}
	holds(t, h, "rotated", "license", "PORTKEY_CLIENT_AUTH", "license-2")
	holds(t, h, "rotated", "data-service-env-OTHER_KEY", "OTHER_KEY", "anthropic-2")
	s.stop()
	for _, b := range s.broke {
		t.Errorf("clients weren't served at %s", b)
	}
	for _, before := range []func(){h.Restart, func() { loseStatus(t, h, key) }} {
		before()
		m := mark(h)
		passes(t, h, key, noticed)
		if got := mutations(since(h, m)); len(got) > 0 {
			t.Errorf("without news: %v", got)
		}
	}
	loseStatus(t, h, key)
	h.Delete(key)
	gone(t, h, key, before)
	if got := copies(t, h); len(got) > 0 {
		t.Errorf("left: %v", got)
	}
}

// TestMirroredSecretsAreMended undoes what others do to a copy: a value by hand is drift, a scheduled deletion is taken
// back, and one that is gone for good is made again, with a rollout since its ARN is another.
func TestMirroredSecretsAreMended(t *testing.T) {
	harness.Unraced(t)
	t.Parallel()
	h := harness.New()
	key := h.Create(referring(h))
	settled(t, h, key)
	quiet(t, h, key)
	license := func() string { return copyOf(t, h, "license").ARN }
	for _, c := range []struct {
		why      string
		do       func(context.Context, *secretsmanager.Client) error
		services []string
		drift    bool
	}{
		{"a value by hand", func(ctx context.Context, c *secretsmanager.Client) error {
			_, err := c.PutSecretValue(ctx, &secretsmanager.PutSecretValueInput{SecretId: sdk.String(license()), SecretString: sdk.String(`{"PORTKEY_CLIENT_AUTH":"theirs","ORGANISATIONS_TO_SYNC":"org-1"}`)})
			return err
		}, []string{"data-service", "gateway"}, true},
		{"a text that is no JSON", func(ctx context.Context, c *secretsmanager.Client) error {
			_, err := c.PutSecretValue(ctx, &secretsmanager.PutSecretValueInput{SecretId: sdk.String(license()), SecretString: sdk.String("theirs")})
			return err
		}, []string{"data-service", "gateway"}, true},
		{"the same value by hand", func(ctx context.Context, c *secretsmanager.Client) error {
			_, err := c.PutSecretValue(ctx, &secretsmanager.PutSecretValueInput{SecretId: sdk.String(license()), SecretString: sdk.String(`{"ORGANISATIONS_TO_SYNC":"org-1","PORTKEY_CLIENT_AUTH":"license-1"}`)})
			return err
		}, []string{"data-service", "gateway"}, false},
		{"a scheduled deletion", func(ctx context.Context, c *secretsmanager.Client) error {
			_, err := c.DeleteSecret(ctx, &secretsmanager.DeleteSecretInput{SecretId: sdk.String(license())})
			return err
		}, nil, true},
		{"a deletion for good", func(ctx context.Context, c *secretsmanager.Client) error {
			_, err := c.DeleteSecret(ctx, &secretsmanager.DeleteSecretInput{SecretId: sdk.String(license()), ForceDeleteWithoutRecovery: sdk.Bool(true)})
			return err
		}, []string{"data-service", "gateway"}, true},
	} {
		m, events := mark(h), len(h.Events.Events)
		if err := c.do(t.Context(), secrets(h)); err != nil {
			t.Fatal(err)
		}
		passes(t, h, key, 6*time.Minute)
		ready(t, h, key)
		holds(t, h, c.why, "license", "PORTKEY_CLIENT_AUTH", "license-1")
		got := updatesOf(since(h, m))
		if slices.Sort(got); !slices.Equal(got, c.services) {
			t.Errorf("%s: %v were updated, want %v", c.why, got, c.services)
		}
		if told := strings.Join(h.Events.Events[events:], "\n"); strings.Contains(told, "Drift") != c.drift || c.drift && !strings.Contains(told, "mirrored-secret/license") {
			t.Errorf("%s is told as\n%s", c.why, told)
		}
		quiet(t, h, key)
	}
}

// TestSecretRefsComeAndGo: a copy goes when nobody uses it any more, tasks of a rollout that is taken back find theirs,
// and a gateway that is made again within the recovery window gets its copies back.
func TestSecretRefsComeAndGo(t *testing.T) {
	harness.Unraced(t)
	t.Parallel()
	h := harness.New()
	before := h.Emulator.Server.Resources(false)
	gw := referring(h)
	again := gw.DeepCopy()
	key := h.Create(gw)
	settled(t, h, key)
	s := watch(h, key)

	// Back to an ARN by a rollout that fails: the copies stay, and a task of before that is lost starts again.
	h.Edit(key, func(gw *v1alpha1.PortkeyGateway) {
		tagged("2.17.0-" + ecs.ImageNeverHealthy)(gw)
		gw.Spec.Credentials.License = v1alpha1.SecretSource{SecretARN: h.Seeded.LicenseSecret}
		delete(gw.Spec.Gateway.SecretEnv, "OPENAI_KEY")
	})
	if err := h.Until(key, longest, "taken back", rolledBackTo("2.16.0")); err != nil {
		t.Fatal(err)
	}
	passes(t, h, key, time.Hour)
	h.Restart()
	passes(t, h, key, 20*time.Minute)
	if got := copies(t, h); len(got) != 4 {
		t.Errorf("after a rollout that was taken back the copies are %v", got)
	}
	s.stop()
	for _, arn := range taskARNs(h, "service/gateway") {
		if _, err := newConsole(h).ecs.StopTask(t.Context(), &ecsapi.StopTaskInput{Cluster: sdk.String(strings.Split(arn, "/")[1]), Task: &arn}); err != nil {
			t.Fatal(err)
		}
	}
	passes(t, h, key, 20*time.Minute)
	told(t, h.Get(key), v1alpha1.ConditionAvailable, metav1.ConditionTrue, v1alpha1.ReasonServing)
	broke := s.broke
	s = watch(h, key)
	h.Edit(key, tagged("2.18.0"))
	settled(t, h, key)
	if got := slices.Sorted(maps.Keys(copies(t, h))); !slices.Equal(got, []string{"mirrored-secret/data-service-env-OTHER_KEY", "mirrored-secret/registry"}) {
		t.Errorf("the copies are %v", got)
	}
	h.Edit(key, func(gw *v1alpha1.PortkeyGateway) {
		gw.Spec.Credentials.License = v1alpha1.SecretSource{SecretRef: ref(kubeLicense)}
	})
	settled(t, h, key)
	holds(t, h, "restored", "license", "PORTKEY_CLIENT_AUTH", "license-1")
	quiet(t, h, key)
	s.stop()
	for _, b := range append(broke, s.broke...) {
		t.Errorf("clients weren't served at %s", b)
	}
	arn := copyOf(t, h, "license").ARN
	h.Delete(key)
	gone(t, h, key, before)
	h.WriteSecret(kubeLicense, map[string]string{"PORTKEY_CLIENT_AUTH": "license-2", "ORGANISATIONS_TO_SYNC": "org-1"})
	key = h.Create(again)
	settled(t, h, key)
	if got := copyOf(t, h, "license").ARN; got != arn {
		t.Errorf("%s was made, although %s could be restored", got, arn)
	}
	holds(t, h, "restored after deletion", "license", "PORTKEY_CLIENT_AUTH", "license-2")
	quiet(t, h, key)
	h.Delete(key)
	gone(t, h, key, before)
	h.AdvanceTo(h.Clock.Now().Add(8 * 24 * time.Hour))
	for _, r := range h.Emulator.Server.Resources(true) {
		if strings.HasPrefix(r.Tags["ecs.portkey.ai/node"], "mirrored-secret/") {
			t.Errorf("%s is still there after its recovery window", r.Name)
		}
	}
}

// unreadable is a Kubernetes in which the manager may read no Secrets.
type unreadable struct{ client.Reader }

func (u unreadable) Get(ctx context.Context, key client.ObjectKey, o client.Object, opts ...client.GetOption) error {
	if _, is := o.(*corev1.Secret); is {
		return apierrors.NewForbidden(schema.GroupResource{Resource: "secrets"}, key.Name,
			errors.New(`User "system:serviceaccount:operators:portkey-manager" cannot get resource "secrets" in API group "" in the namespace "default"`))
	}
	return u.Reader.Get(ctx, key, o, opts...)
}

// TestSecretRefRefusals: what can't be copied is said before AWS is written to, with what to do, and never with a value.
func TestSecretRefRefusals(t *testing.T) {
	for _, c := range []struct {
		name  string
		spoil func(*harness.Harness, *spec)
		says  []string
		mend  func(*harness.Harness)
	}{
		{"no Secret", func(h *harness.Harness, s *spec) {
			s.Credentials.License = v1alpha1.SecretSource{SecretRef: ref("nothing")}
		}, []string{"credentials.license: there is no Secret nothing in the namespace default: create it with the keys ORGANISATIONS_TO_SYNC and PORTKEY_CLIENT_AUTH, or correct secretRef.name"},
			func(h *harness.Harness) {
				h.WriteSecret("nothing", map[string]string{"PORTKEY_CLIENT_AUTH": "a", "ORGANISATIONS_TO_SYNC": "b"})
			}},
		{"no right", func(h *harness.Harness, s *spec) {
			h.Reconciler.Reader = unreadable{h.Kube}
		}, []string{"credentials.license: the operator may not read the Secret portkey-license in the namespace default",
			"kubectl create rolebinding portkey-secret-reader --namespace=default --clusterrole=portkey-ecs-operator-portkeygateway-secret-reader --serviceaccount=operators:portkey-manager"},
			func(h *harness.Harness) { h.Reconciler.Reader = h.Kube }},
		{"a key missing", func(h *harness.Harness, s *spec) {
			h.WriteSecret(kubeLicense, map[string]string{"PORTKEY_CLIENT_AUTH": "very-secret"})
		}, []string{"credentials.license: the Secret portkey-license in the namespace default has no value for the key ORGANISATIONS_TO_SYNC: add it"},
			func(h *harness.Harness) {
				h.Edit(types.NamespacedName{Namespace: "default", Name: "gw"}, func(gw *v1alpha1.PortkeyGateway) { gw.Spec.Organisations = []string{"org-1"} })
			}},
		{"two keys missing", func(h *harness.Harness, s *spec) {
			h.WriteSecret(kubeRegistry, map[string]string{"user": "very-secret", "password": ""})
		}, []string{"credentials.registry: the Secret portkey-registry in the namespace default has no value for the keys password and username: add them"},
			func(h *harness.Harness) {
				h.WriteSecret(kubeRegistry, map[string]string{"username": "a", "password": "b"})
			}},
		{"a variable's key missing", func(h *harness.Harness, s *spec) {
			s.Gateway.SecretEnv["OPENAI_KEY"] = v1alpha1.SecretKey{SecretRef: ref(kubeKeys), Key: "openapi"}
		}, []string{"gateway.secretEnv.OPENAI_KEY: the Secret portkey-keys in the namespace default has no value for the key openapi: add it"}, nil},
		{"no text", func(h *harness.Harness, s *spec) {
			h.WriteSecret(kubeKeys, map[string]string{"openai": "\xff\xfe", "anthropic": "x"})
		}, []string{"gateway.secretEnv.OPENAI_KEY: the Secret portkey-keys in the namespace default holds under the key openai what is no text"}, nil},
		{"too much", func(h *harness.Harness, s *spec) {
			h.WriteSecret(kubeKeys, map[string]string{"openai": strings.Repeat("very-secret", 6000), "anthropic": "x"})
		}, []string{"holds more than the 65536 bytes that AWS Secrets Manager takes"}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			h := harness.New()
			gw := referring(h)
			good := gw.DeepCopy()
			c.spoil(h, &gw.Spec)
			m := mark(h)
			key := h.Create(gw)
			for range 5 {
				if err := h.Step(key); err != nil {
					t.Fatal(err)
				}
			}
			if got := mutations(since(h, m)); len(got) > 0 {
				t.Errorf("AWS is changed although the spec isn't accepted: %v", got)
			}
			isRefused(t, h.Get(key), v1alpha1.ReasonSecretUnusable, c.says)
			if story := harness.Story(h.Get(key)) + strings.Join(h.Events.Events, "\n"); strings.Contains(story, "very-secret") {
				t.Errorf("a value is told: %s", story)
			}
			if c.mend != nil {
				c.mend(h)
			} else {
				referring(h) // the Secrets as they should be
				h.Edit(key, func(gw *v1alpha1.PortkeyGateway) { gw.Spec = good.Spec })
			}
			ready(t, h, key)
			told(t, h.Get(key), v1alpha1.ConditionAccepted, metav1.ConditionTrue, v1alpha1.ReasonAccepted)
		})
	}
}

// TestSourcesGoLater: a deployment that runs goes on with its copies when a Secret, a key or the right to read goes,
// and says so; other changes of AWS are put right meanwhile.
func TestSourcesGoLater(t *testing.T) {
	harness.Unraced(t)
	t.Parallel()
	h := harness.New()
	key := h.Create(referring(h))
	settled(t, h, key)
	for _, c := range []struct {
		why, says string
		do, undo  func()
	}{
		{"a key goes", "credentials.license: the Secret portkey-license in the namespace default has no value for the key PORTKEY_CLIENT_AUTH: add it, and until then its copy stays as it is", func() {
			h.WriteSecret(kubeLicense, map[string]string{"ORGANISATIONS_TO_SYNC": "org-1"})
		}, func() {
			h.WriteSecret(kubeLicense, map[string]string{"PORTKEY_CLIENT_AUTH": "license-1", "ORGANISATIONS_TO_SYNC": "org-1"})
		}},
		{"the right goes", "the operator may not read the Secret portkey-license", func() { h.Reconciler.Reader = unreadable{h.Kube} }, func() { h.Reconciler.Reader = h.Kube }},
	} {
		m := mark(h)
		c.do()
		passes(t, h, key, 12*time.Minute)
		if got := mutations(since(h, m)); len(got) > 0 {
			t.Errorf("%s: %v", c.why, got)
		}
		gw := h.Get(key)
		if accepted := told(t, gw, v1alpha1.ConditionAccepted, metav1.ConditionTrue, v1alpha1.ReasonAccepted); !strings.Contains(accepted, c.says) {
			t.Errorf("%s: Accepted says: %s", c.why, accepted)
		}
		if !harness.Ready(gw) {
			t.Error(harness.Story(gw))
		}
		c.undo()
		passes(t, h, key, 6*time.Minute)
		if got := mutations(since(h, m)); len(got) > 0 {
			t.Errorf("%s, and is there again: %v", c.why, got)
		}
		if accepted := told(t, h.Get(key), v1alpha1.ConditionAccepted, metav1.ConditionTrue, v1alpha1.ReasonAccepted); strings.Contains(accepted, "Secret") {
			t.Errorf("%s: Accepted says: %s", c.why, accepted)
		}
	}
	h.WriteSecret(kubeLicense, map[string]string{"PORTKEY_CLIENT_AUTH": "license-3", "ORGANISATIONS_TO_SYNC": "org-1"})
	h.Annotate(key, controllers.AnnotationRequestedAt, "now")
	if _, err := h.Reconcile(key); err != nil {
		t.Fatal(err)
	}
	holds(t, h, "asked for now", "license", "PORTKEY_CLIENT_AUTH", "license-3")
}
