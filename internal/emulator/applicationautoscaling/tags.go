package applicationautoscaling

import (
	"maps"
	"strings"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/aws"
	api "github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// maxTags is the number of tags of a scalable target.
//
// https://docs.aws.amazon.com/autoscaling/application/userguide/resource-tagging-support.html
const maxTags = 50

// checkTags is have with more, if that may be.
func checkTags(have, more map[string]string) (map[string]string, error) {
	out := map[string]string{}
	maps.Copy(out, have)
	for k, v := range more {
		if n := utf8.RuneCountInString(k); n < 1 || n > 128 || utf8.RuneCountInString(v) > 256 {
			return nil, invalid("1 validation error detected: Value at 'tags' failed to satisfy constraint: Map keys must have length between 1 and 128, values between 0 and 256")
		}
		if strings.HasPrefix(strings.ToLower(k), "aws:") {
			return nil, invalid("Tag keys with the prefix aws: are reserved for use by AWS.")
		}
		out[k] = v
	}
	if len(out) > maxTags {
		return nil, core.Errorf("TooManyTagsException", "A scalable target can have at most %d tags.", maxTags)
	}
	return out, nil
}

func (s *Service) byARN(scope core.Scope, arn *string) (*target, error) {
	for _, t := range s.region(scope) {
		if t.arn == aws.ToString(arn) {
			return t, nil
		}
	}
	return nil, core.Errorf("ResourceNotFoundException", "The specified resource doesn't exist: %s", aws.ToString(arn))
}

// tagResource adds tags or changes their values.
//
// https://docs.aws.amazon.com/autoscaling/application/APIReference/API_TagResource.html
func (s *Service) tagResource(r *core.Request, in *api.TagResourceInput) (*api.TagResourceOutput, error) {
	t, err := s.byARN(r.Scope, in.ResourceARN)
	if err != nil {
		return nil, err
	}
	tags, err := checkTags(t.tags, in.Tags)
	if err != nil {
		return nil, err
	}
	t.tags = tags
	return &api.TagResourceOutput{}, nil
}

// untagResource removes tags, those that aren't there too.
//
// https://docs.aws.amazon.com/autoscaling/application/APIReference/API_UntagResource.html
func (s *Service) untagResource(r *core.Request, in *api.UntagResourceInput) (*api.UntagResourceOutput, error) {
	t, err := s.byARN(r.Scope, in.ResourceARN)
	if err != nil {
		return nil, err
	}
	for _, k := range in.TagKeys {
		delete(t.tags, k)
	}
	return &api.UntagResourceOutput{}, nil
}

// listTagsForResource lists the tags of a scalable target.
//
// https://docs.aws.amazon.com/autoscaling/application/APIReference/API_ListTagsForResource.html
func (s *Service) listTagsForResource(r *core.Request, in *api.ListTagsForResourceInput) (*api.ListTagsForResourceOutput, error) {
	t, err := s.byARN(r.Scope, in.ResourceARN)
	if err != nil {
		return nil, err
	}
	return &api.ListTagsForResourceOutput{Tags: maps.Clone(t.tags)}, nil
}

// tagged are the tags by ARN, for the tagging API.
func (s *Service) tagged(scope core.Scope) map[string]map[string]string {
	out := map[string]map[string]string{}
	for _, t := range s.region(scope) {
		out[t.arn] = maps.Clone(t.tags)
	}
	return out
}
