package kinds

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/portkey-ai/portkey-ecs-operator/internal/aws"
	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
)

// readShift reads how far a deployment is, while one is under way that shifts traffic, or is to be taken back.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ServiceDeployment.html
func readShift(ctx context.Context, w *aws.World, s service, want ServiceSpec) (*shift, error) {
	if !s.deploying() || !shifts(s.strategy()) && !want.leaves(s) {
		return nil, nil
	}
	return readDeployment(ctx, w, s)
}

// readDeployment reads the service's newest deployment; nil where AWS tells of none.
func readDeployment(ctx context.Context, w *aws.World, s service) (*shift, error) {
	if sdk.ToString(s.CurrentServiceDeployment) == "" {
		return nil, nil
	}
	out, err := w.ECS.DescribeServiceDeployments(ctx, &ecs.DescribeServiceDeploymentsInput{ServiceDeploymentArns: []string{*s.CurrentServiceDeployment}})
	if unsupported(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if len(out.ServiceDeployments) == 0 {
		return nil, missing(out.Failures)
	}
	return (*shift)(&out.ServiceDeployments[0]), nil
}

// readServing reads which target groups production is at, when the service is to let go of its pair:
// only the revision tells, since the two groups take turns.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ResolvedConfiguration.html
func readServing(ctx context.Context, w *aws.World, s service, want ServiceSpec) ([]string, error) {
	if !pairs(s.LoadBalancers) || pairs(want.targets()) || len(want.Targets) == 0 || s.deploying() || len(s.CurrentServiceRevisions) == 0 {
		return nil, nil
	}
	out, err := w.ECS.DescribeServiceRevisions(ctx, &ecs.DescribeServiceRevisionsInput{ServiceRevisionArns: []string{sdk.ToString(s.CurrentServiceRevisions[0].Arn)}})
	if err != nil {
		return nil, ignore(err, unsupported)
	}
	var groups []string
	for i := range out.ServiceRevisions {
		if c := out.ServiceRevisions[i].ResolvedConfiguration; c != nil {
			for _, lb := range c.LoadBalancers {
				groups = append(groups, sdk.ToString(lb.TargetGroupArn))
			}
		}
	}
	return groups, nil
}

// homingTakenBack is the newest deployment when ECS took it back: it was of what runs already, only to
// bring production to the other target group, and isn't tried again.
func homingTakenBack(ctx context.Context, w *aws.World, s service) (*rollback, error) {
	d, err := readDeployment(ctx, w, s)
	if err != nil || d == nil || !takenBack(d.Status) {
		return nil, err
	}
	return &rollback{
		Why: cmp.Or(sdk.ToString(d.StatusReason), "ECS rolled the deployment back"), ARN: sdk.ToString(d.ServiceDeploymentArn),
		Revision: sdk.ToString(s.TaskDefinition), Started: sdk.ToTime(d.CreatedAt),
	}, nil
}

// shifting puts a deployment that shifts traffic into a live state.
func (s service) shifting(l *graph.Live, now time.Time) {
	p, d := s.primary(), s.Shift
	l.Why = fmt.Sprintf("deployment %s (%s) is at %s, %d of %d tasks running", s.deploymentID(), d.strategy(), d.LifecycleStage, p.RunningCount, p.DesiredCount)
	if percent := d.percent(); percent != nil {
		l.Why += fmt.Sprintf(", %g %% of production traffic", *percent)
	}
	if p.FailedTasks > 0 {
		l.Why += fmt.Sprintf(", %d tasks failed", p.FailedTasks)
	}
	if h := d.awaited(); h != nil {
		l.Why += ", and waits for approval until " + sdk.ToTime(h.ExpiresAt).UTC().Format(time.RFC3339)
	}
	l.Recheck = d.recheck(now)
}

const (
	// maxShiftRecheck is how long a rollback of a deployment that bakes may go unnoticed.
	maxShiftRecheck = time.Minute
	// passingStage is about what stages take that have nothing to wait for.
	passingStage = 15 * time.Second
)

// recheck is when another look at the deployment is worth its calls.
func (d *shift) recheck(now time.Time) time.Duration {
	since := sdk.ToTime(d.UpdatedAt)
	// A pause ends when somebody says so, of which the operator may not hear, or when it times out.
	if h := d.awaited(); h != nil {
		return min(max(sdk.ToTime(h.ExpiresAt).Sub(now), passingStage), maxShiftRecheck)
	}
	switch d.LifecycleStage {
	case ecstypes.ServiceDeploymentLifecycleStageScaleUp:
		return recheck(now, since, deployment)
	case ecstypes.ServiceDeploymentLifecycleStageCleanUp:
		return recheck(now, since, serviceDraining)
	}
	// Stages that only take time end when they are said to; a rollback ends them sooner.
	if left := d.stageTime() - now.Sub(since); left > passingStage {
		return min(left, maxShiftRecheck)
	}
	// Others pass at once, but behind a Network Load Balancer last minutes that nobody tells.
	return min(max(now.Sub(since)/elapsedShare, passingStage), maxShiftRecheck)
}

// shift is a deployment that shifts traffic, as ECS tells of it.
type shift ecstypes.ServiceDeployment

func (d *shift) config() ecstypes.DeploymentConfiguration {
	if d.DeploymentConfiguration == nil {
		return ecstypes.DeploymentConfiguration{}
	}
	return *d.DeploymentConfiguration
}

func (d *shift) strategy() ecstypes.DeploymentStrategy { return d.config().Strategy }

// percent is the share of production traffic that the new revision has; nil where ECS doesn't say.
// It tells no weight before the first shift, but those stages are defined by production being the old revision's.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/blue-green-deployment-how-it-works.html
func (d *shift) percent() *float64 {
	if r := d.TargetServiceRevision; r != nil && r.RequestedProductionTrafficWeight != nil {
		return r.RequestedProductionTrafficWeight
	}
	if d.stoppable() && slices.Contains(beforeProduction, d.LifecycleStage) {
		return sdk.Float64(0)
	}
	return nil
}

// beforeProduction are the stages in which a deployment hasn't moved production traffic, unless ECS says so.
var beforeProduction = []ecstypes.ServiceDeploymentLifecycleStage{
	ecstypes.ServiceDeploymentLifecycleStagePreScaleUp, ecstypes.ServiceDeploymentLifecycleStageScaleUp, ecstypes.ServiceDeploymentLifecycleStagePostScaleUp,
	ecstypes.ServiceDeploymentLifecycleStageTestTrafficShift, ecstypes.ServiceDeploymentLifecycleStagePostTestTrafficShift,
	"PRE_PRODUCTION_TRAFFIC_SHIFT", // the SDK has no constant for it
}

// stageTime is how long the stage takes that the deployment is at, as far as that is known.
func (d *shift) stageTime() time.Duration {
	var minutes *int32
	c := d.config()
	switch d.LifecycleStage {
	case ecstypes.ServiceDeploymentLifecycleStageBakeTime:
		minutes = c.BakeTimeInMinutes
	case ecstypes.ServiceDeploymentLifecycleStageProductionTrafficShift:
		if last := d.percent(); last != nil && *last >= 100 {
			break
		}
		if c.CanaryConfiguration != nil {
			minutes = c.CanaryConfiguration.CanaryBakeTimeInMinutes
		}
		if c.LinearConfiguration != nil {
			minutes = c.LinearConfiguration.StepBakeTimeInMinutes
		}
	}
	return time.Duration(sdk.ToInt32(minutes)) * time.Minute
}
