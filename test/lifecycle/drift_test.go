package lifecycle

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/smithy-go"
	"k8s.io/apimachinery/pkg/api/meta"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/hack/harness"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/elbv2"
	"github.com/portkey-ai/portkey-ecs-operator/internal/kinds"
	"github.com/portkey-ai/portkey-ecs-operator/internal/own"
)

// edit is something that somebody does to an object by hand.
type edit struct {
	what string
	do   func(context.Context, *site, v1alpha1.ResourceStatus) error
	// tells is what the event and the condition must say of the object; for a deletion they say so.
	tells string
	// refused is the code of AWS's refusal, for what AWS doesn't let anyone do.
	refused string
	// delegated is an edit of what isn't the operator's: it stays.
	delegated bool
	// history says why AWS afterwards isn't quite as it was.
	history string
	// nodes bounds the edit to some of the kind's objects.
	nodes []string
}

// edits are the edits of each kind of object, by files of AWS's services. Tags are edited elsewhere.
var edits = func() map[string][]edit {
	all := map[string][]edit{}
	for _, table := range []map[string][]edit{networkEdits, securityEdits, identityEdits, capacityEdits, clusterEdits, serviceEdits, balancerEdits, secretEdits} {
		for kind, rows := range table {
			all[kind] = append(all[kind], rows...)
		}
	}
	return all
}()

// onlyTagged are the kinds of which people can change nothing but tags.
var onlyTagged = []string{"InternetGateway", "ElasticIP", "NATGateway", "SecurityGroup", "TaskDefinition", "Secret"}

// uneditable are nodes of which people can change nothing.
var uneditable = map[string]string{
	"ServicePeers": "it is when a service was deployed, compared with when its peers were",
}

// place is a deployment whose objects are meddled with.
type place struct {
	name string
	make func(*testing.T) *site
	// nodes are those that are tried; none are all, one after the other from a new deployment.
	nodes []string
}

// places are deployments that together have objects of every kind. Beyond the first, only what is new or
// other in them is tried.
var places = []place{
	{name: "minimal", make: newSite},
	{name: "production", make: newProduction, nodes: []string{
		"bucket/log", "cache-parameter-group/valkey8-cluster", "cache-subnet-group/main", "elastic-ip/nat-b", "listener-rule/gateway" + public, "listener-rule/mcp-test" + public,
		"listener/production" + public, "load-balancer" + public[len("-"):], "nat-gateway/b", "replication-group/cluster", "role/load-balancing", "scalable-target/gateway",
		"secret/cache-password", "service-peers/data-service", "service/data-service", "service/gateway", "target-group/gateway" + public, "target-group/gateway-green" + public,
		"web-acl-association/main" + public,
	}},
	{name: "serverless", make: newServerless, nodes: []string{"cache-user-group/iam", "cache-user/gw-11ecbf10-user", "cluster-capacity/main", "serverless-cache/main"}},
	{name: "probed", make: newProbed, nodes: []string{probeNode, "log-group/probe", "security-group/probe"}},
	{name: "referring", make: newReferring, nodes: []string{"mirrored-secret/license"}},
	{name: "linked", make: newLinked, nodes: []string{
		inboundNode, "listener/private-link" + inner, "load-balancer/private-link" + inner, "security-group/private-link" + inner, "target-group/private-link" + inner,
	}},
	{name: "private", make: newPrivate, nodes: []string{"vpc-endpoint/control-plane"}},
	{name: "given", make: newGiven, nodes: []string{"security-group-opening/gateway"}},
}

// sight is what a place has: the objects that status lists, and those in AWS that carry the deployment's tags.
type sight struct {
	listed []object
	owned  []core.Resource
}

// sights are of the places, by name: the tests look one after the other, and each place is made once for that.
var sights = map[string]sight{}

func (p place) look(t *testing.T) sight {
	t.Helper()
	if _, ok := sights[p.name]; !ok {
		s := p.make(t)
		sights[p.name] = sight{s.resources(), s.owned()}
	}
	return sights[p.name]
}

