package lifecycle

import (
	"context"
	"encoding/json"
	"maps"
	"strings"
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"k8s.io/apimachinery/pkg/api/meta"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/hack/harness"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator"
)

// shared is a cluster of somebody else's, in a network of somebody else's.
func shared(t *testing.T) *harness.Harness {
	t.Helper()
	h := harness.New()
	h.Emulator.SeedNetwork("us-east-1")
	w, err := h.Reconciler.Worlds.World(context.Background(), "us-east-1")
	if err != nil {
		t.Fatal(err)
	}
	_, err = w.ECS.CreateCluster(context.Background(), &ecs.CreateClusterInput{
		ClusterName: sdk.String("shared"), CapacityProviders: []string{"FARGATE"},
		Settings: []ecstypes.ClusterSetting{{Name: ecstypes.ClusterSettingNameContainerInsights, Value: sdk.String("disabled")}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// others is what somebody else looks after.
func others(h *harness.Harness) map[string]string {
	out := map[string]string{}
	for _, r := range h.Emulator.Server.Resources(true) {
		switch r.Kind {
		case "VPC", "Subnet", "RouteTable", "InternetGateway", "NATGateway", "Address", "NetworkACL":
			delete(r.Settings, "availableIpAddressCount") // counts the addresses of tasks
		case "Cluster":
			for _, k := range []string{"runningTasksCount", "pendingTasksCount", "activeServicesCount", "registeredContainerInstancesCount", "statistics"} {
				delete(r.Settings, k)
			}
		default:
			continue
		}
		b, _ := json.Marshal(r)
		out[r.Kind+" "+r.ID] = string(b)
	}
	return out
}

func inExisting(s *spec) {
	s.Network = &v1alpha1.Network{Existing: &v1alpha1.ExistingNetwork{
		VPCID: emulator.ExistingNetwork.VPCID, PublicSubnetIDs: emulator.ExistingNetwork.PublicSubnetIDs, PrivateSubnetIDs: emulator.ExistingNetwork.PrivateSubnetIDs,
	}}
	s.Capacity = &v1alpha1.Capacity{Existing: &v1alpha1.ExistingCapacity{Cluster: "shared", CapacityProvider: "FARGATE"}}
}

// TestGivenNetworkAndCapacity runs two gateways in one cluster of somebody else's: neither cluster nor network
// is ever changed, and the gateways don't collide.
func TestGivenNetworkAndCapacity(t *testing.T) {
	harness.Unraced(t)
	h := shared(t)
	before, theirs := h.Emulator.Server.Resources(false), others(h)
	one, two := h.Minimal("gw"), h.Minimal("gw")
	two.Namespace, two.UID = "other", "uid-other"
	inExisting(&one.Spec)
	inExisting(&two.Spec)
	first, second := h.Create(one), h.Create(two)
	ready(t, h, first)
	ready(t, h, second)
	settle(t, h, first)
	quiet(t, h, first)
	if out := h.Get(first).Status.Outputs; out.ClusterName != "shared" || out.VPCID != emulator.ExistingNetwork.VPCID || len(out.PrivateSubnetIDs) != 2 {
		t.Errorf("outputs: %+v", out)
	}
	unplanned(t, h, first)
	if got := others(h); !maps.Equal(got, theirs) {
		for k := range got {
			if got[k] != theirs[k] {
				t.Errorf("somebody else's %s was\n%s\nand is\n%s", k, theirs[k], got[k])
			}
		}
	}
	h.Delete(first)
	if err := h.Until(first, 2*time.Hour, "deletion", harness.Gone); err != nil {
		t.Fatal(err)
	}
	ready(t, h, second)
	h.Delete(second)
	gone(t, h, second, before)
}

// TestGivenThatDoesNotFit is refused before the first write, with advice.
func TestGivenThatDoesNotFit(t *testing.T) {
	for _, tt := range []struct {
		why    string
		edit   func(*spec)
		reason string
		want   string
	}{
		{"no such VPC", func(s *spec) { s.Network.Existing.VPCID = "vpc-00000000" }, v1alpha1.ReasonNetworkUnusable, "correct vpcID"},
		{"no such VPC, and nobody asks for its ranges", func(s *spec) { s.Network.Existing.VPCID, s.LoadBalancer = "vpc-00000000", nil }, v1alpha1.ReasonNetworkUnusable, "not to vpc-00000000"},
		{"no such subnet", func(s *spec) { s.Network.Existing.PrivateSubnetIDs[1] = "subnet-00000000" }, v1alpha1.ReasonNetworkUnusable, "subnet-00000000"},
		{"one zone", func(s *spec) { s.Network.Existing.PrivateSubnetIDs = s.Network.Existing.PrivateSubnetIDs[:1] }, v1alpha1.ReasonNetworkUnusable, "these lie in 1"},
		{"two subnets of a zone", func(s *spec) {
			s.Network.Existing.PrivateSubnetIDs[1] = s.Network.Existing.PublicSubnetIDs[0]
		}, v1alpha1.ReasonNetworkUnusable, "both lie in"},
		{"one zone for the load balancer of PrivateLink", func(s *spec) {
			publicly(s)
			s.Network.Existing.PrivateSubnetIDs[1] = s.Network.Existing.PublicSubnetIDs[0]
		}, v1alpha1.ReasonNetworkUnusable, "privateSubnetIDs: subnet-0123456789abcdef2 and subnet-0123456789abcdef0 both lie in us-east-1a, but the internal load balancer of controlPlane.inbound takes one subnet of a zone"},
		{"one subnet for the load balancer of PrivateLink", func(s *spec) {
			publicly(s)
			s.Network.Existing.PrivateSubnetIDs = s.Network.Existing.PrivateSubnetIDs[:1]
		}, v1alpha1.ReasonNetworkUnusable, "the internal load balancer of controlPlane.inbound needs subnets in two zones, but these lie in 1"},
		{"one zone for a public load balancer", func(s *spec) {
			publicly(s)
			s.Network.Existing.PublicSubnetIDs[1] = s.Network.Existing.PrivateSubnetIDs[0]
		}, v1alpha1.ReasonNetworkUnusable, "publicSubnetIDs: subnet-0123456789abcdef0 and subnet-0123456789abcdef2 both lie in"},
		{"one zone for a serverless cache", func(s *spec) {
			s.LoadBalancer = nil
			s.Cache = &v1alpha1.Cache{ElastiCache: &v1alpha1.ElastiCache{Serverless: &v1alpha1.ServerlessCache{}}}
			s.Network.Existing.PrivateSubnetIDs[1] = s.Network.Existing.PublicSubnetIDs[0]
		}, v1alpha1.ReasonNetworkUnusable, "but a serverless cache takes one subnet of a zone"},
		{"one zone for a cache with replicas", func(s *spec) {
			s.LoadBalancer = nil
			s.Cache = &v1alpha1.Cache{ElastiCache: &v1alpha1.ElastiCache{Managed: &v1alpha1.ManagedCache{}}}
			s.Network.Existing.PrivateSubnetIDs[1] = s.Network.Existing.PublicSubnetIDs[0]
		}, v1alpha1.ReasonNetworkUnusable, "a cache with replicas needs subnets in two zones, but these lie in 1"},
		{"no such cluster", func(s *spec) { s.Capacity.Existing.Cluster = "elsewhere" }, v1alpha1.ReasonCapacityUnusable, "no ECS cluster elsewhere"},
		{"no such provider", func(s *spec) { s.Capacity.Existing.CapacityProvider = "theirs" }, v1alpha1.ReasonCapacityUnusable, "it has: FARGATE"},
	} {
		t.Run(tt.why, func(t *testing.T) {
			h := shared(t)
			gw := h.Minimal("gw")
			inExisting(&gw.Spec)
			gw.Spec = *gw.Spec.DeepCopy() // the emulator's own lists aren't edited
			tt.edit(&gw.Spec)
			m := mark(h)
			key := h.Create(gw)
			if _, err := h.Reconcile(key); err != nil {
				t.Fatal(err)
			}
			c := meta.FindStatusCondition(h.Get(key).Status.Conditions, v1alpha1.ConditionAccepted)
			if c == nil || c.Reason != tt.reason || !strings.Contains(c.Message, tt.want) {
				t.Errorf("Accepted is %+v", c)
			}
			if got := mutations(since(h, m)); len(got) > 0 {
				t.Errorf("written: %v", got)
			}
			h.Delete(key)
			if err := h.Until(key, time.Hour, "deletion", harness.Gone); err != nil {
				t.Error(err)
			}
		})
	}
}

// publicly is reached over the internet, and by the control plane through PrivateLink.
func publicly(s *spec) {
	s.LoadBalancer = &v1alpha1.LoadBalancer{Type: v1alpha1.LoadBalancerApplication, Scheme: v1alpha1.LoadBalancerInternetFacing}
	s.ControlPlane = byLink(v1alpha1.InboundEndpointService{})
}

// TestGivenChecksFollowTheSpec edits a load balancer over to a list of subnets, and a way of the control plane in, that
// nobody has checked before: what another list passed a moment ago says nothing of it.
func TestGivenChecksFollowTheSpec(t *testing.T) {
	harness.Unraced(t)
	t.Parallel()
	h := shared(t)
	gw := h.Minimal("gw")
	inExisting(&gw.Spec)
	gw.Spec = *gw.Spec.DeepCopy()
	e := gw.Spec.Network.Existing
	e.PublicSubnetIDs = []string{e.PublicSubnetIDs[0], e.PrivateSubnetIDs[0]} // of one zone
	key := h.Create(gw)
	ready(t, h, key)
	m := mark(h)
	h.Edit(key, func(gw *v1alpha1.PortkeyGateway) {
		gw.Spec.LoadBalancer = &v1alpha1.LoadBalancer{Scheme: v1alpha1.LoadBalancerInternetFacing, ReplacementPolicy: v1alpha1.ReplacementParallel}
	})
	if _, err := h.Reconcile(key); err != nil {
		t.Fatal(err)
	}
	isRefused(t, h.Get(key), v1alpha1.ReasonNetworkUnusable, []string{"network.existing.publicSubnetIDs: ", "both lie in us-east-1a"})
	if got := mutations(since(h, m)); len(got) > 0 {
		t.Errorf("written: %v", got)
	}
}
