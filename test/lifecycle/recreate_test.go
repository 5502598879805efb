package lifecycle

import (
	"strings"
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/hack/harness"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// TestADeletionThatCannotReadTheZonesWaits: without the desired graph and without a status there would
// be nothing to delete by, and everything would be left behind.
func TestADeletionThatCannotReadTheZonesWaits(t *testing.T) {
	harness.Unraced(t)
	for _, tt := range []struct {
		fault  core.Fault
		reason string
		why    string
	}{
		{core.FaultThrottle, v1alpha1.ReasonThrottled, "a throttled read is no news about the spec"},
		{core.FaultServerError, v1alpha1.ReasonRetrying, "nor is a failed one"},
		{core.FaultDenied, v1alpha1.ReasonAccessDenied, "a right that is missing is named"},
	} {
		h := harness.New()
		before := h.Emulator.Server.Resources(false)
		key := h.Create(h.Minimal("gw"))
		ready(t, h, key)
		loseStatus(t, h, key)
		h.Delete(key)
		h.Emulator.Server.Inject(core.FaultRule{Service: "ec2", Action: "DescribeAvailabilityZones", Every: 1, Fault: tt.fault})
		for range 5 {
			if err := h.Step(key); err != nil {
				t.Fatal(err)
			}
		}
		gw := h.Get(key)
		if gw == nil {
			t.Fatalf("%s: let go: %s", tt.fault, tt.why)
		}
		if got := reason(gw, v1alpha1.ConditionReady); got != tt.reason {
			t.Errorf("%s: %s, want %s: %s\n%s", tt.fault, got, tt.reason, tt.why, harness.Story(gw))
		}
		h.Emulator.Server.ClearFaults()
		gone(t, h, key, before)
	}
}

// TestWhatSomebodyElseTookOverIsLeftAlone and named: an object that carries another owner's tags is
// never touched, though it was ours, and a deletion doesn't pass over that in silence.
func TestWhatSomebodyElseTookOverIsLeftAlone(t *testing.T) {
	h, key := deployed(t)
	settle(t, h, key)
	w, err := h.Reconciler.Worlds.World(t.Context(), "us-east-1")
	if err != nil {
		t.Fatal(err)
	}
	var vpc string
	for _, r := range h.Get(key).Status.Resources {
		if r.Kind == "VPC" {
			vpc = r.ID
		}
	}
	clients, ok := w.EC2.(*ec2.Client)
	if !ok {
		t.Fatalf("the world's EC2 client is a %T", w.EC2)
	}
	if _, err := clients.CreateTags(t.Context(), &ec2.CreateTagsInput{Resources: []string{vpc}, Tags: []types.Tag{{Key: sdk.String("ecs.portkey.ai/owner"), Value: sdk.String("PortkeyGateway/other/gw")}}}); err != nil {
		t.Fatal(err)
	}
	h.Delete(key)
	if err := h.Until(key, 2*time.Hour, "deletion", harness.Gone); err != nil {
		t.Fatal(err)
	}
	if last := h.Events.Events[len(h.Events.Events)-1]; !strings.Contains(last, vpc) {
		t.Errorf("the last word is %q, want it to name %s", last, vpc)
	}
	if !strings.Contains(ids(h, "VPC"), vpc) {
		t.Error("another owner's object was deleted")
	}
}
