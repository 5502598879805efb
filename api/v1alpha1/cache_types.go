package v1alpha1

// Cache is the gateway's Redis.
// +kubebuilder:validation:XValidation:rule=`has(self.builtIn) != has(self.elastiCache)`,message="set exactly one of builtIn and elastiCache: write builtIn: {} or leave cache out for a Redis inside the deployment"
type Cache struct {
	// BuiltIn runs one Redis task inside the deployment. It keeps nothing when it restarts.
	// +optional
	// +structType=atomic
	BuiltIn *BuiltInCache `json:"builtIn,omitempty"`
	// ElastiCache uses Amazon ElastiCache: exactly one of its endpoint, replicationGroupID, managed and
	// serverless.
	// +optional
	ElastiCache *ElastiCache `json:"elastiCache,omitempty"`
}

// ElastiCache is a cache in Amazon ElastiCache.
// +kubebuilder:validation:XValidation:rule=`[has(self.endpoint), has(self.replicationGroupID) && self.replicationGroupID != "", has(self.managed), has(self.serverless)].exists_one(set, set)`,message="set exactly one of endpoint and replicationGroupID, for a cache that is there already, and managed and serverless, for one that is made: managed: {} makes one of the default size"
// +kubebuilder:validation:XValidation:rule=`!self.?auth.?iam.hasValue() || !has(self.endpoint) || self.endpoint.?tls.orValue(true)`,fieldPath=".endpoint.tls",message="IAM authentication needs encryption in transit: set endpoint.tls to true, or use auth.secretARN"
// +kubebuilder:validation:XValidation:rule=`!self.?auth.?iam.hasValue() || !(has(self.endpoint) || self.?replicationGroupID.orValue("") != "") || self.auth.iam.?userName.orValue("") != ""`,fieldPath=".auth.iam.userName",message="write the name of the cache's IAM user: for a cache that is there already it can't be known"
// +kubebuilder:validation:XValidation:rule=`!self.?auth.?iam.hasValue() || has(self.endpoint) == (self.auth.iam.?cacheName.orValue("") != "")`,fieldPath=".auth.iam.cacheName",message="tasks sign with the cache's name: with endpoint write the ID of the replication group or the name of the serverless cache, with the others, where it is known, leave it out"
// +kubebuilder:validation:XValidation:rule=`!self.?auth.?iam.hasValue() || !has(self.managed) || self.managed.?engine.orValue('valkey') != 'redis' || self.managed.?engineVersion.orValue('7.1') != '6.2'`,fieldPath=".managed.engineVersion",message="IAM authentication needs Redis OSS 7.0 or later, or Valkey: write another engineVersion, or leave auth out"
// +kubebuilder:validation:XValidation:rule=`(has(self.endpoint) || self.?replicationGroupID.orValue("") != "") || self.?auth.?secretARN.orValue("") == "" && !self.?auth.?secretRef.hasValue()`,fieldPath=".auth",message="the operator generates the password of a cache that it makes: remove secretARN and secretRef, or use iam: {}"
// +kubebuilder:validation:XValidation:rule=`!self.?auth.?iam.hasValue() || !oldSelf.?auth.?iam.hasValue() || has(self.managed) == has(oldSelf.managed) || !has(oldSelf.managed) && !has(oldSelf.serverless) || self.?managed.?engine.or(self.?serverless.?engine).orValue('valkey') != 'redis' || oldSelf.?managed.?engine.or(oldSelf.?serverless.?engine).orValue('valkey') == 'redis'`,fieldPath=".auth.iam",message="ElastiCache doesn't turn the IAM users of Valkey, which one cache would hand on to the next, into users of Redis OSS: leave the engine valkey, or remove auth.iam, and set it again when the gateway is Ready"
type ElastiCache struct {
	// Endpoint is an existing cache's address. The operator changes nothing there: the cache's security group
	// must let the tasks in (status.outputs.securityGroupIDs).
	// +optional
	Endpoint *CacheEndpoint `json:"endpoint,omitempty"`
	// ReplicationGroupID is an existing replication group in the account and region. Its endpoint, TLS and
	// cluster mode are found out, and its security groups opened for the tasks as long as this deployment
	// uses it.
	// +optional
	// +kubebuilder:validation:MaxLength=40
	// +kubebuilder:validation:XValidation:rule=`self == "" || self.matches(r'^[A-Za-z]([A-Za-z0-9-]*[A-Za-z0-9])?$') && !self.contains('--')`,message="write the ID of a replication group, at most 40 letters, digits and hyphens, such as prod-redis: no address and no ARN"
	ReplicationGroupID string `json:"replicationGroupID,omitempty"`
	// Managed makes a replication group for this deployment alone, encrypted in transit and at rest.
	// +optional
	// +structType=atomic
	Managed *ManagedCache `json:"managed,omitempty"`
	// Serverless makes a serverless cache for this deployment alone.
	// +optional
	// +structType=atomic
	Serverless *ServerlessCache `json:"serverless,omitempty"`
	// Auth is how the tasks log in. Not set: with managed and serverless by a password that the operator
	// generates and keeps in Secrets Manager, with others not at all.
	// +optional
	Auth *CacheAuth `json:"auth,omitempty"`
}

