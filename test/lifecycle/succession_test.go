package lifecycle

import (
	"context"
	"maps"
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"

	"github.com/portkey-ai/portkey-ecs-operator/hack/harness"
)

// TestAutoScalingGroupDeletedByHand: its ARN can't come back, and a capacity provider can't change its
// group. So a second provider is made beside the first, the services move over, and the first goes.
func TestAutoScalingGroupDeletedByHand(t *testing.T) {
	h, key := deployed(t)
	settle(t, h, key)
	before := census(h)
	w, err := h.Reconciler.Worlds.World(context.Background(), "us-east-1")
	if err != nil {
		t.Fatal(err)
	}
	asg, ok := w.ASG.(*autoscaling.Client)
	if !ok {
		t.Fatalf("the world's Auto Scaling client is a %T", w.ASG)
	}
	for _, r := range h.Get(key).Status.Resources {
		if r.Kind == "AutoScalingGroup" {
			if _, err := asg.DeleteAutoScalingGroup(context.Background(), &autoscaling.DeleteAutoScalingGroupInput{AutoScalingGroupName: sdk.String(r.Name), ForceDelete: sdk.Bool(true)}); err != nil {
				t.Fatal(err)
			}
		}
	}
	h.Emulator.Server.Advance(10 * time.Minute)
	if err := h.Step(key); err != nil {
		t.Fatal(err)
	}
	if harness.Ready(h.Get(key)) {
		t.Fatal("the loss wasn't seen")
	}
	if err := h.Until(key, time.Hour, "Ready", harness.Ready); err != nil {
		t.Fatal(err)
	}
	settle(t, h, key)
	if got := census(h); !maps.Equal(got, before) {
		t.Fatalf("objects %v, before %v", got, before)
	}
}

// census counts the objects by kind, without those whose number AWS decides.
func census(h *harness.Harness) map[string]int {
	out := map[string]int{}
	for _, r := range h.Emulator.Server.Resources(false) {
		switch r.Kind {
		case "Instance", "Volume", "NetworkInterface", "ContainerInstance", "Task", "LogStream":
		default:
			out[r.Kind]++
		}
	}
	return out
}
