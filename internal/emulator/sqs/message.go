package sqs

import (
	"crypto/md5"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// message is what lies in a queue until it is deleted, expires or goes to the dead letters.
type message struct {
	id, body, sender string
	sent, first      time.Time
	// hidden is until when nobody is shown it.
	hidden time.Time
	// receives counts how often it was received; the handle of a receipt names it.
	receives int
}

func (s *Service) put(q *queue, sender, body string) *message {
	m := &message{id: s.w.UUID(), body: body, sender: sender, sent: s.w.Clock.Now()}
	q.messages = append(q.messages, m)
	s.w.Clock.Wake()
	return m
}

// expire drops what is older than the queue keeps it, and moves what was received too often.
//
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html
func (s *Service) expire(q *queue) {
	now := s.w.Clock.Now()
	q.messages = slices.DeleteFunc(q.messages, func(m *message) bool {
		if now.Sub(m.sent) >= q.Retention {
			return true
		}
		if q.MaxReceives == 0 || m.receives < q.MaxReceives || m.hidden.After(now) {
			return false
		}
		if dead := s.queues[q.Scope][q.DeadLetters]; dead != nil {
			// It keeps its id and the time at which it was first sent.
			moved := *m
			moved.hidden = time.Time{}
			dead.messages = append(dead.messages, &moved)
		}
		return true
	})
}

// handle is the receipt of the message's last reception.
func (m *message) handle() string {
	return base64.StdEncoding.EncodeToString([]byte(m.id + " " + strconv.Itoa(m.receives)))
}

// receipt finds the message of a handle. A handle of an earlier reception is valid and changes nothing.
func (q *queue) receipt(handle string) (m *message, latest bool, err error) {
	raw, bad := base64.StdEncoding.DecodeString(handle)
	id, n, ok := strings.Cut(string(raw), " ")
	receives, notNumber := strconv.Atoi(n)
	if bad != nil || !ok || notNumber != nil {
		return nil, false, fail("ReceiptHandleIsInvalid", "ReceiptHandleIsInvalid", "The input receipt handle is invalid.")
	}
	i := slices.IndexFunc(q.messages, func(m *message) bool { return m.id == id })
	if i < 0 {
		return nil, false, nil
	}
	return q.messages[i], q.messages[i].receives == receives, nil
}

// remove deletes the message of a handle: one that is gone, or was received again since, isn't an error.
//
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_DeleteMessage.html
func (q *queue) remove(handle string) error {
	m, latest, err := q.receipt(handle)
	if err != nil || m == nil || !latest {
		return err
	}
	q.messages = slices.DeleteFunc(q.messages, func(x *message) bool { return x == m })
	return nil
}

// checksum is what clients compare a body with.
func checksum(body string) string {
	sum := md5.Sum([]byte(body))
	return hex.EncodeToString(sum[:])
}

func millis(t time.Time) string { return fmt.Sprint(t.UnixMilli()) }
