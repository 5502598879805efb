package elbv2

import (
	"slices"
	"strings"
	"time"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// The types, schemes and states of load balancers.
const (
	application = "application"
	network     = "network"

	internetFacing = "internet-facing"
	internal       = "internal"

	stateProvisioning = "provisioning"
	stateActive       = "active"
)

// loadBalancer is an Application or a Network Load Balancer.
type loadBalancer struct {
	ARN, ID, Name, Type, Scheme, State string
	IPAddressType, VPCID               string
	DNSName                            string
	Zones                              []zone
	SecurityGroups                     []string
	// EnforcePrivateLink is on or off for a Network Load Balancer with security groups.
	EnforcePrivateLink string
	Attributes         map[string]string
	Tags               map[string]string
	Created            time.Time
}

// zone is an Availability Zone that a load balancer serves, with its subnet and interface there.
type zone struct {
	Name, SubnetID, AllocationID, InterfaceID, PublicIP, PrivateIP string
}

func (lb *loadBalancer) shortType() string {
	if lb.Type == network {
		return "net"
	}
	return "app"
}

// path is the ARN's part that the ARNs of listeners and rules share: app/name/id.
func (lb *loadBalancer) path() string { return lb.shortType() + "/" + lb.Name + "/" + lb.ID }

func (lb *loadBalancer) subnets() []string {
	out := make([]string, len(lb.Zones))
	for i, z := range lb.Zones {
		out[i] = z.SubnetID
	}
	slices.Sort(out)
	return out
}

func (lb *loadBalancer) serves(zone string) bool {
	for _, z := range lb.Zones {
		if z.Name == zone {
			return true
		}
	}
	return false
}

type loadBalancerOut struct {
	LoadBalancerArn, DNSName, CanonicalHostedZoneId string
	CreatedTime                                     time.Time
	LoadBalancerName, Scheme, VpcId                 string
	State                                           struct{ Code string }
	Type                                            string
	AvailabilityZones                               []zoneOut `xml:"AvailabilityZones>member"`
	SecurityGroups                                  []string  `xml:"SecurityGroups>member"`
	IpAddressType                                   string

	EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic string `xml:",omitempty"`
}

type zoneOut struct {
	ZoneName, SubnetId    string
	LoadBalancerAddresses []addressOut `xml:"LoadBalancerAddresses>member"`
}

type addressOut struct{ IpAddress, AllocationId string }

func (lb *loadBalancer) zonesOut() []zoneOut {
	out := []zoneOut{}
	for _, z := range lb.Zones {
		o := zoneOut{ZoneName: z.Name, SubnetId: z.SubnetID}
		if z.AllocationID != "" {
			o.LoadBalancerAddresses = []addressOut{{z.PublicIP, z.AllocationID}}
		}
		out = append(out, o)
	}
	return out
}

func (lb *loadBalancer) out(scope core.Scope) loadBalancerOut {
	o := loadBalancerOut{LoadBalancerArn: lb.ARN, DNSName: lb.DNSName, CanonicalHostedZoneId: hostedZone(scope.Region, lb.Type),
		CreatedTime: lb.Created, LoadBalancerName: lb.Name, Scheme: lb.Scheme, VpcId: lb.VPCID, Type: lb.Type,
		AvailabilityZones: lb.zonesOut(), SecurityGroups: lb.SecurityGroups, IpAddressType: lb.IPAddressType,
		EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic: lb.EnforcePrivateLink}
	o.State.Code = lb.State
	return o
}

// dnsName follows the examples of
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateLoadBalancer.html:
// the two types have their parts in different orders.
func (s *Service) dnsName(scope core.Scope, lb *loadBalancer) string {
	if lb.Type == network {
		return lb.Name + "-" + lb.ID + ".elb." + scope.Region + ".amazonaws.com"
	}
	name := lb.Name + "-" + s.world.Digits(10) + "." + scope.Region + ".elb.amazonaws.com"
	if lb.Scheme == internal {
		name = "internal-" + name
	}
	return strings.ToLower(name)
}
