package lifecycle

import (
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/hack/harness"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/ecs"
)

// TestRollbacksThatCant are refused before anything is built on them: the gateway stays as it is, and Ready.
func TestRollbacksThatCant(t *testing.T) {
	t.Parallel()
	h, key := behind(t, v1alpha1.LoadBalancerApplication, v1alpha1.RolloutCanary)
	first := h.Get(key).Status.Services[0].TaskDefinition
	family, _, _ := strings.Cut(first, ":")
	h.Edit(key, tagged("2.17.0-"+ecs.ImageNeverHealthy))
	if err := h.Until(key, longest, "taken back", rolledBackTo("2.16.0")); err != nil {
		t.Fatal(err)
	}
	h.Edit(key, func(gw *v1alpha1.PortkeyGateway) {
		tagged("2.18.0")(gw)
		gw.Spec.Gateway.Port = 9000
	})
	settled(t, h, key)
	quiet(t, h, key)
	m := mark(h)
	for revision, words := range map[string]string{
		family + ":3":                    "is what the spec asks for",
		first:                            "other ports (8787) than the spec asks for (9000)",
		family + ":99999999999999999999": "AWS has no revision",
		family + ":3@":                   "write the revision and the metadata.generation",
		"\n":                             "is no revision of the gateway",
	} {
		declined(t, h, key, v1alpha1.AnnotationRollback, revision, words)
		if gw := h.Get(key); !harness.Ready(gw) {
			t.Errorf("after %q was refused:\n%s", revision, harness.Story(gw))
		}
	}
	h.Edit(key, func(gw *v1alpha1.PortkeyGateway) {
		tagged("2.19.0")(gw)
		gw.Spec.Gateway.Port = 0
	})
	settled(t, h, key)
	declined(t, h, key, v1alpha1.AnnotationRollback, family+":2", "failed when it was last rolled out: ")
	if got := updatesOf(since(h, m)); len(got) != 1 {
		t.Errorf("updated: %v", got)
	}
}

// TestLongAnnotations: what somebody writes by mistake doesn't fill status.
func TestLongAnnotations(t *testing.T) {
	harness.Unraced(t)
	t.Parallel()
	h, key := begun(t, nil)
	long := strings.Repeat("é", 30000)
	for _, annotation := range []string{v1alpha1.AnnotationPromote, v1alpha1.AnnotationAbort, v1alpha1.AnnotationRollback, v1alpha1.AnnotationRetry} {
		h.Annotate(key, annotation, long)
		passes(t, h, key, time.Second)
		if _, err := h.Reconcile(key); err != nil {
			t.Fatal(err)
		}
	}
	gw, told := h.Get(key), len(h.Events.Events)
	for _, a := range gw.Status.Actions {
		if a.Result != v1alpha1.ActionRefused || len(a.Value) > 1010 || len(a.Message) > 1010 {
			t.Errorf("%s: %s, a value of %d and a message of %d bytes", a.Name, a.Result, len(a.Value), len(a.Message))
		}
	}
	if len(gw.Status.Actions) != 4 {
		t.Errorf("%d answers", len(gw.Status.Actions))
	}
	passes(t, h, key, time.Hour)
	if now := len(h.Events.Events); now > told {
		t.Errorf("answered again: %v", h.Events.Events[told:])
	}
}

// TestAbortOfTheFirst: ECS has nothing to go back to and says no, which is asked once, and doesn't keep the next
// image waiting.
func TestAbortOfTheFirst(t *testing.T) {
	t.Parallel()
	h := harness.New()
	gw := h.Minimal("gw")
	tagged("2.16.0-" + ecs.ImageNeverHealthy)(gw)
	key := h.Create(gw)
	if err := h.Until(key, creation, "under way", func(gw *v1alpha1.PortkeyGateway) bool { return gw.Status.Rollout != nil }); err != nil {
		t.Fatal(err)
	}
	m := mark(h)
	declined(t, h, key, v1alpha1.AnnotationAbort, h.Get(key).Status.Rollout.ID, "no completed service deployment to roll back to")
	h.Edit(key, tagged("2.17.0"))
	settled(t, h, key)
	stops := 0
	for _, c := range since(h, m) {
		if c.Action == "StopServiceDeployment" {
			stops++
		}
	}
	if v := h.Get(key).Status.Version; stops != 1 || v != "2.17.0" {
		t.Errorf("asked %d times, and %s runs", stops, v)
	}
}

// TestAbortOfWhatIsTakenBack, together with another image: the answer is true, and the image comes next.
func TestAbortOfWhatIsTakenBack(t *testing.T) {
	t.Parallel()
	h, key := behind(t, v1alpha1.LoadBalancerApplication, v1alpha1.RolloutCanary)
	h.Edit(key, tagged("2.17.0-"+ecs.ImageNeverHealthy))
	if err := h.Until(key, longest, "being taken back", func(gw *v1alpha1.PortkeyGateway) bool { return gw.Status.RolloutSummary == "RollingBack" }); err != nil {
		t.Fatal(err)
	}
	id := h.Get(key).Status.Rollout.ID
	h.Edit(key, tagged("2.18.0"))
	declined(t, h, key, v1alpha1.AnnotationAbort, id, "is taken back already")
	settled(t, h, key)
	if v := h.Get(key).Status.Version; v != "2.18.0" {
		t.Errorf("%s runs", v)
	}
}

