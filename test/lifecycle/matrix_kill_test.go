package lifecycle

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/hack/harness"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/ecs"
)

// TestNothingIsTriedAgain waits a day after a rollout was taken back: nothing is deployed; a corrected spec is.
func TestNothingIsTriedAgain(t *testing.T) {
	harness.Unraced(t)
	t.Parallel()
	for i, strategy := range everyStrategy {
		if !harness.Sample(i + 6) {
			continue
		}
		t.Run(string(strategy), func(t *testing.T) {
			t.Parallel()
			l := newLife(t, balanced[i%len(balanced)], strategy)
			l.h.Edit(l.key, tagged("3.0.0-"+ecs.ImageCrash30s))
			if err := l.h.Until(l.key, longest, "taken back", rolledBackTo(goodTag)); err != nil {
				t.Fatal(err)
			}
			l.stopWatching()
			before := len(l.deployments())
			idle(t, l.h, l.key, 24*time.Hour)
			if got := len(l.deployments()); got != before {
				t.Errorf("%d deployments in a day", got-before)
			}
			l.h.Edit(l.key, tagged("3.0.1"))
			l.settled()
			l.runs("3.0.1")
			l.ended(v1alpha1.RolloutSucceeded, "3.0.1", "")
			quiet(t, l.h, l.key)
		})
	}
}

// TestKilledAtEveryStage kills the manager at each stage of each strategy, between two reconciliations and in
// the middle of one, in rollouts that succeed and in ones that are taken back: all ends as if nothing had been.
func TestKilledAtEveryStage(t *testing.T) {
	t.Parallel()
	for i, strategy := range everyStrategy {
		for j, tag := range []string{"3.0.0", "3.0.0-" + ecs.ImageCrash30s} {
			if !harness.Sample(2*i + j + 1) {
				continue
			}
			t.Run(string(strategy)+" of "+tag, func(t *testing.T) {
				t.Parallel()
				kind := balanced[(i+j)%len(balanced)]
				spared := rolled(t, kind, strategy, tag, false)
				killed := rolled(t, kind, strategy, tag, true)
				for _, line := range harness.Missing(spared, killed) {
					t.Errorf("without the kills there would be\n%s", line)
				}
				for _, line := range harness.Missing(killed, spared) {
					t.Errorf("without the kills there wouldn't be\n%s", line)
				}
			})
		}
	}
}

// rolled rolls an image out, and tells what there is in AWS and in status at the end. The manager is killed
// at each stage that ECS comes to, if wanted.
func rolled(t *testing.T, kind v1alpha1.LoadBalancerType, strategy v1alpha1.RolloutStrategy, tag string, kill bool) []string {
	t.Helper()
	l := newLife(t, kind, strategy)
	before := len(l.deployments())
	l.h.Edit(l.key, tagged(tag))
	over := func() bool {
		gw := l.h.Get(l.key)
		return harness.Ready(gw) || rolledBackTo(goodTag)(gw) && len(l.deployments()) > before
	}
	seen := map[string]bool{"": true}
	for kill {
		stage := ""
		err := l.h.Catch(l.key, longest, "the end", func() bool {
			stage = ""
			if all := l.deployments(); len(all) > before {
				d := all[len(all)-1]
				stage = d.Status + " " + d.Stage
			}
			return !seen[stage] || over()
		})
		if err != nil {
			t.Fatal(err)
		}
		if seen[stage] {
			break
		}
		seen[stage] = true
		l.kill(len(seen))
		l.kill(0)
	}
	if err := l.h.Catch(l.key, longest, "the end", over); err != nil {
		t.Fatal(err)
	}
	if want := map[bool]int{true: 10, false: 2}[strategy != v1alpha1.RolloutRolling]; kill && !strings.Contains(tag, "broken") && len(seen)-1 < want {
		t.Errorf("killed at %v only", seen)
	}
	if got := of(l.deployments()[before:], tag); len(got) != 1 || len(l.deployments()) != before+1 {
		t.Errorf("%s was deployed %d times: %+v", tag, len(got), l.deployments())
	}
	l.h.AdvanceTo(l.h.Clock.Now().Add(time.Hour))
	for range 2 {
		if _, err := l.h.Reconcile(l.key); err != nil {
			t.Fatal(err)
		}
	}
	l.end(t)
	return append(l.h.AtRest(), inStatus(l.h.Get(l.key))...)
}

// kill lets the manager die at its n-th call of AWS in a reconciliation, or between two, and starts another.
func (l *life) kill(n int) {
	if n > 0 {
		watching := l.h.Transport
		m := &mortal{left: 1 + n%4, lost: n%2 == 0}
		l.h.Reconciler.Client = m.kube(l.h.Kube)
		l.h.Transport = m.transport(l.h) //nolint:bodyclose // the SDK closes what it is given
		_, _ = l.h.Reconcile(l.key)
		l.h.Transport = watching
	}
	l.h.Restart()
}

// stopWatching ends the watch of production, for long times in which nothing should happen.
func (l *life) stopWatching() {
	l.Helper()
	l.end(l.T)
}

// inStatus tells what status says, without ids and times.
func inStatus(gw *v1alpha1.PortkeyGateway) []string {
	out := []string{"version " + gw.Status.Version, "rollout " + gw.Status.RolloutSummary}
	for _, c := range gw.Status.Conditions {
		out = append(out, fmt.Sprintf("condition %s=%s %s", c.Type, c.Status, c.Reason))
	}
	for _, r := range gw.Status.History {
		out = append(out, fmt.Sprintf("history %s %s %s", r.Image, r.Outcome, r.Reason))
	}
	for _, s := range gw.Status.Services {
		out = append(out, fmt.Sprintf("service %s %s %d of %d", s.Name, s.Image, s.Running, s.Desired))
	}
	slices.Sort(out)
	return out
}
