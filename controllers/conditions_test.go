package controllers

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"k8s.io/apimachinery/pkg/api/meta"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/internal/engine"
	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
	"github.com/portkey-ai/portkey-ecs-operator/internal/kinds"
	"github.com/portkey-ai/portkey-ecs-operator/internal/own"
)

var noon = time.Date(2026, 1, 5, 12, 0, 0, 0, time.UTC)

var (
	everyState = []engine.State{engine.Ready, engine.Pending, engine.Blocked, engine.Failed, engine.Stalled, engine.Gone}
	everyPhase = []graph.Phase{"", graph.Absent, graph.Pending, graph.Ready, graph.Deleting, graph.Broken}
	everyClass = []graph.Class{graph.NotFound, graph.NotYet, graph.InUse, graph.Throttled, graph.Conflict, graph.Denied, graph.Quota, graph.Invalid, graph.Transient, graph.Unknown}
	everyTale  = []string{"", engine.ReasonConflict, engine.ReasonReplacementRequired, engine.ReasonWaiting, engine.ReasonBlocked, engine.ReasonDeletionBlocked, engine.ReasonNotVisibleYet}
)

// everyNode calls f with every node result that isn't finished, those that the engine can't produce
// included: a faulty one mustn't lead to a condition that nobody can look up.
func everyNode(f func(engine.NodeResult)) {
	for _, state := range everyState {
		if state == engine.Ready || state == engine.Gone {
			continue
		}
		for _, phase := range everyPhase {
			for _, live := range []string{"", kinds.ReasonRolledBack, kinds.ReasonFailed} {
				n := engine.NodeResult{Node: "service/gateway", Kind: "Service", State: state, Live: graph.Live{Phase: phase, Reason: live}}
				for _, tale := range everyTale {
					n.Reason, n.Fault = tale, nil
					f(n)
				}
				for _, class := range everyClass {
					n.Reason, n.Fault = string(class), &graph.Fault{Class: class}
					f(n)
				}
			}
		}
	}
}

func TestEveryReasonIsDocumentedForReady(t *testing.T) {
	everyNode(func(n engine.NodeResult) {
		for _, ever := range []bool{false, true} {
			if r := reasonOf(&n, ever); !v1alpha1.Documented(v1alpha1.ConditionReady, "False", r) {
				t.Errorf("%s %s %+v: reason %q", n.State, n.Reason, n.Fault, r)
			}
		}
	})
}

// TestWhatPassesIsNotToldAsAStall, nor a stall as what passes: kstatus, Flux and alerts go by it.
func TestWhatPassesIsNotToldAsAStall(t *testing.T) {
	everyNode(func(n engine.NodeResult) {
		if n.State == engine.Blocked || n.State != engine.Stalled && n.Fault == nil {
			return // explained by another node, or not produced
		}
		r := reasonOf(&n, true)
		kind := v1alpha1.ConditionReconciling
		if stalls(&n, r) {
			kind = v1alpha1.ConditionStalled
		}
		if n.State == engine.Stalled && !stalling(n) {
			return // not produced
		}
		if !v1alpha1.Documented(kind, "True", r) {
			t.Errorf("%s %s %s %+v: %s with reason %s", n.State, n.Live.Reason, n.Reason, n.Fault, kind, r)
		}
	})
}

// stalling reports whether the engine stalls over such a fault, or with such a reason.
func stalling(n engine.NodeResult) bool {
	if n.Fault != nil {
		return slices.Contains([]graph.Class{graph.InUse, graph.Conflict, graph.Quota, graph.Invalid}, n.Fault.Class)
	}
	return slices.Contains([]string{engine.ReasonConflict, engine.ReasonReplacementRequired, engine.ReasonDeletionBlocked}, n.Reason)
}

