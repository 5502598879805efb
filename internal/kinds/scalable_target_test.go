package kinds_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	scaling "github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	scalingtypes "github.com/aws/aws-sdk-go-v2/service/applicationautoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	elbapi "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/portkey-ai/portkey-ecs-operator/internal/aws"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
	"github.com/portkey-ai/portkey-ecs-operator/internal/kinds"
)

// scaled is a service in a cluster of Fargate, and how it should scale.
func (s *sandbox) scaled(n network) kinds.ScalableTargetSpec {
	s.Helper()
	ctx, api := s.Context(), s.clients.ECS
	_, err := api.CreateCluster(ctx, &ecs.CreateClusterInput{ClusterName: sdk.String("main")})
	s.must(err)
	_, err = api.RegisterTaskDefinition(ctx, &ecs.RegisterTaskDefinitionInput{Family: sdk.String("app"), NetworkMode: ecstypes.NetworkModeAwsvpc, Cpu: sdk.String("256"), Memory: sdk.String("512"),
		ContainerDefinitions: []ecstypes.ContainerDefinition{{Name: sdk.String("app"), Image: sdk.String("i:1")}}})
	s.must(err)
	for _, name := range []string{"main-abc-gateway", "main-abc-data"} {
		_, err = api.CreateService(ctx, &ecs.CreateServiceInput{Cluster: sdk.String("main"), ServiceName: &name, TaskDefinition: sdk.String("app"), DesiredCount: sdk.Int32(4), LaunchType: ecstypes.LaunchTypeFargate,
			NetworkConfiguration: &ecstypes.NetworkConfiguration{AwsvpcConfiguration: &ecstypes.AwsVpcConfiguration{Subnets: n.subnets[:2]}}})
		s.must(err)
	}
	return kinds.ScalableTargetSpec{
		Cluster: graph.Lit("main"), Service: graph.Lit("main-abc-gateway"), Peers: []string{"main-abc-gateway", "main-abc-data"}, Min: 3, Max: 20,
		Policies: []kinds.ScalingPolicy{
			{Name: "cpu", Metric: "ECSServiceAverageCPUUtilization", Target: 70, ScaleInCooldown: 120, ScaleOutCooldown: 60},
			{Name: "memory", Metric: "ECSServiceAverageMemoryUtilization", Target: 80, ScaleInCooldown: 120, ScaleOutCooldown: 60},
		},
	}
}

func (s *sandbox) tasks(name string) int {
	s.Helper()
	out, err := s.clients.ECS.DescribeServices(s.Context(), &ecs.DescribeServicesInput{Cluster: sdk.String("main"), Services: []string{name}})
	s.must(err)
	return int(out.Services[0].DesiredCount)
}

const scaledGateway = "service/main/main-abc-gateway"

// foreignPolicy is a policy that somebody else adds.
func (s *sandbox) foreignPolicy(name string, target float64) {
	s.Helper()
	_, err := s.clients.AppScaling.PutScalingPolicy(s.Context(), &scaling.PutScalingPolicyInput{
		ServiceNamespace: scalingtypes.ServiceNamespaceEcs, ScalableDimension: scalingtypes.ScalableDimensionECSServiceDesiredCount, ResourceId: sdk.String(scaledGateway),
		PolicyName: &name, PolicyType: scalingtypes.PolicyTypeTargetTrackingScaling,
		TargetTrackingScalingPolicyConfiguration: &scalingtypes.TargetTrackingScalingPolicyConfiguration{TargetValue: &target, ScaleInCooldown: sdk.Int32(120), ScaleOutCooldown: sdk.Int32(60),
			PredefinedMetricSpecification: &scalingtypes.PredefinedMetricSpecification{PredefinedMetricType: scalingtypes.MetricTypeECSServiceAverageCPUUtilization}},
	})
	s.must(err)
}

func (s *sandbox) policyNames() []string {
	s.Helper()
	var out []string
	for p := scaling.NewDescribeScalingPoliciesPaginator(s.clients.AppScaling, &scaling.DescribeScalingPoliciesInput{ServiceNamespace: scalingtypes.ServiceNamespaceEcs}); p.HasMorePages(); {
		page, err := p.NextPage(s.Context())
		s.must(err)
		for _, x := range page.ScalingPolicies {
			out = append(out, *x.PolicyName)
		}
	}
	slices.Sort(out)
	return out
}

