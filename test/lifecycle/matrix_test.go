package lifecycle

import (
	"fmt"
	"slices"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/hack/harness"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/ecs"
)

// outcome is what becomes of a rollout that begins with a change of the strategy and of the image.
type outcome struct {
	name string
	// shifting says that only a strategy that shifts traffic has it; why is the reason, for the record.
	shifting bool
	why      string
	// everyStage is tried at each stage; otherwise each row has another of the stages.
	everyStage bool
	stages     []string
	// suffix is put behind the tag of the row's image.
	suffix []string
	// edit is what else the edit changes.
	edit func(gw *v1alpha1.PortkeyGateway, stage string)
	// before happens before the edit, and act when the new image's rollout is at the stage.
	before func(*life)
	act    func(*life)
	// reason is what ECS says of a rollout that it took back, with the stage; empty when the rollout succeeds.
	reason string
}

// stagesOfShift are the stages through which each rollout goes that shifts traffic.
var stagesOfShift = []string{
	"PRE_SCALE_UP", "SCALE_UP", "POST_SCALE_UP", "TEST_TRAFFIC_SHIFT", "POST_TEST_TRAFFIC_SHIFT", "PRE_PRODUCTION_TRAFFIC_SHIFT",
	"PRODUCTION_TRAFFIC_SHIFT", "POST_PRODUCTION_TRAFFIC_SHIFT", "BAKE_TIME", "CLEAN_UP",
}

// hooked are those at which a function is asked, and pausable those at which somebody may be.
var (
	hooked   = slices.DeleteFunc(slices.Clone(stagesOfShift), func(s string) bool { return s == "SCALE_UP" || s == "BAKE_TIME" || s == "CLEAN_UP" })
	pausable = slices.DeleteFunc(slices.Clone(hooked), func(s string) bool { return s == "TEST_TRAFFIC_SHIFT" || s == "PRODUCTION_TRAFFIC_SHIFT" })
	// watched are those at which alarms roll back: nothing does once the old tasks go.
	watched = stagesOfShift[:len(stagesOfShift)-1]
)

const unstaged = "" // a rolling deployment has no stages

const noHooks = "ECS takes hooks from no service that rolls, so the API refuses them"

func pauseThen(action v1alpha1.TimeoutAction) func(*v1alpha1.PortkeyGateway, string) {
	return func(gw *v1alpha1.PortkeyGateway, stage string) {
		hooksOf(gw, v1alpha1.RolloutHook{
			Stages: []v1alpha1.RolloutStage{stageNames[stage]},
			Pause:  &v1alpha1.PauseHook{Timeout: &metav1.Duration{Duration: 7 * time.Minute}, OnTimeout: action},
		})
	}
}

var stageNames = map[string]v1alpha1.RolloutStage{
	"PRE_SCALE_UP": v1alpha1.StagePreScaleUp, "POST_SCALE_UP": v1alpha1.StagePostScaleUp, "TEST_TRAFFIC_SHIFT": v1alpha1.StageTestTrafficShift,
	"POST_TEST_TRAFFIC_SHIFT": v1alpha1.StagePostTestTrafficShift, "PRE_PRODUCTION_TRAFFIC_SHIFT": v1alpha1.StagePreProductionTrafficShift,
	"PRODUCTION_TRAFFIC_SHIFT": v1alpha1.StageProductionTrafficShift, "POST_PRODUCTION_TRAFFIC_SHIFT": v1alpha1.StagePostProductionTrafficShift,
}

