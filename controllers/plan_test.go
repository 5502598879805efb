package controllers

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/internal/engine"
	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
)

// TestPlanOrderAndHash tells the most dangerous change first, and the same plan by the same hash in any order.
func TestPlanOrderAndHash(t *testing.T) {
	nodes := []engine.NodeResult{
		{Node: "role/new", Kind: "Role", Action: engine.Create, Wanted: "digest"},
		{Node: "cluster/main", Kind: "Cluster", Action: engine.Update, Changes: []graph.Change{{Path: "containerInsights", Have: "a", Want: "b"}, {Path: "tags.x", Want: "y"}}},
		{Node: "log-group/gateway", Kind: "LogGroup", Action: engine.Update, Changes: []graph.Change{{Path: "retentionDays", Have: "14", Want: "7"}}},
		{Node: "security-group/a", Kind: "SecurityGroup", Action: engine.Delete},
		{Node: "listener/a", Kind: "Listener", Action: engine.Delete},
		{Node: "replication-group/main", Kind: "ReplicationGroup", Action: engine.Delete},
		{Node: "target-group/a", Kind: "TargetGroup", Action: engine.Replace, Changes: []graph.Change{{Path: "port", Have: "1", Want: "2", Replace: true}}},
		{Node: "vpc/main", Kind: "VPC", State: engine.Stalled, Why: "cidr can't be changed"},
	}
	p := planOf(&engine.Result{Mode: engine.Plan, Nodes: nodes})
	var order []string
	for _, c := range p.Changes {
		order = append(order, string(c.Action)+" "+c.Node)
	}
	want := []string{"Delete replication-group/main", "Delete listener/a", "Replace target-group/a", "Delete security-group/a", "Update log-group/gateway", "Update cluster/main", "Create role/new"}
	if !slices.Equal(order, want) || len(p.Problems) != 1 || p.Hash == "" {
		t.Fatalf("%v, problems %v, hash %q", order, p.Problems, p.Hash)
	}
	slices.Reverse(nodes)
	slices.Reverse(nodes[slices.IndexFunc(nodes, func(n engine.NodeResult) bool { return n.Node == "cluster/main" })].Changes)
	if q := planOf(&engine.Result{Mode: engine.Plan, Nodes: nodes}); q.Hash != p.Hash {
		t.Error("the hash depends on the order")
	}
	for what, change := range map[string]func([]engine.NodeResult){
		"a value": func(n []engine.NodeResult) {
			n[6].Changes = []graph.Change{{Path: "containerInsights", Have: "a", Want: "c"}}
		},
		"what is made":       func(n []engine.NodeResult) { n[7].Wanted = "another" },
		"an action":          func(n []engine.NodeResult) { n[7].Action = engine.Update },
		"one change less":    func(n []engine.NodeResult) { n[7].Action = engine.None },
		"what won't be done": func(n []engine.NodeResult) { n[0].Why = "another" },
	} {
		other := slices.Clone(nodes)
		change(other)
		if q := planOf(&engine.Result{Mode: engine.Plan, Nodes: other}); q.Hash == p.Hash {
			t.Errorf("%s makes no other hash", what)
		}
	}
	for what, bad := range map[string]engine.NodeResult{
		"a read that failed":     {Node: "a/b", State: engine.Failed, Fault: &graph.Fault{Class: graph.Denied}},
		"what there was no time": {Node: "a/b", State: engine.Pending, Reason: engine.ReasonWaiting},
	} {
		if q := planOf(&engine.Result{Mode: engine.Plan, Nodes: append(slices.Clone(nodes), bad)}); q.Hash != "" {
			t.Errorf("%s: the plan can be approved", what)
		}
	}
	if q := planOf(&engine.Result{Mode: engine.Plan, Nodes: nodes, Unlisted: true}); q.Hash != "" || len(q.Problems) != 2 {
		t.Errorf("unlisted: %+v", q)
	}
}

// TestPlanIsBounded keeps the largest plan small in status, and counts what is left out.
func TestPlanIsBounded(t *testing.T) {
	var nodes []engine.NodeResult
	for i := range 600 {
		n := engine.NodeResult{Node: graph.NodeID(fmt.Sprintf("role/%03d", i)), Kind: "Role", Action: engine.Update}
		for j := range 60 {
			n.Changes = append(n.Changes, graph.Change{Path: fmt.Sprintf("inline.%d", j), Have: strings.Repeat("ä", 400), Want: "x"})
		}
		nodes = append(nodes, n)
	}
	whole := planOf(&engine.Result{Mode: engine.Plan, Nodes: nodes})
	p := bounded(whole)
	text, err := json.Marshal(p)
	if err != nil || len(text) > maxPlanBytes+4096 || len(p.Changes) == 0 || p.Hash != whole.Hash {
		t.Fatalf("%v: %d bytes, %d changes", err, len(text), len(p.Changes))
	}
	if want := fmt.Sprintf("0 to create, 600 to change, 0 to delete; %d of them not listed here", 600-len(p.Changes)); p.Summary != want {
		t.Errorf("%s, want %s", p.Summary, want)
	}
	if c := p.Changes[0]; len(c.Fields) > v1alpha1.MaxPlannedFields || len(c.Fields[0].Have) > maxPlanValue || strings.Contains(c.Fields[0].Have, "�") {
		t.Errorf("%d fields, %d bytes", len(c.Fields), len(c.Fields[0].Have))
	}
}
