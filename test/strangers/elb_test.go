package strangers

import (
	"strings"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
)

func (s *stranger) elb() *elb.Client { return elb.NewFromConfig(s.cfg) }

func (s *stranger) arn(node string) *string { return sdk.String(s.id(node)) }

var elbReads = map[string]read{
	"DescribeLoadBalancers": func(s *stranger) {
		out := must(s.elb().DescribeLoadBalancers(s.Context(), &elb.DescribeLoadBalancersInput{LoadBalancerArns: []string{s.id("load-balancer/network-internal")}}))(s)
		b := out.LoadBalancers[0]
		s.see("active network internal ipv4 2 true "+s.id("security-group/load-balancer-network-internal"), b.State.Code, b.Type, b.Scheme, b.IpAddressType, len(b.AvailabilityZones),
			strings.HasSuffix(*b.DNSName, ".elb.us-east-1.amazonaws.com"), b.SecurityGroups[0])
	},
	"DescribeLoadBalancerAttributes": func(s *stranger) {
		out := must(s.elb().DescribeLoadBalancerAttributes(s.Context(), &elb.DescribeLoadBalancerAttributesInput{LoadBalancerArn: s.arn("load-balancer/network-internal")}))(s)
		have := map[string]string{}
		for _, a := range out.Attributes {
			have[*a.Key] = *a.Value
		}
		s.see("false false", have["deletion_protection.enabled"], have["load_balancing.cross_zone.enabled"])
	},
	"DescribeCapacityReservation": func(s *stranger) {
		out := must(s.elb().DescribeCapacityReservation(s.Context(), &elb.DescribeCapacityReservationInput{LoadBalancerArn: s.arn("load-balancer/network-internal")}))(s)
		s.see("0 true", len(out.CapacityReservationState), out.MinimumLoadBalancerCapacity == nil)
	},
	"DescribeListeners": func(s *stranger) {
		out := must(s.elb().DescribeListeners(s.Context(), &elb.DescribeListenersInput{LoadBalancerArn: s.arn("load-balancer/network-internal")}))(s)
		l := out.Listeners[0]
		s.see("1 80 TCP forward "+s.id("target-group/gateway-network-internal"), len(out.Listeners), l.Port, l.Protocol, l.DefaultActions[0].Type, l.DefaultActions[0].TargetGroupArn)
	},
	"DescribeListenerAttributes": func(s *stranger) {
		out := must(s.elb().DescribeListenerAttributes(s.Context(), &elb.DescribeListenerAttributesInput{ListenerArn: s.arn("listener/production-network-internal")}))(s)
		s.see("1 tcp.idle_timeout.seconds 350", len(out.Attributes), out.Attributes[0].Key, out.Attributes[0].Value)
	},
	"DescribeRules": func(s *stranger) {
		out := must(s.elb().DescribeRules(s.Context(), &elb.DescribeRulesInput{ListenerArn: s.arn("listener/production-network-internal")}))(s)
		s.see("1 default true forward", len(out.Rules), out.Rules[0].Priority, out.Rules[0].IsDefault, out.Rules[0].Actions[0].Type)
	},
	"DescribeTags": func(s *stranger) {
		out := must(s.elb().DescribeTags(s.Context(), &elb.DescribeTagsInput{ResourceArns: []string{s.id("load-balancer/network-internal"), s.id("target-group/gateway-network-internal"), s.id("listener/production-network-internal")}}))(s)
		for _, d := range out.TagDescriptions {
			node := ""
			for _, t := range d.Tags {
				if *t.Key == nodeTag {
					node = *t.Value
				}
			}
			s.see(s.id(node), d.ResourceArn)
		}
		s.see("3", len(out.TagDescriptions))
	},
	"DescribeTargetGroups": func(s *stranger) {
		out := must(s.elb().DescribeTargetGroups(s.Context(), &elb.DescribeTargetGroupsInput{LoadBalancerArn: s.arn("load-balancer/network-internal")}))(s)
		g := out.TargetGroups[0]
		s.see("1 TCP ip TCP 30 10 2 3 "+s.id("vpc/main"), len(out.TargetGroups), g.Protocol, g.TargetType, g.HealthCheckProtocol, g.HealthCheckIntervalSeconds, g.HealthCheckTimeoutSeconds,
			g.HealthyThresholdCount, g.UnhealthyThresholdCount, g.VpcId)
	},
	"DescribeTargetGroupAttributes": func(s *stranger) {
		out := must(s.elb().DescribeTargetGroupAttributes(s.Context(), &elb.DescribeTargetGroupAttributesInput{TargetGroupArn: s.arn("target-group/gateway-network-internal")}))(s)
		have := map[string]string{}
		for _, a := range out.Attributes {
			have[*a.Key] = *a.Value
		}
		s.see("60 false", have["deregistration_delay.timeout_seconds"], have["proxy_protocol_v2.enabled"])
	},
	"DescribeTargetHealth": func(s *stranger) {
		out := must(s.elb().DescribeTargetHealth(s.Context(), &elb.DescribeTargetHealthInput{TargetGroupArn: s.arn("target-group/gateway-network-internal")}))(s)
		h := out.TargetHealthDescriptions[0]
		s.see("1 8787 healthy true", len(out.TargetHealthDescriptions), h.Target.Port, h.TargetHealth.State, strings.HasPrefix(*h.Target.Id, "10.0."))
	},
}
