// Package kms holds the customer managed keys that other services of the emulator encrypt with, and describes them. It
// makes none: keys are their user's, who has them beforehand. Their key policies leave everything to IAM policies, as
// that of a key does which is made in the console.
// https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
package kms

import (
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/kms/types"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// Service is AWS KMS of every account and region.
type Service struct {
	w *core.World
	// keys by their ARN.
	keys map[string]*key
	// aliases are the ARNs of keys by those of their aliases.
	aliases map[string]string
}

type key struct {
	scope   core.Scope
	id, arn string
	created time.Time
	state   types.KeyState
	spec    types.KeySpec
	usage   types.KeyUsageType
	// deletion is when a key goes whose deletion is scheduled.
	deletion time.Time
}

// New returns AWS KMS of a world.
func New(w *core.World) *Service {
	s := &Service{w: w}
	reset := func() { s.keys, s.aliases = map[string]*key{}, map[string]string{} }
	reset()
	w.OnReset(reset)
	return s
}

// Add makes a symmetric key with an ID and returns its ARN. The caller holds the world's lock.
func (s *Service) Add(scope core.Scope, id string) string {
	return s.AddOf(scope, id, types.KeySpecSymmetricDefault, types.KeyUsageTypeEncryptDecrypt)
}

// AddOf is Add for a key of some spec and usage.
func (s *Service) AddOf(scope core.Scope, id string, spec types.KeySpec, usage types.KeyUsageType) string {
	arn := scope.ARN("kms", "key/"+id)
	s.keys[arn] = &key{scope: scope, id: id, arn: arn, created: s.w.Clock.Now(), state: types.KeyStateEnabled, spec: spec, usage: usage}
	return arn
}

// AddAlias gives a key another name, alias/ and more, and returns its ARN. The caller holds the world's lock.
// https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html
func (s *Service) AddAlias(name, keyARN string) string {
	arn := s.keys[keyARN].scope.ARN("kms", name)
	s.aliases[arn] = keyARN
	return arn
}

// RemoveAlias takes an alias away, by its ARN. The caller holds the world's lock.
func (s *Service) RemoveAlias(arn string) { delete(s.aliases, arn) }

// SetEnabled enables or disables a key. The caller holds the world's lock.
func (s *Service) SetEnabled(arn string, enabled bool) {
	k := s.keys[arn]
	k.state, k.deletion = types.KeyStateDisabled, time.Time{}
	if enabled {
		k.state = types.KeyStateEnabled
	}
}

// waiting is the waiting period of a key whose deletion is scheduled, unless another is asked for.
// https://docs.aws.amazon.com/kms/latest/APIReference/API_ScheduleKeyDeletion.html
const waiting = 30 * 24 * time.Hour

// ScheduleDeletion has a key deleted after the waiting period; SetEnabled takes that back. The caller holds the
// world's lock.
func (s *Service) ScheduleDeletion(arn string) {
	s.keys[arn].state, s.keys[arn].deletion = types.KeyStatePendingDeletion, s.w.Clock.Now().Add(waiting)
}

// Enabled reports whether a key can encrypt and decrypt for other services: a disabled one can't, nor one that isn't
// symmetric.
// https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html
func (s *Service) Enabled(arn string) bool {
	k := s.keys[arn]
	return k != nil && k.state == types.KeyStateEnabled && k.spec == types.KeySpecSymmetricDefault
}

// Find answers the ARN of a key of an account and region by its ID, its ARN, its alias or the ARN of that.
// https://docs.aws.amazon.com/kms/latest/developerguide/concepts.html#key-id
func (s *Service) Find(scope core.Scope, id string) (arn string, ok bool) {
	switch arn = id; {
	case strings.HasPrefix(id, "arn:"):
	case strings.HasPrefix(id, "alias/"):
		arn = scope.ARN("kms", id)
	default:
		arn = scope.ARN("kms", "key/"+id)
	}
	if of := s.aliases[arn]; of != "" {
		arn = of
	}
	k := s.keys[arn]
	return arn, k != nil && k.scope == scope
}
