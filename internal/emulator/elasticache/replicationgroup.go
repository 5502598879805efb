package elasticache

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// The states of caches.
const (
	statusCreating  = "creating"
	statusAvailable = "available"
	statusModifying = "modifying"
	statusDeleting  = "deleting"
)

const (
	modeEnabled    = "enabled"
	modeDisabled   = "disabled"
	modeCompatible = "compatible"

	tlsPreferred = "preferred"
	tlsRequired  = "required"
)

// replicationGroup is one or more shards, each a primary with its replicas.
type replicationGroup struct {
	object
	description string
	version     engineVersion
	nodeType    string
	port        int
	// suffix is the part of the endpoints that AWS makes up.
	suffix        string
	subnetGroup   *subnetGroup
	groups        []string // security groups
	parameters    *parameterGroup
	mode          string
	shards        []*shard
	failover      bool
	multiAZ       bool
	atRest, tls   bool
	kmsKey        string
	tlsMode       string
	tokens        []string // the last is the newest; two while one rotates
	tokenChanged  time.Time
	userGroups    []string
	minorUpgrades bool
	retention     int
	snapshots     string
	maintenance   string
	status        string
	pending       *pendingValues
}

type shard struct {
	id    string
	nodes []*node
}

// node is a cache cluster of one node, as every member of a replication group is.
type node struct {
	clusterID, subnet, zone, eni string
	primary                      bool
	created                      time.Time
}

func absentReplicationGroup(id string) error {
	return absent("ReplicationGroupNotFoundFault", "ReplicationGroup %s not found.", id)
}

func (r *replicationGroup) nodes() []*node {
	var out []*node
	for _, sh := range r.shards {
		out = append(out, sh.nodes...)
	}
	return out
}

func (r *replicationGroup) clustered() bool { return r.mode == modeEnabled }

// replicas is the number of replicas of the first shard: all have as many.
func (r *replicationGroup) replicas() int {
	if len(r.shards) == 0 {
		return 0
	}
	return len(r.shards[0].nodes) - 1
}

type endpointOut struct {
	Address string
	Port    int
}

type memberOut struct {
	CacheClusterId, CacheNodeId, PreferredAvailabilityZone string
	ReadEndpoint                                           *endpointOut
	CurrentRole                                            string `xml:",omitempty"`
}

type nodeGroupOut struct {
	NodeGroupId, Status string
	PrimaryEndpoint     *endpointOut
	ReaderEndpoint      *endpointOut
	Slots               string      `xml:",omitempty"`
	NodeGroupMembers    []memberOut `xml:"NodeGroupMembers>NodeGroupMember"`
}

type userGroupsUpdate struct {
	UserGroupIdsToAdd    []string `xml:"UserGroupIdsToAdd>member"`
	UserGroupIdsToRemove []string `xml:"UserGroupIdsToRemove>member"`
}

type reshardingOut struct {
	SlotMigration struct{ ProgressPercentage float64 }
}

type pendingValues struct {
	AuthTokenStatus         string `xml:",omitempty"`
	AutomaticFailoverStatus string `xml:",omitempty"`
	ClusterMode             string `xml:",omitempty"`
	TransitEncryptionMode   string `xml:",omitempty"`
	UserGroups              *userGroupsUpdate
	Resharding              *reshardingOut
}

type replicationGroupOut struct {
	ReplicationGroupId         string
	Description                string
	ARN                        string
	Status                     string
	Engine                     string
	PendingModifiedValues      pendingValues
	MemberClusters             []string       `xml:"MemberClusters>ClusterId"`
	NodeGroups                 []nodeGroupOut `xml:"NodeGroups>NodeGroup"`
	AutomaticFailover          string
	MultiAZ                    string
	ConfigurationEndpoint      *endpointOut
	ClusterEnabled             bool
	ClusterMode                string
	CacheNodeType              string
	AuthTokenEnabled           bool
	AuthTokenLastModifiedDate  *time.Time
	TransitEncryptionEnabled   bool
	TransitEncryptionMode      string `xml:",omitempty"`
	AtRestEncryptionEnabled    bool
	KmsKeyId                   string   `xml:",omitempty"`
	StorageEncryptionType      string   `xml:",omitempty"`
	UserGroupIds               []string `xml:"UserGroupIds>member"`
	SnapshotRetentionLimit     int
	SnapshotWindow             string
	AutoMinorVersionUpgrade    bool
	DataTiering                string
	NetworkType                string
	IpDiscovery                string
	ReplicationGroupCreateTime time.Time
}

type oneReplicationGroupOut struct{ ReplicationGroup replicationGroupOut }

