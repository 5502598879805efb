package desired

import (
	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
	"github.com/portkey-ai/portkey-ecs-operator/internal/kinds"
)

// ControlPlaneEndpoint is the node of the endpoint by which the tasks reach the control plane, and
// ControlPlaneGroup that of its security group.
const (
	ControlPlaneEndpoint graph.NodeID = "vpc-endpoint/control-plane"
	ControlPlaneGroup    graph.NodeID = "security-group/control-plane"
)

// PrivateLink is what is known of the private way to the control plane.
type PrivateLink struct {
	// Zones are those in which its endpoint service can be reached; empty where that isn't known.
	Zones []string
	// Open says that the endpoint works under its private DNS name, as AWS tells it. The tasks use the internet until
	// then: nobody knows when, or if ever, somebody accepts an endpoint.
	Open bool
}

// outbound is what the services use of the way to the control plane: nothing where that is the internet, still or on
// purpose.
type outbound struct {
	env map[string]graph.Value
	// data is the data service's besides.
	data map[string]graph.Value
	// ready is published while the way is open: tasks that are told of it start behind it.
	ready []graph.Ref
}

// publicAlbus is where the data service finds the control plane over the internet; the gateway's image knows its own.
const publicAlbus = "https://albus.portkey.ai"

// outbound answers the way that the tasks are to take.
func (b *builder) outbound() outbound {
	out := outbound{data: map[string]graph.Value{"ALBUS_ENDPOINT": graph.Lit(publicAlbus)}}
	p := b.spec.ControlPlane.Outbound.PrivateLink
	if p == nil || b.facts.PrivateLink == nil || !b.facts.PrivateLink.Open {
		return out
	}
	base := "https://" + string(p.Host)
	out.env = map[string]graph.Value{
		"ALBUS_BASEPATH":           graph.Lit(base + "/albus"),
		"CONTROL_PLANE_BASEPATH":   graph.Lit(base + "/api/v1"),
		"SOURCE_SYNC_API_BASEPATH": graph.Lit(base + "/api/v1/sync"),
		"CONFIG_READER_PATH":       graph.Lit(base + "/api/model-configs"),
	}
	out.data["ALBUS_ENDPOINT"] = graph.Lit(base + "/albus")
	out.ready = []graph.Ref{{Node: ControlPlaneEndpoint, Attr: "open"}}
	return out
}

// controlPlaneEndpoint adds the endpoint, whose door is open to the tasks. It comes last of all: what waits for others is
// named after what the operator itself is about.
func (b *builder) controlPlaneEndpoint(net network, groups securityGroups) {
	p := b.spec.ControlPlane.Outbound.PrivateLink
	if p == nil {
		return
	}
	spec := kinds.VPCEndpointSpec{VPC: net.vpc, Service: p.ServiceName, Subnets: net.private, Groups: []graph.Value{groups.controlPlane}, Provider: "Portkey"}
	if region := p.ServiceRegion(); region != b.facts.Region {
		spec.ServiceRegion = region
	}
	if b.facts.PrivateLink != nil {
		spec.Zones = b.facts.PrivateLink.Zones
	}
	add(b, v1alpha1.ConditionControlPlaneReady, ControlPlaneEndpoint, b.name("control-plane"), kinds.VPCEndpoint{}, spec)
}
