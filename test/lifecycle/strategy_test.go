package lifecycle

import (
	"slices"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/ptr"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/hack/harness"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/ecs"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/elbv2"
)

// balanced are the load balancers that a gateway may shift traffic behind.
var balanced = []v1alpha1.LoadBalancerType{v1alpha1.LoadBalancerApplication, v1alpha1.LoadBalancerNetwork}

var everyStrategy = []v1alpha1.RolloutStrategy{v1alpha1.RolloutRolling, v1alpha1.RolloutBlueGreen, v1alpha1.RolloutCanary, v1alpha1.RolloutLinear}

// by makes a gateway roll out by a strategy, with short times.
func by(strategy v1alpha1.RolloutStrategy) func(*v1alpha1.PortkeyGateway) {
	return func(gw *v1alpha1.PortkeyGateway) {
		if gw.Spec.Gateway == nil {
			gw.Spec.Gateway = &v1alpha1.Gateway{}
		}
		gw.Spec.Gateway.Rollout = &v1alpha1.Rollout{Strategy: strategy}
		switch strategy {
		case v1alpha1.RolloutCanary:
			gw.Spec.Gateway.Rollout.Canary = &v1alpha1.Canary{Percent: 20, BakeTime: &metav1.Duration{Duration: 3 * time.Minute}}
		case v1alpha1.RolloutLinear:
			gw.Spec.Gateway.Rollout.Linear = &v1alpha1.Linear{StepPercent: 50, StepBakeTime: &metav1.Duration{Duration: 2 * time.Minute}}
		}
	}
}

// tagged changes the image's tag and leaves the rest.
func tagged(tag string) func(*v1alpha1.PortkeyGateway) {
	return func(gw *v1alpha1.PortkeyGateway) {
		if gw.Spec.Gateway == nil {
			gw.Spec.Gateway = &v1alpha1.Gateway{}
		}
		gw.Spec.Gateway.Image = &v1alpha1.Image{Tag: tag}
	}
}

// behind returns a Ready gateway that rolls out by a strategy behind a load balancer.
func behind(t *testing.T, kind v1alpha1.LoadBalancerType, strategy v1alpha1.RolloutStrategy) (*harness.Harness, types.NamespacedName) {
	t.Helper()
	h := harness.New()
	gw := h.Minimal("gw")
	gw.Spec.LoadBalancer = &v1alpha1.LoadBalancer{Type: kind}
	by(strategy)(gw)
	key := h.Create(gw)
	settled(t, h, key)
	return h, key
}

// longest is how long a switch to another strategy may take behind a Network Load Balancer, to each of
// whose shifts ECS adds ten minutes.
const longest = 3 * time.Hour

func settled(t *testing.T, h *harness.Harness, key types.NamespacedName) {
	t.Helper()
	if err := h.Until(key, longest, "Ready", harness.Ready); err != nil {
		t.Fatal(err)
	}
}

// production watches that all of the production traffic is served, after every event of AWS and every
// call that changes something.
type production struct {
	h   *harness.Harness
	dns string
	// broke are the interruptions, each once.
	broke []string
}

func watchProduction(h *harness.Harness, key types.NamespacedName) *production {
	p := &production{h: h, dns: h.Get(key).Status.Endpoints.LoadBalancer}
	h.Watch = p.look
	overhear(h, func(c core.CallRecord) {
		if !c.ReadOnly() {
			p.look()
		}
	})
	return p
}

func (p *production) end(t *testing.T) {
	t.Helper()
	p.h.Watch, p.h.Transport = nil, nil
	for _, b := range p.broke {
		t.Errorf("production wasn't served at %s", b)
	}
}

func (p *production) look() {
	problem := p.route().Problem
	if problem != "" && (len(p.broke) == 0 || !strings.HasSuffix(p.broke[len(p.broke)-1], problem)) {
		p.broke = append(p.broke, p.h.Clock.Now().Format("15:04:05 ")+problem)
	}
}

