package ec2

import "github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"

type boolValue struct {
	Value bool `q:"Value" xml:"value"`
}

type modifyVPCAttributeIn struct {
	VPCID        string     `q:"VpcId,required"`
	DNSHostnames *boolValue `q:"EnableDnsHostnames"`
	DNSSupport   *boolValue `q:"EnableDnsSupport"`
	UsageMetrics *boolValue `q:"EnableNetworkAddressUsageMetrics"`
}

// modifyVPCAttribute takes one attribute at a time: "You cannot modify the DNS resolution and DNS
// hostnames attributes in the same request",
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyVpcAttribute.html
func (s *Service) modifyVPCAttribute(q *core.Request, in *modifyVPCAttributeIn) (*done, error) {
	v, err := s.region(q.Scope).vpcs.need(kindVPC, in.VPCID)
	if err != nil {
		return nil, err
	}
	if err := exactlyOne(in.DNSHostnames != nil, in.DNSSupport != nil, in.UsageMetrics != nil); err != nil {
		return nil, err
	}
	switch {
	case in.DNSHostnames != nil:
		v.dnsHostnames = in.DNSHostnames.Value
	case in.DNSSupport != nil:
		v.dnsSupport = in.DNSSupport.Value
	default:
		v.usageMetrics = in.UsageMetrics.Value
	}
	return ok(), nil
}

// exactlyOne holds for Modify…Attribute calls.
func exactlyOne(given ...bool) error {
	n := 0
	for _, g := range given {
		if g {
			n++
		}
	}
	switch n {
	case 0:
		return core.Errorf("InvalidParameterCombination", "No attributes specified.")
	case 1:
		return nil
	default:
		return core.Errorf("InvalidParameterCombination", "Fields for multiple attribute types specified")
	}
}

type describeVPCAttributeIn struct {
	VPCID     string `q:"VpcId,required"`
	Attribute string `q:"Attribute,required"`
}

type describeVPCAttributeOut struct {
	VPCID        string     `xml:"vpcId"`
	DNSHostnames *boolValue `xml:"enableDnsHostnames"`
	DNSSupport   *boolValue `xml:"enableDnsSupport"`
	UsageMetrics *boolValue `xml:"enableNetworkAddressUsageMetrics"`
}

func (s *Service) describeVPCAttribute(q *core.Request, in *describeVPCAttributeIn) (*describeVPCAttributeOut, error) {
	v, err := s.region(q.Scope).vpcs.need(kindVPC, in.VPCID)
	if err != nil {
		return nil, err
	}
	if !q.World.Visible(v.created) {
		return nil, kindVPC.missing(in.VPCID)
	}
	out := &describeVPCAttributeOut{VPCID: v.id}
	switch in.Attribute {
	case "enableDnsHostnames":
		out.DNSHostnames = &boolValue{v.dnsHostnames}
	case "enableDnsSupport":
		out.DNSSupport = &boolValue{v.dnsSupport}
	case "enableNetworkAddressUsageMetrics":
		out.UsageMetrics = &boolValue{v.usageMetrics}
	default:
		return nil, invalidValue("Value (%s) for parameter attribute is invalid. Unknown attribute.", in.Attribute)
	}
	return out, nil
}
