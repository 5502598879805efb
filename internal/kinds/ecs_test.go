package kinds_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
	"github.com/portkey-ai/portkey-ecs-operator/internal/kinds"
)

func (s *sandbox) taskDefinition() kinds.TaskDefinitionSpec {
	s.Helper()
	role := newLife(s, kinds.Role{}, "role/task", "main-task").create(roleSpec())
	group := newLife(s, kinds.LogGroup{}, "loggroup/gateway", "/ecs/main/gateway").create(kinds.LogGroupSpec{})
	s.server.Advance(time.Minute)
	return kinds.TaskDefinitionSpec{
		CPU: "1024", Memory: "2048", Architecture: "ARM64", TaskRole: graph.Lit(role.Out["arn"]), ExecutionRole: graph.Lit(role.Out["arn"]),
		Container: kinds.ContainerSpec{
			Name: "gateway", Image: "docker.io/portkeyai/gateway:1", Env: map[string]graph.Value{"PORT": graph.Lit("8787")},
			Ports:         []kinds.Port{{Name: "gateway", Port: 8787, AppProtocol: "http"}},
			HealthCommand: []string{"CMD-SHELL", "wget -qO- http://localhost:8787/v1/health || exit 1"}, StartPeriod: 60,
			LogGroup: graph.Lit(group.Out["name"]), LogRegion: graph.Lit(sandboxRegion), LogPrefix: "gateway-service", StopTimeout: 30,
		},
	}
}

func TestTaskDefinition(t *testing.T) {
	s := newSandbox(t)
	ctx, api := t.Context(), s.clients.ECS
	spec := s.taskDefinition()
	l := newLife(s, kinds.TaskDefinition{}, "taskdefinition/gateway", "main-abc-gateway")
	l.run(spec,
		edit{"tags taken off", func(id string) {
			_, err := api.UntagResource(ctx, &ecs.UntagResourceInput{TagKeys: []string{"team"}, ResourceArn: &id})
			s.must(err)
		}, []string{"tags.team"}},
	)
}

func TestTaskDefinitionRevisions(t *testing.T) {
	s := newSandbox(t)
	s.world.Settings.PageSize = 0
	spec := s.taskDefinition()
	l := newLife(s, kinds.TaskDefinition{}, "taskdefinition/gateway", "main-abc-gateway")
	first := l.create(spec)
	if again := l.observe(spec); len(l.diff(spec, again)) > 0 {
		t.Errorf("differs from itself")
	}
	spec.Container.Image = "docker.io/portkeyai/gateway:2"
	if got := l.diff(spec, l.observe(spec)); !slices.Equal(got, []string{"content.image"}) {
		t.Errorf("another image differs in %v", got)
	}
	second := l.put(spec)
	if second.Out["arn"] == first.Out["arn"] || !slices.Equal(l.kind.(graph.Renewer).Renews([]graph.Change{{Path: "content"}}), []graph.Attr{"arn"}) {
		t.Errorf("no new revision: %v", second.Out)
	}
	// The registration of the second was made and its record lost.
	l.id = first.ID
	if live := l.observe(spec); live.ID != second.ID {
		t.Errorf("found %s, not %s", live.ID, second.ID)
	}
	l.id = second.ID
	_, err := s.clients.ECS.DeregisterTaskDefinition(t.Context(), &ecs.DeregisterTaskDefinitionInput{TaskDefinition: &second.ID})
	s.must(err)
	if got := l.diff(spec, l.observe(spec)); !slices.Equal(got, []string{"status"}) {
		t.Errorf("deregistered it differs in %v", got)
	}
	l.put(spec)
	for _, c := range []struct {
		why   string
		inUse []string
		want  int
	}{
		{"as long as it isn't known what is in use, all stay", nil, 7},
		{"the oldest goes, but not what is in use", []string{first.ID}, 5},
	} {
		spec.Keep, spec.InUse = 3, c.inUse
		for i := 0; i < 5 && c.inUse == nil; i++ {
			spec.Container.Image += "x"
			l.put(spec)
		}
		if c.inUse != nil {
			spec.Container.Image += "y"
			l.put(spec)
		}
		out, err := s.clients.ECS.ListTaskDefinitions(t.Context(), &ecs.ListTaskDefinitionsInput{FamilyPrefix: &l.name, Status: ecstypes.TaskDefinitionStatusActive})
		s.must(err)
		if len(out.TaskDefinitionArns) != c.want || !slices.Contains(out.TaskDefinitionArns, first.ID) {
			t.Errorf("%s: %v", c.why, out.TaskDefinitionArns)
		}
	}
	l.remove(spec)
}

