package kinds

import (
	"context"
	"maps"
	"slices"
	"strings"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/portkey-ai/portkey-ecs-operator/internal/aws"
	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
	"github.com/portkey-ai/portkey-ecs-operator/internal/own"
)

// ec2Objects knows how one type of EC2 object is listed and told apart. All nodes of a type share
// one list per walk, filtered by AWS to what the owner's tags name.
type ec2Objects[T any] struct {
	// key names the list in the walk's memo.
	key string
	// read answers everything that the filters or the ids match.
	read func(ctx context.Context, c aws.EC2, ids []string, filters []types.Filter) ([]T, error)
	id   func(T) string
	tags func(T) []types.Tag
	// rank says which of several objects of one node is the one; lower is better, and a negative rank
	// is an object that AWS shows though it is no more. Nil ranks all alike.
	rank func(T) int
}

// owned lists the owner's objects.
func (o ec2Objects[T]) owned(ctx context.Context, call graph.Call) ([]T, error) {
	w := world(call)
	return aws.Read(ctx, w.Reads, o.list(call), func(ctx context.Context) ([]T, error) {
		all, err := o.read(ctx, w.EC2, nil, []types.Filter{
			filter("tag:"+own.TagCluster, call.Owner[own.TagCluster]),
			filter("tag:"+own.TagOwner, call.Owner[own.TagOwner]),
		})
		if err != nil {
			return nil, err
		}
		for i := range all {
			if proofOfParent(call, tagsOfEC2(o.tags(all[i]))) != graph.Ours {
				return nil, &aws.IncompleteError{Lacks: "the tags of " + o.id(all[i]) + ", which it was found by"}
			}
		}
		return all, nil
	})
}

// find answers the node's object and whose it is; nil when it is proved absent: the recorded id isn't
// found, and the complete list has none with the node's tag. Of several, which a creation doubled by
// a crash may leave, it is always the same one: the recorded, else the best, else the smallest id.
func (o ec2Objects[T]) find(ctx context.Context, call graph.Call) (*T, graph.Proof, error) {
	all, err := o.owned(ctx, call)
	if err != nil {
		return nil, "", err
	}
	var best, recorded *T
	for i := range all {
		t := &all[i]
		if call.ID != "" && o.id(*t) == call.ID {
			recorded = t
		}
		if own.Proves(tagsOfEC2(o.tags(*t)), call.Owner) && o.rankOf(*t) >= 0 && (best == nil || o.better(*t, *best)) {
			best = t
		}
	}
	if recorded == nil && call.ID != "" {
		// Not in the list: gone, or somebody took its tags off.
		found, err := o.read(ctx, world(call).EC2, []string{call.ID}, nil)
		if err != nil && !notFound(err) {
			return nil, "", err
		}
		if len(found) > 0 {
			recorded = &found[0]
		}
	}
	switch {
	case recorded == nil || o.rankOf(*recorded) < 0:
	case best == nil || o.rankOf(*recorded) <= o.rankOf(*best):
		if p := proof(call, o.id(*recorded), tagsOfEC2(o.tags(*recorded))); p == graph.Ours || best == nil {
			return recorded, p, nil
		}
	}
	return best, graph.Ours, nil
}

func (o ec2Objects[T]) better(a, b T) bool {
	if ra, rb := o.rankOf(a), o.rankOf(b); ra != rb {
		return ra < rb
	}
	return o.id(a) < o.id(b)
}

func (o ec2Objects[T]) rankOf(t T) int {
	if o.rank == nil {
		return 0
	}
	return o.rank(t)
}

// nodes answers the owner's objects by the node they were made for; see graph.Lister.
func (o ec2Objects[T]) nodes(ctx context.Context, call graph.Call, live func(T) graph.Live) (map[graph.NodeID]graph.Live, error) {
	all, err := o.owned(ctx, call)
	if err != nil {
		return nil, err
	}
	best := map[graph.NodeID]T{}
	for _, t := range all {
		node := graph.NodeID(tagsOfEC2(o.tags(t))[own.TagNode])
		have, ok := best[node]
		if node != "" && o.rankOf(t) >= 0 && (!ok || o.better(t, have)) {
			best[node] = t
		}
	}
	out := map[graph.NodeID]graph.Live{}
	for node, t := range best {
		out[node] = live(t)
	}
	return out, nil
}

