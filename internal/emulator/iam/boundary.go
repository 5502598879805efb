package iam

import "github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"

type putBoundaryIn struct {
	RoleName            string `q:",required"`
	PermissionsBoundary string `q:",required"`
}

func (s *Service) putBoundary(q *core.Request, in *putBoundaryIn) (*core.Empty, error) {
	a := s.of(q)
	r, err := s.writableRole(a, in.RoleName)
	if err != nil {
		return nil, err
	}
	if a.anyPolicy(in.PermissionsBoundary) == nil {
		return nil, notFound("Scope ARN: %s does not exist or is not attachable.", in.PermissionsBoundary)
	}
	r.boundary = in.PermissionsBoundary
	return nil, nil
}

func (s *Service) deleteBoundary(q *core.Request, in *roleIn) (*core.Empty, error) {
	r, err := s.writableRole(s.of(q), in.RoleName)
	if err != nil {
		return nil, err
	}
	if r.boundary == "" {
		return nil, notFound("The role with name %s has no permissions boundary.", r.name)
	}
	r.boundary = ""
	return nil, nil
}