func TestTaskDefinitionContentIsStable(t *testing.T) {
	s := newSandbox(t)
	spec := kinds.TaskDefinitionSpec{CPU: "256", Memory: "512", Container: kinds.ContainerSpec{Name: "a", Image: "b", Env: map[string]graph.Value{}}}
	l := newLife(s, kinds.TaskDefinition{}, "taskdefinition/a", "a")
	live := l.create(spec)
	spec.Container.Env, spec.Keep, spec.InUse = nil, 9, []string{"x"}
	if got := l.diff(spec, live); len(got) > 0 {
		t.Errorf("differs in %v", got)
	}
	s.server.Advance(time.Minute)
	out, err := s.clients.ECS.DescribeTaskDefinition(t.Context(), &ecs.DescribeTaskDefinitionInput{TaskDefinition: sdk.String("a"), Include: []ecstypes.TaskDefinitionField{"TAGS"}})
	s.must(err)
	const want = "7c62e76b"
	for _, tag := range out.Tags {
		if *tag.Key == kinds.TagContent && !strings.HasPrefix(*tag.Value, want) {
			t.Errorf("the content's hash changed to %s: every service would be deployed again after an upgrade of the operator", *tag.Value)
		}
	}
}

// stack is a service with everything it needs, on Fargate.
type stack struct {
	*life[kinds.ServiceSpec]
	definition     *life[kinds.TaskDefinitionSpec]
	definitionSpec kinds.TaskDefinitionSpec
	spec           kinds.ServiceSpec
	network        network
}

func newStack(t *testing.T) *stack {
	t.Helper()
	s := newSandbox(t)
	n := s.network()
	newLife(s, kinds.Cluster{}, "cluster/main", "main-abc").create(kinds.ClusterSpec{})
	capacity := newLife(s, kinds.ClusterCapacity{}, "clustercapacity/main", "")
	capacitySpec := kinds.ClusterCapacitySpec{Cluster: graph.Lit("main-abc"), Providers: graph.Lits("FARGATE", "FARGATE_SPOT")}
	capacity.create(capacitySpec)
	capacity.ready(capacitySpec)
	namespace := newLife(s, kinds.HTTPNamespace{}, "namespace/main", "main-abc")
	namespace.create(kinds.HTTPNamespaceSpec{})
	namespace.ready(kinds.HTTPNamespaceSpec{})
	lb := newLife(s, kinds.LoadBalancer{}, "loadbalancer/main", "main-abc")
	lb.create(n.loadBalancer())
	group := newLife(s, kinds.TargetGroup{}, "targetgroup/gateway", "main-abc-gateway")
	group.create(n.targetGroup())
	newLife(s, kinds.Listener{}, "listener/main", "").create(kinds.ListenerSpec{
		LoadBalancer: graph.Lit(lb.id), TargetGroup: graph.Lit(group.id), Port: 80, Protocol: "TCP"})
	st := &stack{life: newLife(s, kinds.Service{}, "service/gateway", "gateway"), definitionSpec: s.taskDefinition(), network: n,
		definition: newLife(s, kinds.TaskDefinition{}, "taskdefinition/gateway", "main-abc-gateway")}
	st.definition.create(st.definitionSpec)
	st.spec = kinds.ServiceSpec{
		Cluster: graph.Lit("main-abc"), TaskDefinition: graph.Lit(st.definition.id), Peers: []string{"gateway", "redis"},
		Providers: []kinds.Strategy{{Provider: graph.Lit("FARGATE"), Weight: 1}}, InitialCount: 2,
		Subnets: graph.Lits(n.subnets[:2]...), SecurityGroups: graph.Lits(n.group),
		Targets:   []kinds.Target{{Group: graph.Lit(group.id), Container: "gateway", Port: 8787}},
		Namespace: graph.Lit(namespace.out["arn"]), Connect: []kinds.ConnectPort{{PortName: "gateway", DNSName: "gateway", Port: 8787}},
		MinHealthyPercent: 100, MaxPercent: 200, GraceSeconds: 150, BakeMinutes: 1, CircuitBreaker: true, Rollback: true,
	}
	return st
}

