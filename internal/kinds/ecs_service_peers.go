package kinds

import (
	"cmp"
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

// The tasks of a deployment, replacements included, resolve the Service Connect endpoints that were
// there when it started; who comes later is found by later deployments only.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-connect-concepts-deploy.html
//
// So what counts is which was first, the newest peer or the deployment. AWS keeps both times: nothing
// is recorded, and a manager that dies after it started the deployment doesn't start another.

// instant writes a time as outputs have it.
func instant(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }

// ignorant reports whether the service's deployment started before its newest peer was created.
func (s service) ignorant(since graph.Value) bool {
	created, err := time.Parse(time.RFC3339Nano, since.String())
	started := s.primary().CreatedAt
	return err == nil && started != nil && started.Before(created)
}

// peers compares when the deployment started with when the newest peer was created. A peer that isn't
// there yet is one that the deployment can't know.
func (d *difference) peers(have service, since graph.Value) {
	if since.IsZero() || (known(since) && !have.ignorant(since)) {
		return
	}
	d.text("connect.peers", "known as of "+instant(sdk.ToTime(have.primary().CreatedAt)), since.String())
}

// peersTakenBack says why ECS took back the deployment that was to make a new peer known, and nothing
// when there was none or it stands. It isn't tried again: what runs, runs.
func peersTakenBack(ctx context.Context, w *aws.World, s service, since graph.Value) (string, error) {
	if !known(since) || !s.ignorant(since) {
		return "", nil
	}
	out, err := w.ECS.ListServiceDeployments(ctx, &ecs.ListServiceDeploymentsInput{
		Cluster: s.ClusterArn, Service: s.ServiceArn, MaxResults: sdk.Int32(100),
	})
	created, _ := time.Parse(time.RFC3339Nano, since.String()) // ignorant has parsed it
	if unsupported(err) {
		s.Events = slices.DeleteFunc(slices.Clone(s.Events), func(e ecstypes.ServiceEvent) bool { return sdk.ToTime(e.CreatedAt).Before(created) })
		return s.seemsRolledBack(s.Attempted), nil
	}
	if err != nil {
		return "", err
	}
	var newest ecstypes.ServiceDeploymentBrief
	for i := range out.ServiceDeployments {
		if d := &out.ServiceDeployments[i]; newest.CreatedAt == nil || d.CreatedAt != nil && d.CreatedAt.After(*newest.CreatedAt) {
			newest = *d
		}
	}
	if sdk.ToTime(newest.CreatedAt).Before(created) || !strings.HasPrefix(string(newest.Status), "ROLLBACK_") {
		return "", nil
	}
	return cmp.Or(sdk.ToString(newest.StatusReason), "ECS rolled back the deployment that was to make the tasks find their peers"), nil
}
