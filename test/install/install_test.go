// Package install installs what users install on a real API server, and runs the manager there with
// the rights that it ships with, and no others.
package install

import (
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fluxcd/cli-utils/pkg/kstatus/status"
	eventsv1 "k8s.io/api/events/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/controllers"
	"github.com/portkey-ai/portkey-ecs-operator/hack/eventrules"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// timeScale makes a minute of AWS a tenth of a second. The manager's own waits are real.
const timeScale = 600

// patience bounds the two long steps on a machine that is busy with something else.
const patience = 3 * time.Minute

// idle are rights that the test's manager doesn't use, and why it has them all the same.
var idle = map[right]string{
	{"ecs.portkey.ai", "portkeygateways", "list"}: "API servers that can't stream a list in a watch are asked for it the old way",
	{"events.k8s.io", "events", "patch"}:          "an event that repeats within minutes becomes a series by a patch",
}

func TestInstalledManagerKeepsToItsRights(t *testing.T) {
	built := build(t)
	s := startServer(t)
	aws := emulator.New(emulator.Options{Clock: core.NewScaledClock(timeScale)})
	seeded := aws.Seed("us-east-1")
	web := httptest.NewServer(aws)
	t.Cleanup(web.Close)
	queue, err := eventrules.Deploy(aws, "us-east-1")
	if err != nil {
		t.Fatal(err)
	}

	s.kubectl(t, "apply", "--server-side", "-f", filepath.Join("..", "..", "dist", "install.yaml"))
	s.kubectl(t, "wait", "--for=condition=Established", "--timeout=30s", "crd/portkeygateways.ecs.portkey.ai")
	t.Run("its pod keeps to the restricted standard", func(t *testing.T) { s.checkPod(t) })
	t.Run("tenants name what is theirs", func(t *testing.T) { s.checkTenants(t) })
	account := shippedAccount(t)
	s.awaitRights(t, account)
	m := startManager(t, s, built(), web.URL, account, "--events-queue-url="+queue)

	s.kubectl(t, "apply", "-n", "default", "-f", sample(t, seeded))
	key := types.NamespacedName{Namespace: "default", Name: "portkey-gateway"}
	t.Run("kstatus sees it in progress, then current", func(t *testing.T) { s.awaitCurrent(t, key) })
	t.Run("kubectl get tells the essentials", func(t *testing.T) { s.checkColumns(t, key) })
	t.Run("kubectl wait works", func(t *testing.T) {
		s.kubectl(t, "wait", "--for=condition=Ready", "--timeout=10s", "-n", key.Namespace, "portkeygateway/"+key.Name)
	})
	t.Run("its endpoints are asked", func(t *testing.T) {
		eventually(t, patience, func() error { // of an emulated load balancer, whose name nobody has
			o, err := s.gateway(t, key)
			if err != nil {
				return err
			}
			conditions, _, err := unstructured.NestedSlice(o.Object, "status", "conditions")
			if err != nil {
				return err
			}
			for _, c := range conditions {
				if c, ok := c.(map[string]any); ok && c["type"] == v1alpha1.ConditionReachable && c["reason"] != v1alpha1.ReasonNotObserved {
					return nil
				}
			}
			return fmt.Errorf("nobody has asked: %v", conditions)
		})
	})
	t.Run("events tell the story", func(t *testing.T) { s.checkEvents(t, key, "Created", "Reconciled") })
	t.Run("what somebody changes is put right by its event, and told", func(t *testing.T) { s.checkHeard(t, key, aws) })
	t.Run("Secrets are read where an administrator says so", func(t *testing.T) { s.checkSecretRef(t, seeded, account) })
	t.Run("metrics are for those who may read them", func(t *testing.T) { checkMetrics(t, s, m) })
	t.Run("deletion leaves AWS as it was", func(t *testing.T) {
		s.age(t, key)
		s.kubectl(t, "delete", "--wait=false", "-n", key.Namespace, "portkeygateway/"+key.Name)
		eventually(t, patience, func() error {
			s.hurry(t, key)
			o, err := s.gateway(t, key)
			if err == nil {
				return fmt.Errorf("it is still there: %v", o.Object["status"])
			}
			return client.IgnoreNotFound(err)
		})
		for _, r := range aws.Made(false) {
			t.Errorf("%s %s (%s) is left", r.Kind, r.ID, r.Name)
		}
	})
	m.Stop(30 * time.Second) // gives the lease back: a right that only the end needs
	t.Run("its rights are what it uses", func(t *testing.T) { checkRights(t, s, m, account) })
}

// sample is config/samples/minimal.yaml with what the emulator has seeded in the place of its examples.
func sample(t *testing.T, seeded emulator.Seeded) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "config", "samples", "minimal.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	for pattern, with := range map[string]string{
		`"arn:[^"]*:secret:portkey/license[^"]*"`:  `"` + seeded.LicenseSecret + `"`,
		`"arn:[^"]*:secret:portkey/registry[^"]*"`: `"` + seeded.RegistrySecret + `"`,
		`logBucket: [^},\s]*`:                      "logBucket: " + emulator.LogBucket,
	} {
		re := regexp.MustCompile(pattern)
		if !re.Match(text) {
			t.Fatalf("the sample has nothing like %s", pattern)
		}
		text = re.ReplaceAll(text, []byte(with))
	}
	path := filepath.Join(t.TempDir(), "sample.yaml")
	write(t, path, text)
	return path
}

