package kinds

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	asgtypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"

	"github.com/portkey-ai/portkey-ecs-operator/internal/aws"
	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
	"github.com/portkey-ai/portkey-ecs-operator/internal/own"
)

// AutoScalingGroup is the group of instances behind a capacity provider. It is made empty: instances
// that start before the cluster knows the capacity provider never belong to it. Its sizes are
// GroupCapacity's, and its desired capacity is ECS managed scaling's.
// https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_AutoScalingGroup.html
//
// Outputs: "arn" and "name", once the group shows.
type AutoScalingGroup struct{}

// AutoScalingGroupSpec is what a group should be.
type AutoScalingGroupSpec struct {
	// LaunchTemplate is the template's id and Version its number. A new version is for instances that
	// start from now on, and for those that run only where Refresh says how.
	LaunchTemplate graph.Value `json:"launchTemplate"`
	Version        graph.Value `json:"version"`
	// Subnets are where instances start.
	Subnets []graph.Value `json:"subnets"`
	// Refresh replaces running instances when the version changes; nil leaves them.
	Refresh *InstanceRefresh `json:"refresh,omitempty"`
	// MaxSize is the limit at creation; GroupCapacity sets it afterwards.
	MaxSize int `json:"-"`
}

// tagManaged is ECS's own tag on a group that it scales, which instances need too.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/asg-capacity-providers.html
const tagManaged = "AmazonECSManaged"

// tagResource is the kind of resource in Auto Scaling's tags.
const tagResource = "auto-scaling-group"

// graceSeconds is how long a new instance may fail health checks while it boots: what the console sets;
// without it the API means none.
// https://docs.aws.amazon.com/autoscaling/ec2/userguide/health-check-grace-period.html
const graceSeconds = 300

// Name implements graph.Kind.
func (AutoScalingGroup) Name() string { return "AutoScalingGroup" }

// Observe implements graph.Kind.
func (AutoScalingGroup) Observe(ctx context.Context, call graph.Call, spec AutoScalingGroupSpec) (graph.Live, error) {
	g, err := readGroup(ctx, call, cmp.Or(call.ID, call.Name))
	if err != nil {
		return graph.Live{}, err
	}
	have := scalingGroup{AutoScalingGroup: g}
	if spec.Refresh != nil && len(have.outdated()) > 0 {
		if have.refresh, err = readRefresh(ctx, world(call), sdk.ToString(g.AutoScalingGroupName)); err != nil {
			return graph.Live{}, err
		}
	}
	return groupLive(call, have), nil
}

// Diff implements graph.Kind. Sizes and desired capacity are others'.
func (AutoScalingGroup) Diff(call graph.Call, want AutoScalingGroupSpec, live graph.Live) []graph.Change {
	have := raw[scalingGroup](live)
	var d difference
	t := have.LaunchTemplate
	if t == nil {
		t = &asgtypes.LaunchTemplateSpecification{}
	}
	d.text("launchTemplate", sdk.ToString(t.LaunchTemplateId), want.LaunchTemplate.String())
	d.text("version", sdk.ToString(t.Version), want.Version.String())
	if have.VPCZoneIdentifier != nil { // every group has some
		d.set("subnets", strings.Split(*have.VPCZoneIdentifier, ","), graph.Strings(want.Subnets))
	}
	d.flag("newInstancesProtectedFromScaleIn", sdk.ToBool(have.NewInstancesProtectedFromScaleIn), true)
	d.number("healthCheckGracePeriod", int(sdk.ToInt32(have.HealthCheckGracePeriod)), graceSeconds)
	tags, propagated := groupTags(have.Tags)
	d = append(d, diffTags(call.Tags, tags)...)
	for _, k := range slices.Sorted(maps.Keys(call.Tags)) {
		if _, there := tags[k]; there && tags[k] == call.Tags[k] && !propagated[k] {
			d = append(d, graph.Change{Path: "tags." + k + ".propagateAtLaunch", Have: "false", Want: "true"})
		}
	}
	if !touches(d, "launchTemplate", "version", "subnets") { // else AWS doesn't tell yet who is affected
		staying, _ := have.stranded()
		d.set("zones", staying, nil)
		if len(staying) == 0 {
			d.refresh(have, want.Refresh)
		}
	}
	return d
}

