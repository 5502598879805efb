package v1alpha1

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	apiextensions "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"sigs.k8s.io/yaml"
)

// TestCommentsSayWhatAbsenceMeans: what Resolved fills in is what users read after "Not set:", at the field or
// at the block around it.
func TestCommentsSayWhatAbsenceMeans(t *testing.T) {
	data, err := os.ReadFile("../../config/crd/bases/ecs.portkey.ai_portkeygateways.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var crd apiextensions.CustomResourceDefinition
	if err := yaml.UnmarshalStrict(data, &crd); err != nil {
		t.Fatal(err)
	}
	schema := crd.Spec.Versions[0].Schema.OpenAPIV3Schema.Properties["spec"]
	// Said in other words: they follow from other fields.
	follows := map[string]bool{
		"namePrefix": true, "storage.exportBucket": true, "storage.fineTuneBucket": true, "storage.region": true,
		"gateway.rollout.circuitBreaker.rollback": true, "dataService.rollout.circuitBreaker.rollback": true,
		"loadBalancer.allowedCIDRs": true,
	}

	compared := map[string]bool{}
	for _, given := range []string{
		`{loadBalancer: {}, dataService: {autoscaling: {}}, gateway: {autoscaling: {}}, capacity: {ec2: {instanceRefresh: {}}}}`,
		`{loadBalancer: {type: Application}, capacity: {fargate: {}}, gateway: {rollout: {strategy: Canary}}, cache: {elastiCache: {managed: {}}}}`,
		`{capacity: {existing: {}}, gateway: {rollout: {strategy: Linear}}, cache: {elastiCache: {serverless: {}}}}`,
		`{cache: {elastiCache: {endpoint: {}}}}`,
		`{cache: {elastiCache: {managed: {engine: redis}}}}`,
		`{cache: {elastiCache: {serverless: {engine: redis}}}}`,
	} {
		gateway := minimal()
		gateway.Spec.LoadBalancer = nil
		if err := yaml.Unmarshal([]byte(given), &gateway.Spec); err != nil {
			t.Fatal(err)
		}
		before, after := fields(t, gateway.Spec), fields(t, gateway.Resolved())
		var walk func(path string, before, after any, s apiextensions.JSONSchemaProps, said string)
		walk = func(path string, before, after any, s apiextensions.JSONSchemaProps, said string) {
			_, text, _ := strings.Cut(strings.Join(strings.Fields(s.Description), " "), "Not set: ")
			said += " " + text
			if block, ok := after.(map[string]any); ok {
				had, _ := before.(map[string]any)
				for name, v := range block {
					walk(strings.TrimPrefix(path+"."+name, "."), had[name], v, s.Properties[name], said)
				}
				return
			}
			if before != nil || s.Default != nil || follows[path] {
				return
			}
			compared[path] = true
			if value := fmt.Sprint(after); !says(said, value) {
				t.Errorf("spec.%s is %s where it isn't set; the comment says:%s", path, value, said)
			}
		}
		walk("", before, after, schema, "")
	}
	if len(compared) < 50 {
		t.Errorf("only %d fields were compared", len(compared))
	}
}

// says reports whether one of the words is the value, or, of a duration, as long.
func says(text, value string) bool {
	long, err := time.ParseDuration(value)
	for word := range strings.FieldsFuncSeq(text, func(r rune) bool { return strings.ContainsRune(" ,:;()/", r) }) {
		word = strings.TrimSuffix(word, ".")
		if word == value {
			return true
		}
		if d, bad := time.ParseDuration(word); err == nil && bad == nil && d == long {
			return true
		}
	}
	return strings.Contains(text, value) && strings.ContainsAny(value, "/.")
}

func fields(t *testing.T, spec PortkeyGatewaySpec) map[string]any {
	t.Helper()
	data, err := json.Marshal(spec)
	if err != nil {
		t.Fatal(err)
	}
	var out map[string]any
	if err := json.Unmarshal(data, &out); err != nil {
		t.Fatal(err)
	}
	return out
}