// CacheEndpoint is an existing cache's address.
type CacheEndpoint struct {
	// Address is host:port: the configuration endpoint with cluster mode, else the primary endpoint.
	// +required
	// +kubebuilder:validation:MaxLength=262
	// +kubebuilder:validation:XValidation:rule=`self.matches(r'^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?:[0-9]{1,5}$')`,message="write host:port without a scheme, such as prod-redis.xxxxx.cache.amazonaws.com:6379"
	// +kubebuilder:validation:XValidation:rule=`!self.matches(r'^[^:]+:[0-9]{1,5}$') || int(self.split(':')[1]) >= 1 && int(self.split(':')[1]) <= 65535`,message="write a port from 1 to 65535, such as 6379"
	Address string `json:"address"`
	// TLS says whether the cache is encrypted in transit. Not set: true.
	// +optional
	TLS *bool `json:"tls,omitempty"`
	// ClusterMode says whether the cache runs in cluster mode. Not set: false.
	// +optional
	ClusterMode bool `json:"clusterMode,omitempty"`
}

// CacheEngine is the engine of a cache.
// +kubebuilder:validation:Enum=valkey;redis
type CacheEngine string

// The engines, as ElastiCache calls them.
const (
	// CacheEngineValkey is Valkey.
	CacheEngineValkey CacheEngine = "valkey"
	// CacheEngineRedis is Redis OSS.
	CacheEngineRedis CacheEngine = "redis"
)

