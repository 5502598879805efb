package ec2

import (
	"slices"
	"strings"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

func (s *Service) registerInstanceTypes(m *core.Mux) {
	core.Handle(m, "DescribeInstanceTypes", s.describeInstanceTypes)
	core.Handle(m, "DescribeInstanceTypeOfferings", s.describeOfferings)
	core.Handle(m, "DescribeImages", s.describeImages)
}

type instanceTypeItem struct {
	Name           string   `xml:"instanceType"`
	Current        bool     `xml:"currentGeneration"`
	FreeTier       bool     `xml:"freeTierEligible"`
	UsageClasses   []string `xml:"supportedUsageClasses>item"`
	RootDevices    []string `xml:"supportedRootDeviceTypes>item"`
	Virtualization []string `xml:"supportedVirtualizationTypes>item"`
	BareMetal      bool     `xml:"bareMetal"`
	Hypervisor     string   `xml:"hypervisor"`
	Processor      struct {
		Architectures []string `xml:"supportedArchitectures>item"`
		Clock         float64  `xml:"sustainedClockSpeedInGhz"`
		Manufacturer  string   `xml:"manufacturer"`
	} `xml:"processorInfo"`
	VCPU struct {
		VCPUs   int `xml:"defaultVCpus"`
		Cores   int `xml:"defaultCores"`
		Threads int `xml:"defaultThreadsPerCore"`
	} `xml:"vCpuInfo"`
	Memory struct {
		MiB int `xml:"sizeInMiB"`
	} `xml:"memoryInfo"`
	Storage bool `xml:"instanceStorageSupported"`
	Network struct {
		Performance string `xml:"networkPerformance"`
		Interfaces  int    `xml:"maximumNetworkInterfaces"`
		Cards       int    `xml:"maximumNetworkCards"`
		DefaultCard int    `xml:"defaultNetworkCardIndex"`
		IPv4        int    `xml:"ipv4AddressesPerInterface"`
		IPv6        int    `xml:"ipv6AddressesPerInterface"`
		IPv6Support bool   `xml:"ipv6Supported"`
		ENA         string `xml:"enaSupport"`
	} `xml:"networkInfo"`
	Hibernation    bool     `xml:"hibernationSupported"`
	Burstable      bool     `xml:"burstablePerformanceSupported"`
	DedicatedHosts bool     `xml:"dedicatedHostsSupported"`
	AutoRecovery   bool     `xml:"autoRecoverySupported"`
	BootModes      []string `xml:"supportedBootModes>item"`
}

func (t *instanceType) item() instanceTypeItem {
	out := instanceTypeItem{
		Name: t.name, Current: true, UsageClasses: []string{"on-demand", "spot"}, RootDevices: []string{"ebs"}, Virtualization: []string{"hvm"},
		Hypervisor: "nitro", Burstable: t.burstable, DedicatedHosts: !t.burstable, AutoRecovery: true, BootModes: []string{"uefi"},
	}
	if t.architecture == x86 {
		out.BootModes = []string{"legacy-bios", "uefi"}
	}
	out.Processor.Architectures, out.Processor.Clock, out.Processor.Manufacturer = []string{t.architecture}, t.clock, t.manufacturer
	out.VCPU.VCPUs, out.VCPU.Cores, out.VCPU.Threads = t.vcpu, t.vcpu/t.threads, t.threads
	out.Memory.MiB = t.memoryMiB
	out.Network.Performance, out.Network.Interfaces, out.Network.Cards = t.network, t.interfaces, 1
	out.Network.IPv4, out.Network.IPv6, out.Network.IPv6Support, out.Network.ENA = t.addresses, t.addresses, true, "required"
	return out
}

type describeInstanceTypesIn struct {
	Names []string `q:"InstanceType"`
	DescribeIn
}

type describeInstanceTypesOut struct {
	Types []instanceTypeItem `xml:"instanceTypeSet>item"`
	Next  string             `xml:"nextToken,omitempty"`
}

// describeInstanceTypes answers pages of 100 at most; names may contain wildcards,
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeInstanceTypes.html
func (s *Service) describeInstanceTypes(q *core.Request, in *describeInstanceTypesIn) (*describeInstanceTypesOut, error) {
	all := slices.Clone(instanceTypes)
	if len(in.Names) > 0 {
		var missing []string
		for _, name := range in.Names {
			if !slices.ContainsFunc(all, func(t *instanceType) bool { return wildcard(name, t.name) }) {
				missing = append(missing, name)
			}
		}
		if len(missing) > 0 {
			return nil, core.Errorf("InvalidInstanceType", "The following supplied instance types do not exist: [%s]", strings.Join(missing, ", "))
		}
		names := filter{Values: in.Names}
		all = slices.DeleteFunc(all, func(t *instanceType) bool { return !names.matches([]string{t.name}) })
	}
	all, err := fields[*instanceType]{
		"bare-metal":                                func(*instanceType) []string { return boolean(false) },
		"burstable-performance-supported":           func(t *instanceType) []string { return boolean(t.burstable) },
		"current-generation":                        func(*instanceType) []string { return boolean(true) },
		"hypervisor":                                func(*instanceType) []string { return one("nitro") },
		"instance-type":                             func(t *instanceType) []string { return one(t.name) },
		"memory-info.size-in-mib":                   func(t *instanceType) []string { return number(t.memoryMiB) },
		"network-info.maximum-network-interfaces":   func(t *instanceType) []string { return number(t.interfaces) },
		"network-info.ipv4-addresses-per-interface": func(t *instanceType) []string { return number(t.addresses) },
		"processor-info.supported-architecture":     func(t *instanceType) []string { return one(t.architecture) },
		"supported-root-device-type":                func(*instanceType) []string { return one("ebs") },
		"supported-usage-class":                     func(*instanceType) []string { return []string{"on-demand", "spot"} },
		"supported-virtualization-type":             func(*instanceType) []string { return one("hvm") },
		"vcpu-info.default-vcpus":                   func(t *instanceType) []string { return number(t.vcpu) },
		"vcpu-info.default-cores":                   func(t *instanceType) []string { return number(t.vcpu / t.threads) },
		"vcpu-info.default-threads-per-core":        func(t *instanceType) []string { return number(t.threads) },
		"instance-storage-supported":                func(*instanceType) []string { return boolean(false) },
	}.apply(all, in.Filters)
	if err != nil {
		return nil, err
	}
	if in.MaxResults == nil {
		in.MaxResults = new(maxInstanceTypes)
	}
	page, next, err := paginate(q, all, func(t *instanceType) string { return t.name }, in.Paging)
	return &describeInstanceTypesOut{mapped(page, (*instanceType).item), next}, err
}

// maxInstanceTypes is the largest page of DescribeInstanceTypes.
const maxInstanceTypes = 100

type describeOfferingsIn struct {
	// LocationType is region (the default), availability-zone or availability-zone-id.
	LocationType string `q:"LocationType"`
	DescribeIn
}

type offeringItem struct {
	object
	Type         string `xml:"instanceType"`
	LocationType string `xml:"locationType"`
	Location     string `xml:"location"`
}

type describeOfferingsOut struct {
	Offerings []*offeringItem `xml:"instanceTypeOfferingSet>item"`
	Next      string          `xml:"nextToken,omitempty"`
}

func (s *Service) describeOfferings(q *core.Request, in *describeOfferingsIn) (*describeOfferingsOut, error) {
	var all []*offeringItem
	for _, t := range instanceTypes {
		switch in.LocationType {
		case "", "region":
			all = append(all, &offeringItem{Type: t.name, LocationType: "region", Location: q.Region})
		case "availability-zone", "availability-zone-id":
			for _, z := range regionZones(q.Region) {
				if !t.offered(z.name) {
					continue
				}
				location := z.name
				if in.LocationType == "availability-zone-id" {
					location = z.id
				}
				all = append(all, &offeringItem{Type: t.name, LocationType: in.LocationType, Location: location})
			}
		default:
			return nil, invalidValue("Value (%s) for parameter locationType is invalid.", in.LocationType)
		}
	}
	all, err := fields[*offeringItem]{
		"instance-type": func(o *offeringItem) []string { return one(o.Type) },
		"location":      func(o *offeringItem) []string { return one(o.Location) },
	}.apply(all, in.Filters)
	if err != nil {
		return nil, err
	}
	page, next, err := paginate(q, all, func(o *offeringItem) string { return o.Type + "/" + o.Location }, in.Paging)
	return &describeOfferingsOut{page, next}, err
}
