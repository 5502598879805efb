package plugin

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
)

const docFile = "../../docs/kubectl-plugin.md"

// docBlock is a part of the page that is made here: everything between its comment and the next blank line after
// it that isn't inside a code block.
var docBlock = regexp.MustCompile(`(?s)<!-- made: (\w+) ([\w-]+) -->\n.*?<!-- end -->`)

func TestDocumentationShowsWhatIsPrinted(t *testing.T) {
	have, err := os.ReadFile(docFile)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	want := docBlock.ReplaceAllStringFunc(string(have), func(block string) string {
		m := docBlock.FindStringSubmatch(block)
		seen[m[1]+" "+m[2]] = true
		return fmt.Sprintf("<!-- made: %s %s -->\n%s\n<!-- end -->", m[1], m[2], strings.TrimRight(made(t, m[1], m[2]), "\n"))
	})
	for _, name := range []string{"page awaiting-approval", "page rolled-back", "history rolled-back", "json done", "json status",
		"fields Status", "fields List", "fields Condition", "fields Service", "fields Rollout", "fields Action", "fields Plan", "fields Change",
		"fields Remaining", "fields Event", "fields History", "fields Done",
		"verify passed", "verify no-dns-record", "fields Verified", "fields Check"} {
		if !seen[name] {
			t.Errorf("the documentation has no %q", name)
		}
	}
	switch {
	case *update:
		if err := os.WriteFile(docFile, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	case want != string(have):
		t.Errorf("%s is out of date: run go test ./internal/plugin -update", docFile)
	}
}

func made(t *testing.T, what, name string) string {
	t.Helper()
	switch what {
	case "page":
		return fenced("text", page1(pages[name](), false))
	case "history":
		return fenced("text", historyPage(historyOf(pages[name]()), now, false, programName+" rollback portkey-gateway -n prod"))
	case "verify":
		_, page := verifications[name](t)
		return fenced("text", page)
	case "fields":
		return fieldsTable(t, name)
	}
	var v any
	if name == "done" {
		v = &Done{Namespace: "prod", Name: "portkey-gateway", Action: "promote", Annotation: v1alpha1.AnnotationPromote, Value: "pause-7Yh2",
			Annotated: true, Result: v1alpha1.ActionDone, Message: "the rollout goes on", At: agoPtr(0)}
	} else {
		status := view(awaiting())
		status.Events = someEvents[:1]
		status.Services, status.History = status.Services[:1], status.History[:1]
		v = status
	}
	text, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return fenced("json", string(text))
}

func fenced(language, text string) string {
	return "```" + language + "\n" + strings.TrimRight(text, "\n") + "\n```"
}

// fieldsTable lists the fields of a type with their comments. Fields without one go with the one before.
func fieldsTable(t *testing.T, name string) string {
	t.Helper()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	out := "| Field | |\n|---|---|\n"
	for _, path := range files {
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			spec, ok := n.(*ast.TypeSpec)
			if !ok || spec.Name.Name != name {
				return true
			}
			var names []string
			var comment string
			row := func() {
				if len(names) > 0 {
					out += "| " + strings.Join(names, ", ") + " | " + comment + " |\n"
				}
			}
			for _, field := range spec.Type.(*ast.StructType).Fields.List {
				if text := strings.Join(strings.Fields(field.Doc.Text()), " "); text != "" {
					row()
					names, comment = nil, text
				}
				tag, _, _ := strings.Cut(reflect.StructTag(strings.Trim(field.Tag.Value, "`")).Get("json"), ",")
				if tag == "" {
					tag = "…"
				}
				names = append(names, "`"+tag+"`")
			}
			row()
			return false
		})
	}
	return out
}

func TestMachinesReadTheSameInBothFormats(t *testing.T) {
	for name, make := range pages {
		l := newLab(t, make())
		for _, verb := range []string{"status", "history"} {
			_, asJSON, errs := l.run(t.Context(), verb+" portkey-gateway -o json")
			_, asYAML, _ := l.run(t.Context(), verb+" portkey-gateway -o yaml")
			converted, err := yaml.YAMLToJSON([]byte(asYAML))
			if err != nil {
				t.Fatal(err)
			}
			var a, b map[string]any
			if err := json.Unmarshal([]byte(asJSON), &a); err != nil {
				t.Fatalf("%s: %v: %q %q", name, err, asJSON, errs)
			}
			if err := json.Unmarshal(converted, &b); err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(a, b) {
				t.Errorf("%s of %s: %v, %v", verb, name, a, b)
			}
			for _, list := range []string{"services", "actions", "events", "history"} {
				if _, isList := a[list].([]any); !isList && (verb == "status" || list == "history") {
					t.Errorf("%s of %s: %s is %v, want a list even where it is empty", verb, name, list, a[list])
				}
			}
		}
	}
	l := newLab(t, serving())
	for line, want := range map[string]int{"status -o json": 1, "status -A -o json": 1, "status -n other -o json": 1} {
		_, out, _ := l.run(t.Context(), line)
		list := &List{}
		if err := json.Unmarshal([]byte(out), list); err != nil || len(list.Items) != want {
			t.Errorf("%s: %v %q", line, err, out)
		}
	}
}

// TestNothingButTheStatusIsShown fills what may be confidential with a word, and looks for it.
func TestNothingButTheStatusIsShown(t *testing.T) {
	const secret = "s3cr3t"
	for name, make := range pages {
		gw := make()
		if gw.Annotations == nil {
			gw.Annotations = map[string]string{}
		}
		gw.Annotations["kubectl.kubernetes.io/last-applied-configuration"] = secret
		gw.Spec.Gateway = &v1alpha1.Gateway{}
		gw.Spec.Gateway.Env = v1alpha1.Environment{"KEY": secret}
		gw.Spec.Credentials.License.SecretARN = secret
		gw.Status.Outputs = &v1alpha1.Outputs{BedrockTrustPolicy: secret, TaskRoleARNs: map[string]string{"gateway": secret}}
		for i := range gw.Status.Resources {
			gw.Status.Resources[i].Out = map[string]string{"x": secret}
		}
		if gw.Status.Plan != nil {
			gw.Status.Plan.Changes[1].Fields[0].Have, gw.Status.Plan.Changes[1].Fields[0].Want = secret, secret
		}
		l := newLab(t, gw)
		l.answer = agrees
		for _, line := range []string{"status", "status -o json", "history portkey-gateway", "history portkey-gateway -o yaml",
			"promote portkey-gateway", "rollback portkey-gateway -o json", "abort portkey-gateway --dry-run"} {
			if code, out, errs := l.run(t.Context(), line); strings.Contains(out+errs, secret) || code == exitUsage {
				t.Errorf("%s of %s: %d %q %q", line, name, code, out, errs)
			}
		}
	}
}

func TestQuotedWordsAreOneWordToAShell(t *testing.T) {
	for word, want := range map[string]string{"prod": "prod", "": "''", "a b": "'a b'", "it's": `'it'\''s'`, "$(x)": "'$(x)'", "arn:a/b@c": "arn:a/b@c"} {
		if have := quoted(word); have != want {
			t.Errorf("%q: %s, want %s", word, have, want)
		}
	}
}
