package kinds

import (
	"context"
	"slices"
	"strings"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/elasticache"
	cachetypes "github.com/aws/aws-sdk-go-v2/service/elasticache/types"
	"k8s.io/utils/ptr"

	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
)

// ServerlessCache is a cache without nodes, always encrypted and in cluster mode. Its subnets can't change,
// nor can its version go down.
// https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_CreateServerlessCache.html
//
// Outputs: "id" and "arn" at once; "address" (host:port), when there is an endpoint.
type ServerlessCache struct{}

// ServerlessCacheSpec is what a serverless cache should be.
type ServerlessCacheSpec struct {
	Description string `json:"description"`
	// Engine is valkey or redis, MajorVersion "8".
	Engine       string `json:"engine"`
	MajorVersion string `json:"majorVersion"`
	// Subnets are the ids of those that its endpoint may be in: it is put into one in each of two or three
	// zones, and stays there.
	Subnets []graph.Value `json:"subnets"`
	// SecurityGroups are ids, UserGroup is one.
	SecurityGroups []graph.Value `json:"securityGroups"`
	UserGroup      graph.Value   `json:"userGroup"`
	// MaxStorageGB and MaxECPU bound what it may use; 0 is AWS's bound.
	MaxStorageGB int `json:"maxStorageGB,omitempty"`
	MaxECPU      int `json:"maxECPU,omitempty"`
}

type serverlessCache struct {
	cachetypes.ServerlessCache
	Tags map[string]string
}

// Name implements graph.Kind.
func (ServerlessCache) Name() string { return "ServerlessCache" }

// List implements graph.Lister.
func (ServerlessCache) List(ctx context.Context, call graph.Call) (map[graph.NodeID]graph.Live, error) {
	return cacheNodes(ctx, call, "serverlesscache"), nil
}

// Observe implements graph.Kind.
func (ServerlessCache) Observe(ctx context.Context, call graph.Call, _ ServerlessCacheSpec) (graph.Live, error) {
	out, err := world(call).Cache.DescribeServerlessCaches(ctx, &elasticache.DescribeServerlessCachesInput{ServerlessCacheName: sdk.String(cacheName(call))})
	if notFound(err) || (err == nil && len(out.ServerlessCaches) == 0) {
		return graph.Live{Phase: graph.Absent}, nil
	}
	if err != nil {
		return graph.Live{}, err
	}
	c := serverlessCache{ServerlessCache: out.ServerlessCaches[0]}
	if c.Tags, err = tagsOf(ctx, call, sdk.ToString(c.ARN)); err != nil {
		return graph.Live{}, err
	}
	return c.live(call), nil
}

func (c serverlessCache) available() bool { return ptr.Deref(c.Status, "available") == "available" }

// Diff implements graph.Kind. A cache that isn't available takes no changes: they show when it is.
func (ServerlessCache) Diff(call graph.Call, want ServerlessCacheSpec, live graph.Live) []graph.Change {
	have := raw[serverlessCache](live)
	if !have.available() {
		return nil
	}
	var d difference
	d.engine(sdk.ToString(have.Engine), sdk.ToString(have.MajorEngineVersion), want.Engine, want.MajorVersion)
	d.set("securityGroups", have.SecurityGroupIds, graph.Strings(want.SecurityGroups))
	d.text("userGroup", sdk.ToString(have.UserGroupId), strings.ToLower(want.UserGroup.String()))
	storage, ecpu := have.limits()
	d.number("maxStorageGB", storage, unbounded(want.MaxStorageGB, maxServerlessGB))
	d.number("maxECPU", ecpu, unbounded(want.MaxECPU, maxServerlessECPU))
	return append(d, diffTags(call.Tags, have.Tags)...)
}

// limits are those that are set; AWS tells its own bounds for one that isn't, or nothing.
func (c serverlessCache) limits() (storageGB, ecpu int) {
	l := c.CacheUsageLimits
	if l == nil {
		return 0, 0
	}
	if l.DataStorage != nil {
		storageGB = int(sdk.ToInt32(l.DataStorage.Maximum))
	}
	if l.ECPUPerSecond != nil {
		ecpu = int(sdk.ToInt32(l.ECPUPerSecond.Maximum))
	}
	return unbounded(storageGB, maxServerlessGB), unbounded(ecpu, maxServerlessECPU)
}

// unbounded is a limit as it is compared: AWS's own bound is none, whoever says it.
func unbounded(limit, bound int) int {
	if limit == bound {
		return 0
	}
	return limit
}

// The bounds of AWS: https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/quota-limits.html
const (
	maxServerlessGB   = 5000
	maxServerlessECPU = 15_000_000
)

// usage is the limits as a request has them. A limit can't be taken away again, so AWS's own is set.
func (s ServerlessCacheSpec) usage(all bool) *cachetypes.CacheUsageLimits {
	out := &cachetypes.CacheUsageLimits{}
	if s.MaxStorageGB > 0 || all {
		n := s.MaxStorageGB
		if n == 0 {
			n = maxServerlessGB
		}
		out.DataStorage = &cachetypes.DataStorage{Maximum: number(n), Unit: cachetypes.DataStorageUnitGb}
	}
	if s.MaxECPU > 0 || all {
		n := s.MaxECPU
		if n == 0 {
			n = maxServerlessECPU
		}
		out.ECPUPerSecond = &cachetypes.ECPUPerSecond{Maximum: number(n)}
	}
	if out.DataStorage == nil && out.ECPUPerSecond == nil {
		return nil
	}
	return out
}

