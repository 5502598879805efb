package lifecycle

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/controllers"
	"github.com/portkey-ai/portkey-ecs-operator/hack/harness"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
	"github.com/portkey-ai/portkey-ecs-operator/internal/kinds"
)

// noticed is how long a new version of a secret may go unnoticed: what is believed, and a sync.
const noticed = 22 * time.Minute

const license = `{"PORTKEY_CLIENT_AUTH":"rotated","ORGANISATIONS_TO_SYNC":"org"}`

// passes lets the syncs of a while happen.
func passes(t *testing.T, h *harness.Harness, key types.NamespacedName, d time.Duration) {
	t.Helper()
	for end := h.Clock.Now().Add(d); h.Clock.Now().Before(end); {
		if err := h.Step(key); err != nil {
			t.Fatal(err)
		}
	}
}

// updatesOf are the services that were updated, in order.
func updatesOf(calls []core.CallRecord) []string {
	var out []string
	for _, c := range calls {
		if c.Action == "UpdateService" {
			params, _ := json.Marshal(c.Params)
			for _, name := range []string{"data-service", "gateway", "redis"} {
				if strings.Contains(string(params), `-`+name+`"`) || strings.Contains(string(params), `-`+name+`:`) {
					out = append(out, name)
					break
				}
			}
		}
	}
	return out
}

// taskARNs are the ids of a service's running tasks.
func taskARNs(h *harness.Harness, node string) []string {
	w := h.Emulator.World
	w.Lock()
	defer w.Unlock()
	var out []string
	for _, r := range runningTasks(w.Resources(false), node) {
		out = append(out, r.ARN)
	}
	return out
}

// replaced reports whether a service runs, and none of its tasks is one of these.
func replaced(h *harness.Harness, node string, old []string) bool {
	tasks := taskARNs(h, node)
	return len(tasks) > 0 && !slices.ContainsFunc(tasks, func(arn string) bool { return slices.Contains(old, arn) })
}

// TestASecretChanges: a new version of a secret that tasks read is rolled out, by nobody's edit, once, and told
// as what it is.
func TestASecretChanges(t *testing.T) {
	harness.Unraced(t)
	t.Parallel()
	own := ""
	h, key := begun(t, func(h *harness.Harness, s *spec) {
		own = addSecret(h, "portkey/own", "one")
		s.DataService = &v1alpha1.DataService{SecretEnv: v1alpha1.SecretEnvironment{"OWN": {SecretARN: own}}}
	})
	s := watch(h, key)
	for _, c := range []struct {
		why, secret, value string
		services           []string
	}{
		{"one that both services read", emulator.LicenseSecret, license, []string{"data-service", "gateway"}},
		{"the registry's", emulator.RegistrySecret, `{"username":"new","password":"new"}`, []string{"data-service", "gateway"}},
		{"the data service's own", "portkey/own", "two", []string{"data-service"}},
		{"one that nobody reads", emulator.RedisSecret, `{"REDIS_PASSWORD":"new"}`, nil},
	} {
		m, events := mark(h), len(h.Events.Events)
		old := slices.Concat(taskARNs(h, "service/gateway"), taskARNs(h, "service/data-service"))
		addSecret(h, c.secret, c.value)
		passes(t, h, key, noticed)
		ready(t, h, key)
		got := updatesOf(since(h, m))
		if slices.Sort(got); !slices.Equal(got, c.services) {
			t.Errorf("%s: %v were updated, want %v", c.why, got, c.services)
		}
		for _, name := range c.services {
			if !replaced(h, "service/"+name, old) {
				t.Errorf("%s: tasks of %s have the old value", c.why, name)
			}
		}
		told := strings.Join(h.Events.Events[events:], "\n")
		if strings.Contains(told, "Drift") || len(c.services) > 0 != strings.Contains(told, "Normal Updated") || len(c.services) > 0 && !strings.Contains(told, "task-definition/"+c.services[0]+" (secrets)") {
			t.Errorf("%s is told as\n%s", c.why, told)
		}
		if c := getCondition(h.Get(key), v1alpha1.ConditionInSync); c.Reason != v1alpha1.ReasonInSync {
			t.Errorf("InSync: %s %s", c.Reason, c.Message)
		}
		quiet(t, h, key)
	}
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
}

