package core

import (
	"runtime"
	"slices"
	"testing"
	"time"
)

var epoch = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func TestClockRunsEventsInOrder(t *testing.T) {
	c := NewClock(epoch)
	var got []string
	at := func(name string, d time.Duration) {
		c.After(d, func() { got = append(got, name+" "+c.Now().Sub(epoch).String()) })
	}
	at("c", 3*time.Second)
	at("a", time.Second)
	at("a2", time.Second)
	c.After(2*time.Second, func() {
		got = append(got, "b "+c.Now().Sub(epoch).String())
		at("nested", 500*time.Millisecond) // from the event's time, not the clock's
	})
	at("later", time.Minute)
	if next, ok := c.Next(); !ok || !next.Equal(epoch.Add(time.Second)) {
		t.Error(next, ok)
	}
	c.Settle()
	if len(got) != 0 {
		t.Error("too early:", got)
	}
	c.Advance(10 * time.Second)
	c.Settle()
	want := []string{"a 1s", "a2 1s", "b 2s", "nested 2.5s", "c 3s"}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if now := c.Now(); !now.Equal(epoch.Add(10 * time.Second)) {
		t.Error(now)
	}
	if d := c.Since(epoch); d != 10*time.Second {
		t.Error(d)
	}
}

func TestScaledClock(t *testing.T) {
	c := NewScaledClock(1e6)
	start := c.Now()
	for c.Since(start) < time.Second {
		runtime.Gosched() // a microsecond of ours
	}
	c.SetScale(0)
	stopped := c.Now()
	if !c.Now().Equal(stopped) {
		t.Error("a clock of scale 0 moves")
	}
	c.Advance(time.Hour)
	if c.Since(stopped) != time.Hour {
		t.Error(c.Since(stopped))
	}
}

func TestResetForgetsEvents(t *testing.T) {
	w := NewWorld(NewClock(epoch))
	first := w.Hex(8)
	w.Clock.After(time.Second, func() { t.Error("an event survived the reset") })
	w.Reset()
	if w.Hex(8) != first {
		t.Error("identifiers differ after a reset")
	}
	w.Clock.Advance(time.Minute)
	w.Lock()
	w.Unlock() //nolint:staticcheck,gocritic // taking the lock runs what is due
}

func TestVisible(t *testing.T) {
	w := NewWorld(NewClock(epoch))
	if !w.Visible(epoch) {
		t.Error("without a lag everything is visible at once")
	}
	w.Settings.ReadLag = time.Second
	if w.Visible(epoch) {
		t.Error("visible too early")
	}
	w.Clock.Advance(time.Second)
	if !w.Visible(epoch) {
		t.Error("not visible in time")
	}
}
