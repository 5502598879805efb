package elbv2

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// ClientRequest is what a client sends to a load balancer.
type ClientRequest struct {
	// DNS is the load balancer's name, and Port where the client connects to.
	DNS  string
	Port int
	// TLS says that the client speaks TLS, and checks the certificate for Host.
	TLS bool
	// Source is the client's address.
	Source string
	// Method is GET when empty; Path may have a query.
	Method, Host, Path string
	Headers            map[string]string
}

// Outcome is what becomes of a client's request.
type Outcome struct {
	// Problem is why the client gets no answer from where the load balancer sends it, or might get none
	// because one of several target groups has none to give. It is empty for a request that is served.
	Problem string
	// LoadBalancer, Listener and Rule are ARNs of what decided; Priority is "default" for a default action.
	LoadBalancer, Listener, Rule, Priority string
	// Status and Location are answers of the load balancer itself: a fixed response, or a redirect.
	Status, Location string
	// Forwards are the target groups with a weight that the request may go to.
	Forwards []Forward
	// Host and Path are what a target sees.
	Host, Path string
}

// Forward is a target group that a request may go to.
type Forward struct {
	TargetGroup string
	Weight      int
	// Targets are those that are healthy and reached: address:port.
	Targets []string
}

// Groups are the target groups that a request may go to.
func (o Outcome) Groups() []string {
	var out []string
	for _, f := range o.Forwards {
		out = append(out, f.TargetGroup)
	}
	return out
}

// SetClients sets what says whether a client at an address opens a connection to an interface of a load
// balancer. Without it, every client does.
func (s *Service) SetClients(f func(scope core.Scope, interfaceID, source string, port int) bool) {
	s.accepts = f
}

// SetCertificateNames sets what knows the names that a certificate is for. Without it, every certificate
// is good for every host.
func (s *Service) SetCertificateNames(f func(scope core.Scope, arn string) []string) { s.names = f }

// Route answers what becomes of a client's request at this moment. The caller holds the world's lock.
func (s *Service) Route(q ClientRequest) Outcome {
	scope, lb := s.byDNS(q.DNS)
	if lb == nil {
		return Outcome{Problem: q.DNS + " doesn't resolve"}
	}
	out := Outcome{LoadBalancer: lb.ARN, Host: q.Host, Path: q.Path}
	if lb.State != stateActive {
		out.Problem = "the load balancer is " + lb.State
		return out
	}
	l := s.region(scope).listenerOn(lb.ARN, q.Port)
	if l == nil {
		out.Problem = fmt.Sprintf("nothing listens on port %d", q.Port)
		return out
	}
	if out.Problem = s.unconnected(scope, lb, q); out.Problem == "" {
		s.decide(scope, lb, l, q, &out)
	}
	return out
}

// decide answers a request of a client that has a connection with a listener.
func (s *Service) decide(scope core.Scope, lb *loadBalancer, l *listener, q ClientRequest, out *Outcome) {
	u := s.region(scope).matching(l, q)
	out.Listener, out.Rule, out.Priority = l.ARN, u.ARN, u.priority()
	if tg := s.leadsToALB(scope, u); tg != nil {
		s.passALB(scope, lb, tg, q, out)
	} else if out.Problem = s.unanswered(scope, l, q); out.Problem == "" {
		s.act(scope, lb, u, q, out)
	}
}

func (s *Service) byDNS(name string) (core.Scope, *loadBalancer) {
	for scope, reg := range s.regions {
		for _, lb := range reg.loadBalancers.all() {
			if strings.EqualFold(lb.DNSName, name) {
				return scope, lb
			}
		}
	}
	return core.Scope{}, nil
}

func (reg *region) listenerOn(lbARN string, port int) *listener {
	for _, l := range reg.listeners.all() {
		if l.LoadBalancerARN == lbARN && l.Port == port {
			return l
		}
	}
	return nil
}

// unconnected says why a client has no connection with a load balancer. The name leads to any zone, so every
// zone must let the client in.
func (s *Service) unconnected(scope core.Scope, lb *loadBalancer, q ClientRequest) string {
	for _, z := range lb.Zones {
		if s.accepts != nil && !s.accepts(scope, z.InterfaceID, q.Source, q.Port) {
			return fmt.Sprintf("%s doesn't reach the load balancer in %s on port %d", q.Source, z.Name, q.Port)
		}
	}
	return ""
}

