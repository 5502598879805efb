package kinds

import (
	"context"
	"net"
	"slices"
	"strconv"
	"strings"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/elasticache"
	cachetypes "github.com/aws/aws-sdk-go-v2/service/elasticache/types"
	"k8s.io/utils/ptr"

	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
)

// ReplicationGroup is a cache of Valkey or Redis OSS on nodes: shards, each of a primary and its replicas.
// It is always encrypted, in transit and at rest. Versions go up only; cluster mode and encryption at rest
// can't change.
// https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_CreateReplicationGroup.html
//
// Its password is in no output: the group is given a secret's ARN and reads it when it is set.
//
// Outputs: "id" and "arn" at once; "address" (host:port), when there is an endpoint.
type ReplicationGroup struct{}

// ReplicationGroupSpec is what a replication group should be.
type ReplicationGroupSpec struct {
	Description string `json:"description"`
	// Engine is valkey or redis, EngineVersion "8.0", NodeType "cache.t4g.small".
	Engine        string `json:"engine"`
	EngineVersion string `json:"engineVersion"`
	NodeType      string `json:"nodeType"`
	// Shards and Replicas (of each shard) count nodes; more than one shard needs ClusterMode.
	Shards      int  `json:"shards"`
	Replicas    int  `json:"replicas"`
	ClusterMode bool `json:"clusterMode"`
	// MultiAZ spreads each shard over zones, of which it needs two and a replica.
	MultiAZ bool `json:"multiAZ"`
	// SubnetGroup and ParameterGroup are names, SecurityGroups ids.
	SubnetGroup    graph.Value   `json:"subnetGroup"`
	ParameterGroup graph.Value   `json:"parameterGroup"`
	SecurityGroups []graph.Value `json:"securityGroups"`
	// Password is the ARN of a secret whose JSON key PasswordKey is the AUTH token; UserGroup the id of a user
	// group. One of the two is set.
	Password  graph.Value `json:"password,omitzero"`
	UserGroup graph.Value `json:"userGroup,omitzero"`
}

// replicationGroup is what is known of one. Version, groups and security groups are those of its nodes: the
// group itself isn't described with them.
type replicationGroup struct {
	cachetypes.ReplicationGroup
	Version, SubnetGroup, ParameterGroup string
	SecurityGroups                       []string
	// Present is the present version of the secret with its password.
	Present string
	Tags    map[string]string
}

// Name implements graph.Kind.
func (ReplicationGroup) Name() string { return "ReplicationGroup" }

// List implements graph.Lister.
func (ReplicationGroup) List(ctx context.Context, call graph.Call) (map[graph.NodeID]graph.Live, error) {
	return cacheNodes(ctx, call, "replicationgroup"), nil
}

// Observe implements graph.Kind.
func (ReplicationGroup) Observe(ctx context.Context, call graph.Call, spec ReplicationGroupSpec) (graph.Live, error) {
	w := world(call)
	out, err := w.Cache.DescribeReplicationGroups(ctx, &elasticache.DescribeReplicationGroupsInput{ReplicationGroupId: sdk.String(cacheName(call))})
	if notFound(err) || (err == nil && len(out.ReplicationGroups) == 0) {
		return graph.Live{Phase: graph.Absent}, nil
	}
	if err != nil {
		return graph.Live{}, err
	}
	g := replicationGroup{ReplicationGroup: out.ReplicationGroups[0]}
	if g.Tags, err = tagsOf(ctx, call, sdk.ToString(g.ARN)); err != nil {
		return graph.Live{}, err
	}
	if !g.available() || len(g.MemberClusters) == 0 {
		return g.live(call), nil // what its nodes are like matters when it can be changed
	}
	nodes, err := w.Cache.DescribeCacheClusters(ctx, &elasticache.DescribeCacheClustersInput{CacheClusterId: &g.MemberClusters[0]})
	if err != nil {
		return graph.Live{}, err
	}
	for i := range nodes.CacheClusters {
		g.node(&nodes.CacheClusters[i])
	}
	if known(spec.Password) {
		if g.Present, err = currentVersion(ctx, w, spec.Password.String()); err != nil {
			return graph.Live{}, err
		}
	}
	return g.live(call), nil
}

func (g *replicationGroup) node(c *cachetypes.CacheCluster) {
	g.Version, g.SubnetGroup = sdk.ToString(c.EngineVersion), sdk.ToString(c.CacheSubnetGroupName)
	if c.CacheParameterGroup != nil {
		g.ParameterGroup = sdk.ToString(c.CacheParameterGroup.CacheParameterGroupName)
	}
	g.SecurityGroups = nil
	for _, s := range c.SecurityGroups {
		g.SecurityGroups = append(g.SecurityGroups, sdk.ToString(s.SecurityGroupId))
	}
}

