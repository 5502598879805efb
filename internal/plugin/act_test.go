package plugin

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/watch"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
)

// lab is a cluster in memory, and an operator that answers annotations as it is told to.
type lab struct {
	client.WithWatch
	// answer is what the operator says to an annotation; nil is a silent one.
	answer func(name, value string) *v1alpha1.ActionStatus
	// patches are the annotations that were set.
	patches []map[string]string
	fail    map[string]error
	noWatch bool
	// logs are what tasks have logged.
	logs taskLogs
}

func newLab(t *testing.T, objects ...client.Object) *lab {
	t.Helper()
	t.Setenv("KUBECONFIG", t.TempDir()+"/none")
	l := &lab{fail: map[string]error{}}
	l.WithWatch = fake.NewClientBuilder().WithScheme(scheme()).WithObjects(objects...).WithStatusSubresource(&v1alpha1.PortkeyGateway{}).
		WithIndex(&corev1.Event{}, "involvedObject.uid", func(o client.Object) []string {
			return []string{string(o.(*corev1.Event).InvolvedObject.UID)}
		}).
		WithInterceptorFuncs(interceptor.Funcs{Get: l.get, List: l.list, Patch: l.patch}).Build()
	return l
}

func (l *lab) get(ctx context.Context, c client.WithWatch, key client.ObjectKey, o client.Object, opts ...client.GetOption) error {
	if err := l.fail["get"]; err != nil {
		return err
	}
	return c.Get(ctx, key, o, opts...)
}

func (l *lab) list(ctx context.Context, c client.WithWatch, list client.ObjectList, opts ...client.ListOption) error {
	verb := "list"
	if _, ok := list.(*corev1.EventList); ok {
		verb = "events"
	}
	if err := l.fail[verb]; err != nil {
		return err
	}
	return c.List(ctx, list, opts...)
}

// patch sets the annotation and lets the operator answer it.
func (l *lab) patch(ctx context.Context, c client.WithWatch, o client.Object, p client.Patch, opts ...client.PatchOption) error {
	if err := l.fail["patch"]; err != nil {
		return err
	}
	text, err := p.Data(o)
	if err != nil {
		return err
	}
	var body map[string]map[string]map[string]string
	if err := json.Unmarshal(text, &body); err != nil {
		return err
	}
	l.patches = append(l.patches, body["metadata"]["annotations"])
	if err := c.Patch(ctx, o, p, opts...); err != nil || l.answer == nil {
		return err
	}
	gw := &v1alpha1.PortkeyGateway{}
	if err := c.Get(ctx, client.ObjectKeyFromObject(o), gw); err != nil {
		return err
	}
	for annotation, value := range l.patches[len(l.patches)-1] {
		_, name, _ := strings.Cut(annotation, "/")
		if a := l.answer(name, value); a != nil {
			gw.Status.Actions = append(slices.DeleteFunc(gw.Status.Actions, func(x v1alpha1.ActionStatus) bool { return x.Name == name }), *a)
		}
	}
	return c.Status().Update(ctx, gw)
}

func (l *lab) Watch(ctx context.Context, list client.ObjectList, opts ...client.ListOption) (watch.Interface, error) {
	if l.noWatch {
		return nil, forbidden("watch")
	}
	return l.WithWatch.Watch(ctx, list, opts...)
}

func forbidden(what string) error {
	return apierrors.NewForbidden(schema.GroupResource{Group: v1alpha1.GroupVersion.Group, Resource: resource}, "", errors.New(what))
}

func agrees(name, value string) *v1alpha1.ActionStatus {
	return &v1alpha1.ActionStatus{Name: name, Value: value, Result: v1alpha1.ActionDone, Message: name + " of " + value + " is done", At: agoPtr(0)}
}

func refuses(name, value string) *v1alpha1.ActionStatus {
	return &v1alpha1.ActionStatus{Name: name, Value: value, Result: v1alpha1.ActionRefused, Message: value + " is something else", At: agoPtr(0)}
}

// run runs a command line in namespace prod.
func (l *lab) run(ctx context.Context, line string) (code int, out, errs string) {
	var o, e bytes.Buffer
	code = Run(ctx, append([]string{"kubectl-portkey"}, strings.Fields(line)...), Environment{
		Out: &o, Err: &e, Version: "v1", Now: func() time.Time { return now },
		connect: func() (*cluster, error) {
			return &cluster{WithWatch: l, namespace: "prod", recheck: time.Millisecond}, nil
		},
	})
	return code, o.String(), e.String()
}

