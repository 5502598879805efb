package elasticache

import (
	"strings"
	"time"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/ec2"
)

const (
	serviceName = "elasticache"
	namespace   = "http://elasticache.amazonaws.com/doc/2015-02-02/"
)

// Network is what caches need of Amazon EC2.
type Network interface {
	Subnet(core.Scope, string) (ec2.SubnetInfo, bool)
	SecurityGroup(core.Scope, string) (ec2.SecurityGroupInfo, bool)
	DefaultSecurityGroup(scope core.Scope, vpcID string) (id string, ok bool)
	CreateInterface(core.Scope, ec2.InterfaceParams) (ec2.Interface, error)
	SetInterfaceSecurityGroups(scope core.Scope, interfaceID string, groups []string) error
	DeleteInterface(core.Scope, string)
	Reachable(scope core.Scope, fromInterfaceID, toInterfaceID string, port int) bool
}

// Roles makes the service-linked role that the first cache of an account brings about:
// https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/using-service-linked-roles.html
type Roles interface {
	EnsureServiceLinkedRole(account, awsServiceName string)
}

// Service is ElastiCache in every account and region.
type Service struct {
	world *core.World
	net   Network
	roles Roles
	mux   *core.Mux

	regions map[core.Scope]*region
}

// region is the state of one region of one account. All ids are stored in lower case.
type region struct {
	subnetGroups      map[string]*subnetGroup
	parameterGroups   map[string]*parameterGroup
	replicationGroups map[string]*replicationGroup
	serverless        map[string]*serverlessCache
	users             map[string]*user
	userGroups        map[string]*userGroup
}

// New returns the service; roles may be nil.
func New(w *core.World, net Network, roles Roles) *Service {
	s := &Service{world: w, net: net, roles: roles, regions: map[core.Scope]*region{}}
	s.mux = &core.Mux{Service: serviceName, LogName: serviceName, Protocol: core.Query, Namespace: namespace,
		Throttled: core.Error{Code: "Throttling", Message: "Rate exceeded"}}
	s.handleSubnetGroups()
	s.handleParameterGroups()
	s.handleReplicationGroups()
	s.handleServerless()
	s.handleUsers()
	s.handleTags()
	w.AddInventory(s.inventory)
	w.AddTagger(serviceName, s.tagged)
	w.OnReset(func() { s.regions = map[core.Scope]*region{} })
	return s
}

// Mux implements the service on the wire. Its request rates aren't published, so there are none.
func (s *Service) Mux() *core.Mux { return s.mux }

func (s *Service) region(scope core.Scope) *region {
	r := s.regions[scope]
	if r == nil {
		r = &region{subnetGroups: map[string]*subnetGroup{}, parameterGroups: map[string]*parameterGroup{}, replicationGroups: map[string]*replicationGroup{},
			serverless: map[string]*serverlessCache{}, users: map[string]*user{}, userGroups: map[string]*userGroup{}}
		s.addDefaults(scope, r)
		s.regions[scope] = r
	}
	return r
}

// object is what everything of ElastiCache has.
type object struct {
	id, arn string
	tags    map[string]string
	created time.Time
	// builtIn marks what every account has.
	builtIn bool
}

func (o *object) base() *object { return o }

func (s *Service) newObject(q *core.Request, kind, id string, tags tagList) (object, error) {
	all, err := tags.apply(nil)
	return object{id: id, arn: q.ARN(serviceName, kind+":"+id), tags: all, created: q.Now()}, err
}

// linked makes the service-linked role.
func (s *Service) linked(q *core.Request) {
	if s.roles != nil {
		s.roles.EnsureServiceLinkedRole(q.Account, "elasticache.amazonaws.com")
	}
}

// interfaceFor makes the interface of a node or of an endpoint.
func (s *Service) interfaceFor(scope core.Scope, subnet, description, kind string, groups []string) (string, error) {
	eni, err := s.net.CreateInterface(scope, ec2.InterfaceParams{SubnetID: subnet, SecurityGroupIDs: groups, Description: description,
		InterfaceType: kind, RequesterID: "amazon-elasticache", RequesterManaged: true})
	if err != nil && strings.Contains(err.Error(), "InsufficientFreeAddresses") {
		return "", core.Errorf("InsufficientCacheClusterCapacity", "There are not enough free addresses in subnet %s.", subnet)
	}
	return eni.ID, err
}

// groupsIn checks security groups; without any it is the VPC's default group.
func (s *Service) groupsIn(scope core.Scope, vpcID string, groups []string) ([]string, error) {
	if len(groups) == 0 {
		if id, ok := s.net.DefaultSecurityGroup(scope, vpcID); ok {
			return []string{id}, nil
		}
	}
	for _, id := range groups {
		g, ok := s.net.SecurityGroup(scope, id)
		if !ok {
			return nil, invalidValue("Some security groups are invalid: %s", id)
		}
		if g.VPCID != vpcID {
			return nil, core.Errorf("InvalidVPCNetworkStateFault", "Security group %s is not in VPC %s.", id, vpcID)
		}
	}
	return groups, nil
}
