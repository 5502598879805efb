package ecs

import (
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	api "github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// maxTags is the limit of user tags on one resource.
//
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Tag.html
const maxTags = 50

func tagMap(tags []types.Tag) (map[string]string, error) {
	out := map[string]string{}
	for _, t := range tags {
		k, v := aws.ToString(t.Key), aws.ToString(t.Value)
		if k == "" || len(k) > 128 || len(v) > 256 || strings.HasPrefix(strings.ToLower(k), "aws:") {
			return nil, invalid("Invalid tag: the key %q must have 1 to 128 characters and not begin with aws:, and the value at most 256.", k)
		}
		if _, twice := out[k]; twice {
			return nil, invalid("Duplicate tag keys found. Please note that Tag keys are case insensitive.")
		}
		out[k] = v
	}
	if len(out) > maxTags {
		return nil, invalid("The maximum number of tags that can be applied to a resource is %d.", maxTags)
	}
	return out, nil
}

func tagList(tags map[string]string) []types.Tag {
	out := []types.Tag{}
	for _, k := range slices.Sorted(maps.Keys(tags)) {
		out = append(out, types.Tag{Key: aws.String(k), Value: aws.String(tags[k])})
	}
	return out
}

// tags finds the tags of a resource by its ARN: clusters, capacity providers, task definitions,
// services, tasks and container instances can be tagged.
func (s *Service) tags(scope core.Scope, ref *string) (map[string]string, error) {
	arn := aws.ToString(ref)
	_, parts, ok := arnParts(arn)
	if !ok || len(parts) < 2 {
		return nil, invalid("Invalid resource ARN: %s", arn)
	}
	if tags, ok := s.resourceTags(scope)[arn]; ok {
		return tags, nil
	}
	switch parts[0] {
	case "cluster":
		return nil, core.Errorf("ClusterNotFoundException", "Cluster not found.")
	case "service":
		return nil, core.Errorf("ServiceNotFoundException", "Service not found.")
	default:
		return nil, invalid("The specified resource %s is not found. Specify a valid ARN and try again.", arn)
	}
}

// resourceTags are the live tags of everything taggable, by ARN.
func (s *Service) resourceTags(scope core.Scope) map[string]map[string]string {
	out, reg := map[string]map[string]string{}, s.regions[scope]
	if reg == nil {
		return out
	}
	for _, p := range reg.providers {
		if p.status != types.CapacityProviderStatusInactive {
			out[p.arn] = p.tags
		}
	}
	for _, f := range reg.families {
		for _, d := range f.revisions {
			if d.status == types.TaskDefinitionStatusActive {
				out[d.arn] = d.tags
			}
		}
	}
	for _, c := range reg.clusters {
		if c.status == "INACTIVE" {
			continue
		}
		out[c.arn] = c.tags
		for _, v := range c.services {
			if v.status != statusInactive {
				out[v.arn] = v.tags
			}
		}
		for _, t := range c.tasks {
			if t.lastStatus != stateStopped {
				out[t.arn] = t.tags
			}
		}
		for _, i := range c.instances {
			out[i.arn] = i.tags
		}
	}
	return out
}

func (s *Service) tagged(scope core.Scope) map[string]map[string]string {
	out := s.resourceTags(scope)
	for arn, tags := range out {
		out[arn] = maps.Clone(tags)
	}
	return out
}

// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_TagResource.html
func (s *Service) tagResource(r *core.Request, in *api.TagResourceInput) (*api.TagResourceOutput, error) {
	have, err := s.tags(r.Scope, in.ResourceArn)
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
		return nil, invalid("The maximum number of tags that can be applied to a resource is %d.", maxTags)
	}
	maps.Copy(have, add)
	return &api.TagResourceOutput{}, nil
}

// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_UntagResource.html
func (s *Service) untagResource(r *core.Request, in *api.UntagResourceInput) (*api.UntagResourceOutput, error) {
	have, err := s.tags(r.Scope, in.ResourceArn)
	if err != nil {
		return nil, err
	}
	for _, k := range in.TagKeys {
		if strings.HasPrefix(k, "aws:") {
			return nil, invalid("Tags that begin with aws: can't be removed.")
		}
		delete(have, k)
	}
	return &api.UntagResourceOutput{}, nil
}

// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ListTagsForResource.html
func (s *Service) listTagsForResource(r *core.Request, in *api.ListTagsForResourceInput) (*api.ListTagsForResourceOutput, error) {
	have, err := s.tags(r.Scope, in.ResourceArn)
	if err != nil {
		return nil, err
	}
	return &api.ListTagsForResourceOutput{Tags: tagList(have)}, nil
}
