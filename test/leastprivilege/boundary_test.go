package leastprivilege

import (
	"fmt"
	"os"
	"strings"
	"testing"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/hack/harness"
	"github.com/portkey-ai/portkey-ecs-operator/hack/iampolicy"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator"
)

// TestRolesStayWithinTheBoundary runs a life under the policies that ask for a permissions boundary and for one
// cluster's tag: every role has the sample boundary and does its work within it, gets it back, and without it the
// operator couldn't make a role at all.
func TestRolesStayWithinTheBoundary(t *testing.T) {
	const boundary = "arn:aws:iam::" + emulator.Account + ":policy/sample-boundary"
	h := harness.New()
	documents := map[string]iampolicy.Document{}
	for i, d := range iampolicy.Whole(iampolicy.Options{Partition: "aws", Cluster: "cluster-uid", Boundary: boundary}) {
		documents[fmt.Sprintf("whole-%d", i+1)] = d
	}
	bindTo(t, h, emulator.AccessKeyID, documents)
	sample, err := os.ReadFile("../../config/iam/sample-boundary.json")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := others(h).CreatePolicy(t.Context(), &iam.CreatePolicyInput{PolicyName: sdk.String("sample-boundary"), PolicyDocument: sdk.String(string(sample))}); err != nil {
		t.Fatal(err)
	}

	unbounded := h.Create(h.Minimal("unbounded"))
	if _, err := h.Reconcile(unbounded); err != nil {
		t.Fatal(err)
	}
	if story := harness.Story(h.Get(unbounded)); !strings.Contains(story, "not authorized to perform: iam:CreateRole") {
		t.Errorf("a manager without the boundary makes roles:\n%s", story)
	}

	h.Restart()
	h.Reconciler.PermissionsBoundary = boundary
	gw := h.Minimal("gw")
	gw.Spec.LoadBalancer = &v1alpha1.LoadBalancer{Type: v1alpha1.LoadBalancerApplication}
	gw.Spec.Gateway = &v1alpha1.Gateway{Rollout: &v1alpha1.Rollout{Strategy: v1alpha1.RolloutBlueGreen}, TaskRole: &v1alpha1.TaskRole{PolicyARNs: []string{"arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"}}}
	key := h.Create(gw)
	until(t, h, key, "Ready", harness.Ready)
	bounded := func() (n int) {
		for _, r := range h.Emulator.Server.Resources(false) {
			if r.Kind == "Role" && strings.HasPrefix(r.Name, "gw-") {
				h.Emulator.World.Lock()
				if have := h.Emulator.IAM.PermissionsBoundary(emulator.Account, r.ARN); have != boundary {
					t.Errorf("%s: the boundary is %q", r.Name, have)
				}
				h.Emulator.World.Unlock()
				n++
			}
		}
		return n
	}
	if n := bounded(); n < 5 {
		t.Errorf("only %d roles", n)
	}
	role := find(h, "Role", "role/gateway-task")
	w := clients(h)
	if _, err := w.IAM.DeleteRolePermissionsBoundary(t.Context(), &iam.DeleteRolePermissionsBoundaryInput{RoleName: &role.Name}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.IAM.UpdateAssumeRolePolicy(t.Context(), &iam.UpdateAssumeRolePolicyInput{RoleName: &role.Name, PolicyDocument: sdk.String(
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]}`)}); err != nil {
		t.Fatal(err)
	}
	settle(t, h, key)
	until(t, h, key, "the boundary again", harness.Ready)
	h.Edit(key, func(gw *v1alpha1.PortkeyGateway) { gw.Spec.Gateway.Image = &v1alpha1.Image{Tag: "2.17.0"} })
	until(t, h, key, "a shift of traffic", harness.Ready)
	bounded()
	h.Delete(key)
	until(t, h, key, "deletion", harness.Gone)
}