// route sends a request of a client in the VPC. Whichever target group with a weight it goes to, a healthy
// task must be there.
func (p *production) route() elbv2.Outcome {
	p.h.Emulator.World.Lock()
	defer p.h.Emulator.World.Unlock()
	return p.h.Emulator.ELB.Route(elbv2.ClientRequest{DNS: p.dns, Port: 80, Source: "10.0.1.7", Path: "/v1/health"})
}

// TestShiftsShow rolls an image out by each strategy that shifts traffic, follows it in status, and finds
// nothing left to do afterwards.
func TestShiftsShow(t *testing.T) {
	for _, kind := range balanced {
		for i, strategy := range everyStrategy[1:] {
			if kind == v1alpha1.LoadBalancerNetwork && strategy != v1alpha1.RolloutCanary || !harness.Sample(i+5) {
				continue // a network load balancer differs in its delays only
			}
			t.Run(string(kind)+" "+string(strategy), func(t *testing.T) {
				t.Parallel()
				h, key := behind(t, kind, strategy)
				quiet(t, h, key)
				p := watchProduction(h, key)
				before := p.route().Groups()
				h.Edit(key, tagged("2.17.0"))
				var stages, ids []string
				var percents []int32
				err := h.Until(key, longest, "Ready", func(gw *v1alpha1.PortkeyGateway) bool {
					if harness.Ready(gw) {
						return true
					}
					told(t, gw, v1alpha1.ConditionAvailable, metav1.ConditionTrue, v1alpha1.ReasonServing)
					r := gw.Status.Rollout
					if r == nil {
						return false
					}
					ids = append(ids, r.ID)
					if r.Strategy != strategy || r.ToRevision == "" {
						t.Errorf("status.rollout is %+v", r)
					}
					stages = append(stages, r.Stage)
					if r.TrafficPercent != nil {
						percents = append(percents, *r.TrafficPercent)
					}
					return false
				})
				if err != nil {
					t.Fatal(err)
				}
				stages, percents, ids = slices.Compact(stages), slices.Compact(percents), slices.Compact(ids)
				want := map[v1alpha1.RolloutStrategy][]int32{v1alpha1.RolloutBlueGreen: {0, 100}, v1alpha1.RolloutCanary: {0, 20, 100}, v1alpha1.RolloutLinear: {0, 50, 100}}[strategy]
				if !slices.Equal(percents, want) || !slices.Contains(stages, "BakeTime") || !slices.Contains(stages, "ScaleUp") || len(ids) != 1 {
					t.Errorf("stages %v, percents %v, ids %v", stages, percents, ids)
				}
				if gw := h.Get(key); gw.Status.Version != "2.17.0" || gw.Status.Rollout != nil {
					t.Errorf("version %s, rollout %+v", gw.Status.Version, gw.Status.Rollout)
				}
				if after := p.route().Groups(); len(after) != 1 || slices.Equal(after, before) {
					t.Errorf("production is where it was: %v", after)
				}
				p.end(t)
				quiet(t, h, key)
			})
		}
	}
}

