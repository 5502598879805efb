package lifecycle

import (
	"strings"
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	ecsapi "github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/hack/harness"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/ecs"
)

// TestTasksOfBeforeKeepTheirSecrets: after ECS took back a rollout that came with another secret, a task of before
// that is lost can start again; once a rollout is through, the old secret is out of reach, without being told as drift.
func TestTasksOfBeforeKeepTheirSecrets(t *testing.T) {
	harness.Unraced(t)
	t.Parallel()
	h := harness.New()
	gw := h.Minimal("gw")
	before, after := addSecret(h, "portkey/before", "one"), addSecret(h, "portkey/after", "two")
	env := func(arn string) v1alpha1.SecretEnvironment {
		return v1alpha1.SecretEnvironment{"OWN": {SecretARN: arn}}
	}
	gw.Spec.Gateway = &v1alpha1.Gateway{SecretEnv: env(before)}
	key := h.Create(gw)
	settled(t, h, key)
	quiet(t, h, key)
	h.Edit(key, func(gw *v1alpha1.PortkeyGateway) {
		tagged("2.17.0-" + ecs.ImageNeverHealthy)(gw)
		gw.Spec.Gateway.SecretEnv = env(after)
	})
	if err := h.Until(key, longest, "taken back", rolledBackTo("2.16.0")); err != nil {
		t.Fatal(err)
	}
	passes(t, h, key, time.Hour)
	h.Restart()
	c := newConsole(h)
	for _, arn := range taskARNs(h, "service/gateway") {
		if _, err := c.ecs.StopTask(t.Context(), &ecsapi.StopTaskInput{Cluster: sdk.String(strings.Split(arn, "/")[1]), Task: &arn}); err != nil {
			t.Fatal(err)
		}
	}
	passes(t, h, key, 20*time.Minute)
	told(t, h.Get(key), v1alpha1.ConditionAvailable, metav1.ConditionTrue, v1alpha1.ReasonServing)
	h.Edit(key, tagged("2.18.0"))
	settled(t, h, key)
	policies, err := c.iam.GetAccountAuthorizationDetails(t.Context(), &iam.GetAccountAuthorizationDetailsInput{})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range policies.RoleDetailList {
		for _, p := range r.RolePolicyList {
			if strings.Contains(*p.PolicyDocument, "before") {
				t.Errorf("%s may still read the old secret: %s", *r.RoleName, *p.PolicyDocument)
			}
		}
	}
	quiet(t, h, key)
	for _, e := range h.Events.Events {
		if strings.Contains(e, "Drift") {
			t.Errorf("told as drift: %s", e)
		}
	}
}
