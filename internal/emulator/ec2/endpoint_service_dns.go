package ec2

import (
	"regexp"
	"slices"
	"strings"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// privateName is the private DNS name of an endpoint service with the TXT record that proves who owns it,
// https://docs.aws.amazon.com/vpc/latest/privatelink/manage-dns-names.html
type privateName struct {
	name string
	// state is pendingVerification, verified or failed.
	state string
	// record is the name of the record below the domain, value what it holds.
	record, value string
}

type privateNameItem struct {
	Name  string `xml:"name"`
	State string `xml:"state"`
	Type  string `xml:"type"`
	Value string `xml:"value"`
}

func (n privateName) item() *privateNameItem {
	if n.name == "" {
		return nil
	}
	return &privateNameItem{n.record, n.state, "TXT", n.value}
}

// hostName is a domain or, with an asterisk, all right below one: "Each DNS label can have up to 63 characters and the
// whole domain name must not exceed a total length of 255 characters".
var hostName = regexp.MustCompile(`^(\*\.)?([a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?\.)+[a-zA-Z]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?$`)

// nameService gives a service another private DNS name, to be verified anew; none or the same leaves it as it is.
func (s *Service) nameService(e *endpointService, name string) error {
	if name == "" || name == e.dns.name {
		return nil
	}
	if len(name) > 255 || !hostName.MatchString(name) {
		return core.Errorf("InvalidParameter", "The private DNS name %s is not valid.", name)
	}
	e.dns = privateName{
		name: name, state: "pendingVerification",
		record: "_" + strings.ToLower(s.world.Alnum(20)), value: "vpce:" + s.world.Alnum(20),
	}
	return nil
}

// SetTXT sets what knows the TXT records of the public DNS by their full name. Without it there are none.
func (s *Service) SetTXT(f func(name string) []string) { s.txt = f }

type serviceIDIn struct {
	ID string `q:"ServiceId,required"`
}

// startVerification looks for the record after a while: "Before the service provider runs this command, they must add a
// record to the DNS server",
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_StartVpcEndpointServicePrivateDnsVerification.html
func (s *Service) startVerification(q *core.Request, in *serviceIDIn) (*done, error) {
	r := s.region(q.Scope)
	e, err := r.endpointServiceByID(in.ID)
	if err != nil {
		return nil, err
	}
	if e.dns.name == "" {
		return nil, core.Errorf("InvalidParameter", "The endpoint service %s does not have a private DNS name.", e.id)
	}
	if e.dns.state == "verified" {
		return ok(), nil
	}
	e.dns.state = "pendingVerification"
	name := e.dns.name
	r.after(privateNameVerifying, func() {
		if e.dns.name != name || e.dns.state == "verified" {
			return
		}
		e.dns.state = "failed"
		if s.published(e.dns) {
			e.dns.state = "verified"
		}
	})
	return ok(), nil
}

// published looks for the record below the domain or one above it, by its name and without: "You can verify the domain
// of a subdomain. For example, you can verify example.com, instead of a.example.com", and "if your DNS provider does
// not allow DNS record names to contain underscores, you can omit" it. The value counts as it is written.
func (s *Service) published(n privateName) bool {
	if s.txt == nil {
		return false
	}
	for domain := strings.TrimPrefix(n.name, "*."); strings.Contains(domain, "."); _, domain, _ = strings.Cut(domain, ".") {
		if slices.Contains(s.txt(n.record+"."+domain), n.value) || slices.Contains(s.txt(domain), n.value) {
			return true
		}
	}
	return false
}
