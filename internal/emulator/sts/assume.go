package sts

import "github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"

type assumeRoleIn struct {
	RoleArn         string `q:",required"`
	RoleSessionName string `q:",required"`
	ExternalId      string
	DurationSeconds *int
}

type assumeRoleOut struct {
	Credentials     credentials
	AssumedRoleUser assumedRoleUser
}

// assumeRole: an unknown role, a trust policy that doesn't name the caller or wants another external
// id, and a role too new are all the same AccessDenied,
// https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_roles.html
func (s *Service) assumeRole(q *core.Request, in *assumeRoleIn) (*assumeRoleOut, error) {
	account, name, duration, err := request(in.RoleArn, in.RoleSessionName, in.DurationSeconds)
	if err != nil {
		return nil, err
	}
	if n := len(in.ExternalId); n == 1 || n > 1224 {
		return nil, core.Errorf("ValidationError", "1 validation error detected: Value '%s' at 'externalId' failed to satisfy constraint: Member must have length between 2 and 1224", in.ExternalId)
	}
	role, ok := s.iam.Role(account, name)
	if !ok || role.ARN != in.RoleArn || !s.iam.AssumedBy(q.Principal, in.RoleArn, in.ExternalId, q.Now()) {
		return nil, denied(q.Principal.ARN, "sts:AssumeRole", in.RoleArn)
	}
	if err := checkDuration(duration, role); err != nil {
		return nil, err
	}
	if q.Principal.RoleARN != "" && duration > maxChained {
		return nil, core.Errorf("ValidationError", "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining")
	}
	c, u := s.session(account, role, in.RoleSessionName, duration, q.Now())
	return &assumeRoleOut{Credentials: c, AssumedRoleUser: u}, nil
}