// Create implements graph.Kind. AWS answers with nothing, so the group is read once for its ARN.
func (AutoScalingGroup) Create(ctx context.Context, call graph.Call, spec AutoScalingGroupSpec) (graph.Live, error) {
	w := world(call)
	tags := append(toGroupTags(call.Name, call.Tags), asgtypes.Tag{
		Key: sdk.String(tagManaged), Value: sdk.String(""), PropagateAtLaunch: sdk.Bool(true), ResourceId: &call.Name, ResourceType: sdk.String(tagResource),
	})
	_, err := w.ASG.CreateAutoScalingGroup(ctx, &autoscaling.CreateAutoScalingGroupInput{
		AutoScalingGroupName: &call.Name, LaunchTemplate: spec.template(), VPCZoneIdentifier: sdk.String(spec.subnets()),
		MinSize: sdk.Int32(0), MaxSize: number(spec.MaxSize), DesiredCapacity: sdk.Int32(0),
		NewInstancesProtectedFromScaleIn: sdk.Bool(true), HealthCheckGracePeriod: sdk.Int32(graceSeconds), Tags: tags,
	})
	w.Reads.Forget("autoscaling/")
	if err != nil {
		return graph.Live{}, err
	}
	live := graph.Live{ID: call.Name, Phase: graph.Pending, Owner: graph.Ours, Why: "doesn't show yet", Recheck: minRecheck}
	g, err := readGroup(ctx, call, call.Name)
	if err != nil {
		return live, err
	}
	if g.AutoScalingGroupName == nil {
		w.Reads.Forget("autoscaling/")
		return live, nil
	}
	return groupLive(call, scalingGroup{AutoScalingGroup: g}), nil
}

// Update implements graph.Kind. Sizes aren't sent, so they stay. What follows from another version or other
// subnets for the instances is seen at the next look.
func (AutoScalingGroup) Update(ctx context.Context, call graph.Call, spec AutoScalingGroupSpec, live graph.Live, changes []graph.Change) (graph.Live, error) {
	w := world(call)
	have := raw[scalingGroup](live)
	follows := len(have.Instances) > 0 && (touches(changes, "subnets") || spec.Refresh != nil && touches(changes, "launchTemplate", "version"))
	w.Reads.Forget("autoscaling/")
	if touches(changes, "launchTemplate", "version", "subnets", "newInstancesProtectedFromScaleIn", "healthCheckGracePeriod") {
		have.LaunchTemplate, have.VPCZoneIdentifier, have.NewInstancesProtectedFromScaleIn = spec.template(), sdk.String(spec.subnets()), sdk.Bool(true)
		have.HealthCheckGracePeriod = sdk.Int32(graceSeconds)
		if _, err := w.ASG.UpdateAutoScalingGroup(ctx, &autoscaling.UpdateAutoScalingGroupInput{
			AutoScalingGroupName: &live.ID, LaunchTemplate: have.LaunchTemplate, VPCZoneIdentifier: have.VPCZoneIdentifier,
			NewInstancesProtectedFromScaleIn: have.NewInstancesProtectedFromScaleIn, HealthCheckGracePeriod: have.HealthCheckGracePeriod,
		}); err != nil {
			return live, err
		}
	}
	tags, propagated := groupTags(have.Tags)
	set, remove := tagPatch(call.Tags, tags)
	for k := range call.Tags {
		if !propagated[k] {
			set[k] = call.Tags[k]
		}
	}
	if err := retag(set, remove, func() error {
		_, err := w.ASG.CreateOrUpdateTags(ctx, &autoscaling.CreateOrUpdateTagsInput{Tags: toGroupTags(live.ID, set)})
		return err
	}, func() error {
		drop := map[string]string{}
		for _, k := range remove {
			drop[k] = tags[k]
		}
		_, err := w.ASG.DeleteTags(ctx, &autoscaling.DeleteTagsInput{Tags: toGroupTags(live.ID, drop)})
		return err
	}); err != nil {
		return live, err
	}
	have.Tags = nil
	for k, v := range retagged(call.Tags, tags) {
		have.Tags = append(have.Tags, asgtypes.TagDescription{Key: sdk.String(k), Value: sdk.String(v), PropagateAtLaunch: sdk.Bool(true)})
	}
	after, err := have.settle(ctx, w, spec, changes)
	if err != nil {
		return live, err
	}
	if follows {
		after.Instances = nil // it isn't known whom the change concerns
	}
	l := groupLive(call, after)
	if follows {
		l.Phase, l.Why, l.Recheck = graph.Pending, "its instances are looked at next", minRecheck
	}
	return l, nil
}

