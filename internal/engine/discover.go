package engine

import (
	"context"
	"strings"

	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
)

// discover records objects of this owner that neither the graph nor the inventory knows, so that
// they are pruned or destroyed even when the inventory was lost. What listed names has been listed already, and is added
// to it. complete is false when some kind couldn't be listed.
func (w *walk) discover(ctx context.Context, listed map[string]bool) (complete bool) {
	complete = true
	for _, k := range w.Kinds {
		l := k.Lister()
		if l == nil || k.Apart() && w.Mode == Apply && w.Inventory.Virgin || k.Attached() && (w.Mode == Destroy || w.Inventory.Virgin) || listed[k.Kind()] {
			continue
		}
		if listed != nil && w.listedLater(k) {
			complete = false
			continue
		}
		found, err := guarded(func() (map[graph.NodeID]graph.Live, error) { return l.List(ctx, w.call(k)) })
		if err != nil {
			complete = false // what can't be listed now is listed at the next full walk, or of a deletion when it is due
			if listed != nil {
				w.remember(listing, w.unlistable(k, err))
			}
			continue
		}
		if listed != nil {
			listed[k.Kind()] = true
			w.listable(k)
		}
		for id, live := range found {
			if w.Graph.Node(id) != nil || w.entry(id) != nil || live.Phase == graph.Absent || live.Phase == graph.Deleting || w.met(k.Kind(), live.ID) {
				continue
			}
			n := w.Orphan(k.Kind(), id, "")
			if w.Mode != Destroy && w.ghost(ctx, n, live.ID) {
				continue
			}
			w.record(n, func(e *Entry) { e.ID = live.ID })
			w.suspect(id)
		}
	}
	return complete
}

// ghost reports whether what a list shows is gone: the tagging API shows deleted objects for hours. They must not be
// planned to be deleted, nor wait for that. A deletion looks at all of them anyway.
func (w *walk) ghost(ctx context.Context, n *graph.Node, id string) bool {
	c := w.call(n)
	c.ID = id
	live, err := guarded(func() (graph.Live, error) { return n.Observe(ctx, c) })
	return err == nil && live.Phase == graph.Absent
}

// met reports whether an object is known under another node, as successors and their predecessors are, or was
// proved absent since this deletion began: lists may go on showing it for a while.
func (w *walk) met(kind, id string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, e := range w.Inventory.entries {
		if e.Kind == kind && e.ID == id {
			return true
		}
	}
	for _, r := range w.results {
		if r.Kind == kind && r.Live.ID == id {
			return true
		}
	}
	return w.Mode == Destroy && w.Memory.gone(kind, id)
}

// suspect takes every node that isn't Ready for a user of an object whose record was lost: nobody recalls who
// still uses it.
func (w *walk) suspect(found graph.NodeID) {
	for _, n := range w.Graph.Nodes() {
		r := w.results[n.ID]
		if w.Mode == Destroy || r == nil || r.State == Ready {
			continue
		}
		w.record(n, func(e *Entry) {
			if !contains(e.Needs, found) {
				e.Needs = append(e.Needs, found)
			}
		})
	}
}

// givenBack looks once more at what was left alone: with its tags given back it keeps the deletion from ending.
func (w *walk) givenBack(ctx context.Context) bool {
	found := false
	for _, n := range w.all() {
		if r := w.results[n.ID]; r == nil || r.State != Gone || r.Reason != ReasonConflict || r.Fresh {
			continue
		}
		if m := w.memo(n.ID); m != nil {
			m.result.Next = w.now
		}
		if r := w.turn(n, func() NodeResult { return w.look(ctx, n) }); r.State != Gone {
			w.results[n.ID], found = &r, true
		}
	}
	return found
}

// A deletion lists each kind until it has been able to. What AWS fails at then is tried at the pace of any other failure,
// and remembered as if the list were a node.

// listing is the fingerprint of memos of lists.
const listing = "listing"

func list(k *graph.Node) graph.NodeID { return graph.NodeID(lists + k.Kind()) }

// lists is what the nodes of lists begin with.
const lists = "list/"

// Listing reports whether a result is of a list that AWS didn't give in a deletion, and not of an object.
func (n *NodeResult) Listing() bool { return strings.HasPrefix(string(n.Node), lists) }

// listedLater reports whether a list has failed, and isn't due again.
func (w *walk) listedLater(k *graph.Node) bool {
	m := w.memo(list(k))
	return m != nil && !w.Asked && !m.due(w.now)
}

// unlistable is the result of a list that failed.
func (w *walk) unlistable(k *graph.Node, err error) NodeResult {
	r := w.failed(k, err)
	r.Node, r.Live, r.out = list(k), graph.Live{}, nil
	return r
}

// listable forgets that a list has failed before, and lets others know what no longer does.
func (w *walk) listable(k *graph.Node) {
	if w.memo(list(k)) == nil {
		return
	}
	w.remember(listing, NodeResult{Node: list(k), State: Ready, Fresh: true})
	w.mu.Lock()
	defer w.mu.Unlock()
	w.Memory.drop(list(k))
}

// unproved keeps a deletion from ending before everything could be listed once more.
func (w *walk) unproved() {
	r := NodeResult{Node: lists + "all", State: Pending, Reason: ReasonWaiting, Why: "what is left in AWS couldn't be listed just now", Next: w.now.Add(firstRecheck)}
	for _, k := range w.Kinds {
		if m := w.memo(list(k)); m != nil {
			r = m.result
			r.Why = "what is left in AWS can't be listed: " + r.Why
			break
		}
	}
	w.results[r.Node] = &r
	w.extra = append(w.extra, &graph.Node{ID: r.Node})
}
