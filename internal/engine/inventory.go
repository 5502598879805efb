package engine

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
)

// Entry records one object that exists, or is about to.
type Entry struct {
	Node graph.NodeID
	Kind string
	Name string
	// ID is AWS's identifier; empty while only an intent is recorded.
	ID    string
	State State
	Why   string
	// Created is when this operator made the object; zero when it was found.
	Created time.Time
	// Intent is when creation was announced, for kinds that can't be created idempotently.
	Intent time.Time
	// Incarnation tells this object's client token from those of its predecessors.
	Incarnation string
	// Needs are the nodes whose objects this one uses, those of its previous spec included until it
	// is Ready with the present one: they are deleted after it, and pruned only when it let go.
	Needs []graph.NodeID
	// Out are the outputs last published.
	Out map[graph.Attr]string
}

// Inventory is the record of a deployment's objects. It is for speed, pruning and people: when it is
// lost, everything is found again by names and tags.
type Inventory struct {
	// Since is when this inventory began.
	Since time.Time
	// Virgin says that it began together with the finalizer, so that nothing of this owner can
	// exist that isn't in it.
	Virgin  bool
	entries map[graph.NodeID]*Entry
}

// NewInventory returns an inventory with the given entries.
func NewInventory(since time.Time, virgin bool, entries ...Entry) *Inventory {
	inv := &Inventory{Since: since, Virgin: virgin, entries: map[graph.NodeID]*Entry{}}
	for i := range entries {
		inv.entries[entries[i].Node] = &entries[i]
	}
	return inv
}

// Entries lists the records, sorted by node.
func (inv *Inventory) Entries() []Entry {
	out := make([]Entry, 0, len(inv.entries))
	for _, e := range inv.entries {
		out = append(out, *e)
	}
	slices.SortFunc(out, func(a, b Entry) int { return cmp.Compare(a.Node, b.Node) })
	return out
}

// Entry returns the record of a node, or nil.
func (inv *Inventory) Entry(id graph.NodeID) *Entry { return inv.entries[id] }

// Empty reports whether nothing is recorded.
func (inv *Inventory) Empty() bool { return len(inv.entries) == 0 }

// recovering reports whether the inventory may lack objects that lists don't show yet: it was lost,
// and what was created just before isn't necessarily visible.
func (inv *Inventory) recovering(now time.Time) bool {
	return !inv.Virgin && now.Sub(inv.Since) < consistencyWindow
}

// Journal persists one entry at once, before the call that it announces.
type Journal func(ctx context.Context, e Entry) error
