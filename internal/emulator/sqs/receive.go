package sqs

import (
	"slices"
	"strconv"
	"time"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// The bounds of ReceiveMessage,
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html
const (
	maxMessages   = 10
	maxWait       = 20
	maxVisibility = 12 * 60 * 60
	// maxInFlight is how many messages of a standard queue may be received and not yet deleted.
	maxInFlight = 120000
)

type receiveIn struct {
	QueueUrl                    string
	MaxNumberOfMessages         *int
	VisibilityTimeout           *int
	WaitTimeSeconds             *int
	AttributeNames              []string
	MessageAttributeNames       []string
	MessageSystemAttributeNames []string
}

type received struct {
	MessageId, ReceiptHandle, MD5OfBody, Body string
	Attributes                                map[string]string
}

type receiveOut struct {
	Messages []received `json:",omitempty"`
}

// receiveMessage answers at once when there is a message; otherwise a long poll waits for one.
//
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-short-and-long-polling.html
func (s *Service) receiveMessage(r *core.Request, in *receiveIn) (*receiveOut, error) {
	q, err := s.find(r, in.QueueUrl)
	if err != nil {
		return nil, err
	}
	limit, wait, visibility := 1, 0, q.Visibility
	if n := in.MaxNumberOfMessages; n != nil {
		if limit = *n; limit < 1 || limit > maxMessages {
			return nil, invalid("Value %d for parameter MaxNumberOfMessages is invalid. Reason: Must be between 1 and %d, if provided.", limit, maxMessages)
		}
	}
	if n := in.WaitTimeSeconds; n != nil {
		if wait = *n; wait < 0 || wait > maxWait {
			return nil, invalid("Value %d for parameter WaitTimeSeconds is invalid. Reason: Must be >= 0 and <= %d, if provided.", wait, maxWait)
		}
	}
	if n := in.VisibilityTimeout; n != nil {
		if visibility, err = visible(*n); err != nil {
			return nil, err
		}
	}
	now := r.Now()
	ready, hidden := q.split(now)
	if len(ready) == 0 {
		if until := r.Since.Add(time.Duration(wait) * time.Second); now.Before(until) {
			return nil, &core.Wait{Until: until}
		}
		return &receiveOut{}, nil
	}
	if len(hidden) >= maxInFlight {
		return nil, fail("OverLimit", "OverLimit", "Too many messages in flight: %d.", len(hidden))
	}
	out := &receiveOut{}
	for _, m := range ready[:min(limit, len(ready))] {
		m.receives++
		m.hidden = now.Add(visibility)
		if m.first.IsZero() {
			m.first = now
		}
		if visibility > 0 {
			s.w.Clock.After(visibility, func() {}) // for those who wait for it to show again
		}
		out.Messages = append(out.Messages, received{
			MessageId: m.id, ReceiptHandle: m.handle(), MD5OfBody: checksum(m.body), Body: m.body,
			Attributes: m.attributes(slices.Concat(in.AttributeNames, in.MessageSystemAttributeNames)),
		})
	}
	return out, nil
}

func visible(seconds int) (time.Duration, error) {
	if seconds < 0 || seconds > maxVisibility {
		return 0, invalid("Value %d for parameter VisibilityTimeout is invalid. Reason: Must be >= 0 and <= %d, if provided.", seconds, maxVisibility)
	}
	return time.Duration(seconds) * time.Second, nil
}

// split tells the messages that may be received from those in flight.
func (q *queue) split(now time.Time) (ready, hidden []*message) {
	for _, m := range q.messages {
		if m.hidden.After(now) {
			hidden = append(hidden, m)
		} else {
			ready = append(ready, m)
		}
	}
	return ready, hidden
}

func (m *message) attributes(names []string) map[string]string {
	all := map[string]string{
		"SenderId": m.sender, "SentTimestamp": millis(m.sent), "ApproximateFirstReceiveTimestamp": millis(m.first),
		"ApproximateReceiveCount": strconv.Itoa(m.receives),
	}
	if slices.Contains(names, "All") {
		return all
	}
	var out map[string]string
	for _, n := range names {
		if v, ok := all[n]; ok {
			if out == nil {
				out = map[string]string{}
			}
			out[n] = v
		}
	}
	return out
}