// list is the key of the owner's list.
func (o ec2Objects[T]) list(call graph.Call) string { return o.key + "/" + call.Owner[own.TagOwner] }

// forget drops the walk's list after a mutation whose outcome isn't told by its answer.
func (o ec2Objects[T]) forget(call graph.Call) { world(call).Reads.Forget(o.key + "/") }

// became puts an object, as AWS answered that it now is, into the walk's list: what the list says of
// the others is as true as before, and need not be asked again.
func (o ec2Objects[T]) became(call graph.Call, t T) {
	aws.Amend(world(call).Reads, o.list(call), func(all []T) []T { return append(o.without(all, o.id(t)), t) })
}

// left takes an object that AWS answered to be gone off the walk's list.
func (o ec2Objects[T]) left(call graph.Call, id string) {
	aws.Amend(world(call).Reads, o.list(call), func(all []T) []T { return o.without(all, id) })
}

func (o ec2Objects[T]) without(all []T, id string) []T {
	return slices.DeleteFunc(slices.Clone(all), func(t T) bool { return o.id(t) == id })
}

// none says that the owner has no object of the type, which is known of what can be nowhere but in
// something that was just made. One whose id is recorded is asked for all the same.
func (o ec2Objects[T]) none(call graph.Call) { aws.Know(world(call).Reads, o.list(call), []T(nil)) }

// removed turns the answer of a deletion that AWS does at once into Kind.Delete's.
func (o ec2Objects[T]) removed(call graph.Call, id string, err error) (gone bool, _ error) {
	if gone, err = deleted(err); gone {
		o.left(call, id)
	} else {
		o.forget(call)
	}
	return gone, err
}

func filter(name string, values ...string) types.Filter {
	return types.Filter{Name: &name, Values: values}
}

func tagsOfEC2(tags []types.Tag) map[string]string {
	out := make(map[string]string, len(tags))
	for _, t := range tags {
		out[sdk.ToString(t.Key)] = sdk.ToString(t.Value)
	}
	return out
}

// ec2Tags are tags as EC2 takes them, sorted so that equal requests look equal.
func ec2Tags(tags map[string]string) []types.Tag {
	out := make([]types.Tag, 0, len(tags))
	for _, k := range slices.Sorted(maps.Keys(tags)) {
		out = append(out, types.Tag{Key: sdk.String(k), Value: sdk.String(tags[k])})
	}
	return out
}

// tagged puts the call's tags on what is being created.
func tagged(call graph.Call, resource types.ResourceType) []types.TagSpecification {
	return []types.TagSpecification{{ResourceType: resource, Tags: ec2Tags(call.Tags)}}
}

// retagEC2 makes the tags of objects, given by id with the tags they have, what they should be: with
// at most one call to set and one to remove, since all of them want the same.
func retagEC2(ctx context.Context, call graph.Call, objects map[string]map[string]string) error {
	var lacking, having []string
	var set, unset []types.Tag
	for _, id := range slices.Sorted(maps.Keys(objects)) {
		add, remove := tagPatch(call.Tags, objects[id])
		if len(add) > 0 {
			lacking = append(lacking, id)
			set = append(set, ec2Tags(add)...)
		}
		if len(remove) > 0 {
			having = append(having, id)
			for i := range remove {
				unset = append(unset, types.Tag{Key: &remove[i]})
			}
		}
	}
	// Removals first, as in retag.
	if len(having) > 0 {
		if _, err := world(call).EC2.DeleteTags(ctx, &ec2.DeleteTagsInput{Resources: having, Tags: distinct(unset)}); err != nil {
			return err
		}
	}
	if len(lacking) > 0 {
		_, err := world(call).EC2.CreateTags(ctx, &ec2.CreateTagsInput{Resources: lacking, Tags: distinct(set)})
		return err
	}
	return nil
}

// distinct keeps one tag per key, sorted.
func distinct(tags []types.Tag) []types.Tag {
	byKey := func(a, b types.Tag) int { return strings.Compare(*a.Key, *b.Key) }
	slices.SortFunc(tags, byKey)
	return slices.CompactFunc(tags, func(a, b types.Tag) bool { return byKey(a, b) == 0 })
}

// deleted turns the answer of a deletion that AWS does at once into Kind.Delete's.
func deleted(err error) (gone bool, _ error) {
	if err == nil || notFound(err) {
		return true, nil
	}
	return false, err
}
