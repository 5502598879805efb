package engine

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
	"github.com/portkey-ai/portkey-ecs-operator/internal/own"
)

// walk is the state of one walk. Its maps are guarded by mu; nodes run concurrently.
type walk struct {
	*Engine
	Input
	now     time.Time
	mu      sync.Mutex
	results map[graph.NodeID]*NodeResult
	// extra are nodes that only the inventory or a list knows.
	extra []*graph.Node
	// untold are results of records whose kind this operator doesn't know.
	untold []NodeResult
	slots  chan struct{}
	// unlisted says that some kind's objects couldn't be listed.
	unlisted bool
}

func newWalk(e *Engine, in Input) *walk {
	if in.Memory == nil {
		in.Memory = NewMemory()
	}
	if in.Refresh == nil {
		in.Refresh = func() {}
	}
	parallel := e.Parallel
	if parallel <= 0 {
		parallel = 16
	}
	return &walk{Engine: e, Input: in, now: e.Now(), results: map[graph.NodeID]*NodeResult{}, slots: make(chan struct{}, parallel)}
}

// forward gives every node of the graph its turn as soon as those it needs have had theirs.
func (w *walk) forward(ctx context.Context, turn func(context.Context, *graph.Node) NodeResult) {
	nodes, needs := w.all(), map[graph.NodeID][]graph.NodeID{}
	for _, n := range nodes {
		for _, r := range n.Refs() {
			needs[n.ID] = append(needs[n.ID], r.Node)
		}
	}
	w.inOrder(nodes, needs, func(n *graph.Node) NodeResult { return turn(ctx, n) })
}

// inOrder gives every node its turn when those it comes after have had theirs, side by side; one by one, and always
// in the same order, when no two may talk to AWS at once.
func (w *walk) inOrder(nodes []*graph.Node, after map[graph.NodeID][]graph.NodeID, turn func(*graph.Node) NodeResult) {
	done := map[graph.NodeID]chan struct{}{}
	for _, n := range nodes {
		done[n.ID] = make(chan struct{})
	}
	one := func(n *graph.Node) {
		defer close(done[n.ID])
		for _, id := range after[n.ID] {
			<-done[id]
		}
		r := w.turn(n, func() NodeResult { return turn(n) })
		w.mu.Lock()
		w.results[n.ID] = &r
		w.mu.Unlock()
	}
	if cap(w.slots) == 1 {
		for _, n := range sorted(nodes, after) {
			one(n)
		}
		return
	}
	var wg sync.WaitGroup
	for _, n := range nodes {
		wg.Go(func() { one(n) })
	}
	wg.Wait()
}

// sorted puts every node behind those it comes after, and leaves the order as it is otherwise.
func sorted(nodes []*graph.Node, after map[graph.NodeID][]graph.NodeID) []*graph.Node {
	byID, placed := map[graph.NodeID]*graph.Node{}, map[graph.NodeID]bool{}
	for _, n := range nodes {
		byID[n.ID] = n
	}
	var out []*graph.Node
	var place func(n *graph.Node)
	place = func(n *graph.Node) {
		if n == nil || placed[n.ID] {
			return
		}
		placed[n.ID] = true
		for _, id := range after[n.ID] {
			place(byID[id])
		}
		out = append(out, n)
	}
	for _, n := range nodes {
		place(n)
	}
	return out
}

// turn gives a node one of the slots.
func (w *walk) turn(n *graph.Node, f func() NodeResult) NodeResult {
	w.slots <- struct{}{}
	defer func() { <-w.slots }()
	r, err := guarded(func() (NodeResult, error) { return f(), nil })
	if err != nil {
		r = w.base(n, Failed, string(graph.Unknown), err.Error())
		r.Fault, r.Next = &graph.Fault{Class: graph.Unknown, Message: r.Why}, w.now.Add(transientMax)
	}
	return r
}

// guarded runs what calls a kind. One that panics has a bug that must not take the manager, and with it all other
// deployments, down.
func guarded[T any](f func() (T, error)) (out T, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("a bug of the operator: %v", p)
		}
	}()
	return f()
}

// all are the nodes of the graph and the extra ones.
func (w *walk) all() []*graph.Node { return append(slices.Clone(w.Graph.Nodes()), w.extra...) }

// published looks an output up among the nodes that have had their turn.
func (w *walk) published(r graph.Ref) (string, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	n := w.results[r.Node]
	if n == nil {
		return "", false
	}
	v, ok := n.out[r.Attr]
	return v, ok
}

// missing lists the outputs a node needs that aren't published, one per node.
func (w *walk) missing(n *graph.Node) []graph.NodeID {
	var out []graph.NodeID
	for _, r := range n.Refs() {
		if _, ok := w.published(r); !ok && !slices.Contains(out, r.Node) {
			out = append(out, r.Node)
		}
	}
	return out
}

