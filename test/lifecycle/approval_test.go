package lifecycle

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/metrics"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/controllers"
	"github.com/portkey-ai/portkey-ecs-operator/hack/harness"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator"
)

// cautious is a gateway whose plans are approved by hand.
func cautious(h *harness.Harness) *v1alpha1.PortkeyGateway {
	gw := h.Minimal("gw")
	gw.Annotations = map[string]string{v1alpha1.AnnotationRequireApproval: "true"}
	return gw
}

// proposed runs the controller until a plan awaits approval, and answers its hash.
func proposed(t *testing.T, h *harness.Harness, key types.NamespacedName) string {
	t.Helper()
	err := h.Until(key, time.Hour, "a plan that awaits approval", func(gw *v1alpha1.PortkeyGateway) bool {
		c := meta.FindStatusCondition(gw.Status.Conditions, v1alpha1.ConditionReady)
		return c != nil && c.Reason == v1alpha1.ReasonPlanAwaitingApproval && c.ObservedGeneration == gw.Generation
	})
	if err != nil {
		t.Fatal(err)
	}
	gw := h.Get(key)
	c := meta.FindStatusCondition(gw.Status.Conditions, v1alpha1.ConditionReady)
	if hash := gw.Status.Plan.Hash; hash == "" || !strings.Contains(c.Message, "kubectl portkey approve gw -n default --plan "+hash) || !strings.HasPrefix(c.Message, gw.Status.Plan.Summary) {
		t.Fatalf("the message doesn't say what to type: %s; plan %s", c.Message, hash)
	}
	return gw.Status.Plan.Hash
}

// unwritten proves that AWS isn't changed for an hour.
func unwritten(t *testing.T, h *harness.Harness, key types.NamespacedName) {
	t.Helper()
	m, began := mark(h), h.Reconciles
	for end := h.Clock.Now().Add(time.Hour); h.Clock.Now().Before(end); {
		if err := h.Step(key); err != nil {
			t.Fatal(err)
		}
	}
	if made := mutations(since(h, m)); len(made) > 0 {
		t.Fatalf("without approval: %v", made)
	}
	if n := h.Reconciles - began; n > 15 {
		t.Errorf("%d looks in an hour that nobody approves in", n)
	}
}

// heard counts the events of a kind and reason that have some words.
func heard(h *harness.Harness, kind string, words string) int {
	n := 0
	for _, e := range h.Events.Events {
		if strings.HasPrefix(e, kind+" ") && strings.Contains(e, words) {
			n++
		}
	}
	return n
}

