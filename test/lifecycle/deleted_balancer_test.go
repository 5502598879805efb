package lifecycle

import (
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"k8s.io/apimachinery/pkg/api/meta"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/hack/harness"
	"github.com/portkey-ai/portkey-ecs-operator/hack/sweep"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/elbv2"
)

// TestALoadBalancerOfAPairIsDeleted: somebody deletes the load balancer of a gateway whose traffic ECS shifts, after the
// first deployment and after another, so that production is once at either group of the pair. The new load balancer sends
// clients to where the tasks are, and ECS takes it.
func TestALoadBalancerOfAPairIsDeleted(t *testing.T) {
	harness.Unraced(t)
	for _, rolled := range []bool{false, true} {
		t.Run(map[bool]string{false: "after the first deployment", true: "after another"}[rolled], func(t *testing.T) {
			t.Parallel()
			h := harness.New()
			key := h.Create(h.Sample(string(sweep.Production)))
			ready(t, h, key)
			if rolled {
				h.Edit(key, func(gw *v1alpha1.PortkeyGateway) { gw.Spec.Gateway.Image = &v1alpha1.Image{Tag: "2.17.0"} })
				ready(t, h, key)
			}
			balancers, err := newConsole(h).elb.DescribeLoadBalancers(t.Context(), &elasticloadbalancingv2.DescribeLoadBalancersInput{})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := newConsole(h).elb.DeleteLoadBalancer(t.Context(), &elasticloadbalancingv2.DeleteLoadBalancerInput{
				LoadBalancerArn: balancers.LoadBalancers[0].LoadBalancerArn,
			}); err != nil {
				t.Fatal(err)
			}
			h.AdvanceTo(h.Clock.Now().Add(10 * time.Minute))
			if _, err := h.Reconcile(key); err != nil {
				t.Fatal(err)
			}
			if h.Get(key).Status.Endpoints.LoadBalancer == sdk.ToString(balancers.LoadBalancers[0].DNSName) {
				t.Fatal("the load balancer isn't missed")
			}
			ready(t, h, key)
			settle(t, h, key)
			quiet(t, h, key)
			gw := h.Get(key)
			if !meta.IsStatusConditionTrue(gw.Status.Conditions, v1alpha1.ConditionAvailable) {
				t.Errorf("not available:\n%s", harness.Story(gw))
			}
			h.Emulator.World.Lock()
			out := h.Emulator.ELB.Route(elbv2.ClientRequest{
				DNS: gw.Status.Endpoints.LoadBalancer, Port: 443, TLS: true, Source: "203.0.113.7", Host: "portkey.example.com", Path: "/v1/chat",
			})
			h.Emulator.World.Unlock()
			if problem := out.Problem + out.Status; problem != "" {
				t.Error(problem)
			}
		})
	}
}
