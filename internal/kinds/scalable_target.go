package kinds

import (
	"cmp"
	"context"
	"slices"
	"strings"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	scalingtypes "github.com/aws/aws-sdk-go-v2/service/applicationautoscaling/types"

	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
	"github.com/portkey-ai/portkey-ecs-operator/internal/own"
)

// ScalableTarget lets Application Auto Scaling choose the number of tasks of an ECS service: between two
// bounds, by target tracking policies, which are fields of it. Registering brings the number between the
// bounds at once. Policies that others made beside ours are left alone, and so is a suspension.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-auto-scaling.html
//
// It is known by its service, and goes with it. Output: "arn", at once.
type ScalableTarget struct{}

// ScalableTargetSpec is what a scalable target should be.
type ScalableTargetSpec struct {
	// Cluster and Service are names.
	Cluster graph.Value `json:"cluster"`
	Service graph.Value `json:"service"`
	// Peers are the names of all services of the deployment that scale: they are read by one call.
	Peers []string `json:"-"`
	// Min and Max bound the number of tasks.
	Min int `json:"min"`
	Max int `json:"max"`
	// Policies say which metrics are kept near which values.
	Policies []ScalingPolicy `json:"policies"`
}

// ScalingPolicy is a target tracking policy.
type ScalingPolicy struct {
	// Name is unique within the target.
	Name string `json:"name"`
	// Metric is a predefined metric.
	Metric string `json:"metric"`
	// Balancer and Group are the ARNs of an Application Load Balancer and of the target group that tasks
	// get their requests through, for the metric that counts those.
	Balancer graph.Value `json:"balancer,omitzero"`
	Group    graph.Value `json:"group,omitzero"`
	// Target is the value to keep: percent, or requests per task and minute.
	Target float64 `json:"target"`
	// ScaleInCooldown and ScaleOutCooldown are seconds.
	ScaleInCooldown  int `json:"scaleInCooldown"`
	ScaleOutCooldown int `json:"scaleOutCooldown"`
}

// scalableTarget is a scalable target as it was seen.
type scalableTarget struct {
	ARN, Resource string
	Min, Max      int
	// Policies are ours, by name.
	Policies map[string]scalingPolicy
	Tags     map[string]string
}

func (t scalableTarget) live(call graph.Call) graph.Live {
	return graph.Live{
		ID: t.Resource, Phase: graph.Ready, Owner: proof(call, t.Resource, t.Tags), Out: map[graph.Attr]string{"arn": t.ARN}, Raw: t,
	}
}

// Name implements graph.Kind.
func (ScalableTarget) Name() string { return "ScalableTarget" }

// Attached implements graph.Attached: a target goes with its service.
func (ScalableTarget) Attached() bool { return true }

