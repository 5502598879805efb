package ec2

import (
	"net/netip"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// Network is a VPC with a public and a private subnet in each of its zones.
type Network struct {
	VPCID string
	// CIDR is a /16; each subnet has a /24 of it, public ones first.
	CIDR string
	// PublicSubnetIDs and PrivateSubnetIDs are by zone, from the region's first.
	PublicSubnetIDs, PrivateSubnetIDs []string
}

// AddNetwork makes a VPC with the given ids, as a user has it beforehand: an internet gateway for the
// public subnets, and in the first of them a NAT gateway for the private ones. It counts against the
// quotas like any other. The caller holds the world's lock.
func (s *Service) AddNetwork(scope core.Scope, n Network) error {
	r := s.region(scope)
	cidr, err := parseCIDR(n.CIDR)
	if err == nil && cidr.Bits() != 16 {
		err = invalidValue("Value (%s) for parameter cidrBlock is invalid. A /16 is needed here.", n.CIDR)
	}
	if err != nil {
		return err
	}
	zones := regionZones(scope.Region)
	if len(zones) < max(len(n.PublicSubnetIDs), len(n.PrivateSubnetIDs)) {
		return invalidValue("The region %s has %d Availability Zones.", scope.Region, len(zones))
	}
	v := &vpc{
		object: r.known(kindVPC, n.VPCID), cidr: cidr, associationID: s.world.ID("vpc-cidr-assoc"), state: "available",
		tenancy: "default", dhcpOptionsID: r.dhcpOptionsID(), dnsSupport: true, dnsHostnames: true,
	}
	r.vpcs.add(v)
	r.newRouteTable(v, nil, true)
	r.newDefaultACL(v)
	r.newSecurityGroup(v, "default", "default VPC security group", nil, true)

	gateway := &internetGateway{object: r.newObject(kindInternetGateway, nil), vpcID: v.id}
	r.gateways.add(gateway)
	first := r.addSubnets(v, n.PublicSubnetIDs, 0, &route{gatewayID: gateway.id})
	if first == nil {
		return nil
	}
	a := &address{object: r.newObject(kindAddress, nil), publicIP: s.publicAddress()}
	r.addresses.add(a)
	nat := &natGateway{
		object: r.newObject(kindNATGateway, nil), subnetID: first.id, vpcID: v.id, zone: first.zone.name, zoneID: first.zone.id,
		connectivity: "public", state: "available", allocationID: a.id,
	}
	r.nats.add(nat)
	r.startNAT(nat, first, a)
	r.addSubnets(v, n.PrivateSubnetIDs, len(n.PublicSubnetIDs), &route{natID: nat.id})
	return nil
}

// addSubnets makes a subnet in each zone, with one route table that leads out, and returns the first.
func (r *region) addSubnets(v *vpc, ids []string, index int, out *route) *subnet {
	if len(ids) == 0 {
		return nil
	}
	out.destination, out.origin = netip.PrefixFrom(netip.IPv4Unspecified(), 0).String(), "CreateRoute"
	t := r.newRouteTable(v, nil, false)
	t.routes = append(t.routes, out)
	acl, zones := r.defaultACL(v.id), regionZones(r.Region)
	for i, id := range ids {
		b := v.cidr.Addr().As4()
		b[2] += byte(index + i)
		n := &subnet{
			object: r.known(kindSubnet, id), vpcID: v.id, cidr: netip.PrefixFrom(netip.AddrFrom4(b), 24), zone: zones[i],
			aclID: acl.id, aclAssociationID: r.s.world.ID("aclassoc"), hostnameType: "ip-name",
		}
		r.subnets.add(n)
		t.associations = append(t.associations, &association{id: r.s.world.ID("rtbassoc"), subnetID: id})
	}
	first, _ := r.subnets.get(ids[0])
	return first
}

// known is the common part of an object whose id is given.
func (r *region) known(k *kind, id string) object {
	return object{id: id, kind: k, created: r.s.world.Clock.Now(), tags: map[string]string{}}
}
