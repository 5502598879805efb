package reference

import (
	"os"
	"strings"
	"testing"

	apiextensions "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"sigs.k8s.io/yaml"
)

func TestPage(t *testing.T) {
	var crd apiextensions.CustomResourceDefinition
	if err := yaml.UnmarshalStrict([]byte(`
spec:
  group: example.com
  scope: Cluster
  names: {kind: Ship, plural: ships, shortNames: [sh]}
  versions:
  - name: v1
    storage: true
    served: true
    schema:
      openAPIV3Schema:
        type: object
        description: "Ship is\na ship.\n\nIt floats."
        properties:
          spec:
            type: object
            description: Spec is the ship.
            required: [name]
            x-kubernetes-validations:
            - {rule: "self.bow.size > 1", fieldPath: .bow.size, message: write more}
            - {rule: "self == oldSelf", message: can't change}
            properties:
              age: {type: string, description: Age is how old., x-kubernetes-validations: [{rule: "duration(self) > 1", message: older}]}
              bow: &anchor
                type: object
                description: Bow is a mast.
                properties: {size: {type: integer, minimum: 1, maximum: 9, description: Size is a | b.}}
              masts: {type: array, maxItems: 3, items: *anchor, description: Masts are masts.}
              flags: {type: object, maxProperties: 2, additionalProperties: *anchor, description: Flags fly.}
              kind: {type: string, enum: [Sail, Steam], default: Sail, description: Kind is which.}
              name: {type: string, description: Name is its name.}
              ports: {type: array, items: {type: string, x-kubernetes-validations: [{rule: "self != ''", message: write a port}]}, description: Ports are ports.}
`), &crd); err != nil {
		t.Fatal(err)
	}
	got := Page(crd)
	for _, want := range []string{
		"\n## Ship\n\n`example.com/v1`, cluster, short name `sh`\n\nShip is a ship.\n\nIt floats.\n",
		"| `name` | string, required | Name is its name. |\n| `age` | duration | Age is how old. |", // required ones first
		"| `kind` | Sail, Steam | Kind is which. Default: Sail. |",
		"| `bow` | [object](#specbow) |",
		"| `masts` | [list of objects, at most 3](#specflagsname) |", // has no rule about its size
		"| `flags` | [map of objects, at most 2](#specflagsname) |",
		"| `size` | integer, 1 to 9 | Size is a \\| b. |",
		"### spec.flags.NAME\n",
		"\nRules:\n\n- On a change: can't change\n- `age`: older\n- `ports`: write a port\n",
		"\nRules:\n\n- `size`: write more\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%q isn't in:\n%s", want, got)
		}
	}
	if strings.Contains(got, "### spec.masts") {
		t.Errorf("a block is printed twice:\n%s", got)
	}
}

// TestEveryRuleIsPrinted: nothing that the API server refuses with is missing in the real page, and no link
// leads nowhere.
func TestEveryRuleIsPrinted(t *testing.T) {
	data, err := os.ReadFile("../../config/crd/bases/ecs.portkey.ai_portkeygateways.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var crd apiextensions.CustomResourceDefinition
	if err := yaml.UnmarshalStrict(data, &crd); err != nil {
		t.Fatal(err)
	}
	got := Page(crd)
	var walk func(path string, s apiextensions.JSONSchemaProps)
	walk = func(path string, s apiextensions.JSONSchemaProps) {
		for _, v := range s.XValidations {
			if !strings.Contains(got, v.Message+"\n") {
				t.Errorf("the page lacks a rule of %s: %s", path, v.Message)
			}
		}
		for name, p := range s.Properties {
			if !strings.Contains(got, "| `"+name+"` |") && path != "" {
				t.Errorf("the page lacks %s.%s", path, name)
			}
			walk(path+"."+name, p)
		}
		if item := items(s); item != nil {
			walk(path, *item)
		}
	}
	walk("", *crd.Spec.Versions[0].Schema.OpenAPIV3Schema)
	for _, part := range strings.Split(got, "](#")[1:] {
		link, _, _ := strings.Cut(part, ")")
		found := false
		for line := range strings.Lines(got) {
			heading, ok := strings.CutPrefix(line, "### ")
			found = found || ok && anchor(strings.TrimSpace(heading)) == link
		}
		if !found {
			t.Errorf("nothing is called #%s", link)
		}
	}
}
