package parity

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
)

// planned is a resource of Terraform's plan.
type planned struct {
	Address string         `json:"address"`
	Type    string         `json:"type"`
	Values  map[string]any `json:"values"`
	// Later are the attributes that are known after apply.
	Later []string `json:"known_after_apply"`
	// instead is what is planned otherwise in a variant of the example; empty is what isn't planned.
	instead fields
}

// fields are the settings of a resource in Terraform's words, by their path.
type fields map[string]string

// plan is what Terraform plans for an example; what Terraform or the seed named is called what it is.
func (e example) plan(t *testing.T) []planned {
	t.Helper()
	b, err := os.ReadFile("testdata/" + e.name + ".json")
	if err != nil {
		t.Fatal(err)
	}
	named := maps.Clone(e.named)
	maps.Copy(named, moduleNames)
	var all []planned
	text := strings.ReplaceAll(labels(named).Replace(string(b)), e.instead[0], e.instead[1])
	if err := json.Unmarshal([]byte(text), &all); err != nil {
		t.Fatal(err)
	}
	if len(all) < 60 {
		t.Fatalf("the plan has only %d resources", len(all))
	}
	return all
}

// moduleNames are what the module calls its objects, and which these are.
var moduleNames = map[string]string{
	"arn:aws:ecs:us-east-1:123456789012:cluster/portkey-gateway-cluster": "{cluster/main}",
	"portkey-gateway-cluster":                 "{cluster/main}",
	"service/portkey-gateway-cluster/gateway": "service/{cluster/main}/{service/gateway}",
	"/aws/ecs/portkey-gateway-cluster":        "{log-group/cluster}",
	"/ecs/portkey-gateway/gateway":            "{log-group/gateway}",
	"/ecs/portkey-gateway/data-service":       "{log-group/data-service}",
	"/ecs/portkey-gateway/redis":              "{log-group/redis}",
	`"primary_provider"`:                      `"{capacity-provider/ec2}"`,
	"ami-0c1f44f890950b53c":                   "{recommended arm64 image}",
}

// fields are the resource's planned settings.
func (p planned) fields() fields {
	out := fields{}
	for k, v := range p.Values {
		out.put(k, v)
	}
	if encoded, is := out["user_data"]; is {
		script, err := base64.StdEncoding.DecodeString(encoded)
		if err != nil {
			panic(err)
		}
		out["user_data"] = labels(moduleNames).Replace(string(script))
	}
	return out
}

// put adds a value with everything in it. Elements of lists go by their name, key or number where they
// have one: their order says nothing. A policy is one value.
func (f fields) put(path string, value any) {
	switch v := value.(type) {
	case map[string]any:
		if doc, is := v["json"]; is {
			if statements, policy := doc.(map[string]any); policy {
				f[path] = canonical(statements)
				return
			}
			f.put(path, doc)
			return
		}
		for k, e := range v {
			f.put(path+"."+k, e)
		}
	case []any:
		if len(v) == 0 {
			return // nothing is as good as no list
		}
		for i, e := range v {
			f.put(fmt.Sprintf("%s[%s]", path, key(i, e)), e)
		}
	case nil:
	default:
		f[path] = text(v)
	}
}

func key(i int, element any) string {
	m, is := element.(map[string]any)
	if is {
		for _, k := range []string{"key", "rule_no"} {
			if v, has := m[k]; has {
				return text(v)
			}
		}
		_, port := m["containerPort"]
		if _, image := m["image"]; !port && !image && m["name"] != nil {
			return text(m["name"])
		}
	}
	return fmt.Sprint(i)
}

func text(v any) string {
	if s, is := v.(string); is {
		return s
	}
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(b)
}

// canonical prints a policy: what IAM takes as one value or as a list is a sorted list.
func canonical(document any) string {
	switch v := document.(type) {
	case string:
		var d any
		if err := json.Unmarshal([]byte(v), &d); err != nil {
			panic(err)
		}
		return canonical(d)
	case map[string]any:
		for _, s := range v["Statement"].([]any) {
			statement := s.(map[string]any)
			for _, k := range []string{"Action", "Resource"} {
				list(statement, k)
			}
			if p, is := statement["Principal"].(map[string]any); is {
				list(p, "Service")
			}
		}
		return text(v)
	default:
		panic(fmt.Sprintf("no policy: %v", v))
	}
}

func list(m map[string]any, k string) {
	switch v := m[k].(type) {
	case string:
		m[k] = []any{v}
	case []any:
		slices.SortFunc(v, func(a, b any) int { return strings.Compare(a.(string), b.(string)) })
	}
}
