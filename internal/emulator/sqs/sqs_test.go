package sqs_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	api "github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/aws/smithy-go"
	"go.uber.org/goleak"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/sqs"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

type rig struct {
	*testing.T
	*emulator.Emulator
	*api.Client
	url string
}

func newRig(t *testing.T, clock *core.Clock, q sqs.Queue) *rig {
	t.Helper()
	e := emulator.New(emulator.Options{Clock: clock})
	e.Seed("us-east-1")
	q.Name = "events"
	e.World.Lock()
	scope := core.Scope{Account: emulator.Account, Region: "us-east-1"}
	e.SQS.Add(scope, sqs.Queue{Name: "dead"})
	_, url := e.SQS.Add(scope, q)
	e.World.Unlock()
	client := api.New(api.Options{
		Region: "us-east-1", HTTPClient: e.Server, BaseEndpoint: aws.String("http://aws.invalid"), Retryer: aws.NopRetryer{},
		Credentials: credentials.NewStaticCredentialsProvider(emulator.AccessKeyID, "secret", ""),
	})
	return &rig{t, e, client, url}
}

func (r *rig) send(bodies ...string) {
	r.Helper()
	for _, b := range bodies {
		if _, err := r.SendMessage(r.Context(), &api.SendMessageInput{QueueUrl: &r.url, MessageBody: aws.String(b)}); err != nil {
			r.Fatal(err)
		}
	}
}

func (r *rig) receive(in api.ReceiveMessageInput) []types.Message {
	r.Helper()
	if in.QueueUrl == nil {
		in.QueueUrl = &r.url
	}
	out, err := r.ReceiveMessage(r.Context(), &in)
	if err != nil {
		r.Fatal(err)
	}
	return out.Messages
}

func (r *rig) fails(err error, code string) {
	r.Helper()
	if e, ok := errors.AsType[smithy.APIError](err); !ok || e.ErrorCode() != code {
		r.Errorf("got %v, want %s", err, code)
	}
}

func TestReceivedMessagesAreHiddenUntilTheirTimeIsUp(t *testing.T) {
	r := newRig(t, nil, sqs.Queue{})
	r.send("a", "b")
	first := r.receive(api.ReceiveMessageInput{})
	if len(first) != 1 || aws.ToString(first[0].Body) != "a" {
		t.Fatalf("a receive takes one message by default, got %v", first)
	}
	if rest := r.receive(api.ReceiveMessageInput{MaxNumberOfMessages: 10}); len(rest) != 1 || aws.ToString(rest[0].Body) != "b" {
		t.Fatalf("what was received is hidden, got %v", rest)
	}
	r.Advance(29 * time.Second)
	if m := r.receive(api.ReceiveMessageInput{}); len(m) != 0 {
		t.Errorf("a message shows before its visibility timeout: %v", m)
	}
	r.Advance(time.Second)
	again := r.receive(api.ReceiveMessageInput{MaxNumberOfMessages: 10, MessageSystemAttributeNames: []types.MessageSystemAttributeName{types.MessageSystemAttributeNameApproximateReceiveCount}})
	if len(again) != 2 || again[0].Attributes["ApproximateReceiveCount"] != "2" {
		t.Fatalf("both show again, received for the second time: %v", again)
	}

	// The first receipt no longer deletes; the second does.
	for i, c := range []struct {
		handle *string
		left   string
	}{{first[0].ReceiptHandle, "2"}, {again[0].ReceiptHandle, "1"}, {again[0].ReceiptHandle, "1"}} {
		if _, err := r.DeleteMessage(t.Context(), &api.DeleteMessageInput{QueueUrl: &r.url, ReceiptHandle: c.handle}); err != nil {
			t.Fatal(err)
		}
		out, err := r.GetQueueAttributes(t.Context(), &api.GetQueueAttributesInput{QueueUrl: &r.url, AttributeNames: []types.QueueAttributeName{"ApproximateNumberOfMessagesNotVisible"}})
		if err != nil {
			t.Fatal(err)
		}
		if n := out.Attributes["ApproximateNumberOfMessagesNotVisible"]; n != c.left {
			t.Errorf("deletion %d: %s in flight, want %s", i, n, c.left)
		}
	}
	if _, err := r.ChangeMessageVisibility(t.Context(), &api.ChangeMessageVisibilityInput{QueueUrl: &r.url, ReceiptHandle: again[1].ReceiptHandle, VisibilityTimeout: 0}); err != nil {
		t.Fatal(err)
	}
	if m := r.receive(api.ReceiveMessageInput{}); len(m) != 1 {
		t.Errorf("a visibility timeout of 0 shows the message at once")
	}
}

func TestBatchesAreDeletedEntryByEntry(t *testing.T) {
	r := newRig(t, nil, sqs.Queue{})
	r.send("a", "b", "c")
	m := r.receive(api.ReceiveMessageInput{MaxNumberOfMessages: 10})
	out, err := r.DeleteMessageBatch(t.Context(), &api.DeleteMessageBatchInput{QueueUrl: &r.url, Entries: []types.DeleteMessageBatchRequestEntry{
		{Id: aws.String("0"), ReceiptHandle: m[0].ReceiptHandle}, {Id: aws.String("1"), ReceiptHandle: aws.String("nonsense")}, {Id: aws.String("2"), ReceiptHandle: m[2].ReceiptHandle},
	}})
	if err != nil {
		t.Fatal(err)
	}
	if len(out.Successful) != 2 || len(out.Failed) != 1 || aws.ToString(out.Failed[0].Id) != "1" || !out.Failed[0].SenderFault {
		t.Errorf("deleted %v, failed %v", out.Successful, out.Failed)
	}
	same := types.DeleteMessageBatchRequestEntry{Id: aws.String("x"), ReceiptHandle: m[1].ReceiptHandle}
	_, err = r.DeleteMessageBatch(t.Context(), &api.DeleteMessageBatchInput{QueueUrl: &r.url, Entries: []types.DeleteMessageBatchRequestEntry{same, same}})
	r.fails(err, "AWS.SimpleQueueService.BatchEntryIdsNotDistinct")
}

