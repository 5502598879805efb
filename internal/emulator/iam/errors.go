package iam

import (
	"net/http"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// The errors of IAM with their statuses, https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html#API_CreateRole_Errors
// and its siblings.

func notFound(format string, args ...any) error {
	return core.Errorf("NoSuchEntity", format, args...).WithStatus(http.StatusNotFound)
}

func exists(format string, args ...any) error {
	return core.Errorf("EntityAlreadyExists", format, args...).WithStatus(http.StatusConflict)
}

func conflict(message string) error {
	return core.Errorf("DeleteConflict", "%s", message).WithStatus(http.StatusConflict)
}

func limit(format string, args ...any) error {
	return core.Errorf("LimitExceeded", format, args...).WithStatus(http.StatusConflict)
}

func invalid(format string, args ...any) error {
	return core.Errorf("ValidationError", format, args...)
}

func invalidInput(format string, args ...any) error {
	return core.Errorf("InvalidInput", format, args...)
}

func malformed(format string, args ...any) error {
	return core.Errorf("MalformedPolicyDocument", format, args...)
}
