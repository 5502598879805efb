package lifecycle

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"k8s.io/apimachinery/pkg/api/meta"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/hack/harness"
)

// events counts the events that have all of these parts.
func events(h *harness.Harness, parts ...string) int {
	n := 0
	for _, e := range h.Events.Events {
		all := true
		for _, p := range parts {
			all = all && strings.Contains(e, p)
		}
		if all {
			n++
		}
	}
	return n
}

// loseLogs deletes a log group, which the next walk makes again.
func (s *site) loseLogs(t *testing.T) {
	t.Helper()
	if _, err := s.logs.DeleteLogGroup(t.Context(), &cloudwatchlogs.DeleteLogGroupInput{LogGroupName: new(s.node("log-group/gateway").ID)}); err != nil {
		t.Fatal(err)
	}
	s.wait(syncs)
}

const logsLost = "log-group/gateway had been deleted"

// corrected is what the condition InSync says of drift that was put right.
func (s *site) corrected() string {
	if c := meta.FindStatusCondition(s.h.Get(s.key).Status.Conditions, v1alpha1.ConditionInSync); c != nil && c.Reason == v1alpha1.ReasonDriftCorrected {
		return c.Message
	}
	return ""
}

// TestDriftIsToldWhoeverFailsToRecordIt: the API server refuses status while drift is put right. Each object is told of
// and counted once, however often the walk is repeated, and the condition says it when status can be written.
func TestDriftIsToldWhoeverFailsToRecordIt(t *testing.T) {
	harness.Unraced(t)
	s := newSite(t)
	h := s.h
	nat := "nat-gateway/a"
	if _, err := s.ec2.DeleteNatGateway(t.Context(), &ec2.DeleteNatGatewayInput{NatGatewayId: new(s.node(nat).ID)}); err != nil {
		t.Fatal(err)
	}
	s.loseLogs(t)
	counted := driftCorrected(t, "LogGroup", "deleted")
	refused := errors.New("the API server is away")
	h.Reconciler.Client = interceptor.NewClient(h.Kube, interceptor.Funcs{SubResourcePatch: func(context.Context, client.Client, string, client.Object, client.Patch, ...client.SubResourcePatchOption) error {
		return refused
	}})
	for range 4 { // meanwhile the NAT gateway is gone and made again
		if _, err := h.Reconcile(s.key); !errors.Is(err, refused) {
			t.Fatalf("status was to be refused: %v", err)
		}
		h.AdvanceTo(h.Clock.Now().Add(2 * time.Minute))
	}
	if n, m := events(h, "DriftCorrected", logsLost), events(h, "DriftCorrected", nat); n != 1 || m != 1 {
		t.Errorf("one object is told of %d times, the other %d:\n%s", n, m, strings.Join(h.Events.Events, "\n"))
	}
	h.Reconciler.Client = h.Kube
	if _, err := h.Reconcile(s.key); err != nil {
		t.Fatal(err)
	}
	if c := meta.FindStatusCondition(h.Get(s.key).Status.Conditions, v1alpha1.ConditionInSync); c == nil || !strings.Contains(c.Message, logsLost) {
		t.Errorf("InSync is %+v", c)
	}
	ready(t, h, s.key)
	settle(t, h, s.key)
	if got := s.corrected(); strings.Count(got, logsLost) != 1 || strings.Count(got, nat) != 1 {
		t.Errorf("InSync says %q", got)
	}
	if n, m := events(h, "DriftCorrected", logsLost), events(h, "DriftCorrected", nat); n != 1 || m != 1 {
		t.Errorf("one object is told of %d times, the other %d", n, m)
	}
	if n := driftCorrected(t, "LogGroup", "deleted") - counted; n != 1 {
		t.Errorf("counted %v times", n)
	}
	s.loseLogs(t)
	if _, err := h.Reconcile(s.key); err != nil || events(h, "DriftCorrected", logsLost) != 2 {
		t.Errorf("%v; the next time is told of, too: %d", err, events(h, "DriftCorrected", logsLost))
	}
}

// TestDriftIsToldByWhoIsAskedToEnd: the manager is asked to end when it puts drift right. It tells of it all the same,
// and the next one doesn't again.
func TestDriftIsToldByWhoIsAskedToEnd(t *testing.T) {
	harness.Unraced(t)
	s := newSite(t)
	h := s.h
	s.loseLogs(t)
	counted := driftCorrected(t, "LogGroup", "deleted")
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	h.Walking = ctx
	h.Transport = func(r *http.Request) (*http.Response, error) {
		h.Lock()
		defer h.Unlock()
		if err := r.Context().Err(); err != nil {
			return nil, err
		}
		if strings.HasSuffix(r.Header.Get("X-Amz-Target"), ".CreateLogGroup") {
			stop()
		}
		return h.Emulator.Server.Do(r)
	}
	if _, err := h.Reconcile(s.key); err != nil || ctx.Err() == nil {
		t.Fatalf("%v; it was asked to end: %v", err, ctx.Err())
	}
	if n := events(h, "DriftCorrected", logsLost); n != 1 || driftCorrected(t, "LogGroup", "deleted")-counted != 1 {
		t.Errorf("told %d times:\n%s", n, strings.Join(h.Events.Events, "\n"))
	}
	h.Transport = nil
	h.Restart()
	ready(t, h, s.key)
	settle(t, h, s.key)
	if got := s.corrected(); got != logsLost || events(h, "DriftCorrected", logsLost) != 1 {
		t.Errorf("InSync says %q, and %d events", got, events(h, "DriftCorrected", logsLost))
	}
}
