package lifecycle

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-logr/logr"
	"k8s.io/apimachinery/pkg/types"
	ctrl "sigs.k8s.io/controller-runtime"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/controllers"
	"github.com/portkey-ai/portkey-ecs-operator/hack/harness"
)

// diary is a log that keeps what walks did: the paths that were changed, by action and node.
type diary map[string]map[string]bool

func (diary) Init(logr.RuntimeInfo)            {}
func (diary) Enabled(int) bool                 { return true }
func (diary) Error(error, string, ...any)      {}
func (d diary) WithValues(...any) logr.LogSink { return d }
func (d diary) WithName(string) logr.LogSink   { return d }
func (d diary) Info(_ int, msg string, kv ...any) {
	if !slices.Contains([]string{"Created", "Updated", "Deleted"}, msg) {
		return
	}
	for i := 0; i+1 < len(kv); i += 2 {
		if objects, ok := kv[i+1].([]string); ok {
			for _, o := range objects {
				o, _, _ = strings.Cut(o, ": the cache will be emptied")
				node, rest, _ := strings.Cut(o, " (")
				d.note(msg, node, strings.Split(strings.TrimSuffix(rest, ")"), ", ")...)
			}
		}
	}
}

// identifiers are what a plan can't know yet, or what AWS gives anew.
var identifiers = regexp.MustCompile(`\(known after apply\)|\b(?:sg|subnet|vpc|eni|rtb|pl)-[0-9a-f]+|arn:[^ ,]+`)

func (d diary) note(action, node string, paths ...string) {
	key := action + " " + node
	if d[key] == nil {
		d[key] = map[string]bool{}
	}
	for _, p := range paths {
		if p != "" && action == "Updated" {
			d[key][identifiers.ReplaceAllString(p, "*")] = true
		}
	}
}

func (d diary) lines() []string {
	var out []string
	for _, key := range slices.Sorted(maps.Keys(d)) {
		out = append(out, fmt.Sprint(key, slices.Sorted(maps.Keys(d[key]))))
	}
	return out
}

// planned is a plan as a diary: what is replaced in place is deleted and made again.
func planned(p *v1alpha1.Plan) diary {
	d := diary{}
	for _, c := range p.Changes {
		var paths []string
		for _, f := range c.Fields {
			paths = append(paths, strings.Split(f.Path, ", ")...)
		}
		switch c.Action {
		case v1alpha1.PlanCreate:
			d.note("Created", c.Node)
		case v1alpha1.PlanUpdate:
			d.note("Updated", c.Node, paths...)
		case v1alpha1.PlanReplace:
			d.note("Updated", c.Node)
			d.note("Created", c.Node)
		case v1alpha1.PlanDelete:
			d.note("Deleted", c.Node)
		}
	}
	return d
}

// foreseen plans a gateway as it would be applied.
func foreseen(t *testing.T, h *harness.Harness, gw *v1alpha1.PortkeyGateway) diary {
	t.Helper()
	f, err := controllers.Preview(t.Context(), gw, h.Reconciler.Cluster, h.Reconciler.Worlds, h.Clock.Now)
	if err != nil {
		t.Fatal(err)
	}
	if f.Plan.Hash == "" || len(f.Plan.Problems) > 0 {
		t.Fatalf("the plan isn't complete: %v", f.Plan.Problems)
	}
	return planned(f.Plan)
}

// carriedOut runs the controller until Ready, and tells what its walks did.
func carriedOut(t *testing.T, h *harness.Harness, key types.NamespacedName) diary {
	t.Helper()
	did := diary{}
	ctx := logr.NewContext(context.Background(), logr.New(did))
	for end := h.Clock.Now().Add(creation); ; {
		res, err := h.Reconciler.Reconcile(ctx, ctrl.Request{NamespacedName: key})
		if err != nil {
			t.Fatal(err)
		}
		if harness.Ready(h.Get(key)) {
			return did
		}
		if h.Clock.Now().After(end) {
			t.Fatalf("never Ready:\n%s", harness.Story(h.Get(key)))
		}
		h.AdvanceTo(h.Clock.Now().Add(max(res.RequeueAfter, time.Second)))
	}
}

