package kinds

import (
	"context"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	asgtypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"

	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
)

// GroupCapacity is how many instances an Auto Scaling group may have. It is a node of its own because
// the group stays empty until the cluster's capacity stands. Within the bounds ECS managed scaling
// decides: the desired capacity is set once, at the first time, and never again.
//
// Outputs: "group", the group's name, once it exists.
type GroupCapacity struct{}

// GroupCapacitySpec is what the bounds should be.
type GroupCapacitySpec struct {
	// Group is the group's name.
	Group graph.Value `json:"group"`
	// MinSize and MaxSize bound the group.
	MinSize int `json:"minSize"`
	MaxSize int `json:"maxSize"`
	// InitialSize is the desired capacity to begin with.
	InitialSize int `json:"-"`
	// Ready is only an edge: the cluster's capacity stands.
	Ready graph.Value `json:"ready,omitzero"`
}

// Name implements graph.Kind.
func (GroupCapacity) Name() string { return "GroupCapacity" }

// Observe implements graph.Kind. The bounds exist as soon as their group does.
func (GroupCapacity) Observe(ctx context.Context, call graph.Call, spec GroupCapacitySpec) (graph.Live, error) {
	name := call.ID
	if known(spec.Group) {
		name = spec.Group.String()
	}
	if name == "" {
		return graph.Live{Phase: graph.Absent}, nil
	}
	g, err := readGroup(ctx, call, name)
	if err != nil {
		return graph.Live{}, err
	}
	if g.AutoScalingGroupName == nil || sdk.ToString(g.Status) != "" {
		return graph.Live{Phase: graph.Absent}, nil
	}
	return boundsLive(call, g), nil
}

// Diff implements graph.Kind.
func (GroupCapacity) Diff(_ graph.Call, want GroupCapacitySpec, live graph.Live) []graph.Change {
	have := raw[asgtypes.AutoScalingGroup](live)
	var d difference
	d.number("minSize", int(sdk.ToInt32(have.MinSize)), want.MinSize)
	d.number("maxSize", int(sdk.ToInt32(have.MaxSize)), want.MaxSize)
	return d
}

// Create is for a group that showed only after it was looked for.
func (GroupCapacity) Create(ctx context.Context, call graph.Call, spec GroupCapacitySpec) (graph.Live, error) {
	name := spec.Group.String()
	g, err := readGroup(ctx, call, name)
	if err != nil {
		return graph.Live{}, err
	}
	if g.AutoScalingGroupName == nil {
		g.AutoScalingGroupName = &name
	}
	return setBounds(ctx, call, spec, g)
}

// Update implements graph.Kind.
func (GroupCapacity) Update(ctx context.Context, call graph.Call, spec GroupCapacitySpec, live graph.Live, _ []graph.Change) (graph.Live, error) {
	after, err := setBounds(ctx, call, spec, raw[asgtypes.AutoScalingGroup](live))
	if err != nil {
		return live, err
	}
	return after, nil
}

// Delete has nothing to do: the bounds go with their group.
func (GroupCapacity) Delete(context.Context, graph.Call, graph.Live) (bool, error) { return true, nil }

func setBounds(ctx context.Context, call graph.Call, spec GroupCapacitySpec, g asgtypes.AutoScalingGroup) (graph.Live, error) {
	w := world(call)
	in := &autoscaling.UpdateAutoScalingGroupInput{
		AutoScalingGroupName: g.AutoScalingGroupName,
		MinSize:              number(spec.MinSize),
		MaxSize:              number(spec.MaxSize),
	}
	if sdk.ToInt32(g.MinSize) == 0 && sdk.ToInt32(g.DesiredCapacity) == 0 && spec.InitialSize > 0 {
		in.DesiredCapacity = number(spec.InitialSize)
		g.DesiredCapacity = in.DesiredCapacity
	}
	w.Reads.Forget("autoscaling/")
	if _, err := w.ASG.UpdateAutoScalingGroup(ctx, in); err != nil {
		return graph.Live{}, err
	}
	g.MinSize, g.MaxSize = in.MinSize, in.MaxSize
	live := boundsLive(call, g)
	live.Owner = graph.Ours // the group was ours a moment ago
	return live, nil
}

func boundsLive(call graph.Call, g asgtypes.AutoScalingGroup) graph.Live {
	name := sdk.ToString(g.AutoScalingGroupName)
	tags, _ := groupTags(g.Tags)
	return graph.Live{
		ID: name, Phase: graph.Ready, Owner: proofOfParent(call, tags), Raw: g,
		Out: map[graph.Attr]string{"group": name},
	}
}