func TestActionsSetOneAnnotation(t *testing.T) {
	for _, tt := range []struct {
		name  string
		gw    *v1alpha1.PortkeyGateway
		line  string
		value string
	}{
		{"promote names the pause", awaiting(), "promote portkey-gateway", "pause-7Yh2"},
		{"abort names the rollout", awaiting(), "abort portkey-gateway", "xW3kDb9TgM1"},
		{"rollback takes the last good one", serving(), "rollback portkey-gateway", "portkey-gateway:10@7"},
		{"rollback during a rollout goes back to its start", awaiting(), "rollback portkey-gateway", "portkey-gateway:12@8"},
		{"rollback after a rollout that failed goes further back", rolledBack(), "rollback portkey-gateway", "portkey-gateway:10@8"},
		{"rollback to what is named", serving(), "rollback portkey-gateway --to portkey-gateway:9", "portkey-gateway:9@7"},
		{"rollback to a number", serving(), "rollback portkey-gateway --to 9", "portkey-gateway:9@7"},
		{"retry names the rollout", rolledBack(), "retry portkey-gateway", "xW3kDb9TgM1"},
		{"retry when status.rollout is lost", func() *v1alpha1.PortkeyGateway {
			gw := rolledBack()
			gw.Status.Rollout = nil
			return gw
		}(), "retry portkey-gateway", "xW3kDb9TgM1"},
		{"a name as kubectl prints it", awaiting(), "promote portkeygateway.ecs.portkey.ai/portkey-gateway", "pause-7Yh2"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			verb := strings.Fields(tt.line)[0]
			l := newLab(t, tt.gw)
			l.answer = agrees
			code, out, errs := l.run(t.Context(), tt.line)
			if code != exitDone || errs != "" || !strings.Contains(out, verb+" of "+tt.value+" is done") {
				t.Fatalf("%d %q %q", code, out, errs)
			}
			want := map[string]string{"ecs.portkey.ai/" + verb: tt.value}
			if len(l.patches) != 1 || !maps.Equal(l.patches[0], want) {
				t.Errorf("set %v, want %v", l.patches, want)
			}
			after := &v1alpha1.PortkeyGateway{}
			if err := l.Get(t.Context(), client.ObjectKeyFromObject(tt.gw), after); err != nil {
				t.Fatal(err)
			}
			if after.Spec.Region != tt.gw.Spec.Region || after.Generation != tt.gw.Generation {
				t.Errorf("the spec is touched: %+v", after.Spec)
			}
		})
	}
}

func TestActionsAreRefusedHere(t *testing.T) {
	with := func(gw *v1alpha1.PortkeyGateway, change func(*v1alpha1.PortkeyGateway)) *v1alpha1.PortkeyGateway {
		change(gw)
		return gw
	}
	first := pages["first-deployment"]
	for _, tt := range []struct {
		gw         *v1alpha1.PortkeyGateway
		line, want string
	}{
		{serving(), "promote portkey-gateway", "none is under way"},
		{canary("BakeTime", 100, ""), "promote portkey-gateway", "doesn't await approval: it is at BakeTime"},
		{pages["rolling"](), "promote portkey-gateway", "doesn't await approval"},
		{serving(), "abort portkey-gateway", "to return to an earlier revision, use kubectl portkey rollback portkey-gateway"},
		{rolledBack(), "abort portkey-gateway", "no rollout of portkey-gateway is under way"},
		{first(), "rollback portkey-gateway", "there is no earlier revision"},
		{with(serving(), func(gw *v1alpha1.PortkeyGateway) { gw.Status.History = nil }), "rollback portkey-gateway", "no earlier revision that succeeded"},
		{serving(), "rollback portkey-gateway --to 12", "portkey-gateway:12 is the present revision: choose one of portkey-gateway:10, portkey-gateway:9"},
		{serving(), "rollback portkey-gateway --to 11", "portkey-gateway:11 hasn't succeeded before (RolledBack): choose one of"},
		{serving(), "rollback portkey-gateway --to 99", "there is no revision 99 in the history of portkey-gateway: choose one of"},
		{serving(), "retry portkey-gateway", "nothing to try again"},
		{awaiting(), "retry portkey-gateway", "is under way: wait for its end"},
		{pages["paused"](), "rollback portkey-gateway", "set spec.managementPolicy to Reconcile first"},
		{pages["observe"](), "rollback portkey-gateway", "set spec.managementPolicy to Reconcile first"},
		{pages["deleting"](), "abort portkey-gateway", "is being deleted"},
		{pages["new"](), "abort portkey-gateway", "hasn't looked at portkey-gateway yet"},
	} {
		l := newLab(t, tt.gw)
		l.answer = agrees
		code, out, errs := l.run(t.Context(), tt.line)
		if code != exitFailed || out != "" || !strings.Contains(errs, tt.want) {
			t.Errorf("%s: %d %q %q, want %q", tt.line, code, out, errs, tt.want)
		}
		code, out, errs = l.run(t.Context(), tt.line+" -o json")
		d := &Done{}
		if err := json.Unmarshal([]byte(out), d); err != nil || code != exitFailed || errs != "" || d.Annotated || d.Result != v1alpha1.ActionRefused || !strings.Contains(d.Message, tt.want) {
			t.Errorf("%s: %d %q %q", tt.line, code, out, errs)
		}
		if len(l.patches) > 0 {
			t.Errorf("%s annotates %v", tt.line, l.patches)
		}
	}
}