func TestScalableTarget(t *testing.T) {
	s := newSandbox(t)
	spec := s.scaled(s.network())
	ctx, api := t.Context(), s.clients.AppScaling
	key := func(id string) *scaling.RegisterScalableTargetInput {
		return &scaling.RegisterScalableTargetInput{ServiceNamespace: scalingtypes.ServiceNamespaceEcs, ScalableDimension: scalingtypes.ScalableDimensionECSServiceDesiredCount, ResourceId: &id}
	}
	l := newLife(s, kinds.ScalableTarget{}, "scalable-target/gateway", "main-abc-gateway")
	l.run(spec,
		edit{"other bounds", func(id string) {
			in := key(id)
			in.MaxCapacity = sdk.Int32(9)
			_, err := api.RegisterScalableTarget(ctx, in)
			s.must(err)
		}, []string{"max"}},
		edit{"a suspension is left alone", func(id string) {
			in := key(id)
			in.SuspendedState = &scalingtypes.SuspendedState{DynamicScalingInSuspended: sdk.Bool(true)}
			_, err := api.RegisterScalableTarget(ctx, in)
			s.must(err)
		}, nil},
		edit{"another target", func(string) { s.foreignPolicy("main-abc-gateway-cpu", 50) }, []string{"policies.cpu.target"}},
		edit{"a policy of ours that isn't wanted", func(string) { s.foreignPolicy("main-abc-gateway-old", 50) }, []string{"policies.old"}},
		edit{"another's policy", func(string) { s.foreignPolicy("theirs", 50) }, nil},
		edit{"a policy deleted", func(id string) {
			_, err := api.DeleteScalingPolicy(ctx, &scaling.DeleteScalingPolicyInput{ServiceNamespace: scalingtypes.ServiceNamespaceEcs, ScalableDimension: scalingtypes.ScalableDimensionECSServiceDesiredCount, ResourceId: &id, PolicyName: sdk.String("main-abc-gateway-memory")})
			s.must(err)
		}, []string{"policies.memory"}},
		edit{"tags taken off", func(string) {
			_, err := api.UntagResource(ctx, &scaling.UntagResourceInput{ResourceARN: sdk.String(l.out["arn"]), TagKeys: []string{"team"}})
			s.must(err)
		}, []string{"tags.team"}},
	)
	if names := s.policyNames(); len(names) > 0 {
		t.Errorf("left: %v", names)
	}
	if n := s.tasks("main-abc-gateway"); n != 4 {
		t.Errorf("%d tasks, not the 4 that ran before", n)
	}
}

// One call finds the targets of all services, one more for each that has any tells its policies, and one
// its tags; a deployment that doesn't scale makes no call at all.
func TestScalableTargetsShareOneRead(t *testing.T) {
	s := newSandbox(t)
	s.world.Settings.PageSize = 0
	spec := s.scaled(s.network())
	l := newLife(s, kinds.ScalableTarget{}, "scalable-target/gateway", "main-abc-gateway")
	if live := l.create(spec); live.Phase != graph.Ready || s.tasks("main-abc-gateway") != 4 {
		t.Fatalf("%+v", live)
	}
	other := spec
	other.Service = graph.Lit("main-abc-data")
	w := s.call("", "", "").World.(*aws.World)
	calls := s.calls(func() {
		for node, spec := range map[string]kinds.ScalableTargetSpec{"gateway": spec, "data": other} {
			c := s.call(graph.NodeID("scalable-target/"+node), "main-abc-"+node, "")
			c.World = w
			_, err := kinds.ScalableTarget{}.Observe(t.Context(), c, spec)
			s.must(err)
		}
	})
	if got := count(calls); got != "DescribeScalableTargets DescribeScalingPolicies ListTagsForResource" {
		t.Errorf("called %s", got)
	}
	plan := kinds.ScalableTargetSpec{Cluster: graph.Lit("main"), Service: graph.Out("service/gateway", "name")}
	if calls := s.calls(func() { newLife(s, kinds.ScalableTarget{}, "scalable-target/x", "x").observe(plan) }); len(calls) > 0 {
		t.Errorf("a service that isn't there yet has no target: %v", calls)
	}
}