// named gives the node of a successor its own name: the digest of the incarnation tells it from its
// predecessor's.
func (w *walk) named(n *graph.Node) *graph.Node {
	e := w.entry(n.ID)
	if e == nil || !n.Succeeds() {
		return n
	}
	c := *n
	switch {
	case e.Name != "": // also of one that is absent: its name is free
		c.Name = e.Name
	case e.Incarnation != "":
		c.Name += "-" + own.Digest(e.Incarnation)[:successorDigits]
	}
	return &c
}

// successorDigits tell the names of a node's successive objects apart.
const successorDigits = 6

// call prepares what a kind's methods get; those that write get a token besides.
func (w *walk) call(n *graph.Node) graph.Call {
	c := graph.Call{
		World: w.World, Node: n.ID, Name: n.Name, Now: w.now, Planning: w.Mode == Plan,
		Tags:  w.Owner.Tags(string(n.ID), n.Name, w.Tags, n.Tags),
		Owner: w.Owner.Proof(string(n.ID)),
	}
	if e := w.entry(n.ID); e != nil {
		c.ID, c.Recorded = e.ID, e.Out
		if e.Name != "" && n.Name == "" {
			c.Name = e.Name
		}
	}
	return c
}

// token is the client token of a creation. The inventory's beginning tells this life of the resource from an
// earlier one of the same name, whose tokens AWS may still remember.
func (w *walk) token(n *graph.Node) string {
	incarnation := ""
	if e := w.entry(n.ID); e != nil {
		incarnation = e.Incarnation
	}
	return w.Owner.Token(string(n.ID), n.Spec(), fmt.Sprintf("%d %s", w.Inventory.Since.Unix(), incarnation))
}

func (w *walk) entry(id graph.NodeID) *Entry {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.Inventory.entries[id]
}

// record updates a node's entry under the lock.
func (w *walk) record(n *graph.Node, f func(*Entry)) Entry {
	w.mu.Lock()
	defer w.mu.Unlock()
	e := w.Inventory.entries[n.ID]
	if e == nil {
		e = &Entry{Node: n.ID, Kind: n.Kind(), Name: n.Name}
		w.Inventory.entries[n.ID] = e
	}
	f(e)
	return *e
}

// fingerprint identifies everything that decides what a node should be.
func fingerprint(n *graph.Node, c graph.Call) string {
	return own.Digest([]any{n.Spec(), c.Name, c.Tags})
}

func (w *walk) memo(id graph.NodeID) *memo {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.Memory.get(id)
}

// remember keeps the result for later walks, sets when to look again, and answers it.
func (w *walk) remember(fingerprint string, r NodeResult) NodeResult {
	w.mu.Lock()
	defer w.mu.Unlock()
	was := w.Memory.get(r.Node)
	m := w.Memory.put(fingerprint, r, w.now)
	if was != nil && was.result.Fault != nil && r.Fault == nil && r.Fresh {
		w.release(was)
	}
	elapsed := w.now.Sub(m.since)
	switch {
	case r.Fault != nil:
		r.Next = w.Memory.turn(m, w.now).Add(retry(r.Fault.Class, r.Node, m.failures-1, elapsed))
		if r.State == Pending && r.Fault.Class != graph.Throttled {
			if end := m.since.Add(deadline(r.Fault.Class)); !w.now.Before(end) {
				r.State = overdue(r.Fault.Class)
			} else if r.Next.After(end) {
				r.Next = end // people are told when it is time to, not a look later
			}
		}
	case r.State == Stalled:
		r.Next = w.now.Add(stalledRecheck)
	case r.Reason == ReasonWaiting && w.Mode != Apply: // looked at when what it waits for is gone
	case r.State == Ready && w.Mode == Apply && r.Live.Recheck > 0, r.State == Pending && r.Live.Recheck > 0:
		r.Next = w.now.Add(r.Live.Recheck)
	case r.State == Pending && m.failures > 1: // its creation fails time and again
		r.Next = w.now.Add(retry(m.class, r.Node, m.failures-1, elapsed))
	case r.State == Pending:
		r.Next = w.now.Add(pending(elapsed))
	}
	if w.MaxRecheck > 0 && r.State == Pending && r.Fault == nil && r.Next.After(w.now.Add(w.MaxRecheck)) {
		r.Next = w.now.Add(w.MaxRecheck)
	}
	m.keep(r)
	return r
}

// changed reports whether the walk has changed anything.
func (w *walk) changed() bool {
	for _, r := range w.results {
		if r.Action != None {
			return true
		}
	}
	return false
}

// result collects the nodes' results in graph order.
func (w *walk) result() *Result {
	res := &Result{Mode: w.Mode, Unlisted: w.unlisted}
	defer func() {
		for _, r := range w.untold {
			res.add(r)
		}
	}()
	for _, n := range w.all() {
		r := w.results[n.ID]
		if r == nil {
			continue
		}
		res.add(*r)
		e := w.Inventory.entries[n.ID]
		if e == nil || w.Mode == Plan {
			continue
		}
		e.State, e.Why = r.State, r.Why
		if r.State == Ready && w.Graph.Node(n.ID) != nil {
			e.Needs = w.needs(n.ID) // it has let go of what its previous spec used
		}
	}
	return res
}
