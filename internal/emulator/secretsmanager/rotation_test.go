package secretsmanager_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	asm "github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/secretsmanager"
)

const rotator = "arn:aws:lambda:eu-west-1:123456789012:function:rotator"

// lambdas are rotation functions.
type lambdas struct {
	f       fixture
	rotator *secretsmanager.Rotator
	// steps are the events, each as its step.
	steps []string
}

func (l *lambdas) Callable(arn string) bool { return arn == rotator }

func (l *lambdas) Run(_ string, event []byte) bool {
	for _, step := range []string{secretsmanager.StepCreate, secretsmanager.StepSet, secretsmanager.StepTest, secretsmanager.StepFinish} {
		if strings.Contains(string(event), `"Step":"`+step+`"`) {
			l.steps = append(l.steps, step)
		}
	}
	return l.f.s.Handle(l.rotator, event)
}

// rotating is a secret with the value "one", and a function that rotates it.
func rotating(t *testing.T, r secretsmanager.Rotator) (fixture, *lambdas) {
	f := start(t)
	l := &lambdas{f: f, rotator: &r}
	f.s.SetFunctions(l)
	ok(t, second(f.CreateSecret(t.Context(), &asm.CreateSecretInput{Name: aws.String("s"), SecretString: aws.String("one")})))
	return f, l
}

func (f fixture) rotate(t *testing.T, in asm.RotateSecretInput) (*asm.RotateSecretOutput, error) {
	t.Helper()
	in.SecretId = aws.String("s")
	return f.RotateSecret(t.Context(), &in)
}

func (f fixture) described(t *testing.T) *asm.DescribeSecretOutput {
	t.Helper()
	d, err := f.DescribeSecret(t.Context(), &asm.DescribeSecretInput{SecretId: aws.String("s")})
	ok(t, err)
	return d
}

func (f fixture) value(t *testing.T, stage string) (string, error) {
	t.Helper()
	got, err := f.GetSecretValue(t.Context(), &asm.GetSecretValueInput{SecretId: aws.String("s"), VersionStage: &stage})
	if err != nil {
		return "", err
	}
	return *got.SecretString, nil
}

func days(n int64) *types.RotationRulesType {
	return &types.RotationRulesType{AutomaticallyAfterDays: &n}
}

// TestRotation takes a secret through a rotation at once, one by schedule and an end of both.
func TestRotation(t *testing.T) {
	f, l := rotating(t, secretsmanager.Rotator{Values: []string{"two", "three", "four"}})
	if d := f.described(t); d.RotationEnabled != nil || d.RotationRules != nil || d.NextRotationDate != nil {
		t.Errorf("before: %+v", d)
	}
	out, err := f.rotate(t, asm.RotateSecretInput{RotationLambdaARN: aws.String(rotator), RotationRules: days(30)})
	ok(t, err)
	d := f.described(t)
	if got := d.VersionIdsToStages[*out.VersionId]; !slices.Equal(got, []string{"AWSPENDING"}) || !*d.RotationEnabled || d.LastRotatedDate != nil {
		t.Errorf("begun: %+v", d)
	}
	_, err = f.value(t, "AWSPENDING")
	wantCode(t, err, "ResourceNotFoundException", "staging label: AWSPENDING")
	wantCode(t, second(f.rotate(t, asm.RotateSecretInput{})), "InvalidRequestException", "A previous rotation isn't complete")
	f.srv.Advance(3 * time.Second) // createSecret
	if v, _ := f.value(t, "AWSPENDING"); v != "two" {
		t.Errorf("created: %s", v)
	}
	if v, _ := f.value(t, "AWSCURRENT"); v != "one" {
		t.Errorf("while it is pending, current is %s", v)
	}
	f.srv.Advance(10 * time.Second)
	if v, _ := f.value(t, "AWSCURRENT"); v != "two" {
		t.Errorf("finished: %s", v)
	}
	if v, _ := f.value(t, "AWSPREVIOUS"); v != "one" {
		t.Errorf("the one before: %s", v)
	}
	if !slices.Equal(l.steps, []string{"createSecret", "setSecret", "testSecret", "finishSecret"}) {
		t.Errorf("steps: %v", l.steps)
	}
	d = f.described(t)
	rotated := f.w.Clock.Now().Truncate(24 * time.Hour)
	if d.LastRotatedDate == nil || f.w.Clock.Now().Sub(*d.LastRotatedDate) > time.Minute || !d.NextRotationDate.Equal(rotated.Add(31*24*time.Hour)) || *d.RotationRules.AutomaticallyAfterDays != 30 || *d.RotationLambdaARN != rotator {
		t.Errorf("finished: %+v", d)
	}

	// "Manually updating the secret value … is considered a valid rotation."
	f.srv.Advance(10 * 24 * time.Hour)
	ok(t, second(f.PutSecretValue(t.Context(), &asm.PutSecretValueInput{SecretId: aws.String("s"), SecretString: aws.String("by hand")})))
	f.srv.Advance(25 * 24 * time.Hour)
	if v, _ := f.value(t, "AWSCURRENT"); v != "by hand" {
		t.Errorf("rotated too early: %s", v)
	}
	f.srv.Advance(5 * 24 * time.Hour)
	if v, _ := f.value(t, "AWSCURRENT"); v != "three" {
		t.Errorf("by schedule: %s", v)
	}
	ok(t, second(f.CancelRotateSecret(t.Context(), &asm.CancelRotateSecretInput{SecretId: aws.String("s")})))
	f.srv.Advance(100 * 24 * time.Hour)
	if v, _ := f.value(t, "AWSCURRENT"); v != "three" {
		t.Errorf("rotated although it was turned off: %s", v)
	}
	d = f.described(t)
	if *d.RotationEnabled || d.NextRotationDate != nil || d.LastRotatedDate != nil || *d.RotationLambdaARN != rotator || d.RotationRules == nil {
		t.Errorf("turned off: %+v", d)
	}
	ok(t, second(f.rotate(t, asm.RotateSecretInput{}))) // by what it was set up with
	f.srv.Advance(time.Minute)
	if v, _ := f.value(t, "AWSCURRENT"); v != "four" {
		t.Errorf("turned on again: %s", v)
	}
}

