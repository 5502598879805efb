package plugin

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/internal/plugin"
)

// name is the gateway of the sample.
const name = "portkey-canary"

func TestPlugin(t *testing.T) {
	s := startServer(t)
	t.Run("a cluster without the operator", func(t *testing.T) {
		for _, args := range [][]string{{"status"}, {"status", name}, {"promote", name}} {
			got := s.kubectl(t, s.file("admin"), append([]string{"portkey"}, args...)...)
			if got.code != 1 || !strings.Contains(got.errs, "this cluster knows no PortkeyGateways: install the operator") {
				t.Errorf("%v: %+v", args, got)
			}
		}
	})
	s.must(t, "apply", "--server-side", "-f", filepath.Join("..", "..", "dist", "install.yaml"))
	s.must(t, "wait", "--for=condition=Established", "--timeout=60s", "crd/portkeygateways.ecs.portkey.ai")
	s.namespace(t, "prod")
	s.namespace(t, "staging")
	for _, role := range []string{"approver", "editor", "viewer", "admin"} {
		s.user(t, role+"-user")
		s.grant(t, role+"-user", "prod", role)
	}
	s.user(t, "nobody")
	eventually(t, func() error { // the API server takes note of roles by and by
		for _, role := range []string{"approver", "editor", "viewer", "admin"} {
			if got := s.kubectl(t, s.file(role+"-user"), "auth", "can-i", "list", "events", "-n", "prod"); got.code != 0 {
				return fmt.Errorf("%s: %+v", role, got)
			}
		}
		return nil
	})
	t.Run("before the operator has looked", func(t *testing.T) {
		if got := s.kubectl(t, s.file("viewer-user"), "portkey", "status", "-n", "prod"); got.code != 0 || !strings.Contains(got.out, "hasn't looked at this gateway yet") {
			t.Errorf("%+v", got)
		}
	})
	s.report(t)
	t.Run("plan", s.checkPlan)
	t.Run("approver", func(t *testing.T) { s.checkActor(t, "approver-user") })
	t.Run("editor", func(t *testing.T) { s.checkActor(t, "editor-user") })
	t.Run("admin", func(t *testing.T) { s.checkActor(t, "admin-user") })
	t.Run("viewer", s.checkViewer)
	t.Run("approvers change nothing else", s.checkApproverLimits)
	t.Run("nobody", s.checkNobody)
	t.Run("kubectl's flags", s.checkFlags)
	t.Run("completion through kubectl", s.checkCompletion)
	t.Run("version", func(t *testing.T) {
		if got := s.kubectl(t, s.file("nobody"), "portkey", "--version"); got.out != "kubectl portkey version v1.2.3\n" {
			t.Errorf("%+v", got)
		}
	})
}

// checkPlan plans manifests as the API server would take them, and proves that it takes none.
func (s *server) checkPlan(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "config", "samples", "canary.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	plan := func(user, old, with string) said {
		file := filepath.Join(t.TempDir(), "gateway.yaml")
		if err := os.WriteFile(file, []byte(strings.ReplaceAll(string(text), old, with)), 0o600); err != nil {
			t.Fatal(err)
		}
		return s.kubectl(t, s.file(user), "portkey", "plan", "-n", "prod", "-f", file)
	}
	before := s.must(t, "get", "pkgw", "-n", "prod", "-o", "yaml")
	for _, tt := range []struct {
		user, old, with string
		code            int
		says            string
	}{
		{"admin", "replicas: 2", "replicas: 5", 2, "policy Reconcile, 5 replicas, 1 services, cluster true"},
		{"admin", "name: " + name, "name: another", 2, "generation 1, policy Reconcile, 2 replicas, 0 services"},
		{"admin", "region: us-east-1", "region: eu-west-1", 1, "region"},
		{"admin", "  region:", "  colour: blue\n  region:", 1, "colour"},
		{"viewer-user", "replicas: 2", "replicas: 5", 1, "the rights that applying the manifest takes"},
	} {
		if got := plan(tt.user, tt.old, tt.with); got.code != tt.code || !strings.Contains(got.out+got.errs, tt.says) {
			t.Errorf("%s, %s: %+v", tt.user, tt.with, got)
		}
	}
	if after := s.must(t, "get", "pkgw", "-n", "prod", "-o", "yaml"); after != before {
		t.Errorf("planning changes the cluster:\n%s", after)
	}
}