func TestReasons(t *testing.T) {
	fault := func(c graph.Class) *graph.Fault { return &graph.Fault{Class: c} }
	for _, tt := range []struct {
		n    engine.NodeResult
		ever bool
		want string
		why  string
	}{
		{engine.NodeResult{State: engine.Pending}, false, v1alpha1.ReasonCreating, "the first time"},
		{engine.NodeResult{State: engine.Pending}, true, v1alpha1.ReasonProgressing, "later"},
		{engine.NodeResult{State: engine.Pending, Reason: engine.ReasonWaiting}, true, v1alpha1.ReasonProgressing, "waiting for a neighbour is progress"},
		{engine.NodeResult{State: engine.Pending, Reason: string(graph.Conflict), Fault: fault(graph.Conflict)}, true, v1alpha1.ReasonWaiting, "somebody changes it at this moment: nobody's object is in the way"},
		{engine.NodeResult{State: engine.Stalled, Reason: string(graph.Conflict), Fault: fault(graph.Conflict)}, true, v1alpha1.ReasonConflict, "the name stays taken"},
		{engine.NodeResult{State: engine.Stalled, Reason: engine.ReasonConflict}, true, v1alpha1.ReasonConflict, "a foreign object"},
		{engine.NodeResult{State: engine.Pending, Reason: engine.ReasonDeletionBlocked, Fault: fault(graph.InUse)}, true, v1alpha1.ReasonWaiting, "what holds it may be going"},
		{engine.NodeResult{State: engine.Stalled, Reason: engine.ReasonDeletionBlocked, Fault: fault(graph.InUse)}, true, v1alpha1.ReasonDeletionBlocked, "it has been held for half an hour"},
		{engine.NodeResult{State: engine.Pending, Reason: string(graph.InUse), Fault: fault(graph.InUse)}, true, v1alpha1.ReasonWaiting, "what uses it may be letting go"},
		{engine.NodeResult{State: engine.Stalled, Reason: string(graph.InUse), Fault: fault(graph.InUse)}, true, v1alpha1.ReasonInUse, "it hasn't for half an hour"},
		{engine.NodeResult{State: engine.Failed, Reason: string(graph.Denied), Fault: fault(graph.Denied)}, false, v1alpha1.ReasonAccessDenied, "a right is missing"},
		{engine.NodeResult{State: engine.Pending, Reason: string(graph.NotYet), Fault: fault(graph.NotYet)}, false, v1alpha1.ReasonWaiting, "IAM propagates"},
		{engine.NodeResult{State: engine.Failed, Reason: string(graph.NotYet), Fault: fault(graph.NotYet)}, false, v1alpha1.ReasonRetrying, "for too long"},
		{engine.NodeResult{State: engine.Failed, Live: graph.Live{Phase: graph.Broken}}, true, v1alpha1.ReasonBroken, "only a person can mend it"},
		{engine.NodeResult{State: engine.Pending, Live: graph.Live{Facts: &kinds.ServiceFacts{Deploying: true}}}, true, v1alpha1.ReasonProgressing, "a new revision"},
		{engine.NodeResult{State: engine.Pending, Live: graph.Live{Facts: &kinds.ServiceFacts{Deploying: true}}}, false, v1alpha1.ReasonCreating, "the first one replaces nothing"},
	} {
		if got := reasonOf(&tt.n, tt.ever); got != tt.want {
			t.Errorf("%+v: %s, want %s: %s", tt.n, got, tt.want, tt.why)
		}
	}
}

// stage is a kind whose object is as its spec says.
type stage struct{}

type scene struct {
	Live    graph.Live
	Err     error
	Changes []graph.Change
}

func (stage) Name() string { return "Service" }
func (stage) Observe(_ context.Context, _ graph.Call, s scene) (graph.Live, error) {
	return s.Live, s.Err
}
func (stage) Diff(_ graph.Call, s scene, _ graph.Live) []graph.Change { return s.Changes }
func (stage) Create(_ context.Context, _ graph.Call, s scene) (graph.Live, error) {
	return graph.Live{ID: "new", Phase: graph.Pending}, s.Err
}
func (stage) Update(_ context.Context, _ graph.Call, s scene, _ graph.Live, _ []graph.Change) (graph.Live, error) {
	return s.Live, s.Err
}
func (stage) Delete(context.Context, graph.Call, graph.Live) (bool, error) { return true, nil }

