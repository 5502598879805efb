// Package plugin runs kubectl portkey on a real API server: as kubectl finds and calls it, with the flags and
// kubeconfigs of kubectl, and with the rights of the roles that users are given.
package plugin

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/envtest"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/internal/plugin"
)

// TestMain makes this program the plugin when kubectl calls it by the plugin's name.
func TestMain(m *testing.M) {
	if strings.HasPrefix(filepath.Base(os.Args[0]), "kubectl") {
		env := plugin.Terminal("v1.2.3")
		env.Planner = echo{}
		os.Exit(plugin.Run(context.Background(), os.Args, env))
	}
	goleak.VerifyTestMain(m)
}

// echo is a planner whose plan says what it was asked about.
type echo struct{}

func (echo) Plan(_ context.Context, gw *v1alpha1.PortkeyGateway, cluster string) (*plugin.Foreseen, error) {
	return &plugin.Foreseen{Plan: &v1alpha1.Plan{Hash: "0", Summary: fmt.Sprintf("generation %d, policy %s, %d replicas, %d services, cluster %t",
		gw.Generation, gw.Spec.ManagementPolicy, *gw.Spec.DataService.Replicas, len(gw.Status.Services), cluster != ""),
		Changes: []v1alpha1.PlannedChange{{Node: "a/b", Action: v1alpha1.PlanUpdate}}}}, nil
}

func (echo) Offline(context.Context, *v1alpha1.PortkeyGateway) (*plugin.Foreseen, error) {
	return &plugin.Foreseen{Plan: &v1alpha1.Plan{Hash: "0"}}, nil
}

// server is an API server, kubectl, and the plugin on its PATH.
type server struct {
	client.Client
	env    *envtest.Environment
	config *rest.Config
	// dir has the kubeconfigs and is kubectl's home, bin is the PATH.
	dir, bin string
}

func startServer(t *testing.T) *server {
	t.Helper()
	assets := os.Getenv("KUBEBUILDER_ASSETS")
	if assets == "" {
		t.Fatal(`KUBEBUILDER_ASSETS is not set: run make test, or export KUBEBUILDER_ASSETS="$(hack/envtest/ensure.sh)"`)
	}
	s := &server{dir: t.TempDir(), bin: t.TempDir()}
	this, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for name, target := range map[string]string{
		"kubectl": filepath.Join(assets, "kubectl"), "kubectl-portkey": this, "kubectl_complete-portkey": this,
	} {
		if err := os.Symlink(target, filepath.Join(s.bin, name)); err != nil {
			t.Fatal(err)
		}
	}
	s.env = &envtest.Environment{ControlPlaneStartTimeout: 2 * time.Minute, ControlPlaneStopTimeout: time.Minute}
	if s.config, err = s.env.Start(); err != nil {
		t.Fatal("starting the API server: ", err)
	}
	t.Cleanup(func() {
		if err := s.env.Stop(); err != nil {
			t.Error("stopping the API server: ", err)
		}
	})
	s.config.QPS = -1
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{clientgoscheme.AddToScheme, v1alpha1.AddToScheme} {
		if err := add(scheme); err != nil {
			t.Fatal(err)
		}
	}
	if s.Client, err = client.New(s.config, client.Options{Scheme: scheme}); err != nil {
		t.Fatal(err)
	}
	s.user(t, "admin", "system:masters")
	return s
}

// file is the kubeconfig of a user.
func (s *server) file(user string) string { return filepath.Join(s.dir, user) }

// user makes a user, and a kubeconfig of it.
func (s *server) user(t *testing.T, name string, groups ...string) {
	t.Helper()
	u, err := s.env.AddUser(envtest.User{Name: name, Groups: groups}, s.config)
	if err != nil {
		t.Fatal(err)
	}
	text, err := u.KubeConfig()
	if err == nil {
		err = os.WriteFile(s.file(name), text, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// grant binds a user to a role of dist/install.yaml in a namespace.
func (s *server) grant(t *testing.T, user, namespace, role string) {
	t.Helper()
	err := s.Create(t.Context(), &rbacv1.RoleBinding{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: user},
		Subjects:   []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: "User", Name: user}},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: "portkey-ecs-operator-portkeygateway-" + role + "-role"},
	})
	if err != nil {
		t.Fatal(err)
	}
}

// said is what a command printed, and how it ended.
type said struct {
	code      int
	out, errs string
}

// kubectl runs kubectl with a kubeconfig in the environment, as people do.
func (s *server) kubectl(t *testing.T, kubeconfig string, args ...string) said {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), filepath.Join(s.bin, "kubectl"), args...)
	cmd.Env = []string{"PATH=" + s.bin, "HOME=" + s.dir, "KUBECONFIG=" + kubeconfig}
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return said{cmd.ProcessState.ExitCode(), out.String(), errs.String()}
}

// must runs kubectl as the administrator.
func (s *server) must(t *testing.T, args ...string) string {
	t.Helper()
	got := s.kubectl(t, s.file("admin"), args...)
	if got.code != 0 {
		t.Fatalf("kubectl %v: %+v", args, got)
	}
	return got.out
}

// namespace makes a namespace with a gateway in it.
func (s *server) namespace(t *testing.T, name string) {
	t.Helper()
	if err := s.Create(t.Context(), &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name}}); err != nil {
		t.Fatal(err)
	}
	s.must(t, "apply", "-n", name, "-f", filepath.Join("..", "..", "config", "samples", "canary.yaml"))
}

// eventually polls until f is content. It is for processes: everything else has a clock of its own.
func eventually(t *testing.T, f func() error) {
	t.Helper()
	for end := time.Now().Add(time.Minute); ; time.Sleep(50 * time.Millisecond) {
		err := f()
		if err == nil {
			return
		}
		if time.Now().After(end) {
			t.Fatal(fmt.Errorf("after a minute: %w", err))
		}
	}
}
