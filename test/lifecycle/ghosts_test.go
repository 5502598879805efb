package lifecycle

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"k8s.io/apimachinery/pkg/types"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/controllers"
	"github.com/portkey-ai/portkey-ecs-operator/hack/harness"
)

// TestTheTaggingAPIShowsWhatIsGone: it goes on listing deleted objects with their tags for hours. None of them is taken
// for one that is there, after an edit or by hand, when status is lost, while the gateway is deleted or for one that
// comes after it; and none is deleted twice.
func TestTheTaggingAPIShowsWhatIsGone(t *testing.T) {
	harness.Unraced(t)
	t.Parallel()
	h := harness.New()
	before := h.Emulator.Server.Resources(false)
	h.Emulator.Tagging.Lingers = 72 * time.Hour
	key := h.Create(h.Minimal("gw"))
	ready(t, h, key)
	settle(t, h, key)
	s := &site{newConsole(h), h, key}

	h.Edit(key, func(gw *v1alpha1.PortkeyGateway) { gw.Spec.LoadBalancer = nil })
	ready(t, h, key)
	settle(t, h, key)
	quiet(t, h, key)
	unplanned(t, h, key)

	loseStatus(t, h, key)
	m := mark(h)
	ready(t, h, key)
	settle(t, h, key)
	if got := mutations(since(h, m)); len(got) > 0 {
		t.Errorf("after status was lost: %v", got)
	}
	if n := census(h)["LoadBalancer"]; n != 0 || h.Get(key).Status.Endpoints != nil {
		t.Errorf("%d load balancers, and endpoints are told: %+v", n, h.Get(key).Status.Endpoints)
	}

	if _, err := s.logs.DeleteLogGroup(t.Context(), &cloudwatchlogs.DeleteLogGroupInput{LogGroupName: new(s.node("log-group/gateway").ID)}); err != nil {
		t.Fatal(err)
	}
	nextSync(t, s)
	ready(t, h, key)
	// While a rollout makes the gateway's service a possible user of everything that is found, what is gone doesn't wait
	// for its end, nor is it to be deleted.
	h.Edit(key, tagged("2.17.0"))
	for i := range 3 {
		annotate(t, h, key, fmt.Sprint("look ", i)) // a walk that changes something lists nothing
		if _, err := h.Reconcile(key); err != nil {
			t.Fatal(err)
		}
		h.AdvanceTo(h.Clock.Now().Add(5 * time.Second))
	}
	gw := h.Get(key)
	for _, r := range gw.Status.Resources {
		if strings.HasPrefix(r.Node, "load-balancer/") || strings.HasPrefix(r.Node, "target-group/") {
			t.Errorf("%s is in status, %s: %s", r.Node, r.Phase, r.Why)
		}
	}
	if harness.Ready(gw) {
		t.Fatal("the rollout is over")
	}
	f, err := controllers.Preview(t.Context(), gw, h.Reconciler.Cluster, h.Reconciler.Worlds, h.Clock.Now)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range f.Plan.Changes {
		t.Errorf("planned: %s %s", c.Action, c.Node)
	}
	ready(t, h, key)
	settle(t, h, key)

	gw = h.Get(key)
	gw.Spec.LoadBalancer = &v1alpha1.LoadBalancer{}
	plan := foreseen(t, h, gw)
	h.Edit(key, func(live *v1alpha1.PortkeyGateway) { live.Spec = gw.Spec })
	plan.equals(t, carriedOut(t, h, key), "")
	settle(t, h, key)
	quiet(t, h, key)
	unplanned(t, h, key)
	if c := census(h); c["LoadBalancer"] != 1 || c["LogGroup"] != 3 {
		t.Errorf("there are %v", c)
	}

	h.Delete(key)
	for range 4 {
		if err := h.Step(key); err != nil {
			t.Fatal(err)
		}
	}
	h.Restart() // what was proved gone is forgotten
	gone(t, h, key, before)
	again := h.Minimal("gw")
	again.UID = types.UID("uid-two")
	h.Create(again)
	if _, err := h.Reconcile(key); err != nil {
		t.Fatal(err)
	}
	ready(t, h, key)
	settle(t, h, key)
	quiet(t, h, key)
	h.Delete(key)
	gone(t, h, key, before)
}
