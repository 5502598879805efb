package hand

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/portkey-ai/portkey-ecs-operator/hack/console"
	"github.com/portkey-ai/portkey-ecs-operator/hack/harness"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
	"github.com/portkey-ai/portkey-ecs-operator/internal/own"
)

// accessKeyID is the other hand's, so that its calls are told from the operator's.
const accessKeyID = "AKIAOTHERHAND0000000"

// hand is somebody who does at random whatever AWS permits.
type hand struct {
	*console.Console
	h   *harness.Harness
	rng *rand.Rand
	// owner is the tag of what it meddles with.
	owner string
	// did are its deeds, for failures.
	did []string
	// touched are the ids and names of what it has laid hands on.
	touched map[string]bool
	// disowned are the tags of ownership of what it took them off, by ARN or id.
	disowned map[string]map[string]string
	// foreign are the objects that it has made, as they were then.
	foreign map[string]core.Resource
	serial  int
	// tagged are the objects with a tag of somebody else's.
	tagged map[string]bool
	// shifted says that traffic was sent to where no task is, which isn't the operator's business.
	shifted bool
}

func newHand(h *harness.Harness, rng *rand.Rand, owner string) *hand {
	h.Emulator.World.Lock()
	h.Emulator.World.AddKey(accessKeyID, core.AccountRoot(emulator.Account))
	h.Emulator.World.Unlock()
	return &hand{
		Console: console.New(h.Emulator.Server, accessKeyID), h: h, rng: rng, owner: owner,
		touched: map[string]bool{}, disowned: map[string]map[string]string{}, foreign: map[string]core.Resource{}, tagged: map[string]bool{},
	}
}

// deed is something that can be done to an object of a kind. Whatever AWS refuses, it refuses.
type deed struct {
	what string
	do   func(context.Context, *hand, core.Resource) error
}

// ours are the deployment's objects that somebody may lay hands on.
func (a *hand) ours() []core.Resource {
	var out []core.Resource
	for _, r := range a.h.Emulator.Server.Resources(false) {
		if _, theirs := a.foreign[r.Kind+" "+r.ID]; !theirs && r.Tags[own.TagOwner] == a.owner && r.Tags[own.TagCluster] == "cluster-uid" && (len(deeds[r.Kind]) > 0 || taggable(r)) {
			out = append(out, r)
		}
	}
	return out
}

// node is the deployment's object of a node; ok is false when there is none.
func (a *hand) node(id string) (core.Resource, bool) {
	for _, r := range a.h.Emulator.Server.Resources(false) {
		if r.Tags[own.TagOwner] == a.owner && r.Tags[own.TagCluster] == "cluster-uid" && r.Tags[own.TagNode] == id && !r.AWSManaged && r.Kind != "Task" && r.Kind != "Instance" {
			return r, true
		}
	}
	return core.Resource{}, false
}

// act does something: mostly to an object of the deployment, and sometimes beside it.
func (a *hand) act() {
	ctx := context.Background()
	ours := a.ours()
	if len(ours) == 0 || a.rng.IntN(8) == 0 {
		a.make(ctx)
		return
	}
	// Kinds are drawn before objects, so that the few aren't drowned by the many.
	kinds := map[string][]core.Resource{}
	for _, r := range ours {
		kinds[r.Kind] = append(kinds[r.Kind], r)
	}
	names := make([]string, 0, len(kinds))
	for k := range kinds {
		names = append(names, k)
	}
	slices.Sort(names)
	of := kinds[names[a.rng.IntN(len(names))]]
	r := of[a.rng.IntN(len(of))]
	all := deeds[r.Kind]
	if taggable(r) {
		all = slices.Concat(all, tagDeeds)
	}
	d := all[a.rng.IntN(len(all))]
	a.note(r, d.what, d.do(ctx, a, r))
}

// taggable reports whether the hand may change tags of an object. Tasks and instances come and go.
func taggable(r core.Resource) bool {
	return r.Taggable && !r.AWSManaged && !slices.Contains([]string{"Task", "Instance", "Volume", "NetworkInterface", "ContainerInstance"}, r.Kind)
}

