// Package tagging emulates the reads of the Resource Groups Tagging API, over the tags of every
// service that registered its objects with the world.
package tagging

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// Service is the tagging API of every account and region.
type Service struct {
	w *core.World
	// Lingers is how long objects are still listed that are gone. GetResources returns "all the tagged or previously tagged
	// resources", those of Elastic Load Balancing's listeners and rules among them for hours:
	// https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/API_GetResources.html
	// https://github.com/aws/aws-sdk/issues/676
	Lingers time.Duration
	// seen are the objects that were listed, by scope and ARN.
	seen map[core.Scope]map[string]*trace
}

// trace is an object that was listed.
type trace struct {
	tags map[string]string
	// gone is when it was first missed; zero while it is there.
	gone time.Time
}

// New returns the tagging API of a world.
func New(w *core.World) *Service { return &Service{w: w, seen: map[core.Scope]map[string]*trace{}} }

// tagged is what the scope has, and had until lately.
func (s *Service) tagged(scope core.Scope) map[string]map[string]string {
	out := s.w.Tagged(scope)
	if s.Lingers == 0 {
		return out
	}
	seen := s.seen[scope]
	if seen == nil {
		seen = map[string]*trace{}
		s.seen[scope] = seen
	}
	now := s.w.Clock.Now()
	for arn, t := range seen {
		if _, is := out[arn]; is {
			continue
		}
		if t.gone.IsZero() {
			t.gone = now
		}
		if now.Sub(t.gone) >= s.Lingers {
			delete(seen, arn)
		}
	}
	for arn, tags := range out {
		seen[arn] = &trace{tags: maps.Clone(tags)}
	}
	for arn, t := range seen {
		out[arn] = t.tags
	}
	return out
}

// Mux returns the actions, https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/API_Operations.html
func (s *Service) Mux() *core.Mux {
	m := &core.Mux{Service: "tagging", Protocol: core.JSON11, Namespace: "ResourceGroupsTaggingAPI_20170126",
		Throttled: core.Error{Code: "ThrottledException", Message: "The request was denied to limit the frequency of submitted requests."}}
	core.Handle(m, "GetResources", s.getResources)
	core.Handle(m, "GetTagKeys", s.getTagKeys)
	core.Handle(m, "GetTagValues", s.getTagValues)
	return m
}

func invalid(format string, args ...any) error {
	return core.Errorf("InvalidParameterException", format, args...)
}

type filter struct {
	Key    string
	Values []string
}

type getResourcesIn struct {
	TagFilters          []filter
	ResourceTypeFilters []string
	ResourceARNList     []string
	ResourcesPerPage    *int
	PaginationToken     string
}

type tag struct{ Key, Value string }

type mapping struct {
	ResourceARN string
	Tags        []tag
}

type getResourcesOut struct {
	ResourceTagMappingList []mapping
	PaginationToken        string
}

// The bounds of a request, https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/API_GetResources.html
const (
	maxARNs    = 100
	maxTypes   = 100
	maxKeys    = 50
	maxValues  = 20
	maxPerPage = 100
	defPerPage = 50
)

func (in *getResourcesIn) check() error {
	switch n := in.ResourcesPerPage; {
	case len(in.ResourceARNList) > 0 && (len(in.ResourceTypeFilters) > 0 || len(in.TagFilters) > 0 || n != nil || in.PaginationToken != ""):
		return invalid("ResourceARNList can't be combined with other filters or pagination.")
	case len(in.ResourceARNList) > maxARNs:
		return invalid("ResourceARNList takes at most %d ARNs.", maxARNs)
	case len(in.ResourceTypeFilters) > maxTypes:
		return invalid("ResourceTypeFilters takes at most %d types.", maxTypes)
	case len(in.TagFilters) > maxKeys:
		return invalid("TagFilters takes at most %d keys.", maxKeys)
	case n != nil && (*n < 1 || *n > maxPerPage):
		return invalid("ResourcesPerPage must be between 1 and %d.", maxPerPage)
	}
	for _, f := range in.TagFilters {
		switch {
		case f.Key == "":
			return invalid("Every TagFilter must have a key.")
		case len(f.Values) > maxValues:
			return invalid("A TagFilter takes at most %d values.", maxValues)
		}
	}
	return nil
}

