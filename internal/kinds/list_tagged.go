package kinds

import (
	"cmp"
	"context"
	"strings"

	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
	"github.com/portkey-ai/portkey-ecs-operator/internal/own"
)

// taggedNodes lists the owner's objects of a service whose ARNs have a part, each with what comes behind that as
// its id, or with its ARN. Of several for one node each has a node of its own, by its id: the one that the node
// stands for is known. What the tagging API doesn't show yet, or still shows, the next full walk finds, or finds
// gone.
func taggedNodes(ctx context.Context, call graph.Call, service, part string, byARN bool) map[graph.NodeID]graph.Live {
	of := map[string][]string{}
	for arn, tags := range ownedTags(ctx, call) {
		_, id, found := strings.Cut(arn, part)
		if node := tags[own.TagNode]; serviceOf(arn) == service && found && node != "" {
			id = strings.TrimSuffix(id, ":*") // of log groups
			if byARN {
				id = arn
			}
			of[node] = append(of[node], id)
		}
	}
	out := map[graph.NodeID]graph.Live{}
	for node, ids := range of {
		for _, id := range ids {
			name := node
			if len(ids) > 1 {
				name += "@" + id
			}
			out[graph.NodeID(name)] = graph.Live{ID: id, Phase: graph.Ready, Owner: graph.Ours}
		}
	}
	return out
}

// List implements graph.Lister.
func (LoadBalancer) List(ctx context.Context, call graph.Call) (map[graph.NodeID]graph.Live, error) {
	return taggedNodes(ctx, call, "elasticloadbalancing", ":loadbalancer/", true), nil
}

// List implements graph.Lister.
func (Listener) List(ctx context.Context, call graph.Call) (map[graph.NodeID]graph.Live, error) {
	return taggedNodes(ctx, call, "elasticloadbalancing", ":listener/", true), nil
}

// List implements graph.Lister.
func (TargetGroup) List(ctx context.Context, call graph.Call) (map[graph.NodeID]graph.Live, error) {
	return taggedNodes(ctx, call, "elasticloadbalancing", ":targetgroup/", true), nil
}

// List implements graph.Lister.
func (ListenerRule) List(ctx context.Context, call graph.Call) (map[graph.NodeID]graph.Live, error) {
	return taggedNodes(ctx, call, "elasticloadbalancing", ":listener-rule/", true), nil
}

// List implements graph.Lister.
func (LambdaFunction) List(ctx context.Context, call graph.Call) (map[graph.NodeID]graph.Live, error) {
	return taggedNodes(ctx, call, "lambda", ":function:", false), nil
}

// List implements graph.Lister.
func (VPCEndpoint) List(ctx context.Context, call graph.Call) (map[graph.NodeID]graph.Live, error) {
	return taggedNodes(ctx, call, "ec2", ":vpc-endpoint/", false), nil
}

// List implements graph.Lister.
func (LogGroup) List(ctx context.Context, call graph.Call) (map[graph.NodeID]graph.Live, error) {
	return taggedNodes(ctx, call, "logs", ":log-group:", false), nil
}

// List implements graph.Lister.
func (Secret) List(ctx context.Context, call graph.Call) (map[graph.NodeID]graph.Live, error) {
	return secretNodes(ctx, call, false), nil
}

// List implements graph.Lister.
func (HTTPNamespace) List(ctx context.Context, call graph.Call) (map[graph.NodeID]graph.Live, error) {
	return taggedNodes(ctx, call, "servicediscovery", ":namespace/", false), nil
}

// List implements graph.Lister.
func (Cluster) List(ctx context.Context, call graph.Call) (map[graph.NodeID]graph.Live, error) {
	return taggedNodes(ctx, call, "ecs", ":cluster/", false), nil
}

// List implements graph.Lister.
func (CapacityProvider) List(ctx context.Context, call graph.Call) (map[graph.NodeID]graph.Live, error) {
	return taggedNodes(ctx, call, "ecs", ":capacity-provider/", false), nil
}

// List implements graph.Lister.
func (Service) List(ctx context.Context, call graph.Call) (map[graph.NodeID]graph.Live, error) {
	return taggedNodes(ctx, call, "ecs", ":service/", true), nil
}

// nameOf is the name of an object that is known by it: one that was only found has nothing but its id.
func nameOf(call graph.Call) string { return cmp.Or(call.Name, call.ID) }
