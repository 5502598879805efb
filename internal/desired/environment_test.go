package desired_test

import (
	"maps"
	"testing"

	"k8s.io/utils/ptr"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/internal/desired"
	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
	"github.com/portkey-ai/portkey-ecs-operator/internal/kinds"
	"github.com/portkey-ai/portkey-ecs-operator/internal/own"
)

// TestSecretVersions: each service follows the user's secrets that it reads, all of them or none.
func TestSecretVersions(t *testing.T) {
	arn := func(name string) string {
		return "arn:aws:secretsmanager:us-east-1:123456789012:secret:" + name + "-AbCdEf"
	}
	gw := gateway("gw")
	gw.Spec.Credentials = v1alpha1.Credentials{License: v1alpha1.SecretSource{SecretARN: arn("license")}, Registry: v1alpha1.SecretSource{SecretARN: arn("registry")}}
	gw.Spec.Gateway = &v1alpha1.Gateway{SecretEnv: v1alpha1.SecretEnvironment{"OWN": {SecretARN: arn("gateway")}}}
	gw.Spec.DataService = &v1alpha1.DataService{SecretEnv: v1alpha1.SecretEnvironment{"OWN": {SecretARN: arn("data")}}}
	gw.Spec.Cache = &v1alpha1.Cache{ElastiCache: &v1alpha1.ElastiCache{Managed: &v1alpha1.ManagedCache{}}} // has a password of the operator's
	versions := map[string]string{arn("license"): "1", arn("registry"): "1", arn("gateway"): "1", arn("data"): "1"}
	hashes := func(versions map[string]string) (gateway, data string) {
		f := facts
		f.SecretVersions = versions
		g, err := desired.Build(gw, own.Owner{Cluster: "c", Kind: "PortkeyGateway", Namespace: gw.Namespace, Name: gw.Name}, f)
		if err != nil {
			t.Fatal(err)
		}
		of := func(id graph.NodeID) string { return g.Node(id).Spec().(kinds.TaskDefinitionSpec).Secrets }
		return of("task-definition/gateway"), of("task-definition/data-service")
	}
	g, d := hashes(versions)
	if len(g) != 12 || len(d) != 12 || g == d {
		t.Fatalf("%q and %q", g, d)
	}
	for _, c := range []struct {
		secret, version string
		gateway, data   string // "same", "new" or "none"
	}{
		{"license", "2", "new", "new"}, {"registry", "2", "new", "new"}, {"gateway", "2", "new", "same"}, {"data", "2", "same", "new"},
		{"license", "", "none", "none"}, {"data", "", "same", "none"}, {"other", "2", "same", "same"},
	} {
		v := maps.Clone(versions)
		v[arn(c.secret)] = c.version
		g2, d2 := hashes(v)
		for _, x := range []struct{ was, is, want string }{{g, g2, c.gateway}, {d, d2, c.data}} {
			got := "new"
			switch x.is {
			case x.was:
				got = "same"
			case "":
				got = "none"
			}
			if got != x.want {
				t.Errorf("version %q of %s: %s, want %s (gateway %q, data service %q)", c.version, c.secret, got, x.want, g2, d2)
			}
		}
	}
	gw.Spec.Gateway.Rollout = &v1alpha1.Rollout{RestartOnSecretChange: ptr.To(false)}
	if g, d := hashes(versions); g != "" || d != "" {
		t.Errorf("switched off: %q and %q", g, d)
	}
}
