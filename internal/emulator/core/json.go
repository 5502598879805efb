package core

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"time"
	"unicode"
)

// decodeJSON fills in from a JSON body. SDK input types work: names match without regard to case.
// Unknown members are refused.
func decodeJSON(r *Request, in any) error {
	body := r.Body
	if len(bytes.TrimSpace(body)) == 0 {
		body = []byte("{}")
	}
	var params any
	if err := json.Unmarshal(body, &params); err != nil {
		return Errorf("SerializationException", "%v", err)
	}
	r.Params = params
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.DisallowUnknownFields()
	if err := dec.Decode(in); err != nil {
		return Errorf("SerializationException", "%s", strings.TrimPrefix(err.Error(), "json: "))
	}
	return nil
}

// DecodeJSON fills in from the body of a REST service's request, and refuses unknown members.
func DecodeJSON(r *Request, in any) error { return decodeJSON(r, in) }

// EncodeJSON writes a REST service's answer.
func EncodeJSON(out any) ([]byte, error) { return encodeJSON(&Mux{}, out) }

// Only refuses every member of an SDK input that isn't named: what a handler would not act on must
// not be accepted in silence.
func Only(in any, fields ...string) error {
	v := reflect.Indirect(reflect.ValueOf(in))
	for i := range v.NumField() {
		f := v.Type().Field(i)
		if !f.IsExported() || f.Name == "ResultMetadata" || v.Field(i).IsZero() {
			continue
		}
		known := false
		for _, name := range fields {
			known = known || name == f.Name
		}
		if !known {
			return Errorf("InvalidParameterException", "The emulator does not support the parameter %s of %s.", f.Name, v.Type().Name())
		}
	}
	return nil
}

// Detail is a value of SDK types as the tree of an event's detail: keys begin in lower case, times are text, and
// numbers and texts are as in JSON.
func Detail(v any) any {
	tree, _, err := jsonTree(reflect.ValueOf(v), style{lower: true, texts: true})
	if err != nil {
		panic("emulator: " + err.Error()) // the types are the emulator's own
	}
	return tree
}

// style is how a value is written as JSON: with keys that begin in lower case, and with times as text or left as they
// are.
type style struct{ lower, texts, times bool }

// encodeJSON writes SDK output types (or structs with json tags): nil is omitted, times are epoch
// seconds, and keys begin in lower case where the service wants that.
func encodeJSON(m *Mux, out any) ([]byte, error) {
	tree, _, err := jsonTree(reflect.ValueOf(out), style{lower: m.LowerCamel})
	if err != nil {
		return nil, err
	}
	return json.Marshal(tree)
}

// jsonTree turns a value into maps, slices and scalars; ok is false for what is left out.
func jsonTree(v reflect.Value, how style) (tree any, ok bool, err error) {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			return nil, false, nil
		}
		return jsonTree(v.Elem(), how)
	case reflect.Struct:
		if t, isTime := v.Interface().(time.Time); isTime {
			if how.times {
				return t, !t.IsZero(), nil
			}
			if how.texts {
				return t.UTC().Format(time.RFC3339Nano), !t.IsZero(), nil
			}
			return float64(t.UnixMilli()) / 1000, !t.IsZero(), nil
		}
		return jsonStruct(v, how)
	case reflect.Map:
		if v.IsNil() {
			return nil, false, nil
		}
		out := map[string]any{}
		for _, k := range v.MapKeys() {
			e, has, err := jsonTree(v.MapIndex(k), how)
			if err != nil {
				return nil, false, err
			}
			if has {
				out[fmt.Sprint(k.Interface())] = e
			}
		}
		return out, true, nil
	case reflect.Slice:
		if v.IsNil() {
			return nil, false, nil
		}
		if v.Type().Elem().Kind() == reflect.Uint8 {
			return v.Bytes(), true, nil
		}
		out := make([]any, 0, v.Len())
		for i := range v.Len() {
			e, _, err := jsonTree(v.Index(i), how)
			if err != nil {
				return nil, false, err
			}
			out = append(out, e)
		}
		return out, true, nil
	case reflect.String:
		// An SDK enum that isn't set is the empty string, which AWS would not send.
		return v.String(), v.Type() == reflect.TypeFor[string]() || v.String() != "", nil
	case reflect.Func, reflect.Chan, reflect.UnsafePointer:
		return nil, false, fmt.Errorf("can't encode %s", v.Type())
	default:
		return v.Interface(), true, nil
	}
}

func jsonStruct(v reflect.Value, how style) (any, bool, error) {
	out := map[string]any{}
	for i := range v.NumField() {
		f := v.Type().Field(i)
		if !f.IsExported() || f.Name == "ResultMetadata" {
			continue
		}
		name, opts, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == "-" || (strings.Contains(opts, "omitempty") && v.Field(i).IsZero()) {
			continue
		}
		if name == "" {
			name = f.Name
			if how.lower {
				r := []rune(name)
				r[0] = unicode.ToLower(r[0])
				name = string(r)
			}
		}
		e, has, err := jsonTree(v.Field(i), how)
		if err != nil {
			return nil, false, err
		}
		if has {
			out[name] = e
		}
	}
	return out, true, nil
}