// ManagedCache is a replication group for this deployment alone
// (https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Replication.Redis-RedisCluster.html).
// +kubebuilder:validation:XValidation:rule=`!has(self.engineVersion) || self.engineVersion == "" || (self.?engine.orValue('valkey') == 'redis' ? self.engineVersion in ['6.2', '7.0', '7.1'] : self.engineVersion.matches(r'^(7[.]2|[89][.][0-9])$'))`,fieldPath=".engineVersion",message="ElastiCache has Valkey from 7.2 on, and Redis OSS 6.2, 7.0 and 7.1: write one of these in quotes, such as \"8.0\" with engine valkey"
// +kubebuilder:validation:XValidation:rule=`self.?engine.orValue('valkey') != 'redis' || oldSelf.?engine.orValue('valkey') == 'redis'`,fieldPath=".engine",message="ElastiCache doesn't turn Valkey into Redis OSS: leave the engine as it was (valkey where it isn't set), or move to another cache first"
// +kubebuilder:validation:XValidation:rule=`(self.?engine.orValue('valkey') == 'redis') != (oldSelf.?engine.orValue('valkey') == 'redis') || (has(self.engineVersion) && self.engineVersion != "" ? self.engineVersion : self.?engine.orValue('valkey') == 'redis' ? '7.1' : '8.0') >= (has(oldSelf.engineVersion) && oldSelf.engineVersion != "" ? oldSelf.engineVersion : self.?engine.orValue('valkey') == 'redis' ? '7.1' : '8.0')`,fieldPath=".engineVersion",message="ElastiCache takes no engine back to an earlier version: leave it as it was (8.0 of valkey, 7.1 of redis where it isn't set), or write a later one"
// +kubebuilder:validation:XValidation:rule=`self.?shards.orValue(1) * (self.?replicasPerShard.orValue(1) + 1) <= 500`,fieldPath=".shards",message="ElastiCache takes 500 nodes in one cluster (and 90 before AWS has raised the account's quota), which are shards times one more than replicasPerShard: write fewer of either"
// +kubebuilder:validation:XValidation:rule=`!has(self.nodeType) || !self.nodeType.matches(r'^cache[.](t1|m1|m2|c1|r6gd)[.]')`,fieldPath=".nodeType",message="cache.t1, m1, m2 and c1 nodes can't be encrypted, and r6gd ones tier data to disks: write another, such as cache.t4g.small or cache.r7g.large"
type ManagedCache struct {
	// Engine is valkey or redis. Not set: valkey.
	// +optional
	Engine CacheEngine `json:"engine,omitempty"`
	// EngineVersion is the engine's version: of valkey from 7.2 on, of redis 6.2, 7.0 or 7.1. It can go up, not
	// down. Not set: 8.0 of valkey, 7.1 of redis.
	// +optional
	// +kubebuilder:validation:MaxLength=10
	EngineVersion string `json:"engineVersion,omitempty"`
	// NodeType is the type of the nodes. Not set: cache.t4g.small.
	// +optional
	// +kubebuilder:validation:MaxLength=32
	// +kubebuilder:validation:XValidation:rule=`self == "" || self.matches(r'^cache[.][a-z0-9]+[.][a-z0-9]+$')`,message="write a node type of ElastiCache, such as cache.t4g.small"
	NodeType string `json:"nodeType,omitempty"`
	// Shards is the number of shards: with more than one, in cluster mode. Not set: 1.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=90
	Shards int32 `json:"shards,omitempty"`
	// ReplicasPerShard is the number of replicas of each shard; with at least one, a replica takes over
	// when a node fails. Not set: 1.
	// +optional
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=5
	ReplicasPerShard *int32 `json:"replicasPerShard,omitempty"`
}

// ServerlessCache is a serverless cache for this deployment alone
// (https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/WhatIs.corecomponents.html).
// +kubebuilder:validation:XValidation:rule=`!has(self.majorEngineVersion) || self.majorEngineVersion == "" || (self.?engine.orValue('valkey') == 'redis' ? self.majorEngineVersion == '7' : self.majorEngineVersion.matches(r'^[789]$'))`,fieldPath=".majorEngineVersion",message="serverless caches have Valkey from 7 on, and Redis OSS 7: write the major version in quotes, such as \"8\" with engine valkey"
// +kubebuilder:validation:XValidation:rule=`self.?engine.orValue('valkey') != 'redis' || oldSelf.?engine.orValue('valkey') == 'redis'`,fieldPath=".engine",message="ElastiCache doesn't turn Valkey into Redis OSS: leave the engine as it was (valkey where it isn't set), or move to another cache first"
// +kubebuilder:validation:XValidation:rule=`(self.?engine.orValue('valkey') == 'redis') != (oldSelf.?engine.orValue('valkey') == 'redis') || (has(self.majorEngineVersion) && self.majorEngineVersion != "" ? self.majorEngineVersion : self.?engine.orValue('valkey') == 'redis' ? '7' : '8') >= (has(oldSelf.majorEngineVersion) && oldSelf.majorEngineVersion != "" ? oldSelf.majorEngineVersion : self.?engine.orValue('valkey') == 'redis' ? '7' : '8')`,fieldPath=".majorEngineVersion",message="ElastiCache takes no engine back to an earlier version: leave it as it was (8 of valkey, 7 of redis where it isn't set), or write a later one"
type ServerlessCache struct {
	// Engine is valkey or redis. Not set: valkey.
	// +optional
	Engine CacheEngine `json:"engine,omitempty"`
	// MajorEngineVersion is the engine's major version. It can go up, not down. Not set: 8 of valkey, 7 of
	// redis.
	// +optional
	// +kubebuilder:validation:MaxLength=4
	MajorEngineVersion string `json:"majorEngineVersion,omitempty"`
	// MaxDataStorageGB bounds what is stored, and its price. Not set: AWS's own bound.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=5000
	MaxDataStorageGB int32 `json:"maxDataStorageGB,omitempty"`
	// MaxECPUPerSecond bounds the processing, and its price. Not set: AWS's own bound.
	// +optional
	// +kubebuilder:validation:Minimum=1000
	// +kubebuilder:validation:Maximum=15000000
	MaxECPUPerSecond int32 `json:"maxECPUPerSecond,omitempty"`
}

