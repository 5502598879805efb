package kinds

import (
	"context"
	"fmt"
	"slices"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
)

// ClusterCapacity is a cluster's association with its capacity providers and its default strategy. It
// is a node of its own because it comes after both and leaves before both.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_PutClusterCapacityProviders.html
//
// Outputs: "cluster", the cluster's name, when all that is wanted is attached; "waiting", what has been leaving it since
// when.
type ClusterCapacity struct{}

// ClusterCapacitySpec is what the association should be.
type ClusterCapacitySpec struct {
	// Cluster is the cluster's name.
	Cluster graph.Value `json:"cluster"`
	// Providers are the names of the capacity providers.
	Providers []graph.Value `json:"providers"`
	// Default is the strategy of what names none.
	Default []Strategy `json:"default,omitempty"`
}

// Strategy is how much of what runs goes to a capacity provider.
type Strategy struct {
	Provider graph.Value `json:"provider"`
	Weight   int         `json:"weight,omitempty"`
	Base     int         `json:"base,omitempty"`
}

// Name implements graph.Kind.
func (ClusterCapacity) Name() string { return "ClusterCapacity" }

// Observe implements graph.Kind. A cluster without providers has no association.
func (ClusterCapacity) Observe(ctx context.Context, call graph.Call, spec ClusterCapacitySpec) (graph.Live, error) {
	name := call.ID
	if known(spec.Cluster) {
		name = spec.Cluster.String()
	}
	if name == "" {
		return graph.Live{Phase: graph.Absent}, nil
	}
	c, err := readCluster(ctx, world(call), name)
	if err != nil {
		return graph.Live{}, err
	}
	return capacityLive(call, spec, c), nil
}

// Diff implements graph.Kind.
func (ClusterCapacity) Diff(_ graph.Call, want ClusterCapacitySpec, live graph.Live) []graph.Change {
	have := raw[ecstypes.Cluster](live)
	d := want.diff(have)
	if attachments := sdk.ToString(have.AttachmentsStatus); attachments == "UPDATE_FAILED" {
		d.text("attachments", attachments, "UPDATE_COMPLETE")
	}
	return d
}

// Create implements graph.Kind.
func (k ClusterCapacity) Create(ctx context.Context, call graph.Call, spec ClusterCapacitySpec) (graph.Live, error) {
	return k.put(ctx, call, spec, spec)
}

// Update adds what is missing before it takes anything off: services change over once the new one is there,
// and then the old one goes. ECS keeps a provider for as long as a service or a task uses it, however long
// their rollout takes.
func (k ClusterCapacity) Update(ctx context.Context, call graph.Call, spec ClusterCapacitySpec, live graph.Live, _ []graph.Change) (graph.Live, error) {
	step, have := spec, raw[ecstypes.Cluster](live)
	if !spec.attached(have) {
		step = spec.beside(have)
	}
	after, err := k.put(ctx, call, step, spec)
	if is[*ecstypes.ResourceInUseException](err) {
		if spec.within(have) {
			return live, nil
		}
		after, err = k.put(ctx, call, spec.beside(have), spec) // the default strategy changes at once, for what is to leave
	}
	if err != nil {
		return live, err
	}
	return after, nil
}

// Delete takes all providers off. ECS refuses while tasks use them.
func (ClusterCapacity) Delete(ctx context.Context, call graph.Call, live graph.Live) (bool, error) {
	w := world(call)
	w.Reads.Forget("ecs/cluster/")
	_, err := w.ECS.PutClusterCapacityProviders(ctx, &ecs.PutClusterCapacityProvidersInput{
		Cluster: &live.ID, CapacityProviders: []string{}, DefaultCapacityProviderStrategy: []ecstypes.CapacityProviderStrategyItem{},
	})
	return notFound(err), ignore(err, notFound)
}

// put makes the association a step on the way to what is wanted.
func (ClusterCapacity) put(ctx context.Context, call graph.Call, step, want ClusterCapacitySpec) (graph.Live, error) {
	w := world(call)
	w.Reads.Forget("ecs/cluster/")
	out, err := w.ECS.PutClusterCapacityProviders(ctx, &ecs.PutClusterCapacityProvidersInput{
		Cluster: sdk.String(step.Cluster.String()), CapacityProviders: graph.Strings(step.Providers),
		DefaultCapacityProviderStrategy: toStrategy(step.Default),
	})
	if err != nil {
		return graph.Live{}, err
	}
	live := capacityLive(call, want, *out.Cluster)
	live.Owner = graph.Ours // ECS answers without tags; the cluster was ours a moment ago
	return live, nil
}

