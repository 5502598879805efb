package elbv2

import (
	"slices"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

func (s *Service) handleReads() {
	m := s.mux
	core.Handle(m, "AddTags", s.addTags)
	core.Handle(m, "RemoveTags", s.removeTags)
	core.Handle(m, "DescribeTags", s.describeTags)
	core.Handle(m, "DescribeAccountLimits", s.describeAccountLimits)
	core.Handle(m, "DescribeSSLPolicies", s.describeSSLPolicies)
}

type sslPolicy struct {
	Name                       string
	SslProtocols               []string `xml:"SslProtocols>member"`
	SupportedLoadBalancerTypes []string `xml:"SupportedLoadBalancerTypes>member"`
	Ciphers                    []cipher `xml:"Ciphers>member"`
}

type cipher struct {
	Name     string
	Priority int
}

var (
	tls13Ciphers = []cipher{{"TLS_AES_128_GCM_SHA256", 1}, {"TLS_AES_256_GCM_SHA384", 2}, {"TLS_CHACHA20_POLY1305_SHA256", 3}}
	tls12Ciphers = []cipher{{"ECDHE-ECDSA-AES128-GCM-SHA256", 1}, {"ECDHE-RSA-AES128-GCM-SHA256", 2}}
)

// sslPolicies are predefined policies of
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html,
// of each with its first ciphers only.
var sslPolicies = []sslPolicy{
	policy("ELBSecurityPolicy-2016-08", "TLSv1", "TLSv1.1", "TLSv1.2"),
	policy("ELBSecurityPolicy-TLS-1-1-2017-01", "TLSv1.1", "TLSv1.2"),
	policy("ELBSecurityPolicy-TLS-1-2-2017-01", "TLSv1.2"),
	policy("ELBSecurityPolicy-TLS-1-2-Ext-2018-06", "TLSv1.2"),
	policy("ELBSecurityPolicy-FS-2018-06", "TLSv1", "TLSv1.1", "TLSv1.2"),
	policy("ELBSecurityPolicy-FS-1-1-2019-08", "TLSv1.1", "TLSv1.2"),
	policy("ELBSecurityPolicy-FS-1-2-2019-08", "TLSv1.2"),
	policy("ELBSecurityPolicy-FS-1-2-Res-2019-08", "TLSv1.2"),
	policy("ELBSecurityPolicy-FS-1-2-Res-2020-10", "TLSv1.2"),
	policy("ELBSecurityPolicy-TLS13-1-0-2021-06", "TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"),
	policy("ELBSecurityPolicy-TLS13-1-1-2021-06", "TLSv1.1", "TLSv1.2", "TLSv1.3"),
	policy("ELBSecurityPolicy-TLS13-1-2-2021-06", "TLSv1.2", "TLSv1.3"),
	policy("ELBSecurityPolicy-TLS13-1-2-Res-2021-06", "TLSv1.2", "TLSv1.3"),
	policy("ELBSecurityPolicy-TLS13-1-2-Ext1-2021-06", "TLSv1.2", "TLSv1.3"),
	policy("ELBSecurityPolicy-TLS13-1-2-Ext2-2021-06", "TLSv1.2", "TLSv1.3"),
	policy("ELBSecurityPolicy-TLS13-1-3-2021-06", "TLSv1.3"),
	policy("ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09", "TLSv1.2", "TLSv1.3"),
	policy("ELBSecurityPolicy-TLS13-1-2-PQ-2025-09", "TLSv1.2", "TLSv1.3"),
	policy("ELBSecurityPolicy-TLS13-1-3-PQ-2025-09", "TLSv1.3"),
}

func policy(name string, protocols ...string) sslPolicy {
	p := sslPolicy{Name: name, SslProtocols: protocols, SupportedLoadBalancerTypes: bothTypes}
	if slices.Contains(protocols, "TLSv1.3") {
		p.Ciphers = slices.Concat(p.Ciphers, tls13Ciphers)
	}
	if slices.Contains(protocols, "TLSv1.2") {
		for _, c := range tls12Ciphers {
			p.Ciphers = append(p.Ciphers, cipher{c.Name, len(p.Ciphers) + 1})
		}
	}
	return p
}

type policiesIn struct {
	Names            []string
	LoadBalancerType string
	Marker           string
	PageSize         int
}

type policiesOut struct {
	SslPolicies []sslPolicy `xml:"SslPolicies>member"`
	NextMarker  string      `xml:",omitempty"`
}

func (s *Service) describeSSLPolicies(r *core.Request, in *policiesIn) (*policiesOut, error) {
	var out []sslPolicy
	for _, p := range sslPolicies {
		if listed(in.Names, p.Name) && (in.LoadBalancerType == "" || slices.Contains(p.SupportedLoadBalancerTypes, in.LoadBalancerType)) {
			out = append(out, p)
		}
	}
	for _, n := range in.Names {
		if !slices.ContainsFunc(out, func(p sslPolicy) bool { return p.Name == n }) {
			return nil, core.Errorf("SSLPolicyNotFound", "SSL policy '%s' not found", n)
		}
	}
	page, next, err := paginate(r, out, func(p sslPolicy) string { return p.Name }, in.Marker, in.PageSize)
	return &policiesOut{page, next}, err
}