// Create implements graph.Kind.
func (k ServerlessCache) Create(ctx context.Context, call graph.Call, spec ServerlessCacheSpec) (graph.Live, error) {
	subnets, err := k.place(ctx, call, graph.Strings(spec.Subnets))
	if err != nil {
		return graph.Live{}, err
	}
	in := &elasticache.CreateServerlessCacheInput{
		ServerlessCacheName: sdk.String(cacheName(call)), Description: &spec.Description, Engine: &spec.Engine, MajorEngineVersion: &spec.MajorVersion, SubnetIds: subnets,
		SecurityGroupIds: graph.Strings(spec.SecurityGroups), CacheUsageLimits: spec.usage(false), Tags: toCacheTags(call.Tags),
	}
	if !spec.UserGroup.IsZero() {
		in.UserGroupId = sdk.String(spec.UserGroup.String())
	}
	out, err := world(call).Cache.CreateServerlessCache(ctx, in)
	if err != nil {
		return graph.Live{}, err
	}
	return serverlessCache{*out.ServerlessCache, call.Tags}.live(call), nil
}

// maxServerlessSubnets is how many subnets an endpoint takes.
const maxServerlessSubnets = 3

// place chooses the first subnet of each zone, for up to three zones.
func (ServerlessCache) place(ctx context.Context, call graph.Call, candidates []string) ([]string, error) {
	out, err := world(call).EC2.DescribeSubnets(ctx, &ec2.DescribeSubnetsInput{SubnetIds: candidates})
	if err != nil {
		return nil, err
	}
	zoneOf := map[string]string{}
	for _, n := range out.Subnets {
		zoneOf[sdk.ToString(n.SubnetId)] = sdk.ToString(n.AvailabilityZone)
	}
	var chosen, zones []string
	for _, id := range candidates {
		if zone := zoneOf[id]; len(chosen) < maxServerlessSubnets && !slices.Contains(zones, zone) {
			chosen, zones = append(chosen, id), append(zones, zone)
		}
	}
	return chosen, nil
}

// Update implements graph.Kind.
func (ServerlessCache) Update(ctx context.Context, call graph.Call, spec ServerlessCacheSpec, live graph.Live, changes []graph.Change) (graph.Live, error) {
	have := raw[serverlessCache](live)
	if err := retagARN(ctx, call, sdk.ToString(have.ARN), have.Tags); err != nil {
		return live, err
	}
	have.Tags = retagged(call.Tags, have.Tags)
	if !touches(changes, "engineVersion", "securityGroups", "userGroup", "maxStorageGB", "maxECPU") {
		return have.live(call), nil
	}
	in := &elasticache.ModifyServerlessCacheInput{ServerlessCacheName: have.ServerlessCacheName}
	if touches(changes, "engineVersion") {
		in.Engine, in.MajorEngineVersion = &spec.Engine, &spec.MajorVersion
	}
	if touches(changes, "securityGroups") {
		in.SecurityGroupIds = graph.Strings(spec.SecurityGroups)
	}
	if touches(changes, "userGroup") {
		in.UserGroupId = sdk.String(spec.UserGroup.String())
	}
	if touches(changes, "maxStorageGB", "maxECPU") {
		in.CacheUsageLimits = spec.usage(true)
	}
	out, err := world(call).Cache.ModifyServerlessCache(ctx, in)
	if err != nil {
		return live, err
	}
	have.ServerlessCache = *out.ServerlessCache
	return have.live(call), nil
}

// Delete implements graph.Kind. No snapshot is taken.
func (ServerlessCache) Delete(ctx context.Context, call graph.Call, live graph.Live) (bool, error) {
	_, err := world(call).Cache.DeleteServerlessCache(ctx, &elasticache.DeleteServerlessCacheInput{ServerlessCacheName: &live.ID})
	return notFound(err), ignore(err, notFound)
}

func (c serverlessCache) live(call graph.Call) graph.Live {
	name := sdk.ToString(c.ServerlessCacheName)
	l := graph.Live{ID: name, Phase: graph.Ready, Owner: proof(call, name, c.Tags), Out: map[graph.Attr]string{"id": name, "arn": sdk.ToString(c.ARN)}, Raw: c}
	if c.Endpoint != nil {
		l.Out["address"] = hostPort(c.Endpoint)
	}
	switch status := strings.ToLower(sdk.ToString(c.Status)); status {
	case "available", "":
	case "deleting":
		l.Phase, l.Why, l.Recheck = graph.Deleting, "is being deleted", recheck(call.Now, call.Now, serverlessChanging)
	case "create-failed":
		l.Phase, l.Why = graph.Broken, "AWS couldn't create it; its events say why"
	case "creating":
		l.Phase, l.Why, l.Recheck = graph.Pending, "is being created", recheck(call.Now, sdk.ToTime(c.CreateTime), serverlessChanging)
	default:
		l.Phase, l.Why, l.Recheck = graph.Pending, "is "+status, minCacheRecheck
	}
	return l
}
