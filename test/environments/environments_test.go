package environments

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/types"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/hack/harness"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/ecs"
)

// creation and deletion bound how long these may take in virtual time.
const creation, deletion = time.Hour, 3 * time.Hour

// account is an AWS with what the environments say is there beforehand.
func account() *harness.Harness {
	h := harness.New()
	scope := core.Scope{Account: emulator.Account, Region: "us-east-1"}
	h.Emulator.World.Lock()
	defer h.Emulator.World.Unlock()
	for _, name := range environments {
		h.Emulator.SecretsManager.AddAs(scope, "portkey-gateway/"+name+"/client-org", "AbCdEf", `{"PORTKEY_CLIENT_AUTH":"x","ORGANISATIONS_TO_SYNC":"y"}`)
		h.Emulator.SecretsManager.AddAs(scope, "portkey-gateway/"+name+"/docker-credentials", "AbCdEf", `{"username":"x","password":"y"}`)
		h.Emulator.S3.Add(scope, "acme-portkey-"+name+"-logs", "")
	}
	h.Emulator.S3.Add(scope, "acme-portkey-prod-exports", "")
	h.Emulator.ACM.Add(scope, "33333333-4444-5555-6666-777777777777", "ISSUED", "gateway.staging.example.com")
	h.Emulator.ACM.Add(scope, "44444444-5555-6666-7777-888888888888", "ISSUED", "gateway.example.com")
	return h
}

// brought puts what the API server has into a harness's cluster, as somebody who has just applied it.
func brought(h *harness.Harness, gw *v1alpha1.PortkeyGateway) types.NamespacedName {
	gw = gw.DeepCopy()
	gw.ResourceVersion, gw.Generation, gw.ManagedFields = "", 1, nil
	return h.Create(gw)
}

func ready(t *testing.T, h *harness.Harness, key types.NamespacedName) {
	t.Helper()
	if err := h.Until(key, creation, "Ready", harness.Ready); err != nil {
		t.Fatal(err)
	}
}

// quiet lets an hour pass, in which nothing is written.
func quiet(t *testing.T, h *harness.Harness, key types.NamespacedName) {
	t.Helper()
	m := h.Emulator.Server.LastCall()
	if err := h.Pass(key, time.Hour); err != nil {
		t.Fatal(err)
	}
	if n := harness.Mutations(h.Emulator.Server.Calls(m)); n > 0 {
		t.Errorf("%s: %d calls write though nothing changed", key, n)
	}
}

// TestEnvironments applies all three environments, and deploys them into one account: none is in another's way, and all
// go without a trace.
func TestEnvironments(t *testing.T) {
	dir, h := checkout(t), account()
	before := resources(h)
	var keys []types.NamespacedName
	for _, name := range environments {
		gw := applied(t, dir, name)
		if gw.Namespace != "portkey-"+name || gw.Name != "portkey-gateway-"+name || gw.Spec.Tags["Environment"] != v1alpha1.TagValue(name) {
			t.Errorf("%s is %s/%s with tags %v", name, gw.Namespace, gw.Name, gw.Spec.Tags)
		}
		if gw.Spec.Gateway.Image == nil || gw.Spec.Gateway.Image.Tag == "" || gw.Spec.AccountID == "" {
			t.Errorf("%s pins no image, or no account", name)
		}
		if gw.Spec.DataService != nil && (gw.Spec.DataService.Image == nil || gw.Spec.DataService.Image.Tag == "") {
			t.Errorf("%s pins no image of the data service", name)
		}
		keys = append(keys, brought(h, gw))
	}
	for _, key := range keys {
		ready(t, h, key)
		if err := h.Pass(key, 20*time.Minute); err != nil {
			t.Fatal(err)
		}
	}
	for _, key := range keys {
		quiet(t, h, key)
		if !meta.IsStatusConditionTrue(h.Get(key).Status.Conditions, v1alpha1.ConditionAvailable) {
			t.Errorf("%s isn't available:\n%s", key, harness.Story(h.Get(key)))
		}
	}
	ranges := map[string]string{}
	for i, key := range keys {
		cidr := h.Get(key).Spec.Network.VPC.CIDR
		if other := ranges[cidr]; other != "" {
			t.Errorf("%s and %s can never be peered: both have %s", other, environments[i], cidr)
		}
		ranges[cidr] = environments[i]
	}
	prod := keys[2]
	h.Delete(prod)
	if err := h.Step(prod); err != nil || h.Get(prod) == nil {
		t.Fatal(err, "prod isn't protected")
	}
	h.Annotate(prod, v1alpha1.AnnotationDeletionProtection, "")
	// The load balancer's own protection is AWS's, and is lifted first.
	h.Edit(prod, func(gw *v1alpha1.PortkeyGateway) { gw.Spec.LoadBalancer.DeletionProtection = false })
	for _, key := range keys {
		if gw := h.Get(key); gw.DeletionTimestamp.IsZero() {
			h.Delete(key)
		}
		if err := h.Until(key, deletion, "deletion", harness.Gone); err != nil {
			t.Fatal(err)
		}
	}
	for _, r := range resources(h) {
		if !slices.Contains(before, r) {
			t.Errorf("%s is left", r)
		}
	}
}