func TestMessagesExpireOrGoToTheDeadLetters(t *testing.T) {
	r := newRig(t, nil, sqs.Queue{Retention: time.Hour, DeadLetters: "dead", MaxReceives: 2})
	r.send("poison")
	for range 2 {
		if m := r.receive(api.ReceiveMessageInput{}); len(m) != 1 {
			t.Fatal("not received")
		}
		r.Advance(30 * time.Second)
	}
	if m := r.receive(api.ReceiveMessageInput{}); len(m) != 0 {
		t.Errorf("received a third time: %v", m)
	}
	dead, err := r.GetQueueUrl(t.Context(), &api.GetQueueUrlInput{QueueName: aws.String("dead")})
	if err != nil {
		t.Fatal(err)
	}
	if m := r.receive(api.ReceiveMessageInput{QueueUrl: dead.QueueUrl}); len(m) != 1 || aws.ToString(m[0].Body) != "poison" {
		t.Errorf("the dead letters have %v", m)
	}
	r.send("old")
	r.Advance(time.Hour)
	if m := r.receive(api.ReceiveMessageInput{}); len(m) != 0 {
		t.Errorf("received after its retention: %v", m)
	}
}

func TestErrorsAreToldAsSDKsKnowThem(t *testing.T) {
	r := newRig(t, nil, sqs.Queue{})
	_, err := r.ReceiveMessage(t.Context(), &api.ReceiveMessageInput{QueueUrl: aws.String("https://sqs.us-east-1.amazonaws.com/" + emulator.Account + "/none")})
	if _, ok := errors.AsType[*types.QueueDoesNotExist](err); !ok {
		t.Errorf("got %v, want QueueDoesNotExist", err)
	}
	_, err = r.ReceiveMessage(t.Context(), &api.ReceiveMessageInput{QueueUrl: aws.String("https://sqs.us-east-1.amazonaws.com/210987654321/events")})
	r.fails(err, "AccessDenied")
	_, err = r.ReceiveMessage(t.Context(), &api.ReceiveMessageInput{QueueUrl: &r.url, MaxNumberOfMessages: 11})
	r.fails(err, "InvalidParameterValue")
	_, err = r.ReceiveMessage(t.Context(), &api.ReceiveMessageInput{QueueUrl: &r.url, WaitTimeSeconds: 21})
	r.fails(err, "InvalidParameterValue")
	_, err = r.DeleteMessage(t.Context(), &api.DeleteMessageInput{QueueUrl: &r.url, ReceiptHandle: aws.String("nonsense")})
	if _, ok := errors.AsType[*types.ReceiptHandleIsInvalid](err); !ok {
		t.Errorf("got %v, want ReceiptHandleIsInvalid", err)
	}
}

// TestLongPollsWait: a poll on a stepped clock ends when a message comes, when its time is up, or with its context.
func TestLongPollsWait(t *testing.T) {
	r := newRig(t, nil, sqs.Queue{})
	poll := func(ctx context.Context) chan any {
		done := make(chan any, 1)
		go func() {
			out, err := r.ReceiveMessage(ctx, &api.ReceiveMessageInput{QueueUrl: &r.url, WaitTimeSeconds: 20})
			if err != nil {
				done <- err
				return
			}
			done <- len(out.Messages)
		}()
		return done
	}
	waits := func(done chan any) {
		t.Helper()
		select {
		case got := <-done:
			t.Fatalf("the poll didn't wait: %v", got)
		case <-time.After(20 * time.Millisecond):
		}
	}
	done := poll(t.Context())
	waits(done)
	r.send("a")
	if got := <-done; got != 1 {
		t.Errorf("a message ends a poll: %v", got)
	}
	done = poll(t.Context())
	waits(done)
	r.Advance(19 * time.Second)
	waits(done)
	r.Advance(time.Second)
	if got := <-done; got != 0 {
		t.Errorf("a poll ends empty after its time: %v", got)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done = poll(ctx)
	waits(done)
	cancel()
	if err, ok := (<-done).(error); !ok || !errors.Is(err, context.Canceled) {
		t.Errorf("a poll ends with its caller: %v", err)
	}
}

// TestLongPollsFollowTheClock: on a clock that runs 1000 times as fast, 20 seconds are 20 milliseconds.
func TestLongPollsFollowTheClock(t *testing.T) {
	r := newRig(t, core.NewScaledClock(1000), sqs.Queue{})
	begin := time.Now()
	if m := r.receive(api.ReceiveMessageInput{WaitTimeSeconds: 20}); len(m) != 0 {
		t.Errorf("got %v", m)
	}
	if took := time.Since(begin); took < 10*time.Millisecond || took > 10*time.Second {
		t.Errorf("the poll took %s", took)
	}
}
