package iam

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// maxTags is the number of tags of an entity, https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html
const maxTags = 50

type tagXML struct{ Key, Value string }

// tagSet is left out of an answer when it is nil: lists don't tell tags.
type tagSet struct {
	Members []tagXML `xml:"member"`
}

func itoa(n int) string { return strconv.Itoa(n) }

func newTagSet(tags map[string]string) *tagSet { return &tagSet{tagsXML(tags)} }

func tagsXML(tags map[string]string) []tagXML {
	var out []tagXML
	for _, k := range slices.Sorted(maps.Keys(tags)) {
		out = append(out, tagXML{k, tags[k]})
	}
	return out
}

// merge adds tags to have and returns the result. Keys are the same regardless of case; the newer
// spelling stays.
func merge(have map[string]string, add []tagXML, quota string) (map[string]string, error) {
	out := maps.Clone(have)
	if out == nil {
		out = map[string]string{}
	}
	seen := map[string]bool{}
	for i, t := range add {
		lower := strings.ToLower(t.Key)
		switch n := utf8.RuneCountInString(t.Key); {
		case n < 1 || n > 128:
			return nil, constraint(t.Key, "tags."+itoa(i+1)+".member.key", "have length between 1 and 128")
		case utf8.RuneCountInString(t.Value) > 256:
			return nil, constraint(t.Value, "tags."+itoa(i+1)+".member.value", "have length less than or equal to 256")
		case strings.HasPrefix(lower, "aws:"):
			return nil, invalidInput("Tag keys starting with 'aws:' are reserved for internal use.")
		case seen[lower]:
			return nil, invalidInput("Duplicate tag keys found. Please note that Tag keys are case insensitive.")
		}
		seen[lower] = true
		for k := range out {
			if strings.EqualFold(k, t.Key) {
				delete(out, k)
			}
		}
		out[t.Key] = t.Value
	}
	if len(out) > maxTags {
		return nil, limit("Cannot exceed quota for %s: %d", quota, maxTags)
	}
	return out, nil
}

func removeTags(have map[string]string, keys []string) {
	for k := range have {
		if slices.ContainsFunc(keys, func(x string) bool { return strings.EqualFold(x, k) }) {
			delete(have, k)
		}
	}
}

type tagListOut struct {
	Tags []tagXML `xml:"Tags>member"`
	page
}

func (s *Service) tagList(tags map[string]string, p paging) (*tagListOut, error) {
	list, pg, err := cut(s.w, tagsXML(tags), func(t tagXML) string { return t.Key }, p)
	return &tagListOut{list, pg}, err
}

type tagRoleIn struct {
	RoleName string   `q:",required"`
	Tags     []tagXML `q:",required"`
}

func (s *Service) tagRole(q *core.Request, in *tagRoleIn) (*core.Empty, error) {
	r, err := s.writableRole(s.of(q), in.RoleName)
	if err != nil {
		return nil, err
	}
	tags, err := merge(r.tags, in.Tags, "TagsPerRole")
	if err == nil {
		r.tags = tags
	}
	return nil, err
}

type untagRoleIn struct {
	RoleName string   `q:",required"`
	TagKeys  []string `q:",required"`
}

func (s *Service) untagRole(q *core.Request, in *untagRoleIn) (*core.Empty, error) {
	r, err := s.writableRole(s.of(q), in.RoleName)
	if err != nil {
		return nil, err
	}
	removeTags(r.tags, in.TagKeys)
	return nil, nil
}

type roleListIn struct {
	RoleName string `q:",required"`
	paging
}

func (s *Service) listRoleTags(q *core.Request, in *roleListIn) (*tagListOut, error) {
	r, err := s.role(s.of(q), in.RoleName)
	if err != nil {
		return nil, err
	}
	return s.tagList(r.tags, in.paging)
}

type tagPolicyIn struct {
	PolicyArn string   `q:",required"`
	Tags      []tagXML `q:",required"`
}

func (s *Service) tagPolicy(q *core.Request, in *tagPolicyIn) (*core.Empty, error) {
	p, err := s.localPolicy(s.of(q), in.PolicyArn)
	if err != nil {
		return nil, err
	}
	tags, err := merge(p.tags, in.Tags, "TagsPerPolicy")
	if err == nil {
		p.tags = tags
	}
	return nil, err
}

type untagPolicyIn struct {
	PolicyArn string   `q:",required"`
	TagKeys   []string `q:",required"`
}

func (s *Service) untagPolicy(q *core.Request, in *untagPolicyIn) (*core.Empty, error) {
	p, err := s.localPolicy(s.of(q), in.PolicyArn)
	if err != nil {
		return nil, err
	}
	removeTags(p.tags, in.TagKeys)
	return nil, nil
}

type policyListIn struct {
	PolicyArn string `q:",required"`
	paging
}

func (s *Service) listPolicyTags(q *core.Request, in *policyListIn) (*tagListOut, error) {
	p, err := s.policy(s.of(q), in.PolicyArn)
	if err != nil {
		return nil, err
	}
	return s.tagList(p.tags, in.paging)
}

type tagProfileIn struct {
	InstanceProfileName string   `q:",required"`
	Tags                []tagXML `q:",required"`
}

func (s *Service) tagProfile(q *core.Request, in *tagProfileIn) (*core.Empty, error) {
	p, err := s.profile(s.of(q), in.InstanceProfileName)
	if err != nil {
		return nil, err
	}
	tags, err := merge(p.tags, in.Tags, "TagsPerInstanceProfile")
	if err == nil {
		p.tags = tags
	}
	return nil, err
}

type untagProfileIn struct {
	InstanceProfileName string   `q:",required"`
	TagKeys             []string `q:",required"`
}

func (s *Service) untagProfile(q *core.Request, in *untagProfileIn) (*core.Empty, error) {
	p, err := s.profile(s.of(q), in.InstanceProfileName)
	if err != nil {
		return nil, err
	}
	removeTags(p.tags, in.TagKeys)
	return nil, nil
}

type profileListIn struct {
	InstanceProfileName string `q:",required"`
	paging
}

func (s *Service) listProfileTags(q *core.Request, in *profileListIn) (*tagListOut, error) {
	p, err := s.profile(s.of(q), in.InstanceProfileName)
	if err != nil {
		return nil, err
	}
	return s.tagList(p.tags, in.paging)
}
