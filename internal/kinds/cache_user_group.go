package kinds

import (
	"context"
	"slices"
	"strings"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/elasticache"

	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
)

// CacheUserGroup is a set of users, of whom a cache lets in those in its group.
// https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_CreateUserGroup.html
//
// Outputs: "id", when it is active.
type CacheUserGroup struct{}

// CacheUserGroupSpec is what a user group should be.
type CacheUserGroupSpec struct {
	// Engine is valkey or redis: a group of redis has a user named default.
	Engine string `json:"engine"`
	// Users are ids.
	Users []graph.Value `json:"users"`
}

type cacheUserGroup struct {
	ID, ARN, Engine, Status string
	Users                   []string
	Tags                    map[string]string
}

func (g cacheUserGroup) live(call graph.Call) graph.Live {
	l := graph.Live{ID: g.ID, Phase: graph.Ready, Owner: proof(call, g.ID, g.Tags), Out: map[graph.Attr]string{"id": g.ID}, Raw: g}
	switch g.Status {
	case "active", "":
	case "deleting":
		l.Phase, l.Recheck = graph.Deleting, accessChanging
	default:
		l.Phase, l.Why, l.Recheck = graph.Pending, "is "+g.Status, accessChanging
		if g.Status == "creating" {
			l.Out = nil
		}
	}
	return l
}

// Name implements graph.Kind.
func (CacheUserGroup) Name() string { return "CacheUserGroup" }

// List implements graph.Lister.
func (CacheUserGroup) List(ctx context.Context, call graph.Call) (map[graph.NodeID]graph.Live, error) {
	return cacheNodes(ctx, call, "usergroup"), nil
}

// Observe implements graph.Kind.
func (CacheUserGroup) Observe(ctx context.Context, call graph.Call, _ CacheUserGroupSpec) (graph.Live, error) {
	out, err := world(call).Cache.DescribeUserGroups(ctx, &elasticache.DescribeUserGroupsInput{UserGroupId: sdk.String(cacheName(call))})
	if notFound(err) || (err == nil && len(out.UserGroups) == 0) {
		return graph.Live{Phase: graph.Absent}, nil
	}
	if err != nil {
		return graph.Live{}, err
	}
	x := out.UserGroups[0]
	g := cacheUserGroup{ID: sdk.ToString(x.UserGroupId), ARN: sdk.ToString(x.ARN), Engine: strings.ToLower(sdk.ToString(x.Engine)), Status: sdk.ToString(x.Status), Users: x.UserIds}
	if g.Tags, err = tagsOf(ctx, call, g.ARN); err != nil {
		return graph.Live{}, err
	}
	return g.live(call), nil
}

// Diff implements graph.Kind. A group takes changes only when it is active.
func (CacheUserGroup) Diff(call graph.Call, want CacheUserGroupSpec, live graph.Live) []graph.Change {
	have := raw[cacheUserGroup](live)
	if have.Status != "active" && have.Status != "" {
		return nil
	}
	var d difference
	if have.Engine == "valkey" && want.Engine == "redis" {
		d.fixed("engine", have.Engine, want.Engine)
	} else {
		d.text("engine", have.Engine, want.Engine)
	}
	d.set("users", have.Users, graph.Strings(want.Users))
	return append(d, diffTags(call.Tags, have.Tags)...)
}

// Create implements graph.Kind.
func (CacheUserGroup) Create(ctx context.Context, call graph.Call, spec CacheUserGroupSpec) (graph.Live, error) {
	out, err := world(call).Cache.CreateUserGroup(ctx, &elasticache.CreateUserGroupInput{
		UserGroupId: sdk.String(cacheName(call)), Engine: &spec.Engine, UserIds: graph.Strings(spec.Users), Tags: toCacheTags(call.Tags),
	})
	if err != nil {
		return graph.Live{}, err
	}
	return cacheUserGroup{ID: sdk.ToString(out.UserGroupId), ARN: sdk.ToString(out.ARN), Engine: spec.Engine, Status: sdk.ToString(out.Status),
		Users: graph.Strings(spec.Users), Tags: call.Tags}.live(call), nil
}

// Update implements graph.Kind.
func (CacheUserGroup) Update(ctx context.Context, call graph.Call, spec CacheUserGroupSpec, live graph.Live, changes []graph.Change) (graph.Live, error) {
	have := raw[cacheUserGroup](live)
	if touches(changes, "engine", "users") {
		want := graph.Strings(spec.Users)
		in := &elasticache.ModifyUserGroupInput{UserGroupId: &have.ID, UserIdsToAdd: without(want, have.Users), UserIdsToRemove: without(have.Users, want)}
		if touches(changes, "engine") {
			in.Engine = &spec.Engine
		}
		out, err := world(call).Cache.ModifyUserGroup(ctx, in)
		if err != nil {
			return live, err
		}
		have.Status, have.Users, have.Engine = sdk.ToString(out.Status), want, spec.Engine
	}
	if err := retagARN(ctx, call, have.ARN, have.Tags); err != nil {
		return live, err
	}
	have.Tags = retagged(call.Tags, have.Tags)
	return have.live(call), nil
}

// Delete implements graph.Kind. A group that a cache has is in another state than deletion wants, which
// passes with the cache.
func (CacheUserGroup) Delete(ctx context.Context, call graph.Call, live graph.Live) (bool, error) {
	_, err := world(call).Cache.DeleteUserGroup(ctx, &elasticache.DeleteUserGroupInput{UserGroupId: &live.ID})
	return notFound(err), ignore(err, notFound)
}

// without is a less what is in b.
func without(a, b []string) []string {
	var out []string
	for _, x := range a {
		if !slices.Contains(b, x) {
			out = append(out, x)
		}
	}
	return out
}