// settle makes the instances what the group is.
func (g scalingGroup) settle(ctx context.Context, w *aws.World, spec AutoScalingGroupSpec, changes []graph.Change) (scalingGroup, error) {
	switch {
	case touches(changes, "zones"):
		staying, _ := g.stranded()
		return evacuate(ctx, w, g, staying)
	case touches(changes, "instances") && spec.Refresh != nil:
		return startRefresh(ctx, w, g, *spec.Refresh)
	}
	return g, nil
}

// Delete ends the group with its instances. New ones are no longer protected, should any still start.
// ForceDelete also ends lifecycle actions, such as the draining hook of ECS, that wait for an hour.
func (AutoScalingGroup) Delete(ctx context.Context, call graph.Call, live graph.Live) (bool, error) {
	w := world(call)
	w.Reads.Forget("autoscaling/")
	if sdk.ToBool(raw[scalingGroup](live).NewInstancesProtectedFromScaleIn) {
		if _, err := w.ASG.UpdateAutoScalingGroup(ctx, &autoscaling.UpdateAutoScalingGroupInput{
			AutoScalingGroupName: &live.ID, NewInstancesProtectedFromScaleIn: sdk.Bool(false),
		}); err != nil {
			return notFound(err), ignore(err, notFound)
		}
	}
	_, err := w.ASG.DeleteAutoScalingGroup(ctx, &autoscaling.DeleteAutoScalingGroupInput{AutoScalingGroupName: &live.ID, ForceDelete: sdk.Bool(true)})
	return notFound(err), ignore(err, notFound)
}

func (s AutoScalingGroupSpec) template() *asgtypes.LaunchTemplateSpecification {
	return &asgtypes.LaunchTemplateSpecification{LaunchTemplateId: sdk.String(s.LaunchTemplate.String()), Version: sdk.String(s.Version.String())}
}

func (s AutoScalingGroupSpec) subnets() string { return strings.Join(graph.Strings(s.Subnets), ",") }

// List implements graph.Lister.
func (AutoScalingGroup) List(ctx context.Context, call graph.Call) (map[graph.NodeID]graph.Live, error) {
	all, err := ownedGroups(ctx, call)
	out := map[graph.NodeID]graph.Live{}
	for i := range all {
		tags, _ := groupTags(all[i].Tags)
		l := groupLive(call, scalingGroup{AutoScalingGroup: all[i]})
		l.Owner = graph.Ours
		out[graph.NodeID(tags[own.TagNode])] = l
	}
	return out, err
}

