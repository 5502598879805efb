package ecs

import (
	"reflect"
	"strings"
)

// wire writes SDK types as they are on the wire: keys begin in lower case, and what isn't set is
// left out.
func wire(settings map[string]any) map[string]any {
	out := map[string]any{}
	for k, v := range settings {
		if tree, ok := wireValue(reflect.ValueOf(v)); ok {
			out[k] = tree
		}
	}
	return out
}

func wireValue(v reflect.Value) (any, bool) {
	switch v.Kind() {
	case reflect.Invalid:
		return nil, false
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			return nil, false
		}
		return wireValue(v.Elem())
	case reflect.Struct:
		out := map[string]any{}
		for i := range v.NumField() {
			f := v.Type().Field(i)
			if !f.IsExported() {
				continue
			}
			if tree, ok := wireValue(v.Field(i)); ok {
				out[strings.ToLower(f.Name[:1])+f.Name[1:]] = tree
			}
		}
		return out, true
	case reflect.Slice:
		if v.IsNil() {
			return nil, false
		}
		out := make([]any, 0, v.Len())
		for i := range v.Len() {
			tree, _ := wireValue(v.Index(i))
			out = append(out, tree)
		}
		return out, true
	case reflect.String:
		return v.String(), v.Type() == reflect.TypeFor[string]() || v.String() != ""
	default:
		return v.Interface(), true
	}
}
