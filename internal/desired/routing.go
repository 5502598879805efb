package desired

import (
	"strconv"
	"time"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
	"github.com/portkey-ai/portkey-ecs-operator/internal/kinds"
)

// routing is what the gateway service uses of the load balancer: nothing, when there is none.
type routing struct {
	targets []kinds.Target
	// balancer is the load balancer's ARN.
	balancer graph.Value
}

// routing adds the load balancer, its listener and the gateway's target group.
func (b *builder) routing(net network, groups securityGroups) routing {
	const area = v1alpha1.ConditionRoutingReady
	spec := b.spec.LoadBalancer
	if spec == nil {
		return routing{}
	}
	balancer := add(b, area, "load-balancer/main", b.nameWithin("nlb", limitBalance), kinds.LoadBalancer{}, kinds.LoadBalancerSpec{
		Type: "network", Scheme: "internal", Subnets: net.private, SecurityGroups: []graph.Value{groups.loadBalancer},
		Attributes: map[string]string{"deletion_protection.enabled": strconv.FormatBool(spec.DeletionProtection)},
	})
	// A target group's port is only the default of targets that are registered without one, and can't be
	// changed. ECS registers each task with its own port, so a fixed one serves for good, and a new
	// container port is a rolling deployment behind the same group.
	target := add(b, area, "target-group/gateway", b.nameWithin("gateway", limitBalance), kinds.TargetGroup{}, kinds.TargetGroupSpec{
		VPC: net.vpc, Protocol: "TCP", Port: v1alpha1.DefaultGatewayPort,
		HealthProtocol: "TCP", HealthyThreshold: 2, UnhealthyThreshold: 3, IntervalSeconds: 30, TimeoutSeconds: 10,
		Attributes: map[string]string{"deregistration_delay.timeout_seconds": seconds(spec.DeregistrationDelay.Duration)},
	})
	group := graph.Out(target.ID, "arn")
	listener := add(b, area, "listener/production", b.name("production"), kinds.Listener{}, kinds.ListenerSpec{
		LoadBalancer: graph.Out(balancer.ID, "arn"), TargetGroup: group, Port: listenerPort, Protocol: "TCP",
	})
	// ECS refuses a service whose target group no listener leads to, so the service waits for it.
	return routing{balancer: graph.Out(balancer.ID, "arn"), targets: []kinds.Target{{Group: group, Container: gatewayService, Port: int(b.spec.Gateway.Port), Listener: graph.Out(listener.ID, "arn")}}}
}

func seconds(d time.Duration) string { return strconv.Itoa(int(d / time.Second)) }
