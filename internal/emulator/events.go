package emulator

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/sqs"
)

// EventQueue is a queue with the EventBridge rules that fill it: what a stack made of a template with both
// amounts to.
type EventQueue struct {
	sqs.Queue
	// Rules are event patterns by the names of their rules.
	Rules map[string]json.RawMessage
}

// ListenTo makes a queue and the rules that fill it, in a region of the seeded account, and returns the queue's
// URL. A reset forgets both.
func (e *Emulator) ListenTo(region string, q EventQueue) (queueURL string, err error) {
	e.World.Lock()
	defer e.World.Unlock()
	scope := core.Scope{Account: Account, Region: region}
	if q.DeadLetters != "" {
		e.SQS.Add(scope, sqs.Queue{Name: q.DeadLetters})
	}
	arn, queueURL := e.SQS.Add(scope, q.Queue)
	for _, name := range slices.Sorted(maps.Keys(q.Rules)) {
		if err := e.Events.PutRule(scope, name, q.Rules[name], arn); err != nil {
			return "", err
		}
	}
	return queueURL, nil
}

// Waiting counts the messages that the queue with a URL would show to a receive.
func (e *Emulator) Waiting(queueURL string) int {
	e.World.Lock()
	defer e.World.Unlock()
	return e.SQS.Waiting(queueURL)
}

// controlEvents is ListenTo for those who have only the port. It says nothing of the URL, which follows from
// region, account and name.
func (e *Emulator) controlEvents(h *http.Request) error {
	in := struct {
		Region string                     `json:"region"`
		Queue  string                     `json:"queue"`
		Rules  map[string]json.RawMessage `json:"rules"`
		// TrailDelay is how long CloudTrail's events are under way.
		TrailDelay string `json:"trailDelay"`
	}{}
	if err := core.Strict(h, &in); err != nil {
		return err
	}
	if in.Region == "" || in.Queue == "" || len(in.Rules) == 0 {
		return fmt.Errorf("region, queue and rules are required")
	}
	if in.TrailDelay != "" {
		d, err := time.ParseDuration(in.TrailDelay)
		if err != nil || d < 0 {
			return fmt.Errorf(`trailDelay is a duration such as "30s", got %q`, in.TrailDelay)
		}
		e.SetTrailDelay(d)
	}
	_, err := e.ListenTo(in.Region, EventQueue{Queue: sqs.Queue{Name: in.Queue}, Rules: in.Rules})
	return err
}

// SetTrailDelay makes CloudTrail's events take a certain time instead of a random one.
func (e *Emulator) SetTrailDelay(d time.Duration) {
	e.World.Lock()
	defer e.World.Unlock()
	e.Events.Delay = func() time.Duration { return d }
}
