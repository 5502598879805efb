package lifecycle

import (
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/hack/harness"
)

// TestDataService runs the data service beside the gateway, added later and from the beginning: each finds the
// other, and nothing is deployed more often than that takes.
func TestDataService(t *testing.T) {
	harness.Unraced(t)
	t.Parallel()
	with := set(func(s *spec) { s.DataService = &v1alpha1.DataService{} })
	for _, c := range []struct {
		name        string
		from        func(*harness.Harness, *spec)
		deployments map[string]int
	}{
		// The data service is deployed once more for the gateway that came after it.
		{"from the beginning", with, map[string]int{"gateway": 1, "data-service": 2}},
		{"added later", nil, map[string]int{"gateway": 2, "data-service": 1}},
	} {
		t.Run(c.name, func(t *testing.T) {
			before := harness.New().Emulator.Server.Resources(false)
			h, key := begun(t, c.from)
			h.Edit(key, func(gw *v1alpha1.PortkeyGateway) { with(h, &gw.Spec) })
			ready(t, h, key)
			settle(t, h, key)
			quiet(t, h, key)
			unplanned(t, h, key)
			deployed := map[string]int{}
			for _, r := range h.Emulator.Server.Resources(true) {
				for name := range c.deployments {
					if r.Kind == "ServiceDeployment" && strings.HasSuffix(r.Name, "-"+name) {
						deployed[name]++
					}
				}
				if lacks, _ := r.Settings["unreachablePeers"].([]string); r.Kind == "Task" && len(lacks) > 0 {
					t.Errorf("%s doesn't reach %v", r.ID, lacks)
				}
			}
			if !maps.Equal(deployed, c.deployments) {
				t.Errorf("deployed %v, not %v", deployed, c.deployments)
			}
			services := h.Get(key).Status.Services
			if len(services) != 3 || services[1].Running != 1 || !strings.HasPrefix(services[1].Image, "portkeyai/data-service:") {
				t.Errorf("services: %+v", services)
			}
			h.Edit(key, func(gw *v1alpha1.PortkeyGateway) { gw.Spec.DataService = nil })
			ready(t, h, key)
			h.AdvanceTo(h.Clock.Now().Add(10 * time.Minute))
			quiet(t, h, key)
			if got := h.Get(key).Status.Services; len(got) != 2 {
				t.Errorf("services: %+v", got)
			}
			h.Delete(key)
			gone(t, h, key, before)
		})
	}
}
