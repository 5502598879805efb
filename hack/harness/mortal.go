package harness

import (
	"context"
	"errors"
	"net/http"
	"regexp"
	"strings"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"
)

// ErrDead is what a dead manager's calls end with: nothing of them has left it.
var ErrDead = errors.New("the manager is dead")

// Act is something that a manager did to the world outside of it.
type Act struct {
	// Name is the call of AWS as "service:Action", or the write to Kubernetes as "kubernetes:metadata" or "kubernetes:status".
	Name string
	// ReadOnly says that it can't have changed anything.
	ReadOnly bool
	// At is when it was done, in virtual time.
	At time.Time
}

// Kubernetes reports whether it is a write to Kubernetes.
func (a Act) Kubernetes() bool { return strings.HasPrefix(a.Name, "kubernetes:") }

// Mortal is a manager's life by its acts: calls of AWS and writes to Kubernetes, counted together from 1. At one of
// them it dies as by kill -9: from then on nothing that it does reaches anybody, whatever was in flight included.
type Mortal struct {
	// At is the act of its death; 0 lets it live.
	At int
	// After says that the act itself still has its effect, and only the answer is lost.
	After bool
	// Term says that it is asked to end instead, as by SIGTERM: the context of its walk ends before the act.
	Term bool
	// Acts are what it did, the last one included.
	Acts []Act
	// Dead says that it came so far.
	Dead bool
	// Made, when set, is called after each call of AWS that may have made something.
	Made func()

	h    *Harness
	stop context.CancelFunc
}

var making = regexp.MustCompile(`^(Create|Register|Allocate|Run|Put|Import)`)

// Makes reports whether an action of AWS may make an object.
func Makes(action string) bool { return making.MatchString(action) }

// Bind makes the present manager mortal, until Restart replaces it.
func (h *Harness) Bind(m *Mortal) {
	m.h = h
	h.Reconciler.Client = m.kube()
	h.Transport = m.call
	h.Walking, m.stop = context.WithCancel(context.Background())
}

// act counts one act, and says whether it has an effect and whether its answer arrives.
func (m *Mortal) act(a Act) (effect, answer bool) {
	if m.Dead && !m.Term {
		return false, false
	}
	a.At = m.h.Clock.Now()
	m.Acts = append(m.Acts, a)
	if len(m.Acts) != m.At {
		return true, true
	}
	m.Dead = true
	if m.Term {
		m.stop()
		return true, true
	}
	return m.After, false
}

func (m *Mortal) call(r *http.Request) (*http.Response, error) {
	m.h.Lock()
	defer m.h.Unlock()
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	effect, answer := m.act(Act{})
	if err := r.Context().Err(); err != nil {
		return nil, err // asked to end at this very call, and it is none that must go on
	}
	if !effect {
		return nil, ErrDead
	}
	before := m.h.Emulator.Server.LastCall()
	response, err := m.h.Emulator.Server.Do(r)
	for _, c := range m.h.Emulator.Server.Calls(before) {
		last := &m.Acts[len(m.Acts)-1]
		last.Name, last.ReadOnly = c.Service+":"+c.Action, c.ReadOnly()
		if m.Made != nil && Makes(c.Action) {
			m.Made()
		}
	}
	if !answer {
		return nil, ErrDead
	}
	return response, err
}

func (m *Mortal) kube() client.WithWatch {
	write := func(name string, f func() error) error {
		m.h.Lock()
		effect, answer := m.act(Act{Name: "kubernetes:" + name})
		m.h.Unlock()
		if !effect {
			return ErrDead
		}
		if err := f(); err != nil || answer {
			return err
		}
		return ErrDead
	}
	return interceptor.NewClient(m.h.Kube, interceptor.Funcs{
		Patch: func(ctx context.Context, c client.WithWatch, o client.Object, p client.Patch, opts ...client.PatchOption) error {
			return write("metadata", func() error { return c.Patch(ctx, o, p, opts...) })
		},
		SubResourcePatch: func(ctx context.Context, c client.Client, sub string, o client.Object, p client.Patch, opts ...client.SubResourcePatchOption) error {
			return write(sub, func() error { return c.SubResource(sub).Patch(ctx, o, p, opts...) })
		},
	})
}
