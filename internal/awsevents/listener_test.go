package awsevents_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/go-logr/logr/funcr"
	"go.uber.org/goleak"

	"github.com/portkey-ai/portkey-ecs-operator/internal/awsevents"
	"github.com/portkey-ai/portkey-ecs-operator/internal/kinds"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// TestEveryKindIsKnown: an event can name who changed an object of any kind.
func TestEveryKindIsKnown(t *testing.T) {
	for _, n := range kinds.All() {
		if !awsevents.Knows(n.Kind()) {
			t.Errorf("nothing says which service changes a %s", n.Kind())
		}
	}
}

// queue is one whose answers a test decides.
type queue struct {
	receive func(context.Context) (*sqs.ReceiveMessageOutput, error)
	deleted atomic.Int32
}

func (q *queue) ReceiveMessage(ctx context.Context, _ *sqs.ReceiveMessageInput, _ ...func(*sqs.Options)) (*sqs.ReceiveMessageOutput, error) {
	return q.receive(ctx)
}

func (q *queue) DeleteMessageBatch(_ context.Context, in *sqs.DeleteMessageBatchInput, _ ...func(*sqs.Options)) (*sqs.DeleteMessageBatchOutput, error) {
	q.deleted.Add(int32(len(in.Entries)))
	return &sqs.DeleteMessageBatchOutput{}, nil
}

// TestListenerEndsInAPoll: the end of leadership ends a long poll at once, and isn't told as a failure.
func TestListenerEndsInAPoll(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	polling := make(chan struct{})
	told := 0
	l := &awsevents.Listener{
		Queue: &queue{receive: func(ctx context.Context) (*sqs.ReceiveMessageOutput, error) {
			close(polling)
			<-ctx.Done()
			return nil, ctx.Err()
		}},
		Wait: awsevents.LongPoll, Log: funcr.New(func(_, args string) { told++ }, funcr.Options{}),
	}
	if !l.NeedLeaderElection() {
		t.Error("only the leader listens")
	}
	done := make(chan error)
	go func() { done <- l.Start(ctx) }()
	<-polling
	cancel()
	select {
	case err := <-done:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("it doesn't end")
	}
	if told != 1 {
		t.Errorf("%d lines, want the one that it listens", told)
	}
}

// TestAnOutageIsToldOnce: when it begins and when it ends, and messages are taken again.
func TestAnOutageIsToldOnce(t *testing.T) {
	down, body := true, "x"
	q := &queue{}
	q.receive = func(context.Context) (*sqs.ReceiveMessageOutput, error) {
		if down {
			return nil, errors.New("AccessDenied")
		}
		return &sqs.ReceiveMessageOutput{Messages: []types.Message{{Body: &body, ReceiptHandle: &body}}}, nil
	}
	var told []string
	handled := 0
	l := &awsevents.Listener{Queue: q, Log: funcr.New(func(_, args string) { told = append(told, args) }, funcr.Options{}), Handle: func(string) (awsevents.Outcome, error) {
		handled++
		return awsevents.Malformed, errors.New("no event")
	}}
	for range 3 {
		if err := l.Poll(t.Context()); err == nil {
			t.Error("an outage is an error")
		}
	}
	down = false
	for range 3 {
		if err := l.Poll(t.Context()); err != nil {
			t.Error(err)
		}
	}
	if len(told) != 2 || handled != 3 || q.deleted.Load() != 3 {
		t.Errorf("told %v, handled %d, deleted %d", told, handled, q.deleted.Load())
	}
}
