package elbv2

import (
	"strings"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/ec2"
)

const (
	serviceName = "elasticloadbalancing"
	namespace   = "http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/"
)

// Network is what load balancers need of Amazon EC2.
type Network interface {
	Subnet(core.Scope, string) (ec2.SubnetInfo, bool)
	SecurityGroup(core.Scope, string) (ec2.SecurityGroupInfo, bool)
	DefaultSecurityGroup(scope core.Scope, vpcID string) (id string, ok bool)
	HasInternetGateway(scope core.Scope, vpcID string) bool
	CreateInterface(core.Scope, ec2.InterfaceParams) (ec2.Interface, error)
	SetInterfaceSecurityGroups(scope core.Scope, interfaceID string, groups []string) error
	DeleteInterface(core.Scope, string)
	Instance(core.Scope, string) (ec2.Instance, bool)
}

// Roles makes the service-linked role that the first load balancer of an account brings about:
// https://docs.aws.amazon.com/elasticloadbalancing/latest/userguide/elb-service-linked-roles.html
type Roles interface {
	EnsureServiceLinkedRole(account, awsServiceName string)
}

// Service is Elastic Load Balancing in every account and region.
type Service struct {
	// Limits are the quotas of every account; tests may raise them as a quota request would.
	Limits Limits

	world *core.World
	net   Network
	roles Roles
	mux   *core.Mux

	prober      func(core.Scope, string, int) bool
	path        func(scope core.Scope, interfaceID, ip string, port int) bool
	associated  func(core.Scope, string) bool
	certificate func(core.Scope, string) (found, usable bool)
	names       func(scope core.Scope, certificateARN string) []string
	accepts     func(scope core.Scope, interfaceID, source string, port int) bool
	linked      func(scope core.Scope, interfaceID, source string, port int) bool
	logBucket   func(scope core.Scope, bucket, prefix, lbType string) bool

	regions map[core.Scope]*region
}

// region is the state of one region of one account.
type region struct {
	loadBalancers table[*loadBalancer]
	targetGroups  table[*targetGroup]
	listeners     table[*listener]
	rules         table[*rule]
}

// New returns the service; roles may be nil.
func New(w *core.World, net Network, roles Roles) *Service {
	s := &Service{Limits: DefaultLimits, world: w, net: net, roles: roles, regions: map[core.Scope]*region{}}
	s.mux = &core.Mux{Service: serviceName, LogName: serviceName, Protocol: core.Query, Namespace: namespace,
		Throttled: core.Error{Code: "Throttling", Message: "Rate exceeded"}, Bucket: bucket}
	s.handleLoadBalancers()
	s.handleTargetGroups()
	s.handleListeners()
	s.handleRules()
	s.handleReads()
	w.AddInventory(s.inventory)
	w.AddTagger(serviceName, s.tagged)
	w.OnReset(func() { s.regions = map[core.Scope]*region{} })
	return s
}

// Mux implements the service on the wire.
func (s *Service) Mux() *core.Mux { return s.mux }

// SetProber sets what answers the health checks of targets. Without one, no target is healthy.
func (s *Service) SetProber(f func(scope core.Scope, ip string, port int) (up bool)) { s.prober = f }

// SetPath sets what says whether an interface of a load balancer reaches a target's address and
// port through both sides' security groups. Without it, every target is reached.
func (s *Service) SetPath(f func(scope core.Scope, interfaceID, ip string, port int) bool) {
	s.path = f
}

// SetAssociated sets what says whether another service uses a load balancer, as an endpoint service
// uses a Network Load Balancer, which then can't be deleted.
func (s *Service) SetAssociated(f func(scope core.Scope, loadBalancerARN string) bool) {
	s.associated = f
}

// SetCertificates sets what knows certificates; usable means issued. Without it, every well-formed
// ARN of a certificate is accepted.
func (s *Service) SetCertificates(f func(scope core.Scope, arn string) (found, usable bool)) {
	s.certificate = f
}

// SetLogBucket sets what says whether Elastic Load Balancing may write logs to a bucket. Without
// it, every bucket is accepted.
func (s *Service) SetLogBucket(f func(scope core.Scope, bucket, prefix, lbType string) bool) {
	s.logBucket = f
}

func (s *Service) region(scope core.Scope) *region {
	r := s.regions[scope]
	if r == nil {
		r = &region{}
		s.regions[scope] = r
	}
	return r
}

// bucket follows
// https://docs.aws.amazon.com/elasticloadbalancing/latest/userguide/elb-api-throttling.html. The
// account-wide bucket over all actions isn't modelled: the category's own is never larger.
func bucket(action string) (name string, size, refill float64) {
	switch {
	case action == "CreateLoadBalancer" || action == "SetSubnets":
		return "provision", 10, 0.2
	case action == "RegisterTargets" || action == "DeregisterTargets":
		return "register", 20, 4
	case strings.HasPrefix(action, "Describe"):
		return "describe", 40, 10
	default:
		return "mutate", 20, 3
	}
}