// TestRotationFails: a function that fails is called again, then at the next date; labels put it right by hand.
func TestRotationFails(t *testing.T) {
	f, l := rotating(t, secretsmanager.Rotator{Values: []string{"two"}, Fails: []string{"testSecret"}})
	out, err := f.rotate(t, asm.RotateSecretInput{RotationLambdaARN: aws.String(rotator), RotationRules: &types.RotationRulesType{ScheduleExpression: aws.String("rate(1 day)")}})
	ok(t, err)
	f.srv.Advance(time.Hour)
	if n := len(l.steps); n != 15 {
		t.Errorf("%d steps: %v", n, l.steps)
	}
	if d := f.described(t); d.LastRotatedDate != nil || !slices.Equal(d.VersionIdsToStages[*out.VersionId], []string{"AWSPENDING"}) {
		t.Errorf("failed: %+v", d)
	}
	wantCode(t, second(f.rotate(t, asm.RotateSecretInput{})), "InvalidRequestException", "A previous rotation isn't complete")
	l.rotator.Fails = nil
	f.srv.Advance(24 * time.Hour)
	if v, _ := f.value(t, "AWSCURRENT"); v != "two" {
		t.Errorf("at the next date: %s", v)
	}

	l.rotator.Values, l.rotator.Fails = []string{"three"}, []string{"finishSecret"}
	ok(t, second(f.rotate(t, asm.RotateSecretInput{})))
	f.srv.Advance(7 * time.Second)
	cancelled, err := f.CancelRotateSecret(t.Context(), &asm.CancelRotateSecretInput{SecretId: aws.String("s")})
	ok(t, err)
	f.srv.Advance(time.Hour)
	stage := func(label string, to, from *string) error {
		return second(f.UpdateSecretVersionStage(t.Context(), &asm.UpdateSecretVersionStageInput{SecretId: aws.String("s"), VersionStage: &label, MoveToVersionId: to, RemoveFromVersionId: from}))
	}
	now := out.VersionId
	wantCode(t, stage("AWSCURRENT", cancelled.VersionId, nil), "InvalidParameterException", "currently attached to version "+*now)
	wantCode(t, stage("AWSCURRENT", nil, now), "InvalidParameterException", "can't be completely removed")
	wantCode(t, stage("AWSCURRENT", aws.String("00000000-0000-0000-0000-000000000000"), now), "ResourceNotFoundException", "specified secret version")
	wantCode(t, stage("AWSPREVIOUS", nil, now), "InvalidParameterException", "isn't attached")
	wantCode(t, stage("mine", nil, nil), "InvalidParameterException", "MoveToVersionId")
	ok(t, stage("mine", now, nil))
	ok(t, stage("AWSCURRENT", cancelled.VersionId, now))
	ok(t, stage("AWSPENDING", nil, cancelled.VersionId))
	d := f.described(t)
	if a, b := d.VersionIdsToStages[*cancelled.VersionId], d.VersionIdsToStages[*now]; !slices.Equal(a, []string{"AWSCURRENT"}) || !slices.Contains(b, "AWSPREVIOUS") || !slices.Contains(b, "mine") {
		t.Errorf("by hand: %+v", d.VersionIdsToStages)
	}
}

