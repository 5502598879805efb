package plugin

import (
	"context"
	"fmt"
	"slices"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
)

// approverRole has the rights that the plugin needs, by the name that dist/install.yaml gives it.
const approverRole = "portkey-ecs-operator-portkeygateway-approver-role"

// explain says what to do about an error of the API server.
func (c *cluster) explain(ctx context.Context, err error, verb, name string) error {
	switch {
	case ctx.Err() != nil:
		return err
	case unserved(err):
		return fmt.Errorf("this cluster knows no PortkeyGateways: install the operator (kubectl apply --server-side -f dist/install.yaml), or name another cluster by --context")
	case apierrors.IsNotFound(err):
		return fmt.Errorf("there is no PortkeyGateway %q in namespace %s: %s", name, c.namespace, c.instead(ctx, name))
	case apierrors.IsForbidden(err):
		return fmt.Errorf("you may not %s portkeygateways in namespace %s: ask for the ClusterRole %s there (kubectl auth can-i %s %s.%s -n %s)",
			verb, c.namespace, approverRole, verb, resource, v1alpha1.GroupVersion.Group, c.namespace)
	case apierrors.IsUnauthorized(err):
		return fmt.Errorf("the cluster doesn't accept your credentials: log in again, or name another user by --context (%w)", err)
	}
	return err
}

// unserved reports whether the server knows no gateways at all.
func unserved(err error) bool {
	return apierrors.HasStatusCause(err, metav1.CauseTypeUnexpectedServerResponse) && apierrors.IsNotFound(err)
}

// instead says which gateways there are where the one that is meant isn't.
func (c *cluster) instead(ctx context.Context, name string) string {
	list := &v1alpha1.PortkeyGatewayList{}
	if err := c.List(ctx, list, client.InNamespace(c.namespace)); err == nil && len(list.Items) > 0 {
		return "there is " + names(list.Items)
	}
	if err := c.List(ctx, list); err == nil {
		var spaces []string
		for i := range list.Items {
			if list.Items[i].Name == name {
				spaces = append(spaces, "-n "+list.Items[i].Namespace)
			}
		}
		if len(spaces) > 0 {
			slices.Sort(spaces)
			return "did you mean " + strings.Join(spaces, " or ") + "?"
		}
	}
	return "name another by -n, or look for it with kubectl get pkgw -A"
}

// names are the first names of a list.
func names(items []v1alpha1.PortkeyGateway) string {
	const most = 5
	var out []string
	for i := range items {
		out = append(out, items[i].Name)
	}
	slices.Sort(out)
	if len(out) > most {
		return fmt.Sprintf("%s and %d more", strings.Join(out[:most], ", "), len(out)-most)
	}
	return strings.Join(out, ", ")
}