// getResources lists tagged objects. All filters must hold, any of a filter's values suffices; ARNs
// that don't exist are left out without an error.
func (s *Service) getResources(q *core.Request, in *getResourcesIn) (*getResourcesOut, error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	tagged := s.tagged(q.Scope)
	var list []string
	for _, arn := range slices.Sorted(maps.Keys(tagged)) {
		if len(tagged[arn]) > 0 && in.matches(arn, tagged[arn]) {
			list = append(list, arn)
		}
	}
	limit, deflt := 0, defPerPage
	if in.ResourcesPerPage != nil {
		limit = *in.ResourcesPerPage
	}
	next := ""
	if len(in.ResourceARNList) == 0 {
		var ok bool
		if list, next, ok = core.Page(s.w, list, func(arn string) string { return arn }, in.PaginationToken, limit, deflt); !ok {
			return nil, core.Errorf("PaginationTokenExpiredException", "The PaginationToken is invalid or has expired.")
		}
	}
	out := &getResourcesOut{ResourceTagMappingList: []mapping{}, PaginationToken: next}
	for _, arn := range list {
		m := mapping{ResourceARN: arn, Tags: []tag{}}
		for _, k := range slices.Sorted(maps.Keys(tagged[arn])) {
			m.Tags = append(m.Tags, tag{k, tagged[arn][k]})
		}
		out.ResourceTagMappingList = append(out.ResourceTagMappingList, m)
	}
	return out, nil
}

func (in *getResourcesIn) matches(arn string, tags map[string]string) bool {
	if len(in.ResourceARNList) > 0 {
		return slices.Contains(in.ResourceARNList, arn)
	}
	if len(in.ResourceTypeFilters) > 0 && !slices.ContainsFunc(in.ResourceTypeFilters, func(t string) bool { return isType(arn, t) }) {
		return false
	}
	for _, f := range in.TagFilters {
		v, ok := tags[f.Key]
		if !ok || (len(f.Values) > 0 && !slices.Contains(f.Values, v)) {
			return false
		}
	}
	return true
}

// isType matches service[:resourceType] with what an ARN has in those places. A bucket's ARN names
// no type, though s3:bucket is one.
func isType(arn, kind string) bool {
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) < 6 {
		return false
	}
	service, resource, typed := strings.Cut(kind, ":")
	if parts[2] != service {
		return false
	}
	if !typed || (kind == "s3:bucket" && !strings.Contains(parts[5], "/")) {
		return true
	}
	return parts[5] == resource || strings.HasPrefix(parts[5], resource+"/") || strings.HasPrefix(parts[5], resource+":")
}

type keysIn struct{ PaginationToken string }

type keysOut struct {
	TagKeys         []string
	PaginationToken string
}

func (s *Service) getTagKeys(q *core.Request, in *keysIn) (*keysOut, error) {
	seen := map[string]bool{}
	for _, tags := range s.w.Tagged(q.Scope) {
		for k := range tags {
			seen[k] = true
		}
	}
	list, next, err := s.page(seen, in.PaginationToken)
	return &keysOut{list, next}, err
}

type valuesIn struct{ Key, PaginationToken string }

type valuesOut struct {
	TagValues       []string
	PaginationToken string
}

func (s *Service) getTagValues(q *core.Request, in *valuesIn) (*valuesOut, error) {
	if in.Key == "" {
		return nil, invalid("Key is required.")
	}
	seen := map[string]bool{}
	for _, tags := range s.w.Tagged(q.Scope) {
		if v, ok := tags[in.Key]; ok {
			seen[v] = true
		}
	}
	list, next, err := s.page(seen, in.PaginationToken)
	return &valuesOut{list, next}, err
}

func (s *Service) page(seen map[string]bool, token string) ([]string, string, error) {
	// A value may be empty, which a token couldn't tell from no token.
	list, next, ok := core.Page(s.w, slices.Sorted(maps.Keys(seen)), func(v string) string { return fmt.Sprintf("=%s", v) }, token, 0, maxPerPage)
	if !ok {
		return nil, "", core.Errorf("PaginationTokenExpiredException", "The PaginationToken is invalid or has expired.")
	}
	return append([]string{}, list...), next, nil
}
