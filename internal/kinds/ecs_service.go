package kinds

import (
	"context"
	"slices"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
)

// Service is an ECS service, deployed by one of ECS's own strategies. What starts a deployment and
// what doesn't: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/update-service-parameters.html
//
// With a strategy that shifts traffic, which of a pair of target groups serves, and with what weight, is
// ECS's: it is neither compared nor sent.
//
// A deployment that ECS rolled back isn't tried again until something else is wanted, or other hooks, alarms or
// thresholds than it had: the service says RolledBack and stays on what works.
//
// Outputs: "arn", "name" and "created" (when, in RFC 3339), at once; "deployed" (the ARN) once any
// deployment has completed; Behind(a load balancer), once one has completed that registers tasks there; "attempted", the task definition last deployed, is for the service's own
// next look; "told", the deployment up to which the past was told of, and "tried", what was deployed by which hooks,
// alarms and thresholds, likewise.
type Service struct{}

// ServiceSpec is what a service should be.
type ServiceSpec struct {
	// Cluster is the cluster's name, TaskDefinition the ARN of a revision.
	Cluster        graph.Value `json:"cluster"`
	TaskDefinition graph.Value `json:"taskDefinition"`
	// Peers are the names of all services of the deployment: they are read by one call.
	Peers []string `json:"-"`
	// Providers say where tasks run.
	Providers []Strategy `json:"providers"`
	// DesiredCount is how many tasks run; nil leaves it to who scales. InitialCount is for creation
	// then.
	DesiredCount *int `json:"desiredCount,omitempty"`
	InitialCount int  `json:"-"`
	// Subnets and SecurityGroups are ids.
	Subnets        []graph.Value `json:"subnets"`
	SecurityGroups []graph.Value `json:"securityGroups"`
	// Targets are the target groups that tasks register with.
	Targets []Target `json:"targets,omitempty"`
	// Strategy is how ECS deploys: "ROLLING", "BLUE_GREEN", "CANARY" or "LINEAR"; empty is ROLLING. All but
	// that need an Alternate of each target.
	Strategy string `json:"strategy,omitempty"`
	// Canary is for the strategy CANARY, Linear for LINEAR.
	Canary *TrafficStep `json:"canary,omitempty"`
	Linear *TrafficStep `json:"linear,omitempty"`
	// Namespace is the ARN of the Service Connect namespace, Connect what the service offers there; a
	// service that offers nothing still calls others.
	Namespace graph.Value   `json:"namespace,omitzero"`
	Connect   []ConnectPort `json:"connect,omitempty"`
	// MinHealthyPercent and MaxPercent bound the tasks during a deployment.
	MinHealthyPercent int `json:"minHealthyPercent"`
	MaxPercent        int `json:"maxPercent"`
	// GraceSeconds is how long failing health checks of a new task are ignored.
	GraceSeconds int `json:"graceSeconds,omitempty"`
	// BakeMinutes is how long the old revision stays after a deployment.
	BakeMinutes int `json:"bakeMinutes,omitempty"`
	// CircuitBreaker ends a deployment whose tasks fail, Rollback brings the last good one back.
	CircuitBreaker bool `json:"circuitBreaker"`
	Rollback       bool `json:"rollback"`
	// Threshold is how many tasks may fail until then; zero is ECS's own. They are counted from the last task
	// that became healthy, unless AddUpFailures.
	Threshold     Threshold `json:"threshold,omitzero"`
	AddUpFailures bool      `json:"addUpFailures,omitempty"`
	// Alarms are the names of the CloudWatch alarms that have a deployment rolled back.
	Alarms []string `json:"alarms,omitempty"`
	// Hooks hold deployments that shift traffic.
	Hooks []LifecycleHook `json:"hooks,omitempty"`
	// Handover says that what runs is to get other load balancers by rolling, and nothing else of what is wanted: that
	// comes by a strategy that shifts traffic, as soon as those of before aren't needed any more.
	Handover bool `json:"handover,omitempty"`
	// EnableExec allows ECS Exec.
	EnableExec bool `json:"enableExec,omitempty"`
	// AZRebalancing is "ENABLED" or "DISABLED"; empty leaves it as it is.
	AZRebalancing string `json:"azRebalancing,omitempty"`
	// PeersSince is when each of the peers that the tasks call was created: a deployment that
	// started before doesn't know it, and is followed by a new one.
	PeersSince []graph.Value `json:"peersSince,omitempty"`
	// Since is when each thing that tasks can't start without was made, or changed by us: see hasty.
	Since []graph.Value `json:"since,omitempty"`
	// History says that the deployments of the past are to be told of, which takes three calls after each.
	History bool `json:"-"`
	// Control is what people ask of the deployments.
	Control Control `json:"control,omitzero"`
	// Capacity is only an edge: the cluster's capacity stands.
	Capacity graph.Value `json:"capacity,omitzero"`
}

