package secretsmanager

import (
	"slices"
	"time"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

type getIn struct{ SecretID, VersionID, VersionStage string }

type valueOut struct {
	ARN, Name     string
	VersionID     string `json:"VersionId"`
	SecretString  *string
	SecretBinary  []byte
	VersionStages []string
	CreatedDate   time.Time
}

func (s *Service) getSecretValue(q *core.Request, in *getIn) (*valueOut, error) {
	x, err := s.live(q.Scope, in.SecretID)
	if err != nil {
		return nil, err
	}
	stage := in.VersionStage
	if stage == "" && in.VersionID == "" {
		stage = current
	}
	var v *version
	if in.VersionID != "" {
		if v = x.version(in.VersionID); v == nil {
			return nil, core.Errorf("ResourceNotFoundException", "Secrets Manager can't find the specified secret value for VersionId: %s", in.VersionID)
		}
		if stage != "" && !slices.Contains(v.stages, stage) {
			return nil, invalidRequest("You provided a VersionStage that is not associated to the provided VersionId.")
		}
	} else if v = x.staged(stage); v == nil {
		return nil, core.Errorf("ResourceNotFoundException", "Secrets Manager can't find the specified secret value for staging label: %s", stage)
	}
	if v.empty() {
		if in.VersionID != "" {
			return nil, core.Errorf("ResourceNotFoundException", "Secrets Manager can't find the specified secret value for VersionId: %s", in.VersionID)
		}
		return nil, core.Errorf("ResourceNotFoundException", "Secrets Manager can't find the specified secret value for staging label: %s", stage)
	}
	if err := s.decrypts(v); err != nil {
		return nil, err
	}
	x.readDay = q.Now().UTC().Truncate(24 * time.Hour)
	return &valueOut{ARN: x.arn, Name: x.name, VersionID: v.id, SecretString: v.text, SecretBinary: v.binary, VersionStages: v.stages, CreatedDate: v.created}, nil
}

type putIn struct {
	SecretID, ClientRequestToken string
	SecretString                 *string
	SecretBinary                 []byte
	VersionStages                []string
}

type putOut struct {
	ARN, Name     string
	VersionID     string `json:"VersionId"`
	VersionStages []string
}

func (s *Service) putSecretValue(q *core.Request, in *putIn) (*putOut, error) {
	x, err := s.live(q.Scope, in.SecretID)
	if err != nil {
		return nil, err
	}
	v := value{in.SecretString, in.SecretBinary}
	if !v.given() {
		return nil, invalidRequest("You must provide either SecretString or SecretBinary.")
	}
	if err := s.encrypts(x.key); err != nil {
		return nil, err
	}
	n, err := x.put(in.ClientRequestToken, v, in.VersionStages, q.Now())
	if err != nil {
		return nil, err
	}
	s.wrote(q, x, n)
	return &putOut{x.arn, x.name, n.id, n.stages}, nil
}

// wrote counts a present value that somebody wrote as a rotation: "Manually updating the secret value by calling
// PutSecretValue or UpdateSecret is considered a valid rotation",
// https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_RotationRulesType.html
func (s *Service) wrote(q *core.Request, x *secret, v *version) {
	if slices.Contains(v.stages, current) {
		s.schedule(q.Scope, x, q.Now())
	}
}

// put adds a version and moves the stages to it; the one that was current becomes previous. The
// same token with the same value changes nothing,
// https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_PutSecretValue.html
func (x *secret) put(token string, v value, stages []string, now time.Time) (*version, error) {
	if err := checkToken(token); err != nil {
		return nil, err
	}
	if err := v.check(); err != nil {
		return nil, err
	}
	n := x.version(token)
	switch {
	case n == nil:
		n = &version{id: token, created: now}
		x.versions = append(x.versions, n)
	case n.empty():
	case n.same(v):
		return n, nil
	default:
		return nil, core.Errorf("ResourceExistsException", "You can't use ClientRequestToken %s because that value is already in use for a version of secret %s.", token, x.arn)
	}
	n.text, n.binary, n.keys = v.SecretString, v.SecretBinary, []string{x.key}
	if len(stages) == 0 {
		stages = []string{current}
	}
	for _, stage := range stages {
		x.move(stage, n)
	}
	x.changed = now
	return n, nil
}

func (v *version) drop(stage string) {
	v.stages = slices.DeleteFunc(v.stages, func(s string) bool { return s == stage })
}

type updateIn struct {
	SecretID, ClientRequestToken string
	Description                  *string
	KMSKeyID                     *string `json:"KmsKeyId"`
	SecretString                 *string
	SecretBinary                 []byte
}

// updateSecret changes what it is told to. A token that a version has already is an error, unlike with PutSecretValue.
// https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_UpdateSecret.html
func (s *Service) updateSecret(q *core.Request, in *updateIn) (*identityOut, error) {
	x, err := s.live(q.Scope, in.SecretID)
	if err != nil {
		return nil, err
	}
	out := &identityOut{ARN: x.arn, Name: x.name}
	if in.KMSKeyID != nil {
		key, err := s.findKey(q.Scope, *in.KMSKeyID)
		if err != nil {
			return nil, err
		}
		x.rekey(key)
		x.called = called(q.Scope, *in.KMSKeyID)
		x.changed = q.Now()
	}
	if v := (value{in.SecretString, in.SecretBinary}); v.given() {
		if x.version(in.ClientRequestToken) != nil {
			return nil, core.Errorf("ResourceExistsException", "You can't use ClientRequestToken %s because that value is already in use for a version of secret %s.", in.ClientRequestToken, x.arn)
		}
		n, err := x.put(in.ClientRequestToken, v, nil, q.Now())
		if err != nil {
			return nil, err
		}
		s.wrote(q, x, n)
		out.VersionID = n.id
	}
	if in.Description != nil {
		x.description, x.changed = *in.Description, q.Now()
	}
	return out, nil
}