func resources(h *harness.Harness) []string {
	var out []string
	for _, r := range h.Emulator.Server.Resources(false) {
		out = append(out, r.Kind+" "+r.ID)
	}
	return out
}

// commit applies an environment as it is now in a checkout, to the API server and to the harness: what GitOps does
// after a push. It answers what the edit has the operator write to AWS until it is Ready.
func commit(t *testing.T, h *harness.Harness, key types.NamespacedName, dir, environment string) *v1alpha1.PortkeyGateway {
	t.Helper()
	gw := applied(t, dir, environment)
	h.Edit(key, func(x *v1alpha1.PortkeyGateway) { x.Spec = *gw.Spec.DeepCopy() })
	return gw
}

// revision is the task definition that the gateway's service has.
func revision(gw *v1alpha1.PortkeyGateway) string {
	for _, s := range gw.Status.Services {
		if s.Name == v1alpha1.ServiceGateway {
			return s.TaskDefinition
		}
	}
	return ""
}

// TestUpgradeAndRevert is docs/upgrade.md: one edit of version.yaml up, and the same edit reverted down, by a rolling
// update and by a canary. Clients are served all the time.
func TestUpgradeAndRevert(t *testing.T) {
	harness.Unraced(t)
	for _, environment := range []string{"dev", "staging"} {
		t.Run(environment, func(t *testing.T) {
			dir, h := checkout(t), account()
			first := applied(t, dir, environment)
			key := brought(h, first)
			ready(t, h, key)
			if err := h.Pass(key, 20*time.Minute); err != nil {
				t.Fatal(err)
			}
			old, text := revision(h.Get(key)), string(built(t, dir, environment))
			served := watch(h, key)

			revert := edit(t, filepath.Join(dir, environment, "version.yaml"), "2.16.0", "2.17.0")
			up := commit(t, h, key, dir, environment)
			if up.Generation != first.Generation+1 || changed(text, string(built(t, dir, environment))) != 1 {
				t.Errorf("one line is edited: generation %d after %d, %d lines differ", up.Generation, first.Generation, changed(text, string(built(t, dir, environment))))
			}
			ready(t, h, key)
			gw := h.Get(key)
			if gw.Status.Version != "2.17.0" || revision(gw) == old || len(gw.Status.History) == 0 || gw.Status.History[0].Outcome != v1alpha1.RolloutSucceeded {
				t.Errorf("after the edit: version %s, revision %s, history %+v", gw.Status.Version, revision(gw), gw.Status.History)
			}
			quiet(t, h, key)

			revert()
			if now := string(built(t, dir, environment)); now != text {
				t.Errorf("reverted, and not as before:\n%s", now)
			}
			m := h.Emulator.Server.LastCall()
			commit(t, h, key, dir, environment)
			ready(t, h, key)
			gw = h.Get(key)
			if gw.Status.Version != "2.16.0" || len(gw.Status.History) < 2 || gw.Status.History[0].Outcome != v1alpha1.RolloutSucceeded || !strings.HasSuffix(gw.Status.History[0].Image, ":2.16.0") {
				t.Errorf("after the revert: version %s, history %+v", gw.Status.Version, gw.Status.History)
			}
			if got := written(h, m); !slices.Equal(got, []string{"ecs:RegisterTaskDefinition", "ecs:UpdateService"}) {
				t.Errorf("the revert is more than one rollout: %v", got)
			}
			quiet(t, h, key)
			h.Watch = nil
			if len(*served) > 0 {
				t.Errorf("clients weren't served: %v", *served)
			}
		})
	}
}

