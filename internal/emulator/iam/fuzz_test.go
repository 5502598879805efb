package iam

import (
	"encoding/json"
	"testing"
)

// FuzzDocument: a policy document is taken or refused, and what isn't one JSON value never is.
func FuzzDocument(f *testing.F) {
	for _, s := range []string{
		"", "{}", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}`, `{"Statement":{"Effect":"Deny","NotAction":["a"],"Condition":{"StringEquals":{"a":"b"}}}}`,
		`{}]`, `{}{}`, `[]`, `{"Statement":null}`,
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if _, err := parse(text); err == nil && !json.Valid([]byte(text)) {
			t.Errorf("%q is taken for a policy document", text)
		}
	})
}
