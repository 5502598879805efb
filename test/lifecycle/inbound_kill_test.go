package lifecycle

import (
	"context"
	"fmt"
	"testing"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	elbv2 "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/hack/harness"
)

// TestKilledWhilePrivateLinkComes kills the manager at a call of the walks that make what PrivateLink needs, and at one
// of those that take it down again, before or after the call took effect, now and then with the status lost as well:
// one of everything is made, and nothing is left. A stranger's endpoint service of the same name stays.
func TestKilledWhilePrivateLinkComes(t *testing.T) {
	harness.Unraced(t)
	t.Parallel()
	for i := range 12 {
		if !harness.Sample(i) {
			continue
		}
		t.Run(fmt.Sprintf("at call %d", 4*i+1), func(t *testing.T) {
			t.Parallel()
			s := build(t, func(h *harness.Harness) *v1alpha1.PortkeyGateway {
				gw := h.Minimal("gw")
				gw.Spec.LoadBalancer = &v1alpha1.LoadBalancer{Type: v1alpha1.LoadBalancerApplication}
				return gw
			})
			h, key := s.h, s.key
			settle(t, h, key)
			die := func() {
				t.Helper()
				(&mortal{left: 2*i + 1, lost: i%2 == 0}).lives(h, key, walks(30))
				if i%3 == 0 {
					loseStatus(t, h, key)
				}
				ready(t, h, key)
				settle(t, h, key)
			}
			before := len(h.Emulator.Server.Resources(false))
			h.Edit(key, func(gw *v1alpha1.PortkeyGateway) { gw.Spec.ControlPlane = byLink(v1alpha1.InboundEndpointService{}) })
			die()
			services := 0
			for _, r := range h.Emulator.Server.Resources(false) {
				if r.Kind == "VPCEndpointService" {
					services++
				}
			}
			if services != 1 {
				t.Fatalf("%d endpoint services", services)
			}
			theirs, err := s.ec2.CreateVpcEndpointServiceConfiguration(t.Context(), &ec2.CreateVpcEndpointServiceConfigurationInput{
				NetworkLoadBalancerArns: []string{strangersBalancer(t, s)}, TagSpecifications: named(ec2types.ResourceTypeVpcEndpointService, "gw-11ecbf10-inbound"),
			})
			if err != nil {
				t.Fatal(err)
			}
			quiet(t, h, key)
			mine := len(h.Emulator.Server.Resources(false))
			h.Edit(key, func(gw *v1alpha1.PortkeyGateway) { gw.Spec.ControlPlane = nil })
			die()
			if got := have(h, "vpc-endpoint-service/") + have(h, "load-balancer/private-link") + have(h, "target-group/private-link") + have(h, "security-group/private-link"); got != "" {
				t.Errorf("left: %s (%d objects, %d before, %d with PrivateLink)", got, len(h.Emulator.Server.Resources(false)), before, mine)
			}
			found, err := s.ec2.DescribeVpcEndpointServiceConfigurations(t.Context(), &ec2.DescribeVpcEndpointServiceConfigurationsInput{ServiceIds: []string{*theirs.ServiceConfiguration.ServiceId}})
			if err != nil || found.ServiceConfigurations[0].ServiceState != ec2types.ServiceStateAvailable {
				t.Errorf("the stranger's endpoint service: %v, %+v", err, found)
			}
		})
	}
}

// strangersBalancer is an active Network Load Balancer of somebody else's, in the deployment's subnets.
func strangersBalancer(t *testing.T, s *site) string {
	t.Helper()
	arn, err := s.balancerByHand(t.Context(), []string{s.id("subnet/private-a")})
	if err != nil {
		t.Fatal(err)
	}
	settle(t, s.h, s.key)
	return sdk.ToString(arn)
}

// balancerByHand makes an internal Network Load Balancer.
func (s *site) balancerByHand(ctx context.Context, subnets []string) (*string, error) {
	out, err := s.elb.CreateLoadBalancer(ctx, &elbv2.CreateLoadBalancerInput{Name: sdk.String(byHand), Type: elbtypes.LoadBalancerTypeEnumNetwork, Scheme: elbtypes.LoadBalancerSchemeEnumInternal, Subnets: subnets})
	if err != nil {
		return nil, err
	}
	return out.LoadBalancers[0].LoadBalancerArn, nil
}
