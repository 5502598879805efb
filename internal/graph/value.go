package graph

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// NodeID names a node within its graph: "kind/role", for example "subnet/private-a".
type NodeID string

// Attr names an output of a node, for example "arn".
type Attr string

// Ref points at an output of another node.
type Ref struct {
	Node NodeID
	Attr Attr
}

// KnownAfterApply stands in for a reference that can't be resolved yet, in plans and in reads of
// nodes whose inputs don't exist. It never equals anything AWS returns.
const KnownAfterApply = "(known after apply)"

// Value is a string that is known now or will be an output of another node. Its zero value is the
// empty literal.
type Value struct {
	format string // literal text, or the format when args is not empty
	ref    Ref
	args   []Value
}

// Lit returns a value that is known now.
func Lit(s string) Value { return Value{format: s} }

// Lits returns literal values, in order.
func Lits(s ...string) []Value {
	out := make([]Value, len(s))
	for i := range s {
		out[i] = Lit(s[i])
	}
	return out
}

// Out returns a value that becomes the output attr of node. Using it in a spec makes the edge.
func Out(node NodeID, attr Attr) Value { return Value{ref: Ref{node, attr}} }

// Format returns a value that is made from others as by fmt.Sprintf; its verbs are %s only.
func Format(format string, args ...Value) Value {
	if len(args) == 0 {
		return Lit(format)
	}
	return Value{format: format, args: args}
}

// Refs lists every output the value needs, each once.
func (v Value) Refs() []Ref {
	if v.ref != (Ref{}) {
		return []Ref{v.ref}
	}
	var out []Ref
	for _, a := range v.args {
		for _, r := range a.Refs() {
			if !slices.Contains(out, r) {
				out = append(out, r)
			}
		}
	}
	return out
}

// Known reports whether the value has no unresolved reference.
func (v Value) Known() bool {
	return len(v.Refs()) == 0 && !strings.Contains(v.String(), KnownAfterApply)
}

// IsZero reports whether the value is the empty literal.
func (v Value) IsZero() bool { return v.format == "" && v.ref == (Ref{}) && len(v.args) == 0 }

// String returns the literal text; unresolved references show as KnownAfterApply.
func (v Value) String() string {
	switch {
	case v.ref != (Ref{}):
		return KnownAfterApply
	case len(v.args) > 0:
		args := make([]any, len(v.args))
		for i := range v.args {
			args[i] = v.args[i].String()
		}
		return fmt.Sprintf(v.format, args...)
	default:
		return v.format
	}
}

// Lookup finds an output; ok is false while it isn't published.
type Lookup func(Ref) (value string, ok bool)

// Resolve replaces every reference that lookup knows; what it doesn't know reads KnownAfterApply.
func (v Value) Resolve(lookup Lookup) Value {
	switch {
	case v.ref != (Ref{}):
		if s, ok := lookup(v.ref); ok {
			return Lit(s)
		}
		return Lit(KnownAfterApply)
	case len(v.args) > 0:
		args := make([]Value, len(v.args))
		for i := range v.args {
			args[i] = v.args[i].Resolve(lookup)
		}
		return Lit(Value{format: v.format, args: args}.String())
	default:
		return v
	}
}

// MarshalJSON prints literals as strings and references as "${node.attr}", so that a desired graph
// reads like the plan it is.
func (v Value) MarshalJSON() ([]byte, error) { return json.Marshal(v.print()) }

func (v Value) print() string {
	switch {
	case v.ref != (Ref{}):
		return fmt.Sprintf("${%s.%s}", v.ref.Node, v.ref.Attr)
	case len(v.args) > 0:
		args := make([]any, len(v.args))
		for i := range v.args {
			args[i] = v.args[i].print()
		}
		return fmt.Sprintf(v.format, args...)
	default:
		return v.format
	}
}

// Strings returns the text of each value, in order.
func Strings(vs []Value) []string {
	out := make([]string, len(vs))
	for i := range vs {
		out[i] = vs[i].String()
	}
	return out
}