// probeNode is the node of the function of newProbed.
var probeNode = "lambda-function" + strings.Replace(probeOf(v1alpha1.HTTPProbe{}), "gw-11ecbf10-", "/", 1)

// public ends the nodes of a public application load balancer.
const public = "-application-internet-facing"

// TestEditsByHand edits each object that status lists in every way there is.
func TestEditsByHand(t *testing.T) {
	inPlaces(t, "differed in", edits, otherEdits, func(r object) bool { return slices.Contains(onlyTagged, r.Kind) || uneditable[r.Kind] != "" })
}

// TestDeletionsByHand deletes each object that status lists, with whatever AWS insists on first.
func TestDeletionsByHand(t *testing.T) {
	inPlaces(t, deleted, removals, otherRemovals, func(r object) bool { return absorbed[r.Kind] != "" })
}

// triedApart are kinds that are in none of the places, and where they are tried.
var triedApart = map[string]string{
	"RecordSet":   "TestDNSOfOthers: what leads where it shouldn't is put right, and what has lost its proof is left alone",
	"Certificate": "TestDNS: AWS lets nobody change one, and deletes none that is in use",
}

// inPlaces tries the rows of every object in all places: those of its kind, or beyond the first place its own.
// Each kind must be in one of them, and have rows unless it is excused.
func inPlaces(t *testing.T, says string, ofKind, ofNode map[string][]edit, excused func(object) bool) {
	missing := map[string]bool{}
	for _, n := range kinds.All() {
		missing[n.Kind()] = triedApart[n.Kind()] == ""
	}
	i := 0
	for _, p := range places {
		shared := p.nodes != nil
		rows := func(r object) []edit {
			if own, ok := ofNode[r.Node]; shared && ok {
				return own
			}
			return rowsOf(ofKind, r)
		}
		var tried []object
		for _, r := range p.look(t).listed {
			delete(missing, r.Kind)
			if shared && !slices.Contains(p.nodes, r.Node) {
				continue
			}
			if len(rows(r)) == 0 && !excused(r) {
				t.Errorf("%s: nothing is done to %s", p.name, r.Node)
			}
			if i++; harness.Sample(i) {
				tried = append(tried, r)
			}
		}
		if !shared {
			for _, r := range tried {
				t.Run(r.Node, func(t *testing.T) {
					t.Parallel()
					try(t, p.make, nil, r.Node, rows(r), says)
				})
			}
			continue
		}
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			var s *site
			for _, r := range tried {
				t.Run(r.Node, func(t *testing.T) { s = try(t, p.make, s, r.Node, rows(r), says) })
			}
		})
	}
	for kind, is := range missing {
		if is {
			t.Errorf("no place has a %s", kind)
		}
	}
}

// TestTagsByHand edits the tags of each object in AWS that carries the deployment's.
func TestTagsByHand(t *testing.T) {
	i := 0
	for _, p := range places {
		shared := p.nodes != nil
		var tried []core.Resource
		for _, r := range p.look(t).owned {
			if shared && !slices.Contains(p.nodes, r.Tags[own.TagNode]) {
				continue
			}
			if i++; harness.Sample(i) {
				tried = append(tried, r)
			}
		}
		if !shared {
			for _, r := range tried {
				t.Run(r.Kind+" "+r.Tags[own.TagNode], func(t *testing.T) {
					t.Parallel()
					try(t, p.make, nil, r.Tags[own.TagNode], tagEdits(t, r), "differed in")
				})
			}
			continue
		}
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			var s *site
			for _, r := range tried {
				t.Run(r.Kind+" "+r.Tags[own.TagNode], func(t *testing.T) {
					s = try(t, p.make, s, r.Tags[own.TagNode], tagEdits(t, r), "differed in")
				})
			}
		})
	}
}

