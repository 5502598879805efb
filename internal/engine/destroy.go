package engine

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
)

// orphans are nodes for the recorded objects that the graph doesn't have.
func (w *walk) orphans() []*graph.Node {
	var out []*graph.Node
	for _, e := range w.Inventory.Entries() {
		if w.Graph.Node(e.Node) != nil {
			continue
		}
		n := w.Orphan(e.Kind, e.Node, e.Name)
		if n == nil {
			r := NodeResult{Node: e.Node, Kind: e.Kind, State: Stalled, Reason: ReasonConflict,
				Why: fmt.Sprintf("%s %s was made by an operator that knows the kind %s; run that version to remove it", e.Kind, e.ID, e.Kind)}
			w.untold = append(w.untold, r)
			continue
		}
		out = append(out, n)
	}
	return out
}

func (w *walk) adoptOrphans() { w.extra = w.orphans() }

// prune removes what the inventory has beyond the graph, each only after everything that used it has
// let go.
func (w *walk) prune(ctx context.Context) {
	orphans := w.orphans()
	held := w.held(orphans)
	var due []*graph.Node
	for _, n := range orphans {
		if users := held[n.ID]; len(users) > 0 {
			r := w.base(n, Pending, ReasonWaiting, "no longer wanted; removed once it isn't used by "+join(users))
			r.Action = planned(w.Mode, Delete)
			w.results[n.ID] = &r
			w.extra = append(w.extra, n)
			continue
		}
		r := w.turn(n, func() NodeResult { return w.look(ctx, n) })
		w.extra = append(w.extra, n)
		if w.Mode == Plan {
			if r.State == Pending && r.Fault == nil {
				r.Reason, r.Why, r.Action = ReasonWaiting, "no longer wanted", Delete
			}
			w.results[n.ID] = &r
			continue
		}
		w.results[n.ID] = &r
		due = append(due, n)
	}
	w.backward(ctx, due)
}

// held lists, for each orphan, who keeps it from being removed: nodes that still use it, or orphans that
// use it and are themselves held.
func (w *walk) held(orphans []*graph.Node) map[graph.NodeID][]graph.NodeID {
	out := map[graph.NodeID][]graph.NodeID{}
	for _, n := range orphans {
		out[n.ID] = w.users(n.ID)
		if n.Last() {
			out[n.ID] = append(out[n.ID], w.unready()...)
		}
	}
	for again := true; again; {
		again = false
		for _, user := range orphans {
			e := w.entry(user.ID)
			if e == nil || len(out[user.ID]) == 0 {
				continue
			}
			for _, n := range orphans {
				if contains(e.Needs, n.ID) && !contains(out[n.ID], user.ID) {
					out[n.ID], again = append(out[n.ID], user.ID), true
				}
			}
		}
	}
	return out
}

func planned(m Mode, a Action) Action {
	if m == Plan {
		return a
	}
	return None
}

// users are the nodes of the graph that still hold a node: those whose record says so, unless they
// are Ready with a spec that doesn't, and those that keep it.
func (w *walk) users(id graph.NodeID) []graph.NodeID {
	var out []graph.NodeID
	for _, e := range w.Inventory.Entries() {
		if w.Graph.Node(e.Node) == nil || !contains(e.Needs, id) {
			continue
		}
		if r := w.results[e.Node]; r != nil && r.State == Ready && !contains(w.Graph.Node(e.Node).Keeps, id) {
			continue
		}
		out = append(out, e.Node)
	}
	return out
}

// unready are the nodes of the graph that aren't Ready.
func (w *walk) unready() []graph.NodeID {
	var out []graph.NodeID
	for _, n := range w.Graph.Nodes() {
		if r := w.results[n.ID]; r == nil || r.State != Ready {
			out = append(out, n.ID)
		}
	}
	return out
}

// look is a node's first turn on the way to absence: is there anything to delete?
func (w *walk) look(ctx context.Context, n *graph.Node) NodeResult {
	n = n.Resolved(w.published)
	c := w.call(n)
	if m := w.memo(n.ID); m != nil && m.fingerprint == destroying && (!w.Full || w.spared(m)) {
		// It was seen in this deletion: what waits for its turn, or for the time to look again, need
		// not be read at every walk. When its turn comes it is.
		if s := m.result; s.State == Gone && (s.Next.IsZero() || !m.due(w.now)) || s.State != Gone && (s.Reason == ReasonWaiting || !m.due(w.now)) {
			s.Action, s.Changes, s.Fresh = None, nil, false
			return s
		}
		if c.ID == "" && m.result.Reason == ReasonConflict {
			c.ID = m.result.Live.ID // it isn't found by its tags while these are another's
		}
	}
	if ctx.Err() != nil {
		return w.base(n, Pending, ReasonWaiting, "the walk's time is used up; it goes on at the next")
	}
	c.Seen = w.leaving(n.ID)
	live, err := n.Observe(ctx, c)
	c.Seen = nil
	if err != nil {
		r := w.failed(n, err)
		if r.Fault.Class == graph.NotFound {
			r.State = Failed // only Absent is a proof
		}
		return r
	}
	if live.Phase == graph.Absent {
		if why := w.tooSoon(w.entry(n.ID)); why != "" && !w.deleted(n.ID) {
			return w.base(n, Pending, ReasonNotVisibleYet, why)
		}
		r := w.base(n, Gone, "", "")
		r.Live = graph.Live{ID: c.ID, Phase: graph.Absent}
		return r
	}
	if live.Owner == graph.Foreign {
		r := w.base(n, Gone, ReasonConflict, fmt.Sprintf("%s %s carries no ownership tags of this resource and is left alone", n.Kind(), or(live.ID, n.Name)))
		r.Fresh, r.Next = true, w.now.Add(stalledRecheck) // somebody may give it its tags back
		if c.ID == live.ID {
			r.Live.ID = live.ID // only what was recorded is ours by its id once it carries nobody's tags
		}
		return r
	}
	r := w.base(n, Pending, "", "")
	r.Live, r.out, r.Fresh = live, live.Out, true
	w.recordSeen(n, live)
	w.reopen(n.ID)
	return r
}

