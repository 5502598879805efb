package aws

import (
	"context"
	"errors"
	"strings"
	"sync"

	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
)

// Reads memoises what one walk reads: lists and describes are shared by the nodes that need them,
// each asked for once even by concurrent nodes. It dies with the walk; a mutation forgets what it
// made stale.
type Reads struct {
	mu      sync.Mutex
	entries map[string]*entry
}

type entry struct {
	done  chan struct{}
	value any
	err   error
}

// NewReads returns an empty memo.
func NewReads() *Reads { return &Reads{entries: map[string]*entry{}} }

// Read answers the memoised value of key, or runs f once for all who ask. What AWS can't
// tell now it is asked again at the next walk; any other failure is shared by those who waited for it and then forgotten.
func Read[T any](ctx context.Context, r *Reads, key string, f func(context.Context) (T, error)) (T, error) {
	r.mu.Lock()
	e, ok := r.entries[key]
	if !ok {
		e = &entry{done: make(chan struct{})}
		r.entries[key] = e
	}
	r.mu.Unlock()
	if ok {
		select {
		case <-e.done:
		case <-ctx.Done():
			var zero T
			return zero, ctx.Err()
		}
	} else {
		r.fill(e, key, func() (any, error) { return f(ctx) })
	}
	if e.err != nil {
		var zero T
		return zero, e.err
	}
	return e.value.(T), nil
}

// errUnread is what those who waited for a read get when it panicked.
var errUnread = errors.New("the read was broken off")

// fill runs a read for all who wait for it, and lets them go however it ends.
func (r *Reads) fill(e *entry, key string, f func() (any, error)) {
	e.err = errUnread
	defer func() {
		if e.err != nil && !lasts(e.err) {
			r.mu.Lock()
			if r.entries[key] == e {
				delete(r.entries, key)
			}
			r.mu.Unlock()
		}
		close(e.done)
	}()
	e.value, e.err = f()
}

// lasts reports whether a failed read would fail again within the same walk: AWS or the way to it is in trouble, and
// the SDK has tried three times already.
func lasts(err error) bool {
	if errors.Is(err, errUnread) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return false
	}
	switch Classify(err).Class {
	case graph.Transient, graph.Throttled, graph.Denied:
		return true
	default:
		return false
	}
}

// Know puts what a mutation's answer says into the memo, where nobody has read it yet.
func Know[T any](r *Reads, key string, value T) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, ok := r.entries[key]; !ok {
		e := &entry{done: make(chan struct{}), value: value}
		close(e.done)
		r.entries[key] = e
	}
}

// Amend changes a memoised value as a mutation changed what was read. A read that is still under way
// may or may not have seen the mutation, and is forgotten. f answers a new value: others may hold
// the old one.
func Amend[T any](r *Reads, key string, f func(T) T) {
	r.mu.Lock()
	defer r.mu.Unlock()
	e, ok := r.entries[key]
	if !ok {
		return
	}
	select {
	case <-e.done:
	default:
		delete(r.entries, key)
		return
	}
	if e.err != nil {
		return
	}
	amended := &entry{done: e.done, value: f(e.value.(T))}
	r.entries[key] = amended
}

// Forget drops every entry whose key begins with prefix.
func (r *Reads) Forget(prefix string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for k := range r.entries {
		if strings.HasPrefix(k, prefix) {
			delete(r.entries, k)
		}
	}
}
