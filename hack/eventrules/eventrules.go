// Package eventrules reads the shipped template of the event queue, and makes what it describes in an emulated
// AWS.
package eventrules

import (
	"encoding/json"
	"fmt"
	"time"

	"sigs.k8s.io/yaml"

	awsconfig "github.com/portkey-ai/portkey-ecs-operator/config/aws"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/sqs"
)

// Template is what matters of the template here.
type Template struct {
	Parameters map[string]struct{ Default string }
	Resources  map[string]Resource
}

// Resource is one resource of the template. It has no short forms of intrinsic functions, so that it is plain
// YAML.
type Resource struct {
	Type       string
	Properties map[string]json.RawMessage
}

// Read reads the shipped template.
func Read() (*Template, error) {
	t := &Template{}
	if err := yaml.Unmarshal(awsconfig.EventsTemplate, t); err != nil {
		return nil, fmt.Errorf("config/aws/events.cloudformation.yaml: %w", err)
	}
	return t, nil
}

// Patterns are the event patterns of the template's rules, by name.
func (t *Template) Patterns() map[string]json.RawMessage {
	out := map[string]json.RawMessage{}
	for name, r := range t.Resources {
		if r.Type == "AWS::Events::Rule" {
			out[name] = r.Properties["EventPattern"]
		}
	}
	return out
}

// Queue is the template's queue.
func (t *Template) Queue() (sqs.Queue, error) {
	q := sqs.Queue{Name: t.Parameters["QueueName"].Default}
	q.DeadLetters = q.Name + "-dead-letters"
	var retention, visibility int
	var redrive struct {
		MaxReceiveCount int `json:"maxReceiveCount"`
	}
	for property, to := range map[string]any{"MessageRetentionPeriod": &retention, "VisibilityTimeout": &visibility, "RedrivePolicy": &redrive} {
		if err := json.Unmarshal(t.Resources["Queue"].Properties[property], to); err != nil {
			return q, fmt.Errorf("the queue's %s: %w", property, err)
		}
	}
	q.Retention, q.Visibility, q.MaxReceives = time.Duration(retention)*time.Second, time.Duration(visibility)*time.Second, redrive.MaxReceiveCount
	return q, nil
}

// Deploy makes the template's queue and rules in a region of an emulated AWS, and returns the queue's URL.
func Deploy(e *emulator.Emulator, region string) (queueURL string, err error) {
	t, err := Read()
	if err != nil {
		return "", err
	}
	q, err := t.Queue()
	if err != nil {
		return "", err
	}
	return e.ListenTo(region, emulator.EventQueue{Queue: q, Rules: t.Patterns()})
}