// available says that the group takes changes; what is under way shows in its status first.
func (g replicationGroup) available() bool { return ptr.Deref(g.Status, "available") == "available" }

// passwordTag is what the tag says, unless the rotation that it announces didn't come about.
func (g replicationGroup) passwordTag() string {
	tag := g.Tags[TagPassword]
	if v := parsePasswordVersion(tag); !v.Since.IsZero() && v.Since.After(sdk.ToTime(g.AuthTokenLastModifiedDate).Add(tokenOverlap)) {
		return ""
	}
	return tag
}

// replicas is the number of replicas of the shard that has the fewest.
func (g replicationGroup) replicas() int {
	out := 0
	for i, s := range g.NodeGroups {
		if n := len(s.NodeGroupMembers) - 1; i == 0 || n < out {
			out = n
		}
	}
	return out
}

// Diff implements graph.Kind. A group that isn't available takes no changes: they show when it is.
func (ReplicationGroup) Diff(call graph.Call, want ReplicationGroupSpec, live graph.Live) []graph.Change {
	have := raw[replicationGroup](live)
	if !have.available() {
		return nil
	}
	var d difference
	d.engine(sdk.ToString(have.Engine), have.Version, want.Engine, want.EngineVersion)
	d.fixed("clusterMode", strconv.FormatBool(ptr.Deref(have.ClusterEnabled, want.ClusterMode)), strconv.FormatBool(want.ClusterMode))
	d.fixed("atRestEncryption", strconv.FormatBool(ptr.Deref(have.AtRestEncryptionEnabled, true)), "true")
	d.fixed("subnetGroup", have.SubnetGroup, strings.ToLower(want.SubnetGroup.String()))
	d.text("parameterGroup", have.ParameterGroup, strings.ToLower(want.ParameterGroup.String()))
	d.text("nodeType", sdk.ToString(have.CacheNodeType), want.NodeType)
	d.set("securityGroups", have.SecurityGroups, graph.Strings(want.SecurityGroups))
	d.text("transitEncryption", string(have.TransitEncryptionMode), string(cachetypes.TransitEncryptionModeRequired))
	d.number("shards", len(have.NodeGroups), want.Shards)
	d.number("replicas", have.replicas(), want.Replicas)
	d.flag("automaticFailover", on(string(have.AutomaticFailover)), want.failover())
	d.flag("multiAZ", on(string(have.MultiAZ)), want.MultiAZ)
	d.text("userGroup", strings.Join(have.UserGroupIds, ","), strings.ToLower(want.UserGroup.String()))
	if !want.Password.IsZero() {
		if !sdk.ToBool(have.AuthTokenEnabled) {
			d.text("password", "none", "of the secret")
		} else {
			d.password(call.Now, have.passwordTag(), have.Present)
		}
	}
	return append(d, diffTags(call.Tags, have.Tags)...)
}

// failover: without a replica there is nobody to fail over to, but cluster mode doesn't do without.
func (s ReplicationGroupSpec) failover() bool { return s.ClusterMode || s.Replicas > 0 }

func on(status string) bool { return status == "enabled" || status == "enabling" }

// engine compares engine and version. A version names no patch level; what would be a step back can't be
// done. https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/VersionManagement.HowTo.html
func (d *difference) engine(haveEngine, haveVersion, wantEngine, wantVersion string) {
	have, want := haveEngine+" "+haveVersion, wantEngine+" "+wantVersion
	switch {
	case haveEngine == wantEngine && (haveVersion == wantVersion || strings.HasPrefix(haveVersion, wantVersion+".")):
	case haveEngine == "valkey" && wantEngine == "redis", haveEngine == wantEngine && older(wantVersion, haveVersion):
		d.fixed("engineVersion", have, want)
	default:
		d.text("engineVersion", have, want)
	}
}

// older compares versions by their numbers.
func older(a, b string) bool {
	x, y := strings.Split(a, "."), strings.Split(b, ".")
	for i := range min(len(x), len(y)) {
		m, _ := strconv.Atoi(x[i])
		n, _ := strconv.Atoi(y[i])
		if m != n {
			return m < n
		}
	}
	return false
}

