package kinds

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	asgtypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"

	"github.com/portkey-ai/portkey-ecs-operator/internal/aws"
	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
)

// InstanceRefresh says how running instances are replaced by those of a new version of the launch template.
// https://docs.aws.amazon.com/autoscaling/ec2/userguide/asg-instance-refresh.html
type InstanceRefresh struct {
	// MinHealthyPercent and MaxHealthyPercent bound the group meanwhile, in percent of its desired capacity.
	MinHealthyPercent int `json:"minHealthyPercent"`
	MaxHealthyPercent int `json:"maxHealthyPercent"`
	// WarmupSeconds is how long a new instance takes to be of use.
	WarmupSeconds int `json:"warmupSeconds"`
}

// scalingGroup is a group as it was seen.
type scalingGroup struct {
	asgtypes.AutoScalingGroup
	// refresh is the group's newest instance refresh; it is read only while one is wanted and instances of
	// another version are left.
	refresh *asgtypes.InstanceRefresh
}

// refreshesKept is how many of a group's refreshes are asked for: the newest comes first.
const refreshesKept = 1

// readRefresh reads a group's newest instance refresh, nil where there was none.
func readRefresh(ctx context.Context, w *aws.World, group string) (*asgtypes.InstanceRefresh, error) {
	out, err := w.ASG.DescribeInstanceRefreshes(ctx, &autoscaling.DescribeInstanceRefreshesInput{AutoScalingGroupName: &group, MaxRecords: sdk.Int32(refreshesKept)})
	if err != nil || len(out.InstanceRefreshes) == 0 {
		return nil, err
	}
	return &out.InstanceRefreshes[0], nil
}

// outdated are the instances that run another version of the launch template than the group's.
func (g scalingGroup) outdated() []asgtypes.Instance {
	var out []asgtypes.Instance
	if g.LaunchTemplate == nil || g.LaunchTemplate.Version == nil {
		return nil
	}
	for _, i := range g.Instances {
		t := i.LaunchTemplate
		if t != nil && t.Version == nil {
			continue // what it runs isn't told
		}
		if t == nil || sdk.ToString(t.LaunchTemplateId) != sdk.ToString(g.LaunchTemplate.LaunchTemplateId) || sdk.ToString(t.Version) != sdk.ToString(g.LaunchTemplate.Version) {
			out = append(out, i)
		}
	}
	return out
}

// refreshing reports whether a refresh is under way.
func (g scalingGroup) refreshing() bool {
	return g.refresh != nil && !slices.Contains([]asgtypes.InstanceRefreshStatus{
		asgtypes.InstanceRefreshStatusSuccessful, asgtypes.InstanceRefreshStatusFailed, asgtypes.InstanceRefreshStatusCancelled,
		asgtypes.InstanceRefreshStatusRollbackFailed, asgtypes.InstanceRefreshStatusRollbackSuccessful,
	}, g.refresh.Status)
}

// refreshed reports whether the newest refresh, wherever it ended, was for the group's present version: it
// isn't repeated then.
func (g scalingGroup) refreshed() bool {
	if g.refresh == nil || g.refresh.DesiredConfiguration == nil || g.refresh.DesiredConfiguration.LaunchTemplate == nil || g.LaunchTemplate == nil {
		return false
	}
	t := g.refresh.DesiredConfiguration.LaunchTemplate
	return sdk.ToString(t.LaunchTemplateId) == sdk.ToString(g.LaunchTemplate.LaunchTemplateId) && sdk.ToString(t.Version) == sdk.ToString(g.LaunchTemplate.Version)
}

// refresh compares what instances run with what they should.
func (d *difference) refresh(have scalingGroup, want *InstanceRefresh) {
	outdated := have.outdated()
	if want == nil || len(outdated) == 0 || have.refreshed() || have.refresh != nil && have.refresh.Status == asgtypes.InstanceRefreshStatusCancelling {
		return
	}
	var ids []string
	for _, i := range outdated {
		ids = append(ids, sdk.ToString(i.InstanceId))
	}
	d.text("instances", "another version on "+sorted(ids), "version "+sdk.ToString(have.LaunchTemplate.Version))
}

