package controllers

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/internal/desired"
	"github.com/portkey-ai/portkey-ecs-operator/internal/engine"
	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
	"github.com/portkey-ai/portkey-ecs-operator/internal/kinds"
)

// describe writes what a walk saw into status, for people and other tools. What wasn't seen this
// time stays as it was.
func describe(gw *v1alpha1.PortkeyGateway, res *engine.Result, now time.Time) {
	st := &gw.Status
	if p, ok := pinned(gw); ok {
		st.AccountID = p.account
	}
	st.Endpoints = endpoints(gw, res)
	st.Outputs = outputs(gw, res)
	st.DNSRecords = dnsRecords(gw, res)
	givenOutputs(gw, st.Outputs)
	describeInbound(gw, res)
	describeServices(gw, res, now)
}

func endpoints(gw *v1alpha1.PortkeyGateway, res *engine.Result) *v1alpha1.Endpoints {
	spec := gw.Resolved()
	lb := spec.LoadBalancer
	if lb == nil {
		return nil
	}
	n := res.Node(desired.BalancerOf(lb))
	if n == nil || n.Live.Out["dns"] == "" {
		return gw.Status.Endpoints
	}
	dns := n.Live.Out["dns"]
	host := func(name v1alpha1.HostName) string { return cmp.Or(string(name), dns) }
	out := &v1alpha1.Endpoints{LoadBalancer: dns, HostedZoneID: n.Live.Out["zoneID"]}
	if spec.Mode != v1alpha1.ModeMCP {
		out.Gateway = lb.Protocol() + "://" + host(lb.Hosts.Gateway) + string(lb.Paths.Gateway)
	}
	if spec.Mode != v1alpha1.ModeGateway {
		out.MCP = cmp.Or(spec.MCPBaseURL(), lb.Protocol()+"://"+host(lb.Hosts.MCP)+string(lb.Paths.MCP))
	}
	if spec.Gateway.Rollout.Strategy != v1alpha1.RolloutRolling {
		out.Test = fmt.Sprintf("%s://%s:%d", lb.Protocol(), host(cmp.Or(lb.Hosts.Gateway, lb.Hosts.MCP)), desired.TestPort(lb))
	}
	return out
}

// givenOutputs are the identifiers of what isn't ours.
func givenOutputs(gw *v1alpha1.PortkeyGateway, out *v1alpha1.Outputs) {
	spec := gw.Resolved()
	if n := spec.Network.Existing; n != nil {
		out.VPCID, out.PublicSubnetIDs, out.PrivateSubnetIDs = n.VPCID, n.PublicSubnetIDs, n.PrivateSubnetIDs
	}
	if c := spec.Capacity.Existing; c != nil {
		out.ClusterName = c.Cluster
	}
}

// outputs are the identifiers that other tools need.
func outputs(gw *v1alpha1.PortkeyGateway, res *engine.Result) *v1alpha1.Outputs {
	out := &v1alpha1.Outputs{TaskRoleARNs: map[string]string{}, SecurityGroupIDs: map[string]string{}}
	roles := map[graph.NodeID]string{"role/gateway-task": "gateway", "role/data-service-task": "dataService", "role/redis-task": "redis"}
	groups := map[graph.NodeID]string{
		"security-group/gateway": "gateway", "security-group/data-service": "dataService", "security-group/redis": "redis",
		"security-group/instances": "instances",
	}
	groups[desired.ControlPlaneGroup] = "controlPlane"
	if lb := gw.Resolved().LoadBalancer; lb != nil {
		groups[desired.BalancerGroupOf(lb)], groups[desired.LinkGroupOf(lb)] = "loadBalancer", "privateLink"
	}
	for i := range res.Nodes {
		n := &res.Nodes[i]
		id, arn := n.Live.Out["id"], n.Live.Out["arn"]
		switch {
		case n.Node == "vpc/main":
			out.VPCID = id
		case strings.HasPrefix(string(n.Node), "subnet/public-") && id != "":
			out.PublicSubnetIDs = append(out.PublicSubnetIDs, id)
		case strings.HasPrefix(string(n.Node), "subnet/private-") && id != "":
			out.PrivateSubnetIDs = append(out.PrivateSubnetIDs, id)
		case n.Kind == "ElasticIP" && n.Live.Out["ip"] != "":
			out.NATAddresses = append(out.NATAddresses, n.Live.Out["ip"])
		case n.Node == desired.EndpointServiceNode:
			out.EndpointServiceName = n.Live.Out["name"]
		case n.Node == "cluster/main":
			out.ClusterName = n.Live.Out["name"]
		case n.Node == desired.ControlPlaneEndpoint:
			if f, ok := factsOf[*kinds.EndpointFacts](n); ok && n.State != engine.Gone && n.Live.Phase != graph.Deleting {
				out.ControlPlaneEndpoint = &v1alpha1.EndpointOutput{ID: f.ID, DNSNames: f.Names}
			}
		case roles[n.Node] != "" && arn != "":
			out.TaskRoleARNs[roles[n.Node]] = arn
		case groups[n.Node] != "" && id != "":
			out.SecurityGroupIDs[groups[n.Node]] = id
		}
	}
	if b, role := gw.Spec.Bedrock, out.TaskRoleARNs["gateway"]; b != nil && len(b.AssumeRoleARNs) > 0 && role != "" {
		out.BedrockTrustPolicy = desired.BedrockTrust(role)
	}
	return out
}

