package controllers

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/internal/aws"
	"github.com/portkey-ai/portkey-ecs-operator/internal/desired"
	"github.com/portkey-ai/portkey-ecs-operator/internal/engine"
	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
	"github.com/portkey-ai/portkey-ecs-operator/internal/kinds"
)

// errUnlisted is that what there is couldn't be listed after status was lost.
var errUnlisted = errors.New("status was lost, and what is in AWS couldn't be listed just now; nothing is changed before that")

// listing is how long that is waited for: AWS's limits of requests give way in seconds.
const listing = 2 * time.Minute

// recall finds out, once after status was lost and before anything is written, what the gateway's tasks
// still use although the spec no longer asks for it: a port, a load balancer. In the middle of a rollout,
// or after one that was rolled back, closing these would take the tasks out of service.
func (r *PortkeyGatewayReconciler) recall(ctx context.Context, gw *v1alpha1.PortkeyGateway, w *aws.World, g *graph.Graph, s *session) (*graph.Graph, error) {
	known := slices.ContainsFunc(gw.Status.Services, func(x v1alpha1.ServiceStatus) bool { return x.Name == v1alpha1.ServiceGateway && len(x.Ports) > 0 })
	if s.recalled || s.fresh || known || inventory(gw, r.Now()).Virgin || planning(gw) {
		return g, nil
	}
	in := r.input(gw, g, w, s)
	in.Mode, in.Memory, in.Full = engine.Plan, nil, true
	res := r.walk(ctx, in)
	n := res.Node("service/gateway")
	// What only lists show is looked at: which names lead there, and to which of its tasks, is for later to know.
	in.Graph, in.Kinds = &graph.Graph{}, nil
	left := r.walk(ctx, in)
	unseen := res.Unlisted || slices.ContainsFunc(left.Nodes, func(n engine.NodeResult) bool { return n.Fault != nil })
	if unseen && r.Now().Sub(in.Inventory.Since) < listing {
		return nil, errUnlisted
	}
	s.recalled = n.Fault == nil
	rememberRecords(gw, g, in.Inventory, res)
	facts, ok := factsOf[*kinds.ServiceFacts](n)
	if !ok {
		return r.build(ctx, gw, w)
	}
	spec := gw.Resolved()
	ports := spec.Ports()
	for _, p := range facts.Ports {
		if !slices.Contains(ports, int32(p)) {
			ports = append(ports, int32(p))
		}
	}
	gw.Status.Services = append(slices.DeleteFunc(gw.Status.Services, func(x v1alpha1.ServiceStatus) bool { return x.Name == v1alpha1.ServiceGateway }), v1alpha1.ServiceStatus{Name: v1alpha1.ServiceGateway, Ports: ports})
	if facts.Balanced {
		remember(gw, g, in.Inventory, left)
	}
	return r.build(ctx, gw, w)
}

// rememberRecords records what was found of records in DNS that the spec no longer asks for: the load balancer's tag, by
// which it was found, will name the zones of today. Of those that it asks for, it records where they lead.
func rememberRecords(gw *v1alpha1.PortkeyGateway, g *graph.Graph, found *engine.Inventory, res *engine.Result) {
	record := (kinds.RecordSet{}).Name()
	for _, e := range found.Entries() {
		if e.Kind == record && e.ID != "" && g.Node(e.Node) == nil {
			gw.Status.Resources = append(gw.Status.Resources, v1alpha1.ResourceStatus{Node: string(e.Node), Kind: e.Kind, ID: e.ID})
		}
	}
	for _, n := range g.Nodes() {
		if r := res.Node(n.ID); n.Kind() == record && r != nil && r.Live.Owner == graph.Ours && r.Live.Phase != graph.Absent {
			gw.Status.Resources = append(gw.Status.Resources, recollected(n.ID, record, n.Name, r.Live.ID, res))
		}
	}
}

// recollected is the record of an object that was found, with what was seen of it.
func recollected(id graph.NodeID, kind, name, object string, res *engine.Result) v1alpha1.ResourceStatus {
	out := v1alpha1.ResourceStatus{Node: string(id), Kind: kind, ID: object, Name: name}
	if r := res.Node(id); r != nil {
		for attr, value := range r.Live.Out {
			if out.Out == nil {
				out.Out = map[string]string{}
			}
			out.Out[string(attr)] = value
		}
	}
	return out
}

// remember records load balancers that the spec no longer asks for and the gateway's tasks may stand
// behind, as the walk that would remove them needs it: what was found, and who uses it. Of the one that it
// asks for, it records the target groups, since traffic may have been shifted to either of a pair.
func remember(gw *v1alpha1.PortkeyGateway, g *graph.Graph, found *engine.Inventory, res *engine.Result) {
	uses := v1alpha1.ResourceStatus{Node: gatewayNode, Kind: kinds.Service{}.Name()}
	for _, e := range found.Entries() {
		if _, ok := desired.Balancing(e.Node); !ok || e.ID == "" || g.Node(e.Node) != nil && !desired.IsTargetGroup(e.Node) {
			continue
		}
		gw.Status.Resources = append(gw.Status.Resources, recollected(e.Node, e.Kind, e.Name, e.ID, res))
		if g.Node(e.Node) == nil {
			uses.Needs = append(uses.Needs, string(e.Node))
		}
	}
	if len(uses.Needs) > 0 {
		gw.Status.Resources = append(gw.Status.Resources, uses)
	}
}
