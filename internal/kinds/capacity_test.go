package kinds_test

import (
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	asgtypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	ec2api "github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"

	emuec2 "github.com/portkey-ai/portkey-ecs-operator/internal/emulator/ec2"
	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
	"github.com/portkey-ai/portkey-ecs-operator/internal/kinds"
)

// template makes a launch template and answers its id.
func (s *sandbox) template(n network) string {
	s.Helper()
	out, err := s.ec2.CreateLaunchTemplate(s.Context(), &ec2api.CreateLaunchTemplateInput{
		LaunchTemplateName: sdk.String("instances"),
		LaunchTemplateData: &ec2types.RequestLaunchTemplateData{
			ImageId: sdk.String(emuec2.ECSOptimizedImage(sandboxRegion, "arm64", 1).ID), InstanceType: "t4g.medium", SecurityGroupIds: []string{n.group},
		},
	})
	s.must(err)
	s.server.Advance(time.Minute)
	return *out.LaunchTemplate.LaunchTemplateId
}

func (n network) autoScalingGroup(template string) kinds.AutoScalingGroupSpec {
	return kinds.AutoScalingGroupSpec{LaunchTemplate: graph.Lit(template), Version: graph.Lit("1"), Subnets: graph.Lits(n.subnets[:2]...), MaxSize: 4}
}

func (s *sandbox) described(group string) asgtypes.AutoScalingGroup {
	s.Helper()
	out, err := s.clients.ASG.DescribeAutoScalingGroups(s.Context(), &autoscaling.DescribeAutoScalingGroupsInput{AutoScalingGroupNames: []string{group}})
	s.must(err)
	return out.AutoScalingGroups[0]
}

func TestAutoScalingGroup(t *testing.T) {
	s := newSandbox(t)
	n := s.network()
	ctx, api := t.Context(), s.clients.ASG
	template := s.template(n)
	spec := n.autoScalingGroup(template)
	update := func(in autoscaling.UpdateAutoScalingGroupInput) func(string) {
		return func(id string) {
			in.AutoScalingGroupName = &id
			_, err := api.UpdateAutoScalingGroup(ctx, &in)
			s.must(err)
		}
	}
	l := newLife(s, kinds.AutoScalingGroup{}, "autoscalinggroup/main", "main-abc")
	l.run(spec,
		edit{"sizes are others'", update(autoscaling.UpdateAutoScalingGroupInput{MinSize: sdk.Int32(1), MaxSize: sdk.Int32(9), DesiredCapacity: sdk.Int32(2)}), nil},
		edit{"another subnet", update(autoscaling.UpdateAutoScalingGroupInput{VPCZoneIdentifier: &n.subnets[2]}), []string{"subnets"}},
		edit{"no protection", update(autoscaling.UpdateAutoScalingGroupInput{NewInstancesProtectedFromScaleIn: sdk.Bool(false)}), []string{"newInstancesProtectedFromScaleIn"}},
		edit{"the newest version", update(autoscaling.UpdateAutoScalingGroupInput{LaunchTemplate: &asgtypes.LaunchTemplateSpecification{
			LaunchTemplateId: &template, Version: sdk.String("$Latest")}}), []string{"version"}},
		edit{"tags taken off", func(id string) {
			_, err := api.DeleteTags(ctx, &autoscaling.DeleteTagsInput{Tags: []asgtypes.Tag{
				{Key: sdk.String("team"), ResourceId: &id, ResourceType: sdk.String("auto-scaling-group")}}})
			s.must(err)
		}, []string{"tags.team"}},
		edit{"a tag that instances don't get", func(id string) {
			_, err := api.CreateOrUpdateTags(ctx, &autoscaling.CreateOrUpdateTagsInput{Tags: []asgtypes.Tag{{Key: sdk.String("team"), Value: sdk.String("ai"),
				PropagateAtLaunch: sdk.Bool(false), ResourceId: &id, ResourceType: sdk.String("auto-scaling-group")}}})
			s.must(err)
		}, []string{"tags.team.propagateAtLaunch"}},
	)
}

