package aws

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
)

// VPCRanges lists the IPv4 ranges of a VPC, sorted. A VPC that doesn't exist is an error of class NotFound.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeVpcs.html
func VPCRanges(ctx context.Context, c EC2, id string) ([]string, error) {
	out, err := c.DescribeVpcs(ctx, &ec2.DescribeVpcsInput{VpcIds: []string{id}})
	if err != nil {
		return nil, err
	}
	var ranges []string
	for i := range out.Vpcs {
		for _, a := range out.Vpcs[i].CidrBlockAssociationSet {
			if a.CidrBlockState == nil || a.CidrBlockState.State == types.VpcCidrBlockStateCodeAssociated {
				ranges = append(ranges, sdk.ToString(a.CidrBlock))
			}
		}
	}
	slices.Sort(ranges)
	return ranges, nil
}

// Subnet is what the operator checks of a subnet that isn't its own.
type Subnet struct{ ID, VPC, Zone string }

// Subnets tells of subnets, in the order of their ids. One that doesn't exist is an error of class NotFound.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeSubnets.html
func Subnets(ctx context.Context, c EC2, ids []string) ([]Subnet, error) {
	out, err := c.DescribeSubnets(ctx, &ec2.DescribeSubnetsInput{SubnetIds: ids})
	if err != nil {
		return nil, err
	}
	subnets := make([]Subnet, len(out.Subnets))
	for i := range out.Subnets {
		s := &out.Subnets[i]
		subnets[i] = Subnet{ID: sdk.ToString(s.SubnetId), VPC: sdk.ToString(s.VpcId), Zone: sdk.ToString(s.AvailabilityZone)}
	}
	slices.SortFunc(subnets, func(a, b Subnet) int { return slices.Index(ids, a.ID) - slices.Index(ids, b.ID) })
	return subnets, nil
}

// ClusterProviders lists the capacity providers of a cluster; found is false when it doesn't exist.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeClusters.html
func ClusterProviders(ctx context.Context, c ECS, name string) (providers []string, found bool, err error) {
	out, err := c.DescribeClusters(ctx, &ecs.DescribeClustersInput{Clusters: []string{name}})
	if err != nil {
		return nil, false, err
	}
	for i := range out.Clusters {
		if cmp.Or(sdk.ToString(out.Clusters[i].Status), "ACTIVE") == "ACTIVE" {
			return out.Clusters[i].CapacityProviders, true, nil
		}
	}
	return nil, false, nil
}

// InstanceType is the size of an EC2 instance type.
type InstanceType struct{ VCPUs, MemoryMiB, Interfaces int }

// DescribeInstanceType tells how large an instance type is.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeInstanceTypes.html
func DescribeInstanceType(ctx context.Context, c EC2, name string) (InstanceType, error) {
	out, err := c.DescribeInstanceTypes(ctx, &ec2.DescribeInstanceTypesInput{InstanceTypes: []types.InstanceType{types.InstanceType(name)}})
	if err != nil {
		return InstanceType{}, err
	}
	if len(out.InstanceTypes) == 0 || out.InstanceTypes[0].VCpuInfo == nil || out.InstanceTypes[0].MemoryInfo == nil || out.InstanceTypes[0].NetworkInfo == nil {
		return InstanceType{}, fmt.Errorf("AWS tells nothing of the instance type %s", name)
	}
	t := out.InstanceTypes[0]
	return InstanceType{
		VCPUs: int(sdk.ToInt32(t.VCpuInfo.DefaultVCpus)), MemoryMiB: int(sdk.ToInt64(t.MemoryInfo.SizeInMiB)), Interfaces: int(sdk.ToInt32(t.NetworkInfo.MaximumNetworkInterfaces)),
	}, nil
}