// List implements graph.Lister: whether the tagging API has scalable targets isn't documented, so those of the
// owner's services are asked for.
func (ScalableTarget) List(ctx context.Context, call graph.Call) (map[graph.NodeID]graph.Live, error) {
	var resources []string
	for _, s := range taggedNodes(ctx, call, "ecs", ":service/", false) {
		resources = append(resources, "service/"+s.ID)
	}
	if len(resources) == 0 {
		return nil, nil
	}
	slices.Sort(resources)
	out := map[graph.NodeID]graph.Live{}
	for _, resource := range resources {
		found, err := readTarget(ctx, world(call), resource, resources)
		if unsupported(err) { // who may not read them has never made one
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		if found == nil {
			continue
		}
		tags, err := tagsOf(ctx, call, sdk.ToString(found.ScalableTargetARN))
		if err != nil {
			return nil, err
		}
		if node := tags[own.TagNode]; node != "" && proofOfParent(call, tags) == graph.Ours {
			out[graph.NodeID(node)] = graph.Live{ID: resource, Phase: graph.Ready, Owner: graph.Ours}
		}
	}
	return out, nil
}

// Observe implements graph.Kind. Creation would change a target that exists and doesn't show yet; it refuses
// other tags than those.
func (ScalableTarget) Observe(ctx context.Context, call graph.Call, spec ScalableTargetSpec) (graph.Live, error) {
	resource := cmp.Or(spec.resource(), call.ID)
	if resource == "" {
		return graph.Live{Phase: graph.Absent}, nil
	}
	found, err := readTarget(ctx, world(call), resource, spec.resources(resource))
	if err != nil || found == nil {
		return graph.Live{Phase: graph.Absent}, err
	}
	t := scalableTarget{
		ARN: sdk.ToString(found.ScalableTargetARN), Resource: resource,
		Min: int(sdk.ToInt32(found.MinCapacity)), Max: int(sdk.ToInt32(found.MaxCapacity)),
	}
	if t.Tags, err = tagsOf(ctx, call, t.ARN); err != nil {
		return graph.Live{}, err
	}
	if t.Policies, err = readPolicies(ctx, call, resource); err != nil {
		return graph.Live{}, err
	}
	return t.live(call), nil
}

// Diff implements graph.Kind.
func (ScalableTarget) Diff(call graph.Call, want ScalableTargetSpec, live graph.Live) []graph.Change {
	have := raw[scalableTarget](live)
	var d difference
	d.number("min", have.Min, want.Min)
	d.number("max", have.Max, want.Max)
	for _, p := range want.Policies {
		d.policyOf(p, have.Policies)
	}
	for _, name := range want.surplus(have) {
		d.text("policies."+name, have.Policies[name].Metric, "")
	}
	return append(d, diffTags(call.Tags, have.Tags)...)
}

// Create implements graph.Kind.
func (ScalableTarget) Create(ctx context.Context, call graph.Call, spec ScalableTargetSpec) (graph.Live, error) {
	t := scalableTarget{Resource: spec.resource(), Tags: call.Tags, Policies: map[string]scalingPolicy{}}
	if err := t.register(ctx, call, spec, call.Tags); err != nil {
		return graph.Live{}, err
	}
	if err := t.put(ctx, call, spec.Policies); err != nil {
		live := t.live(call)
		live.Phase, live.Why = graph.Pending, "its policies aren't all there"
		return live, err
	}
	return t.live(call), nil
}

// Update implements graph.Kind. New policies come before old ones go: in between, the service has both.
func (ScalableTarget) Update(ctx context.Context, call graph.Call, spec ScalableTargetSpec, live graph.Live, changes []graph.Change) (graph.Live, error) {
	t := raw[scalableTarget](live)
	if touches(changes, "min", "max") {
		if err := t.register(ctx, call, spec, nil); err != nil {
			return live, err
		}
	}
	surplus := spec.surplus(t)
	var put []ScalingPolicy
	for _, p := range spec.Policies {
		if touches(changes, "policies."+p.Name) {
			put = append(put, p)
		}
	}
	if err := t.put(ctx, call, put); err != nil {
		return live, err
	}
	for _, name := range surplus {
		if err := t.drop(ctx, call, name); err != nil {
			return live, err
		}
	}
	if err := retagARN(ctx, call, t.ARN, t.Tags); err != nil {
		return live, err
	}
	t.Tags = retagged(call.Tags, t.Tags)
	return t.live(call), nil
}

// Delete implements graph.Kind: the policies go with the target, and the number of tasks stays.
func (ScalableTarget) Delete(ctx context.Context, call graph.Call, live graph.Live) (bool, error) {
	w := world(call)
	w.Reads.Forget("appscaling/")
	_, err := w.AppScaling.DeregisterScalableTarget(ctx, &applicationautoscaling.DeregisterScalableTargetInput{
		ServiceNamespace: scalingtypes.ServiceNamespaceEcs, ScalableDimension: scalingtypes.ScalableDimensionECSServiceDesiredCount, ResourceId: &live.ID,
	})
	return ignore(err, notFound) == nil, ignore(err, notFound)
}

// register makes the target or changes its bounds.
func (t *scalableTarget) register(ctx context.Context, call graph.Call, spec ScalableTargetSpec, tags map[string]string) error {
	w := world(call)
	w.Reads.Forget("appscaling/")
	w.Reads.Forget("ecs/services/") // the number of tasks may have changed
	out, err := w.AppScaling.RegisterScalableTarget(ctx, &applicationautoscaling.RegisterScalableTargetInput{
		ServiceNamespace: scalingtypes.ServiceNamespaceEcs, ScalableDimension: scalingtypes.ScalableDimensionECSServiceDesiredCount, ResourceId: &t.Resource,
		MinCapacity: number(spec.Min), MaxCapacity: number(spec.Max), Tags: tags,
	})
	if err != nil {
		return err
	}
	t.Min, t.Max = spec.Min, spec.Max
	t.ARN = cmp.Or(sdk.ToString(out.ScalableTargetARN), t.ARN)
	return nil
}

// resource is the id of the target, empty while its service isn't known.
func (s ScalableTargetSpec) resource() string {
	if !known(s.Cluster) || !known(s.Service) {
		return ""
	}
	return "service/" + s.Cluster.String() + "/" + s.Service.String()
}

// resources are the ids that are read together with one.
func (s ScalableTargetSpec) resources(one string) []string {
	out := []string{one}
	if known(s.Cluster) {
		for _, name := range s.Peers {
			out = append(out, "service/"+s.Cluster.String()+"/"+name)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// surplus are the policies that no longer are wanted.
func (s ScalableTargetSpec) surplus(have scalableTarget) []string {
	var out []string
	for name := range have.Policies {
		if !slices.ContainsFunc(s.Policies, func(p ScalingPolicy) bool { return p.Name == name }) {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

// policyName is a policy's name in AWS: by its beginning ours are told from others'.
func policyName(call graph.Call, name string) string { return call.Name + "-" + name }

// ourPolicy is the name of a policy of ours; ok is false for others'.
func ourPolicy(call graph.Call, name string) (own string, ok bool) {
	return strings.CutPrefix(name, call.Name+"-")
}