func TestTheOperatorsAnswerDecides(t *testing.T) {
	l := newLab(t, awaiting())
	l.answer = refuses
	code, out, errs := l.run(t.Context(), "promote portkey-gateway")
	if want := "error: the operator refuses it: pause-7Yh2 is something else\n"; code != exitFailed || out != "" || errs != want {
		t.Errorf("%d %q %q, want %q", code, out, errs, want)
	}
	if code, out, errs = l.run(t.Context(), "promote portkey-gateway"); code != exitFailed || !strings.Contains(errs, "asked for before, and answered at 2026-11-26 12:00:00 UTC: pause-7Yh2") {
		t.Errorf("again: %d %q %q", code, out, errs)
	}
	code, out, _ = l.run(t.Context(), "promote portkey-gateway -o yaml")
	if code != exitFailed || !strings.Contains(out, "result: Refused") || !strings.Contains(out, "annotated: true") {
		t.Errorf("%d %q", code, out)
	}
}

func TestAnswersAreSeenWithoutTheRightToWatch(t *testing.T) {
	l := newLab(t, awaiting())
	l.noWatch, l.answer = true, agrees
	if code, out, errs := l.run(t.Context(), "promote portkey-gateway"); code != exitDone {
		t.Errorf("%d %q %q", code, out, errs)
	}
}

func TestAnswersToOtherValuesAreNone(t *testing.T) {
	l := newLab(t, awaiting())
	l.answer = func(name, _ string) *v1alpha1.ActionStatus { return agrees(name, "another") }
	code, out, errs := l.run(t.Context(), "promote portkey-gateway --timeout 20ms")
	if code != exitUnanswered || out != "" || !strings.Contains(errs, "no answer within 20ms") || !strings.Contains(errs, "kubectl portkey status portkey-gateway -n prod") {
		t.Errorf("%d %q %q", code, out, errs)
	}
}

func TestCtrlCEndsTheWait(t *testing.T) {
	for _, line := range []string{"promote portkey-gateway", "status portkey-gateway --watch"} {
		ctx, cancel := context.WithCancel(t.Context())
		l := newLab(t, awaiting())
		l.answer = func(string, string) *v1alpha1.ActionStatus { cancel(); return nil }
		if strings.HasPrefix(line, "status") {
			l.fail["events"] = forbidden("events")
			time.AfterFunc(20*time.Millisecond, cancel)
		}
		code, out, errs := l.run(ctx, line)
		if code != exitInterrupted || strings.HasPrefix(line, "promote") != strings.Contains(errs, "stays asked for") {
			t.Errorf("%s: %d %q %q", line, code, out, errs)
		}
		cancel()
	}
}

func TestWithoutWaiting(t *testing.T) {
	l := newLab(t, awaiting())
	code, out, errs := l.run(t.Context(), "promote portkey-gateway --wait=false")
	if code != exitDone || len(l.patches) != 1 || !strings.Contains(out, "Asked for: ecs.portkey.ai/promote=pause-7Yh2") {
		t.Errorf("%d %q %q", code, out, errs)
	}
}

