package kinds

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ssm"

	"github.com/portkey-ai/portkey-ecs-operator/internal/aws"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
	emulatedec2 "github.com/portkey-ai/portkey-ecs-operator/internal/emulator/ec2"
	emulatedssm "github.com/portkey-ai/portkey-ecs-operator/internal/emulator/ssm"
	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
	"github.com/portkey-ai/portkey-ecs-operator/internal/own"
)

// ec2Rig is an emulated EC2 and Parameter Store behind real clients, on a clock of its own.
type ec2Rig struct {
	*testing.T
	server *core.Server
	ssm    *emulatedssm.Service
	client *ec2.Client
	world  *aws.World
	owner  own.Owner
	user   map[string]string
}

func newEC2Rig(t *testing.T) *ec2Rig {
	t.Helper()
	w := core.NewWorld(core.NewClock(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)))
	w.AddKey("AKIATEST", core.AccountRoot("123456789012"))
	w.Settings.PageSize = 2
	server := core.NewServer(w)
	server.Register(emulatedec2.New(w).Mux())
	parameters := emulatedssm.New(w, func(_, architecture string, release int) (id, name string) {
		return fmt.Sprintf("ami-%017x", release), "al2023-ami-ecs-hvm-" + architecture
	})
	server.Register(parameters.Mux())
	endpoint := "http://aws.test" // without a network: see core.Server.Do
	cfg := sdk.Config{
		Region: "us-east-1", BaseEndpoint: &endpoint, HTTPClient: server, Credentials: credentials.NewStaticCredentialsProvider("AKIATEST", "secret", ""),
		Retryer: func() sdk.Retryer { return sdk.NopRetryer{} },
	}
	r := &ec2Rig{
		T: t, server: server, ssm: parameters, client: ec2.NewFromConfig(cfg),
		owner: own.Owner{Cluster: "c-1", Kind: "PortkeyGateway", Namespace: "ns", Name: "gw", UID: "u-1"},
		user:  map[string]string{"team": "ai", "cost/center": "7"},
	}
	r.world = &aws.World{
		Clients: &aws.Clients{EC2: r.client, SSM: ssm.NewFromConfig(cfg)}, Forever: aws.NewCache(w.Clock.Now),
		Account: "123456789012", Region: "us-east-1", Partition: "aws",
	}
	return r
}

// call is the call of a new walk.
func (r *ec2Rig) call(node, id string) graph.Call {
	w := *r.world
	w.Reads = aws.NewReads()
	tags := r.owner.Tags(node, "gw-"+strings.ReplaceAll(node, "/", "-"), r.user, map[string]string{TagKeys: UserTagKeys(r.user)})
	return graph.Call{
		World: &w, Node: graph.NodeID(node), Name: tags["Name"], ID: id, Tags: tags, Owner: r.owner.Proof(node),
		Token: r.owner.Token(node, r.user, ""), Now: r.server.World.Clock.Now(),
	}
}

func (r *ec2Rig) ok(err error) {
	r.Helper()
	if err != nil {
		r.Fatal(err)
	}
}

// retag sets a tag behind the operator's back.
func (r *ec2Rig) retag(key, value string, ids ...string) {
	r.Helper()
	_, err := r.client.CreateTags(context.Background(), &ec2.CreateTagsInput{Resources: ids, Tags: ec2Tags(map[string]string{key: value})})
	r.ok(err)
}

func (r *ec2Rig) untag(id string, keys ...string) {
	r.Helper()
	in := &ec2.DeleteTagsInput{Resources: []string{id}}
	for _, t := range ec2Tags(r.call("x", "").Tags) {
		if len(keys) == 0 || slices.Contains(keys, *t.Key) {
			t.Value = nil
			in.Tags = append(in.Tags, t)
		}
	}
	_, err := r.client.DeleteTags(context.Background(), in)
	r.ok(err)
}

// made creates an object and answers it as a walk later sees it.
func made[S any](r *ec2Rig, k graph.Kind[S], node string, spec S) graph.Live {
	r.Helper()
	live, err := k.Create(context.Background(), r.call(node, ""), spec)
	r.ok(err)
	r.server.Advance(3 * time.Minute)
	return observed(r, k, node, live.ID, spec)
}

func observed[S any](r *ec2Rig, k graph.Kind[S], node, id string, spec S) graph.Live {
	r.Helper()
	live, err := k.Observe(context.Background(), r.call(node, id), spec)
	r.ok(err)
	return live
}

