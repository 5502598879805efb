// Package eventbridge emulates the default event buses of Amazon EventBridge with rules whose targets are
// queues, the events that Amazon ECS sends there, and those that AWS CloudTrail makes of API calls. Rules are
// put by PutRule or the control endpoint: nothing here speaks EventBridge's own API.
package eventbridge

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// Queues take messages by the ARN of their queue.
type Queues interface {
	Send(arn, sender, body string) bool
}

// Service is the default event bus of every account and region.
type Service struct {
	w      *core.World
	queues Queues
	rules  map[core.Scope][]rule
	rng    *rand.Rand // of its own: whether somebody listens changes nothing else in the world

	// Delay is how long after a call CloudTrail's event of it arrives; nil is a time as AWS takes it.
	Delay func() time.Duration
}

type rule struct {
	name    string
	pattern Pattern
	target  string
}

// Event is what a service sends to the bus.
//
// https://docs.aws.amazon.com/eventbridge/latest/ref/overiew-event-structure.html
type Event struct {
	Version    string         `json:"version"`
	ID         string         `json:"id"`
	DetailType string         `json:"detail-type"`
	Source     string         `json:"source"`
	Account    string         `json:"account"`
	Time       time.Time      `json:"time"`
	Region     string         `json:"region"`
	Resources  []string       `json:"resources"`
	Detail     map[string]any `json:"detail"`
}

// New returns buses without rules; the calls that the server answers are CloudTrail's to tell.
func New(w *core.World, server *core.Server, queues Queues) *Service {
	s := &Service{w: w, queues: queues}
	reset := func() { s.rules, s.rng = map[core.Scope][]rule{}, rand.New(rand.NewPCG(3, 4)) }
	reset()
	w.OnReset(reset)
	server.OnCall(s.trail)
	return s
}

// PutRule adds a rule to a region's default bus, or replaces the one of its name. The caller holds the
// world's lock.
//
// https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutRule.html
func (s *Service) PutRule(scope core.Scope, name string, pattern json.RawMessage, queueARN string) error {
	p, err := ParsePattern(pattern)
	if err != nil {
		return fmt.Errorf("rule %s: %w", name, err)
	}
	for i := range s.rules[scope] {
		if r := &s.rules[scope][i]; r.name == name {
			r.pattern, r.target = p, queueARN
			return nil
		}
	}
	s.rules[scope] = append(s.rules[scope], rule{name, p, queueARN})
	return nil
}

// Heard reports whether anybody listens to a region's bus.
func (s *Service) Heard(scope core.Scope) bool { return len(s.rules[scope]) > 0 }

// PutServiceEvent sends an event of an AWS service. The caller holds the world's lock.
func (s *Service) PutServiceEvent(scope core.Scope, source, detailType string, resources []string, detail map[string]any) {
	if s.Heard(scope) {
		s.deliver(scope, s.event(scope, source, detailType, resources, detail), serviceDelay)
	}
}

func (s *Service) event(scope core.Scope, source, detailType string, resources []string, detail map[string]any) Event {
	if resources == nil {
		resources = []string{}
	}
	return Event{
		Version: "0", ID: s.uuid(), DetailType: detailType, Source: source, Account: scope.Account, Region: scope.Region,
		Time: s.w.Clock.Now().UTC().Truncate(time.Second), Resources: resources, Detail: detail,
	}
}

// deliver puts an event into the queue of every rule that matches it.
func (s *Service) deliver(scope core.Scope, e Event, after time.Duration) {
	body, err := json.Marshal(e)
	if err != nil {
		panic("emulator: an event can't be encoded: " + err.Error()) // maps, slices and scalars can
	}
	for _, r := range s.rules[scope] {
		if r.pattern.MatchesJSON(body) {
			s.w.Clock.After(after, func() { s.queues.Send(r.target, "AIDAEVENTBRIDGE", string(body)) })
		}
	}
}

func (s *Service) uuid() string {
	var b strings.Builder
	for i := range 32 {
		if i == 8 || i == 12 || i == 16 || i == 20 {
			b.WriteByte('-')
		}
		b.WriteByte("0123456789abcdef"[s.rng.IntN(16)])
	}
	return b.String()
}