func onOff(on bool) string {
	if on {
		return modeEnabled
	}
	return modeDisabled
}

// out is what a describe call tells; endpoints are there when the group is.
// https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_ReplicationGroup.html
func (r *replicationGroup) out(region string) replicationGroupOut {
	o := replicationGroupOut{
		ReplicationGroupId: r.id, Description: r.description, ARN: r.arn, Status: r.status, Engine: r.version.engine, AutomaticFailover: onOff(r.failover),
		MultiAZ: onOff(r.multiAZ), ClusterEnabled: r.clustered(), ClusterMode: r.mode, CacheNodeType: r.nodeType, AuthTokenEnabled: len(r.tokens) > 0,
		TransitEncryptionEnabled: r.tls, TransitEncryptionMode: r.tlsMode, AtRestEncryptionEnabled: r.atRest, KmsKeyId: r.kmsKey, UserGroupIds: r.userGroups,
		SnapshotRetentionLimit: r.retention, SnapshotWindow: r.snapshots, AutoMinorVersionUpgrade: r.minorUpgrades, DataTiering: modeDisabled, NetworkType: "ipv4",
		IpDiscovery: "ipv4", ReplicationGroupCreateTime: r.created,
	}
	switch {
	case r.kmsKey != "":
		o.StorageEncryptionType = "sse-kms"
	case r.atRest:
		o.StorageEncryptionType = "sse-elasticache"
	default:
		o.StorageEncryptionType = "none"
	}
	if r.pending != nil {
		o.PendingModifiedValues = *r.pending
	}
	if !r.tokenChanged.IsZero() {
		o.AuthTokenLastModifiedDate = &r.tokenChanged
	}
	there := r.status != statusCreating
	if there && r.clustered() {
		o.ConfigurationEndpoint = &endpointOut{r.configuration(region), r.port}
	}
	for i, sh := range r.shards {
		g := nodeGroupOut{NodeGroupId: sh.id, Status: r.status}
		if r.clustered() {
			g.Slots = slots(i, len(r.shards))
		}
		if there && !r.clustered() {
			g.PrimaryEndpoint, g.ReaderEndpoint = &endpointOut{r.primary(region), r.port}, &endpointOut{r.reader(region), r.port}
		}
		for _, n := range sh.nodes {
			o.MemberClusters = append(o.MemberClusters, n.clusterID)
			m := memberOut{CacheClusterId: n.clusterID, CacheNodeId: "0001", PreferredAvailabilityZone: n.zone}
			if there && !r.clustered() {
				m.ReadEndpoint = &endpointOut{r.nodeEndpoint(region, n), r.port}
				m.CurrentRole = "replica"
				if n.primary {
					m.CurrentRole = "primary"
				}
			}
			g.NodeGroupMembers = append(g.NodeGroupMembers, m)
		}
		o.NodeGroups = append(o.NodeGroups, g)
	}
	return o
}

// totalSlots of a cluster.
const totalSlots = 16384

func slots(i, n int) string {
	return fmt.Sprintf("%d-%d", i*totalSlots/n, (i+1)*totalSlots/n-1)
}

func (s *Service) handleReplicationGroups() {
	core.Handle(s.mux, "CreateReplicationGroup", s.createReplicationGroup)
	core.Handle(s.mux, "DescribeReplicationGroups", s.describeReplicationGroups)
	core.Handle(s.mux, "ModifyReplicationGroup", s.modifyReplicationGroup)
	core.Handle(s.mux, "DeleteReplicationGroup", s.deleteReplicationGroup)
	core.Handle(s.mux, "IncreaseReplicaCount", s.increaseReplicaCount)
	core.Handle(s.mux, "DecreaseReplicaCount", s.decreaseReplicaCount)
	core.Handle(s.mux, "ModifyReplicationGroupShardConfiguration", s.modifyShards)
	core.Handle(s.mux, "DescribeCacheClusters", s.describeCacheClusters)
}

type describeReplicationGroupsIn struct {
	page
	ReplicationGroupId string
}

type replicationGroupsOut struct {
	ReplicationGroups []replicationGroupOut `xml:"ReplicationGroups>ReplicationGroup"`
	Marker            string                `xml:",omitempty"`
}

