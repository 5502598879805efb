package controllers

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/internal/desired"
	"github.com/portkey-ai/portkey-ecs-operator/internal/engine"
	"github.com/portkey-ai/portkey-ecs-operator/internal/kinds"
	"github.com/portkey-ai/portkey-ecs-operator/internal/own"
)

// planActions are the API's names of what a plan would do, and in which order it is told.
var planActions = map[engine.Action]struct {
	name v1alpha1.PlanAction
	rank int
}{
	engine.Replace: {v1alpha1.PlanReplace, 0}, engine.Delete: {v1alpha1.PlanDelete, 0},
	engine.Update: {v1alpha1.PlanUpdate, 1}, engine.Create: {v1alpha1.PlanCreate, 2},
}

// planOf is what a planning walk found, whole. What status has of it is bounded.
func planOf(res *engine.Result) *v1alpha1.Plan {
	type change struct {
		rank   int
		wanted string
		kinds.Interruption
		v1alpha1.PlannedChange
	}
	var changes []change
	out := &v1alpha1.Plan{Summary: res.Summary()}
	read := true
	for i := range res.Nodes {
		n := &res.Nodes[i]
		if n.Fault != nil || n.State == engine.Pending && n.Action == engine.None && n.Reason == engine.ReasonWaiting {
			read = false // as what the walk had no time for
		}
		if n.Fault != nil || n.State == engine.Stalled {
			out.Problems = append(out.Problems, shorten(explain(n)))
			continue
		}
		action, ok := planActions[n.Action]
		if !ok {
			continue
		}
		c := change{rank: action.rank, Interruption: interrupts(n)}
		c.PlannedChange = v1alpha1.PlannedChange{Node: string(n.Node), Kind: n.Kind, Action: action.name, Interrupts: c.Text}
		if n.Action == engine.Create || n.Action == engine.Replace {
			c.wanted = n.Wanted
		}
		for _, ch := range n.Changes {
			c.Fields = append(c.Fields, v1alpha1.FieldChange{Path: ch.Path, Have: ch.Have, Want: ch.Want})
		}
		changes = append(changes, c)
	}
	slices.SortStableFunc(changes, func(a, b change) int {
		return cmp.Or(cmp.Compare(a.rank, b.rank), cmp.Compare(b.Severity, a.Severity))
	})
	wanted := map[string]string{}
	for _, c := range changes {
		out.Changes = append(out.Changes, c.PlannedChange)
		wanted[c.Node] = c.wanted
	}
	if res.Unlisted {
		out.Problems = append(out.Problems, "what exists in AWS beyond status.resources couldn't be listed")
	}
	if read && !res.Unlisted {
		out.Hash = planHash(out, wanted)
	}
	return out
}

// interrupts is what a change that a walk made or foresees interrupts.
func interrupts(n *engine.NodeResult) kinds.Interruption {
	if n.Action == engine.Create {
		return kinds.Interruption{}
	}
	return desired.Interrupts(n.Node, n.Kind, n.Action == engine.Replace || n.Action == engine.Delete, n.Changes)
}

// planHashLength is 64 bits in hexadecimal: enough that no other plan has it, and short enough to be typed.
const planHashLength = 16

// planHash identifies a plan by all that it would do and not do: in any order, at any time. wanted are the digests of
// the objects that it would make.
func planHash(p *v1alpha1.Plan, wanted map[string]string) string {
	lines := slices.Clone(p.Problems)
	for _, c := range p.Changes {
		fields := slices.Clone(c.Fields)
		slices.SortFunc(fields, func(a, b v1alpha1.FieldChange) int {
			return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Have, b.Have), cmp.Compare(a.Want, b.Want))
		})
		line, err := json.Marshal([]any{c.Node, c.Kind, c.Action, fields, wanted[c.Node]})
		if err != nil { // plain strings
			panic(err)
		}
		lines = append(lines, string(line))
	}
	slices.Sort(lines)
	return own.Digest(lines)[:planHashLength]
}

// The bounds of a plan in status: etcd holds it with everything else in 1.5 MiB, and people read it.
const (
	maxPlanValue = 256
	maxPlanBytes = 24 << 10
)

// bounded is a plan as status has it. The least dangerous changes are left out first, and the summary counts them.
func bounded(p *v1alpha1.Plan) *v1alpha1.Plan {
	out := &v1alpha1.Plan{Summary: p.Summary, Hash: p.Hash, Problems: p.Problems[:min(len(p.Problems), v1alpha1.MaxPlannedProblems)]}
	size := 0
	for _, problem := range out.Problems {
		size += len(problem)
	}
	for _, c := range p.Changes {
		full := c.Fields
		c.Fields = nil
		for _, f := range full[:min(len(full), v1alpha1.MaxPlannedFields)] {
			c.Fields = append(c.Fields, v1alpha1.FieldChange{Path: cut(f.Path), Have: cut(f.Have), Want: cut(f.Want)})
		}
		b, err := json.Marshal(c)
		if err != nil { // plain strings
			panic(err)
		}
		if size += len(b); size > maxPlanBytes || len(out.Changes) == v1alpha1.MaxPlannedChanges {
			break
		}
		out.Changes = append(out.Changes, c)
	}
	if left := len(p.Changes) - len(out.Changes); left > 0 {
		out.Summary += fmt.Sprintf("; %d of them not listed here", left)
	}
	return out
}

// cut shortens a value of a plan.
func cut(s string) string {
	if len(s) > maxPlanValue {
		return strings.ToValidUTF8(s[:maxPlanValue-len("…")], "") + "…"
	}
	return s
}