// services are the services of a deployment, in the order in which people read them.
var services = []string{v1alpha1.ServiceGateway, v1alpha1.ServiceDataService, v1alpha1.ServiceRedis}

// describeServices writes the services, and the gateway's rollout, as far as they were seen.
func describeServices(gw *v1alpha1.PortkeyGateway, res *engine.Result, now time.Time) {
	st := &gw.Status
	spec := gw.Resolved()
	images := images(spec)
	st.Services = slices.DeleteFunc(st.Services, func(s v1alpha1.ServiceStatus) bool { return images[s.Name] == "" }) // no longer asked for
	for _, name := range services {
		n := res.Node(graph.NodeID("service/" + name))
		facts, ok := factsOf[*kinds.ServiceFacts](n)
		if !ok {
			continue
		}
		s := v1alpha1.ServiceStatus{
			Name: name, Desired: int32(facts.Desired), Running: int32(facts.Running), Pending: int32(facts.Pending),
			TaskDefinition: shortARN(facts.TaskDefinition),
		}
		if n.State == engine.Ready && !foreseen(res, n) && name == v1alpha1.ServiceGateway {
			s.Ports = spec.Ports()
		}
		i := slices.IndexFunc(st.Services, func(x v1alpha1.ServiceStatus) bool { return x.Name == name })
		// The image is that of the wanted definition once the service has it; until then the last known.
		if td := res.Node(graph.NodeID("task-definition/" + name)); td != nil && td.Live.Out["arn"] == facts.TaskDefinition && !rolloutFailed(n) && !foreseen(res, td) {
			s.Image = images[name]
		} else if facts.Image != "" {
			s.Image = plainImage(facts.Image)
		} else if image := imageOfRevision(gw, s.TaskDefinition); image != "" && name == v1alpha1.ServiceGateway {
			s.Image = image
		} else if i >= 0 {
			s.Image = st.Services[i].Image
		}
		before := ""
		if i >= 0 {
			before = st.Services[i].Image
		}
		if i >= 0 && s.Ports == nil {
			s.Ports = st.Services[i].Ports
		}
		if i < 0 {
			st.Services = append(st.Services, s)
		} else {
			st.Services[i] = s
		}
		if name != v1alpha1.ServiceGateway {
			continue
		}
		st.Tasks = fmt.Sprintf("%d/%d", facts.Running, facts.Desired)
		describeRollout(gw, res, facts, before, now)
		serves := serving(st.Rollout, facts, s.Image)
		if _, tag, ok := strings.Cut(serves[strings.LastIndex(serves, "/")+1:], ":"); ok {
			st.Version = tag
		}
	}
	slices.SortFunc(st.Services, func(a, b v1alpha1.ServiceStatus) int {
		return slices.Index(services, a.Name) - slices.Index(services, b.Name)
	})
}

// foreseen reports whether a plan has changes of an object, which is then not what the spec asks for.
func foreseen(res *engine.Result, n *engine.NodeResult) bool {
	return res.Mode == engine.Plan && n.Action != engine.None
}