// image registers a revision with another image and wants it.
func (st *stack) image(image string) {
	st.Helper()
	st.definitionSpec.Container.Image = image
	st.spec.TaskDefinition = graph.Lit(st.definition.put(st.definitionSpec).Out["arn"])
}

func (st *stack) update(in ecs.UpdateServiceInput) func(string) {
	return func(id string) {
		in.Cluster, in.Service = sdk.String("main-abc"), &id
		_, err := st.clients.ECS.UpdateService(st.Context(), &in)
		st.must(err)
	}
}

func TestService(t *testing.T) {
	st := newStack(t)
	st.run(st.spec,
		edit{"the count is somebody else's", st.update(ecs.UpdateServiceInput{DesiredCount: sdk.Int32(3)}), nil},
		edit{"another pace", st.update(ecs.UpdateServiceInput{DeploymentConfiguration: &ecstypes.DeploymentConfiguration{
			MinimumHealthyPercent: sdk.Int32(50), MaximumPercent: sdk.Int32(150), BakeTimeInMinutes: sdk.Int32(2),
			DeploymentCircuitBreaker: &ecstypes.DeploymentCircuitBreaker{Enable: true, Rollback: false}}}),
			[]string{"deployment.minHealthyPercent", "deployment.maxPercent", "deployment.bakeMinutes", "deployment.rollback"}},
		edit{"another grace period, exec, no managed tags", st.update(ecs.UpdateServiceInput{HealthCheckGracePeriodSeconds: sdk.Int32(10),
			EnableExecuteCommand: sdk.Bool(true), EnableECSManagedTags: sdk.Bool(false), PropagateTags: ecstypes.PropagateTagsTaskDefinition}),
			[]string{"graceSeconds", "enableExec", "managedTags", "propagateTags"}},
		edit{"other subnets", st.update(ecs.UpdateServiceInput{NetworkConfiguration: &ecstypes.NetworkConfiguration{AwsvpcConfiguration: &ecstypes.AwsVpcConfiguration{
			Subnets: st.network.subnets[:1], SecurityGroups: []string{st.group(st.network.vpc, "else")}}}}), []string{"subnets", "securityGroups"}},
		edit{"no load balancer", st.update(ecs.UpdateServiceInput{LoadBalancers: []ecstypes.LoadBalancer{}}), []string{"targets"}},
		edit{"no Service Connect", st.update(ecs.UpdateServiceInput{ServiceConnectConfiguration: &ecstypes.ServiceConnectConfiguration{Enabled: false}}),
			[]string{"connect.services", "connect.namespace"}},
		edit{"another strategy", st.update(ecs.UpdateServiceInput{ForceNewDeployment: true,
			CapacityProviderStrategy: []ecstypes.CapacityProviderStrategyItem{{CapacityProvider: sdk.String("FARGATE_SPOT"), Weight: 1}}}), []string{"providers"}},
		edit{"tags taken off", func(id string) {
			_, err := st.clients.ECS.UntagResource(t.Context(), &ecs.UntagResourceInput{TagKeys: []string{"team"}, ResourceArn: &id})
			st.must(err)
		}, []string{"tags.team"}},
	)
}

