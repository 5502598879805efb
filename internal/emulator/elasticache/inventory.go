package elasticache

import (
	"maps"
	"slices"
	"strings"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// on says that the user's access string lets it in.
func (u *user) on() bool { return slices.Contains(strings.Fields(u.access), "on") }

// inventory lists every object that somebody made. Secrets aren't in it: of tokens and passwords it
// tells how many there are.
func (s *Service) inventory(bool) []core.Resource {
	var out []core.Resource
	for scope, reg := range s.regions {
		add := func(kind string, o *object, state string, settings map[string]any) {
			if o.builtIn {
				return
			}
			out = append(out, core.Resource{Service: serviceName, Kind: kind, ID: o.id, Name: o.id, ARN: o.arn, Account: scope.Account, Region: scope.Region,
				Tags: maps.Clone(o.tags), State: state, Taggable: true, Settings: settings})
		}
		for _, g := range reg.subnetGroups {
			subnets := []string{}
			for _, n := range g.subnets {
				subnets = append(subnets, n.id)
			}
			slices.Sort(subnets)
			add("CacheSubnetGroup", g.base(), "", map[string]any{"description": g.description, "vpc": g.vpcID, "subnets": subnets})
		}
		for _, g := range reg.parameterGroups {
			add("CacheParameterGroup", g.base(), "", map[string]any{"family": g.family, "description": g.description, "parameters": maps.Clone(g.values)})
		}
		for _, r := range reg.replicationGroups {
			add("ReplicationGroup", r.base(), r.status, map[string]any{
				"description": r.description, "engine": r.version.engine, "engineVersion": r.version.version, "nodeType": r.nodeType, "port": r.port,
				"shards": len(r.shards), "replicasPerShard": r.replicas(), "clusterMode": r.mode, "automaticFailover": r.failover, "multiAZ": r.multiAZ,
				"atRestEncryption": r.atRest, "transitEncryption": r.tlsMode, "authTokens": len(r.tokens), "userGroups": append([]string{}, r.userGroups...),
				"subnetGroup": r.subnetGroup.id, "parameterGroup": r.parameters.id, "securityGroups": append([]string{}, r.groups...),
				"snapshotRetention": r.retention, "autoMinorVersionUpgrade": r.minorUpgrades,
			})
		}
		for _, c := range reg.serverless {
			o := c.out(scope.Region)
			add("ServerlessCache", c.base(), c.status, map[string]any{
				"description": c.description, "engine": o.Engine, "majorEngineVersion": o.MajorEngineVersion, "subnets": o.SubnetIds, "securityGroups": c.groups,
				"userGroup": c.userGroup, "usageLimits": c.limits, "snapshotRetention": c.retention,
			})
		}
		for _, u := range reg.users {
			add("CacheUser", u.base(), u.status, map[string]any{"userName": u.name, "engine": u.engine, "accessString": u.access, "authentication": u.kind, "passwords": len(u.passwords)})
		}
		for _, g := range reg.userGroups {
			add("CacheUserGroup", g.base(), g.status, map[string]any{"engine": g.engine, "users": append([]string{}, g.users...)})
		}
	}
	return out
}

// tagged are the tags of every object by ARN.
func (s *Service) tagged(scope core.Scope) map[string]map[string]string {
	out := map[string]map[string]string{}
	reg := s.region(scope)
	put := func(o *object) {
		if !o.builtIn {
			out[o.arn] = maps.Clone(o.tags)
		}
	}
	for _, g := range reg.subnetGroups {
		put(g.base())
	}
	for _, g := range reg.parameterGroups {
		put(g.base())
	}
	for _, r := range reg.replicationGroups {
		put(r.base())
	}
	for _, c := range reg.serverless {
		put(c.base())
	}
	for _, u := range reg.users {
		put(u.base())
	}
	for _, g := range reg.userGroups {
		put(g.base())
	}
	return out
}
