package kinds

import (
	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
	"github.com/portkey-ai/portkey-ecs-operator/internal/own"
)

// Tasks read secrets when they start, and never again
// (https://docs.aws.amazon.com/AmazonECS/latest/developerguide/secrets-envvar-secrets-manager.html). Which
// versions a revision was registered for is remembered in a tag. It could also be a label of the container, or
// the version's id in its reference; but then a first look, an upgrade or a switch would be a deployment, while
// a tag can be added to what runs, and a reference to a version fails once that version is gone.

// TagSecrets is the tag with the hash of the versions that secrets had when the revision was registered, or
// first looked at.
const TagSecrets = "ecs.portkey.ai/secrets"

// TagCause is the tag of revisions that are like the one before, and says what they are for.
const TagCause = "ecs.portkey.ai/cause"

const causeSecrets = "secrets"

// pathSecrets is the change that is a new version of a secret.
const pathSecrets = "secrets"

// RevisionFacts are what status wants to know of a revision.
type RevisionFacts struct {
	// ForSecrets says that the revision differs from the one before in nothing but the versions of secrets.
	ForSecrets bool
}

// versionsLength is enough to tell versions apart, and short enough to be read in a plan.
const versionsLength = 12

// VersionsHash is the hash of versions of secrets.
func VersionsHash(versions []string) string { return own.Digest(versions)[:versionsLength] }

// versions is the hash of all versions; KnownAfterApply while a copy is still to be written.
func (s TaskDefinitionSpec) versions() string {
	if len(s.Versions) == 0 {
		return s.Secrets
	}
	all := []string{s.Secrets}
	for _, v := range s.Versions {
		if !v.Known() {
			return graph.KnownAfterApply
		}
		all = append(all, v.String())
	}
	return VersionsHash(all)
}

// is reports whether the revision is what is asked for. Versions that one side doesn't know make no difference.
func (r revision) is(spec TaskDefinitionSpec) bool {
	return r.Content == spec.content() && !r.outdated(spec.versions())
}

func (r revision) outdated(secrets string) bool {
	have := r.Tags[TagSecrets]
	return have != "" && secrets != "" && have != secrets
}

// diffSecrets compares the versions. A revision without the tag gets it, and goes on.
func (r revision) diffSecrets(want string) []graph.Change {
	have := r.Tags[TagSecrets]
	switch {
	case r.outdated(want):
		return []graph.Change{{Path: pathSecrets, Have: have, Want: want, News: true}}
	case want != "" && have == "":
		return []graph.Change{{Path: "tags." + TagSecrets, Want: want, News: true}}
	default:
		return nil
	}
}

// succeeded are the tags of the revision after this one. Versions that aren't known now stay those of this
// one, so that a change which nobody could see is made up for later.
func (r revision) succeeded(secrets string, changes []graph.Change) map[string]string {
	if secrets == "" {
		secrets = r.Tags[TagSecrets]
	}
	out := secretTagsOf(secrets)
	if !touches(changes, "content", "status") {
		out[TagCause] = causeSecrets
	}
	return out
}

func secretTagsOf(secrets string) map[string]string {
	if secrets == "" {
		return map[string]string{}
	}
	return map[string]string{TagSecrets: secrets}
}
