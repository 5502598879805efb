package ec2

import (
	"net/netip"
	"strings"
	"time"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

type interfaceItem struct {
	ID               string                   `xml:"networkInterfaceId"`
	SubnetID         string                   `xml:"subnetId"`
	VPCID            string                   `xml:"vpcId"`
	Zone             string                   `xml:"availabilityZone"`
	ZoneID           string                   `xml:"availabilityZoneId"`
	Description      string                   `xml:"description"`
	OwnerID          string                   `xml:"ownerId"`
	RequesterID      string                   `xml:"requesterId,omitempty"`
	RequesterManaged bool                     `xml:"requesterManaged"`
	Status           string                   `xml:"status"`
	MAC              string                   `xml:"macAddress"`
	PrivateIP        string                   `xml:"privateIpAddress"`
	PrivateDNS       string                   `xml:"privateDnsName"`
	SourceDestCheck  bool                     `xml:"sourceDestCheck"`
	Type             string                   `xml:"interfaceType"`
	Groups           []groupIdentifier        `xml:"groupSet>item"`
	Attachment       *interfaceAttachment     `xml:"attachment"`
	Association      *interfaceAssociation    `xml:"association"`
	PrivateIPs       []interfacePrivateIPItem `xml:"privateIpAddressesSet>item"`
	Tags             []tagItem                `xml:"tagSet>item"`
}

type groupIdentifier struct {
	ID   string `xml:"groupId"`
	Name string `xml:"groupName"`
}

type interfaceAttachment struct {
	ID                  string    `xml:"attachmentId"`
	InstanceID          string    `xml:"instanceId,omitempty"`
	InstanceOwner       string    `xml:"instanceOwnerId"`
	DeviceIndex         int       `xml:"deviceIndex"`
	Status              string    `xml:"status"`
	At                  time.Time `xml:"attachTime"`
	DeleteOnTermination bool      `xml:"deleteOnTermination"`
}

type interfaceAssociation struct {
	PublicIP      string `xml:"publicIp"`
	PublicDNS     string `xml:"publicDnsName,omitempty"`
	OwnerID       string `xml:"ipOwnerId"`
	AllocationID  string `xml:"allocationId,omitempty"`
	AssociationID string `xml:"associationId,omitempty"`
}

type interfacePrivateIPItem struct {
	IP          string                `xml:"privateIpAddress"`
	DNS         string                `xml:"privateDnsName"`
	Primary     bool                  `xml:"primary"`
	Association *interfaceAssociation `xml:"association"`
}

func (r *region) interfaceItem(e *networkInterface) interfaceItem {
	out := interfaceItem{
		ID: e.id, SubnetID: e.subnetID, VPCID: e.vpcID, Zone: e.zone.name, ZoneID: e.zone.id, Description: e.description,
		OwnerID: r.Account, RequesterID: e.requesterID, RequesterManaged: e.requesterManaged, Status: "available", MAC: e.mac,
		PrivateIP: e.ip.String(), PrivateDNS: privateDNS(r.Region, e.ip), SourceDestCheck: e.interfaceType != "nat_gateway",
		Type: e.interfaceType, Groups: r.groupIdentifiers(e.groups), Association: r.interfaceAssociation(e), Tags: tagItems(e.tags),
	}
	if e.attached() {
		out.Status = "in-use"
		out.Attachment = &interfaceAttachment{
			ID: e.attachmentID, InstanceID: e.instanceID, InstanceOwner: r.Account, DeviceIndex: e.deviceIndex, Status: "attached",
			At: e.created, DeleteOnTermination: e.deleteOnTermination,
		}
		if e.instanceID == "" {
			// A service's own attachment; its device index begins at 1.
			out.Attachment.InstanceOwner, out.Attachment.DeviceIndex = "amazon-aws", 1
		}
	}
	out.PrivateIPs = []interfacePrivateIPItem{{out.PrivateIP, out.PrivateDNS, true, out.Association}}
	return out
}

func (r *region) groupIdentifiers(ids []string) []groupIdentifier {
	var out []groupIdentifier
	for _, id := range ids {
		g, exists := r.groups.get(id)
		if exists {
			out = append(out, groupIdentifier{g.id, g.name})
		}
	}
	return out
}

func (r *region) interfaceAssociation(e *networkInterface) *interfaceAssociation {
	ip := r.publicIP(e)
	if ip == "" {
		return nil
	}
	out := &interfaceAssociation{PublicIP: ip, OwnerID: "amazon", PublicDNS: r.publicDNS(e.vpcID, ip)}
	if a := r.addressOf(e); a != nil {
		out.OwnerID, out.AllocationID, out.AssociationID = r.Account, a.id, a.associationID
	}
	return out
}

// privateDNS is the IP name of an address,
// https://docs.aws.amazon.com/vpc/latest/userguide/vpc-dns.html
func privateDNS(region string, ip netip.Addr) string {
	domain := region + ".compute.internal"
	if region == "us-east-1" {
		domain = "ec2.internal"
	}
	return "ip-" + strings.ReplaceAll(ip.String(), ".", "-") + "." + domain
}

// publicDNS exists where the VPC gives DNS host names.
func (r *region) publicDNS(vpcID, ip string) string {
	if v, exists := r.vpcs.get(vpcID); !exists || !v.dnsHostnames || !v.dnsSupport {
		return ""
	}
	domain := r.Region + ".compute"
	if r.Region == "us-east-1" {
		domain = "compute-1"
	}
	return "ec2-" + strings.ReplaceAll(ip, ".", "-") + "." + domain + ".amazonaws.com"
}

type describeInterfacesIn struct {
	IDs []string `q:"NetworkInterfaceId"`
	// Managed adds the interfaces of other services' managed resources that are hidden by default;
	// there are none here.
	Managed bool `q:"IncludeManagedResources"`
	DescribeIn
}

type describeInterfacesOut struct {
	Interfaces []interfaceItem `xml:"networkInterfaceSet>item"`
	Next       string          `xml:"nextToken,omitempty"`
}

func (s *Service) describeInterfaces(q *core.Request, in *describeInterfacesIn) (*describeInterfacesOut, error) {
	r := s.region(q.Scope)
	association := func(f func(*interfaceAssociation) string) func(*networkInterface) []string {
		return func(e *networkInterface) []string {
			if a := r.interfaceAssociation(e); a != nil {
				return one(f(a))
			}
			return nil
		}
	}
	ip := func(e *networkInterface) []string { return one(e.ip.String()) }
	page, next, err := describe(q, &r.interfaces, kindNetworkInterface, in.IDs, fields[*networkInterface]{
		"addresses.association.public-ip": association(func(a *interfaceAssociation) string { return a.PublicIP }),
		"addresses.primary":               func(*networkInterface) []string { return boolean(true) },
		"addresses.private-ip-address":    ip,
		"association.allocation-id":       association(func(a *interfaceAssociation) string { return a.AllocationID }),
		"association.association-id":      association(func(a *interfaceAssociation) string { return a.AssociationID }),
		"association.ip-owner-id":         association(func(a *interfaceAssociation) string { return a.OwnerID }),
		"association.public-ip":           association(func(a *interfaceAssociation) string { return a.PublicIP }),
		"association.public-dns-name":     association(func(a *interfaceAssociation) string { return a.PublicDNS }),
		"attachment.attachment-id":        func(e *networkInterface) []string { return one(e.attachmentID) },
		"attachment.instance-id":          func(e *networkInterface) []string { return one(e.instanceID) },
		"attachment.instance-owner-id": func(e *networkInterface) []string {
			if a := r.interfaceItem(e).Attachment; a != nil {
				return one(a.InstanceOwner)
			}
			return nil
		},
		"attachment.status": func(e *networkInterface) []string {
			if !e.attached() {
				return nil
			}
			return one("attached")
		},
		"availability-zone":    func(e *networkInterface) []string { return one(e.zone.name) },
		"availability-zone-id": func(e *networkInterface) []string { return one(e.zone.id) },
		"description":          func(e *networkInterface) []string { return one(e.description) },
		"group-id":             func(e *networkInterface) []string { return e.groups },
		"group-name": func(e *networkInterface) []string {
			return mapped(r.groupIdentifiers(e.groups), func(g groupIdentifier) string { return g.Name })
		},
		"interface-type":       func(e *networkInterface) []string { return one(e.interfaceType) },
		"mac-address":          func(e *networkInterface) []string { return one(e.mac) },
		"network-interface-id": func(e *networkInterface) []string { return one(e.id) },
		"owner-id":             func(*networkInterface) []string { return one(r.Account) },
		"private-dns-name":     func(e *networkInterface) []string { return one(privateDNS(r.Region, e.ip)) },
		"private-ip-address":   ip,
		"requester-id":         func(e *networkInterface) []string { return one(e.requesterID) },
		"requester-managed":    func(e *networkInterface) []string { return boolean(e.requesterManaged) },
		"source-dest-check":    func(e *networkInterface) []string { return boolean(r.interfaceItem(e).SourceDestCheck) },
		"status":               func(e *networkInterface) []string { return one(r.interfaceItem(e).Status) },
		"subnet-id":            func(e *networkInterface) []string { return one(e.subnetID) },
		"vpc-id":               func(e *networkInterface) []string { return one(e.vpcID) },
	}, in.DescribeIn)
	return &describeInterfacesOut{mapped(page, r.interfaceItem), next}, err
}