// Create implements graph.Kind.
func (ReplicationGroup) Create(ctx context.Context, call graph.Call, spec ReplicationGroupSpec) (graph.Live, error) {
	w := world(call)
	in := &elasticache.CreateReplicationGroupInput{
		ReplicationGroupId: sdk.String(cacheName(call)), ReplicationGroupDescription: &spec.Description, Engine: &spec.Engine, EngineVersion: &spec.EngineVersion,
		CacheNodeType: &spec.NodeType, NumNodeGroups: number(spec.Shards), ReplicasPerNodeGroup: number(spec.Replicas), ClusterMode: clusterMode(spec.ClusterMode),
		AutomaticFailoverEnabled: sdk.Bool(spec.failover()), MultiAZEnabled: sdk.Bool(spec.MultiAZ), CacheSubnetGroupName: sdk.String(spec.SubnetGroup.String()),
		CacheParameterGroupName: sdk.String(spec.ParameterGroup.String()), SecurityGroupIds: graph.Strings(spec.SecurityGroups), AtRestEncryptionEnabled: sdk.Bool(true),
		TransitEncryptionEnabled: sdk.Bool(true), AutoMinorVersionUpgrade: sdk.Bool(false),
	}
	if !spec.UserGroup.IsZero() {
		in.UserGroupIds = []string{spec.UserGroup.String()}
	}
	tags := call.Tags
	if known(spec.Password) {
		value, version, err := password(ctx, w, spec.Password.String(), "")
		if err != nil {
			return graph.Live{}, err
		}
		in.AuthToken = &value
		tags = merged(tags, map[string]string{TagPassword: version})
	}
	in.Tags = toCacheTags(tags)
	out, err := w.Cache.CreateReplicationGroup(ctx, in)
	if err != nil {
		return graph.Live{}, err
	}
	return replicationGroup{ReplicationGroup: *out.ReplicationGroup, Tags: tags}.live(call), nil
}

func clusterMode(on bool) cachetypes.ClusterMode {
	if on {
		return cachetypes.ClusterModeEnabled
	}
	return cachetypes.ClusterModeDisabled
}

// Delete implements graph.Kind. No snapshot is taken: a cache holds nothing that isn't somewhere else.
func (ReplicationGroup) Delete(ctx context.Context, call graph.Call, live graph.Live) (bool, error) {
	_, err := world(call).Cache.DeleteReplicationGroup(ctx, &elasticache.DeleteReplicationGroupInput{ReplicationGroupId: &live.ID})
	return notFound(err), ignore(err, notFound)
}

func (g replicationGroup) live(call graph.Call) graph.Live {
	id := sdk.ToString(g.ReplicationGroupId)
	l := graph.Live{ID: id, Phase: graph.Ready, Owner: proof(call, id, g.Tags), Out: map[graph.Attr]string{"id": id, "arn": sdk.ToString(g.ARN)}, Raw: g}
	if e := g.endpoint(); e != nil {
		l.Out["address"] = hostPort(e)
	}
	switch status := sdk.ToString(g.Status); status {
	case "available", "":
	case "deleting":
		l.Phase, l.Why, l.Recheck = graph.Deleting, "is being deleted", recheck(call.Now, call.Now, cacheDeleting)
	case "create-failed":
		l.Phase, l.Why = graph.Broken, "AWS couldn't create it; its events say why"
	case "creating":
		l.Phase, l.Why, l.Recheck = graph.Pending, "is being created, which takes about ten minutes", recheck(call.Now, sdk.ToTime(g.ReplicationGroupCreateTime), cacheCreating)
	default: // modifying, snapshotting: it serves meanwhile
		l.Phase, l.Why, l.Recheck = graph.Pending, "is "+status, minCacheRecheck
	}
	return l
}

// endpoint is the one that clients start from: cluster mode has one for the whole.
func (g replicationGroup) endpoint() *cachetypes.Endpoint {
	if sdk.ToBool(g.ClusterEnabled) {
		return g.ConfigurationEndpoint
	}
	for i := range g.NodeGroups {
		return g.NodeGroups[i].PrimaryEndpoint
	}
	return nil
}

func hostPort(e *cachetypes.Endpoint) string {
	return net.JoinHostPort(sdk.ToString(e.Address), strconv.Itoa(int(sdk.ToInt32(e.Port))))
}

// shardsToRemove are the last ones.
func (g replicationGroup) shardsToRemove(n int) []string {
	var ids []string
	for _, s := range g.NodeGroups {
		ids = append(ids, sdk.ToString(s.NodeGroupId))
	}
	slices.Sort(ids)
	return ids[n:]
}
