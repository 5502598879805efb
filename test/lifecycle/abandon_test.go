package lifecycle

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/hack/harness"
	"github.com/portkey-ai/portkey-ecs-operator/internal/aws"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// losses are ways to lose an account.
var losses = []struct {
	name   string
	lose   func(*harness.Harness) (found func())
	reason string
}{
	{"no credentials any more", func(h *harness.Harness) func() {
		home := h.Reconciler.Worlds
		h.Reconciler.Worlds = unopened{&aws.CredentialsError{Err: errors.New("no EC2 IMDS role found")}}
		return func() { h.Reconciler.Worlds = home }
	}, v1alpha1.ReasonCredentialsUnavailable},
	{"credentials of another account", moveOut, v1alpha1.ReasonWrongAccount},
	{"everything is denied", func(h *harness.Harness) func() {
		h.Emulator.Server.Inject(core.FaultRule{Every: 1, Fault: core.FaultDenied})
		return h.Emulator.Server.ClearFaults
	}, v1alpha1.ReasonCredentialsUnavailable},
	{"deleting is denied", func(h *harness.Harness) func() {
		h.Emulator.Server.Inject(core.FaultRule{Service: "ecs", Action: "UpdateService", Every: 1, Fault: core.FaultDenied})
		return h.Emulator.Server.ClearFaults
	}, v1alpha1.ReasonAccessDenied},
	{"nobody answers", func(h *harness.Harness) func() {
		home := h.Reconciler.Worlds
		h.Reconciler.Worlds = unopened{fmt.Errorf("sts: %w", errors.New("connection refused"))}
		return func() { h.Reconciler.Worlds = home }
	}, v1alpha1.ReasonCredentialsUnavailable},
}

// TestAbandoned: a deletion that can't go on says how to let the object go, and what of it stays where. Who gets
// into the account again takes it all up by the same name.
func TestAbandoned(t *testing.T) {
	for i, l := range losses {
		if !harness.Sample(i) {
			continue
		}
		t.Run(l.name, func(t *testing.T) {
			t.Parallel()
			h := harness.New()
			before := h.Emulator.Server.Resources(false)
			key := h.Create(h.Minimal("gw"))
			ready(t, h, key)
			settle(t, h, key)
			found := l.lose(h)
			h.Delete(key)
			if err := h.Until(key, time.Hour, "stalled", func(gw *v1alpha1.PortkeyGateway) bool { return reason(gw, v1alpha1.ConditionStalled) == l.reason }); err != nil {
				t.Fatal(err)
			}
			says(t, h, key, "kubectl annotate portkeygateway gw -n default ecs.portkey.ai/abandon=uid-gw lets this object go")
			had, objects := snapshot(h), len(h.Get(key).Status.Resources)

			h.Annotate(key, v1alpha1.AnnotationAbandon, "uid-of-another")
			passes(t, h, key, 30*time.Minute)
			says(t, h, key, `the annotation ecs.portkey.ai/abandon is "uid-of-another", but has to be this object's metadata.uid, uid-gw`)

			m := mark(h)
			h.Annotate(key, v1alpha1.AnnotationAbandon, "uid-gw")
			if _, err := h.Reconcile(key); err != nil || h.Get(key) != nil {
				t.Fatalf("%v\n%s", err, harness.Story(h.Get(key)))
			}
			if calls := since(h, m); len(calls) > 0 || snapshot(h) != had {
				t.Errorf("abandoning calls AWS:\n%s", actions(calls))
			}
			last := h.Events.Events[len(h.Events.Events)-1]
			for _, part := range []string{
				"Warning Abandoned", fmt.Sprintf("%d objects stay in AWS account 123456789012, us-east-1", objects),
				"aws resourcegroupstaggingapi get-resources --region us-east-1 --tag-filters Key=ecs.portkey.ai/cluster,Values=cluster-uid Key=ecs.portkey.ai/owner,Values=PortkeyGateway/default/gw",
				"besides, which that doesn't show: ", "AutoScalingGroup gw-", "Role gw-",
			} {
				if !strings.Contains(last, part) {
					t.Errorf("the last event lacks %q: %s", part, last)
				}
			}

			found()
			again := h.Minimal("gw")
			again.UID = "uid-two"
			h.Create(again)
			ready(t, h, key)
			for _, a := range mutations(since(h, m)) {
				if !strings.Contains(a, "Tag") && l.reason != v1alpha1.ReasonAccessDenied { // else some of it was deleted
					t.Errorf("made again: %s", a)
				}
			}
			h.Delete(key)
			gone(t, h, key, before)
		})
	}
}

