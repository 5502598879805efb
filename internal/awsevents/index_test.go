package awsevents

import (
	"testing"
	"time"
)

func TestIndex(t *testing.T) {
	x, now := NewIndex[string](), time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC)
	rule, role := Object[string]{Key: "a", Node: "rule/x", Kind: "ListenerRule"}, Object[string]{Key: "a", Node: "role/x", Kind: "Role"}
	theirs := Object[string]{Key: "b", Node: "rule/x", Kind: "ListenerRule"}
	x.Put("a", "1", map[Object[string]][]string{rule: {"arn:r", "", "name"}, role: {"role"}}, now)
	x.Put("b", "1", map[Object[string]][]string{theirs: {"arn:r"}}, now)
	find := func(account string, names ...string) map[string][]Object[string] {
		return x.Find(Notice{Account: account, Names: names})
	}

	if got := find("1", "arn:r", "name", "x"); len(got) != 2 || len(got["a"]) != 1 || len(got["b"]) != 1 {
		t.Errorf("an id that two deployments record concerns both, once each: %v", got)
	}
	if got := find("2", "arn:r"); len(got) != 0 {
		t.Errorf("another account: %v", got)
	}
	if got := find("1", ""); len(got) != 0 {
		t.Errorf("an empty name is nobody's: %v", got)
	}

	// Made again: the former id is known for a while.
	x.Put("a", "1", map[Object[string]][]string{rule: {"arn:r2"}}, now)
	if got := find("1", "arn:r"); len(got["a"]) != 1 {
		t.Errorf("the id of before isn't known any more: %v", got)
	}
	x.Put("a", "1", map[Object[string]][]string{rule: {"arn:r2"}}, now.Add(linger))
	if got := find("1", "arn:r", "role"); len(got["a"]) != 0 || len(got["b"]) != 1 {
		t.Errorf("it is known for too long: %v", got)
	}
	x.Drop("a")
	x.Drop("b")
	if len(x.byName) > 0 || len(x.of) > 0 {
		t.Errorf("something is left: %v %v", x.byName, x.of)
	}
}
