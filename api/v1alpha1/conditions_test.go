package v1alpha1

import (
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write docs/conditions.md")

// TestVocabulary: every constant is documented, and nothing else is.
func TestVocabulary(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "conditions.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var types, reasons []string
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || len(spec.Names) != 1 || len(spec.Values) != 1 {
			return true
		}
		literal, ok := spec.Values[0].(*ast.BasicLit)
		if !ok {
			return true
		}
		value, err := strconv.Unquote(literal.Value)
		if err != nil {
			return true
		}
		name := spec.Names[0].Name
		for prefix, list := range map[string]*[]string{"Condition": &types, "Reason": &reasons} {
			if strings.HasPrefix(name, prefix) {
				*list = append(*list, value)
				if name != prefix+value {
					t.Errorf("%s is %q", name, value)
				}
			}
		}
		return true
	})

	var documented, explained, used []string
	for _, c := range Conditions {
		documented = append(documented, c.Type)
		for status, list := range map[string][]string{"True": c.True, "False": c.False, "Unknown": c.Unknown} {
			used = append(used, list...)
			if unique := slices.Compact(slices.Sorted(slices.Values(list))); len(unique) != len(list) {
				t.Errorf("%s: %s lists a reason twice", c.Type, status)
			}
			for _, r := range list {
				if !Documented(c.Type, status, r) {
					t.Errorf("Documented denies %s=%s/%s", c.Type, status, r)
				}
			}
		}
		if c.Abnormal != (len(c.False)+len(c.Unknown) == 0) {
			t.Errorf("%s: what is only ever True is there only while it is, and the other way round", c.Type)
		}
	}
	for _, r := range Reasons {
		explained = append(explained, r.Reason)
	}
	if diff := cmp.Diff(types, documented); diff != "" {
		t.Errorf("constants and Conditions differ:\n%s", diff)
	}
	if diff := cmp.Diff(reasons, explained); diff != "" {
		t.Errorf("constants and Reasons differ:\n%s", diff)
	}
	for _, r := range reasons {
		if !slices.Contains(used, r) {
			t.Errorf("no condition has reason %s", r)
		}
	}
	for _, bad := range [][3]string{{ConditionReady, "True", ReasonConflict}, {ConditionReady, "Maybe", ReasonReconciled}, {"Happy", "True", ReasonReconciled}} {
		if Documented(bad[0], bad[1], bad[2]) {
			t.Errorf("Documented allows %v", bad)
		}
	}
}

// TestConditionsDoc: docs/conditions.md says the same. After a change: go test ./api/... -run ConditionsDoc -update
func TestConditionsDoc(t *testing.T) {
	const path = "../../docs/conditions.md"
	want := conditionsDoc()
	if *update {
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("docs/conditions.md is out of date; run: go test ./api/... -run ConditionsDoc -update\n%s", diff)
	}
}

func conditionsDoc() string {
	var b strings.Builder
	b.WriteString(`<!-- Made from api/v1alpha1/conditions.go: go test ./api/... -run ConditionsDoc -update -->
# Conditions and reasons

` + "`kubectl describe pkgw NAME`" + ` shows them, with a message that names the object and says what to do.
Types and reasons are API: scripts and alerts may rely on them. Every condition carries the
` + "`observedGeneration`" + ` it speaks of.

Ready, Reconciling and Stalled follow
[kstatus](https://github.com/kubernetes-sigs/cli-utils/blob/master/pkg/kstatus/README.md), so these work as they
are: ` + "`kubectl wait --for=condition=Ready pkgw/NAME`" + `, ` + "`helm --wait`" + `, Flux health checks. Page on
Available, ask about Stalled.

## Conditions

`)
	for _, c := range Conditions {
		fmt.Fprintf(&b, "### %s\n\n%s", c.Type, c.Meaning)
		if c.Abnormal {
			b.WriteString(" The condition is absent otherwise.")
		}
		b.WriteString("\n\n| Status | Reasons |\n|---|---|\n")
		for _, row := range []struct {
			status  string
			reasons []string
		}{{"True", c.True}, {"False", c.False}, {"Unknown", c.Unknown}} {
			if len(row.reasons) > 0 {
				links := make([]string, len(row.reasons))
				for i, r := range row.reasons {
					links[i] = fmt.Sprintf("[%s](#%s)", r, anchor(r))
				}
				fmt.Fprintf(&b, "| %s | %s |\n", row.status, strings.Join(links, ", "))
			}
		}
		b.WriteString("\n")
	}
	b.WriteString("## Reasons\n\n| Reason | What is the case | What to do |\n|---|---|---|\n")
	for _, r := range Reasons {
		do := r.Do
		if do == "" {
			do = "–"
		}
		fmt.Fprintf(&b, "| <a id=%q></a>%s | %s | %s |\n", anchor(r.Reason), r.Reason, r.Meaning, do)
	}
	return b.String()
}

func anchor(reason string) string { return "reason-" + strings.ToLower(reason) }
