package kinds

import (
	"context"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/elasticache"
	cachetypes "github.com/aws/aws-sdk-go-v2/service/elasticache/types"

	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
)

// CacheSubnetGroup says in which subnets the nodes of a cache may be. A subnet can't leave it while there
// are nodes in it.
// https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_CreateCacheSubnetGroup.html
//
// Outputs: "name", at once.
type CacheSubnetGroup struct{}

// CacheSubnetGroupSpec is what a subnet group should be.
type CacheSubnetGroupSpec struct {
	// Description is for people; it is given once.
	Description string `json:"description"`
	// Subnets are ids.
	Subnets []graph.Value `json:"subnets"`
}

type cacheSubnetGroup struct {
	Name, ARN string
	Subnets   []string
	Tags      map[string]string
}

func readSubnetGroup(g *cachetypes.CacheSubnetGroup, tags map[string]string) cacheSubnetGroup {
	out := cacheSubnetGroup{Name: sdk.ToString(g.CacheSubnetGroupName), ARN: sdk.ToString(g.ARN), Tags: tags}
	for _, n := range g.Subnets {
		out.Subnets = append(out.Subnets, sdk.ToString(n.SubnetIdentifier))
	}
	return out
}

func (g cacheSubnetGroup) live(call graph.Call) graph.Live {
	return graph.Live{ID: g.Name, Phase: graph.Ready, Owner: proof(call, g.Name, g.Tags), Out: map[graph.Attr]string{"name": g.Name}, Raw: g}
}

// Name implements graph.Kind.
func (CacheSubnetGroup) Name() string { return "CacheSubnetGroup" }

// List implements graph.Lister.
func (CacheSubnetGroup) List(ctx context.Context, call graph.Call) (map[graph.NodeID]graph.Live, error) {
	return cacheNodes(ctx, call, "subnetgroup"), nil
}

// Observe implements graph.Kind.
func (CacheSubnetGroup) Observe(ctx context.Context, call graph.Call, _ CacheSubnetGroupSpec) (graph.Live, error) {
	out, err := world(call).Cache.DescribeCacheSubnetGroups(ctx, &elasticache.DescribeCacheSubnetGroupsInput{CacheSubnetGroupName: sdk.String(cacheName(call))})
	if notFound(err) || (err == nil && len(out.CacheSubnetGroups) == 0) {
		return graph.Live{Phase: graph.Absent}, nil
	}
	if err != nil {
		return graph.Live{}, err
	}
	g := &out.CacheSubnetGroups[0]
	tags, err := tagsOf(ctx, call, sdk.ToString(g.ARN))
	if err != nil {
		return graph.Live{}, err
	}
	return readSubnetGroup(g, tags).live(call), nil
}

// Diff implements graph.Kind.
func (CacheSubnetGroup) Diff(call graph.Call, want CacheSubnetGroupSpec, live graph.Live) []graph.Change {
	have := raw[cacheSubnetGroup](live)
	var d difference
	d.set("subnets", have.Subnets, graph.Strings(want.Subnets))
	return append(d, diffTags(call.Tags, have.Tags)...)
}

// Create implements graph.Kind.
func (CacheSubnetGroup) Create(ctx context.Context, call graph.Call, spec CacheSubnetGroupSpec) (graph.Live, error) {
	out, err := world(call).Cache.CreateCacheSubnetGroup(ctx, &elasticache.CreateCacheSubnetGroupInput{
		CacheSubnetGroupName: sdk.String(cacheName(call)), CacheSubnetGroupDescription: &spec.Description, SubnetIds: graph.Strings(spec.Subnets), Tags: toCacheTags(call.Tags),
	})
	if err != nil {
		return graph.Live{}, err
	}
	return readSubnetGroup(out.CacheSubnetGroup, call.Tags).live(call), nil
}

// Update implements graph.Kind.
func (CacheSubnetGroup) Update(ctx context.Context, call graph.Call, spec CacheSubnetGroupSpec, live graph.Live, changes []graph.Change) (graph.Live, error) {
	have := raw[cacheSubnetGroup](live)
	if touches(changes, "subnets") {
		if _, err := world(call).Cache.ModifyCacheSubnetGroup(ctx, &elasticache.ModifyCacheSubnetGroupInput{
			CacheSubnetGroupName: &have.Name, SubnetIds: graph.Strings(spec.Subnets),
		}); err != nil {
			return live, err
		}
		have.Subnets = graph.Strings(spec.Subnets)
	}
	if err := retagARN(ctx, call, have.ARN, have.Tags); err != nil {
		return live, err
	}
	have.Tags = retagged(call.Tags, have.Tags)
	return have.live(call), nil
}

// Delete implements graph.Kind.
func (CacheSubnetGroup) Delete(ctx context.Context, call graph.Call, live graph.Live) (bool, error) {
	_, err := world(call).Cache.DeleteCacheSubnetGroup(ctx, &elasticache.DeleteCacheSubnetGroupInput{CacheSubnetGroupName: &live.ID})
	return deleted(err)
}
