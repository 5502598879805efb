package lifecycle

import (
	"slices"
	"strings"
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	asm "github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	asmtypes "github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/hack/console"
	"github.com/portkey-ai/portkey-ecs-operator/hack/harness"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/secretsmanager"
)

// TestASecretRotates: a user's secret that rotates by itself. A version that is pending is nothing to the tasks; each that
// becomes current is rolled out once, whether a rotation or somebody's hand made it so. The operator rotates nothing.
func TestASecretRotates(t *testing.T) {
	harness.Unraced(t)
	t.Parallel()
	const function = "arn:aws:lambda:us-east-1:" + emulator.Account + ":function:rotator"
	rotated := func(n string) string {
		return `{"PORTKEY_CLIENT_AUTH":"rotated-` + n + `","ORGANISATIONS_TO_SYNC":"org"}`
	}
	before := harness.New().Emulator.Server.Resources(false)
	h, key := begun(t, set(func(s *spec) { s.DataService = &v1alpha1.DataService{} }))
	s := watch(h, key)
	c, name := console.New(h.Emulator.Server, emulator.AccessKeyID).Secrets, sdk.String(emulator.LicenseSecret)
	stages := func() map[string]string {
		t.Helper()
		d, err := c.DescribeSecret(t.Context(), &asm.DescribeSecretInput{SecretId: name})
		if err != nil {
			t.Fatal(err)
		}
		out := map[string]string{}
		for id, labels := range d.VersionIdsToStages {
			for _, l := range labels {
				out[l] = id
			}
		}
		return out
	}
	// follows lets time pass, and says whether the services were updated for a new version.
	follows := func(what string, wait time.Duration, yes bool) {
		t.Helper()
		m, old := mark(h), slices.Concat(taskARNs(h, "service/gateway"), taskARNs(h, "service/data-service"))
		passes(t, h, key, wait)
		ready(t, h, key)
		var want []string
		if yes {
			want = []string{"data-service", "gateway"}
		}
		got := updatesOf(since(h, m))
		if slices.Sort(got); !slices.Equal(got, want) {
			t.Errorf("%s: %v were updated, want %v", what, got, want)
		}
		for _, service := range []string{"service/gateway", "service/data-service"} {
			if replaced(h, service, old) != yes {
				t.Errorf("%s: tasks of %s were replaced: %t, want %t", what, service, !yes, yes)
			}
		}
		for _, call := range since(h, m) {
			if strings.Contains(call.Action, "RotateSecret") || call.Action == "UpdateSecretVersionStage" || call.Action == "PutSecretValue" {
				t.Errorf("%s: the operator calls %s", what, call.Action)
			}
		}
	}

	first := stages()["AWSCURRENT"]
	h.Emulator.SetRotator(function, secretsmanager.Rotator{Values: []string{rotated("1")}, Fails: []string{secretsmanager.StepTest}})
	if _, err := c.RotateSecret(t.Context(), &asm.RotateSecretInput{
		SecretId: name, RotationLambdaARN: sdk.String(function), RotationRules: &asmtypes.RotationRulesType{ScheduleExpression: sdk.String("rate(4 hours)")},
	}); err != nil {
		t.Fatal(err)
	}
	follows("pending", time.Hour, false)
	if now := stages(); now["AWSPENDING"] == "" || now["AWSCURRENT"] != first {
		t.Fatalf("the version isn't pending: %v", now)
	}
	h.Emulator.SetRotator(function, secretsmanager.Rotator{Values: []string{rotated("2")}})
	follows("at the next date the pending version becomes current", 4*time.Hour, true)
	second := stages()
	if second["AWSPREVIOUS"] != first || second["AWSPENDING"] != "" {
		t.Errorf("after it: %v", second)
	}
	follows("at the one after there is another", 4*time.Hour, true)
	third := stages()
	if third["AWSPREVIOUS"] != second["AWSCURRENT"] {
		t.Errorf("after another: %v", third)
	}
	if _, err := c.CancelRotateSecret(t.Context(), &asm.CancelRotateSecretInput{SecretId: name}); err != nil {
		t.Fatal(err)
	}
	follows("turned off", 4*time.Hour, false)
	if _, err := c.UpdateSecretVersionStage(t.Context(), &asm.UpdateSecretVersionStageInput{
		SecretId: name, VersionStage: sdk.String("AWSCURRENT"), MoveToVersionId: sdk.String(second["AWSCURRENT"]), RemoveFromVersionId: sdk.String(third["AWSCURRENT"]),
	}); err != nil {
		t.Fatal(err)
	}
	follows("moved back by hand", noticed, true)
	settle(t, h, key)
	quiet(t, h, key)
	unplanned(t, h, key)
	s.stop()
	for _, b := range s.broke {
		t.Errorf("clients weren't served at %s", b)
	}
	h.Delete(key)
	gone(t, h, key, before)
}
