package ec2

import (
	"slices"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// withoutCrossRegion are the zones without access to other regions,
// https://docs.aws.amazon.com/vpc/latest/privatelink/privatelink-share-your-services.html#endpoint-service-cross-region
var withoutCrossRegion = []string{"use1-az3", "usw1-az2", "apne1-az3", "apne2-az2", "apne2-az4"}

// checkPlaces checks subnets that an endpoint is to have besides some: of its VPC, one in each zone ("You can't select
// multiple subnets from the same Availability Zone"), in zones of the service. "Cross-Region access does not require that
// providers and consumers use the same Availability Zones".
// https://docs.aws.amazon.com/vpc/latest/privatelink/create-interface-endpoint.html
func (s *Service) checkPlaces(v *vpcEndpoint, have []endpointPlace, subnetIDs []string) error {
	r := s.region(v.scope)
	var zones []zone
	for _, p := range have {
		zones = append(zones, p.subnet.zone)
	}
	for _, id := range subnetIDs {
		n, err := r.subnets.need(kindSubnet, id)
		if err != nil {
			return err
		}
		if n.vpcID != v.vpcID {
			return core.Errorf("InvalidParameter", "The subnet %s does not belong to the VPC %s.", id, v.vpcID)
		}
		if slices.Contains(zones, n.zone) {
			return core.Errorf("DuplicateSubnetsInSameZone", "Found another VPC endpoint subnet in the availability zone of %s", id)
		}
		zones = append(zones, n.zone)
		supported := slices.Contains(s.zonesOf(v.service), n.zone)
		if v.serviceRegion != v.scope.Region {
			supported = !slices.Contains(withoutCrossRegion, n.zone.id)
		}
		if !supported {
			return core.Errorf("InvalidParameter", "The VPC endpoint service %s does not support the availability zone of the subnet: %s.", v.serviceName, id)
		}
	}
	return nil
}

func (r *region) checkEndpointGroups(v *vpcEndpoint, ids []string) error {
	for _, id := range ids {
		g, err := r.groups.need(kindSecurityGroup, id)
		if err != nil {
			return err
		}
		if g.vpcID != v.vpcID {
			return core.Errorf("InvalidParameter", "Security group %s and VPC %s belong to different networks.", id, v.vpcID)
		}
	}
	return nil
}

// checkPrivateDNS checks what private DNS needs of service and VPC. The messages are those that users report; no page
// of AWS's has them.
func (r *region) checkPrivateDNS(v *vpcEndpoint) error {
	switch {
	case v.service.dns.name == "":
		return core.Errorf("InvalidParameter", "Private DNS can't be enabled because the service %s does not provide a private DNS name.", v.serviceName)
	case v.service.dns.state != "verified":
		return core.Errorf("InvalidParameter", "Private DNS can't be enabled because the service %s has not verified the private DNS name.", v.serviceName)
	}
	if vpc, exists := r.vpcs.get(v.vpcID); exists && (!vpc.dnsSupport || !vpc.dnsHostnames) {
		return core.Errorf("InvalidParameter", "Enabling private DNS requires both enableDnsSupport and enableDnsHostnames VPC attributes set to true for %s", v.vpcID)
	}
	if r.endpoints.any(func(o *vpcEndpoint) bool {
		return o != v && o.vpcID == v.vpcID && o.privateDNS && o.state != "deleted" && o.service.dns.name == v.service.dns.name
	}) {
		return core.Errorf("InvalidParameter", "private-dns-enabled cannot be set because there is already a conflicting DNS domain for %s in the VPC %s", v.service.dns.name, v.vpcID)
	}
	return nil
}

func notAccepted(e *endpointService) error {
	return core.Errorf("InvalidParameter", "Private DNS can only be enabled after the endpoint connection is accepted by the owner of %s.", e.name())
}
