// Package reference writes the API's reference page from the CRDs that users install, so that it says what
// the API server enforces: types, bounds, what absence means, and the advice with which the rest is refused.
package reference

import (
	"cmp"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	apiextensions "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
)

const head = `# API reference

Written by ` + "`make generate`" + ` from config/crd/bases. Whatever breaks one of the rules is refused by the API
server with the rule's text. What the API server can't know, such as whether a secret exists, is checked
before anything is made, and told in the condition Accepted ([conditions.md](conditions.md)).
`

// Page is the reference of the CRDs' stored versions, in Markdown.
func Page(crds ...apiextensions.CustomResourceDefinition) string {
	var out strings.Builder
	out.WriteString(head)
	for _, crd := range crds {
		for _, v := range crd.Spec.Versions {
			if v.Storage {
				kind(&out, crd, v)
			}
		}
	}
	return out.String()
}

func kind(out *strings.Builder, crd apiextensions.CustomResourceDefinition, v apiextensions.CustomResourceDefinitionVersion) {
	root := *v.Schema.OpenAPIV3Schema
	fmt.Fprintf(out, "\n## %s\n\n`%s/%s`, %s", crd.Spec.Names.Kind, crd.Spec.Group, v.Name, strings.ToLower(string(crd.Spec.Scope)))
	if short := crd.Spec.Names.ShortNames; len(short) > 0 {
		fmt.Fprintf(out, ", short name `%s`", strings.Join(short, "`, `"))
	}
	fmt.Fprintf(out, "\n\n%s\n", paragraphs(root.Description))

	p := page{out: out, rules: map[string][]rule{}}
	p.collect("", root)
	p.advice("", nil)
	for _, name := range []string{"spec", "status"} {
		if block, ok := root.Properties[name]; ok {
			p.section(name, block)
		}
	}
}

// page is one kind's part of the reference.
type page struct {
	out *strings.Builder
	// rules are by the path of the block in whose section they stand.
	rules map[string][]rule
	// linked are the blocks that have a section.
	linked []block
}

type block struct {
	path   string
	schema apiextensions.JSONSchemaProps
}

type rule struct{ field, message string }

// collect sorts the rules to the field that they name, which may lie deeper than the rule.
func (p *page) collect(path string, s apiextensions.JSONSchemaProps) {
	for _, v := range s.XValidations {
		field := path
		if at := strings.TrimPrefix(v.FieldPath, "."); at != "" {
			field = join(path, at)
		}
		message := v.Message
		if strings.Contains(v.Rule, "oldSelf") {
			message = "On a change: " + message
		}
		in, name := parent(field)
		if len(s.Properties) > 0 && v.FieldPath == "" {
			in, name = path, "" // about the block as a whole
		}
		p.rules[in] = append(p.rules[in], rule{name, message})
	}
	for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
		p.collect(join(path, name), s.Properties[name])
	}
	if item := items(s); item != nil {
		if len(item.Properties) > 0 {
			p.collect(path+element(s), *item)
			return
		}
		p.collect(path, *item) // the rules of a plain item read as the list's
	}
}

// section prints a block and then those in it. A block that is the same as one printed before refers to it.
func (p *page) section(path string, s apiextensions.JSONSchemaProps) {
	fmt.Fprintf(p.out, "\n### %s\n\n%s\n\n| Field | Type | |\n|---|---|---|\n", path, paragraphs(s.Description))
	names := slices.SortedFunc(maps.Keys(s.Properties), func(a, b string) int {
		// What has to be written comes first.
		return cmp.Or(-compare(slices.Contains(s.Required, a), slices.Contains(s.Required, b)), strings.Compare(a, b))
	})
	var within []block
	for _, name := range names {
		field := s.Properties[name]
		kind, deeper, at := typeOf(field), field, join(path, name)
		if item := items(field); item != nil {
			deeper, at = *item, at+element(field)
		}
		if len(deeper.Properties) > 0 && !known[name] {
			if same, ok := p.same(at, deeper); ok {
				at = same
			} else {
				within = append(within, block{at, deeper})
			}
			kind = fmt.Sprintf("[%s](#%s)", kind, anchor(at))
		}
		if slices.Contains(s.Required, name) {
			kind += ", required"
		}
		text := strings.Join(strings.Fields(field.Description), " ")
		if field.Default != nil && len(field.Default.Raw) > 0 && len(field.Properties) == 0 {
			text += " Default: " + strings.Trim(string(field.Default.Raw), `"`) + "."
		}
		fmt.Fprintf(p.out, "| `%s` | %s | %s |\n", name, kind, escape(text))
	}
	p.advice(path, s.Properties)
	for _, b := range within {
		p.section(b.path, b.schema)
	}
}

