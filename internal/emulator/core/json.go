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

// encodeJSON writes SDK output types (or structs with json tags): nil is omitted, times are epoch
// seconds, and keys begin in lower case where the service wants that.
func encodeJSON(m *Mux, out any) ([]byte, error) {
	tree, _, err := jsonTree(reflect.ValueOf(out), m.LowerCamel)
	if err != nil {
		return nil, err
	}
	return json.Marshal(tree)
}

// jsonTree turns a value into maps, slices and scalars; ok is false for what is left out.
func jsonTree(v reflect.Value, lower bool) (tree any, ok bool, err error) {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			return nil, false, nil
		}
		return jsonTree(v.Elem(), lower)
	case reflect.Struct:
		if t, isTime := v.Interface().(time.Time); isTime {
			return float64(t.UnixMilli()) / 1000, !t.IsZero(), nil
		}
		return jsonStruct(v, lower)
	case reflect.Map:
		if v.IsNil() {
			return nil, false, nil
		}
		out := map[string]any{}
		for _, k := range v.MapKeys() {
			e, has, err := jsonTree(v.MapIndex(k), lower)
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
			e, _, err := jsonTree(v.Index(i), lower)
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

func jsonStruct(v reflect.Value, lower bool) (any, bool, error) {
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
			if lower {
				r := []rune(name)
				r[0] = unicode.ToLower(r[0])
				name = string(r)
			}
		}
		e, has, err := jsonTree(v.Field(i), lower)
		if err != nil {
			return nil, false, err
		}
		if has {
			out[name] = e
		}
	}
	return out, true, nil
}
