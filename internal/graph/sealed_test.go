package graph

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

type withSecret struct {
	Name   Value  `json:"name"`
	Values Sealed `json:"values"`
	Nested []struct{ Values Sealed }
}

// TestSealedIsNeverPrinted: whatever prints a spec finds no value in it, before and after it is resolved.
func TestSealedIsNeverPrinted(t *testing.T) {
	const canary = "cAnArY"
	sealed := Seal(map[string]string{canary + "-key": canary})
	spec := withSecret{Name: Out("a/b", "c"), Values: sealed, Nested: []struct{ Values Sealed }{{sealed}}}
	n := New("x/y", "n", Kind[withSecret](nil), spec)
	for _, n := range []*typed[withSecret]{ptr(n.body.(typed[withSecret])), ptr(n.body.Resolve(func(Ref) (string, bool) { return "out", true }).(typed[withSecret]))} {
		for _, v := range []any{n.spec, &n.spec, []any{n.spec}, map[string]any{"a": n.spec}, n.spec.Values, &n.spec.Values} {
			for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
				if text := fmt.Sprintf(verb, v); strings.Contains(text, canary) || strings.Contains(text, fmt.Sprintf("%x", canary)) {
					t.Errorf("%s prints %s", verb, text)
				}
			}
			text, err := json.Marshal(v)
			if err != nil {
				t.Fatal(err)
			}
			if strings.Contains(string(text), canary) || !strings.Contains(string(text), "secret") {
				t.Errorf("JSON: %s", text)
			}
		}
		if n.spec.Values.Open()[canary+"-key"] != canary || n.spec.Nested[0].Values.Open() == nil {
			t.Error("the values are lost on the way")
		}
	}
	if !(Sealed{}).Empty() || (Sealed{}).Open() != nil || sealed.Empty() {
		t.Error("a seal that holds nothing")
	}
}

func ptr[T any](v T) *T { return &v }
