package graph

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"time"
)

// Node is one desired object: an identity, a spec, and the kind that knows how to make it so.
type Node struct {
	ID NodeID
	// Name is the object's name in AWS.
	Name string
	// Tags are the tags of this object beyond those that all objects of the owner carry.
	Tags map[string]string
	// After are outputs that must be published before this node starts though its spec doesn't use
	// them: orders that AWS doesn't enforce but users feel.
	After []Ref
	// Outlives are nodes that must be absent before this one is deleted, beyond those that refer to
	// it.
	Outlives []NodeID
	// Keeps are nodes of before, which the graph no longer has, and that this one goes on using: they are pruned when its
	// spec no longer says so.
	Keeps []NodeID
	// Area is the condition that this node counts for, for example "NetworkReady".
	Area string
	body body
	// refs are the references in the spec.
	refs []Ref
}

// body is a kind together with a spec, the spec's type erased.
type body interface {
	Kind() string
	Spec() any
	Resolve(Lookup) body
	Observe(context.Context, Call) (Live, error)
	Diff(Call, Live) []Change
	Urgent(Call, Live) []Change
	Create(context.Context, Call) (Live, error)
	Update(context.Context, Call, Live, []Change) (Live, error)
	Delete(context.Context, Call, Live) (bool, error)
	trait() any
}

// New returns a node of kind with the given spec; set its other fields on the result.
func New[S any](id NodeID, name string, kind Kind[S], spec S) *Node {
	return &Node{ID: id, Name: name, body: typed[S]{kind, spec}, refs: refsIn(reflect.ValueOf(&spec).Elem())}
}

// Kind names the node's kind.
func (n *Node) Kind() string { return n.body.Kind() }

// Spec returns the node's desired state, for printing.
func (n *Node) Spec() any { return n.body.Spec() }

// Refs lists every output that the node needs before it can start, each once.
func (n *Node) Refs() []Ref {
	out := slices.Clip(n.refs) // shared: what comes after it is appended to a copy
	for _, r := range n.After {
		if !slices.Contains(out, r) {
			out = append(out, r)
		}
	}
	return out
}

// Resolved returns a copy of the node with its spec's references replaced by what lookup knows.
func (n *Node) Resolved(lookup Lookup) *Node {
	c := *n
	c.body, c.refs = n.body.Resolve(lookup), nil
	return &c
}

// Disposable reports whether the node's object may be replaced without asking.
func (n *Node) Disposable() bool { d, ok := n.body.trait().(Disposable); return ok && d.Disposable() }

// Mendable reports whether a Broken object may be deleted and made again without asking.
func (n *Node) Mendable() bool {
	m, ok := n.body.trait().(Mendable)
	return n.Disposable() || ok && m.Mendable()
}

// Succeeds reports whether the node's object is replaced by a successor beside it.
func (n *Node) Succeeds() bool { s, ok := n.body.trait().(Successor); return ok && s.Succeeds() }

// WriteAhead reports whether creation must be announced in the inventory first.
func (n *Node) WriteAhead() bool { w, ok := n.body.trait().(WriteAhead); return ok && w.WriteAhead() }

// Renews lists the outputs that an update with these changes gives a new value.
func (n *Node) Renews(changes []Change) []Attr {
	if r, ok := n.body.trait().(Renewer); ok {
		return r.Renews(changes)
	}
	return nil
}

// Last reports whether the object is pruned after everything else is Ready.
func (n *Node) Last() bool { l, ok := n.body.trait().(Last); return ok && l.Last() }

// Lingers is when to look for the object's absence after its deletion; zero leaves it to the engine.
func (n *Node) Lingers() time.Duration {
	if l, ok := n.body.trait().(Lingerer); ok {
		return l.Lingers()
	}
	return 0
}

// Lister returns the kind's ability to list, or nil.
func (n *Node) Lister() Lister { l, _ := n.body.trait().(Lister); return l }

// Apart reports whether the kind's list costs a call of its own.
func (n *Node) Apart() bool { a, ok := n.body.trait().(Apart); return ok && a.Apart() }

// Attached reports whether the kind's objects go with others.
func (n *Node) Attached() bool { a, ok := n.body.trait().(Attached); return ok && a.Attached() }

// Observe reads the object; see Kind.Observe.
func (n *Node) Observe(ctx context.Context, c Call) (Live, error) { return n.body.Observe(ctx, c) }

// Diff compares; see Kind.Diff.
func (n *Node) Diff(c Call, l Live) []Change { return n.body.Diff(c, l) }

// Urgent compares what doesn't wait for missing inputs; see Urgent.
func (n *Node) Urgent(c Call, l Live) []Change { return n.body.Urgent(c, l) }

// Create makes the object; see Kind.Create.
func (n *Node) Create(ctx context.Context, c Call) (Live, error) { return n.body.Create(ctx, c) }

