package hand

import (
	"sync"

	"github.com/portkey-ai/portkey-ecs-operator/hack/sweep"
	"github.com/portkey-ai/portkey-ecs-operator/internal/own"
)

var references sync.Map

// undisturbed is AWS at rest before the deletion in a life of a sample that nobody meddles with. It is lived once.
func undisturbed(sample sweep.Sample) []string {
	made, _ := references.LoadOrStore(sample, sync.OnceValue(func() []string {
		l := begin(sample, 0)
		if err := l.comesRight("reference"); err != nil {
			panic(err)
		}
		l.roll()
		if err := l.comesRight("reference"); err != nil {
			panic(err)
		}
		for _, r := range l.Emulator.Server.Resources(false) {
			if r.Tags[own.TagOwner] != "" && taggable(r) && deeds[r.Kind] == nil {
				panic("nobody lays hands on a " + r.Kind)
			}
		}
		return l.rests()
	}))
	return made.(func() []string)()
}
