package ec2

import (
	"maps"
	"slices"
	"strings"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

func (s *Service) registerTagging(m *core.Mux) {
	core.Handle(m, "CreateTags", s.createTags)
	core.Handle(m, "DeleteTags", s.deleteTags)
	core.Handle(m, "DescribeTags", s.describeTags)
}

type createTagsIn struct {
	Resources []string  `q:"ResourceId,required"`
	Tags      []tagItem `q:"Tag,required"`
}

// createTags adds or overwrites tags, of all resources or of none,
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateTags.html
func (s *Service) createTags(q *core.Request, in *createTagsIn) (*done, error) {
	r := s.region(q.Scope)
	add := tagMap(in.Tags)
	if len(add) != len(in.Tags) {
		return nil, invalidValue("Duplicate tag keys specified.")
	}
	var objects []*object
	for _, id := range in.Resources {
		o, err := r.tagged(id)
		if err != nil {
			return nil, err
		}
		if err := checkTags(add, o.tags); err != nil {
			return nil, err
		}
		objects = append(objects, o)
	}
	for _, o := range objects {
		if o.tags == nil {
			o.tags = map[string]string{}
		}
		maps.Copy(o.tags, add)
	}
	return ok(), nil
}

type deleteTagsIn struct {
	Resources []string `q:"ResourceId,required"`
	// A tag without a value is deleted whatever its value, one with a value only with that value.
	Tags []struct {
		Key   string  `q:"Key"`
		Value *string `q:"Value"`
	} `q:"Tag"`
}

// deleteTags removes the given tags, or all but AWS's own when none are given,
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteTags.html
func (s *Service) deleteTags(q *core.Request, in *deleteTagsIn) (*done, error) {
	r := s.region(q.Scope)
	var objects []*object
	for _, id := range in.Resources {
		o, err := r.tagged(id)
		if err != nil {
			return nil, err
		}
		objects = append(objects, o)
	}
	for _, tag := range in.Tags {
		if strings.HasPrefix(strings.ToLower(tag.Key), "aws:") {
			return nil, invalidValue("Tag keys starting with 'aws:' are reserved for internal use")
		}
	}
	for _, o := range objects {
		if len(in.Tags) == 0 {
			maps.DeleteFunc(o.tags, func(k, _ string) bool { return !strings.HasPrefix(k, "aws:") })
		}
		for _, tag := range in.Tags {
			if have, has := o.tags[tag.Key]; has && (tag.Value == nil || *tag.Value == have) {
				delete(o.tags, tag.Key)
			}
		}
	}
	return ok(), nil
}

type tagDescription struct {
	ResourceID   string `xml:"resourceId"`
	ResourceType string `xml:"resourceType"`
	Key          string `xml:"key"`
	Value        string `xml:"value"`
}

type describeTagsOut struct {
	Tags []tagDescription `xml:"tagSet>item"`
	Next string           `xml:"nextToken,omitempty"`
}

func (s *Service) describeTags(q *core.Request, in *DescribeIn) (*describeTagsOut, error) {
	var all []tagDescription
	for o := range s.region(q.Scope).objects() {
		if !q.World.Visible(o.created) {
			continue
		}
		for _, t := range tagItems(o.tags) {
			all = append(all, tagDescription{o.id, o.kind.resourceType, t.Key, t.Value})
		}
	}
	fields := map[string]func(tagDescription) []string{
		"key":           func(t tagDescription) []string { return []string{t.Key} },
		"value":         func(t tagDescription) []string { return []string{t.Value} },
		"resource-id":   func(t tagDescription) []string { return []string{t.ResourceID} },
		"resource-type": func(t tagDescription) []string { return []string{t.ResourceType} },
	}
	for _, f := range in.Filters {
		get, known := fields[f.Name]
		if !known && !strings.HasPrefix(f.Name, "tag:") {
			return nil, invalidFilter(f.Name)
		}
		all = slices.DeleteFunc(all, func(t tagDescription) bool {
			if !known {
				return "tag:"+t.Key != f.Name || !f.matches([]string{t.Value})
			}
			return !f.matches(get(t))
		})
	}
	page, next, err := paginate(q, all, func(t tagDescription) string { return t.ResourceID + "/" + t.Key }, in.Paging)
	return &describeTagsOut{page, next}, err
}

// objects yields every object that can carry tags.
func (r *region) objects() func(yield func(*object) bool) {
	return func(yield func(*object) bool) {
		_ = each(&r.vpcs, yield) && each(&r.subnets, yield) && each(&r.gateways, yield) && each(&r.addresses, yield) &&
			each(&r.nats, yield) && each(&r.routeTables, yield) && each(&r.groups, yield) && each(&r.rules, yield) &&
			each(&r.acls, yield) && each(&r.interfaces, yield) && each(&r.templates, yield) &&
			each(&r.instances, yield) && each(&r.volumes, yield) && each(&r.endpoints, yield) && each(&r.services, yield)
	}
}

func each[T entity](t *table[T], yield func(*object) bool) bool {
	for _, e := range t.items {
		if !yield(e.base()) {
			return false
		}
	}
	return true
}