// says checks what Ready and Stalled say.
func says(t *testing.T, h *harness.Harness, key types.NamespacedName, part string) {
	t.Helper()
	gw := h.Get(key)
	for _, c := range gw.Status.Conditions {
		if (c.Type == v1alpha1.ConditionStalled || c.Type == v1alpha1.ConditionReady) && !strings.Contains(c.Message, part) {
			t.Errorf("%s lacks %q: %s", c.Type, part, c.Message)
		}
	}
}

// TestAbandonedTooEarly is no abandonment: nothing happens, and status warns.
func TestAbandonedTooEarly(t *testing.T) {
	h, key := deployed(t)
	settle(t, h, key)
	m := mark(h)
	h.Annotate(key, v1alpha1.AnnotationAbandon, "uid-gw")
	settle(t, h, key)
	gw := h.Get(key)
	message := told(t, gw, v1alpha1.ConditionAccepted, metav1.ConditionTrue, v1alpha1.ReasonAccepted)
	if !harness.Ready(gw) || !strings.Contains(message, "once this gateway is deleted, all of it stays in AWS") || len(mutations(since(h, m))) > 0 {
		t.Errorf("wrote %v\n%s", mutations(since(h, m)), harness.Story(gw))
	}
	h.Annotate(key, v1alpha1.AnnotationAbandon, "")
	settle(t, h, key)
	if message := told(t, h.Get(key), v1alpha1.ConditionAccepted, metav1.ConditionTrue, v1alpha1.ReasonAccepted); strings.Contains(message, "abandon") {
		t.Error(message)
	}
}

// TestProtectedAndDeletedAllTheSame: where the API server has no policy to refuse it, or it was bypassed, nothing
// is deleted in AWS until the protection is lifted.
func TestProtectedAndDeletedAllTheSame(t *testing.T) {
	for _, tt := range []struct {
		value string
		then  func(*harness.Harness, types.NamespacedName)
		left  bool
	}{
		{"true", func(h *harness.Harness, key types.NamespacedName) {
			h.Annotate(key, v1alpha1.AnnotationDeletionProtection, "")
		}, false},
		{"yes", func(h *harness.Harness, key types.NamespacedName) {
			h.Annotate(key, v1alpha1.AnnotationDeletionProtection, "false")
		}, false},
		{"true", func(h *harness.Harness, key types.NamespacedName) {
			h.Edit(key, func(gw *v1alpha1.PortkeyGateway) { gw.Spec.DeletionPolicy = v1alpha1.DeletionRetain })
		}, true},
	} {
		h := harness.New()
		before := h.Emulator.Server.Resources(false)
		key := h.Create(h.Minimal("gw"))
		ready(t, h, key)
		h.Annotate(key, v1alpha1.AnnotationDeletionProtection, tt.value)
		h.Delete(key)
		m, events := mark(h), len(h.Events.Events)
		passes(t, h, key, 3*time.Hour)
		gw := h.Get(key)
		if gw == nil || reason(gw, v1alpha1.ConditionStalled) != v1alpha1.ReasonDeletionBlocked || len(since(h, m)) > 0 || len(h.Events.Events) != events+1 {
			t.Fatalf("%d calls, %d events\n%s", len(since(h, m)), len(h.Events.Events)-events, harness.Story(gw))
		}
		says(t, h, key, "the annotation ecs.portkey.ai/deletion-protection forbids to delete anything in AWS: take it off")
		tt.then(h, key)
		if !tt.left {
			gone(t, h, key, before)
			continue
		}
		if err := h.Step(key); err != nil || h.Get(key) != nil || len(mutations(since(h, m))) > 0 {
			t.Errorf("retained: %v, wrote %v", err, mutations(since(h, m)))
		}
	}
}
