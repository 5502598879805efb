package logs

import (
	"maps"
	"strings"
	"unicode/utf8"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// maxTags is the number of tags of a log group,
// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_TagResource.html
const maxTags = 50

func checkTags(add, have map[string]string) error {
	all := maps.Clone(have)
	if all == nil {
		all = map[string]string{}
	}
	for k, v := range add {
		n := utf8.RuneCountInString(k)
		if n < 1 || n > 128 || strings.HasPrefix(strings.ToLower(k), "aws:") || utf8.RuneCountInString(v) > 256 {
			return invalid("The specified tag is invalid: %s", k)
		}
		all[k] = v
	}
	if len(all) > maxTags {
		return core.Errorf("TooManyTagsException", "Resource would have more than %d tags.", maxTags)
	}
	return nil
}

// tagged finds the log group of an ARN, which has no :* at its end here.
func (s *Service) tagged(scope core.Scope, arn string) (*group, error) {
	name, ok := strings.CutPrefix(arn, groupARN(scope, ""))
	if !ok || !groupPattern.MatchString(name) {
		if strings.HasPrefix(arn, "arn:") {
			return nil, notFound("resource")
		}
		return nil, invalid("The specified resource ARN is invalid: %s", arn)
	}
	if g := s.scopes[scope][name]; g != nil {
		return g, nil
	}
	return nil, notFound("resource")
}

type tagIn struct {
	ResourceArn string
	Tags        map[string]string
}

func (s *Service) tagResource(q *core.Request, in *tagIn) (*core.Empty, error) {
	g, err := s.tagged(q.Scope, in.ResourceArn)
	if err != nil {
		return nil, err
	}
	if err := checkTags(in.Tags, g.tags); err != nil {
		return nil, err
	}
	maps.Copy(g.tags, in.Tags)
	return nil, nil
}

type untagIn struct {
	ResourceArn string
	TagKeys     []string
}

func (s *Service) untagResource(q *core.Request, in *untagIn) (*core.Empty, error) {
	g, err := s.tagged(q.Scope, in.ResourceArn)
	if err != nil {
		return nil, err
	}
	for _, k := range in.TagKeys {
		delete(g.tags, k)
	}
	return nil, nil
}

type listTagsIn struct{ ResourceArn string }

type tagsOut struct {
	Tags map[string]string `json:"tags"`
}

func (s *Service) listTagsForResource(q *core.Request, in *listTagsIn) (*tagsOut, error) {
	g, err := s.tagged(q.Scope, in.ResourceArn)
	if err != nil {
		return nil, err
	}
	return &tagsOut{g.tags}, nil
}

func (s *Service) listTagsLogGroup(q *core.Request, in *groupIn) (*tagsOut, error) {
	g, err := s.group(q.Scope, in.LogGroupName)
	if err != nil {
		return nil, err
	}
	return &tagsOut{g.tags}, nil
}
