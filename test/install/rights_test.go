package install

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/yaml"
	auditv1 "k8s.io/apiserver/pkg/apis/audit/v1"

	"github.com/portkey-ai/portkey-ecs-operator/dist"
)

// right is to do something to a kind of object.
type right struct{ group, resource, verb string }

func (r right) String() string { return fmt.Sprintf("%s %s.%s", r.verb, r.resource, r.group) }

// installed are the objects of dist/install.yaml.
func installed(t *testing.T) []*unstructured.Unstructured {
	t.Helper()
	var out []*unstructured.Unstructured
	for dec := yaml.NewYAMLOrJSONDecoder(bytes.NewReader(dist.Install), 4096); ; {
		o := &unstructured.Unstructured{}
		err := dec.Decode(o)
		if errors.Is(err, io.EOF) {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, o)
	}
}

// shippedAccount is the ServiceAccount that the shipped Deployment runs the manager as.
func shippedAccount(t *testing.T) types.NamespacedName {
	t.Helper()
	for _, o := range installed(t) {
		if o.GetKind() == "Deployment" {
			name, _, _ := unstructured.NestedString(o.Object, "spec", "template", "spec", "serviceAccountName")
			return types.NamespacedName{Namespace: o.GetNamespace(), Name: name}
		}
	}
	t.Fatal("dist/install.yaml has no Deployment")
	return types.NamespacedName{}
}

// granted are the rights of all roles that dist/install.yaml binds to an account, each with the name of
// the one object that it is limited to, if it is.
func granted(t *testing.T, account types.NamespacedName) map[right]string {
	t.Helper()
	rules, bound := map[string][]rbacv1.PolicyRule{}, []string{}
	for _, o := range installed(t) {
		switch o.GetKind() {
		case "Role", "ClusterRole":
			role := convert[rbacv1.ClusterRole](t, o)
			rules[o.GetKind()+"/"+o.GetName()] = role.Rules
		case "RoleBinding", "ClusterRoleBinding":
			binding := convert[rbacv1.ClusterRoleBinding](t, o)
			for _, s := range binding.Subjects {
				if s.Kind == "ServiceAccount" && s.Namespace == account.Namespace && s.Name == account.Name {
					bound = append(bound, binding.RoleRef.Kind+"/"+binding.RoleRef.Name)
				}
			}
		}
	}
	out := map[right]string{}
	for _, name := range bound {
		if len(rules[name]) == 0 {
			t.Errorf("%s is bound to the manager, but isn't there", name)
		}
		for _, rule := range rules[name] {
			for _, g := range rule.APIGroups {
				for _, r := range rule.Resources {
					for _, v := range rule.Verbs {
						if g == "*" || r == "*" || v == "*" {
							t.Errorf("%s has a wildcard", name)
						}
						out[right{g, r, v}] = strings.Join(rule.ResourceNames, ",")
					}
				}
			}
		}
	}
	return out
}

func convert[T any](t *testing.T, o *unstructured.Unstructured) T {
	t.Helper()
	var out T
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(o.Object, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// used reads the audit log: what an account did, and what it was refused.
func used(t *testing.T, log string, account types.NamespacedName) (did map[right]bool, refused []string) {
	t.Helper()
	f, err := os.Open(log)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	did = map[right]bool{}
	user := "system:serviceaccount:" + account.Namespace + ":" + account.Name
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var e auditv1.Event
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			continue // the last line may not be whole yet
		}
		if e.User.Username != user {
			continue
		}
		if e.ResponseStatus != nil && e.ResponseStatus.Code == 403 {
			refused = append(refused, e.Verb+" "+e.RequestURI)
		}
		// What isn't about objects is discovery, which every account may do.
		if o := e.ObjectRef; o != nil && o.Resource != "" {
			resource := strings.TrimSuffix(o.Resource+"/"+o.Subresource, "/")
			did[right{o.APIGroup, resource, e.Verb}] = true
		}
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return did, refused
}