// ownedGroups lists the owner's groups. All nodes of the owner share one list.
func ownedGroups(ctx context.Context, call graph.Call) ([]asgtypes.AutoScalingGroup, error) {
	w := world(call)
	return aws.Read(ctx, w.Reads, "autoscaling/owned/"+call.Owner[own.TagOwner], func(ctx context.Context) ([]asgtypes.AutoScalingGroup, error) {
		return pages(ctx, autoscaling.NewDescribeAutoScalingGroupsPaginator(w.ASG, &autoscaling.DescribeAutoScalingGroupsInput{Filters: []asgtypes.Filter{
			{Name: sdk.String("tag:" + own.TagCluster), Values: []string{call.Owner[own.TagCluster]}},
			{Name: sdk.String("tag:" + own.TagOwner), Values: []string{call.Owner[own.TagOwner]}},
		}}), func(p *autoscaling.DescribeAutoScalingGroupsOutput) []asgtypes.AutoScalingGroup {
			return p.AutoScalingGroups
		})
	})
}

// readGroup reads a group by name; its zero value where there is none. One that isn't listed as the owner's
// may be somebody else's, or have lost its tags.
func readGroup(ctx context.Context, call graph.Call, name string) (asgtypes.AutoScalingGroup, error) {
	all, err := ownedGroups(ctx, call)
	if err != nil {
		return asgtypes.AutoScalingGroup{}, err
	}
	for i := range all {
		if sdk.ToString(all[i].AutoScalingGroupName) == name {
			return all[i], nil
		}
	}
	w := world(call)
	return aws.Read(ctx, w.Reads, "autoscaling/"+name, func(ctx context.Context) (asgtypes.AutoScalingGroup, error) {
		out, err := w.ASG.DescribeAutoScalingGroups(ctx, &autoscaling.DescribeAutoScalingGroupsInput{AutoScalingGroupNames: []string{name}})
		if err != nil || len(out.AutoScalingGroups) == 0 {
			return asgtypes.AutoScalingGroup{}, err
		}
		return out.AutoScalingGroups[0], nil
	})
}

func groupLive(call graph.Call, g scalingGroup) graph.Live {
	name := sdk.ToString(g.AutoScalingGroupName)
	if name == "" {
		return graph.Live{Phase: graph.Absent}
	}
	tags, _ := groupTags(g.Tags)
	l := graph.Live{
		ID: name, Phase: graph.Ready, Owner: proof(call, name, tags), Raw: g,
		Out: map[graph.Attr]string{"arn": sdk.ToString(g.AutoScalingGroupARN), "name": name},
	}
	if sdk.ToString(g.Status) != "" { // set only while the group is being deleted
		l.Phase, l.Out = graph.Deleting, nil
		l.Why = fmt.Sprintf("is being deleted, %d instances left", len(g.Instances))
		l.Recheck = recheck(call.Now, call.Now, groupDeleting)
		return l
	}
	if staying, leaving := g.stranded(); len(staying)+len(leaving) > 0 {
		l.Phase, l.Recheck = graph.Pending, maxRecheck
		l.Why = fmt.Sprintf("%d instances are leaving zones that it is no longer in", len(staying)+len(leaving))
		return l
	}
	g.progress(call, &l)
	return l
}

func groupTags(tags []asgtypes.TagDescription) (values map[string]string, propagated map[string]bool) {
	values, propagated = map[string]string{}, map[string]bool{}
	for _, t := range tags {
		values[sdk.ToString(t.Key)], propagated[sdk.ToString(t.Key)] = sdk.ToString(t.Value), sdk.ToBool(t.PropagateAtLaunch)
	}
	return values, propagated
}

// toGroupTags makes tags that instances get too: that is how their cost and owner are known.
func toGroupTags(group string, tags map[string]string) []asgtypes.Tag {
	var out []asgtypes.Tag
	for _, k := range slices.Sorted(maps.Keys(tags)) {
		out = append(out, asgtypes.Tag{
			Key: sdk.String(k), Value: sdk.String(tags[k]), PropagateAtLaunch: sdk.Bool(true), ResourceId: &group, ResourceType: sdk.String(tagResource),
		})
	}
	return out
}
