package kinds_test

import (
	"slices"
	"strings"
	"testing"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
	"github.com/portkey-ai/portkey-ecs-operator/internal/kinds"
)

func mirror(state string, values map[string]string) kinds.MirroredSecretSpec {
	return kinds.MirroredSecretSpec{Source: "license", Keys: []string{"A"}, State: state, Values: graph.Seal(values)}
}

// TestMirroredSecretVersions: a version's id says which write of the source it came from, and nothing of the value;
// what others wrote never passes for ours, and what can't be compared is written.
func TestMirroredSecretVersions(t *testing.T) {
	s := newSandbox(t)
	l := newLife(s, kinds.MirroredSecret{}, "mirrored-secret/license", "main-license")
	one := mirror("uid/1", map[string]string{"A": "one"})
	made := l.create(one)
	l.equal(one, l.observe(one))
	paths := func(spec kinds.MirroredSecretSpec) ([]string, bool) {
		t.Helper()
		var out []string
		news := false
		for _, c := range l.kind.Diff(l.call(), spec, l.observe(spec)) {
			out, news = append(out, c.Path), news || c.News
		}
		return out, news
	}
	differs := func(why string, spec kinds.MirroredSecretSpec, want, news bool) {
		t.Helper()
		got, told := paths(spec)
		if slices.Contains(got, "value") != want || want && told != news {
			t.Errorf("%s: differs in %v, news: %t", why, got, told)
		}
	}
	same := mirror("uid/2", map[string]string{"A": "one"})
	differs("the source was written, but not this key", same, false, false)
	two := mirror("uid/2", map[string]string{"A": "two"})
	differs("another value", two, true, true)
	s.server.Inject(core.FaultRule{Service: "secretsmanager", Action: "GetSecretValue", Fault: core.FaultDenied})
	differs("a write that can't be compared", same, true, true)
	differs("a write that was seen", one, false, false)
	s.server.ClearFaults()
	differs("a source that wasn't read", kinds.MirroredSecretSpec{Source: "license", Keys: []string{"A"}}, false, false)

	other := newLife(s, kinds.MirroredSecret{}, "mirrored-secret/other", "main-other").create(mirror("uid/1", map[string]string{"A": "something else"}))
	first, _, _ := strings.Cut(made.Out["version"], "-")
	if !strings.HasPrefix(other.Out["version"], first) {
		t.Error("the id depends on the value")
	}
	after := l.put(two)
	if after.Out["version"] == made.Out["version"] || l.put(two).Out["version"] != after.Out["version"] {
		t.Error("a new value is one new version")
	}
	// The label moved back: the version is one of ours, and not after the one that is the previous now.
	_, err := s.clients.Secrets.PutSecretValue(t.Context(), &secretsmanager.PutSecretValueInput{SecretId: &made.ID, SecretString: sdk.String(`{"A":"theirs"}`), ClientRequestToken: sdk.String(first + "-" + first)})
	s.must(err)
	differs("a value by hand under an id like ours", two, true, false)
	l.put(two)
	l.equal(two, l.observe(two))
	_, err = s.clients.Secrets.DeleteSecret(t.Context(), &secretsmanager.DeleteSecretInput{SecretId: &made.ID})
	s.must(err)
	l.put(two)
	l.equal(two, l.observe(two))
}
