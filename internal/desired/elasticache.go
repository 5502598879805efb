package desired

import (
	"errors"
	"net"
	"strconv"
	"strings"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
	"github.com/portkey-ai/portkey-ecs-operator/internal/kinds"
)

const cacheArea = v1alpha1.ConditionCacheReady

// managedCache adds a replication group with its subnet and parameter group. With one shard it runs with
// cluster mode off, which every client can talk to, with more of them on. Since AWS can't change that, these
// are two caches: going from one shard to several is going from one cache to another.
func (b *builder) managedCache(spec v1alpha1.ManagedCache, net network, groups securityGroups) cache {
	cluster := spec.Shards > 1
	role := "cache"
	parameters := map[string]string{"maxmemory-policy": "volatile-lru"} // what Portkey asks for: keys without expiry stay
	family := cacheFamily(spec.Engine, spec.EngineVersion)
	group := family
	if cluster {
		role, group = "cluster", family+"-cluster"
		parameters["cluster-enabled"] = "yes"
	}
	subnets := b.cacheSubnets(net)
	subnetGroup := add(b, cacheArea, "cache-subnet-group/main", b.cacheName("cache"), kinds.CacheSubnetGroup{}, kinds.CacheSubnetGroupSpec{
		Description: "Portkey cache", Subnets: subnets,
	})
	// A family is a group's for good, so each has its own: a new version comes with a new group, and the old
	// one goes after it.
	parameterGroup := add(b, cacheArea, graph.NodeID("cache-parameter-group/"+group), b.cacheName(strings.ReplaceAll(group, ".", "-")), kinds.CacheParameterGroup{}, kinds.CacheParameterGroupSpec{
		Family: family, Description: "Portkey cache", Parameters: parameters,
	})
	id := b.cacheName(role)
	s := kinds.ReplicationGroupSpec{
		Description: "Portkey cache", Engine: string(spec.Engine), EngineVersion: spec.EngineVersion, NodeType: spec.NodeType,
		Shards: int(spec.Shards), Replicas: int(*spec.ReplicasPerShard), ClusterMode: cluster, MultiAZ: *spec.ReplicasPerShard > 0 && len(subnets) > 1,
		SubnetGroup: graph.Out(subnetGroup.ID, "name"), ParameterGroup: graph.Out(parameterGroup.ID, "name"), SecurityGroups: []graph.Value{groups.cache},
	}
	var out cache
	auth := b.spec.Cache.ElastiCache.Auth
	iam := auth != nil && auth.IAM != nil
	if iam {
		s.UserGroup = b.cacheUsers(string(spec.Engine), auth, graph.Value{})
	} else {
		s.Password = b.cachePassword(auth)
		out.loginBySecret(secretUse{arn: s.Password})
	}
	n := add(b, cacheArea, graph.NodeID("replication-group/"+role), id, kinds.ReplicationGroup{}, s)
	out.env = redisEnv(elastiCache, graph.Out(n.ID, "address"), true, cluster)
	if iam {
		b.loginByIAM(&out, id, b.cacheARN("replicationgroup", id), b.cacheUserName(auth))
	}
	return out
}

// serverlessCache adds a serverless cache, which is always in cluster mode and knows users only: without IAM
// that is the one named default, as whom a client logs in that gives a password and no name
// (https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Clusters.RBAC.html).
func (b *builder) serverlessCache(spec v1alpha1.ServerlessCache, net network, groups securityGroups) cache {
	auth := b.spec.Cache.ElastiCache.Auth
	id := b.cacheName("serverless")
	subnets := b.cacheSubnets(net)
	var out cache
	iam := auth != nil && auth.IAM != nil
	var password graph.Value
	if !iam {
		password = b.cachePassword(auth)
		out.loginBySecret(secretUse{arn: password})
	}
	n := add(b, cacheArea, "serverless-cache/main", id, kinds.ServerlessCache{}, kinds.ServerlessCacheSpec{
		Description: "Portkey cache", Engine: string(spec.Engine), MajorVersion: spec.MajorEngineVersion, Subnets: subnets,
		SecurityGroups: []graph.Value{groups.cache}, UserGroup: b.cacheUsers(string(spec.Engine), auth, password),
		MaxStorageGB: int(spec.MaxDataStorageGB), MaxECPU: int(spec.MaxECPUPerSecond),
	})
	out.env = redisEnv(elastiCache, graph.Out(n.ID, "address"), true, true)
	if iam {
		b.loginByIAM(&out, id, b.cacheARN("serverlesscache", id), b.cacheUserName(auth))
	}
	return out
}

// errOneZone is that a serverless cache has no place.
var errOneZone = errors.New("cache.elastiCache.serverless needs private subnets in two availability zones: raise network.vpc.zones to 2, or use cache.elastiCache.managed")

