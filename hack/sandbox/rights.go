package main

import (
	"context"
	"errors"
	"time"

	authentication "k8s.io/api/authentication/v1"
	authorization "k8s.io/api/authorization/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/utils/ptr"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/dist"
)

const (
	// tokenLife is longer than any sandbox: nobody renews the token, as a kubelet would.
	tokenLife = 365 * 24 * time.Hour
	// rightsTimeout is how long the API server's authorizer may take to see new roles. After it the
	// manager is started all the same: it tells better than we could which right is missing.
	rightsTimeout = 5 * time.Second
)

// shippedAccount is the ServiceAccount that the shipped Deployment runs the manager as.
func shippedAccount() (types.NamespacedName, error) {
	objects, err := decode(dist.Install)
	if err != nil {
		return types.NamespacedName{}, err
	}
	for _, o := range objects {
		if o.GetKind() == "Deployment" {
			name, _, err := unstructured.NestedString(o.Object, "spec", "template", "spec", "serviceAccountName")
			return types.NamespacedName{Namespace: o.GetNamespace(), Name: name}, err
		}
	}
	return types.NamespacedName{}, errors.New("dist/install.yaml has no Deployment")
}

// impersonate returns a config with a token of the ServiceAccount, and so with its rights alone.
func impersonate(ctx context.Context, admin *rest.Config, account types.NamespacedName) (*rest.Config, error) {
	kube, err := kubernetes.NewForConfig(admin)
	if err != nil {
		return nil, err
	}
	request := &authentication.TokenRequest{Spec: authentication.TokenRequestSpec{ExpirationSeconds: ptr.To(int64(tokenLife.Seconds()))}}
	token, err := kube.CoreV1().ServiceAccounts(account.Namespace).CreateToken(ctx, account.Name, request, metav1.CreateOptions{})
	if err != nil {
		return nil, err
	}
	config := rest.AnonymousClientConfig(admin)
	config.BearerToken = token.Status.Token
	return config, awaitRights(ctx, config, account.Namespace)
}

// awaitRights waits until new roles and their bindings have reached the authorizer: a manager that
// starts before that would be refused, and end.
func awaitRights(ctx context.Context, config *rest.Config, namespace string) error {
	kube, err := kubernetes.NewForConfig(config)
	if err != nil {
		return err
	}
	// One right of the ClusterRole and one of the Role, which come by different ways.
	for _, right := range []authorization.ResourceAttributes{
		{Group: v1alpha1.GroupVersion.Group, Resource: "portkeygateways", Verb: "list"},
		{Group: "coordination.k8s.io", Resource: "leases", Verb: "create", Namespace: namespace},
	} {
		review := &authorization.SelfSubjectAccessReview{Spec: authorization.SelfSubjectAccessReviewSpec{ResourceAttributes: &right}}
		for end := time.Now().Add(rightsTimeout); time.Now().Before(end); {
			answer, err := kube.AuthorizationV1().SelfSubjectAccessReviews().Create(ctx, review, metav1.CreateOptions{})
			if err != nil {
				return err
			}
			if answer.Status.Allowed {
				break
			}
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(50 * time.Millisecond):
			}
		}
	}
	return nil
}
