package core

import (
	"context"
	"time"
)

// Wait is what a handler returns as its error while it has nothing to answer yet, as a long poll does. It is
// asked again whenever the world may have changed, and from Until on it answers with what there is.
type Wait struct{ Until time.Time }

// Error implements error.
func (w *Wait) Error() string { return "waits until " + w.Until.UTC().Format(time.RFC3339Nano) }

// shortestWait keeps a world whose time runs fast from being asked for each of its events.
const shortestWait = 5 * time.Millisecond

// await gives the world back until it may have changed, at the latest until a moment of its time, and takes
// it again. It answers false when ctx ended first. On a stepped clock only other calls and Advance change
// anything.
func (w *World) await(ctx context.Context, until time.Time) bool {
	changed, wait := w.Clock.changes(until)
	w.Unlock()
	defer w.Lock()
	var timer <-chan time.Time
	if wait > 0 {
		t := time.NewTimer(max(wait, shortestWait))
		defer t.Stop()
		timer = t.C
	}
	select {
	case <-changed:
	case <-timer:
	case <-ctx.Done():
		return false
	}
	return true
}

// Wake lets everybody who waits look again: something has changed that isn't a matter of time.
func (c *Clock) Wake() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.wake()
}

func (c *Clock) wake() {
	if c.changed != nil {
		close(c.changed)
		c.changed = nil
	}
}

// changes answers what is closed at the next change, and the wall time until the next event or a moment of
// the world's time; 0 on a stepped clock, where no wall time leads there.
func (c *Clock) changes(until time.Time) (changed <-chan struct{}, wait time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.changed == nil {
		c.changed = make(chan struct{})
	}
	if c.scale == 0 {
		return c.changed, 0
	}
	if len(c.events) > 0 && c.events[0].at.Before(until) {
		until = c.events[0].at
	}
	return c.changed, max(time.Nanosecond, time.Duration(float64(until.Sub(c.nowLocked()))/c.scale))
}
