package random

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"

	apiextensions "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
)

// Generator makes gateways and edits. The same seed makes the same.
type Generator struct {
	rng *rand.Rand
	// words are values by the path of their field; see vocabulary.
	words map[string][]any
}

// New returns a generator for a world.
func New(seed uint64, w World) *Generator {
	return &Generator{rng: rand.New(rand.NewPCG(seed, 0x706f72746b6579)), words: vocabulary(w)}
}

// Spec is any spec that the API server takes for a new gateway.
func (g *Generator) Spec() v1alpha1.PortkeyGatewaySpec {
	return typed(g.admitted(g.draft(), nil))
}

// After is any spec that the API server takes in the place of another: it has nothing in common with it but what
// can't change.
func (g *Generator) After(before v1alpha1.PortkeyGatewaySpec) v1alpha1.PortkeyGatewaySpec {
	old := object(before)
	next := g.draft()
	keep(next, old)
	return typed(g.admitted(next, old))
}

// draft is a spec before the rules were asked.
func (g *Generator) draft() map[string]any {
	spec := g.value(specSchema(), "").(map[string]any)
	g.together(spec)
	return spec
}

// Edit changes one to three fields of a spec, and what has to change with them for the API server to take it.
func (g *Generator) Edit(before v1alpha1.PortkeyGatewaySpec) v1alpha1.PortkeyGatewaySpec {
	for {
		old, next := object(before), object(before)
		for range 1 + g.rng.IntN(3) {
			g.remake(next, g.anyField())
		}
		keep(next, old)
		if after := typed(g.admitted(next, old)); !reflect.DeepEqual(after, before) {
			return after
		}
	}
}

// specSchema is the schema of spec.
func specSchema() apiextensions.JSONSchemaProps { return crd().whole.Properties["spec"] }

// keep takes over what can't change. The rules say what that is: TestAfterMayFollow finds what is missing here.
func keep(next, old map[string]any) {
	same := func(field string) {
		if v, ok := old[field]; ok {
			next[field] = v
		} else {
			delete(next, field)
		}
	}
	same("region")
	same("namePrefix")
	network, capacity := child(old, "network"), child(old, "capacity")
	switch existing := child(network, "existing"); {
	case existing != nil:
		next["network"] = map[string]any{"existing": existing}
	case child(next, "network", "existing") != nil:
		same("network")
	default:
		if cidr, ok := child(network, "vpc")["cidr"]; ok {
			ensure(next, "network", "vpc")["cidr"] = cidr
		} else {
			delete(child(next, "network", "vpc"), "cidr")
		}
	}
	if existing := child(capacity, "existing"); existing != nil || child(next, "capacity", "existing") != nil {
		same("capacity")
	}
}

// attempts bounds how often a spec is mended; what the rules ask for is found much earlier.
const attempts = 400

// admitted mends a spec until the API server takes it: what it complains of is made anew, or left out, or
// if that doesn't help what it lies in.
func (g *Generator) admitted(spec, old map[string]any) map[string]any {
	var last string
	for i := range attempts {
		sensible(spec)
		errs := crd().refused(spec, old)
		if len(errs) == 0 {
			return spec
		}
		last = errs[0].Error()
		path := strings.TrimPrefix(strings.TrimPrefix(errs[g.rng.IntN(len(errs))].Field, "spec"), ".")
		for range g.rng.IntN(1 + min(i/10, 3)) {
			path = parent(path)
		}
		g.remake(spec, path)
		if old != nil {
			keep(spec, old)
		}
	}
	panic(fmt.Sprintf("the API server takes nothing of what was made: %s\n%v", last, spec))
}

// remake gives the field at a path another value, or none.
func (g *Generator) remake(spec map[string]any, path string) {
	s, at, in := specSchema(), "", spec
	steps := split(path)
	for i, step := range steps {
		p, known := s.Properties[step]
		required := slices.Contains(s.Required, step)
		switch last := i == len(steps)-1; {
		case !known && i > 0: // in a list or a map: all of that is made anew
			g.remake(spec, strings.Join(steps[:i], "."))
			return
		case !known:
			return
		case last && !required && g.rng.IntN(3) == 0:
			delete(in, step)
			return
		case last, len(g.words[join(at, step)]) > 0: // a block of the vocabulary is made as a whole
			in[step] = g.value(p, join(at, step))
			return
		}
		next, is := in[step].(map[string]any)
		if !is {
			if _, there := in[step]; there || p.Type != "object" || len(p.Properties) == 0 {
				g.remake(spec, strings.Join(steps[:i+1], "."))
				return
			}
			next = map[string]any{}
			in[step] = next
		}
		s, at, in = p, join(at, step), next
	}
}