// TestNothingIsMadeUnapproved holds a deployment from its creation on: every spec waits for its plan to be approved.
func TestNothingIsMadeUnapproved(t *testing.T) {
	harness.Unraced(t)
	h := harness.New()
	before := h.Emulator.Server.Resources(false)
	key := h.Create(cautious(h))
	hash := proposed(t, h, key)
	unwritten(t, h, key)
	gw := h.Get(key)
	if len(gw.Finalizers) > 0 || len(gw.Status.Resources) > 0 || len(gw.Annotations) > 1 || gw.Status.Plan.Hash != hash {
		t.Fatalf("finalizers %v, annotations %v, %d resources, plan %s after %s", gw.Finalizers, gw.Annotations, len(gw.Status.Resources), gw.Status.Plan.Hash, hash)
	}
	if n := heard(h, "Normal PlanAwaitingApproval", hash); n != 1 {
		t.Errorf("told %d times: %v", n, h.Events.Events)
	}

	declined(t, h, key, v1alpha1.AnnotationApprove, "0123456789abcdef", hash)
	declined(t, h, key, v1alpha1.AnnotationApprove, hash+"@7", "approved for generation 7, and the spec is at 1")
	declined(t, h, key, v1alpha1.AnnotationApprove, hash+"@x", "generation")
	unwritten(t, h, key)

	done(t, h, key, v1alpha1.AnnotationApprove, hash)
	ready(t, h, key)
	gw = h.Get(key)
	if a := gw.Status.Approval; a == nil || a.Generation != 1 || a.Plan != hash || gw.Status.Plan != nil {
		t.Fatalf("approval %+v, plan %+v", a, gw.Status.Plan)
	}
	settle(t, h, key)

	// Drift under an approved spec is put right as ever.
	m, corrected := mark(h), driftCorrected(t, "LogGroup", "deleted")
	drop(t, h)
	settle(t, h, key)
	if n := driftCorrected(t, "LogGroup", "deleted") - corrected; n < 1 {
		t.Errorf("the metric counts %v corrections", n)
	}
	if len(mutations(since(h, m))) == 0 || heard(h, "Warning DriftCorrected", "log-group/") == 0 {
		t.Fatalf("drift isn't put right: %v", h.Events.Events)
	}

	// A new spec waits, and drift with it: it is a part of the plan.
	h.Edit(key, func(gw *v1alpha1.PortkeyGateway) {
		gw.Spec.Gateway = &v1alpha1.Gateway{Image: &v1alpha1.Image{Tag: "2.17.0"}}
	})
	hash = proposed(t, h, key)
	unwritten(t, h, key)
	if gw := h.Get(key); status(gw, v1alpha1.ConditionAvailable) != metav1.ConditionTrue || gw.Status.Version != "2.16.0" || !strings.HasSuffix(gw.Status.Services[0].Image, ":2.16.0") {
		t.Fatalf("what serves meanwhile isn't told: version %s, %+v\n%s", gw.Status.Version, gw.Status.Services, harness.Story(gw))
	}
	drop(t, h)
	declined(t, h, key, v1alpha1.AnnotationApprove, hash, "now it is ")
	changed := proposed(t, h, key)
	if changed == hash || heard(h, "Warning ApproveRefused", changed) != 1 {
		t.Fatalf("plan %s, before %s: %v", changed, hash, h.Events.Events)
	}
	unwritten(t, h, key)
	h.Restart()
	done(t, h, key, v1alpha1.AnnotationApprove, changed+"@2")
	ready(t, h, key)
	if gw := h.Get(key); gw.Status.Version != "2.17.0" {
		t.Fatalf("version %s", gw.Status.Version)
	}

	// What changes nothing in AWS needs nobody.
	h.Edit(key, func(gw *v1alpha1.PortkeyGateway) { gw.Spec.SyncInterval = seconds(600) })
	ready(t, h, key)
	if a := h.Get(key).Status.Approval; a.Generation != 3 {
		t.Fatalf("approval %+v", a)
	}
	// A spec that is taken back needs nobody either, and lifting the requirement approves.
	h.Edit(key, func(gw *v1alpha1.PortkeyGateway) { gw.Spec.Gateway.Replicas = &two })
	proposed(t, h, key)
	h.Edit(key, func(gw *v1alpha1.PortkeyGateway) { gw.Spec.Gateway.Replicas = nil })
	ready(t, h, key)
	h.Edit(key, func(gw *v1alpha1.PortkeyGateway) { gw.Spec.Gateway.Replicas = &two })
	proposed(t, h, key)
	h.Annotate(key, v1alpha1.AnnotationRequireApproval, "")
	ready(t, h, key)

	// Nor does deletion wait.
	h.Annotate(key, v1alpha1.AnnotationRequireApproval, "true")
	h.Edit(key, func(gw *v1alpha1.PortkeyGateway) { gw.Spec.Gateway.Replicas = &three })
	proposed(t, h, key)
	h.Delete(key)
	gone(t, h, key, before)
}

// driftCorrected is what the metric of that name says.
func driftCorrected(t *testing.T, kind, drift string) float64 {
	t.Helper()
	families, err := metrics.Registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			labels := map[string]string{}
			for _, l := range m.GetLabel() {
				labels[l.GetName()] = l.GetValue()
			}
			if f.GetName() == "portkey_drift_corrected_total" && labels["kind"] == kind && labels["drift"] == drift {
				return m.GetCounter().GetValue()
			}
		}
	}
	return 0
}

// drop has another hand delete the gateway's log group.
func drop(t *testing.T, h *harness.Harness) {
	t.Helper()
	name := ""
	for _, r := range h.Emulator.Server.Resources(false) {
		if r.Kind == "LogGroup" && r.Tags["ecs.portkey.ai/node"] == "log-group/gateway" {
			name = r.ID
		}
	}
	if name == "" {
		t.Fatal("there is no log group")
	}
	if _, err := newConsole(h).logs.DeleteLogGroup(t.Context(), &cloudwatchlogs.DeleteLogGroupInput{LogGroupName: &name}); err != nil {
		t.Fatal(err)
	}
}