// parts are the nodes whose objects AWS makes together with others: what a plan takes for a creation, since there is
// nothing to compare yet, is done as a change of what is there then.
var parts = []string{"vpc-defaults/", "group-capacity/", "service-peers/"}

// doors are edits after which the gateway's rules are changed once more when no task of before needs them: that is
// known only when the rollout is through.
var doors = map[string]string{
	"port":                  "the old port stays open for the tasks of before",
	"load balancer removed": "the door to the load balancer stays open for the connections that it still has",
}

// unforeseen are edits whose end nobody knows when it is planned: what changes then is in the plan of that time.
var unforeseen = map[string]string{
	"control plane by PrivateLink":         "the endpoint has to be accepted before its name and its addresses are used",
	"another control plane by PrivateLink": "the endpoint has to be accepted before its name and its addresses are used",
}

// alike takes the differences that are right out of what was done.
func (d diary) alike(did diary, edit string) diary {
	out := diary{}
	for key, paths := range did {
		action, node, _ := strings.Cut(key, " ")
		made := "Created " + node
		switch {
		case action == "Updated" && d[made] != nil && slices.ContainsFunc(parts, func(p string) bool { return strings.HasPrefix(node, p) }):
			out[made] = map[string]bool{}
		case action == "Updated" && unforeseen[edit] != "":
		case node == "security-group-rules/gateway" && doors[edit] != "":
			if d[key] != nil {
				out[key] = maps.Clone(paths)
				maps.DeleteFunc(out[key], func(p string, _ bool) bool { return !d[key][p] })
			}
		default:
			out[key] = paths
		}
	}
	return out
}

// equals proves that what was planned was done, all of it and nothing else.
func (d diary) equals(t *testing.T, did diary, edit string) {
	t.Helper()
	did = d.alike(did, edit)
	for _, line := range harness.Missing(d.lines(), did.lines()) {
		t.Errorf("planned, and not so done: %s", line)
	}
	for _, line := range harness.Missing(did.lines(), d.lines()) {
		t.Errorf("done, and not so planned: %s", line)
	}
}

// TestFirstCreationIsAsPlanned compares the plan of a new gateway with what is done until it is Ready.
func TestFirstCreationIsAsPlanned(t *testing.T) {
	for _, sample := range []string{"minimal", "production"} {
		t.Run(sample, func(t *testing.T) {
			t.Parallel()
			h := harness.New()
			gw := h.Sample(sample)
			plan := foreseen(t, h, gw)
			plan.equals(t, carriedOut(t, h, h.Create(gw)), "")
		})
	}
}

// TestEditsAreAsPlanned compares the plan of an edit with what is done until it is Ready: of every few edits of
// edits_test.go.
func TestEditsAreAsPlanned(t *testing.T) {
	for i, a := range amendments {
		special := doors[a.name] != "" || a.name == "strategy"
		if i%plannedEvery != plannedEvery/2 && !special || !harness.Sample(i) {
			continue
		}
		t.Run(a.name, func(t *testing.T) {
			t.Parallel()
			h, key := begun(t, a.from)
			gw := h.Get(key)
			a.to(h, &gw.Spec)
			if gw.Spec.ManagementPolicy == v1alpha1.ManagementObserve {
				t.Skip("nothing is done")
			}
			plan := foreseen(t, h, gw)
			h.Edit(key, func(live *v1alpha1.PortkeyGateway) { live.Spec = gw.Spec })
			plan.equals(t, carriedOut(t, h, key), a.name)
		})
	}
}

// plannedEvery is how many edits share one that is compared.
const plannedEvery = 10
