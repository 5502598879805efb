package core

import (
	"container/heap"
	"sync"
	"time"
)

// Clock is the world's time. It either follows the wall clock, scaled, or is stepped by Advance.
// Events run in the order of their time when somebody looks at the world, so that no goroutine is
// needed and every run is reproducible.
type Clock struct {
	mu      sync.Mutex
	now     time.Time // the world's time at base, or now when stepped
	base    time.Time // the wall time that now belongs to
	scale   float64   // 0: stepped
	running time.Time // the time of the event being run
	events  eventHeap
	seq     int
	changed chan struct{} // closed when time is moved, for those who wait
}

// NewClock returns a stepped clock that starts at start.
func NewClock(start time.Time) *Clock { return &Clock{now: start} }

// NewScaledClock returns a clock that starts at the wall time and runs scale times as fast.
func NewScaledClock(scale float64) *Clock {
	t := time.Now()
	return &Clock{now: t.UTC(), base: t, scale: scale}
}

// Now returns the world's time.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.nowLocked()
}

func (c *Clock) nowLocked() time.Time {
	if !c.running.IsZero() {
		return c.running
	}
	if c.scale == 0 {
		return c.now
	}
	return c.now.Add(time.Duration(float64(time.Since(c.base)) * c.scale))
}

// Since returns the world time that has passed since t.
func (c *Clock) Since(t time.Time) time.Duration { return c.Now().Sub(t) }

// Advance moves the world's time forward by d; due events run at the next Settle.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
	c.wake()
}

// SetScale changes how fast the clock runs from now on; 0 stops it, to be stepped.
func (c *Clock) SetScale(scale float64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now, c.base, c.scale = c.nowLocked(), time.Now(), scale
	c.wake()
}

// After schedules f for d from now. It runs under the world's lock.
func (c *Clock) After(d time.Duration, f func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.seq++
	heap.Push(&c.events, event{c.nowLocked().Add(d), c.seq, f})
}

// Settle runs every event that is due, in order, each at its own time. The caller holds the
// world's lock.
func (c *Clock) Settle() {
	for {
		c.mu.Lock()
		c.running = time.Time{}
		if len(c.events) == 0 || c.events[0].at.After(c.nowLocked()) {
			c.mu.Unlock()
			return
		}
		e := heap.Pop(&c.events).(event)
		c.running = e.at
		c.mu.Unlock()
		e.f()
	}
}

// Next returns the time of the next event; ok is false when none is scheduled.
func (c *Clock) Next() (at time.Time, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.events) == 0 {
		return time.Time{}, false
	}
	return c.events[0].at, true
}

func (c *Clock) clear() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.events = nil
}

type event struct {
	at  time.Time
	seq int
	f   func()
}

type eventHeap []event

func (h eventHeap) Len() int { return len(h) }
func (h eventHeap) Less(i, j int) bool {
	if h[i].at.Equal(h[j].at) {
		return h[i].seq < h[j].seq
	}
	return h[i].at.Before(h[j].at)
}
func (h eventHeap) Swap(i, j int) { h[i], h[j] = h[j], h[i] }
func (h *eventHeap) Push(x any)   { *h = append(*h, x.(event)) }
func (h *eventHeap) Pop() any {
	old := *h
	e := old[len(old)-1]
	*h = old[:len(old)-1]
	return e
}
