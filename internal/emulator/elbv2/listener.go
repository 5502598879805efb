package elbv2

import (
	"time"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// listener is a listener of a load balancer; its default action is in its default rule.
type listener struct {
	ARN, ID, LoadBalancerARN string
	Port                     int
	Protocol, SSLPolicy      string
	// Certificate is the default certificate, More the ones for SNI.
	Certificate string
	More        []string
	ALPN        []string
	DefaultRule string
	Attributes  map[string]string
	Tags        map[string]string
	Created     time.Time
}

func (l *listener) secure() bool { return l.Protocol == "HTTPS" || l.Protocol == "TLS" }

type certificate struct {
	CertificateArn string
	IsDefault      *bool `xml:",omitempty"`
}

type listenerOut struct {
	ListenerArn, LoadBalancerArn string
	Port                         int
	Protocol                     string
	Certificates                 []certificate         `xml:"Certificates>member"`
	SslPolicy                    string                `xml:",omitempty"`
	DefaultActions               []action              `xml:"DefaultActions>member"`
	AlpnPolicy                   []string              `xml:"AlpnPolicy>member"`
	MutualAuthentication         *mutualAuthentication `xml:",omitempty"`
}

// mutualAuthentication is served only as off: there are no trust stores.
type mutualAuthentication struct {
	Mode string
}

type listenersOut struct {
	Listeners  []listenerOut `xml:"Listeners>member"`
	NextMarker string        `xml:",omitempty"`
}

func (reg *region) listenerOut(l *listener) listenerOut {
	o := listenerOut{ListenerArn: l.ARN, LoadBalancerArn: l.LoadBalancerARN, Port: l.Port, Protocol: l.Protocol, SslPolicy: l.SSLPolicy, AlpnPolicy: l.ALPN}
	if l.Certificate != "" {
		o.Certificates = []certificate{{CertificateArn: l.Certificate}}
	}
	if u, ok := reg.rules.get(l.DefaultRule); ok {
		o.DefaultActions = u.Actions
	}
	if l.Protocol == "HTTPS" {
		o.MutualAuthentication = &mutualAuthentication{"off"}
	}
	return o
}

func (s *Service) handleListeners() {
	m := s.mux
	core.Handle(m, "CreateListener", s.createListener)
	core.Handle(m, "ModifyListener", s.modifyListener)
	core.Handle(m, "DeleteListener", s.deleteListener)
	core.Handle(m, "DescribeListeners", s.describeListeners)
	core.Handle(m, "DescribeListenerAttributes", s.describeListenerAttributes)
	core.Handle(m, "ModifyListenerAttributes", s.modifyListenerAttributes)
	core.Handle(m, "AddListenerCertificates", s.addListenerCertificates)
	core.Handle(m, "RemoveListenerCertificates", s.removeListenerCertificates)
	core.Handle(m, "DescribeListenerCertificates", s.describeListenerCertificates)
}

type listenerIn struct {
	ListenerArn string `q:"ListenerArn,required"`
}

func (s *Service) deleteListener(r *core.Request, in *listenerIn) (*core.Empty, error) {
	l, ok := s.region(r.Scope).listeners.get(in.ListenerArn)
	if !ok {
		return nil, listenerNotFound()
	}
	if err := s.freePort(r.Scope, l); err != nil {
		return nil, err
	}
	s.removeListener(r.Scope, l)
	return nil, nil
}

func (s *Service) removeListener(scope core.Scope, l *listener) {
	reg := s.region(scope)
	for _, u := range reg.rulesOf(l.ARN) {
		s.removeRule(scope, u)
	}
	reg.listeners.remove(l.ARN)
}

type describeListenersIn struct {
	LoadBalancerArn string
	ListenerArns    []string
	Marker          string
	PageSize        int
}

func (s *Service) describeListeners(r *core.Request, in *describeListenersIn) (*listenersOut, error) {
	reg := s.region(r.Scope)
	if (in.LoadBalancerArn == "") == (len(in.ListenerArns) == 0) {
		return nil, invalid("You must specify either listener ARNs or a load balancer ARN")
	}
	var found []*listener
	if in.LoadBalancerArn != "" {
		lb, ok := reg.loadBalancers.get(in.LoadBalancerArn)
		if !ok || !s.world.Visible(lb.Created) {
			return nil, loadBalancerNotFound(in.LoadBalancerArn)
		}
		for _, l := range reg.listeners.all() {
			if l.LoadBalancerARN == lb.ARN && s.world.Visible(l.Created) {
				found = append(found, l)
			}
		}
	}
	for _, arn := range in.ListenerArns {
		l, ok := reg.listeners.get(arn)
		if !ok || !s.world.Visible(l.Created) {
			return nil, listenerNotFound()
		}
		found = append(found, l)
	}
	page, next, err := paginate(r, found, func(l *listener) string { return l.ARN }, in.Marker, in.PageSize)
	out := &listenersOut{NextMarker: next}
	for _, l := range page {
		out.Listeners = append(out.Listeners, reg.listenerOut(l))
	}
	return out, err
}