// TestAFailedUpgradeIsReverted upgrades to an image that doesn't start: ECS goes back by itself, nothing is tried again,
// and the revert in git deploys nothing, since what it asks for is in service already. The same upgrade once more is
// tried once more. A status that is lost then changes nothing.
func TestAFailedUpgradeIsReverted(t *testing.T) {
	harness.Unraced(t)
	for _, environment := range []string{"dev", "staging"} {
		t.Run(environment, func(t *testing.T) {
			dir, h := checkout(t), account()
			key := brought(h, applied(t, dir, environment))
			ready(t, h, key)
			if err := h.Pass(key, 20*time.Minute); err != nil {
				t.Fatal(err)
			}
			old := revision(h.Get(key))
			served := watch(h, key)
			failed := func(gw *v1alpha1.PortkeyGateway) bool {
				c := meta.FindStatusCondition(gw.Status.Conditions, v1alpha1.ConditionReady)
				return c != nil && c.Reason == v1alpha1.ReasonRolledBack && c.ObservedGeneration == gw.Generation
			}
			serves := func(when string) {
				t.Helper()
				if gw := h.Get(key); gw.Status.Version != "2.16.0" || revision(gw) != old {
					t.Errorf("%s: version %s, revision %s, want %s", when, gw.Status.Version, revision(gw), old)
				}
			}
			m := 0
			for _, time := range []string{"first", "second"} {
				m = h.Emulator.Server.LastCall()
				revert := edit(t, filepath.Join(dir, environment, "version.yaml"), "2.16.0", "2.17.0-"+ecs.ImageCrash30s)
				commit(t, h, key, dir, environment)
				if err := h.Until(key, 2*creation, "the rollback", failed); err != nil {
					t.Fatal(err)
				}
				if got := written(h, m); !slices.Equal(got, []string{"ecs:RegisterTaskDefinition", "ecs:UpdateService"}) {
					t.Errorf("the %s upgrade is more than one rollout: %v", time, got)
				}
				quiet(t, h, key)
				serves("after ECS went back")
				m = h.Emulator.Server.LastCall()
				revert()
				commit(t, h, key, dir, environment)
				ready(t, h, key)
				if got := written(h, m); len(got) > 0 {
					t.Errorf("what is in service is deployed again: %v", got)
				}
				serves("after the revert")
			}
			h.LoseStatus(key)
			h.Restart()
			ready(t, h, key)
			quiet(t, h, key)
			if got := written(h, m); len(got) > 0 {
				t.Errorf("without its status it is deployed again: %v", got)
			}
			serves("after status was lost")
			h.Watch = nil
			if len(*served) > 0 {
				t.Errorf("clients weren't served: %v", *served)
			}
		})
	}
}

// TestRollbackThenRevert goes back at once by kubectl portkey, and reverts the edit in git afterwards: that is no second
// rollout. A rollback goes back from what serves, an abort from what is under way.
func TestRollbackThenRevert(t *testing.T) {
	harness.Unraced(t)
	for _, act := range []string{v1alpha1.AnnotationRollback, v1alpha1.AnnotationAbort} {
		t.Run(strings.TrimPrefix(act, "ecs.portkey.ai/"), func(t *testing.T) {
			dir, h := checkout(t), account()
			key := brought(h, applied(t, dir, "staging"))
			ready(t, h, key)
			if err := h.Pass(key, 20*time.Minute); err != nil {
				t.Fatal(err)
			}
			old := revision(h.Get(key))
			revert := edit(t, filepath.Join(dir, "staging", "version.yaml"), "2.16.0", "2.17.0")
			commit(t, h, key, dir, "staging")
			value := func(gw *v1alpha1.PortkeyGateway) string { return gw.Status.Rollout.ID }
			until := func(gw *v1alpha1.PortkeyGateway) bool {
				r := gw.Status.Rollout
				return r != nil && r.TrafficPercent != nil && *r.TrafficPercent > 0
			}
			if act == v1alpha1.AnnotationRollback {
				value = func(gw *v1alpha1.PortkeyGateway) string { return fmt.Sprintf("%s@%d", old, gw.Generation) }
				until = harness.Ready
			}
			if err := h.Until(key, creation, "the moment to go back", until); err != nil {
				t.Fatal(err)
			}
			h.Annotate(key, act, value(h.Get(key)))
			if err := h.Until(key, 2*creation, "the way back", func(gw *v1alpha1.PortkeyGateway) bool {
				c := meta.FindStatusCondition(gw.Status.Conditions, v1alpha1.ConditionReady)
				return gw.Status.Version == "2.16.0" && c != nil && c.Reason == v1alpha1.ReasonRolledBack && revision(gw) == old
			}); err != nil {
				t.Fatal(err)
			}
			quiet(t, h, key)
			m := h.Emulator.Server.LastCall()
			revert()
			commit(t, h, key, dir, "staging")
			ready(t, h, key)
			quiet(t, h, key)
			if got := written(h, m); len(got) > 0 || revision(h.Get(key)) != old {
				t.Errorf("after the revert: revision %s, want %s, and written: %v", revision(h.Get(key)), old, got)
			}
		})
	}
}

