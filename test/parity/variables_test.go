package parity

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
)

// variable is a variable of the module, or some that are set together.
type variable struct {
	// names are the variable's; of a variable with attributes, "variable.attribute".
	names string
	// fields are ours below spec; none where the note says why.
	fields string
	// tests prove that they do the same: "package TestName", or "TestName" of this package.
	tests string
	// note says what is to be known when one moves from the one to the other.
	note string
}

// mistake is one of the module's, which ours doesn't repeat.
type mistake struct{ theirs, ours, tests string }

// TestTables: every field of the tables is one of the API, and every test is there.
func TestTables(t *testing.T) {
	for _, v := range variables {
		for _, f := range listed(v.fields) {
			if !exists(reflect.TypeFor[v1alpha1.PortkeyGatewaySpec](), f) && !strings.HasPrefix(f, "metadata.") {
				t.Errorf("%s: the API has no field %s", v.names, f)
			}
		}
		if len(listed(v.tests)) == 0 && v.note == "" {
			t.Errorf("%s: nothing proves it", v.names)
		}
		proved(t, v.names, v.tests)
	}
	for _, m := range mistakes {
		proved(t, m.theirs, m.tests)
	}
}

// listed splits a list in one text, at semicolons.
func listed(s string) []string {
	return strings.FieldsFunc(s, func(r rune) bool { return r == ';' })
}

// exists reports whether a type has a field by its path in JSON.
func exists(typ reflect.Type, path string) bool {
	name, rest, deeper := strings.Cut(strings.TrimSpace(path), ".")
	for typ.Kind() == reflect.Pointer {
		typ = typ.Elem()
	}
	if typ.Kind() != reflect.Struct {
		return false
	}
	for i := range typ.NumField() {
		if tag, _, _ := strings.Cut(typ.Field(i).Tag.Get("json"), ","); tag == name {
			return !deeper || exists(typ.Field(i).Type, rest)
		}
	}
	return false
}

// proved fails for tests that aren't there.
func proved(t *testing.T, what, tests string) {
	t.Helper()
	for _, test := range listed(tests) {
		dir, name := "test/parity", strings.TrimSpace(test)
		if !strings.HasPrefix(name, "Test") {
			dir, name, _ = strings.Cut(name, " ")
		}
		name, variant, sub := strings.Cut(name, "/")
		if !declared(t, dir)[name] {
			t.Errorf("%s: there is no test %s in %s", what, name, dir)
		}
		if sub && name == "TestVariants" && !isVariant(variant) {
			t.Errorf("%s: there is no variant %s", what, variant)
		}
	}
}

func isVariant(name string) bool {
	for _, v := range allVariants() {
		if v.name == name {
			return true
		}
	}
	return false
}

var declarations = map[string]map[string]bool{}

// declared are the tests of a package by name.
func declared(t *testing.T, dir string) map[string]bool {
	t.Helper()
	if found, read := declarations[dir]; read {
		return found
	}
	files, err := filepath.Glob("../../" + dir + "/*_test.go")
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	for _, file := range files {
		syntax, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range syntax.Decls {
			if f, is := d.(*ast.FuncDecl); is && f.Recv == nil {
				found[f.Name.Name] = true
			}
		}
	}
	declarations[dir] = found
	return found
}

// tables prints the variables and the mistakes.
func tables() string {
	var b strings.Builder
	b.WriteString("\n## Variables\n\nEvery variable of the module, the field below `spec` that stands for it, and the tests that prove it.\n\n| Terraform | Operator | Proof | |\n|---|---|---|---|\n")
	for _, v := range variables {
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", codes(v.names), codes(v.fields), codes(v.tests), v.note)
	}
	b.WriteString("\n## Mistakes of the module\n\n| Terraform | Operator | Proof |\n|---|---|---|\n")
	for _, m := range mistakes {
		fmt.Fprintf(&b, "| %s | %s | %s |\n", m.theirs, m.ours, codes(m.tests))
	}
	return b.String()
}

// codes prints a list of names.
func codes(s string) string {
	var out []string
	for _, e := range listed(s) {
		out = append(out, code(strings.TrimSpace(e)))
	}
	return strings.Join(out, "<br>")
}