func TestServiceDeploysOnce(t *testing.T) {
	st := newStack(t)
	live := st.create(st.spec)
	if live.Out["arn"] == "" || live.Out["name"] != "gateway" || live.Out["deployed"] != "" || live.Phase != graph.Pending || live.Recheck == 0 {
		t.Errorf("while it is deployed it is %s, to be looked at in %s, and gives %v", live.Phase, live.Recheck, live.Out)
	}
	live = st.ready(st.spec)
	if live.Out["deployed"] != live.Out["arn"] {
		t.Errorf("deployed it gives %v", live.Out)
	}
	f := live.Facts.(*kinds.ServiceFacts)
	if f.Desired != 2 || f.Running != 2 || f.Deploying || f.Deployment.RolloutState != "COMPLETED" || f.TaskDefinition != st.definition.id || len(f.Events) == 0 || len(f.Events) > 3 {
		t.Errorf("facts %+v", f)
	}
	deployment := f.Deployment.ID
	st.spec.GraceSeconds, st.spec.BakeMinutes = 100, 2
	if f := st.put(st.spec).Facts.(*kinds.ServiceFacts); f.Deployment.ID != deployment {
		t.Error("fields that don't need it started a deployment")
	}
	st.spec.EnableExec = true
	if f := st.put(st.spec).Facts.(*kinds.ServiceFacts); f.Deployment.ID == deployment {
		t.Error("ECS Exec is for new tasks only, and none are started")
	}
	f = st.ready(st.spec).Facts.(*kinds.ServiceFacts)
	deployment = f.Deployment.ID
	five := 5
	st.spec.DesiredCount = &five
	if f := st.put(st.spec).Facts.(*kinds.ServiceFacts); f.Deployment.ID != deployment || f.Desired != 5 {
		t.Errorf("a count: %+v", f)
	}
	peer := func(after time.Duration) {
		st.spec.PeersSince = []graph.Value{graph.Lit(f.Deployment.Started.Add(after).Format(time.RFC3339Nano))}
	}
	peer(0)
	if got := st.diff(st.spec, st.observe(st.spec)); len(got) != 0 {
		t.Errorf("a peer that was there differs in %v", got)
	}
	peer(time.Millisecond)
	if got := st.diff(st.spec, st.observe(st.spec)); !slices.Equal(got, []string{"connect.peers"}) {
		t.Errorf("a new peer differs in %v", got)
	}
	if f := st.put(st.spec).Facts.(*kinds.ServiceFacts); f.Deployment.ID == deployment {
		t.Error("a new peer started no deployment")
	}
	if got := count(st.calls(func() { st.observe(st.spec) })); got != "DescribeServices" {
		t.Errorf("called %s", got)
	}
}

