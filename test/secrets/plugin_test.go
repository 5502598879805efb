package secrets

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/controllers"
	"github.com/portkey-ai/portkey-ecs-operator/hack/harness"
	"github.com/portkey-ai/portkey-ecs-operator/internal/plugin"
)

// planner plans as cmd/kubectl-portkey does, with the harness' AWS.
type planner struct{ h *harness.Harness }

// Plan implements plugin.Planner.
func (p planner) Plan(ctx context.Context, gw *v1alpha1.PortkeyGateway, cluster string) (*plugin.Foreseen, error) {
	return foreseen(controllers.Preview(ctx, gw, cluster, p.h.Reconciler.Worlds, p.h.Clock.Now))
}

// Offline implements plugin.Planner.
func (p planner) Offline(ctx context.Context, gw *v1alpha1.PortkeyGateway) (*plugin.Foreseen, error) {
	return foreseen(controllers.PreviewOffline(ctx, gw, p.h.Clock.Now))
}

func foreseen(f *controllers.Foreseen, err error) (*plugin.Foreseen, error) {
	if err != nil {
		return nil, err
	}
	return &plugin.Foreseen{Plan: f.Plan, AccountID: f.AccountID, Warnings: f.Warnings, Assumptions: f.Assumptions}, nil
}

// ask runs every command of the plugin that shows something, and keeps what it prints.
func (w *watch) ask(t *testing.T) {
	t.Helper()
	gw := w.h.Get(w.key)
	gw.APIVersion, gw.Kind = v1alpha1.GroupVersion.String(), "PortkeyGateway"
	manifest, err := json.Marshal(&v1alpha1.PortkeyGateway{TypeMeta: gw.TypeMeta, ObjectMeta: metav1.ObjectMeta{Namespace: gw.Namespace, Name: gw.Name}, Spec: gw.Spec})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(w.kubernetes(t, gw))
	defer server.Close()
	config := filepath.Join(t.TempDir(), "config")
	if err := os.WriteFile(config, []byte(`{"apiVersion":"v1","kind":"Config","current-context":"a","contexts":[{"name":"a","context":{"cluster":"a","user":"a","namespace":"default"}}],"clusters":[{"name":"a","cluster":{"server":"`+server.URL+`"}}],"users":[{"name":"a","user":{}}]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{
		{"status", gw.Name}, {"status", gw.Name, "-o", "yaml"}, {"history", gw.Name},
		{"plan", "-f", "-"}, {"plan", "-f", "-", "-o", "json"}, {"plan", "-f", "-", "--offline"}, {"plan", "-f", "-", "--offline", "-o", "yaml"},
	} {
		var out, errs bytes.Buffer
		code := plugin.Run(t.Context(), append([]string{"kubectl-portkey", "--kubeconfig", config}, args...), plugin.Environment{
			In: bytes.NewReader(manifest), Out: &out, Err: &errs, Version: "test", Now: w.h.Clock.Now, Planner: planner{w.h},
		})
		if code == 1 || out.Len() == 0 {
			t.Errorf("%v ends with %d: %s%s", args, code, out.String(), errs.String())
		}
		w.into("plugin").WriteString(out.String() + errs.String())
	}
}

// kubernetes serves the API of one gateway, without its Secrets: nobody asks for them.
func (w *watch) kubernetes(t *testing.T, gw *v1alpha1.PortkeyGateway) http.Handler {
	const gateways = "/apis/ecs.portkey.ai/v1alpha1/namespaces/default/portkeygateways"
	return http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		var answer any
		switch path := r.URL.Path; {
		case strings.Contains(path, "/secrets"):
			t.Errorf("the plugin asks for %s", path)
			http.NotFound(out, r)
			return
		case path == "/api/v1/namespaces/kube-system":
			answer = &corev1.Namespace{TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "Namespace"}, ObjectMeta: metav1.ObjectMeta{Name: "kube-system", UID: "cluster-uid"}}
		case strings.HasSuffix(path, "/events"):
			answer = &corev1.EventList{TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "EventList"}, Items: []corev1.Event{{Type: "Normal", Reason: "Updated", Message: w.into("event").String()}}}
		case path == gateways+"/"+gw.Name && r.Method == http.MethodGet:
			answer = gw
		case strings.HasPrefix(path, gateways): // a dry run: what is sent is what would be
			body, err := io.ReadAll(r.Body)
			if err != nil {
				t.Error(err)
			}
			answer = json.RawMessage(body)
		}
		out.Header().Set("Content-Type", "application/json")
		if err := json.NewEncoder(out).Encode(answer); err != nil {
			t.Error(err)
		}
	})
}
