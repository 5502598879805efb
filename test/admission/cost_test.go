package admission

import (
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"testing"

	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/validation"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel"
	celconfig "k8s.io/apiserver/pkg/apis/cel"
	"k8s.io/apiserver/pkg/cel/environment"
	"sigs.k8s.io/yaml"
)

// An API server refuses a CRD whose rules it estimates above these. Staying at a tenth of them leaves room
// for the fields still to come, and for estimates that change between Kubernetes versions.
const (
	ruleBudget = validation.StaticEstimatedCostLimit / 10
	crdBudget  = validation.StaticEstimatedCRDCostLimit / 10
)

// TestRuleCost estimates every rule as the API server does when the CRD is installed.
func TestRuleCost(t *testing.T) {
	data, err := os.ReadFile(filepath.Join(crdDir, "ecs.portkey.ai_portkeygateways.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var crd apiextensionsv1.CustomResourceDefinition
	if err := yaml.UnmarshalStrict(data, &crd); err != nil {
		t.Fatal(err)
	}
	var schema apiextensions.JSONSchemaProps
	if err := apiextensionsv1.Convert_v1_JSONSchemaProps_To_apiextensions_JSONSchemaProps(crd.Spec.Versions[0].Schema.OpenAPIV3Schema, &schema, nil); err != nil {
		t.Fatal(err)
	}
	var costs []cost
	walk(t, validation.RootCELContext(&schema), &schema, "", &costs)
	sort.Slice(costs, func(i, j int) bool { return costs[i].cost > costs[j].cost })

	var total uint64
	for i, c := range costs {
		total += c.cost
		if c.cost > ruleBudget {
			t.Errorf("%s costs %d, more than %d: bound what it looks at, or make it simpler", c.rule, c.cost, ruleBudget)
		}
		if i < 5 || testing.Verbose() {
			t.Logf("%9d %s", c.cost, c.rule)
		}
	}
	t.Logf("%9d in %d rules and messages, %.1f %% of what an API server takes", total, len(costs),
		100*float64(total)/validation.StaticEstimatedCRDCostLimit)
	if total > crdBudget {
		t.Errorf("all rules together cost %d, more than %d", total, crdBudget)
	}
}

type cost struct {
	rule string
	cost uint64
}

func walk(t *testing.T, ctx *validation.CELSchemaContext, schema *apiextensions.JSONSchemaProps, path string, costs *[]cost) {
	t.Helper()
	if len(schema.XValidations) > 0 {
		info, err := ctx.TypeInfo()
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		results, err := cel.Compile(info.Schema, info.DeclType, celconfig.PerCallLimit,
			environment.MustBaseEnvSet(environment.DefaultCompatibilityVersion()), cel.NewExpressionsEnvLoader())
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		for i, r := range results {
			name := fmt.Sprintf("%s[%d]", path, i)
			switch {
			case r.Error != nil:
				t.Errorf("%s: %v", name, r.Error)
				continue
			case r.MessageExpressionError != nil:
				t.Errorf("%s: message: %v", name, r.MessageExpressionError)
				continue
			case ctx.MaxCardinality == nil:
				t.Errorf("%s lies in a list or map without bounds", name)
				continue
			}
			*costs = append(*costs, cost{name, r.MaxCost * *ctx.MaxCardinality})
			if r.MessageExpression != nil {
				*costs = append(*costs, cost{name + " message", r.MessageExpressionMaxCost})
			}
		}
	}
	for name := range schema.Properties {
		child := schema.Properties[name]
		walk(t, ctx.ChildPropertyContext(&child, name), &child, path+"."+name, costs)
	}
	if schema.Items != nil && schema.Items.Schema != nil {
		walk(t, ctx.ChildItemsContext(schema.Items.Schema), schema.Items.Schema, path+"[*]", costs)
	}
	if schema.AdditionalProperties != nil && schema.AdditionalProperties.Schema != nil {
		walk(t, ctx.ChildAdditionalPropertiesContext(schema.AdditionalProperties.Schema), schema.AdditionalProperties.Schema, path+"{*}", costs)
	}
}
