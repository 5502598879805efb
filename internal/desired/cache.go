package desired

import (
	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
	"github.com/portkey-ai/portkey-ecs-operator/internal/kinds"
)

// cache is what the gateway uses of the cache.
type cache struct {
	env map[string]graph.Value
	// secrets are the variables that ECS reads from Secrets Manager, secretARNs where they lie.
	secrets    map[string]graph.Value
	secretARNs []graph.Value
	// inline are the policies that tasks need to log in, by name.
	inline map[string]graph.Value
	// ready is published when a client that starts now finds the cache.
	ready []graph.Ref
	// since is when the cache was created: clients deployed before don't find it.
	since []graph.Value
}

const redisService = "redis"

// redisLogDays is how long the built-in Redis' logs are kept, as in the Terraform module.
const redisLogDays = 7

// cache adds the built-in Redis: one task.
func (b *builder) cache(net network, capacity capacity, namespace graph.Value, groups securityGroups) cache {
	spec := b.spec.Cache.BuiltIn
	one := 1
	s := b.service(serviceParams{
		name: redisService, area: v1alpha1.ConditionCacheReady, image: *spec.Image, resources: *spec.Resources, logDays: redisLogDays,
		roles:  b.taskRoles(redisService, nil, nil, nil),
		ports:  []kinds.Port{{Name: redisService, Port: redisPort}},
		health: []string{"CMD-SHELL", "redis-cli -h 127.0.0.1 ping | grep PONG || exit 1"}, startPeriod: 10,
		network: net, capacity: capacity, namespace: namespace, group: groups.redis,
		desired: &one, initial: 1, steady: true, rollout: rolling(true, true),
	})
	return cache{
		env: map[string]graph.Value{
			"CACHE_STORE": graph.Lit("redis"), "REDIS_URL": graph.Lit("redis://redis:6379"),
			"REDIS_TLS_ENABLED": graph.Lit("false"), "REDIS_MODE": graph.Lit("standalone"),
		},
		// The Service Connect endpoints of a task are frozen when its deployment starts: a gateway
		// that starts before Redis would never find it, nor one that is older than a Redis made again.
		ready: []graph.Ref{{Node: s.ID, Attr: "deployed"}}, since: []graph.Value{graph.Out(s.ID, "created")},
	}
}
