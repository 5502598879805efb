// Package parity compares what the operator makes of the seed's three examples with what the Terraform
// module plans for them, object by object and setting by setting. What differs is in a table with its
// reason, and in docs/parity.md.
package parity

import (
	"flag"
	"maps"
	"os"
	"slices"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// creation bounds how long a deployment takes, with a strategy that shifts traffic in steps.
const creation = 2 * time.Hour

var update = flag.Bool("update", false, "write docs/parity.md")

// TestParity: in each example every setting that Terraform plans is the same with us or in the table of
// differences, and every object of ours is one of Terraform's or in the table of additions.
func TestParity(t *testing.T) {
	added := map[string]bool{}
	for _, e := range seedExamples {
		t.Run(e.name, func(t *testing.T) { e.compare(t, added) })
	}
	for kind := range additions {
		if !added[kind] {
			t.Errorf("there is no %s: take it out of the table", kind)
		}
	}
	for address := range rows {
		if !slices.ContainsFunc(seedExamples, func(e example) bool { return e.has(t, address) }) {
			t.Errorf("Terraform plans no %s: take its row out", address)
		}
	}
}

// has reports whether Terraform plans a resource for an example.
func (e example) has(t *testing.T, address string) bool {
	return slices.ContainsFunc(e.plan(t), func(p planned) bool { return p.Address == address })
}

// compare compares an example's plan with what we make of its sample, and notes the kinds that we have besides.
func (e example) compare(t *testing.T, added map[string]bool) {
	inv := e.deploy(t)
	explained := map[any]bool{}
	var resources []planned
	for _, p := range e.plan(t) {
		if i := slices.IndexFunc(absences, func(a absence) bool { return a.in&e.is != 0 && a.is(p) }); i >= 0 {
			explained[absences[i]] = true
			continue
		}
		resources = append(resources, p)
	}
	used := e.differing(t, inv, resources, func(d delta) bool {
		i := slices.IndexFunc(differences, func(x difference) bool { return x.in&e.is != 0 && d.is(x) })
		if i >= 0 {
			explained[differences[i]] = true
		}
		return i >= 0
	})
	for _, d := range differences {
		if d.in&e.is != 0 && !explained[d] {
			t.Errorf("%s %s doesn't differ here any more: take it out of the table", d.where, d.field)
		}
	}
	for _, a := range absences {
		if a.in&e.is != 0 && !explained[a] {
			t.Errorf("Terraform plans no %s here: take it out of the table", a.resource)
		}
	}
	additional(t, inv, used, added)
}

// differing fails for each setting that differs and isn't explained. It answers the objects that stand for
// something in the plan.
func (e example) differing(t *testing.T, inv *inventory, resources []planned, explained func(delta) bool) map[*object]bool {
	t.Helper()
	used := map[*object]bool{}
	for _, p := range resources {
		r, mapped := e.row(p.Address)
		if !mapped {
			t.Errorf("%s: nothing says which object of ours it is", p.Address)
			continue
		}
		o, err := r.find(inv)
		if err != nil {
			t.Errorf("%s: %v", p.Address, err)
			continue
		}
		used[o] = true
		ours := r.show(o)
		if o.Region != "" { // IAM has none
			ours["region"] = o.Region
		}
		for _, d := range compare(p, e.wired(p.Address), ours) {
			if !explained(d) {
				t.Errorf("%s: %s is %q, Terraform has %q", p.Address, d.field, d.ours, d.theirs)
			}
		}
		if o.Taggable && o.Kind != "SecurityGroupRule" && o.Tags["Name"] == "" {
			t.Errorf("%s has no tag Name", o.ID)
		}
	}
	return used
}

// additional checks the objects that no resource of Terraform's stands for.
func additional(t *testing.T, inv *inventory, used map[*object]bool, added map[string]bool) {
	t.Helper()
	for _, o := range inv.objects {
		if used[o] {
			continue
		}
		if additions[o.Kind] == "" {
			t.Errorf("Terraform plans no %s %s (%s)", o.Kind, o.ID, o.Name)
			continue
		}
		added[o.Kind] = true
		if !o.AWSManaged && !passing(o.Resource) {
			t.Errorf("%s %s of %s isn't AWS's own doing", o.Kind, o.ID, o.node)
		}
	}
}

// delta is a setting that differs.
type delta struct {
	planned
	field, theirs, ours string
}

// compare lists what differs between a planned resource and our object.
func compare(p planned, wires, ours fields) []delta {
	theirs := p.fields()
	for _, path := range p.Later {
		if wires[path] != "" {
			theirs[path] = wires[path]
		} else if connects(p, path) {
			theirs[path] = "(a connection that nothing here says)"
		}
	}
	for path, value := range p.instead {
		if theirs[path] = value; value == "" {
			delete(theirs, path)
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
func (r row) find(inv *inventory) (*object, error) {
	is := r.is
	if is == nil {
		is = func(o *object) bool { return o.node == r.node }
	}
	return inv.only(r.kind+" of "+r.node, func(o *object) bool { return o.Kind == r.kind && is(o) })
}

// TestDocumentation: docs/parity.md has what the tables have.
func TestDocumentation(t *testing.T) {
	const file = "../../docs/parity.md"
	want := documentation(t)
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