// Target is a target group that a container's port registers with.
type Target struct {
	Group     graph.Value `json:"group"`
	Container string      `json:"container"`
	Port      int         `json:"port"`
	// Place names the load balancer in the service's output Behind.
	Place string `json:"-"`
	// Listener is only an edge: ECS refuses a group that no listener uses.
	Listener graph.Value `json:"listener,omitzero"`
	// Alternate is the target group that takes turns with Group, under strategies that shift traffic
	// between the two. ProductionRule and TestRule are the ARNs of the rules (Application) or listeners
	// (Network Load Balancer) whose weights ECS writes with Role's permissions.
	Alternate      graph.Value `json:"alternate,omitzero"`
	ProductionRule graph.Value `json:"productionRule,omitzero"`
	TestRule       graph.Value `json:"testRule,omitzero"`
	Role           graph.Value `json:"role,omitzero"`
}

// ConnectPort is a named port of the task that others reach as DNSName:Port.
type ConnectPort struct {
	PortName string `json:"portName"`
	DNSName  string `json:"dnsName"`
	Port     int    `json:"port"`
}

// Name implements graph.Kind.
func (Service) Name() string { return "Service" }

// Observe implements graph.Kind. Where the service doesn't run what is wanted, its deployments tell
// whether ECS took that back.
func (Service) Observe(ctx context.Context, call graph.Call, spec ServiceSpec) (graph.Live, error) {
	cluster, err := clusterOf(call, spec)
	if cluster == "" {
		return graph.Live{Phase: graph.Absent}, err
	}
	s, err := readService(ctx, world(call), cluster, serviceName(call), spec.Peers)
	if notFound(err) { // no such cluster
		return graph.Live{Phase: graph.Absent}, nil
	}
	if err != nil {
		return graph.Live{}, err
	}
	have := service{Service: s, Tags: ecsTags(s.Tags), Attempted: call.Recorded["attempted"], Tried: call.Recorded["tried"], Wanted: spec.DesiredCount, Held: spec.held(s), Targets: spec.Targets}
	active := sdk.ToString(s.Status) == "ACTIVE"
	if active {
		if have.Shift, err = readShift(ctx, world(call), have, spec); err != nil {
			return graph.Live{}, err
		}
		have.Untold = have.Shift == nil && have.deploying() && shifts(have.strategy())
	}
	if spec.known() && active {
		if sdk.ToString(s.TaskDefinition) == spec.TaskDefinition.String() {
			have.Attempted = spec.TaskDefinition.String()
		}
		if have.Serving, err = readServing(ctx, world(call), have, spec); err != nil {
			return graph.Live{}, err
		}
		if next := spec.next(have); len(next.revision.differs(have.revision())) > 0 {
			if have.RolledBack, err = rolledBack(ctx, world(call), have, next.revision); err != nil {
				return graph.Live{}, err
			}
			if have.RolledBack, err = have.RolledBack.standing(ctx, world(call), spec.deployedBy(next, have), have.Tried); err != nil {
				return graph.Live{}, err
			}
		} else if next.home {
			if have.RolledBack, err = homingTakenBack(ctx, world(call), have); err != nil {
				return graph.Live{}, err
			}
		}
		if have.PeersTakenBack, err = peersTakenBack(ctx, world(call), have, spec.PeersSince); err != nil {
			return graph.Live{}, err
		}
		if r := have.RolledBack; r != nil && !have.deploying() && (spec.Control.Retry != "" && lastOf(r.ARN) == spec.Control.Retry || spec.hasty(r.Started)) {
			have.RolledBack, have.Forgiven = nil, true
		}
	}
	if spec.History && active {
		have.Past, have.Told = readHistory(ctx, call, have)
	}
	return have.live(call), nil
}

// Diff implements graph.Kind.
func (Service) Diff(call graph.Call, want ServiceSpec, live graph.Live) []graph.Change {
	have := raw[service](live)
	if want.leaves(have) || want.Control.Only {
		return want.controls(have) // first it is taken back
	}
	d := have.deployable(want)
	if !Redeploys(have.moves(want)) { // another deployment has pauses of its own
		d = append(d, want.controls(have)...)
	}
	if want.DesiredCount != nil {
		d.number("desiredCount", int(have.DesiredCount), *want.DesiredCount)
	}
	d.number("graceSeconds", int(sdk.ToInt32(have.HealthCheckGracePeriodSeconds)), want.GraceSeconds)
	d.flag("enableExec", have.EnableExecuteCommand, want.EnableExec)
	if want.AZRebalancing != "" {
		d.text("azRebalancing", string(have.AvailabilityZoneRebalancing), want.AZRebalancing)
	}
	d.flag("managedTags", have.EnableECSManagedTags, true)
	d.text("propagateTags", string(have.PropagateTags), string(ecstypes.PropagateTagsService))
	if have.PeersTakenBack == "" {
		d.peers(have, want.PeersSince)
	}
	return append(d, diffTags(call.Tags, have.Tags)...)
}