func TestServiceRolledBack(t *testing.T) {
	for _, c := range []struct{ why, without string }{{"told by service deployments", ""}, {"told by the service alone", "ListServiceDeployments"}} {
		t.Run(c.why, func(t *testing.T) {
			st := newStack(t)
			if c.without != "" {
				st.server.Inject(core.FaultRule{Service: "ecs", Action: c.without, Fault: core.FaultDenied})
			}
			st.create(st.spec)
			good := st.ready(st.spec).Facts.(*kinds.ServiceFacts).TaskDefinition
			st.image("docker.io/portkeyai/gateway:2-broken-no-pull")
			live := st.observe(st.spec)
			after, err := st.kind.Update(t.Context(), st.call(), st.spec, live, st.kind.Diff(st.call(), st.spec, live))
			st.must(err)
			st.record(after)
			var seen graph.Live
			for range 200 {
				st.server.Advance(15 * time.Second)
				seen = st.record(st.observe(st.spec))
				if seen.Reason == kinds.ReasonRolledBack && !seen.Facts.(*kinds.ServiceFacts).Deploying {
					break
				}
			}
			if seen.Reason != kinds.ReasonRolledBack || seen.Phase != graph.Pending || seen.Why == "" {
				t.Fatalf("it is %s %s: %s; %+v", seen.Phase, seen.Reason, seen.Why, seen.Facts)
			}
			if told := strings.Contains(seen.Why, "isn't to be had here"); told != (c.without != "") {
				t.Errorf("whether it is told precisely isn't said: %s", seen.Why)
			}
			if f := seen.Facts.(*kinds.ServiceFacts); f.TaskDefinition != good {
				t.Errorf("it runs %s", f.TaskDefinition)
			}
			st.equal(st.spec, seen)
			// Other fields still change, without the task definition.
			st.spec.GraceSeconds = 99
			live = st.observe(st.spec)
			if got := st.diff(st.spec, live); !slices.Equal(got, []string{"graceSeconds"}) {
				t.Errorf("differs in %v", got)
			}
			_, err = st.kind.Update(t.Context(), st.call(), st.spec, live, st.kind.Diff(st.call(), st.spec, live))
			st.must(err)
			// Another task definition is tried.
			st.image("docker.io/portkeyai/gateway:3")
			st.put(st.spec)
			// And what somebody puts back by hand is put right.
			st.update(ecs.UpdateServiceInput{TaskDefinition: &good})(st.id)
			st.server.Advance(10 * time.Minute)
			if got := st.diff(st.spec, st.observe(st.spec)); c.without == "" && !slices.Equal(got, []string{"taskDefinition"}) {
				t.Errorf("an older revision differs in %v", got)
			}
		})
	}
}

func TestServiceFailed(t *testing.T) {
	st := newStack(t)
	st.image("docker.io/portkeyai/gateway:1-broken-no-pull")
	st.create(st.spec)
	var live graph.Live
	for range 200 {
		st.server.Advance(15 * time.Second)
		if live = st.observe(st.spec); live.Reason != "" {
			break
		}
	}
	if live.Reason != kinds.ReasonFailed || live.Phase != graph.Pending || live.Why == "" || live.Out["deployed"] != "" {
		t.Errorf("it is %s %s: %s; %v", live.Phase, live.Reason, live.Why, live.Out)
	}
	st.image("docker.io/portkeyai/gateway:2")
	st.put(st.spec)
}

func TestServiceWithoutItsCluster(t *testing.T) {
	st := newStack(t)
	spec := st.spec
	spec.Cluster = graph.Lit(graph.KnownAfterApply)
	if live := st.observe(spec); live.Phase != graph.Absent {
		t.Errorf("without cluster and record it is %s", live.Phase)
	}
	spec.Cluster = graph.Lit("another")
	if live := st.observe(spec); live.Phase != graph.Absent {
		t.Errorf("in a cluster that isn't there it is %s", live.Phase)
	}
	st.create(st.spec)
	// A service that only the inventory knows: no spec.
	if live := st.observe(kinds.ServiceSpec{}); live.ID != st.id {
		t.Errorf("by its record it is %q", live.ID)
	}
	st.remove(kinds.ServiceSpec{})
	if live := st.observe(st.spec); live.Phase != graph.Absent {
		t.Errorf("deleted it is %s", live.Phase)
	}
	st.id = ""
	st.create(st.spec) // an INACTIVE service's name is free
	st.ready(st.spec)
}

func TestServiceThatIsThrottledIsNotAbsent(t *testing.T) {
	st := newStack(t)
	st.create(st.spec)
	st.server.Inject(core.FaultRule{Service: "ecs", Action: "DescribeServices", Fault: core.FaultThrottle, Times: 1})
	if live, err := st.kind.Observe(t.Context(), st.call(), st.spec); err == nil {
		t.Errorf("it is %s", live.Phase)
	}
}