func TestAutoScalingGroupStartsEmpty(t *testing.T) {
	s := newSandbox(t)
	n := s.network()
	l := newLife(s, kinds.AutoScalingGroup{}, "autoscalinggroup/main", "main-abc")
	live := l.create(n.autoScalingGroup(s.template(n)))
	g := s.described("main-abc")
	if *g.MinSize != 0 || *g.DesiredCapacity != 0 || *g.MaxSize != 4 || !*g.NewInstancesProtectedFromScaleIn {
		t.Errorf("made as %+v", g)
	}
	if live.Out["arn"] != *g.AutoScalingGroupARN || live.Out["name"] != "main-abc" {
		t.Errorf("gives %v", live.Out)
	}
	managed := false
	for _, tag := range g.Tags {
		managed = managed || (*tag.Key == "AmazonECSManaged" && *tag.PropagateAtLaunch)
	}
	if !managed {
		t.Errorf("tagged %+v", g.Tags)
	}
}

func TestGroupCapacity(t *testing.T) {
	s := newSandbox(t)
	n := s.network()
	group := newLife(s, kinds.AutoScalingGroup{}, "autoscalinggroup/main", "main-abc")
	l := newLife(s, kinds.GroupCapacity{}, "groupcapacity/main", "")
	spec := kinds.GroupCapacitySpec{Group: graph.Lit("main-abc"), MinSize: 1, MaxSize: 6, InitialSize: 2}
	if live := l.observe(spec); live.Phase != graph.Absent {
		t.Fatalf("without its group it is %s", live.Phase)
	}
	group.create(n.autoScalingGroup(s.template(n)))
	live := l.observe(spec)
	if live.Out["group"] != "main-abc" || live.Owner != graph.Ours {
		t.Fatalf("it is %s and gives %v", live.Owner, live.Out)
	}
	l.put(spec)
	if g := s.described("main-abc"); *g.MinSize != 1 || *g.MaxSize != 6 || *g.DesiredCapacity != 2 {
		t.Errorf("first: %d to %d, desired %d", *g.MinSize, *g.MaxSize, *g.DesiredCapacity)
	}
	_, err := s.clients.ASG.UpdateAutoScalingGroup(t.Context(), &autoscaling.UpdateAutoScalingGroupInput{
		AutoScalingGroupName: sdk.String("main-abc"), DesiredCapacity: sdk.Int32(5)})
	s.must(err)
	l.equal(spec, l.observe(spec))
	spec.MaxSize = 8
	l.put(spec)
	if g := s.described("main-abc"); *g.MaxSize != 8 || *g.DesiredCapacity != 5 {
		t.Errorf("later: to %d, desired %d", *g.MaxSize, *g.DesiredCapacity)
	}
	if gone, err := l.kind.Delete(t.Context(), l.call(), l.observe(spec)); !gone || err != nil {
		t.Errorf("deleted %v, %v", gone, err)
	}
}

func TestCluster(t *testing.T) {
	s := newSandbox(t)
	ctx, api := t.Context(), s.clients.ECS
	newLife(s, kinds.LogGroup{}, "loggroup/exec", "/aws/ecs/main").create(kinds.LogGroupSpec{})
	spec := kinds.ClusterSpec{ExecLogGroup: graph.Lit("/aws/ecs/main"), ContainerInsights: "enhanced"}
	l := newLife(s, kinds.Cluster{}, "cluster/main", "main-abc")
	l.run(spec,
		edit{"other insights", func(id string) {
			_, err := api.UpdateCluster(ctx, &ecs.UpdateClusterInput{Cluster: &id, Settings: []ecstypes.ClusterSetting{
				{Name: ecstypes.ClusterSettingNameContainerInsights, Value: sdk.String("disabled")}}})
			s.must(err)
		}, []string{"containerInsights"}},
		edit{"no log group", func(id string) {
			_, err := api.UpdateCluster(ctx, &ecs.UpdateClusterInput{Cluster: &id, Configuration: &ecstypes.ClusterConfiguration{
				ExecuteCommandConfiguration: &ecstypes.ExecuteCommandConfiguration{Logging: ecstypes.ExecuteCommandLoggingDefault}}})
			s.must(err)
		}, []string{"execLogGroup"}},
		edit{"tags taken off", func(id string) {
			_, err := s.clients.ECS.UntagResource(ctx, &ecs.UntagResourceInput{TagKeys: []string{"team"},
				ResourceArn: sdk.String("arn:aws:ecs:" + sandboxRegion + ":" + sandboxAccount + ":cluster/" + id)})
			s.must(err)
		}, []string{"tags.team"}},
	)
}

