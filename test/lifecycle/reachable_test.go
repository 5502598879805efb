package lifecycle

import (
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/hack/harness"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator"
	"github.com/portkey-ai/portkey-ecs-operator/internal/reach"
)

// TestReachable has a manager that stands in the internet ask a public gateway's endpoints: from creation over wrong
// hosts and policies to deletion, and across a restart.
func TestReachable(t *testing.T) {
	h := harness.New()
	before := h.Emulator.Server.Resources(false)
	var asked []reach.Question
	network := h.Client(outsider)
	h.LookOut(func(q reach.Question) *reach.Answer {
		asked = append(asked, q)
		return network(q)
	})
	gateway, mcp := v1alpha1.HostName("gateway."+emulator.CertificateDomain), v1alpha1.HostName("mcp."+emulator.CertificateDomain)
	gw := h.Minimal("gw")
	gw.Spec.Mode = v1alpha1.ModeAll
	gw.Spec.LoadBalancer = &v1alpha1.LoadBalancer{
		Type: v1alpha1.LoadBalancerApplication, Scheme: v1alpha1.LoadBalancerInternetFacing, AllowedCIDRs: []string{"203.0.113.0/24"},
		CertificateARN: certificateOfHosts, Hosts: &v1alpha1.Hosts{Gateway: gateway, MCP: mcp},
	}
	key := h.Create(gw)
	ready(t, h, key)
	pass := func(d time.Duration) {
		t.Helper()
		if err := h.Pass(key, d); err != nil {
			t.Fatal(err)
		}
	}
	says := func(status metav1.ConditionStatus, reason, part string) {
		t.Helper()
		if message := told(t, h.Get(key), v1alpha1.ConditionReachable, status, reason); !strings.Contains(message, part) {
			t.Errorf("the message lacks %q: %s", part, message)
		}
		if !harness.Ready(h.Get(key)) || !meta.IsStatusConditionTrue(h.Get(key).Status.Conditions, v1alpha1.ConditionAvailable) {
			t.Errorf("what is seen of endpoints decides on Ready or Available:\n%s", harness.Story(h.Get(key)))
		}
	}
	pass(time.Second)
	says(metav1.ConditionTrue, v1alpha1.ReasonAnswering, "GET https://"+string(mcp)+"/v1/health answers 200")
	for _, q := range asked {
		if q.Address != dnsName(h, key)+":443" {
			t.Errorf("%+v isn't the load balancer's address", q)
		}
	}

	pass(10 * time.Minute) // the rollout's bake
	asked = nil
	m := mark(h)
	pass(time.Hour)
	if n := len(asked); n < 8*2 || n > 13*2 {
		t.Errorf("an hour of drift checks asks %d times", n)
	}
	if got := mutations(since(h, m)); len(got) > 0 {
		t.Errorf("looking writes: %v", got)
	}

	network = h.Client("198.51.100.200") // whom allowedCIDRs don't let in
	pass(10 * time.Minute)
	says(metav1.ConditionUnknown, v1alpha1.ReasonNotReachable, "no connection with the load balancer from where the manager is")
	asked = nil
	pass(30 * time.Minute)
	if len(asked) > 0 {
		t.Errorf("%d questions within half an hour of one that found no connection", len(asked))
	}
	network = h.Client(outsider)
	pass(time.Hour)
	says(metav1.ConditionTrue, v1alpha1.ReasonAnswering, "200")

	network = func(reach.Question) *reach.Answer {
		return &reach.Answer{Stage: reach.Untrusted, Remote: h.Client(outsider)(asked[0]).Remote, Why: "the certificate has expired, or isn't valid yet"}
	}
	pass(10 * time.Minute)
	says(metav1.ConditionFalse, v1alpha1.ReasonNotAnswering, "GET https://"+string(gateway)+"/v1/health: the certificate has expired")
	h.Restart()
	pass(time.Second)
	says(metav1.ConditionFalse, v1alpha1.ReasonNotAnswering, "has expired") // what a manager of before has seen stands
	network = h.Client(outsider)
	pass(10 * time.Minute)
	says(metav1.ConditionTrue, v1alpha1.ReasonAnswering, "200")

	h.Edit(key, func(gw *v1alpha1.PortkeyGateway) { gw.Spec.LoadBalancer.Paths = &v1alpha1.Paths{Gateway: "/ai"} })
	ready(t, h, key)
	pass(6 * time.Minute)
	says(metav1.ConditionTrue, v1alpha1.ReasonAnswering, "GET https://"+string(gateway)+"/ai/v1/health answers 200")

	for _, policy := range []v1alpha1.ManagementPolicy{v1alpha1.ManagementObserve, v1alpha1.ManagementPaused} {
		h.Edit(key, func(gw *v1alpha1.PortkeyGateway) { gw.Spec.ManagementPolicy = policy })
		asked = nil
		pass(time.Hour)
		if len(asked) > 0 {
			t.Errorf("%s asks endpoints", policy)
		}
		if c := meta.FindStatusCondition(h.Get(key).Status.Conditions, v1alpha1.ConditionReachable); c != nil {
			t.Errorf("%s: nobody looks, and %+v is said", policy, c)
		}
	}
	h.Edit(key, func(gw *v1alpha1.PortkeyGateway) { gw.Spec.ManagementPolicy = v1alpha1.ManagementReconcile })
	ready(t, h, key)
	pass(time.Minute)
	says(metav1.ConditionTrue, v1alpha1.ReasonAnswering, "200")
	asked = nil
	h.Delete(key)
	gone(t, h, key, before)
	if len(asked) > 0 {
		t.Error("a gateway that is being deleted is asked")
	}
}

// TestReachableCostsNothing compares a manager that asks endpoints with one that doesn't: not one call of AWS more.
func TestReachableCostsNothing(t *testing.T) {
	run := func(look bool) (calls int) {
		h := harness.New()
		h.Parallel = 1 // what nodes read side by side they share or not, by chance
		h.Restart()
		if look {
			h.LookOut(h.Client(outsider)) // an internal load balancer, which it doesn't reach
		}
		key := h.Create(h.Minimal("gw"))
		ready(t, h, key)
		if err := h.Pass(key, 2*time.Hour); err != nil {
			t.Fatal(err)
		}
		c := meta.FindStatusCondition(h.Get(key).Status.Conditions, v1alpha1.ConditionReachable)
		if (c != nil) != look || look && c.Reason != v1alpha1.ReasonNotReachable {
			t.Errorf("%+v", c)
		}
		return len(h.Emulator.Server.Calls(0))
	}
	if without, with := run(false), run(true); with != without {
		t.Errorf("%d calls without, %d with", without, with)
	}
}
