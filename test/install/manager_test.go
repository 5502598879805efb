package install

import (
	"bytes"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
	authorizationv1 "k8s.io/api/authorization/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"

	"github.com/portkey-ai/portkey-ecs-operator/hack/sandbox/child"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator"
)

// manager is the operator's own binary, run with the rights of its ServiceAccount alone.
type manager struct {
	*child.Process
	log     string
	metrics string
}

// build builds the manager while the API server starts.
func build(t *testing.T) (wait func() string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "manager")
	cmd := exec.CommandContext(t.Context(), "go", "build", "-o", path, "github.com/portkey-ai/portkey-ecs-operator/cmd/manager")
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return func() string {
		t.Helper()
		if err := cmd.Wait(); err != nil {
			t.Fatalf("building the manager: %v\n%s", err, out.String())
		}
		return path
	}
}

// token returns a token of a ServiceAccount.
func (s *server) token(t *testing.T, account types.NamespacedName) string {
	t.Helper()
	request := &authenticationv1.TokenRequest{}
	sa := &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: account.Namespace, Name: account.Name}}
	if err := s.SubResource("token").Create(t.Context(), sa, request); err != nil {
		t.Fatal(err)
	}
	return request.Status.Token
}

// awaitRights waits until the authorizer has seen the roles: a manager that starts before would be
// refused what it may do. An administrator asks, so that the audit log has nothing but the manager's
// own requests under its name.
func (s *server) awaitRights(t *testing.T, account types.NamespacedName) {
	t.Helper()
	for r, name := range granted(t, account) {
		resource, sub, _ := strings.Cut(r.resource, "/")
		review := &authorizationv1.SubjectAccessReview{Spec: authorizationv1.SubjectAccessReviewSpec{
			User: "system:serviceaccount:" + account.Namespace + ":" + account.Name,
			ResourceAttributes: &authorizationv1.ResourceAttributes{
				Group: r.group, Resource: resource, Subresource: sub, Verb: r.verb, Namespace: account.Namespace, Name: name,
			},
		}}
		eventually(t, 10*time.Second, func() error {
			answer := review.DeepCopy()
			if err := s.Create(t.Context(), answer); err != nil {
				return err
			}
			if !answer.Status.Allowed {
				return &missing{r, answer.Status.Reason}
			}
			return nil
		})
	}
}

type missing struct {
	right
	reason string
}

func (m *missing) Error() string { return "may not " + m.String() + ": " + m.reason }

// startManager starts the manager as its Deployment does, against AWS at endpoint.
func startManager(t *testing.T, s *server, binary, endpoint string, account types.NamespacedName, flags ...string) *manager {
	t.Helper()
	dir := t.TempDir()
	config := rest.AnonymousClientConfig(s.config)
	config.BearerToken = s.token(t, account)
	kubeconfig := filepath.Join(dir, "kubeconfig")
	if err := clientcmd.WriteToFile(*kubeconfigOf(config), kubeconfig); err != nil {
		t.Fatal(err)
	}
	m := &manager{log: filepath.Join(dir, "manager.log"), metrics: freeAddress(t)}
	log, err := os.Create(m.log)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = log.Close() }() // the child has a descriptor of its own
	probe := freeAddress(t)
	cmd := exec.Command(binary, append(flags, "--leader-elect", "--leader-election-namespace="+account.Namespace,
		"--health-probe-bind-address="+probe, "--metrics-bind-address="+m.metrics)...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, log, log
	cmd.Env = []string{
		"HOME=" + dir, "KUBECONFIG=" + kubeconfig, "AWS_ENDPOINT_URL=" + endpoint, "AWS_REGION=us-east-1",
		"AWS_ACCESS_KEY_ID=" + emulator.AccessKeyID, "AWS_SECRET_ACCESS_KEY=any", "AWS_EC2_METADATA_DISABLED=true",
	}
	if m.Process, err = child.Start("manager", cmd); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		m.Stop(10 * time.Second)
		if t.Failed() {
			t.Logf("the manager's log:\n%s", child.Tail(m.log, 60))
		}
	})
	eventually(t, time.Minute, func() error {
		answer, err := http.Get("http://" + probe + "/readyz")
		if err != nil {
			return err
		}
		return answer.Body.Close()
	})
	return m
}

func kubeconfigOf(config *rest.Config) *clientcmdapi.Config {
	const name = "test"
	c := clientcmdapi.NewConfig()
	c.Clusters[name] = &clientcmdapi.Cluster{Server: config.Host, CertificateAuthorityData: config.CAData}
	c.AuthInfos[name] = &clientcmdapi.AuthInfo{Token: config.BearerToken}
	c.Contexts[name] = &clientcmdapi.Context{Cluster: name, AuthInfo: name}
	c.CurrentContext = name
	return c
}

func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

// can asks as an administrator whether somebody may do something to Secrets of a namespace.
func (s *server) can(t *testing.T, user, verb, namespace string) bool {
	t.Helper()
	review := &authorizationv1.SubjectAccessReview{Spec: authorizationv1.SubjectAccessReviewSpec{
		User: user, ResourceAttributes: &authorizationv1.ResourceAttributes{Resource: "secrets", Verb: verb, Namespace: namespace},
	}}
	if err := s.Create(t.Context(), review); err != nil {
		t.Fatal(err)
	}
	return review.Status.Allowed
}
