package lifecycle

import (
	"slices"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/types"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/hack/harness"
)

// columns collects what kubectl get -w -o wide shows of a gateway's rollout: Rollout, Version, Ready's reason, and
// whether it is available.
func columns(h *harness.Harness, key types.NamespacedName) *[]string {
	var lines []string
	h.Watch = func() {
		gw := h.Get(key)
		ready := meta.FindStatusCondition(gw.Status.Conditions, v1alpha1.ConditionReady)
		if gw.Status.RolloutSummary == "" || ready == nil {
			return
		}
		available := "serves"
		if !meta.IsStatusConditionTrue(gw.Status.Conditions, v1alpha1.ConditionAvailable) {
			available = "doesn't serve"
		}
		line := strings.Join([]string{gw.Status.RolloutSummary, gw.Status.Version, ready.Reason, available}, ", ")
		if n := len(lines); n == 0 || lines[n-1] != line {
			lines = append(lines, line)
		}
	}
	return &lines
}

// passing are stages that last for seconds where nothing waits at them: whether a look falls into one is chance.
var passing = []string{"PreScaleUp", "PostScaleUp", "TestTrafficShift", "PostTestTrafficShift", "PreProductionTrafficShift", "PostProductionTrafficShift"}

func tells(t *testing.T, what string, have *[]string, want ...string) {
	t.Helper()
	*have = slices.DeleteFunc(*have, func(line string) bool {
		summary, _, _ := strings.Cut(line, ",")
		return slices.Contains(passing, summary[strings.LastIndex(summary, " ")+1:])
	})
	if !slices.Equal(*have, want) {
		t.Errorf("%s:\n%s\nwant:\n%s", what, strings.Join(*have, "\n"), strings.Join(want, "\n"))
	}
	*have = nil
}

// TestColumnsTellTheStory watches canaries as people do: the first one, one that is approved, right after that, and
// one that is broken.
func TestColumnsTellTheStory(t *testing.T) {
	harness.Unraced(t)
	t.Parallel()
	h := harness.New()
	gw := h.Minimal("gw")
	gw.Spec.LoadBalancer = &v1alpha1.LoadBalancer{}
	by(v1alpha1.RolloutCanary)(gw)
	key := h.Create(gw)
	seen := columns(h, key)
	settled(t, h, key)
	tells(t, "the first", seen,
		"Canary 0/1, 2.16.0, Creating, doesn't serve",
		"Canary 0% ScaleUp, 2.16.0, Creating, doesn't serve",
		"Canary 20%, 2.16.0, Creating, doesn't serve",
		"Canary 100%, 2.16.0, Creating, serves",
		"Canary 100% Baking, 2.16.0, Baking, serves",
		"Complete, 2.16.0, Reconciled, serves",
	)

	h.Edit(key, func(gw *v1alpha1.PortkeyGateway) {
		paused(v1alpha1.StagePreProductionTrafficShift)(gw)
		tagged("2.17.0")(gw)
	})
	for range 2 {
		left := ""
		if r := h.Get(key).Status.Rollout; r != nil && r.Awaiting != nil {
			left = r.Awaiting.HookID
		}
		if err := h.Until(key, longest, "waiting", waits(left)); err != nil {
			t.Fatal(err)
		}
		// Another wish for later rollouts is written in the middle of this one.
		h.Edit(key, func(gw *v1alpha1.PortkeyGateway) {
			gw.Spec.Gateway.Rollout.Hooks[0].Pause.Timeout.Duration += time.Hour
		})
		done(t, h, key, v1alpha1.AnnotationPromote, h.Get(key).Status.Rollout.Awaiting.HookID)
	}
	settled(t, h, key)
	tells(t, "an approved one", seen,
		"Canary 0/1, 2.16.0, Progressing, serves",
		"Canary 0% ScaleUp, 2.16.0, Progressing, serves",
		"Canary 0% AwaitingApproval, 2.16.0, AwaitingApproval, serves",
		"Canary 20%, 2.16.0, Progressing, serves",
		"Canary 20% AwaitingApproval, 2.16.0, AwaitingApproval, serves",
		"Canary 100%, 2.17.0, Progressing, serves",
		"Canary 100% Baking, 2.17.0, Baking, serves",
		"Canary 100% CleanUp, 2.17.0, Progressing, serves",
		"Complete, 2.17.0, Reconciled, serves",
	)

	h.Edit(key, tagged("2.18.0-broken-never-healthy"))
	if err := h.Until(key, longest, "rolled back", rolledBackTo("2.17.0")); err != nil {
		t.Fatal(err)
	}
	tells(t, "a broken one", seen,
		"Canary 0/1, 2.17.0, Progressing, serves",
		"Canary 0% ScaleUp, 2.17.0, Progressing, serves",
		"RollingBack, 2.17.0, RolledBack, serves",
		"RolledBack, 2.17.0, RolledBack, serves",
	)
}
