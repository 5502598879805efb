package hand

import (
	"context"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

var (
	no   = &ec2types.AttributeBooleanValue{Value: sdk.Bool(false)}
	door = []ec2types.IpPermission{{IpProtocol: sdk.String("tcp"), FromPort: sdk.Int32(22), ToPort: sdk.Int32(22), IpRanges: []ec2types.IpRange{{CidrIp: sdk.String("0.0.0.0/0")}}}}
)

var networkDeeds = map[string][]deed{
	"VPC": {
		{"no DNS names", func(ctx context.Context, a *hand, r core.Resource) error {
			_, err := a.EC2.ModifyVpcAttribute(ctx, &ec2.ModifyVpcAttributeInput{VpcId: &r.ID, EnableDnsHostnames: no})
			return err
		}},
		{"deleted", func(ctx context.Context, a *hand, r core.Resource) error {
			_, err := a.EC2.DeleteVpc(ctx, &ec2.DeleteVpcInput{VpcId: &r.ID})
			return err
		}},
	},
	"Subnet": {
		{"public addresses", func(ctx context.Context, a *hand, r core.Resource) error {
			_, err := a.EC2.ModifySubnetAttribute(ctx, &ec2.ModifySubnetAttributeInput{SubnetId: &r.ID, MapPublicIpOnLaunch: &ec2types.AttributeBooleanValue{Value: sdk.Bool(true)}})
			return err
		}},
		{"deleted", func(ctx context.Context, a *hand, r core.Resource) error {
			_, err := a.EC2.DeleteSubnet(ctx, &ec2.DeleteSubnetInput{SubnetId: &r.ID})
			return err
		}},
	},
	"InternetGateway": {
		{"detached", func(ctx context.Context, a *hand, r core.Resource) error {
			vpc, _ := a.node("vpc/main")
			_, err := a.EC2.DetachInternetGateway(ctx, &ec2.DetachInternetGatewayInput{InternetGatewayId: &r.ID, VpcId: &vpc.ID})
			return err
		}},
		{"deleted", func(ctx context.Context, a *hand, r core.Resource) error {
			_, err := a.EC2.DeleteInternetGateway(ctx, &ec2.DeleteInternetGatewayInput{InternetGatewayId: &r.ID})
			return err
		}},
	},
	"ElasticIP": {{"released", func(ctx context.Context, a *hand, r core.Resource) error {
		_, err := a.EC2.ReleaseAddress(ctx, &ec2.ReleaseAddressInput{AllocationId: &r.ID})
		return err
	}}},
	"NATGateway": {{"deleted", func(ctx context.Context, a *hand, r core.Resource) error {
		_, err := a.EC2.DeleteNatGateway(ctx, &ec2.DeleteNatGatewayInput{NatGatewayId: &r.ID})
		return err
	}}},
	"RouteTable": {
		{"the default route is deleted", func(ctx context.Context, a *hand, r core.Resource) error {
			_, err := a.EC2.DeleteRoute(ctx, &ec2.DeleteRouteInput{RouteTableId: &r.ID, DestinationCidrBlock: sdk.String("0.0.0.0/0")})
			return err
		}},
		{"a route more", func(ctx context.Context, a *hand, r core.Resource) error {
			igw, _ := a.node("internet-gateway/main")
			_, err := a.EC2.CreateRoute(ctx, &ec2.CreateRouteInput{RouteTableId: &r.ID, DestinationCidrBlock: sdk.String("198.51.100.0/24"), GatewayId: &igw.ID})
			return err
		}},
		{"a subnet leaves it", func(ctx context.Context, a *hand, r core.Resource) error {
			ids, err := a.associations(ctx, r.ID)
			if err != nil || len(ids) == 0 {
				return err
			}
			_, err = a.EC2.DisassociateRouteTable(ctx, &ec2.DisassociateRouteTableInput{AssociationId: &ids[a.rng.IntN(len(ids))]})
			return err
		}},
		{"deleted, after all subnets left it", func(ctx context.Context, a *hand, r core.Resource) error {
			ids, err := a.associations(ctx, r.ID)
			if err != nil {
				return err
			}
			for _, id := range ids {
				if _, err := a.EC2.DisassociateRouteTable(ctx, &ec2.DisassociateRouteTableInput{AssociationId: &id}); err != nil {
					return err
				}
			}
			_, err = a.EC2.DeleteRouteTable(ctx, &ec2.DeleteRouteTableInput{RouteTableId: &r.ID})
			return err
		}},
	},
	"SecurityGroup": {
		{"a door is opened", func(ctx context.Context, a *hand, r core.Resource) error {
			_, err := a.EC2.AuthorizeSecurityGroupIngress(ctx, &ec2.AuthorizeSecurityGroupIngressInput{GroupId: &r.ID, IpPermissions: door})
			return err
		}},
		{"a way out is opened", func(ctx context.Context, a *hand, r core.Resource) error {
			_, err := a.EC2.AuthorizeSecurityGroupEgress(ctx, &ec2.AuthorizeSecurityGroupEgressInput{GroupId: &r.ID, IpPermissions: door})
			return err
		}},
		{"deleted", func(ctx context.Context, a *hand, r core.Resource) error {
			_, err := a.EC2.DeleteSecurityGroup(ctx, &ec2.DeleteSecurityGroupInput{GroupId: &r.ID})
			return err
		}},
	},
	"SecurityGroupRule": {
		{"revoked", func(ctx context.Context, a *hand, r core.Resource) error { return a.revoke(ctx, r.ID) }},
		{"described otherwise", func(ctx context.Context, a *hand, r core.Resource) error {
			return a.modifyRule(ctx, r.ID, func(q *ec2types.SecurityGroupRuleRequest) { q.Description = sdk.String("by hand") })
		}},
		{"another port", func(ctx context.Context, a *hand, r core.Resource) error {
			return a.modifyRule(ctx, r.ID, func(q *ec2types.SecurityGroupRuleRequest) {
				q.IpProtocol, q.FromPort, q.ToPort = sdk.String("tcp"), sdk.Int32(7), sdk.Int32(7)
			})
		}},
	},
	"LaunchTemplate": {
		{"another version beside the default", func(ctx context.Context, a *hand, r core.Resource) error {
			_, err := a.version(ctx, r.ID)
			return err
		}},
		{"another version is the default", func(ctx context.Context, a *hand, r core.Resource) error {
			n, err := a.version(ctx, r.ID)
			if err != nil {
				return err
			}
			_, err = a.EC2.ModifyLaunchTemplate(ctx, &ec2.ModifyLaunchTemplateInput{LaunchTemplateId: &r.ID, DefaultVersion: &n})
			return err
		}},
		{"deleted", func(ctx context.Context, a *hand, r core.Resource) error {
			_, err := a.EC2.DeleteLaunchTemplate(ctx, &ec2.DeleteLaunchTemplateInput{LaunchTemplateId: &r.ID})
			return err
		}},
	},
	"Instance": {{"terminated", func(ctx context.Context, a *hand, r core.Resource) error {
		_, err := a.EC2.TerminateInstances(ctx, &ec2.TerminateInstancesInput{InstanceIds: []string{r.ID}})
		return err
	}}},
}

// associations are the ids of a route table's associations with subnets.
func (a *hand) associations(ctx context.Context, table string) ([]string, error) {
	out, err := a.EC2.DescribeRouteTables(ctx, &ec2.DescribeRouteTablesInput{RouteTableIds: []string{table}})
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, x := range out.RouteTables[0].Associations {
		if !sdk.ToBool(x.Main) {
			ids = append(ids, *x.RouteTableAssociationId)
		}
	}
	return ids, nil
}

func (a *hand) rule(ctx context.Context, id string) (ec2types.SecurityGroupRule, error) {
	out, err := a.EC2.DescribeSecurityGroupRules(ctx, &ec2.DescribeSecurityGroupRulesInput{SecurityGroupRuleIds: []string{id}})
	if err != nil {
		return ec2types.SecurityGroupRule{}, err
	}
	return out.SecurityGroupRules[0], nil
}

func (a *hand) revoke(ctx context.Context, id string) error {
	r, err := a.rule(ctx, id)
	switch {
	case err != nil:
		return err
	case sdk.ToBool(r.IsEgress):
		_, err = a.EC2.RevokeSecurityGroupEgress(ctx, &ec2.RevokeSecurityGroupEgressInput{GroupId: r.GroupId, SecurityGroupRuleIds: []string{id}})
	default:
		_, err = a.EC2.RevokeSecurityGroupIngress(ctx, &ec2.RevokeSecurityGroupIngressInput{GroupId: r.GroupId, SecurityGroupRuleIds: []string{id}})
	}
	return err
}

// modifyRule edits a rule in place, as the console's form does: the whole rule is sent.
func (a *hand) modifyRule(ctx context.Context, id string, change func(*ec2types.SecurityGroupRuleRequest)) error {
	r, err := a.rule(ctx, id)
	if err != nil {
		return err
	}
	q := &ec2types.SecurityGroupRuleRequest{IpProtocol: r.IpProtocol, FromPort: r.FromPort, ToPort: r.ToPort, CidrIpv4: r.CidrIpv4, Description: r.Description}
	if r.ReferencedGroupInfo != nil {
		q.ReferencedGroupId = r.ReferencedGroupInfo.GroupId
	}
	change(q)
	_, err = a.EC2.ModifySecurityGroupRules(ctx, &ec2.ModifySecurityGroupRulesInput{GroupId: r.GroupId, SecurityGroupRules: []ec2types.SecurityGroupRuleUpdate{
		{SecurityGroupRuleId: &id, SecurityGroupRule: q},
	}})
	return err
}

// version adds a version to a launch template.
func (a *hand) version(ctx context.Context, template string) (string, error) {
	out, err := a.EC2.CreateLaunchTemplateVersion(ctx, &ec2.CreateLaunchTemplateVersionInput{
		LaunchTemplateId: &template, SourceVersion: sdk.String("$Default"), LaunchTemplateData: &ec2types.RequestLaunchTemplateData{InstanceType: ec2types.InstanceTypeT4gMedium},
	})
	if err != nil {
		return "", err
	}
	return text(*out.LaunchTemplateVersion.VersionNumber), nil
}
