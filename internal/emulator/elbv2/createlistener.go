package elbv2

import (
	"slices"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

type mutualAuthenticationIn struct {
	Mode string
}

type createListenerIn struct {
	LoadBalancerArn string   `q:"LoadBalancerArn,required"`
	DefaultActions  []action `q:"DefaultActions,required"`
	Tags            tagList
	ListenerSettings
}

// ListenerSettings are what both CreateListener and ModifyListener take. It is exported for the
// decoder, which sees embedded structs only so.
type ListenerSettings struct {
	Port                 *int
	Protocol             string
	SslPolicy            string
	Certificates         []certificate
	AlpnPolicy           []string
	MutualAuthentication *mutualAuthenticationIn
}

func (s *Service) createListener(r *core.Request, in *createListenerIn) (*listenersOut, error) {
	reg := s.region(r.Scope)
	lb, ok := reg.loadBalancers.get(in.LoadBalancerArn)
	if !ok {
		return nil, loadBalancerNotFound(in.LoadBalancerArn)
	}
	l := &listener{ID: s.world.Hex(16), LoadBalancerARN: lb.ARN, Created: r.Now()}
	l.ARN = r.ARN(serviceName, "listener/"+lb.path()+"/"+l.ID)
	if in.Port == nil || in.Protocol == "" {
		return nil, invalid("A listener port and protocol must be specified")
	}
	if err := s.applyListener(r.Scope, lb, l, &in.ListenerSettings); err != nil {
		return nil, err
	}
	actions, err := s.checkActions(r.Scope, lb, l.Protocol, in.DefaultActions)
	if err != nil {
		return nil, err
	}
	if l.Tags, err = in.Tags.apply(nil); err != nil {
		return nil, err
	}
	n := 0
	for _, o := range reg.listeners.all() {
		if o.LoadBalancerARN == lb.ARN {
			n++
		}
	}
	if n >= s.Limits.Listeners {
		return nil, core.Errorf("TooManyListeners", "The maximum number of listeners has been reached on load balancer '%s'", lb.ARN)
	}
	l.Attributes = listenerAttributes.defaults(l.Protocol)
	u := &rule{ARN: r.ARN(serviceName, "listener-rule/"+lb.path()+"/"+l.ID+"/"+s.world.Hex(16)), ListenerARN: l.ARN, LoadBalancerARN: lb.ARN, Default: true, Created: r.Now()}
	l.DefaultRule = u.ARN
	reg.listeners.add(l.ARN, l)
	reg.rules.add(u.ARN, u)
	s.setActions(r.Scope, u, actions)
	return &listenersOut{Listeners: []listenerOut{reg.listenerOut(l)}}, nil
}

type modifyListenerIn struct {
	ListenerArn    string `q:"ListenerArn,required"`
	DefaultActions []action
	ListenerSettings
}

// modifyListener: "Any properties that you do not specify retain their current values. Changing the
// protocol from HTTPS to HTTP, or from TLS to TCP, removes the security policy and default
// certificate properties":
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_ModifyListener.html
func (s *Service) modifyListener(r *core.Request, in *modifyListenerIn) (*listenersOut, error) {
	reg := s.region(r.Scope)
	l, ok := reg.listeners.get(in.ListenerArn)
	if !ok {
		return nil, listenerNotFound()
	}
	lb, _ := reg.loadBalancers.get(l.LoadBalancerARN)
	next := *l
	if in.Port != nil && *in.Port != l.Port {
		if err := s.freePort(r.Scope, l); err != nil {
			return nil, err
		}
	}
	if err := s.applyListener(r.Scope, lb, &next, &in.ListenerSettings); err != nil {
		return nil, err
	}
	u, _ := reg.rules.get(l.DefaultRule)
	actions := u.Actions
	if in.DefaultActions != nil {
		actions = in.DefaultActions
	}
	actions, err := s.checkActions(r.Scope, lb, next.Protocol, actions)
	if err != nil {
		return nil, err
	}
	if next.Protocol != l.Protocol {
		next.Attributes = listenerAttributes.defaults(next.Protocol)
	}
	*l = next
	s.setActions(r.Scope, u, actions)
	return &listenersOut{Listeners: []listenerOut{reg.listenerOut(l)}}, nil
}

// applyListener sets what the request gives and checks the whole.
func (s *Service) applyListener(scope core.Scope, lb *loadBalancer, l *listener, in *ListenerSettings) error {
	if in.Port != nil {
		l.Port = *in.Port
	}
	l.Protocol = or(in.Protocol, l.Protocol)
	protocols := layer4
	if lb.Type == application {
		protocols = httpProtocols
	}
	if !slices.Contains(protocols, l.Protocol) {
		return core.Errorf("UnsupportedProtocol", "Listener protocol '%s' is not supported for load balancers with type '%s'", l.Protocol, lb.Type)
	}
	if l.Port < 1 || l.Port > 65535 {
		return invalid("Listener port '%d' is not valid: it must be between '1' and '65535'", l.Port)
	}
	for _, o := range s.region(scope).listeners.all() {
		if o.LoadBalancerARN == lb.ARN && o.ARN != l.ARN && o.Port == l.Port {
			return core.Errorf("DuplicateListener", "A listener already exists on this port for this load balancer '%s'", lb.ARN)
		}
	}
	if m := in.MutualAuthentication; m != nil && (m.Mode != "off" || l.Protocol != "HTTPS") {
		return conflict("The emulator does not support mutual authentication mode '%s' for %s listeners", m.Mode, l.Protocol)
	}
	return s.applySecurity(scope, l, in)
}

var alpnPolicies = []string{"HTTP1Only", "HTTP2Only", "HTTP2Optional", "HTTP2Preferred", "None"}

// defaultPolicy of listeners that name none:
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html
const defaultPolicy = "ELBSecurityPolicy-2016-08"

// applySecurity sets certificate, policy and ALPN.
func (s *Service) applySecurity(scope core.Scope, l *listener, in *ListenerSettings) error {
	if !l.secure() {
		if len(in.Certificates) > 0 || in.SslPolicy != "" {
			return invalid("Certificates and security policies cannot be specified for %s listeners", l.Protocol)
		}
		if len(in.AlpnPolicy) > 0 {
			return invalid("ALPN policies can be specified only for TLS listeners")
		}
		l.Certificate, l.SSLPolicy, l.ALPN, l.More = "", "", nil, nil
		return nil
	}
	switch {
	case len(in.Certificates) > 1:
		return core.Errorf("TooManyCertificates", "Only one default certificate can be specified for a listener: use AddListenerCertificates for more")
	case len(in.Certificates) == 1:
		if in.Certificates[0].IsDefault != nil {
			return invalid("'IsDefault' cannot be specified for the default certificate")
		}
		if err := s.checkCertificate(scope, in.Certificates[0].CertificateArn); err != nil {
			return err
		}
		l.Certificate = in.Certificates[0].CertificateArn
	case l.Certificate == "":
		return core.Errorf("CertificateNotFound", "A certificate must be specified for %s listeners", l.Protocol)
	}
	l.SSLPolicy = or(in.SslPolicy, or(l.SSLPolicy, defaultPolicy))
	if !slices.ContainsFunc(sslPolicies, func(p sslPolicy) bool { return p.Name == l.SSLPolicy }) {
		return core.Errorf("SSLPolicyNotFound", "SSL policy '%s' not found", l.SSLPolicy)
	}
	if in.AlpnPolicy == nil {
		return nil
	}
	if l.Protocol != "TLS" || len(in.AlpnPolicy) > 1 {
		return invalid("One ALPN policy can be specified, and only for TLS listeners")
	}
	for _, p := range in.AlpnPolicy {
		if !slices.Contains(alpnPolicies, p) {
			return core.Errorf("ALPNPolicyNotFound", "ALPN policy '%s' not found", p)
		}
	}
	l.ALPN = in.AlpnPolicy
	return nil
}
