package lifecycle

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/types"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/hack/harness"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/ecs"
)

// moments are states of a deployment in which somebody deletes it.
var moments = []struct {
	name string
	come func(*testing.T) (*harness.Harness, types.NamespacedName)
}{
	{"at a pause", func(t *testing.T) (*harness.Harness, types.NamespacedName) {
		h, key := behind(t, v1alpha1.LoadBalancerApplication, v1alpha1.RolloutCanary)
		h.Edit(key, func(gw *v1alpha1.PortkeyGateway) {
			paused(v1alpha1.StagePostTestTrafficShift)(gw)
			tagged("2.17.0")(gw)
		})
		return h, during(t, h, key, func(gw *v1alpha1.PortkeyGateway) bool {
			return gw.Status.Rollout != nil && gw.Status.Rollout.Awaiting != nil
		})
	}},
	{"baking", func(t *testing.T) (*harness.Harness, types.NamespacedName) {
		h, key := behind(t, v1alpha1.LoadBalancerApplication, v1alpha1.RolloutBlueGreen)
		h.Edit(key, tagged("2.17.0"))
		return h, during(t, h, key, func(gw *v1alpha1.PortkeyGateway) bool {
			return reason(gw, v1alpha1.ConditionReady) == v1alpha1.ReasonBaking
		})
	}},
	{"in the middle of a canary", func(t *testing.T) (*harness.Harness, types.NamespacedName) {
		h, key := behind(t, v1alpha1.LoadBalancerApplication, v1alpha1.RolloutCanary)
		h.Edit(key, tagged("2.17.0"))
		return h, during(t, h, key, func(gw *v1alpha1.PortkeyGateway) bool { return strings.HasPrefix(gw.Status.RolloutSummary, "Canary") })
	}},
	{"rolling back", func(t *testing.T) (*harness.Harness, types.NamespacedName) {
		h, key := behind(t, v1alpha1.LoadBalancerApplication, v1alpha1.RolloutCanary)
		h.Edit(key, tagged("2.17.0-"+ecs.ImageNeverHealthy))
		return h, during(t, h, key, func(gw *v1alpha1.PortkeyGateway) bool { return gw.Status.RolloutSummary == "RollingBack" })
	}},
	{"refused", func(t *testing.T) (*harness.Harness, types.NamespacedName) {
		h, key := begun(t, nil)
		h.Edit(key, func(gw *v1alpha1.PortkeyGateway) { gw.Spec.Credentials.License.SecretARN = secretNowhere })
		passes(t, h, key, 10*time.Minute)
		return h, key
	}},
	{"between two load balancers", func(t *testing.T) (*harness.Harness, types.NamespacedName) {
		h, key := behind(t, v1alpha1.LoadBalancerNetwork, v1alpha1.RolloutRolling)
		h.Edit(key, func(gw *v1alpha1.PortkeyGateway) {
			gw.Spec.LoadBalancer.Type, gw.Spec.LoadBalancer.ReplacementPolicy = v1alpha1.LoadBalancerApplication, v1alpha1.ReplacementParallel
		})
		if err := h.Until(key, time.Hour, "two load balancers", func(*v1alpha1.PortkeyGateway) bool { return census(h)["LoadBalancer"] == 2 }); err != nil {
			t.Fatal(err)
		}
		return h, key
	}},
	{"while half of it is denied, for an hour", func(t *testing.T) (*harness.Harness, types.NamespacedName) {
		h, key := begun(t, nil)
		h.Emulator.Server.Inject(core.FaultRule{Service: "ecs", Action: "DeleteService", Fault: core.FaultDenied, Times: 8})
		return h, key
	}},
	{"edited while it goes", func(t *testing.T) (*harness.Harness, types.NamespacedName) {
		h, key := begun(t, nil)
		h.Delete(key)
		for range 3 {
			if err := h.Step(key); err != nil {
				t.Fatal(err)
			}
		}
		h.Edit(key, func(gw *v1alpha1.PortkeyGateway) {
			gw.Spec.LoadBalancer, gw.Spec.Capacity = nil, &v1alpha1.Capacity{Fargate: &v1alpha1.FargateCapacity{}}
		})
		return h, key
	}},
}

// during waits for a moment of a rollout.
func during(t *testing.T, h *harness.Harness, key types.NamespacedName, moment func(*v1alpha1.PortkeyGateway) bool) types.NamespacedName {
	t.Helper()
	if err := h.Until(key, longest, "that moment", moment); err != nil {
		t.Fatal(err)
	}
	return key
}

// TestDeletedAtAnyMoment leaves nothing, scales services to zero before they are deleted, and takes nothing from
// under tasks that still run.
func TestDeletedAtAnyMoment(t *testing.T) {
	before := harness.New().Emulator.Server.Resources(false)
	for i, tt := range moments {
		if !harness.Sample(i) {
			continue
		}
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			h, key := tt.come(t)
			m := mark(h)
			if h.Get(key).DeletionTimestamp.IsZero() {
				h.Delete(key)
			}
			gone(t, h, key, before)
			inOrder(t, since(h, m))
		})
	}
}

// inOrder checks the order of a deletion's calls.
func inOrder(t *testing.T, calls []core.CallRecord) {
	t.Helper()
	at := func(action string) (first, last int) {
		first = slices.IndexFunc(calls, func(c core.CallRecord) bool { return c.Action == action })
		for i, c := range calls {
			if c.Action == action {
				last = i
			}
		}
		return first, last
	}
	_, stopped := at("DeleteService")
	for _, after := range []string{"DeleteVpc", "DeleteCluster", "DeleteAutoScalingGroup", "DeleteNatGateway", "DeleteLaunchTemplate"} {
		if first, _ := at(after); first >= 0 && first < stopped {
			t.Errorf("%s comes before the last DeleteService", after)
		}
	}
	for i, c := range calls {
		if c.Action != "DeleteService" {
			continue
		}
		params, _ := json.Marshal(c.Params)
		if !slices.ContainsFunc(calls[:i], func(c core.CallRecord) bool {
			p, _ := json.Marshal(c.Params)
			return c.Action == "UpdateService" && strings.Contains(string(p), `"desiredCount":0`)
		}) {
			t.Errorf("deleted without being scaled to zero: %s", params)
		}
	}
}
