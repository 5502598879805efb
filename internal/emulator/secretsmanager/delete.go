package secretsmanager

import (
	"time"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

type deleteIn struct {
	SecretID                   string
	RecoveryWindowInDays       *int64
	ForceDeleteWithoutRecovery bool
}

type deleteOut struct {
	ARN, Name    string
	DeletionDate time.Time
}

// The recovery window in days, https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_DeleteSecret.html
const (
	minWindow     = 7
	maxWindow     = 30
	defaultWindow = 30
)

func (s *Service) deleteSecret(q *core.Request, in *deleteIn) (*deleteOut, error) {
	days := int64(defaultWindow)
	if in.RecoveryWindowInDays != nil {
		days = *in.RecoveryWindowInDays
		if in.ForceDeleteWithoutRecovery {
			return nil, invalidParameter("You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.")
		}
		if days < minWindow || days > maxWindow {
			return nil, invalidParameter("The RecoveryWindowInDays value must be between %d and %d days (inclusive).", minWindow, maxWindow)
		}
	}
	x, err := s.any(q.Scope, in.SecretID)
	if err != nil {
		if in.ForceDeleteWithoutRecovery {
			// "If you forcibly delete an already deleted or nonexistent secret, the operation does not
			// return ResourceNotFoundException."
			return &deleteOut{ARN: in.SecretID, Name: in.SecretID, DeletionDate: q.Now()}, nil
		}
		return nil, err
	}
	if x.deleting && !in.ForceDeleteWithoutRecovery {
		return nil, invalidRequest("You can't perform this operation on the secret because it was already scheduled for deletion.")
	}
	wait := time.Duration(days) * 24 * time.Hour
	x.deleting, x.deletion = true, q.Now().Add(wait)
	if in.ForceDeleteWithoutRecovery {
		wait = forceDelay
		x.forced, x.deletion = true, q.Now()
	}
	scope, arn, date := q.Scope, x.arn, x.deletion
	s.w.Clock.After(wait, func() {
		if x := s.lookup(scope, arn); x != nil && x.deleting && x.deletion.Equal(date) {
			delete(s.scopes[scope], x.name)
		}
	})
	return &deleteOut{x.arn, x.name, x.deletion}, nil
}

type secretIn struct{ SecretID string }

func (s *Service) restoreSecret(q *core.Request, in *secretIn) (*identityOut, error) {
	x, err := s.any(q.Scope, in.SecretID)
	if err != nil {
		return nil, err
	}
	x.deleting, x.deletion = false, time.Time{}
	return &identityOut{ARN: x.arn, Name: x.name}, nil
}

type policyOut struct{ ARN, Name string }

// getResourcePolicy: there is none, since the emulator takes none.
func (s *Service) getResourcePolicy(q *core.Request, in *secretIn) (*policyOut, error) {
	x, err := s.any(q.Scope, in.SecretID)
	if err != nil {
		return nil, err
	}
	return &policyOut{x.arn, x.name}, nil
}
