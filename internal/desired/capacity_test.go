package desired_test

import (
	"fmt"
	"strings"
	"testing"

	"k8s.io/utils/ptr"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/internal/kinds"
)

func TestCapacity(t *testing.T) {
	existing := &v1alpha1.Network{Existing: &v1alpha1.ExistingNetwork{VPCID: "vpc-1", PrivateSubnetIDs: []string{"subnet-1", "subnet-2"}}}
	for _, tt := range []struct {
		why  string
		spec v1alpha1.PortkeyGatewaySpec
		// nodes are those of the capacity; providers and redis are the strategies of gateway and Redis.
		nodes, providers, redis, architecture string
	}{
		{"the default is Graviton", v1alpha1.PortkeyGatewaySpec{},
			"auto-scaling-group/main capacity-provider/ec2 cluster-capacity/main cluster/main group-capacity/main launch-template/main security-group/instances",
			"${capacity-provider/ec2.name} 1 0", "${capacity-provider/ec2.name} 1 0", "ARM64"},
		{"another architecture has a group of its own", v1alpha1.PortkeyGatewaySpec{Capacity: &v1alpha1.Capacity{EC2: &v1alpha1.EC2Capacity{InstanceType: "m7i.large"}}},
			"auto-scaling-group/x86-64 capacity-provider/ec2-x86-64 cluster-capacity/main cluster/main group-capacity/x86-64 launch-template/x86-64 security-group/instances",
			"${capacity-provider/ec2-x86-64.name} 1 0", "${capacity-provider/ec2-x86-64.name} 1 0", "X86_64"},
		{"Fargate has no instances", v1alpha1.PortkeyGatewaySpec{Capacity: &v1alpha1.Capacity{Fargate: &v1alpha1.FargateCapacity{}}},
			"cluster-capacity/main cluster/main", "FARGATE 1 0", "FARGATE 1 0", "ARM64"},
		{"Redis is never on Spot", v1alpha1.PortkeyGatewaySpec{Capacity: &v1alpha1.Capacity{Fargate: &v1alpha1.FargateCapacity{
			Architecture: v1alpha1.ArchitectureX8664, Spot: &v1alpha1.FargateSpot{Base: 1, Weight: 3}}}},
			"cluster-capacity/main cluster/main", "FARGATE 1 0, FARGATE_SPOT 3 1", "FARGATE 1 0", "X86_64"},
		{"what is given isn't ours", v1alpha1.PortkeyGatewaySpec{Network: existing, Capacity: &v1alpha1.Capacity{Existing: &v1alpha1.ExistingCapacity{Cluster: "shared", CapacityProvider: "theirs"}}},
			"", "theirs 1 0", "theirs 1 0", "ARM64"},
	} {
		g := graphOf(t, func(s *v1alpha1.PortkeyGatewaySpec) { s.Network, s.Capacity = tt.spec.Network, tt.spec.Capacity }, facts)
		if got := strings.Join(nodes(g, "auto-scaling-group/", "capacity-provider/", "cluster", "group-capacity/", "launch-template/", "security-group/instances"), " "); got != tt.nodes {
			t.Errorf("%s: its nodes are %s", tt.why, got)
		}
		gateway := specOf[kinds.ServiceSpec](t, g, "service/gateway")
		if got := strategy(t, gateway); got != tt.providers {
			t.Errorf("%s: the gateway's strategy is %s", tt.why, got)
		}
		if got := strategy(t, specOf[kinds.ServiceSpec](t, g, "service/redis")); got != tt.redis {
			t.Errorf("%s: that of Redis is %s", tt.why, got)
		}
		if got := specOf[kinds.TaskDefinitionSpec](t, g, "task-definition/gateway").Architecture; got != tt.architecture {
			t.Errorf("%s: tasks are for %s", tt.why, got)
		}
	}
}

func strategy(t *testing.T, s kinds.ServiceSpec) string {
	t.Helper()
	var out []string
	for _, p := range s.Providers {
		text, err := p.Provider.MarshalJSON()
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, fmt.Sprintf("%s %d %d", strings.Trim(string(text), `"`), p.Weight, p.Base))
	}
	return strings.Join(out, ", ")
}

func TestInstanceOptions(t *testing.T) {
	g := graphOf(t, func(s *v1alpha1.PortkeyGatewaySpec) {
		s.Cluster = &v1alpha1.Cluster{ContainerInsights: v1alpha1.ContainerInsightsEnhanced}
		s.Capacity = &v1alpha1.Capacity{EC2: &v1alpha1.EC2Capacity{
			AMI: &v1alpha1.AMI{UpdatePolicy: v1alpha1.AMIOnRelease}, InstanceRefresh: &v1alpha1.InstanceRefresh{MinHealthyPercent: ptr.To[int32](0)},
		}}
	}, facts)
	if got := specOf[kinds.ClusterSpec](t, g, "cluster/main").ContainerInsights; got != "enhanced" {
		t.Errorf("Container Insights is %s", got)
	}
	if !specOf[kinds.LaunchTemplateSpec](t, g, "launch-template/main").FollowReleases {
		t.Error("releases aren't followed")
	}
	if got := specOf[kinds.AutoScalingGroupSpec](t, g, "auto-scaling-group/main").Refresh; got == nil || *got != (kinds.InstanceRefresh{MinHealthyPercent: 0, MaxHealthyPercent: 100, WarmupSeconds: 300}) {
		t.Errorf("the refresh is %+v", got)
	}
	plain := graphOf(t, func(*v1alpha1.PortkeyGatewaySpec) {}, facts)
	if specOf[kinds.AutoScalingGroupSpec](t, plain, "auto-scaling-group/main").Refresh != nil || specOf[kinds.LaunchTemplateSpec](t, plain, "launch-template/main").FollowReleases {
		t.Error("instances are replaced, or images followed, though nobody asked for that")
	}
}
