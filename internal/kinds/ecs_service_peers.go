package kinds

import (
	"cmp"
	"context"
	"slices"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
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

// newest is the latest of the times at which peers were created; zero when a peer isn't there yet, or
// there are none.
func newest(since []graph.Value) time.Time {
	var out time.Time
	for _, v := range since {
		created, err := time.Parse(time.RFC3339Nano, v.String())
		if err != nil {
			return time.Time{}
		}
		if created.After(out) {
			out = created
		}
	}
	return out
}

// ignorant reports whether the service's deployment started before its newest peer was created.
func (s service) ignorant(since []graph.Value) bool {
	started := s.primary().CreatedAt
	return started != nil && started.Before(newest(since))
}

// peers compares when the deployment started with when the newest peer was created. A peer that isn't
// there yet is one that the deployment can't know.
func (d *difference) peers(have service, since []graph.Value) {
	created := newest(since)
	if len(since) == 0 || !created.IsZero() && !have.ignorant(since) {
		return
	}
	want := graph.KnownAfterApply
	if !created.IsZero() {
		want = instant(created)
	}
	d.text("connect.peers", "known as of "+instant(sdk.ToTime(have.primary().CreatedAt)), want)
}

// peersTakenBack says why ECS took back the deployment that was to make a new peer known, and nothing
// when there was none or it stands. It isn't tried again: what runs, runs.
func peersTakenBack(ctx context.Context, w *aws.World, s service, since []graph.Value) (string, error) {
	if !s.ignorant(since) {
		return "", nil
	}
	deployments, err := newestDeployments(ctx, w, s)
	created := newest(since)
	if unsupported(err) {
		s.Events = slices.DeleteFunc(slices.Clone(s.Events), func(e ecstypes.ServiceEvent) bool { return sdk.ToTime(e.CreatedAt).Before(created) })
		return s.seemsRolledBack(s.Attempted), nil
	}
	if err != nil {
		return "", err
	}
	if len(deployments) == 0 || sdk.ToTime(deployments[0].CreatedAt).Before(created) || !takenBack(deployments[0].Status) {
		return "", nil
	}
	return cmp.Or(sdk.ToString(deployments[0].StatusReason), "ECS rolled back the deployment that was to make the tasks find their peers"), nil
}
