package lifecycle

import (
	"context"
	"errors"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
)

type object = v1alpha1.ResourceStatus

var off, on = &ec2types.AttributeBooleanValue{Value: sdk.Bool(false)}, &ec2types.AttributeBooleanValue{Value: sdk.Bool(true)}

var networkEdits = map[string][]edit{
	"VPC": {
		{what: "no DNS names", tells: "enableDnsHostnames", do: func(ctx context.Context, s *site, o object) error {
			_, err := s.ec2.ModifyVpcAttribute(ctx, &ec2.ModifyVpcAttributeInput{VpcId: &o.ID, EnableDnsHostnames: off})
			return err
		}},
		{what: "no DNS names and no resolution", tells: "enableDnsSupport", do: func(ctx context.Context, s *site, o object) error {
			if _, err := s.ec2.ModifyVpcAttribute(ctx, &ec2.ModifyVpcAttributeInput{VpcId: &o.ID, EnableDnsHostnames: off}); err != nil {
				return err
			}
			_, err := s.ec2.ModifyVpcAttribute(ctx, &ec2.ModifyVpcAttributeInput{VpcId: &o.ID, EnableDnsSupport: off})
			return err
		}},
	},
	"Subnet": {
		{what: "public addresses", tells: "mapPublicIpOnLaunch", do: func(ctx context.Context, s *site, o object) error {
			_, err := s.ec2.ModifySubnetAttribute(ctx, &ec2.ModifySubnetAttributeInput{SubnetId: &o.ID, MapPublicIpOnLaunch: on})
			return err
		}},
	},
	"InternetGateway": {
		{what: "detached", refused: "DependencyViolation", do: func(ctx context.Context, s *site, o object) error {
			_, err := s.ec2.DetachInternetGateway(ctx, &ec2.DetachInternetGatewayInput{InternetGatewayId: &o.ID, VpcId: sdk.String(s.id("vpc/main"))})
			return err
		}},
		{what: "detached after its NAT gateway is gone", tells: "vpc", do: func(ctx context.Context, s *site, o object) error {
			if err := s.deleteNAT(ctx); err != nil {
				return err
			}
			_, err := s.ec2.DetachInternetGateway(ctx, &ec2.DetachInternetGatewayInput{InternetGatewayId: &o.ID, VpcId: sdk.String(s.id("vpc/main"))})
			return err
		}},
	},
	"RouteTable": {
		{what: "the way out is deleted", tells: "routes[0.0.0.0/0]", do: func(ctx context.Context, s *site, o object) error {
			_, err := s.ec2.DeleteRoute(ctx, &ec2.DeleteRouteInput{RouteTableId: &o.ID, DestinationCidrBlock: sdk.String("0.0.0.0/0")})
			return err
		}},
		{what: "the way out leads elsewhere", tells: "routes[0.0.0.0/0]", nodes: []string{"route-table/private"}, do: func(ctx context.Context, s *site, o object) error {
			_, err := s.ec2.ReplaceRoute(ctx, &ec2.ReplaceRouteInput{RouteTableId: &o.ID, DestinationCidrBlock: sdk.String("0.0.0.0/0"), GatewayId: sdk.String(s.id("internet-gateway/main"))})
			return err
		}},
		{what: "the way out leads elsewhere", tells: "routes[0.0.0.0/0]", nodes: []string{"route-table/public"}, do: func(ctx context.Context, s *site, o object) error {
			_, err := s.ec2.ReplaceRoute(ctx, &ec2.ReplaceRouteInput{RouteTableId: &o.ID, DestinationCidrBlock: sdk.String("0.0.0.0/0"), NatGatewayId: sdk.String(s.id("nat-gateway/a"))})
			return err
		}},
		{what: "another route", tells: "routes[192.0.2.0/24]", do: func(ctx context.Context, s *site, o object) error {
			_, err := s.ec2.CreateRoute(ctx, &ec2.CreateRouteInput{RouteTableId: &o.ID, DestinationCidrBlock: sdk.String("192.0.2.0/24"), GatewayId: sdk.String(s.id("internet-gateway/main"))})
			return err
		}},
		{what: "a subnet is taken off", tells: "subnets", do: func(ctx context.Context, s *site, o object) error {
			ids, err := s.associations(ctx, o.ID)
			if err != nil {
				return err
			}
			_, err = s.ec2.DisassociateRouteTable(ctx, &ec2.DisassociateRouteTableInput{AssociationId: &ids[0]})
			return err
		}},
		{what: "a subnet is moved to the main table", tells: "subnets", do: func(ctx context.Context, s *site, o object) error {
			return s.moveSubnet(ctx, o.ID, ec2types.Filter{Name: sdk.String("association.main"), Values: []string{"true"}})
		}},
		{what: "a subnet is moved to the other table", tells: "subnets", do: func(ctx context.Context, s *site, o object) error {
			other := map[string]string{"route-table/public": "route-table/private", "route-table/private": "route-table/public"}[o.Node]
			return s.moveSubnet(ctx, o.ID, ec2types.Filter{Name: sdk.String("route-table-id"), Values: []string{s.id(other)}})
		}},
		{what: "a stranger's subnet uses it too", delegated: true, do: func(ctx context.Context, s *site, o object) error {
			out, err := s.ec2.CreateSubnet(ctx, &ec2.CreateSubnetInput{VpcId: sdk.String(s.id("vpc/main")), CidrBlock: sdk.String("10.0.240.0/24")})
			if err != nil {
				return err
			}
			_, err = s.ec2.AssociateRouteTable(ctx, &ec2.AssociateRouteTableInput{RouteTableId: &o.ID, SubnetId: out.Subnet.SubnetId})
			return err
		}},
	},
}

// associations are the ids of a route table's associations with subnets.
func (s *site) associations(ctx context.Context, table string) ([]string, error) {
	out, err := s.ec2.DescribeRouteTables(ctx, &ec2.DescribeRouteTablesInput{RouteTableIds: []string{table}})
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, a := range out.RouteTables[0].Associations {
		if !sdk.ToBool(a.Main) {
			ids = append(ids, *a.RouteTableAssociationId)
		}
	}
	if len(ids) == 0 {
		return nil, errors.New("no subnet uses the table")
	}
	return ids, nil
}

// moveSubnet moves a subnet of one route table to the other one in the VPC that the filter names.
func (s *site) moveSubnet(ctx context.Context, table string, to ec2types.Filter) error {
	ids, err := s.associations(ctx, table)
	if err != nil {
		return err
	}
	out, err := s.ec2.DescribeRouteTables(ctx, &ec2.DescribeRouteTablesInput{Filters: []ec2types.Filter{to, {Name: sdk.String("vpc-id"), Values: []string{s.id("vpc/main")}}}})
	if err != nil {
		return err
	}
	_, err = s.ec2.ReplaceRouteTableAssociation(ctx, &ec2.ReplaceRouteTableAssociationInput{AssociationId: &ids[0], RouteTableId: out.RouteTables[0].RouteTableId})
	return err
}

// deleteNAT deletes the NAT gateway and waits until its address is free.
func (s *site) deleteNAT(ctx context.Context) error {
	_, err := s.ec2.DeleteNatGateway(ctx, &ec2.DeleteNatGatewayInput{NatGatewayId: sdk.String(s.id("nat-gateway/a"))})
	s.wait(5 * time.Minute)
	return err
}