// Update changes the object; see Kind.Update.
func (n *Node) Update(ctx context.Context, c Call, l Live, ch []Change) (Live, error) {
	return n.body.Update(ctx, c, l, ch)
}

// Delete takes a step towards absence; see Kind.Delete.
func (n *Node) Delete(ctx context.Context, c Call, l Live) (gone bool, err error) {
	return n.body.Delete(ctx, c, l)
}

// MarshalJSON prints the node as people read it: identity, name, what it waits for, and its spec.
func (n *Node) MarshalJSON() ([]byte, error) {
	after := make([]string, 0, len(n.After))
	for _, r := range n.After {
		after = append(after, fmt.Sprintf("%s.%s", r.Node, r.Attr))
	}
	return json.Marshal(struct {
		ID       NodeID   `json:"id"`
		Kind     string   `json:"kind"`
		Name     string   `json:"name,omitempty"`
		After    []string `json:"after,omitempty"`
		Outlives []NodeID `json:"outlives,omitempty"`
		Spec     any      `json:"spec"`
	}{n.ID, n.Kind(), n.Name, after, n.Outlives, n.Spec()})
}

type typed[S any] struct {
	kind Kind[S]
	spec S
}

func (t typed[S]) Kind() string { return t.kind.Name() }
func (t typed[S]) Spec() any    { return t.spec }
func (t typed[S]) trait() any   { return t.kind }
func (t typed[S]) Resolve(l Lookup) body {
	return typed[S]{t.kind, resolveIn(reflect.ValueOf(&t.spec).Elem(), l).Interface().(S)}
}
func (t typed[S]) Observe(ctx context.Context, c Call) (Live, error) {
	return t.kind.Observe(ctx, c, t.spec)
}
func (t typed[S]) Diff(c Call, l Live) []Change { return t.kind.Diff(c, t.spec, l) }
func (t typed[S]) Urgent(c Call, l Live) []Change {
	if u, ok := t.kind.(Urgent[S]); ok {
		return u.Urgent(c, t.spec, l)
	}
	return nil
}
func (t typed[S]) Create(ctx context.Context, c Call) (Live, error) {
	return t.kind.Create(ctx, c, t.spec)
}
func (t typed[S]) Update(ctx context.Context, c Call, l Live, ch []Change) (Live, error) {
	return t.kind.Update(ctx, c, t.spec, l, ch)
}
func (t typed[S]) Delete(ctx context.Context, c Call, l Live) (bool, error) {
	return t.kind.Delete(ctx, c, l)
}

var valueType = reflect.TypeFor[Value]()

// refsIn finds every reference in a spec. Walking the data by reflection means that a field can't
// be forgotten, which would be a missing edge.
func refsIn(v reflect.Value) []Ref {
	var out []Ref
	walk(v, func(val Value) {
		for _, r := range val.Refs() {
			if !slices.Contains(out, r) {
				out = append(out, r)
			}
		}
	})
	slices.SortFunc(out, func(a, b Ref) int {
		return cmp.Or(cmp.Compare(a.Node, b.Node), cmp.Compare(a.Attr, b.Attr))
	})
	return out
}

func walk(v reflect.Value, visit func(Value)) {
	if v.Type() == valueType {
		visit(v.Interface().(Value))
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				walk(v.Field(i), visit)
			}
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			walk(v.Index(i), visit)
		}
	case reflect.Map:
		for _, k := range v.MapKeys() {
			walk(v.MapIndex(k), visit)
		}
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			walk(v.Elem(), visit)
		}
	default: // scalars hold no values
	}
}

// resolveIn copies a spec deeply, with its references replaced.
func resolveIn(v reflect.Value, l Lookup) reflect.Value {
	if v.Type() == valueType {
		return reflect.ValueOf(v.Interface().(Value).Resolve(l))
	}
	out := reflect.New(v.Type()).Elem()
	switch v.Kind() {
	case reflect.Struct:
		out.Set(v)
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				out.Field(i).Set(resolveIn(v.Field(i), l))
			}
		}
	case reflect.Slice:
		if v.IsNil() {
			return v
		}
		out.Set(reflect.MakeSlice(v.Type(), v.Len(), v.Len()))
		for i := range v.Len() {
			out.Index(i).Set(resolveIn(v.Index(i), l))
		}
	case reflect.Map:
		if v.IsNil() {
			return v
		}
		out.Set(reflect.MakeMapWithSize(v.Type(), v.Len()))
		for _, k := range v.MapKeys() {
			out.SetMapIndex(k, resolveIn(v.MapIndex(k), l))
		}
	case reflect.Pointer:
		if v.IsNil() {
			return v
		}
		out.Set(reflect.New(v.Type().Elem()))
		out.Elem().Set(resolveIn(v.Elem(), l))
	default:
		out.Set(v)
	}
	return out
}
