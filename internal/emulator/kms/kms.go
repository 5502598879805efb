// Package kms holds the customer managed keys that other services of the emulator encrypt with. It has no API of its
// own: keys are their user's, who has them beforehand. Their key policies leave everything to IAM policies, as that
// of a key does which is made in the console.
// https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
package kms

import (
	"strings"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// Service is AWS KMS of every account and region.
type Service struct {
	// enabled are the keys by their ARN.
	enabled map[string]bool
}

// New returns AWS KMS of a world.
func New(w *core.World) *Service {
	s := &Service{}
	reset := func() { s.enabled = map[string]bool{} }
	reset()
	w.OnReset(reset)
	return s
}

// Add makes a key with an ID and returns its ARN. The caller holds the world's lock.
func (s *Service) Add(scope core.Scope, id string) string {
	arn := scope.ARN("kms", "key/"+id)
	s.enabled[arn] = true
	return arn
}

// SetEnabled enables or disables a key. The caller holds the world's lock.
func (s *Service) SetEnabled(arn string, enabled bool) { s.enabled[arn] = enabled }

// Enabled reports whether a key can be used; a disabled key encrypts and decrypts nothing.
// https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html
func (s *Service) Enabled(arn string) bool { return s.enabled[arn] }

// Find answers the ARN of a key of an account and region by its ID or ARN.
func (s *Service) Find(scope core.Scope, id string) (arn string, ok bool) {
	arn = id
	if !strings.HasPrefix(id, "arn:") {
		arn = scope.ARN("kms", "key/"+id)
	}
	_, exists := s.enabled[arn]
	return arn, exists && strings.HasPrefix(arn, scope.ARN("kms", "key/"))
}
