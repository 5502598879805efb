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
	// nodes bounds the edit to some of the kind's objects.
	nodes []string
}

// edits are the edits of each kind of object, by files of AWS's services. Tags are edited elsewhere.
var edits = func() map[string][]edit {
	all := map[string][]edit{}
	for _, table := range []map[string][]edit{networkEdits, securityEdits, identityEdits, capacityEdits, clusterEdits, serviceEdits, balancerEdits} {
		for kind, rows := range table {
			all[kind] = append(all[kind], rows...)
		}
	}
	return all
}()

// onlyTagged are the kinds of which people can change nothing but tags.
var onlyTagged = []string{"InternetGateway", "ElasticIP", "NATGateway", "SecurityGroup", "TaskDefinition"}

// TestEditsByHand edits each object that status lists in every way there is.
func TestEditsByHand(t *testing.T) {
	for i, r := range newSite(t).resources() {
		rows := rowsOf(edits, r)
		if len(rows) == 0 && !slices.Contains(onlyTagged, r.Kind) {
			t.Errorf("nobody edits %s", r.Node)
		}
		if !harness.Sample(i) {
			continue
		}
		t.Run(r.Node, func(t *testing.T) {
			t.Parallel()
			try(t, r.Node, rows, "differed in")
		})
	}
}

// TestDeletionsByHand deletes each object that status lists, with whatever AWS insists on first.
func TestDeletionsByHand(t *testing.T) {
	for i, r := range newSite(t).resources() {
		rows := rowsOf(removals, r)
		if len(rows) == 0 && absorbed[r.Kind] == "" {
			t.Errorf("nobody deletes %s", r.Node)
		}
		if !harness.Sample(i) {
			continue
		}
		t.Run(r.Node, func(t *testing.T) {
			t.Parallel()
			try(t, r.Node, rows, deleted)
		})
	}
}

// TestTagsByHand edits the tags of each object in AWS that carries the deployment's.
func TestTagsByHand(t *testing.T) {
	for i, r := range newSite(t).owned() {
		if !harness.Sample(i) {
			continue
		}
		node := r.Tags[own.TagNode]
		name := strings.Join([]string{r.Kind, node}, " ")
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			again := func(s *site) core.Resource { return same(t, s, r) }
			try(t, node, []edit{
				{what: "another value", tells: "tags.team", do: func(ctx context.Context, s *site, _ v1alpha1.ResourceStatus) error {
					return s.tag(ctx, again(s), map[string]string{"team": "finance"})
				}},
				{what: "a tag of the user's is taken off", tells: "tags.team", do: func(ctx context.Context, s *site, _ v1alpha1.ResourceStatus) error {
					return s.tag(ctx, again(s), nil, "team")
				}},
				{what: "ownership is taken off", tells: "tags." + own.TagOwner, do: func(ctx context.Context, s *site, _ v1alpha1.ResourceStatus) error {
					return s.tag(ctx, again(s), nil, own.TagCluster, own.TagOwner, own.TagNode, own.TagUID)
				}},
				{what: "a foreign tag", delegated: true, do: func(ctx context.Context, s *site, _ v1alpha1.ResourceStatus) error {
					return s.tag(ctx, again(s), map[string]string{"cost-centre": "42"})
				}},
			}, "differed in")
		})
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

// try makes the edits of one object, one after the other.
func try(t *testing.T, node string, rows []edit, says string) {
	if len(rows) == 0 {
		return
	}
	s := newSite(t)
	for _, e := range rows {
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
			s = newSite(t) // what comes next begins with a whole deployment
		}
	}
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
	for end := s.h.Clock.Now().Add(calm); changed(before, picture(s.h)) != "" && s.h.Clock.Now().Before(end); {
		nextSync(t, s)
	}
	if d := changed(before, picture(s.h)); d != "" {
		t.Errorf("AWS isn't as it was:\n%s", d)
	}
	gw := s.h.Get(s.key)
	if !harness.Ready(gw) {
		t.Errorf("not Ready any more:\n%s", harness.Story(gw))
	}
	want := node + " " + says
	event := slices.IndexFunc(s.h.Events.Events[told:], func(ev string) bool {
		return strings.HasPrefix(ev, "Warning DriftCorrected ") && strings.Contains(ev, want) && strings.Contains(ev, e.tells)
	})
	if event < 0 {
		t.Errorf("no event DriftCorrected says %q with %q:\n%s", want, e.tells, strings.Join(s.h.Events.Events[told:], "\n"))
	}
	c := meta.FindStatusCondition(gw.Status.Conditions, v1alpha1.ConditionInSync)
	if c == nil || c.Status != "True" || c.Reason != v1alpha1.ReasonDriftCorrected || !strings.Contains(c.Message, want) || !strings.Contains(c.Message, e.tells) {
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
