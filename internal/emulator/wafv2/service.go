package wafv2

import (
	"maps"
	"time"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// Resources tells what AWS WAF knows of a load balancer: whether it exists, and whether it is ready to be
// protected.
type Resources interface {
	Protectable(scope core.Scope, loadBalancerARN string) (found, ready bool)
}

// Service is AWS WAF in every account and region.
type Service struct {
	w         *core.World
	resources Resources
	scopes    map[core.Scope]*state
}

// state is AWS WAF in one region of one account.
type state struct {
	acls map[string]*webACL // by ARN
	// associations are the web ACLs of resources, by the resource's ARN.
	associations map[string]string
}

type webACL struct {
	ARN, ID, Name, Description, LockToken string
	DefaultAction, VisibilityConfig       any
	Rules                                 []any
	Capacity                              int
	Tags                                  map[string]string
	created                               time.Time
}

// New returns AWS WAF of a world.
func New(w *core.World, resources Resources) *Service {
	s := &Service{w: w, resources: resources}
	reset := func() { s.scopes = map[core.Scope]*state{} }
	reset()
	w.OnReset(reset)
	w.AddInventory(s.inventory)
	w.AddTagger("wafv2", func(scope core.Scope) map[string]map[string]string {
		out := map[string]map[string]string{}
		for arn, a := range s.scope(scope).acls {
			out[arn] = maps.Clone(a.Tags)
		}
		return out
	})
	return s
}

// Mux returns the actions, https://docs.aws.amazon.com/waf/latest/APIReference/API_Operations_AWS_WAFV2.html
func (s *Service) Mux() *core.Mux {
	m := &core.Mux{Service: "wafv2", Protocol: core.JSON11, Namespace: "AWSWAF_20190729",
		Throttled: core.Error{Code: "ThrottlingException", Message: "Rate exceeded"}}
	core.Handle(m, "CreateWebACL", s.createWebACL)
	core.Handle(m, "GetWebACL", s.getWebACL)
	core.Handle(m, "ListWebACLs", s.listWebACLs)
	core.Handle(m, "DeleteWebACL", s.deleteWebACL)
	core.Handle(m, "AssociateWebACL", s.associateWebACL)
	core.Handle(m, "DisassociateWebACL", s.disassociateWebACL)
	core.Handle(m, "GetWebACLForResource", s.getWebACLForResource)
	core.Handle(m, "ListResourcesForWebACL", s.listResourcesForWebACL)
	core.Handle(m, "TagResource", s.tagResource)
	core.Handle(m, "UntagResource", s.untagResource)
	core.Handle(m, "ListTagsForResource", s.listTagsForResource)
	return m
}

func (s *Service) scope(scope core.Scope) *state {
	st := s.scopes[scope]
	if st == nil {
		st = &state{acls: map[string]*webACL{}, associations: map[string]string{}}
		s.scopes[scope] = st
	}
	return st
}

// protects is the web ACL of a resource, nil when it has none. A deleted resource takes its association
// with it.
func (s *Service) protects(scope core.Scope, resource string) *webACL {
	st := s.scope(scope)
	arn, ok := st.associations[resource]
	if !ok {
		return nil
	}
	if found, _ := s.resources.Protectable(scope, resource); !found {
		delete(st.associations, resource)
		return nil
	}
	return st.acls[arn]
}

// Add makes a web ACL without rules that allows everything, as a user has it beforehand, and returns its
// ARN. The caller holds the world's lock.
func (s *Service) Add(scope core.Scope, name string) string {
	a := s.newACL(scope, name)
	a.DefaultAction = map[string]any{"Allow": map[string]any{}}
	a.VisibilityConfig = map[string]any{"SampledRequestsEnabled": false, "CloudWatchMetricsEnabled": false, "MetricName": name}
	a.created = a.created.Add(-propagation)
	return a.ARN
}

func (s *Service) newACL(scope core.Scope, name string) *webACL {
	a := &webACL{ID: s.w.UUID(), Name: name, LockToken: s.w.UUID(), Rules: []any{}, Tags: map[string]string{}, created: s.w.Clock.Now()}
	a.ARN = scope.ARN("wafv2", "regional/webacl/"+name+"/"+a.ID)
	s.scope(scope).acls[a.ARN] = a
	return a
}

func (s *Service) inventory(bool) []core.Resource {
	var out []core.Resource
	for scope, st := range s.scopes {
		for _, a := range st.acls {
			out = append(out, core.Resource{Service: "wafv2", Kind: "WebACL", ID: a.ID, Name: a.Name, ARN: a.ARN, Account: scope.Account,
				Region: scope.Region, Tags: maps.Clone(a.Tags), State: "active", Taggable: true,
				Settings: map[string]any{"capacity": a.Capacity, "defaultAction": a.DefaultAction, "resources": s.resourcesOf(scope, a.ARN)}})
		}
	}
	return out
}

// invalid is the error of parameters that can't be right.
func invalid(format string, args ...any) error {
	return core.Errorf("WAFInvalidParameterException", "Error reason: "+format, args...)
}

func nonexistent() error {
	return core.Errorf("WAFNonexistentItemException", "AWS WAF couldn’t perform the operation because your resource doesn’t exist.")
}

func unavailable() error {
	return core.Errorf("WAFUnavailableEntityException", "AWS WAF couldn’t retrieve the resource that you requested. Retry your request.")
}
