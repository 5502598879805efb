package leastprivilege

import (
	"strings"
	"testing"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/portkey-ai/portkey-ecs-operator/hack/harness"
	"github.com/portkey-ai/portkey-ecs-operator/hack/iampolicy"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

const (
	// strangerKey is the access key of somebody else in the account, whom no policy binds.
	strangerKey = "AKIASTRANGER00000000"
	// operatorRole is the role that the operator has taken.
	operatorRole = "arn:aws:iam::" + emulator.Account + ":role/portkey-ecs-operator"
)

// usage is what lives couldn't have done without, and what they used: "policy/Sid service:Action".
type usage struct{ needed, used map[string]bool }

func newUsage() usage { return usage{map[string]bool{}, map[string]bool{}} }

// binding says what the operator may do in a life that uses some features.
type binding func(t *testing.T, h *harness.Harness, features ...string)

// bind has the operator act as a role with the policies of some features, and AWS decide by them. What the role
// was decided by is noted when the test ends.
func (u usage) bind(t *testing.T, h *harness.Harness, features ...string) {
	t.Helper()
	documents := map[string]iampolicy.Document{}
	for _, f := range features {
		documents[f] = iampolicy.Policy(f, iampolicy.Options{Partition: "aws"})
	}
	bindTo(t, h, emulator.AccessKeyID, documents)
	t.Cleanup(func() { toldOfDenials(t, h) })
	t.Cleanup(func() {
		h.Emulator.World.Lock()
		defer h.Emulator.World.Unlock()
		needed, used := h.Emulator.Authorization.Needed(operatorRole)
		for _, n := range needed {
			u.needed[n] = true
		}
		for _, n := range used {
			u.used[n] = true
		}
	})
}

// bindTo attaches managed policies of some names to the operator's role, in which an access key acts from now on.
func bindTo(t *testing.T, h *harness.Harness, key string, documents map[string]iampolicy.Document) {
	t.Helper()
	h.Emulator.World.Lock()
	h.Emulator.World.AddKey(strangerKey, core.AccountRoot(emulator.Account))
	h.Emulator.World.AddKey(key, core.Principal{
		Account: emulator.Account, RoleARN: operatorRole, UserID: "AROAOPERATOR:manager",
		ARN: "arn:aws:sts::" + emulator.Account + ":assumed-role/portkey-ecs-operator/manager",
	})
	h.Emulator.World.Unlock()
	c := others(h)
	name := sdk.String("portkey-ecs-operator")
	if _, err := c.CreateRole(t.Context(), &iam.CreateRoleInput{RoleName: name, AssumeRolePolicyDocument: sdk.String(
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"pods.eks.amazonaws.com"},"Action":"sts:AssumeRole"}]}`)}); err != nil {
		t.Fatal(err)
	}
	for policy, document := range documents {
		out, err := c.CreatePolicy(t.Context(), &iam.CreatePolicyInput{PolicyName: sdk.String(policy), PolicyDocument: sdk.String(string(document.Print()))})
		if err != nil {
			t.Fatalf("%s: %v", policy, err)
		}
		if _, err := c.AttachRolePolicy(t.Context(), &iam.AttachRolePolicyInput{RoleName: name, PolicyArn: out.Policy.Arn}); err != nil {
			t.Fatalf("%s: %v", policy, err)
		}
	}
	h.Emulator.World.Lock()
	h.Emulator.World.Settings.EnforceIAM = true
	h.Emulator.World.Unlock()
}

// others is IAM for an administrator of the account.
func others(h *harness.Harness) *iam.Client {
	return iam.New(iam.Options{Region: "us-east-1", HTTPClient: h.Emulator.Server, BaseEndpoint: sdk.String("http://aws.invalid"),
		Credentials: credentials.NewStaticCredentialsProvider(strangerKey, "secret", "")})
}

// toldOfDenials fails a test whose operator was refused anything by its policies that the test didn't refuse itself.
func toldOfDenials(t *testing.T, h *harness.Harness) {
	t.Helper()
	told := map[string]bool{}
	for _, c := range h.Emulator.Server.Calls(0) {
		if c.Fault == "" && strings.Contains(c.Message, "no identity-based policy allows") && !told[c.Action] {
			told[c.Action] = true
			t.Errorf("%s %s: %s\n%v", c.Service, c.Action, c.Message, c.Params)
		}
	}
}
