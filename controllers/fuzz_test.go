package controllers

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
)

// FuzzPin: whatever the annotation says, what is read of it is written and read again as the same.
func FuzzPin(f *testing.F) {
	for _, s := range []string{"", "123456789012/us-east-1/2026-01-05T09:00:00Z", "a/b/2026-01-05T09:00:00.5+02:00", "//", "a/b/c/d", "1/2/0001-01-01T00:00:00Z"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, value string) {
		gw := &v1alpha1.PortkeyGateway{}
		gw.Annotations = map[string]string{AnnotationPinned: value}
		p, ok := pinned(gw)
		if !ok {
			return
		}
		gw.Annotations[AnnotationPinned] = p.String()
		again, ok := pinned(gw)
		if !ok || again.account != p.account || again.region != p.region || again.String() != p.String() {
			t.Errorf("%q is read as %+v, and that as %+v", value, p, again)
		}
	})
}

// FuzzActions: whatever annotations ask for, nothing is held that nobody answered, and an answer is found again by the
// value that it answers.
func FuzzActions(f *testing.F) {
	f.Add("ecs-pause-1", "804ddfe429b2a8440014f", "portkey-gateway:12@7", "id", int64(7))
	f.Add("", "", "@", "", int64(0))
	f.Add("a", "b", "a@b@3", strings.Repeat("x", 5000), int64(-1))
	f.Fuzz(func(t *testing.T, promote, abort, rollback, retry string, generation int64) {
		gw := &v1alpha1.PortkeyGateway{}
		gw.Generation = generation
		gw.Annotations = map[string]string{
			v1alpha1.AnnotationPromote: promote, v1alpha1.AnnotationAbort: abort, v1alpha1.AnnotationRollback: rollback, v1alpha1.AnnotationRetry: retry,
		}
		if c := control(gw); c.Held != "" {
			t.Errorf("%q is held without an answer: %s", rollback, c.Held)
		}
		put(gw, v1alpha1.ActionStatus{Name: actionRollback, Value: rollback, Result: v1alpha1.ActionDone}, noon)
		if a := answered(gw, actionRollback, rollback); a == nil || a.Result != v1alpha1.ActionDone {
			t.Fatalf("the answer to %q isn't found", rollback)
		}
		revision, at := splitRollback(rollback)
		if strings.Contains(revision, "@") || (held(gw) != "") != (revision != "" && at == generation) {
			t.Errorf("of %q the revision %q is held: %q, at generation %d", rollback, revision, held(gw), generation)
		}
	})
}

// FuzzInventory: a status that anybody wrote is read without a panic, with each node once, and no record is dropped.
func FuzzInventory(f *testing.F) {
	for _, s := range []string{
		`{}`, `{"resources":[{"node":"vpc/main","kind":"VPC","id":"vpc-1","needs":["a","a"],"out":{"id":"vpc-1"}}]}`,
		`{"resources":[{"node":"a"},{"node":"a"},{"node":""}]}`, `{"inventorySince":"2026-01-05T09:00:00Z","resources":[{"node":"x","createdAt":"2026-01-05T09:00:00Z","intentAt":null}]}`,
	} {
		f.Add(s, "123456789012/us-east-1/2026-01-05T09:00:00Z")
	}
	f.Fuzz(func(t *testing.T, status, pin string) {
		gw := &v1alpha1.PortkeyGateway{}
		if json.Unmarshal([]byte(status), &gw.Status) != nil {
			return
		}
		gw.Annotations = map[string]string{AnnotationPinned: pin}
		seen := map[graph.NodeID]bool{}
		for _, e := range inventory(gw, noon).Entries() {
			if seen[e.Node] {
				t.Errorf("%s is in the inventory twice", e.Node)
			}
			seen[e.Node] = true
		}
		for _, r := range gw.Status.Resources {
			if !seen[graph.NodeID(r.Node)] {
				t.Errorf("%q is in status and not in the inventory", r.Node)
			}
		}
	})
}
