package elasticache

import (
	"slices"
	"strings"
	"time"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// describeCacheClustersIn: all clusters belong to replication groups here, so there are none that don't.
type describeCacheClustersIn struct {
	page
	CacheClusterId                          string
	ShowCacheNodeInfo                       bool
	ShowCacheClustersNotInReplicationGroups bool
}

type membershipOut struct{ SecurityGroupId, Status string }

type cacheNodeOut struct {
	CacheNodeId, CacheNodeStatus, CustomerAvailabilityZone, ParameterGroupStatus string
	CacheNodeCreateTime                                                          time.Time
	Endpoint                                                                     *endpointOut
}

type cacheClusterOut struct {
	CacheClusterId             string
	ARN                        string
	CacheClusterStatus         string
	CacheNodeType              string
	Engine, EngineVersion      string
	NumCacheNodes              int
	PreferredAvailabilityZone  string
	PreferredMaintenanceWindow string
	CacheClusterCreateTime     time.Time
	CacheSubnetGroupName       string
	SecurityGroups             []membershipOut `xml:"SecurityGroups>member"`
	CacheParameterGroup        struct{ CacheParameterGroupName, ParameterApplyStatus string }
	CacheNodes                 []cacheNodeOut `xml:"CacheNodes>CacheNode"`
	ReplicationGroupId         string
	SnapshotRetentionLimit     int
	SnapshotWindow             string
	AutoMinorVersionUpgrade    bool
	AuthTokenEnabled           bool
	TransitEncryptionEnabled   bool
	TransitEncryptionMode      string `xml:",omitempty"`
	AtRestEncryptionEnabled    bool
	NetworkType, IpDiscovery   string
}

type cacheClustersOut struct {
	CacheClusters []cacheClusterOut `xml:"CacheClusters>CacheCluster"`
	Marker        string            `xml:",omitempty"`
}

// describeCacheClusters is the only way to the version, security groups and parameter group of a
// replication group. https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_DescribeCacheClusters.html
func (s *Service) describeCacheClusters(q *core.Request, in *describeCacheClustersIn) (*cacheClustersOut, error) {
	var all []cacheClusterOut
	for _, r := range listed(q, s.region(q.Scope).replicationGroups) {
		for _, n := range r.nodes() {
			all = append(all, r.clusterOut(q, n, in.ShowCacheNodeInfo))
		}
	}
	if id := strings.ToLower(in.CacheClusterId); id != "" {
		i := slices.IndexFunc(all, func(c cacheClusterOut) bool { return c.CacheClusterId == id })
		if i < 0 {
			return nil, absent("CacheClusterNotFound", "CacheCluster not found: %s", id)
		}
		return &cacheClustersOut{CacheClusters: all[i : i+1]}, nil
	}
	if in.ShowCacheClustersNotInReplicationGroups {
		all = nil
	}
	list, next, err := paginate(q, in.page, all, func(c cacheClusterOut) string { return c.CacheClusterId })
	return &cacheClustersOut{list, next}, err
}

func (r *replicationGroup) clusterOut(q *core.Request, n *node, nodes bool) cacheClusterOut {
	o := cacheClusterOut{
		CacheClusterId: n.clusterID, ARN: q.ARN(serviceName, "cluster:"+n.clusterID), CacheClusterStatus: r.status, CacheNodeType: r.nodeType,
		Engine: r.version.engine, EngineVersion: r.version.full, NumCacheNodes: 1, PreferredAvailabilityZone: n.zone, PreferredMaintenanceWindow: r.maintenance,
		CacheClusterCreateTime: n.created, CacheSubnetGroupName: r.subnetGroup.id, ReplicationGroupId: r.id, SnapshotRetentionLimit: r.retention,
		SnapshotWindow: r.snapshots, AutoMinorVersionUpgrade: r.minorUpgrades, AuthTokenEnabled: len(r.tokens) > 0, TransitEncryptionEnabled: r.tls,
		TransitEncryptionMode: r.tlsMode, AtRestEncryptionEnabled: r.atRest, NetworkType: "ipv4", IpDiscovery: "ipv4",
	}
	for _, g := range r.groups {
		o.SecurityGroups = append(o.SecurityGroups, membershipOut{g, statusActive})
	}
	o.CacheParameterGroup.CacheParameterGroupName, o.CacheParameterGroup.ParameterApplyStatus = r.parameters.id, "in-sync"
	if nodes {
		c := cacheNodeOut{CacheNodeId: "0001", CacheNodeStatus: r.status, CustomerAvailabilityZone: n.zone, ParameterGroupStatus: "in-sync", CacheNodeCreateTime: n.created}
		if r.status != statusCreating {
			c.Endpoint = &endpointOut{r.nodeEndpoint(q.Region, n), r.port}
		}
		o.CacheNodes = []cacheNodeOut{c}
	}
	return o
}