// CacheAuth is how the tasks log in to the cache: exactly one of its fields.
// +kubebuilder:validation:XValidation:rule=`[has(self.secretARN) && self.secretARN != "", has(self.secretRef), has(self.iam)].exists_one(x, x)`,message="set exactly one of secretARN and secretRef, for a password in AWS Secrets Manager or in a Kubernetes Secret, and iam, for the tasks' IAM role; leave auth out where the cache asks for neither"
type CacheAuth struct {
	// SecretARN is the full ARN of a secret in AWS Secrets Manager, in the deployment's region, with the JSON key
	// REDIS_PASSWORD: for a cache that is there already.
	// +optional
	// +kubebuilder:validation:MaxLength=600
	// +kubebuilder:validation:XValidation:rule=`self == "" || self.matches(r'^arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:[A-Za-z0-9/_+=.@!-]+-[A-Za-z0-9]{6}$')`,message="write the full ARN of a Secrets Manager secret, with the six random characters and nothing after them, such as arn:aws:secretsmanager:us-east-1:123456789012:secret:portkey/redis-AbCdEf"
	SecretARN string `json:"secretARN,omitempty"`
	// SecretRef is a Secret of this namespace with the key REDIS_PASSWORD, for a cache that is there already: it is
	// copied to AWS Secrets Manager.
	// +optional
	// +structType=atomic
	SecretRef *SecretReference `json:"secretRef,omitempty"`
	// IAM logs in with the tasks' IAM role; the cache must be encrypted in transit
	// (https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/auth-iam.html).
	// +optional
	// +structType=atomic
	IAM *CacheIAM `json:"iam,omitempty"`
}

// CacheIAM logs in with the tasks' IAM role.
type CacheIAM struct {
	// UserName is the ElastiCache user, whose ID and name are the same. With managed and serverless it is made;
	// elsewhere it is there already. Not set: the deployment's name with managed and serverless.
	// +optional
	// +kubebuilder:validation:MaxLength=40
	// +kubebuilder:validation:XValidation:rule=`self == "" || self.matches(r'^[a-z]([a-z0-9-]*[a-z0-9])?$')`,message="write the name of an ElastiCache user: lower-case letters, digits and hyphens, such as portkey"
	UserName string `json:"userName,omitempty"`
	// CacheName is the name of the replication group or serverless cache, where endpoint is given: the tasks
	// sign with it.
	// +optional
	// +kubebuilder:validation:MaxLength=40
	// +kubebuilder:validation:XValidation:rule=`self == "" || self.matches(r'^[A-Za-z]([A-Za-z0-9-]*[A-Za-z0-9])?$')`,message="write the ID of the replication group or the name of the serverless cache, such as prod-redis"
	CacheName string `json:"cacheName,omitempty"`
}

// BuiltInCache is one Redis task inside the deployment.
type BuiltInCache struct {
	// Image is the container image: Redis 6.2 or later. Not set: redis:7.2-alpine.
	// +optional
	Image *Image `json:"image,omitempty"`
	// Resources are the CPU and memory of the task. Not set: 250m CPU and 512Mi.
	// +optional
	Resources *Resources `json:"resources,omitempty"`
}