func walked(mode engine.Mode, scenes map[graph.NodeID]scene) *engine.Result {
	g := &graph.Graph{}
	for _, at := range []struct {
		id   graph.NodeID
		area string
	}{
		{"vpc/main", v1alpha1.ConditionNetworkReady}, {"role/gateway-task", v1alpha1.ConditionIdentityReady},
		{"cluster/main", v1alpha1.ConditionCapacityReady}, {"service/redis", v1alpha1.ConditionCacheReady},
		{"load-balancer/network-internal", v1alpha1.ConditionRoutingReady}, {"target-group/gateway-network-internal", v1alpha1.ConditionRoutingReady},
		{"service/gateway", v1alpha1.ConditionServicesReady},
	} {
		id := at.id
		s, ok := scenes[id]
		if !ok {
			s.Live = graph.Live{ID: "x", Phase: graph.Ready, Owner: graph.Ours}
		}
		n := graph.New(id, string(id), stage{}, s)
		n.Area = at.area
		g.Add(n)
	}
	e := engine.Engine{Now: func() time.Time { return noon }, Classify: func(err error) graph.Fault {
		return graph.Fault{Class: graph.Class(err.Error()), Message: "AWS says so"}
	}}
	return e.Walk(context.Background(), engine.Input{
		Mode: mode, Graph: g, Owner: own.Owner{}, Inventory: engine.NewInventory(noon, true), Full: true,
		Orphan: func(string, graph.NodeID, string) *graph.Node { return nil },
	})
}

// TestConclusionsAreTotal puts the gateway service and the network into every state that a walk can
// find them in: each condition is documented, Ready says what the walk says, and exactly one of
// Reconciling and Stalled explains why it isn't.
func TestConclusionsAreTotal(t *testing.T) {
	facts := []any{nil, &kinds.ServiceFacts{}, &kinds.ServiceFacts{Running: 1, Desired: 2}, &kinds.ServiceFacts{Running: 1, Desired: 1, Balanced: true}, &kinds.ServiceFacts{Running: 1, Deploying: true, Balanced: true}}
	for _, id := range []graph.NodeID{"service/gateway", "vpc/main"} {
		for _, mode := range []engine.Mode{engine.Apply, engine.Plan} {
			for _, ever := range []bool{false, true} {
				for _, f := range facts {
					if id == "vpc/main" && f != nil {
						continue // only services have them
					}
					var scenes []scene
					for _, p := range everyPhase {
						for _, reason := range []string{"", kinds.ReasonRolledBack, kinds.ReasonFailed} {
							if id == "vpc/main" && reason != "" {
								continue
							}
							for _, o := range []graph.Proof{graph.Ours, graph.Foreign} {
								l := graph.Live{ID: "x", Phase: p, Owner: o, Reason: reason, Why: "because", Facts: f}
								scenes = append(scenes, scene{Live: l}, scene{Live: l, Changes: []graph.Change{{Path: "a", Have: "1", Want: "2"}}},
									scene{Live: l, Changes: []graph.Change{{Path: "a", Have: "1", Want: "2", Replace: true}}})
							}
						}
					}
					for _, c := range everyClass {
						scenes = append(scenes, scene{Live: graph.Live{Facts: f}, Err: errors.New(string(c))})
					}
					for _, s := range scenes {
						checkConclusion(t, id, mode, ever, s)
					}
				}
			}
		}
	}
}