func TestDryRunChangesNothing(t *testing.T) {
	l := newLab(t, serving())
	code, out, errs := l.run(t.Context(), "rollback portkey-gateway --dry-run")
	want := "Would annotate prod/portkey-gateway with ecs.portkey.ai/rollback=portkey-gateway:10@7, as this does:\n" +
		"  kubectl annotate pkgw portkey-gateway -n prod --overwrite ecs.portkey.ai/rollback=portkey-gateway:10@7\n"
	if code != exitDone || out != want || errs != "" || len(l.patches) > 0 {
		t.Errorf("%d %q %q, patches %v", code, out, errs, l.patches)
	}
	code, out, _ = l.run(t.Context(), "rollback portkey-gateway --dry-run -o json")
	d := &Done{}
	if err := json.Unmarshal([]byte(out), d); err != nil || code != exitDone || d.Annotated || d.Value != "portkey-gateway:10@7" || d.Result != "" {
		t.Errorf("%d %q", code, out)
	}
}

func TestErrorsSayWhatToDo(t *testing.T) {
	elsewhere := serving()
	elsewhere.Namespace, elsewhere.Name, elsewhere.UID = "staging", "canary", "77"
	noCRD := apierrors.NewGenericServerResponse(404, "get", schema.GroupResource{Group: v1alpha1.GroupVersion.Group, Resource: resource}, "x", "404 page not found", 0, true)
	for _, tt := range []struct {
		line string
		verb string
		err  error
		code int
		want string
	}{
		{"status nothing", "", nil, 1, `there is no PortkeyGateway "nothing" in namespace prod: there is portkey-gateway`},
		{"promote", "", nil, 1, "name the gateway: in namespace prod there is portkey-gateway"},
		{"history", "", nil, 1, "name the gateway: in namespace prod there is portkey-gateway"},
		{"status pod/x", "", nil, 1, `"pod/x" isn't the name of a PortkeyGateway`},
		{"status portkey-gateway", "get", noCRD, 1, "this cluster knows no PortkeyGateways: install the operator"},
		{"status", "list", noCRD, 1, "this cluster knows no PortkeyGateways: install the operator"},
		{"status portkey-gateway", "get", forbidden("no"), 1, "you may not get portkeygateways in namespace prod: ask for the ClusterRole portkey-ecs-operator-portkeygateway-approver-role"},
		{"rollback portkey-gateway", "patch", forbidden("no"), 1, "kubectl auth can-i patch portkeygateways.ecs.portkey.ai -n prod"},
		{"status portkey-gateway", "get", apierrors.NewUnauthorized("expired"), 1, "the cluster doesn't accept your credentials"},
		{"status portkey-gateway -o xml", "", nil, 2, `-o is json or yaml, got "xml"`},
		{"rollback portkey-gateway --timeout 0s", "", nil, 2, "use --wait=false"},
		{"status portkey-gateway -A", "", nil, 2, "not both"},
		{"status -A --watch", "", nil, 1, "name the one gateway"},
		{"status --nonsense", "", nil, 2, "unknown flag: --nonsense: see kubectl portkey --help"},
		{"dance", "", nil, 2, `unknown command "dance" for "kubectl portkey"`},
		{"promote a b", "", nil, 2, "accepts at most 1 arg(s)"},
	} {
		l := newLab(t, serving(), elsewhere)
		l.fail[tt.verb] = tt.err
		code, out, errs := l.run(t.Context(), tt.line)
		if code != tt.code || out != "" || !strings.HasPrefix(errs, "error: ") || !strings.Contains(errs, tt.want) {
			t.Errorf("%s: %d %q %q, want %q", tt.line, code, out, errs, tt.want)
		}
	}
	l := newLab(t, elsewhere)
	if _, _, errs := l.run(t.Context(), "abort canary"); !strings.Contains(errs, "did you mean -n staging?") {
		t.Error(errs)
	}
	if _, _, errs := l.run(t.Context(), "abort"); !strings.Contains(errs, "there is no PortkeyGateway in namespace prod: name another by -n") {
		t.Error(errs)
	}
}

