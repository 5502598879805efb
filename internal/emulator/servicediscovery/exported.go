package servicediscovery

import (
	"strings"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// NamespaceInfo is a namespace as other services see it.
type NamespaceInfo struct{ ID, Name, ARN, Type string }

// Namespace finds a namespace that is ready by name or ARN.
func (s *Service) Namespace(scope core.Scope, nameOrARN string) (NamespaceInfo, bool) {
	for _, n := range s.region(scope).namespaces {
		if n.ready && (n.name == nameOrARN || n.arn == nameOrARN) {
			return NamespaceInfo{ID: n.id, Name: n.name, ARN: n.arn, Type: "HTTP"}, true
		}
	}
	return NamespaceInfo{}, false
}

// CreateService makes a service in a namespace, as Amazon ECS does for Service Connect; a service
// of that name is returned as it is.
func (s *Service) CreateService(scope core.Scope, namespaceID, name string) (id string) {
	r := s.region(scope)
	for _, v := range r.services {
		if v.namespaceID == namespaceID && v.name == name {
			return v.id
		}
	}
	id = "srv-" + s.world.Hex(16)
	r.services[id] = &service{
		id: id, name: name, namespaceID: namespaceID, arn: scope.ARN("servicediscovery", "service/"+id),
		description: "Managed by Amazon ECS Service Connect", created: s.world.Clock.Now(), seq: r.next(),
		tags: map[string]string{"AmazonECSManaged": "true"}, instances: map[string]map[string]string{},
	}
	return id
}

// ServiceByName finds a service of a namespace.
func (s *Service) ServiceByName(scope core.Scope, namespaceID, name string) (id string, ok bool) {
	for _, v := range s.region(scope).services {
		if v.namespaceID == namespaceID && v.name == name {
			return v.id, true
		}
	}
	return "", false
}

// ServiceARN returns a service's ARN, or "".
func (s *Service) ServiceARN(scope core.Scope, id string) string {
	if v := s.region(scope).services[id]; v != nil {
		return v.arn
	}
	return ""
}

// DeleteService removes a service with its instances.
func (s *Service) DeleteService(scope core.Scope, id string) { delete(s.region(scope).services, id) }

// RegisterInstance puts an instance into a service.
func (s *Service) RegisterInstance(scope core.Scope, serviceID, instanceID string, attributes map[string]string) {
	if v := s.region(scope).services[serviceID]; v != nil {
		v.instances[instanceID] = attributes
	}
}

// DeregisterInstance takes it out again.
func (s *Service) DeregisterInstance(scope core.Scope, serviceID, instanceID string) {
	if v := s.region(scope).services[serviceID]; v != nil {
		delete(v.instances, instanceID)
	}
}

// idOf accepts an id or an ARN that ends in it.
func idOf(ref *string) string {
	if ref == nil {
		return ""
	}
	return (*ref)[strings.LastIndex(*ref, "/")+1:]
}