// tagEdits are the edits of an object's tags.
func tagEdits(t *testing.T, r core.Resource) []edit {
	again := func(s *site) core.Resource { return same(t, s, r) }
	return []edit{
		{what: "another value", tells: "tags.team", do: func(ctx context.Context, s *site, _ object) error {
			return s.tag(ctx, again(s), map[string]string{"team": "finance"})
		}},
		{what: "a tag of the user's is taken off", tells: "tags.team", do: func(ctx context.Context, s *site, _ object) error {
			return s.tag(ctx, again(s), nil, "team")
		}},
		{what: "ownership is taken off", tells: "tags." + own.TagOwner, do: func(ctx context.Context, s *site, _ object) error {
			return s.tag(ctx, again(s), nil, own.TagCluster, own.TagOwner, own.TagNode, own.TagUID)
		}},
		{what: "a foreign tag", delegated: true, do: func(ctx context.Context, s *site, _ object) error {
			return s.tag(ctx, again(s), map[string]string{"cost-centre": "42"})
		}},
	}
}

// same finds the object in another deployment of the same kind.
func same(t *testing.T, s *site, like core.Resource) core.Resource {
	t.Helper()
	var found []core.Resource
	for _, r := range s.owned() {
		if r.Kind == like.Kind && r.Tags[own.TagNode] == like.Tags[own.TagNode] && r.Settings["isEgress"] == like.Settings["isEgress"] {
			found = append(found, r)
		}
	}
	if len(found) != 1 {
		t.Fatalf("%d objects are %s %s", len(found), like.Kind, like.Tags[own.TagNode])
	}
	return found[0]
}

func rowsOf(table map[string][]edit, r v1alpha1.ResourceStatus) []edit {
	var out []edit
	for _, e := range table[r.Kind] {
		if len(e.nodes) == 0 || slices.Contains(e.nodes, r.Node) {
			out = append(out, e)
		}
	}
	return out
}

// try makes the edits of one object, one after the other, in a deployment that is whole, or in a new one, and
// returns one that is whole for what comes next.
func try(t *testing.T, build func(*testing.T) *site, s *site, node string, rows []edit, says string) *site {
	for _, e := range rows {
		if s == nil {
			s = build(t)
		}
		ok := t.Run(e.what, func(t *testing.T) {
			switch {
			case e.refused != "":
				refused(t, s, node, e)
			case e.delegated:
				stays(t, s, node, e)
			default:
				restored(t, s, node, e, says)
			}
		})
		if !ok || e.delegated {
			s = nil
		}
	}
	return s
}

// refused proves that AWS doesn't let anyone do it, and that trying changes nothing.
func refused(t *testing.T, s *site, node string, e edit) {
	before := picture(s.h)
	err := e.do(t.Context(), s, s.node(node))
	var api smithy.APIError
	if !errors.As(err, &api) || api.ErrorCode() != e.refused {
		t.Fatalf("AWS answers %v, want %s", err, e.refused)
	}
	if d := changed(before, picture(s.h)); d != "" {
		t.Fatalf("the refused call changed something:\n%s", d)
	}
}

// stays proves that the operator leaves alone what isn't its own.
func stays(t *testing.T, s *site, node string, e edit) {
	was := meta.FindStatusCondition(s.h.Get(s.key).Status.Conditions, v1alpha1.ConditionInSync)
	if err := e.do(t.Context(), s, s.node(node)); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		s.wait(syncs) // what AWS and ECS make of it themselves is no business of ours
		m, edited := mark(s.h), picture(s.h)
		if _, err := s.h.Reconcile(s.key); err != nil {
			t.Fatal(err)
		}
		if got := mutations(since(s.h, m)); len(got) > 0 {
			t.Errorf("the operator made %v", got)
		}
		if d := changed(edited, picture(s.h)); d != "" {
			t.Errorf("AWS changed:\n%s", d)
		}
	}
	if c := meta.FindStatusCondition(s.h.Get(s.key).Status.Conditions, v1alpha1.ConditionInSync); !reflect.DeepEqual(c, was) {
		t.Errorf("InSync is %+v, was %+v", c, was)
	}
}