// TestANewManagerTouchesNothing replaces the operator while all three environments run, and in the middle of a rollout.
func TestANewManagerTouchesNothing(t *testing.T) {
	harness.Unraced(t)
	dir, h := checkout(t), account()
	var keys []types.NamespacedName
	for _, name := range environments {
		keys = append(keys, brought(h, applied(t, dir, name)))
	}
	for _, key := range keys {
		ready(t, h, key)
		if err := h.Pass(key, 20*time.Minute); err != nil {
			t.Fatal(err)
		}
	}
	h.Restart()
	for _, key := range keys {
		quiet(t, h, key)
	}
	staging := keys[1]
	edit(t, filepath.Join(dir, "staging", "version.yaml"), "2.16.0", "2.17.0")
	commit(t, h, staging, dir, "staging")
	if err := h.Until(staging, creation, "traffic", func(gw *v1alpha1.PortkeyGateway) bool {
		r := gw.Status.Rollout
		return r != nil && r.TrafficPercent != nil && *r.TrafficPercent > 0
	}); err != nil {
		t.Fatal(err)
	}
	m := h.Emulator.Server.LastCall()
	h.Restart()
	ready(t, h, staging)
	if got := written(h, m); len(got) > 0 || h.Get(staging).Status.Version != "2.17.0" {
		t.Errorf("version %s; a new manager disturbs the rollout: %v", h.Get(staging).Status.Version, got)
	}
}

// TestVersionsThatDontFit: a data service that needs a newer gateway is refused before anything is written, and goes
// up with it.
func TestVersionsThatDontFit(t *testing.T) {
	dir, h := checkout(t), account()
	version := filepath.Join(dir, "staging", "version.yaml")
	edit(t, version, "2.16.0", "2.7.0")
	back := edit(t, version, "1.9.0", "1.6.0")
	key := brought(h, applied(t, dir, "staging"))
	ready(t, h, key)
	m := h.Emulator.Server.LastCall()
	back() // to 1.9.0, with the old gateway
	commit(t, h, key, dir, "staging")
	if err := h.Step(key); err != nil {
		t.Fatal(err)
	}
	c := meta.FindStatusCondition(h.Get(key).Status.Conditions, v1alpha1.ConditionAccepted)
	if c == nil || c.Reason != v1alpha1.ReasonInvalid || !strings.Contains(c.Message, "needs the gateway 2.8.0 or later") {
		t.Errorf("%+v", c)
	}
	if got := written(h, m); len(got) > 0 {
		t.Errorf("written though refused: %v", got)
	}
	edit(t, version, "2.7.0", "2.16.0")
	commit(t, h, key, dir, "staging")
	ready(t, h, key)
	if v := h.Get(key).Status.Version; v != "2.16.0" {
		t.Errorf("version %s", v)
	}
}

// changed counts the lines in which two texts of equal length differ.
func changed(a, b string) int {
	x, y, n := strings.Split(a, "\n"), strings.Split(b, "\n"), 0
	for i := range min(len(x), len(y)) {
		if x[i] != y[i] {
			n++
		}
	}
	return n + max(len(x), len(y)) - min(len(x), len(y))
}

// written are the calls since a moment that change something.
func written(h *harness.Harness, since int) []string {
	var out []string
	for _, c := range h.Emulator.Server.Calls(since) {
		if !c.ReadOnly() {
			out = append(out, c.Service+":"+c.Action)
		}
	}
	return out
}

// watch notes, after each event of AWS, when no gateway task runs or Available isn't True.
func watch(h *harness.Harness, key types.NamespacedName) *[]string {
	var broke []string
	h.Watch = func() {
		if gw := h.Get(key); gw != nil && !meta.IsStatusConditionTrue(gw.Status.Conditions, v1alpha1.ConditionAvailable) {
			broke = append(broke, h.Clock.Now().Format(time.TimeOnly)+" "+harness.Story(gw))
		}
		h.Emulator.World.Lock()
		defer h.Emulator.World.Unlock()
		running := 0
		for _, r := range h.Emulator.World.Resources(false) {
			if r.Kind == "Task" && r.State == "RUNNING" && strings.HasSuffix(r.Name, "-gateway") {
				running++
			}
		}
		if running == 0 {
			broke = append(broke, fmt.Sprint(h.Clock.Now().Format(time.TimeOnly), " no gateway task runs"))
		}
	}
	return &broke
}
