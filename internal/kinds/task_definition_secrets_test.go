package kinds_test

import (
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ecs"

	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
	"github.com/portkey-ai/portkey-ecs-operator/internal/kinds"
)

// TestTaskDefinitionSecrets: another version of a secret is another revision, and what isn't known is none.
func TestTaskDefinitionSecrets(t *testing.T) {
	s := newSandbox(t)
	spec := s.taskDefinition()
	l := newLife(s, kinds.TaskDefinition{}, "taskdefinition/gateway", "main-abc-gateway")
	first := l.create(spec)
	forSecrets := func(live graph.Live) bool { return live.Facts.(*kinds.RevisionFacts).ForSecrets }
	for _, c := range []struct {
		why, secrets string
		image        string
		differs      []string
		revision     bool // a new one
		cause        bool
	}{
		{why: "first looked at", secrets: "one", differs: []string{"tags." + kinds.TagSecrets}},
		{why: "the same", secrets: "one"},
		{why: "unknown", secrets: ""},
		{why: "a new version", secrets: "two", differs: []string{"secrets"}, revision: true, cause: true},
		{why: "another image while they are unknown", image: "docker.io/portkeyai/gateway:2", differs: []string{"content.image"}, revision: true},
		{why: "known again, and another", secrets: "three", differs: []string{"secrets"}, revision: true, cause: true},
		{why: "back to an earlier version", secrets: "two", differs: []string{"secrets"}, revision: true, cause: true},
		{why: "image and version", secrets: "four", image: "docker.io/portkeyai/gateway:3", differs: []string{"content.image", "secrets"}, revision: true},
	} {
		spec.Secrets = c.secrets
		if c.image != "" {
			spec.Container.Image = c.image
		}
		before := l.observe(spec)
		if got := l.diff(spec, before); !slices.Equal(got, c.differs) {
			t.Errorf("%s: differs in %v, want %v", c.why, got, c.differs)
		}
		after := before
		if len(c.differs) > 0 {
			after = l.put(spec)
		}
		if (after.ID != before.ID) != c.revision || forSecrets(after) != (c.cause || !c.revision && forSecrets(before)) {
			t.Errorf("%s: %s after %s, %+v", c.why, after.ID, before.ID, after.Facts)
		}
		if c.revision {
			l.id = before.ID // the record of the registration is lost
			if found := l.observe(spec); found.ID != after.ID {
				t.Errorf("%s: found %s instead of %s", c.why, found.ID, after.ID)
			}
			l.id = after.ID
		}
	}
	_, err := s.clients.ECS.UntagResource(t.Context(), &ecs.UntagResourceInput{ResourceArn: &l.id, TagKeys: []string{kinds.TagSecrets}})
	s.must(err)
	spec.Secrets = "five"
	if got := l.diff(spec, l.observe(spec)); !slices.Equal(got, []string{"tags." + kinds.TagSecrets}) {
		t.Errorf("without the tag it differs in %v", got)
	}
	if first.ID == l.id {
		t.Error("no revision was ever made")
	}
}
