package desired

import (
	"slices"
	"strings"
	"time"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
	"github.com/portkey-ai/portkey-ecs-operator/internal/kinds"
)

// counts are the number of tasks to keep, nil where others scale, and the number to begin with. As long as
// a service is registered, Application Auto Scaling may still change the number: replicas has no effect
// before that has ended.
func (b *builder) counts(service string, replicas *int32, scaling *v1alpha1.Autoscaling) (desired *int, initial int) {
	initial = 1
	if scaling != nil {
		initial = int(scaling.MinReplicas)
	}
	if replicas == nil {
		return nil, initial
	}
	initial = int(*replicas)
	if scaling != nil || slices.Contains(b.facts.Scaled, service) {
		return nil, initial
	}
	return &initial, initial
}

// scale adds a service's scalable target.
func (b *builder) scale(name string, service *graph.Node, capacity capacity, scaling *v1alpha1.Autoscaling, routing routing) {
	if scaling == nil {
		return
	}
	var policies []kinds.ScalingPolicy
	for _, p := range []struct {
		name, metric string
		target       *int32
	}{
		{"cpu", "ECSServiceAverageCPUUtilization", scaling.TargetCPUPercent},
		{"memory", "ECSServiceAverageMemoryUtilization", scaling.TargetMemoryPercent},
		{"requests", "ALBRequestCountPerTarget", scaling.TargetRequestsPerTask},
	} {
		if p.target == nil {
			continue
		}
		policy := kinds.ScalingPolicy{
			Name: p.name, Metric: p.metric, Target: float64(*p.target),
			ScaleInCooldown: int(scaling.ScaleInCooldown.Duration / time.Second), ScaleOutCooldown: int(scaling.ScaleOutCooldown.Duration / time.Second),
		}
		if p.target == scaling.TargetRequestsPerTask {
			policy.Balancer, policy.Group = routing.balancer, routing.targets[0].Group
		}
		policies = append(policies, policy)
	}
	add(b, service.Area, ScalableTargetOf(name), b.name(name), kinds.ScalableTarget{}, kinds.ScalableTargetSpec{
		Cluster: capacity.cluster, Service: graph.Out(service.ID, "name"), Peers: b.scaled(),
		Min: int(scaling.MinReplicas), Max: int(scaling.MaxReplicas), Policies: policies,
	})
}

// scalableTarget begins the nodes of scalable targets; the service's name follows.
const scalableTarget = "scalable-target/"

// ScalableTargetOf is the node of a service's scalable target, and ScaledService the other way round.
func ScalableTargetOf(service string) graph.NodeID { return graph.NodeID(scalableTarget + service) }

// ScaledService is the service of a scalable target's node; ok is false for other nodes.
func ScaledService(node graph.NodeID) (service string, ok bool) {
	return strings.CutPrefix(string(node), scalableTarget)
}

// scaled are the names of the services that scale, which are read together.
func (b *builder) scaled() []string {
	var out []string
	if b.spec.Gateway.Autoscaling != nil {
		out = append(out, b.name(gatewayService))
	}
	if d := b.spec.DataService; d != nil && d.Autoscaling != nil {
		out = append(out, b.name(dataServiceService))
	}
	return out
}
