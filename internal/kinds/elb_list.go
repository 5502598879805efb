package kinds

import (
	"context"
	"strings"

	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
	"github.com/portkey-ai/portkey-ecs-operator/internal/own"
)

// elbNodes lists the owner's load balancers, listeners, rules or target groups: those whose ARNs have a part.
// What the tagging API doesn't show yet, or still shows, the next full walk finds, or finds gone.
func elbNodes(ctx context.Context, call graph.Call, part string) map[graph.NodeID]graph.Live {
	out := map[graph.NodeID]graph.Live{}
	for arn, tags := range ownedTags(ctx, call) {
		if serviceOf(arn) == "elasticloadbalancing" && strings.Contains(arn, part) && tags[own.TagNode] != "" {
			out[graph.NodeID(tags[own.TagNode])] = graph.Live{ID: arn, Phase: graph.Ready, Owner: graph.Ours}
		}
	}
	return out
}

// List implements graph.Lister.
func (LoadBalancer) List(ctx context.Context, call graph.Call) (map[graph.NodeID]graph.Live, error) {
	return elbNodes(ctx, call, ":loadbalancer/"), nil
}

// List implements graph.Lister.
func (Listener) List(ctx context.Context, call graph.Call) (map[graph.NodeID]graph.Live, error) {
	return elbNodes(ctx, call, ":listener/"), nil
}

// List implements graph.Lister.
func (TargetGroup) List(ctx context.Context, call graph.Call) (map[graph.NodeID]graph.Live, error) {
	return elbNodes(ctx, call, ":targetgroup/"), nil
}

// List implements graph.Lister.
func (ListenerRule) List(ctx context.Context, call graph.Call) (map[graph.NodeID]graph.Live, error) {
	return elbNodes(ctx, call, ":listener-rule/"), nil
}
