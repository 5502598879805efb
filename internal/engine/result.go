package engine

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
)

// State is where a node stands after a walk.
type State string

// The states of a node.
const (
	// Ready: the object is as desired and does its work.
	Ready State = "Ready"
	// Pending: on its way; nobody needs to do anything.
	Pending State = "Pending"
	// Blocked: a node that this one needs has failed.
	Blocked State = "Blocked"
	// Failed: a call failed; it is retried.
	Failed State = "Failed"
	// Stalled: it won't mend by itself: the spec, a quota or somebody else's object is in the way.
	Stalled State = "Stalled"
	// Gone: proved absent, as wanted.
	Gone State = "Gone"
)

// Action is what a walk did to a node, or in a plan would do.
type Action string

// The actions of a walk.
const (
	None    Action = ""
	Create  Action = "create"
	Update  Action = "update"
	Replace Action = "replace"
	Delete  Action = "delete"
)

// Reasons that the engine itself gives; kinds add their own.
const (
	ReasonConflict            = "Conflict"
	ReasonReplacementRequired = "ReplacementRequired"
	ReasonWaiting             = graph.ReasonWaiting
	ReasonBlocked             = "Blocked"
	ReasonDeletionBlocked     = "DeletionBlocked"
	ReasonNotVisibleYet       = "NotVisibleYet"
)

// NodeResult is what a walk has to say of one node.
type NodeResult struct {
	Node  graph.NodeID
	Kind  string
	Name  string
	Area  string
	State State
	// Action and Changes are what was done, or what a plan would do.
	Action  Action
	Changes []graph.Change
	// Wanted is the digest of an object that a plan would make: its spec and tags, as far as they are known.
	Wanted string
	// Missing says that an object which existed before was found absent.
	Missing bool
	// By tells who had changed the object, where that is known; the engine doesn't.
	By string
	// Reason and Why explain every state but Ready.
	Reason string
	Why    string
	// Fault is the error behind Failed and Stalled, and behind some Pending.
	Fault *graph.Fault
	// Live is the object as last seen; its phase is Absent when there is none.
	Live graph.Live
	// Fresh says that it was read or written in this walk.
	Fresh bool
	// Next is when another look is worthwhile; zero when only the drift check is.
	Next time.Time
	out  map[graph.Attr]string
}

// Result is the outcome of a walk.
type Result struct {
	Mode  Mode
	Nodes []NodeResult // in graph order, then what is pruned
	index map[graph.NodeID]int
	// Unlisted says that what the inventory may lack couldn't all be listed.
	Unlisted bool
	// Next is the earliest Next of all nodes.
	Next time.Time
}

// Node returns the result of one node, or nil.
func (r *Result) Node(id graph.NodeID) *NodeResult {
	if i, ok := r.index[id]; ok {
		return &r.Nodes[i]
	}
	return nil
}

func (r *Result) add(n NodeResult) {
	if r.index == nil {
		r.index = map[graph.NodeID]int{}
	}
	r.index[n.Node] = len(r.Nodes)
	r.Nodes = append(r.Nodes, n)
	if !n.Next.IsZero() && (r.Next.IsZero() || n.Next.Before(r.Next)) {
		r.Next = n.Next
	}
}

// Done reports whether every node is Ready, or Gone where that is wanted.
func (r *Result) Done() bool {
	for i := range r.Nodes {
		if s := r.Nodes[i].State; s != Ready && s != Gone {
			return false
		}
	}
	return true
}

// Worst returns the node that explains best why the result isn't done: the first of the worst
// state, roots before what they block. It is nil when all is well.
func (r *Result) Worst(in func(*NodeResult) bool) *NodeResult {
	var worst *NodeResult
	for i := range r.Nodes {
		n := &r.Nodes[i]
		if in != nil && !in(n) {
			continue
		}
		if severity[n.State] > 0 && (worst == nil || n.worse(worst)) {
			worst = n
		}
	}
	return worst
}

// worse reports whether a node tells more of what is wrong than another: by its state, and among equals what AWS fails at
// before what is on its way, and that before what only waits for others.
func (n *NodeResult) worse(than *NodeResult) bool {
	if a, b := severity[n.State], severity[than.State]; a != b {
		return a > b
	}
	rank := func(n *NodeResult) int {
		switch {
		case n.Fault != nil:
			return 2
		case n.Reason != ReasonWaiting:
			return 1
		}
		return 0
	}
	return rank(n) > rank(than)
}

var severity = map[State]int{Ready: 0, Gone: 0, Pending: 1, Blocked: 2, Failed: 3, Stalled: 4}

// Changes lists the nodes that were or would be changed, deletions and replacements first.
func (r *Result) Changes() []NodeResult {
	var out []NodeResult
	for i := range r.Nodes {
		if r.Nodes[i].Action != None {
			out = append(out, r.Nodes[i])
		}
	}
	danger := map[Action]int{Delete: 0, Replace: 1, Update: 2, Create: 3}
	slices.SortStableFunc(out, func(a, b NodeResult) int { return cmp.Compare(danger[a.Action], danger[b.Action]) })
	return out
}

// Summary says in one line what a plan would do.
func (r *Result) Summary() string {
	n := map[Action]int{}
	for i := range r.Nodes {
		n[r.Nodes[i].Action]++
	}
	if n[Replace] > 0 {
		return fmt.Sprintf("%d to create, %d to change, %d to replace, %d to delete", n[Create], n[Update], n[Replace], n[Delete])
	}
	return fmt.Sprintf("%d to create, %d to change, %d to delete", n[Create], n[Update], n[Delete])
}
