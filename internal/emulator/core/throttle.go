package core

import (
	"math"
	"time"
)

// buckets are the request token buckets of every account and region.
type buckets struct{ byKey map[string]*bucket }

type bucket struct {
	tokens float64
	at     time.Time
}

func (b *buckets) reset() { b.byKey = nil }

// take answers the service's throttling error when the action's bucket is empty.
func (b *buckets) take(m *Mux, r *Request) error {
	if m.Bucket == nil || r.World.Settings.NoThrottling {
		return nil
	}
	name, size, refill := m.Bucket(r.Action)
	if size == 0 {
		return nil
	}
	if b.byKey == nil {
		b.byKey = map[string]*bucket{}
	}
	key := r.Account + "/" + r.Region + "/" + m.Service + "/" + name
	t, now := b.byKey[key], r.Now()
	if t == nil {
		t = &bucket{tokens: size, at: now}
		b.byKey[key] = t
	}
	t.tokens = math.Min(size, t.tokens+now.Sub(t.at).Seconds()*refill)
	t.at = now
	if t.tokens < 1 {
		return m.throttled()
	}
	t.tokens--
	return nil
}

// throttled is the service's own throttling error.
func (m *Mux) throttled() *Error {
	e := m.Throttled
	if e.Code == "" {
		e = Error{Code: "Throttling", Message: "Rate exceeded"}
	}
	return &e
}
