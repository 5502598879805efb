// Package route53 emulates Amazon Route 53: hosted zones that somebody has, the records in them, and what DNS
// answers once a change has spread. Zones exist by being seeded: the emulator makes none over the API.
// https://docs.aws.amazon.com/Route53/latest/APIReference/API_Operations_Amazon_Route_53.html
package route53

import (
	"net/http"
	"strings"
	"time"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

const (
	serviceName = "route53"
	version     = "/2013-04-01/"
	namespace   = "https://route53.amazonaws.com/doc/2013-04-01/"
)

// spreading is how long a change takes to reach all name servers: AWS says that it is generally within a minute.
// https://docs.aws.amazon.com/Route53/latest/APIReference/API_ChangeResourceRecordSets.html
const spreading = 40 * time.Second

// Service is Route 53 of every account.
type Service struct {
	w       *core.World
	zones   []*zone // in the order in which they were made
	changes map[string]*change
	// elsewhere are the records of other people's name servers.
	elsewhere []recordSet
	// published are told that DNS may answer otherwise than before.
	published []func()
	// balancerZone answers the zone of a load balancer's name.
	balancerZone func(dnsName string) (id string, ok bool)
}

// New returns Route 53 of a world.
func New(w *core.World) *Service {
	s := &Service{w: w}
	reset := func() { s.zones, s.changes, s.elsewhere = nil, map[string]*change{}, nil }
	reset()
	w.OnReset(reset)
	w.AddInventory(s.inventory)
	return s
}

// OnPublished registers who is told, under the world's lock, that DNS may answer otherwise than before.
func (s *Service) OnPublished(f func()) { s.published = append(s.published, f) }

// SetBalancerZone sets what knows the hosted zones of load balancers' names. Without it alias targets aren't checked.
func (s *Service) SetBalancerZone(f func(dnsName string) (id string, ok bool)) { s.balancerZone = f }

// Mux returns Route 53, a REST service.
func (s *Service) Mux() *core.Mux {
	return &core.Mux{Service: serviceName, Protocol: core.RestXML, Namespace: namespace, Global: true, Rest: s.serve,
		RestAction: func(h *http.Request) string { action, _ := route(h); return action },
		Throttled:  core.Error{Code: "Throttling", Message: "Rate exceeded"}, Bucket: bucket}
}

// bucket: five requests in a second from an account, all actions together.
// https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/DNSLimitations.html#limits-api-requests
func bucket(string) (string, float64, float64) { return "account", 5, 5 }

// route finds the action of a request, and the zone or change that its path names.
func route(h *http.Request) (action, id string) {
	rest, ok := strings.CutPrefix(h.URL.Path, version)
	if !ok {
		return h.Method + " " + h.URL.Path, ""
	}
	parts := strings.Split(strings.Trim(rest, "/"), "/")
	switch {
	case len(parts) == 1 && parts[0] == "hostedzone" && h.Method == http.MethodGet:
		return "ListHostedZones", ""
	case len(parts) == 2 && parts[0] == "hostedzone" && h.Method == http.MethodGet:
		return "GetHostedZone", parts[1]
	case len(parts) == 3 && parts[0] == "hostedzone" && parts[2] == "rrset" && h.Method == http.MethodGet:
		return "ListResourceRecordSets", parts[1]
	case len(parts) == 3 && parts[0] == "hostedzone" && parts[2] == "rrset" && h.Method == http.MethodPost:
		return "ChangeResourceRecordSets", parts[1]
	case len(parts) == 2 && parts[0] == "change" && h.Method == http.MethodGet:
		return "GetChange", parts[1]
	}
	return h.Method + " " + h.URL.Path, ""
}

// queries are the parameters in the query of each action.
var queries = map[string][]string{
	"ListHostedZones":        {"marker", "maxitems", "delegationsetid", "hostedzonetype"},
	"ListResourceRecordSets": {"name", "type", "identifier", "maxitems"},
}

func invalidInput(format string, args ...any) error {
	return core.Errorf("InvalidInput", format, args...)
}

func (s *Service) inventory(bool) []core.Resource {
	var out []core.Resource
	for _, z := range s.zones {
		out = append(out, core.Resource{Service: serviceName, Kind: "HostedZone", ID: z.id, Name: z.name, ARN: z.arn(), Account: z.account,
			State: "ACTIVE", Settings: map[string]any{"private": z.private}})
		for _, r := range z.records {
			if r.Name == z.name && (r.Type == "NS" || r.Type == "SOA") {
				continue // belong to the zone
			}
			out = append(out, core.Resource{Service: serviceName, Kind: "RecordSet", ID: strings.TrimSuffix(z.id+"/"+r.Type+"/"+r.Name+"/"+r.SetIdentifier, "/"), Name: r.Name,
				Account: z.account, State: "ACTIVE", Settings: map[string]any{"zone": z.id, "type": r.Type, "values": r.values()}})
		}
	}
	return out
}
