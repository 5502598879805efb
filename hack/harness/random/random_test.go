package random

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	apiextensions "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/hack/harness"
)

// impossible are the fields that no spec here has, and why.
var impossible = map[string]string{
	"controlPlane.inbound.privateLink.privateDNSName": "it waits for a record in somebody's DNS",
	"dataService.autoscaling.targetRequestsPerTask":   "no load balancer counts the data service's requests, and a rule says so",
}

// TestEverySpecOccurs makes specs and finds fields and values of enumerations that none of them has: a field that
// lands in the CRD is reached by itself, or needs words.
func TestEverySpecOccurs(t *testing.T) {
	harness.Unraced(t)
	w := Prepare(harness.New())
	seen := map[string]bool{}
	for seed := range uint64(500) {
		occurs(specSchema(), "", object(New(seed, w).Spec()), seen)
	}
	for _, field := range Fields() {
		if why := impossible[field]; seen[field] == (why != "") {
			t.Errorf("spec.%s occurs: %t (%s)", field, seen[field], why)
		}
	}
	enumerations(specSchema(), "", func(path string, value any) {
		if what := fmt.Sprintf("%s=%v", path, value); !seen[what] {
			t.Errorf("never spec.%s", what)
		}
	})
}

// occurs collects the fields of a value, and the values of enumerations.
func occurs(s apiextensions.JSONSchemaProps, path string, v any, seen map[string]bool) {
	seen[path] = true
	switch v := v.(type) {
	case map[string]any:
		for name, x := range v {
			if p, ok := s.Properties[name]; ok {
				occurs(p, join(path, name), x, seen)
			} else {
				occurs(*s.AdditionalProperties.Schema, path+"{}", x, seen)
			}
		}
	case []any:
		for _, x := range v {
			occurs(*s.Items.Schema, path+"[]", x, seen)
		}
	}
	if len(s.Enum) > 0 {
		seen[fmt.Sprintf("%s=%v", path, v)] = true
	}
}

func enumerations(s apiextensions.JSONSchemaProps, path string, see func(string, any)) {
	for _, v := range s.Enum {
		see(path, scalar(v))
	}
	for name, p := range s.Properties {
		enumerations(p, join(path, name), see)
	}
	if s.Items != nil {
		enumerations(*s.Items.Schema, path+"[]", see)
	}
	if s.AdditionalProperties != nil {
		enumerations(*s.AdditionalProperties.Schema, path+"{}", see)
	}
}

// TestVocabularyIsOfTheSchema finds words for fields that there aren't.
func TestVocabularyIsOfTheSchema(t *testing.T) {
	fields := Fields()
	for path := range vocabulary(World{}) {
		field := strings.TrimSuffix(path, "{names}")
		if !slices.Contains(fields, field) {
			t.Errorf("there is no spec.%s", field)
		}
	}
}

// TestAfterMayFollow: what is made to follow a spec may follow it by the rules, and mostly differs in more than a
// few fields; what isn't made for that is refused often enough to show that the rules are asked.
func TestAfterMayFollow(t *testing.T) {
	harness.Unraced(t)
	w := Prepare(harness.New())
	refused, same := 0, 0
	for seed := range uint64(24) {
		g := New(seed, w)
		a := g.Spec()
		for _, b := range []v1alpha1.PortkeyGatewaySpec{g.After(a), g.Edit(a)} {
			if err := Refused(b, a); err != nil {
				t.Errorf("seed %d: %v", seed, err)
			}
			if reflect.DeepEqual(a, b) {
				same++
			}
		}
		if Refused(g.Spec(), a) != nil {
			refused++
		}
	}
	if refused < 8 || same > 0 {
		t.Errorf("%d of 24 that weren't made to follow are refused, and %d are the same", refused, same)
	}
}

// TestSeeds: the same seed makes the same.
func TestSeeds(t *testing.T) {
	w, v := Prepare(harness.New()), Prepare(harness.New())
	if w != v {
		t.Fatalf("two worlds differ: %+v and %+v", w, v)
	}
	for seed := range uint64(10) {
		g, h := New(seed, w), New(seed, v)
		a, b := g.Spec(), h.Spec()
		if !reflect.DeepEqual(object(a), object(b)) || !reflect.DeepEqual(object(g.Edit(a)), object(h.Edit(b))) {
			t.Errorf("seed %d makes different specs", seed)
		}
	}
}

// TestZoneIsAsked: resolvers ask the hosted zone of random gateways, so that certificates that they request are issued.
func TestZoneIsAsked(t *testing.T) {
	h := harness.New()
	Prepare(h)
	h.Emulator.World.Lock()
	defer h.Emulator.World.Unlock()
	for _, host := range []string{gatewayHost, mcpHost} {
		h.Emulator.Route53.AddRecord(zoneID, "_proof."+host, "CNAME", "theirs.example.net")
		if got := h.Emulator.Route53.Lookup("_proof."+host, "CNAME"); len(got) != 1 {
			t.Errorf("%s: resolvers find %v", host, got)
		}
	}
}
