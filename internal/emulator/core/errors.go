package core

import (
	"fmt"
	"net/http"
)

// Error is an AWS error as a client sees it.
type Error struct {
	Code    string
	Message string
	// Status is the HTTP status; 0 means 400.
	Status int
	// QueryCode is the code of the same error in the query protocol that a JSON service once spoke; SDKs go on
	// telling errors by it, https://smithy.io/2.0/aws/protocols/aws-query-protocol.html#aws-protocols-awsquerycompatible-trait
	QueryCode string
	// Fields are further members of the error in JSON protocols.
	Fields map[string]string
}

// Error implements error.
func (e *Error) Error() string { return e.Code + ": " + e.Message }

func (e *Error) status() int {
	if e.Status == 0 {
		return http.StatusBadRequest
	}
	return e.Status
}

// Errorf returns an AWS error with status 400.
func Errorf(code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

// WithStatus sets the HTTP status.
func (e *Error) WithStatus(status int) *Error { e.Status = status; return e }
