package servicediscovery

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// Service is AWS Cloud Map.
type Service struct {
	world   *core.World
	regions map[core.Scope]*region
}

// region is the state of one region of one account.
type region struct {
	namespaces map[string]*namespace
	services   map[string]*service
	operations map[string]*operation
	seq        int
}

type namespace struct {
	id, name, arn, description, creatorRequestID string
	tags                                         map[string]string
	created                                      time.Time
	seq                                          int
	// ready is false until the create operation has succeeded: nobody sees it until then.
	ready    bool
	deleting bool
	// operation is the one that created it.
	operation string
}

type service struct {
	id, name, arn, namespaceID, description string
	tags                                    map[string]string
	created                                 time.Time
	seq                                     int
	instances                               map[string]map[string]string
}

// New returns Cloud Map without namespaces.
func New(w *core.World) *Service {
	s := &Service{world: w}
	s.reset()
	w.OnReset(s.reset)
	w.AddInventory(s.inventory)
	w.AddTagger("servicediscovery", s.tagged)
	return s
}

func (s *Service) reset() { s.regions = map[core.Scope]*region{} }

func (s *Service) region(scope core.Scope) *region {
	r := s.regions[scope]
	if r == nil {
		r = &region{namespaces: map[string]*namespace{}, services: map[string]*service{}, operations: map[string]*operation{}}
		s.regions[scope] = r
	}
	return r
}

func (r *region) next() int { r.seq++; return r.seq }

// bySeq lists values in the order in which they were made.
func bySeq[T any](m map[string]T, seq func(T) int) []T {
	return slices.SortedFunc(maps.Values(m), func(a, b T) int { return cmp.Compare(seq(a), seq(b)) })
}

// Mux returns the actions.
func (s *Service) Mux() *core.Mux {
	m := &core.Mux{
		Service: "servicediscovery", Protocol: core.JSON11, Namespace: "Route53AutoNaming_v20170314",
		Throttled: core.Error{Code: "RequestLimitExceeded", Message: "Rate exceeded"},
	}
	core.Handle(m, "CreateHttpNamespace", s.createHTTPNamespace)
	core.Handle(m, "UpdateHttpNamespace", s.updateHTTPNamespace)
	core.Handle(m, "DeleteNamespace", s.deleteNamespace)
	core.Handle(m, "GetNamespace", s.getNamespace)
	core.Handle(m, "ListNamespaces", s.listNamespaces)
	core.Handle(m, "GetOperation", s.getOperation)
	core.Handle(m, "ListOperations", s.listOperations)
	core.Handle(m, "ListServices", s.listServices)
	core.Handle(m, "GetService", s.getService)
	core.Handle(m, "DeleteService", s.deleteService)
	core.Handle(m, "ListInstances", s.listInstances)
	core.Handle(m, "TagResource", s.tagResource)
	core.Handle(m, "UntagResource", s.untagResource)
	core.Handle(m, "ListTagsForResource", s.listTags)
	return m
}
