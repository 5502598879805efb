package engine

import (
	"context"
	"time"

	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
	"github.com/portkey-ai/portkey-ecs-operator/internal/own"
)

// Mode says what a walk is for.
type Mode string

// The modes of a walk.
const (
	// Apply makes AWS what the graph says and prunes what the inventory has beyond it.
	Apply Mode = "Apply"
	// Plan is Apply with the mutation point recording instead of calling.
	Plan Mode = "Plan"
	// Destroy removes everything, users before what they use.
	Destroy Mode = "Destroy"
)

// Engine holds what all walks share.
type Engine struct {
	// Now is the clock of every budget.
	Now func() time.Time
	// Classify says what an error means.
	Classify func(error) graph.Fault
	// MaxRecheck bounds the delay before another look at what is Pending; 0 doesn't.
	MaxRecheck time.Duration
	// Parallel bounds how many nodes talk to AWS at once in one walk.
	Parallel int
}

// Input is one walk's material.
type Input struct {
	Mode  Mode
	Graph *graph.Graph
	// World is handed to the kinds.
	World any
	// Refresh forgets what the walk has read, when an answer contradicts it.
	Refresh func()
	Owner   own.Owner
	// Tags are the user's tags, put on every object.
	Tags map[string]string
	// Inventory is read and updated.
	Inventory *Inventory
	// Journal persists an intent before the call that it announces.
	Journal Journal
	// Memory is what earlier walks of this process saw; nil to look at everything afresh.
	Memory *Memory
	// Full looks at every node again; otherwise what was Ready with the same spec and inputs at an
	// earlier walk is taken as seen then, and only the rest is looked at.
	Full bool
	// Asked says that somebody wants everything tried now. Otherwise what AWS itself fails at isn't, even by a full look,
	// before it is due: looks for drift must not become more attempts.
	Asked bool
	// Permit names updates that a plan makes all the same, for what can't wait until it is applied; nil for none.
	Permit func(graph.NodeID, []graph.Change) bool
	// Blank takes every object for absent, and reads nothing: for a plan without an AWS.
	Blank bool
	// Look are nodes to look at again though nothing else is a reason to.
	Look map[graph.NodeID]bool
	// Orphan makes a node without a spec for a recorded object that the graph doesn't have, by the
	// name of its kind; nil for a kind that isn't known.
	Orphan func(kind string, id graph.NodeID, name string) *graph.Node
	// Kinds are spec-less nodes of every kind, each after those that its objects may use: what can list its
	// objects does, and what was only found so is deleted in the order of the kinds.
	Kinds []*graph.Node
}

// Walk runs one walk. It returns when every node has had its turn; it never waits for AWS to get on
// with something. The inventory is updated in place.
func (e *Engine) Walk(ctx context.Context, in Input) *Result {
	w := newWalk(e, in)
	ctx, cancel := context.WithTimeout(ctx, walkBudget)
	defer cancel()
	switch in.Mode {
	case Destroy:
		// Once at the beginning, and once more to prove the end.
		if !w.Memory.discovered {
			w.Memory.discovered = w.discover(ctx, w.Memory.atBegin)
		}
		w.adoptOrphans()
		w.forward(ctx, w.look)
		w.backward(ctx, w.all())
		if w.Inventory.Empty() && !w.givenBack(ctx) && !w.discover(ctx, w.Memory.atFinal) {
			w.unproved()
		}
		if !w.Inventory.Empty() {
			clear(w.Memory.atFinal)
		}
	default:
		w.forward(ctx, w.visit)
		// After changes the lists would have to be read again; the next full walk finds them read.
		if in.Mode == Plan || in.Full && !w.changed() {
			w.unlisted = !w.discover(ctx, nil)
		}
		w.prune(ctx)
	}
	return w.result()
}
