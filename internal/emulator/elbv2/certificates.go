package elbv2

import (
	"regexp"
	"slices"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

var certificatePattern = regexp.MustCompile(`^arn:[a-z-]+:(acm:[a-z0-9-]+:\d{12}:certificate/.+|iam::\d{12}:server-certificate/.+)$`)

func (s *Service) checkCertificate(scope core.Scope, arn string) error {
	if !certificatePattern.MatchString(arn) {
		return invalid("Certificate ARN '%s' is not valid", arn)
	}
	if s.certificate == nil {
		return nil
	}
	found, usable := s.certificate(scope, arn)
	if !found {
		return core.Errorf("CertificateNotFound", "Certificate '%s' not found", arn)
	}
	if !usable {
		return core.Errorf("UnsupportedCertificate", "The certificate '%s' must have a fully-qualified domain name, a supported signature, and a supported key size.", arn)
	}
	return nil
}

type certificatesIn struct {
	ListenerArn  string        `q:"ListenerArn,required"`
	Certificates []certificate `q:"Certificates,required"`
}

type certificatesOut struct {
	Certificates []certificate `xml:"Certificates>member"`
	NextMarker   string        `xml:",omitempty"`
}

// addListenerCertificates: "If the certificate in already in the certificate list, the call is
// successful but the certificate is not added again":
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_AddListenerCertificates.html
func (s *Service) addListenerCertificates(r *core.Request, in *certificatesIn) (*certificatesOut, error) {
	l, ok := s.region(r.Scope).listeners.get(in.ListenerArn)
	if !ok {
		return nil, listenerNotFound()
	}
	if !l.secure() {
		return nil, invalid("Certificates cannot be specified for %s listeners", l.Protocol)
	}
	more := slices.Clone(l.More)
	for _, c := range in.Certificates {
		if c.IsDefault != nil {
			return nil, invalid("'IsDefault' cannot be specified")
		}
		if err := s.checkCertificate(r.Scope, c.CertificateArn); err != nil {
			return nil, err
		}
		if !slices.Contains(more, c.CertificateArn) {
			more = append(more, c.CertificateArn)
		}
	}
	if len(more) > s.Limits.Certificates {
		return nil, core.Errorf("TooManyCertificates", "The maximum number of certificates has been reached on load balancer '%s'", l.LoadBalancerARN)
	}
	l.More = more
	no := false
	out := &certificatesOut{}
	for _, c := range in.Certificates {
		out.Certificates = append(out.Certificates, certificate{c.CertificateArn, &no})
	}
	return out, nil
}

func (s *Service) removeListenerCertificates(r *core.Request, in *certificatesIn) (*core.Empty, error) {
	l, ok := s.region(r.Scope).listeners.get(in.ListenerArn)
	if !ok {
		return nil, listenerNotFound()
	}
	for _, c := range in.Certificates {
		if c.CertificateArn == l.Certificate && !slices.Contains(l.More, c.CertificateArn) {
			return nil, notPermitted("Default certificate '%s' cannot be removed", c.CertificateArn)
		}
	}
	for _, c := range in.Certificates {
		l.More = slices.DeleteFunc(l.More, func(arn string) bool { return arn == c.CertificateArn })
	}
	return nil, nil
}

type describeCertificatesIn struct {
	ListenerArn string `q:"ListenerArn,required"`
	Marker      string
	PageSize    int
}

func (s *Service) describeListenerCertificates(r *core.Request, in *describeCertificatesIn) (*certificatesOut, error) {
	l, ok := s.region(r.Scope).listeners.get(in.ListenerArn)
	if !ok || !s.world.Visible(l.Created) {
		return nil, listenerNotFound()
	}
	yes, no := true, false
	var all []certificate
	if l.Certificate != "" {
		all = append(all, certificate{l.Certificate, &yes})
	}
	for _, arn := range l.More {
		all = append(all, certificate{arn, &no})
	}
	key := func(c certificate) string {
		if *c.IsDefault {
			return "default"
		}
		return c.CertificateArn
	}
	page, next, err := paginate(r, all, key, in.Marker, in.PageSize)
	return &certificatesOut{page, next}, err
}

// CertificateUsers lists the load balancers whose listeners have a certificate, as Certificate Manager tells it.
func (s *Service) CertificateUsers(scope core.Scope, arn string) []string {
	var out []string
	for _, l := range s.region(scope).listeners.all() {
		if (l.Certificate == arn || slices.Contains(l.More, arn)) && !slices.Contains(out, l.LoadBalancerARN) {
			out = append(out, l.LoadBalancerARN)
		}
	}
	return out
}