// Urgent implements graph.Urgent: what people ask of the deployment under way doesn't wait for what is to be
// deployed next.
func (Service) Urgent(_ graph.Call, want ServiceSpec, live graph.Live) []graph.Change {
	d := want.controls(raw[service](live))
	return slices.DeleteFunc(d, func(c graph.Change) bool { return !touches([]graph.Change{c}, PathAbort, PathPromote) })
}

// Create implements graph.Kind.
func (Service) Create(ctx context.Context, call graph.Call, spec ServiceSpec) (graph.Live, error) {
	w := world(call)
	count := spec.InitialCount
	if spec.DesiredCount != nil {
		count = *spec.DesiredCount
	}
	in := &ecs.CreateServiceInput{
		ServiceName: &call.Name, Cluster: sdk.String(spec.Cluster.String()), ClientToken: &call.Token, Tags: toECSTags(call.Tags),
		TaskDefinition: sdk.String(spec.TaskDefinition.String()), DesiredCount: number(count), SchedulingStrategy: ecstypes.SchedulingStrategyReplica,
		CapacityProviderStrategy: toStrategy(spec.Providers), NetworkConfiguration: spec.network(), LoadBalancers: spec.targets(),
		ServiceConnectConfiguration: spec.connect(), DeploymentConfiguration: spec.deployment(nil),
		EnableECSManagedTags: true, PropagateTags: ecstypes.PropagateTagsService, EnableExecuteCommand: spec.EnableExec,
		AvailabilityZoneRebalancing: ecstypes.AvailabilityZoneRebalancing(spec.AZRebalancing),
	}
	if spec.GraceSeconds > 0 {
		in.HealthCheckGracePeriodSeconds = number(spec.GraceSeconds)
	}
	w.Reads.Forget("ecs/services/")
	out, err := w.ECS.CreateService(ctx, in)
	if err != nil {
		return graph.Live{}, err
	}
	return service{Service: *out.Service, Tags: call.Tags, Attempted: spec.TaskDefinition.String(), Wanted: spec.DesiredCount}.live(call), nil
}

// Update sends only what changed, since most fields start a deployment even when they stay the same, and
// of that only what may change now: see next.
func (Service) Update(ctx context.Context, call graph.Call, spec ServiceSpec, live graph.Live, changes []graph.Change) (graph.Live, error) {
	w := world(call)
	have := raw[service](live)
	w.Reads.Forget("ecs/services/")
	if touches(changes, PathAbort, PathPromote) {
		if err := spec.control(ctx, w, have); err != nil {
			return live, err
		}
		have.Shift = have.Shift.told()
	}
	if spec.Control.Only {
		return have.live(call), nil
	}
	if in := spec.update(have, changes); in != nil {
		in.Cluster, in.Service = have.ClusterArn, have.ServiceName
		out, err := w.ECS.UpdateService(ctx, in)
		if err != nil {
			return live, err
		}
		if Redeploys(have.moves(spec)) {
			have.Tried = spec.deployedBy(spec.next(have), have).trial()
		}
		before := sdk.ToString(have.primary().Id)
		have.Service = *out.Service
		if sdk.ToString(have.primary().Id) != before {
			have.Shift, have.Untold = nil, false // they were of the deployment that is replaced
		}
		if in.TaskDefinition != nil {
			have.Attempted = *in.TaskDefinition
		}
	}
	set, remove := tagPatch(call.Tags, have.Tags)
	if err := retag(set, remove, func() error {
		_, err := w.ECS.TagResource(ctx, &ecs.TagResourceInput{ResourceArn: have.ServiceArn, Tags: toECSTags(set)})
		return err
	}, func() error {
		_, err := w.ECS.UntagResource(ctx, &ecs.UntagResourceInput{ResourceArn: have.ServiceArn, TagKeys: remove})
		return err
	}); err != nil {
		return live, err
	}
	have.Tags = retagged(call.Tags, have.Tags)
	return have.live(call), nil
}

// Delete scales to zero and deletes. The service drains until its tasks are gone.
func (Service) Delete(ctx context.Context, call graph.Call, live graph.Live) (bool, error) {
	w := world(call)
	have := raw[service](live)
	w.Reads.Forget("ecs/services/")
	if have.DesiredCount > 0 && sdk.ToString(have.Status) == "ACTIVE" {
		_, err := w.ECS.UpdateService(ctx, &ecs.UpdateServiceInput{Cluster: have.ClusterArn, Service: have.ServiceName, DesiredCount: sdk.Int32(0)})
		if err != nil {
			return notFound(err), ignore(err, notFound)
		}
	}
	out, err := w.ECS.DeleteService(ctx, &ecs.DeleteServiceInput{Cluster: have.ClusterArn, Service: have.ServiceName, Force: sdk.Bool(true)})
	if err != nil {
		return notFound(err), ignore(err, notFound)
	}
	return out.Service != nil && sdk.ToString(out.Service.Status) == "INACTIVE", nil
}
