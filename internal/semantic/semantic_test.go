package semantic_test

import (
	"testing"

	"github.com/portkey-ai/portkey-ecs-operator/internal/semantic"
)

func TestJSONEqual(t *testing.T) {
	for _, c := range []struct {
		why, a, b string
		equal     bool
	}{
		{"white space and key order", `{"Version":"2012-10-17","Id":"a"}`, `{ "Id": "a", "Version": "2012-10-17" }`, true},
		{"a string is a list of one", `{"Action":"s3:GetObject"}`, `{"Action":["s3:GetObject"]}`, true},
		{"actions are a set", `{"Action":["a","b","b"]}`, `{"Action":["b","a"]}`, true},
		{"one statement may stand alone", `{"Statement":{"Effect":"Allow"}}`, `{"Statement":[{"Effect":"Allow"}]}`, true},
		{"the order of statements counts", `[{"Sid":"a"},{"Sid":"b"}]`, `[{"Sid":"b"},{"Sid":"a"}]`, false},
		{"another action", `{"Action":"a"}`, `{"Action":"b"}`, false},
		{"a missing condition", `{"Action":"a","Condition":{}}`, `{"Action":"a"}`, false},
		{"numbers keep their digits", `{"n":1000000000000000000001}`, `{"n":1000000000000000000002}`, false},
		{"an empty list isn't an empty text", `{"a":[]}`, `{"a":""}`, false},
		{"the same text that isn't JSON", `(known after apply)`, `(known after apply)`, true},
		{"text that isn't JSON", `{}`, `(known after apply)`, false},
		{"something after the document", `{}`, `{} {}`, false},
	} {
		if got := semantic.JSONEqual(c.a, c.b); got != c.equal {
			t.Errorf("%s: JSONEqual(%s, %s) = %v", c.why, c.a, c.b, got)
		}
		if semantic.JSONEqual(c.a, c.b) != semantic.JSONEqual(c.b, c.a) {
			t.Errorf("%s: not symmetric", c.why)
		}
	}
}

func TestSetEqual(t *testing.T) {
	for _, c := range []struct {
		why   string
		a, b  []string
		equal bool
	}{
		{"order", []string{"b", "a"}, []string{"a", "b"}, true},
		{"repetition", []string{"a", "a"}, []string{"a"}, true},
		{"nil is empty", nil, []string{}, true},
		{"one more", []string{"a"}, []string{"a", "b"}, false},
	} {
		if got := semantic.SetEqual(c.a, c.b); got != c.equal {
			t.Errorf("%s: SetEqual(%v, %v) = %v", c.why, c.a, c.b, got)
		}
	}
}

func FuzzJSONEqual(f *testing.F) {
	f.Add(`{"Action":["a"]}`)
	f.Add(`[[["a"]]]`)
	f.Fuzz(func(t *testing.T, s string) {
		if !semantic.JSONEqual(s, s) {
			t.Errorf("%q doesn't equal itself", s)
		}
	})
}
