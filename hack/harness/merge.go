package harness

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
)

// mergePatch applies a JSON merge patch to an object without printing it first, so that a patch costs no more than
// it is long. https://www.rfc-editor.org/rfc/rfc7386
func mergePatch(into any, patch []byte) error { return merge(reflect.ValueOf(into).Elem(), patch) }

func merge(v reflect.Value, patch json.RawMessage) error {
	if string(patch) == "null" {
		v.SetZero()
		return nil
	}
	_, opaque := v.Addr().Interface().(json.Unmarshaler)
	switch {
	case v.Kind() == reflect.Pointer:
		if v.IsNil() {
			v.Set(reflect.New(v.Type().Elem()))
		}
		return merge(v.Elem(), patch)
	case v.Kind() == reflect.Struct && !opaque:
		return eachMember(patch, func(name string, value json.RawMessage) error {
			f, found := member(v, name)
			if !found {
				return fmt.Errorf("%s has no field %s", v.Type(), name)
			}
			return merge(f, value)
		})
	case v.Kind() == reflect.Map && !opaque:
		if v.IsNil() {
			v.Set(reflect.MakeMap(v.Type()))
		}
		return eachMember(patch, func(name string, value json.RawMessage) error {
			key := reflect.ValueOf(name).Convert(v.Type().Key())
			if string(value) == "null" {
				v.SetMapIndex(key, reflect.Value{})
				return nil
			}
			e := reflect.New(v.Type().Elem()).Elem()
			if had := v.MapIndex(key); had.IsValid() {
				e.Set(had)
			}
			if err := merge(e, value); err != nil {
				return err
			}
			v.SetMapIndex(key, e)
			return nil
		})
	default: // scalars, lists, and what reads itself
		v.SetZero()
		return json.Unmarshal(patch, v.Addr().Interface())
	}
}

func eachMember(object json.RawMessage, f func(string, json.RawMessage) error) error {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(object, &members); err != nil {
		return err
	}
	for name, value := range members {
		if err := f(name, value); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

// member is the field of a struct that has a name in JSON, also one of an embedded struct.
func member(v reflect.Value, name string) (reflect.Value, bool) {
	for i := range v.NumField() {
		tag, options, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ",")
		switch {
		case tag == name:
			return v.Field(i), true
		case tag == "" && (strings.Contains(options, "inline") || v.Type().Field(i).Anonymous):
			if f, found := member(v.Field(i), name); found {
				return f, true
			}
		}
	}
	return reflect.Value{}, false
}
