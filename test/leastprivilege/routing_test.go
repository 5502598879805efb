package leastprivilege

import (
	"testing"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"k8s.io/apimachinery/pkg/types"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/hack/harness"
	"github.com/portkey-ai/portkey-ecs-operator/hack/iampolicy"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/ecs"
)

// balancedLife is that of a gateway behind an application load balancer with TLS and a web ACL, and with a
// bucket of its own, which outlives it.
func balancedLife(t *testing.T, bind binding) {
	h := harness.New()
	bind(t, h, minimal(iampolicy.WAF, iampolicy.Storage, iampolicy.TrafficShift, iampolicy.Hooks, iampolicy.Alarms)...)
	h.Emulator.World.Lock()
	h.Emulator.ECS.SetAlarm(core.Scope{Account: emulator.Account, Region: "us-east-1"}, "gateway-5xx", "OK")
	for _, function := range []string{"verdict", "other"} {
		h.Emulator.ECS.AnswerHooks("arn:aws:lambda:us-east-1:"+emulator.Account+":function:"+function, ecs.HookAnswer{Status: "SUCCEEDED"})
	}
	acl := h.Emulator.WAF.Add(core.Scope{Account: emulator.Account, Region: "us-east-1"}, "acl")
	h.Emulator.World.Unlock()
	before := len(h.Emulator.Server.Resources(false))
	const bucket = "acme-portkey-logs"
	gw := h.Minimal("gw")
	gw.Spec.Storage = v1alpha1.Storage{LogBucket: bucket, Create: true}
	gw.Spec.LoadBalancer = &v1alpha1.LoadBalancer{
		Type: v1alpha1.LoadBalancerApplication, CertificateARN: h.Seeded.Certificate, WAFWebACLARN: acl,
		Hosts: &v1alpha1.Hosts{Gateway: "gw." + emulator.CertificateDomain},
	}
	key := h.Create(gw)
	until(t, h, key, "Ready", harness.Ready)
	for _, e := range []struct {
		what   string
		change func(*v1alpha1.PortkeyGatewaySpec)
	}{
		{"the MCP gateway on a path", func(s *v1alpha1.PortkeyGatewaySpec) {
			s.Mode, s.LoadBalancer.Paths = v1alpha1.ModeAll, &v1alpha1.Paths{MCP: "/mcp"}
		}},
		{"another path", func(s *v1alpha1.PortkeyGatewaySpec) { s.LoadBalancer.Paths.MCP = "/tools" }},
		{"no MCP gateway", func(s *v1alpha1.PortkeyGatewaySpec) { s.Mode, s.LoadBalancer.Paths = v1alpha1.ModeGateway, nil }},
		{"rollouts that functions decide on, and alarms", func(s *v1alpha1.PortkeyGatewaySpec) {
			s.Gateway = &v1alpha1.Gateway{Rollout: &v1alpha1.Rollout{Strategy: v1alpha1.RolloutBlueGreen, Alarms: []string{"gateway-5xx"}, Hooks: []v1alpha1.RolloutHook{asking("verdict")}}}
		}},
		{"another function", func(s *v1alpha1.PortkeyGatewaySpec) {
			s.Gateway.Rollout.Hooks = []v1alpha1.RolloutHook{asking("other")}
		}},
		{"task by task again", func(s *v1alpha1.PortkeyGatewaySpec) { s.Gateway = nil }},
		{"no web ACL, and other tags", func(s *v1alpha1.PortkeyGatewaySpec) {
			s.LoadBalancer.WAFWebACLARN, s.Tags = "", map[string]v1alpha1.TagValue{"team": "ai"}
		}},
	} {
		h.Edit(key, func(gw *v1alpha1.PortkeyGateway) { e.change(&gw.Spec) })
		until(t, h, key, e.what, harness.Ready)
	}
	others := clients(h).S3
	if _, err := others.PutPublicAccessBlock(t.Context(), &s3.PutPublicAccessBlockInput{
		Bucket: sdk.String(bucket), PublicAccessBlockConfiguration: &s3types.PublicAccessBlockConfiguration{},
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := others.PutBucketOwnershipControls(t.Context(), &s3.PutBucketOwnershipControlsInput{
		Bucket: sdk.String(bucket), OwnershipControls: &s3types.OwnershipControls{Rules: []s3types.OwnershipControlsRule{{ObjectOwnership: s3types.ObjectOwnershipObjectWriter}}},
	}); err != nil {
		t.Fatal(err)
	}
	settle(t, h, key)
	until(t, h, key, "a closed bucket", harness.Ready)
	overrule(t, h, key)
	h.Delete(key)
	until(t, h, key, "deletion", harness.Gone)
	if after := len(h.Emulator.Server.Resources(false)); after != before+1 {
		t.Errorf("%d objects before, %d after: the bucket alone stays", before, after)
	}
}

// asking is a hook that asks a function, with a role of the operator's.
func asking(function string) v1alpha1.RolloutHook {
	return v1alpha1.RolloutHook{
		Stages: []v1alpha1.RolloutStage{v1alpha1.StageReconcileService},
		Lambda: &v1alpha1.LambdaHook{FunctionARN: "arn:aws:lambda:us-east-1:" + emulator.Account + ":function:" + function},
	}
}

// overrule has a rollout that waits go on, the next one taken back, and the first revision deployed again.
func overrule(t *testing.T, h *harness.Harness, key types.NamespacedName) {
	t.Helper()
	waits := func(gw *v1alpha1.PortkeyGateway) bool {
		return gw.Status.Rollout != nil && gw.Status.Rollout.Awaiting != nil
	}
	back := func(gw *v1alpha1.PortkeyGateway) bool { return gw.Status.RolloutSummary == v1alpha1.ReasonRolledBack }
	h.Edit(key, func(gw *v1alpha1.PortkeyGateway) {
		gw.Spec.Gateway = &v1alpha1.Gateway{Image: &v1alpha1.Image{Tag: "2.17.0"}, Rollout: &v1alpha1.Rollout{
			Strategy: v1alpha1.RolloutBlueGreen, Hooks: []v1alpha1.RolloutHook{{Stages: []v1alpha1.RolloutStage{v1alpha1.StagePostTestTrafficShift}, Pause: &v1alpha1.PauseHook{}}},
		}}
	})
	until(t, h, key, "a rollout that waits", waits)
	h.Annotate(key, v1alpha1.AnnotationPromote, h.Get(key).Status.Rollout.Awaiting.HookID)
	until(t, h, key, "a rollout that was let go on", harness.Ready)
	h.Edit(key, func(gw *v1alpha1.PortkeyGateway) { gw.Spec.Gateway.Image.Tag = "2.18.0" })
	until(t, h, key, "another rollout that waits", waits)
	h.Annotate(key, v1alpha1.AnnotationAbort, h.Get(key).Status.Rollout.ID)
	until(t, h, key, "a rollout that was taken back", back)
	h.Edit(key, func(gw *v1alpha1.PortkeyGateway) { gw.Spec.Gateway = nil })
	until(t, h, key, "the default image", harness.Ready)
	past := h.Get(key).Status.History
	h.Annotate(key, v1alpha1.AnnotationRollback, past[2].Revision)
	until(t, h, key, "an earlier revision", back)
}
