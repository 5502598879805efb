package lifecycle

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/hack/harness"
)

// TestOutputsForOthers: what somebody else has to be told is in the outputs, and follows the spec: the addresses by which
// tasks come out, for a firewall, and the trust policy for a role in another account.
func TestOutputsForOthers(t *testing.T) {
	harness.Unraced(t)
	t.Parallel()
	before := harness.New().Emulator.Server.Resources(false)
	bedrock := func(n v1alpha1.NATGateways, arns ...string) func(*harness.Harness, *spec) {
		return func(h *harness.Harness, s *spec) {
			zones(2, n)(h, s)
			s.Bedrock = nil
			if len(arns) > 0 {
				s.Bedrock = &v1alpha1.Bedrock{AssumeRoleARNs: arns}
			}
		}
	}
	h, key := begun(t, bedrock(v1alpha1.NATGatewaysPerZone, "arn:aws:iam::210987654321:role/bedrock"))
	s := watch(h, key)
	// leaves are the public addresses of the NAT gateways.
	leaves := func() (out []string) {
		for _, r := range h.Emulator.Server.Resources(false) {
			if strings.HasPrefix(r.Tags["ecs.portkey.ai/node"], "elastic-ip/") {
				out = append(out, r.Settings["publicIp"].(string))
			}
		}
		slices.Sort(out)
		return out
	}
	addresses := func(n int) {
		t.Helper()
		got := slices.Sorted(slices.Values(h.Get(key).Status.Outputs.NATAddresses))
		if want := leaves(); len(want) != n || !slices.Equal(got, want) {
			t.Errorf("natAddresses are %v, and tasks come by %v; want %d", got, want, n)
		}
	}
	addresses(2)
	var trust struct {
		Statement []struct {
			Effect    string
			Principal map[string]string
			Action    any
		}
	}
	out := h.Get(key).Status.Outputs
	if err := json.Unmarshal([]byte(out.BedrockTrustPolicy), &trust); err != nil {
		t.Fatalf("bedrockTrustPolicy is %q: %v", out.BedrockTrustPolicy, err)
	}
	role, found := nodeOf(h.Emulator.Server.Resources(false), "role/gateway-task")
	if len(trust.Statement) != 1 || !found || trust.Statement[0].Principal["AWS"] != role.ARN || trust.Statement[0].Effect != "Allow" || !strings.Contains(out.BedrockTrustPolicy, "sts:AssumeRole") {
		t.Errorf("bedrockTrustPolicy is %s, and the gateway's task role %s", out.BedrockTrustPolicy, role.ARN)
	}
	become(t, h, key, bedrock(v1alpha1.NATGatewaysSingle))
	settle(t, h, key)
	addresses(1)
	if got := h.Get(key).Status.Outputs.BedrockTrustPolicy; got != "" {
		t.Errorf("bedrockTrustPolicy is %s, though nobody's role is assumed", got)
	}
	quiet(t, h, key)
	s.stop()
	for _, b := range s.broke {
		t.Errorf("clients weren't served at %s", b)
	}
	h.Delete(key)
	gone(t, h, key, before)
}