func checkConclusion(t *testing.T, id graph.NodeID, mode engine.Mode, ever bool, s scene) {
	t.Helper()
	gw := &v1alpha1.PortkeyGateway{ObjectMeta: metav1.ObjectMeta{Generation: 3}}
	gw.Spec.LoadBalancer = &v1alpha1.LoadBalancer{}
	if mode == engine.Plan {
		gw.Spec.ManagementPolicy = v1alpha1.ManagementObserve
	}
	if ever {
		gw.Status.LastSyncTime = &metav1.Time{Time: noon}
	}
	res := walked(mode, map[graph.NodeID]scene{id: s})
	conclude(gw, gw.Status.DeepCopy(), res, nil, noon)
	about := fmt.Sprintf("%s %s %+v", id, mode, s)
	for _, c := range gw.Status.Conditions {
		if !v1alpha1.Documented(c.Type, string(c.Status), c.Reason) {
			t.Fatalf("%s: %s=%s %s isn't documented", about, c.Type, c.Status, c.Reason)
		}
		if c.Message == "" || len(c.Message) > maxMessage+len("…") || c.ObservedGeneration != 3 {
			t.Fatalf("%s: %+v", about, c)
		}
	}
	is := func(kind string) bool { return meta.IsStatusConditionTrue(gw.Status.Conditions, kind) }
	well := res.Done() && len(res.Changes()) == 0 || mode == engine.Apply && res.Done()
	if is(v1alpha1.ConditionReady) != (well && !rolloutFailed(res.Node("service/gateway"))) {
		t.Fatalf("%s: Ready is %v, the walk done %v", about, is(v1alpha1.ConditionReady), res.Done())
	}
	if is(v1alpha1.ConditionReconciling) && is(v1alpha1.ConditionStalled) {
		t.Fatalf("%s: Reconciling and Stalled", about)
	}
	if mode == engine.Apply && !is(v1alpha1.ConditionReady) && !is(v1alpha1.ConditionReconciling) && !is(v1alpha1.ConditionStalled) {
		t.Fatalf("%s: neither Ready nor Reconciling nor Stalled", about)
	}
	first := gw.DeepCopy()
	conclude(gw, first.Status.DeepCopy(), walked(mode, map[graph.NodeID]scene{id: s}), nil, noon.Add(time.Hour))
	if c := meta.FindStatusCondition(gw.Status.Conditions, v1alpha1.ConditionReady); !c.LastTransitionTime.Time.Equal(noon) {
		t.Fatalf("%s: the same walk is a transition", about)
	}
}

func TestRefusalsAreDocumented(t *testing.T) {
	for _, stop := range []refusal{
		{reason: v1alpha1.ReasonWrongAccount, message: "m"}, {reason: v1alpha1.ReasonCredentialsUnavailable, message: "m"},
		{reason: v1alpha1.ReasonSecretUnusable, message: "m"}, {reason: v1alpha1.ReasonBucketUnusable, message: "m"}, {reason: v1alpha1.ReasonCacheUnusable, message: "m"},
		{reason: v1alpha1.ReasonTooFewZones, message: "m"}, {reason: v1alpha1.ReasonAccessDenied, message: "m"},
		{reason: v1alpha1.ReasonThrottled, message: "m", passing: true}, {reason: v1alpha1.ReasonRetrying, message: "m", passing: true},
	} {
		gw := &v1alpha1.PortkeyGateway{}
		refuse(gw, &stop, noon)
		for _, c := range gw.Status.Conditions {
			if !v1alpha1.Documented(c.Type, string(c.Status), c.Reason) {
				t.Errorf("%s=%s %s isn't documented", c.Type, c.Status, c.Reason)
			}
		}
		if stalled := meta.IsStatusConditionTrue(gw.Status.Conditions, v1alpha1.ConditionStalled); stalled == stop.passing {
			t.Errorf("%+v: stalled %v", stop, stalled)
		}
	}
}

func TestDriftIsOnlyWhatHadBeenWhole(t *testing.T) {
	change := scene{Live: graph.Live{ID: "x", Phase: graph.Ready, Owner: graph.Ours}, Changes: []graph.Change{{Path: "cidr", Have: "", Want: "10.0.0.0/16"}}}
	res := walked(engine.Apply, map[graph.NodeID]scene{"vpc/main": change})
	condition := func(status metav1.ConditionStatus, generation int64) []metav1.Condition {
		return []metav1.Condition{{Type: v1alpha1.ConditionReady, Status: status, ObservedGeneration: generation}}
	}
	phase := func(p v1alpha1.ResourcePhase) []v1alpha1.ResourceStatus {
		return []v1alpha1.ResourceStatus{{Node: "vpc/main", Phase: p}}
	}
	for _, tt := range []struct {
		before v1alpha1.PortkeyGatewayStatus
		want   int
		why    string
	}{
		{v1alpha1.PortkeyGatewayStatus{Conditions: condition("True", 2), Resources: phase(v1alpha1.ResourceReady)}, 1, "it was whole"},
		{v1alpha1.PortkeyGatewayStatus{Conditions: condition("True", 1), Resources: phase(v1alpha1.ResourceReady)}, 0, "the user changed it"},
		{v1alpha1.PortkeyGatewayStatus{Conditions: condition("False", 2), Resources: phase(v1alpha1.ResourceReady)}, 0, "the operator was at it"},
		{v1alpha1.PortkeyGatewayStatus{Conditions: condition("True", 2), Resources: phase(v1alpha1.ResourcePending)}, 0, "that object wasn't whole"},
		{v1alpha1.PortkeyGatewayStatus{Conditions: condition("True", 2)}, 0, "that object is new"},
		{v1alpha1.PortkeyGatewayStatus{}, 0, "nothing is known of before"},
	} {
		gw := &v1alpha1.PortkeyGateway{ObjectMeta: metav1.ObjectMeta{Generation: 2}}
		if got := drifted(gw, &tt.before, res); len(got) != tt.want {
			t.Errorf("%d objects, want %d: %s", len(got), tt.want, tt.why)
		}
	}
}

