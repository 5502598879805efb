package lifecycle

import (
	"context"
	"errors"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	elbv2 "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
)

const (
	// inboundNode is the endpoint service of newLinked, and inner ends the nodes of what stands behind it.
	inboundNode = "vpc-endpoint-service/inbound"
	inner       = "-application-internal"
)

// modifyService edits the endpoint service.
func modifyService(change func(*ec2.ModifyVpcEndpointServiceConfigurationInput)) func(context.Context, *site, object) error {
	return func(ctx context.Context, s *site, o object) error {
		in := &ec2.ModifyVpcEndpointServiceConfigurationInput{ServiceId: &o.ID}
		change(in)
		_, err := s.ec2.ModifyVpcEndpointServiceConfiguration(ctx, in)
		return err
	}
}

var inboundEdits = map[string][]edit{
	inboundNode: {
		{what: "everybody is accepted", tells: "acceptanceRequired", do: modifyService(func(in *ec2.ModifyVpcEndpointServiceConfigurationInput) { in.AcceptanceRequired = sdk.Bool(false) })},
		{what: "a private DNS name", tells: "privateDNSName", do: modifyService(func(in *ec2.ModifyVpcEndpointServiceConfigurationInput) {
			in.PrivateDnsName = sdk.String("gw.acme.example")
		})},
		{what: "from another region", tells: "regions", do: modifyService(func(in *ec2.ModifyVpcEndpointServiceConfigurationInput) {
			in.AddSupportedRegions = []string{"eu-west-1"}
		})},
		{what: "Portkey is forbidden", tells: "principals", do: func(ctx context.Context, s *site, o object) error {
			_, err := s.ec2.ModifyVpcEndpointServicePermissions(ctx, &ec2.ModifyVpcEndpointServicePermissionsInput{
				ServiceId: &o.ID, RemoveAllowedPrincipals: []string{"arn:aws:iam::" + v1alpha1.PortkeyAccount + ":root"},
			})
			return err
		}},
		{what: "somebody else is permitted", delegated: true, do: func(ctx context.Context, s *site, o object) error {
			_, err := s.ec2.ModifyVpcEndpointServicePermissions(ctx, &ec2.ModifyVpcEndpointServicePermissionsInput{
				ServiceId: &o.ID, AddAllowedPrincipals: []string{"arn:aws:iam::" + otherAccount + ":root"},
			})
			return err
		}},
	},
	"load-balancer": {
		{what: "rules count for PrivateLink again", tells: "privateLinkUnruled", do: func(ctx context.Context, s *site, o object) error {
			_, err := s.elb.SetSecurityGroups(ctx, &elbv2.SetSecurityGroupsInput{
				LoadBalancerArn: &o.ID, SecurityGroups: []string{s.id("security-group/private-link" + inner)},
				EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic: elbtypes.EnforceSecurityGroupInboundRulesOnPrivateLinkTrafficEnumOn,
			})
			return err
		}},
		{what: "each zone by itself", tells: "attributes.load_balancing.cross_zone.enabled", do: func(ctx context.Context, s *site, o object) error {
			_, err := s.elb.ModifyLoadBalancerAttributes(ctx, &elbv2.ModifyLoadBalancerAttributesInput{LoadBalancerArn: &o.ID, Attributes: []elbtypes.LoadBalancerAttribute{
				{Key: sdk.String("load_balancing.cross_zone.enabled"), Value: sdk.String("false")},
			}})
			return err
		}},
		{what: "a zone less", refused: "ResourceInUse", do: func(ctx context.Context, s *site, o object) error {
			_, err := s.elb.SetSubnets(ctx, &elbv2.SetSubnetsInput{LoadBalancerArn: &o.ID, Subnets: []string{s.id("subnet/private-a")}})
			return err
		}},
	},
	"listener": {
		{what: "another port", tells: "port", do: func(ctx context.Context, s *site, o object) error {
			_, err := s.elb.ModifyListener(ctx, &elbv2.ModifyListenerInput{ListenerArn: &o.ID, Port: sdk.Int32(8080)})
			return err
		}},
	},
	"target-group": {
		{what: "other health checks", tells: "healthPath", do: func(ctx context.Context, s *site, o object) error {
			_, err := s.elb.ModifyTargetGroup(ctx, &elbv2.ModifyTargetGroupInput{TargetGroupArn: &o.ID, HealthCheckPath: sdk.String("/other")})
			return err
		}},
		{what: "the load balancer deregistered", tells: "loadBalancer", do: func(ctx context.Context, s *site, o object) error {
			_, err := s.elb.DeregisterTargets(ctx, &elbv2.DeregisterTargetsInput{TargetGroupArn: &o.ID, Targets: []elbtypes.TargetDescription{{Id: sdk.String(s.id("load-balancer/application-internal"))}}})
			return err
		}},
	},
}

var inboundRemovals = map[string][]edit{
	inboundNode: {{what: "deleted", do: func(ctx context.Context, s *site, o object) error {
		out, err := s.ec2.DeleteVpcEndpointServiceConfigurations(ctx, &ec2.DeleteVpcEndpointServiceConfigurationsInput{ServiceIds: []string{o.ID}})
		if err == nil && len(out.Unsuccessful) > 0 {
			err = errors.New(*out.Unsuccessful[0].Error.Message)
		}
		return err
	}}},
	"load-balancer": {{what: "while the endpoint service leads to it", refused: "ResourceInUse", do: func(ctx context.Context, s *site, o object) error {
		_, err := s.elb.DeleteLoadBalancer(ctx, &elbv2.DeleteLoadBalancerInput{LoadBalancerArn: &o.ID})
		return err
	}}},
	"listener": {{what: "deleted", do: func(ctx context.Context, s *site, o object) error {
		_, err := s.elb.DeleteListener(ctx, &elbv2.DeleteListenerInput{ListenerArn: &o.ID})
		return err
	}}},
	"security-group": {{what: "while the load balancer has it", refused: "DependencyViolation", do: func(ctx context.Context, s *site, o object) error {
		_, err := s.ec2.DeleteSecurityGroup(ctx, &ec2.DeleteSecurityGroupInput{GroupId: &o.ID})
		return err
	}}},
}
