// Package sqs emulates standard queues of Amazon Simple Queue Service as their consumers see them. Queues are
// made beforehand, by Add: nothing here creates or deletes them over the API.
package sqs

import (
	"net/url"
	"strings"
	"time"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// Service is Amazon SQS of every account and region.
type Service struct {
	w      *core.World
	queues map[core.Scope]map[string]*queue // by name
}

// Queue describes a queue to make. Zero values are AWS's defaults,
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html
type Queue struct {
	Name string
	// Visibility is how long a received message isn't shown to others: 30 seconds by default.
	Visibility time.Duration
	// Retention is how long a message stays: 4 days by default.
	Retention time.Duration
	// DeadLetters is the name of the queue that messages go to which were received MaxReceives times.
	DeadLetters string
	MaxReceives int
}

type queue struct {
	Queue
	core.Scope
	created  time.Time
	messages []*message // in the order in which they came
}

// The defaults of a queue's attributes.
const (
	defaultVisibility = 30 * time.Second
	defaultRetention  = 4 * 24 * time.Hour
)

// New returns Amazon SQS without queues.
func New(w *core.World) *Service {
	s := &Service{w: w}
	reset := func() { s.queues = map[core.Scope]map[string]*queue{} }
	reset()
	w.OnReset(reset)
	return s
}

// Add makes a queue and returns its ARN and URL; one of that name stays as it is. The caller holds the
// world's lock.
func (s *Service) Add(scope core.Scope, q Queue) (arn, queueURL string) {
	if q.Visibility == 0 {
		q.Visibility = defaultVisibility
	}
	if q.Retention == 0 {
		q.Retention = defaultRetention
	}
	if s.queues[scope] == nil {
		s.queues[scope] = map[string]*queue{}
	}
	x := s.queues[scope][q.Name]
	if x == nil {
		x = &queue{Queue: q, Scope: scope, created: s.w.Clock.Now()}
		s.queues[scope][q.Name] = x
	}
	return x.arn(), x.url()
}

func (q *queue) arn() string { return q.ARN("sqs", q.Name) }

// url has the form of AWS's queue URLs; a client with an endpoint of its own sends it all the same.
func (q *queue) url() string {
	return "https://sqs." + q.Region + ".amazonaws.com/" + q.Account + "/" + q.Name
}

// Send puts a message into the queue with an ARN, as another AWS service does; false when there is none.
// The caller holds the world's lock.
func (s *Service) Send(arn, sender, body string) bool {
	for _, queues := range s.queues {
		for _, q := range queues {
			if q.arn() == arn {
				s.put(q, sender, body)
				return true
			}
		}
	}
	return false
}

// Waiting counts the messages that the queue with a URL shows now. The caller holds the world's lock.
func (s *Service) Waiting(queueURL string) int {
	for _, queues := range s.queues {
		for _, q := range queues {
			if q.url() == queueURL {
				s.expire(q)
				ready, _ := q.split(s.w.Clock.Now())
				return len(ready)
			}
		}
	}
	return 0
}

// Mux returns the actions,
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_Operations.html
func (s *Service) Mux() *core.Mux {
	m := &core.Mux{
		Service: "sqs", Protocol: core.JSON10, Namespace: "AmazonSQS",
		Throttled: core.Error{Code: "RequestThrottled", Message: "The request was denied due to request throttling.", QueryCode: "RequestThrottled"},
	}
	core.Handle(m, "GetQueueUrl", s.getQueueURL)
	core.Handle(m, "GetQueueAttributes", s.getQueueAttributes)
	core.Handle(m, "SendMessage", s.sendMessage)
	core.Handle(m, "ReceiveMessage", s.receiveMessage)
	core.Handle(m, "DeleteMessage", s.deleteMessage)
	core.Handle(m, "DeleteMessageBatch", s.deleteMessageBatch)
	core.Handle(m, "ChangeMessageVisibility", s.changeMessageVisibility)
	return m
}

// fail is an error as SQS has it: the code of its JSON protocol, and that of the query protocol, by which
// SDKs tell it.
func fail(code, queryCode, format string, args ...any) *core.Error {
	e := core.Errorf("com.amazonaws.sqs#"+code, format, args...)
	e.QueryCode = queryCode
	return e
}

func invalid(format string, args ...any) *core.Error {
	return fail("InvalidParameterValueException", "InvalidParameterValue", format, args...)
}

// find is the queue of a URL: the path has account and name, whatever the host is.
func (s *Service) find(r *core.Request, queueURL string) (*queue, error) {
	if queueURL == "" {
		return nil, fail("MissingParameter", "MissingParameter", "The request must contain the parameter QueueUrl.")
	}
	u, err := url.Parse(queueURL)
	if err != nil {
		return nil, fail("InvalidAddress", "InvalidAddress", "The address %s is not valid for this endpoint.", queueURL)
	}
	account, name, ok := strings.Cut(strings.Trim(u.Path, "/"), "/")
	if !ok || strings.Contains(name, "/") {
		return nil, fail("InvalidAddress", "InvalidAddress", "The address %s is not valid for this endpoint.", queueURL)
	}
	if account != r.Account { // no queue here has a policy that lets other accounts in
		return nil, (&core.Error{Code: "com.amazonaws.sqs#AccessDenied", QueryCode: "AccessDenied", Message: "Access to the resource " + queueURL + " is denied."}).WithStatus(403)
	}
	return s.named(r, name)
}

func (s *Service) named(r *core.Request, name string) (*queue, error) {
	q := s.queues[r.Scope][name]
	if q == nil {
		return nil, fail("QueueDoesNotExist", "AWS.SimpleQueueService.NonExistentQueue", "The specified queue does not exist.")
	}
	s.expire(q)
	return q, nil
}