func TestScalableTargetOfRequests(t *testing.T) {
	s := newSandbox(t)
	n := s.network()
	spec := s.scaled(n)
	ctx := t.Context()
	lb, err := s.clients.ELB.CreateLoadBalancer(ctx, &elbapi.CreateLoadBalancerInput{Name: sdk.String("main"), Subnets: n.subnets[:2], Type: elbtypes.LoadBalancerTypeEnumApplication, Scheme: elbtypes.LoadBalancerSchemeEnumInternal})
	s.must(err)
	tg, err := s.clients.ELB.CreateTargetGroup(ctx, &elbapi.CreateTargetGroupInput{Name: sdk.String("main"), VpcId: &n.vpc, Protocol: elbtypes.ProtocolEnumHttp, Port: sdk.Int32(80), TargetType: elbtypes.TargetTypeEnumIp})
	s.must(err)
	spec.Policies = []kinds.ScalingPolicy{{Name: "requests", Metric: "ALBRequestCountPerTarget", Target: 1000, ScaleInCooldown: 120, ScaleOutCooldown: 60,
		Balancer: graph.Lit(*lb.LoadBalancers[0].LoadBalancerArn), Group: graph.Lit(*tg.TargetGroups[0].TargetGroupArn)}}
	l := newLife(s, kinds.ScalableTarget{}, "scalable-target/gateway", "main-abc-gateway")
	live, err := l.kind.Create(ctx, l.call(), spec)
	if f := aws.Classify(err); f.Class != graph.NotYet || live.Phase != graph.Pending || live.ID != scaledGateway {
		t.Fatalf("nothing forwards to the target group yet: %v, %+v", err, live)
	}
	_, err = s.clients.ELB.CreateListener(ctx, &elbapi.CreateListenerInput{LoadBalancerArn: lb.LoadBalancers[0].LoadBalancerArn, Protocol: elbtypes.ProtocolEnumHttp, Port: sdk.Int32(80),
		DefaultActions: []elbtypes.Action{{Type: elbtypes.ActionTypeEnumForward, TargetGroupArn: tg.TargetGroups[0].TargetGroupArn}}})
	s.must(err)
	l.record(live)
	l.put(spec)
}

func TestScalableTargetTroubles(t *testing.T) {
	s := newSandbox(t)
	spec := s.scaled(s.network())
	l := newLife(s, kinds.ScalableTarget{}, "scalable-target/gateway", "main-abc-gateway")

	// A target of somebody else's, or one whose record was lost: creation never takes it over.
	_, err := s.clients.AppScaling.RegisterScalableTarget(t.Context(), &scaling.RegisterScalableTargetInput{ServiceNamespace: scalingtypes.ServiceNamespaceEcs, ScalableDimension: scalingtypes.ScalableDimensionECSServiceDesiredCount,
		ResourceId: sdk.String(scaledGateway), MinCapacity: sdk.Int32(1), MaxCapacity: sdk.Int32(2), Tags: map[string]string{"owner": "they"}})
	s.must(err)
	if live := l.observe(spec); live.Owner != graph.Foreign {
		t.Errorf("it is %s", live.Owner)
	}
	if _, err := l.kind.Create(t.Context(), l.call(), spec); aws.Classify(err).Class != graph.Conflict {
		t.Errorf("creation answers %v", err)
	}
	_, err = s.clients.AppScaling.DeregisterScalableTarget(t.Context(), &scaling.DeregisterScalableTargetInput{ServiceNamespace: scalingtypes.ServiceNamespaceEcs, ScalableDimension: scalingtypes.ScalableDimensionECSServiceDesiredCount, ResourceId: sdk.String(scaledGateway)})
	s.must(err)

	// It dies half-way, and is completed.
	s.server.Inject(core.FaultRule{Service: "application-autoscaling", Action: "PutScalingPolicy", Nth: 2, Fault: core.FaultServerError})
	live, err := l.kind.Create(t.Context(), l.call(), spec)
	if err == nil || live.Phase != graph.Pending || live.ID == "" {
		t.Fatalf("%v, %+v", err, live)
	}
	s.server.ClearFaults()
	l.record(live)
	if got := l.diff(spec, l.observe(spec)); !slices.Equal(got, []string{"policies.memory"}) {
		t.Errorf("differs in %v", got)
	}
	l.put(spec)

	// It goes with its service.
	_, err = s.clients.ECS.DeleteService(t.Context(), &ecs.DeleteServiceInput{Cluster: sdk.String("main"), Service: sdk.String("main-abc-gateway"), Force: sdk.Bool(true)})
	s.must(err)
	s.server.Advance(10 * time.Minute)
	if live := l.observe(spec); live.Phase != graph.Absent {
		t.Errorf("it is %s", live.Phase)
	}
	_, err = l.kind.Create(t.Context(), l.call(), spec)
	if f := aws.Classify(err); f.Class != graph.NotYet || !strings.Contains(err.Error(), "service doesn't exist") {
		t.Errorf("%v", err)
	}
	if gone, err := l.kind.Delete(t.Context(), l.call(), live); !gone || err != nil {
		t.Errorf("%v %v", gone, err)
	}
}
