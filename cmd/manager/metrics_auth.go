package main

import (
	"context"
	"crypto/sha256"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/go-logr/logr"
	authenticationv1 "k8s.io/api/authentication/v1"
	authorizationv1 "k8s.io/api/authorization/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"
)

// authorised lets a request for metrics pass when Kubernetes knows its bearer token and allows its
// owner to get that path (a ClusterRole with nonResourceURLs, such as config/rbac's metrics-reader).
//
// controller-runtime has the same as filters.WithAuthenticationAndAuthorization. It stands on the API
// server's own libraries, which make up more than half of the manager's binary and of its resident
// memory; two review requests don't need them.
func authorised(cfg *rest.Config, client *http.Client) (metricsserver.Filter, error) {
	kube, err := kubernetes.NewForConfigAndClient(cfg, client)
	if err != nil {
		return nil, fmt.Errorf("setting up the authorisation of metrics: %w", err)
	}
	reviews := &reviewer{kube: kube, allowed: map[[sha256.Size]byte]time.Time{}, now: time.Now}
	return func(log logr.Logger, next http.Handler) (http.Handler, error) {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			status, err := reviews.review(r)
			if err != nil {
				log.Error(err, "A request for metrics couldn't be authorised")
			}
			if status != http.StatusOK {
				http.Error(w, http.StatusText(status), status)
				return
			}
			next.ServeHTTP(w, r)
		}), nil
	}, nil
}

// allowedFor is how long a positive answer is believed: a scraper asks every few seconds. A refusal is
// asked again each time.
const allowedFor = 10 * time.Second

// maxAllowed bounds the remembered answers.
const maxAllowed = 1000

type reviewer struct {
	kube    kubernetes.Interface
	now     func() time.Time
	mu      sync.Mutex
	allowed map[[sha256.Size]byte]time.Time
}

// review answers the HTTP status of a request: 200, 401, 403 or 500.
func (v *reviewer) review(r *http.Request) (int, error) {
	token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok || token == "" {
		return http.StatusUnauthorized, nil
	}
	verb := strings.ToLower(r.Method)
	key := sha256.Sum256([]byte(verb + " " + r.URL.Path + " " + token))
	if v.remembered(key) {
		return http.StatusOK, nil
	}
	status, err := v.ask(r.Context(), token, verb, r.URL.Path)
	if status == http.StatusOK {
		v.remember(key)
	}
	return status, err
}

func (v *reviewer) ask(ctx context.Context, token, verb, path string) (int, error) {
	who, err := v.kube.AuthenticationV1().TokenReviews().Create(ctx, &authenticationv1.TokenReview{
		Spec: authenticationv1.TokenReviewSpec{Token: token},
	}, metav1.CreateOptions{})
	if err != nil {
		return http.StatusInternalServerError, err
	}
	if !who.Status.Authenticated {
		return http.StatusUnauthorized, nil
	}
	user := who.Status.User
	extra := map[string]authorizationv1.ExtraValue{}
	for k, e := range user.Extra {
		extra[k] = authorizationv1.ExtraValue(e)
	}
	may, err := v.kube.AuthorizationV1().SubjectAccessReviews().Create(ctx, &authorizationv1.SubjectAccessReview{
		Spec: authorizationv1.SubjectAccessReviewSpec{
			User: user.Username, UID: user.UID, Groups: user.Groups, Extra: extra,
			NonResourceAttributes: &authorizationv1.NonResourceAttributes{Path: path, Verb: verb},
		},
	}, metav1.CreateOptions{})
	if err != nil {
		return http.StatusInternalServerError, err
	}
	if !may.Status.Allowed {
		return http.StatusForbidden, nil
	}
	return http.StatusOK, nil
}

func (v *reviewer) remembered(key [sha256.Size]byte) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.now().Before(v.allowed[key])
}

func (v *reviewer) remember(key [sha256.Size]byte) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if len(v.allowed) >= maxAllowed {
		clear(v.allowed)
	}
	v.allowed[key] = v.now().Add(allowedFor)
}
