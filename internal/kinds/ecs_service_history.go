package kinds

import (
	"context"
	"slices"
	"strings"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/portkey-ai/portkey-ecs-operator/internal/aws"
	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
)

// maxPast is how many deployments of the past are told of.
const maxPast = 10

// PastDeployment is a deployment that came to an end.
type PastDeployment struct {
	// ID is the end of the service deployment's ARN, Revision the ARN of its task definition, Image that
	// revision's image.
	ID, Revision, Image string
	// Strategy is ECS's name of the strategy.
	Strategy string
	Outcome  Outcome
	// Started and Finished are when ECS began and ended it.
	Started, Finished time.Time
	// Reason is ECS's own.
	Reason string
}

// Outcome is how a deployment ended.
type Outcome int

// The outcomes.
const (
	Succeeded Outcome = iota + 1
	RolledBack
	Failed
	Superseded
)

// readHistory reads the deployments that came to an end, the newest first, when one has since the last look.
// Its last answer is the ARN of the newest of all, which is what the next look is given. The past is for people:
// where it can't be read now, nothing waits for it, and it is read at the next look.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-deployment.html
func readHistory(ctx context.Context, call graph.Call, s service) ([]PastDeployment, string) {
	told, newest := call.Recorded["told"], sdk.ToString(s.CurrentServiceDeployment)
	if newest == "" || newest == told || s.deploying() {
		return nil, told
	}
	w := world(call)
	briefs, err := newestDeployments(ctx, w, s)
	if err != nil || len(briefs) == 0 {
		return nil, toldAfter(err, told, newest)
	}
	out := make([]PastDeployment, 0, maxPast)
	var arns, revisions []string
	for i := range briefs {
		arn := sdk.ToString(briefs[i].ServiceDeploymentArn)
		if arn == newest && !ended(briefs[i].Status) {
			return nil, told // its end doesn't show yet
		}
		if ended(briefs[i].Status) && len(arns) < maxPast {
			arns = append(arns, arn)
			revisions = append(revisions, sdk.ToString(briefs[i].TargetServiceRevisionArn))
		}
	}
	known, err := readRevisions(ctx, w, revisions)
	if err != nil {
		return nil, toldAfter(err, told, newest)
	}
	described, err := w.ECS.DescribeServiceDeployments(ctx, &ecs.DescribeServiceDeploymentsInput{ServiceDeploymentArns: arns})
	if err == nil {
		err = missing(described.Failures)
	}
	if err != nil {
		return nil, toldAfter(err, told, newest)
	}
	for i := range described.ServiceDeployments {
		out = append(out, past(&described.ServiceDeployments[i], known))
	}
	slices.SortStableFunc(out, func(a, b PastDeployment) int { return b.Started.Compare(a.Started) })
	return out, newest
}

// toldAfter is up to which deployment the past was told of, after it couldn't be read. Where nothing is ever told,
// asking again is no use.
func toldAfter(err error, told, newest string) string {
	if unsupported(err) {
		return newest
	}
	return told
}

// past is a deployment in few words.
func past(d *ecstypes.ServiceDeployment, revisions map[string]*ecstypes.ServiceRevision) PastDeployment {
	p := PastDeployment{
		ID: lastOf(sdk.ToString(d.ServiceDeploymentArn)), Outcome: outcome(d), Started: sdk.ToTime(d.CreatedAt), Finished: sdk.ToTime(d.FinishedAt),
	}
	if c := d.DeploymentConfiguration; c != nil {
		p.Strategy = string(c.Strategy)
	}
	if p.Outcome != Succeeded {
		p.Reason = sdk.ToString(d.StatusReason)
	}
	if d.TargetServiceRevision == nil {
		return p
	}
	if r := revisions[sdk.ToString(d.TargetServiceRevision.Arn)]; r != nil {
		p.Revision, p.Image = sdk.ToString(r.TaskDefinition), imageOf(r)
	}
	return p
}

