package lifecycle

import (
	"testing"

	"github.com/portkey-ai/portkey-ecs-operator/hack/harness"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/ec2"
)

// TestSamples deploys every file of config/samples as it is: it becomes Ready, with PrivateLink as soon as Portkey
// accepts, further syncs change nothing, and deleting it leaves nothing.
func TestSamples(t *testing.T) {
	for i, name := range harness.Samples() {
		if !harness.Sample(i + 1) {
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := harness.New()
			gw := h.Sample(name)
			before := h.Emulator.Server.Resources(false)
			key := h.Create(gw)
			if gw.Resolved().ControlPlane.Outbound.PrivateLink != nil {
				awaits(t, h, key)
				decided(t, h, ec2.AcceptEndpoint)
			}
			ready(t, h, key)
			settle(t, h, key)
			quiet(t, h, key)
			unplanned(t, h, key)
			for _, r := range h.Emulator.Server.Resources(false) {
				if lacks, _ := r.Settings["unreachablePeers"].([]string); r.Kind == "Task" && len(lacks) > 0 {
					t.Errorf("%s doesn't reach %v", r.ID, lacks)
				}
			}
			h.Delete(key)
			gone(t, h, key, before)
		})
	}
}
