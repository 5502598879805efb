package harness

import (
	"context"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

// WriteSecret makes a Kubernetes Secret beside the gateways, or gives one other data.
func (h *Harness) WriteSecret(name string, data map[string]string) {
	h.ChangeSecret(name, func(s *corev1.Secret) {
		s.Data = map[string][]byte{}
		for k, v := range data {
			s.Data[k] = []byte(v)
		}
	})
}

// ChangeSecret changes a Kubernetes Secret beside the gateways, which is made if it isn't there.
func (h *Harness) ChangeSecret(name string, change func(*corev1.Secret)) {
	ctx, s := context.Background(), &corev1.Secret{}
	err := h.Kube.Get(ctx, types.NamespacedName{Namespace: "default", Name: name}, s)
	if apierrors.IsNotFound(err) {
		// A fake client gives no UID.
		s = &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: name, UID: types.UID("uid-of-" + name)}}
		change(s)
		must(h.Kube.Create(ctx, s))
		return
	}
	must(err)
	change(s)
	must(h.Kube.Update(ctx, s))
}