// TestAnApprovalIsKept kills the manager at every call after an approval, with status and without: what was approved
// is done to the end, and what remains is asked again where the approval was lost.
func TestAnApprovalIsKept(t *testing.T) {
	for _, calls := range []int{5, 45, 60, 110} {
		for _, lost := range []bool{false, true} {
			t.Run(strconv.Itoa(calls)+map[bool]string{true: " without status"}[lost], func(t *testing.T) {
				t.Parallel()
				h := harness.New()
				key := h.Create(cautious(h))
				h.Annotate(key, v1alpha1.AnnotationApprove, proposed(t, h, key))
				m, death := mark(h), &mortal{left: calls, lost: lost}
				h.Reconciler.Client = death.kube(h.Kube)
				h.Transport = death.transport(h) //nolint:bodyclose // the SDK closes what it is given
				for !death.dead {
					_ = h.Step(key)
				}
				h.Transport = nil
				h.Restart()
				if lost {
					loseStatus(t, h, key)
					if len(mutations(since(h, m))) > 0 {
						remaining := proposed(t, h, key)
						h.Annotate(key, v1alpha1.AnnotationApprove, remaining)
					}
				}
				ready(t, h, key)
				if vpcs := strings.Fields(ids(h, "VPC")); len(vpcs) != 1 {
					t.Errorf("VPCs %v", vpcs)
				}
			})
		}
	}
}

// TestARolloutIsSteeredWhileAPlanWaits lets a rollout go on, and takes one back, while a newer spec awaits approval,
// and does nothing else.
func TestARolloutIsSteeredWhileAPlanWaits(t *testing.T) {
	for _, annotation := range []string{v1alpha1.AnnotationPromote, v1alpha1.AnnotationAbort} {
		t.Run(annotation, func(t *testing.T) {
			t.Parallel()
			h := harness.New()
			gw := cautious(h)
			gw.Spec.LoadBalancer.Type = v1alpha1.LoadBalancerApplication
			gw.Spec.Gateway = &v1alpha1.Gateway{Rollout: &v1alpha1.Rollout{Strategy: v1alpha1.RolloutBlueGreen}}
			key := h.Create(gw)
			h.Annotate(key, v1alpha1.AnnotationApprove, proposed(t, h, key))
			settled(t, h, key)
			h.Edit(key, func(gw *v1alpha1.PortkeyGateway) {
				paused(v1alpha1.StagePostTestTrafficShift)(gw)
				tagged("2.17.0")(gw)
			})
			h.Annotate(key, v1alpha1.AnnotationApprove, proposed(t, h, key))
			if err := h.Until(key, time.Hour, "the pause", func(gw *v1alpha1.PortkeyGateway) bool {
				return gw.Status.Rollout != nil && gw.Status.Rollout.Awaiting != nil
			}); err != nil {
				t.Fatal(err)
			}
			h.Edit(key, tagged("2.18.0"))
			proposed(t, h, key)
			unwritten(t, h, key)
			r := h.Get(key).Status.Rollout
			value, call := r.Awaiting.HookID, "ecs:ContinueServiceDeployment"
			if annotation == v1alpha1.AnnotationAbort {
				value, call = r.ID, "ecs:StopServiceDeployment"
			}
			declined(t, h, key, v1alpha1.AnnotationRetry, r.ID, "awaits approval")
			declined(t, h, key, v1alpha1.AnnotationRollback, r.FromRevision+"@3", "awaits approval")
			m := mark(h)
			declined(t, h, key, annotation, "another", "")
			done(t, h, key, annotation, value)
			if made := mutations(since(h, m)); !slices.Equal(made, []string{call}) {
				t.Fatalf("%v, want %s alone", made, call)
			}
			if err := h.Until(key, 2*time.Hour, "the rollout's end", func(gw *v1alpha1.PortkeyGateway) bool {
				return len(gw.Status.History) > 0 && gw.Status.History[0].ID == r.ID
			}); err != nil {
				t.Fatal(err)
			}
			h.Annotate(key, v1alpha1.AnnotationApprove, proposed(t, h, key))
			if err := h.Until(key, time.Hour, "the next pause", func(gw *v1alpha1.PortkeyGateway) bool {
				return gw.Status.Rollout != nil && gw.Status.Rollout.Awaiting != nil && gw.Status.Rollout.ID != r.ID
			}); err != nil {
				t.Fatal(err)
			}
		})
	}
}