// report writes the status of a canary that awaits approval, and an event.
func (s *server) report(t *testing.T) {
	t.Helper()
	gw := &v1alpha1.PortkeyGateway{}
	if err := s.Get(t.Context(), client.ObjectKey{Namespace: "prod", Name: name}, gw); err != nil {
		t.Fatal(err)
	}
	at := func(d time.Duration) *metav1.Time { return ptr.To(metav1.NewTime(time.Now().Add(d))) }
	gw.Status = v1alpha1.PortkeyGatewayStatus{
		ObservedGeneration: gw.Generation, RolloutSummary: "Canary 0% AwaitingApproval",
		Conditions: []metav1.Condition{
			{Type: v1alpha1.ConditionReady, Status: metav1.ConditionFalse, Reason: v1alpha1.ReasonProgressing, LastTransitionTime: *at(-time.Minute)},
			{Type: v1alpha1.ConditionAvailable, Status: metav1.ConditionTrue, Reason: v1alpha1.ReasonServing, LastTransitionTime: *at(-time.Hour)},
		},
		Services: []v1alpha1.ServiceStatus{{Name: v1alpha1.ServiceGateway, Image: "portkeyai/gateway_enterprise:2.16.0", Desired: 3, Running: 3, TaskDefinition: name + ":12"}},
		Rollout: &v1alpha1.RolloutStatus{
			ID: "dep-2", Strategy: v1alpha1.RolloutCanary, Stage: "PostTestTrafficShift", TrafficPercent: ptr.To[int32](0),
			FromRevision: name + ":12", ToRevision: name + ":13", StartedAt: at(-10 * time.Minute),
			Awaiting: &v1alpha1.AwaitedHook{HookID: "pause-1", Since: at(-time.Minute), Until: at(time.Hour), OnTimeout: v1alpha1.TimeoutRollback},
		},
		History: []v1alpha1.RolloutRecord{
			{ID: "dep-1", Revision: name + ":12", Strategy: v1alpha1.RolloutCanary, Outcome: v1alpha1.RolloutSucceeded, StartedAt: at(-26 * time.Hour), FinishedAt: at(-25 * time.Hour)},
			{ID: "dep-0", Revision: name + ":11", Strategy: v1alpha1.RolloutCanary, Outcome: v1alpha1.RolloutSucceeded, StartedAt: at(-50 * time.Hour), FinishedAt: at(-49 * time.Hour)},
		},
	}
	if err := s.Status().Update(t.Context(), gw); err != nil {
		t.Fatal(err)
	}
	err := s.Create(t.Context(), &corev1.Event{
		ObjectMeta:     metav1.ObjectMeta{Namespace: "prod", Name: "an-event"},
		InvolvedObject: corev1.ObjectReference{APIVersion: v1alpha1.GroupVersion.String(), Kind: v1alpha1.GatewayKind, Namespace: "prod", Name: name, UID: gw.UID},
		Type:           corev1.EventTypeNormal, Reason: "Progressing", Message: "a canary begins", LastTimestamp: *at(-time.Minute), Count: 1,
	})
	if err != nil {
		t.Fatal(err)
	}
}

// answer is the operator: it answers one annotation once it is there.
func (s *server) answer(ctx context.Context, action string, result v1alpha1.ActionResult) error {
	for ; ctx.Err() == nil; time.Sleep(50 * time.Millisecond) {
		gw := &v1alpha1.PortkeyGateway{}
		if err := s.Get(ctx, client.ObjectKey{Namespace: "prod", Name: name}, gw); err != nil {
			return err
		}
		value := gw.Annotations["ecs.portkey.ai/"+action]
		if value == "" {
			continue
		}
		before := gw.DeepCopy()
		gw.Status.Actions = []v1alpha1.ActionStatus{{Name: action, Value: value, Result: result, Message: "that is what becomes of " + value, At: ptr.To(metav1.Now())}}
		return s.Status().Patch(ctx, gw, client.MergeFrom(before))
	}
	return ctx.Err()
}

// forget takes annotations and answers away.
func (s *server) forget(t *testing.T) {
	t.Helper()
	gw := &v1alpha1.PortkeyGateway{}
	if err := s.Get(t.Context(), client.ObjectKey{Namespace: "prod", Name: name}, gw); err != nil {
		t.Fatal(err)
	}
	before := gw.DeepCopy()
	gw.Annotations = nil
	if err := s.Patch(t.Context(), gw, client.MergeFrom(before)); err != nil {
		t.Fatal(err)
	}
	before = gw.DeepCopy()
	gw.Status.Actions = nil
	if err := s.Status().Patch(t.Context(), gw, client.MergeFrom(before)); err != nil {
		t.Fatal(err)
	}
}

