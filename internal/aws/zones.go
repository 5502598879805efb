package aws

import (
	"context"
	"slices"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// Zones lists the names of a region's availability zones that are open to the account, sorted. Local
// and Wavelength zones aren't among them: they need opting in and lack NAT gateways.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeAvailabilityZones.html
func Zones(ctx context.Context, c EC2) ([]string, error) {
	out, err := c.DescribeAvailabilityZones(ctx, &ec2.DescribeAvailabilityZonesInput{Filters: []types.Filter{
		{Name: sdk.String("zone-type"), Values: []string{"availability-zone"}},
		{Name: sdk.String("opt-in-status"), Values: []string{"opt-in-not-required", "opted-in"}},
	}})
	if err != nil {
		return nil, err
	}
	names := make([]string, 0, len(out.AvailabilityZones))
	for _, z := range out.AvailabilityZones {
		names = append(names, sdk.ToString(z.ZoneName))
	}
	slices.Sort(names)
	return names, nil
}

// Regions lists the regions of the partition, whether the account has enabled them or not.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeRegions.html
func Regions(ctx context.Context, c EC2) ([]string, error) {
	out, err := c.DescribeRegions(ctx, &ec2.DescribeRegionsInput{AllRegions: sdk.Bool(true)})
	if err != nil {
		return nil, err
	}
	names := make([]string, len(out.Regions))
	for i := range out.Regions {
		names[i] = sdk.ToString(out.Regions[i].RegionName)
	}
	return names, nil
}
