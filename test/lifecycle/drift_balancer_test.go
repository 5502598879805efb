package lifecycle

import (
	"context"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	elbv2 "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
)

var balancerEdits = map[string][]edit{
	"LoadBalancer": {
		{what: "deletion protection", tells: "attributes.deletion_protection.enabled", do: func(ctx context.Context, s *site, o object) error {
			_, err := s.elb.ModifyLoadBalancerAttributes(ctx, &elbv2.ModifyLoadBalancerAttributesInput{LoadBalancerArn: &o.ID, Attributes: []elbtypes.LoadBalancerAttribute{
				{Key: sdk.String("deletion_protection.enabled"), Value: sdk.String("true")},
			}})
			return err
		}},
		{what: "another security group", tells: "securityGroups", do: func(ctx context.Context, s *site, o object) error {
			_, err := s.elb.SetSecurityGroups(ctx, &elbv2.SetSecurityGroupsInput{LoadBalancerArn: &o.ID, SecurityGroups: []string{s.id("security-group/instances")}})
			return err
		}},
		{what: "one security group more", tells: "securityGroups", do: func(ctx context.Context, s *site, o object) error {
			_, err := s.elb.SetSecurityGroups(ctx, &elbv2.SetSecurityGroupsInput{LoadBalancerArn: &o.ID, SecurityGroups: []string{s.id("security-group/load-balancer-network-internal"), s.id("security-group/instances")}})
			return err
		}},
		{what: "a zone less", tells: "subnets", do: func(ctx context.Context, s *site, o object) error {
			_, err := s.elb.SetSubnets(ctx, &elbv2.SetSubnetsInput{LoadBalancerArn: &o.ID, Subnets: []string{s.id("subnet/private-a")}})
			return err
		}},
	},
	"TargetGroup": {
		{what: "other health checks", tells: "hreshold", do: func(ctx context.Context, s *site, o object) error {
			_, err := s.elb.ModifyTargetGroup(ctx, &elbv2.ModifyTargetGroupInput{TargetGroupArn: &o.ID, HealthyThresholdCount: sdk.Int32(5), UnhealthyThresholdCount: sdk.Int32(5)})
			return err
		}},
		{what: "health checks by HTTP", tells: "ealthProtocol", do: func(ctx context.Context, s *site, o object) error {
			_, err := s.elb.ModifyTargetGroup(ctx, &elbv2.ModifyTargetGroupInput{TargetGroupArn: &o.ID, HealthCheckProtocol: elbtypes.ProtocolEnumHttp, HealthCheckPath: sdk.String("/")})
			return err
		}},
		{what: "rarer health checks", tells: "interval", do: func(ctx context.Context, s *site, o object) error {
			_, err := s.elb.ModifyTargetGroup(ctx, &elbv2.ModifyTargetGroupInput{TargetGroupArn: &o.ID, HealthCheckIntervalSeconds: sdk.Int32(60)})
			return err
		}},
		{what: "another deregistration delay", tells: "attributes.deregistration_delay.timeout_seconds", do: func(ctx context.Context, s *site, o object) error {
			_, err := s.elb.ModifyTargetGroupAttributes(ctx, &elbv2.ModifyTargetGroupAttributesInput{TargetGroupArn: &o.ID, Attributes: []elbtypes.TargetGroupAttribute{
				{Key: sdk.String("deregistration_delay.timeout_seconds"), Value: sdk.String("3600")},
			}})
			return err
		}},
	},
	"Listener": {
		{what: "another port", tells: "port", do: func(ctx context.Context, s *site, o object) error {
			_, err := s.elb.ModifyListener(ctx, &elbv2.ModifyListenerInput{ListenerArn: &o.ID, Port: sdk.Int32(8080)})
			return err
		}},
		{what: "another protocol", tells: "protocol", do: func(ctx context.Context, s *site, o object) error {
			out, err := s.elb.CreateTargetGroup(ctx, &elbv2.CreateTargetGroupInput{
				Name: sdk.String("by-hand"), Protocol: elbtypes.ProtocolEnumUdp, Port: sdk.Int32(53), VpcId: sdk.String(s.id("vpc/main")), TargetType: elbtypes.TargetTypeEnumIp,
			})
			if err != nil {
				return err
			}
			return s.forward(ctx, o, elbtypes.ProtocolEnumUdp, *out.TargetGroups[0].TargetGroupArn)
		}},
		{what: "another target group", tells: "argetGroup", do: func(ctx context.Context, s *site, o object) error {
			out, err := s.elb.CreateTargetGroup(ctx, &elbv2.CreateTargetGroupInput{
				Name: sdk.String("by-hand-too"), Protocol: elbtypes.ProtocolEnumTcp, Port: sdk.Int32(80), VpcId: sdk.String(s.id("vpc/main")), TargetType: elbtypes.TargetTypeEnumIp,
			})
			if err != nil {
				return err
			}
			return s.forward(ctx, o, elbtypes.ProtocolEnumTcp, *out.TargetGroups[0].TargetGroupArn)
		}},
	},
}

func (s *site) forward(ctx context.Context, o object, protocol elbtypes.ProtocolEnum, group string) error {
	_, err := s.elb.ModifyListener(ctx, &elbv2.ModifyListenerInput{ListenerArn: &o.ID, Protocol: protocol, DefaultActions: []elbtypes.Action{
		{Type: elbtypes.ActionTypeEnumForward, TargetGroupArn: &group},
	}})
	return err
}
