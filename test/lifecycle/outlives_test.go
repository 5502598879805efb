package lifecycle

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/hack/harness"
)

// TestACacheOutlivesItsTasks: a gateway goes from one cache to another, and as long as tasks of before run, they reach
// theirs.
func TestACacheOutlivesItsTasks(t *testing.T) {
	harness.Unraced(t)
	managed := &v1alpha1.Cache{ElastiCache: &v1alpha1.ElastiCache{Managed: &v1alpha1.ManagedCache{}}}
	for _, c := range []struct {
		name string
		to   *v1alpha1.Cache
	}{
		{"to a built-in one", nil},
		{"to a serverless one", &v1alpha1.Cache{ElastiCache: &v1alpha1.ElastiCache{Serverless: &v1alpha1.ServerlessCache{}}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			h, key := begun(t, set(func(s *spec) { s.Cache = managed }))
			served := 0
			h.Watch = func() {
				for _, r := range h.Emulator.Server.Resources(false) {
					if r.Kind != "Task" || r.Settings["lastStatus"] != "RUNNING" || !strings.HasSuffix(fmt.Sprint(r.Settings["taskDefinition"]), "-gateway:1") {
						continue
					}
					if served++; !strings.Contains(fmt.Sprint(r.Settings["caches"]), "gw-") {
						t.Errorf("at %s a task of before reaches no cache: %v", h.Clock.Now(), r.Settings)
						h.Watch = nil
						return
					}
				}
			}
			h.Edit(key, func(gw *v1alpha1.PortkeyGateway) { gw.Spec.Cache = c.to })
			ready(t, h, key)
			h.Watch = nil
			if served == 0 {
				t.Error("no task of before was seen")
			}
			for _, r := range h.Emulator.Server.Resources(false) {
				if r.Kind == "ReplicationGroup" && fmt.Sprint(r.Settings["status"]) != "deleting" {
					t.Errorf("the cache of before is still there: %v", r.Settings)
				}
			}
		})
	}
}

// TestRightsOutliveTheirTasks: a gateway reads other secrets, under another key, and comes by another strategy, so that
// what runs is deployed once more on the way. Tasks of before go on being able to start; afterwards their rights are gone.
func TestRightsOutliveTheirTasks(t *testing.T) {
	harness.Unraced(t)
	breaker := &v1alpha1.CircuitBreaker{Threshold: &v1alpha1.BreakerThreshold{Type: "Count", Value: 1}}
	h, key := begun(t, func(h *harness.Harness, s *spec) {
		fromSecrets(h, s)
		encrypted(h, s)
		s.Gateway = &v1alpha1.Gateway{Rollout: &v1alpha1.Rollout{CircuitBreaker: breaker}}
	})
	was := rights(h, "gw-11ecbf10-gateway-execution")
	given := h.Minimal("given").Spec
	h.Edit(key, func(gw *v1alpha1.PortkeyGateway) {
		gw.Spec.Credentials, gw.Spec.Secrets = given.Credentials, nil
		gw.Spec.Gateway.Rollout = &v1alpha1.Rollout{Strategy: v1alpha1.RolloutBlueGreen, CircuitBreaker: breaker}
	})
	if err := h.Until(key, 2*time.Hour, "Ready", harness.Ready); err != nil { // behind a Network Load Balancer each shift takes a quarter of an hour
		t.Fatal(err)
	}
	if now := rights(h, "gw-11ecbf10-gateway-execution"); was == now || strings.Contains(now, "kms") || !strings.Contains(was, "kms") {
		t.Errorf("rights of before: %s\nand now: %s", was, now)
	}
}

// rights are a role's inline policies.
func rights(h *harness.Harness, name string) string {
	for _, r := range h.Emulator.Server.Resources(false) {
		if r.Kind == "Role" && r.Name == name {
			return fmt.Sprint(r.Settings["inlinePolicies"])
		}
	}
	return ""
}

// TestOneOfTwoPairsGoesWithTheStrategy: a gateway whose traffic ECS shifts gives up shifting and one of its hosts in one
// edit. The pair that goes has its production now at one group, now at the other, and nobody waits for it.
func TestOneOfTwoPairsGoesWithTheStrategy(t *testing.T) {
	harness.Unraced(t)
	h, key := begun(t, set(func(s *spec) {
		s.Mode, s.MCP = v1alpha1.ModeAll, &v1alpha1.MCP{}
		s.LoadBalancer = &v1alpha1.LoadBalancer{Type: v1alpha1.LoadBalancerApplication, Hosts: &v1alpha1.Hosts{Gateway: "gateway.example.com", MCP: "mcp.example.com"}}
		s.Gateway = &v1alpha1.Gateway{Rollout: &v1alpha1.Rollout{Strategy: v1alpha1.RolloutBlueGreen}}
	}))
	m := mark(h)
	h.Edit(key, func(gw *v1alpha1.PortkeyGateway) {
		gw.Spec.Mode, gw.Spec.MCP, gw.Spec.Gateway, gw.Spec.LoadBalancer.Hosts = "", nil, nil, &v1alpha1.Hosts{Gateway: "gateway.example.com"}
	})
	ready(t, h, key)
	updates := 0
	for _, c := range since(h, m) {
		if c.Action == "UpdateService" {
			updates++
		}
	}
	if updates > 4 { // the strategy, home, what is new, and redis that doesn't know it
		t.Errorf("%d deployments", updates)
	}
	quiet(t, h, key)
}
