package aws

import "github.com/portkey-ai/portkey-ecs-operator/internal/graph"

// UndecidedError says that AWS may or may not have done what it was asked to: the answer was lost, or is AWS's own
// failure. The SDK doesn't try such a call again, since a second attempt would make a second object.
type UndecidedError struct{ Err error }

// Error implements error.
func (e *UndecidedError) Error() string { return e.Err.Error() }

// Unwrap gives the error of the attempt.
func (e *UndecidedError) Unwrap() error { return e.Err }

// RetryableError implements the question that the SDK's retryer asks of errors.
func (e *UndecidedError) RetryableError() bool { return false }

// unrepeatable are the calls that do something anew each time: they have neither a client token nor a name that may
// be taken once only. All others answer a second attempt as they did, or would have, the first.
// https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-idempotency.html
var unrepeatable = []struct{ service, operation, why string }{
	{ec2Service, "CreateVpc|CreateInternetGateway|AllocateAddress", "one more each time"},
	{ecsService, "RegisterTaskDefinition", "one more revision each time"},
	{ecsService, "UpdateService", "one more deployment each time, where one is forced"},
}

// undecided marks the error of an attempt at a call that mustn't be repeated without another look, unless AWS's
// answer says that nothing was done.
func undecided(service, operation string, err error) error {
	for _, u := range unrepeatable {
		if u.service != service || !anyOf(u.operation, operation) {
			continue
		}
		if c := classify(service, operation, err).Class; c == graph.Transient || c == graph.Unknown {
			return &UndecidedError{err}
		}
	}
	return err
}
