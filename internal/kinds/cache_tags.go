package kinds

import (
	"context"
	"maps"
	"slices"
	"strings"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/elasticache"
	cachetypes "github.com/aws/aws-sdk-go-v2/service/elasticache/types"

	"github.com/portkey-ai/portkey-ecs-operator/internal/aws"
	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
	"github.com/portkey-ai/portkey-ecs-operator/internal/own"
)

func cacheTags(ctx context.Context, w *aws.World, arn string) (map[string]string, error) {
	out, err := w.Cache.ListTagsForResource(ctx, &elasticache.ListTagsForResourceInput{ResourceName: &arn})
	if err != nil {
		return nil, err
	}
	tags := map[string]string{}
	for _, t := range out.TagList {
		tags[sdk.ToString(t.Key)] = sdk.ToString(t.Value)
	}
	return tags, nil
}

func retagCache(ctx context.Context, w *aws.World, arn string, set map[string]string, remove []string) error {
	return retag(set, remove, func() error {
		_, err := w.Cache.AddTagsToResource(ctx, &elasticache.AddTagsToResourceInput{ResourceName: &arn, Tags: toCacheTags(set)})
		return err
	}, func() error {
		_, err := w.Cache.RemoveTagsFromResource(ctx, &elasticache.RemoveTagsFromResourceInput{ResourceName: &arn, TagKeys: remove})
		return err
	})
}

func toCacheTags(tags map[string]string) []cachetypes.Tag {
	var out []cachetypes.Tag
	for _, k := range slices.Sorted(maps.Keys(tags)) {
		out = append(out, cachetypes.Tag{Key: sdk.String(k), Value: sdk.String(tags[k])})
	}
	return out
}

// cacheName is the identifier of an object of ElastiCache: its name, which is stored in lower case, or
// where only the record knows it the recorded one.
func cacheName(call graph.Call) string {
	if call.Name == "" {
		return call.ID
	}
	return strings.ToLower(call.Name)
}

// cacheNodes lists the owner's objects of one of ElastiCache's types by their tags; see elbNodes.
func cacheNodes(ctx context.Context, call graph.Call, kind string) map[graph.NodeID]graph.Live {
	out := map[graph.NodeID]graph.Live{}
	for arn, tags := range ownedTags(ctx, call) {
		_, id, found := strings.Cut(arn, ":"+kind+":")
		if serviceOf(arn) == "elasticache" && found && tags[own.TagNode] != "" {
			out[graph.NodeID(tags[own.TagNode])] = graph.Live{ID: id, Phase: graph.Ready, Owner: graph.Ours}
		}
	}
	return out
}
