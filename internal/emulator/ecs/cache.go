package ecs

import (
	"net"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// caches are the addresses in a task's environment that a cache of the region answers to, as host:port:
// values of that form, with a scheme before it or without.
func (s *Service) caches(t *task) []string {
	if s.deps.Cache == nil {
		return nil
	}
	var out []string
	for _, c := range t.containers {
		for _, e := range c.def.Environment {
			_, address, found := strings.Cut(aws.ToString(e.Value), "://")
			if !found {
				address = aws.ToString(e.Value)
			}
			host, port, err := net.SplitHostPort(strings.TrimSuffix(address, "/"))
			if _, number := strconv.Atoi(port); err != nil || number != nil || !s.deps.Cache.HasEndpoint(t.scope(), host) {
				continue
			}
			out = append(out, net.JoinHostPort(host, port))
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// closed lists the caches that a running task can't connect to.
func (s *Service) closed(t *task) []string {
	var out []string
	for _, address := range s.caches(t) {
		host, text, _ := net.SplitHostPort(address)
		port, _ := strconv.Atoi(text)
		if !s.deps.Cache.Reaches(t.scope(), t.eni.ID, host, port) {
			out = append(out, address)
		}
	}
	return out
}
