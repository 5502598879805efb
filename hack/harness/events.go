package harness

import (
	"context"
	"time"

	"github.com/go-logr/logr"
	"k8s.io/apimachinery/pkg/types"

	"github.com/portkey-ai/portkey-ecs-operator/controllers"
	"github.com/portkey-ai/portkey-ecs-operator/hack/eventrules"
	"github.com/portkey-ai/portkey-ecs-operator/internal/aws"
	"github.com/portkey-ai/portkey-ecs-operator/internal/awsevents"
)

// listening is a manager's --events-queue-url.
type listening struct {
	url      string
	listener *awsevents.Listener
	// outcomes counts what became of messages.
	outcomes map[awsevents.Outcome]int
}

// Listen makes the shipped event queue and its rules in AWS, and has the manager listen to it from now on, also
// after a Restart. It receives whenever an event arrives.
func (h *Harness) Listen() {
	url, err := eventrules.Deploy(h.Emulator, "us-east-1")
	must(err)
	h.listening = &listening{url: url, outcomes: map[awsevents.Outcome]int{}}
	h.listen()
}

// listen starts a listener in a new manager.
func (h *Harness) listen() {
	l := h.listening
	if l == nil {
		return
	}
	queue, err := h.Reconciler.Worlds.(*aws.Factory).Queue(l.url)
	must(err)
	ear := controllers.NewEar(h.Clock.Now, h.wake)
	h.Reconciler.Ear = ear
	l.listener = &awsevents.Listener{Queue: queue, URL: l.url, Log: logr.Discard(), Handle: func(body string) (awsevents.Outcome, error) {
		outcome, err := ear.Hear(body)
		l.outcomes[outcome]++
		return outcome, err
	}}
}

// wake makes a gateway due earlier.
func (h *Harness) wake(key types.NamespacedName, after time.Duration) {
	if at := h.Clock.Now().Add(after); at.Before(h.due[key]) {
		h.due[key] = at
	}
}

// Hear receives everything that is in the event queue now. It answers the last receive's error.
func (h *Harness) Hear() error {
	for h.listening != nil && h.Emulator.Waiting(h.listening.url) > 0 {
		if err := h.listening.listener.Poll(context.Background()); err != nil {
			return err
		}
	}
	return nil
}

// Outcomes counts what became of messages that were received.
func (h *Harness) Outcomes() map[awsevents.Outcome]int { return h.listening.outcomes }

// attend lets virtual time pass until the gateway is due, and receives events as they arrive: they may make it due
// earlier.
func (h *Harness) attend(key types.NamespacedName) {
	h.listenUntil(key, h.due[key])
	h.AdvanceTo(h.due[key])
}

// listenUntil receives events as they arrive, until a moment or until the gateway is due.
func (h *Harness) listenUntil(key types.NamespacedName, end time.Time) {
	for h.listening != nil {
		_ = h.Hear() // a queue that can't be read is a manager's to live with
		at, ok := h.Clock.Next()
		if !ok || at.After(end) || at.After(h.due[key]) {
			return
		}
		h.Emulator.Server.Advance(max(0, at.Sub(h.Clock.Now())))
		h.watch()
	}
}

// Pass lets virtual time pass with a manager that reconciles a gateway whenever that is due.
func (h *Harness) Pass(key types.NamespacedName, d time.Duration) error {
	end := h.Clock.Now().Add(d)
	for {
		h.listenUntil(key, end)
		if h.due[key].After(end) {
			break
		}
		if err := h.Step(key); err != nil {
			return err
		}
	}
	h.AdvanceTo(end)
	return nil
}

// Due is when a gateway is reconciled next.
func (h *Harness) Due(key types.NamespacedName) time.Time { return h.due[key] }
