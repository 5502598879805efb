package wafv2

import (
	"maps"
	"slices"
	"strings"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

type tag struct{ Key, Value string }

// maxTags, https://docs.aws.amazon.com/waf/latest/developerguide/tag-editor.html
const maxTags = 50

func tagMap(tags []tag) (map[string]string, error) {
	out := map[string]string{}
	for _, t := range tags {
		_, twice := out[t.Key]
		if t.Key == "" || len(t.Key) > 128 || len(t.Value) > 256 || strings.HasPrefix(t.Key, "aws:") || twice {
			return nil, invalid("The tag isn't valid., field: TAGS, parameter: %s", t.Key)
		}
		out[t.Key] = t.Value
	}
	if len(out) > maxTags {
		return nil, core.Errorf("WAFLimitsExceededException", "AWS WAF couldn’t perform the operation because you exceeded your resource limit.")
	}
	return out, nil
}

func (s *Service) tagged(scope core.Scope, arn string) (*webACL, error) {
	if err := checkACL(arn); err != nil {
		return nil, err
	}
	a := s.scope(scope).acls[arn]
	if a == nil {
		return nil, nonexistent()
	}
	return a, nil
}

type tagIn struct {
	ResourceARN string
	Tags        []tag
}

func (s *Service) tagResource(r *core.Request, in *tagIn) (*core.Empty, error) {
	a, err := s.tagged(r.Scope, in.ResourceARN)
	if err != nil {
		return nil, err
	}
	more, err := tagMap(in.Tags)
	if err != nil {
		return nil, err
	}
	next := maps.Clone(a.Tags)
	maps.Copy(next, more)
	if len(next) > maxTags {
		return nil, core.Errorf("WAFLimitsExceededException", "AWS WAF couldn’t perform the operation because you exceeded your resource limit.")
	}
	a.Tags = next
	return nil, nil
}

type untagIn struct {
	ResourceARN string
	TagKeys     []string
}

func (s *Service) untagResource(r *core.Request, in *untagIn) (*core.Empty, error) {
	a, err := s.tagged(r.Scope, in.ResourceARN)
	if err != nil {
		return nil, err
	}
	for _, k := range in.TagKeys {
		delete(a.Tags, k)
	}
	return nil, nil
}

type tagsIn struct {
	ResourceARN, NextMarker string
	Limit                   *int
}

type tagInfo struct {
	ResourceARN string
	TagList     []tag
}

type tagsOut struct {
	TagInfoForResource tagInfo
	NextMarker         string `json:",omitempty"`
}

func (s *Service) listTagsForResource(r *core.Request, in *tagsIn) (*tagsOut, error) {
	a, err := s.tagged(r.Scope, in.ResourceARN)
	if err != nil {
		return nil, err
	}
	limit := 0
	if in.Limit != nil {
		if limit = *in.Limit; limit < 1 || limit > maxPage {
			return nil, invalid("The parameter must be between 1 and %d., field: LIMIT, parameter: %d", maxPage, limit)
		}
	}
	keys, next, ok := core.Page(s.w, slices.Sorted(maps.Keys(a.Tags)), func(k string) string { return k }, in.NextMarker, limit, maxPage)
	if !ok {
		return nil, invalid("The next marker is not valid., field: NEXT_MARKER, parameter: %s", in.NextMarker)
	}
	out := &tagsOut{TagInfoForResource: tagInfo{a.ARN, []tag{}}, NextMarker: next}
	for _, k := range keys {
		out.TagInfoForResource.TagList = append(out.TagInfoForResource.TagList, tag{k, a.Tags[k]})
	}
	return out, nil
}
