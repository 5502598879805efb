package admission

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	apiextensions "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"github.com/portkey-ai/portkey-ecs-operator/test/manifests"
)

// schema is the CRD's, from the file that users install.
func schema(t *testing.T) apiextensions.JSONSchemaProps {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(crdDir, "ecs.portkey.ai_portkeygateways.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var crd apiextensions.CustomResourceDefinition
	if err := yaml.UnmarshalStrict(data, &crd); err != nil {
		t.Fatal(err)
	}
	return *crd.Spec.Versions[0].Schema.OpenAPIV3Schema
}

// visit calls see for the schema and everything in it; lists add [] to the path, maps {}.
func visit(s apiextensions.JSONSchemaProps, path string, see func(path string, s apiextensions.JSONSchemaProps)) {
	see(path, s)
	for name, p := range s.Properties {
		visit(p, path+"."+name, see)
	}
	if s.Items != nil && s.Items.Schema != nil {
		visit(*s.Items.Schema, path+"[]", see)
	}
	if s.AdditionalProperties != nil && s.AdditionalProperties.Schema != nil {
		visit(*s.AdditionalProperties.Schema, path+"{}", see)
	}
}

// TestEveryRuleRefuses finds rules that no manifest or update of the tables runs into.
func TestEveryRuleRefuses(t *testing.T) {
	c := strict(namespace(t))
	var answers strings.Builder
	for _, tc := range manifests.Invalid {
		if err := c.Create(t.Context(), tc.Object(), client.DryRunAll); err != nil {
			answers.WriteString(err.Error() + "\n")
		}
	}
	for _, u := range manifests.Updates {
		if u.Want == "" {
			continue
		}
		if err := c.Create(t.Context(), u.Before()); err != nil {
			t.Fatalf("%s: %v", u.Name, err)
		}
		var live unstructured.Unstructured
		live.SetGroupVersionKind(u.Before().GroupVersionKind())
		if err := c.Get(t.Context(), client.ObjectKeyFromObject(u.Before()), &live); err != nil {
			t.Fatal(err)
		}
		after := u.After()
		after.SetResourceVersion(live.GetResourceVersion())
		if err := c.Update(t.Context(), after, client.DryRunAll); err != nil {
			answers.WriteString(err.Error() + "\n")
		}
	}

	literal := regexp.MustCompile(`'([^']{12,})'`)
	rules := 0
	visit(schema(t), "", func(path string, s apiextensions.JSONSchemaProps) {
		for _, rule := range s.XValidations {
			rules++
			said := strings.Contains(answers.String(), rule.Message)
			for _, m := range literal.FindAllStringSubmatch(rule.MessageExpression, -1) {
				said = said || strings.Contains(answers.String(), m[1])
			}
			if !said {
				t.Errorf("nothing in the tables is refused by the rule of %s that says %q", path, rule.Message)
			}
		}
	})
	if rules < 100 {
		t.Errorf("only %d rules were looked at", rules)
	}
}

// TestEveryFieldIsValidSomewhere finds fields that no manifest of the tables sets.
func TestEveryFieldIsValidSomewhere(t *testing.T) {
	set := map[string]bool{}
	var walk func(path string, v any)
	walk = func(path string, v any) {
		set[path] = true
		switch v := v.(type) {
		case map[string]any:
			for name, x := range v {
				walk(path+"."+name, x)
				walk(path+"{}", x)
			}
		case []any:
			for _, x := range v {
				walk(path+"[]", x)
			}
		}
	}
	for _, tc := range manifests.Valid {
		walk("", map[string]any{"spec": tc.Object().Object["spec"]})
	}
	// The data service shares the block with the gateway, and is refused this field of it.
	set[".spec.dataService.autoscaling.targetRequestsPerTask"] = true
	missing := map[string]bool{}
	visit(schema(t).Properties["spec"], ".spec", func(path string, _ apiextensions.JSONSchemaProps) { missing[path] = !set[path] })
	for _, path := range slices.Sorted(maps.Keys(missing)) {
		if missing[path] {
			t.Errorf("no valid manifest sets %s", path)
		}
	}
}
