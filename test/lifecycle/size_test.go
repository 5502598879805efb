package lifecycle

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/hack/harness"
	"github.com/portkey-ai/portkey-ecs-operator/hack/sweep"
)

// largestStatus is what a status may take: a twentieth of what etcd takes of an object
// (https://etcd.io/docs/v3.5/dev-guide/limit/), so that watches and lists of a fleet stay cheap.
const largestStatus = 64 << 10

// TestStatusStaysSmall measures the status of the largest sample at every step of its life, in the middle of rollouts and
// with a full plan too.
func TestStatusStaysSmall(t *testing.T) {
	harness.Unraced(t)
	t.Parallel()
	h := harness.New()
	key := h.Create(h.Sample(string(sweep.Production)))
	largest, when := 0, ""
	look := func(what string) {
		b, err := json.Marshal(h.Get(key).Status)
		if err != nil {
			t.Fatal(err)
		}
		if len(b) > largest {
			largest, when = len(b), what
		}
	}
	h.Watch = func() {
		if h.Get(key) != nil {
			look("on the way")
		}
	}
	ready(t, h, key)
	for i := range 12 { // the history is full after ten
		h.Edit(key, func(gw *v1alpha1.PortkeyGateway) {
			gw.Spec.Gateway.Image = &v1alpha1.Image{Tag: fmt.Sprintf("2.17.%d", i)}
		})
		ready(t, h, key)
	}
	look("after twelve rollouts")
	h.Edit(key, func(gw *v1alpha1.PortkeyGateway) {
		gw.Spec.ManagementPolicy = v1alpha1.ManagementObserve
		gw.Spec.Tags = map[string]v1alpha1.TagValue{"team": "everything-changes"}
	})
	if _, err := h.Reconcile(key); err != nil {
		t.Fatal(err)
	}
	if p := h.Get(key).Status.Plan; p == nil || len(p.Changes) < 20 {
		t.Fatalf("the plan isn't full: %+v", p)
	}
	look("with a plan of every object")
	if largest > largestStatus {
		t.Errorf("status took %d bytes %s; at most %d", largest, when, largestStatus)
	}
	t.Logf("%d bytes %s", largest, when)
}