// restored proves that the next syncs put an edit right and tell about it.
func restored(t *testing.T, s *site, node string, e edit, says string) {
	before := picture(s.h)
	if err := e.do(t.Context(), s, s.node(node)); err != nil {
		t.Fatalf("at the console: %v", err)
	}
	if len(changed(before, picture(s.h))) == 0 {
		t.Fatal("the edit doesn't show in AWS")
	}
	told := len(s.h.Events.Events)
	nextSync(t, s)
	if err := s.h.Until(s.key, creation, "Ready", harness.Ready); err != nil {
		t.Fatalf("%v\nAWS:\n%s", err, changed(before, picture(s.h)))
	}
	// ECS takes its time to end the tasks that it started meanwhile.
	for end := s.h.Clock.Now().Add(calm); e.history == "" && changed(before, picture(s.h)) != "" && s.h.Clock.Now().Before(end); {
		nextSync(t, s)
	}
	if e.history != "" {
		settle(t, s.h, s.key)
	} else if d := changed(before, picture(s.h)); d != "" {
		t.Errorf("AWS isn't as it was:\n%s", d)
	}
	gw := s.h.Get(s.key)
	if !harness.Ready(gw) {
		t.Errorf("not Ready any more:\n%s", harness.Story(gw))
	}
	if why := s.unserved(); why != "" {
		t.Errorf("clients get %s", why)
	}
	want := node + " " + says
	event := slices.IndexFunc(s.h.Events.Events[told:], func(ev string) bool {
		return strings.HasPrefix(ev, "Warning DriftCorrected ") && strings.Contains(ev, want) && strings.Contains(ev, e.tells)
	})
	if event < 0 {
		t.Errorf("no event DriftCorrected says %q with %q:\n%s", want, e.tells, strings.Join(s.h.Events.Events[told:], "\n"))
	}
	c := meta.FindStatusCondition(gw.Status.Conditions, v1alpha1.ConditionInSync)
	// What follows from it, as a new password's way to the cache, is told last.
	said := c != nil && (e.history != "" || strings.Contains(c.Message, want) && strings.Contains(c.Message, e.tells))
	if !said || c.Status != "True" || c.Reason != v1alpha1.ReasonDriftCorrected {
		t.Errorf("InSync is %+v, want %q with %q", c, want, e.tells)
	}
	m := mark(s.h)
	nextSync(t, s)
	if got := mutations(since(s.h, m)); len(got) > 0 {
		t.Errorf("the operator doesn't come to rest: %v", got)
	}
	if says == deleted { // what came back is found again like what was there first
		loseStatus(t, s.h, s.key)
		m := mark(s.h)
		ready(t, s.h, s.key)
		settle(t, s.h, s.key)
		if got := mutations(since(s.h, m)); len(got) > 0 {
			t.Errorf("after its record was lost, the operator made %v", got)
		}
	}
}

// unserved says what clients get who don't get to the tasks, where a public load balancer tells them apart.
func (s *site) unserved() string {
	hosts := s.h.Get(s.key).Spec.LoadBalancer
	if hosts == nil || hosts.Hosts == nil {
		return ""
	}
	for _, host := range []v1alpha1.HostName{hosts.Hosts.Gateway, hosts.Hosts.MCP} {
		o := route(s.h, elbv2.ClientRequest{DNS: dnsName(s.h, s.key), Port: 443, TLS: true, Source: outsider, Host: string(host), Path: "/v1/chat"})
		if o.Problem != "" || o.Status != "" {
			return o.Problem + o.Status
		}
	}
	return ""
}

// deleted is how an event says that an object wasn't there.
const deleted = "had been deleted"

// calm bounds how long AWS goes on by itself after everything is put right.
const calm = time.Hour

// syncs is a little longer than the time between two comparisons of everything.
const syncs = v1alpha1.DefaultSyncInterval * 6 / 5

// nextSync lets time pass until everything is compared with AWS again, and compares.
func nextSync(t *testing.T, s *site) {
	t.Helper()
	s.wait(syncs)
	if _, err := s.h.Reconcile(s.key); err != nil {
		t.Fatal(err)
	}
}
