package life

import (
	"errors"

	"github.com/portkey-ai/portkey-ecs-operator/hack/harness"
	"github.com/portkey-ai/portkey-ecs-operator/hack/sweep"
)

// Disturber lets something go wrong in a life.
type Disturber struct {
	// Begin is called at the beginning of each phase.
	Begin func(PhaseReference)
	// Struck is how many calls something went wrong with so far.
	Struck func() int
}

// Disturbed lives a life with something that goes wrong in its phases up to one, and skips those between that and the
// deletion. It is judged after each phase by what became of it undisturbed.
func (ref *Reference) Disturbed(last int, by func(*Life) Disturber) (o sweep.Outcome) {
	l := New(ref.Sample)
	d := by(l)
	for i, p := range ref.Phases {
		if i > last && p.Name != deletion {
			continue
		}
		l.Begin(p.Phase)
		d.Begin(p)
		err := l.Finish(p.Phase)
		o.Calls = d.Struck()
		if err != nil {
			o.Err = err
			return o
		}
		if l.Judge(p, &o); !o.Survived() {
			return o
		}
	}
	if o.Calls == 0 {
		o.Err = errors.New("nothing went wrong in this life: it proves nothing")
	}
	return o
}

// Made is to be told of each call that has come to AWS.
func (l *Life) Made(action string) {
	if harness.Makes(action) {
		l.count()
	}
}
