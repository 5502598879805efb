package ec2

import (
	"fmt"
	"slices"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// GivenService is an endpoint service of an account that nobody acts for here. It has no load balancer, is in no
// inventory, and is Available with a verified private DNS name.
type GivenService struct {
	ID, PrivateDNSName string
	AcceptanceRequired bool
	// ZoneIDs are where it can be reached from its own region, Regions where it can be reached from besides.
	ZoneIDs, Regions []string
	// Principals may connect.
	Principals []string
}

// AddEndpointService makes a given service. The caller holds the world's lock, as for all of this file.
func (s *Service) AddEndpointService(scope core.Scope, g GivenService) {
	r := s.region(scope)
	e := &endpointService{
		object: r.known(kindEndpointService, g.ID), scope: scope, state: "Available", acceptanceRequired: g.AcceptanceRequired,
		regions: withRegion(g.Regions, scope.Region), given: true,
	}
	if g.PrivateDNSName != "" {
		e.dns = privateName{name: g.PrivateDNSName, state: "verified", record: "_given", value: "vpce:given"}
	}
	for _, z := range regionZones(scope.Region) {
		if slices.Contains(g.ZoneIDs, z.id) {
			e.zones = append(e.zones, z)
		}
	}
	r.services.add(e)
	e.setPrincipals(g.Principals)
}

// setPrincipals permits exactly these. The permissions' ids are no random ones: what is given leaves those of what is
// made as they are.
func (e *endpointService) setPrincipals(principals []string) {
	e.permissions = nil
	for i, p := range principals {
		e.permissions = append(e.permissions, permitted{fmt.Sprintf("vpce-svc-perm-%017d", i), p})
	}
}

// ServiceChange is what the owner of an endpoint service changes; what is nil stays.
type ServiceChange struct {
	Principals         []string
	Regions            []string
	ZoneIDs            []string
	AcceptanceRequired *bool
	// PrivateDNSState is pendingVerification, verified or failed.
	PrivateDNSState string
}

// ChangeEndpointService does what the owner of a service does to it.
func (s *Service) ChangeEndpointService(serviceID string, c ServiceChange) error {
	e := s.anyService(serviceID)
	if e == nil {
		return kindEndpointService.missing(serviceID)
	}
	if c.Principals != nil {
		e.setPrincipals(c.Principals)
	}
	if c.Regions != nil {
		e.regions = withRegion(c.Regions, e.scope.Region)
	}
	if c.ZoneIDs != nil {
		e.zones = slices.DeleteFunc(regionZones(e.scope.Region), func(z zone) bool { return !slices.Contains(c.ZoneIDs, z.id) })
	}
	if c.AcceptanceRequired != nil {
		e.acceptanceRequired = *c.AcceptanceRequired
	}
	if c.PrivateDNSState != "" {
		e.dns.state = c.PrivateDNSState
	}
	return nil
}

func (s *Service) anyService(id string) *endpointService {
	for _, scope := range s.order {
		if e, exists := s.regions[scope].services.get(id); exists {
			return e
		}
	}
	return nil
}

// The answers to an endpoint's request.
const (
	AcceptEndpoint = "accept"
	RejectEndpoint = "reject"
	// ExpireEndpoint lets a request that nobody answered lapse, FailEndpoint breaks an endpoint.
	ExpireEndpoint = "expire"
	FailEndpoint   = "fail"
)

// AnswerEndpoint does to an endpoint of any account what its service's owner or AWS does. Without an id, it does so to
// every endpoint of the service that waits for acceptance.
func (s *Service) AnswerEndpoint(serviceID, endpointID, answer string) error {
	e := s.anyService(serviceID)
	if e == nil {
		return kindEndpointService.missing(serviceID)
	}
	do := map[string]func(*vpcEndpoint) error{AcceptEndpoint: s.accept, RejectEndpoint: s.reject, ExpireEndpoint: s.expire, FailEndpoint: s.fail}[answer]
	if do == nil {
		return fmt.Errorf("an answer is %s, %s, %s or %s, got %q", AcceptEndpoint, RejectEndpoint, ExpireEndpoint, FailEndpoint, answer)
	}
	found := false
	for _, v := range s.endpointsOf(e) {
		if v.id != endpointID && (endpointID != "" || v.state != "pendingAcceptance") {
			continue
		}
		found = true
		if err := do(v); err != nil {
			return err
		}
	}
	if !found {
		return fmt.Errorf("service %s has no such endpoint", serviceID)
	}
	return nil
}

// ConnectEndpoint has an account that nobody acts for here connect to a service, from a VPC of its own that isn't here
// either, and returns the endpoint's id. It is refused where AWS would: a service that doesn't admit the account.
func (s *Service) ConnectEndpoint(serviceID string, from core.Scope) (string, error) {
	e := s.anyService(serviceID)
	if e == nil || !e.offeredTo(core.Principal{Account: from.Account}, from.Region) {
		return "", noService(serviceID)
	}
	r := s.region(from)
	v := &vpcEndpoint{
		object: r.newObject(kindVPCEndpoint, nil), scope: from, service: e, serviceName: e.name(), serviceRegion: e.scope.Region,
		given: true, dnsLabel: s.world.Hex(8), connectionID: s.world.ID("vpce-con"),
	}
	r.endpoints.add(v)
	s.request(v)
	return v.id, nil
}

// EndpointState is the state of an endpoint of any account; empty where there is none.
func (s *Service) EndpointState(id string) string {
	for _, scope := range s.order {
		if v, exists := s.regions[scope].endpoints.get(id); exists {
			return v.state
		}
	}
	return ""
}

// HasEndpointService reports whether a service exists in any account.
func (s *Service) HasEndpointService(id string) bool { return s.anyService(id) != nil }
