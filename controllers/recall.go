package controllers

import (
	"context"
	"slices"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/internal/aws"
	"github.com/portkey-ai/portkey-ecs-operator/internal/engine"
	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
	"github.com/portkey-ai/portkey-ecs-operator/internal/kinds"
)

// recall finds out, once after status was lost and before anything is written, what the gateway's tasks
// still use although the spec no longer asks for it: a port, a load balancer. In the middle of a rollout,
// or after one that was rolled back, closing these would take the tasks out of service.
func (r *PortkeyGatewayReconciler) recall(ctx context.Context, gw *v1alpha1.PortkeyGateway, w *aws.World, g *graph.Graph, s *session) (*graph.Graph, error) {
	known := slices.ContainsFunc(gw.Status.Services, func(x v1alpha1.ServiceStatus) bool { return x.Name == v1alpha1.ServiceGateway })
	if s.recalled || s.fresh || known || inventory(gw, r.Now()).Virgin || gw.Spec.ManagementPolicy == v1alpha1.ManagementObserve {
		return g, nil
	}
	in := r.input(gw, g, w, s)
	in.Mode, in.Memory, in.Full = engine.Plan, nil, true
	res := r.walk(ctx, in)
	n := res.Node("service/gateway")
	s.recalled = n.Fault == nil
	facts, ok := factsOf[*kinds.ServiceFacts](n)
	if !ok {
		return g, nil
	}
	spec := gw.Resolved()
	ports := spec.Ports()
	for _, p := range facts.Ports {
		if !slices.Contains(ports, int32(p)) {
			ports = append(ports, int32(p))
		}
	}
	gw.Status.Services = append(gw.Status.Services, v1alpha1.ServiceStatus{Name: v1alpha1.ServiceGateway, Ports: ports})
	if gw.Spec.LoadBalancer == nil && facts.Balanced {
		remember(gw, in.Inventory)
	}
	return r.build(ctx, gw, w)
}

// remember records the load balancer that the gateway's tasks stand behind, as the walk that would remove
// it needs it: what was found, and who uses it.
func remember(gw *v1alpha1.PortkeyGateway, found *engine.Inventory) {
	uses := v1alpha1.ResourceStatus{Node: "service/gateway", Kind: kinds.Service{}.Name()}
	for _, node := range []string{"load-balancer/main", "listener/production", "target-group/gateway", "security-group/load-balancer", "security-group-rules/load-balancer"} {
		if e := found.Entry(graph.NodeID(node)); e != nil {
			gw.Status.Resources = append(gw.Status.Resources, v1alpha1.ResourceStatus{Node: node, Kind: e.Kind, ID: e.ID, Name: e.Name})
			uses.Needs = append(uses.Needs, node)
		}
	}
	gw.Status.Resources = append(gw.Status.Resources, uses)
}