// TestShiftsAreRolledBack rolls out what doesn't work: ECS takes it back, status says so, and nothing is
// tried again, also by a new manager and after status was lost.
func TestShiftsAreRolledBack(t *testing.T) {
	for i, strategy := range everyStrategy[1:] {
		for _, kind := range balanced[i%2 : i%2+1] {
			if !harness.Sample(i + 5) {
				continue
			}
			broken := "2.17.0-" + []string{ecs.ImageCrash30s, ecs.ImageUnhealthyTarget, ecs.ImageNeverHealthy}[i]
			t.Run(string(kind)+" "+string(strategy), func(t *testing.T) {
				t.Parallel()
				h, key := behind(t, kind, strategy)
				p := watchProduction(h, key)
				h.Edit(key, tagged(broken))
				failed(t, h, key, v1alpha1.ReasonRolledBack)
				h.AdvanceTo(h.Clock.Now().Add(time.Hour))
				for _, before := range []func(){func() {}, h.Restart, func() { loseStatus(t, h, key) }} {
					before()
					m := mark(h)
					for range 6 {
						h.AdvanceTo(h.Clock.Now().Add(6 * time.Minute))
						if _, err := h.Reconcile(key); err != nil {
							t.Fatal(err)
						}
					}
					if got := mutations(since(h, m)); len(got) > 0 {
						t.Errorf("what was rolled back is tried again: %v", got)
					}
					gw := h.Get(key)
					message := told(t, gw, v1alpha1.ConditionReady, metav1.ConditionFalse, v1alpha1.ReasonRolledBack)
					if !strings.Contains(message, broken) || !strings.Contains(message, "circuit breaker threshold was exceeded") {
						t.Errorf("neither image nor ECS's reason are named: %s", message)
					}
					told(t, gw, v1alpha1.ConditionAvailable, metav1.ConditionTrue, v1alpha1.ReasonServing)
				}
				h.Edit(key, tagged("2.18.0"))
				settled(t, h, key)
				if gw := h.Get(key); gw.Status.Version != "2.18.0" {
					t.Errorf("version %s", gw.Status.Version)
				}
				p.end(t)
				quiet(t, h, key)
			})
		}
	}
}

// TestStrategiesSwitch goes from each strategy to each with a new image in the same edit, rolls out another
// image, and goes back.
func TestStrategiesSwitch(t *testing.T) {
	for i, from := range everyStrategy {
		for j, to := range everyStrategy[:i] {
			if !harness.Sample(2*i + j) {
				continue
			}
			kind := balanced[(i+j)%len(balanced)]
			t.Run(string(from)+" to "+string(to)+" behind "+string(kind), func(t *testing.T) {
				t.Parallel()
				h, key := behind(t, kind, from)
				p := watchProduction(h, key)
				for n, edit := range []func(*v1alpha1.PortkeyGateway){func(gw *v1alpha1.PortkeyGateway) { by(to)(gw); tagged("2.17.0")(gw) }, tagged("2.18.0"), by(from)} {
					h.Edit(key, edit)
					settled(t, h, key)
					if gw := h.Get(key); n > 0 && gw.Status.Version != "2.18.0" {
						t.Errorf("version %s", gw.Status.Version)
					}
				}
				p.end(t)
				quiet(t, h, key)
			})
		}
	}
}

// TestLostStatusLeavesProduction loses status while the target group serves that another strategy has left
// production at.
func TestLostStatusLeavesProduction(t *testing.T) {
	h, key := behind(t, v1alpha1.LoadBalancerApplication, v1alpha1.RolloutBlueGreen)
	p := watchProduction(h, key)
	h.Edit(key, by(v1alpha1.RolloutRolling))
	settled(t, h, key)
	before := p.route().Groups()
	loseStatus(t, h, key)
	h.AdvanceTo(h.Clock.Now().Add(10 * time.Minute))
	settled(t, h, key)
	if after := p.route().Groups(); !slices.Equal(before, after) {
		t.Errorf("production went from %v to %v", before, after)
	}
	p.end(t)
	quiet(t, h, key)
}

// TestShiftsOutliveTheManager restarts the manager, or loses status, at each stage of a canary: it is one
// deployment all the same, and ends as if nothing had been.
func TestShiftsOutliveTheManager(t *testing.T) {
	for what, blow := range map[string]func(*testing.T, *harness.Harness, types.NamespacedName){
		"restarted":     func(_ *testing.T, h *harness.Harness, _ types.NamespacedName) { h.Restart() },
		"lost its mind": loseStatus,
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			h, key := behind(t, v1alpha1.LoadBalancerApplication, v1alpha1.RolloutCanary)
			p := watchProduction(h, key)
			m := mark(h)
			h.Edit(key, tagged("2.17.0"))
			seen := map[string]bool{}
			err := h.Until(key, longest, "Ready", func(gw *v1alpha1.PortkeyGateway) bool {
				if r := gw.Status.Rollout; r != nil && !seen[r.Stage] {
					seen[r.Stage] = true
					blow(t, h, key)
					return false
				}
				return harness.Ready(gw) && gw.Status.Version == "2.17.0"
			})
			if err != nil {
				t.Fatal(err)
			}
			updates := 0
			for _, call := range mutations(since(h, m)) {
				if call == "ecs:UpdateService" {
					updates++
				}
			}
			if updates != 1 || len(seen) < 3 {
				t.Errorf("%d deployments, blows at %v", updates, seen)
			}
			p.end(t)
			quiet(t, h, key)
		})
	}
}

