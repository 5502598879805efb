package desired

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
	"github.com/portkey-ai/portkey-ecs-operator/internal/kinds"
)

// The names of the services: also what others reach them by.
const (
	gatewayService     = "gateway"
	mcpService         = "mcp" // a port of the gateway's tasks
	dataServiceService = "data-service"
)

const (
	// graceSeconds is how long a new task behind a load balancer may be unhealthy, as in the module.
	graceSeconds = 150
	// keepRevisions is how many task definition revisions stay active, to go back to.
	keepRevisions = 5
)

// serviceParams are what differs between the services of a deployment.
type serviceParams struct {
	name, area  string
	image       v1alpha1.Image
	resources   v1alpha1.Resources
	logDays     int
	roles       taskRoles
	env         map[string]graph.Value
	secrets     map[string]graph.Value
	versions    string
	copies      []graph.Value
	registry    graph.Value
	ports       []kinds.Port
	health      []string
	startPeriod int
	stopTimeout time.Duration
	network     network
	capacity    capacity
	namespace   graph.Value
	group       graph.Value
	targets     []kinds.Target
	desired     *int
	initial     int
	// steady keeps the tasks off capacity that may be taken away.
	steady  bool
	rollout rollout
	control kinds.Control
	history bool
	// held is the ARN of a task definition that is wanted in the place of the spec's.
	held        string
	rebalancing string
	exec        bool
	after       []graph.Ref
	peersSince  []graph.Value
}

// service adds a service's log group, task definition and ECS service, and answers the last.
func (b *builder) service(p serviceParams) *graph.Node {
	logs := b.logGroup(p.area, p.name, p.logDays)
	definition := add(b, p.area, graph.NodeID("task-definition/"+p.name), b.name(p.name), kinds.TaskDefinition{}, kinds.TaskDefinitionSpec{
		CPU: cpuUnits(p.resources.CPU), Memory: mebibytes(p.resources.Memory), Architecture: p.capacity.architecture,
		TaskRole: p.roles.task, ExecutionRole: p.roles.execution, Secrets: p.versions, Versions: p.copies, Keep: keepRevisions, InUse: b.facts.Revisions,
		Container: kinds.ContainerSpec{
			Name: p.name, Image: imageName(p.image), Env: p.env, Secrets: p.secrets, Ports: p.ports,
			HealthCommand: p.health, StartPeriod: p.startPeriod, RegistryCredentials: p.registry,
			LogGroup: graph.Out(logs.ID, "name"), LogRegion: graph.Lit(b.facts.Region), LogPrefix: p.name + "-service",
			StopTimeout: int(p.stopTimeout / time.Second),
		},
	})
	connect := make([]kinds.ConnectPort, 0, len(p.ports))
	for _, port := range p.ports {
		connect = append(connect, kinds.ConnectPort{PortName: port.Name, DNSName: port.Name, Port: port.Port})
	}
	grace := 0
	if len(p.targets) > 0 {
		grace = graceSeconds
	}
	providers := p.capacity.providers
	if p.steady {
		providers = p.capacity.steady
	}
	wanted := graph.Out(definition.ID, "arn")
	if p.held != "" {
		p.control.Else, wanted = wanted, graph.Lit(p.held)
	}
	s := add(b, p.area, graph.NodeID("service/"+p.name), b.name(p.name), kinds.Service{}, kinds.ServiceSpec{
		Cluster: p.capacity.cluster, TaskDefinition: wanted, Peers: b.peers(), Control: p.control, History: p.history,
		Providers: providers, DesiredCount: p.desired, InitialCount: p.initial,
		Subnets: p.network.private, SecurityGroups: []graph.Value{p.group}, Targets: p.targets,
		Namespace: p.namespace, Connect: connect, MinHealthyPercent: 100, MaxPercent: 200,
		Strategy: p.rollout.strategy, BakeMinutes: p.rollout.bakeMinutes, Canary: p.rollout.canary, Linear: p.rollout.linear,
		GraceSeconds: grace, CircuitBreaker: p.rollout.breaker.enabled, Rollback: p.rollout.breaker.rollback,
		Threshold: p.rollout.breaker.threshold, AddUpFailures: p.rollout.breaker.addUp,
		Alarms: p.rollout.alarms, Hooks: p.rollout.hooks, Handover: p.rollout.handover, EnableExec: p.exec,
		AZRebalancing: p.rebalancing, PeersSince: p.peersSince, Since: append(slices.Clone(p.roles.since), graph.Out(logs.ID, "since")), Capacity: p.capacity.ready,
	})
	// Tasks pull their images through the way out, and it outlives them, as does whatever their definition names: while
	// tasks of an earlier revision run, they go on using the cache, the secrets and the roles that it had.
	s.After = slices.Concat(p.after, p.network.egress, definition.Refs())
	return s
}

// logGroup adds a log group. All of a deployment lie below one prefix, so that one call lists them.
func (b *builder) logGroup(area, name string, days int) *graph.Node {
	prefix := "/ecs/" + b.name("") + "/"
	return add(b, area, graph.NodeID("log-group/"+name), prefix+name, kinds.LogGroup{}, kinds.LogGroupSpec{RetentionDays: days, Prefix: prefix})
}

// peers are the names of all services, which are described in one call.
func (b *builder) peers() []string {
	out := []string{b.name(gatewayService)}
	if b.spec.Cache.BuiltIn != nil {
		out = append(out, b.name(redisService))
	}
	if b.spec.DataService != nil {
		out = append(out, b.name(dataServiceService))
	}
	return out
}

// imageName is the image as ECS pulls it: Docker Hub is named, so that nothing guesses.
func imageName(i v1alpha1.Image) string {
	registry, _, nested := strings.Cut(i.Repository, "/")
	if !nested || !strings.ContainsAny(registry, ".:") && registry != "localhost" {
		return "docker.io/" + i.Repository + ":" + i.Tag
	}
	return i.Repository + ":" + i.Tag
}

// cpuUnits are ECS's CPU units: 1024 to a CPU.
func cpuUnits(q resource.Quantity) string {
	// 250m of a CPU is written for ECS's 256 units, 500m for 512: a quarter and a half.
	return fmt.Sprint(q.MilliValue() * 1024 / 1000)
}

// mebibytes is a quantity in MiB, as ECS takes memory.
func mebibytes(q resource.Quantity) string { return fmt.Sprint(q.Value() >> 20) }
