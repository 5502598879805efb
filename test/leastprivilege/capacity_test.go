package leastprivilege

import (
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/hack/harness"
	"github.com/portkey-ai/portkey-ecs-operator/hack/iampolicy"
)

// movingLife is that of a gateway whose traffic is shifted from revision to revision, and whose tasks move: to
// other instances, to fewer zones, to Fargate.
func movingLife(t *testing.T, bind binding) {
	h := harness.New()
	bind(t, h, minimal(iampolicy.TrafficShift)...)
	before := len(h.Emulator.Server.Resources(false))
	ec2 := v1alpha1.EC2Capacity{MinSize: ptr.To(int32(2)), MaxSize: 4, InstanceRefresh: &v1alpha1.InstanceRefresh{
		MinHealthyPercent: ptr.To(int32(100)), MaxHealthyPercent: 110, InstanceWarmup: &metav1.Duration{Duration: time.Minute},
	}}
	gw := h.Minimal("gw")
	gw.Spec.Network = &v1alpha1.Network{VPC: &v1alpha1.VPC{Zones: 2, NATGateways: v1alpha1.NATGatewaysPerZone}}
	gw.Spec.Capacity = &v1alpha1.Capacity{EC2: &ec2}
	gw.Spec.Gateway = &v1alpha1.Gateway{Rollout: &v1alpha1.Rollout{Strategy: v1alpha1.RolloutBlueGreen}}
	gw.Spec.LoadBalancer = &v1alpha1.LoadBalancer{Type: v1alpha1.LoadBalancerApplication}
	gw.Spec.DataService = &v1alpha1.DataService{}
	key := h.Create(gw)
	until(t, h, key, "Ready", harness.Ready)
	edit := func(what string, change func(*v1alpha1.PortkeyGatewaySpec), done func(*v1alpha1.PortkeyGateway) bool) {
		t.Helper()
		h.Edit(key, func(gw *v1alpha1.PortkeyGateway) { change(&gw.Spec) })
		until(t, h, key, what, done)
	}
	edit("a shift of traffic", func(s *v1alpha1.PortkeyGatewaySpec) { s.Gateway.Image = &v1alpha1.Image{Tag: "2.17.0"} }, harness.Ready)
	edit("no strategy, no data service and no load balancer", func(s *v1alpha1.PortkeyGatewaySpec) {
		s.Gateway.Rollout, s.Gateway.Replicas, s.DataService, s.LoadBalancer = nil, ptr.To(int32(3)), nil, nil
	}, harness.Ready)
	edit("a zone less, with tasks in it", func(s *v1alpha1.PortkeyGatewaySpec) {
		s.Network.VPC.Zones, s.Network.VPC.NATGateways = 1, v1alpha1.NATGatewaysSingle
	}, harness.Ready)
	edit("instances that are being replaced", func(s *v1alpha1.PortkeyGatewaySpec) { s.Capacity.EC2.InstanceType = "t4g.large" }, func(gw *v1alpha1.PortkeyGateway) bool {
		for _, r := range gw.Status.Resources {
			if strings.Contains(r.Why, "instances are being replaced") {
				return gw.Status.ObservedGeneration == gw.Generation
			}
		}
		return false
	})
	edit("yet others, before they are", func(s *v1alpha1.PortkeyGatewaySpec) { s.Capacity.EC2.InstanceType = "t4g.xlarge" }, harness.Ready)
	edit("Fargate", func(s *v1alpha1.PortkeyGatewaySpec) {
		s.Capacity = &v1alpha1.Capacity{Fargate: &v1alpha1.FargateCapacity{Spot: &v1alpha1.FargateSpot{Weight: 1}}}
	}, harness.Ready)
	h.Delete(key)
	until(t, h, key, "deletion", harness.Gone)
	if after := len(h.Emulator.Server.Resources(false)); after != before {
		t.Errorf("%d objects before, %d after", before, after)
	}
}
