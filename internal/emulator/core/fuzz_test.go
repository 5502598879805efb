package core

import (
	"net/url"
	"strings"
	"testing"
)

// FuzzForm: a query request is decoded or refused as AWS does; what no field takes is never accepted in silence.
func FuzzForm(f *testing.F) {
	for _, s := range []string{
		"Name=n&Count=2&Ratio=1.5&On=true&At=2026-01-02T03:04:05Z&Data=eA==&NextToken=t", "Name=&Id.1=a&Id.2=b", "Name=&Id.member.1=a", "Name=&Id=",
		"Name=&Tag.member.1.Key=k&Nested.Key=x&Nested.Value.member.1=y", "Name=n&Name=m", "Name=&Unknown=1", "Name=&Id.999999999=a", "Name.1=a",
	} {
		f.Add(s, true)
		f.Add(s, false)
	}
	f.Fuzz(func(t *testing.T, form string, ec2 bool) {
		p := Query
		if ec2 {
			p = EC2Query
		}
		if _, err := decode(p, form+"&Surely.Unknown=1"); err == nil {
			t.Errorf("%q with an unknown parameter is taken", form)
		}
		if in, err := decode(p, form); err == nil && !named(form, "Name") {
			t.Errorf("%q lacks what is required, and is %+v", form, in)
		}
	})
}

// named reports whether a form has a parameter, or parameters below it.
func named(form, name string) bool {
	values, err := url.ParseQuery(form)
	if err != nil {
		return false
	}
	for k := range values {
		if k == name || strings.HasPrefix(k, name+".") {
			return true
		}
	}
	return false
}

// FuzzJSON: a JSON request is decoded or refused; a body that isn't JSON, or has an unknown member, is refused.
func FuzzJSON(f *testing.F) {
	for _, s := range []string{"", "{}", `{"name":"a"}`, `{"Name":"a","Count":1}`, `[]`, `null`, `{"Name":"a"}x`, `{"Name":1e400}`, `{"name":"a","Name":"b"}`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, body string) {
		type input struct {
			Name  *string
			Count *int32
			Tags  map[string]string
		}
		err := decodeJSON(&Request{Body: []byte(body)}, &input{})
		if err != nil && !strings.HasPrefix(err.Error(), "SerializationException") {
			t.Errorf("%q: %v", body, err)
		}
		if inner, ok := strings.CutSuffix(strings.TrimSpace(body), "}"); ok && err == nil {
			sep := ","
			if strings.TrimSpace(inner) == "{" {
				sep = ""
			}
			if decodeJSON(&Request{Body: []byte(inner + sep + `"Unknown":1}`)}, &input{}) == nil {
				t.Errorf("%q with an unknown member is taken", body)
			}
		}
	})
}