// checkActor does everything that the plugin can do, as somebody who may.
func (s *server) checkActor(t *testing.T, user string) {
	got := s.kubectl(t, s.file(user), "portkey", "status", name, "-n", "prod")
	for _, want := range []string{"prod/" + name, "Canary 0% AwaitingApproval", "kubectl portkey promote " + name + " -n prod", "a canary begins"} {
		if got.code != 0 || !strings.Contains(got.out, want) {
			t.Errorf("no %q in %+v", want, got)
		}
	}
	if strings.Contains(got.out, "\x1b") {
		t.Error("a pipe gets colours")
	}
	got = s.kubectl(t, s.file(user), "portkey", "history", name, "-n", "prod", "-o", "json")
	h := &plugin.History{}
	if err := json.Unmarshal([]byte(got.out), h); err != nil || len(h.History) != 2 || h.RollbackTo[0] != name+":12" {
		t.Errorf("%v: %+v", err, got)
	}
	for _, tt := range []struct{ action, value string }{{"promote", "pause-1"}, {"abort", "dep-2"}, {"rollback", name + ":12@1"}} {
		for _, result := range []v1alpha1.ActionResult{v1alpha1.ActionDone, v1alpha1.ActionRefused} {
			s.forget(t)
			answered := make(chan error, 1)
			go func() { answered <- s.answer(t.Context(), tt.action, result) }()
			got := s.kubectl(t, s.file(user), "portkey", tt.action, name, "-n", "prod", "--timeout", "1m", "-o", "json")
			if got.code == 2 || !strings.Contains(got.out, `"annotated": true`) {
				t.Fatalf("%s: %+v", tt.action, got) // there is nothing to answer
			}
			if err := <-answered; err != nil {
				t.Fatal(err)
			}
			d := &plugin.Done{}
			if err := json.Unmarshal([]byte(got.out), d); err != nil || d.Value != tt.value || d.Result != result || d.Message != "that is what becomes of "+tt.value {
				t.Errorf("%s: %v %+v", tt.action, err, got)
			}
			if want := map[v1alpha1.ActionResult]int{v1alpha1.ActionDone: 0, v1alpha1.ActionRefused: 1}[result]; got.code != want {
				t.Errorf("%s is %s: exit code %d, want %d", tt.action, result, got.code, want)
			}
		}
	}
	s.forget(t)
}

func (s *server) checkViewer(t *testing.T) {
	if got := s.kubectl(t, s.file("viewer-user"), "portkey", "status", "-n", "prod"); got.code != 0 || !strings.Contains(got.out, "a canary begins") {
		t.Errorf("%+v", got)
	}
	got := s.kubectl(t, s.file("viewer-user"), "portkey", "promote", name, "-n", "prod")
	if want := "you may not patch portkeygateways in namespace prod: ask for the ClusterRole portkey-ecs-operator-portkeygateway-approver-role"; got.code != 1 || !strings.Contains(got.errs, want) {
		t.Errorf("%+v, want %q", got, want)
	}
}

func (s *server) checkNobody(t *testing.T) {
	for _, args := range [][]string{{"status"}, {"status", name}, {"abort", name}} {
		got := s.kubectl(t, s.file("nobody"), append([]string{"portkey", "-n", "prod"}, args...)...)
		if got.code != 1 || !strings.Contains(got.errs, "you may not ") || !strings.Contains(got.errs, " portkeygateways in namespace prod") {
			t.Errorf("%v: %+v", args, got)
		}
	}
}

// checkApproverLimits patches what approvers may not: only an editor's patch goes through.
func (s *server) checkApproverLimits(t *testing.T) {
	s.must(t, "label", "pkgw", name, "-n", "prod", "team=a")
	s.must(t, "annotate", "pkgw", name, "-n", "prod", "example.com/note=keep")
	for _, patch := range []string{
		`{"spec":{"gateway":{"image":{"tag":"2.99.0"}}}}`,
		`{"metadata":{"annotations":{"ecs.portkey.ai/pinned":"somewhere else"}}}`,
		`{"metadata":{"annotations":{"example.com/note":null}}}`,
		`{"metadata":{"labels":{"team":null}}}`,
		`{"metadata":{"finalizers":["example.com/mine"]}}`,
	} {
		try := func(user string) said {
			return s.kubectl(t, s.file(user), "patch", "pkgw", name, "-n", "prod", "--type=merge", "--dry-run=server", "-p", patch)
		}
		eventually(t, func() error { // policies take effect by and by, too
			if got := try("approver-user"); got.code == 0 || !strings.Contains(got.errs, "approvers may") {
				return fmt.Errorf("%s: %+v", patch, got)
			}
			return nil
		})
		if got := try("editor-user"); got.code != 0 {
			t.Errorf("%s: %+v", patch, got)
		}
	}
	for _, args := range [][]string{{"delete", "pkgw", name}, {"create", "-f", filepath.Join("..", "..", "config", "samples", "minimal.yaml")}} {
		if got := s.kubectl(t, s.file("approver-user"), append(args, "-n", "prod", "--dry-run=server")...); got.code == 0 || !strings.Contains(got.errs, "cannot") {
			t.Errorf("%v: %+v", args, got)
		}
	}
}