func TestTextsAreBoundedAndValid(t *testing.T) {
	long := strings.Repeat("é", 5000)
	for name, s := range map[string]string{"message": shorten(long), "quote": quote("a" + long), "note": note("a" + long)} {
		if !utf8.ValidString(s) || len(s) > maxMessage+3 || strings.Contains(s, `\x`) {
			t.Errorf("%s: %d bytes, valid %v: %.80s", name, len(s), utf8.ValidString(s), s)
		}
	}
	if got := resource(engine.Entry{Why: long}, v1alpha1.ResourcePending); len(got.Why) > maxMessage+3 {
		t.Errorf("an object's why takes %d bytes of status", len(got.Why))
	}
}

func TestRolloutStatus(t *testing.T) {
	last := &v1alpha1.RolloutStatus{ID: "old"}
	facts := &kinds.ServiceFacts{Deployment: kinds.DeploymentFacts{ID: "new"}}
	for _, tt := range []struct {
		n         engine.NodeResult
		deploying bool
		want      string
		why       string
	}{
		{engine.NodeResult{Live: graph.Live{Phase: graph.Ready}}, false, "", "a finished rollout is no rollout"},
		{engine.NodeResult{Live: graph.Live{Phase: graph.Pending}}, true, "new", "one is under way"},
		{engine.NodeResult{Live: graph.Live{Phase: graph.Ready, Reason: kinds.ReasonRolledBack}}, false, "new", "a failed one stays"},
		{engine.NodeResult{Live: graph.Live{Phase: graph.Pending}}, false, "old", "no news"},
	} {
		facts.Deploying = tt.deploying
		got := ""
		if r := rolloutStatus(last, &tt.n, facts, time.Time{}); r != nil {
			got = r.ID
		}
		if got != tt.want {
			t.Errorf("%q, want %q: %s", got, tt.want, tt.why)
		}
	}
}

// TestDifferencesOfARNs tells revisions apart, whose ARNs begin alike for longer than a message quotes.
func TestDifferencesOfARNs(t *testing.T) {
	arn := "arn:aws:ecs:us-east-1:123456789012:task-definition/portkey-gateway-acc35375-gateway:"
	have := differences([]graph.Change{{Path: "taskDefinition", Have: arn + "4", Want: arn + "1"}})
	if want := `taskDefinition ("portkey-gateway-acc35375-gateway:4" instead of "portkey-gateway-acc35375-gateway:1")`; have != want {
		t.Errorf("have %s, want %s", have, want)
	}
}

// TestWhatIsLeftAreObjects, and not lists that AWS doesn't give: nobody finds such a thing to remove.
func TestWhatIsLeftAreObjects(t *testing.T) {
	gone, list := engine.NodeResult{Node: "vpc", Kind: "VPC", State: engine.Gone}, engine.NodeResult{Node: "list/VPC", State: engine.Failed, Reason: string(graph.Denied)}
	left := engine.NodeResult{Node: "subnet/a", Kind: "Subnet", State: engine.Pending}
	for want, nodes := range map[string][]engine.NodeResult{
		"no object is known to be left": {gone, list},
		"1 object is left":              {gone, list, left},
		"2 objects are left":            {left, list, left},
	} {
		gw := &v1alpha1.PortkeyGateway{}
		farewell(gw, &engine.Result{Mode: engine.Destroy, Nodes: nodes}, noon)
		if c := meta.FindStatusCondition(gw.Status.Conditions, v1alpha1.ConditionReady); c == nil || !strings.HasPrefix(c.Message, want) {
			t.Errorf("Ready is %+v, not %q", c, want)
		}
	}
}