func capacityLive(call graph.Call, spec ClusterCapacitySpec, c ecstypes.Cluster) graph.Live {
	name, attachments := sdk.ToString(c.ClusterName), sdk.ToString(c.AttachmentsStatus)
	updating := attachments != "" && attachments != "UPDATE_COMPLETE" && attachments != "UPDATE_FAILED"
	empty := len(c.CapacityProviders) == 0 && len(c.DefaultCapacityProviderStrategy) == 0
	if name == "" || (empty && !updating) {
		return graph.Live{Phase: graph.Absent}
	}
	l := graph.Live{ID: name, Phase: graph.Ready, Owner: proofOfParent(call, ecsTags(c.Tags)), Raw: c}
	switch {
	case updating:
		l.Phase, l.Why, l.Recheck = graph.Pending, "ECS is attaching the capacity providers", recheck(call.Now, call.Now, attachmentsUpdating)
		if empty {
			l.Phase, l.Why = graph.Deleting, "ECS is detaching the capacity providers"
		}
	case attachments == "UPDATE_FAILED":
		l.Phase, l.Why = graph.Pending, "ECS failed to attach the capacity providers"
	case spec.within(c):
		l.Out = map[graph.Attr]string{"cluster": name}
		if len(spec.diff(c)) > 0 {
			l.Phase, l.Recheck = graph.Pending, leaving(waited(call, &l, sorted(spec.former(c))))
			l.Why = "ECS keeps the former capacity provider until the last service and task have left it"
		}
	}
	return l
}

// attached reports whether the cluster has every wanted provider, and maybe more.
func (s ClusterCapacitySpec) attached(have ecstypes.Cluster) bool {
	for _, p := range graph.Strings(s.Providers) {
		if !slices.Contains(have.CapacityProviders, p) {
			return false
		}
	}
	return true
}

// former are the providers that the cluster has beyond the wanted ones.
func (s ClusterCapacitySpec) former(have ecstypes.Cluster) []string {
	return beyond(have.CapacityProviders, graph.Strings(s.Providers))
}

// beside is what is wanted with what the cluster has beyond that.
func (s ClusterCapacitySpec) beside(have ecstypes.Cluster) ClusterCapacitySpec {
	s.Providers = append(slices.Clone(s.Providers), graph.Lits(s.former(have)...)...)
	return s
}

// within reports whether the cluster has all that is wanted, and maybe more.
func (s ClusterCapacitySpec) within(have ecstypes.Cluster) bool {
	if !s.attached(have) {
		return false
	}
	var d difference
	d.set("default", strategyTexts(have.DefaultCapacityProviderStrategy), strategyTexts(toStrategy(s.Default)))
	return len(d) == 0
}

func (s ClusterCapacitySpec) diff(have ecstypes.Cluster) difference {
	var d difference
	d.set("providers", have.CapacityProviders, graph.Strings(s.Providers))
	d.set("default", strategyTexts(have.DefaultCapacityProviderStrategy), strategyTexts(toStrategy(s.Default)))
	return d
}

func toStrategy(s []Strategy) []ecstypes.CapacityProviderStrategyItem {
	out := make([]ecstypes.CapacityProviderStrategyItem, len(s))
	for i := range s {
		out[i] = ecstypes.CapacityProviderStrategyItem{
			CapacityProvider: sdk.String(s[i].Provider.String()),
			Weight:           *number(s[i].Weight),
			Base:             *number(s[i].Base),
		}
	}
	return out
}

// strategyTexts prints each item, so that strategies compare as sets.
func strategyTexts(items []ecstypes.CapacityProviderStrategyItem) []string {
	out := make([]string, len(items))
	for i := range items {
		out[i] = fmt.Sprintf("%s weight %d base %d", sdk.ToString(items[i].CapacityProvider), items[i].Weight, items[i].Base)
	}
	return out
}