func (s *server) gateway(t *testing.T, key types.NamespacedName) (*unstructured.Unstructured, error) {
	t.Helper()
	o := &unstructured.Unstructured{}
	o.SetAPIVersion("ecs.portkey.ai/v1alpha1")
	o.SetKind("PortkeyGateway")
	return o, s.Get(t.Context(), key, o)
}

// hurry asks for another look at AWS once a second, as `flux reconcile` would: the manager knows how long
// AWS takes for what, and doesn't know that here it takes less.
func (s *server) hurry(t *testing.T, key types.NamespacedName) {
	t.Helper()
	if time.Since(s.hurried) < time.Second {
		return
	}
	s.hurried = time.Now()
	o, err := s.gateway(t, key)
	if err != nil {
		return // gone, or not there yet: the caller finds out
	}
	patch := fmt.Sprintf(`{"metadata":{"annotations":{%q:%q}}}`, controllers.AnnotationRequestedAt, s.hurried.Format(time.RFC3339Nano))
	err = s.Patch(t.Context(), o, client.RawPatch(types.MergePatchType, []byte(patch)))
	if client.IgnoreNotFound(err) != nil {
		t.Error(err)
	}
}

// age makes the record say that everything was created an hour ago. For two minutes after a creation the
// manager takes an object's absence for AWS's delay in showing it; here all of AWS is seconds old.
func (s *server) age(t *testing.T, key types.NamespacedName) {
	t.Helper()
	eventually(t, 10*time.Second, func() error {
		o, err := s.gateway(t, key)
		if err != nil {
			return err
		}
		resources, _, err := unstructured.NestedSlice(o.Object, "status", "resources")
		if err != nil {
			return err
		}
		for _, r := range resources {
			r.(map[string]any)["createdAt"] = time.Now().Add(-time.Hour).UTC().Format(time.RFC3339)
		}
		if err := unstructured.SetNestedSlice(o.Object, resources, "status", "resources"); err != nil {
			return err
		}
		return s.Status().Update(t.Context(), o)
	})
}

// awaitCurrent computes the status as Flux, Argo CD and others do, who know nothing of our kind.
func (s *server) awaitCurrent(t *testing.T, key types.NamespacedName) {
	t.Helper()
	var seen []status.Status
	eventually(t, patience, func() error {
		s.hurry(t, key)
		o, err := s.gateway(t, key)
		if err != nil {
			return err
		}
		res, err := status.Compute(o)
		if err != nil {
			return err
		}
		if !slices.Contains(seen, res.Status) {
			seen = append(seen, res.Status)
		}
		if res.Status != status.CurrentStatus {
			return fmt.Errorf("%s: %s", res.Status, res.Message)
		}
		return nil
	})
	if want := []status.Status{status.InProgressStatus, status.CurrentStatus}; !slices.Equal(seen, want) {
		t.Errorf("kstatus saw %v, want %v", seen, want)
	}
}

// checkColumns reads what `kubectl get` prints, which is the table that the API server makes.
func (s *server) checkColumns(t *testing.T, key types.NamespacedName) {
	t.Helper()
	lines := strings.Split(strings.TrimSpace(s.kubectl(t, "get", "pkgw", "-n", key.Namespace)), "\n")
	if len(lines) != 2 {
		t.Fatalf("%q", lines)
	}
	t.Log(lines[0], "\n", lines[1])
	for _, want := range []string{"NAME", "MODE", "READY", "VERSION", "TASKS", "ENDPOINT", "AGE"} {
		if !slices.Contains(strings.Fields(lines[0]), want) {
			t.Errorf("no column %s in %q", want, lines[0])
		}
	}
	for _, want := range []string{key.Name, "True", ".elb.us-east-1.amazonaws.com"} {
		if !strings.Contains(lines[1], want) {
			t.Errorf("no %s in %q", want, lines[1])
		}
	}
	if strings.Contains(lines[1], "<none>") {
		t.Errorf("an empty column: %q", lines[1])
	}
}

