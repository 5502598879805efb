package lifecycle

import (
	"strings"
	"testing"
	"time"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
)

// TestTheCacheWillBeEmptied: the plan, and later the event, say what a change of the built-in Redis costs; of
// changes that cost nothing they say nothing.
func TestTheCacheWillBeEmptied(t *testing.T) {
	const emptied = "the cache will be emptied"
	for name, c := range map[string]struct {
		edit    func(*spec)
		event   string
		emptied bool
	}{
		"image": {func(s *spec) {
			s.Cache = &v1alpha1.Cache{BuiltIn: &v1alpha1.BuiltInCache{Image: &v1alpha1.Image{Tag: "7.4-alpine"}}}
		}, "Normal Updated", true},
		"size": {func(s *spec) {
			s.Cache = &v1alpha1.Cache{BuiltIn: &v1alpha1.BuiltInCache{Resources: size("500m", "1Gi")}}
		}, "Normal Updated", true},
		"another cache": {func(s *spec) {
			s.Cache = &v1alpha1.Cache{ElastiCache: &v1alpha1.ElastiCache{Endpoint: &v1alpha1.CacheEndpoint{Address: "elsewhere.example:6379"}}}
		}, "Normal Deleted", true},
		"tag":           {func(s *spec) { s.Tags = map[string]v1alpha1.TagValue{"team": "ai"} }, "", false},
		"gateway image": {func(s *spec) { s.Gateway = &v1alpha1.Gateway{Image: &v1alpha1.Image{Tag: "2.17.0"}} }, "", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h, key := begun(t, nil)
			h.Edit(key, func(gw *v1alpha1.PortkeyGateway) {
				c.edit(&gw.Spec)
				gw.Spec.ManagementPolicy = v1alpha1.ManagementObserve
			})
			if _, err := h.Reconcile(key); err != nil {
				t.Fatal(err)
			}
			noted := false
			for _, change := range h.Get(key).Status.Plan.Changes {
				if strings.Contains(change.Interrupts, emptied) != (change.Node == "service/redis" && c.emptied) {
					t.Errorf("%s: %s", change.Node, change.Interrupts)
				}
				noted = noted || strings.Contains(change.Interrupts, emptied)
			}
			if noted != c.emptied {
				t.Errorf("the plan says it: %t", noted)
			}
			events := len(h.Events.Events)
			h.Edit(key, func(gw *v1alpha1.PortkeyGateway) { gw.Spec.ManagementPolicy = v1alpha1.ManagementReconcile })
			ready(t, h, key)
			if err := h.Until(key, time.Hour, "rest", func(*v1alpha1.PortkeyGateway) bool {
				return !c.emptied || strings.Contains(strings.Join(h.Events.Events[events:], "\n"), emptied)
			}); err != nil {
				t.Fatal(err)
			}
			for _, e := range h.Events.Events[events:] {
				if strings.Contains(e, emptied) && (!c.emptied || !strings.HasPrefix(e, c.event)) {
					t.Errorf("told as %s", e)
				}
			}
		})
	}
}
