package servicediscovery

import (
	"maps"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// inventory lists namespaces and the services in them; those services are AWS's, since only
// Amazon ECS makes any here.
func (s *Service) inventory(bool) []core.Resource {
	var out []core.Resource
	for scope, reg := range s.regions {
		for _, n := range reg.namespaces {
			state := "ACTIVE"
			switch {
			case n.deleting:
				state = "DELETING"
			case !n.ready:
				state = "CREATING"
			}
			out = append(out, core.Resource{
				Service: "servicediscovery", Kind: "HTTPNamespace", ID: n.id, Name: n.name, ARN: n.arn, Account: scope.Account, Region: scope.Region,
				Tags: maps.Clone(n.tags), State: state, Taggable: true, Settings: map[string]any{"name": n.name, "type": "HTTP", "description": n.description},
			})
		}
		for _, v := range reg.services {
			out = append(out, core.Resource{
				Service: "servicediscovery", Kind: "CloudMapService", ID: v.id, Name: v.name, ARN: v.arn, Account: scope.Account, Region: scope.Region,
				Tags: maps.Clone(v.tags), State: "ACTIVE", Taggable: true, AWSManaged: true,
				Settings: map[string]any{"name": v.name, "namespaceId": v.namespaceID, "instances": len(v.instances)},
			})
		}
	}
	return out
}

func (s *Service) tagged(scope core.Scope) map[string]map[string]string {
	out, reg := map[string]map[string]string{}, s.regions[scope]
	if reg == nil {
		return out
	}
	for _, n := range reg.namespaces {
		if n.ready {
			out[n.arn] = maps.Clone(n.tags)
		}
	}
	for _, v := range reg.services {
		out[v.arn] = maps.Clone(v.tags)
	}
	return out
}