var outcomes = []outcome{
	{name: "success"},
	{
		name: "broken image", suffix: []string{ecs.ImageCrash30s, ecs.ImageUnhealthyTarget, ecs.ImageNeverHealthy, ecs.ImageNoPull},
		reason: "circuit breaker threshold was exceeded",
	},
	{name: "alarm", stages: watched, act: func(l *life) { alarm(l.h, theirAlarm, "ALARM") }, reason: "triggered CloudWatch alarm(s): " + theirAlarm},
	{name: "superseded", stages: stagesOfShift, act: func(l *life) { l.supersede() }},
	{name: "aborted", everyStage: true, stages: stagesOfShift, act: func(l *life) { l.abort() }, reason: "because of a user request"},
	{name: "stopped at the console", stages: stagesOfShift, act: func(l *life) { l.stop() }, reason: "because of a user request"},
	{
		name: "pause timed out", shifting: true, why: noHooks, stages: pausable, edit: pauseThen(v1alpha1.TimeoutRollback),
		act: func(l *life) { l.waits(v1alpha1.TimeoutRollback) }, reason: "%s pause hook timed out",
	},
	{
		name: "pause timed out and went on", shifting: true, why: noHooks, stages: pausable, edit: pauseThen(v1alpha1.TimeoutContinue),
		act: func(l *life) { l.waits(v1alpha1.TimeoutContinue) },
	},
	{
		name: "hook failed", shifting: true, why: noHooks, stages: hooked, reason: "%s lifecycle hook(s) failed",
		edit:   func(gw *v1alpha1.PortkeyGateway, stage string) { hooksOf(gw, lambda("verdict", stageNames[stage])) },
		before: func(l *life) { answer(l.h, "verdict", "FAILED") },
	},
}

// row is one line of the matrix.
type row struct {
	kind     v1alpha1.LoadBalancerType
	from, to v1alpha1.RolloutStrategy
	outcome
	// stage is where it happens, as ECS has it.
	stage string
	// impossible says why there is no such thing.
	impossible string
	// number tells the row's images from those of others.
	number int
}

func (r row) String() string {
	if r.stage == unstaged {
		return fmt.Sprintf("to %s, %s", r.to, r.name)
	}
	return fmt.Sprintf("to %s, %s at %s", r.to, r.name, r.stage)
}

// matrix is every strategy after every other, with every outcome.
func matrix() []row {
	var out []row
	for _, kind := range balanced {
		for _, from := range everyStrategy {
			for _, to := range everyStrategy {
				for i, o := range outcomes {
					r := row{kind: kind, from: from, to: to, outcome: o}
					stages := []string{unstaged}
					switch {
					case to == v1alpha1.RolloutRolling && o.shifting:
						r.impossible = o.why
					case to == v1alpha1.RolloutRolling || o.stages == nil: // there is one stage only, or it doesn't matter
					case o.everyStage:
						stages = o.stages
					default:
						stages = o.stages[(len(out)+i)%len(o.stages):][:1]
					}
					for _, r.stage = range stages {
						r.number = len(out)
						out = append(out, r)
					}
				}
			}
		}
	}
	return out
}

// TestMatrix goes from each strategy to each other, behind both load balancers, with each outcome: status,
// history, events and AWS tell the same, what failed isn't tried again, and production is served all the time.
func TestMatrix(t *testing.T) {
	for _, kind := range balanced {
		for _, from := range everyStrategy {
			t.Run(fmt.Sprintf("%s from %s", kind, from), func(t *testing.T) {
				t.Parallel()
				if kind == v1alpha1.LoadBalancerNetwork {
					harness.Unraced(t)
				}
				var l *life
				for _, r := range matrix() {
					if r.kind != kind || r.from != from || !harness.Share(r.number) {
						continue
					}
					t.Run(r.String(), func(t *testing.T) {
						if r.impossible != "" {
							t.Skip(r.impossible)
						}
						if l == nil {
							l = newLife(t, kind, from)
						}
						l.T = t
						defer func() {
							if t.Failed() {
								l = nil // the next row begins anew
							}
						}()
						l.walk(r)
					})
				}
			})
		}
	}
}

// TestMatrixIsWhole counts the rows: what can't be is there too, with its reason.
func TestMatrixIsWhole(t *testing.T) {
	seen, impossible := map[string]bool{}, 0
	for _, r := range matrix() {
		seen[fmt.Sprint(r.kind, r.from, r.to, r.name)] = true
		if r.impossible != "" {
			impossible++
		}
	}
	if want := len(balanced) * len(everyStrategy) * len(everyStrategy) * len(outcomes); len(seen) != want {
		t.Errorf("%d of %d rows", len(seen), want)
	}
	if want := len(balanced) * len(everyStrategy) * 3; impossible != want {
		t.Errorf("%d rows that can't be, want %d: what needs hooks, for services that roll", impossible, want)
	}
}
