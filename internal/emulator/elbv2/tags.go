package elbv2

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// maxTags per resource:
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-tags.html
const maxTags = 50

// maxTaggedARNs is how many resources one call of DescribeTags names:
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DescribeTags.html
const maxTaggedARNs = 20

type tag struct {
	Key   string `q:"Key,required"`
	Value string
}

type tagList []tag

// apply adds the list to tags, which it doesn't change.
func (l tagList) apply(tags map[string]string) (map[string]string, error) {
	out := maps.Clone(tags)
	if out == nil {
		out = map[string]string{}
	}
	seen := map[string]bool{}
	for _, t := range l {
		switch {
		case seen[t.Key]:
			return nil, core.Errorf("DuplicateTagKeys", "A tag key was specified more than once: '%s'", t.Key)
		case t.Key == "" || len(t.Key) > 128:
			return nil, invalid("Tag keys must be between 1 and 128 characters in length")
		case len(t.Value) > 256:
			return nil, invalid("The value of tag '%s' is longer than 256 characters", t.Key)
		case strings.HasPrefix(strings.ToLower(t.Key), "aws:"):
			return nil, invalid("Tag keys cannot start with the reserved prefix 'aws:'")
		}
		seen[t.Key] = true
		out[t.Key] = t.Value
	}
	if len(out) > maxTags {
		return nil, core.Errorf("TooManyTags", "The maximum number of tags per resource is %d", maxTags)
	}
	return out, nil
}

func listTags(tags map[string]string) []tag {
	out := make([]tag, 0, len(tags))
	for _, k := range slices.Sorted(maps.Keys(tags)) {
		out = append(out, tag{k, tags[k]})
	}
	return out
}

// tagsOf returns the tags of the object with the ARN, and when it was made.
func (s *Service) tagsOf(scope core.Scope, arn string) (*map[string]string, time.Time, error) {
	reg := s.region(scope)
	switch {
	case strings.Contains(arn, ":loadbalancer/"):
		if lb, ok := reg.loadBalancers.get(arn); ok {
			return &lb.Tags, lb.Created, nil
		}
		return nil, time.Time{}, loadBalancerNotFound(arn)
	case strings.Contains(arn, ":targetgroup/"):
		if tg, ok := reg.targetGroups.get(arn); ok {
			return &tg.Tags, tg.Created, nil
		}
		return nil, time.Time{}, targetGroupNotFound()
	case strings.Contains(arn, ":listener/"):
		if l, ok := reg.listeners.get(arn); ok {
			return &l.Tags, l.Created, nil
		}
		return nil, time.Time{}, listenerNotFound()
	case strings.Contains(arn, ":listener-rule/"):
		if u, ok := reg.rules.get(arn); ok {
			return &u.Tags, u.Created, nil
		}
		return nil, time.Time{}, ruleNotFound()
	default:
		return nil, time.Time{}, invalid("'%s' is not a valid resource ARN", arn)
	}
}

type addTagsIn struct {
	ResourceArns []string `q:"ResourceArns,required"`
	Tags         tagList  `q:"Tags,required"`
}

func (s *Service) addTags(r *core.Request, in *addTagsIn) (*core.Empty, error) {
	next := map[*map[string]string]map[string]string{}
	for _, arn := range in.ResourceArns {
		tags, _, err := s.tagsOf(r.Scope, arn)
		if err != nil {
			return nil, err
		}
		if next[tags], err = in.Tags.apply(*tags); err != nil {
			return nil, err
		}
	}
	for old, tags := range next {
		*old = tags
	}
	return nil, nil
}

type removeTagsIn struct {
	ResourceArns []string `q:"ResourceArns,required"`
	TagKeys      []string `q:"TagKeys,required"`
}

func (s *Service) removeTags(r *core.Request, in *removeTagsIn) (*core.Empty, error) {
	var found []*map[string]string
	for _, arn := range in.ResourceArns {
		tags, _, err := s.tagsOf(r.Scope, arn)
		if err != nil {
			return nil, err
		}
		found = append(found, tags)
	}
	for _, tags := range found {
		for _, k := range in.TagKeys {
			delete(*tags, k)
		}
	}
	return nil, nil
}

type describeTagsIn struct {
	ResourceArns []string `q:"ResourceArns,required"`
}

type tagDescription struct {
	ResourceArn string
	Tags        []tag `xml:"Tags>member"`
}

type describeTagsOut struct {
	TagDescriptions []tagDescription `xml:"TagDescriptions>member"`
}

func (s *Service) describeTags(r *core.Request, in *describeTagsIn) (*describeTagsOut, error) {
	if len(in.ResourceArns) > maxTaggedARNs {
		return nil, invalid("Cannot have more than %d resources described", maxTaggedARNs)
	}
	out := &describeTagsOut{}
	for _, arn := range in.ResourceArns {
		tags, created, err := s.tagsOf(r.Scope, arn)
		if err == nil && !s.world.Visible(created) {
			err = notVisible(arn)
		}
		if err != nil {
			return nil, err
		}
		out.TagDescriptions = append(out.TagDescriptions, tagDescription{arn, listTags(*tags)})
	}
	return out, nil
}

// notVisible is the error for an object that reads don't show yet.
func notVisible(arn string) *core.Error {
	switch {
	case strings.Contains(arn, ":loadbalancer/"):
		return loadBalancerNotFound(arn)
	case strings.Contains(arn, ":targetgroup/"):
		return targetGroupNotFound()
	case strings.Contains(arn, ":listener/"):
		return listenerNotFound()
	default:
		return ruleNotFound()
	}
}