// TestNewestWishWins changes the image, or the strategy too, while a canary is watched: what was under way
// gives way, and production is served all the time.
func TestNewestWishWins(t *testing.T) {
	for i, to := range []v1alpha1.RolloutStrategy{v1alpha1.RolloutCanary, v1alpha1.RolloutBlueGreen, v1alpha1.RolloutRolling} {
		if !harness.Sample(i + 5) {
			continue
		}
		t.Run(string(to), func(t *testing.T) {
			t.Parallel()
			h, key := behind(t, v1alpha1.LoadBalancerApplication, v1alpha1.RolloutCanary)
			p := watchProduction(h, key)
			h.Edit(key, tagged("2.17.0"))
			err := h.Until(key, longest, "canary", func(gw *v1alpha1.PortkeyGateway) bool {
				return gw.Status.Rollout != nil && ptr.Deref(gw.Status.Rollout.TrafficPercent, 0) > 0
			})
			if err != nil {
				t.Fatal(err)
			}
			h.Edit(key, func(gw *v1alpha1.PortkeyGateway) { by(to)(gw); tagged("2.18.0")(gw) })
			settled(t, h, key)
			if gw := h.Get(key); gw.Status.Version != "2.18.0" {
				t.Errorf("version %s", gw.Status.Version)
			}
			p.end(t)
			quiet(t, h, key)
		})
	}
}

// TestABrokenImageOnTheWayToRolling goes back to rolling together with a broken image, at rest and in the middle of
// a shift: that image is tried once.
func TestABrokenImageOnTheWayToRolling(t *testing.T) {
	t.Parallel()
	for _, middle := range []bool{false, true} {
		t.Run(map[bool]string{false: "at rest", true: "in the middle"}[middle], func(t *testing.T) {
			t.Parallel()
			h, key := behind(t, v1alpha1.LoadBalancerApplication, v1alpha1.RolloutCanary)
			p := watchProduction(h, key)
			if middle {
				h.Edit(key, tagged("2.17.0"))
				if err := h.Until(key, longest, "under way", func(gw *v1alpha1.PortkeyGateway) bool {
					return gw.Status.Rollout != nil && ptr.Deref(gw.Status.Rollout.TrafficPercent, 0) > 0
				}); err != nil {
					t.Fatal(err)
				}
			}
			broken := "2.18.0-" + ecs.ImageNeverHealthy
			h.Edit(key, func(gw *v1alpha1.PortkeyGateway) {
				by(v1alpha1.RolloutRolling)(gw)
				tagged(broken)(gw)
			})
			failed(t, h, key, v1alpha1.ReasonRolledBack)
			for range 40 { // the strategy may still change
				h.AdvanceTo(h.Clock.Now().Add(5 * time.Minute))
				if _, err := h.Reconcile(key); err != nil {
					t.Fatal(err)
				}
			}
			p.end(t)
			tries := 0
			for _, r := range h.Get(key).Status.History {
				if strings.HasSuffix(r.Image, broken) {
					tries++
				}
			}
			if tries != 1 {
				t.Errorf("it was tried %d times: %+v", tries, h.Get(key).Status.History)
			}
			h.Edit(key, tagged("2.19.0"))
			settled(t, h, key)
			if gw := h.Get(key); gw.Status.Version != "2.19.0" || gw.Status.History[0].Strategy == "" {
				t.Errorf("runs %s: %+v", gw.Status.Version, gw.Status.History)
			}
		})
	}
}
