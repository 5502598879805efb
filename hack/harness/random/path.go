package random

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	apiextensions "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
)

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

// split is a path in steps: the index of a list or the key of a map is one, too.
func split(path string) []string {
	return strings.FieldsFunc(path, func(r rune) bool { return r == '.' || r == '[' || r == ']' })
}

func parent(path string) string {
	if i := strings.LastIndexAny(path, ".["); i > 0 {
		return path[:i]
	}
	return path
}

// child is the block at a path; nil when there is none.
func child(in map[string]any, path ...string) map[string]any {
	for _, step := range path {
		in, _ = in[step].(map[string]any)
	}
	return in
}

// ensure is the block at a path, made where there is none.
func ensure(in map[string]any, path ...string) map[string]any {
	for _, step := range path {
		next, is := in[step].(map[string]any)
		if !is {
			next = map[string]any{}
			in[step] = next
		}
		in = next
	}
	return in
}

func text(in map[string]any, field string) string {
	s, _ := in[field].(string)
	return s
}

// clone copies a value, so that no two specs share a part.
func clone(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := maps.Clone(v)
		for k := range out {
			out[k] = clone(out[k])
		}
		return out
	case []any:
		out := slices.Clone(v)
		for i := range out {
			out[i] = clone(out[i])
		}
		return out
	case int:
		return int64(v)
	}
	return v
}

func scalar(v apiextensions.JSON) any {
	var out any
	must(json.Unmarshal(v.Raw, &out))
	return whole(out)
}
