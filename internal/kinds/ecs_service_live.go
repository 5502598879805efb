package kinds

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"k8s.io/utils/ptr"

	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
)

// Reasons why a service isn't ready that only a new spec mends.
const (
	// ReasonRolledBack: ECS took the deployment back; the service runs what ran before.
	ReasonRolledBack = "RolledBack"
	// ReasonFailed: the deployment failed and there was nothing to roll back to.
	ReasonFailed = "Failed"
)

// ServiceFacts is what people want to know of a service.
type ServiceFacts struct {
	Name string
	// TaskDefinition is the ARN of the revision that the service is set to.
	TaskDefinition            string
	Desired, Running, Pending int
	Deployment                DeploymentFacts
	// Deploying says that a deployment is in progress.
	Deploying bool
	// Balanced says that tasks register with a load balancer.
	Balanced bool
	// Ports are those on which tasks are offered to their peers, the newest deployment's first.
	Ports []int
	// Image is the image of the revision that serves after a rollback, where ECS remembers it.
	Image string
	// Events are ECS's newest three.
	Events []string
	// History are the newest deployments that came to an end, where one has since the last look.
	History []PastDeployment
	// Forgiven says that the deployment that failed is no reason any more: it is tried again.
	Forgiven bool
}

// DeploymentFacts is the service's primary deployment.
type DeploymentFacts struct {
	// ID is the end of the service deployment's ARN; where AWS tells none, it is as "ecs-svc/123".
	ID, ARN string
	// RolloutState is IN_PROGRESS, COMPLETED or FAILED.
	RolloutState, RolloutReason string
	// Revision is the ARN of the task definition's revision, Previous that of the one it replaces.
	Revision, Previous string
	// Started is when ECS began it.
	Started time.Time
	// Strategy is ECS's name of the strategy.
	Strategy string
	// Stage is ECS's name of the stage that a deployment is at that shifts traffic, and TrafficPercent the
	// share of production traffic that the new revision has, as far as that is known.
	Stage          string
	TrafficPercent *float64
	// Awaiting is the pause that it waits at.
	Awaiting *AwaitedPause
	// Running of Desired tasks of the new revision run.
	Running, Desired int
}

// service is a service as it was seen.
type service struct {
	ecstypes.Service
	Tags map[string]string
	// Targets are those that the spec asks for.
	Targets []Target
	// Attempted is the task definition that was deployed last, as far as we know.
	Attempted string
	// Tried is what was deployed last, and what was to end it.
	Tried string
	// RolledBack is the deployment of what is wanted, when ECS took it back.
	RolledBack *rollback
	// Wanted is the number of tasks that the spec asks for, nil when it leaves that to others.
	Wanted *int
	// PeersTakenBack says why ECS took back the deployment that was to make new peers known; empty when
	// it didn't.
	PeersTakenBack string
	// Shift is the deployment under way, when it shifts traffic.
	Shift *shift
	// Untold says that ECS doesn't tell how far the deployment under way is.
	Untold bool
	// Serving are the target groups that production is at, where that matters.
	Serving []string
	// Held says why the task definition isn't what the spec asks for.
	Held string
	// Forgiven says that a failed deployment is to be tried again.
	Forgiven bool
	// Past are the deployments that ended, where they were read, and Told the ARN of the newest read ever.
	Past []PastDeployment
	Told string
}

func (s service) live(call graph.Call) graph.Live {
	arn := sdk.ToString(s.ServiceArn)
	if arn == "" {
		return graph.Live{Phase: graph.Absent}
	}
	l := graph.Live{
		ID: arn, Phase: graph.Ready, Owner: proof(call, arn, s.Tags), Raw: s, Facts: s.facts(),
		Out: map[graph.Attr]string{"arn": arn, "name": sdk.ToString(s.ServiceName), "created": instant(ptr.Deref(s.CreatedAt, time.Unix(0, 0)))}, // long since, where it isn't told
	}
	if s.Attempted != "" {
		l.Out["attempted"] = s.Attempted
	}
	if s.Tried != "" {
		l.Out["tried"] = s.Tried
	}
	if s.deployed() || call.Recorded["deployed"] == arn {
		l.Out["deployed"] = arn
	}
	s.places(call, l.Out)
	if s.Told != "" {
		l.Out["told"] = s.Told
	}
	p := s.primary()
	switch {
	case sdk.ToString(s.Status) == "DRAINING":
		l.Phase, l.Out = graph.Deleting, nil
		l.Why = fmt.Sprintf("is draining, %d tasks left", s.RunningCount+s.PendingCount)
		l.Recheck = recheck(call.Now, call.Now, serviceDraining)
	case s.RolledBack != nil || s.PeersTakenBack != "":
		l.Phase, l.Reason, l.Why, l.Recheck = graph.Pending, ReasonRolledBack, s.PeersTakenBack, failedRecheck
		if s.RolledBack != nil {
			l.Why = s.RolledBack.Why
		}
		if s.deploying() {
			l.Recheck = recheck(call.Now, sdk.ToTime(p.UpdatedAt), deployment)
		}
	case p.RolloutState == ecstypes.DeploymentRolloutStateFailed:
		l.Phase, l.Reason, l.Why = graph.Pending, ReasonFailed, cmp.Or(sdk.ToString(p.RolloutStateReason), "the deployment failed")
		l.Recheck = failedRecheck
	case s.deploying() && s.Shift != nil && shifts(s.Shift.strategy()):
		l.Phase = graph.Pending
		s.shifting(&l, call.Now)
	case s.deploying():
		l.Phase, l.Why = graph.Pending, fmt.Sprintf("%d of %d tasks running, deployment %s in progress", p.RunningCount, p.DesiredCount, sdk.ToString(p.Id))
		if p.FailedTasks > 0 {
			l.Why += fmt.Sprintf(", %d tasks failed", p.FailedTasks)
		}
		if s.Untold {
			l.Why += "; its stage isn't known, since ecs:DescribeServiceDeployments isn't to be had here"
		}
		l.Recheck = recheck(call.Now, sdk.ToTime(p.CreatedAt), deployment)
	case s.Held != "":
		l.Phase, l.Reason, l.Why, l.Recheck = graph.Pending, ReasonRolledBack, s.Held, failedRecheck
	case s.DesiredCount > 0 && s.RunningCount == 0:
		l.Phase, l.Why = graph.Pending, fmt.Sprintf("none of %d tasks running", s.DesiredCount)
	case s.Wanted != nil && int(s.RunningCount) < *s.Wanted:
		l.Phase, l.Why = graph.Pending, fmt.Sprintf("%d of %d tasks running", s.RunningCount, *s.Wanted)
	}
	return l
}

