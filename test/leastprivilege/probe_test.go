package leastprivilege

import (
	"archive/zip"
	"bytes"
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/hack/harness"
	"github.com/portkey-ai/portkey-ecs-operator/hack/iampolicy"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/ecs"
)

// probedLife is that of a gateway whose rollouts are probed, by a function that is changed, meddled with, idle for
// weeks, and given up.
func probedLife(t *testing.T, bind binding) {
	h := harness.New()
	bind(t, h, minimal(iampolicy.TrafficShift, iampolicy.Hooks, iampolicy.Probes)...)
	before := len(h.Emulator.Server.Resources(false))
	gw := h.Minimal("gw")
	gw.Spec.Tags = map[string]v1alpha1.TagValue{"team": "ai"}
	gw.Spec.Gateway = &v1alpha1.Gateway{Rollout: &v1alpha1.Rollout{Strategy: v1alpha1.RolloutBlueGreen}}
	key := h.Create(gw)
	until(t, h, key, "Ready", harness.Ready)
	probe := func(p v1alpha1.HTTPProbe) func(*v1alpha1.PortkeyGatewaySpec) {
		return func(s *v1alpha1.PortkeyGatewaySpec) {
			s.Gateway.Rollout.Hooks = []v1alpha1.RolloutHook{{Stages: []v1alpha1.RolloutStage{v1alpha1.StagePostTestTrafficShift}, HTTPProbe: &p}}
		}
	}
	for _, e := range []struct {
		what   string
		change func(*v1alpha1.PortkeyGatewaySpec)
	}{
		{"a probe", probe(v1alpha1.HTTPProbe{})},
		{"another status", probe(v1alpha1.HTTPProbe{ExpectedStatus: 204})},
		{"other tags", func(s *v1alpha1.PortkeyGatewaySpec) { s.Tags = map[string]v1alpha1.TagValue{"stage": "prod"} }},
	} {
		h.Edit(key, func(gw *v1alpha1.PortkeyGateway) { e.change(&gw.Spec) })
		until(t, h, key, e.what, harness.Ready)
	}
	function := find(h, "Function", "")
	if _, err := clients(h).Lambda.UpdateFunctionConfiguration(t.Context(), &lambda.UpdateFunctionConfigurationInput{FunctionName: &function.ID, Timeout: sdk.Int32(1)}); err != nil {
		t.Fatal(err)
	}
	settle(t, h, key)
	until(t, h, key, "its own configuration", harness.Ready)
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	if _, err := z.Create("handler.py"); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := clients(h).Lambda.UpdateFunctionCode(t.Context(), &lambda.UpdateFunctionCodeInput{FunctionName: &function.ID, ZipFile: b.Bytes()}); err != nil {
		t.Fatal(err)
	}
	settle(t, h, key)
	until(t, h, key, "its own code", harness.Ready)
	h.Emulator.Server.Advance(15 * 24 * time.Hour) // AWS Lambda makes it inactive
	settle(t, h, key)
	until(t, h, key, "an active function", harness.Ready)

	h.Emulator.World.Lock()
	h.Emulator.ECS.AnswerHooks(function.ARN, ecs.HookAnswer{Status: "SUCCEEDED"})
	h.Emulator.World.Unlock()
	h.Edit(key, func(gw *v1alpha1.PortkeyGateway) { gw.Spec.Gateway.Image = &v1alpha1.Image{Tag: "2.17.0"} })
	until(t, h, key, "a rollout", harness.Ready)
	h.Edit(key, func(gw *v1alpha1.PortkeyGateway) { gw.Spec.Gateway.Rollout.Hooks = nil })
	until(t, h, key, "no probe", harness.Ready)
	h.Delete(key)
	until(t, h, key, "deletion", harness.Gone)
	if after := len(h.Emulator.Server.Resources(false)); after != before {
		t.Errorf("%d objects before, %d after", before, after)
	}
}
