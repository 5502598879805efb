package install

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/envtest"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
)

// auditPolicy has every request written down, without its body.
const auditPolicy = `apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules: [{level: Metadata}]
`

// server is a Kubernetes API with an administrator's client and an audit log.
type server struct {
	client.Client
	config     *rest.Config
	kubeconfig string
	kubectlBin string
	auditLog   string
	hurried    time.Time
}

func startServer(t *testing.T) *server {
	t.Helper()
	assets := os.Getenv("KUBEBUILDER_ASSETS")
	if assets == "" {
		t.Fatal(`KUBEBUILDER_ASSETS is not set: run make test, or export KUBEBUILDER_ASSETS="$(hack/envtest/ensure.sh)"`)
	}
	dir := t.TempDir()
	policy, log := filepath.Join(dir, "policy.yaml"), filepath.Join(dir, "audit.log")
	write(t, policy, []byte(auditPolicy))
	env := &envtest.Environment{
		// Machines that build something else at the same time are slow to start one.
		ControlPlaneStartTimeout: 2 * time.Minute, ControlPlaneStopTimeout: time.Minute,
	}
	env.ControlPlane.GetAPIServer().Configure().
		Set("audit-policy-file", policy).Set("audit-log-path", log).
		// A line is there once its request is answered.
		Set("audit-log-mode", "blocking-strict")
	config, err := env.Start()
	if err != nil {
		t.Fatal("starting the API server: ", err)
	}
	t.Cleanup(func() {
		if err := env.Stop(); err != nil {
			t.Error("stopping the API server: ", err)
		}
	})
	config.QPS = -1
	admin, err := env.AddUser(envtest.User{Name: "admin", Groups: []string{"system:masters"}}, config)
	if err != nil {
		t.Fatal(err)
	}
	kubeconfig, err := admin.KubeConfig()
	if err != nil {
		t.Fatal(err)
	}
	s := &server{config: config, kubeconfig: filepath.Join(dir, "kubeconfig"), kubectlBin: filepath.Join(assets, "kubectl"), auditLog: log}
	write(t, s.kubeconfig, kubeconfig)
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{clientgoscheme.AddToScheme, v1alpha1.AddToScheme} {
		if err := add(scheme); err != nil {
			t.Fatal(err)
		}
	}
	if s.Client, err = client.New(config, client.Options{Scheme: scheme}); err != nil {
		t.Fatal(err)
	}
	return s
}

// kubectl runs kubectl as an administrator and returns what it prints.
func (s *server) kubectl(t *testing.T, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), s.kubectlBin, args...)
	cmd.Env = append(os.Environ(), "KUBECONFIG="+s.kubeconfig, "HOME="+filepath.Dir(s.kubeconfig)) // it caches at home
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("kubectl %v: %v\n%s", args, err, out)
	}
	return string(out)
}

func write(t *testing.T, path string, text []byte) {
	t.Helper()
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
}

// eventually polls until f is content. It is for processes: everything else has a clock of its own.
func eventually(t *testing.T, within time.Duration, f func() error) {
	t.Helper()
	for end := time.Now().Add(within); ; time.Sleep(100 * time.Millisecond) {
		err := f()
		if err == nil {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("after %s: %v", within, err)
		}
	}
}
