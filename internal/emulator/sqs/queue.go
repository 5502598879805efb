package sqs

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"time"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

type urlIn struct {
	QueueName              string
	QueueOwnerAWSAccountId string
}

type urlOut struct{ QueueUrl string }

func (s *Service) getQueueURL(r *core.Request, in *urlIn) (*urlOut, error) {
	if owner := in.QueueOwnerAWSAccountId; owner != "" && owner != r.Account {
		return nil, (&core.Error{Code: "com.amazonaws.sqs#AccessDenied", QueryCode: "AccessDenied", Message: "Access to the queue is denied."}).WithStatus(403)
	}
	q, err := s.named(r, in.QueueName)
	if err != nil {
		return nil, err
	}
	return &urlOut{q.url()}, nil
}

type attributesIn struct {
	QueueUrl       string
	AttributeNames []string
}

type attributesOut struct {
	Attributes map[string]string `json:",omitempty"`
}

// getQueueAttributes: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_GetQueueAttributes.html
func (s *Service) getQueueAttributes(r *core.Request, in *attributesIn) (*attributesOut, error) {
	q, err := s.find(r, in.QueueUrl)
	if err != nil {
		return nil, err
	}
	ready, hidden := q.split(r.Now())
	all := map[string]string{
		"QueueArn": q.arn(), "CreatedTimestamp": strconv.FormatInt(q.created.Unix(), 10),
		"ApproximateNumberOfMessages": strconv.Itoa(len(ready)), "ApproximateNumberOfMessagesNotVisible": strconv.Itoa(len(hidden)), "ApproximateNumberOfMessagesDelayed": "0",
		"VisibilityTimeout": seconds(q.Visibility), "MessageRetentionPeriod": seconds(q.Retention),
		"DelaySeconds": "0", "ReceiveMessageWaitTimeSeconds": "0", "MaximumMessageSize": strconv.Itoa(maxBody), "SqsManagedSseEnabled": "true",
	}
	if q.DeadLetters != "" {
		all["RedrivePolicy"] = fmt.Sprintf(`{"deadLetterTargetArn":%q,"maxReceiveCount":%d}`, q.ARN("sqs", q.DeadLetters), q.MaxReceives)
	}
	out := &attributesOut{Attributes: map[string]string{}}
	for k, v := range all {
		if slices.Contains(in.AttributeNames, "All") || slices.Contains(in.AttributeNames, k) {
			out.Attributes[k] = v
		}
	}
	return out, nil
}

func seconds(d time.Duration) string { return strconv.Itoa(int(d.Seconds())) }

// maxBody is the largest message,
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html
const maxBody = 1 << 20

type sendIn struct{ QueueUrl, MessageBody string }

type sendOut struct{ MessageId, MD5OfMessageBody string }

func (s *Service) sendMessage(r *core.Request, in *sendIn) (*sendOut, error) {
	q, err := s.find(r, in.QueueUrl)
	if err != nil {
		return nil, err
	}
	switch n := len(in.MessageBody); {
	case n == 0:
		return nil, fail("MissingParameter", "MissingParameter", "The request must contain the parameter MessageBody.")
	case n > maxBody:
		return nil, invalid("One or more parameters are invalid. Reason: Message must be shorter than %d bytes.", maxBody)
	}
	m := s.put(q, r.Principal.UserID, in.MessageBody)
	return &sendOut{m.id, checksum(m.body)}, nil
}

type deleteIn struct{ QueueUrl, ReceiptHandle string }

func (s *Service) deleteMessage(r *core.Request, in *deleteIn) (*core.Empty, error) {
	q, err := s.find(r, in.QueueUrl)
	if err != nil {
		return nil, err
	}
	return nil, q.remove(in.ReceiptHandle)
}

type batchIn struct {
	QueueUrl string
	Entries  []struct{ Id, ReceiptHandle string }
}

type batchOut struct {
	Successful []struct{ Id string }
	Failed     []failure
}

type failure struct {
	Id, Code, Message string
	SenderFault       bool
}

var batchID = regexp.MustCompile(`^[A-Za-z0-9_-]{1,80}$`)

// deleteMessageBatch answers for each entry apart; only a batch that isn't one fails as a whole.
//
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_DeleteMessageBatch.html
func (s *Service) deleteMessageBatch(r *core.Request, in *batchIn) (*batchOut, error) {
	q, err := s.find(r, in.QueueUrl)
	if err != nil {
		return nil, err
	}
	switch n := len(in.Entries); {
	case n == 0:
		return nil, fail("EmptyBatchRequest", "AWS.SimpleQueueService.EmptyBatchRequest", "There should be at least one DeleteMessageBatchRequestEntry in the request.")
	case n > maxMessages:
		return nil, fail("TooManyEntriesInBatchRequest", "AWS.SimpleQueueService.TooManyEntriesInBatchRequest", "Maximum number of entries per request are %d. You have sent %d.", maxMessages, n)
	}
	out, seen := &batchOut{Successful: []struct{ Id string }{}, Failed: []failure{}}, map[string]bool{}
	for _, e := range in.Entries {
		switch {
		case !batchID.MatchString(e.Id):
			return nil, fail("InvalidBatchEntryId", "AWS.SimpleQueueService.InvalidBatchEntryId", "A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.")
		case seen[e.Id]:
			return nil, fail("BatchEntryIdsNotDistinct", "AWS.SimpleQueueService.BatchEntryIdsNotDistinct", "Id %s repeated.", e.Id)
		}
		seen[e.Id] = true
	}
	for _, e := range in.Entries {
		if err := q.remove(e.ReceiptHandle); err != nil {
			out.Failed = append(out.Failed, failure{Id: e.Id, Code: "ReceiptHandleIsInvalid", Message: "The input receipt handle is invalid.", SenderFault: true})
			continue
		}
		out.Successful = append(out.Successful, struct{ Id string }{e.Id})
	}
	return out, nil
}

type visibilityIn struct {
	QueueUrl, ReceiptHandle string
	VisibilityTimeout       int
}

// changeMessageVisibility counts from now on; 0 shows the message at once.
//
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ChangeMessageVisibility.html
func (s *Service) changeMessageVisibility(r *core.Request, in *visibilityIn) (*core.Empty, error) {
	q, err := s.find(r, in.QueueUrl)
	if err != nil {
		return nil, err
	}
	d, err := visible(in.VisibilityTimeout)
	if err != nil {
		return nil, err
	}
	m, latest, err := q.receipt(in.ReceiptHandle)
	if err != nil {
		return nil, err
	}
	if m == nil || !latest || !m.hidden.After(r.Now()) {
		return nil, fail("MessageNotInflight", "AWS.SimpleQueueService.MessageNotInflight", "The specified message isn't in flight.")
	}
	m.hidden = r.Now().Add(d)
	s.w.Clock.After(d, func() {})
	s.w.Clock.Wake()
	return nil, nil
}
