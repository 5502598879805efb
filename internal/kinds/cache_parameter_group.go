package kinds

import (
	"context"
	"maps"
	"slices"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/elasticache"
	cachetypes "github.com/aws/aws-sdk-go-v2/service/elasticache/types"

	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
)

// CacheParameterGroup holds settings for the caches of one family, which can't change: a version of another
// family needs another group.
// https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_CreateCacheParameterGroup.html
//
// Outputs: "name", when its parameters are set.
type CacheParameterGroup struct{}

// CacheParameterGroupSpec is what a parameter group should be.
type CacheParameterGroupSpec struct {
	// Family is AWS's, as "valkey8".
	Family string `json:"family"`
	// Description is for people; it is given once.
	Description string `json:"description"`
	// Parameters are those that are set, at most twenty; others aren't looked at.
	Parameters map[string]string `json:"parameters"`
}

type cacheParameterGroup struct {
	Name, ARN, Family string
	Parameters, Tags  map[string]string
}

func (g cacheParameterGroup) live(call graph.Call) graph.Live {
	return graph.Live{ID: g.Name, Phase: graph.Ready, Owner: proof(call, g.Name, g.Tags), Out: map[graph.Attr]string{"name": g.Name}, Raw: g}
}

// Name implements graph.Kind.
func (CacheParameterGroup) Name() string { return "CacheParameterGroup" }

// List implements graph.Lister.
func (CacheParameterGroup) List(ctx context.Context, call graph.Call) (map[graph.NodeID]graph.Live, error) {
	return cacheNodes(ctx, call, "parametergroup"), nil
}

// Observe implements graph.Kind. All parameters are read: one that is set to AWS's own default counts as
// the user's or as the system's.
func (CacheParameterGroup) Observe(ctx context.Context, call graph.Call, spec CacheParameterGroupSpec) (graph.Live, error) {
	w := world(call)
	out, err := w.Cache.DescribeCacheParameterGroups(ctx, &elasticache.DescribeCacheParameterGroupsInput{CacheParameterGroupName: sdk.String(cacheName(call))})
	if notFound(err) || (err == nil && len(out.CacheParameterGroups) == 0) {
		return graph.Live{Phase: graph.Absent}, nil
	}
	if err != nil {
		return graph.Live{}, err
	}
	g := cacheParameterGroup{Name: sdk.ToString(out.CacheParameterGroups[0].CacheParameterGroupName), ARN: sdk.ToString(out.CacheParameterGroups[0].ARN),
		Family: sdk.ToString(out.CacheParameterGroups[0].CacheParameterGroupFamily), Parameters: map[string]string{}}
	if g.Tags, err = tagsOf(ctx, call, g.ARN); err != nil {
		return graph.Live{}, err
	}
	if len(spec.Parameters) == 0 {
		return g.live(call), nil
	}
	parameters, err := pages(ctx, elasticache.NewDescribeCacheParametersPaginator(w.Cache, &elasticache.DescribeCacheParametersInput{CacheParameterGroupName: &g.Name}),
		func(p *elasticache.DescribeCacheParametersOutput) []cachetypes.Parameter { return p.Parameters })
	if err != nil {
		return graph.Live{}, err
	}
	for i := range parameters {
		g.Parameters[sdk.ToString(parameters[i].ParameterName)] = sdk.ToString(parameters[i].ParameterValue)
	}
	return g.live(call), nil
}

// Diff implements graph.Kind.
func (CacheParameterGroup) Diff(call graph.Call, want CacheParameterGroupSpec, live graph.Live) []graph.Change {
	have := raw[cacheParameterGroup](live)
	var d difference
	d.fixed("family", have.Family, want.Family)
	for _, k := range slices.Sorted(maps.Keys(want.Parameters)) {
		d.text("parameters."+k, have.Parameters[k], want.Parameters[k])
	}
	return append(d, diffTags(call.Tags, have.Tags)...)
}

// Create implements graph.Kind. The parameters are a second step, before which nobody may use the group:
// cluster mode can't be turned on any more when a cache does.
func (CacheParameterGroup) Create(ctx context.Context, call graph.Call, spec CacheParameterGroupSpec) (graph.Live, error) {
	out, err := world(call).Cache.CreateCacheParameterGroup(ctx, &elasticache.CreateCacheParameterGroupInput{
		CacheParameterGroupName: sdk.String(cacheName(call)), CacheParameterGroupFamily: &spec.Family, Description: &spec.Description, Tags: toCacheTags(call.Tags),
	})
	if err != nil {
		return graph.Live{}, err
	}
	g := cacheParameterGroup{Name: sdk.ToString(out.CacheParameterGroup.CacheParameterGroupName), ARN: sdk.ToString(out.CacheParameterGroup.ARN), Family: spec.Family, Tags: call.Tags}
	if err := g.set(ctx, call, spec.Parameters); err != nil {
		live := g.live(call)
		live.Phase, live.Out, live.Why = graph.Pending, nil, "its parameters aren't set"
		return live, err
	}
	return g.live(call), nil
}

// Update implements graph.Kind.
func (CacheParameterGroup) Update(ctx context.Context, call graph.Call, spec CacheParameterGroupSpec, live graph.Live, changes []graph.Change) (graph.Live, error) {
	have := raw[cacheParameterGroup](live)
	if touches(changes, "parameters") {
		if err := have.set(ctx, call, spec.Parameters); err != nil {
			return live, err
		}
	}
	if err := retagARN(ctx, call, have.ARN, have.Tags); err != nil {
		return live, err
	}
	have.Tags = retagged(call.Tags, have.Tags)
	return have.live(call), nil
}

// Delete implements graph.Kind. A group that a cache has is in another state than deletion wants, which
// passes with the cache.
func (CacheParameterGroup) Delete(ctx context.Context, call graph.Call, live graph.Live) (bool, error) {
	_, err := world(call).Cache.DeleteCacheParameterGroup(ctx, &elasticache.DeleteCacheParameterGroupInput{CacheParameterGroupName: &live.ID})
	return deleted(err)
}

func (g *cacheParameterGroup) set(ctx context.Context, call graph.Call, parameters map[string]string) error {
	in := &elasticache.ModifyCacheParameterGroupInput{CacheParameterGroupName: &g.Name}
	for _, k := range slices.Sorted(maps.Keys(parameters)) {
		in.ParameterNameValues = append(in.ParameterNameValues, cachetypes.ParameterNameValue{ParameterName: sdk.String(k), ParameterValue: sdk.String(parameters[k])})
	}
	if len(in.ParameterNameValues) == 0 {
		return nil
	}
	if _, err := world(call).Cache.ModifyCacheParameterGroup(ctx, in); err != nil {
		return err
	}
	g.Parameters = merged(g.Parameters, parameters)
	return nil
}
