// Package semantic compares what AWS says in more than one way: policies that differ only in their
// spelling, and lists whose order means nothing.
package semantic

import (
	"bytes"
	"encoding/json"
	"reflect"
	"slices"
)

// JSONEqual reports whether two policy documents mean the same: white space and the order of keys
// don't matter, a list of one element equals the element (IAM reads "Action": "s3:GetObject" and
// "Action": ["s3:GetObject"] alike), and lists of strings are sets. The order of statements counts.
// Documents that aren't JSON are equal only when they are the same text.
func JSONEqual(a, b string) bool {
	if a == b {
		return true
	}
	x, okX := parse(a)
	y, okY := parse(b)
	return okX && okY && reflect.DeepEqual(canonical(x), canonical(y))
}

// SetEqual reports whether two lists have the same elements, in whatever order and number.
func SetEqual(a, b []string) bool {
	return slices.Equal(set(a), set(b))
}

func parse(s string) (v any, ok bool) {
	if !json.Valid([]byte(s)) { // a decoder takes the first value and says nothing of what follows
		return nil, false
	}
	d := json.NewDecoder(bytes.NewReader([]byte(s)))
	d.UseNumber()
	err := d.Decode(&v)
	return v, err == nil
}

func canonical(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, e := range v {
			out[k] = canonical(e)
		}
		return out
	case []any:
		if texts, ok := allStrings(v); ok && len(texts) > 0 {
			if texts = set(texts); len(texts) == 1 {
				return texts[0]
			}
			return texts
		}
		if len(v) == 1 {
			return canonical(v[0])
		}
		out := make([]any, len(v))
		for i := range v {
			out[i] = canonical(v[i])
		}
		return out
	default:
		return v
	}
}

func allStrings(v []any) ([]string, bool) {
	out := make([]string, len(v))
	for i := range v {
		s, ok := v[i].(string)
		if !ok {
			return nil, false
		}
		out[i] = s
	}
	return out, true
}

func set(v []string) []string {
	out := slices.Clone(v)
	slices.Sort(out)
	return slices.Compact(out)
}
