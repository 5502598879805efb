package aws

import (
	"context"
	"slices"
	"strings"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// EndpointServiceZones lists the zones of this region in which an endpoint service can be reached, sorted. A service
// that isn't there, or not for this account or region, is an error of class NotFound. region is that of a service of
// another region, empty for one of this.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeVpcEndpointServices.html
func EndpointServiceZones(ctx context.Context, c EC2, name, region string) ([]string, error) {
	in := &ec2.DescribeVpcEndpointServicesInput{ServiceNames: []string{name}}
	if region != "" {
		in.ServiceRegions = []string{region}
	}
	out, err := c.DescribeVpcEndpointServices(ctx, in)
	if err != nil {
		return nil, err
	}
	if region != "" { // "Cross-Region access does not require that providers and consumers use the same Availability Zones"
		return zonesAcrossRegions(ctx, c)
	}
	var zones []string
	for i := range out.ServiceDetails {
		zones = append(zones, out.ServiceDetails[i].AvailabilityZones...)
	}
	slices.Sort(zones)
	return slices.Compact(zones), nil
}

// withoutCrossRegion are the ids of the zones from which services of other regions can't be reached,
// https://docs.aws.amazon.com/vpc/latest/privatelink/privatelink-share-your-services.html#endpoint-service-cross-region
var withoutCrossRegion = []string{"use1-az3", "usw1-az2", "apne1-az3", "apne2-az2", "apne2-az4"}

func zonesAcrossRegions(ctx context.Context, c EC2) ([]string, error) {
	out, err := c.DescribeAvailabilityZones(ctx, &ec2.DescribeAvailabilityZonesInput{Filters: []types.Filter{{Name: sdk.String("zone-type"), Values: []string{"availability-zone"}}}})
	if err != nil {
		return nil, err
	}
	var zones []string
	for _, z := range out.AvailabilityZones {
		if !slices.Contains(withoutCrossRegion, sdk.ToString(z.ZoneId)) {
			zones = append(zones, sdk.ToString(z.ZoneName))
		}
	}
	slices.Sort(zones)
	return zones, nil
}

// VPCNames tells whether a VPC resolves DNS names, and gives host names: private DNS names need both.
// https://docs.aws.amazon.com/vpc/latest/userguide/vpc-dns.html
func VPCNames(ctx context.Context, c EC2, id string) (support, hostnames bool, err error) {
	s, err := c.DescribeVpcAttribute(ctx, &ec2.DescribeVpcAttributeInput{VpcId: &id, Attribute: types.VpcAttributeNameEnableDnsSupport})
	if err != nil {
		return false, false, err
	}
	h, err := c.DescribeVpcAttribute(ctx, &ec2.DescribeVpcAttributeInput{VpcId: &id, Attribute: types.VpcAttributeNameEnableDnsHostnames})
	if err != nil {
		return false, false, err
	}
	on := func(v *types.AttributeBooleanValue) bool { return v != nil && sdk.ToBool(v.Value) }
	return on(s.EnableDnsSupport), on(h.EnableDnsHostnames), nil
}

// Endpoint is what matters of a VPC endpoint that may be somebody else's.
type Endpoint struct {
	ID, Service string
	// Names are its DNS names. Named says that it has the private DNS name of its service, or is getting it.
	Names []string
	Named bool
	Tags  map[string]string
}

// Endpoints lists the VPC endpoints of a VPC that stand or may come to stand.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeVpcEndpoints.html
func Endpoints(ctx context.Context, c EC2, vpc string) ([]Endpoint, error) {
	var out []Endpoint
	pages := ec2.NewDescribeVpcEndpointsPaginator(c, &ec2.DescribeVpcEndpointsInput{Filters: []types.Filter{{Name: sdk.String("vpc-id"), Values: []string{vpc}}}})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for i := range page.VpcEndpoints {
			v := &page.VpcEndpoints[i]
			switch strings.ToLower(string(v.State)) { // its case differs between the wire and the SDK
			case "deleting", "deleted", "rejected", "expired", "failed":
				continue
			}
			e := Endpoint{ID: sdk.ToString(v.VpcEndpointId), Service: sdk.ToString(v.ServiceName), Named: sdk.ToBool(v.PrivateDnsEnabled), Tags: map[string]string{}}
			for _, d := range v.DnsEntries {
				e.Names = append(e.Names, sdk.ToString(d.DnsName))
			}
			for _, t := range v.Tags {
				e.Tags[sdk.ToString(t.Key)] = sdk.ToString(t.Value)
			}
			out = append(out, e)
		}
	}
	return out, nil
}
