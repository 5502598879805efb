package autoscaling

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

const (
	tagResource = "auto-scaling-group"
	// maxTags per group: https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-tagging.html
	maxTags = 50
)

type tagValue struct {
	Value     string
	Propagate bool
}

type tagIn struct {
	Key               string `q:"Key,required"`
	Value             string
	PropagateAtLaunch bool
	ResourceId        string
	ResourceType      string
}

type tagOut struct {
	Key, Value               string
	PropagateAtLaunch        bool
	ResourceId, ResourceType string
}

func (g *group) setTag(t tagIn) error {
	switch {
	case t.Key == "" || len(t.Key) > 128 || len(t.Value) > 256:
		return invalid("Tag keys have 1 to 128 characters and values at most 256: %s", t.Key)
	case strings.HasPrefix(strings.ToLower(t.Key), "aws:"):
		return invalid("The tag key %s is not valid: the prefix aws: is reserved", t.Key)
	}
	if _, has := g.Tags[t.Key]; !has && len(g.Tags) >= maxTags {
		return core.Errorf("LimitExceeded", "You may only have up to %d tags per Auto Scaling group", maxTags)
	}
	g.Tags[t.Key] = tagValue{t.Value, t.PropagateAtLaunch}
	return nil
}

func (g *group) listTags() []tagOut {
	out := []tagOut{}
	for _, k := range slices.Sorted(maps.Keys(g.Tags)) {
		out = append(out, tagOut{k, g.Tags[k].Value, g.Tags[k].Propagate, g.Name, tagResource})
	}
	return out
}

type tagsIn struct {
	Tags []tagIn `q:"Tags,required"`
}

// tagged finds the group of each tag of a request.
func (s *Service) taggedGroups(scope core.Scope, tags []tagIn) ([]*group, error) {
	var out []*group
	for _, t := range tags {
		if t.ResourceType != tagResource {
			return nil, invalid("Tag ResourceType %s is not valid: it must be %s", t.ResourceType, tagResource)
		}
		g, err := s.named(scope, t.ResourceId)
		if err != nil {
			return nil, err
		}
		out = append(out, g)
	}
	return out, nil
}

func (s *Service) createOrUpdateTags(r *core.Request, in *tagsIn) (*core.Empty, error) {
	groups, err := s.taggedGroups(r.Scope, in.Tags)
	if err != nil {
		return nil, err
	}
	for i, t := range in.Tags {
		if err := groups[i].setTag(t); err != nil {
			return nil, err
		}
	}
	return nil, nil
}

func (s *Service) deleteTags(r *core.Request, in *tagsIn) (*core.Empty, error) {
	groups, err := s.taggedGroups(r.Scope, in.Tags)
	if err != nil {
		return nil, err
	}
	for i, t := range in.Tags {
		delete(groups[i].Tags, t.Key)
	}
	return nil, nil
}

type describeTagsIn struct {
	Filters    []filter
	MaxRecords int
	NextToken  string
}

type describeTagsOut struct {
	Tags      []tagOut `xml:"Tags>member"`
	NextToken string   `xml:",omitempty"`
}

// describeTags applies the filters of
// https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DescribeTags.html
func (s *Service) describeTags(r *core.Request, in *describeTagsIn) (*describeTagsOut, error) {
	var all []tagOut
	for _, g := range s.region(r.Scope).groups {
		for _, t := range g.listTags() {
			ok, err := t.matches(in.Filters)
			if err != nil {
				return nil, err
			}
			if ok {
				all = append(all, t)
			}
		}
	}
	page, next, err := paginate(r, all, func(t tagOut) string { return t.ResourceId + ":" + t.Key }, in.NextToken, in.MaxRecords, 50, 100)
	return &describeTagsOut{page, next}, err
}

func (t tagOut) matches(filters []filter) (bool, error) {
	fields := map[string]string{"auto-scaling-group": t.ResourceId, "key": t.Key, "value": t.Value, "propagate-at-launch": strconv.FormatBool(t.PropagateAtLaunch)}
	for _, f := range filters {
		v, known := fields[f.Name]
		if !known {
			return false, invalid("Filter type %s is not correct. Allowed Filter types are: auto-scaling-group key value propagate-at-launch", f.Name)
		}
		if !slices.Contains(f.Values, v) {
			return false, nil
		}
	}
	return true, nil
}
