// Package parity compares what the operator makes of the seed's "Minimal Development Deployment" with
// what the Terraform module plans for it, object by object and setting by setting. What differs is in a
// table with its reason, and in docs/parity.md.
package parity

import (
	"flag"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/portkey-ai/portkey-ecs-operator/internal/own"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const creation = 30 * time.Minute

var update = flag.Bool("update", false, "write docs/parity.md")

// TestParity: every setting that Terraform plans is the same with us or in the table of differences, and
// every object of ours is one of Terraform's or in the table of additions.
func TestParity(t *testing.T) {
	inv := deploy(t)
	used, explained := map[*object]bool{}, map[int]bool{}
	resources := plan(t)
	for _, p := range resources {
		if _, is := withoutObject(p); is {
			continue
		}
		r, mapped := rows[p.Address]
		if !mapped {
			t.Errorf("%s: nothing says which object of ours it is", p.Address)
			continue
		}
		o := r.find(inv)
		used[o] = true
		ours := r.show(o)
		if o.Region != "" { // IAM has none
			ours["region"] = o.Region
		}
		for _, d := range compare(p, r, ours) {
			i := slices.IndexFunc(differences, d.is)
			if i < 0 {
				t.Errorf("%s: %s is %q, Terraform has %q", p.Address, d.field, d.ours, d.theirs)
				continue
			}
			explained[i] = true
		}
		if o.Taggable && o.Kind != "SecurityGroupRule" && o.Tags["Name"] == "" {
			t.Errorf("%s has no tag Name", o.ID)
		}
	}
	for i, d := range differences {
		if !explained[i] {
			t.Errorf("%s %s doesn't differ any more: take it out of the table", d.where, d.field)
		}
	}
	for address := range rows {
		if !slices.ContainsFunc(resources, func(p planned) bool { return p.Address == address }) {
			t.Errorf("Terraform plans no %s", address)
		}
	}
	additional(t, inv, used)
}

// additional checks the objects that no resource of Terraform's stands for.
func additional(t *testing.T, inv *inventory, used map[*object]bool) {
	t.Helper()
	listed := map[string]bool{}
	for _, o := range inv.objects {
		if used[o] {
			continue
		}
		if additions[o.Kind] == "" {
			t.Errorf("Terraform plans no %s %s (%s)", o.Kind, o.ID, o.Name)
			continue
		}
		listed[o.Kind] = true
		if node := o.Tags[own.TagNode]; !o.AWSManaged && !passing(o.Resource) {
			t.Errorf("%s %s of %s isn't AWS's own doing", o.Kind, o.ID, node)
		}
	}
	for kind := range additions {
		if !listed[kind] {
			t.Errorf("there is no %s: take it out of the table", kind)
		}
	}
}

// delta is a setting that differs.
type delta struct {
	planned
	field, theirs, ours string
}

// compare lists what differs between a planned resource and our object.
func compare(p planned, r row, ours fields) []delta {
	theirs := p.fields()
	for path := range ours {
		if _, is := theirs[path]; !is && r.wires[path] != "" {
			theirs[path] = r.wires[path]
		}
	}
	for _, path := range p.Later {
		if connects(p, path) && theirs[path] == "" {
			theirs[path] = "(a connection that nothing here says)"
		}
	}
	paths := map[string]bool{}
	for _, f := range []fields{theirs, ours} {
		for path := range f {
			paths[path] = true
		}
	}
	var out []delta
	for _, path := range slices.Sorted(maps.Keys(paths)) {
		if name(path) || theirs[path] == ours[path] {
			continue
		}
		out = append(out, delta{p, path, theirs[path], ours[path]})
	}
	return out
}

// name reports whether a field is the object's own name, which is aside.
func name(path string) bool {
	return slices.Contains([]string{"name", "name_prefix", "tags.Name", "tag[Name].value"}, path)
}

// find is the object that the row means.
func (r row) find(inv *inventory) *object {
	switch r.kind {
	case "RouteTableAssociation":
		return inv.only("association of "+r.node, func(o *object) bool {
			return o.Kind == r.kind && o.at("subnetId") == "{subnet/"+r.node+"}"
		})
	case "SecurityGroupRule":
		direction, role, _ := strings.Cut(r.node, " ")
		return inv.only(direction+" rule of "+role, func(o *object) bool {
			return o.Kind == r.kind && o.at("groupId") == "{security-group/"+role+"}" && (o.get("isEgress") == true) == (direction == "egress")
		})
	default:
		return inv.node(r.kind, r.node)
	}
}

// TestDocumentation: docs/parity.md has what the tables have.
func TestDocumentation(t *testing.T) {
	const file = "../../docs/parity.md"
	want := documentation(plan(t))
	if *update {
		if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile(file)
	if err != nil || string(have) != want {
		t.Errorf("docs/parity.md isn't current (%v): run go test ./test/parity -update", err)
	}
}
