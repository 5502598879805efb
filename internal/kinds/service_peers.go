package kinds

import (
	"context"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"

	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
)

// ServicePeers is that a service's tasks know the peers that were created after it. It is a node of its own
// where two services call each other: one of them is deployed before the other exists, and once more when it
// does. See ecs_service_peers.go for what a task can know.
//
// Outputs: "service", the service's ARN.
type ServicePeers struct{}

// ServicePeersSpec is what a service's tasks should know.
type ServicePeersSpec struct {
	// Cluster and Service are names.
	Cluster graph.Value `json:"cluster"`
	Service graph.Value `json:"service"`
	// Peers are the names of all services of the deployment: they are read by one call.
	Peers []string `json:"-"`
	// Since is when each of the peers that the tasks call was created.
	Since []graph.Value `json:"since"`
}

// Name implements graph.Kind.
func (ServicePeers) Name() string { return "ServicePeers" }

// Observe implements graph.Kind. What a service knows goes with it.
func (ServicePeers) Observe(ctx context.Context, call graph.Call, spec ServicePeersSpec) (graph.Live, error) {
	if !known(spec.Cluster) || !known(spec.Service) {
		return graph.Live{Phase: graph.Absent}, nil
	}
	s, err := readService(ctx, world(call), spec.Cluster.String(), spec.Service.String(), spec.Peers)
	if notFound(err) || err == nil && sdk.ToString(s.Status) != "ACTIVE" {
		return graph.Live{Phase: graph.Absent}, nil
	}
	if err != nil {
		return graph.Live{}, err
	}
	have := service{Service: s, Tags: ecsTags(s.Tags)}
	if have.PeersTakenBack, err = peersTakenBack(ctx, world(call), have, spec.Since); err != nil {
		return graph.Live{}, err
	}
	return have.peersLive(call), nil
}

func (s service) peersLive(call graph.Call) graph.Live {
	arn := sdk.ToString(s.ServiceArn)
	l := graph.Live{ID: arn, Phase: graph.Ready, Owner: proofOfParent(call, s.Tags), Raw: s, Out: map[graph.Attr]string{"service": arn}}
	if s.PeersTakenBack != "" {
		l.Phase, l.Reason, l.Why, l.Recheck = graph.Pending, ReasonRolledBack, s.PeersTakenBack, failedRecheck
	}
	return l
}

// Diff implements graph.Kind. What ECS took back isn't tried again.
func (ServicePeers) Diff(_ graph.Call, want ServicePeersSpec, live graph.Live) []graph.Change {
	have := raw[service](live)
	var d difference
	if have.PeersTakenBack == "" {
		d.peers(have, want.Since)
	}
	return d
}

// Create is for a service that showed only after it was looked for: it is younger than its peers, or the next
// look finds that it isn't.
func (ServicePeers) Create(ctx context.Context, call graph.Call, spec ServicePeersSpec) (graph.Live, error) {
	world(call).Reads.Forget("ecs/services/")
	return ServicePeers{}.Observe(ctx, call, spec)
}

// Update implements graph.Kind: the service's next tasks know what is there now.
func (ServicePeers) Update(ctx context.Context, call graph.Call, _ ServicePeersSpec, live graph.Live, _ []graph.Change) (graph.Live, error) {
	w := world(call)
	have := raw[service](live)
	w.Reads.Forget("ecs/services/")
	out, err := w.ECS.UpdateService(ctx, &ecs.UpdateServiceInput{Cluster: have.ClusterArn, Service: have.ServiceName, ForceNewDeployment: true})
	if err != nil {
		return live, err
	}
	have.Service = *out.Service
	after := have.peersLive(call)
	after.Owner = live.Owner // the answer has no tags
	after.Phase, after.Why = graph.Pending, "is deployed once more, so that its tasks find the services that came after it"
	return after, nil
}

// Delete has nothing to do: what a service knows goes with it.
func (ServicePeers) Delete(context.Context, graph.Call, graph.Live) (bool, error) { return true, nil }
