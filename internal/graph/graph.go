package graph

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// Graph is a set of nodes in the order they were added.
type Graph struct {
	nodes []*Node
	byID  map[NodeID]*Node
}

// Add puts a node into the graph and answers its id. Two nodes of one id are a programming error
// that Validate reports.
func (g *Graph) Add(n *Node) NodeID {
	if g.byID == nil {
		g.byID = map[NodeID]*Node{}
	}
	g.nodes = append(g.nodes, n)
	g.byID[n.ID] = n
	return n.ID
}

// Nodes lists the nodes in the order they were added.
func (g *Graph) Nodes() []*Node { return g.nodes }

// Node returns a node by id, or nil.
func (g *Graph) Node(id NodeID) *Node { return g.byID[id] }

// Needs lists the nodes that a node waits for, each once, in graph order.
func (g *Graph) Needs(id NodeID) []NodeID {
	var out []NodeID
	for _, r := range g.byID[id].Refs() {
		if !slices.Contains(out, r.Node) {
			out = append(out, r.Node)
		}
	}
	return out
}

// Validate proves that ids are unique, references point at nodes, and nothing waits for itself.
func (g *Graph) Validate() error {
	if len(g.byID) != len(g.nodes) {
		seen := map[NodeID]bool{}
		for _, n := range g.nodes {
			if seen[n.ID] {
				return fmt.Errorf("node %s is in the graph twice", n.ID)
			}
			seen[n.ID] = true
		}
	}
	for _, n := range g.nodes {
		for _, r := range n.Refs() {
			if g.byID[r.Node] == nil {
				return fmt.Errorf("node %s refers to %s.%s, which is not in the graph", n.ID, r.Node, r.Attr)
			}
		}
		for _, o := range n.Outlives {
			if g.byID[o] == nil {
				return fmt.Errorf("node %s outlives %s, which is not in the graph", n.ID, o)
			}
		}
	}
	return g.acyclic()
}

func (g *Graph) acyclic() error {
	const (
		visiting = 1
		done     = 2
	)
	state := map[NodeID]int{}
	var path []string
	var visit func(NodeID) error
	visit = func(id NodeID) error {
		switch state[id] {
		case done:
			return nil
		case visiting:
			return fmt.Errorf("nodes wait for each other: %s -> %s", strings.Join(path, " -> "), id)
		}
		state[id] = visiting
		path = append(path, string(id))
		for _, d := range g.Needs(id) {
			if err := visit(d); err != nil {
				return err
			}
		}
		path = path[:len(path)-1]
		state[id] = done
		return nil
	}
	for _, n := range g.nodes {
		if err := visit(n.ID); err != nil {
			return err
		}
	}
	return nil
}

// MarshalJSON prints the nodes in order.
func (g *Graph) MarshalJSON() ([]byte, error) { return json.Marshal(g.nodes) }
