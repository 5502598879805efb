package progress

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
)

// deleted is the phase of an object that has left the inventory.
const deleted v1alpha1.ResourcePhase = "deleted"

// step is what became of some objects of one kind at the same time.
type step struct {
	kind  string
	phase v1alpha1.ResourcePhase
	names []string
	why   string
}

// resources tells what became of the AWS objects, those of one kind together.
func (p *Printer) resources(was, now []v1alpha1.ResourceStatus, deleting bool) {
	for _, s := range steps(was, now) {
		if deleting && s.phase == v1alpha1.ResourcePending {
			continue // nearly all have to wait for others before they can go
		}
		names := s.names
		if len(names) > maxNames {
			names = append(slices.Clone(names[:maxNames]), fmt.Sprintf("%d more", len(s.names)-maxNames))
		}
		tone := pending
		switch s.phase {
		case v1alpha1.ResourceReady, deleted:
			tone = good
		case v1alpha1.ResourceBroken:
			tone = bad
		}
		text := strings.Join(names, ", ")
		if why := join(s.why); why != "" {
			text += " (" + why + ")"
		}
		p.say(s.kind, tone, strings.ToLower(string(s.phase))+": "+text)
	}
}

// steps compares two inventories, in the order of the newer one.
func steps(was, now []v1alpha1.ResourceStatus) []step {
	before := map[string]v1alpha1.ResourceStatus{}
	for _, r := range was {
		before[r.Node] = r
	}
	var out []step
	add := func(r v1alpha1.ResourceStatus, phase v1alpha1.ResourcePhase) {
		name := r.Node[strings.LastIndex(r.Node, "/")+1:]
		i := slices.IndexFunc(out, func(s step) bool { return s.kind == r.Kind && s.phase == phase })
		if i < 0 {
			out, i = append(out, step{kind: r.Kind, phase: phase, why: r.Why}), len(out)
		}
		out[i].names = append(out[i].names, name)
		if out[i].why != r.Why {
			out[i].why = "" // the reasons differ: which is whose would not fit into a line
		}
	}
	for _, r := range now {
		old, known := before[r.Node]
		delete(before, r.Node)
		exists := r.ID != "" || r.Phase == v1alpha1.ResourceReady
		switch {
		case r.Phase == v1alpha1.ResourceAbsent && old.Phase != v1alpha1.ResourceAbsent && known:
			add(r, deleted)
		case r.Phase == old.Phase && old.ID == r.ID:
		case r.Phase == old.Phase && old.ID != "": // another object in the old one's place
			add(r, r.Phase)
		case exists && r.Phase != v1alpha1.ResourceAbsent:
			add(r, r.Phase)
		}
	}
	for _, r := range was {
		if _, gone := before[r.Node]; gone && r.Phase != v1alpha1.ResourceAbsent && r.ID != "" {
			add(v1alpha1.ResourceStatus{Node: r.Node, Kind: r.Kind}, deleted)
		}
	}
	return out
}

// readyOf finds the counts in Ready's message: the inventory doesn't know yet what is still to come.
var readyOf = regexp.MustCompile(`^(?:all|(\d+) of) (\d+) objects `)

// counts is how far the gateway is, as 34/61, or how many objects are left.
func counts(gw *v1alpha1.PortkeyGateway) string {
	ready, exist := 0, 0
	for _, r := range gw.Status.Resources {
		if r.Phase == v1alpha1.ResourceReady {
			ready++
		}
		if r.Phase != v1alpha1.ResourceAbsent && r.ID != "" {
			exist++
		}
	}
	if gw.DeletionTimestamp != nil {
		return fmt.Sprintf("%d left", exist)
	}
	for _, c := range gw.Status.Conditions {
		if m := readyOf.FindStringSubmatch(c.Message); c.Type == v1alpha1.ConditionReady && m != nil {
			return cmp.Or(m[1], m[2]) + "/" + m[2]
		}
	}
	if len(gw.Status.Resources) == 0 {
		return ""
	}
	return fmt.Sprintf("%d/%d", ready, len(gw.Status.Resources))
}