// TestRetryWhileItIsTakenBack is done as soon as that is over.
func TestRetryWhileItIsTakenBack(t *testing.T) {
	harness.Unraced(t)
	t.Parallel()
	h, key := behind(t, v1alpha1.LoadBalancerApplication, v1alpha1.RolloutBlueGreen)
	h.Edit(key, tagged("2.17.0-"+ecs.ImageNeverHealthy))
	if err := h.Until(key, longest, "being taken back", func(gw *v1alpha1.PortkeyGateway) bool { return gw.Status.RolloutSummary == "RollingBack" }); err != nil {
		t.Fatal(err)
	}
	id, before := h.Get(key).Status.Rollout.ID, deployments(h)
	done(t, h, key, v1alpha1.AnnotationRetry, id)
	if n := deployments(h) - before; n != 1 {
		t.Errorf("%d deployments", n)
	}
	if err := h.Until(key, longest, "taken back again", func(gw *v1alpha1.PortkeyGateway) bool {
		return rolledBackTo("2.16.0")(gw) && gw.Status.Rollout.ID != id
	}); err != nil {
		t.Fatal(err)
	}
	idle(t, h, key, 24*time.Hour)
}

// TestARollbackUnderWay: while AWS doesn't let the operator go back, nothing was taken back.
func TestARollbackUnderWay(t *testing.T) {
	t.Parallel()
	h, key := behind(t, v1alpha1.LoadBalancerApplication, v1alpha1.RolloutRolling)
	first := h.Get(key).Status.Services[0].TaskDefinition
	h.Edit(key, tagged("2.17.0"))
	settled(t, h, key)
	quiet(t, h, key)
	h.Emulator.Server.Inject(core.FaultRule{Service: "ecs", Action: "UpdateService", Fault: core.FaultDenied})
	done(t, h, key, v1alpha1.AnnotationRollback, first)
	passes(t, h, key, 10*time.Minute)
	told(t, h.Get(key), v1alpha1.ConditionReady, metav1.ConditionFalse, v1alpha1.ReasonAccessDenied)
	h.Emulator.Server.ClearFaults()
	if err := h.Until(key, longest, "taken back", rolledBackTo("2.16.0")); err != nil {
		t.Fatal(err)
	}
	for _, c := range []string{v1alpha1.ConditionReady, v1alpha1.ConditionRolloutHealthy} {
		if m := told(t, h.Get(key), c, metav1.ConditionFalse, v1alpha1.ReasonRolledBack); !strings.Contains(m, ":2.16.0: the gateway was taken back to "+first) {
			t.Errorf("%s: %s", c, m)
		}
	}
}

// TestTheUnreadPast: a history that can't be read keeps nothing waiting, and is made up for.
func TestTheUnreadPast(t *testing.T) {
	t.Parallel()
	h, key := behind(t, v1alpha1.LoadBalancerApplication, v1alpha1.RolloutRolling)
	h.Emulator.Server.Inject(core.FaultRule{Service: "ecs", Action: "DescribeServiceDeployments", Fault: core.FaultThrottle})
	h.Edit(key, tagged("2.17.0"))
	settled(t, h, key)
	h.Edit(key, tagged("2.18.0"))
	settled(t, h, key)
	h.Emulator.Server.ClearFaults()
	passes(t, h, key, time.Hour)
	if r := h.Get(key).Status.History; len(r) != 3 || !strings.HasSuffix(r[0].Image, ":2.18.0") || !strings.HasSuffix(r[2].Image, ":2.16.0") {
		t.Errorf("the history is %+v", r)
	}
}

// TestAnUnregisteredRevision: while a new task definition can't be registered, the service isn't changed to the
// spec's other wishes with the old one.
func TestAnUnregisteredRevision(t *testing.T) {
	t.Parallel()
	h, key := behind(t, v1alpha1.LoadBalancerApplication, v1alpha1.RolloutRolling)
	quiet(t, h, key)
	h.Emulator.Server.Inject(core.FaultRule{Service: "ecs", Action: "RegisterTaskDefinition", Fault: core.FaultServerError, Times: 20})
	m := mark(h)
	h.Edit(key, func(gw *v1alpha1.PortkeyGateway) {
		tagged("2.17.0")(gw)
		gw.Spec.Gateway.Port = 9000
	})
	settled(t, h, key)
	if got := updatesOf(since(h, m)); len(got) != 1 {
		t.Errorf("updated: %v", got)
	}
}