// known are objects whose fields are Kubernetes' own.
var known = map[string]bool{"metadata": true}

func (p *page) advice(path string, fields map[string]apiextensions.JSONSchemaProps) {
	rules := p.rules[path]
	if len(rules) == 0 {
		return
	}
	slices.SortStableFunc(rules, func(a, b rule) int { return strings.Compare(a.field, b.field) })
	fmt.Fprint(p.out, "\nRules:\n\n")
	for _, r := range slices.Compact(rules) {
		switch _, ok := fields[r.field]; {
		case r.field == "" || fields != nil && !ok:
			fmt.Fprintf(p.out, "- %s\n", r.message)
		default:
			fmt.Fprintf(p.out, "- `%s`: %s\n", r.field, r.message)
		}
	}
}

// same finds a block with a section of its own that holds the same fields and rules; without one this block
// gets it.
func (p *page) same(path string, s apiextensions.JSONSchemaProps) (string, bool) {
	for _, b := range p.linked {
		if reflect.DeepEqual(b.schema.Properties, s.Properties) && reflect.DeepEqual(p.below(b.path), p.below(path)) {
			return b.path, true
		}
	}
	p.linked = append(p.linked, block{path, s})
	return path, false
}

// below are the rules of a block and of those in it, by the path from there.
func (p *page) below(path string) map[string][]rule {
	out := map[string][]rule{}
	for in, rules := range p.rules {
		if rest, ok := strings.CutPrefix(in, path); ok && (rest == "" || rest[0] == '.' || rest[0] == '[') {
			out[rest] = rules
		}
	}
	return out
}

// typeOf says in words what a field takes.
func typeOf(s apiextensions.JSONSchemaProps) string {
	switch {
	case len(s.Enum) > 0:
		var values []string
		for _, v := range s.Enum {
			values = append(values, strings.Trim(string(v.Raw), `"`))
		}
		return strings.Join(values, ", ")
	case s.XIntOrString:
		return "quantity"
	case s.Format == "date-time":
		return "time"
	case slices.ContainsFunc(s.XValidations, func(v apiextensions.ValidationRule) bool { return strings.Contains(v.Rule, "duration(self)") }):
		return "duration"
	case s.Type == "array":
		return "list of " + plural(typeOf(*s.Items.Schema)) + bound(s.MinItems, s.MaxItems)
	case items(s) != nil:
		return "map of " + plural(typeOf(*items(s))) + bound(s.MinProperties, s.MaxProperties)
	case s.Minimum != nil && s.Maximum != nil:
		return fmt.Sprintf("%s, %.0f to %.0f", s.Type, *s.Minimum, *s.Maximum)
	}
	return s.Type
}

func plural(kind string) string {
	switch kind {
	case "string", "object", "integer":
		return kind + "s"
	}
	return kind
}

func bound(least, most *int64) string {
	switch {
	case least != nil && most != nil:
		return fmt.Sprintf(", %d to %d", *least, *most)
	case most != nil:
		return fmt.Sprintf(", at most %d", *most)
	}
	return ""
}

// items is the schema of a list's or map's elements.
func items(s apiextensions.JSONSchemaProps) *apiextensions.JSONSchemaProps {
	switch {
	case s.Items != nil:
		return s.Items.Schema
	case s.AdditionalProperties != nil:
		return s.AdditionalProperties.Schema
	}
	return nil
}

func element(s apiextensions.JSONSchemaProps) string {
	if s.Items != nil {
		return "[]"
	}
	return ".NAME"
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

func parent(path string) (in, name string) {
	if i := strings.LastIndex(path, "."); i >= 0 {
		return path[:i], path[i+1:]
	}
	return "", path
}

func compare(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}

// anchor is how GitHub calls a heading.
func anchor(heading string) string {
	return strings.ToLower(strings.NewReplacer(".", "", "[", "", "]", "").Replace(heading))
}

// paragraphs keeps a comment's empty lines and joins its others.
func paragraphs(text string) string {
	var out []string
	for p := range strings.SplitSeq(text, "\n\n") {
		out = append(out, strings.Join(strings.Fields(p), " "))
	}
	return strings.Join(out, "\n\n")
}

// escape keeps a text in its cell of a table.
func escape(text string) string { return strings.ReplaceAll(text, "|", `\|`) }
