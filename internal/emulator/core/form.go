package core

import (
	"encoding/base64"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
)

// decodeForm fills in from the form of a query request. Fields are named by their `q` tag, or by
// the field's own name; a slice is X.1, X.2 in EC2's protocol and X.member.1 in the other, or
// X.<item>.1 with the tag option item=<item>. `q:"-"` hides a field; the option required refuses
// requests without it. Every parameter that no field takes is an error.
func decodeForm(m *Mux, r *Request, in any) error {
	d := formDecoder{form: r.form, ec2: m.Protocol == EC2Query, used: map[string]bool{"Action": true, "Version": true}}
	r.Params = flatten(r.form)
	if err := d.fill(reflect.ValueOf(in).Elem(), ""); err != nil {
		return err
	}
	var unknown []string
	for k := range r.form {
		if !d.used[k] {
			unknown = append(unknown, k)
		}
	}
	if len(unknown) > 0 {
		slices.Sort(unknown)
		if d.ec2 {
			return Errorf("UnknownParameter", "The parameter %s is not recognized", unknown[0])
		}
		return Errorf("ValidationError", "Unknown parameter: %s", unknown[0])
	}
	return nil
}

func flatten(form url.Values) map[string]string {
	out := map[string]string{}
	for k, v := range form {
		if k != "Action" && k != "Version" {
			out[k] = strings.Join(v, ",")
		}
	}
	return out
}

type formDecoder struct {
	form url.Values
	ec2  bool
	used map[string]bool
}

func (d *formDecoder) has(prefix string) bool {
	for k := range d.form {
		if k == prefix || strings.HasPrefix(k, prefix+".") {
			return true
		}
	}
	return false
}

func (d *formDecoder) fill(v reflect.Value, prefix string) error {
	for i := range v.NumField() {
		f := v.Type().Field(i)
		name, opts, _ := strings.Cut(f.Tag.Get("q"), ",")
		if (!f.IsExported() && !f.Anonymous) || name == "-" {
			continue
		}
		if f.Anonymous {
			if err := d.fill(v.Field(i), prefix); err != nil {
				return err
			}
			continue
		}
		if name == "" {
			name = f.Name
		}
		key := prefix + name
		if !d.has(key) {
			if strings.Contains(opts, "required") {
				return d.missing(key)
			}
			continue
		}
		item := "member"
		if d.ec2 {
			item = ""
		}
		for o := range strings.SplitSeq(opts, ",") {
			if n, ok := strings.CutPrefix(o, "item="); ok {
				item = n
			}
		}
		if err := d.set(v.Field(i), key, item); err != nil {
			return err
		}
	}
	return nil
}

func (d *formDecoder) missing(key string) error {
	if d.ec2 {
		return Errorf("MissingParameter", "The request must contain the parameter %s", key)
	}
	return Errorf("ValidationError", "1 validation error detected: Value null at '%s' failed to satisfy constraint: Member must not be null", key)
}

func (d *formDecoder) set(v reflect.Value, key, item string) error {
	if v.Kind() == reflect.Slice && v.Type().Elem().Kind() != reflect.Uint8 {
		return d.list(v, key, item)
	}
	if v.Kind() == reflect.Pointer {
		v.Set(reflect.New(v.Type().Elem()))
		return d.set(v.Elem(), key, item)
	}
	if v.Kind() == reflect.Struct && v.Type() != reflect.TypeFor[time.Time]() {
		return d.fill(v, key+".")
	}
	d.used[key] = true
	text := d.form.Get(key)
	var err error
	switch {
	case v.Type() == reflect.TypeFor[time.Time]():
		var t time.Time
		if t, err = time.Parse(time.RFC3339, text); err == nil {
			v.Set(reflect.ValueOf(t))
		}
	case v.Kind() == reflect.String:
		v.SetString(text)
	case v.Kind() == reflect.Bool:
		var b bool
		if b, err = strconv.ParseBool(text); err == nil {
			v.SetBool(b)
		}
	case v.CanInt():
		var n int64
		if n, err = strconv.ParseInt(text, 10, 64); err == nil {
			v.SetInt(n)
		}
	case v.CanFloat():
		var n float64
		if n, err = strconv.ParseFloat(text, 64); err == nil {
			v.SetFloat(n)
		}
	case v.Kind() == reflect.Slice:
		var b []byte
		if b, err = base64.StdEncoding.DecodeString(text); err == nil {
			v.SetBytes(b)
		}
	}
	if err != nil {
		code := "ValidationError"
		if d.ec2 {
			code = "InvalidParameterValue"
		}
		return Errorf(code, "Value (%s) for parameter %s is invalid.", text, key)
	}
	return nil
}

func (d *formDecoder) list(v reflect.Value, key, item string) error {
	// An empty list is sent as "X=" by the query protocol.
	if _, ok := d.form[key]; ok && d.form.Get(key) == "" {
		d.used[key] = true
		v.Set(reflect.MakeSlice(v.Type(), 0, 0))
		return nil
	}
	if item != "" {
		key += "." + item
	}
	for n := 1; d.has(key + "." + strconv.Itoa(n)); n++ {
		e := reflect.New(v.Type().Elem()).Elem()
		if err := d.set(e, key+"."+strconv.Itoa(n), "member"); err != nil {
			return err
		}
		v.Set(reflect.Append(v, e))
	}
	return nil
}
