package pairs

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/hack/harness/random"
	"github.com/portkey-ai/portkey-ecs-operator/hack/sweep"
)

// pair is a gateway that becomes another: both random, and with nothing in common but what can't change.
type pair uint64

func (p pair) String() string { return fmt.Sprintf("pair %d", uint64(p)) }

// live goes from one spec to the other, makes the other alone, compares, and deletes.
func (p pair) live() (o sweep.Outcome) {
	l := begin()
	g := random.New(uint64(p), l.world)
	a := reconciled(g.Spec())
	b := reconciled(g.After(a))
	defer func() {
		o.Calls = l.h.Emulator.Server.LastCall()
		if !o.Survived() {
			o.Err = errors.Join(o.Err, fmt.Errorf("from %s\nto   %s", printed(a), printed(b)))
		}
	}()
	l.create(a)
	first, err := l.rest()
	if err != nil {
		o.Err = fmt.Errorf("the first: %w", err)
		return o
	}
	l.edit(b)
	moved, err := l.rest()
	if err == nil && moved.reason == v1alpha1.ReasonDeletionBlocked && a.LoadBalancer != nil && a.LoadBalancer.DeletionProtection {
		moved, err = l.unprotect(a, b)
	}
	if err != nil {
		o.Err = fmt.Errorf("the second, after the first was %s: %w", first, err)
		return o
	}

	other := begin()
	other.create(b)
	alone, err := other.rest()
	switch {
	case err != nil:
		o.Err = fmt.Errorf("the second alone: %w", err)
	case alone.kind() != moved.kind():
		o.Err = fmt.Errorf("alone it is %s\nafter the first, which was %s, it is %s\n%s%s", alone, first, moved, alone.story, moved.story)
	case alone.ready:
		o.Err = l.same(other)
	}
	if o.Err != nil {
		return o
	}
	if o.Leaks, err = l.delete(); err != nil {
		o.Err = err
	}
	return o
}

// unprotect does what DeletionBlocked advises: it lifts the protection of a load balancer that goes.
func (l *life) unprotect(a, b v1alpha1.PortkeyGatewaySpec) (end, error) {
	lifted := *a.DeepCopy()
	lifted.LoadBalancer.DeletionProtection = false
	l.edit(lifted)
	if _, err := l.rest(); err != nil {
		return end{}, err
	}
	l.edit(b)
	return l.rest()
}

// same compares what AWS has with what it has of a gateway that was like this from the beginning.
func (l *life) same(other *life) error {
	for _, x := range []*life{other, l} {
		if err := x.calm(); err != nil {
			return err
		}
	}
	if d := differences(other.h.AtRest(superseded(other.h)), l.h.AtRest(superseded(l.h)), pastOf(l.h.Get(l.key).Spec)); len(d) > 0 {
		return fmt.Errorf("it isn't as it would be alone:%s", lines(d))
	}
	return nil
}

func printed(s v1alpha1.PortkeyGatewaySpec) string {
	text, err := json.Marshal(s)
	if err != nil {
		panic(err)
	}
	return string(text)
}
