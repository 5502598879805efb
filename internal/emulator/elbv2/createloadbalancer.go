package elbv2

import (
	"regexp"
	"slices"
	"strings"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// createLoadBalancerIn leaves out what isn't served: CustomerOwnedIpv4Pool,
// EnablePrefixForIpv6SourceNat, IpamPools, and addresses of subnet mappings other than Elastic IPs.
type createLoadBalancerIn struct {
	Name           string `q:"Name,required"`
	Type           string
	Scheme         string
	IpAddressType  string
	SecurityGroups []string
	Subnets        []string
	SubnetMappings []subnetMapping
	Tags           tagList
}

type loadBalancersOut struct {
	LoadBalancers []loadBalancerOut `xml:"LoadBalancers>member"`
	NextMarker    string            `xml:",omitempty"`
}

var namePattern = regexp.MustCompile(`^[a-zA-Z0-9]([a-zA-Z0-9-]*[a-zA-Z0-9])?$`)

// checkName holds for load balancers and target groups.
func checkName(what, name string) error {
	switch {
	case len(name) > 32:
		return invalid("The %s name '%s' cannot be longer than '32' characters", what, name)
	case strings.HasPrefix(name, "-") || strings.HasSuffix(name, "-"):
		return invalid("The %s name '%s' cannot begin or end with a hyphen ('-')", what, name)
	case !namePattern.MatchString(name):
		return invalid("The %s name '%s' can only contain characters that are alphanumeric characters and hyphens(-)", what, name)
	case what == "load balancer" && strings.HasPrefix(name, "internal-"):
		return invalid("The load balancer name '%s' cannot begin with 'internal-'", name)
	}
	return nil
}

func (s *Service) createLoadBalancer(r *core.Request, in *createLoadBalancerIn) (*loadBalancersOut, error) {
	lb, err := s.newLoadBalancer(r.Scope, in)
	if err != nil {
		return nil, err
	}
	reg := s.region(r.Scope)
	if old := reg.byName(lb.Name); old != nil {
		// "If you attempt to create multiple load balancers with the same settings, each call
		// succeeds": API_CreateLoadBalancer. Tags aren't settings.
		if !sameLoadBalancer(old, lb) {
			return nil, core.Errorf("DuplicateLoadBalancerName", "A load balancer with the same name '%s' exists, but with different settings", lb.Name)
		}
		return &loadBalancersOut{LoadBalancers: []loadBalancerOut{old.out(r.Scope)}}, nil
	}
	if err := s.checkLoadBalancerLimit(reg, lb.Type); err != nil {
		return nil, err
	}
	lb.ID, lb.State, lb.Created = s.world.Hex(16), stateProvisioning, r.Now()
	lb.ARN = r.ARN(serviceName, "loadbalancer/"+lb.path())
	lb.DNSName = s.dnsName(r.Scope, lb)
	if err := s.attach(r.Scope, lb, lb.Zones); err != nil {
		return nil, err
	}
	if s.roles != nil {
		s.roles.EnsureServiceLinkedRole(r.Account, "elasticloadbalancing.amazonaws.com")
	}
	reg.loadBalancers.add(lb.ARN, lb)
	s.world.Clock.After(provisioning, func() { s.activate(r.Scope, lb.ARN) })
	return &loadBalancersOut{LoadBalancers: []loadBalancerOut{lb.out(r.Scope)}}, nil
}

// newLoadBalancer checks a request and returns what it describes.
func (s *Service) newLoadBalancer(scope core.Scope, in *createLoadBalancerIn) (*loadBalancer, error) {
	lb := &loadBalancer{Name: in.Name, Type: or(in.Type, application), Scheme: or(in.Scheme, internetFacing), IPAddressType: or(in.IpAddressType, "ipv4")}
	if err := checkName("load balancer", lb.Name); err != nil {
		return nil, err
	}
	if lb.Type != application && lb.Type != network {
		return nil, invalid("The emulator does not support load balancers of type '%s'", lb.Type)
	}
	if lb.Scheme != internetFacing && lb.Scheme != internal {
		return nil, core.Errorf("InvalidScheme", "The scheme '%s' is not valid", lb.Scheme)
	}
	if err := checkAddressType(lb.IPAddressType); err != nil {
		return nil, err
	}
	var err error
	if lb.Zones, lb.VPCID, err = s.zonesFor(scope, lb.Type, lb.Scheme, in.Subnets, in.SubnetMappings); err != nil {
		return nil, err
	}
	if lb.SecurityGroups, err = s.groupsFor(scope, lb.Type, lb.VPCID, in.SecurityGroups); err != nil {
		return nil, err
	}
	if lb.Type == network && len(lb.SecurityGroups) > 0 {
		lb.EnforcePrivateLink = "on"
	}
	if lb.Tags, err = in.Tags.apply(nil); err != nil {
		return nil, err
	}
	lb.Attributes = loadBalancerDefaults(lb)
	return lb, nil
}

func sameLoadBalancer(a, b *loadBalancer) bool {
	return a.Type == b.Type && a.Scheme == b.Scheme && a.IPAddressType == b.IPAddressType &&
		slices.Equal(a.subnets(), b.subnets()) && slices.Equal(sorted(a.SecurityGroups), sorted(b.SecurityGroups))
}

func (s *Service) checkLoadBalancerLimit(reg *region, lbType string) error {
	limit := s.Limits.ApplicationLoadBalancers
	if lbType == network {
		limit = s.Limits.NetworkLoadBalancers
	}
	n := 0
	for _, lb := range reg.loadBalancers.all() {
		if lb.Type == lbType {
			n++
		}
	}
	if n >= limit {
		return core.Errorf("TooManyLoadBalancers", "The maximum number of load balancers has been reached")
	}
	return nil
}

func (reg *region) byName(name string) *loadBalancer {
	for _, lb := range reg.loadBalancers.all() {
		if lb.Name == name {
			return lb
		}
	}
	return nil
}

// checkAddressType: the subnets of the emulated EC2 have no IPv6 blocks.
func checkAddressType(t string) error {
	switch t {
	case "ipv4":
		return nil
	case "dualstack", "dualstack-without-public-ipv4":
		return core.Errorf("InvalidSubnet", "You must specify subnets with an associated IPv6 CIDR block.")
	default:
		return invalid("The IP address type '%s' is not valid", t)
	}
}

// activate ends provisioning; the health checks of the targets begin.
func (s *Service) activate(scope core.Scope, arn string) {
	lb, ok := s.region(scope).loadBalancers.get(arn)
	if !ok {
		return
	}
	lb.State = stateActive
	for _, tg := range s.region(scope).targetGroups.all() {
		if tg.usedBy(arn) {
			s.engage(scope, tg)
		}
	}
}

func or(s, deflt string) string {
	if s == "" {
		return deflt
	}
	return s
}

func sorted(l []string) []string {
	out := slices.Clone(l)
	slices.Sort(out)
	return out
}
