package aws

import (
	"context"
	"errors"
	"strings"
	"sync"
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

// Read answers the memoised value of key, or runs f once for all who ask. A failure is shared by
// those who waited for it and then forgotten.
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
		if e.err != nil {
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
