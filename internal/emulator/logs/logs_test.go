package logs_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	cwl "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/aws/smithy-go"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/logs"
)

var scope = core.Scope{Account: "123456789012", Region: "eu-west-1"}

type fixture struct {
	*cwl.Client
	w    *core.World
	srv  *core.Server
	logs *logs.Service
}

func start(t *testing.T) fixture {
	w := core.NewWorld(core.NewClock(time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)))
	w.AddKey("AKIATEST000000000000", core.AccountRoot(scope.Account))
	srv := core.NewServer(w)
	s := logs.New(w)
	srv.Register(s.Mux())
	endpoint := "http://aws.test" // without a network: see core.Server.Do
	c := cwl.New(cwl.Options{Region: scope.Region, BaseEndpoint: &endpoint, HTTPClient: srv, RetryMaxAttempts: 1,
		Credentials: credentials.NewStaticCredentialsProvider("AKIATEST000000000000", "secret", "")})
	return fixture{c, w, srv, s}
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func wantCode(t *testing.T, err error, code string) {
	t.Helper()
	var e smithy.APIError
	if !errors.As(err, &e) || e.ErrorCode() != code {
		t.Errorf("got %v, want %s", err, code)
	}
}

func TestGroupLife(t *testing.T) {
	f, ctx := start(t), t.Context()
	name := aws.String("/ecs/gateway")
	arn := "arn:aws:logs:eu-west-1:123456789012:log-group:/ecs/gateway"
	create := func() error {
		_, err := f.CreateLogGroup(ctx, &cwl.CreateLogGroupInput{LogGroupName: name, Tags: map[string]string{"a": "b"}})
		return err
	}
	ok(t, create())
	wantCode(t, create(), "ResourceAlreadyExistsException")
	if !f.logs.GroupExists(scope, *name) {
		t.Error("the group isn't there")
	}
	_, err := f.PutRetentionPolicy(ctx, &cwl.PutRetentionPolicyInput{LogGroupName: name, RetentionInDays: aws.Int32(14)})
	ok(t, err)
	_, err = f.PutRetentionPolicy(ctx, &cwl.PutRetentionPolicyInput{LogGroupName: name, RetentionInDays: aws.Int32(15)})
	wantCode(t, err, "InvalidParameterException")
	out, err := f.DescribeLogGroups(ctx, &cwl.DescribeLogGroupsInput{LogGroupNamePrefix: name})
	ok(t, err)
	if g := out.LogGroups[0]; *g.Arn != arn+":*" || *g.LogGroupArn != arn || *g.RetentionInDays != 14 || *g.StoredBytes != 0 || g.LogGroupClass != types.LogGroupClassStandard ||
		*g.CreationTime != f.w.Clock.Now().UnixMilli() {
		t.Errorf("%+v", g)
	}
	out, err = f.DescribeLogGroups(ctx, &cwl.DescribeLogGroupsInput{LogGroupNamePattern: aws.String("gate")})
	ok(t, err)
	if g := out.LogGroups[0]; g.RetentionInDays != nil || g.LogGroupArn != nil || g.Arn == nil {
		t.Errorf("with a pattern only arn, creationTime and logGroupName come back: %+v", g)
	}
	_, err = f.DeleteRetentionPolicy(ctx, &cwl.DeleteRetentionPolicyInput{LogGroupName: name})
	ok(t, err)

	_, err = f.TagResource(ctx, &cwl.TagResourceInput{ResourceArn: &arn, Tags: map[string]string{"c": "d"}})
	ok(t, err)
	_, err = f.UntagResource(ctx, &cwl.UntagResourceInput{ResourceArn: &arn, TagKeys: []string{"a"}})
	ok(t, err)
	_, err = f.TagResource(ctx, &cwl.TagResourceInput{ResourceArn: aws.String(arn + ":*"), Tags: map[string]string{"c": "d"}})
	wantCode(t, err, "ResourceNotFoundException")
	tags, err := f.ListTagsForResource(ctx, &cwl.ListTagsForResourceInput{ResourceArn: &arn})
	ok(t, err)
	if len(tags.Tags) != 1 || tags.Tags["c"] != "d" {
		t.Error(tags.Tags)
	}
	if tagged := f.w.Tagged(scope); tagged[arn]["c"] != "d" {
		t.Error(tagged)
	}
	if all := f.srv.Resources(false); len(all) != 1 || all[0].Kind != "LogGroup" || all[0].ARN != arn {
		t.Errorf("%+v", all)
	}
	_, err = f.DeleteLogGroup(ctx, &cwl.DeleteLogGroupInput{LogGroupName: name})
	ok(t, err)
	_, err = f.DeleteLogGroup(ctx, &cwl.DeleteLogGroupInput{LogGroupName: name})
	wantCode(t, err, "ResourceNotFoundException")
	_, err = f.ListTagsForResource(ctx, &cwl.ListTagsForResourceInput{ResourceArn: &arn})
	wantCode(t, err, "ResourceNotFoundException")
}