// TestASecretChangeOnRequest: who can't wait asks for a comparison.
func TestASecretChangeOnRequest(t *testing.T) {
	t.Parallel()
	h, key := begun(t, nil)
	addSecret(h, emulator.LicenseSecret, license)
	m := mark(h)
	h.Annotate(key, controllers.AnnotationRequestedAt, "now")
	if _, err := h.Reconcile(key); err != nil {
		t.Fatal(err)
	}
	if got := updatesOf(since(h, m)); len(got) != 1 {
		t.Errorf("updated: %v", got)
	}
	ready(t, h, key)
	quiet(t, h, key)
}

// TestSecretChangesNotFollowed: neither the switch nor an upgrade is a deployment; what changed meanwhile is
// made up for.
func TestSecretChangesNotFollowed(t *testing.T) {
	harness.Unraced(t)
	t.Parallel()
	h, key := begun(t, nil)
	follow := func(yes bool) {
		h.Edit(key, func(gw *v1alpha1.PortkeyGateway) {
			gw.Spec.Gateway = &v1alpha1.Gateway{Rollout: &v1alpha1.Rollout{RestartOnSecretChange: &yes}}
		})
		ready(t, h, key)
	}
	wrote := func(what string, want ...string) {
		t.Helper()
		m := mark(h)
		passes(t, h, key, noticed)
		ready(t, h, key)
		if got := mutations(since(h, m)); !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", what, got, want)
		}
	}
	follow(false)
	wrote("switched off")
	follow(true)
	wrote("switched on again")
	follow(false)
	addSecret(h, emulator.LicenseSecret, license)
	wrote("a new version while it is off")
	m := mark(h)
	follow(true)
	if got := updatesOf(since(h, m)); len(got) != 1 {
		t.Errorf("what changed meanwhile: %v", got)
	}
	settle(t, h, key)

	// Revisions of an earlier version of the operator have no tag.
	for _, r := range h.Emulator.Server.Resources(false) {
		if r.Kind == "TaskDefinition" {
			if err := newConsole(h).tag(t.Context(), r, nil, kinds.TagSecrets); err != nil {
				t.Fatal(err)
			}
		}
	}
	h.Restart()
	events := len(h.Events.Events)
	wrote("an upgrade", "ecs:TagResource")
	if told := strings.Join(h.Events.Events[events:], "\n"); strings.Contains(told, "Drift") {
		t.Errorf("an upgrade is told as\n%s", told)
	}
	addSecret(h, emulator.LicenseSecret, license)
	m = mark(h)
	passes(t, h, key, noticed)
	if got := updatesOf(since(h, m)); len(got) != 1 {
		t.Errorf("after an upgrade: %v", got)
	}
}

// TestUnreadableSecrets: what can't be read is no new version; where it may not be read that is said.
func TestUnreadableSecrets(t *testing.T) {
	for _, fault := range []core.Fault{core.FaultThrottle, core.FaultDenied} {
		t.Run(string(fault), func(t *testing.T) {
			t.Parallel()
			h, key := begun(t, nil)
			m := mark(h)
			h.Emulator.Server.Inject(core.FaultRule{Service: "secretsmanager", Fault: fault})
			passes(t, h, key, noticed)
			gw := h.Get(key)
			if accepted := told(t, gw, v1alpha1.ConditionAccepted, metav1.ConditionTrue, v1alpha1.ReasonAccepted); strings.Contains(accepted, "secretsmanager:DescribeSecret is denied") != (fault == core.FaultDenied) {
				t.Errorf("Accepted says: %s", accepted)
			}
			if !harness.Ready(gw) {
				t.Error(harness.Story(gw))
			}
			addSecret(h, emulator.LicenseSecret, license)
			passes(t, h, key, noticed)
			h.Restart()
			passes(t, h, key, noticed)
			if gw := h.Get(key); fault == core.FaultThrottle {
				told(t, gw, v1alpha1.ConditionReconciling, metav1.ConditionTrue, v1alpha1.ReasonThrottled)
			}
			if got := mutations(since(h, m)); len(got) > 0 {
				t.Errorf("unread, and yet %v", got)
			}
			h.Emulator.Server.ClearFaults()
			passes(t, h, key, noticed)
			ready(t, h, key)
			if got := updatesOf(since(h, m)); len(got) != 1 {
				t.Errorf("when they can be read again: %v", got)
			}
			if accepted := told(t, h.Get(key), v1alpha1.ConditionAccepted, metav1.ConditionTrue, v1alpha1.ReasonAccepted); strings.Contains(accepted, "denied") {
				t.Errorf("Accepted says: %s", accepted)
			}
			quiet(t, h, key)
		})
	}
}

