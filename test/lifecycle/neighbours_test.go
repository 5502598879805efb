package lifecycle

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/types"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/hack/harness"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
	"github.com/portkey-ai/portkey-ecs-operator/internal/own"
)

// neighbour is a gateway among others of the same account and region.
type neighbour struct {
	namespace, name string
	spec            func(*v1alpha1.PortkeyGatewaySpec)
}

// inOwnVPC leaves everything at its default: the range of the VPC is that of all the others.
func inOwnVPC(*v1alpha1.PortkeyGatewaySpec) {}

// inSharedVPC puts a gateway into the VPC that was there before. AWS allows five VPCs in a region.
func inSharedVPC(s *v1alpha1.PortkeyGatewaySpec) {
	n := emulator.ExistingNetwork
	s.Network = &v1alpha1.Network{Existing: &v1alpha1.ExistingNetwork{VPCID: n.VPCID, PublicSubnetIDs: n.PublicSubnetIDs, PrivateSubnetIDs: n.PrivateSubnetIDs}}
}

// sharedWith is inSharedVPC with something else changed.
func sharedWith(change func(*v1alpha1.PortkeyGatewaySpec)) func(*v1alpha1.PortkeyGatewaySpec) {
	return func(s *v1alpha1.PortkeyGatewaySpec) { inSharedVPC(s); change(s) }
}

// byRules tells both gateways apart by rules: their priorities are those of everybody else's.
func byRules(s *v1alpha1.PortkeyGatewaySpec) {
	s.Mode = v1alpha1.ModeAll
	s.LoadBalancer = &v1alpha1.LoadBalancer{Type: v1alpha1.LoadBalancerApplication, Hosts: &v1alpha1.Hosts{Gateway: "gateway.example.com", MCP: "mcp.example.com"}}
}

var neighbours = []neighbour{
	{"prod", "gateway", inOwnVPC},
	{"staging", "gateway", inOwnVPC},
	{"prod-gateway", "gateway", inOwnVPC},
	{"prod", "gateway-gateway", inOwnVPC},
	{"team-a", "gateway", sharedWith(byRules)},
	{"team-b", "gateway", sharedWith(byRules)},
	{"team-c", "gateway", sharedWith(func(s *v1alpha1.PortkeyGatewaySpec) { s.DataService = &v1alpha1.DataService{} })},
	{"team-d", "gateway", sharedWith(func(s *v1alpha1.PortkeyGatewaySpec) { s.NamePrefix = "gateway" })},
	{"team-e", "gateway", sharedWith(func(s *v1alpha1.PortkeyGatewaySpec) {
		s.Capacity = &v1alpha1.Capacity{Fargate: &v1alpha1.FargateCapacity{}}
	})},
	{"team-f", "a-gateway-whose-name-has-as-many-characters-as-a-label-can-have", inSharedVPC},
}

// TestNeighbours: ten gateways in one account and region, most of them of the same name, come about side by
// side, leave each other alone, and die alone.
func TestNeighbours(t *testing.T) {
	t.Parallel()
	h := harness.New()
	h.Emulator.SeedNetwork("us-east-1")
	empty := h.Emulator.Server.Resources(false)
	var keys []types.NamespacedName
	for _, n := range neighbours {
		gw := h.Minimal(n.name)
		gw.Namespace, gw.UID = n.namespace, types.UID("uid-"+n.namespace+"-"+n.name)
		n.spec(&gw.Spec)
		keys = append(keys, h.Create(gw))
	}
	together(t, h, keys, "Ready", harness.Ready)
	distinct(t, h, keys)
	for _, key := range keys {
		settle(t, h, key)
	}
	for _, key := range keys {
		m := mark(h)
		nextSync(t, &site{nil, h, key})
		if got := mutations(since(h, m)); len(got) > 0 {
			t.Errorf("another sync of %s writes %v", key, got)
		}
	}

	first, others := keys[4], slices.Concat(keys[:4], keys[5:])
	had := map[types.NamespacedName][]core.Resource{}
	for _, key := range others {
		had[key] = (&site{nil, h, key}).owned()
	}
	h.Delete(first)
	together(t, h, []types.NamespacedName{first}, "deletion", harness.Gone)
	if left := (&site{nil, h, first}).owned(); len(left) > 0 {
		t.Errorf("left of %s: %v", first, left)
	}
	for _, key := range others {
		s := &site{nil, h, key}
		untouched(t, s, had[key])
		m := mark(h)
		nextSync(t, s)
		if got := mutations(since(h, m)); !harness.Ready(h.Get(key)) || len(got) > 0 {
			t.Errorf("%s suffers from the end of %s: %v\n%s", key, first, got, harness.Story(h.Get(key)))
		}
	}
	for _, key := range others {
		h.Delete(key)
	}
	together(t, h, others, "deletion", harness.Gone)
	if left := difference(h.Emulator.Server.Resources(false), empty); len(left) > 0 {
		t.Fatalf("%d objects are left:\n%s", len(left), strings.Join(left, "\n"))
	}
}

// together runs all gateways in turn until the condition holds for each.
func together(t *testing.T, h *harness.Harness, keys []types.NamespacedName, what string, done func(*v1alpha1.PortkeyGateway) bool) {
	t.Helper()
	end := h.Clock.Now().Add(4 * creation)
	waiting := slices.Clone(keys)
	for len(waiting) > 0 {
		if h.Clock.Now().After(end) {
			t.Fatalf("%s of %v didn't come about:\n%s", what, waiting, harness.Story(h.Get(waiting[0])))
		}
		for _, key := range waiting {
			if err := h.Step(key); err != nil {
				t.Fatal(err)
			}
		}
		waiting = slices.DeleteFunc(waiting, func(key types.NamespacedName) bool { return done(h.Get(key)) })
	}
}

// distinct proves that no object belongs to two gateways, that no two have objects of one kind and name, and
// that each has a Cloud Map namespace and log groups of its own.
func distinct(t *testing.T, h *harness.Harness, keys []types.NamespacedName) {
	t.Helper()
	ids, names := map[string]string{}, map[string]string{}
	for _, r := range h.Emulator.Server.Resources(false) {
		if owner := r.Tags[own.TagOwner]; owner != "" && r.Name != "" && !withinParent(r) && !transient(r) && !managedByAWS(r) {
			at := r.Service + " " + r.Kind + " " + r.Name
			if other := names[at]; other != "" && other != owner {
				t.Errorf("%s and %s both have %s", other, owner, at)
			}
			names[at] = owner
		}
	}
	for _, key := range keys {
		kinds := map[string]int{}
		for _, r := range h.Get(key).Status.Resources {
			if other := ids[r.Kind+" "+r.ID]; other != "" && other != key.String() {
				t.Errorf("%s and %s both have %s %s", other, key, r.Kind, r.ID)
			}
			ids[r.Kind+" "+r.ID] = key.String()
		}
		for _, r := range (&site{nil, h, key}).owned() {
			kinds[r.Kind]++
		}
		if kinds["HTTPNamespace"] != 1 || kinds["LogGroup"] < 3 || kinds["LoadBalancer"] != 1 {
			t.Errorf("%s has %s", key, fmt.Sprint(kinds))
		}
	}
}

// withinParent reports whether an object's name is one within its load balancer or VPC only: a listener's is its
// port, a rule's its priority, and each VPC has a default group.
func withinParent(r core.Resource) bool {
	return r.Kind == "Listener" || r.Kind == "ListenerRule" || r.Kind == "SecurityGroup" && r.Name == "default"
}
