package semantic

import (
	"bytes"
	"encoding/json"
	"testing"
)

// FuzzJSONEqual: a document equals itself in other white space, equality has no direction, and what isn't JSON equals
// nothing but the same text.
func FuzzJSONEqual(f *testing.F) {
	for _, pair := range [][2]string{
		{`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:GetObject"],"Resource":"*"}]}`, `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:GetObject","Resource":["*"]}}`},
		{`{"a":["x","y"]}`, `{"a":["y","x","x"]}`}, {`[]`, `[[]]`}, {`{}]`, `{}`}, {`1.0`, `1`}, {``, ` `}, {`{"a":null}`, `{}`},
	} {
		f.Add(pair[0], pair[1])
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		if JSONEqual(a, b) != JSONEqual(b, a) {
			t.Errorf("%q and %q are equal in one direction", a, b)
		}
		if !json.Valid([]byte(a)) {
			if a != b && JSONEqual(a, b) {
				t.Errorf("%q isn't JSON, and equals %q", a, b)
			}
			return
		}
		var indented bytes.Buffer
		if err := json.Indent(&indented, []byte(a), " ", "\t"); err != nil {
			t.Fatal(err)
		}
		if !JSONEqual(a, indented.String()) {
			t.Errorf("%q doesn't equal itself in other white space", a)
		}
	})
}
