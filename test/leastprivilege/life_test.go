// Package leastprivilege proves that the shipped IAM policy is enough for everything that the
// operator does, and that nothing in it is idle: it runs whole lives of a gateway with the policy
// between the operator and the emulated AWS.
package leastprivilege

import (
	"testing"
	"time"

	"go.uber.org/goleak"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/ptr"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/hack/harness"
	"github.com/portkey-ai/portkey-ecs-operator/hack/iampolicy"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// within bounds every step in virtual time.
const within = 2 * time.Hour

// minimal are the features of config/samples/minimal.yaml, and more.
func minimal(more ...string) []string {
	return append([]string{iampolicy.Base, iampolicy.VPC, iampolicy.EC2Capacity, iampolicy.LoadBalancer}, more...)
}

func TestPoliciesAreEnoughAndNotIdle(t *testing.T) {
	u := newUsage()
	t.Run("a life with edits and drift", func(t *testing.T) { life(t, u.bind) })
	t.Run("a life with one cache after another", func(t *testing.T) { cacheLife(t, u.bind) })
	t.Run("a life with copies of Secrets", func(t *testing.T) { secretsLife(t, u.bind) })
	t.Run("a life behind an application load balancer", func(t *testing.T) { balancedLife(t, u.bind) })
	t.Run("a life by names of its own", func(t *testing.T) { namedLife(t, u.bind) })
	t.Run("a life that Portkey reaches through PrivateLink", func(t *testing.T) { inboundLife(t, u.bind) })
	t.Run("a life with probed rollouts", func(t *testing.T) { probedLife(t, u.bind) })
	t.Run("a life that moves", func(t *testing.T) { movingLife(t, u.bind) })
	t.Run("a life in what is there already", func(t *testing.T) { guestLife(t, u.bind) })
	t.Run("a life with a private way to the control plane", func(t *testing.T) { privateLife(t, u.bind) })
	t.Run("a life with the base alone", func(t *testing.T) { bareLife(t, u.bind) })
	t.Run("the first life in an account", func(t *testing.T) { firstLife(t, u.bind) })
	t.Run("a life without the rights that only save calls", func(t *testing.T) { poorLife(t, u.bind) })
	if t.Failed() {
		return
	}
	for _, feature := range iampolicy.Features() {
		for _, s := range iampolicy.Policy(feature, iampolicy.Options{Partition: "aws"}).Statement {
			for _, action := range s.Action {
				if name := feature + "/" + s.Sid + " " + action; !u.needed[name] {
					t.Errorf("%s was never needed (used: %t): extend the lives, or take it out of hack/iampolicy", name, u.used[name])
				}
			}
		}
	}
}

// life creates a gateway, changes everything about it that can be changed, lets others meddle with
// its objects, and deletes it.
func life(t *testing.T, bind binding) {
	h := harness.New()
	bind(t, h, minimal(iampolicy.Autoscaling, iampolicy.TaskPolicies, iampolicy.RestoreTags, iampolicy.Events)...)
	h.Listen()
	before := len(h.Emulator.Server.Resources(false))
	gw := h.Minimal("gw")
	gw.Spec.Tags = map[string]v1alpha1.TagValue{"team": "ai", "stage": "dev"}
	key := h.Create(gw)
	until(t, h, key, "Ready", harness.Ready)
	for _, e := range edits {
		h.Edit(key, func(gw *v1alpha1.PortkeyGateway) { e.change(&gw.Spec) })
		until(t, h, key, e.what, harness.Ready)
	}
	settle(t, h, key)
	for _, d := range drifts {
		if err := d.meddle(t.Context(), clients(h), h); err != nil {
			t.Fatalf("%s: %v", d.what, err)
		}
		settle(t, h, key)
		until(t, h, key, d.what, harness.Ready)
	}
	h.Delete(key)
	until(t, h, key, "deletion", harness.Gone)
	if after := len(h.Emulator.Server.Resources(false)); after != before {
		t.Errorf("%d objects before, %d after", before, after)
	}
}

// poorLife creates, loses sight of and deletes a gateway with what the README says may be taken out of
// the policy: checks of what exists, and reads of many objects at once.
func poorLife(t *testing.T, bind binding) {
	h := harness.New()
	bind(t, h, minimal()...)
	for service, action := range map[string]string{
		"iam": "GetAccountAuthorizationDetails", "tagging": "GetResources", "secretsmanager": "DescribeSecret", "s3": "HeadBucket",
	} {
		h.Emulator.Server.Inject(core.FaultRule{Service: service, Action: action, Fault: core.FaultDenied})
	}
	key := h.Create(h.Minimal("gw"))
	until(t, h, key, "Ready", harness.Ready)
	h.Restart()
	settle(t, h, key)
	until(t, h, key, "Ready again", harness.Ready)
	h.Delete(key)
	until(t, h, key, "deletion", harness.Gone)
}

func until(t *testing.T, h *harness.Harness, key types.NamespacedName, what string, done func(*v1alpha1.PortkeyGateway) bool) {
	t.Helper()
	if err := h.Until(key, within, what, done); err != nil {
		t.Fatal(err)
	}
}

// settle lets drift be looked for, and AWS end what it does by itself.
func settle(t *testing.T, h *harness.Harness, key types.NamespacedName) {
	t.Helper()
	for range 2 {
		h.Emulator.Server.Advance(6 * time.Minute)
		if _, err := h.Reconcile(key); err != nil {
			t.Fatal(err)
		}
	}
}

// edits are changes of the spec that need different calls.
var edits = []struct {
	what   string
	change func(*v1alpha1.PortkeyGatewaySpec)
}{
	{"another image, more tasks, more memory", func(s *v1alpha1.PortkeyGatewaySpec) {
		s.Gateway = &v1alpha1.Gateway{
			Image: &v1alpha1.Image{Tag: "2.17.0"}, Replicas: ptr.To(int32(2)),
			Resources: &v1alpha1.Resources{CPU: resource.MustParse("500m"), Memory: resource.MustParse("1Gi")},
		}
	}},
	{"another port and grace", func(s *v1alpha1.PortkeyGatewaySpec) { s.Gateway.Port = 8788 }},
	{"a policy of the user", func(s *v1alpha1.PortkeyGatewaySpec) {
		s.Gateway.TaskRole = &v1alpha1.TaskRole{PolicyARNs: []string{"arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"}}
	}},
	{"no policy of the user", func(s *v1alpha1.PortkeyGatewaySpec) { s.Gateway.TaskRole = nil }},
	{"ECS Exec", func(s *v1alpha1.PortkeyGatewaySpec) { s.Gateway.EnableExec = true }},
	{"no ECS Exec", func(s *v1alpha1.PortkeyGatewaySpec) { s.Gateway.EnableExec = false }},
	{"logs for longer", func(s *v1alpha1.PortkeyGatewaySpec) { s.Gateway.LogRetentionDays = 90 }},
	{"fuller instances", func(s *v1alpha1.PortkeyGatewaySpec) {
		s.Capacity = &v1alpha1.Capacity{EC2: &v1alpha1.EC2Capacity{TargetPercent: 80, MaxSize: 4}}
	}},
	{"autoscaling", func(s *v1alpha1.PortkeyGatewaySpec) {
		s.Gateway.Autoscaling = &v1alpha1.Autoscaling{MinReplicas: 1, MaxReplicas: 3, TargetCPUPercent: ptr.To(int32(70)), TargetMemoryPercent: ptr.To(int32(80))}
	}},
	{"more tasks at most", func(s *v1alpha1.PortkeyGatewaySpec) { s.Gateway.Autoscaling.MaxReplicas = 4 }},
	{"autoscaling by CPU alone", func(s *v1alpha1.PortkeyGatewaySpec) { s.Gateway.Autoscaling.TargetMemoryPercent = nil }},
	{"fewer tags, and another", func(s *v1alpha1.PortkeyGatewaySpec) {
		s.Tags = map[string]v1alpha1.TagValue{"team": "ml"}
	}},
	{"no autoscaling", func(s *v1alpha1.PortkeyGatewaySpec) { s.Gateway.Autoscaling = nil }},
	{"no load balancer", func(s *v1alpha1.PortkeyGatewaySpec) { s.LoadBalancer = nil }},
	{"a load balancer again", func(s *v1alpha1.PortkeyGatewaySpec) { s.LoadBalancer = &v1alpha1.LoadBalancer{} }},
}
