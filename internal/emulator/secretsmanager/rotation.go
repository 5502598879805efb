package secretsmanager

import (
	"encoding/json"
	"slices"
	"time"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// The steps of a rotation, https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_lambda-functions.html
const (
	StepCreate = "createSecret"
	StepSet    = "setSecret"
	StepTest   = "testSecret"
	StepFinish = "finishSecret"
)

var rotationSteps = []string{StepCreate, StepSet, StepTest, StepFinish}

// Functions is AWS Lambda, as far as rotation needs it.
type Functions interface {
	// Callable reports whether there is a function of this ARN.
	Callable(arn string) bool
	// Run calls one with an event, and reports whether it succeeded.
	Run(arn string, event []byte) bool
}

// SetFunctions lets functions rotate secrets; without there are none.
func (s *Service) SetFunctions(f Functions) { s.functions = f }

// rotation is what a secret has once rotation was turned on.
type rotation struct {
	enabled  bool
	function string
	rules    *rotationRules
	// rotated is when it was rotated last, next when that is due: the end of the window. Zero for never.
	rotated, next time.Time
	// plan and run count schedules and rotations: what was begun under another number is over.
	plan, run int
	// running says that steps are being done or will be tried again.
	running bool
}

type rotateIn struct {
	SecretID, ClientRequestToken string
	RotationLambdaARN            string
	RotationRules                *rotationRules
	RotateImmediately            *bool
}

// rotateSecret sets up rotation and starts one, or just tests it. "If the AWSPENDING staging label is present but not
// attached to the same version as AWSCURRENT, then any later invocation of RotateSecret assumes that a previous rotation
// request is still in progress and returns an error." The texts of errors are those that users report; that of the
// function is of https://github.com/localstack/localstack/pull/12391.
// https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_RotateSecret.html
func (s *Service) rotateSecret(q *core.Request, in *rotateIn) (*identityOut, error) {
	x, err := s.live(q.Scope, in.SecretID)
	if err != nil {
		return nil, err
	}
	if err := checkToken(in.ClientRequestToken); err != nil {
		return nil, err
	}
	if err := in.RotationRules.check(); err != nil {
		return nil, err
	}
	next := rotation{}
	if x.rotation != nil {
		next = *x.rotation
	}
	if in.RotationLambdaARN != "" {
		next.function = in.RotationLambdaARN
	}
	if in.RotationRules != nil {
		next.rules = in.RotationRules
	}
	pending := x.staged(pendingStage)
	busy := pending != nil && pending != x.staged(current)
	switch {
	case next.function == "":
		return nil, invalidRequest("No Lambda rotation function ARN is associated with this secret.")
	case next.rules == nil:
		return nil, invalidParameter("The emulator needs RotationRules with the first RotateSecret.")
	case s.functions == nil || !s.functions.Callable(next.function):
		return nil, core.Errorf("ResourceNotFoundException", "Lambda does not exist or could not be accessed")
	case busy && pending.id == in.ClientRequestToken: // the same request again
		return &identityOut{x.arn, x.name, pending.id}, nil
	case busy:
		return nil, invalidRequest("A previous rotation isn't complete. That rotation will be reattempted.")
	case x.version(in.ClientRequestToken) != nil:
		return nil, core.Errorf("ResourceExistsException", "You can't use ClientRequestToken %s because that value is already in use for a version of secret %s.", in.ClientRequestToken, x.arn)
	}
	next.enabled = true
	x.rotation, x.changed = &next, q.Now()
	s.schedule(q.Scope, x, q.Now())
	if in.RotateImmediately != nil && !*in.RotateImmediately {
		s.try(q.Scope, x, in.ClientRequestToken)
		return &identityOut{ARN: x.arn, Name: x.name}, nil
	}
	s.rotate(q.Scope, x, in.ClientRequestToken)
	return &identityOut{x.arn, x.name, in.ClientRequestToken}, nil
}

// cancelRotateSecret turns rotation off, and ends one that is under way: its version stays as far as it has come. The
// text for a secret without a function is the one that the API reference has of this error.
// https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CancelRotateSecret.html
func (s *Service) cancelRotateSecret(q *core.Request, in *secretIn) (*identityOut, error) {
	x, err := s.live(q.Scope, in.SecretID)
	if err != nil {
		return nil, err
	}
	r := x.rotation
	if r == nil {
		return nil, invalidRequest("You tried to enable rotation on a secret that doesn't already have a Lambda function ARN configured and you didn't include such an ARN as a parameter in this call.")
	}
	out := &identityOut{ARN: x.arn, Name: x.name}
	if p := x.staged(pendingStage); r.running && p != nil {
		out.VersionID = p.id
	}
	r.enabled, r.running, r.next = false, false, time.Time{}
	r.plan++
	r.run++
	x.changed = q.Now()
	return out, nil
}

// pend makes the version that a rotation fills in: "the AWSPENDING staging label might be attached to an empty secret
// version".
func (x *secret) pend(token string, now time.Time) *version {
	if p := x.staged(pendingStage); p != nil {
		if p != x.staged(current) {
			return p // of a rotation that failed, which is tried again
		}
		p.drop(pendingStage)
	}
	v := &version{id: token, created: now, stages: []string{pendingStage}, keys: []string{x.key}}
	x.versions = append(x.versions, v)
	return v
}

// rotate begins a rotation: Secrets Manager calls the function once for each step.
func (s *Service) rotate(scope core.Scope, x *secret, token string) {
	v := x.pend(token, s.w.Clock.Now())
	x.rotation.running = true
	x.rotation.run++
	s.step(scope, x, v.id, x.rotation.run, 0, 0)
}

// step does a step a moment later, and then the next one. "If any rotation step fails, Secrets Manager retries the entire
// rotation process multiple times."
// https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_lambda.html
func (s *Service) step(scope core.Scope, x *secret, token string, run, n, failures int) {
	wait := rotationStep
	if n == 0 && failures > 0 {
		wait = rotationRetry
	}
	s.w.Clock.After(wait, func() {
		r := x.rotation
		if s.scopes[scope][x.name] != x || x.deleting || r.run != run {
			return
		}
		ok := s.call(x, rotationSteps[n], token)
		switch now := s.w.Clock.Now(); {
		case ok && n+1 < len(rotationSteps):
			s.step(scope, x, token, run, n+1, failures)
		case ok && x.settled():
			// "When rotation is successful, the AWSPENDING staging label might be attached to the same version as the
			// AWSCURRENT version, or it might not be attached to any version": here to none.
			if p := x.staged(pendingStage); p != nil {
				p.drop(pendingStage)
			}
			r.running, r.rotated = false, now
			s.schedule(scope, x, now)
		case failures+1 < rotationTries:
			s.step(scope, x, token, run, 0, failures+1)
		default: // the next one is at its date, and with this version
			r.running = false
			s.schedule(scope, x, now)
		}
	})
}

// settled reports whether the labels are as a rotation has to leave them: AWSPENDING is where AWSCURRENT is, or nowhere.
func (x *secret) settled() bool {
	p := x.staged(pendingStage)
	return p == nil || p == x.staged(current)
}

// try runs the step testSecret alone: "This test creates an AWSPENDING version of the secret and then removes it."
func (s *Service) try(scope core.Scope, x *secret, token string) {
	v := x.pend(token, s.w.Clock.Now())
	x.rotation.run++
	run := x.rotation.run
	s.w.Clock.After(rotationStep, func() {
		if s.scopes[scope][x.name] != x || x.rotation.run != run {
			return
		}
		if !x.deleting {
			s.call(x, StepTest, v.id)
		}
		x.versions = slices.DeleteFunc(x.versions, func(o *version) bool { return o == v })
	})
}

// call has the function do a step.
func (s *Service) call(x *secret, step, token string) bool {
	event, err := json.Marshal(RotationEvent{step, x.arn, token})
	return err == nil && s.functions.Run(x.rotation.function, event)
}

// schedule plans the next rotation of a secret after a moment in which it was rotated, or its value or schedule changed.
func (s *Service) schedule(scope core.Scope, x *secret, after time.Time) {
	r := x.rotation
	if r == nil || !r.enabled {
		return
	}
	r.plan++
	plan := r.plan
	begin, end := r.rules.window(after)
	r.next = end
	s.w.Clock.After(begin.Sub(s.w.Clock.Now()), func() {
		if s.scopes[scope][x.name] != x || x.rotation.plan != plan {
			return
		}
		if x.deleting || x.rotation.running { // it is looked at again at the next date
			s.schedule(scope, x, s.w.Clock.Now())
			return
		}
		s.rotate(scope, x, s.w.UUID())
	})
}