func paths(changes []graph.Change) []string {
	out := make([]string, len(changes))
	for i := range changes {
		out[i] = changes[i].Path
	}
	return out
}

// edit is a change by another hand, and where Diff must show it.
type edit struct {
	why, path string
	by        func(id string)
}

// lifecycle takes a kind through everything that every kind must do: make, find, compare, repair what
// another hand did, never take what isn't ours, delete.
func lifecycle[S any](r *ec2Rig, k graph.Kind[S], node string, spec S, edits ...edit) {
	r.Helper()
	ctx := context.Background()
	if l := observed(r, k, node, "", spec); l.Phase != graph.Absent {
		r.Fatalf("before it is made: %+v", l)
	}
	live, err := k.Create(ctx, r.call(node, ""), spec)
	r.ok(err)
	if d := k.Diff(r.call(node, live.ID), spec, live); len(d) > 0 {
		r.Errorf("as created it differs: %+v", d)
	}
	r.server.Advance(3 * time.Minute)
	id := live.ID

	steady := func(why, recorded string) {
		r.Helper()
		l := observed(r, k, node, recorded, spec)
		if l.ID != id || l.Phase != graph.Ready || l.Owner != graph.Ours {
			r.Fatalf("%s: %+v, want %s", why, l, id)
		}
		if d := k.Diff(r.call(node, id), spec, l); len(d) > 0 {
			r.Fatalf("%s it differs: %+v", why, d)
		}
		for attr, v := range live.Out {
			if l.Out[attr] != v && !slices.Contains(graph.New("", "", k, spec).Renews(nil), attr) {
				r.Errorf("%s output %s is %q, was %q", why, attr, l.Out[attr], v)
			}
		}
	}
	steady("once made", id)
	steady("with the record lost", "")

	r.Run("another hand", func(t *testing.T) {
		outer := r.T
		r.T = t
		defer func() { r.T = outer }()
		for _, e := range edits {
			e.by(id)
			l := observed(r, k, node, id, spec)
			call := r.call(node, id)
			d := k.Diff(call, spec, l)
			if !slices.ContainsFunc(paths(d), func(p string) bool { return strings.HasPrefix(p, e.path) }) {
				r.Errorf("%s: no change at %s, but %+v", e.why, e.path, d)
			}
			after, err := k.Update(ctx, call, spec, l, d)
			r.ok(err)
			if d := k.Diff(call, spec, after); len(d) > 0 {
				r.Errorf("%s: as updated it differs: %+v", e.why, d)
			}
			steady("after "+e.why, id)
		}
	})

	other := r.owner
	r.owner.Namespace = "other"
	if l := observed(r, k, node, "", spec); l.Phase != graph.Absent && l.Owner != graph.Foreign {
		r.Errorf("another owner's node of the same name takes it: %+v", l)
	}
	r.owner = other

	l := observed(r, k, node, id, spec)
	if _, err := k.Delete(ctx, r.call(node, id), l); err != nil {
		r.Fatal(err)
	}
	r.server.Advance(3 * time.Minute)
	if _, fields := any(k).(SecurityGroupRules); fields {
		return // the group they were fields of is still there
	}
	if l := observed(r, k, node, id, spec); l.Phase != graph.Absent {
		r.Errorf("after deletion: %+v", l)
	}
	if l := observed(r, k, node, "", spec); l.Phase != graph.Absent {
		r.Errorf("after deletion, without a record: %+v", l)
	}
	if gone, err := k.Delete(ctx, r.call(node, id), live); err == nil && !gone {
		r.Error("deleting what is gone doesn't say so")
	} else if err != nil {
		r.Errorf("deleting what is gone: %v", err)
	}
}

// tagEdits are what another hand does to tags.
func (r *ec2Rig) tagEdits() []edit {
	return []edit{
		{"a user's tag was changed", "tags.team", func(id string) { r.retag("team", "hr", id) }},
		{"our tags were taken off", "tags." + own.TagNode, func(id string) { r.untag(id) }},
		{"the user's tag was dropped", "tags.gone", func(id string) {
			r.retag("gone", "1", id)
			r.retag(TagKeys, UserTagKeys(map[string]string{"team": "", "gone": ""}), id)
			r.retag("theirs", "stays", id)
		}},
	}
}
