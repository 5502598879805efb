package ecs

import (
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// endpoint is a Service Connect endpoint: a name and port that clients in the namespace connect
// to, and what is behind it.
type endpoint struct {
	namespace, namespaceID string // the namespace's ARN and id
	host                   string
	port                   int
	ingress                int // the port that security groups must let in
	discovery, mapID       string
}

func (e endpoint) address() string { return net.JoinHostPort(e.host, strconv.Itoa(e.port)) }

// endpointsOf derives the endpoints of a spec; Cloud Map services aren't made yet.
func (s *Service) endpointsOf(reg *region, sp spec) []endpoint {
	if sp.connect == nil || !sp.connect.Enabled {
		return nil
	}
	ns, ok := s.deps.CloudMap.Namespace(reg.Scope, aws.ToString(sp.connect.Namespace))
	if !ok {
		return nil
	}
	var out []endpoint
	for _, c := range sp.connect.Services {
		p := sp.def.port(aws.ToString(c.PortName))
		if p == nil {
			continue
		}
		e := endpoint{namespace: ns.ARN, namespaceID: ns.ID, discovery: aws.ToString(c.DiscoveryName), ingress: int(*p.ContainerPort)}
		if e.discovery == "" {
			e.discovery = *c.PortName
		}
		if c.IngressPortOverride != nil {
			e.ingress = int(*c.IngressPortOverride)
		}
		for _, a := range c.ClientAliases {
			e.host, e.port = aws.ToString(a.DnsName), int(aws.ToInt32(a.Port))
			if e.host == "" {
				e.host = e.discovery + "." + ns.Name
			}
			out = append(out, e)
		}
	}
	return out
}

// connect makes the Cloud Map services of the service's endpoints, and lets go those it has no
// longer.
func (s *Service) connect(v *service) {
	now := s.endpointsOf(v.c.reg, v.spec)
	for i := range now {
		now[i].mapID = s.deps.CloudMap.CreateService(v.c.reg.Scope, now[i].namespaceID, now[i].discovery)
	}
	s.setEndpoints(v, now)
}

func (s *Service) setEndpoints(v *service, now []endpoint) {
	old, hosts := v.endpoints, v.c.reg.hosts
	for _, e := range old {
		delete(hosts[e.host], v)
	}
	for _, e := range now {
		if hosts[e.host] == nil {
			hosts[e.host] = map[*service]bool{}
		}
		hosts[e.host][v] = true
	}
	v.endpoints = now
	s.release(v, old)
}

// disconnect lets go all Cloud Map services of a service that is INACTIVE.
func (s *Service) disconnect(v *service) {
	s.setEndpoints(v, nil)
}

// release deletes Cloud Map services a while later, unless somebody uses them again: a namespace
// can't be deleted at once after its last ECS service.
func (s *Service) release(v *service, old []endpoint) {
	for _, e := range old {
		if e.mapID == "" || v.c.reg.mapOwner(e.mapID) != nil {
			continue
		}
		s.world.Clock.After(cleanUpDelay, func() {
			if v.c.reg.mapOwner(e.mapID) == nil {
				s.deps.CloudMap.DeleteService(v.c.reg.Scope, e.mapID)
			}
		})
	}
}

// mapOwner finds the ECS service that uses a Cloud Map service.
func (r *region) mapOwner(id string) *service {
	for _, c := range r.clusters {
		for _, v := range c.services {
			if slices.ContainsFunc(v.endpoints, func(e endpoint) bool { return e.mapID == id }) {
				return v
			}
		}
	}
	return nil
}

// knownEndpoints are all endpoints of the service's namespace as they are now; the tasks of a
// deployment resolve those of its start.
func (s *Service) knownEndpoints(v *service) map[string]*service {
	out := map[string]*service{}
	if v.spec.connect == nil || !v.spec.connect.Enabled {
		return out
	}
	ns, ok := s.deps.CloudMap.Namespace(v.c.reg.Scope, aws.ToString(v.spec.connect.Namespace))
	if !ok {
		return out
	}
	for _, c := range v.c.reg.clusters {
		for _, o := range c.services {
			for _, e := range o.endpoints {
				if e.namespace == ns.ARN && o.status == statusActive {
					out[e.address()] = o
				}
			}
		}
	}
	return out
}

// publish registers a running task with the Cloud Map services of its service.
func (s *Service) publish(t *task) {
	for _, e := range t.v.endpoints {
		s.deps.CloudMap.RegisterInstance(t.scope(), e.mapID, t.id, map[string]string{
			"AWS_INSTANCE_IPV4": t.eni.PrivateIP, "AWS_INSTANCE_PORT": strconv.Itoa(e.ingress), "AvailabilityZone": t.zone, "ECS_SERVICE_NAME": t.v.name, "ECS_CLUSTER_NAME": t.v.c.name,
		})
	}
}

func (s *Service) unpublish(t *task) {
	for _, e := range t.v.endpoints {
		s.deps.CloudMap.DeregisterInstance(t.scope(), e.mapID, t.id)
	}
}

// UnreachablePeers lists the Service Connect peers, as host:port, that some running task of a
// service has a URL to in its environment and can't reach: the endpoint didn't exist when the
// task's deployment started, nothing healthy runs behind it, or security groups close the way.
func (s *Service) UnreachablePeers(scope core.Scope, clusterName, serviceName string) []string {
	reg := s.regions[scope]
	if reg == nil || reg.clusters[clusterName] == nil || reg.clusters[clusterName].services[serviceName] == nil {
		return nil
	}
	var out []string
	for _, t := range reg.clusters[clusterName].services[serviceName].live() {
		if t.lastStatus == stateRunning {
			out = append(out, s.unreachable(t)...)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// unreachable lists the peers and caches that a task can't reach.
func (s *Service) unreachable(t *task) []string {
	var out []string
	for _, address := range t.peers() {
		if !s.reaches(t, address) {
			out = append(out, address)
		}
	}
	return append(out, s.closed(t)...)
}

// peers are the Service Connect addresses in a task's environment: URLs whose host has no dot, or
// is an endpoint that the task knows.
func (t *task) peers() []string {
	var out []string
	for _, c := range t.containers {
		for _, e := range c.def.Environment {
			u, err := url.Parse(aws.ToString(e.Value))
			if err != nil || u.Scheme == "" || u.Hostname() == "" {
				continue
			}
			port := u.Port()
			if port == "" {
				port = map[string]string{"http": "80", "https": "443", "redis": "6379", "rediss": "6379"}[u.Scheme]
			}
			address := net.JoinHostPort(u.Hostname(), port)
			host := u.Hostname()
			if t.dep.endpoints[address] != nil || len(t.v.c.reg.hosts[host]) > 0 || (!strings.Contains(host, ".") && host != "localhost" && net.ParseIP(host) == nil) {
				out = append(out, address)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// reaches says whether a running task lets this task in that is behind an address which this task
// resolves.
func (s *Service) reaches(t *task, address string) bool {
	ns, ok := s.deps.CloudMap.Namespace(t.scope(), aws.ToString(t.dep.spec.connect.Namespace))
	if !ok {
		return false
	}
	v := t.dep.endpoints[address]
	if v == nil {
		return false
	}
	for _, e := range v.endpoints {
		if e.namespace != ns.ARN || e.address() != address {
			continue
		}
		for _, peer := range v.live() {
			if peer.lastStatus == stateRunning && s.deps.EC2.Reachable(t.scope(), t.eni.ID, peer.eni.ID, e.ingress) {
				return true
			}
		}
	}
	return false
}
