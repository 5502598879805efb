package kinds

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
	"github.com/portkey-ai/portkey-ecs-operator/internal/own"
)

func TestTagPatch(t *testing.T) {
	type m = map[string]string
	for _, c := range []struct {
		why        string
		want, live m
		set        m
		remove     []string
	}{
		{"equal", m{"a": "1"}, m{"a": "1"}, m{}, nil},
		{"missing and different", m{"a": "1", "b": "2"}, m{"a": "0"}, m{"a": "1", "b": "2"}, nil},
		{"an empty value is one too", m{"a": ""}, m{}, m{"a": ""}, nil},
		{"others' tags stay", m{"a": "1"}, m{"a": "1", "theirs": "x", "aws:cloudformation:stack-name": "s"}, m{}, nil},
		{"what we set and no longer want goes", m{"a": "1", TagKeys: "a"}, m{"a": "1", "b": "2", TagKeys: "a/b"}, m{TagKeys: "a"}, []string{"b"}},
		{"what we set and somebody removed is gone already", m{TagKeys: ""}, m{TagKeys: "b"}, m{TagKeys: ""}, nil},
		{"a key with a slash is one key", m{TagKeys: ""}, m{"a/b": "1", "a": "2", "b": "3", TagKeys: UserTagKeys(m{"a/b": ""})}, m{TagKeys: ""}, []string{"a/b"}},
		{"the list goes with the last tag", m{}, m{"a": "1", TagKeys: "a"}, m{}, []string{"a", TagKeys}},
		{"the zones go with the last record", m{"a": "1"}, m{"a": "1", TagZones: "Z1 Z2"}, m{}, []string{TagZones}},
		{"a list edited by hand can't name ownership", m{TagKeys: ""}, m{own.TagNode: "x", TagKeys: strings.ReplaceAll(own.TagNode, "/", "=s")}, m{TagKeys: ""}, nil},
	} {
		t.Run(c.why, func(t *testing.T) {
			set, remove := tagPatch(c.want, c.live)
			if d := cmp.Diff(c.set, set); d != "" {
				t.Error("set", d)
			}
			if d := cmp.Diff(c.remove, remove); d != "" {
				t.Error("remove", d)
			}
			if n := len(diffTags(c.want, c.live)); n != len(c.set)+len(c.remove) {
				t.Errorf("%d changes for %d", n, len(c.set)+len(c.remove))
			}
			if d := diffTags(c.want, retagged(c.want, c.live)); len(d) > 0 {
				t.Errorf("after the patch it differs: %+v", d)
			}
		})
	}
}

func TestUserTagKeysFit(t *testing.T) {
	tags := map[string]string{}
	for _, c := range "abcd" {
		tags[strings.Repeat(string(c), 100)] = ""
	}
	if v := UserTagKeys(tags); len(v) > maxTagValue || strings.Count(v, "/") != 1 {
		t.Errorf("%d characters: %s", len(v), v)
	}
}

func TestWhose(t *testing.T) {
	o := own.Owner{Cluster: "c", Kind: "K", Namespace: "n", Name: "x"}
	call := graph.Call{ID: "id-1", Owner: o.Proof("vpc/main")}
	for _, c := range []struct {
		why, id string
		tags    map[string]string
		want    graph.Proof
	}{
		{"the whole proof", "id-2", o.Proof("vpc/main"), graph.Ours},
		{"another node's", "id-2", o.Proof("vpc/other"), graph.Foreign},
		{"no tags, not recorded", "id-2", nil, graph.Foreign},
		{"no tags, recorded", "id-1", nil, graph.Ours},
		{"recorded, but it names another owner now", "id-1", map[string]string{own.TagOwner: "K/n/y"}, graph.Foreign},
		{"recorded, but it names another cluster now", "id-1", map[string]string{own.TagCluster: "d"}, graph.Foreign},
	} {
		if got := proof(call, c.id, c.tags); got != c.want {
			t.Errorf("%s: %s", c.why, got)
		}
	}
	call.ID = ""
	if proof(call, "", nil) != graph.Foreign {
		t.Error("no id equals no record")
	}
}
