package engine

import (
	"time"

	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
)

// What is throttled, denied or out of order for one object is so for the others that need the same action, and who holds
// one object mostly holds its like. Each of them would find that out at a pace of its own, and AWS would be asked in vain
// as often as there are objects. So those that have failed for long take turns: the cause is looked into as often as for
// one object, and when one is past it, all are tried at once.

// sameCause reports whether two faults may have a cause in common: the same action, which fails in the same way.
func sameCause(a, b *graph.Fault) bool {
	if a == nil || b == nil || a.Class != b.Class || a.Action != b.Action {
		return false
	}
	switch a.Class {
	case graph.Throttled, graph.Transient, graph.Unknown, graph.Denied, graph.Quota, graph.InUse:
		return true
	default: // is about the object
		return false
	}
}

// lasts reports whether a node has failed for long. What others hold they mostly let go of one by one within minutes, and
// no sooner is it for a person to see to.
func (m *memo) lasts() bool {
	return m.failures > lasting && (m.class != graph.InUse || m.at.Sub(m.since) >= inUseDeadline)
}

// alike calls f with what has failed for long, and for the same cause as of, but isn't of.
func (m *Memory) alike(of *memo, f func(graph.NodeID, *memo)) {
	if !of.lasts() {
		return
	}
	for id, x := range m.nodes {
		if id != of.result.Node && x.lasts() && sameCause(x.result.Fault, of.result.Fault) {
			f(id, x)
		}
	}
}

// companions counts what fails for the same cause.
func (m *Memory) companions(of *memo) int {
	n := 0
	m.alike(of, func(graph.NodeID, *memo) { n++ })
	return n
}

// turn answers from when on the delay of the next attempt counts: from the last attempt that is to come for the same
// cause, or from now on.
func (m *Memory) turn(of *memo, now time.Time) time.Time {
	m.alike(of, func(_ graph.NodeID, x *memo) {
		if x.result.Next.After(now) {
			now = x.result.Next
		}
	})
	return now
}

// release makes due what has failed for the same cause as a memo that succeeds now. Other nodes may hold on to their
// memos in this moment, so they get new ones.
func (w *walk) release(by *memo) {
	w.Memory.alike(by, func(id graph.NodeID, x *memo) {
		freed := *x
		freed.result.Next = w.now
		w.Memory.nodes[id] = &freed
		if r := w.results[id]; r != nil && r.Fault != nil {
			r.Next = w.now
		}
	})
}
