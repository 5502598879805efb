package elbv2

import (
	"maps"
	"slices"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// listenerAttributes are those of
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_ListenerAttribute.html
var listenerAttributes = slices.Concat(
	attributeSet{{"tcp.idle_timeout.seconds", "350", between(60, 6000), []string{"TCP"}}},
	headers([]string{"HTTPS"}, "routing.http.request.", ".header_name",
		"x_amzn_mtls_clientcert_serial_number", "x_amzn_mtls_clientcert_issuer", "x_amzn_mtls_clientcert_subject",
		"x_amzn_mtls_clientcert_validity", "x_amzn_mtls_clientcert_leaf", "x_amzn_mtls_clientcert",
		"x_amzn_tls_version", "x_amzn_tls_cipher_suite"),
	attributeSet{{"routing.http.response.server.enabled", "true", boolean, httpProtocols}},
	headers(httpProtocols, "routing.http.response.", ".header_value",
		"strict_transport_security", "access_control_allow_origin", "access_control_allow_methods",
		"access_control_allow_headers", "access_control_allow_credentials", "access_control_expose_headers",
		"access_control_max_age", "content_security_policy", "x_content_type_options", "x_frame_options"),
)

func headers(on []string, prefix, suffix string, names ...string) attributeSet {
	var out attributeSet
	for _, n := range names {
		out = append(out, attribute{prefix + n + suffix, "", anyText, on})
	}
	return out
}

func (s *Service) describeListenerAttributes(r *core.Request, in *listenerIn) (*attributesOut, error) {
	l, ok := s.region(r.Scope).listeners.get(in.ListenerArn)
	if !ok || !s.world.Visible(l.Created) {
		return nil, listenerNotFound()
	}
	return &attributesOut{listenerAttributes.list(l.Attributes)}, nil
}

type modifyListenerAttributesIn struct {
	ListenerArn string     `q:"ListenerArn,required"`
	Attributes  []keyValue `q:"Attributes,required"`
}

func (s *Service) modifyListenerAttributes(r *core.Request, in *modifyListenerAttributesIn) (*attributesOut, error) {
	l, ok := s.region(r.Scope).listeners.get(in.ListenerArn)
	if !ok {
		return nil, listenerNotFound()
	}
	if err := listenerAttributes.check(in.Attributes, "Listener", l.Protocol, "listeners with protocol"); err != nil {
		return nil, err
	}
	next := maps.Clone(l.Attributes)
	for _, a := range in.Attributes {
		next[a.Key] = a.Value
	}
	l.Attributes = next
	return &attributesOut{listenerAttributes.list(next)}, nil
}