// startRefresh replaces what is outdated. A refresh to yet another version is cancelled first, and the new
// one begun once it has ended. The refresh names the version that it is for, so that one which failed isn't
// tried again.
func startRefresh(ctx context.Context, w *aws.World, g scalingGroup, want InstanceRefresh) (scalingGroup, error) {
	if g.refreshing() {
		if _, err := w.ASG.CancelInstanceRefresh(ctx, &autoscaling.CancelInstanceRefreshInput{AutoScalingGroupName: g.AutoScalingGroupName}); err != nil {
			return g, ignore(err, notFound)
		}
		cancelled := *g.refresh
		cancelled.Status = asgtypes.InstanceRefreshStatusCancelling
		g.refresh = &cancelled
		return g, nil
	}
	wanted := &asgtypes.DesiredConfiguration{LaunchTemplate: &asgtypes.LaunchTemplateSpecification{
		LaunchTemplateId: g.LaunchTemplate.LaunchTemplateId, Version: g.LaunchTemplate.Version,
	}}
	out, err := w.ASG.StartInstanceRefresh(ctx, &autoscaling.StartInstanceRefreshInput{
		AutoScalingGroupName: g.AutoScalingGroupName, Strategy: asgtypes.RefreshStrategyRolling, DesiredConfiguration: wanted,
		Preferences: &asgtypes.RefreshPreferences{
			MinHealthyPercentage: number(want.MinHealthyPercent), MaxHealthyPercentage: number(want.MaxHealthyPercent), InstanceWarmup: number(want.WarmupSeconds),
			// ECS protects every instance that runs tasks, and drains it when it is to go.
			ScaleInProtectedInstances: asgtypes.ScaleInProtectedInstancesRefresh, SkipMatching: sdk.Bool(true),
		},
	})
	if err != nil {
		return g, err
	}
	g.refresh = &asgtypes.InstanceRefresh{InstanceRefreshId: out.InstanceRefreshId, Status: asgtypes.InstanceRefreshStatusPending, DesiredConfiguration: wanted}
	return g, nil
}

// progress says how far a refresh is. A failed one needs a person; one that a person cancelled doesn't.
func (g scalingGroup) progress(call graph.Call, l *graph.Live) {
	switch {
	case g.refresh == nil:
	case g.refreshing():
		l.Phase, l.Recheck = graph.Pending, recheck(call.Now, sdk.ToTime(g.refresh.StartTime), instanceRefreshing)
		l.Why = fmt.Sprintf("instances are being replaced: %d %% done", sdk.ToInt32(g.refresh.PercentageComplete))
		if n := sdk.ToInt32(g.refresh.InstancesToUpdate); n > 0 {
			l.Why += fmt.Sprintf(", %d to go", n)
		}
		if why := sdk.ToString(g.refresh.StatusReason); why != "" {
			l.Why += " (" + why + ")"
		}
	case len(g.outdated()) > 0 && g.refreshed() && g.refresh.Status != asgtypes.InstanceRefreshStatusSuccessful && g.refresh.Status != asgtypes.InstanceRefreshStatusCancelled:
		l.Phase, l.Recheck = graph.Broken, failedRecheck
		l.Why = fmt.Sprintf("the instance refresh %s: %s; %d instances stay with another version of the launch template until that changes",
			strings.ToLower(string(g.refresh.Status)), sdk.ToString(g.refresh.StatusReason), len(g.outdated()))
	}
}

// stranded are the instances in zones that the group has left. Auto Scaling balances zones, but leaves alone
// what is protected from scale-in, as ECS protects instances with tasks.
// https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-instance-protection.html
func (g scalingGroup) stranded() (staying, leaving []string) {
	for _, i := range g.Instances {
		if len(g.AvailabilityZones) == 0 || sdk.ToString(i.AvailabilityZone) == "" || slices.Contains(g.AvailabilityZones, sdk.ToString(i.AvailabilityZone)) {
			continue
		}
		if i.LifecycleState == asgtypes.LifecycleStateInService {
			staying = append(staying, sdk.ToString(i.InstanceId))
		} else {
			leaving = append(leaving, sdk.ToString(i.InstanceId))
		}
	}
	return staying, leaving
}

// evacuate lets instances go, each replaced by one in the group's zones. ECS drains them: a task stops when
// another has taken its place.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/managed-instance-draining.html
func evacuate(ctx context.Context, w *aws.World, g scalingGroup, instances []string) (scalingGroup, error) {
	g.Instances = slices.Clone(g.Instances)
	for _, id := range instances {
		_, err := w.ASG.TerminateInstanceInAutoScalingGroup(ctx, &autoscaling.TerminateInstanceInAutoScalingGroupInput{
			InstanceId: &id, ShouldDecrementDesiredCapacity: sdk.Bool(false),
		})
		if err := ignore(err, notFound); err != nil {
			return g, err
		}
		for i := range g.Instances {
			if sdk.ToString(g.Instances[i].InstanceId) == id {
				g.Instances[i].LifecycleState = asgtypes.LifecycleStateTerminatingWait
			}
		}
	}
	return g, nil
}

// instanceRefreshing: one instance takes minutes to start, to warm up, and its predecessor to drain.
const instanceRefreshing = 10 * time.Minute
