package elasticache

import (
	"slices"
	"strings"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// createReplicationGroupIn leaves out what isn't served, as snapshots and global datastores.
type createReplicationGroupIn struct {
	ReplicationGroupId          string `q:",required"`
	ReplicationGroupDescription string `q:",required"`
	Engine, EngineVersion       string
	CacheNodeType               string
	NumCacheClusters            *int
	NumNodeGroups               *int
	ReplicasPerNodeGroup        *int
	PreferredCacheClusterAZs    []string `q:",item=AvailabilityZone"`
	AutomaticFailoverEnabled    bool
	MultiAZEnabled              bool
	ClusterMode                 string
	CacheParameterGroupName     string
	CacheSubnetGroupName        string
	SecurityGroupIds            []string `q:",item=SecurityGroupId"`
	Port                        *int
	AtRestEncryptionEnabled     *bool
	KmsKeyId                    string
	TransitEncryptionEnabled    bool
	TransitEncryptionMode       string
	AuthToken                   *string
	UserGroupIds                []string
	AutoMinorVersionUpgrade     *bool
	SnapshotRetentionLimit      *int
	SnapshotWindow              string
	PreferredMaintenanceWindow  string
	NetworkType, IpDiscovery    string
	DataTieringEnabled          bool
	Tags                        tagList `q:",item=Tag"`
}

const (
	defaultPort = 6379
	// maxReplicas of a shard, and maxShards of a group unless AWS raises it:
	// https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/quota-limits.html
	maxReplicas = 5
	maxShards   = 90
)

// createReplicationGroup follows
// https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_CreateReplicationGroup.html
func (s *Service) createReplicationGroup(q *core.Request, in *createReplicationGroupIn) (*oneReplicationGroupOut, error) {
	id, err := cacheName("ReplicationGroupId", in.ReplicationGroupId)
	if err != nil {
		return nil, err
	}
	reg := s.region(q.Scope)
	if reg.replicationGroups[id] != nil {
		return nil, core.Errorf("ReplicationGroupAlreadyExists", "Replication group %s already exists.", id)
	}
	r := &replicationGroup{description: in.ReplicationGroupDescription, nodeType: in.CacheNodeType, port: defaultPort, status: statusCreating, kmsKey: in.KmsKeyId,
		failover: in.AutomaticFailoverEnabled, multiAZ: in.MultiAZEnabled, tls: in.TransitEncryptionEnabled, minorUpgrades: in.AutoMinorVersionUpgrade == nil || *in.AutoMinorVersionUpgrade,
		maintenance: "sun:05:00-sun:06:00", snapshots: "03:00-04:00"}
	if r.object, err = s.newObject(q, "replicationgroup", id, in.Tags); err != nil {
		return nil, err
	}
	for _, step := range []func(*core.Request, *createReplicationGroupIn) error{r.setEngine, r.setTimes, s.networkOf(r), s.parametersOf(r), r.setEncryption, s.accessOf(r)} {
		if err := step(q, in); err != nil {
			return nil, err
		}
	}
	shards, replicas, err := r.shape(in)
	if err != nil {
		return nil, err
	}
	if err := r.checkFailover(replicas); err != nil {
		return nil, err
	}
	r.suffix = strings.ToLower(s.world.Hex(6))
	for i := range shards {
		sh := &shard{id: shardID(i + 1)}
		r.shards = append(r.shards, sh)
		if err := s.fill(q.Scope, r, sh, 1+replicas, in.PreferredCacheClusterAZs); err != nil {
			s.remove(q.Scope, r.nodes())
			return nil, err
		}
	}
	s.linked(q)
	reg.replicationGroups[id] = r
	s.world.Clock.After(creating, func() { r.status = statusAvailable })
	return &oneReplicationGroupOut{r.out(q.Region)}, nil
}

func (r *replicationGroup) setEngine(_ *core.Request, in *createReplicationGroupIn) (err error) {
	engine := in.Engine
	if engine == "" {
		engine = redis // the default of earlier days
	}
	if r.version, err = findVersion(engine, in.EngineVersion); err != nil {
		return err
	}
	return checkNodeType(r.nodeType)
}

func (r *replicationGroup) setTimes(_ *core.Request, in *createReplicationGroupIn) error {
	if in.SnapshotRetentionLimit != nil {
		if r.retention = *in.SnapshotRetentionLimit; r.retention < 0 || r.retention > 35 {
			return invalidValue("SnapshotRetentionLimit must be between 0 and 35.")
		}
	}
	if in.SnapshotWindow != "" {
		r.snapshots = in.SnapshotWindow
	}
	if in.PreferredMaintenanceWindow != "" {
		if _, err := windowStart(in.PreferredMaintenanceWindow); err != nil {
			return err
		}
		r.maintenance = strings.ToLower(in.PreferredMaintenanceWindow)
	}
	if in.Port != nil {
		if r.port = *in.Port; r.port < 1024 || r.port > 65535 {
			return invalidValue("Port must be between 1024 and 65535.")
		}
	}
	return nil
}

// networkOf checks where the nodes shall be. An account without a default VPC has no default subnet
// group either.
func (s *Service) networkOf(r *replicationGroup) func(*core.Request, *createReplicationGroupIn) error {
	return func(q *core.Request, in *createReplicationGroupIn) (err error) {
		switch {
		case in.NetworkType != "" && in.NetworkType != "ipv4":
			return unsupported("NetworkType")
		case in.IpDiscovery != "" && in.IpDiscovery != "ipv4":
			return unsupported("IpDiscovery")
		case in.DataTieringEnabled:
			return unsupported("DataTieringEnabled")
		}
		name := in.CacheSubnetGroupName
		if name == "" {
			name = "default"
		}
		r.subnetGroup = s.region(q.Scope).subnetGroups[strings.ToLower(name)]
		if r.subnetGroup == nil {
			return absentSubnetGroup(name)
		}
		r.groups, err = s.groupsIn(q.Scope, r.subnetGroup.vpcID, in.SecurityGroupIds)
		return err
	}
}

// parametersOf finds the parameter group: of the version's family, and with cluster mode on where the
// request says so.
func (s *Service) parametersOf(r *replicationGroup) func(*core.Request, *createReplicationGroupIn) error {
	return func(q *core.Request, in *createReplicationGroupIn) error {
		r.mode = in.ClusterMode
		if r.mode != "" && r.mode != modeEnabled && r.mode != modeDisabled && r.mode != modeCompatible {
			return invalidValue("Invalid cluster mode %s: enabled, disabled or compatible is expected.", r.mode)
		}
		if r.mode == modeCompatible {
			return unsupported("ClusterMode")
		}
		name := strings.ToLower(in.CacheParameterGroupName)
		if name == "" {
			name = "default." + r.version.family
			if r.mode == modeEnabled || in.NumNodeGroups != nil && *in.NumNodeGroups > 1 {
				name += ".cluster.on"
			}
		}
		r.parameters = s.region(q.Scope).parameterGroups[name]
		if r.parameters == nil {
			return absentParameterGroup(name)
		}
		if err := r.checkFamily(); err != nil {
			return err
		}
		on := r.parameters.clustered()
		if r.mode == modeEnabled && !on || r.mode == modeDisabled && on {
			return invalidCombination("Cluster mode %s doesn't go with parameter group %s, whose cluster-enabled is %s.", r.mode, name, r.parameters.value("cluster-enabled"))
		}
		r.mode = onOff(on)
		if r.mode == modeEnabled && !r.failover {
			return invalidCombination("Replication group with cluster mode enabled cannot be created with auto failover turned off.")
		}
		return nil
	}
}

func (r *replicationGroup) checkFamily() error {
	if r.parameters.family != r.version.family {
		return invalidCombination("Expected a parameter group of family %s but found one of family %s.", r.version.family, r.parameters.family)
	}
	return nil
}

func (r *replicationGroup) setEncryption(_ *core.Request, in *createReplicationGroupIn) error {
	r.atRest = r.version.engine == valkey // "Default: true when using Valkey, false when using Redis OSS"
	if in.AtRestEncryptionEnabled != nil {
		r.atRest = *in.AtRestEncryptionEnabled
	}
	switch {
	case r.kmsKey != "" && !r.atRest:
		return invalidCombination("KmsKeyId can only be given with at-rest encryption.")
	case in.TransitEncryptionMode != "" && in.TransitEncryptionMode != tlsPreferred && in.TransitEncryptionMode != tlsRequired:
		return invalidValue("Invalid transit encryption mode %s: preferred or required is expected.", in.TransitEncryptionMode)
	case in.TransitEncryptionMode != "" && !r.tls:
		return invalidCombination("TransitEncryptionMode can only be given with TransitEncryptionEnabled.")
	case r.tls && in.CacheSubnetGroupName == "":
		return invalidCombination("In-transit encryption needs a cache subnet group.")
	}
	if r.tls {
		r.tlsMode = tlsRequired
		if in.TransitEncryptionMode != "" {
			r.tlsMode = in.TransitEncryptionMode
		}
	}
	return nil
}

// accessOf checks how clients prove who they are: by a token, by users, or not at all.
func (s *Service) accessOf(r *replicationGroup) func(*core.Request, *createReplicationGroupIn) error {
	return func(q *core.Request, in *createReplicationGroupIn) error {
		if in.AuthToken != nil {
			switch {
			case len(in.UserGroupIds) > 0:
				return invalidCombination("Both AuthToken and UserGroupIds can't be specified.")
			case !r.tls:
				return invalidCombination("Auth Token can only be set on a replication group with in-transit encryption enabled.")
			}
			if err := checkToken(*in.AuthToken); err != nil {
				return err
			}
			r.tokens, r.tokenChanged = []string{*in.AuthToken}, q.Now()
		}
		for _, id := range in.UserGroupIds {
			if err := s.checkUserGroup(q.Scope, r.version.engine, id, r.tls); err != nil {
				return err
			}
			r.userGroups = append(r.userGroups, strings.ToLower(id))
		}
		if len(r.userGroups) > 1 {
			return invalidValue("Only one user group can be associated with a replication group.")
		}
		return nil
	}
}

// checkUserGroup: a Redis OSS cache takes only groups of engine redis.
func (s *Service) checkUserGroup(scope core.Scope, engine, id string, tls bool) error {
	if !tls {
		return invalidCombination("User group based access control requires encryption-in-transit to be enabled on the replication group.")
	}
	g, err := s.activeUserGroup(scope, id)
	if err != nil {
		return err
	}
	if engine == redis && g.engine != redis {
		return invalidCombination("User group %s has engine %s, which a cache of engine redis can't use.", g.id, g.engine)
	}
	return nil
}

// checkToken: 16 to 128 printable characters, and few special ones.
// https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/auth.html
func checkToken(token string) error {
	if len(token) < 16 || len(token) > 128 {
		return invalidValue("The AuthToken must be between 16 and 128 characters.")
	}
	for _, c := range token {
		if ok := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.ContainsRune("!&#$^<>-", c); !ok {
			return invalidValue("Invalid AuthToken provided.")
		}
	}
	return nil
}

// shape is the number of shards and of each one's replicas.
func (r *replicationGroup) shape(in *createReplicationGroupIn) (shards, replicas int, err error) {
	shards = 1
	if in.NumCacheClusters != nil {
		if in.NumNodeGroups != nil || in.ReplicasPerNodeGroup != nil {
			return 0, 0, invalidCombination("NumCacheClusters can't be used together with NumNodeGroups or ReplicasPerNodeGroup.")
		}
		if replicas = *in.NumCacheClusters - 1; replicas < 0 || replicas > maxReplicas {
			return 0, 0, invalidValue("NumCacheClusters must be between 1 and %d.", maxReplicas+1)
		}
	}
	if in.NumNodeGroups != nil {
		shards = *in.NumNodeGroups
	}
	if in.ReplicasPerNodeGroup != nil {
		replicas = *in.ReplicasPerNodeGroup
	}
	switch {
	case replicas < 0 || replicas > maxReplicas:
		return 0, 0, invalidValue("The number of replicas per node group must be within 0 and %d.", maxReplicas)
	case shards < 1:
		return 0, 0, invalidValue("The number of node groups must be at least 1.")
	case shards > maxShards:
		return 0, 0, core.Errorf("NodeGroupsPerReplicationGroupQuotaExceeded", "The maximum number of node groups (shards) in a single replication group is %d.", maxShards)
	case shards > 1 && !r.clustered():
		return 0, 0, invalidCombination("Use of cluster mode disabled parameter group %s is not allowed with more than one node group.", r.parameters.id)
	case len(in.PreferredCacheClusterAZs) > 0 && (shards > 1 || len(in.PreferredCacheClusterAZs) != replicas+1):
		return 0, 0, invalidCombination("The number of availability zones must equal NumCacheClusters.")
	}
	return shards, replicas, nil
}

// checkFailover: automatic failover needs a replica to fail over to where cluster mode is off, and
// Multi-AZ needs automatic failover, a replica, and a second zone.
// https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/AutoFailover.html
func (r *replicationGroup) checkFailover(replicas int) error {
	zones := []string{}
	for _, n := range r.subnetGroup.subnets {
		if !slices.Contains(zones, n.zone) {
			zones = append(zones, n.zone)
		}
	}
	switch {
	case r.failover && !r.clustered() && replicas < 1:
		return invalidCombination("Automatic failover is not supported for replication groups with less than 2 cache clusters.")
	case r.multiAZ && !r.failover:
		return invalidCombination("Must enable automatic failover to have Multi-AZ.")
	case r.multiAZ && replicas < 1:
		return invalidCombination("Multi-AZ is not supported without at least one replica for each node group.")
	case r.multiAZ && len(zones) < 2:
		return invalidCombination("Multi-AZ needs subnets in at least two availability zones.")
	case r.failover && strings.HasPrefix(r.nodeType, "cache.t1."):
		return invalidCombination("Automatic failover is not supported for %s.", r.nodeType)
	}
	return nil
}