func (s *server) checkEvents(t *testing.T, key types.NamespacedName, reasons ...string) {
	t.Helper()
	eventually(t, 20*time.Second, func() error { // they are sent in the background
		list := &eventsv1.EventList{}
		if err := s.List(t.Context(), list, client.InNamespace(key.Namespace)); err != nil {
			return err
		}
		have := map[string]bool{}
		for _, e := range list.Items {
			if e.Regarding.Kind == "PortkeyGateway" && e.Regarding.Name == key.Name {
				have[e.Reason] = true
			}
		}
		for _, r := range reasons {
			if !have[r] {
				return fmt.Errorf("no event %s among %v", r, have)
			}
		}
		return nil
	})
}

// checkMetrics scrapes the manager as somebody who is bound to the shipped reader's role, and as nobody.
func checkMetrics(t *testing.T, s *server, m *manager) {
	t.Helper()
	s.kubectl(t, "create", "serviceaccount", "-n", "default", "scraper")
	role := ""
	for _, o := range installed(t) {
		if o.GetKind() == "ClusterRole" && strings.HasSuffix(o.GetName(), "metrics-reader") {
			role = o.GetName()
		}
	}
	s.kubectl(t, "create", "clusterrolebinding", "scraper", "--clusterrole="+role, "--serviceaccount=default:scraper")
	// The manager's certificate is one that it made itself.
	web := &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, DisableKeepAlives: true}} //nolint:gosec // see above
	scrape := func(token string) (int, string, error) {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://"+m.metrics+"/metrics", nil)
		if err != nil {
			return 0, "", err
		}
		if token != "" {
			r.Header.Set("Authorization", "Bearer "+token)
		}
		answer, err := web.Do(r)
		if err != nil {
			return 0, "", err
		}
		defer func() { _ = answer.Body.Close() }()
		text, err := io.ReadAll(answer.Body)
		return answer.StatusCode, string(text), err
	}
	if code, _, err := scrape(""); err != nil || code != http.StatusUnauthorized {
		t.Errorf("without a token: %d %v", code, err)
	}
	token := s.token(t, types.NamespacedName{Namespace: "default", Name: "scraper"})
	eventually(t, 20*time.Second, func() error { // once the authorizer knows of the binding
		code, text, err := scrape(token)
		if err == nil && (code != http.StatusOK || !strings.Contains(text, "controller_runtime_reconcile_total") || !strings.Contains(text, `portkey_aws_events_total{outcome="acted"}`)) {
			err = fmt.Errorf("%d %.200s", code, text)
		}
		return err
	})
}

// checkRights compares what the manager did with what it may do.
func checkRights(t *testing.T, s *server, m *manager, account types.NamespacedName) {
	t.Helper()
	did, refused := used(t, s.auditLog, account)
	for _, r := range refused {
		if !strings.HasPrefix(r, mayRefuse) {
			t.Errorf("refused: %s", r)
		}
	}
	log, err := os.ReadFile(m.log)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.SplitSeq(string(log), "\n") {
		if strings.Contains(strings.ToLower(line), string(metav1.StatusReasonForbidden)) || strings.Contains(line, "is forbidden") {
			t.Errorf("the manager logged: %s", line)
		}
	}
	may := granted(t, account)
	for r := range did {
		if _, ok := may[r]; !ok && bound[r] == "" {
			t.Errorf("it does %s, which dist/install.yaml doesn't grant", r)
		}
		if why, ok := idle[r]; ok {
			t.Logf("%s is used here, though listed as idle: %s", r, why)
		}
	}
	for r := range may {
		if _, ok := idle[r]; !did[r] && !ok {
			t.Errorf("it may %s, but never does: take it out of config/rbac or the marker, or say in idle why it is needed", r)
		}
	}
	for r, how := range bound {
		if !did[r] {
			t.Errorf("it never did %s, which it may by %s", r, how)
		}
		if _, ok := may[r]; ok {
			t.Errorf("dist/install.yaml grants %s", r)
		}
	}
	for r := range idle {
		if _, ok := may[r]; !ok {
			t.Errorf("%s is listed as idle, but isn't granted", r)
		}
	}
}