// note remembers a deed.
func (a *hand) note(r core.Resource, what string, err error) {
	text := fmt.Sprintf("%s %s %s (%s): %s", a.h.Clock.Now().Format("15:04:05"), r.Kind, r.Tags[own.TagNode], r.ID, what)
	if err != nil {
		text += ": refused: " + short(err.Error())
	} else {
		a.touched[r.ID], a.touched[r.Name], a.touched[r.ARN], a.touched[r.Tags[own.TagNode]] = true, true, true, true
	}
	a.did = append(a.did, text)
}

func short(s string) string {
	if i := strings.Index(s, "api error "); i >= 0 {
		s = s[i+len("api error "):]
	}
	return s[:min(len(s), 160)]
}

// tagDeeds are what can be done to the tags of anything.
var tagDeeds = []deed{
	{"a tag of the user's gets another value", func(ctx context.Context, a *hand, r core.Resource) error {
		return a.Tag(ctx, r, map[string]string{"team": "finance"})
	}},
	{"a tag of the user's is taken off", func(ctx context.Context, a *hand, r core.Resource) error { return a.Tag(ctx, r, nil, "team") }},
	{"a foreign tag is put on", func(ctx context.Context, a *hand, r core.Resource) error {
		err := a.Tag(ctx, r, map[string]string{foreignTag: "42"})
		a.tagged[r.Kind+" "+r.ID] = a.tagged[r.Kind+" "+r.ID] || err == nil
		return err
	}},
	{"its ownership is taken off", func(ctx context.Context, a *hand, r core.Resource) error {
		r.Tags = maps.Clone(r.Tags)
		err := a.Tag(ctx, r, nil, own.TagCluster, own.TagOwner, own.TagNode, own.TagUID)
		if err == nil {
			a.disown(r)
		}
		return err
	}},
	{"it is given to another owner", func(ctx context.Context, a *hand, r core.Resource) error {
		r.Tags = maps.Clone(r.Tags)
		err := a.Tag(ctx, r, map[string]string{own.TagOwner: "PortkeyGateway/elsewhere/gw"})
		if err == nil {
			a.disown(r)
		}
		return err
	}},
}

// foreignTag is a tag of somebody else's on our objects.
const foreignTag = "cost-centre"

func (a *hand) disown(r core.Resource) {
	if a.disowned[r.Kind+" "+r.ID] == nil {
		a.disowned[r.Kind+" "+r.ID] = r.Tags
	}
}

// disowns reports whether an object isn't the deployment's since ownership was taken off it, or off what AWS keeps it in.
func (a *hand) disowns(r core.Resource) bool {
	if a.disowned[r.Kind+" "+r.ID] != nil {
		return true
	}
	for key := range a.disowned {
		kind, id, _ := strings.Cut(key, " ")
		if kind == "LogGroup" && strings.HasPrefix(r.ID, id+":") || kind == "VPC" && r.AWSManaged || kind == "VPC" && r.Kind == "RouteTableAssociation" {
			return true
		}
	}
	return false
}

// giveBack puts the tags of ownership back on what it took them off and still exists.
func (a *hand) giveBack() {
	for _, r := range a.h.Emulator.Server.Resources(false) {
		if tags := a.disowned[r.Kind+" "+r.ID]; tags != nil {
			set := map[string]string{}
			for _, k := range []string{own.TagCluster, own.TagOwner, own.TagNode, own.TagUID} {
				if tags[k] != "" {
					set[k] = tags[k]
				}
			}
			a.note(r, "its ownership is given back", a.Tag(context.Background(), r, set))
		}
	}
	clear(a.disowned)
}

// untagged lists the objects that have lost somebody else's tag.
func (a *hand) untagged() []string {
	var out []string
	for _, r := range a.h.Emulator.Server.Resources(false) {
		if a.tagged[r.Kind+" "+r.ID] && r.Tags[foreignTag] == "" {
			out = append(out, r.Kind+" "+r.ID)
		}
	}
	return out
}