// capacity makes a cluster and a capacity provider over a group.
func (s *sandbox) capacity(n network) (*life[kinds.ClusterSpec], *life[kinds.CapacityProviderSpec], kinds.CapacityProviderSpec) {
	s.Helper()
	group := newLife(s, kinds.AutoScalingGroup{}, "autoscalinggroup/main", "main-abc")
	group.create(n.autoScalingGroup(s.template(n)))
	cluster := newLife(s, kinds.Cluster{}, "cluster/main", "main-abc")
	cluster.create(kinds.ClusterSpec{})
	return cluster, newLife(s, kinds.CapacityProvider{}, "capacityprovider/main", "main-abc"),
		kinds.CapacityProviderSpec{Group: graph.Lit(group.out["arn"]), TargetPercent: 100, MinStep: 1, MaxStep: 2}
}

func TestCapacityProvider(t *testing.T) {
	s := newSandbox(t)
	_, l, spec := s.capacity(s.network())
	ctx, api := t.Context(), s.clients.ECS
	l.run(spec,
		edit{"another target, no protection, no draining", func(id string) {
			_, err := api.UpdateCapacityProvider(ctx, &ecs.UpdateCapacityProviderInput{Name: &id, AutoScalingGroupProvider: &ecstypes.AutoScalingGroupProviderUpdate{
				ManagedScaling: &ecstypes.ManagedScaling{Status: ecstypes.ManagedScalingStatusEnabled, TargetCapacity: sdk.Int32(50),
					MinimumScalingStepSize: sdk.Int32(3), MaximumScalingStepSize: sdk.Int32(5)},
				ManagedTerminationProtection: ecstypes.ManagedTerminationProtectionDisabled, ManagedDraining: ecstypes.ManagedDrainingDisabled,
			}})
			s.must(err)
			s.server.Advance(time.Minute)
		}, []string{"targetPercent", "minStep", "maxStep", "managedTerminationProtection", "managedDraining"}},
		edit{"tags taken off", func(id string) {
			_, err := api.UntagResource(ctx, &ecs.UntagResourceInput{TagKeys: []string{"team"},
				ResourceArn: sdk.String("arn:aws:ecs:" + sandboxRegion + ":" + sandboxAccount + ":capacity-provider/" + id)})
			s.must(err)
		}, []string{"tags.team"}},
	)
	l.id = ""
	if live := l.create(spec); live.Out != nil || live.Phase != graph.Pending {
		t.Errorf("before it is active it is %s and gives %v", live.Phase, live.Out)
	}
}