func TestRefusals(t *testing.T) {
	f, ctx := start(t), t.Context()
	for name, err := range map[string]error{
		"InvalidParameterException name": second(f.CreateLogGroup(ctx, &cwl.CreateLogGroupInput{LogGroupName: aws.String("a b")})),
		"InvalidParameterException both": second(f.DescribeLogGroups(ctx, &cwl.DescribeLogGroupsInput{LogGroupNamePrefix: aws.String("a"), LogGroupNamePattern: aws.String("a")})),
		"InvalidParameterException much": second(f.DescribeLogGroups(ctx, &cwl.DescribeLogGroupsInput{Limit: aws.Int32(51)})),
		"SerializationException kms":     second(f.CreateLogGroup(ctx, &cwl.CreateLogGroupInput{LogGroupName: aws.String("a"), KmsKeyId: aws.String("k")})),
		"ResourceNotFoundException ret":  second(f.PutRetentionPolicy(ctx, &cwl.PutRetentionPolicyInput{LogGroupName: aws.String("a"), RetentionInDays: aws.Int32(1)})),
		"UnknownOperationException op":   second(f.DescribeMetricFilters(ctx, &cwl.DescribeMetricFiltersInput{})),
	} {
		t.Run(name, func(t *testing.T) { wantCode(t, err, strings.Fields(name)[0]) })
	}
}

func second[T any](_ T, err error) error { return err }

func TestThrottling(t *testing.T) {
	f, ctx := start(t), t.Context()
	var err error
	for range 11 {
		_, err = f.DescribeLogGroups(ctx, &cwl.DescribeLogGroupsInput{})
	}
	wantCode(t, err, "ThrottlingException")
	f.srv.Advance(time.Second)
	_, err = f.DescribeLogGroups(ctx, &cwl.DescribeLogGroupsInput{})
	ok(t, err)
}

func TestPagination(t *testing.T) {
	f, ctx := start(t), t.Context()
	f.w.Settings.PageSize = 2
	for i := range 5 {
		_, err := f.CreateLogGroup(ctx, &cwl.CreateLogGroupInput{LogGroupName: aws.String(fmt.Sprint("g", i))})
		ok(t, err)
	}
	seen := ""
	for p := cwl.NewDescribeLogGroupsPaginator(f, &cwl.DescribeLogGroupsInput{}); p.HasMorePages(); {
		page, err := p.NextPage(ctx)
		ok(t, err)
		for _, g := range page.LogGroups {
			seen += *g.LogGroupName
		}
	}
	if seen != "g0g1g2g3g4" {
		t.Error(seen)
	}
}

