// Package kinds has one small, stateless type per AWS kind that the operator makes. A kind knows
// how its object is found, compared, made, changed and deleted; it knows no other kind, no
// Kubernetes type, and when to call is the engine's business.
package kinds

import (
	"context"
	"fmt"

	"github.com/portkey-ai/portkey-ecs-operator/internal/aws"
	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
)

// world is what the call's clients, reads and cache come in.
func world(c graph.Call) *aws.World {
	w, ok := c.World.(*aws.World)
	if !ok {
		panic(fmt.Sprintf("kinds: a call's World is *aws.World, not %T", c.World))
	}
	return w
}

// raw is a kind's own reading of an object, or its zero value where nothing was read.
func raw[T any](l graph.Live) T {
	t, _ := l.Raw.(T)
	return t
}

// seen is what an earlier look in the same transition read of the object, for all that doesn't change
// on its way; ok is false where everything is to be read.
func seen[T any](call graph.Call, id string) (earlier T, ok bool) {
	if call.Seen == nil || call.Seen.ID != id {
		return earlier, false
	}
	earlier, ok = call.Seen.Raw.(T)
	return earlier, ok
}

// known reports whether an input can be asked for: it isn't in plans, nor in nodes without a spec,
// which stand for objects that only the inventory knows.
func known(v graph.Value) bool { return v.Known() && v.String() != "" }

// pager is any of the SDK's paginators.
type pager[Options, Page any] interface {
	HasMorePages() bool
	NextPage(context.Context, ...func(*Options)) (Page, error)
}

// pages collects the items of all pages: half a list proves nothing.
func pages[Options, Page, Item any](ctx context.Context, p pager[Options, Page], items func(Page) []Item) ([]Item, error) {
	var out []Item
	for p.HasMorePages() {
		page, err := p.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		out = append(out, items(page)...)
	}
	return out, nil
}

// notFound reports whether AWS answered that the object doesn't exist.
func notFound(err error) bool { return err != nil && aws.Classify(err).Class == graph.NotFound }

// notYet reports whether AWS answered that something passes by itself.
func notYet(err error) bool { return err != nil && aws.Classify(err).Class == graph.NotYet }
