package awsevents

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strconv"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/go-logr/logr"

	"github.com/portkey-ai/portkey-ecs-operator/internal/aws"
)

const (
	// LongPoll is how long a receive waits for messages: the longest that Amazon SQS takes, and the cheapest.
	//
	// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-short-and-long-polling.html
	LongPoll = 20 * time.Second
	// batch is how many messages a receive takes at most, which is as many as one call can delete.
	batch = 10
	// firstRetry and lastRetry are the delays after a queue that couldn't be read: it costs nobody
	// anything but promptness.
	firstRetry = 5 * time.Second
	lastRetry  = 2 * time.Minute
)

// Outcome is what became of a message.
type Outcome string

// The outcomes.
const (
	// Acted: a deployment is looked at because of it.
	Acted Outcome = "acted"
	// Own: it tells of this operator's own doing.
	Own Outcome = "own"
	// ByAWS: it tells of what a service of AWS does by itself.
	ByAWS Outcome = "aws"
	// Foreign: it mentions nothing of any deployment.
	Foreign Outcome = "foreign"
	// Refused: it tells of a call that AWS refused.
	Refused Outcome = "refused"
	// Malformed: it isn't an event of the shipped rules.
	Malformed Outcome = "malformed"
)

// Listener takes messages out of a queue, has each of them handled once it is received, and deletes all of them,
// whatever they are: none is worth a second look, and none may come back for ever.
type Listener struct {
	Queue aws.SQS
	// URL is the queue's.
	URL string
	// Wait is how long a receive waits for messages; 0 doesn't.
	Wait time.Duration
	// Handle must not block.
	Handle func(body string) (Outcome, error)
	Log    logr.Logger
	// failed says that the last receive did.
	failed bool
}

// NeedLeaderElection implements manager.LeaderElectionRunnable: only who may act listens.
func (*Listener) NeedLeaderElection() bool { return true }

// Start implements manager.Runnable: it listens until ctx ends. It doesn't fail: without the queue, drift is
// found at spec.syncInterval.
func (l *Listener) Start(ctx context.Context) error {
	l.Log.Info("Listening to events of AWS", "queue", l.URL)
	delay := firstRetry
	for ctx.Err() == nil {
		err := l.Poll(ctx)
		if err == nil {
			delay = firstRetry
			continue
		}
		pause := time.NewTimer(delay/2 + rand.N(delay/2))
		select {
		case <-ctx.Done():
			pause.Stop()
			return nil
		case <-pause.C:
		}
		delay = min(2*delay, lastRetry)
	}
	return nil
}

// Poll receives once, and deletes what it received. It tells of a queue that can't be read when that begins and
// when it ends.
func (l *Listener) Poll(ctx context.Context) error {
	out, err := l.Queue.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: sdk.String(l.URL), MaxNumberOfMessages: batch, WaitTimeSeconds: int32(l.Wait / time.Second)})
	if err != nil {
		return l.fail(ctx, fmt.Errorf("receiving from the queue: %w", err))
	}
	entries := make([]types.DeleteMessageBatchRequestEntry, 0, len(out.Messages))
	for i := range out.Messages {
		m := &out.Messages[i]
		outcome, err := l.Handle(sdk.ToString(m.Body))
		received.WithLabelValues(string(outcome)).Inc()
		if err != nil {
			l.Log.V(1).Info("Dropped a message", "why", err.Error(), "message", sdk.ToString(m.MessageId))
		}
		entries = append(entries, types.DeleteMessageBatchRequestEntry{Id: sdk.String(strconv.Itoa(i)), ReceiptHandle: m.ReceiptHandle})
	}
	if len(entries) > 0 {
		gone, err := l.Queue.DeleteMessageBatch(ctx, &sqs.DeleteMessageBatchInput{QueueUrl: sdk.String(l.URL), Entries: entries})
		if err == nil && len(gone.Failed) > 0 {
			err = fmt.Errorf("%s: %s", sdk.ToString(gone.Failed[0].Code), sdk.ToString(gone.Failed[0].Message))
		}
		if err != nil {
			return l.fail(ctx, fmt.Errorf("deleting from the queue: %w", err))
		}
	}
	if l.failed {
		l.Log.Info("Hearing events of AWS again", "queue", l.URL)
	}
	l.failed = false
	reachable.WithLabelValues(l.URL).Set(1)
	return nil
}

func (l *Listener) fail(ctx context.Context, err error) error {
	if ctx.Err() != nil { // it is the end that cut the call
		return err
	}
	if !l.failed {
		l.Log.Error(err, "Not hearing events of AWS: drift is found at spec.syncInterval until this mends", "queue", l.URL, "needs", "sqs:ReceiveMessage and sqs:DeleteMessage on the queue (docs/events.md)")
	}
	l.failed = true
	reachable.WithLabelValues(l.URL).Set(0)
	return err
}