func TestStatusFindsTheOnlyGateway(t *testing.T) {
	event := &corev1.Event{
		ObjectMeta:     metav1.ObjectMeta{Namespace: "prod", Name: "e"},
		InvolvedObject: corev1.ObjectReference{UID: "4b1d"},
		EventTime:      metav1.NewMicroTime(now.Add(-time.Minute)), Type: "Normal", Reason: "Created", Message: "vpc/main",
		Series: &corev1.EventSeries{Count: 4, LastObservedTime: metav1.NewMicroTime(now.Add(-30 * time.Second))},
	}
	foreign := event.DeepCopy()
	foreign.Name, foreign.InvolvedObject.UID, foreign.Message = "f", "other", "not ours"
	l := newLab(t, serving(), event, foreign)
	code, out, errs := l.run(t.Context(), "status")
	if code != exitDone || !strings.HasPrefix(out, "prod/portkey-gateway") || !strings.Contains(out, "30s  Normal  Created  vpc/main (4 times)") || strings.Contains(out, "not ours") {
		t.Errorf("%d %q %q", code, out, errs)
	}
	l.fail["events"] = forbidden("events")
	if code, out, _ := l.run(t.Context(), "status"); code != exitDone || !strings.Contains(out, "not shown: you may not list events in namespace prod") {
		t.Errorf("%d %q", code, out)
	}
	other := serving()
	other.Name, other.UID = "second", "2"
	l = newLab(t, awaiting(), other)
	want := "  NAMESPACE  NAME             READY              AVAILABLE  ROLLOUT                     VERSION  TASKS\n" +
		"  prod       portkey-gateway  False Progressing  True       Canary 0% AwaitingApproval  2.16.0   3/3\n" +
		"  prod       second           True               True       Complete                    2.16.0   3/3\n"
	if code, out, _ := l.run(t.Context(), "status"); code != exitDone || out != want {
		t.Errorf("%d\n%s", code, out)
	}
	l = newLab(t)
	if code, out, _ := l.run(t.Context(), "status"); code != exitDone || !strings.Contains(out, "There is no PortkeyGateway in namespace prod: name another by -n") {
		t.Errorf("%d %q", code, out)
	}
}

func TestWatchShowsEveryChange(t *testing.T) {
	l := newLab(t, canary("ScaleUp", 0, "Canary 0% ScaleUp"))
	seen := &reader{t: t, l: l}
	code := Run(t.Context(), []string{"kubectl-portkey", "status", "--watch"}, Environment{
		Out: seen, Err: &bytes.Buffer{}, Now: func() time.Time { return now },
		connect: func() (*cluster, error) {
			return &cluster{WithWatch: l, namespace: "prod", recheck: time.Millisecond}, nil
		},
	})
	if code != exitFailed || !slices.Equal(seen.stages, []string{"ScaleUp", "BakeTime"}) {
		t.Errorf("%d %v", code, seen.stages)
	}
}

// reader is a reader that changes the gateway after it has read a page, and in the end deletes it.
type reader struct {
	t      *testing.T
	l      *lab
	stages []string
}

func (s *reader) Write(text []byte) (int, error) {
	_, stage, ok := strings.Cut(string(text), "stage     ")
	if !ok {
		return len(text), nil
	}
	stage, _, _ = strings.Cut(stage, ":")
	s.stages = append(s.stages, stage)
	gw := &v1alpha1.PortkeyGateway{}
	if err := s.l.Get(s.t.Context(), client.ObjectKey{Namespace: "prod", Name: "portkey-gateway"}, gw); err != nil {
		return 0, err
	}
	if stage == "BakeTime" {
		return len(text), s.l.Delete(s.t.Context(), gw)
	}
	gw.Status.Rollout.Stage = "BakeTime"
	return len(text), s.l.Status().Update(s.t.Context(), gw)
}

func TestCompletion(t *testing.T) {
	l := newLab(t, serving())
	for line, want := range map[string]string{
		"__complete promote port":                          "portkey-gateway\tComplete\n",
		"__complete rollback portkey-gateway --to portkey": "portkey-gateway:10\nportkey-gateway:9\n",
		"__complete status -o j":                           "json\n",
		"__complete pro":                                   "promote\t",
	} {
		if _, out, errs := l.run(t.Context(), line); !strings.HasPrefix(out, want) {
			t.Errorf("%s: %q %q, want %q", line, out, errs, want)
		}
	}
	var out bytes.Buffer
	code := Run(t.Context(), []string{"/usr/local/bin/kubectl_complete-portkey", "pro"}, Environment{Out: &out, Err: &bytes.Buffer{}})
	if code != exitDone || !strings.HasPrefix(out.String(), "promote\t") {
		t.Errorf("as kubectl calls it: %d %q", code, out.String())
	}
}

func TestVersionAndUsage(t *testing.T) {
	l := newLab(t)
	if code, out, _ := l.run(t.Context(), "--version"); code != exitDone || out != "kubectl portkey version v1\n" {
		t.Errorf("%d %q", code, out)
	}
	for _, line := range []string{"--help", "promote --help", "status --help"} {
		code, out, _ := l.run(t.Context(), line)
		if code != exitDone || !strings.Contains(out, "kubectl portkey ") || strings.Contains(out, "kubectl-portkey ") {
			t.Errorf("%s: %d %s", line, code, out)
		}
	}
}
