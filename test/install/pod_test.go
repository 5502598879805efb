package install

import (
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// checkPod asks the API server whether it would take the shipped Deployment's pod into the shipped namespace, which
// enforces the restricted Pod Security Standard, and for each part of the pod's security whether that is what it
// takes. https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted
func (s *server) checkPod(t *testing.T) {
	t.Helper()
	var deployment appsv1.Deployment
	for _, o := range installed(t) {
		if o.GetKind() == "Deployment" {
			deployment = convert[appsv1.Deployment](t, o)
		}
	}
	pod := func(change func(*corev1.PodSpec)) error {
		p := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: deployment.Namespace, Name: "manager"}, Spec: *deployment.Spec.Template.Spec.DeepCopy()}
		change(&p.Spec)
		return s.Create(t.Context(), p, client.DryRunAll)
	}
	if err := pod(func(*corev1.PodSpec) {}); err != nil {
		t.Errorf("the shipped pod is refused: %v", err)
	}
	for what, change := range map[string]func(*corev1.PodSpec){
		"runAsNonRoot": func(p *corev1.PodSpec) { p.SecurityContext.RunAsNonRoot = nil },
		"seccomp":      func(p *corev1.PodSpec) { p.SecurityContext.SeccompProfile = nil },
		"capabilities": func(p *corev1.PodSpec) { p.Containers[0].SecurityContext.Capabilities = nil },
		"escalation":   func(p *corev1.PodSpec) { p.Containers[0].SecurityContext.AllowPrivilegeEscalation = ptr.To(true) },
		"host network": func(p *corev1.PodSpec) { p.HostNetwork = true },
	} {
		if err := pod(change); err == nil || !strings.Contains(err.Error(), "PodSecurity") {
			t.Errorf("%s: nobody minds a pod without it: %v", what, err)
		}
	}
	// What the standard doesn't ask for.
	for _, c := range deployment.Spec.Template.Spec.Containers {
		if x := c.SecurityContext; x == nil || !ptr.Deref(x.ReadOnlyRootFilesystem, false) {
			t.Errorf("container %s may write to its image", c.Name)
		}
		if c.Resources.Limits.Memory().IsZero() {
			t.Errorf("container %s may take all of a node's memory", c.Name)
		}
	}
}