// images are the images that the spec asks for, by service.
func images(spec v1alpha1.PortkeyGatewaySpec) map[string]string {
	name := func(i *v1alpha1.Image) string { return i.Repository + ":" + i.Tag }
	out := map[string]string{v1alpha1.ServiceGateway: name(spec.Gateway.Image)}
	if d := spec.DataService; d != nil {
		out[v1alpha1.ServiceDataService] = name(d.Image)
	}
	if r := spec.Cache.BuiltIn; r != nil {
		out[v1alpha1.ServiceRedis] = name(r.Image)
	}
	return out
}

// retiring reports whether tasks may still listen on a port that the spec no longer asks for.
func retiring(gw *v1alpha1.PortkeyGateway) bool {
	spec := gw.Resolved()
	wanted := spec.Ports()
	return slices.ContainsFunc(gw.Status.Services, func(s v1alpha1.ServiceStatus) bool {
		return slices.ContainsFunc(s.Ports, func(p int32) bool { return !slices.Contains(wanted, p) })
	})
}

// scaled are the services that are registered with Application Auto Scaling, as far as it is recorded.
func scaled(gw *v1alpha1.PortkeyGateway) []string {
	var out []string
	for _, r := range gw.Status.Resources {
		if service, ok := desired.ScaledService(graph.NodeID(r.Node)); ok {
			out = append(out, service)
		}
	}
	return out
}

// listenerPorts are the ports on which listeners listen, by their nodes, as far as it is recorded.
func listenerPorts(gw *v1alpha1.PortkeyGateway) map[graph.NodeID]int {
	out := map[graph.NodeID]int{}
	for _, r := range gw.Status.Resources {
		if port, err := strconv.Atoi(r.Out["port"]); err == nil && r.Kind == (kinds.Listener{}).Name() {
			out[graph.NodeID(r.Node)] = port
		}
	}
	return out
}

// formerBalancers are the security groups of load balancers that the spec no longer asks for, as long as
// the gateway's tasks may stand behind them.
func formerBalancers(gw *v1alpha1.PortkeyGateway) []string {
	wanted := ""
	if lb := gw.Resolved().LoadBalancer; lb != nil {
		wanted, _ = desired.Balancing(desired.BalancerOf(lb))
	}
	used := map[string]bool{}
	for _, r := range gw.Status.Resources {
		if r.Node != gatewayNode {
			continue
		}
		for _, need := range r.Needs {
			if variant, ok := desired.Balancing(graph.NodeID(need)); ok {
				used[variant] = true
			}
		}
	}
	var out []string
	for _, r := range gw.Status.Resources {
		variant, ok := desired.Balancing(graph.NodeID(r.Node))
		if ok && desired.IsBalancerGroup(graph.NodeID(r.Node)) && variant != wanted && used[variant] && r.ID != "" {
			out = append(out, r.ID)
		}
	}
	return out
}

// gatewayNode is the node of the gateway service.
const gatewayNode = "service/" + v1alpha1.ServiceGateway

// targetGroups are the target groups that are recorded.
func targetGroups(gw *v1alpha1.PortkeyGateway) []graph.NodeID {
	var out []graph.NodeID
	for _, r := range gw.Status.Resources {
		if node := graph.NodeID(r.Node); desired.IsTargetGroup(node) && r.ID != "" {
			out = append(out, node)
		}
	}
	return out
}

// strategies are our names of ECS's strategies.
var strategies = map[string]v1alpha1.RolloutStrategy{
	"ROLLING": v1alpha1.RolloutRolling, "BLUE_GREEN": v1alpha1.RolloutBlueGreen, "CANARY": v1alpha1.RolloutCanary, "LINEAR": v1alpha1.RolloutLinear,
}

// camel writes ECS's PRODUCTION_TRAFFIC_SHIFT as Kubernetes would: ProductionTrafficShift.
func camel(name string) string {
	var out strings.Builder
	for word := range strings.SplitSeq(name, "_") {
		if word != "" {
			out.WriteString(word[:1] + strings.ToLower(word[1:]))
		}
	}
	return out.String()
}

// shortARN is the part of an ARN that people read: family:revision of a task definition.
func shortARN(arn string) string { return arn[strings.LastIndex(arn, "/")+1:] }
