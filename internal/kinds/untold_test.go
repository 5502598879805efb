package kinds

import (
	"testing"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	asgtypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	cachetypes "github.com/aws/aws-sdk-go-v2/service/elasticache/types"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/portkey-ai/portkey-ecs-operator/internal/aws"
	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
)

// TestAStateThatIsNotToldIsNotWaitedFor: nothing would end the wait.
func TestAStateThatIsNotToldIsNotWaitedFor(t *testing.T) {
	id, call := sdk.String("id"), graph.Call{World: &aws.World{}}
	for name, live := range map[string]graph.Live{
		"VPC":               VPC{}.live(call, vpc{Vpc: types.Vpc{VpcId: id}}, graph.Ours),
		"subnet":            Subnet{}.live(call, types.Subnet{SubnetId: id}, graph.Ours),
		"NAT gateway":       NATGateway{}.live(call, types.NatGateway{NatGatewayId: id}, graph.Ours),
		"VPC endpoint":      VPCEndpoint{}.live(call, vpcEndpoint{VpcEndpoint: types.VpcEndpoint{VpcEndpointId: id}}, "", graph.Ours),
		"load balancer":     loadBalancer{LoadBalancer: elbtypes.LoadBalancer{LoadBalancerArn: id}}.live(call),
		"certificate":       certificate{}.live(call),
		"cluster":           clusterLive(call, ecstypes.Cluster{ClusterName: id}),
		"capacity provider": providerLive(call, ecstypes.CapacityProvider{Name: id}),
		"replication group": replicationGroup{ReplicationGroup: cachetypes.ReplicationGroup{ReplicationGroupId: id}}.live(call),
		"serverless cache":  serverlessCache{ServerlessCache: cachetypes.ServerlessCache{ServerlessCacheName: id}}.live(call),
		"cache user":        cacheUser{}.live(call),
		"cache user group":  cacheUserGroup{}.live(call),
	} {
		if live.Phase != graph.Ready {
			t.Errorf("%s: %s: %s", name, live.Phase, live.Why)
		}
	}
	if l := (loadBalancer{LoadBalancer: elbtypes.LoadBalancer{LoadBalancerArn: id}}).live(call); l.Out["active"] != "id" {
		t.Errorf("a load balancer tells %v", l.Out)
	}
}

// TestWhatIsNotToldInterruptsNothing: neither is an object made anew for it, nor an instance or a task replaced.
func TestWhatIsNotToldInterruptsNothing(t *testing.T) {
	for name, d := range map[string][]graph.Change{
		"NAT gateway": NATGateway{}.Diff(graph.Call{}, NATGatewaySpec{Subnet: graph.Lit("subnet-1"), Allocation: graph.Lit("eipalloc-1")}, graph.Live{Raw: types.NatGateway{}}),
		"capacity provider": CapacityProvider{}.Diff(graph.Call{}, CapacityProviderSpec{Group: graph.Lit("arn"), TargetPercent: 90, MinStep: 1, MaxStep: 10},
			graph.Live{Raw: ecstypes.CapacityProvider{Name: sdk.String("p")}}),
		"service": serviceRevision{definition: "d", network: ecstypes.AwsVpcConfiguration{Subnets: []string{"s"}, SecurityGroups: []string{"g"}},
			providers: []ecstypes.CapacityProviderStrategyItem{{CapacityProvider: sdk.String("p")}}}.differs(serviceRevision{definition: "d"}),
	} {
		if len(d) > 0 {
			t.Errorf("%s: %v", name, d)
		}
	}
	g := scalingGroup{AutoScalingGroup: asgtypes.AutoScalingGroup{
		AvailabilityZones: []string{"eu-west-1a"}, LaunchTemplate: &asgtypes.LaunchTemplateSpecification{LaunchTemplateId: sdk.String("lt-1"), Version: sdk.String("1")},
		Instances: []asgtypes.Instance{{LaunchTemplate: &asgtypes.LaunchTemplateSpecification{}}},
	}}
	if staying, leaving := g.stranded(); len(staying)+len(leaving)+len(g.outdated()) > 0 {
		t.Errorf("%v and %v are stranded, %d outdated", staying, leaving, len(g.outdated()))
	}
}
