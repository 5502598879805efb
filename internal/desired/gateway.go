package desired

import (
	"fmt"
	"maps"
	"slices"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
	"github.com/portkey-ai/portkey-ecs-operator/internal/kinds"
	"github.com/portkey-ai/portkey-ecs-operator/internal/own"
)

// serverModes are what the gateway's image calls the modes.
var serverModes = map[v1alpha1.Mode]string{v1alpha1.ModeGateway: "", v1alpha1.ModeMCP: "mcp", v1alpha1.ModeAll: "all"}

// serves reports whether the gateway's tasks serve the AI gateway and the MCP gateway.
func (b *builder) serves() (gateway, mcp bool) {
	return b.spec.Mode != v1alpha1.ModeMCP, b.spec.Mode != v1alpha1.ModeGateway
}

// ports are the ports of the gateway's tasks.
func (b *builder) ports() []kinds.Port {
	gateway, mcp := b.serves()
	var out []kinds.Port
	if gateway {
		out = append(out, kinds.Port{Name: gatewayService, Port: int(b.spec.Gateway.Port), AppProtocol: "http"})
	}
	if mcp {
		out = append(out, kinds.Port{Name: mcpService, Port: int(b.spec.MCP.Port), AppProtocol: "http"})
	}
	return out
}

// gateway adds the gateway service.
func (b *builder) gateway(net network, capacity capacity, namespace graph.Value, groups securityGroups, cache cache, routing routing, data dataService, out outbound) {
	spec := b.spec.Gateway
	env := b.environment(gatewayService, map[string]graph.Value{
		"SERVICE_NAME": graph.Lit(gatewayService), "ANALYTICS_STORE": graph.Lit("control_plane"), "LOG_STORE": graph.Lit("s3_assume"),
	}, spec.Env, spec.SecretEnv, cache)
	maps.Copy(env.plain, map[string]graph.Value{
		"SERVER_MODE": graph.Lit(serverModes[b.spec.Mode]), "PORT": graph.Lit(fmt.Sprint(spec.Port)),
		"LOG_STORE_GENERATIONS_BUCKET": graph.Lit(b.spec.Storage.LogBucket),
	})
	if _, mcp := b.serves(); mcp {
		env.plain["MCP_PORT"] = graph.Lit(fmt.Sprint(b.spec.MCP.Port))
		env.plain["MCP_GATEWAY_BASE_URL"] = graph.Lit(b.spec.MCPBaseURL())
	}
	maps.Copy(env.plain, data.env)
	maps.Copy(env.plain, out.env)

	inline := taskPolicies(cache, b.bucketPolicy("s3:GetObject", "s3:PutObject"), spec.EnableExec)
	if b.spec.Bedrock != nil {
		inline["bedrock"] = b.bedrockPolicy()
	}
	known, copies := b.versions(env)
	desired, initial := b.counts(gatewayService, spec.Replicas, spec.Autoscaling)
	ports := b.ports()
	targets, kept := b.former(routing.targets)
	s := b.service(serviceParams{
		name: gatewayService, area: v1alpha1.ConditionServicesReady, image: *spec.Image, resources: *spec.Resources, logDays: int(spec.LogRetentionDays),
		roles: b.taskRoles(gatewayService, spec.TaskRole.PolicyARNs, inline, env.secrets),
		env:   env.plain, secrets: env.secret, versions: known, copies: copies, registry: b.registry().arn,
		ports: ports, health: wget(ports[0].Port, "/v1/health"), startPeriod: startSeconds,
		stopTimeout: spec.StopTimeout.Duration,
		network:     net, capacity: capacity, namespace: namespace, group: groups.gateway, targets: targets,
		desired: desired, initial: initial, rollout: b.gatewayRollout(spec.Rollout, b.probeFunction(net, groups, routing.name)), control: b.control(), history: true, held: b.facts.Held, rebalancing: rebalancing(spec.AvailabilityZoneRebalancing),
		exec: spec.EnableExec, after: slices.Concat(cache.ready, data.ready, b.stored(), b.copies(gatewayService), out.ready), peersSince: append(cache.since, data.since...),
	})
	s.Keeps = kept
	b.scale(gatewayService, s, capacity, spec.Autoscaling, routing)
}

// startSeconds is how long a new container of Portkey's may fail its health check, as in the module.
const startSeconds = 60

// wget is a container's health check over HTTP.
func wget(port int, path string) []string {
	return []string{"CMD-SHELL", fmt.Sprintf("wget -qO- http://localhost:%d%s || exit 1", port, path)}
}

// GatewayDefinition is the node of the gateway's task definition, and the family of its revisions.
func GatewayDefinition(gw *v1alpha1.PortkeyGateway, owner own.Owner) (node graph.NodeID, family string) {
	prefix := gw.Spec.NamePrefix
	if prefix == "" {
		prefix = gw.Name
	}
	return "task-definition/" + gatewayService, owner.ObjectName(prefix, gatewayService, limitDefault)
}
