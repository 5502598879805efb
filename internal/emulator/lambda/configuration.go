package lambda

import (
	"maps"
	"net/http"
	"reflect"
	"regexp"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	api "github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// configuration is what a creation and an update have in common; nil leaves what is there.
type configuration struct {
	Role, Description, Handler *string
	Environment                *types.Environment
	LoggingConfig              *types.LoggingConfig
	MemorySize, Timeout        *int32
	Runtime                    types.Runtime
	TracingConfig              *types.TracingConfig
	VpcConfig                  *types.VpcConfig
}

// Bounds of an environment: names, and the size of all of it.
// https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
const maxEnvironment = 4 << 10

var variablePattern = regexp.MustCompile(`^[a-zA-Z][a-zA-Z0-9_]+$`)

// reserved names that a function's environment may not set.
var reserved = []string{"_HANDLER", "_X_AMZN_TRACE_ID", "AWS_DEFAULT_REGION", "AWS_REGION", "AWS_EXECUTION_ENV", "AWS_LAMBDA_FUNCTION_NAME",
	"AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "AWS_LAMBDA_FUNCTION_VERSION", "AWS_LAMBDA_INITIALIZATION_TYPE", "AWS_LAMBDA_LOG_GROUP_NAME",
	"AWS_LAMBDA_LOG_STREAM_NAME", "AWS_ACCESS_KEY", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_LAMBDA_RUNTIME_API",
	"LAMBDA_TASK_ROOT", "LAMBDA_RUNTIME_DIR"}

// only refuses members that the emulator wouldn't act on.
func only(in any, fields ...string) error {
	v := reflect.Indirect(reflect.ValueOf(in))
	for i := range v.NumField() {
		f := v.Type().Field(i)
		if f.IsExported() && f.Name != "ResultMetadata" && !v.Field(i).IsZero() && !slices.Contains(fields, f.Name) {
			return invalid("The emulator does not support the parameter %s of %s.", f.Name, v.Type().Name())
		}
	}
	return nil
}

// configure changes a function, or nothing at all.
func (s *Service) configure(f *function, in configuration, fresh bool) error {
	next := *f
	if err := s.setRole(&next, in.Role, fresh); err != nil {
		return err
	}
	if err := next.setNumbers(in); err != nil {
		return err
	}
	if in.Environment != nil {
		if err := checkEnvironment(in.Environment.Variables); err != nil {
			return err
		}
		next.environment = maps.Clone(in.Environment.Variables)
	}
	if in.Runtime != "" {
		if !slices.Contains(in.Runtime.Values(), in.Runtime) {
			return invalid("Value %s at 'runtime' failed to satisfy constraint: Member must satisfy enum value set: %v or be a valid ARN", in.Runtime, in.Runtime.Values())
		}
		next.runtime = in.Runtime
	}
	if in.Description != nil {
		next.description = *in.Description
	}
	if in.Handler != nil {
		next.handler = *in.Handler
	}
	if in.TracingConfig != nil {
		next.tracing = in.TracingConfig.Mode
	}
	if l := in.LoggingConfig; l != nil {
		next.logging, next.logGroup = *l, aws.ToString(l.LogGroup)
		if l.LogFormat == "" {
			next.logging.LogFormat = types.LogFormatText
		}
	}
	if in.VpcConfig != nil {
		if err := s.setNetwork(&next, in.VpcConfig); err != nil {
			return err
		}
	}
	*f = next
	return nil
}

// setRole: Lambda must be able to assume the role, which a new one takes a while for.
func (s *Service) setRole(f *function, role *string, fresh bool) error {
	if role == nil && !fresh {
		return nil
	}
	f.role = aws.ToString(role)
	if !rolePattern.MatchString(f.role) {
		return fault(http.StatusBadRequest, "ValidationException", "1 validation error detected: Value '%s' at 'role' failed to satisfy constraint: Member must satisfy regular expression pattern: %s", f.role, rolePattern)
	}
	if !s.deps.IAM.CanAssume(f.scope.Account, f.role, "lambda.amazonaws.com", s.w.Clock.Now()) {
		return invalid("The role defined for the function cannot be assumed by Lambda.")
	}
	return nil
}

func (f *function) setNumbers(in configuration) error {
	if in.MemorySize != nil {
		if f.memory = *in.MemorySize; f.memory < minMemory || f.memory > maxMemory {
			return invalid("'MemorySize' value failed to satisfy constraint: Member must have value between %d and %d", minMemory, maxMemory)
		}
	}
	if in.Timeout != nil {
		if f.timeout = *in.Timeout; f.timeout < 1 || f.timeout > maxTimeout {
			return invalid("'Timeout' value failed to satisfy constraint: Member must have value between 1 and %d", maxTimeout)
		}
	}
	return nil
}

func checkEnvironment(variables map[string]string) error {
	size := 0
	for k, v := range variables {
		size += len(k) + len(v)
		if slices.Contains(reserved, k) {
			return invalid("Lambda was unable to configure your environment variables because the environment variables you have provided contains reserved keys that are currently not supported for modification. Reserved keys used in this request: %s", k)
		}
		if !variablePattern.MatchString(k) {
			return invalid("Value at 'environment.variables' failed to satisfy constraint: Map keys must satisfy constraint: [Member must satisfy regular expression pattern: [a-zA-Z]([a-zA-Z0-9_])+]")
		}
	}
	if size > maxEnvironment {
		return invalid("Lambda was unable to configure your environment variables because the environment variables you have provided exceeded the 4KB limit.")
	}
	return nil
}

// changeable finds a function that takes updates now: neither one that is being made nor one that is
// being updated, https://docs.aws.amazon.com/lambda/latest/dg/functions-states.html
func (s *Service) changeable(c *call, revision string) (*function, error) {
	f, err := s.need(c)
	switch {
	case err != nil:
		return nil, err
	case f.state == types.StatePending:
		return nil, conflict("The operation cannot be performed at this time. The function is currently in the following state: Pending")
	case f.state == types.StateFailed: // it must be deleted and made again
		return nil, conflict("The operation cannot be performed at this time. The function is currently in the following state: Failed")
	case f.update == types.LastUpdateStatusInProgress:
		return nil, updateInProgress(f)
	case revision != "" && revision != f.revision:
		return nil, fault(http.StatusPreconditionFailed, "PreconditionFailedException", "The Revision Id provided does not match the latest Revision Id. Call the GetFunction/GetAlias API to retrieve the latest Revision Id")
	}
	return f, nil
}

func updateInProgress(f *function) error {
	return conflict("The operation cannot be performed at this time. An update is in progress for resource: %s", f.arn)
}

// updateConfiguration changes what is given. The former network interfaces stay for a while,
// https://docs.aws.amazon.com/lambda/latest/api/API_UpdateFunctionConfiguration.html
func (s *Service) updateConfiguration(c *call) (core.RestResponse, error) {
	var in api.UpdateFunctionConfigurationInput
	if err := c.decode(&in); err != nil {
		return core.RestResponse{}, err
	}
	if err := only(&in, "Description", "Environment", "Handler", "LoggingConfig", "MemorySize", "RevisionId", "Role", "Runtime", "Timeout", "TracingConfig", "VpcConfig"); err != nil {
		return core.RestResponse{}, err
	}
	f, err := s.changeable(c, aws.ToString(in.RevisionId))
	if err != nil {
		return core.RestResponse{}, err
	}
	before := *f
	if err := s.configure(f, configuration{
		Role: in.Role, Description: in.Description, Environment: in.Environment, Handler: in.Handler, LoggingConfig: in.LoggingConfig,
		MemorySize: in.MemorySize, Runtime: in.Runtime, Timeout: in.Timeout, TracingConfig: in.TracingConfig, VpcConfig: in.VpcConfig,
	}, false); err != nil {
		return core.RestResponse{}, err
	}
	s.leave(&before)
	s.begin(f, f.state, updating)
	return respond(http.StatusOK, f.view())
}