// TestAPlanIsOfEverySpec edits a spec whose plan awaits approval in what only the created objects have: it is another
// plan, and an approval of the one before isn't good for it.
func TestAPlanIsOfEverySpec(t *testing.T) {
	h := harness.New()
	key := h.Create(cautious(h))
	seen := map[string]string{proposed(t, h, key): "the first"}
	for name, edit := range map[string]func(*v1alpha1.PortkeyGatewaySpec){
		"image": func(s *spec) { s.Gateway = &v1alpha1.Gateway{Image: &v1alpha1.Image{Tag: "2.17.0"}} },
		"instances": func(s *spec) {
			s.Capacity = &v1alpha1.Capacity{EC2: &v1alpha1.EC2Capacity{InstanceType: "m6i.large"}}
		},
		"tags":   func(s *spec) { s.Tags = map[string]v1alpha1.TagValue{"team": "ai"} },
		"subnet": func(s *spec) { s.LoadBalancer.AllowedCIDRs = []string{"10.1.0.0/16"} },
	} {
		h.Edit(key, func(gw *v1alpha1.PortkeyGateway) { edit(&gw.Spec) })
		hash := proposed(t, h, key)
		if seen[hash] != "" {
			t.Errorf("%s: the same hash as %s", name, seen[hash])
		}
		seen[hash] = name
	}
}

// TestPreviewIsThePlan compares what kubectl portkey plan shows with what the controller plans, and proves that it
// writes nothing.
func TestPreviewIsThePlan(t *testing.T) {
	h := harness.New()
	gw := cautious(h)
	preview := func() *v1alpha1.Plan {
		t.Helper()
		m := mark(h)
		f, err := controllers.Preview(t.Context(), gw, h.Reconciler.Cluster, h.Reconciler.Worlds, h.Clock.Now)
		if err != nil {
			t.Fatal(err)
		}
		if made := mutations(since(h, m)); len(made) > 0 {
			t.Fatalf("a preview writes: %v", made)
		}
		return f.Plan
	}
	foreseen := preview()
	key := h.Create(gw)
	if hash := proposed(t, h, key); hash != foreseen.Hash || len(foreseen.Changes) < 40 {
		t.Fatalf("planned %s with %d changes, foreseen %s with %d", hash, len(h.Get(key).Status.Plan.Changes), foreseen.Hash, len(foreseen.Changes))
	}
	h.Annotate(key, v1alpha1.AnnotationApprove, foreseen.Hash)
	ready(t, h, key)
	settle(t, h, key)
	gw = h.Get(key)
	if p := preview(); len(p.Changes) > 0 || p.Hash == "" {
		t.Fatalf("of what is Ready: %+v", p)
	}
	gw.Spec.Gateway = &v1alpha1.Gateway{Image: &v1alpha1.Image{Tag: "2.17.0"}, Env: map[string]v1alpha1.EnvValue{"TOKEN": "hidden-value"}}
	gw.Spec.LoadBalancer = nil
	foreseen = preview()
	h.Edit(key, func(live *v1alpha1.PortkeyGateway) { live.Spec = gw.Spec })
	if hash := proposed(t, h, key); hash != foreseen.Hash {
		t.Fatalf("planned %s, foreseen %s", hash, foreseen.Hash)
	}
	text, _ := json.Marshal(foreseen)
	if strings.Contains(string(text), "hidden-value") || !strings.Contains(string(text), "content.env.TOKEN") {
		t.Errorf("the plan shows %s", text)
	}
	if first := foreseen.Changes[0]; first.Action != v1alpha1.PlanDelete || first.Interrupts == "" {
		t.Errorf("the most dangerous change comes first: %+v", first)
	}

	// Another account behind the same credentials is refused, as the operator would.
	gw.Annotations[controllers.AnnotationPinned] = strings.Replace(gw.Annotations[controllers.AnnotationPinned], emulator.Account, "999999999999", 1)
	if _, err := controllers.Preview(t.Context(), gw, h.Reconciler.Cluster, h.Reconciler.Worlds, h.Clock.Now); err == nil || !strings.Contains(err.Error(), v1alpha1.ReasonWrongAccount) {
		t.Errorf("in another account: %v", err)
	}
}
