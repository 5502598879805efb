package eventrules

import (
	"testing"
	"time"

	"github.com/go-logr/logr"

	"github.com/portkey-ai/portkey-ecs-operator/internal/aws"
	"github.com/portkey-ai/portkey-ecs-operator/internal/awsevents"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator"
)

// drain takes everything out of the queue that is on its way by now.
func drain(t *testing.T, e *emulator.Emulator, url string, queue aws.SQS) []string {
	t.Helper()
	var out []string
	l := awsevents.Listener{Queue: queue, URL: url, Log: logr.Discard(), Handle: func(body string) (awsevents.Outcome, error) {
		out = append(out, body)
		return awsevents.Foreign, nil
	}}
	for e.Advance(time.Millisecond); e.Waiting(url) > 0; {
		if err := l.Poll(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	return out
}
