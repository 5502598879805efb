package elasticache

import (
	"slices"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// interfaces are those behind an endpoint, and the port it answers on; known says that a cache has the
// endpoint, serving that it is up.
func (s *Service) interfaces(scope core.Scope, host string) (enis []string, port int, known, serving bool) {
	for _, r := range s.region(scope).replicationGroups {
		serving := r.status == statusAvailable || r.status == statusModifying
		if r.clustered() {
			if host == r.configuration(scope.Region) {
				for _, n := range r.nodes() {
					enis = append(enis, n.eni)
				}
				return enis, r.port, true, serving
			}
			continue
		}
		for _, n := range r.nodes() {
			if host == r.nodeEndpoint(scope.Region, n) || n.primary && host == r.primary(scope.Region) || !n.primary && host == r.reader(scope.Region) {
				return []string{n.eni}, r.port, true, serving
			}
		}
	}
	for _, c := range s.region(scope).serverless {
		if host == c.endpoint(scope.Region) {
			return c.enis, defaultPort, true, c.status == statusAvailable || c.status == statusModifying
		}
	}
	return nil, 0, false, false
}

// HasEndpoint reports whether a cache answers to a host name.
func (s *Service) HasEndpoint(scope core.Scope, host string) bool {
	_, _, known, _ := s.interfaces(scope, host)
	return known
}

// Reaches reports whether a network interface can connect to the cache behind a host name and port: the
// cache is up, and the security groups of both sides let it through, to every node of a cluster.
func (s *Service) Reaches(scope core.Scope, fromInterfaceID, host string, port int) bool {
	enis, at, known, serving := s.interfaces(scope, host)
	if reader := port == readerPort && s.isServerless(scope, host); !known || !serving || port != at && !reader {
		return false
	}
	for _, id := range enis {
		if !s.net.Reachable(scope, fromInterfaceID, id, port) {
			return false
		}
	}
	return true
}

func (s *Service) isServerless(scope core.Scope, host string) bool {
	for _, c := range s.region(scope).serverless {
		if host == c.endpoint(scope.Region) {
			return true
		}
	}
	return false
}

// AcceptsPassword reports whether the cache lets a client in that sends AUTH with a password and no user
// name: it is the AUTH token, a password of the user named default, or the cache asks for none.
func (s *Service) AcceptsPassword(scope core.Scope, id, password string) bool {
	reg := s.region(scope)
	var groups []string
	if r := reg.replicationGroups[id]; r != nil {
		if len(r.userGroups) == 0 {
			return slices.Contains(r.tokens, password) || len(r.tokens) == 0 && password == ""
		}
		groups = r.userGroups
	} else if c := reg.serverless[id]; c != nil {
		if c.userGroup == "" {
			return password == ""
		}
		groups = []string{c.userGroup}
	}
	for _, g := range groups {
		for _, u := range reg.userGroups[g].users {
			if reg.users[u].name == "default" && reg.users[u].on() && slices.Contains(reg.users[u].passwords, password) {
				return true
			}
		}
	}
	return false
}
