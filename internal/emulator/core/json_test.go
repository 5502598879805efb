package core

import (
	"bytes"
	"encoding/json"
	"errors"
	"testing"
	"time"
)

type enum string

type jsonIn struct {
	Name  *string
	Items []jsonItem
	Kind  enum
}

type jsonItem struct{ Value int }

func TestDecodeJSON(t *testing.T) {
	in := jsonIn{}
	r := &Request{Body: []byte(`{"name":"n","items":[{"value":1}]}`)}
	if err := decodeJSON(r, &in); err != nil || *in.Name != "n" || in.Items[0].Value != 1 || r.Params == nil {
		t.Errorf("%+v, %v", in, err)
	}
	if err := decodeJSON(&Request{}, &jsonIn{}); err != nil {
		t.Error("an empty body is an empty input:", err)
	}
	for _, body := range []string{`{"colour":"red"}`, `{"items":[{"colour":1}]}`, `{"name":1}`, `{`, `[]`, `{}{}`} {
		var e *Error
		if err := decodeJSON(&Request{Body: []byte(body)}, &jsonIn{}); !errors.As(err, &e) || e.Code != "SerializationException" {
			t.Errorf("%s: %v", body, err)
		}
	}
}

func TestOnly(t *testing.T) {
	name := "n"
	in := &jsonIn{Name: &name}
	if err := Only(in, "Name"); err != nil {
		t.Error(err)
	}
	in.Kind = "x"
	var e *Error
	if err := Only(in, "Name"); !errors.As(err, &e) || e.Code != "InvalidParameterException" {
		t.Error(err)
	}
}

func TestEncodeJSON(t *testing.T) {
	type out struct {
		ARN      string
		When     *time.Time
		Never    time.Time
		Empty    []string
		None     []string
		Map      map[string]*int
		Kind     enum
		Unset    enum
		Skip     string `json:"-"`
		Renamed  int    `json:"other"`
		Optional string `json:"optional,omitempty"`
		Raw      []byte
	}
	when, n := epoch.Add(1500*time.Millisecond), 3
	v := out{ARN: "a", When: &when, Empty: []string{}, Map: map[string]*int{"k": &n, "nil": nil}, Kind: "K", Skip: "s", Renamed: 1, Raw: []byte("x")}
	for lower, want := range map[bool]string{
		false: `{"ARN":"a","Empty":[],"Kind":"K","Map":{"k":3},"Raw":"eA==","When":1795435201.5,"other":1}`,
		true:  `{"aRN":"a","empty":[],"kind":"K","map":{"k":3},"raw":"eA==","when":1795435201.5,"other":1}`,
	} {
		got, err := encodeJSON(&Mux{LowerCamel: lower}, &v)
		if err != nil {
			t.Fatal(err)
		}
		var a, b any
		if err := errors.Join(json.Unmarshal(got, &a), json.Unmarshal([]byte(want), &b)); err != nil {
			t.Fatal(err)
		}
		x, _ := json.Marshal(a)
		y, _ := json.Marshal(b)
		if !bytes.Equal(x, y) {
			t.Errorf("lower %v: got %s, want %s", lower, x, y)
		}
	}
}
