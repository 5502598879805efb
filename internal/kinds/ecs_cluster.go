package kinds

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/portkey-ai/portkey-ecs-operator/internal/aws"
	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
)

// Cluster is an ECS cluster without its capacity, which is ClusterCapacity's. A deleted cluster stays
// describable as INACTIVE; its name can be used again.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/clusters.html
//
// Outputs: "arn" and "name", when ACTIVE.
type Cluster struct{}

// ClusterSpec is what a cluster should be.
type ClusterSpec struct {
	// ExecLogGroup is the name of the log group that ECS Exec writes sessions to; empty for none.
	ExecLogGroup graph.Value `json:"execLogGroup,omitzero"`
	// ContainerInsights is "enabled", "enhanced" or "disabled"; empty leaves it to the account's
	// default.
	ContainerInsights string `json:"containerInsights,omitempty"`
}

// Name implements graph.Kind.
func (Cluster) Name() string { return "Cluster" }

// Observe implements graph.Kind.
func (Cluster) Observe(ctx context.Context, call graph.Call, _ ClusterSpec) (graph.Live, error) {
	c, err := readCluster(ctx, world(call), nameOf(call))
	if err != nil {
		return graph.Live{}, err
	}
	return clusterLive(call, c), nil
}

// Diff implements graph.Kind.
func (Cluster) Diff(call graph.Call, want ClusterSpec, live graph.Live) []graph.Change {
	have := raw[ecstypes.Cluster](live)
	var d difference
	d.text("execLogGroup", execLogGroup(have.Configuration), want.ExecLogGroup.String())
	if want.ContainerInsights != "" {
		d.text("containerInsights", insights(have.Settings), want.ContainerInsights)
	}
	return append(d, diffTags(call.Tags, ecsTags(have.Tags))...)
}

// Create implements graph.Kind.
func (Cluster) Create(ctx context.Context, call graph.Call, spec ClusterSpec) (graph.Live, error) {
	w := world(call)
	out, err := w.ECS.CreateCluster(ctx, &ecs.CreateClusterInput{
		ClusterName: &call.Name, Tags: toECSTags(call.Tags), Settings: spec.settings(), Configuration: spec.configuration(),
	})
	w.Reads.Forget("ecs/cluster/")
	if err != nil {
		return graph.Live{}, err
	}
	c := *out.Cluster
	c.Tags, c.Settings, c.Configuration = toECSTags(call.Tags), spec.settings(), spec.configuration()
	return clusterLive(call, c), nil
}

// Update implements graph.Kind.
func (Cluster) Update(ctx context.Context, call graph.Call, spec ClusterSpec, live graph.Live, changes []graph.Change) (graph.Live, error) {
	w := world(call)
	have := raw[ecstypes.Cluster](live)
	w.Reads.Forget("ecs/cluster/")
	if touches(changes, "execLogGroup", "containerInsights") {
		in := &ecs.UpdateClusterInput{Cluster: have.ClusterName}
		if touches(changes, "execLogGroup") {
			if in.Configuration = spec.configuration(); in.Configuration == nil {
				in.Configuration = &ecstypes.ClusterConfiguration{
					ExecuteCommandConfiguration: &ecstypes.ExecuteCommandConfiguration{Logging: ecstypes.ExecuteCommandLoggingDefault},
				}
			}
			have.Configuration = in.Configuration
		}
		if touches(changes, "containerInsights") {
			in.Settings = spec.settings()
			have.Settings = in.Settings
		}
		if _, err := w.ECS.UpdateCluster(ctx, in); err != nil {
			return live, err
		}
	}
	if err := retagECS(ctx, call, have.ClusterArn, ecsTags(have.Tags)); err != nil {
		return live, err
	}
	have.Tags = toECSTags(retagged(call.Tags, ecsTags(have.Tags)))
	return clusterLive(call, have), nil
}

// Delete implements graph.Kind. ECS refuses while services, tasks or instances remain.
func (Cluster) Delete(ctx context.Context, call graph.Call, live graph.Live) (bool, error) {
	w := world(call)
	w.Reads.Forget("ecs/cluster/")
	out, err := w.ECS.DeleteCluster(ctx, &ecs.DeleteClusterInput{Cluster: raw[ecstypes.Cluster](live).ClusterName})
	if err != nil {
		return notFound(err), heldBy(ctx, call, ignore(err, notFound), live.ID, func() ([]string, error) { return holding(raw[ecstypes.Cluster](live)), nil })
	}
	return out.Cluster != nil && sdk.ToString(out.Cluster.Status) == "INACTIVE", nil
}

// holding tells what is in a cluster, by ECS's counts.
func holding(c ecstypes.Cluster) []string {
	var out []string
	for _, x := range []struct {
		n    int32
		what string
	}{{c.ActiveServicesCount, "services"}, {c.RunningTasksCount + c.PendingTasksCount, "tasks"}, {c.RegisteredContainerInstancesCount, "container instances"}} {
		if x.n > 0 {
			out = append(out, fmt.Sprintf("%d %s in cluster %s", x.n, x.what, sdk.ToString(c.ClusterName)))
		}
	}
	return out
}