// checkFlags says in every way that kubectl has which cluster, user and namespace are meant.
func (s *server) checkFlags(t *testing.T) {
	config, err := clientcmd.LoadFromFile(s.file("admin"))
	if err != nil {
		t.Fatal(err)
	}
	var cluster, user string
	for _, c := range config.Contexts {
		cluster, user = c.Cluster, c.AuthInfo
	}
	config.Contexts["in-prod"] = &clientcmdapi.Context{Cluster: cluster, AuthInfo: user, Namespace: "prod"}
	config.Contexts["in-staging"] = &clientcmdapi.Context{Cluster: cluster, AuthInfo: user, Namespace: "staging"}
	config.CurrentContext = "in-prod"
	both := filepath.Join(s.dir, "both")
	if err := clientcmd.WriteToFile(*config, both); err != nil {
		t.Fatal(err)
	}
	nowhere := filepath.Join(s.dir, "nowhere")
	for _, tt := range []struct {
		kubeconfig string
		args       []string
		page, hint string
	}{
		{both, nil, "prod", "promote " + name + "\n"},
		{both, []string{"-n", "prod"}, "prod", "promote " + name + " -n prod\n"},
		{both, []string{"--namespace=namespaces/prod"}, "prod", "promote " + name + " -n prod\n"},
		{both, []string{"--context", "in-prod"}, "prod", "promote " + name + " --context in-prod\n"},
		{both, []string{"--context", "in-staging"}, "staging", ""},
		{both, []string{"--context", "in-staging", "-n", "prod"}, "prod", "promote " + name + " -n prod --context in-staging\n"},
		{nowhere, []string{"--kubeconfig", both}, "prod", "promote " + name + " --kubeconfig " + both + "\n"},
		{both, []string{"--as", "viewer-user"}, "prod", "promote " + name + "\n"},
		{both, []string{"--request-timeout", "10s"}, "prod", "promote " + name + "\n"},
	} {
		got := s.kubectl(t, tt.kubeconfig, append([]string{"portkey", "status", name}, tt.args...)...)
		if got.code != 0 || !strings.HasPrefix(got.out, tt.page+"/"+name) || !strings.Contains(got.out, tt.hint) {
			t.Errorf("%v: %+v, want the page of %s with %q", tt.args, got, tt.page, tt.hint)
		}
	}
	for want, args := range map[string][]string{
		"no cluster is configured: name a kubeconfig file":  {"--kubeconfig="},
		`context "elsewhere" does not exist`:                {"--kubeconfig=" + both, "--context=elsewhere"},
		"you may not get portkeygateways in namespace prod": {"--kubeconfig=" + both, "--as=nobody"},
		"did you mean -n prod or -n staging?":               {"--kubeconfig=" + both, "--namespace=default"},
	} {
		if got := s.kubectl(t, nowhere, append([]string{"portkey", "status", name}, args...)...); got.code != 1 || !strings.Contains(got.errs, want) {
			t.Errorf("%v: %+v, want %q", args, got, want)
		}
	}
	if got := s.kubectl(t, both, "portkey", "status", "-A"); got.code != 0 || strings.Count(got.out, name) != 2 {
		t.Errorf("%+v", got)
	}
}

// checkCompletion asks kubectl's own completion, which asks the plugin's.
func (s *server) checkCompletion(t *testing.T) {
	for want, args := range map[string][]string{
		"promote":                       {"portkey", "pro"},
		name:                            {"portkey", "promote", "-n", "prod", "port"},
		name + ":12\n" + name + ":11\n": {"portkey", "rollback", name, "-n", "prod", "--to", ""},
		"--dry-run":                     {"portkey", "abort", name, "--dry"},
		"history\t":                     {"portkey", "hist"},
		"--namespace":                   {"portkey", "status", "--namesp"},
	} {
		got := s.kubectl(t, s.file("viewer-user"), append([]string{"__complete"}, args...)...)
		if got.code != 0 || !strings.HasPrefix(got.out, want) {
			t.Errorf("%v: %+v, want %q", args, got, want)
		}
	}
}