// unanswered says why a listener and a client don't understand each other.
func (s *Service) unanswered(scope core.Scope, l *listener, q ClientRequest) string {
	switch {
	case q.TLS && !l.secure():
		return "the client speaks TLS, and the listener " + l.Protocol
	case !q.TLS && l.secure():
		return "the client doesn't speak TLS, and the listener is " + l.Protocol
	case q.TLS && !s.certified(scope, l, q.Host):
		return "no certificate of the listener is for " + q.Host
	}
	return ""
}

// certified reports whether a listener has a certificate for a host: it picks one by SNI.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/https-listener-certificates.html
func (s *Service) certified(scope core.Scope, l *listener, host string) bool {
	return s.names == nil || slices.ContainsFunc(append([]string{l.Certificate}, l.More...), func(arn string) bool {
		return slices.ContainsFunc(s.names(scope, arn), func(name string) bool { return covers(name, host) })
	})
}

// covers reports whether a certificate's name is for a host: a wildcard stands for one label.
// https://docs.aws.amazon.com/acm/latest/userguide/acm-certificate-characteristics.html
func covers(name, host string) bool {
	if suffix, wild := strings.CutPrefix(name, "*"); wild {
		label, rest, _ := strings.Cut(host, ".")
		return label != "" && strings.EqualFold("."+rest, suffix)
	}
	return strings.EqualFold(name, host)
}

// act does what a rule says.
func (s *Service) act(scope core.Scope, lb *loadBalancer, u *rule, q ClientRequest, out *Outcome) {
	a := u.Actions[0]
	switch {
	case a.FixedResponseConfig != nil:
		out.Status = a.FixedResponseConfig.StatusCode
		return
	case a.RedirectConfig != nil:
		out.Status, out.Location = strings.TrimPrefix(a.RedirectConfig.StatusCode, "HTTP_"), a.RedirectConfig.location(q)
		return
	}
	out.Host, out.Path = rewritten(u.Transforms, q.Host, q.Path)
	groups := weights(u.Actions)
	for _, arn := range slices.Sorted(maps.Keys(groups)) {
		if groups[arn] == 0 {
			continue
		}
		f := Forward{TargetGroup: arn, Weight: groups[arn], Targets: s.serving(scope, lb, arn)}
		out.Forwards = append(out.Forwards, f)
		if len(f.Targets) == 0 {
			out.Problem = "no target is healthy and reached in " + arn
		}
	}
	if len(out.Forwards) == 0 {
		out.Problem = "no target group has a weight"
	}
}

// serving are the healthy targets of a group that every interface of the load balancer reaches.
func (s *Service) serving(scope core.Scope, lb *loadBalancer, arn string) []string {
	tg, ok := s.region(scope).targetGroups.get(arn)
	if !ok {
		return nil
	}
	var out []string
	for _, t := range tg.targets {
		ip := t.ID
		if tg.TargetType == "instance" {
			i, _ := s.net.Instance(scope, t.ID)
			ip = i.PrivateIP
		}
		cut := slices.ContainsFunc(lb.Zones, func(z zone) bool {
			return s.path != nil && !s.path(scope, z.InterfaceID, ip, t.Port)
		})
		if t.State == targetHealthy && !cut {
			out = append(out, fmt.Sprintf("%s:%d", ip, t.Port))
		}
	}
	return out
}

// location fills a redirect's placeholders,
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_RedirectActionConfig.html
func (c *redirectConfig) location(q ClientRequest) string {
	protocol := "http"
	if q.TLS {
		protocol = "https"
	}
	path, query, _ := strings.Cut(q.Path, "?")
	fill := strings.NewReplacer("#{protocol}", protocol, "#{port}", fmt.Sprint(q.Port), "#{host}", q.Host, "#{path}", strings.TrimPrefix(path, "/"), "#{query}", query)
	out := strings.ToLower(fill.Replace(c.Protocol)) + "://" + fill.Replace(c.Host) + ":" + fill.Replace(c.Port) + fill.Replace(c.Path)
	if rest := fill.Replace(c.Query); rest != "" {
		out += "?" + rest
	}
	return out
}
