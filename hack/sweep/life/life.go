// Package life is what happens to a gateway from its creation to its deletion, in phases that each end at rest: what
// the sweeps disturb, and compare with the life that nothing disturbed.
package life

import (
	"errors"
	"fmt"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/ptr"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/hack/harness"
	"github.com/portkey-ai/portkey-ecs-operator/hack/sweep"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// Phase is a part of a life.
type Phase struct {
	Name string
	// edit is what the user does at its beginning; the first phase begins with the creation, the last with the deletion.
	edit func(*v1alpha1.PortkeyGatewaySpec)
}

const (
	creation = "create"
	deletion = "delete"
)

// Phases are those of a sample's life: created, another image, more objects, fewer objects, a rollout that shifts
// traffic (by another strategy than before), deleted.
func Phases(sample sweep.Sample) []Phase {
	rollout := v1alpha1.Rollout{Strategy: v1alpha1.RolloutBlueGreen}
	if sample == sweep.Production {
		rollout = v1alpha1.Rollout{Strategy: v1alpha1.RolloutCanary, Canary: &v1alpha1.Canary{Percent: 20}}
	}
	return []Phase{
		{Name: creation},
		{Name: "image", edit: tagged("2.17.0")},
		{Name: "more", edit: func(s *v1alpha1.PortkeyGatewaySpec) {
			if s.DataService == nil {
				s.Capacity = &v1alpha1.Capacity{EC2: &v1alpha1.EC2Capacity{MaxSize: 6}} // room for twice the tasks
				s.DataService = &v1alpha1.DataService{}
				s.Gateway.Autoscaling = &v1alpha1.Autoscaling{MinReplicas: 2, MaxReplicas: 4, TargetCPUPercent: ptr.To[int32](70)}
				return
			}
			s.DataService.Autoscaling = &v1alpha1.Autoscaling{MinReplicas: 2, MaxReplicas: 4, TargetCPUPercent: ptr.To[int32](70)}
			s.DataService.TaskRole = &v1alpha1.TaskRole{PolicyARNs: []string{"arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"}}
		}},
		{Name: "fewer", edit: func(s *v1alpha1.PortkeyGatewaySpec) { s.DataService, s.Gateway.Autoscaling = nil, nil }},
		{Name: "rollout", edit: func(s *v1alpha1.PortkeyGatewaySpec) {
			tagged("2.18.0")(s)
			s.Gateway.Rollout = &rollout
		}},
		{Name: deletion},
	}
}

func tagged(tag string) func(*v1alpha1.PortkeyGatewaySpec) {
	return func(s *v1alpha1.PortkeyGatewaySpec) {
		if s.Gateway == nil {
			s.Gateway = &v1alpha1.Gateway{}
		}
		s.Gateway.Image = &v1alpha1.Image{Tag: tag}
	}
}

const (
	// Bound is how long a phase may take in virtual time, whatever goes wrong in it once: what a bounded fault costs
	// comes on top of a rollout behind a Network Load Balancer, which takes most of an hour.
	Bound = 4 * time.Hour
	// rest is what AWS goes on with by itself for, after a gateway is Ready: it gives back instances that nothing runs on.
	rest = 20 * time.Minute
)

// Life is a gateway in a world of its own.
type Life struct {
	*harness.Harness
	Key    types.NamespacedName
	sample sweep.Sample
	// Overlooks, when set, takes what may differ from the undisturbed life out of the lines of AWS at rest.
	Overlooks func(line string) string
	// Surplus is how many objects of a kind there may be more than undisturbed, until the deletion.
	Surplus map[string]int
	// Spared is how many objects of a kind there may be less than undisturbed, which had no need of them.
	Spared map[string]int
	// seeded is what there was before.
	seeded []core.Resource
	crowd
}

// New returns a world in which the gateway isn't created yet. Its manager handles one node after the other, so that
// every life with the same disturbance passes in the same way.
func New(sample sweep.Sample) *Life {
	l := &Life{Harness: harness.New(), sample: sample, crowd: crowd{}, Surplus: map[string]int{}, Spared: map[string]int{}}
	l.Parallel = 1
	l.Restart()
	l.seeded = l.Emulator.Server.Resources(false)
	return l
}

// Begin does what the user does at the beginning of a phase.
func (l *Life) Begin(p Phase) {
	switch p.Name {
	case creation:
		gw := l.Sample(string(l.sample))
		l.seeded = l.Emulator.Server.Resources(false)
		l.Key = l.Create(gw)
	case deletion:
		l.Delete(l.Key)
	default:
		l.Edit(l.Key, func(gw *v1alpha1.PortkeyGateway) { p.edit(&gw.Spec) })
	}
}

// Over reports whether what the user wants in a phase has come about.
func (l *Life) Over(p Phase) bool {
	if p.Name == deletion {
		return l.Get(l.Key) == nil
	}
	return harness.Ready(l.Get(l.Key))
}

// Finish lets a phase come to its end, and AWS to rest. Errors of Reconcile are what a work queue retries.
func (l *Life) Finish(p Phase) error {
	if err := l.until(p); err != nil || p.Name == deletion {
		return err
	}
	l.AdvanceTo(l.Clock.Now().Add(rest))
	if _, err := l.Reconcile(l.Key); err != nil {
		return err
	}
	return l.until(p)
}

func (l *Life) until(p Phase) error {
	var last error
	for end := l.Clock.Now().Add(Bound); !l.Over(p); {
		if l.Clock.Now().After(end) {
			return errors.Join(fmt.Errorf("the phase %s isn't over within %s:\n%s", p.Name, Bound, harness.Story(l.Get(l.Key))), last)
		}
		last = l.Step(l.Key)
	}
	return nil
}

// left lists what is in AWS that wasn't there before the gateway.
func (l *Life) left() []string {
	had := map[string]bool{}
	for _, r := range l.seeded {
		had[r.Kind+" "+r.ID] = true
	}
	var out []string
	for _, r := range l.Emulator.Server.Resources(false) {
		if !had[r.Kind+" "+r.ID] {
			out = append(out, fmt.Sprintf("%s %s %s", r.Kind, r.ID, r.Name))
		}
	}
	return out
}