// TestRotationTried: a rotation that isn't to begin at once is tested, without a trace.
func TestRotationTried(t *testing.T) {
	f, l := rotating(t, secretsmanager.Rotator{Values: []string{"two", "three"}})
	ok(t, second(f.rotate(t, asm.RotateSecretInput{RotationLambdaARN: aws.String(rotator), RotateImmediately: aws.Bool(false),
		RotationRules: &types.RotationRulesType{ScheduleExpression: aws.String("rate(4 hours)"), Duration: aws.String("2h")}})))
	if d := f.described(t); len(d.VersionIdsToStages) != 2 || !d.NextRotationDate.Equal(f.w.Clock.Now().Add(6*time.Hour)) { // it is noon
		t.Errorf("begun: %+v", d)
	}
	f.srv.Advance(time.Minute)
	if d := f.described(t); len(d.VersionIdsToStages) != 1 || !slices.Equal(l.steps, []string{"testSecret"}) {
		t.Errorf("tested by %v: %+v", l.steps, d)
	}
	f.srv.Advance(4 * time.Hour)
	if v, _ := f.value(t, "AWSCURRENT"); v != "two" {
		t.Errorf("in the first window: %s", v)
	}
	f.srv.Advance(4 * time.Hour)
	if v, _ := f.value(t, "AWSCURRENT"); v != "three" {
		t.Errorf("in the second: %s", v)
	}
	ok(t, second(f.DeleteSecret(t.Context(), &asm.DeleteSecretInput{SecretId: aws.String("s")})))
	n := len(l.steps)
	f.srv.Advance(5 * 24 * time.Hour)
	if len(l.steps) != n {
		t.Error("a secret that is to be deleted is rotated")
	}
	wantCode(t, second(f.rotate(t, asm.RotateSecretInput{})), "InvalidRequestException", "marked for deletion")
}

// TestRotationRefusals: what RotateSecret and CancelRotateSecret don't take.
func TestRotationRefusals(t *testing.T) {
	f, _ := rotating(t, secretsmanager.Rotator{})
	for why, row := range map[string]struct {
		in         asm.RotateSecretInput
		code, text string
	}{
		"no function":        {asm.RotateSecretInput{RotationRules: days(1)}, "InvalidRequestException", "No Lambda rotation function ARN"},
		"no such function":   {asm.RotateSecretInput{RotationLambdaARN: aws.String(rotator + "s"), RotationRules: days(1)}, "ResourceNotFoundException", "Lambda does not exist"},
		"no rules":           {asm.RotateSecretInput{RotationLambdaARN: aws.String(rotator)}, "InvalidParameterException", "RotationRules"},
		"empty rules":        {asm.RotateSecretInput{RotationRules: &types.RotationRulesType{}}, "InvalidParameterException", "AutomaticallyAfterDays or ScheduleExpression"},
		"both rules":         {asm.RotateSecretInput{RotationRules: &types.RotationRulesType{AutomaticallyAfterDays: aws.Int64(1), ScheduleExpression: aws.String("rate(1 day)")}}, "InvalidParameterException", "both"},
		"too many days":      {asm.RotateSecretInput{RotationRules: days(1001)}, "InvalidParameterException", "between 1 and 1000"},
		"too often":          {asm.RotateSecretInput{RotationRules: &types.RotationRulesType{ScheduleExpression: aws.String("rate(3 hours)")}}, "InvalidParameterException", "four hours"},
		"cron":               {asm.RotateSecretInput{RotationRules: &types.RotationRulesType{ScheduleExpression: aws.String("cron(0 8 * * ? *)")}}, "InvalidParameterException", "does not support cron()"},
		"no expression":      {asm.RotateSecretInput{RotationRules: &types.RotationRulesType{ScheduleExpression: aws.String("daily")}}, "InvalidParameterException", "Invalid ScheduleExpression"},
		"a window too long":  {asm.RotateSecretInput{RotationRules: &types.RotationRulesType{ScheduleExpression: aws.String("rate(4 hours)"), Duration: aws.String("5h")}}, "InvalidParameterException", "Duration"},
		"a token too short":  {asm.RotateSecretInput{ClientRequestToken: aws.String("t")}, "InvalidParameterException", "32-64"},
		"a version's token":  {asm.RotateSecretInput{ClientRequestToken: versionOf(t, f), RotationLambdaARN: aws.String(rotator), RotationRules: days(1)}, "ResourceExistsException", "already in use"},
		"managed externally": {asm.RotateSecretInput{ExternalSecretRotationRoleArn: aws.String("arn:aws:iam::123456789012:role/r")}, "SerializationException", "ExternalSecretRotationRoleArn"},
	} {
		t.Log(why)
		wantCode(t, second(f.rotate(t, row.in)), row.code, row.text)
	}
	wantCode(t, second(f.CancelRotateSecret(t.Context(), &asm.CancelRotateSecretInput{SecretId: aws.String("s")})), "InvalidRequestException", "doesn't already have a Lambda function ARN")
	wantCode(t, second(f.CancelRotateSecret(t.Context(), &asm.CancelRotateSecretInput{SecretId: aws.String("none")})), "ResourceNotFoundException", "")
	if d := f.described(t); d.RotationEnabled != nil {
		t.Errorf("%+v", d)
	}
}

func versionOf(t *testing.T, f fixture) *string {
	t.Helper()
	for id := range f.described(t).VersionIdsToStages {
		return &id
	}
	return nil
}
