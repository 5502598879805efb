package lifecycle

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/types"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/hack/harness"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// slowCreation bounds a creation when AWS shows everything late.
const slowCreation = 90 * time.Minute

// TestReadsThatLagBehindWrites runs whole lives where lists and describes don't show an object until
// long after it was made. The count of objects is that of a world without lag: nothing is doubled.
func TestReadsThatLagBehindWrites(t *testing.T) {
	want := kindsOf(func() []core.Resource {
		h, key := deployed(t)
		settle(t, h, key)
		return h.Emulator.Server.Resources(false)
	}())
	for i, tt := range []struct {
		lag  time.Duration
		edit func(*testing.T, *harness.Harness, types.NamespacedName)
		why  string
	}{
		{30 * time.Second, nil, "an undisturbed life"},
		{60 * time.Second, nil, "an undisturbed life, with the longest lag that AWS is known for"},
		{60 * time.Second, restartEvery(3), "managers that die between walks forget what they saw"},
		{60 * time.Second, loseStatusAt(1), "the status goes right after the VPC is made"},
		{60 * time.Second, loseStatusAt(4), "the status goes in the middle"},
		{60 * time.Second, loseStatusInPlace(1), "the status goes under a running manager right after the VPC is made"},
		{60 * time.Second, loseStatusInPlace(5), "the status goes under a running manager in the middle"},
	} {
		if !harness.Sample(i) {
			continue
		}
		t.Run(fmt.Sprintf("%s %s", tt.lag, tt.why), func(t *testing.T) {
			h := harness.New()
			before := h.Emulator.Server.Resources(false)
			h.Emulator.World.Settings.ReadLag = tt.lag
			key := h.Create(h.Minimal("gw"))
			if tt.edit != nil {
				tt.edit(t, h, key)
			}
			if err := h.Until(key, slowCreation, "Ready", harness.Ready); err != nil {
				t.Fatal(err)
			}
			settle(t, h, key)
			if got := kindsOf(h.Emulator.Server.Resources(false)); got != want {
				t.Fatalf("doubled or missing:\n%s\nwant\n%s", got, want)
			}
			h.Delete(key)
			if err := h.Until(key, 3*time.Hour, "deletion", harness.Gone); err != nil {
				t.Fatal(err)
			}
			h.Emulator.Server.Advance(time.Hour)
			gone(t, h, key, before)
		})
	}
}

// TestDeletedWhileReadsLag deletes at every early step: what AWS doesn't show yet isn't left behind.
func TestDeletedWhileReadsLag(t *testing.T) {
	for i, steps := range []int{1, 2, 3, 5, 8} {
		for j, lost := range []bool{false, true} {
			if !harness.Sample(2*i + j) {
				continue
			}
			t.Run(fmt.Sprintf("after %d steps, status lost %v", steps, lost), func(t *testing.T) {
				h := harness.New()
				before := h.Emulator.Server.Resources(false)
				h.Emulator.World.Settings.ReadLag = time.Minute
				key := h.Create(h.Minimal("gw"))
				for range steps {
					if err := h.Step(key); err != nil {
						t.Fatal(err)
					}
				}
				if lost {
					loseStatus(t, h, key)
				}
				h.Delete(key)
				if err := h.Until(key, 3*time.Hour, "deletion", harness.Gone); err != nil {
					t.Fatal(err)
				}
				h.Emulator.Server.Advance(time.Hour)
				gone(t, h, key, before)
			})
		}
	}
}

func restartEvery(steps int) func(*testing.T, *harness.Harness, types.NamespacedName) {
	return func(t *testing.T, h *harness.Harness, key types.NamespacedName) {
		for range 8 {
			for range steps {
				if err := h.Step(key); err != nil {
					t.Fatal(err)
				}
			}
			h.Restart()
		}
	}
}

func loseStatusAt(step int) func(*testing.T, *harness.Harness, types.NamespacedName) {
	return func(t *testing.T, h *harness.Harness, key types.NamespacedName) {
		for range step {
			if err := h.Step(key); err != nil {
				t.Fatal(err)
			}
		}
		loseStatus(t, h, key)
	}
}

func loseStatusInPlace(step int) func(*testing.T, *harness.Harness, types.NamespacedName) {
	return func(t *testing.T, h *harness.Harness, key types.NamespacedName) {
		for range step {
			if err := h.Step(key); err != nil {
				t.Fatal(err)
			}
		}
		gw := h.Get(key)
		gw.Status = v1alpha1.PortkeyGatewayStatus{}
		if err := h.Kube.Status().Update(t.Context(), gw); err != nil {
			t.Fatal(err)
		}
	}
}

// kindsOf counts objects by kind, without what AWS makes by itself in a number of its own choice.
func kindsOf(rs []core.Resource) string {
	n := map[string]int{}
	for _, r := range rs {
		switch r.Kind {
		case "Task", "NetworkInterface", "Instance", "Volume", "ContainerInstance":
		default:
			n[r.Kind]++
		}
	}
	var out []string
	for k, c := range n {
		out = append(out, fmt.Sprintf("%s %d", k, c))
	}
	return strings.Join(slices.Sorted(slices.Values(out)), "\n")
}
