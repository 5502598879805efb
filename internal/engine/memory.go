package engine

import (
	"time"

	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
)

// Memory is what the walks of this process saw of one deployment. Losing it costs reads, nothing
// else.
type Memory struct {
	nodes map[graph.NodeID]*memo
	// discovered says that a deletion has listed what the inventory might lack: of each kind at its beginning, and of each
	// kind again at its end. A kind that couldn't be listed doesn't have the others listed once more.
	discovered       bool
	atBegin, atFinal map[string]bool
}

// NewMemory returns an empty memory.
func NewMemory() *Memory {
	return &Memory{nodes: map[graph.NodeID]*memo{}, atBegin: map[string]bool{}, atFinal: map[string]bool{}}
}

type memo struct {
	// fingerprint is the digest of the resolved spec, name and tags that the result belongs to.
	fingerprint string
	result      NodeResult
	// at is when the result came about.
	at time.Time
	// seen is when the object was last read or written.
	seen time.Time
	// since is when the node began to be in its present state.
	since time.Time
	// failures counts the failed attempts in a row, all of one class. Looks for what an attempt may have made don't
	// end the row.
	failures int
	class    graph.Class
}

// due reports whether it is time to look again, or so nearly that this walk may as well: what becomes due
// within moments then shares its reads, and the next of its looks too.
func (m *memo) due(now time.Time) bool {
	return !now.Before(m.result.Next.Add(-m.result.Next.Sub(m.at) / earlyShare))
}

func (m *Memory) get(id graph.NodeID) *memo {
	if m == nil {
		return nil
	}
	return m.nodes[id]
}

// put records a result and answers its memo: how long and how often the node has been like that.
func (m *Memory) put(fingerprint string, r NodeResult, now time.Time) *memo {
	old := m.nodes[r.Node]
	n := &memo{fingerprint: fingerprint, at: now, since: now}
	n.keep(r)
	if old != nil && old.fingerprint == fingerprint && old.result.State == r.State && old.result.Action == None {
		n.since = old.since
	}
	if r.Fresh {
		n.seen = now
	} else if old != nil {
		n.seen = old.seen
	}
	again := old != nil && old.fingerprint == fingerprint && old.failures > 0
	switch {
	case r.Fault != nil:
		n.failures, n.class = 1, r.Fault.Class
		if again && old.class == n.class {
			n.failures, n.since = old.failures+1, old.since
		}
	case again && r.Reason == ReasonNotVisibleYet:
		n.failures, n.class, n.since = old.failures, old.class, old.since
	}
	m.nodes[r.Node] = n
	return n
}

// keep holds on to a result. What a kind read of an object that is Ready isn't needed again, and is the
// bulk of it: one object may hold on to a whole answer of AWS.
func (m *memo) keep(r NodeResult) {
	if r.State == Ready {
		r.Live.Raw = nil
	}
	m.result = r
}

// gone reports whether a deletion has proved an object absent.
func (m *Memory) gone(kind, id string) bool {
	for _, x := range m.nodes {
		if x.fingerprint == destroying && x.result.State == Gone && x.result.Kind == kind && x.result.Live.ID == id && id != "" {
			return true
		}
	}
	return false
}

func (m *Memory) drop(id graph.NodeID) { delete(m.nodes, id) }
