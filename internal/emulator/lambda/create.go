package lambda

import (
	"cmp"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"
	api "github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// Defaults and bounds, https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html
const (
	defaultMemory, minMemory, maxMemory = 128, 128, 10240
	defaultTimeout, maxTimeout          = 3, 900
	defaultStorage                      = 512
)

// createFunction answers a function that is Pending until its resources are there,
// https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html
func (s *Service) createFunction(c *call) (core.RestResponse, error) {
	var in api.CreateFunctionInput
	if err := c.decode(&in); err != nil {
		return core.RestResponse{}, err
	}
	if err := only(&in, "Code", "FunctionName", "Role", "Architectures", "Description", "Environment", "Handler", "LoggingConfig", "MemorySize",
		"PackageType", "Runtime", "Tags", "Timeout", "TracingConfig", "VpcConfig"); err != nil {
		return core.RestResponse{}, err
	}
	name, err := nameOf(c.Scope, aws.ToString(in.FunctionName))
	if err != nil {
		return core.RestResponse{}, err
	}
	r := s.region(c.Scope)
	if r.functions[name] != nil {
		return core.RestResponse{}, conflict("Function already exist: %s", name)
	}
	if in.PackageType == types.PackageTypeImage || in.Runtime == "" || aws.ToString(in.Handler) == "" {
		return core.RestResponse{}, invalid("Runtime and Handler are mandatory parameters for functions created with deployment packages.")
	}
	if in.Code == nil {
		return core.RestResponse{}, invalid("Please provide a source for function code.")
	}
	if err := only(in.Code, "ZipFile"); err != nil {
		return core.RestResponse{}, err
	}
	f := &function{scope: c.Scope, name: name, arn: c.ARN(serviceName, "function:"+name), architecture: types.ArchitectureX8664, memory: defaultMemory,
		timeout: defaultTimeout, storage: defaultStorage, logging: types.LoggingConfig{LogFormat: types.LogFormatText}, tracing: types.TracingModePassThrough}
	if f.tags, err = merged(nil, in.Tags); err != nil {
		return core.RestResponse{}, err
	}
	if err := f.setCode(in.Code.ZipFile); err != nil {
		return core.RestResponse{}, err
	}
	if err := f.setArchitecture(in.Architectures); err != nil {
		return core.RestResponse{}, err
	}
	if err := s.configure(f, configuration{
		Role: in.Role, Description: in.Description, Environment: in.Environment, Handler: in.Handler, LoggingConfig: in.LoggingConfig,
		MemorySize: in.MemorySize, Runtime: in.Runtime, Timeout: in.Timeout, TracingConfig: in.TracingConfig, VpcConfig: in.VpcConfig,
	}, true); err != nil {
		return core.RestResponse{}, err
	}
	f.logGroup = cmp.Or(f.logGroup, "/aws/lambda/"+name)
	f.created = c.Now()
	r.functions[name] = f
	s.begin(f, types.StatePending, creating)
	return respond(http.StatusCreated, f.view())
}

// deleteFunction leaves the function's network interfaces behind, which Lambda takes back later,
// https://docs.aws.amazon.com/lambda/latest/api/API_DeleteFunction.html
func (s *Service) deleteFunction(c *call) (core.RestResponse, error) {
	f, err := s.need(c)
	if err != nil {
		return core.RestResponse{}, err
	}
	if f.update == types.LastUpdateStatusInProgress && f.state == types.StateActive {
		return core.RestResponse{}, updateInProgress(f)
	}
	f.gone = true
	delete(s.region(c.Scope).functions, f.name)
	s.leave(f)
	return respond(http.StatusNoContent, nil)
}
