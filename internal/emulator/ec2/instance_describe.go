package ec2

import (
	"net/netip"
	"time"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

func (s *Service) registerInstances(m *core.Mux) {
	core.Handle(m, "DescribeInstances", s.describeInstances)
	core.Handle(m, "DescribeInstanceStatus", s.describeInstanceStatus)
	core.Handle(m, "DescribeInstanceAttribute", s.describeInstanceAttribute)
	core.Handle(m, "TerminateInstances", s.terminateInstances)
	core.Handle(m, "DescribeVolumes", s.describeVolumes)
}

type stateItem struct {
	Code int    `xml:"code"`
	Name string `xml:"name"`
}

type instanceItem struct {
	ID             string              `xml:"instanceId"`
	ImageID        string              `xml:"imageId"`
	State          stateItem           `xml:"instanceState"`
	PrivateDNS     string              `xml:"privateDnsName"`
	PublicDNS      string              `xml:"dnsName"`
	Reason         string              `xml:"reason"`
	StateReason    *stateReasonItem    `xml:"stateReason"`
	KeyName        string              `xml:"keyName,omitempty"`
	Index          int                 `xml:"amiLaunchIndex"`
	Type           string              `xml:"instanceType"`
	Launched       time.Time           `xml:"launchTime"`
	Zone           string              `xml:"placement>availabilityZone"`
	ZoneID         string              `xml:"placement>availabilityZoneId"`
	Tenancy        string              `xml:"placement>tenancy"`
	Monitoring     string              `xml:"monitoring>state"`
	SubnetID       string              `xml:"subnetId,omitempty"`
	VPCID          string              `xml:"vpcId,omitempty"`
	PrivateIP      string              `xml:"privateIpAddress,omitempty"`
	PublicIP       string              `xml:"ipAddress,omitempty"`
	SourceDest     bool                `xml:"sourceDestCheck"`
	Groups         []groupIdentifier   `xml:"groupSet>item"`
	Architecture   string              `xml:"architecture"`
	RootDeviceType string              `xml:"rootDeviceType"`
	RootDevice     string              `xml:"rootDeviceName"`
	Devices        []instanceDevice    `xml:"blockDeviceMapping>item"`
	Virtualization string              `xml:"virtualizationType"`
	Hypervisor     string              `xml:"hypervisor"`
	Profile        *profileItem        `xml:"iamInstanceProfile"`
	Interfaces     []instanceInterface `xml:"networkInterfaceSet>item"`
	EBSOptimized   bool                `xml:"ebsOptimized"`
	ENA            bool                `xml:"enaSupport"`
	Metadata       instanceMetadata    `xml:"metadataOptions"`
	Platform       string              `xml:"platformDetails"`
	Tags           []tagItem           `xml:"tagSet>item"`
}

type instanceMetadata struct {
	metadataOptions
	State string `xml:"state"`
}

type stateReasonItem struct {
	Code    string `xml:"code"`
	Message string `xml:"message"`
}

type profileItem struct {
	ARN string `xml:"arn"`
	ID  string `xml:"id"`
}

type instanceDevice struct {
	Name string            `xml:"deviceName"`
	EBS  instanceDeviceEBS `xml:"ebs"`
}

type instanceDeviceEBS struct {
	VolumeID            string    `xml:"volumeId"`
	Status              string    `xml:"status"`
	At                  time.Time `xml:"attachTime"`
	DeleteOnTermination bool      `xml:"deleteOnTermination"`
}

type instanceInterface struct {
	ID          string                   `xml:"networkInterfaceId"`
	SubnetID    string                   `xml:"subnetId"`
	VPCID       string                   `xml:"vpcId"`
	Description string                   `xml:"description"`
	OwnerID     string                   `xml:"ownerId"`
	Status      string                   `xml:"status"`
	MAC         string                   `xml:"macAddress"`
	PrivateIP   string                   `xml:"privateIpAddress"`
	PrivateDNS  string                   `xml:"privateDnsName"`
	SourceDest  bool                     `xml:"sourceDestCheck"`
	Type        string                   `xml:"interfaceType"`
	Groups      []groupIdentifier        `xml:"groupSet>item"`
	Attachment  *interfaceAttachment     `xml:"attachment"`
	Association *interfaceAssociation    `xml:"association"`
	PrivateIPs  []interfacePrivateIPItem `xml:"privateIpAddressesSet>item"`
}

func (r *region) instanceItem(i *instance) instanceItem {
	out := instanceItem{
		ID: i.id, ImageID: i.image.id, State: stateItem{stateCodes[i.state], i.state}, Reason: i.transition, KeyName: i.data.KeyName,
		Type: i.kindOf.name, Launched: i.created, Zone: i.zone.name, ZoneID: i.zone.id, Tenancy: "default", Monitoring: "disabled",
		Architecture: i.image.architecture, RootDeviceType: "ebs", RootDevice: rootDevice, Virtualization: "hvm", Hypervisor: "xen",
		ENA: true, Metadata: instanceMetadata{effectiveMetadata(i.data.metadata()), "applied"}, Platform: "Linux/UNIX", Tags: tagItems(i.tags),
	}
	if i.data.Monitoring != nil && i.data.Monitoring.Enabled {
		out.Monitoring = "enabled"
	}
	if i.stateReason != "" {
		out.StateReason = &stateReasonItem{"Client.UserInitiatedShutdown", i.stateReason}
	}
	if i.state == "terminated" {
		out.Metadata.State = "pending"
		return out
	}
	out.SubnetID, out.VPCID, out.PrivateIP, out.PublicIP, out.SourceDest = i.subnetID, i.vpcID, i.privateIP, i.publicIP, true
	if ip, err := netip.ParseAddr(i.privateIP); err == nil {
		out.PrivateDNS = privateDNS(r.Region, ip)
	}
	out.EBSOptimized = i.data.EBSOptimized != nil && *i.data.EBSOptimized
	out.Groups = r.groupIdentifiers(i.groups)
	if i.publicIP != "" {
		out.PublicDNS = r.publicDNS(i.vpcID, i.publicIP)
	}
	if i.profileARN != "" {
		out.Profile = &profileItem{i.profileARN, "AIPA" + i.id[len(i.id)-16:]}
	}
	for _, e := range r.interfacesOf(i.id) {
		n := r.interfaceItem(e)
		out.Interfaces = append(out.Interfaces, instanceInterface{
			n.ID, n.SubnetID, n.VPCID, n.Description, n.OwnerID, n.Status, n.MAC, n.PrivateIP, n.PrivateDNS, n.SourceDestCheck, n.Type,
			n.Groups, n.Attachment, n.Association, n.PrivateIPs,
		})
	}
	for _, v := range r.volumes.where(func(v *volume) bool { return v.instanceID == i.id }) {
		out.Devices = append(out.Devices, instanceDevice{v.device, instanceDeviceEBS{v.id, "attached", v.created, v.deleteOnTermination()}})
	}
	return out
}

// effectiveMetadata fills in what a launch without metadata options gets,
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_InstanceMetadataOptionsResponse.html;
// an Amazon Linux 2023 image asks for IMDSv2 with a hop limit of 2.
func effectiveMetadata(m metadataOptions) metadataOptions {
	for _, d := range []struct {
		field *string
		deflt string
	}{{&m.Endpoint, "enabled"}, {&m.Tokens, "required"}, {&m.IPv6, "disabled"}, {&m.InstanceTags, "disabled"}} {
		if *d.field == "" {
			*d.field = d.deflt
		}
	}
	if m.HopLimit == nil {
		m.HopLimit = new(2)
	}
	return m
}

type describeInstancesIn struct {
	IDs     []string `q:"InstanceId"`
	Managed bool     `q:"IncludeManagedResources"`
	DescribeIn
}

type reservationItem struct {
	ID        string         `xml:"reservationId"`
	OwnerID   string         `xml:"ownerId"`
	Instances []instanceItem `xml:"instancesSet>item"`
}

type describeInstancesOut struct {
	Reservations []reservationItem `xml:"reservationSet>item"`
	Next         string            `xml:"nextToken,omitempty"`
}

func (r *region) instanceFields() fields[*instance] {
	return fields[*instance]{
		"architecture":             func(i *instance) []string { return one(i.image.architecture) },
		"availability-zone":        func(i *instance) []string { return one(i.zone.name) },
		"availability-zone-id":     func(i *instance) []string { return one(i.zone.id) },
		"iam-instance-profile.arn": func(i *instance) []string { return one(i.profileARN) },
		"image-id":                 func(i *instance) []string { return one(i.image.id) },
		"instance-id":              func(i *instance) []string { return one(i.id) },
		"instance-state-code":      func(i *instance) []string { return number(stateCodes[i.state]) },
		"instance-state-name":      func(i *instance) []string { return one(i.state) },
		"instance-type":            func(i *instance) []string { return one(i.kindOf.name) },
		"instance.group-id":        func(i *instance) []string { return i.groups },
		"owner-id":                 func(*instance) []string { return one(r.Account) },
		"private-ip-address":       func(i *instance) []string { return one(i.privateIP) },
		"reservation-id":           func(i *instance) []string { return one(i.reservationID) },
		"subnet-id":                func(i *instance) []string { return one(i.subnetID) },
		"vpc-id":                   func(i *instance) []string { return one(i.vpcID) },
	}
}

func (s *Service) describeInstances(q *core.Request, in *describeInstancesIn) (*describeInstancesOut, error) {
	r := s.region(q.Scope)
	page, next, err := describe(q, &r.instances, kindInstance, in.IDs, r.instanceFields(), in.DescribeIn)
	return &describeInstancesOut{mapped(page, func(i *instance) reservationItem {
		return reservationItem{i.reservationID, r.Account, []instanceItem{r.instanceItem(i)}}
	}), next}, err
}
