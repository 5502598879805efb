package parity

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

// variant is an example with variables of the module set otherwise. No plan is at hand for it: what Terraform
// would plan then is read from the module.
type variant struct {
	// name says what is set.
	name string
	// of is the example.
	of examples
	// ours is merged into the example's manifest.
	ours string
	// instead replaces a text everywhere in the example's plan, as a region.
	instead [2]string
	// planned is what is planned otherwise, by address and setting; an empty value isn't planned.
	planned map[string]fields
	// adds are resources that are planned besides, with all their settings.
	adds []addition
	// without are beginnings of addresses of what isn't planned.
	without []string
	// differences are those of the variant alone.
	differences []difference
}

// addition is a resource that no example plans.
type addition struct {
	address string
	is      row
	planned fields
}

const (
	gatewayDefinition = "module.gateway.aws_ecs_task_definition.task_definition"
	gatewayServiceOf  = "module.gateway.aws_ecs_service.service"
	connectOf         = "service_connect_configuration[0].service[0]."
	gatewayEnv        = "container_definitions[0].environment"
)

// TestVariants: what the examples don't set has the effect that it has in the module.
func TestVariants(t *testing.T) {
	for _, v := range allVariants() {
		t.Run(v.name, func(t *testing.T) {
			e := seedExamples[slices.IndexFunc(seedExamples, func(e example) bool { return e.is == v.of })]
			e.varied, e.more = v.ours, map[string]row{}
			for _, a := range v.adds {
				e.more[a.address] = a.is
			}
			used := e.differing(t, e.deploy(t), v.plan(t, e), func(d delta) bool {
				if v.instead[1] != "" {
					d.ours = strings.ReplaceAll(d.ours, v.instead[1], v.instead[0])
				}
				return slices.ContainsFunc(differences, d.is) || slices.ContainsFunc(v.differences, d.is)
			})
			if len(used) < 20 {
				t.Errorf("only %d objects were compared", len(used))
			}
		})
	}
}

// allVariants are those of all examples.
func allVariants() []variant { return slices.Concat(variants, productionVariants) }

// plan is the example's plan with what is otherwise.
func (v variant) plan(t *testing.T, e example) []planned {
	t.Helper()
	var out []planned
	otherwise := maps.Clone(v.planned)
	e.instead = v.instead
	for _, p := range e.plan(t) {
		absent := slices.ContainsFunc(absences, func(a absence) bool { return a.in&e.is != 0 && a.is(p) })
		if absent || slices.ContainsFunc(v.without, func(prefix string) bool { return strings.HasPrefix(p.Address, prefix) }) {
			continue
		}
		p.instead = otherwise[p.Address]
		delete(otherwise, p.Address)
		out = append(out, p)
	}
	for _, a := range v.adds {
		kind, _, _ := strings.Cut(a.address[strings.LastIndex(a.address, "aws_"):], ".")
		out = append(out, planned{Address: a.address, Type: kind, instead: a.planned})
	}
	for address := range otherwise {
		t.Errorf("Terraform plans no %s for the example", address)
	}
	return out
}
