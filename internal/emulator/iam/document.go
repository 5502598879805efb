package iam

import (
	"bytes"
	"encoding/json"
	"errors"
)

// document is a policy, https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
type document struct {
	Version   string
	ID        string `json:"Id"`
	Statement statements
}

type statement struct {
	SID          string `json:"Sid"`
	Effect       string
	Principal    principals
	NotPrincipal principals
	Action       texts
	NotAction    texts
	Resource     texts
	NotResource  texts
	// Condition is operator → key → values.
	Condition map[string]map[string]texts
}

// texts is a string or a list of them; booleans and numbers are values of conditions.
type texts []string

// UnmarshalJSON implements json.Unmarshaler.
func (t *texts) UnmarshalJSON(b []byte) error {
	var v any
	if err := json.Unmarshal(b, &v); err != nil {
		return err
	}
	list, ok := v.([]any)
	if !ok {
		list = []any{v}
	}
	*t = texts{}
	for _, e := range list {
		switch e := e.(type) {
		case string:
			*t = append(*t, e)
		case bool, float64:
			s, err := json.Marshal(e)
			if err != nil {
				return err
			}
			*t = append(*t, string(s))
		default:
			return errors.New("neither a string nor a list of strings")
		}
	}
	return nil
}

// principals is kind (AWS, Service, Federated) → values; "*" is {"AWS": "*"}.
type principals map[string]texts

// UnmarshalJSON implements json.Unmarshaler.
func (p *principals) UnmarshalJSON(b []byte) error {
	if bytes.Equal(bytes.TrimSpace(b), []byte(`"*"`)) {
		*p = principals{"AWS": {"*"}}
		return nil
	}
	m := map[string]texts{}
	if err := json.Unmarshal(b, &m); err != nil {
		return err
	}
	*p = m
	return nil
}

// statements is one statement or a list of them.
type statements []statement

// UnmarshalJSON implements json.Unmarshaler.
func (s *statements) UnmarshalJSON(b []byte) error {
	if b = bytes.TrimSpace(b); len(b) > 0 && b[0] == '{' {
		b = append(append([]byte{'['}, b...), ']')
	}
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.DisallowUnknownFields()
	list := []statement{}
	if err := dec.Decode(&list); err != nil {
		return err
	}
	*s = list
	return nil
}

func parse(text string) (document, error) {
	var d document
	dec := json.NewDecoder(bytes.NewReader([]byte(text)))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&d); err != nil {
		return d, err
	}
	if !json.Valid([]byte(text)) { // the decoder stops at the document's end
		return d, errors.New("text after the document")
	}
	return d, nil
}
