package parity

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
)

// documentation prints the tables for docs/parity.md.
func documentation(t *testing.T) string {
	t.Helper()
	var b strings.Builder
	fmt.Fprintf(&b, `# The same deployment as the Terraform module's

[portkey-gateway-infrastructure](https://github.com/Portkey-AI/portkey-gateway-infrastructure) describes
the same deployment for Terraform. The test %[1]sgo test ./test/parity%[1]s takes the resources that Terraform
plans for the module's three examples, deploys the same with the operator in the [emulator](emulator.md),
and compares every setting of every object, and how the objects are connected, with what is then in AWS.
Whatever differs is below with its reason. The test fails when something differs that isn't here, and
when something here no longer differs.

Names are aside. All our names carry the owner's digest, since the module's collide when two deployments
share an account. All our objects carry the tags %[1]secs.portkey.ai/*%[1]s and those of %[1]sspec.tags%[1]s besides.

This file is written by %[1]sgo test ./test/parity -update%[1]s.

## The examples

| The seed's | Resources | Ours, and the values of the seed's that are others |
|---|---|---|
`, "`")
	for _, e := range seedExamples {
		fmt.Fprintf(&b, "| %s | %d | [%s](../config/samples/%s.yaml) with<br>%s |\n", e.title, len(e.plan(t)), e.name, e.name, block(e.seeds))
	}
	b.WriteString("\n## Settings\n\n| In | Resource | Setting | Terraform | Operator | | Why |\n|---|---|---|---|---|---|---|\n")
	for _, d := range differences {
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s | %s |\n", d.in, code(d.where), code(d.field), value(d.theirs), value(d.ours), d.sort, d.why)
	}
	b.WriteString("\n## Resources without an object of ours\n\n| In | Resource | | Why |\n|---|---|---|---|\n")
	for _, a := range absences {
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", a.in, code(a.resource), a.sort, a.why)
	}
	b.WriteString(tables())
	b.WriteString("\n## Objects that AWS makes by itself\n\nTerraform doesn't plan these either, and they come with its deployment as with ours.\n\n| Kind | What |\n|---|---|\n")
	for _, kind := range slices.Sorted(maps.Keys(additions)) {
		fmt.Fprintf(&b, "| %s | %s |\n", kind, additions[kind])
	}
	b.WriteString("\n## What stands for what\n\nResources that share an object are fields of it: an inline policy or an attachment is part of its role, a\nroute of its table.\n\n| Terraform | Object in AWS | Node |\n|---|---|---|\n")
	for _, address := range slices.Sorted(maps.Keys(rows)) {
		r := rows[address]
		fmt.Fprintf(&b, "| %s | %s | %s |\n", code(address), r.kind, code(r.node))
	}
	return b.String()
}

// block prints YAML in a cell of a table.
func block(yaml string) string {
	var lines []string
	for line := range strings.Lines(strings.TrimPrefix(strings.TrimSpace(yaml), "spec:\n")) {
		lines = append(lines, code(strings.TrimSpace(line)))
	}
	return strings.Join(lines, "<br>")
}

func value(s string) string {
	switch s {
	case "":
		return "–"
	case "*":
		return "…"
	default:
		return code(s)
	}
}

func code(s string) string { return "`" + s + "`" }
