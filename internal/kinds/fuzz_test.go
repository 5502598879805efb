package kinds

import (
	"strings"
	"testing"
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