// TestABrokenSecretIsRolledBack rolls out a version that tasks can't start with: the old tasks go on serving,
// it is told, and not tried again until there is another version.
func TestABrokenSecretIsRolledBack(t *testing.T) {
	harness.Unraced(t)
	t.Parallel()
	h, key := begun(t, nil)
	s := watch(h, key)
	addSecret(h, emulator.LicenseSecret, `{"PORTKEY_CLIENT_AUTH":"rotated"}`) // ORGANISATIONS_TO_SYNC is lost
	failed(t, h, key, v1alpha1.ReasonRolledBack)
	s.stop()
	for _, b := range s.broke {
		t.Errorf("clients weren't served at %s", b)
	}
	h.AdvanceTo(h.Clock.Now().Add(20 * time.Minute))
	for _, before := range []func(){func() { h.AdvanceTo(h.Clock.Now().Add(24 * time.Hour)) }, h.Restart, func() { loseStatus(t, h, key) }} {
		before()
		m := mark(h)
		passes(t, h, key, time.Hour)
		if got := mutations(since(h, m)); len(got) > 0 {
			t.Errorf("what was rolled back is tried again: %v", got)
		}
		gw := h.Get(key)
		for _, c := range []string{v1alpha1.ConditionReady, v1alpha1.ConditionServicesReady, v1alpha1.ConditionRolloutHealthy} {
			if message := told(t, gw, c, metav1.ConditionFalse, v1alpha1.ReasonRolledBack); !strings.Contains(message, "new version of a secret") || !strings.Contains(message, "circuit breaker") {
				t.Errorf("%s: %s", c, message)
			}
		}
		told(t, gw, v1alpha1.ConditionAvailable, metav1.ConditionTrue, v1alpha1.ReasonServing)
	}
	old := taskARNs(h, "service/gateway")
	addSecret(h, emulator.LicenseSecret, license)
	if err := h.Until(key, verdict, "the right version", func(gw *v1alpha1.PortkeyGateway) bool {
		return harness.Ready(gw) && replaced(h, "service/gateway", old)
	}); err != nil {
		t.Fatal(err)
	}
	quiet(t, h, key)
}

// TestASecretChangesDuringARollout: the newest wish is what runs in the end.
func TestASecretChangesDuringARollout(t *testing.T) {
	t.Parallel()
	h, key := begun(t, nil)
	s := watch(h, key)
	h.Edit(key, image("2.17.0"))
	if err := h.Step(key); err != nil {
		t.Fatal(err)
	}
	old := taskARNs(h, "service/gateway")
	addSecret(h, emulator.LicenseSecret, license)
	h.Annotate(key, controllers.AnnotationRequestedAt, "now")
	if _, err := h.Reconcile(key); err != nil {
		t.Fatal(err)
	}
	ready(t, h, key)
	s.stop()
	for _, b := range s.broke {
		t.Errorf("clients weren't served at %s", b)
	}
	if gw := h.Get(key); gw.Status.Version != "2.17.0" || !replaced(h, "service/gateway", old) {
		t.Errorf("version %s; tasks have the old value", gw.Status.Version)
	}
	quiet(t, h, key)
}

func getCondition(gw *v1alpha1.PortkeyGateway, kind string) metav1.Condition {
	for _, c := range gw.Status.Conditions {
		if c.Type == kind {
			return c
		}
	}
	return metav1.Condition{}
}
