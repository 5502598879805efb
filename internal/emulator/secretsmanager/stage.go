package secretsmanager

import (
	"slices"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// maxStages bounds the labels of a version, https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_limits.html
const maxStages = 20

type stageIn struct {
	SecretID, VersionStage               string
	MoveToVersionID, RemoveFromVersionID string
}

// updateSecretVersionStage moves a label to a version, adds it to one, or takes it away. The texts of errors are those
// that users report.
// https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_UpdateSecretVersionStage.html
func (s *Service) updateSecretVersionStage(q *core.Request, in *stageIn) (*identityOut, error) {
	x, err := s.live(q.Scope, in.SecretID)
	if err != nil {
		return nil, err
	}
	if err := x.label(in); err != nil {
		return nil, err
	}
	x.changed = q.Now()
	if in.VersionStage == current { // "Manually updating the secret value … is considered a valid rotation"
		s.schedule(q.Scope, x, q.Now())
	}
	return &identityOut{ARN: x.arn, Name: x.name}, nil
}

// label is UpdateSecretVersionStage.
func (x *secret) label(in *stageIn) error {
	stage, holder := in.VersionStage, x.staged(in.VersionStage)
	if stage == "" || len(stage) > 256 {
		return invalidParameter("VersionStage must be 1-256 characters long.")
	}
	for _, id := range []string{in.MoveToVersionID, in.RemoveFromVersionID} {
		if id != "" && x.version(id) == nil {
			return core.Errorf("ResourceNotFoundException", "Secrets Manager can't find the specified secret version: %s.", id)
		}
	}
	to, from := x.version(in.MoveToVersionID), x.version(in.RemoveFromVersionID)
	switch {
	case to == nil && from == nil:
		return invalidParameter("You must specify MoveToVersionId or RemoveFromVersionId.")
	case from != nil && from != holder:
		return invalidParameter("Staging label %s isn't attached to version %s.", stage, from.id)
	case to == nil && stage == current:
		return invalidParameter("You can only move staging label %s to a different secret version. It can't be completely removed.", stage)
	case to == nil:
		from.drop(stage)
		return nil
	case holder == to:
		return nil
	case holder != nil && from == nil:
		return invalidParameter("The parameter RemoveFromVersionId can't be empty. Staging label %s is currently attached to version %s, so you must explicitly reference that version in RemoveFromVersionId.", stage, holder.id)
	case len(to.stages) >= maxStages:
		return core.Errorf("LimitExceededException", "A version can have %d staging labels.", maxStages)
	}
	x.move(stage, to)
	return nil
}

// move attaches a label to a version. "Whenever you move AWSCURRENT, Secrets Manager automatically moves the label
// AWSPREVIOUS to the version that AWSCURRENT was removed from."
func (x *secret) move(stage string, to *version) {
	if old := x.staged(stage); old != nil && old != to {
		old.drop(stage)
		if stage == current {
			if p := x.staged(previous); p != nil {
				p.drop(previous)
			}
			old.stages = append(old.stages, previous)
		}
	}
	if !slices.Contains(to.stages, stage) {
		to.stages = append(to.stages, stage)
	}
}