// value makes a value of a schema. A path is that of the field in spec, with [] for the items of a list and {} for
// the values of a map.
func (g *Generator) value(s apiextensions.JSONSchemaProps, path string) any {
	if words := g.words[path]; len(words) > 0 {
		return clone(words[g.rng.IntN(len(words))])
	}
	switch {
	case len(s.Enum) > 0:
		return scalar(s.Enum[g.rng.IntN(len(s.Enum))])
	case s.Type == "boolean":
		return g.rng.IntN(2) == 0
	case s.Type == "integer":
		return g.number(s)
	case s.Type == "array":
		return g.list(s, path)
	case s.Type == "object" && s.AdditionalProperties != nil:
		return g.dictionary(s, path)
	case s.Type == "object":
		return g.block(s, path)
	}
	panic("the vocabulary has no words for " + path + ": add some to vocabulary.go")
}

func (g *Generator) number(s apiextensions.JSONSchemaProps) int64 {
	low, high := int64(0), int64(100)
	if s.Minimum != nil {
		low = int64(*s.Minimum)
	}
	if s.Maximum != nil {
		high = int64(*s.Maximum)
	}
	switch g.rng.IntN(4) {
	case 0:
		return low
	case 1:
		return high
	default:
		return low + g.rng.Int64N(high-low+1)
	}
}

func (g *Generator) list(s apiextensions.JSONSchemaProps, path string) any {
	least, most := 0, 3
	if s.MinItems != nil {
		least = int(*s.MinItems)
	}
	if g.rng.IntN(5) > 0 {
		least = max(least, 1)
	}
	out := []any{}
	for range least + g.rng.IntN(most-least+1) {
		item := g.value(*s.Items.Schema, path+"[]")
		if !slices.ContainsFunc(out, func(had any) bool { return reflect.DeepEqual(had, item) }) {
			out = append(out, item)
		}
	}
	return out
}

func (g *Generator) dictionary(s apiextensions.JSONSchemaProps, path string) any {
	names := g.words[path+"{names}"]
	if len(names) == 0 {
		panic("the vocabulary has no words for " + path + "{names}: add some to vocabulary.go")
	}
	out := map[string]any{}
	for range g.rng.IntN(4) {
		out[names[g.rng.IntN(len(names))].(string)] = g.value(*s.AdditionalProperties.Schema, path+"{}")
	}
	return out
}

func (g *Generator) block(s apiextensions.JSONSchemaProps, path string) any {
	// Between blocks that say next to nothing and such that say everything there are all degrees.
	// What lies deep is in few specs as it is.
	percent := 30 + 30*g.rng.IntN(3) + 8*strings.Count(path, ".")
	if g.rng.IntN(6) == 0 {
		percent = 0
	}
	out := map[string]any{}
	for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
		if slices.Contains(s.Required, name) || g.rng.IntN(100) < percent {
			out[name] = g.value(s.Properties[name], join(path, name))
		}
	}
	if of := oneOf[path]; of != nil {
		chosen := of[g.rng.IntN(len(of))]
		for _, branch := range of {
			switch _, made := out[branch]; {
			case branch != chosen:
				delete(out, branch)
			case !made:
				out[branch] = g.value(s.Properties[branch], join(path, branch))
			}
		}
	}
	return out
}

// oneOf are the blocks of which exactly one branch is set. The rules say so, too; but most of what is made
// without regard to them is refused.
var oneOf = map[string][]string{
	"network": {"vpc", "existing"}, "capacity": {"ec2", "fargate", "existing"}, "cache": {"builtIn", "elastiCache"},
	"cache.elastiCache":       {"endpoint", "replicationGroupID", "managed", "serverless"},
	"cache.elastiCache.auth":  {"secretARN", "secretRef", "iam"},
	"credentials.license":     {"secretARN", "secretRef"},
	"credentials.registry":    {"secretARN", "secretRef"},
	"gateway.secretEnv{}":     {"secretARN", "secretRef"},
	"dataService.secretEnv{}": {"secretARN", "secretRef"},
	"gateway.rollout.hooks[]": {"pause", "lambda", "httpProbe"},
}

// anyField is the path of a field that isn't in a list or map.
func (g *Generator) anyField() string {
	fields := Fields()
	for {
		if f := fields[g.rng.IntN(len(fields))]; !strings.ContainsAny(f, "[{") {
			return f
		}
	}
}

// Fields are the paths of all fields of spec, with [] for the items of a list and {} for the values of a map.
func Fields() []string {
	var out []string
	var walk func(s apiextensions.JSONSchemaProps, path string)
	walk = func(s apiextensions.JSONSchemaProps, path string) {
		if path != "" {
			out = append(out, path)
		}
		for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
			walk(s.Properties[name], join(path, name))
		}
		if s.Items != nil {
			walk(*s.Items.Schema, path+"[]")
		}
		if s.AdditionalProperties != nil {
			walk(*s.AdditionalProperties.Schema, path+"{}")
		}
	}
	walk(specSchema(), "")
	return out
}
