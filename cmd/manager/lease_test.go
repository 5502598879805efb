package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	coordinationv1 "k8s.io/api/coordination/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/leaderelection/resourcelock"

	"github.com/portkey-ai/portkey-ecs-operator/controllers"
)

// TestWritesEndBeforeAnotherLeads: whatever a leader has begun when it can't renew its lease any more has ended before
// somebody else may lead; and before its process is ended where it was asked to end.
func TestWritesEndBeforeAnotherLeads(t *testing.T) {
	if left := leaseDuration - lostAfter; controllers.WritesEnd >= left {
		t.Errorf("a leader's writes end %s after it has lost its lease, and another may lead %s after", controllers.WritesEnd, left)
	}
	if controllers.WritesEnd >= shutdownTimeout {
		t.Errorf("a manager that is asked to end is given %s, and its writes end %s after", shutdownTimeout, controllers.WritesEnd)
	}
	if renewDeadline >= leaseDuration || retryPeriod*12/10 >= renewDeadline {
		t.Error("client-go refuses such a lease")
	}
}

// TestALostLeaseIsNotGivenBack: client-go gives back a lease that it can't renew. A manager whose walks haven't ended
// mustn't, since another one would lead at once; one that was asked to end does when they have.
func TestALostLeaseIsNotGivenBack(t *testing.T) {
	var held []string // by whom the server has seen the lease held
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		lease := &coordinationv1.Lease{TypeMeta: metav1.TypeMeta{APIVersion: "coordination.k8s.io/v1", Kind: "Lease"}, ObjectMeta: metav1.ObjectMeta{Name: "lock", Namespace: "ns"}}
		if body, _ := io.ReadAll(r.Body); r.Method == http.MethodPut {
			if err := json.Unmarshal(body, lease); err != nil {
				t.Errorf("%s: %v", body, err)
			}
			held = append(held, *lease.Spec.HolderIdentity)
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(lease)
	}))
	defer server.Close()
	ctx, end := context.WithCancel(t.Context())
	defer end()
	kube, err := kubernetes.NewForConfig(leaseConfig(ctx, &rest.Config{Host: server.URL}))
	if err != nil {
		t.Fatal(err)
	}
	lock, err := resourcelock.New("leases", "ns", "lock", kube.CoreV1(), kube.CoordinationV1(), resourcelock.ResourceLockConfig{Identity: "me"})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := lock.Get(t.Context()); err != nil {
		t.Fatal(err)
	}
	renewed, released := resourcelock.LeaderElectionRecord{HolderIdentity: "me", LeaseDurationSeconds: 60}, resourcelock.LeaderElectionRecord{LeaseDurationSeconds: 1}
	if err := lock.Update(t.Context(), renewed); err != nil {
		t.Fatal(err)
	}
	if err := lock.Update(t.Context(), released); !errors.Is(err, errLeaseLost) {
		t.Errorf("a lost lease is given back: %v", err)
	}
	end()
	if err := lock.Update(t.Context(), released); err != nil {
		t.Errorf("a manager that was asked to end can't give the lease back: %v", err)
	}
	if len(held) != 2 || held[0] != "me" || held[1] != "" {
		t.Errorf("the lease was held by %q", held)
	}
}
