package engine_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"sync"
	"time"

	"github.com/portkey-ai/portkey-ecs-operator/internal/engine"
	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
	"github.com/portkey-ai/portkey-ecs-operator/internal/own"
)

// cloud is a tiny world: objects with a name, a size, tags, and a delay until they are ready.
type cloud struct {
	mu      sync.Mutex
	now     time.Time
	serial  int
	objects map[string]*object
	calls   []string
	fail    map[string]error // "create a", "observe a", "delete a"
	lag     time.Duration    // how long lists don't show a new object
	writing func(ctx context.Context, call string)
}

type object struct {
	id, name, size, uses string
	tags                 map[string]string
	made                 time.Time
	readyAfter           time.Duration
	deleting             bool
}

func newCloud() *cloud {
	return &cloud{now: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), objects: map[string]*object{}, fail: map[string]error{}}
}

func (c *cloud) mutations() int {
	n := 0
	for _, s := range c.calls {
		if s[:7] != "observe" {
			n++
		}
	}
	return n
}

// write notes a call that writes.
func (c *cloud) write(ctx context.Context, call string) {
	if c.writing != nil {
		c.writing(ctx, call)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.calls = append(c.calls, call)
}

var (
	errNotFound = errors.New("not found")
	errInUse    = errors.New("in use")
	errExists   = errors.New("exists")
	errThrottle = errors.New("throttled")
	errDenied   = errors.New("denied")
	errInvalid  = errors.New("invalid")
)

func classify(err error) graph.Fault {
	for e, c := range map[error]graph.Class{errNotFound: graph.NotFound, errInUse: graph.InUse, errExists: graph.Conflict, errThrottle: graph.Throttled, errDenied: graph.Denied, errInvalid: graph.Invalid} {
		if errors.Is(err, e) {
			return graph.Fault{Class: c, Code: e.Error(), Message: err.Error()}
		}
	}
	return graph.Fault{Class: graph.Unknown, Message: err.Error()}
}

// shelf is a box that can be listed.
type shelf struct{ box }

func (s shelf) List(_ context.Context, c graph.Call) (map[graph.NodeID]graph.Live, error) {
	w := c.World.(*cloud)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.calls = append(w.calls, "list "+s.kind)
	return nil, w.fail["list "+s.kind]
}

// boxSpec is the desired state of the test's only kind.
type boxSpec struct {
	Size  string
	Uses  graph.Value
	Delay time.Duration
}

type box struct{ kind string }

func (b box) Name() string     { return b.kind }
func (b box) WriteAhead() bool { return b.kind == "Ahead" }
func (b box) Disposable() bool { return b.kind == "Toy" }
func (b box) Succeeds() bool   { return b.kind == "Heir" }

func (b box) Renews([]graph.Change) []graph.Attr {
	if b.kind == "Edition" {
		return []graph.Attr{"id"}
	}
	return nil
}

func (b box) Observe(_ context.Context, c graph.Call, _ boxSpec) (graph.Live, error) {
	w := c.World.(*cloud)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.calls = append(w.calls, "observe "+string(c.Node))
	if err := w.fail["observe "+string(c.Node)]; err != nil {
		return graph.Live{}, err
	}
	for _, o := range w.objects {
		if (o.name == c.Name || o.id == c.ID) && (w.now.Sub(o.made) >= w.lag || c.Taken) {
			return b.live(w, c, o), nil
		}
	}
	return graph.Live{Phase: graph.Absent}, nil
}

func (b box) live(w *cloud, c graph.Call, o *object) graph.Live {
	l := graph.Live{ID: o.id, Phase: graph.Ready, Owner: graph.Foreign, Raw: o, Out: map[graph.Attr]string{"id": o.id}}
	if own.Proves(o.tags, c.Owner) || o.id == c.ID && o.tags[own.TagOwner] == c.Owner[own.TagOwner] {
		l.Owner = graph.Ours
	}
	if w.now.Sub(o.made) < o.readyAfter {
		l.Phase, l.Why, l.Out = graph.Pending, "is being made", map[graph.Attr]string{"early": o.id}
	}
	if o.deleting {
		l.Phase = graph.Deleting
	}
	return l
}

func (b box) Diff(c graph.Call, want boxSpec, l graph.Live) []graph.Change {
	o := l.Raw.(*object)
	var out []graph.Change
	if o.size != want.Size {
		out = append(out, graph.Change{Path: "size", Have: o.size, Want: want.Size, Replace: b.kind == "Rigid" || b.kind == "Toy" || b.kind == "Heir", Unlocks: b.kind == "Locked"})
	}
	if o.uses != want.Uses.String() {
		out = append(out, graph.Change{Path: "uses", Have: o.uses, Want: want.Uses.String()})
	}
	return out
}

func (b box) Create(ctx context.Context, c graph.Call, s boxSpec) (graph.Live, error) {
	w := c.World.(*cloud)
	w.write(ctx, "create "+string(c.Node))
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := w.fail["create "+string(c.Node)]; err != nil {
		return graph.Live{}, err
	}
	for _, o := range w.objects {
		if o.name == c.Name {
			return graph.Live{}, errExists
		}
	}
	w.serial++
	o := &object{id: fmt.Sprintf("%s-%d", b.kind, w.serial), name: c.Name, size: s.Size, uses: s.Uses.String(), tags: maps.Clone(c.Tags), made: w.now, readyAfter: s.Delay}
	w.objects[o.id] = o
	return b.live(w, c, o), nil
}

func (b box) Update(ctx context.Context, c graph.Call, s boxSpec, l graph.Live, _ []graph.Change) (graph.Live, error) {
	w := c.World.(*cloud)
	w.write(ctx, "update "+string(c.Node))
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := w.fail["update "+string(c.Node)]; err != nil {
		return graph.Live{}, err
	}
	o := l.Raw.(*object)
	o.size, o.uses = s.Size, s.Uses.String()
	return b.live(w, c, o), nil
}

func (b box) Delete(ctx context.Context, c graph.Call, l graph.Live) (bool, error) {
	w := c.World.(*cloud)
	w.write(ctx, "delete "+string(c.Node))
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := w.fail["delete "+string(c.Node)]; err != nil {
		return false, err
	}
	o := w.objects[l.ID]
	if o == nil {
		return false, errNotFound
	}
	for _, other := range w.objects {
		if other.uses == o.id {
			return false, fmt.Errorf("%w by %s", errInUse, other.id)
		}
	}
	if b.kind == "Slow" && !o.deleting {
		o.deleting = true
		return false, nil
	}
	delete(w.objects, o.id)
	return true, nil
}

// house is a deployment under test: a cloud, an inventory that survives, and a memory that needn't.
type house struct {
	*cloud
	eng    *engine.Engine
	inv    *engine.Inventory
	mem    *engine.Memory
	intent []engine.Entry
	asked  bool
	// manager ends when the manager is asked to.
	manager context.Context
	kinds   []*graph.Node
}

func newHouse() *house {
	h := &house{cloud: newCloud(), mem: engine.NewMemory(), manager: context.Background()}
	h.eng = &engine.Engine{Now: func() time.Time { return h.now }, Classify: classify}
	h.inv = engine.NewInventory(h.now, true)
	return h
}

var owner = own.Owner{Cluster: "c1", Kind: "PortkeyGateway", Namespace: "ns", Name: "gw", UID: "u1"}

func (h *house) walk(mode engine.Mode, full bool, nodes ...*graph.Node) *engine.Result {
	g := &graph.Graph{}
	for _, n := range nodes {
		g.Add(n)
	}
	if err := g.Validate(); err != nil {
		panic(err)
	}
	inv := h.inv
	if mode == engine.Plan {
		inv = engine.NewInventory(inv.Since, inv.Virgin, inv.Entries()...)
	}
	return h.eng.Walk(h.manager, engine.Input{
		Mode: mode, Graph: g, World: h.cloud, Owner: owner, Inventory: inv, Memory: h.mem, Full: full, Asked: h.asked, Kinds: h.kinds,
		Journal: func(ctx context.Context, e engine.Entry) error {
			if h.writing != nil {
				h.writing(ctx, "journal "+string(e.Node))
			}
			h.intent = append(h.intent, e)
			return nil
		},
		Orphan: func(kind string, id graph.NodeID, name string) *graph.Node {
			switch kind {
			case "Lost":
				return nil
			case "Bomb":
				return graph.New(id, name, bomb{box{kind}}, boxSpec{})
			}
			return graph.New(id, name, box{kind}, boxSpec{})
		},
	})
}

// node returns a box node; uses names another node whose id it takes.
func node(id graph.NodeID, kind, size string, uses graph.NodeID) *graph.Node {
	s := boxSpec{Size: size}
	if uses != "" {
		s.Uses = graph.Out(uses, "id")
	}
	return graph.New(id, "name-"+string(id), box{kind}, s)
}

func slow(id graph.NodeID, delay time.Duration, uses graph.NodeID) *graph.Node {
	s := boxSpec{Size: "1", Delay: delay}
	if uses != "" {
		s.Uses = graph.Out(uses, "id")
	}
	return graph.New(id, "name-"+string(id), box{"Box"}, s)
}
