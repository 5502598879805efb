package random

import "github.com/portkey-ai/portkey-ecs-operator/internal/emulator"

// together changes a new spec so that what depends on each other goes together. The rules ask for it all, and mending
// what they refuse would lead there; but it would mostly leave out what needs the most company, and take long.
func (g *Generator) together(spec map[string]any) {
	g.capacityTogether(spec)
	g.rolloutTogether(spec)
	g.modeTogether(spec)
	delete(child(spec, "dataService", "autoscaling"), "targetRequestsPerTask")
	if child(spec, "bedrock") != nil {
		g.present(spec, "bedrock.models")
	}
	g.inboundTogether(spec)
	g.outboundTogether(spec)
	if lb := child(spec, "loadBalancer"); lb != nil {
		if zones := child(spec, "network", "vpc"); zones["zones"] == int64(1) {
			zones["zones"] = int64(2)
		}
		if text(lb, "scheme") == "InternetFacing" && text(child(spec, "controlPlane", "inbound"), "type") != "AllowList" {
			g.present(spec, "loadBalancer.allowedCIDRs")
		}
	}
}

// present makes a field, unless it is there.
func (g *Generator) present(spec map[string]any, path string) {
	for field := func() any {
		in := any(spec)
		for _, step := range split(path) {
			in = child(map[string]any{"": in}, "")[step]
		}
		return in
	}; field() == nil; {
		g.remake(spec, path)
	}
}

// capacityTogether: a cluster of somebody else's is in a network of somebody else's, and isn't set up here.
func (g *Generator) capacityTogether(spec map[string]any) {
	if child(spec, "capacity", "existing") != nil {
		delete(spec, "cluster")
		if child(spec, "network", "existing") == nil {
			spec["network"] = map[string]any{"existing": g.value(specSchema().Properties["network"].Properties["existing"], "network.existing")}
		}
	}
	if n := child(spec, "network", "existing"); n != nil && child(spec, "loadBalancer") != nil {
		n["privateSubnetIDs"], n["publicSubnetIDs"] = list(emulator.ExistingNetwork.PrivateSubnetIDs), list(emulator.ExistingNetwork.PublicSubnetIDs)
	}
}

// rolloutTogether: each strategy has a block of its own, hooks need one that shifts traffic, and that a load balancer.
func (g *Generator) rolloutTogether(spec map[string]any) {
	r := child(spec, "gateway", "rollout")
	if r == nil {
		return
	}
	shifting := []string{"BlueGreen", "Canary", "Linear"}
	strategy := text(r, "strategy")
	if hooks, _ := r["hooks"].([]any); len(hooks) > 0 && (strategy == "" || strategy == "Rolling") {
		strategy = shifting[g.rng.IntN(len(shifting))]
		r["strategy"] = strategy
	}
	for block, of := range map[string]string{"canary": "Canary", "linear": "Linear"} {
		if strategy != of {
			delete(r, block)
		}
	}
	if strategy != "" && strategy != "Rolling" {
		g.present(spec, "loadBalancer")
		delete(child(spec, "gateway", "autoscaling"), "targetRequestsPerTask")
	}
}

// modeTogether: the gateways of a mode have addresses, and others haven't.
func (g *Generator) modeTogether(spec map[string]any) {
	mode, lb := text(spec, "mode"), child(spec, "loadBalancer")
	if mode == "All" {
		g.present(spec, "loadBalancer")
		lb = child(spec, "loadBalancer")
		lb["type"] = "Application"
		switch g.rng.IntN(3) {
		case 0: // told apart by host
			lb["hosts"] = map[string]any{"gateway": gatewayHost, "mcp": mcpHost}
		case 1: // by path, on one host
			lb["hosts"], lb["paths"] = map[string]any{"gateway": gatewayHost}, map[string]any{"mcp": "/mcp"}
		default: // by path, on any host
			lb["paths"] = map[string]any{"mcp": "/mcp"}
			delete(lb, "hosts")
			ensure(spec, "mcp")["baseURL"] = "https://" + mcpHost + "/mcp"
		}
		delete(child(spec, "gateway", "autoscaling"), "targetRequestsPerTask")
	}
	if mode != "All" && lb != nil {
		foreign := "mcp"
		if mode == "MCP" && text(child(lb, "hosts"), "mcp") == "" {
			foreign = "gateway"
		}
		delete(child(lb, "hosts"), foreign)
		delete(child(lb, "paths"), foreign)
	}
	namesTogether(lb)
	if text(lb, "type") != "Application" {
		if lb["dns"] == nil {
			delete(lb, "hosts") // which are only what records and certificates are for
		}
		for _, field := range []string{"paths", "wafWebACLARN", "idleTimeout"} {
			delete(lb, field)
		}
		delete(child(spec, "gateway", "autoscaling"), "targetRequestsPerTask")
	}
	if mode == "MCP" && text(child(lb, "hosts"), "mcp") == "" {
		ensure(spec, "mcp")["baseURL"] = "https://" + mcpHost
	}
}

// namesTogether: records and certificates are for hosts, a requested certificate is the only one, and nobody makes the
// records that validate it by hand.
func namesTogether(lb map[string]any) {
	hosts := child(lb, "hosts")
	if text(hosts, "gateway") == "" && text(hosts, "mcp") == "" {
		delete(lb, "dns")
		delete(lb, "certificate")
	}
	if request, _ := child(lb, "certificate")["request"].(bool); request {
		delete(lb, "certificateARN")
		lb["dns"] = map[string]any{"hostedZoneID": zoneID}
	}
}
