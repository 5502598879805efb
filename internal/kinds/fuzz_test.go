package kinds

import (
	"strings"
	"testing"

	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
	"github.com/portkey-ai/portkey-ecs-operator/internal/own"
)

// FuzzARN: of whatever is given for an ARN, its service and its last part are parts of it.
func FuzzARN(f *testing.F) {
	for _, s := range []string{"", ":", "arn:aws:ecs:us-east-1:123456789012:service/main/gateway", "arn:aws:::", "/", "arn:aws:s3:::bucket/key", "ecs-svc/1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, arn string) {
		if s := serviceOf(arn); strings.Contains(s, ":") || !strings.Contains(arn, s) {
			t.Errorf("the service of %q is %q", arn, s)
		}
		if s := lastOf(arn); strings.Contains(s, "/") || !strings.HasSuffix(arn, s) {
			t.Errorf("the last part of %q is %q", arn, s)
		}
	})
}

// FuzzPasswordVersion: what is read of the tag is written and read again as the same.
func FuzzPasswordVersion(f *testing.F) {
	for _, s := range []string{"", "version", "version@1767600000", "@", "a@b@1", "a@-62135596800", "a@9223372036854775807"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, tag string) {
		v := parsePasswordVersion(tag)
		if again := parsePasswordVersion(v.String()); again.ID != v.ID || !again.Since.Equal(v.Since) {
			t.Errorf("%q is read as %+v, and that as %+v", tag, v, again)
		}
	})
}

// FuzzRecordID: what is read of a record's id is written as the same, or nothing is.
func FuzzRecordID(f *testing.F) {
	for _, s := range []string{"", "Z1/A/gw.example.com", "Z1/CNAME/_x.gw.example.com", "//", "a/b", "a/b/c/d"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, id string) {
		call := graph.Call{}
		call.ID = id
		if got := (RecordSetSpec{}).id(call); got != (recordID{}) && got.String() != id {
			t.Errorf("%q is read as %+v", id, got)
		}
	})
}

// FuzzClaim: an owner's claim is its own, whatever is written after it, and nobody else's.
func FuzzClaim(f *testing.F) {
	f.Add("cluster", "PortkeyGateway/default/gw", " node=record-set/gateway-a")
	f.Add("", "", "")
	f.Fuzz(func(t *testing.T, cluster, owner, rest string) {
		mine := Claim(map[string]string{own.TagCluster: cluster, own.TagOwner: owner})
		if !claims(`"`+mine+`"`, mine) || claims(`"`+mine+rest+`"`, Claim(map[string]string{own.TagCluster: cluster + "x", own.TagOwner: owner})) {
			t.Errorf("%q of %q and %q", mine+rest, cluster, owner)
		}
	})
}

// FuzzImage: whatever a public parameter says, it names an image that stands in it or is refused.
func FuzzImage(f *testing.F) {
	for _, s := range []string{"", "ami-0123", `{"image_id":"ami-0123"}`, `{"image_id":""}`, `{"image_id":1}`, "[]"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, value string) {
		if id, ok := imageIn(value); ok != (id != "") {
			t.Errorf("%q names %q: %t", value, id, ok)
		}
	})
}
