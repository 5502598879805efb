package install

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
)

// checkTenants tries the sample policy for tenants: a gateway that names only its namespace's things is taken, one
// that reaches for any other's is refused, and namespaces without the label are left alone.
func (s *server) checkTenants(t *testing.T) {
	t.Helper()
	s.kubectl(t, "apply", "--server-side", "-f", filepath.Join("..", "..", "config", "hardening"))
	for name, labels := range map[string]map[string]string{"team-a": {"ecs.portkey.ai/tenant": "true"}, "platform": nil} {
		if err := s.Create(t.Context(), &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name, Labels: labels}}); err != nil {
			t.Fatal(err)
		}
	}
	const account = "arn:aws:iam::123456789012:"
	secret := func(name string) string {
		return "arn:aws:secretsmanager:us-east-1:123456789012:secret:" + name + "-AbCdEf"
	}
	try := func(namespace string, change func(*v1alpha1.PortkeyGatewaySpec)) error {
		gw := &v1alpha1.PortkeyGateway{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "gw"}, Spec: v1alpha1.PortkeyGatewaySpec{
			Region: "us-east-1", Storage: v1alpha1.Storage{LogBucket: "team-a-logs"}, LoadBalancer: &v1alpha1.LoadBalancer{},
			Credentials: v1alpha1.Credentials{License: v1alpha1.SecretSource{SecretARN: secret("team-a/license")}, Registry: v1alpha1.SecretSource{SecretARN: secret("team-a/registry")}},
			Bedrock:     &v1alpha1.Bedrock{AssumeRoleARNs: []string{account + "role/team-a/bedrock"}},
			Gateway: &v1alpha1.Gateway{
				SecretEnv: v1alpha1.SecretEnvironment{"KEY": {SecretARN: secret("team-a/key")}},
				TaskRole:  &v1alpha1.TaskRole{PolicyARNs: []string{account + "policy/team-a/tasks"}},
			},
		}}
		change(&gw.Spec)
		return s.Create(t.Context(), gw, client.DryRunAll)
	}
	foreign := map[string]func(*v1alpha1.PortkeyGatewaySpec){
		"team-a/": func(g *v1alpha1.PortkeyGatewaySpec) { g.Credentials.License.SecretARN = secret("team-b/license") },
		"secretEnv": func(g *v1alpha1.PortkeyGatewaySpec) {
			g.Gateway.SecretEnv["KEY"] = v1alpha1.SecretKey{SecretARN: secret("team-b/key")}
		},
		"taskRole.policyARNs": func(g *v1alpha1.PortkeyGatewaySpec) {
			g.Gateway.TaskRole.PolicyARNs[0] = "arn:aws:iam::aws:policy/AdministratorAccess"
		},
		"bedrock.assumeRoleARNs":  func(g *v1alpha1.PortkeyGatewaySpec) { g.Bedrock.AssumeRoleARNs[0] = account + "role/admin" },
		"storage: name a bucket":  func(g *v1alpha1.PortkeyGatewaySpec) { g.Storage.LogBucket = "team-b-logs" },
		"rollout.hooks: name fun": func(g *v1alpha1.PortkeyGatewaySpec) { g.Gateway.Rollout = asking("team-b-verdict") },
	}
	// The API server takes up a policy some seconds after it is there.
	eventually(t, time.Minute, func() error {
		if err := try("team-a", foreign["storage: name a bucket"]); err == nil {
			return fmt.Errorf("the policy doesn't hold yet")
		}
		return nil
	})
	if err := try("team-a", func(g *v1alpha1.PortkeyGatewaySpec) { g.Gateway.Rollout = asking("team-a-verdict") }); err != nil {
		t.Errorf("a tenant's own things are refused: %v", err)
	}
	for message, change := range foreign {
		if err := try("team-a", change); err == nil || !strings.Contains(err.Error(), "portkeygateway-tenants") || !strings.Contains(err.Error(), message) {
			t.Errorf("%s: %v", message, err)
		}
		if err := try("platform", change); err != nil {
			t.Errorf("%s: the platform's namespace is bound too: %v", message, err)
		}
	}
}

// asking is a rollout that a function decides on.
func asking(function string) *v1alpha1.Rollout {
	return &v1alpha1.Rollout{Strategy: v1alpha1.RolloutBlueGreen, Hooks: []v1alpha1.RolloutHook{{
		Stages: []v1alpha1.RolloutStage{v1alpha1.StagePreScaleUp},
		Lambda: &v1alpha1.LambdaHook{FunctionARN: "arn:aws:lambda:us-east-1:123456789012:function:" + function},
	}}}
}