func TestEvents(t *testing.T) {
	f, ctx := start(t), t.Context()
	group, stream := aws.String("g"), aws.String("s")
	_, err := f.CreateLogGroup(ctx, &cwl.CreateLogGroupInput{LogGroupName: group})
	ok(t, err)
	_, err = f.PutLogEvents(ctx, &cwl.PutLogEventsInput{LogGroupName: group, LogStreamName: stream, LogEvents: []types.InputLogEvent{{Message: aws.String("x"), Timestamp: aws.Int64(1)}}})
	wantCode(t, err, "ResourceNotFoundException")
	_, err = f.CreateLogStream(ctx, &cwl.CreateLogStreamInput{LogGroupName: group, LogStreamName: stream})
	ok(t, err)
	_, err = f.CreateLogStream(ctx, &cwl.CreateLogStreamInput{LogGroupName: group, LogStreamName: stream})
	wantCode(t, err, "ResourceAlreadyExistsException")
	var events []types.InputLogEvent
	for i := range int64(5) {
		events = append(events, types.InputLogEvent{Message: aws.String(fmt.Sprint("line ", i)), Timestamp: aws.Int64(1000 + i)})
	}
	_, err = f.PutLogEvents(ctx, &cwl.PutLogEventsInput{LogGroupName: group, LogStreamName: stream, LogEvents: events})
	ok(t, err)
	f.w.Lock()
	if !f.logs.Write(scope, "g", "task", "hello world") || f.logs.Write(scope, "none", "task", "x") {
		t.Error("Write goes by the group")
	}
	f.w.Unlock()

	seen := ""
	for p := cwl.NewGetLogEventsPaginator(f, &cwl.GetLogEventsInput{LogGroupName: group, LogStreamName: stream, StartFromHead: aws.Bool(true), Limit: aws.Int32(2)},
		func(o *cwl.GetLogEventsPaginatorOptions) { o.StopOnDuplicateToken = true }); p.HasMorePages(); {
		page, err := p.NextPage(ctx)
		ok(t, err)
		for _, e := range page.Events {
			seen += (*e.Message)[5:]
		}
	}
	if seen != "01234" {
		t.Error(seen)
	}
	found, err := f.FilterLogEvents(ctx, &cwl.FilterLogEventsInput{LogGroupName: group, FilterPattern: aws.String("hello"), Interleaved: aws.Bool(true)}) //nolint:staticcheck // the AWS CLI's logs tail sends it
	ok(t, err)
	if len(found.Events) != 1 || *found.Events[0].LogStreamName != "task" {
		t.Errorf("%+v", found.Events)
	}
	streams, err := f.DescribeLogStreams(ctx, &cwl.DescribeLogStreamsInput{LogGroupName: group, OrderBy: types.OrderByLastEventTime, Descending: aws.Bool(true)})
	ok(t, err)
	if len(streams.LogStreams) != 2 || *streams.LogStreams[1].FirstEventTimestamp != 1000 {
		t.Errorf("%+v", streams.LogStreams)
	}
}

func TestFilterPatterns(t *testing.T) {
	f, ctx := start(t), t.Context()
	group, name := aws.String("/ecs/gw/gateway"), aws.String("s")
	_, err := f.CreateLogGroup(ctx, &cwl.CreateLogGroupInput{LogGroupName: group})
	ok(t, err)
	_, err = f.CreateLogStream(ctx, &cwl.CreateLogStreamInput{LogGroupName: group, LogStreamName: name})
	ok(t, err)
	var events []types.InputLogEvent
	for i, text := range []string{"connect ETIMEDOUT api.portkey.ai:443", "getaddrinfo ENOTFOUND aws-cp.portkey.ai", "GET /v1/health 200"} {
		events = append(events, types.InputLogEvent{Timestamp: aws.Int64(f.w.Clock.Now().UnixMilli() + int64(i)), Message: aws.String(text)})
	}
	_, err = f.PutLogEvents(ctx, &cwl.PutLogEventsInput{LogGroupName: group, LogStreamName: name, LogEvents: events})
	ok(t, err)
	for pattern, want := range map[string]int{
		"": 3, "ETIMEDOUT": 1, "etimedout": 0, `"portkey.ai"`: 2, `ENOTFOUND "aws-cp.portkey.ai"`: 1, `ETIMEDOUT ENOTFOUND`: 0,
		`?ETIMEDOUT ?"aws-cp.portkey.ai"`: 2, `?ETIMEDOUT`: 1,
	} {
		out, err := f.FilterLogEvents(ctx, &cwl.FilterLogEventsInput{LogGroupName: group, FilterPattern: &pattern})
		ok(t, err)
		if len(out.Events) != want {
			t.Errorf("%q finds %d, want %d", pattern, len(out.Events), want)
		}
	}
	for _, pattern := range []string{`?ETIMEDOUT ENOTFOUND`, `-ETIMEDOUT`, `{ $.a = 1 }`, `api.portkey.ai`, strings.Repeat("a", 1025)} {
		_, err := f.FilterLogEvents(ctx, &cwl.FilterLogEventsInput{LogGroupName: group, FilterPattern: &pattern})
		wantCode(t, err, "InvalidParameterException")
	}
}
