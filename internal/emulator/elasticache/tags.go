package elasticache

import (
	"maps"
	"slices"
	"strings"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// maxTags per resource: https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Tagging-Resources.html
const maxTags = 50

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
	for _, t := range l {
		switch {
		case t.Key == "" || len(t.Key) > 128:
			return nil, invalidValue("Tag keys must be between 1 and 128 characters in length")
		case len(t.Value) > 256:
			return nil, invalidValue("The value of tag %s is longer than 256 characters", t.Key)
		case strings.HasPrefix(strings.ToLower(t.Key), "aws:"):
			return nil, invalidValue("Tag keys cannot start with the reserved prefix aws:")
		}
		out[t.Key] = t.Value
	}
	if len(out) > maxTags {
		return nil, core.Errorf("TagQuotaPerResourceExceeded", "The request cannot be processed because it would cause the resource to have more than the allowed number of tags (%d).", maxTags)
	}
	return out, nil
}

func (s *Service) handleTags() {
	core.Handle(s.mux, "AddTagsToResource", s.addTags)
	core.Handle(s.mux, "RemoveTagsFromResource", s.removeTags)
	core.Handle(s.mux, "ListTagsForResource", s.listTags)
}

// named finds an object by its ARN, or answers the fault of its type.
func (s *Service) named(q *core.Request, arn string) (*object, error) {
	reg := s.region(q.Scope)
	parts := strings.SplitN(arn, ":", 7)
	if len(parts) != 7 || parts[2] != serviceName || parts[3] != q.Region || parts[4] != q.Account {
		return nil, core.Errorf("InvalidARN", "The requested Amazon Resource Name (ARN) does not refer to an existing resource.")
	}
	id := parts[6]
	switch parts[5] {
	case "subnetgroup":
		if g, ok := seen(q, reg.subnetGroups, id); ok {
			return g.base(), nil
		}
		return nil, absentSubnetGroup(id)
	case "parametergroup":
		if g, ok := seen(q, reg.parameterGroups, id); ok {
			return g.base(), nil
		}
		return nil, absentParameterGroup(id)
	case "replicationgroup":
		if g, ok := seen(q, reg.replicationGroups, id); ok {
			return g.base(), nil
		}
		return nil, absentReplicationGroup(id)
	case "serverlesscache":
		if c, ok := seen(q, reg.serverless, id); ok {
			return c.base(), nil
		}
		return nil, absentServerless(id)
	case "user":
		if u, ok := seen(q, reg.users, id); ok {
			return u.base(), nil
		}
		return nil, absentUser(id)
	case "usergroup":
		if g, ok := seen(q, reg.userGroups, id); ok {
			return g.base(), nil
		}
		return nil, absentUserGroup(id)
	default:
		return nil, core.Errorf("InvalidARN", "The emulator knows no resource type %s.", parts[5])
	}
}

type tagsOut struct {
	TagList []tag `xml:"TagList>Tag"`
}

func (o *object) tagsOut() *tagsOut {
	out := &tagsOut{}
	for _, k := range slices.Sorted(maps.Keys(o.tags)) {
		out.TagList = append(out.TagList, tag{k, o.tags[k]})
	}
	return out
}

type addTagsIn struct {
	ResourceName string  `q:"ResourceName,required"`
	Tags         tagList `q:"Tags,item=Tag,required"`
}

// addTags answers all tags of the resource,
// https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_AddTagsToResource.html
func (s *Service) addTags(q *core.Request, in *addTagsIn) (*tagsOut, error) {
	o, err := s.named(q, in.ResourceName)
	if err != nil {
		return nil, err
	}
	tags, err := in.Tags.apply(o.tags)
	if err != nil {
		return nil, err
	}
	o.tags = tags
	return o.tagsOut(), nil
}

type removeTagsIn struct {
	ResourceName string   `q:"ResourceName,required"`
	TagKeys      []string `q:"TagKeys,required"`
}

func (s *Service) removeTags(q *core.Request, in *removeTagsIn) (*tagsOut, error) {
	o, err := s.named(q, in.ResourceName)
	if err != nil {
		return nil, err
	}
	for _, k := range in.TagKeys {
		if _, ok := o.tags[k]; !ok {
			return nil, absent("TagNotFound", "The requested tag %s was not found on this resource.", k)
		}
	}
	for _, k := range in.TagKeys {
		delete(o.tags, k)
	}
	return o.tagsOut(), nil
}

type listTagsIn struct {
	ResourceName string `q:"ResourceName,required"`
}

func (s *Service) listTags(q *core.Request, in *listTagsIn) (*tagsOut, error) {
	o, err := s.named(q, in.ResourceName)
	if err != nil {
		return nil, err
	}
	return o.tagsOut(), nil
}