// reopen has what belongs to an object looked at again that was left alone and has its tags back: none of that was
// the owner's either, meanwhile.
func (w *walk) reopen(id graph.NodeID) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if m := w.Memory.get(id); m == nil || m.result.State != Gone || m.result.Reason != ReasonConflict {
		return
	}
	for _, n := range w.Graph.Nodes() {
		if m := w.Memory.get(n.ID); m != nil && m.result.State == Gone && slices.ContainsFunc(n.Refs(), func(r graph.Ref) bool { return r.Node == id }) {
			w.Memory.drop(n.ID)
		}
	}
}

// leaving is the object as it was seen last, or nil: what it is like matters little on its way out.
func (w *walk) leaving(id graph.NodeID) *graph.Live {
	m := w.memo(id)
	if w.Full || m == nil || m.result.Fault != nil || m.result.Live.Owner != graph.Ours {
		return nil
	}
	live := m.result.Live
	return &live
}

// proved answers the result of an earlier walk of this deletion that found the object to be ours so
// lately that its turn can come without another look: whatever has changed meanwhile, AWS refuses the
// deletion or answers that the object is gone, and then it is looked at.
func (w *walk) proved(id graph.NodeID) (NodeResult, bool) {
	m := w.memo(id)
	if w.Full || m == nil || m.fingerprint != destroying || m.result.Reason != ReasonWaiting || m.result.Fault != nil {
		return NodeResult{}, false
	}
	if l := m.result.Live; l.Owner != graph.Ours || l.Phase == graph.Deleting || w.now.Sub(m.seen) > proofAge {
		return NodeResult{}, false
	}
	r := m.result
	r.State, r.Reason, r.Why, r.Fresh = Pending, "", "", true
	return r, true
}

// deleted reports whether this deletion has asked AWS to delete a node's object: its absence is no
// surprise then, however young it was.
func (w *walk) deleted(id graph.NodeID) bool {
	m := w.memo(id)
	return m != nil && m.fingerprint == destroying && m.result.Live.Phase == graph.Deleting
}

// overlook makes the next look at a node a real one.
func (w *walk) overlook(id graph.NodeID) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if m := w.Memory.get(id); m != nil {
		m.result.Reason, m.result.Next = "", time.Time{}
	}
}

// destroying is the fingerprint of memos that belong to a deletion.
const destroying = "destroying"

// backward deletes nodes, each after all those that use it or that it outlives are gone.
func (w *walk) backward(ctx context.Context, nodes []*graph.Node) {
	before := w.deletionOrder(nodes)
	w.inOrder(nodes, before, func(n *graph.Node) NodeResult {
		var waits []graph.NodeID
		w.mu.Lock()
		for _, d := range before[n.ID] {
			if w.results[d].State != Gone {
				waits = append(waits, d)
			}
		}
		w.mu.Unlock()
		return w.remove(ctx, n, waits)
	})
}