// failedRecheck is the long timer of a deployment that only a new spec mends.
const failedRecheck = 5 * time.Minute

// primary is the deployment that the service is at or moving to.
func (s service) primary() ecstypes.Deployment {
	for i := range s.Deployments {
		if sdk.ToString(s.Deployments[i].Status) == "PRIMARY" {
			return s.Deployments[i]
		}
	}
	if len(s.Deployments) > 0 && s.Deployments[0].Status == nil {
		return s.Deployments[0] // ECS lists it first
	}
	return ecstypes.Deployment{}
}

// deploymentID is the end of the service deployment's ARN.
func (s service) deploymentID() string { return lastOf(sdk.ToString(s.CurrentServiceDeployment)) }

func lastOf(arn string) string { return arn[strings.LastIndexByte(arn, '/')+1:] }

// deploying reports whether a deployment is in progress. Where rollout states aren't told, it is as
// long as there are several deployments or too few tasks.
func (s service) deploying() bool {
	p := s.primary()
	if p.RolloutState != "" {
		return p.RolloutState == ecstypes.DeploymentRolloutStateInProgress
	}
	return len(s.Deployments) != 1 || s.RunningCount != s.DesiredCount
}

// deployed reports whether any deployment has completed: others may count on the service then.
func (s service) deployed() bool {
	for i := range s.Deployments {
		if s.Deployments[i].RolloutState == ecstypes.DeploymentRolloutStateCompleted {
			return true
		}
	}
	return s.primary().RolloutState == "" && !s.deploying()
}

func (s service) network() ecstypes.AwsVpcConfiguration {
	if s.NetworkConfiguration == nil || s.NetworkConfiguration.AwsvpcConfiguration == nil {
		return ecstypes.AwsVpcConfiguration{}
	}
	return *s.NetworkConfiguration.AwsvpcConfiguration
}

// connect is the Service Connect configuration, which ECS shows with deployments only.
func (s service) connect() *ecstypes.ServiceConnectConfiguration {
	return s.primary().ServiceConnectConfiguration
}

func (s service) facts() *ServiceFacts {
	p := s.primary()
	f := &ServiceFacts{
		Name: sdk.ToString(s.ServiceName), TaskDefinition: sdk.ToString(s.TaskDefinition),
		Desired: int(s.DesiredCount), Running: int(s.RunningCount), Pending: int(s.PendingCount), Deploying: s.deploying(),
		Balanced: len(s.LoadBalancers) > 0, History: s.Past, Forgiven: s.Forgiven,
		Deployment: DeploymentFacts{
			ID: sdk.ToString(p.Id), ARN: sdk.ToString(s.CurrentServiceDeployment),
			RolloutState: string(p.RolloutState), RolloutReason: sdk.ToString(p.RolloutStateReason), Revision: sdk.ToString(p.TaskDefinition),
			Started: sdk.ToTime(p.CreatedAt), Strategy: string(s.strategy()), Running: int(p.RunningCount), Desired: int(p.DesiredCount),
		},
	}
	if d := s.Shift; d != nil {
		f.Deployment.Strategy, f.Deployment.Stage, f.Deployment.TrafficPercent = string(d.strategy()), string(d.LifecycleStage), d.percent()
		f.Deployment.Awaiting = d.pause()
	}
	for i := range s.Deployments {
		f.Ports = append(f.Ports, offered(s.Deployments[i].ServiceConnectConfiguration)...)
		if sdk.ToString(s.Deployments[i].Status) == "ACTIVE" {
			f.Deployment.Previous = sdk.ToString(s.Deployments[i].TaskDefinition)
		}
	}
	if r := s.RolledBack; r != nil {
		f.Image = r.Image
		f.Deployment.ARN, f.Deployment.Revision, f.Deployment.Previous, f.Deployment.Started = r.ARN, r.Revision, sdk.ToString(s.TaskDefinition), r.Started
	}
	if arn := f.Deployment.ARN; arn != "" {
		f.Deployment.ID = lastOf(arn)
	}
	for i := range s.Events[:min(len(s.Events), 3)] {
		f.Events = append(f.Events, sdk.ToString(s.Events[i].Message))
	}
	return f
}
