package desired_test

import (
	"encoding/json"
	"testing"

	"k8s.io/utils/ptr"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/internal/desired"
	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
	"github.com/portkey-ai/portkey-ecs-operator/internal/kinds"
	"github.com/portkey-ai/portkey-ecs-operator/internal/own"
)

// Who says how many tasks there are: the spec, or AWS.
func TestCounts(t *testing.T) {
	scaling := &v1alpha1.Autoscaling{MinReplicas: 3, MaxReplicas: 20, TargetCPUPercent: ptr.To[int32](70)}
	for _, c := range []struct {
		why              string
		replicas         *int32
		scaling          *v1alpha1.Autoscaling
		scaled           []string
		desired, initial int // -1: left to others
	}{
		{"nobody: whatever the service was scaled to", nil, nil, nil, -1, 1},
		{"the spec", ptr.To[int32](2), nil, nil, 2, 2},
		{"none at all", ptr.To[int32](0), nil, nil, 0, 0},
		{"AWS, beginning with the minimum", nil, scaling, nil, -1, 3},
		{"AWS, beginning with what replicas says", ptr.To[int32](5), scaling, nil, -1, 5},
		{"AWS until it has let go", ptr.To[int32](5), nil, []string{"gateway"}, -1, 5},
		{"the spec, while AWS scales another service", ptr.To[int32](5), nil, []string{"data-service"}, 5, 5},
	} {
		gw := gateway("gw")
		gw.Spec.Gateway = &v1alpha1.Gateway{Replicas: c.replicas, Autoscaling: c.scaling}
		f := facts
		f.Scaled = c.scaled
		g, err := desired.Build(gw, own.Owner{Cluster: "c", Kind: "PortkeyGateway", Namespace: "default", Name: "gw"}, f)
		if err != nil {
			t.Fatal(err)
		}
		spec := g.Node("service/gateway").Spec().(kinds.ServiceSpec)
		if got := ptr.Deref(spec.DesiredCount, -1); got != c.desired || spec.InitialCount != c.initial {
			t.Errorf("%s: %d tasks, %d to begin with, want %d and %d", c.why, got, spec.InitialCount, c.desired, c.initial)
		}
		if (g.Node(desired.ScalableTargetOf("gateway")) != nil) != (c.scaling != nil) {
			t.Errorf("%s: a scalable target, or none", c.why)
		}
	}
}

func TestScalableTargets(t *testing.T) {
	gw := gateway("gw")
	gw.Spec.Gateway = &v1alpha1.Gateway{Autoscaling: &v1alpha1.Autoscaling{MinReplicas: 3, MaxReplicas: 20, TargetCPUPercent: ptr.To[int32](70), TargetMemoryPercent: ptr.To[int32](80), TargetRequestsPerTask: ptr.To[int32](500)}}
	gw.Spec.DataService = &v1alpha1.DataService{Autoscaling: &v1alpha1.Autoscaling{MinReplicas: 1, MaxReplicas: 2, TargetMemoryPercent: ptr.To[int32](50)}}
	g := build(t, gw)
	for _, c := range []struct{ node, want string }{
		{"scalable-target/gateway", `{"cluster":"${cluster/main.name}","service":"${service/gateway.name}","min":3,"max":20,"policies":[` +
			`{"name":"cpu","metric":"ECSServiceAverageCPUUtilization","target":70,"scaleInCooldown":120,"scaleOutCooldown":60},` +
			`{"name":"memory","metric":"ECSServiceAverageMemoryUtilization","target":80,"scaleInCooldown":120,"scaleOutCooldown":60},` +
			`{"name":"requests","metric":"ALBRequestCountPerTarget","balancer":"${load-balancer/network-internal.arn}","group":"${target-group/gateway-network-internal.arn}","target":500,"scaleInCooldown":120,"scaleOutCooldown":60}]}`},
		{"scalable-target/data-service", `{"cluster":"${cluster/main.name}","service":"${service/data-service.name}","min":1,"max":2,"policies":[` +
			`{"name":"memory","metric":"ECSServiceAverageMemoryUtilization","target":50,"scaleInCooldown":120,"scaleOutCooldown":60}]}`},
	} {
		n := g.Node(graph.NodeID(c.node))
		spec := n.Spec().(kinds.ScalableTargetSpec)
		if b, _ := json.Marshal(spec); string(b) != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.node, b, c.want)
		}
		if len(spec.Peers) != 2 {
			t.Errorf("%s is read alone: %v", c.node, spec.Peers)
		}
		if service, ok := desired.ScaledService(n.ID); !ok || desired.ScalableTargetOf(service) != n.ID {
			t.Errorf("%s isn't known as %s's", n.ID, service)
		}
	}
}
