package main

import (
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"

	"github.com/portkey-ai/portkey-ecs-operator/internal/aws"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator"
)

const group = "/ecs/gw/gateway"

// logged starts an AWS that the environment leads to, with lines in a log group.
func logged(t *testing.T, lines ...string) *emulator.Emulator {
	t.Helper()
	e := emulator.New(emulator.Options{})
	e.Seed("us-east-1")
	s := httptest.NewServer(e.Server)
	t.Cleanup(s.Close)
	for name, value := range map[string]string{"AWS_ENDPOINT_URL": s.URL, "AWS_ACCESS_KEY_ID": emulator.AccessKeyID, "AWS_SECRET_ACCESS_KEY": "secret", "AWS_CONFIG_FILE": t.TempDir() + "/none", "AWS_SHARED_CREDENTIALS_FILE": t.TempDir() + "/none"} {
		t.Setenv(name, value)
	}
	cfg, err := aws.Load(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	cfg.Region = "us-east-1"
	c := cloudwatchlogs.NewFromConfig(cfg)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	_, err = c.CreateLogGroup(t.Context(), &cloudwatchlogs.CreateLogGroupInput{LogGroupName: sdk.String(group)})
	must(err)
	_, err = c.CreateLogStream(t.Context(), &cloudwatchlogs.CreateLogStreamInput{LogGroupName: sdk.String(group), LogStreamName: sdk.String("s")})
	must(err)
	in := &cloudwatchlogs.PutLogEventsInput{LogGroupName: sdk.String(group), LogStreamName: sdk.String("s")}
	for i, line := range lines {
		in.LogEvents = append(in.LogEvents, types.InputLogEvent{Timestamp: sdk.Int64(at(i).UnixMilli()), Message: sdk.String(line)})
	}
	_, err = c.PutLogEvents(t.Context(), in)
	must(err)
	return e
}

// at is when a line was logged.
func at(line int) time.Time {
	return time.Date(2026, 11, 26, 12, 0, line, 0, time.UTC)
}

var hosts = []string{"api.portkey.ai", "aws-cp.portkey.ai"}

// TestSearch reads what is asked for, as far as it goes in some pages.
func TestSearch(t *testing.T) {
	logged(t, "ETIMEDOUT api.portkey.ai", "GET /", "ENOTFOUND aws-cp.portkey.ai", "api.portkey.ai")
	lines, complete, err := logReader{}.Search(t.Context(), "us-east-1", group, at(1), hosts)
	if err != nil || !complete || len(lines) != 2 || lines[0].Text != "ENOTFOUND aws-cp.portkey.ai" || !lines[0].At.Equal(at(2)) {
		t.Errorf("got %+v, %t, %v", lines, complete, err)
	}
	many := make([]string, 2*aws.LogPages)
	for i := range many {
		many[i] = "api.portkey.ai"
	}
	e := logged(t, many...)
	e.World.Lock()
	e.World.Settings.PageSize = 1
	e.World.Unlock()
	if lines, complete, err := (logReader{}).Search(t.Context(), "us-east-1", group, at(0), hosts); err != nil || complete || len(lines) != aws.LogPages {
		t.Errorf("of %d lines on pages of one, %d are read, %t, %v", len(many), len(lines), complete, err)
	}
}

// TestSearchRefused says why nothing is read.
func TestSearchRefused(t *testing.T) {
	logged(t, "api.portkey.ai")
	if _, _, err := (logReader{}).Search(t.Context(), "us-east-1", "/ecs/other/gateway", at(0), hosts); err == nil || !strings.Contains(err.Error(), "does not exist") {
		t.Errorf("got %v", err)
	}
	t.Setenv("AWS_ACCESS_KEY_ID", "")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "")
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	if _, _, err := (logReader{}).Search(t.Context(), "us-east-1", group, at(0), hosts); err == nil || strings.Contains(err.Error(), "\n") {
		t.Errorf("without credentials: %v", err)
	}
}
