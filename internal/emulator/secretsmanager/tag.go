package secretsmanager

import (
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

type tag struct{ Key, Value string }

func tagList(tags map[string]string) []tag {
	var out []tag
	for _, k := range slices.Sorted(maps.Keys(tags)) {
		out = append(out, tag{k, tags[k]})
	}
	return out
}

// maxTags is the number of tags of a secret,
// https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_TagResource.html
const maxTags = 50

func merge(have map[string]string, add []tag) (map[string]string, error) {
	out := maps.Clone(have)
	if out == nil {
		out = map[string]string{}
	}
	seen := map[string]bool{}
	for _, t := range add {
		n := utf8.RuneCountInString(t.Key)
		switch {
		case n < 1 || n > 128 || utf8.RuneCountInString(t.Value) > 256:
			return nil, core.Errorf("ValidationException", "1 validation error detected: Value '%s' at 'tags' failed to satisfy constraint: Member must have length between 1 and 128 (key) and 0 and 256 (value)", t.Key)
		case strings.HasPrefix(t.Key, "aws:"):
			return nil, invalidParameter("The aws: prefix is reserved for AWS use.")
		case seen[t.Key]:
			return nil, invalidParameter("The request contains duplicate tag keys.")
		}
		seen[t.Key] = true
		out[t.Key] = t.Value
	}
	if len(out) > maxTags {
		return nil, core.Errorf("LimitExceededException", "A secret can have at most %d tags.", maxTags)
	}
	return out, nil
}

type tagIn struct {
	SecretID string
	Tags     []tag
}

func (s *Service) tagResource(q *core.Request, in *tagIn) (*core.Empty, error) {
	x, err := s.live(q.Scope, in.SecretID)
	if err != nil {
		return nil, err
	}
	tags, err := merge(x.tags, in.Tags)
	if err == nil {
		x.tags = tags
	}
	return nil, err
}

type untagIn struct {
	SecretID string
	TagKeys  []string
}

func (s *Service) untagResource(q *core.Request, in *untagIn) (*core.Empty, error) {
	x, err := s.live(q.Scope, in.SecretID)
	if err != nil {
		return nil, err
	}
	for _, k := range in.TagKeys {
		delete(x.tags, k)
	}
	return nil, nil
}
