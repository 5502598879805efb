package servicediscovery

import (
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	api "github.com/aws/aws-sdk-go-v2/service/servicediscovery"
	"github.com/aws/aws-sdk-go-v2/service/servicediscovery/types"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// maxTags is the limit of user tags on one resource.
const maxTags = 50

// tagMap checks tags as https://docs.aws.amazon.com/cloud-map/latest/api/API_Tag.html says.
func tagMap(tags []types.Tag) (map[string]string, error) {
	out := map[string]string{}
	for _, t := range tags {
		k, v := aws.ToString(t.Key), aws.ToString(t.Value)
		if k == "" || len(k) > 128 || len(v) > 256 || strings.HasPrefix(strings.ToLower(k), "aws:") {
			return nil, core.Errorf("InvalidInput", "The tag key %q or its value is invalid.", k)
		}
		out[k] = v
	}
	if len(out) > maxTags {
		return nil, core.Errorf("TooManyTagsException", "The list of tags on the resource is over the limit of %d tags.", maxTags)
	}
	return out, nil
}

func (s *Service) tagsOf(scope core.Scope, arn *string) (map[string]string, error) {
	a, reg := aws.ToString(arn), s.region(scope)
	if n := reg.namespaces[idOf(arn)]; n != nil && n.ready && n.arn == a {
		return n.tags, nil
	}
	if v := reg.services[idOf(arn)]; v != nil && v.arn == a {
		return v.tags, nil
	}
	e := core.Errorf("ResourceNotFoundException", "The resource %s does not exist.", a)
	return nil, e
}

// https://docs.aws.amazon.com/cloud-map/latest/api/API_TagResource.html
func (s *Service) tagResource(r *core.Request, in *api.TagResourceInput) (*api.TagResourceOutput, error) {
	have, err := s.tagsOf(r.Scope, in.ResourceARN)
	if err != nil {
		return nil, err
	}
	add, err := tagMap(in.Tags)
	if err != nil {
		return nil, err
	}
	all := maps.Clone(have)
	maps.Copy(all, add)
	if len(all) > maxTags {
		return nil, core.Errorf("TooManyTagsException", "The list of tags on the resource is over the limit of %d tags.", maxTags)
	}
	maps.Copy(have, add)
	return &api.TagResourceOutput{}, nil
}

// https://docs.aws.amazon.com/cloud-map/latest/api/API_UntagResource.html
func (s *Service) untagResource(r *core.Request, in *api.UntagResourceInput) (*api.UntagResourceOutput, error) {
	have, err := s.tagsOf(r.Scope, in.ResourceARN)
	if err != nil {
		return nil, err
	}
	for _, k := range in.TagKeys {
		delete(have, k)
	}
	return &api.UntagResourceOutput{}, nil
}

// https://docs.aws.amazon.com/cloud-map/latest/api/API_ListTagsForResource.html
func (s *Service) listTags(r *core.Request, in *api.ListTagsForResourceInput) (*api.ListTagsForResourceOutput, error) {
	have, err := s.tagsOf(r.Scope, in.ResourceARN)
	if err != nil {
		return nil, err
	}
	out := &api.ListTagsForResourceOutput{Tags: []types.Tag{}}
	for _, k := range slices.Sorted(maps.Keys(have)) {
		out.Tags = append(out.Tags, types.Tag{Key: aws.String(k), Value: aws.String(have[k])})
	}
	return out, nil
}