func (s *Service) describeReplicationGroups(q *core.Request, in *describeReplicationGroupsIn) (*replicationGroupsOut, error) {
	reg := s.region(q.Scope)
	if in.ReplicationGroupId != "" {
		r, ok := seen(q, reg.replicationGroups, strings.ToLower(in.ReplicationGroupId))
		if !ok {
			return nil, absentReplicationGroup(in.ReplicationGroupId)
		}
		return &replicationGroupsOut{ReplicationGroups: []replicationGroupOut{r.out(q.Region)}}, nil
	}
	list, next, err := paginate(q, in.page, listed(q, reg.replicationGroups), idOf)
	out := &replicationGroupsOut{Marker: next}
	for _, r := range list {
		out.ReplicationGroups = append(out.ReplicationGroups, r.out(q.Region))
	}
	return out, err
}

// availableGroup finds a group that takes changes.
func (s *Service) availableGroup(q *core.Request, id string) (*replicationGroup, error) {
	r := s.region(q.Scope).replicationGroups[strings.ToLower(id)]
	switch {
	case r == nil:
		return nil, absentReplicationGroup(id)
	case r.status != statusAvailable:
		return nil, core.Errorf("InvalidReplicationGroupState", "Replication group must be in available state to be modified; %s is %s.", r.id, r.status)
	}
	return r, nil
}

// change makes a group modifying for a while; what is done at the end is done then.
func (s *Service) change(r *replicationGroup, d time.Duration, pending *pendingValues, done func()) {
	r.status, r.pending = statusModifying, pending
	s.world.Clock.After(d, func() {
		if r.status != statusModifying {
			return
		}
		if done != nil {
			done()
		}
		r.status, r.pending = statusAvailable, nil
	})
}

// place makes a node in the zone that has the fewest of its shard's.
func (s *Service) place(scope core.Scope, r *replicationGroup, sh *shard, clusterID, zone string) (*node, error) {
	var best subnet
	fewest := -1
	for _, n := range r.subnetGroup.subnets {
		if zone != "" && n.zone != zone {
			continue
		}
		count := 0
		for _, have := range sh.nodes {
			if have.zone == n.zone {
				count++
			}
		}
		if fewest < 0 || count < fewest {
			best, fewest = n, count
		}
	}
	if fewest < 0 {
		return nil, invalidValue("Subnet group %s has no subnet in availability zone %s.", r.subnetGroup.id, zone)
	}
	eni, err := s.interfaceFor(scope, best.id, "ElastiCache "+clusterID, "interface", r.groups)
	if err != nil {
		return nil, err
	}
	n := &node{clusterID: clusterID, subnet: best.id, zone: best.zone, eni: eni, primary: len(sh.nodes) == 0, created: s.world.Clock.Now()}
	sh.nodes = append(sh.nodes, n)
	return n, nil
}

// fill brings a shard to a number of nodes.
func (s *Service) fill(scope core.Scope, r *replicationGroup, sh *shard, n int, zones []string) error {
	for len(sh.nodes) < n {
		zone := ""
		if len(sh.nodes) < len(zones) {
			zone = zones[len(sh.nodes)]
		}
		if _, err := s.place(scope, r, sh, r.memberName(sh), zone); err != nil {
			return err
		}
	}
	return nil
}

// memberName is a free name for a node: the group's with a number, and the shard's between them in
// cluster mode.
func (r *replicationGroup) memberName(sh *shard) string {
	prefix := r.id
	if r.clustered() {
		prefix += "-" + sh.id
	}
	for i := 1; ; i++ {
		name := fmt.Sprintf("%s-%03d", prefix, i)
		if !slices.ContainsFunc(r.nodes(), func(n *node) bool { return n.clusterID == name }) {
			return name
		}
	}
}

func (s *Service) remove(scope core.Scope, nodes []*node) {
	for _, n := range nodes {
		s.net.DeleteInterface(scope, n.eni)
	}
}

type deleteReplicationGroupIn struct {
	ReplicationGroupId   string `q:",required"`
	RetainPrimaryCluster bool
}

// deleteReplicationGroup takes the nodes' interfaces away with the group: until then they keep its
// security groups and subnets from going.
// https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_DeleteReplicationGroup.html
func (s *Service) deleteReplicationGroup(q *core.Request, in *deleteReplicationGroupIn) (*oneReplicationGroupOut, error) {
	if in.RetainPrimaryCluster {
		return nil, unsupported("RetainPrimaryCluster")
	}
	r, err := s.availableGroup(q, in.ReplicationGroupId)
	if err != nil {
		return nil, err
	}
	r.status = statusDeleting
	scope, reg := q.Scope, s.region(q.Scope)
	s.world.Clock.After(deleting, func() {
		s.remove(scope, r.nodes())
		delete(reg.replicationGroups, r.id)
	})
	return &oneReplicationGroupOut{r.out(q.Region)}, nil
}