// readCluster reads a cluster with everything ECS tells of it; its zero value where there is none.
// The cluster and its capacity share one read.
func readCluster(ctx context.Context, w *aws.World, name string) (ecstypes.Cluster, error) {
	return aws.Read(ctx, w.Reads, "ecs/cluster/"+name, func(ctx context.Context) (ecstypes.Cluster, error) {
		out, err := w.ECS.DescribeClusters(ctx, &ecs.DescribeClustersInput{Clusters: []string{name}, Include: []ecstypes.ClusterField{
			ecstypes.ClusterFieldSettings, ecstypes.ClusterFieldConfigurations, ecstypes.ClusterFieldTags, ecstypes.ClusterFieldAttachments,
		}})
		if err != nil {
			return ecstypes.Cluster{}, err
		}
		if len(out.Clusters) > 0 && sdk.ToString(out.Clusters[0].Status) != "INACTIVE" {
			return out.Clusters[0], nil
		}
		return ecstypes.Cluster{}, missing(out.Failures)
	})
}

func clusterLive(call graph.Call, c ecstypes.Cluster) graph.Live {
	name := sdk.ToString(c.ClusterName)
	if name == "" {
		return graph.Live{Phase: graph.Absent}
	}
	l := graph.Live{ID: name, Owner: proof(call, name, ecsTags(c.Tags)), Raw: c}
	switch status := sdk.ToString(c.Status); status {
	case "ACTIVE", "":
		l.Phase = graph.Ready
		l.Out = map[graph.Attr]string{"arn": sdk.ToString(c.ClusterArn), "name": name}
	case "DEPROVISIONING":
		l.Phase, l.Why, l.Recheck = graph.Deleting, "is being deleted", recheck(call.Now, call.Now, clusterStarting)
	case "FAILED":
		l.Phase, l.Why = graph.Broken, "ECS failed to create it"
	default:
		l.Phase, l.Why, l.Recheck = graph.Pending, "is "+strings.ToLower(status), recheck(call.Now, call.Now, clusterStarting)
	}
	return l
}

func (s ClusterSpec) configuration() *ecstypes.ClusterConfiguration {
	if s.ExecLogGroup.IsZero() {
		return nil
	}
	return &ecstypes.ClusterConfiguration{ExecuteCommandConfiguration: &ecstypes.ExecuteCommandConfiguration{
		Logging:          ecstypes.ExecuteCommandLoggingOverride,
		LogConfiguration: &ecstypes.ExecuteCommandLogConfiguration{CloudWatchLogGroupName: sdk.String(s.ExecLogGroup.String())},
	}}
}

func (s ClusterSpec) settings() []ecstypes.ClusterSetting {
	if s.ContainerInsights == "" {
		return nil
	}
	return []ecstypes.ClusterSetting{{Name: ecstypes.ClusterSettingNameContainerInsights, Value: sdk.String(s.ContainerInsights)}}
}

func execLogGroup(c *ecstypes.ClusterConfiguration) string {
	if c == nil || c.ExecuteCommandConfiguration == nil || c.ExecuteCommandConfiguration.LogConfiguration == nil {
		return ""
	}
	return sdk.ToString(c.ExecuteCommandConfiguration.LogConfiguration.CloudWatchLogGroupName)
}

func insights(settings []ecstypes.ClusterSetting) string {
	for _, s := range settings {
		if s.Name == ecstypes.ClusterSettingNameContainerInsights {
			return sdk.ToString(s.Value)
		}
	}
	return ""
}

// retagECS puts the tags of an ECS object right, additions first.
func retagECS(ctx context.Context, call graph.Call, arn *string, live map[string]string) error {
	w := world(call)
	set, remove := tagPatch(call.Tags, live)
	return retag(set, remove, func() error {
		_, err := w.ECS.TagResource(ctx, &ecs.TagResourceInput{ResourceArn: arn, Tags: toECSTags(set)})
		return err
	}, func() error {
		_, err := w.ECS.UntagResource(ctx, &ecs.UntagResourceInput{ResourceArn: arn, TagKeys: remove})
		return err
	})
}

func ecsTags(tags []ecstypes.Tag) map[string]string {
	out := map[string]string{}
	for _, t := range tags {
		out[sdk.ToString(t.Key)] = sdk.ToString(t.Value)
	}
	return out
}

func toECSTags(tags map[string]string) []ecstypes.Tag {
	var out []ecstypes.Tag
	for _, k := range slices.Sorted(maps.Keys(tags)) {
		out = append(out, ecstypes.Tag{Key: sdk.String(k), Value: sdk.String(tags[k])})
	}
	return out
}
