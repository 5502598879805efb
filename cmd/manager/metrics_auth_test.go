package main

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
	authorizationv1 "k8s.io/api/authorization/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes/fake"
	clienttesting "k8s.io/client-go/testing"
)

func TestMetricsAreForThoseWhomKubernetesAllows(t *testing.T) {
	kube := fake.NewClientset()
	asked := 0
	kube.PrependReactor("create", "tokenreviews", func(a clienttesting.Action) (bool, runtime.Object, error) {
		review := a.(clienttesting.CreateAction).GetObject().(*authenticationv1.TokenReview).DeepCopy()
		asked++
		review.Status.Authenticated = review.Spec.Token != "forged"
		review.Status.User.Username = review.Spec.Token
		return true, review, nil
	})
	kube.PrependReactor("create", "subjectaccessreviews", func(a clienttesting.Action) (bool, runtime.Object, error) {
		review := a.(clienttesting.CreateAction).GetObject().(*authorizationv1.SubjectAccessReview).DeepCopy()
		review.Status.Allowed = review.Spec.User == "prometheus" && review.Spec.NonResourceAttributes.Path == "/metrics" && review.Spec.NonResourceAttributes.Verb == "get"
		return true, review, nil
	})
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	v := &reviewer{kube: kube, allowed: map[[32]byte]time.Time{}, now: func() time.Time { return now }}
	for _, tt := range []struct {
		header, path string
		want         int
		why          string
	}{
		{"", "/metrics", http.StatusUnauthorized, "no token"},
		{"Basic cHJvbWV0aGV1cw==", "/metrics", http.StatusUnauthorized, "not a bearer token"},
		{"Bearer forged", "/metrics", http.StatusUnauthorized, "Kubernetes doesn't know the token"},
		{"Bearer somebody", "/metrics", http.StatusForbidden, "known, but without the right"},
		{"Bearer prometheus", "/metrics", http.StatusOK, "known and allowed"},
		{"Bearer prometheus", "/debug", http.StatusForbidden, "allowed for another path only"},
	} {
		r := httptest.NewRequest(http.MethodGet, tt.path, nil)
		r.Header.Set("Authorization", tt.header)
		if got, err := v.review(r); got != tt.want || err != nil {
			t.Errorf("%q %s: %d %v, want %d: %s", tt.header, tt.path, got, err, tt.want, tt.why)
		}
	}
	r := httptest.NewRequest(http.MethodGet, "/metrics", nil)
	r.Header.Set("Authorization", "Bearer prometheus")
	before := asked
	for range 5 {
		_, _ = v.review(r)
	}
	if asked != before {
		t.Error("an answer isn't remembered")
	}
	now = now.Add(allowedFor)
	if _, _ = v.review(r); asked != before+1 {
		t.Error("an answer is believed for ever")
	}
}
