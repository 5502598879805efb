package ec2

import (
	"time"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// Service is the emulated Amazon EC2 of every account and region.
type Service struct {
	// Quotas bound what an account may have in a region.
	Quotas Quotas

	world           *core.World
	regions         map[core.Scope]*region
	order           []core.Scope
	publicAddresses int
	profileUsable   func(account, nameOrARN string) bool
	profileARN      func(account, nameOrARN string) string
	imageRelease    func() int
	vpcBlockers     []func(scope core.Scope, vpcID string) bool
	balancer        func(scope core.Scope, arn string) (EndpointBalancer, bool)
	txt             func(name string) []string
	stateHooks      []func(scope core.Scope, instanceID, state string)
}

// Quotas are per account and region,
// https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html
type Quotas struct {
	VPCs, Addresses, InternetGateways, SubnetsPerVPC, RouteTablesPerVPC int
	NATGatewaysPerZone, SecurityGroups, RulesPerSecurityGroup           int
	GroupsPerInterface, RoutesPerTable, EndpointsPerVPC                 int
}

// DefaultQuotas are what a new account has.
func DefaultQuotas() Quotas {
	return Quotas{
		VPCs: 5, Addresses: 5, InternetGateways: 5, SubnetsPerVPC: 200, RouteTablesPerVPC: 200,
		NATGatewaysPerZone: 5, SecurityGroups: 2500, RulesPerSecurityGroup: 60,
		GroupsPerInterface: 5, RoutesPerTable: 500, EndpointsPerVPC: 50,
	}
}

// New returns an EC2 without any objects.
func New(w *core.World) *Service {
	s := &Service{Quotas: DefaultQuotas(), world: w}
	s.reset()
	w.OnReset(s.reset)
	w.AddInventory(s.inventory)
	w.AddTagger("ec2", s.tagsByARN)
	return s
}

func (s *Service) reset() {
	s.regions = map[core.Scope]*region{}
	s.order = nil
	s.publicAddresses = 0
}

// SetProfileUsable tells how to judge the instance profile of a launch: whether it exists, has a
// role and has propagated. Without it every profile is usable.
func (s *Service) SetProfileUsable(f func(account, nameOrARN string) bool) { s.profileUsable = f }

// SetProfileARN tells how to find the ARN of an instance profile given by name. Without it the ARN
// is built from the name, as for a profile without a path.
func (s *Service) SetProfileARN(f func(account, nameOrARN string) string) { s.profileARN = f }

// region is what one account has in one region. Tables keep the order of creation.
type region struct {
	core.Scope
	s *Service

	vpcs         table[*vpc]
	subnets      table[*subnet]
	gateways     table[*internetGateway]
	addresses    table[*address]
	nats         table[*natGateway]
	routeTables  table[*routeTable]
	groups       table[*securityGroup]
	rules        table[*securityGroupRule]
	acls         table[*networkACL]
	interfaces   table[*networkInterface]
	templates    table[*launchTemplate]
	instances    table[*instance]
	volumes      table[*volume]
	endpoints    table[*vpcEndpoint]
	services     table[*endpointService]
	images       []*image
	clientTokens map[string]tokenUse
}

func (s *Service) region(scope core.Scope) *region {
	r := s.regions[scope]
	if r == nil {
		r = &region{Scope: scope, s: s, clientTokens: map[string]tokenUse{}}
		s.regions[scope] = r
		s.order = append(s.order, scope)
	}
	return r
}

// newObject returns the common part of an object that is being created.
func (r *region) newObject(k *kind, tags map[string]string) object {
	return object{id: r.s.world.ID(k.prefix), kind: k, created: r.s.world.Clock.Now(), tags: tags}
}

// after schedules f; a reset meanwhile cancels it.
func (r *region) after(d time.Duration, f func()) {
	r.s.world.Clock.After(d, func() {
		if r.s.regions[r.Scope] == r {
			f()
		}
	})
}

// BlockVPCDeletion adds a reason why a VPC can't be deleted: what another service keeps in it.
func (s *Service) BlockVPCDeletion(f func(scope core.Scope, vpcID string) bool) {
	s.vpcBlockers = append(s.vpcBlockers, f)
}
