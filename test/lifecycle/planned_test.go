package lifecycle

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-logr/logr"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/ptr"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

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
	return planned(previewed(t, h, gw))
}

// previewed is a gateway's plan.
func previewed(t *testing.T, h *harness.Harness, gw *v1alpha1.PortkeyGateway) *v1alpha1.Plan {
	t.Helper()
	f, err := controllers.Preview(t.Context(), gw, h.Reconciler.Cluster, h.Reconciler.Worlds, h.Clock.Now)
	if err != nil {
		t.Fatal(err)
	}
	if f.Plan.Hash == "" || len(f.Plan.Problems) > 0 {
		t.Fatalf("the plan isn't complete: %v", f.Plan.Problems)
	}
	return f.Plan
}

// observed is a gateway's plan as the controller writes it into status under Observe.
func observed(t *testing.T, h *harness.Harness, key types.NamespacedName, wanted v1alpha1.PortkeyGatewaySpec) *v1alpha1.Plan {
	t.Helper()
	h.Edit(key, func(gw *v1alpha1.PortkeyGateway) {
		gw.Spec = *wanted.DeepCopy()
		gw.Spec.ManagementPolicy = v1alpha1.ManagementObserve
	})
	if _, err := h.Reconcile(key); err != nil {
		t.Fatal(err)
	}
	p := h.Get(key).Status.Plan
	if p == nil || p.Hash == "" || len(p.Problems) > 0 {
		t.Fatalf("the plan isn't complete: %+v", p)
	}
	return p
}

// values are what the fields of a plan's updates have and get, by node and path: of lists of which several elements
// differ, nothing.
func values(p *v1alpha1.Plan) map[string]v1alpha1.FieldChange {
	out, often := map[string]v1alpha1.FieldChange{}, map[string]int{}
	for _, c := range p.Changes {
		for _, f := range c.Fields {
			if c.Action == v1alpha1.PlanUpdate {
				at := c.Node + " " + f.Path
				out[at] = f
				often[at]++
			}
		}
	}
	maps.DeleteFunc(out, func(at string, _ v1alpha1.FieldChange) bool { return often[at] > 1 })
	return out
}

// becameSo proves that what a plan said a field would get is what it has, by the plan of the way back; it answers how
// many fields that is known of. What a plan can't know yet isn't compared.
func becameSo(t *testing.T, forth, back *v1alpha1.Plan) int {
	t.Helper()
	had, has, n := values(forth), values(back), 0
	for at, f := range had {
		is, ok := has[at]
		if !ok || identifiers.ReplaceAllString(f.Want, "*") != f.Want {
			continue
		}
		n++
		if f.Want == "set to another value" { // of environment variables no plan shows the values
			f.Want = "set"
		}
		if is.Have != f.Want {
			t.Errorf("%s was to become %q, and is %q", at, f.Want, is.Have)
		}
	}
	return n
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

// unread are edits of which a preview says that it can't know what they change: it reads no Kubernetes Secrets. The
// controller, which does, plans them.
var unread = []string{"another Secret"}

// TestEditsAreAsPlanned compares the plan of every edit of edits_test.go with what is done until it is Ready: the same
// nodes, actions and paths, and afterwards the values that were planned.
func TestEditsAreAsPlanned(t *testing.T) {
	harness.Unraced(t)
	var compared atomic.Int64
	t.Run("edits", func(t *testing.T) {
		for _, a := range amendments {
			t.Run(a.name, func(t *testing.T) {
				t.Parallel()
				h, key := begun(t, a.from)
				gw := h.Get(key)
				before := gw.Spec.DeepCopy()
				a.to(h, &gw.Spec)
				if gw.Spec.ManagementPolicy == v1alpha1.ManagementObserve {
					t.Skip("nothing is done")
				}
				compared.Add(int64(asPlanned(t, h, gw, before, a.name)))
			})
		}
	})
	if n := compared.Load(); n < 200 {
		t.Errorf("only %d values were compared", n)
	}
}

// asPlanned plans an edit, makes it, and compares; it answers how many values it has compared.
func asPlanned(t *testing.T, h *harness.Harness, wanted *v1alpha1.PortkeyGateway, before *v1alpha1.PortkeyGatewaySpec, name string) int {
	t.Helper()
	key := client.ObjectKeyFromObject(wanted)
	var forth *v1alpha1.Plan
	if slices.Contains(unread, name) {
		forth = observed(t, h, key, wanted.Spec)
	} else {
		forth = previewed(t, h, wanted)
	}
	h.Edit(key, func(live *v1alpha1.PortkeyGateway) { live.Spec = *wanted.Spec.DeepCopy() })
	planned(forth).equals(t, carriedOut(t, h, key), name)
	if unforeseen[name] != "" {
		return 0
	}
	h.AdvanceTo(h.Clock.Now().Add(time.Minute)) // a preview is held back where it would exceed AWS's rates
	back := h.Get(key)
	back.Spec = *before
	f, err := controllers.Preview(t.Context(), back, h.Reconciler.Cluster, h.Reconciler.Worlds, h.Clock.Now)
	if err != nil {
		t.Logf("the way back isn't open: %v", err)
		return 0
	}
	return becameSo(t, forth, f.Plan)
}

// TestEditsOfProductionAreAsPlanned does the same with some edits of a larger deployment, one after the other.
func TestEditsOfProductionAreAsPlanned(t *testing.T) {
	harness.Unraced(t)
	h := harness.New()
	key := h.Create(h.Sample("production"))
	ready(t, h, key)
	settle(t, h, key)
	compared := 0
	for _, e := range []struct {
		name string
		edit func(*spec)
	}{
		{"strategy", rollouts(v1alpha1.Rollout{Strategy: v1alpha1.RolloutCanary, Canary: &v1alpha1.Canary{Percent: 20, BakeTime: seconds(120)}})},
		{"image", gw(func(g *v1alpha1.Gateway) { g.Image = &v1alpha1.Image{Tag: "2.18.0"} })},
		{"data service", data(func(d *v1alpha1.DataService) { d.Resources, d.LogRetentionDays = size("1", "2Gi"), 30 })},
		{"scaling", data(func(d *v1alpha1.DataService) {
			d.Autoscaling = &v1alpha1.Autoscaling{MinReplicas: 1, MaxReplicas: 3, TargetCPUPercent: ptr.To[int32](50)}
		})},
		{"routing", func(s *spec) {
			s.LoadBalancer.IdleTimeout, s.LoadBalancer.DeregistrationDelay = seconds(600), seconds(30)
		}},
	} {
		t.Run(e.name, func(t *testing.T) {
			gw := h.Get(key)
			before := gw.Spec.DeepCopy()
			e.edit(&gw.Spec)
			compared += asPlanned(t, h, gw, before, e.name)
			settle(t, h, key)
		})
	}
	if compared < 6 {
		t.Errorf("only %d values were compared", compared)
	}
}
