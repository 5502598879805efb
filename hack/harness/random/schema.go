// Package random makes random gateways that the API server takes, and random edits of them, from the CRD's own
// schema: whatever field or value is added there is tried without anybody having to think of it. What the schema
// can't know, such as which buckets exist, is in World and in the vocabulary.
package random

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/listtype"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
	celconfig "k8s.io/apiserver/pkg/apis/cel"
	"sigs.k8s.io/yaml"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
)

// admission validates gateways as the API server does, without one: types and bounds, lists that are sets, and the
// rules, those for updates among them.
type admission struct {
	whole      apiextensionsv1.JSONSchemaProps
	structural *schema.Structural
	values     validation.SchemaValidator
	rules      *cel.Validator
}

// crd is read and compiled once: compiling its rules takes a second.
var crd = sync.OnceValue(func() *admission {
	text, err := os.ReadFile(filepath.Join(root(), "config", "crd", "bases", "ecs.portkey.ai_portkeygateways.yaml"))
	must(err)
	var definition apiextensionsv1.CustomResourceDefinition
	must(yaml.UnmarshalStrict(text, &definition))
	a := &admission{whole: *definition.Spec.Versions[0].Schema.OpenAPIV3Schema}
	var internal apiextensions.JSONSchemaProps
	must(apiextensionsv1.Convert_v1_JSONSchemaProps_To_apiextensions_JSONSchemaProps(&a.whole, &internal, nil))
	a.structural, err = schema.NewStructural(&internal)
	must(err)
	a.values, _, err = validation.NewSchemaValidator(&internal)
	must(err)
	a.rules = cel.NewValidator(a.structural, true, celconfig.PerCallLimit)
	return a
})

// refused is why the API server takes a spec of a gateway not, after another unless that is nil.
func (a *admission) refused(spec, old map[string]any) field.ErrorList {
	object := envelope(spec)
	if errs := validation.ValidateCustomResource(nil, object, a.values); len(errs) > 0 {
		return inOrder(errs) // the rules take the types for granted
	}
	errs := listtype.ValidateListSetsAndMaps(nil, a.structural, object)
	var before any
	if old != nil {
		before = envelope(old)
	}
	more, _ := a.rules.Validate(context.Background(), nil, a.structural, object, before, celconfig.RuntimeCELCostBudget)
	return inOrder(append(errs, more...))
}

// inOrder sorts errors, which come in any order where they are about the values of a map: the same seed must make the
// same.
func inOrder(errs field.ErrorList) field.ErrorList {
	slices.SortStableFunc(errs, func(a, b *field.Error) int { return cmp.Compare(a.Error(), b.Error()) })
	return errs
}

// Refused is why the API server refuses a gateway's spec, after the one that it had; nil when it takes it.
func Refused(spec, old v1alpha1.PortkeyGatewaySpec) error {
	return crd().refused(object(spec), object(old)).ToAggregate()
}

func envelope(spec map[string]any) map[string]any {
	return map[string]any{
		"apiVersion": v1alpha1.GroupVersion.String(), "kind": "PortkeyGateway", "metadata": map[string]any{"name": "gw", "namespace": "default"}, "spec": spec,
	}
}

// typed is a spec as the controller reads it.
func typed(spec map[string]any) v1alpha1.PortkeyGatewaySpec {
	text, err := json.Marshal(spec)
	must(err)
	var out v1alpha1.PortkeyGatewaySpec
	must(yaml.UnmarshalStrict(text, &out))
	return out
}

// object is a spec as it is written: whole numbers are int64, as the API server decodes them.
func object(spec v1alpha1.PortkeyGatewaySpec) map[string]any {
	text, err := json.Marshal(spec)
	must(err)
	var out map[string]any
	must(json.Unmarshal(text, &out))
	return whole(out).(map[string]any)
}

func whole(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k := range v {
			v[k] = whole(v[k])
		}
	case []any:
		for i := range v {
			v[i] = whole(v[i])
		}
	case float64:
		return int64(v)
	}
	return v
}

// root is the folder of go.mod: tests run in the folder of their package.
func root() string {
	dir, err := os.Getwd()
	must(err)
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			panic(fmt.Sprintf("no go.mod above %s", dir))
		}
		dir = parent
	}
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}