// cacheZones is how many zones of our own network a cache is in: enough to survive one. Neither nodes nor
// serverless endpoints can leave a subnet, and so the network's further zones can come and go.
const cacheZones = 2

// privateSubnets is how many private subnets the network has.
func (b *builder) privateSubnets() int {
	if e := b.spec.Network.Existing; e != nil {
		return len(e.PrivateSubnetIDs)
	}
	return int(b.spec.Network.VPC.Zones)
}

// cacheSubnets are the subnets of a cache: of a given network all, since their zones aren't known here.
func (b *builder) cacheSubnets(net network) []graph.Value {
	if b.spec.Network.VPC == nil {
		return net.private
	}
	return net.private[:min(cacheZones, len(net.private))]
}

// cachePassword is the ARN of the secret with a cache's password: the user's, or one that is made.
func (b *builder) cachePassword(auth *v1alpha1.CacheAuth) graph.Value {
	if auth != nil {
		return graph.Lit(auth.SecretARN)
	}
	n := add(b, cacheArea, "secret/cache-password", b.name("cache-password"), kinds.Secret{}, kinds.SecretSpec{
		Key: kinds.PasswordKey, Description: "The password of the Portkey cache", KMSKey: b.kmsKey(),
	})
	return graph.Out(n.ID, "arn")
}

// allAccess lets a user do everything, as an AUTH token does.
const allAccess = "on ~* &* +@all"

// cacheUsers adds who may log in to a cache, and answers their group: one user by IAM, or the default user by
// the password. A group of Redis OSS has a default user in any case, which then is shut out.
func (b *builder) cacheUsers(engine string, auth *v1alpha1.CacheAuth, password graph.Value) graph.Value {
	user := func(id graph.NodeID, name string, spec kinds.CacheUserSpec) graph.Value {
		return graph.Out(add(b, cacheArea, id, name, kinds.CacheUser{}, spec).ID, "id")
	}
	var users []graph.Value
	role := "password"
	if auth != nil && auth.IAM != nil {
		role = "iam"
		name := b.cacheUserName(auth)
		users = append(users, user(graph.NodeID("cache-user/"+name), name, kinds.CacheUserSpec{Engine: engine, UserName: name, Access: allAccess, Authentication: kinds.CacheUserIAM}))
		if engine == string(v1alpha1.CacheEngineRedis) {
			users = append(users, user("cache-user/nobody", b.cacheName("nobody"), kinds.CacheUserSpec{
				Engine: engine, UserName: "default", Access: "off ~* -@all", Authentication: kinds.CacheUserNoPassword}))
		}
	} else {
		users = append(users, user("cache-user/default", b.cacheName("default"), kinds.CacheUserSpec{
			Engine: engine, UserName: "default", Access: allAccess, Authentication: kinds.CacheUserPassword, Password: password}))
	}
	n := add(b, cacheArea, graph.NodeID("cache-user-group/"+role), b.cacheName(role), kinds.CacheUserGroup{}, kinds.CacheUserGroupSpec{Engine: engine, Users: users})
	return graph.Out(n.ID, "id")
}

// cacheUserName is the user of a cache that we make.
func (b *builder) cacheUserName(auth *v1alpha1.CacheAuth) string {
	if auth.IAM.UserName != "" {
		return auth.IAM.UserName
	}
	return b.cacheName("user")
}

// limitCache is the length of the names of caches, with room for a letter before them.
const limitCache = 39

// cacheName is a name as ElastiCache takes it: letters and digits with single hyphens between them, the
// first of which is a letter.
func (b *builder) cacheName(suffix string) string {
	name := strings.ToLower(strings.ReplaceAll(b.nameWithin(suffix, limitCache), ".", "-"))
	for strings.Contains(name, "--") {
		name = strings.ReplaceAll(name, "--", "-")
	}
	if name[0] < 'a' || name[0] > 'z' {
		name = "c" + name
	}
	return name
}

// cacheFamily is the family of a version's parameters
// (https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/ParameterGroups.Engine.html).
func cacheFamily(engine v1alpha1.CacheEngine, version string) string {
	major, _, _ := strings.Cut(version, ".")
	if engine == v1alpha1.CacheEngineRedis && major == "6" {
		return "redis6.x"
	}
	return string(engine) + major
}

// splitAddress takes host:port apart.
func splitAddress(address string) (host string, port int) {
	host, text, err := net.SplitHostPort(address)
	if err != nil {
		return address, redisPort
	}
	port, _ = strconv.Atoi(text)
	return host, port
}

// serverlessAddress reports whether an endpoint is a serverless cache's.
func serverlessAddress(address string) bool { return strings.Contains(address, ".serverless.") }
