package desired

import (
	"errors"
	"maps"
	"strconv"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
	"github.com/portkey-ai/portkey-ecs-operator/internal/kinds"
)

// cache is what the gateway uses of the cache.
type cache struct {
	env map[string]graph.Value
	// secrets are the variables that ECS reads from Secrets Manager, reads where they lie.
	secrets map[string]graph.Value
	reads   []secretUse
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

// cache adds what the spec asks for. Each of the four has nodes of its own, so that another choice brings
// the new cache up beside the old one, which goes when the services run with the new.
func (b *builder) cache(net network, capacity capacity, namespace graph.Value, groups securityGroups) cache {
	e := b.spec.Cache.ElastiCache
	switch {
	case e == nil:
		return b.builtInCache(net, capacity, namespace, groups)
	case e.Managed != nil:
		return b.managedCache(*e.Managed, net, groups)
	case e.Serverless != nil:
		return b.serverlessCache(*e.Serverless, net, groups)
	default:
		return b.existingCache(*e, groups)
	}
}

// builtInCache adds Redis: one task.
func (b *builder) builtInCache(net network, capacity capacity, namespace graph.Value, groups securityGroups) cache {
	spec := b.spec.Cache.BuiltIn
	one := 1
	s := b.service(serviceParams{
		name: redisService, area: v1alpha1.ConditionCacheReady, image: *spec.Image, resources: *spec.Resources, logDays: redisLogDays,
		roles:  b.taskRoles(redisService, nil, nil, nil),
		ports:  []kinds.Port{{Name: redisService, Port: redisPort}},
		health: []string{"CMD-SHELL", "redis-cli -h 127.0.0.1 ping | grep PONG || exit 1"}, startPeriod: 10,
		network: net, capacity: capacity, namespace: namespace, group: groups.redis,
		desired: &one, initial: 1, steady: true, rollout: rolling(breaker{enabled: true, rollback: true}),
	})
	return cache{
		env: redisEnv("redis", graph.Lit("redis://redis:6379"), false, false),
		// The Service Connect endpoints of a task are frozen when its deployment starts: a gateway
		// that starts before Redis would never find it, nor one that is older than a Redis made again.
		ready: []graph.Ref{{Node: s.ID, Attr: "deployed"}}, since: []graph.Value{graph.Out(s.ID, "created")},
	}
}

// redisEnv says where a cache is and how it is talked to.
func redisEnv(store string, address graph.Value, tls, clusterMode bool) map[string]graph.Value {
	mode := "standalone"
	if clusterMode {
		mode = "cluster"
	}
	return map[string]graph.Value{
		"CACHE_STORE": graph.Lit(store), "REDIS_URL": address,
		"REDIS_TLS_ENABLED": graph.Lit(strconv.FormatBool(tls)), "REDIS_MODE": graph.Lit(mode),
	}
}

// elastiCache is Portkey's word for Amazon ElastiCache.
const elastiCache = "aws-elastic-cache"

// loginBySecret lets the tasks log in with the password in a secret.
func (c *cache) loginBySecret(s secretUse) {
	c.secrets = map[string]graph.Value{kinds.PasswordKey: graph.Format("%s:"+kinds.PasswordKey+"::", s.arn)}
	c.reads = []secretUse{s}
}

// loginByIAM lets the tasks log in with their role, as a user of a cache
// (https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/auth-iam.html).
func (b *builder) loginByIAM(c *cache, name, cacheARN, user string) {
	maps.Copy(c.env, map[string]graph.Value{
		"AWS_REDIS_AUTH_MODE": graph.Lit("iam"), "AWS_REDIS_CLUSTER_NAME": graph.Lit(name), "AWS_REDIS_REGION": graph.Lit(b.facts.Region),
		"REDIS_USERNAME": graph.Lit(user),
	})
	c.inline = map[string]graph.Value{"cache": policy(allow([]string{cacheARN, b.cacheARN("user", user)}, "elasticache:Connect"))}
}

// cacheARN is the ARN of an object of ElastiCache.
func (b *builder) cacheARN(kind, id string) string {
	return b.arn("elasticache", b.facts.Region, b.facts.Account, kind+":"+id)
}

// ExistingCache is what the operator found out about the replication group that the spec names.
type ExistingCache struct {
	// Name is its ID, Address host:port, SecurityGroup the id of a group that its nodes have.
	Name, Address, SecurityGroup string
	TLS, ClusterMode             bool
}

// errUnknownCache is that Build was called without what must be found out first.
var errUnknownCache = errors.New("nothing is known of the replication group that cache.elastiCache.replicationGroupID names")

// existingCache uses a cache that is there. One that is named by its ID has its door opened for the tasks,
// where the spec gives the address nothing is touched.
func (b *builder) existingCache(spec v1alpha1.ElastiCache, groups securityGroups) cache {
	name := ""
	var out cache
	if e := spec.Endpoint; e != nil {
		out.env = redisEnv(elastiCache, graph.Lit(e.Address), *e.TLS, e.ClusterMode)
		if spec.Auth != nil && spec.Auth.IAM != nil {
			name = spec.Auth.IAM.CacheName
		}
	} else {
		found := b.facts.Cache
		name = found.Name
		out.env = redisEnv(elastiCache, graph.Lit(found.Address), found.TLS, found.ClusterMode)
		_, port := splitAddress(found.Address)
		open := func(role string, source graph.Value) {
			if source.IsZero() || found.SecurityGroup == "" {
				return
			}
			n := add(b, v1alpha1.ConditionCacheReady, graph.NodeID("security-group-opening/"+role), "", kinds.SecurityGroupOpening{}, kinds.SecurityGroupOpeningSpec{
				Group: graph.Lit(found.SecurityGroup), Source: source, Port: port, Description: "Redis from the " + role + " of " + b.name(""),
			})
			out.ready = append(out.ready, graph.Ref{Node: n.ID, Attr: "id"})
		}
		open(gatewayService, groups.gateway)
		open(dataServiceService, groups.dataService)
	}
	switch auth := spec.Auth; {
	case auth == nil:
	case auth.IAM != nil:
		kind := "replicationgroup"
		if serverlessAddress(out.env["REDIS_URL"].String()) {
			kind = "serverlesscache"
		}
		b.loginByIAM(&out, name, b.cacheARN(kind, name), auth.IAM.UserName)
	default:
		out.loginBySecret(use(auth.SecretARN, auth.SecretRef, cacheMirror))
	}
	return out
}
