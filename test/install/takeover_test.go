package install

import (
	"errors"
	"fmt"
	"maps"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	coordinationv1 "k8s.io/api/coordination/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
	"github.com/portkey-ai/portkey-ecs-operator/internal/own"
)

// nameless are kinds that AWS would make twice: they have no name, and some have no token either.
var nameless = []string{"VPC", "Subnet", "InternetGateway", "ElasticIP", "NATGateway", "RouteTable", "CapacityProvider", "TargetGroup", "LoadBalancer", "Service"}

// TestAnotherManagerTakesOver kills the leader in the middle of a first creation, and cuts the other one's watches while
// it goes on and once more when it is done: nothing is made twice, and an edit is noticed.
func TestAnotherManagerTakesOver(t *testing.T) {
	built := build(t)
	s := startServer(t)
	aws := emulator.New(emulator.Options{Clock: core.NewScaledClock(timeScale)})
	seeded := aws.Seed("us-east-1")
	web := httptest.NewServer(aws)
	t.Cleanup(web.Close)
	s.kubectl(t, "apply", "--server-side", "-f", filepath.Join("..", "..", "dist", "install.yaml"))
	s.kubectl(t, "wait", "--for=condition=Established", "--timeout=30s", "crd/portkeygateways.ecs.portkey.ai")
	account := shippedAccount(t)
	s.awaitRights(t, account)

	binary := built()
	first := startManager(t, s, binary, web.URL, account)
	leader := s.awaitLeader(t, account.Namespace, "")
	behind := *s
	var way *door
	way, behind.config = newDoor(t, s.config)
	startManager(t, &behind, binary, web.URL, account)

	s.kubectl(t, "apply", "-n", "default", "-f", sample(t, seeded))
	key := types.NamespacedName{Namespace: "default", Name: "portkey-gateway"}
	eventually(t, patience, func() error {
		if n := len(owned(aws)); n < 10 {
			return fmt.Errorf("%d objects are made", n)
		}
		return nil
	})
	first.Stop(0)
	s.age(t, key) // what it had begun and not recorded could show for two minutes
	s.expire(t, account.Namespace)
	s.awaitLeader(t, account.Namespace, leader)
	if c := s.condition(t, key, v1alpha1.ConditionReady); c == metav1.ConditionTrue {
		t.Fatal("there was nothing left to take over")
	}
	way.shut(3)
	s.awaitReady(t, key)
	if n := way.shutStill(); n > 0 {
		t.Errorf("the manager didn't come back to the API server %d times", n)
	}

	way.shut(3)
	s.kubectl(t, "patch", "-n", key.Namespace, "portkeygateway/"+key.Name, "--type=merge", "-p", `{"spec":{"gateway":{"image":{"tag":"2.6.1"}}}}`)
	s.awaitObserved(t, key) // before anything else makes it due
	s.awaitReady(t, key)

	seen := map[string]string{}
	for _, r := range owned(aws) {
		if !slices.Contains(nameless, r.Kind) {
			continue
		}
		what := r.Kind + " " + r.Tags[own.TagNode]
		if other, ok := seen[what]; ok {
			t.Errorf("%s is there twice: %s and %s", what, other, r.ID)
		}
		seen[what] = r.ID
	}
	for _, kind := range nameless {
		if !slices.ContainsFunc(slices.Collect(maps.Keys(seen)), func(what string) bool { return strings.HasPrefix(what, kind+" ") }) {
			t.Errorf("nothing of the kind %s is there", kind)
		}
	}
}

// owned is what the operator has made in AWS that carries its tags.
func owned(aws *emulator.Emulator) []core.Resource {
	return slices.DeleteFunc(aws.Made(false), func(r core.Resource) bool { return r.Tags[own.TagNode] == "" })
}

// awaitLeader waits until another than a given manager leads, and answers who.
func (s *server) awaitLeader(t *testing.T, namespace, than string) (holder string) {
	t.Helper()
	eventually(t, patience, func() error {
		leases := &coordinationv1.LeaseList{}
		if err := s.List(t.Context(), leases, client.InNamespace(namespace)); err != nil {
			return err
		}
		for i := range leases.Items {
			if h := leases.Items[i].Spec.HolderIdentity; h != nil && *h != "" && *h != than {
				holder = *h
				return nil
			}
		}
		return errors.New("nobody leads")
	})
	return holder
}

// expire ends the lease of a leader that is dead, for which others would wait a minute.
func (s *server) expire(t *testing.T, namespace string) {
	t.Helper()
	if err := s.DeleteAllOf(t.Context(), &coordinationv1.Lease{}, client.InNamespace(namespace)); err != nil {
		t.Fatal(err)
	}
}

// condition is the status of a gateway's condition for the present generation, or empty.
func (s *server) condition(t *testing.T, key types.NamespacedName, kind string) metav1.ConditionStatus {
	t.Helper()
	o, err := s.gateway(t, key)
	if err != nil {
		t.Fatal(err)
	}
	conditions, _, err := unstructured.NestedSlice(o.Object, "status", "conditions")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range conditions {
		if c, ok := c.(map[string]any); ok && c["type"] == kind && c["observedGeneration"] == o.GetGeneration() {
			return metav1.ConditionStatus(fmt.Sprint(c["status"]))
		}
	}
	return ""
}

// awaitObserved waits until a gateway's status is of its present generation: the edit itself, and nobody's request for
// another look, has made it due.
func (s *server) awaitObserved(t *testing.T, key types.NamespacedName) {
	t.Helper()
	eventually(t, patience, func() error {
		o, err := s.gateway(t, key)
		if err != nil {
			return err
		}
		observed, _, err := unstructured.NestedInt64(o.Object, "status", "observedGeneration")
		if err == nil && observed != o.GetGeneration() {
			err = fmt.Errorf("generation %d is observed, of %d", observed, o.GetGeneration())
		}
		return err
	})
}

func (s *server) awaitReady(t *testing.T, key types.NamespacedName) {
	t.Helper()
	eventually(t, patience, func() error {
		s.hurry(t, key)
		if c := s.condition(t, key, v1alpha1.ConditionReady); c != metav1.ConditionTrue {
			return fmt.Errorf("Ready is %q", c)
		}
		return nil
	})
}
