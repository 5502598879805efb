package admission

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/dist"
	"github.com/portkey-ai/portkey-ecs-operator/test/manifests"
)

// TestDeletionProtection installs the shipped policies, and tries to delete what they protect in every way
// that Kubernetes has. There is no namespace controller here: what it does is to delete a collection.
func TestDeletionProtection(t *testing.T) {
	installPolicies(t)
	ns, other := namespace(t), namespace(t)
	protect(t, ns, "guarded", "true")
	protect(t, ns, "loosely", "yes")
	protect(t, other, "plain", "")
	protect(t, other, "lifted", "false")
	lift := "first run kubectl annotate portkeygateway guarded -n " + ns + " ecs.portkey.ai/deletion-protection-"
	// Nothing is really deleted while it is waited for: what went before the policy came into force would be gone.
	refused(t, "deletion", lift, func() error { return kube.Delete(t.Context(), gatewayIn(ns, "guarded"), client.DryRunAll) })
	refused(t, "deletion of its namespace", "it holds a PortkeyGateway that is protected from deletion: to delete it all the same, first run kubectl annotate portkeygateway ", func() error { return kube.Delete(t.Context(), namespaceOf(ns), client.DryRunAll) })

	for what, try := range map[string]func() error{
		"deletion without grace": func() error {
			return kube.Delete(t.Context(), gatewayIn(ns, "guarded"), client.GracePeriodSeconds(0), client.PropagationPolicy(metav1.DeletePropagationOrphan))
		},
		"deletion of a collection": func() error { return kube.DeleteAllOf(t.Context(), &v1alpha1.PortkeyGateway{}, client.InNamespace(ns)) },
		"any word but false":       func() error { return kube.Delete(t.Context(), gatewayIn(ns, "loosely")) },
		"a plain deletion":         func() error { return kube.Delete(t.Context(), gatewayIn(ns, "guarded")) },
	} {
		if err := try(); !apierrors.IsInvalid(err) && !apierrors.IsForbidden(err) || !strings.Contains(fmt.Sprint(err), "protected from deletion: to delete it all the same, first run") {
			t.Errorf("%s: %v", what, err)
		}
	}
	for _, name := range []string{"guarded", "loosely"} {
		gw := gatewayIn(ns, name)
		if err := kube.Get(t.Context(), client.ObjectKeyFromObject(gw), gw); err != nil || gw.DeletionTimestamp != nil {
			t.Errorf("%s: %v, deleted at %v", name, err, gw.DeletionTimestamp)
		}
	}
	for _, name := range []string{"plain", "lifted"} {
		if err := kube.Delete(t.Context(), gatewayIn(other, name)); err != nil {
			t.Errorf("%s isn't protected: %v", name, err)
		}
	}

	protectedTooLate(t, other)

	// What the message says helps.
	for _, name := range []string{"guarded", "loosely"} {
		patch := client.RawPatch(types.MergePatchType, []byte(`{"metadata":{"annotations":{"ecs.portkey.ai/deletion-protection":null}}}`))
		if err := kube.Patch(t.Context(), gatewayIn(ns, name), patch); err != nil {
			t.Fatal(err)
		}
	}
	if err := kube.DeleteAllOf(t.Context(), &v1alpha1.PortkeyGateway{}, client.InNamespace(ns)); err != nil {
		t.Error(err)
	}
	eventually(t, "the namespace may be deleted", func(ctx context.Context) bool { return kube.Delete(ctx, namespaceOf(ns), client.DryRunAll) == nil })
	if err := kube.Delete(t.Context(), namespaceOf(other), client.DryRunAll); err != nil {
		t.Errorf("a namespace without protected gateways: %v", err)
	}
}

// protectedTooLate: protection that comes when the object is being deleted is the operator's to see. Here it
// keeps neither a second deletion nor the end of the first from going through.
func protectedTooLate(t *testing.T, ns string) {
	gw := protect(t, ns, "leaving", "")
	patch := func(body string) {
		t.Helper()
		if err := kube.Patch(t.Context(), gw, client.RawPatch(types.MergePatchType, []byte(body))); err != nil {
			t.Fatal(err)
		}
	}
	patch(`{"metadata":{"finalizers":["ecs.portkey.ai/finalizer"]}}`)
	if err := kube.Delete(t.Context(), gw); err != nil {
		t.Fatal(err)
	}
	patch(`{"metadata":{"annotations":{"ecs.portkey.ai/deletion-protection":"true"}}}`)
	if err := kube.Delete(t.Context(), gw); err != nil {
		t.Errorf("deleted twice: %v", err)
	}
	patch(`{"metadata":{"finalizers":null}}`)
	if err := kube.Get(t.Context(), client.ObjectKeyFromObject(gw), gw); !apierrors.IsNotFound(err) {
		t.Errorf("still there: %v", err)
	}
}

// installPolicies installs the admission policies of dist/install.yaml that protect from deletion.
func installPolicies(t *testing.T) {
	t.Helper()
	n := 0
	for dec := yaml.NewYAMLOrJSONDecoder(bytes.NewReader(dist.Install), 4096); ; {
		o := &unstructured.Unstructured{}
		if err := dec.Decode(o); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(o.GetKind(), "ValidatingAdmissionPolicy") || !strings.HasSuffix(o.GetName(), "-protection") {
			continue
		}
		n++
		if err := applied(t, kube, o); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := client.IgnoreNotFound(kube.Delete(context.Background(), o)); err != nil {
				t.Error(err)
			}
		})
	}
	if n != 4 {
		t.Fatalf("%d policies and bindings, want two of each", n)
	}
}

// protect makes a gateway with a value of the annotation, or without it.
func protect(t *testing.T, ns, name, value string) *v1alpha1.PortkeyGateway {
	t.Helper()
	o := manifests.Case{Name: name}.Object()
	o.SetNamespace(ns)
	if value != "" {
		o.SetAnnotations(map[string]string{v1alpha1.AnnotationDeletionProtection: value})
	}
	if err := kube.Create(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	return gatewayIn(ns, name)
}

// refused waits until a policy has come into force, and checks what it says.
func refused(t *testing.T, what, says string, try func() error) {
	t.Helper()
	var err error
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		if err = try(); err != nil {
			break
		}
	}
	if err == nil || !strings.Contains(err.Error(), says) {
		t.Fatalf("%s: %v, want %q", what, err, says)
	}
}

func gatewayIn(ns, name string) *v1alpha1.PortkeyGateway {
	return &v1alpha1.PortkeyGateway{ObjectMeta: metav1.ObjectMeta{Namespace: ns, Name: name}}
}

func namespaceOf(name string) *corev1.Namespace {
	return &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name}}
}