func TestClusterCapacity(t *testing.T) {
	s := newSandbox(t)
	cluster, provider, providerSpec := s.capacity(s.network())
	provider.create(providerSpec)
	provider.ready(providerSpec)
	spec := kinds.ClusterCapacitySpec{Cluster: graph.Lit("main-abc"), Providers: graph.Lits("main-abc"),
		Default: []kinds.Strategy{{Provider: graph.Lit("main-abc"), Weight: 100}}}
	l := newLife(s, kinds.ClusterCapacity{}, "clustercapacity/main", "")
	if live := l.observe(spec); live.Phase != graph.Absent {
		t.Fatalf("it is %s before it is made", live.Phase)
	}
	if live := l.create(spec); live.Phase != graph.Pending || live.Out["cluster"] != "" {
		t.Errorf("while ECS attaches it is %s and gives %v", live.Phase, live.Out)
	}
	live := l.ready(spec)
	if l.equal(spec, live); live.Out["cluster"] != "main-abc" {
		t.Errorf("gives %v", live.Out)
	}
	_, err := s.clients.ECS.PutClusterCapacityProviders(t.Context(), &ecs.PutClusterCapacityProvidersInput{
		Cluster: sdk.String("main-abc"), CapacityProviders: []string{"main-abc", "FARGATE"}, DefaultCapacityProviderStrategy: []ecstypes.CapacityProviderStrategyItem{}})
	s.must(err)
	s.server.Advance(time.Minute)
	live = l.observe(spec)
	if got := l.diff(spec, live); len(got) != 2 || live.Out["cluster"] != "" {
		t.Errorf("differs in %v and gives %v", got, live.Out)
	}
	l.put(spec)
	actions := s.calls(func() {
		w := s.call("", "", "").World
		for _, observe := range []func(graph.Call) (graph.Live, error){
			func(c graph.Call) (graph.Live, error) { return l.kind.Observe(t.Context(), c, spec) },
			func(c graph.Call) (graph.Live, error) {
				c.Name, c.ID = "main-abc", "main-abc"
				return cluster.kind.Observe(t.Context(), c, kinds.ClusterSpec{})
			},
		} {
			c := l.call()
			c.World = w
			if _, err := observe(c); err != nil {
				t.Error(err)
			}
		}
	})
	if got := count(actions); got != "DescribeClusters" {
		t.Errorf("called %s", got)
	}
	l.remove(spec)
	provider.remove(providerSpec)
}

// TestCapacityInUse takes off a capacity provider that a service runs on: what is wanted besides is there at once, and ECS
// is asked again and again, less and less often, until the service has left it.
func TestCapacityInUse(t *testing.T) {
	st := newStack(t)
	st.create(st.spec) // on FARGATE
	spec := kinds.ClusterCapacitySpec{Cluster: graph.Lit("main-abc"), Providers: graph.Lits("FARGATE_SPOT"),
		Default: []kinds.Strategy{{Provider: graph.Lit("FARGATE_SPOT"), Weight: 1}}}
	l := newLife(st.sandbox, kinds.ClusterCapacity{}, "clustercapacity/main", "")
	again := func() graph.Live {
		live := l.observe(spec)
		live, err := l.kind.Update(t.Context(), l.call(), spec, live, l.kind.Diff(l.call(), spec, live))
		l.must(err)
		return l.record(live)
	}
	for _, c := range []struct {
		why            string
		later, recheck time.Duration
	}{
		{"the default strategy changes, though FARGATE stays", 0, time.Minute},
		{"it is asked again after a minute", time.Minute, time.Minute},
		{"as long as that isn't less than a twelfth", 11 * time.Minute, time.Minute},
		{"then with that", 2*time.Hour - 12*time.Minute, 10 * time.Minute},
	} {
		st.server.Advance(c.later)
		live := again()
		if live.Phase != graph.Pending || live.Out["cluster"] != "main-abc" || live.Recheck != c.recheck {
			t.Errorf("%s: %s, gives %v, another look after %s", c.why, live.Phase, live.Out, live.Recheck)
		}
		if d := l.diff(spec, live); len(d) != 1 || d[0] != "providers" {
			t.Errorf("%s: differs in %v", c.why, d)
		}
	}
	spec.Providers, spec.Default = graph.Lits("FARGATE"), []kinds.Strategy{{Provider: graph.Lit("FARGATE"), Weight: 1}}
	if live := l.put(spec); live.Out["waiting"] != "" {
		t.Errorf("taken back, it gives %v", live.Out)
	}
}
