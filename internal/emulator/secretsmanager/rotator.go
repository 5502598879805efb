package secretsmanager

import (
	"encoding/json"
	"slices"
)

// RotationEvent is what a rotation function is called with,
// https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_lambda.html
type RotationEvent struct {
	Step               string
	SecretID           string `json:"SecretId"`
	ClientRequestToken string
}

// Rotator is a rotation function after AWS's template: createSecret stores a new value as AWSPENDING unless there is one,
// setSecret and testSecret are somebody else's matter, and finishSecret makes the version AWSCURRENT.
// https://github.com/aws-samples/aws-secrets-manager-rotation-lambdas/blob/master/SecretsManagerRotationTemplate/lambda_function.py
type Rotator struct {
	// Values are the new values, one for each rotation; without one it crashes.
	Values []string
	// Fails are the steps in which it raises an error.
	Fails []string
}

// Handle does the step that an event asks for. The caller holds the world's lock.
func (s *Service) Handle(r *Rotator, event []byte) (ok bool) {
	var e RotationEvent
	if json.Unmarshal(event, &e) != nil || slices.Contains(r.Fails, e.Step) {
		return false
	}
	x := s.byARN(e.SecretID)
	if x == nil {
		return false
	}
	v := x.version(e.ClientRequestToken)
	switch {
	case v == nil: // "Secret version … has no stage for rotation of secret"
		return false
	case v == x.staged(current): // "already set as AWSCURRENT"
		return true
	case v != x.staged(pendingStage): // "not set as AWSPENDING for rotation"
		return false
	}
	switch e.Step {
	case StepCreate:
		if !v.empty() {
			return true
		}
		if len(r.Values) == 0 {
			return false
		}
		_, err := x.put(v.id, value{SecretString: &r.Values[0]}, []string{pendingStage}, s.w.Clock.Now())
		r.Values = r.Values[1:]
		return err == nil
	case StepFinish:
		x.move(current, v)
	}
	return true
}

func (s *Service) byARN(arn string) *secret {
	for _, all := range s.scopes {
		for _, x := range all {
			if x.arn == arn {
				return x
			}
		}
	}
	return nil
}