// imageOf is the image of a revision's container; what ECS itself adds for Service Connect isn't meant.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-connect-concepts-deploy.html
func imageOf(r *ecstypes.ServiceRevision) string {
	for _, c := range r.ContainerImages {
		if !strings.HasPrefix(sdk.ToString(c.ContainerName), "ecs-service-connect-") {
			return sdk.ToString(c.Image)
		}
	}
	return ""
}

func ended(status ecstypes.ServiceDeploymentStatus) bool {
	switch status {
	case ecstypes.ServiceDeploymentStatusSuccessful, ecstypes.ServiceDeploymentStatusStopped,
		ecstypes.ServiceDeploymentStatusRollbackSuccessful, ecstypes.ServiceDeploymentStatusRollbackFailed:
		return true
	}
	return false
}

// outcome is how a deployment ended. One that stopped was ended by a monitor that isn't to roll back, or
// another took its place.
func outcome(d *ecstypes.ServiceDeployment) Outcome {
	triggered := func(s ecstypes.ServiceDeploymentRollbackMonitorsStatus) bool {
		return s == ecstypes.ServiceDeploymentRollbackMonitorsStatusTriggered
	}
	switch d.Status {
	case ecstypes.ServiceDeploymentStatusSuccessful:
		return Succeeded
	case ecstypes.ServiceDeploymentStatusRollbackSuccessful:
		return RolledBack
	case ecstypes.ServiceDeploymentStatusRollbackFailed:
		return Failed
	}
	if b, a := d.DeploymentCircuitBreaker, d.Alarms; b != nil && triggered(b.Status) || a != nil && triggered(a.Status) {
		return Failed
	}
	return Superseded
}

// newestDeployments are the service's deployments, the newest first; ECS keeps them for 90 days.
func newestDeployments(ctx context.Context, w *aws.World, s service) ([]ecstypes.ServiceDeploymentBrief, error) {
	return aws.Read(ctx, w.Reads, "ecs/services/deployments/"+sdk.ToString(s.ServiceArn), func(ctx context.Context) ([]ecstypes.ServiceDeploymentBrief, error) {
		in := &ecs.ListServiceDeploymentsInput{Cluster: s.ClusterArn, Service: s.ServiceArn, MaxResults: sdk.Int32(100)}
		var deployments []ecstypes.ServiceDeploymentBrief
		for { // ECS doesn't say that the newest come first
			out, err := w.ECS.ListServiceDeployments(ctx, in)
			if err != nil {
				return nil, err
			}
			deployments = append(deployments, out.ServiceDeployments...)
			if in.NextToken = out.NextToken; in.NextToken == nil {
				break
			}
		}
		slices.SortStableFunc(deployments, func(a, b ecstypes.ServiceDeploymentBrief) int {
			return sdk.ToTime(b.CreatedAt).Compare(sdk.ToTime(a.CreatedAt))
		})
		return deployments[:min(len(deployments), maxRevisions)], nil
	})
}

// readRevisions reads service revisions, by ARN.
func readRevisions(ctx context.Context, w *aws.World, arns []string) (map[string]*ecstypes.ServiceRevision, error) {
	arns = slices.Compact(slices.Sorted(slices.Values(arns)))
	arns = slices.DeleteFunc(arns, func(arn string) bool { return arn == "" })
	if len(arns) == 0 {
		return nil, nil
	}
	out, err := w.ECS.DescribeServiceRevisions(ctx, &ecs.DescribeServiceRevisionsInput{ServiceRevisionArns: arns})
	if err != nil {
		return nil, err
	}
	byARN := map[string]*ecstypes.ServiceRevision{}
	for i := range out.ServiceRevisions {
		byARN[sdk.ToString(out.ServiceRevisions[i].ServiceRevisionArn)] = &out.ServiceRevisions[i]
	}
	return byARN, nil
}
