package lifecycle

import (
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/utils/ptr"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/hack/harness"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/ecs"
)

// What the sweep of random pairs found, each by itself.

// TestAnotherPortWithAnotherStrategy changes the port and leaves Rolling in one edit, while no task runs, so that each
// deployment is over before anybody looks: once the service has its pair of target groups, the port comes with the
// strategy, and Ready doesn't come before.
func TestAnotherPortWithAnotherStrategy(t *testing.T) {
	none := ptr.To[int32](0)
	h, key := begun(t, gateway(v1alpha1.Gateway{Replicas: none}))
	h.Edit(key, func(gw *v1alpha1.PortkeyGateway) {
		gw.Spec.Gateway = &v1alpha1.Gateway{Port: 3000, Replicas: none, Rollout: &v1alpha1.Rollout{Strategy: v1alpha1.RolloutBlueGreen}}
	})
	settled(t, h, key)
	found := false
	for _, r := range h.Emulator.Server.Resources(false) {
		if r.Kind == "Service" && strings.HasSuffix(r.Name, "-gateway") {
			found = true
			if text := printed(r); !strings.Contains(text, `"BLUE_GREEN"`) || !strings.Contains(text, `"containerPort":3000`) {
				t.Errorf("Ready, and the service is %s", text)
			}
		}
	}
	if !found {
		t.Error("there is no gateway service")
	}
}

// TestTheDataServiceFails: what waits for a service whose rollout failed isn't told as what is in the way, since it
// waits for ever.
func TestTheDataServiceFails(t *testing.T) {
	h, key := begun(t, nil)
	h.Edit(key, func(gw *v1alpha1.PortkeyGateway) {
		gw.Spec.DataService = &v1alpha1.DataService{Image: &v1alpha1.Image{Tag: "1.9.0-" + ecs.ImageCrash30s}}
		gw.Spec.Capacity = &v1alpha1.Capacity{Fargate: &v1alpha1.FargateCapacity{}}
	})
	err := h.Until(key, 2*time.Hour, "Failed", func(gw *v1alpha1.PortkeyGateway) bool {
		c := meta.FindStatusCondition(gw.Status.Conditions, v1alpha1.ConditionStalled)
		return c != nil && c.Reason == v1alpha1.ReasonFailed && strings.Contains(c.Message, "service/data-service") && reason(gw, v1alpha1.ConditionReady) == v1alpha1.ReasonFailed
	})
	if err != nil {
		t.Fatal(err)
	}
	// Another image mends it, and the rest goes on.
	h.Edit(key, func(gw *v1alpha1.PortkeyGateway) { gw.Spec.DataService.Image.Tag = "1.9.0" })
	if err := h.Until(key, 2*time.Hour, "Ready", harness.Ready); err != nil {
		t.Error(err)
	}
}