// remove is a node's second turn on the way to absence.
func (w *walk) remove(ctx context.Context, n *graph.Node, waits []graph.NodeID) NodeResult {
	w.mu.Lock()
	r := *w.results[n.ID]
	w.mu.Unlock()
	switch {
	case r.State == Gone:
		return w.gone(n, r)
	case len(waits) > 0 && r.Fault == nil && r.Live.Phase != "" && r.Live.Phase != graph.Deleting:
		r.Reason, r.Why, r.Next = ReasonWaiting, "waits until "+join(waits)+" is gone", time.Time{}
		return w.remember(destroying, r)
	case !r.Fresh && r.Reason != ReasonWaiting:
		return r // it isn't time to look again
	case !r.Fresh:
		if p, ok := w.proved(n.ID); ok {
			r = p
			break
		}
		w.overlook(n.ID)
		if r = w.look(ctx, n); r.State == Gone {
			return w.gone(n, r)
		}
	}
	switch {
	case r.Live.Phase == "" || r.Fault != nil:
		return w.remember(destroying, r) // not known to exist, or not readable now
	case r.Live.Phase == graph.Deleting:
		r.Why = or(r.Live.Why, "is being deleted")
		return w.remember(destroying, r)
	case ctx.Err() != nil:
		r.Why = "the walk's time is used up; it goes on at the next"
		return w.remember(destroying, r)
	}
	n = n.Resolved(w.published)
	ctx, cancel := detached(ctx)
	defer cancel()
	c := w.call(n)
	if err := w.unlock(ctx, n, c, &r); err != nil {
		return w.undeleted(n, r, err)
	}
	gone, err := n.Delete(ctx, c, r.Live)
	r.Action, r.Fresh = Delete, true
	if err != nil {
		return w.undeleted(n, r, err)
	}
	if gone {
		r.State = Gone
		return w.gone(n, r)
	}
	r.Why = "is being deleted"
	if r.Live.Phase != graph.Deleting {
		r.Live.Phase, r.Live.Recheck = graph.Deleting, n.Lingers()
	}
	return w.remember(destroying, r)
}

// unlock applies the changes without which the object can't be deleted.
func (w *walk) unlock(ctx context.Context, n *graph.Node, c graph.Call, r *NodeResult) error {
	if w.Graph.Node(n.ID) == nil {
		return nil // no spec says that it may be unlocked
	}
	var changes []graph.Change
	for _, ch := range n.Diff(c, r.Live) {
		if ch.Unlocks {
			changes = append(changes, ch)
		}
	}
	if len(changes) == 0 {
		return nil
	}
	c.Token = w.token(n)
	live, err := n.Update(ctx, c, r.Live, changes)
	if err == nil {
		r.Live = live
	}
	return err
}

// undeleted is the result of a deletion that AWS refused.
func (w *walk) undeleted(n *graph.Node, r NodeResult, err error) NodeResult {
	f := w.Classify(err)
	if f.Class == graph.NotFound {
		r.State = Gone
		return w.gone(n, r)
	}
	failed := w.failed(n, err)
	failed.Live = r.Live
	if f.Class == graph.InUse {
		failed.State, failed.Reason = Pending, ReasonDeletionBlocked
	}
	return w.remember(destroying, failed)
}

func (w *walk) gone(n *graph.Node, r NodeResult) NodeResult {
	r.State, r.out = Gone, nil
	if r.Reason != ReasonConflict {
		r.Next = time.Time{}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.Inventory.entries, n.ID)
	if was := w.Memory.get(n.ID); was != nil && was.result.Fault != nil {
		w.release(was)
	}
	if w.Mode == Destroy {
		w.Memory.put(destroying, r, w.now)
	} else {
		w.Memory.drop(n.ID)
	}
	return r
}

// deletionOrder lists, for each node, those that must be gone before it: its users by the graph, its
// users by the record, and those it outlives. The record never makes a circle: where it would, the
// graph decides. What was only found by a list has neither: its kind decides.
func (w *walk) deletionOrder(nodes []*graph.Node) map[graph.NodeID][]graph.NodeID {
	in := map[graph.NodeID]bool{}
	for _, n := range nodes {
		in[n.ID] = true
	}
	before := map[graph.NodeID][]graph.NodeID{}
	add := func(first, then graph.NodeID) {
		if in[first] && in[then] && first != then && !slices.Contains(before[then], first) {
			before[then] = append(before[then], first)
		}
	}
	for _, n := range nodes {
		for _, r := range n.Refs() {
			add(n.ID, r.Node)
		}
		for _, o := range n.Outlives {
			add(o, n.ID)
		}
	}
	guess := func(first, then graph.NodeID) {
		if !reaches(before, first, then, map[graph.NodeID]bool{}) {
			add(first, then)
		}
	}
	for _, n := range nodes {
		if e := w.Inventory.entries[n.ID]; e != nil {
			for _, need := range e.Needs {
				guess(n.ID, need)
			}
		}
	}
	rank := map[string]int{}
	for i, k := range w.Kinds {
		rank[k.Kind()] = i
	}
	for _, n := range nodes {
		if e := w.Inventory.entries[n.ID]; e == nil || len(e.Needs) > 0 || w.Graph.Node(n.ID) != nil {
			continue
		}
		for _, other := range nodes {
			switch a, b := rank[n.Kind()], rank[other.Kind()]; {
			case a > b:
				guess(n.ID, other.ID)
			case a < b:
				guess(other.ID, n.ID)
			}
		}
	}
	return before
}

// reaches reports whether to must be gone before from, directly or not; seen are the nodes that were looked at.
func reaches(before map[graph.NodeID][]graph.NodeID, from, to graph.NodeID, seen map[graph.NodeID]bool) bool {
	seen[from] = true
	for _, b := range before[from] {
		if b == to || !seen[b] && reaches(before, b, to, seen) {
			return true
		}
	}
	return false
}
