// Package environments builds the layouts of examples/ as users do, applies them to a real API server, and runs the lives
// of what that has made of them on the emulator: creation, upgrade, the way back, deletion.
package environments

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/envtest"
	"sigs.k8s.io/yaml"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
)

// environments are the folders of examples/environments.
var environments = []string{"dev", "staging", "prod"}

var (
	// kube reaches the one API server of this package's tests; kubectl is the binary that goes with it.
	kube    client.Client
	kubectl = filepath.Join(os.Getenv("KUBEBUILDER_ASSETS"), "kubectl")
)

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	if os.Getenv("KUBEBUILDER_ASSETS") == "" {
		fmt.Fprintln(os.Stderr, `KUBEBUILDER_ASSETS is not set: run make test, or export KUBEBUILDER_ASSETS="$(hack/envtest/ensure.sh)"`)
		return 1
	}
	server := &envtest.Environment{
		CRDDirectoryPaths: []string{"../../config/crd/bases"}, ErrorIfCRDPathMissing: true,
		// Machines that build something else at the same time are slow to start one.
		ControlPlaneStartTimeout: 2 * time.Minute, ControlPlaneStopTimeout: time.Minute,
	}
	config, err := server.Start()
	if err != nil {
		fmt.Fprintln(os.Stderr, "starting the API server:", err)
		return 1
	}
	defer func() {
		if err := server.Stop(); err != nil {
			fmt.Fprintln(os.Stderr, "stopping the API server:", err)
		}
	}()
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{clientgoscheme.AddToScheme, v1alpha1.AddToScheme} {
		if err := add(scheme); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
	}
	if kube, err = client.New(config, client.Options{Scheme: scheme}); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	for _, name := range environments {
		ns := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "portkey-" + name}}
		if err := kube.Create(context.Background(), ns); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
	}
	return m.Run()
}

// checkout is a copy of examples/environments that a test may edit.
func checkout(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS("../../examples/environments")); err != nil {
		t.Fatal(err)
	}
	return dir
}

// built is what kustomize makes of an environment.
func built(t *testing.T, dir, environment string) []byte {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), kubectl, "kustomize", filepath.Join(dir, environment))
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v: %s", err, errs.String())
	}
	return out.Bytes()
}

// applied applies an environment as GitOps tools do, server-side, and answers what the API server made of it.
func applied(t *testing.T, dir, environment string) *v1alpha1.PortkeyGateway {
	t.Helper()
	object := &unstructured.Unstructured{}
	if err := yaml.UnmarshalStrict(built(t, dir, environment), object); err != nil {
		t.Fatal(err)
	}
	key := client.ObjectKeyFromObject(object)
	strict := client.WithFieldValidation(kube, metav1.FieldValidationStrict)
	if err := strict.Apply(t.Context(), client.ApplyConfigurationFromUnstructured(object), client.FieldOwner("gitops")); err != nil {
		t.Fatalf("%s isn't taken: %v", environment, err)
	}
	gw := &v1alpha1.PortkeyGateway{}
	if err := kube.Get(t.Context(), key, gw); err != nil {
		t.Fatal(err)
	}
	return gw
}

// edit replaces a text in a file of a checkout that has it just once, and answers what takes that back.
func edit(t *testing.T, path, old, with string) (revert func()) {
	t.Helper()
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if n := bytes.Count(before, []byte(old)); n != 1 {
		t.Fatalf("%s has %q %d times", path, old, n)
	}
	write := func(text []byte) {
		t.Helper()
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(bytes.ReplaceAll(before, []byte(old), []byte(with)))
	return func() { write(before) }
}
