package cloudwatch_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	api "github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/smithy-go"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/cloudwatch"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// TestDescribeAlarms: alarms are found by names, prefix, type and state, page by page, and a name without one is no
// error.
func TestDescribeAlarms(t *testing.T) {
	w := core.NewWorld(core.NewClock(time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)))
	w.AddKey("AKIATEST000000000000", core.AccountRoot("123456789012"))
	srv := core.NewServer(w)
	s := cloudwatch.New(w, func(scope core.Scope) map[string]string {
		if scope.Region != "eu-west-1" {
			return nil
		}
		return map[string]string{"a-1": "OK", "a-2": "ALARM", "b": "INSUFFICIENT_DATA"}
	})
	srv.Register(s.Mux())
	client := func(region, key string) *api.Client {
		return api.New(api.Options{Region: region, BaseEndpoint: aws.String("http://aws.test"), HTTPClient: srv, RetryMaxAttempts: 1,
			Credentials: credentials.NewStaticCredentialsProvider(key, "secret", "")})
	}
	const key = "AKIATEST000000000000"
	for _, c := range []struct {
		in   api.DescribeAlarmsInput
		want string
	}{
		{api.DescribeAlarmsInput{}, "a-1 a-2 b"},
		{api.DescribeAlarmsInput{AlarmNames: []string{"b", "a-1", "nothing"}}, "a-1 b"},
		{api.DescribeAlarmsInput{AlarmNamePrefix: aws.String("a-")}, "a-1 a-2"},
		{api.DescribeAlarmsInput{StateValue: types.StateValueAlarm}, "a-2"},
		{api.DescribeAlarmsInput{AlarmTypes: []types.AlarmType{types.AlarmTypeCompositeAlarm}}, ""},
		{api.DescribeAlarmsInput{AlarmTypes: types.AlarmType("").Values(), MaxRecords: aws.Int32(1)}, "a-1 a-2 b"},
	} {
		var got []string
		pages := api.NewDescribeAlarmsPaginator(client("eu-west-1", key), &c.in)
		for pages.HasMorePages() {
			out, err := pages.NextPage(t.Context())
			if err != nil {
				t.Fatalf("%+v: %v", c.in, err)
			}
			for _, a := range out.MetricAlarms {
				got = append(got, *a.AlarmName)
				if want := "arn:aws:cloudwatch:eu-west-1:123456789012:alarm:" + *a.AlarmName; *a.AlarmArn != want {
					t.Errorf("the ARN is %s, not %s", *a.AlarmArn, want)
				}
			}
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%+v: %v, want %s", c.in, got, c.want)
		}
	}
	if out, err := client("us-east-1", key).DescribeAlarms(t.Context(), &api.DescribeAlarmsInput{}); err != nil || len(out.MetricAlarms) > 0 {
		t.Errorf("another region: %+v %v", out, err)
	}
	var many []string
	for i := range 101 {
		many = append(many, fmt.Sprint(i))
	}
	for why, c := range map[string]struct {
		in   api.DescribeAlarmsInput
		code string
	}{
		"too many names":            {api.DescribeAlarmsInput{AlarmNames: many}, "ValidationError"},
		"too large a page":          {api.DescribeAlarmsInput{MaxRecords: aws.Int32(101)}, "ValidationError"},
		"names and a prefix":        {api.DescribeAlarmsInput{AlarmNames: []string{"a"}, AlarmNamePrefix: aws.String("b")}, "ValidationError"},
		"what isn't acted on":       {api.DescribeAlarmsInput{ActionPrefix: aws.String("a")}, "InvalidParameterException"},
		"a token of somewhere else": {api.DescribeAlarmsInput{NextToken: aws.String("a")}, "InvalidNextToken"},
	} {
		srv.Advance(time.Second) // 9 calls are the rate
		_, err := client("eu-west-1", key).DescribeAlarms(t.Context(), &c.in)
		var e smithy.APIError
		if !errors.As(err, &e) || e.ErrorCode() != c.code {
			t.Errorf("%s: %v, want %s", why, err, c.code)
		}
	}
	_, err := client("eu-west-1", "AKIANOBODY0000000000").DescribeAlarms(t.Context(), &api.DescribeAlarmsInput{})
	var e smithy.APIError
	if !errors.As(err, &e) || e.ErrorCode() != "UnrecognizedClientException" {
		t.Errorf("an unknown key: %v", err)
	}
}
