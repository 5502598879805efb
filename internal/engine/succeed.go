package engine

import (
	"context"

	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
)

// succeed replaces an object by a new one beside it. The old one becomes a record of its own, used by
// all that used it: they are repointed in this walk or the next ones, and when the last of them is
// Ready with the new object, the old one is pruned.
func (w *walk) succeed(ctx context.Context, n *graph.Node, old graph.Live, changes []graph.Change) NodeResult {
	if w.Mode == Plan {
		r := w.seen(n, old)
		r.State, r.Action, r.Changes, r.out = Pending, Replace, changes, nil
		return r
	}
	w.recordSeen(n, old) // it may have been found without a record
	w.retire(n, old)
	// Its name is made of the graph's, and not of its predecessor's: it is found by it when its record is lost.
	heir := *n
	heir.Name = w.Graph.Node(n.ID).Name
	heir = *w.named(&heir)
	r := w.create(ctx, &heir, w.call(&heir))
	if r.Action == Create {
		r.Action, r.Changes = Replace, changes
	}
	return r
}

// retire moves a node's record to a name of its own.
func (w *walk) retire(n *graph.Node, old graph.Live) {
	w.mu.Lock()
	defer w.mu.Unlock()
	e := *w.Inventory.entries[n.ID]
	e.ID, e.Out, e.Kind = old.ID, old.Out, n.Kind()
	retired := graph.NodeID(string(n.ID) + "@" + old.ID)
	for _, user := range w.Inventory.entries {
		if contains(user.Needs, n.ID) && !contains(user.Needs, retired) {
			user.Needs = append(user.Needs, retired)
		}
	}
	w.Inventory.entries[n.ID] = &Entry{Node: n.ID, Kind: n.Kind(), Incarnation: "after " + old.ID, Needs: e.Needs}
	if w.Inventory.entries[retired] == nil { // else a manager died between this and the creation
		e.Node = retired
		w.Inventory.entries[retired] = &e
	}
}
