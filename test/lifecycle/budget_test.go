package lifecycle

import (
	"testing"
	"time"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/hack/harness"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// TestCallBudgets holds what a deployment may cost in calls: AWS's request rates are shared by all
// gateways of an account, and by everybody else in it. `make bench` prints the figures.
func TestCallBudgets(t *testing.T) {
	harness.Unraced(t)
	for _, b := range []struct {
		sample                string
		apply, sync, deletion int
		ideal                 time.Duration // how long AWS itself takes: the bench's idealSeconds
	}{
		{sample: "minimal", apply: 125, sync: 29, deletion: 125, ideal: 495 * time.Second},
		{sample: "production", apply: 170, sync: 37, deletion: 160, ideal: 521 * time.Second},
	} {
		t.Run(b.sample, func(t *testing.T) {
			h := harness.New()
			gw, err := h.Manifest("../../config/samples/"+b.sample+".yaml", "gw")
			if err != nil {
				t.Fatal(err)
			}
			heldTo(t, h, gw, b.apply, b.sync, b.deletion, b.ideal)
		})
	}
}

func heldTo(t *testing.T, h *harness.Harness, gw *v1alpha1.PortkeyGateway, apply, sync, deletion int, ideal time.Duration) {
	before := len(h.Emulator.Server.Resources(false))
	key := h.Create(gw)
	spent := func(what string, calls, writes int, do func()) {
		t.Helper()
		m := mark(h)
		do()
		got := since(h, m)
		if len(got) > calls || len(mutations(got)) > writes {
			t.Errorf("%s takes %d calls, %d of them write; at most %d and %d:\n%s", what, len(got), len(mutations(got)), calls, writes, actions(got))
		}
	}
	once := func() {
		if _, err := h.Reconcile(key); err != nil {
			t.Fatal(err)
		}
	}
	began := h.Clock.Now()
	m := mark(h)
	spent("a first apply", apply, apply, func() { ready(t, h, key) })
	if objects := len(h.Emulator.Server.Resources(false)) - before; 10*len(mutations(since(h, m))) > 13*objects {
		t.Errorf("%d objects take %d mutations", objects, len(mutations(since(h, m))))
	}
	if took := h.Clock.Since(began); took > ideal+ideal/10 {
		t.Errorf("Ready after %s: looking seldom has a price of more than a tenth", took)
	}
	settle(t, h, key)
	spent("a sync that finds nothing to do", sync, 0, func() {
		h.Emulator.Server.Advance(6 * time.Minute)
		once()
	})
	spent("a changed image until its deployment has begun", 15, 3, func() {
		h.Edit(key, func(gw *v1alpha1.PortkeyGateway) {
			if gw.Spec.Gateway == nil {
				gw.Spec.Gateway = &v1alpha1.Gateway{}
			}
			gw.Spec.Gateway.Image = &v1alpha1.Image{Tag: "2.17.0"}
		})
		once()
	})
	ready(t, h, key)
	settle(t, h, key)
	spent("a deletion", deletion, deletion, func() {
		h.Delete(key)
		if err := h.Until(key, time.Hour, "deletion", harness.Gone); err != nil {
			t.Fatal(err)
		}
	})
}

// TestNothingIsListedTwiceInAWalk: what one node has read is true for the others of its kind, also after
// one of them was made.
func TestNothingIsListedTwiceInAWalk(t *testing.T) {
	h := harness.New()
	key := h.Create(h.Minimal("gw"))
	m := mark(h)
	if _, err := h.Reconcile(key); err != nil {
		t.Fatal(err)
	}
	seen := map[string]core.CallRecord{}
	for _, c := range since(h, m) {
		switch c.Action {
		case "DescribeVpcs", "DescribeSubnets", "DescribeSecurityGroups", "DescribeSecurityGroupRules", "DescribeRouteTables",
			"DescribeNatGateways", "DescribeLogGroups", "GetAccountAuthorizationDetails", "DescribeListeners":
			if _, twice := seen[c.Action]; twice {
				t.Errorf("%s is called twice in a first walk", c.Action)
			}
			seen[c.Action] = c
		}
	}
}
